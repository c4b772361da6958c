//! Every ground-motion model with every typology: a calculation gives curves that are curves, or an error that names the model.
//!
//! A motion that is not a number must never count as exceedance, nor as none. Sources are near and far, of small and of great
//! magnitudes, vertical and flat; sites are on the fault, beside it and at the end of the reach, on soft ground and on rock.

use std::fmt::Write as _;
use std::path::Path;

use oqfs_hazard::calc::{CalcError, Curves, Layout, Output, Threads, classical};
use oqfs_hazard::gsim::{self, GsimError, Imt, ImtKind, Param};

mod common;
#[path = "common/typologies.rs"]
mod typologies;
use common::{read, write_job, write_model};
use typologies::all_sources;

/// Models that are not defined for a part of these contexts, and why. Each stops its calculation.
const NOT_DEFINED: &[(&str, &str)] = &[
    ("Allen2022", "divides by the logarithm of vs30 over 150 m/s"),
    (
        "EasternCan15Low",
        "takes the logarithm of the epicentral distance, which is 0 at a site; minimum_distance mends it",
    ),
    (
        "EasternCan15Mid",
        "takes the logarithm of the epicentral distance, which is 0 at a site; minimum_distance mends it",
    ),
    (
        "EasternCan15Upp",
        "takes the logarithm of the epicentral distance, which is 0 at a site; minimum_distance mends it",
    ),
    ("NBCC2015_AA13_interface_central", "is a table of magnitudes from 7"),
    ("NBCC2015_AA13_interface_high", "is a table of magnitudes from 7"),
    ("NBCC2015_AA13_interface_low", "is a table of magnitudes from 7"),
    ("WongEtAl2022Deep", "gives no standard deviation of PGV"),
    ("WongEtAl2022Shallow", "gives no standard deviation of PGV"),
    ("YenierAtkinson2015ACME2019", "gives no standard deviation"),
    ("YenierAtkinson2015BSSA", "gives no standard deviation"),
];

/// Sites with every parameter of the ground at both of its ends: soft and deep, then hard and shallow.
fn site_model(vs30: [f64; 2]) -> String {
    let ends = |param: Param| -> [String; 2] {
        let numbers = |low: f64, high: f64| [low.to_string(), high.to_string()];
        match param {
            Param::Vs30 => vs30.map(|v| v.to_string()),
            Param::Vs30Measured | Param::Backarc | Param::Bas => numbers(0.0, 1.0),
            Param::Z1pt0 | Param::Z1pt4 | Param::H800 => numbers(3000.0, 1.0),
            Param::Z2pt5 | Param::ZSed => numbers(10.0, 0.01),
            Param::Xvf => numbers(-150.0, 150.0),
            Param::Region | Param::Soiltype => numbers(1.0, 5.0),
            Param::Thv => numbers(2.0, 0.05),
            Param::F0 => numbers(0.3, 20.0),
            _ => match param.categories() {
                [] => numbers(1.0, 0.1),
                categories => [categories[0].to_string(), categories[categories.len() - 1].to_string()],
            },
        }
    };
    let first = Param::ALL.iter().position(|p| *p == Param::Vs30).unwrap();
    let params = &Param::ALL[first..];
    let mut csv = String::from("lon,lat");
    params.iter().for_each(|param| write!(csv, ",{}", param.name()).unwrap());
    // on the fault, beside it, 60 and 180 km away
    for (lon, lat) in [(13.4, 42.35), (13.45, 42.3), (14.1, 42.4), (15.5, 42.4)] {
        for end in 0..2 {
            let (lon, lat) = (lon + 1e-3 * end as f64, lat);
            write!(csv, "\n{lon},{lat}").unwrap();
            params.iter().for_each(|param| write!(csv, ",{}", ends(*param)[end]).unwrap());
        }
    }
    csv + "\n"
}

/// Keeps what went wrong with curves.
#[derive(Default)]
struct Check {
    faults: Vec<String>,
    sites: usize,
}

