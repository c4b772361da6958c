//! Where the engine is at fault and this program is not: the jobs that docs/DIFFERENCES.md names.

#![allow(clippy::disallowed_methods, reason = "expected values, compared within a tolerance")]

use std::path::Path;

use oqfs_hazard::calc::{Exceedance, GroupCurves};
use oqfs_hazard::geo::Point;
use oqfs_hazard::geo::geodetic::distance;
use oqfs_hazard::geo::mesh::Regularity;
use oqfs_hazard::geo::profiles;
use oqfs_hazard::geo::surface::Surface;
use oqfs_hazard::gsim::{self, Contexts, GroundMotion, Imt, Param};

mod common;
use common::{NRML, curves, read, write_job, write_model};

const GROUND: &str = "reference_vs30_value = 760\nreference_vs30_type = measured\n\
    reference_depth_to_1pt0km_per_sec = 40\nreference_depth_to_2pt5km_per_sec = 1\n";

/// The curve of the first intensity measure at a site.
fn curve(curves: &[GroupCurves], site: usize) -> Vec<f64> {
    curves[0].poes[0].1.row(site).to_vec()
}

/// What the log says of differences that a job meets.
fn said(folder: &Path) -> Vec<String> {
    let model = read(folder).unwrap_or_else(|e| panic!("{e}"));
    model.warnings.into_iter().filter(|line| line.contains("docs/DIFFERENCES.md")).collect()
}

/// The log has one line, with this in it.
fn says(folder: &Path, what: &str) {
    let said = said(folder);
    assert!(said.len() == 1 && said[0].contains(what), "{said:?}");
}

/// A section of a fault in the central Apennines, dipping to the south-west: profiles from the top down.
fn section() -> [[Point; 2]; 2] {
    let profile = |lon: f64, lat: f64| [Point::new(lon, lat, 1.0), Point::new(lon - 0.08, lat - 0.08, 13.0)];
    [profile(13.3, 42.4), profile(13.5, 42.2)]
}

/// Both releases leave the distances to the hypocentre of multi-fault ruptures at 0: every site is shaken as the epicentre.
#[test]
fn a_multi_fault_rupture_is_as_far_as_its_hypocentre() {
    let folder = tempfile::tempdir().unwrap();
    let rupture = "<multiPlanesRupture probs_occur='0.99 0.01'><magnitude>6.5</magnitude>\
        <sectionIndexes indexes='0'/><rake>-90</rake></multiPlanesRupture>";
    let source = format!("<multiFaultSource id='m' name='m'>{rupture}</multiFaultSource>");
    write_model(folder.path(), &source, "sources.xml sections.xml");
    let text = |p: &Point| format!("{} {} {}", p.lon, p.lat, p.depth);
    let profile = |[top, bottom]: [Point; 2]| {
        let positions = format!("{} {}", text(&top), text(&bottom));
        format!("<profile><gml:LineString><gml:posList>{positions}</gml:posList></gml:LineString></profile>")
    };
    let surface = format!("<section id='0'><kiteSurface>{}</kiteSurface></section>", section().map(profile).concat());
    let sections = format!("{NRML}<geometryModel name='s' investigation_time='50'>{surface}</geometryModel></nrml>");
    std::fs::write(folder.path().join("sections.xml"), sections).unwrap();
    let sites = [(13.3, 42.2), (14.5, 42.0)];
    let places = sites.map(|(lon, lat)| format!("{lon} {lat}")).join(", ");
    let levels = "intensity_measure_types_and_levels = {'PGA': [0.02, 0.05, 0.1]}";
    write_job(folder.path(), &format!("gsim = AkkarEtAlRepi2014\nsites = {places}\n{GROUND}{levels}"));
    let found = curves(folder.path());
    says(folder.path(), "the epicentre of multi-fault ruptures");

    let mesh = profiles::mesh(&section().map(|p| p.to_vec()), 4.0, 4.0).unwrap();
    let hypocentre = Surface::mesh(mesh, Regularity::Kite).unwrap().middle;
    let (model, exceedance) = (gsim::by_name("AkkarEtAlRepi2014").unwrap(), Exceedance::new(3.0));
    for (site, (lon, lat)) in sites.into_iter().enumerate() {
        let mut contexts = Contexts::default();
        contexts.reset(1);
        for &param in model.params() {
            contexts.column_mut(param).push(match param {
                Param::Mag => 6.5,
                Param::Rake => -90.0,
                Param::Vs30 => 760.0,
                Param::Repi => distance(hypocentre.lon, hypocentre.lat, lon, lat),
                other => panic!("{other:?}"),
            });
        }
        let mut motion = GroundMotion::default();
        model.compute(&contexts, &[Imt::PGA], &mut motion);
        for (found, level) in curve(&found, site).into_iter().zip([0.02f64, 0.05, 0.1]) {
            let expected = 0.01 * exceedance.of((level.ln() - motion.mean[0]) / motion.sig[0]);
            // the middle of the surface is that of the mesh in single precision
            assert!((found / expected - 1.0).abs() < 1e-4, "site {site}, {level}: {found}, expected {expected}");
        }
    }
}

