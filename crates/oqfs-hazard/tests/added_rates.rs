//! Rates that a job adds to those of single ruptures: each is added to the rupture that the engine gives its number.

#![allow(clippy::disallowed_methods, reason = "expected values, compared within a tolerance")]

use std::fmt::Write as _;
use std::path::Path;

use oqfs_hazard::calc::{Curves, Digests, Layout, Output, SourceShapes, Threads, classical};

mod common;
use common::{curves, read, write_job, write_model};

/// Keeps the statistics.
#[derive(Default)]
struct Kept(Vec<f32>);

impl Output for Kept {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.extend(&curves.curves_stats);
        Ok(())
    }
}

const DEPTHS: &str = "<upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>";

/// Two nodal planes at two depths.
const SPREAD: &str = "<nodalPlaneDist><nodalPlane probability='0.7' strike='155' dip='50' rake='-90'/>\
    <nodalPlane probability='0.3' strike='240' dip='80' rake='0'/></nodalPlaneDist>\
    <hypoDepthDist><hypoDepth probability='0.4' depth='5'/><hypoDepth probability='0.6' depth='11'/></hypoDepthDist>";

const SIZE: &str = "<magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>";

fn mfd(min: f64, width: f64, rates: &str) -> String {
    format!("<incrementalMFD minMag='{min}' binWidth='{width}'><occurRates>{rates}</occurRates></incrementalMFD>")
}

fn simple(trace: &str, dip: f64) -> String {
    format!(
        "<simpleFaultGeometry><gml:LineString><gml:posList>{trace}</gml:posList></gml:LineString><dip>{dip}</dip>{DEPTHS}\
         </simpleFaultGeometry>"
    )
}

/// A source of each way to place ruptures, with their numbers of ruptures.
const COUNTS: [(&str, usize); 4] = [("amatrice", 8), ("zone", 32), ("vettore", 34), ("gorzano", 2)];

fn sources() -> String {
    format!(
        "<pointSource id='amatrice' name='p'><pointGeometry><gml:Point><gml:pos>13.25 42.65</gml:pos></gml:Point>{DEPTHS}\
         </pointGeometry>{SIZE}{}{SPREAD}</pointSource>\
         <areaSource id='zone' name='a'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing>\
         <gml:posList>13.0 42.3 13.5 42.3 13.5 42.6 13.0 42.6</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>\
         {DEPTHS}</areaGeometry>{SIZE}{}{SPREAD}</areaSource>\
         <simpleFaultSource id='vettore' name='f'>{}{SIZE}{}<rake>-90</rake></simpleFaultSource>\
         <characteristicFaultSource id='gorzano' name='c'>{}<rake>-90</rake><surface>{}</surface></characteristicFaultSource>",
        mfd(5.5, 0.8, "0.004 0.001"),
        mfd(5.2, 0.6, "0.003 0.001"),
        simple("13.2 42.9 13.32 42.72", 50.0),
        mfd(5.6, 0.6, "0.002 0.001"),
        mfd(6.2, 0.4, "0.001 0.0004"),
        simple("13.35 42.65 13.45 42.5", 55.0),
    )
}

const PARAMS: &str = "gsim = BooreAtkinson2008\nreference_vs30_value = 500\nsites = 13.1 42.4, 13.3 42.8\n\
    intensity_measure_types_and_levels = {'PGA': [0.02, 0.05, 0.1, 0.2, 0.4, 0.8]}";

fn write(folder: &Path, deltas: &str, params: &str) {
    write_model(folder, &sources(), "sources.xml");
    std::fs::write(folder.join("deltas.csv"), format!("source_id,rup_id,delta\n{deltas}")).unwrap();
    write_job(folder, &format!("{PARAMS}\ndelta_rates_file = deltas.csv\n{params}"));
}

/// Rates that differ from rupture to rupture.
fn deltas() -> String {
    let mut text = String::new();
    for (id, count) in COUNTS {
        for rupture in 0..count {
            writeln!(text, "{id},{rupture},{}", 1e-4 * (7 * rupture % 11) as f64).unwrap();
        }
    }
    text
}

