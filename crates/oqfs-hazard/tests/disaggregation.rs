//! Disaggregations: what bins add up to, and who computes them.

use std::path::Path;

use oqfs_hazard::calc::{
    CalcError, Curves, DisaggLayout, Executor, Layout, Model, OneByOne, Output, SecondOutput, SiteDisaggregation,
    SourceDisaggregation, Spectra, Threads, in_two_passes,
};
use oqfs_hazard::elementary::scalar::ln_1p;
use oqfs_hazard::job::DisaggAxis;

mod common;
#[path = "common/typologies.rs"]
mod typologies;
use common::{read, write_job, write_model};
use typologies::all_sources;

type Written = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Keeps everything.
#[derive(Default)]
struct Kept {
    /// By pair of a group and a model, (N, M, L).
    by_pair: Vec<Vec<f64>>,
    layout: Option<DisaggLayout>,
    sites: Vec<SiteDisaggregation>,
    sources: Vec<SourceDisaggregation>,
    spectra: Option<Spectra>,
}

impl Output for Kept {
    fn begin(&mut self, layout: &Layout) -> Written {
        self.by_pair = vec![Vec::new(); layout.pairs.len()];
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Written {
        self.by_pair.iter_mut().zip(&curves.by_pair).for_each(|(all, poes)| all.extend(poes));
        Ok(())
    }
}

impl SecondOutput for Kept {
    fn disaggregation(&mut self, layout: &DisaggLayout) -> Written {
        self.layout = Some(layout.clone());
        Ok(())
    }

    fn site(&mut self, results: &SiteDisaggregation) -> Written {
        self.sites.push(results.clone());
        Ok(())
    }

    fn sources(&mut self, results: &SourceDisaggregation) -> Written {
        self.sources.push(results.clone());
        Ok(())
    }