/// Engine 3.23.5 cuts levels of macroseismic intensity to whole numbers.
#[test]
fn levels_of_intensity_are_no_whole_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let source = "<pointSource id='p' name='p'><pointGeometry><gml:Point><gml:pos>13.4 42.3</gml:pos></gml:Point>\
        <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></pointGeometry>\
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
        <arbitraryMFD><occurRates>0.01</occurRates><magnitudes>6</magnitudes></arbitraryMFD>\
        <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/></nodalPlaneDist>\
        <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist></pointSource>";
    write_model(folder.path(), source, "sources.xml");
    let levels = "intensity_measure_types_and_levels = {'MMI': [5.0, 5.4, 5.9, 6.0]}";
    write_job(folder.path(), &format!("gsim = AllenEtAl2012\nsites = 13.7 42.3\n{GROUND}{levels}"));
    let found = curve(&curves(folder.path()), 0);
    assert!(found.windows(2).all(|pair| pair[0] > 1.05 * pair[1] && pair[1] > 0.0), "{found:?}");
}

/// Engine 3.23.5 drops areas and multi-point sources with a tapered distribution near `maximum_distance`.
#[test]
fn an_area_with_a_tapered_distribution_is_felt_up_to_the_maximum_distance() {
    let folder = tempfile::tempdir().unwrap();
    let area = |mfd: &str| {
        format!(
            "<areaSource id='a' name='a'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>\
             13.2 42.2 13.6 42.2 13.6 42.5 13.2 42.5</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>\
             <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></areaGeometry>\
             <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>{mfd}\
             <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/></nodalPlaneDist>\
             <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist></areaSource>"
        )
    };
    let tapered = "<taperedGutenbergRichterMFD minMag='5' maxMag='7' cornerMag='6.5' aValue='4' bValue='1'/>";
    write_model(folder.path(), &area(tapered), "sources.xml");
    // 180 km east of the eastern border
    let levels = "intensity_measure_types_and_levels = {'PGA': [0.001, 0.01]}";
    write_job(folder.path(), &format!("gsim = SadighEtAl1997\nsites = 15.8 42.35\n{GROUND}{levels}"));
    let found = curve(&curves(folder.path()), 0);
    assert!(found.iter().all(|poe| *poe > 1e-6), "{found:?}");
    // the current release drops multi-point sources alone
    assert_eq!(said(folder.path()), [""; 0]);
    let points = "<multiPointSource id='m' name='m'><multiPointGeometry><gml:posList>13.2 42.2 13.6 42.5</gml:posList>\
        <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></multiPointGeometry>\
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
        <multiMFD kind='truncGutenbergRichterMFD' size='2'><min_mag>5</min_mag><max_mag>6.5</max_mag>\
        <a_val>3</a_val><b_val>1</b_val></multiMFD>\
        <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/></nodalPlaneDist>\
        <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist></multiPointSource>";
    write_model(folder.path(), points, "sources.xml");
    says(folder.path(), "multi-point sources");
}