#[test]
fn rates_are_added_to_the_ruptures_of_the_engines_numbers() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &deltas(), "pointsource_distance = 1000");
    let mut kept = Kept::default();
    classical(&read(folder.path()).unwrap(), &mut kept, &Threads, &(), &()).unwrap();
    // OpenQuake 3.26.2
    let engine = [
        [8.991_220_6e-1, 7.141_090_6e-1, 3.575_800_1e-1, 7.706_373_9e-2, 5.457_914e-3, 3.435_712_6e-5],
        [9.078_715_4e-1, 8.348_451_9e-1, 6.511_503_5e-1, 3.154_583_9e-1, 6.327_962_1e-2, 3.605_508e-3],
    ];
    for (found, expected) in kept.0.iter().zip(engine.as_flattened()) {
        let off = (f64::from(*found) - expected).abs() - 1e-7;
        assert!(off < 1e-5 * expected, "found {:?}, expected {engine:?}", kept.0);
    }
    assert_eq!(kept.0.len(), 12);
}

#[test]
fn far_away_the_rates_of_a_magnitude_are_added_up() {
    let rates = |deltas: &str| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), deltas, "pointsource_distance = 0\nmax_sites_disagg = 1");
        curves(folder.path())[0].poes[0].1.mapv(|poe| -(-poe).ln_1p())
    };
    let nothing = rates("amatrice,0,0\n");
    let first = rates("amatrice,0,0.004\n");
    let spread = rates("amatrice,0,0.001\namatrice,3,0.003\n");
    assert!(first.iter().zip(&nothing).all(|(with, without)| with >= without) && first[[0, 0]] > nothing[[0, 0]]);
    assert!(first.iter().zip(&spread).all(|(a, b)| (a - b).abs() <= 1e-12 * a.abs()));
}

#[test]
fn distributions_have_the_rates_that_are_added() {
    let folder = tempfile::tempdir().unwrap();
    let totals = |deltas: &str| {
        write(folder.path(), deltas, "");
        let model = read(folder.path()).unwrap();
        let shapes = SourceShapes::of(&model);
        let ids = model.groups.iter().flat_map(|group| &group.sources).map(|source| source.id.clone());
        ids.enumerate().map(|(row, id)| (id, shapes.mfd(row).collect::<Vec<_>>())).collect::<Vec<_>>()
    };
    let without = totals("amatrice,0,0\n");
    for ((id, before), (_, after)) in without.iter().zip(totals(&deltas())) {
        let (_, count) = COUNTS.into_iter().find(|(known, _)| known == id).unwrap();
        let added: f64 = (0..count).map(|rupture| 1e-4 * (7 * rupture % 11) as f64).sum();
        let sum = |bins: &[(f64, f64)]| bins.iter().map(|bin| bin.1).sum::<f64>();
        assert!((sum(&after) - sum(before) - added).abs() < 1e-12, "{id}");
    }
    // the last four ruptures of the point are those of its second magnitude
    let after = totals("amatrice,5,0.25\n");
    let of = |all: &[(String, Vec<(f64, f64)>)]| all.iter().find(|(id, _)| id == "amatrice").unwrap().1.clone();
    let (before, after) = (of(&without), of(&after));
    assert_eq!((after[0], after[1].1 - before[1].1), (before[0], 0.25));
}

#[test]
fn kept_rates_are_those_of_the_rates_that_are_added() {
    let digest = |deltas: &str| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), deltas, "");
        Digests::of(&read(folder.path()).unwrap(), "a program").sources(0).to_string()
    };
    let all = ["zone,0,0.1\n", "zone,1,0.1\n", "zone,0,0.2\n", "amatrice,0,0.1\n"].map(digest);
    assert!(all.iter().enumerate().all(|(i, digest)| !all[..i].contains(digest)));
}

#[test]
fn rates_that_cannot_be_added_are_named() {
    let cases = [
        ("norcia,0,0.1\n", "", "deltas.csv, line 2: the source \"norcia\" is not there"),
        (
            "zone,0,0.1\ngorzano,2,0.1\n",
            "",
            "deltas.csv, line 3: the source \"gorzano\" has no rupture 2; it has 2, numbered from 0",
        ),
        ("zone,0,0.1\n", "ps_grid_spacing = 20", "delta_rates_file: sources on a grid"),
    ];
    for (deltas, params, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), deltas, params);
        let error = read(folder.path()).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}\n  lacks {expected}");
    }
}
