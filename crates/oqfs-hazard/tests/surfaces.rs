//! What follows from the shape of a surface: azimuths, hypocentres and Joyner-Boore distances, held against the engine's curves.
//!
//! The values are those of engine 3.26.2 on these very jobs, which it keeps in single precision; hazard is compared to 1e-5 of itself.

mod common;
use common::{NRML, curves, write_job, write_model};

const GROUND: &str = "reference_vs30_value = 760\nreference_vs30_type = measured\n\
    reference_depth_to_1pt0km_per_sec = 40\nreference_depth_to_2pt5km_per_sec = 1\n\
    intensity_measure_types_and_levels = {'PGA': [0.02, 0.05, 0.1, 0.2]}\n";

/// Run a job and hold its curves, a row a site, against others.
fn agrees(sources: &str, sections: &str, params: &str, expected: &[[f64; 4]]) {
    let folder = tempfile::tempdir().unwrap();
    let files = if sections.is_empty() { "sources.xml" } else { "sources.xml sections.xml" };
    write_model(folder.path(), sources, files);
    std::fs::write(folder.path().join("sections.xml"), sections).unwrap();
    write_job(folder.path(), &format!("{params}\n{GROUND}"));
    let found = &curves(folder.path())[0].poes[0].1;
    for (found, expected) in found.rows().into_iter().zip(expected) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
        }
    }
    assert_eq!(found.nrows(), expected.len());
}

/// A listed hypocentre is at one end of the fault; azimuths are taken from the middle of each rupture.
#[test]
fn azimuths_are_taken_from_the_middle_of_a_surface() {
    let source = "<simpleFaultSource id='longmen' name='f'><simpleFaultGeometry>\
        <gml:LineString><gml:posList>103.9 30.9 104.3 31.3</gml:posList></gml:LineString><dip>50</dip>\
        <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>18</lowerSeismoDepth></simpleFaultGeometry>\
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
        <arbitraryMFD><occurRates>0.002</occurRates><magnitudes>7.0</magnitudes></arbitraryMFD><rake>90</rake>\
        <hypoList><hypo alongStrike='0.1' downDip='0.7' weight='1'/></hypoList>\
        <slipList><slip weight='1'>90</slip></slipList></simpleFaultSource>";
    let expected = [
        [0.0944874957203865, 0.07269144058227539, 0.027342963963747025, 0.002972796792164445],
        [0.09516152739524841, 0.08760299533605576, 0.05258938670158386, 0.011823850683867931],
    ];
    agrees(source, "", "gsim = YuEtAl2013Ms\nsites = 103.6 31.2, 104.4 30.7", &expected);
}

/// The middle of a kite is one of its points: the one nearest to their mean. 3.23.5 takes the mean of the middle ones, which gives up to
/// 1 % less here.
#[test]
fn the_middle_of_a_kite_is_the_point_nearest_to_the_mean() {
    let profile = |(lon, lat): (f64, f64)| {
        let positions = format!("{lon} {lat} 20 {:.2} {:.2} 39", lon - 0.15, lat - 0.15);
        format!("<profile><gml:LineString><gml:posList>{positions}</gml:posList></gml:LineString></profile>")
    };
    let section = |id: &str, ends: [(f64, f64); 2]| {
        format!("<section id='{id}'><kiteSurface>{}</kiteSurface></section>", ends.map(profile).concat())
    };
    let sections = section("0", [(13.3, 42.4), (13.5, 42.2)]) + &section("1", [(13.52, 42.18), (13.9, 41.9)]);
    let sections = format!("{NRML}<geometryModel name='s' investigation_time='50'>{sections}</geometryModel></nrml>");
    let source = "<multiFaultSource id='m' name='m'><multiPlanesRupture probs_occur='0.99 0.01'>\
        <magnitude>7.1</magnitude><sectionIndexes indexes='0,1'/><rake>-90</rake></multiPlanesRupture></multiFaultSource>";
    let expected = [
        [0.009999999776482582, 0.009999999776482582, 0.009981753304600716, 0.009581856429576874],
        [0.009999999776482582, 0.00998340081423521, 0.009597665630280972, 0.007650921121239662],
    ];
    agrees(source, &sections, "gsim = ZhaoEtAl2006SSlab\nsites = 13.3 42.2, 14.2 42.1", &expected);
}

/// Sites above a cloud of points are at no Joyner-Boore distance, and its notch is no part of it.
#[test]
fn a_cloud_of_points_has_an_outline() {
    let grid = [-71.8, -71.6, -71.4, -71.2].map(|lon| [-33.3, -33.1, -32.9, -32.7, -32.5].map(|lat: f64| (lon, lat)));
    let points = grid.as_flattened().iter().filter(|&&(lon, lat)| lon < -71.5 || lat < -32.8);
    let points = points.map(|(lon, lat)| format!("{lon} {lat} {:.1}", 20.0 + (lon + 71.8) * 30.0));
    let source = format!(
        "<characteristicFaultSource id='valparaiso' name='c'>\
        <arbitraryMFD><occurRates>0.002</occurRates><magnitudes>7.5</magnitudes></arbitraryMFD><rake>90</rake>\
        <surface><griddedSurface><gml:posList>{}</gml:posList></griddedSurface></surface></characteristicFaultSource>",
        points.collect::<Vec<_>>().join(" ")
    );
    let expected = [
        [0.09516258537769318, 0.0946916937828064, 0.08569468557834625, 0.04967160522937775],
        [0.09516258537769318, 0.09516258537769318, 0.09516258537769318, 0.09189096093177795],
        [0.09509005397558212, 0.08532368391752243, 0.04883786663413048, 0.010822474025189877],
    ];
    // the sites in the engine's order, by longitude: west of it, above it, beyond the notch
    let sites = "sites = -71.5 -33.0, -71.05 -32.4, -72.0 -33.0";
    agrees(&source, "", &format!("gsim = BooreAtkinson2008\n{sites}"), &expected);
}