/// A point, an area, a fault and a surface around a meridian.
fn around(meridian: f64) -> String {
    let at = |east: f64| {
        let lon = meridian + east;
        format!("{:.5}", if lon > 180.0 { lon - 360.0 } else { lon })
    };
    let (a, b, c, d) = (at(0.05), at(0.25), at(0.45), at(0.11));
    let spread = "<upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>";
    let planes = "<magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
        <arbitraryMFD><occurRates>0.002</occurRates><magnitudes>6.1</magnitudes></arbitraryMFD>\
        <nodalPlaneDist><nodalPlane probability='1' strike='30' dip='60' rake='90'/></nodalPlaneDist>\
        <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist>";
    let rates =
        "<arbitraryMFD><occurRates>0.001</occurRates><magnitudes>6.8</magnitudes></arbitraryMFD><rake>90</rake>";
    let line = |positions: String| format!("<gml:LineString><gml:posList>{positions}</gml:posList></gml:LineString>");
    let trace = line(format!("{a} -17.2 {b} -16.9"));
    let profiles = [(&a, &d, -17.5), (&b, &c, -17.1)].map(|(top, bottom, lat)| {
        format!("<profile>{}</profile>", line(format!("{top} {lat} 2 {bottom} {} 14", lat - 0.05)))
    });
    format!(
        "<pointSource id='point' name='p'><pointGeometry><gml:Point><gml:pos>{a} -17</gml:pos></gml:Point>{spread}\
        </pointGeometry>{planes}</pointSource>\
        <areaSource id='area' name='a'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>\
        {a} -17.4 {c} -17.4 {c} -16.9 {a} -16.9</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>{spread}\
        </areaGeometry>{planes}</areaSource>\
        <simpleFaultSource id='fault' name='f'><simpleFaultGeometry>{trace}<dip>50</dip>{spread}</simpleFaultGeometry>\
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>{rates}</simpleFaultSource>\
        <characteristicFaultSource id='kite' name='k'>{rates}<surface><kiteSurface>{}</kiteSurface></surface>\
        </characteristicFaultSource>",
        profiles.concat()
    )
}

/// Fiji is on both sides of the date line; the same sources and sites a quarter round the globe have the same hazard. 3.23.5 loses areas
/// and 3.26.2 loses surfaces on the other side.
#[test]
fn sources_are_felt_across_the_date_line() {
    let folder = tempfile::tempdir().unwrap();
    let curves_at = |meridian: f64| {
        write_model(folder.path(), &around(meridian), "sources.xml");
        let site = |east: f64| if meridian + east > 180.0 { meridian + east - 360.0 } else { meridian + east };
        let sites = format!("sites = {} -17.1, {} -17.3", site(-0.3), site(0.4));
        let levels = "intensity_measure_types_and_levels = {'PGA': [0.02, 0.1, 0.3]}";
        write_job(folder.path(), &format!("gsim = BooreAtkinson2008\n{sites}\n{GROUND}{levels}"));
        let found = curves(folder.path());
        let mut by_site = [curve(&found, 0), curve(&found, 1)];
        if meridian == 180.0 {
            says(folder.path(), "the date line");
        } else {
            assert_eq!(said(folder.path()), [""; 0]);
        }
        // sites stay in the order of the job
        assert!(by_site.iter().all(|curve| curve[0] > 0.1), "{by_site:?}");
        by_site.sort_by(|a, b| a[2].total_cmp(&b[2]));
        by_site
    };
    let (here, there) = (curves_at(90.0), curves_at(180.0));
    for (here, there) in here.iter().flatten().zip(there.iter().flatten()) {
        assert!((here / there - 1.0).abs() < 1e-6, "{here} {there}");
    }
}

