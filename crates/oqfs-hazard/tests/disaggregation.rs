//! Disaggregations: what bins add up to, and who computes them.

use std::path::Path;

use oqfs_hazard::calc::{CalcError, Executor, OneByOne, SiteDisaggregation, Threads, in_two_passes};
use oqfs_hazard::elementary::scalar::ln_1p;
use oqfs_hazard::job::DisaggAxis;

mod common;
#[path = "common/kept.rs"]
mod kept;
#[path = "common/typologies.rs"]
mod typologies;
use common::{NRML, read, write_job, write_model};
use kept::{Kept, run};
use typologies::all_sources;

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
                 coordinate_bin_width = 100\nnum_epsilon_bins = 1\ndisagg_by_src = true\n"
            );
            write(folder.path(), &widths);
            run(&read(folder.path()).unwrap(), &Threads)
        };
        let (one, several) = (run(20.0), run(0.5));
        let (hazard, found) = (expected(one.by_pair[0][0]), expected(one.sites[0].all[0]));
        assert!(hazard > 1e-4 && (found / hazard - 1.0).abs() < 1e-12, "{rule}: {found} {hazard}");
        // both members are one source, in the one bin that something is in
        let source = &one.sources[0];
        assert_eq!(source.sources, ["a"]);
        let by_source: f64 = source.expected.iter().sum();
        assert!((by_source / hazard - 1.0).abs() < 1e-12, "{rule}: {by_source} {hazard}");
        // two magnitudes are apart, and each is a part of the whole
        let mags = &several.sites[0].realizations[0];
        assert_eq!(mags.iter().filter(|poe| **poe > 0.0).count(), 2, "{rule}: {mags:?}");
        assert!(mags.iter().all(|poe| *poe < one.by_pair[0][0]), "{rule}: {mags:?}");
    }
}

/// Two models with their weights.
fn write_models(folder: &Path, weights: [f64; 2]) {
    let branch = |(name, weight): (&str, f64)| {
        format!(
            "<logicTreeBranch branchID='{name}'><uncertaintyModel>{name}</uncertaintyModel>\
             <uncertaintyWeight>{weight}</uncertaintyWeight></logicTreeBranch>"
        )
    };
    let branches: String = ["ChiouYoungs2008", "BooreAtkinson2008"].into_iter().zip(weights).map(branch).collect();
    let set = format!(
        "<logicTreeBranchSet branchSetID='g' uncertaintyType='gmpeModel' applyToTectonicRegionType='Active Shallow Crust'>\
         {branches}</logicTreeBranchSet>"
    );
    std::fs::write(folder.join("models.xml"), format!("{NRML}<logicTree logicTreeID='g'>{set}</logicTree></nrml>"))
        .unwrap();
    let path = folder.join("job.ini");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace("gsim = ChiouYoungs2008", "gsim_logic_tree_file = models.xml")).unwrap();
}

#[test]
fn sources_make_up_the_mean_of_all_realizations() {
    let folder = tempfile::tempdir().unwrap();
    let sources = all_sources()[0].1.clone();
    let mut left_out = 0;
    for (sources, bins) in [(poissonian(&sources), 4), (sources, 1)] {
        write_model(folder.path(), &sources, "sources.xml");
        let widths = format!(
            "sites = 13.4 42.35, 14.6 42.5\niml_disagg = {{'PGA': 0.1, 'SA(1.0)': 0.05}}\nmag_bin_width = 0.4\ndistance_bin_width = 15\n\
             coordinate_bin_width = 1\nnum_epsilon_bins = {bins}\nnum_rlzs_disagg = 1\ndisagg_by_src = true\n"
        );
        write(folder.path(), &widths);
        write_models(folder.path(), [0.3, 0.7]);
        let kept = run(&read(folder.path()).unwrap(), &Threads);
        let count = kept.names.len();
        assert!(count > 5 && kept.sources.len() == 2 && kept.layout.unwrap().realizations == 1);
        for (of_site, rates) in kept.sources.iter().zip(kept.by_source.chunks(2 * count)) {
            let most: Vec<f64> =
                rates.chunks(count).map(|rates| rates.iter().fold(0.0, |a: f64, b| a.max(*b))).collect();
            let matters =
                |name: &usize| most.iter().enumerate().any(|(imt, most)| rates[imt * count + name] > 0.1 * most);
            let relevant: Vec<usize> = (0..count).filter(matters).collect();
            let names: Vec<&str> = relevant.iter().map(|name| kept.names[*name].as_str()).collect();
            assert!(names.len() > 1 && names == of_site.sources, "{names:?}");
            left_out += count - names.len();
            let cells = of_site.expected.len() / relevant.len();
            for (name, expected) in relevant.into_iter().zip(of_site.expected.chunks(cells)) {
                for imt in 0..2 {
                    let sum: f64 = expected.iter().skip(imt).step_by(2).sum();
                    let rate = 50.0 * rates[imt * count + name];
                    assert!((sum - rate).abs() <= 1e-12 * rate, "{}: {sum} {rate}", kept.names[name]);
                }
            }
        }
    }
    assert!(left_out > 0);
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
    let spectra = "postproc_func = conditional_spectrum.main\nimt_ref = PGA\ncross_correlation = BakerJayaram2008\n";
    write(folder.path(), &format!("{WIDTHS}poes_disagg = 0.1 0.02\ndisagg_by_src = true\n{spectra}"));
    let model = read(folder.path()).unwrap();
    let bits = |executor: &dyn Executor| {
        let kept = run(&model, executor);
        let of_site = |site: &SiteDisaggregation| {
            site.realizations.iter().flatten().chain(&site.all).map(|poe| poe.to_bits()).collect::<Vec<u64>>()
        };
        let spectra = kept.spectra.iter().flat_map(|spectra| &spectra.by_realization);
        let others = kept.sources.iter().flat_map(|sources| &sources.expected).chain(spectra);
        let others = others.map(|x| x.to_bits()).collect();
        kept.sites.iter().map(of_site).chain([others]).collect::<Vec<_>>()
    };
    let found = bits(&Threads);
    assert!(found.len() == 3 && found.iter().all(|bits| bits.len() > 7) && found[0].len() > 1000);
    assert_eq!(found, bits(&OneByOne));
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
