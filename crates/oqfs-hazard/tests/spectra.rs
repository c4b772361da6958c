//! Conditional spectra: what they are of one rupture, and of all together.

use std::path::Path;

use oqfs_hazard::calc::{Exceedance, Spectra, Threads};
use oqfs_hazard::elementary::scalar::{ln, ln_1p};
use oqfs_hazard::gsim::{Contexts, CrossCorrelation, GroundMotion, Imt, Param, by_name};

mod common;
#[path = "common/kept.rs"]
mod kept;
#[path = "common/typologies.rs"]
mod typologies;
use common::{read, write_job, write_model};
use kept::run;
use typologies::all_sources;

const IMTS: [&str; 4] = ["PGA", "SA(0.1)", "SA(0.5)", "SA(2.0)"];
const REFERENCE: usize = 2;
const SPECTRA: &str =
    "postproc_func = conditional_spectrum.main\nimt_ref = SA(0.5)\ncross_correlation = BakerJayaram2008\n";

fn write(folder: &Path, model: &str, params: &str) {
    let levels: Vec<String> = IMTS.iter().map(|imt| format!("'{imt}': logscale(0.005, 3, 200)")).collect();
    let general = format!(
        "gsim = {model}\nreference_vs30_value = 760\nreference_vs30_type = measured\nreference_depth_to_1pt0km_per_sec = 40\n\
         pointsource_distance = 50\nintensity_measure_types_and_levels = {{{}}}\n",
        levels.join(", ")
    );
    write_job(folder, &format!("{general}{params}"));
}

fn spectra(folder: &Path) -> Spectra {
    run(&read(folder).unwrap(), &Threads).spectra.unwrap()
}

/// Mean logarithm and standard deviation, of which the spectra count the weights as 1, about a center.
fn given(spectra: &[f64], share: f64, center: f64) -> (f64, f64) {
    let mean = ln(spectra[0]) / share;
    let variance = spectra[1] * spectra[1] / share - (mean - center) * (mean - center);
    (mean, variance.max(0.0).sqrt())
}

#[test]
fn the_spectrum_of_one_rupture_is_that_of_its_epsilon() {
    let folder = tempfile::tempdir().unwrap();
    let source = "<pointSource id='p' name='p'><pointGeometry><gml:Point><gml:pos>13.4 42.3</gml:pos></gml:Point>\
         <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>20</lowerSeismoDepth></pointGeometry>\
         <magScaleRel>PointMSR</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
         <arbitraryMFD><occurRates>0.01</occurRates><magnitudes>6.5</magnitudes></arbitraryMFD>\
         <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/></nodalPlaneDist>\
         <hypoDepthDist><hypoDepth probability='1' depth='10'/></hypoDepthDist></pointSource>";
    write_model(folder.path(), source, "sources.xml");
    let poe = 0.02f64;
    write(folder.path(), "BooreAtkinson2008", &format!("{SPECTRA}sites = 13.4 42.5\npoes = {poe}\n"));
    let found = spectra(folder.path());

    let mut context = Contexts::default();
    context.set_len(1);
    for (param, value) in
        [(Param::Mag, 6.5), (Param::Rake, 0.0), (Param::Rjb, 0.2 * 111.194_926_6), (Param::Vs30, 760.0)]
    {
        context.column_mut(param).push(value);
    }
    let imts = IMTS.map(|imt| imt.parse::<Imt>().unwrap());
    let mut motion = GroundMotion::default();
    by_name("BooreAtkinson2008").unwrap().compute(&context, &imts, &mut motion);
    // the epsilon whose exceedance has the rate of the probability, by bisection
    let (wanted, exceedance) = (-ln_1p(-poe) / 50.0 / 0.01, Exceedance::new(3.0));
    let (mut low, mut high) = (-3.0, 3.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if exceedance.of(middle) > wanted { low = middle } else { high = middle }
    }
    for (m, imt) in imts.iter().enumerate() {
        let rho = CrossCorrelation::BakerJayaram2008.between(&imts[REFERENCE], imt).unwrap();
        let (mean, sigma) = (motion.mean[m] + rho * low * motion.sig[m], motion.sig[m] * (1.0 - rho * rho).sqrt());
        let (x, y) = given(&found.mean[2 * m..], found.shares[0], ln(found.mean[2 * m]));
        // the level is interpolated on a curve of 200 levels, and the distance is that of a rupture that is not quite a point
        assert!((x - mean).abs() < 1e-3 && (y - sigma).abs() < 1e-6, "{imt}: {x} {y}, not {mean} {sigma}");
    }
}