/// In 3.26.2 the reach of a point source is that of the rupture on the last plane: with the steep one last, the site near the maximum
/// distance loses the flat one.
#[test]
fn the_order_of_nodal_planes_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plane =
        |strike: f64, dip: f64| format!("<nodalPlane probability='0.5' strike='{strike}' dip='{dip}' rake='90'/>");
    let planes = [plane(0.0, 15.0), plane(90.0, 90.0)];
    let curves_of = |planes: String| {
        let source = format!(
            "<pointSource id='p' name='p'><pointGeometry><gml:Point><gml:pos>22.3 36.4</gml:pos></gml:Point>\
            <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>20</lowerSeismoDepth></pointGeometry>\
            <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
            <arbitraryMFD><occurRates>0.002</occurRates><magnitudes>7.2</magnitudes></arbitraryMFD>\
            <nodalPlaneDist>{planes}</nodalPlaneDist>\
            <hypoDepthDist><hypoDepth probability='1' depth='10'/></hypoDepthDist></pointSource>"
        );
        write_model(folder.path(), &source, "sources.xml");
        let levels = "intensity_measure_types_and_levels = {'PGA': [0.02, 0.1, 0.3]}\nmaximum_distance = 40";
        // one site within reach of both ruptures, one within that of the flat one alone
        let sites = "sites = 22.4 36.45, 22.95 36.4";
        write_job(folder.path(), &format!("gsim = BooreAtkinson2008\n{sites}\n{GROUND}{levels}"));
        let job = std::fs::read_to_string(folder.path().join("job.ini")).unwrap();
        std::fs::write(folder.path().join("job.ini"), job.replacen("maximum_distance = 200\n", "", 1)).unwrap();
        let found = curves(folder.path());
        ([curve(&found, 0), curve(&found, 1)], said(folder.path()))
    };
    let (flat_first, said_of_steep) = curves_of(planes.concat());
    let (steep_first, _) = curves_of([&*planes[1], &*planes[0]].concat());
    assert!(said_of_steep.len() == 1 && said_of_steep[0].contains("the last nodal plane"), "{said_of_steep:?}");
    assert_eq!(curves_of([plane(90.0, 15.0), plane(0.0, 15.0)].concat()).1, [""; 0]);
    assert!(flat_first[1][0] > 0.01, "{flat_first:?}");
    for (a, b) in flat_first.iter().flatten().zip(steep_first.iter().flatten()) {
        assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
    }
}

/// Engine 3.26.2 takes the distance off the ends of a rupture as 0 where no other model asks for it.
#[test]
fn the_hanging_wall_ends_with_the_rupture() {
    let source = "<pointSource id='p' name='p'><pointGeometry><gml:Point><gml:pos>137.6 -34.8</gml:pos></gml:Point>\
        <upperSeismoDepth>1</upperSeismoDepth><lowerSeismoDepth>20</lowerSeismoDepth></pointGeometry>\
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
        <arbitraryMFD><occurRates>0.01</occurRates><magnitudes>6.8</magnitudes></arbitraryMFD>\
        <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='30' rake='90'/></nodalPlaneDist>\
        <hypoDepthDist><hypoDepth probability='1' depth='6'/></hypoDepthDist></pointSource>";
    let branch = |model: &str, weight: f64| {
        format!(
            "<logicTreeBranch branchID='{model}'><uncertaintyModel>{model}</uncertaintyModel>\
             <uncertaintyWeight>{weight}</uncertaintyWeight></logicTreeBranch>"
        )
    };
    let found = |branches: String| {
        let folder = tempfile::tempdir().unwrap();
        write_model(folder.path(), source, "sources.xml");
        let set = format!(
            "<logicTreeBranchSet branchSetID='s' uncertaintyType='gmpeModel' \
             applyToTectonicRegionType='Active Shallow Crust'>{branches}</logicTreeBranchSet>"
        );
        let tree = format!("{NRML}<logicTree logicTreeID='g'>{set}</logicTree></nrml>");
        std::fs::write(folder.path().join("models.xml"), tree).unwrap();
        // north of the rupture, on the side that it dips to
        let levels = "intensity_measure_types_and_levels = {'SA(0.1)': [0.05, 0.1, 0.2]}";
        write_job(folder.path(), &format!("gsim_logic_tree_file = models.xml\nsites = 137.7 -34.5\n{GROUND}{levels}"));
        (curve(&curves(folder.path()), 0), said(folder.path()).len())
    };
    let model = "BaylessSomerville2024NonCratonic";
    let (alone, said_alone) = found(branch(model, 1.0));
    let (without, _) = found(branch("[BaylessSomerville2024NonCratonic]\nhwflag = 0", 1.0));
    let (beside, said_beside) = found(branch(model, 0.5) + &branch("AbrahamsonEtAl2014", 0.5));
    assert_eq!((said_alone, said_beside), (1, 0));
    assert_eq!(alone, beside);
    // 20 km off its end a rupture has no hanging wall
    assert_eq!(alone, without);
}

