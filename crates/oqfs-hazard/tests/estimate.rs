//! What is estimated before a calculation is what it takes.

use std::num::NonZero;
use std::sync::Mutex;
use std::time::Duration;

use oqfs_hazard::calc::{
    Curves, Effort, Estimate, Layout, Model, Monitor, Output, Piece, Threads, classical, preclassical, working_memory,
};
use oqfs_hazard::job::with_values;

mod common;
use common::{read, write_job, write_model};

/// An area with a fault in it.
const SOURCES: &str = "<areaSource id='zone' name='z'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>\
    12.0 41.0 14.0 41.0 14.0 43.0 12.0 43.0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>\
    <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></areaGeometry>\
    <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
    <truncGutenbergRichterMFD aValue='2.5' bValue='1' minMag='5' maxMag='6.5'/>\
    <nodalPlaneDist><nodalPlane probability='0.5' strike='135' dip='45' rake='-90'/>\
    <nodalPlane probability='0.5' strike='315' dip='60' rake='-90'/></nodalPlaneDist>\
    <hypoDepthDist><hypoDepth probability='1' depth='9'/></hypoDepthDist></areaSource>\
    <simpleFaultSource id='paganica' name='f'><simpleFaultGeometry><gml:LineString>\
    <gml:posList>13.35 42.42 13.55 42.28</gml:posList></gml:LineString><dip>50</dip>\
    <upperSeismoDepth>1</upperSeismoDepth><lowerSeismoDepth>13</lowerSeismoDepth></simpleFaultGeometry>\
    <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
    <incrementalMFD minMag='5.8' binWidth='0.4'><occurRates>0.002 0.001</occurRates></incrementalMFD>\
    <rake>-90</rake></simpleFaultSource>";

/// The job of these sources, with sites around them so many km apart, many of them far from the sources.
fn model(spacing: f64, params: &str) -> Model {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), SOURCES, "sources.xml");
    let base = format!(
        "gsim = BooreAtkinson2008\nreference_vs30_value = 500\nregion = 12.0 41.0, 18.0 41.0, 18.0 43.0, 12.0 43.0\n\
         region_grid_spacing = {spacing}\nintensity_measure_types_and_levels = {{'PGA': [0.02, 0.05, 0.1, 0.2]}}\n"
    );
    write_job(folder.path(), &base);
    let file = folder.path().join("job.ini");
    let settings: Vec<(String, String)> = params
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, with_values(&text, &settings)).unwrap();
    read(folder.path()).unwrap()
}

fn contexts(model: &Model) -> u64 {
    preclassical(model, &Threads, &()).unwrap().iter().flatten().sum()
}

#[test]
fn contexts_are_counted_where_that_is_quick() {
    for params in ["", "ps_grid_spacing = 25", "split_sources = false", "max_sites_disagg = 1000"] {
        let model = model(30.0, params);
        let effort = Effort { time: Duration::from_secs(600), ..Effort::THOROUGH };
        let estimate = Estimate::of(&model, effort, 2, &Threads, &()).unwrap();
        assert!(estimate.is_counted);
        assert_eq!(estimate.contexts as u64, contexts(&model), "{params}");
        assert_eq!(estimate.ruptures, model.groups.iter().map(|group| group.ruptures() as u64).sum::<u64>());
        assert!(estimate.work > 0.0 && estimate.seconds > 0.0 && estimate.error > 0.0, "{estimate:?}");
    }
}

#[test]
fn a_sample_tells_the_number_of_contexts_within_its_error() {
    let model = model(6.0, "area_source_discretization = 8");
    let expected = contexts(&model) as f64;
    for error in [0.2, 0.05] {
        let effort = Effort { time: Duration::from_secs(600), error, counts: false, batches: 2, ..Effort::THOROUGH };
        let estimate = Estimate::of(&model, effort, 2, &Threads, &()).unwrap();
        assert!(!estimate.is_counted);
        let Estimate { contexts, contexts_error, .. } = estimate;
        assert!(contexts_error < 0.3 * expected, "{contexts_error} of {expected}");
        assert!((contexts - expected).abs() < 3.0 * contexts_error, "{contexts} ± {contexts_error}; {expected}");
    }
}

/// Keeps nothing.
struct Nobody;

impl Output for Nobody {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, _: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

/// Asks an estimate what pieces take, and remembers it: the first site of a piece, and what a pair of it takes.
struct Watched {
    estimate: Estimate,
    asked: Mutex<Vec<(usize, f64)>>,
    done: Mutex<f64>,
}

impl Monitor for Watched {
    fn progress(&self, _: &str, done: f64) {
        let mut last = self.done.lock().unwrap();
        *last = last.max(done);
    }

    fn expected(&self, piece: Piece) -> f64 {
        let cost = self.estimate.pieces.of(piece);
        self.asked.lock().unwrap().push((piece.tile.start, cost / piece.pairs()));
        cost
    }
}

#[test]
fn pieces_far_from_all_sources_are_expected_to_take_less() {
    // the sites in the east are far from the sources, and sites stand in columns
    let model = model(8.0, "maximum_distance = 40");
    let effort = Effort { time: Duration::from_secs(600), error: 0.02, counts: false, batches: 2, ..Effort::THOROUGH };
    let estimate = Estimate::of(&model, effort, 2, &Threads, &()).unwrap();
    let watched = Watched { estimate, asked: Mutex::default(), done: Mutex::default() };
    classical(&model, &mut Nobody, &Threads, &watched, &()).unwrap();
    let asked = watched.asked.into_inner().unwrap();
    let mean = |is_in: &dyn Fn(usize) -> bool| {
        let costs: Vec<f64> = asked.iter().filter(|(first, _)| is_in(*first)).map(|(_, cost)| *cost).collect();
        costs.iter().sum::<f64>() / costs.len() as f64
    };
    let third = model.sites.len() / 3;
    let ends = [mean(&|first| first < third), mean(&|first| first > 2 * third)];
    let (near, far) = (ends[0].max(ends[1]), ends[0].min(ends[1]));
    assert!(near > 3.0 * far && far >= 0.0, "{ends:?}");
    // whatever pieces were expected to take, all of them are all
    assert!((watched.done.into_inner().unwrap() - 1.0).abs() < 1e-6);
}

#[test]
fn a_sample_that_finds_nothing_is_no_count() {
    let model = model(6.0, "maximum_distance = 0.001\nmax_sites_disagg = 1");
    let effort = Effort { time: Duration::from_secs(600), counts: false, batches: 2, ..Effort::THOROUGH };
    let estimate = Estimate::of(&model, effort, 2, &Threads, &()).unwrap();
    assert!(!estimate.is_counted && estimate.contexts == 0.0, "{estimate:?}");
}

#[test]
fn memory_grows_with_what_is_held_at_once() {
    let (few, many) = (model(30.0, ""), model(6.0, ""));
    let [few, many] = [&few, &many].map(|model| working_memory(model, 1, 0));
    assert!(few > 0.0 && many < 20.0 * few, "{few} {many}");
    let sampled = model(30.0, "number_of_logic_tree_samples = 100000");
    let all_levels = 4.0 * 8.0;
    let curves = 1e5 * all_levels;
    assert!(working_memory(&sampled, 2, 0) > 2.0 * curves);
    assert!(working_memory(&sampled, 4, 0) > working_memory(&sampled, 2, 0));
    assert_eq!(Threads::with(NonZero::new(3).unwrap(), || Threads.count()).unwrap(), 3);
}
