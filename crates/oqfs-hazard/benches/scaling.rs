//! How the time of a calculation grows with its sites, ruptures and levels: each twice as many as before. Criterion's throughput
//! is in contexts (pairs of a rupture and a site), for two intensity measures.
#![allow(clippy::disallowed_methods, reason = "the inputs of a bench may differ by a bit")]

use std::fmt::Write as _;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use oqfs_hazard::arrays::open_none;
use oqfs_hazard::calc::{Curves, Layout, Model, Output, Threads, classical};
use oqfs_hazard::job::Job;

/// How much there is of everything.
#[derive(Clone, Copy)]
struct Size {
    sites: usize,
    sources: usize,
    levels: usize,
}

const SMALLEST: Size = Size { sites: 250, sources: 25, levels: 10 };

const TREE: &str = "<nrml><logicTree><logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'><logicTreeBranch \
                    branchID='b'><uncertaintyModel>sources.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight>\
                    </logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";

/// A point source of 36 ruptures: 18 magnitudes and two planes.
fn source(i: usize) -> String {
    let (lon, lat) = (13.0 + 0.013 * (i % 10) as f64, 42.0 + 0.011 * (i / 10) as f64);
    format!(
        "<pointSource id='{i}' tectonicRegion='Active Shallow Crust'><pointGeometry><Point><pos>{lon} {lat}</pos></Point>\
         <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></pointGeometry>\
         <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio><truncGutenbergRichterMFD aValue='3.1' \
         bValue='0.9' minMag='5' maxMag='6.8'/><nodalPlaneDist><nodalPlane probability='0.5' strike='310' dip='60' \
         rake='-90'/><nodalPlane probability='0.5' strike='40' dip='90' rake='0'/></nodalPlaneDist><hypoDepthDist>\
         <hypoDepth probability='1' depth='9'/></hypoDepthDist></pointSource>"
    )
}

fn model(folder: &Path, size: Size) -> Model {
    let sources: String = (0..size.sources).map(source).collect();
    let mut sites = String::new();
    for i in 0..size.sites {
        let _ = write!(sites, "{:.3} {:.3}, ", 12.5 + 0.02 * (i % 50) as f64, 41.5 + 0.02 * (i / 50) as f64);
    }
    let levels: Vec<String> = (0..size.levels).map(|l| format!("{:.4}", 0.01 * 1.07f64.powi(l as i32))).collect();
    let (sites, levels) = (sites.trim_end_matches(", "), levels.join(", "));
    let job = format!(
        "[general]\ndescription = scaling\ncalculation_mode = classical\nsites = {sites}\ninvestigation_time = 50\n\
         truncation_level = 3\nmaximum_distance = 500\nwidth_of_mfd_bin = 0.1\nreference_vs30_value = 600\n\
         source_model_logic_tree_file = tree.xml\ngsim = BooreAtkinson2008\n\
         intensity_measure_types_and_levels = {{'PGA': [{levels}], 'SA(1.0)': [{levels}]}}\n"
    );
    let files = [("tree.xml", TREE), ("sources.xml", &format!("<nrml><sourceModel>{sources}</sourceModel></nrml>"))];
    for (name, text) in files.into_iter().chain([("job.ini", job.as_str())]) {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let job = Job::read(&folder.join("job.ini")).expect("a job");
    Model::read(job, &open_none).expect("a model")
}

/// Keeps nothing.
struct Nowhere;

impl Output for Nowhere {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, _: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

fn scaling(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    type Sized = fn(usize) -> Size;
    let sites: Sized = |n| Size { sites: SMALLEST.sites * n, ..SMALLEST };
    let ruptures: Sized = |n| Size { sources: SMALLEST.sources * n, ..SMALLEST };
    let levels: Sized = |n| Size { levels: SMALLEST.levels * n, ..SMALLEST };
    for (name, sized) in [("sites", sites), ("ruptures", ruptures), ("levels", levels)] {
        let mut group = c.benchmark_group(format!("{name} times"));
        group.sample_size(10);
        for times in [1, 2, 4, 8] {
            let model = model(folder.path(), sized(times));
            let run = || classical(&model, &mut Nowhere, &Threads, &(), &()).expect("computed");
            let contexts: u64 = run().contexts.iter().flatten().sum();
            group.throughput(Throughput::Elements(contexts));
            group.bench_function(BenchmarkId::from_parameter(times), |b| b.iter(run));
        }
        group.finish();
    }
}

criterion_group!(benches, scaling);
criterion_main!(benches);
