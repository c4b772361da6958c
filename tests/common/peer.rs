//! Writes the verification cases of PEER (reports 2010/106 and 2018/03) as jobs, from the geometry and the parameters of the reports.
//!
//! Rates follow from the slip rates: moment released by all magnitudes from 0 up balances the moment of the slip, as in the reports.

use std::f64::consts::PI;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// A degree of a great circle (km).
const DEGREE: f64 = 6371.0 * PI / 180.0;
/// The shear modulus of all cases, 3e11 dyne/cm2 (Pa).
const RIGIDITY: f64 = 3e10;
/// The b-value of all faults.
const B: f64 = 0.9;
/// The width of the bins that the reference program cuts magnitudes of Sets 1 and 3 into.
pub const BIN: f64 = 0.05;

/// The seismic moment of a magnitude (Nm).
fn moment(magnitude: f64) -> f64 {
    10f64.powf(1.5 * magnitude + 9.05)
}

/// A fault whose top edge is below `trace`, dipping to the right of it.
pub struct Fault {
    pub trace: Vec<[f64; 2]>,
    pub dip: f64,
    /// Depths of the edges (km).
    pub top: f64,
    pub bottom: f64,
    pub rake: f64,
}

impl Fault {
    /// Vertical, strike-slip, from the surface to 12 km, along a meridian from north to south.
    pub fn vertical(lon: f64, north: f64, south: f64) -> Self {
        Self { trace: vec![[lon, north], [lon, south]], dip: 90.0, top: 0.0, bottom: 12.0, rake: 0.0 }
    }

    fn area(&self) -> f64 {
        let side = |from: [f64; 2], to: [f64; 2]| {
            let middle = (from[1] + to[1]).to_radians() / 2.0;
            DEGREE * ((to[0] - from[0]) * middle.cos()).hypot(to[1] - from[1])
        };
        let length: f64 = self.trace.windows(2).map(|ends| side(ends[0], ends[1])).sum();
        length * (self.bottom - self.top) / self.dip.to_radians().sin()
    }

    /// The seismic moment in a year of a slip rate in mm a year (Nm).
    fn moment_rate(&self, slip: f64) -> f64 {
        RIGIDITY * self.area() * 1e6 * slip * 1e-3
    }

    /// The positions of the trace at the surface. The engine's is where the plane of the fault would come out: up the dip from
    /// the top edge, for faults that strike south to the east.
    fn outcrop(&self) -> String {
        let shift = self.top / self.dip.to_radians().tan() / DEGREE;
        let position = |[lon, lat]: &[f64; 2]| format!("{} {lat}", lon + shift / lat.to_radians().cos());
        self.trace.iter().map(position).collect::<Vec<_>>().join(" ")
    }

    /// The source model with this fault alone. Ruptures have the area and the length of log10 A = M - 4 and log10 L = M / 2 - 1.85.
    pub fn source_model(&self, mfd: &str) -> String {
        source_model(CRUST, &self.source("fault", mfd))
    }

    fn source(&self, id: &str, mfd: &str) -> String {
        let Self { dip, top, bottom, rake, .. } = self;
        let outcrop = self.outcrop();
        format!(
            r#"<simpleFaultSource id="{id}" name="{id}">
<simpleFaultGeometry>
<gml:LineString><gml:posList>{outcrop}</gml:posList></gml:LineString>
<dip>{dip}</dip><upperSeismoDepth>{top}</upperSeismoDepth><lowerSeismoDepth>{bottom}</lowerSeismoDepth>
</simpleFaultGeometry>
<magScaleRel>PeerMSR</magScaleRel><ruptAspectRatio>1.995262</ruptAspectRatio>
{mfd}
<rake>{rake}</rake>
</simpleFaultSource>"#
        )
    }

    /// One magnitude.
    pub fn single(&self, magnitude: f64, slip: f64) -> String {
        incremental(magnitude, 1e-4, &[self.moment_rate(slip) / moment(magnitude)])
    }

    /// Exponential from 5 to `largest`, in bins of a width.
    pub fn exponential(&self, largest: f64, width: f64, slip: f64) -> String {
        let scale = self.moment_rate(slip) / exponential_moment(largest);
        let rates: Vec<f64> =
            bins(5.0, largest, width).map(|low| scale * exponential_share(low, low + width)).collect();
        incremental(5.0 + width / 2.0, width, &rates)
    }

