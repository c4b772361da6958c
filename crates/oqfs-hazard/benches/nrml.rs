//! How fast source models are read: bytes a second of point sources, which are all tags, and of faults, which are all numbers.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oqfs_hazard::arrays::ArrayFile;
use oqfs_hazard::nrml::source_model::{self, SourceSettings};

const SOURCES: usize = 10_000;

fn settings() -> SourceSettings {
    SourceSettings {
        rupture_mesh_spacing: 5.0,
        complex_fault_mesh_spacing: 5.0,
        investigation_time: 50.0,
        width_of_mfd_bin: Some(0.1),
        area_source_discretization: Some(10.0),
        source_nodes: Vec::new(),
        source_ids: Vec::new(),
        discard_trts: Vec::new(),
        infer_occur_rates: false,
        floating_steps: (0.0, 0.0),
    }
}

/// What follows the geometry of a source.
fn rest(i: usize) -> String {
    let mut rates = String::new();
    for k in 0..20 {
        let _ = write!(rates, "{:.7E} ", 1e-3 / (1.0 + (i * 20 + k) as f64));
    }
    format!(
        "<magScaleRel>\n WC1994\n </magScaleRel>\n <ruptAspectRatio>\n 1.0000000E+00\n </ruptAspectRatio>\n \
         <incrementalMFD binWidth=\"1.0000000E-01\" minMag=\"5.0500000E+00\">\n <occurRates>\n {rates}\n \
         </occurRates>\n </incrementalMFD>\n"
    )
}

fn point(i: usize) -> String {
    let (lon, lat) = (10.0 + 0.001 * i as f64, 40.0 + 0.0001 * i as f64);
    format!(
        "<pointSource id=\"{i}\" name=\"point {i}\">\n <pointGeometry>\n <gml:Point>\n <gml:pos>\n {lon:.7E} {lat:.7E}\n \
         </gml:pos>\n </gml:Point>\n <upperSeismoDepth>\n 0.0000000E+00\n </upperSeismoDepth>\n <lowerSeismoDepth>\n \
         2.0000000E+01\n </lowerSeismoDepth>\n </pointGeometry>\n {} <nodalPlaneDist>\n <nodalPlane dip=\"9.0E+01\" \
         probability=\"5.0E-01\" rake=\"0.0\" strike=\"0.0\"/>\n <nodalPlane dip=\"6.0E+01\" probability=\"5.0E-01\" \
         rake=\"-9.0E+01\" strike=\"4.5E+01\"/>\n </nodalPlaneDist>\n <hypoDepthDist>\n <hypoDepth depth=\"5.0\" \
         probability=\"1.0\"/>\n </hypoDepthDist>\n </pointSource>\n",
        rest(i)
    )
}

fn fault(i: usize) -> String {
    let mut trace = String::new();
    for k in 0..200 {
        let _ = writeln!(trace, "{:.7E} {:.7E}", 12.0 + 0.005 * k as f64, 41.0 + 0.0005 * i as f64 + 0.003 * k as f64);
    }
    format!(
        "<simpleFaultSource id=\"{i}\" name=\"fault {i}\">\n <simpleFaultGeometry>\n <gml:LineString>\n <gml:posList>\n \
         {trace} </gml:posList>\n </gml:LineString>\n <dip>\n 4.5E+01\n </dip>\n <upperSeismoDepth>\n 0.0\n \
         </upperSeismoDepth>\n <lowerSeismoDepth>\n 1.5E+01\n </lowerSeismoDepth>\n </simpleFaultGeometry>\n {} <rake>\n \
         0.0\n </rake>\n </simpleFaultSource>\n",
        rest(i)
    )
}

fn none(path: &Path) -> Result<Box<dyn ArrayFile>, String> {
    Err(format!("{}: not expected", path.display()))
}

fn reading(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let settings = settings();
    let mut group = c.benchmark_group("nrml");
    group.sample_size(10);
    for (name, source) in [("point sources", point as fn(usize) -> String), ("simple faults", fault)] {
        let path = folder.path().join(name);
        let sources: String = (0..SOURCES).map(source).collect();
        let text = format!(
            "<nrml xmlns=\"http://openquake.org/xmlns/nrml/0.5\" xmlns:gml=\"http://www.opengis.net/gml\">\n<sourceModel \
             name=\"m\">\n<sourceGroup name=\"g\" tectonicRegion=\"Active Shallow Crust\">\n{sources}</sourceGroup>\n\
             </sourceModel>\n</nrml>\n"
        );
        std::fs::write(&path, &text).expect("written");
        group.throughput(Throughput::Bytes(text.len() as u64));
        let read = || source_model::read(&path, &settings, &none).expect("read").sources.len();
        assert_eq!(read(), SOURCES);
        group.bench_function(name, |b| b.iter(|| black_box(read())));
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