    fn spectra(&mut self, results: &Spectra) -> Written {
        self.spectra = Some(results.clone());
        Ok(())
    }
}

/// What a model gives.
fn run(model: &Model, executor: &dyn Executor) -> Kept {
    let mut kept = Kept::default();
    in_two_passes(model, &mut kept, executor, &(), &()).unwrap_or_else(|error| panic!("{error}"));
    kept
}

/// Write a disaggregation of the sources of a folder.
fn write(folder: &Path, params: &str) {
    let general = "gsim = ChiouYoungs2008\nreference_vs30_value = 500\nreference_vs30_type = measured\n\
         reference_depth_to_1pt0km_per_sec = 40\npointsource_distance = 50\n";
    write_job(folder, &format!("{general}{params}"));
    let path = folder.join("job.ini");
    let text = std::fs::read_to_string(&path).unwrap().replace("= classical", "= disaggregation");
    std::fs::write(path, text).unwrap();
}

/// Numbers within (0, 1) that look random, the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

fn expected(poe: f64) -> f64 {
    -ln_1p(-poe)
}

/// The sources but those that list numbers of occurrences.
fn poissonian(sources: &str) -> String {
    let (start, end) = ("<nonParametricSeismicSource", "</nonParametricSeismicSource>");
    match (sources.find(start), sources.find(end)) {
        (Some(from), Some(to)) => format!("{}{}", &sources[..from], &sources[to + end.len()..]),
        _ => sources.to_string(),
    }
}

#[test]
fn rates_summed_over_bins_are_the_rates_of_the_hazard() {
    let mut numbers = Numbers(24);
    let [(_, edges), (_, cloud)] = all_sources();
    // numbers of occurrences that are no Poisson process do not add up over bins of epsilon
    for (kind, sources, most_bins) in
        [("edges", poissonian(&edges), 9.0), ("listed too", edges, 1.0), ("cloud", cloud, 9.0)]
    {
        let folder = tempfile::tempdir().unwrap();
        write_model(folder.path(), &sources, "sources.xml");
        for _ in 0..6 {
            let mut between = |least: f64, most: f64| least + (most - least) * numbers.next();
            let (mag, dist, place) = (between(0.1, 1.5), between(3.0, 60.0), between(0.1, 3.0));
            let (levels, bins) = ([between(0.05, 0.4), between(0.02, 0.2)], between(1.0, most_bins) as usize);
            // a cloud of points has no edges, which the model needs
            let model = if kind == "cloud" { "BindiEtAl2017Rhypo" } else { "ChiouYoungs2008" };
            let params = format!(
                "sites = 13.4 42.35, 13.9 42.1, 14.6 42.5\niml_disagg = {{'PGA': {}, 'SA(1.0)': {}}}\nmag_bin_width = {mag}\n\
                 distance_bin_width = {dist}\ncoordinate_bin_width = {place}\nnum_epsilon_bins = {bins}\n",
                levels[0], levels[1]
            );
            write(folder.path(), &params);
            let path = folder.path().join("job.ini");
            let text = std::fs::read_to_string(&path).unwrap().replace("ChiouYoungs2008", model);
            std::fs::write(&path, text).unwrap();
            let kept = run(&read(folder.path()).unwrap(), &Threads);
            let layout = kept.layout.unwrap();
            assert!(layout.realizations == 1 && kept.sites.len() == 3);
            for results in &kept.sites {
                let here = results.site * 2..results.site * 2 + 2;
                let hazard: Vec<f64> =
                    here.map(|at| kept.by_pair.iter().map(|poes| expected(poes[at])).sum()).collect();
                for (marginal, poes) in layout.marginals.iter().zip(&results.realizations) {
                    let mut sums = [0.0; 2];
                    for cell in poes.chunks(2) {
                        sums.iter_mut().zip(cell).for_each(|(sum, poe)| *sum += expected(*poe));
                    }
                    for (sum, hazard) in sums.iter().zip(&hazard) {
                        let name = marginal.name;
                        assert!((sum / hazard - 1.0).abs() < 1e-12, "{kind}, {name}: {sum} {hazard}\n{params}");
                    }
                }
                for (all, hazard) in results.all.iter().zip(&hazard) {
                    assert!((expected(*all) / hazard - 1.0).abs() < 1e-12, "{all} {hazard}");
                }
            }
        }
    }
}

/// Two sources of listed ruptures, each of two.
fn listed() -> String {
    let rupture = |mag: f64, lon: f64| {
        format!(
            "<singlePlaneRupture probs_occur='0.9 0.1'><magnitude>{mag}</magnitude><rake>0</rake>\
             <hypocenter lon='{lon}' lat='42.3' depth='6'/><planarSurface>\
             <topLeft lon='{lon}' lat='42.2' depth='1'/><topRight lon='{lon}' lat='42.5' depth='1'/>\
             <bottomLeft lon='{lon}' lat='42.2' depth='13'/><bottomRight lon='{lon}' lat='42.5' depth='13'/>\
             </planarSurface></singlePlaneRupture>"
        )
    };
    let source = |id: &str, lon: f64| {
        let ruptures = rupture(6.2, lon) + &rupture(6.9, lon + 0.2);
        format!(
            "<nonParametricSeismicSource id='{id}' name='{id}' rup_weights='0.4 0.6'>{ruptures}</nonParametricSeismicSource>"
        )
    };
    source("a:1", 13.3) + &source("a:2", 13.8)
}

#[test]
fn in_one_bin_members_that_depend_on_each_other_give_the_hazard_of_their_group() {
    for rule in [
        "src_interdep='mutex' srcs_weights='0.3 0.7'",
        "rup_interdep='mutex' grp_probability='0.8'",
        "src_interdep='mutex' srcs_weights='0.3 0.7' rup_interdep='mutex'",
        "cluster='true' tom='PoissonTOM' occurrence_rate='0.002'",
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_model(folder.path(), &listed(), "sources.xml");
        let path = folder.path().join("sources.xml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("<sourceGroup name='g'", &format!("<sourceGroup name='g' {rule}"))).unwrap();
        let run = |mag: f64| {
            let widths = format!(
                "sites = 13.4 42.35\niml_disagg = {{'PGA': 0.2}}\nmag_bin_width = {mag}\ndistance_bin_width = 1000\n\
                 coordinate_bin_width = 100\nnum_epsilon_bins = 1\n"
            );
            write(folder.path(), &widths);
            run(&read(folder.path()).unwrap(), &Threads)
        };
        let (one, several) = (run(20.0), run(0.5));
        let (hazard, found) = (expected(one.by_pair[0][0]), expected(one.sites[0].all[0]));
        assert!(hazard > 1e-4 && (found / hazard - 1.0).abs() < 1e-12, "{rule}: {found} {hazard}");
        // two magnitudes are apart, and each is a part of the whole
        let mags = &several.sites[0].realizations[0];
        assert_eq!(mags.iter().filter(|poe| **poe > 0.0).count(), 2, "{rule}: {mags:?}");
        assert!(mags.iter().all(|poe| *poe < one.by_pair[0][0]), "{rule}: {mags:?}");
    }
}

/// The release disaggregates one of the groups alone, though the curve is of all.
#[test]
fn every_group_of_sources_that_exclude_each_other_is_disaggregated() {
    let [first, second] = [listed(), listed().replace("'a:", "'b:").replace("<magnitude>6.2", "<magnitude>6.4")];
    let bins = |groups: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        write_model(folder.path(), "<!-- -->", "sources.xml");
        let path = folder.path().join("sources.xml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (start, end) = (text.find("<sourceGroup").unwrap(), text.find("</sourceModel>").unwrap());
        let group = |sources: &&str| {
            format!(
                "<sourceGroup name='g' tectonicRegion='Active Shallow Crust' src_interdep='mutex' srcs_weights='0.3 0.7'>\
                 {sources}</sourceGroup>"
            )
        };
        let groups: String = groups.iter().map(group).collect();
        std::fs::write(&path, format!("{}{groups}{}", &text[..start], &text[end..])).unwrap();
        let widths = "sites = 13.4 42.35\niml_disagg = {'PGA': 0.2}\nmag_bin_width = 0.1\ndistance_bin_width = 20\n\
             coordinate_bin_width = 1\nnum_epsilon_bins = 1\ndisagg_outputs = TRT\n";
        write(folder.path(), widths);
        let model = read(folder.path()).unwrap();
        let said = model.warnings.iter().any(|warning| warning.contains("one alone of several groups"));
        (run(&model, &Threads).sites[0].realizations[0][0], said)
    };
    let ((first_alone, _), (second_alone, said)) = (bins(&[&first]), bins(&[&second]));
    assert!(!said && first_alone > 1e-4 && second_alone > 1e-4);
    let (together, said) = bins(&[&first, &second]);
    let expected = 1.0 - (1.0 - first_alone) * (1.0 - second_alone);
    assert!(said && (together / expected - 1.0).abs() < 1e-12, "{together} {expected}");
}

const WIDTHS: &str = "mag_bin_width = 0.5\ndistance_bin_width = 20\ncoordinate_bin_width = 0.3\nnum_epsilon_bins = 3\n\
     intensity_measure_types_and_levels = {'PGA': logscale(0.01, 8, 60)}\nsites = 13.4 42.35, 13.9 42.1\n";

#[test]
fn who_does_the_work_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    write(folder.path(), &format!("{WIDTHS}poes_disagg = 0.1 0.02\n"));
    let model = read(folder.path()).unwrap();
    let bits = |executor: &dyn Executor| {
        let kept = run(&model, executor);
        let of_site = |site: &SiteDisaggregation| {
            site.realizations.iter().flatten().chain(&site.all).map(|poe| poe.to_bits()).collect::<Vec<u64>>()
        };
        kept.sites.iter().map(of_site).collect::<Vec<_>>()
    };
    let found = bits(&Threads);
    assert!(found.len() == 2 && found[0].len() > 1000 && found == bits(&OneByOne));
}

#[test]
fn at_the_level_of_a_probability_all_bins_together_have_it() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    write(folder.path(), &format!("{WIDTHS}poes = 0.1 0.02\ndisagg_outputs = TRT Mag_Lon_Lat\n"));
    let model = read(folder.path()).unwrap();
    let kept = run(&model, &Threads);
    let bins = &kept.layout.as_ref().unwrap().bins;
    assert_eq!((bins.trts.len(), bins.count(DisaggAxis::Eps)), (1, 1));
    for site in &kept.sites {
        assert_eq!(site.realizations.len(), 2);
        for (all, poe) in site.all.iter().zip([0.1, 0.02]) {
            // between levels a curve is interpolated
            assert!((all / poe - 1.0).abs() < 0.02, "{all} {poe}");
        }
    }
}