    /// The same distribution as the engine's own kind, which the job cuts into bins.
    pub fn gutenberg_richter(&self, largest: f64, slip: f64) -> String {
        let a = (self.moment_rate(slip) / exponential_moment(largest)).log10();
        format!(r#"<truncGutenbergRichterMFD aValue="{a}" bValue="{B}" minMag="5" maxMag="{largest}"/>"#)
    }

    /// Normal with the mean 6.2 and the standard deviation 0.25, up to 6.5; nothing below 5.15, where the reference program
    /// ends it.
    pub fn normal(&self, slip: f64) -> String {
        const MEAN: f64 = 6.2;
        const SIGMA: f64 = 0.25;
        let cumulative = |x: f64| standard_normal((x - MEAN) / SIGMA);
        let growth = 1.5 * 10f64.ln();
        let shift = growth * SIGMA * SIGMA;
        let all = moment(MEAN) * (growth * shift / 2.0).exp() * (cumulative(6.5 - shift) - cumulative(5.15 - shift));
        let scale = self.moment_rate(slip) / all;
        let rate = |low: f64| scale * (cumulative(low + BIN) - cumulative(low));
        incremental(5.15 + BIN / 2.0, BIN, &bins(5.15, 6.5, BIN).map(rate).collect::<Vec<_>>())
    }

    /// The distribution of Youngs and Coppersmith (1985): exponential from 5 on, and level over the last half magnitude, as high
    /// as the exponential part is a magnitude below it.
    pub fn characteristic(&self, largest: f64, slip: f64) -> String {
        let bend = largest - 0.5;
        let height = B * 10f64.ln() * 10f64.powf(-B * (bend - 1.0));
        let level_moment = height * (moment(largest) - moment(bend)) / (1.5 * 10f64.ln());
        let scale = self.moment_rate(slip) / (exponential_moment(bend) + level_moment);
        let exponential = bins(5.0, bend, BIN).map(|low| scale * exponential_share(low, low + BIN));
        let level = bins(bend, largest, BIN).map(|_| scale * height * BIN);
        incremental(5.0 + BIN / 2.0, BIN, &exponential.chain(level).collect::<Vec<_>>())
    }
}

/// The lower ends of the bins between two magnitudes.
fn bins(low: f64, high: f64, width: f64) -> impl Iterator<Item = f64> {
    let count = ((high - low) / width).round() as u32;
    (0..count).map(move |i| low + f64::from(i) * width)
}

/// Of 10^(-bM), what falls between two magnitudes.
fn exponential_share(low: f64, high: f64) -> f64 {
    10f64.powf(-B * low) - 10f64.powf(-B * high)
}

/// The moment of all magnitudes from 0 to `largest` where 10^(-bM) are larger than M.
fn exponential_moment(largest: f64) -> f64 {
    B / (1.5 - B) * (10f64.powf((1.5 - B) * largest) - 1.0) * moment(0.0)
}

/// The cumulative standard normal distribution: a series near 0, and 0 or 1 far from it.
fn standard_normal(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for k in 1..200 {
        term *= x * x / f64::from(2 * k + 1);
        sum += term;
    }
    0.5 + sum * (-x * x / 2.0).exp() / (2.0 * PI).sqrt()
}

fn incremental(first: f64, width: f64, rates: &[f64]) -> String {
    let rates = rates.iter().map(|rate| format!("{rate:e}")).collect::<Vec<_>>().join(" ");
    format!(r#"<incrementalMFD minMag="{first}" binWidth="{width}"><occurRates>{rates}</occurRates></incrementalMFD>"#)
}

const CRUST: &str = "Active Shallow Crust";
pub const SLAB: &str = "Subduction IntraSlab";

fn nrml(content: &str) -> String {
    const SPACES: &str = r#"xmlns="http://openquake.org/xmlns/nrml/0.5" xmlns:gml="http://www.opengis.net/gml""#;
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<nrml {SPACES}>\n{content}\n</nrml>\n")
}

fn source_model(region: &str, sources: &str) -> String {
    nrml(&format!(
        "<sourceModel name=\"PEER\"><sourceGroup name=\"1\" tectonicRegion=\"{region}\">\n{sources}\n</sourceGroup></sourceModel>"
    ))
}

/// The slab of Set 3, Test 3, approach a: 100 km of it along strike, 12.5 km thick. It dips east, from 25 km depth with 30 degrees over
/// 65 km and with 45 degrees over 60 km more. Pieces of 5 km along the dip have layers of points half a kilometre apart.
pub fn slab() -> String {
    const PIECE: f64 = 5.0;
    const THICKNESS: f64 = 12.5;
    let mut sources = String::new();
    let (mut lon, mut top) = (-65.0 - 13.0 * PIECE * 30f64.to_radians().cos() / DEGREE, 25.0);
    // pieces, dip, layers, events of magnitude 5 to 7 a year in a piece
    for (pieces, dip, layers, rate) in [(13, 30f64, 29, 5e-4), (12, 45f64, 35, 5.4e-4)] {
        let (width, fall) = (PIECE * dip.to_radians().cos() / DEGREE, PIECE * dip.to_radians().sin());
        let layer = THICKNESS / dip.to_radians().cos() / f64::from(layers);
        let a = (rate / (10f64.powf(-0.8 * 5.0) - 10f64.powf(-0.8 * 7.0))).log10();
        for _ in 0..pieces {
            let depths: Vec<f64> = (0..layers).map(|k| top + fall / 2.0 + (f64::from(k) + 0.5) * layer).collect();
            write_piece(&mut sources, [lon, lon + width], &depths, a);
            (lon, top) = (lon + width, top + fall);
        }
    }
    source_model(SLAB, &sources)
}

/// The sources of Set 2, Test 1: an area of 100 km around the site with magnitudes up to 6.5 at 5 to 10 km depth, and two faults along circles of
/// latitude, 50 km to the north (B) and 25 km to the south of the site (C).
pub fn area_and_two_faults() -> String {
    let radius = 100.0 / DEGREE;
    let corner = |k: u32| {
        let angle = f64::from(4 * k).to_radians();
        format!("{} {}", -65.0 + radius * angle.sin(), radius * angle.cos())
    };
    let ring = (0..90).map(corner).collect::<Vec<_>>().join(" ");
    let a = (0.0395 / exponential_share(5.0, 6.5)).log10();
    let depths: String =
        (5..11).map(|depth| format!("<hypoDepth probability=\"{}\" depth=\"{depth}\"/>", 1.0 / 6.0)).collect();
    let area = format!(
        r#"<areaSource id="area" name="area">
<areaGeometry>
<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>
<upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>
</areaGeometry>
<magScaleRel>PointMSR</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>
<truncGutenbergRichterMFD aValue="{a}" bValue="{B}" minMag="5" maxMag="6.5"/>
<nodalPlaneDist><nodalPlane probability="1" strike="0" dip="90" rake="0"/></nodalPlaneDist>
<hypoDepthDist>{depths}</hypoDepthDist>
</areaSource>
"#
    );
    // half a magnitude around 6.75 and 6.5 is as probable throughout
    let [b, c] = [(0.38222, 0.44966, 7.0, 2.0), (0.22484, -0.22483, 6.75, 1.0)].map(|(half, lat, largest, slip)| {
        let trace = vec![[-65.0 - half, lat], [-65.0 + half, lat]];
        let fault = Fault { trace, dip: 90.0, top: 0.0, bottom: 12.0, rake: 0.0 };
        let mfd = fault.characteristic(largest, slip);
        (fault, mfd)
    });
    source_model(CRUST, &(area + &b.0.source("B", &b.1) + "\n" + &c.0.source("C", &c.1)))
}

/// An area of points between two longitudes, 50 km to the north and to the south of the equator.
fn write_piece(sources: &mut String, [west, east]: [f64; 2], depths: &[f64], a: f64) {
    let north = 50.0 / DEGREE;
    let ring = format!("{west} {north} {east} {north} {east} -{north} {west} -{north}");
    let (weight, deepest) = (1.0 / depths.len() as f64, depths.last().unwrap() + 5.0);
    let depth = |depth: &f64| format!("<hypoDepth probability=\"{weight}\" depth=\"{depth}\"/>\n");
    let depths: String = depths.iter().map(depth).collect();
    write!(
        sources,
        r#"<areaSource id="from {west}" name="piece of the slab">
<areaGeometry>
<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>
<upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>{deepest}</lowerSeismoDepth>
</areaGeometry>
<magScaleRel>PointMSR</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>
<truncGutenbergRichterMFD aValue="{a}" bValue="0.8" minMag="5" maxMag="7"/>
<nodalPlaneDist><nodalPlane probability="1" strike="0" dip="90" rake="-90"/></nodalPlaneDist>
<hypoDepthDist>{depths}</hypoDepthDist>
</areaSource>
"#
    )
    .unwrap();
}

/// A case as a job: what differs from case to case.
pub struct Case {
    pub source_model: String,
    pub region: &'static str,
    /// Magnitude-frequency distributions that stand for that of the fault, with their weights.
    pub mfds: Vec<(String, f64)>,
    /// Ground-motion models with their weights.
    pub models: Vec<(&'static str, f64)>,
    /// How many standard deviations of motion count. The programs of the reports have no limit where this is 8.
    pub truncation: f64,
    pub maximum_distance: f64,
    /// The width of the bins of Gutenberg-Richter distributions.
    pub bin: f64,
}

impl Case {
    /// A fault, one model.
    pub fn of(source_model: String, model: &'static str, truncation: f64) -> Self {
        let models = vec![(model, 1.0)];
        Self { source_model, region: CRUST, mfds: Vec::new(), models, truncation, maximum_distance: 250.0, bin: BIN }
    }

    /// Writes the job and its inputs to a folder; gives the job file. `spacing` is that of the mesh of a fault or of the points of an area (km).
    pub fn write(&self, folder: &Path, sites: &[[f64; 2]], levels: &[f64], spacing: f64) -> PathBuf {
        let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        put("sources.xml", &self.source_model);
        put("source_tree.xml", &self.source_tree());
        put("model_tree.xml", &self.model_tree());
        let sites = sites.iter().map(|[lon, lat]| format!("{lon} {lat}")).collect::<Vec<_>>().join(", ");
        let Self { truncation, maximum_distance, bin, .. } = self;
        let job = format!(
            "[general]
description = PEER
calculation_mode = classical
sites = {sites}
reference_vs30_value = 760
reference_vs30_type = measured
reference_depth_to_1pt0km_per_sec = 48
reference_depth_to_2pt5km_per_sec = 0.607
source_model_logic_tree_file = source_tree.xml
gsim_logic_tree_file = model_tree.xml
investigation_time = 1
use_rates = true
truncation_level = {truncation}
maximum_distance = {maximum_distance}
rupture_mesh_spacing = {spacing}
area_source_discretization = {spacing}
width_of_mfd_bin = {bin}
intensity_measure_types_and_levels = {{\"PGA\": {levels:?}}}
"
        );
        put("job.ini", &job);
        folder.join("job.ini")
    }

    fn source_tree(&self) -> String {
        let mut sets = branch_set("sourceModel", "", [("sources.xml", 1.0)].into_iter());
        if !self.mfds.is_empty() {
            let mfds = self.mfds.iter().map(|(mfd, weight)| (mfd.as_str(), *weight));
            sets += &branch_set("incrementalMFDAbsolute", r#"applyToSources="fault""#, mfds);
        }
        nrml(&format!("<logicTree logicTreeID=\"sources\">\n{sets}</logicTree>"))
    }

    fn model_tree(&self) -> String {
        let region = format!("applyToTectonicRegionType=\"{}\"", self.region);
        let set = branch_set("gmpeModel", &region, self.models.iter().copied());
        nrml(&format!("<logicTree logicTreeID=\"models\">\n{set}</logicTree>"))
    }
}

fn branch_set<'a>(kind: &str, attributes: &str, branches: impl Iterator<Item = (&'a str, f64)>) -> String {
    let branch = |(i, (model, weight)): (usize, (&str, f64))| {
        format!(
            "<logicTreeBranch branchID=\"{kind}{i}\"><uncertaintyModel>{model}</uncertaintyModel>\
             <uncertaintyWeight>{weight}</uncertaintyWeight></logicTreeBranch>\n"
        )
    };
    let branches: String = branches.enumerate().map(branch).collect();
    format!(
        "<logicTreeBranchSet uncertaintyType=\"{kind}\" branchSetID=\"{kind}\" {attributes}>\n{branches}</logicTreeBranchSet>\n"
    )
}
