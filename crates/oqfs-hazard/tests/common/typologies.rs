//! Sources of every typology near L'Aquila, as NRML.

const COMMON: &str = "<magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
    <incrementalMFD minMag='5.0' binWidth='1.2'><occurRates>0.01 0.002 0.0004</occurRates></incrementalMFD>";

/// Six vertical planes, whose mean dip is above 90 degrees by its last digit.
fn planes() -> String {
    let plane = |k: usize, p: &str| {
        format!("<nodalPlane probability='{p}' strike='{}' dip='90' rake='{}'/>", 60 * k, [0, 90, -90][k % 3])
    };
    (0..6).map(|k| plane(k, if k < 5 { "0.16666666666666666" } else { "0.1666666666666667" })).collect()
}

fn spread() -> String {
    format!(
        "<nodalPlaneDist>{}</nodalPlaneDist><hypoDepthDist><hypoDepth probability='0.5' depth='3'/>\
         <hypoDepth probability='0.5' depth='28'/></hypoDepthDist>",
        planes()
    )
}

const DEPTHS: &str = "<upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>30</lowerSeismoDepth>";

fn simple(dip: f64) -> String {
    format!(
        "<simpleFaultGeometry><gml:LineString><gml:posList>13.2 42.45 13.6 42.2</gml:posList></gml:LineString>\
         <dip>{dip}</dip><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></simpleFaultGeometry>"
    )
}

fn complex() -> String {
    let edge = |tag: &str, points: &str| {
        format!("<{tag}><gml:LineString><gml:posList>{points}</gml:posList></gml:LineString></{tag}>")
    };
    let edges = edge("faultTopEdge", "13.0 42.6 5 13.7 42.1 5") + &edge("faultBottomEdge", "12.7 42.4 30 13.4 41.9 30");
    format!("<complexFaultGeometry>{edges}</complexFaultGeometry>")
}

fn kite() -> String {
    let profile = |points: &str| {
        format!("<profile><gml:LineString><gml:posList>{points}</gml:posList></gml:LineString></profile>")
    };
    let profiles = profile("13.2 42.45 0 13.25 42.5 14") + &profile("13.6 42.2 0 13.65 42.25 14");
    format!("<kiteSurface>{profiles}</kiteSurface>")
}

fn planar(lon: f64, depth: f64) -> String {
    let corner =
        |tag: &str, lon: f64, lat: f64, depth: f64| format!("<{tag} lon='{lon:.4}' lat='{lat:.4}' depth='{depth}'/>");
    let (top, bottom) = (depth, depth + 12.0);
    format!(
        "<planarSurface>{}{}{}{}</planarSurface>",
        corner("topLeft", lon, 42.2, top),
        corner("topRight", lon, 42.5, top),
        corner("bottomLeft", lon, 42.2, bottom),
        corner("bottomRight", lon, 42.5, bottom)
    )
}

fn gridded() -> String {
    let points =
        (0..16).map(|k| format!("{} {} {} ", 13.2 + 0.05 * (k % 4) as f64, 42.2 + 0.05 * (k / 4) as f64, 4 + k / 4));
    format!("<griddedSurface><gml:posList>{}</gml:posList></griddedSurface>", points.collect::<String>())
}

fn characteristic(id: &str, surface: &str) -> String {
    let mfd = "<incrementalMFD minMag='7.9' binWidth='0.7'><occurRates>0.001 0.0002</occurRates></incrementalMFD>";
    format!(
        "<characteristicFaultSource id='{id}' name='{id}'>{mfd}<rake>90</rake><surface>{surface}</surface></characteristicFaultSource>"
    )
}

/// Sources: of every typology with edges, and of a cloud of points, which has none.
pub fn all_sources() -> [(&'static str, String); 2] {
    let fault = |tag: &str, id: &str, geometry: &str| {
        format!("<{tag} id='{id}' name='{id}'>{geometry}{COMMON}<rake>-90</rake></{tag}>")
    };
    let sources = [
        format!(
            "<pointSource id='near' name='near'><pointGeometry><gml:Point><gml:pos>13.4 42.35</gml:pos></gml:Point>{DEPTHS}\
             </pointGeometry>{COMMON}{}</pointSource>",
            spread()
        ),
        format!(
            "<areaSource id='area' name='area'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>\
             13.2 42.2 13.6 42.2 13.6 42.5 13.2 42.5</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>{DEPTHS}\
             </areaGeometry>{COMMON}{}</areaSource>",
            spread()
        ),
        fault("simpleFaultSource", "dipping", &simple(40.0)),
        fault("simpleFaultSource", "vertical", &simple(90.0)),
        fault("complexFaultSource", "interface", &complex()),
        fault("kiteFaultSource", "kite", &kite())
            .replace("minMag='5.0'", "minMag='6.2'")
            .replace("binWidth='1.2'", "binWidth='0.4'"),
        characteristic("plane", &planar(13.4, 0.0)),
        characteristic("planes", &(planar(13.4, 0.0) + &planar(13.5, 3.0))),
        characteristic("mesh", &simple(60.0)),
        characteristic("kites", &kite()),
        format!(
            "<nonParametricSeismicSource id='listed' name='listed'><singlePlaneRupture probs_occur='0.99 0.01'>\
             <magnitude>6.4</magnitude><rake>0</rake><hypocenter lon='13.4' lat='42.3' depth='6'/>{}</singlePlaneRupture>\
             </nonParametricSeismicSource>",
            planar(13.4, 1.0)
        ),
    ];
    [("edges", sources.concat()), ("cloud", characteristic("cloud", &gridded()))]
}
