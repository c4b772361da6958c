//! What pictures show of the sources of a model: every typology has an outline, and the magnitude-frequency distribution of its ruptures.

#![allow(clippy::disallowed_methods, reason = "expected values, compared within a tolerance")]

use std::collections::BTreeSet;
use std::path::Path;

use oqfs_hazard::calc::{Model, SourceShapes};
use oqfs_hazard::source::listed::ListedKind;
use oqfs_hazard::source::outline::{MOST_VERTICES, PartKind};
use oqfs_hazard::source::point::{PointRuptures, Spread};
use oqfs_hazard::source::{Source, Typology, characteristic, complex_fault, kite_fault, simple_fault};

mod common;
#[path = "common/typologies.rs"]
mod typologies;
use common::{NRML, read, write_job, write_model};
use typologies::all_sources;

/// The investigation time of the jobs, years.
const TIME: f64 = 50.0;

const PARAMS: &str = "sites = 13.4 42.35\nreference_vs30_value = 600\n\
    intensity_measure_types_and_levels = {'PGA': [0.1, 0.3]}";

const SIZE: &str = "<magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>";
const DEPTHS: &str = "<upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>";
const SPREAD: &str = "<nodalPlaneDist><nodalPlane probability='1' strike='155' dip='50' rake='-90'/></nodalPlaneDist>\
    <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist>";

/// Typologies that are not among all sources because ground-motion models cannot tell them apart.
fn others() -> String {
    let multi_point = format!(
        "<multiPointSource id='points' name='points'><multiPointGeometry><gml:posList>13.1 42.1 13.2 42.1</gml:posList>{DEPTHS}\
         </multiPointGeometry>{SIZE}<multiMFD kind='arbitraryMFD' size='2'><occurRates>0.01 0.001 0.02 0.002</occurRates>\
         <magnitudes>5.5 6.0 5.5 6.0</magnitudes><lengths>2 2</lengths></multiMFD>{SPREAD}</multiPointSource>"
    );
    let kite = format!(
        "<kiteFaultSource id='trace' name='trace'><simpleFaultGeometry><gml:LineString><gml:posList>13.2 42.45 13.6 42.2\
         </gml:posList></gml:LineString><dip>50</dip>{DEPTHS}</simpleFaultGeometry>{SIZE}\
         <arbitraryMFD><occurRates>0.002 0.001</occurRates><magnitudes>6.2 6.6</magnitudes></arbitraryMFD><rake>-90</rake></kiteFaultSource>"
    );
    multi_point + &kite
}

/// Two sections, the second one far from the site, and ruptures of each and of both.
fn sections() -> (String, &'static str) {
    let profile = |lon: f64, lat: f64| {
        let places = format!("{lon} {lat} 0 {lon} {:.2} 12", lat - 0.1);
        format!("<profile><gml:LineString><gml:posList>{places}</gml:posList></gml:LineString></profile>")
    };
    let section = |id: &str, lat: f64| {
        let profiles = profile(13.3, lat) + &profile(13.6, lat);
        format!("<section id='{id}'><kiteSurface>{profiles}</kiteSurface></section>")
    };
    let sections = section("0", 42.2) + &section("1", 46.5);
    let source = "<multiFaultSource id='system' name='system'>\
        <multiPlanesRupture probs_occur='0.9 0.08 0.02'><magnitude>6.5</magnitude><sectionIndexes indexes='0'/><rake>0</rake></multiPlanesRupture>\
        <multiPlanesRupture probs_occur='0.8 0.2 0.0'><magnitude>6.5</magnitude><sectionIndexes indexes='1'/><rake>0</rake></multiPlanesRupture>\
        <multiPlanesRupture probs_occur='0.99 0.01 0.0'><magnitude>7.1</magnitude><sectionIndexes indexes='0,1'/><rake>0</rake></multiPlanesRupture>\
        </multiFaultSource>";
    (format!("{NRML}<geometryModel name='s' investigation_time='50'>{sections}</geometryModel></nrml>"), source)
}

fn model(folder: &Path, sources: &str, params: &str) -> Model {
    let (geometry, source) = sections();
    std::fs::write(folder.join("sections.xml"), geometry).unwrap();
    write_model(folder, &(sources.to_string() + source), "sources.xml sections.xml");
    write_job(folder, &format!("{PARAMS}\n{params}"));
    read(folder).unwrap_or_else(|e| panic!("{e}"))
}

