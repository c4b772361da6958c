//! What all calculations have in common: who does the work changes nothing, and what is counted is what is computed.

use oqfs_hazard::calc::{Curves, Executor, Layout, OneByOne, Output, Summary, Threads, classical, preclassical};

mod common;
use common::{read, write_job, write_model};

/// Keeps all curves.
#[derive(Default)]
struct Kept(Vec<f32>);

impl Output for Kept {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.extend(&curves.curves_rlzs);
        Ok(())
    }
}

/// A source of each way to place ruptures around L'Aquila: points, floating, whole surfaces.
const SOURCES: &str = "<areaSource id='zone' name='z'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>\
    12.9 42.0 13.9 42.0 13.9 42.8 12.9 42.8</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>\
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
    <rake>-90</rake></simpleFaultSource>\
    <characteristicFaultSource id='whole' name='c'>\
    <arbitraryMFD><occurRates>0.001</occurRates><magnitudes>6.6</magnitudes></arbitraryMFD><rake>-90</rake>\
    <surface><simpleFaultGeometry><gml:LineString><gml:posList>13.2 42.1 13.5 41.9</gml:posList></gml:LineString>\
    <dip>55</dip><upperSeismoDepth>1</upperSeismoDepth><lowerSeismoDepth>13</lowerSeismoDepth></simpleFaultGeometry>\
    </surface></characteristicFaultSource>";

const PARAMS: &str = "gsim = BooreAtkinson2008\nreference_vs30_value = 500\nreference_vs30_type = measured\n\
    reference_depth_to_1pt0km_per_sec = 40\nreference_depth_to_2pt5km_per_sec = 1\n\
    region = 12.8 41.9, 14.0 41.9, 14.0 42.9, 12.8 42.9\nregion_grid_spacing = 12\n\
    intensity_measure_types_and_levels = {'PGA': [0.02, 0.05, 0.1, 0.2]}";

#[test]
fn who_does_the_work_changes_no_byte_and_what_is_counted_is_computed() {
    for params in [PARAMS.to_string(), format!("{PARAMS}\nps_grid_spacing = 25\npointsource_distance = 30")] {
        let folder = tempfile::tempdir().unwrap();
        write_model(folder.path(), SOURCES, "sources.xml");
        write_job(folder.path(), &params);
        let model = read(folder.path()).unwrap();
        let run = |executor: &dyn Executor| {
            let mut kept = Kept::default();
            let summary: Summary = classical(&model, &mut kept, executor, &(), &()).unwrap();
            (kept.0.iter().map(|x| x.to_bits()).collect::<Vec<u32>>(), summary)
        };
        let (curves, summary) = run(&Threads);
        assert!(curves.len() > 300 && model.sites.len() > 80);
        assert!(run(&OneByOne) == (curves, summary.clone()));
        assert_eq!(preclassical(&model, &Threads, &()).unwrap(), summary.contexts);
        assert!(summary.contexts.iter().flatten().all(|&n| n > 0), "{:?}", summary.contexts);
    }
}
