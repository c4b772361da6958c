//! A calculation gives the same bits on every processor: ruptures, distances, motions, curves, statistics, maps.

use oqfs_hazard::calc::{Curves, Layout, Output, Threads, classical};

mod common;
#[path = "../../oqfs-gsim/tests/common/environments.rs"]
mod environments;
#[path = "common/typologies.rs"]
mod typologies;
use common::{read, write_job, write_model};
use environments::assert_same_in_each;
use typologies::all_sources;

/// Models of several families.
const MODELS: [&str; 6] = [
    "AbrahamsonEtAl2014",
    "BooreEtAl2014",
    "CampbellBozorgnia2014",
    "ChiouYoungs2014",
    "BindiEtAl2017Rhypo",
    "ZhaoEtAl2006SInter",
];

/// All numbers of a calculation.
#[derive(Default)]
struct Numbers(Vec<f64>);

impl Output for Numbers {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let singles = [
            &curves.curves_rlzs,
            &curves.curves_stats,
            &curves.maps_rlzs,
            &curves.maps_stats,
            &curves.spectra_rlzs,
            &curves.spectra_stats,
        ];
        self.0.extend(curves.by_pair.iter().flatten());
        self.0.extend(singles.into_iter().flatten().map(|number| f64::from(*number)));
        Ok(())
    }
}

#[test]
fn a_calculation_gives_the_same_bits_on_every_processor() {
    assert_same_in_each("a_calculation_gives_the_same_bits_on_every_processor", || {
        let mut given = Vec::new();
        for (kind, sources) in all_sources() {
            let folder = tempfile::tempdir().unwrap();
            write_model(folder.path(), &sources, "sources.xml");
            // a cloud of points has no edges, which the first four need
            for model in &MODELS[if kind == "cloud" { 4 } else { 0 }..] {
                let params = format!(
                    "gsim = {model}\nsites = 13.4 42.35, 13.45 42.3, 14.1 42.4, 15.5 42.4\nreference_vs30_value = 400\n\
                     reference_vs30_type = measured\nreference_depth_to_1pt0km_per_sec = 200\n\
                     reference_depth_to_2pt5km_per_sec = 1.5\npointsource_distance = 50\nquantiles = 0.15 0.85\nstd = true\n\
                     poes = 0.1 0.02\nuniform_hazard_spectra = true\n\
                     intensity_measure_types_and_levels = {{\"PGA\": logscale(0.01, 2, 12), \"SA(1.0)\": logscale(0.01, 2, 12)}}"
                );
                write_job(folder.path(), &params);
                let mut numbers = Numbers::default();
                classical(&read(folder.path()).unwrap(), &mut numbers, &Threads, &(), &()).unwrap();
                assert!(numbers.0.iter().any(|number| *number > 0.01));
                given.push((format!("{model}, {kind}"), numbers.0));
            }
        }
        given
    });
}