/// The rows of which the job is that of another test: a cloud of points, paths through a volcanic front, a truth value as text.
#[test]
fn the_log_says_which_differences_a_job_meets() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = "<characteristicFaultSource id='c' name='c'><arbitraryMFD><occurRates>0.001</occurRates>\
        <magnitudes>7.5</magnitudes></arbitraryMFD><rake>90</rake><surface><griddedSurface><gml:posList>\
        139.0 37.0 10 139.2 37.0 10 139.0 37.2 12 139.2 37.2 12 139.1 37.1 11\
        </gml:posList></griddedSurface></surface></characteristicFaultSource>";
    write_model(folder.path(), cloud, "sources.xml");
    let levels = "intensity_measure_types_and_levels = {'PGA': [0.02, 0.1]}";
    let job = |model: &str, levels: &str| {
        write_job(folder.path(), &format!("gsim = {model}\nsites = 139.5 37.5, 139.9 37.5\n{GROUND}{levels}"));
    };
    job("BooreAtkinson2008", levels);
    says(folder.path(), "rjb");
    job("SadighEtAl1997", levels);
    assert_eq!(said(folder.path()), [""; 0]);
    job("BahrampouriEtAl2021SSlab", "intensity_measure_types_and_levels = {'IA': [0.02, 0.1]}");
    says(folder.path(), "volcanic front");
}

/// Motions by MegawatiEtAl2003 of a magnitude 7 at 300 km in the directions of sites.
fn towards(azimuths: &[f64]) -> Vec<f64> {
    let mut contexts = Contexts::default();
    contexts.set_len(azimuths.len());
    contexts.column_mut(Param::Mag).resize(azimuths.len(), 7.0);
    contexts.column_mut(Param::Rhypo).resize(azimuths.len(), 300.0);
    contexts.column_mut(Param::Azimuth).extend(azimuths);
    let mut motion = GroundMotion::default();
    gsim::by_name("MegawatiEtAl2003").unwrap().compute(&contexts, &[Imt::PGA], &mut motion);
    motion.mean
}

/// Both releases give all sites of a batch the greatest correction of theirs, so that a site that is alone has another motion than with others.
#[test]
fn the_direction_of_each_site_counts() {
    let together = towards(&[0.0, 20.0, 45.0, 90.0]);
    assert_eq!(together, [0.0, 20.0, 45.0, 90.0].map(|azimuth| towards(&[azimuth])[0]));
    // equation 3: |cos 2a| or a5 |sin 2a|, whichever is greater; a5 of PGA is 0.1356
    let expected = [0.0, (40f64).to_radians().cos().ln(), 0.1356f64.ln(), 0.0];
    for (found, expected) in together.iter().zip(expected) {
        assert!((found - together[0] - expected).abs() < 1e-9, "{together:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let source = "<pointSource id='p' name='p'><pointGeometry><gml:Point><gml:pos>98.7 1.5</gml:pos></gml:Point>\
        <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></pointGeometry>\
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
        <arbitraryMFD><occurRates>0.01</occurRates><magnitudes>7.0</magnitudes></arbitraryMFD>\
        <nodalPlaneDist><nodalPlane probability='1' strike='140' dip='90' rake='180'/></nodalPlaneDist>\
        <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist></pointSource>";
    write_model(folder.path(), source, "sources.xml");
    let levels = "intensity_measure_types_and_levels = {'PGA': [0.01]}";
    write_job(folder.path(), &format!("gsim = MegawatiEtAl2003\nsites = 99.7 2.3\n{GROUND}{levels}"));
    says(folder.path(), "MegawatiEtAl2003");
}