/// The annual rate of all ruptures of a source, rupture by rupture.
fn total_rate(source: &Source) -> f64 {
    let points = |n: usize, spread: &Spread| {
        let made = PointRuptures::new(source, spread, &source.mfd.shared(n));
        let mut out = Vec::new();
        for bin in made.magnitudes() {
            let mut of_bin = Vec::new();
            made.add_at(bin, (13.0, 42.0), &mut of_bin);
            out.extend(of_bin);
        }
        n as f64 * out.iter().map(|rupture| rupture.rate).sum::<f64>()
    };
    let floating = |made: oqfs_hazard::source::fault::FaultRuptures| {
        let patches = made.floating.iter().flat_map(|f| f.patches.iter().map(move |patch| (f.rate, *patch)));
        patches
            .flat_map(|(rate, patch)| made.hypocentres_of(patch).into_iter().map(move |(_, share)| rate * share))
            .sum()
    };
    match &source.typology {
        Typology::Point(point) => points(1, &point.spread),
        Typology::Area(area) => points(area.locations().unwrap().len(), &area.spread),
        Typology::SimpleFault(fault) => floating(simple_fault::ruptures(source, fault).unwrap()),
        Typology::ComplexFault(fault) => floating(complex_fault::ruptures(source, fault).unwrap()),
        Typology::KiteFault(fault) => floating(kite_fault::ruptures(source, fault).unwrap()),
        Typology::Characteristic(fault) => {
            let made = characteristic::ruptures(source, fault).unwrap();
            made.ruptures.iter().map(|rupture| rupture.occurrence.annual_rate(TIME)).sum()
        }
        Typology::Listed(list) => {
            let infers = list.kind == ListedKind::MultiFault { infers_rates: true };
            let mean = |p: &[f64]| (1..p.len()).map(|k| k as f64 * p[k]).sum::<f64>() / TIME;
            let rate = |p: &[f64]| if infers { -p[0].ln() } else { mean(p) };
            list.ruptures.iter().map(|rupture| rate(&rupture.probabilities)).sum()
        }
    }
}

/// The kinds that the outline of a source is made of.
fn kinds(source: &Source) -> &'static [PartKind] {
    match source.typology.code() {
        'P' => &[PartKind::Point],
        'A' => &[PartKind::Polygon],
        _ if source.id == "cloud" => &[PartKind::Points],
        // both of its planes are vertical, and so is the plane of the rupture that is listed
        _ if ["vertical", "plane", "planes", "listed"].contains(&source.id.as_str()) => &[PartKind::Line],
        _ => &[PartKind::Line, PartKind::Polygon],
    }
}

#[test]
fn every_typology_has_an_outline_and_the_rates_of_its_ruptures() {
    let folder = tempfile::tempdir().unwrap();
    let [(_, edges), (_, cloud)] = all_sources();
    let mut codes = BTreeSet::new();
    for (sources, params) in [(edges + &others(), ""), (cloud, "infer_occur_rates = true")] {
        let model = model(folder.path(), &sources, &format!("gsim = BooreAtkinson2008\n{params}"));
        let shapes = SourceShapes::of(&model);
        let all: Vec<&Source> = model.groups.iter().flat_map(|group| &group.sources).collect();
        assert_eq!(shapes.len(), all.len());
        for (row, source) in all.into_iter().enumerate() {
            codes.insert(source.typology.code());
            assert_eq!(shapes.sources.trt[row], source.trt);
            let found: Vec<PartKind> = shapes.outline(row).map(|part| part.kind).collect();
            assert!(
                !found.is_empty() && found.chunks(kinds(source).len()).all(|part| part == kinds(source)),
                "{found:?}"
            );
            let mut vertices = 0;
            for part in shapes.outline(row) {
                vertices += part.lon.len();
                let places = || part.lon.iter().zip(part.lat);
                assert!(places().all(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0), "{}: {part:?}", source.id);
                assert!(
                    places().all(|(lon, lat)| (12.5..14.0).contains(lon) && (41.5..47.0).contains(lat)),
                    "{}",
                    source.id
                );
            }
            assert!((1..=MOST_VERTICES).contains(&vertices), "{}", source.id);
            let bins: Vec<(f64, f64)> = shapes.mfd(row).collect();
            assert!(
                bins.is_sorted_by(|a, b| a.0 < b.0)
                    && bins.iter().all(|(mag, rate)| *mag > 0.0 && *rate > 0.0 && rate.is_finite())
            );
            let (found, expected) = (bins.iter().map(|bin| bin.1).sum::<f64>(), total_rate(source));
            assert!((found / expected - 1.0).abs() < 1e-9, "{}: {found}, not {expected}", source.id);
        }
    }
    assert_eq!(codes.into_iter().collect::<String>(), "ACFKNPSX");
}

#[test]
fn ruptures_of_a_far_section_count_for_the_distribution() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(folder.path(), "", "gsim = BooreAtkinson2008");
    assert_eq!(model.groups[0].ruptures(), 2);
    let shapes = SourceShapes::of(&model);
    let found: Vec<(f64, f64)> = shapes.mfd(0).collect();
    // one or two occurrences in 50 years, by their probabilities
    let expected = [(6.5, (0.08 + 2.0 * 0.02 + 0.2) / TIME), (7.1, 0.01 / TIME)];
    assert!(found.iter().zip(expected).all(|(a, b)| a.0 == b.0 && (a.1 / b.1 - 1.0).abs() < 1e-12), "{found:?}");
    assert_eq!((found.len(), shapes.outline(0).count()), (2, 4));
}