#[test]
fn every_spectrum_has_the_level_at_its_reference() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    write(folder.path(), "ChiouYoungs2008", &format!("{SPECTRA}sites = 13.4 42.35, 14.6 42.5\npoes = 0.1 0.02\n"));
    let found = spectra(folder.path());
    assert_eq!((found.realizations, found.shares.len(), found.mean.len()), (1, 4, 4 * IMTS.len() * 2));
    // with one realization the mean is that
    assert_eq!(found.mean, found.by_realization);
    let mut levels = Vec::new();
    for (of_level, share) in found.mean.chunks(IMTS.len() * 2).zip(&found.shares) {
        // levels are interpolated between 200, and ruptures of listed numbers weigh as a Poisson process would
        assert!((share - 1.0).abs() < 2e-3, "{share}");
        let of_imt = |m: usize| given(&of_level[2 * m..], *share, ln(of_level[2 * m]));
        let (level, sigma) = of_imt(REFERENCE);
        assert!(sigma < 1e-6, "{sigma}");
        assert!((0..IMTS.len()).filter(|m| *m != REFERENCE).all(|m| of_imt(m).1 > 0.1), "{of_level:?}");
        levels.push(level);
    }
    // rarer motion is stronger, and stronger near the sources
    assert!(levels[1] > levels[0] && levels[3] > levels[2] && levels[0] > levels[2], "{levels:?}");
}

#[test]
fn what_has_no_conditional_spectra_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    let sites = "sites = 13.4 42.35, 14.6 42.5\n";
    for (from, to, expected) in [
        ("poes = 0.1\n", "", "the parameter poes, of which conditional spectra are, is missing"),
        ("imt_ref = SA(0.5)\n", "", "the parameter imt_ref is missing"),
        ("SA(0.5)\ncross", "SA(0.6)\ncross", "imt_ref: found SA(0.6); expected one of PGA, SA(0.1), SA(0.5), SA(2.0)"),
        ("cross_correlation = BakerJayaram2008\n", "", "the parameter cross_correlation is missing"),
        (
            "= BakerJayaram2008",
            "= yes",
            "cross_correlation: found \"yes\"; expected one of BakerJayaram2008, Bradley2012",
        ),
        ("= BakerJayaram2008", "= Bradley2012", "Bradley2012 has none between SA(0.5) and PGA"),
        ("poes = 0.1\n", "poes = 0.1\nmean = false\nquantiles = 0.5\n", "mean does not go together with postproc_func"),
        ("poes = 0.1\n", "poes = 0.1\nmax_sites_disagg = 1\n", "conditional spectra are of 1 sites at most"),
    ] {
        let params = format!("{SPECTRA}{sites}poes = 0.1\n");
        assert!(params.contains(from), "{from}");
        write(folder.path(), "ChiouYoungs2008", &params.replace(from, to));
        if to.contains("mean = false") {
            let path = folder.path().join("job.ini");
            let text = std::fs::read_to_string(&path).unwrap().replace("mean = true\n", "");
            std::fs::write(path, text).unwrap();
        }
        let found = read(folder.path()).unwrap_err().to_string();
        assert!(found.contains(expected), "{found}\n  lacks {expected}");
    }
    let path = folder.path().join("sources.xml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("<sourceGroup name='g'", "<sourceGroup name='g' rup_interdep='mutex'")).unwrap();
    write(folder.path(), "ChiouYoungs2008", &format!("{SPECTRA}{sites}poes = 0.1\n"));
    let found = read(folder.path()).unwrap_err().to_string();
    assert!(found.contains("of independent ruptures") || found.contains("mutex"), "{found}");
    // other functions are passed over with a word
    write_model(folder.path(), &all_sources()[0].1, "sources.xml");
    let other = SPECTRA.replace("conditional_spectrum.main", "median_spectrum.main");
    write(folder.path(), "ChiouYoungs2008", &format!("{other}{sites}poes = 0.1\n"));
    let model = read(folder.path()).unwrap();
    let told = |name: &str| model.warnings.iter().any(|warning| warning.starts_with(&format!("{name} ")));
    assert!(
        model.spectra.is_none()
            && told("postproc_func = median_spectrum.main")
            && told("imt_ref")
            && told("cross_correlation")
    );
}