#[test]
fn a_short_distance_is_in_its_bin_where_the_minimum_is_for_models_alone() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    let near = |model: &str| {
        let widths = "mag_bin_width = 5\ndistance_bin_width = 50\ncoordinate_bin_width = 100\nnum_epsilon_bins = 1\n";
        write(
            folder.path(),
            &format!("{widths}sites = 13.4 42.35\niml_disagg = {{'PGA': 0.1}}\nminimum_distance = 60\n"),
        );
        let path = folder.path().join("job.ini");
        let text = std::fs::read_to_string(&path).unwrap().replace("ChiouYoungs2008", model);
        std::fs::write(&path, text).unwrap();
        let kept = run(&read(folder.path()).unwrap(), &Threads);
        let place = kept.layout.unwrap().marginals.iter().position(|marginal| marginal.name == "Dist").unwrap();
        kept.sites[0].realizations[place][0]
    };
    // the first asks for the distance to the rupture, the second does not
    assert!(near("ChiouYoungs2008") == 0.0 && near("BooreAtkinson2008") > 0.1);
}

#[test]
fn what_cannot_be_disaggregated_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    let error = |params: &str| {
        write(folder.path(), params);
        match read(folder.path()) {
            Err(error) => error.to_string(),
            Ok(model) => in_two_passes(&model, &mut Kept::default(), &Threads, &(), &()).unwrap_err().to_string(),
        }
    };
    for (params, expected) in [
        (WIDTHS.to_string(), "the parameter poes_disagg (or iml_disagg) is missing"),
        (WIDTHS.replace("distance_bin_width = 20\n", "") + "poes = 0.1", "the parameter distance_bin_width is missing"),
        (format!("{WIDTHS}poes = 0.1\npoes_disagg = 0.2"), "they are one thing"),
        (
            format!("{WIDTHS}poes = 0.1\niml_disagg = {{'PGA': 0.1}}"),
            "iml_disagg: intensity_measure_types_and_levels is there",
        ),
        (format!("{WIDTHS}poes = 0.1\nmax_sites_disagg = 1"), "there are 2 sites, and max_sites_disagg is 1"),
        (format!("{WIDTHS}poes = 0.1\nnum_rlzs_disagg = 2"), "num_rlzs_disagg is 2, and there are 1 realizations"),
        (format!("{WIDTHS}poes = 0.1\nrlz_index = 1"), "rlz_index: found 1; there are 1 realizations"),
        (
            format!("{WIDTHS}poes = 0.1\ndisagg_outputs = Dist_Mag"),
            "disagg_outputs: found \"Dist_Mag\"; expected some of Mag",
        ),
        (
            format!("{WIDTHS}poes = 0.1\ndisagg_bin_edges = {{'lon': [12, 14], 'lat': [42, 43]}}"),
            "lon and lat are for one site",
        ),
        (format!("{WIDTHS}poes = 0.99999"), "no site has a hazard to disaggregate"),
    ] {
        let found = error(&params);
        assert!(found.contains(expected), "{found}\n  lacks {expected}");
    }
}

#[test]
fn a_disaggregation_can_be_stopped() {
    struct Stop;

    impl oqfs_hazard::calc::Monitor for Stop {
        fn progress(&self, _: &str, _: f64) {}

        fn is_cancelled(&self) -> bool {
            true
        }
    }

    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    write(folder.path(), &format!("{WIDTHS}poes = 0.1\n"));
    let model = read(folder.path()).unwrap();
    let error = in_two_passes(&model, &mut Kept::default(), &Threads, &Stop, &()).unwrap_err();
    assert!(matches!(error, CalcError::Cancelled), "{error}");
}