#[test]
fn ruptures_that_exclude_each_other_count_by_their_shares() {
    let folder = tempfile::tempdir().unwrap();
    let rupture = |mag: f64| {
        format!(
            "<singlePlaneRupture probs_occur='0.9 0.1'><magnitude>{mag}</magnitude><rake>0</rake><hypocenter lon='13.4' \
             lat='42.3' depth='6'/><planarSurface><topLeft lon='13.4' lat='42.2' depth='1'/><topRight lon='13.4' lat='42.5' depth='1'/>\
             <bottomLeft lon='13.5' lat='42.2' depth='12'/><bottomRight lon='13.5' lat='42.5' depth='12'/></planarSurface></singlePlaneRupture>"
        )
    };
    let (first, second) = (rupture(6.2), rupture(6.6));
    let source = |weights: &str| {
        format!("<nonParametricSeismicSource id='n' name='n' {weights}>{first}{second}</nonParametricSeismicSource>")
    };
    for (interdependence, expected) in [("mutex", [0.3, 0.7]), ("indep", [1.0, 1.0])] {
        let mut model_file = source("rup_weights='0.3 0.7'");
        write_model(folder.path(), &model_file, "sources.xml");
        model_file = std::fs::read_to_string(folder.path().join("sources.xml")).unwrap();
        let group = format!("<sourceGroup rup_interdep='{interdependence}' ");
        std::fs::write(folder.path().join("sources.xml"), model_file.replace("<sourceGroup ", &group)).unwrap();
        write_job(folder.path(), &format!("{PARAMS}\ngsim = BooreAtkinson2008"));
        let shapes = SourceShapes::of(&read(folder.path()).unwrap());
        let found: Vec<f64> = shapes.mfd(0).map(|(_, rate)| rate * TIME / 0.1).collect();
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}, not {expected:?}");
    }
}

/// Point sources on one parallel, each with a distribution, and areas that differ in theirs alone.
fn grid(mfds: &[String]) -> String {
    let point = |(i, mfd): (usize, &String)| {
        let place = format!("{:.2} 42", 13.0 + 0.01 * i as f64);
        format!(
            "<pointSource id='p{i:03}' name='p'><pointGeometry><gml:Point><gml:pos>{place}</gml:pos></gml:Point>{DEPTHS}</pointGeometry>\
             {SIZE}{mfd}{SPREAD}</pointSource>"
        )
    };
    let area = |(i, mfd): (usize, &String)| {
        format!(
            "<areaSource id='a{i:03}' name='a'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing>\
             <gml:posList>13.0 42.3 13.5 42.3 13.5 42.6 13.0 42.6</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>{DEPTHS}\
             </areaGeometry>{SIZE}{mfd}{SPREAD}</areaSource>"
        )
    };
    mfds.iter().enumerate().map(point).chain(mfds.iter().enumerate().take(3).map(area)).collect()
}

#[test]
fn sources_that_are_alike_share_rows_and_keep_their_own_rates() {
    let truncated = |a: f64| format!("<truncGutenbergRichterMFD aValue='{a}' bValue='0.95' minMag='5' maxMag='7'/>");
    let printed = |a: f64| {
        let rates = (0..8).map(|i| format!("{:.7e} ", 10f64.powf(a - 0.95 * (5.0 + 0.25 * f64::from(i)))));
        format!(
            "<incrementalMFD minMag='5' binWidth='0.25'><occurRates>{}</occurRates></incrementalMFD>",
            rates.collect::<String>()
        )
    };
    let other = |k: f64| {
        format!(
            "<arbitraryMFD><occurRates>0.01 {}</occurRates><magnitudes>5.2 6.1</magnitudes></arbitraryMFD>",
            1e-3 * k
        )
    };
    let values = || (0..40).map(|i| 2.0 + 0.0371 * f64::from(i));
    for (mfds, bins) in [
        (values().map(truncated).collect::<Vec<_>>(), 2),
        (values().map(printed).collect(), 8),
        (values().map(other).collect(), 80),
        (values().map(|a| if a < 2.5 { other(a) } else { truncated(a) }).collect(), 30),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let model = model(folder.path(), &grid(&mfds), "gsim = BooreAtkinson2008");
        let shapes = SourceShapes::of(&model);
        // those of the system of faults are two more
        assert_eq!(shapes.mag.len(), bins + 2);
        let sources: Vec<&Source> = model.groups.iter().flat_map(|group| &group.sources).collect();
        for (row, source) in sources.iter().enumerate().filter(|(_, source)| source.id != "system") {
            let (found, expected) = (shapes.mfd(row).collect::<Vec<_>>(), source.mfd.rates());
            let is_near = |(a, b): (&(f64, f64), &(f64, f64))| a.0 == b.0 && (a.1 / b.1 - 1.0).abs() <= 1e-6;
            assert!(
                found.len() == expected.len() && found.iter().zip(&expected).all(is_near),
                "{found:?} {expected:?}"
            );
        }
        // forty points, three areas that are the same, two lines and two borders
        assert_eq!(shapes.parts.kind.len(), 40 + 1 + 4);
        let starts: BTreeSet<u32> = (0..3).map(|row| shapes.sources.first_part[row]).collect();
        assert_eq!((sources[0].id.as_str(), starts.len()), ("a000", 1));
    }
}