impl Output for Check {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, first: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.sites = first + 1;
        for curve in curves.by_pair.iter().flat_map(|poes| poes.chunks(LEVELS)) {
            let is_curve = curve.iter().all(|poe| (0.0..=1.0).contains(poe)) && curve.is_sorted_by(|a, b| a >= b);
            // no earthquake shakes the ground by the last level: whatever does is no number
            if !is_curve || curve[LEVELS - 1] > 0.0 {
                self.faults.push(format!("{curve:?}"));
            }
        }
        Ok(())
    }
}

const LEVELS: usize = 4;

/// Levels of an intensity measure of which the last is out of reach.
fn levels(imt: &Imt) -> &'static str {
    match imt.kind() {
        ImtKind::Mmi => "[2, 5, 8, 40]",
        _ => "[0.01, 0.2, 1, 1e30]",
    }
}

/// What a model gives, or why it gives nothing.
fn run(folder: &Path, name: &str, imts: &[Imt]) -> Result<Check, CalcError> {
    let imtls: Vec<String> = imts.iter().map(|imt| format!("{:?}: {}", imt.to_string(), levels(imt))).collect();
    let imtls = imtls.join(", ");
    let params = format!(
        "gsim = {name}\nsite_model_file = sites.csv\npointsource_distance = 50\n\
         intensity_measure_types_and_levels = {{{imtls}}}"
    );
    write_job(folder, &params);
    let model = read(folder)?;
    let mut check = Check::default();
    classical(&model, &mut check, &Threads, &(), &())?;
    Ok(check)
}

#[test]
fn every_model_with_every_typology_gives_curves_or_says_why_not() {
    let wanted: Vec<Imt> = ["PGA", "SA(0.2)", "SA(1.0)", "PGV"].iter().map(|imt| imt.parse().unwrap()).collect();
    let written = |kind: &ImtKind| ["", "(1.0)", "(1.0,2.0)"].map(|argument| format!("{}{argument}", kind.name()));
    let others: Vec<Imt> = ImtKind::ALL.iter().flat_map(written).filter_map(|imt| Imt::parse(&imt).ok()).collect();
    let (mut faults, mut computed) = (Vec::new(), 0);
    for (kind, sources) in all_sources() {
        let folder = tempfile::tempdir().unwrap();
        write_model(folder.path(), &sources, "sources.xml");
        for name in gsim::names() {
            // those that need arguments are made of others
            let Ok(model) = gsim::by_name(name) else { continue };
            let mut imts: Vec<Imt> = wanted.iter().filter(|imt| model.check(imt).is_ok()).copied().collect();
            if imts.is_empty() {
                imts = others.iter().filter(|imt| model.check(imt).is_ok()).take(1).copied().collect();
            }
            let mut result = Err(CalcError::Cancelled);
            for vs30 in [[150.0, 2500.0], [300.0, 1200.0], [600.0, 800.0], [760.0, 760.0]] {
                std::fs::write(folder.path().join("sites.csv"), site_model(vs30)).unwrap();
                result = run(folder.path(), name, &imts);
                if !matches!(result, Err(CalcError::Gsim(GsimError::Vs30OutOfRange { .. }))) {
                    break;
                }
            }
            let needs_edges = [Param::Rx, Param::Ry0, Param::Width].iter().any(|param| model.params().contains(param));
            let is_listed = NOT_DEFINED.iter().any(|(listed, _)| *listed == name);
            match result {
                Ok(check) if check.sites == 0 => faults.push(format!("{name}, {kind}: no site was computed")),
                Ok(check) => {
                    computed += 1;
                    faults.extend(check.faults.first().map(|fault| format!("{name}, {kind}: {fault}")));
                }
                Err(CalcError::Source { .. }) if kind == "cloud" && needs_edges => {}
                Err(
                    error @ (CalcError::NotFinite { .. } | CalcError::Outside { .. } | CalcError::NoScatter { .. }),
                ) if is_listed => {
                    assert!(error.to_string().contains(name), "{error}");
                }
                Err(error) => faults.push(format!("{name}, {kind}: {error}")),
            }
        }
    }
    assert!(computed > 1000 && faults.is_empty(), "{computed} computed, {} not:\n{}", faults.len(), faults.join("\n"));
}
