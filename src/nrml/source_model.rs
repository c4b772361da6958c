//! Source models: NRML 0.4 (a list of sources) and 0.5 (groups of sources).

use std::path::Path;

use super::NrmlError;
use super::multi_point;
use super::xml::{Cursor, Node, Step, Values};
use crate::geo::Point;
use crate::geo::planar::PlanarSurface;
use crate::nearest::nearest;
use crate::source::area::AreaSource;
use crate::source::characteristic::{CharacteristicFaultSource, FaultSurface};
use crate::source::complex_fault::ComplexFaultSource;
use crate::source::modify::Change;
use crate::source::point::{PointSource, Spread};
use crate::source::simple_fault::SimpleFaultSource;
use crate::source::{Mfd, Msr, NodalPlane, Source, SourceError, Typology};

/// What the job says about sources.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSettings {
    /// Spacing of fault meshes, km.
    pub rupture_mesh_spacing: f64,
    /// Spacing of the meshes of complex faults, km.
    pub complex_fault_mesh_spacing: f64,
    /// Width of the magnitude bins of Gutenberg-Richter distributions; needed by those only.
    pub width_of_mfd_bin: Option<f64>,
    /// Spacing of the grid of area sources that do not give their own, km.
    pub area_source_discretization: Option<f64>,
    /// Only sources with these tags are read, if any is given (`source_nodes`).
    pub source_nodes: Vec<String>,
    /// Only sources with these ids are read, if any is given (`source_id`).
    pub source_ids: Vec<String>,
    /// Sources of these tectonic region types are left out (`discard_trts`).
    pub discard_trts: Vec<String>,
}

/// Typologies this program knows, by tag.
const TYPOLOGIES: [&str; 6] = [
    "areaSource",
    "characteristicFaultSource",
    "complexFaultSource",
    "multiPointSource",
    "pointSource",
    "simpleFaultSource",
];

/// The sources of a file, in its order.
pub fn read(path: &Path, settings: &SourceSettings) -> Result<Vec<Source>, NrmlError> {
    let mut cursor = Cursor::open(path)?;
    cursor.enter("sourceModel")?;
    let mut reader = SourceReader { settings, sources: Vec::new() };
    loop {
        match cursor.step()? {
            Step::Open(node) if node.tag == "sourceGroup" => reader.group(&mut cursor, &node)?,
            Step::Open(node) => reader.source(&mut cursor, node, None)?,
            Step::Close | Step::End => break,
        }
    }
    Ok(reader.sources)
}

struct SourceReader<'a> {
    settings: &'a SourceSettings,
    sources: Vec<Source>,
}

impl SourceReader<'_> {
    /// A group of sources of one tectonic region type.
    fn group(&mut self, cursor: &mut Cursor, group: &Node) -> Result<(), NrmlError> {
        let path = cursor.path().to_path_buf();
        let values = Values::new(&path);
        let trt = values.attribute(group, "tectonicRegion")?.to_string();
        for (name, usual) in [("src_interdep", "indep"), ("rup_interdep", "indep"), ("cluster", "false")] {
            if let Some(found) = group.attribute(name).filter(|found| *found != usual) {
                let message = format!("{name}={found:?} of <sourceGroup> is not supported; expected {usual:?}");
                return Err(values.error(group, message));
            }
        }
        check_tom(&values, group)?;
        loop {
            match cursor.step()? {
                Step::Open(node) => self.source(cursor, node, Some(&trt))?,
                Step::Close => return Ok(()),
                Step::End => return Err(cursor.error("the file ends inside <sourceGroup>")),
            }
        }
    }

    fn source(&mut self, cursor: &mut Cursor, node: Node, group_trt: Option<&str>) -> Result<(), NrmlError> {
        let path = cursor.path().to_path_buf();
        let values = Values::new(&path);
        let id = node.attribute("id").unwrap_or_default();
        let trt = match (node.attribute("tectonicRegion"), group_trt) {
            (Some(own), Some(group)) if own != group => {
                let message = format!("source {id}: tectonicRegion={own:?}, but its group says {group:?}");
                return Err(values.error(&node, message));
            }
            (Some(trt), _) | (None, Some(trt)) => trt.to_string(),
            (None, None) => values.attribute(&node, "tectonicRegion")?.to_string(),
        };
        let s = self.settings;
        let unwanted = s.discard_trts.contains(&trt)
            || (!s.source_ids.is_empty() && !s.source_ids.iter().any(|wanted| wanted == id))
            || (!s.source_nodes.is_empty() && !s.source_nodes.contains(&node.tag));
        if unwanted {
            return cursor.skip();
        }
        if !TYPOLOGIES.contains(&node.tag.as_str()) {
            let close = nearest(&node.tag, TYPOLOGIES);
            let known = if close.is_empty() { TYPOLOGIES.to_vec() } else { close };
            let message =
                format!("source {id} is a <{}>, which is not known; known are {}", node.tag, known.join(", "));
            return Err(values.error(&node, message));
        }
        let node = cursor.subtree(node)?;
        if node.tag != "multiPointSource" {
            self.sources.push(Converter { values, settings: s }.source(&node, trt)?);
            return Ok(());
        }
        check_tom(&values, &node)?;
        let mut own = s.clone();
        for (point, bin_width) in multi_point::points(&values, &node, s.width_of_mfd_bin)? {
            own.width_of_mfd_bin = bin_width;
            self.sources.push(Converter { values: Values::new(&path), settings: &own }.source(&point, trt.clone())?);
        }
        Ok(())
    }
}

/// Only Poissonian occurrence is known.
fn check_tom(values: &Values, node: &Node) -> Result<(), NrmlError> {
    match node.attribute("tom") {
        Some(tom) if tom != "PoissonTOM" => {
            Err(values.error(node, format!("tom={tom:?} of <{}> is not supported; expected PoissonTOM", node.tag)))
        }
        _ => Ok(()),
    }
}

/// The constant of the moment-magnitude relation that slip rates are converted with, log10 N m.
const SLIP_CONSTANT: f64 = 9.1;

struct Converter<'a> {
    values: Values<'a>,
    settings: &'a SourceSettings,
}

impl Converter<'_> {
    fn source(&self, node: &Node, trt: String) -> Result<Source, NrmlError> {
        let v = &self.values;
        check_tom(v, node)?;
        let id = v.attribute(node, "id")?.to_string();
        let in_source = |e: SourceError| v.error(node, format!("source {id}: {e}"));
        let typology = match node.tag.as_str() {
            "pointSource" => Typology::Point(self.point(node, &in_source)?),
            "areaSource" => Typology::Area(self.area(node, &in_source)?),
            "characteristicFaultSource" => Typology::Characteristic(self.characteristic(node, &in_source)?),
            "complexFaultSource" => Typology::ComplexFault(self.complex_fault(node, &in_source)?),
            _ => Typology::SimpleFault(self.simple_fault(node, &in_source)?),
        };
        let (msr, aspect_ratio) = match typology {
            // its ruptures have the size of its surface
            Typology::Characteristic(_) => (Msr::Wc1994, 1.0),
            _ => (
                Msr::by_name(v.descendant(node, &["magScaleRel"])?.text.trim()).map_err(in_source)?,
                v.child_number(node, "ruptAspectRatio")?,
            ),
        };
        if !(aspect_ratio > 0.0) {
            return Err(v.error(node, format!("source {id}: ruptAspectRatio is {aspect_ratio}; it must be positive")));
        }
        let mfd = self.mfd(node, &in_source)?;
        let name = node.attribute("name").unwrap_or_default().to_string();
        let mut source = Source { id: id.clone(), name, trt, mfd, msr, aspect_ratio, typology };
        if let Some(slip) = self.slip(node)? {
            slip.apply(&mut source).map_err(in_source)?;
        }
        Ok(source)
    }

    /// The slip rate that a Gutenberg-Richter distribution follows from, if it does.
    fn slip(&self, node: &Node) -> Result<Option<Change>, NrmlError> {
        let mfd = node.child("truncGutenbergRichterMFD").filter(|mfd| mfd.attribute("slipRate").is_some());
        let slip = |mfd: &Node| {
            let (rate, rigidity) = (self.values.number(mfd, "slipRate")?, self.values.number(mfd, "rigidity")?);
            Ok(Change::SetSlip { rate, rigidity, constant: SLIP_CONSTANT })
        };
        mfd.map(slip).transpose()
    }

    fn point(&self, node: &Node, in_source: &dyn Fn(SourceError) -> NrmlError) -> Result<PointSource, NrmlError> {
        let v = &self.values;
        let geometry = v.descendant(node, &["pointGeometry"])?;
        let position = v.descendant(geometry, &["Point", "pos"])?;
        let points = v.coordinates(position, 2)?;
        let location = (points[0][0], points[0][1]);
        Ok(PointSource { location, spread: self.spread(node, geometry, in_source)? })
    }

    fn area(&self, node: &Node, in_source: &dyn Fn(SourceError) -> NrmlError) -> Result<AreaSource, NrmlError> {
        let v = &self.values;
        let geometry = v.descendant(node, &["areaGeometry"])?;
        let positions = v.descendant(geometry, &["Polygon", "exterior", "LinearRing", "posList"])?;
        let polygon = v.coordinates(positions, 2)?.iter().map(|p| (p[0], p[1])).collect();
        let discretization = match geometry.attribute("discretization") {
            Some(_) => v.number(geometry, "discretization")?,
            None => self.settings.area_source_discretization.ok_or_else(|| {
                let missing = "no discretization here and no area_source_discretization in the job; one is needed, km";
                v.error(geometry, missing)
            })?,
        };
        if !(discretization > 0.0) {
            return Err(v.error(geometry, format!("the discretization is {discretization} km; it must be positive")));
        }
        let area = AreaSource { polygon, discretization, spread: self.spread(node, geometry, in_source)? };
        crate::geo::polygon::Polygon::new(&area.polygon).map_err(|e| in_source(e.into()))?;
        Ok(area)
    }

    fn spread(
        &self,
        node: &Node,
        geometry: &Node,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<Spread, NrmlError> {
        let v = &self.values;
        let depths = (v.child_number(geometry, "upperSeismoDepth")?, v.child_number(geometry, "lowerSeismoDepth")?);
        let nodal_planes = v
            .descendant(node, &["nodalPlaneDist"])?
            .children
            .iter()
            .map(|n| {
                let plane =
                    NodalPlane { strike: v.number(n, "strike")?, dip: v.number(n, "dip")?, rake: v.number(n, "rake")? };
                Ok((v.number(n, "probability")?, plane))
            })
            .collect::<Result<_, NrmlError>>()?;
        let hypo_depths = v
            .descendant(node, &["hypoDepthDist"])?
            .children
            .iter()
            .map(|n| Ok((v.number(n, "probability")?, v.number(n, "depth")?)))
            .collect::<Result<_, NrmlError>>()?;
        let spread = Spread { depths, nodal_planes, hypo_depths };
        spread.check().map_err(in_source)?;
        Ok(spread)
    }

    fn simple_fault(
        &self,
        node: &Node,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<SimpleFaultSource, NrmlError> {
        let geometry = self.values.descendant(node, &["simpleFaultGeometry"])?;
        let rake = self.values.child_number(node, "rake")?;
        self.simple_surface(geometry, rake, self.hypocentres(node)?, in_source)
    }

    fn simple_surface(
        &self,
        geometry: &Node,
        rake: f64,
        hypocentres: Vec<(f64, f64, f64)>,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<SimpleFaultSource, NrmlError> {
        let v = &self.values;
        let positions = v.descendant(geometry, &["LineString", "posList"])?;
        let trace = v.coordinates(positions, 2)?.iter().map(|p| Point::new(p[0], p[1], 0.0)).collect();
        let fault = SimpleFaultSource {
            trace,
            depths: (v.child_number(geometry, "upperSeismoDepth")?, v.child_number(geometry, "lowerSeismoDepth")?),
            dip: v.child_number(geometry, "dip")?,
            rake,
            mesh_spacing: self.settings.rupture_mesh_spacing,
            hypocentres,
        };
        fault.check().map_err(in_source)?;
        Ok(fault)
    }

    fn complex_fault(
        &self,
        node: &Node,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<ComplexFaultSource, NrmlError> {
        let geometry = self.values.descendant(node, &["complexFaultGeometry"])?;
        self.complex_surface(geometry, self.values.child_number(node, "rake")?, in_source)
    }

    fn complex_surface(
        &self,
        geometry: &Node,
        rake: f64,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<ComplexFaultSource, NrmlError> {
        let v = &self.values;
        let edge = |tag: &'static str| {
            let edges = geometry.children.iter().filter(move |child| child.tag == tag);
            edges.map(|edge| {
                let positions = v.coordinates(v.descendant(edge, &["LineString", "posList"])?, 3)?;
                Ok(positions.iter().map(|p| Point::new(p[0], p[1], p[2])).collect())
            })
        };
        for tag in ["faultTopEdge", "faultBottomEdge"] {
            let count = geometry.children.iter().filter(|child| child.tag == tag).count();
            if count != 1 {
                return Err(v.error(geometry, format!("<{}> has {count} of <{tag}>; expected one", geometry.tag)));
            }
        }
        let edges = edge("faultTopEdge").chain(edge("intermediateEdge")).chain(edge("faultBottomEdge"));
        let edges = edges.collect::<Result<Vec<Vec<Point>>, NrmlError>>()?;
        let fault = ComplexFaultSource { edges, rake, mesh_spacing: self.settings.complex_fault_mesh_spacing };
        fault.check().map_err(in_source)?;
        Ok(fault)
    }

    fn characteristic(
        &self,
        node: &Node,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<CharacteristicFaultSource, NrmlError> {
        let v = &self.values;
        let rake = v.child_number(node, "rake")?;
        let surface = v.descendant(node, &["surface"])?;
        let [geometry] = &surface.children[..] else {
            let message = format!("<surface> has {} elements; only one is supported", surface.children.len());
            return Err(v.error(surface, message));
        };
        let surface = match geometry.tag.as_str() {
            "simpleFaultGeometry" => {
                FaultSurface::Simple(self.simple_surface(geometry, rake, Vec::new(), in_source)?)
            }
            "complexFaultGeometry" => FaultSurface::Complex(self.complex_surface(geometry, rake, in_source)?),
            "planarSurface" => FaultSurface::Planar(self.planar_surface(geometry)?),
            other => {
                let known = "known are simpleFaultGeometry, complexFaultGeometry, planarSurface";
                return Err(v.error(geometry, format!("<{other}> as <surface> is not known; {known}")));
            }
        };
        Ok(CharacteristicFaultSource { surface, rake })
    }

    /// A rectangle by its corners; strike and dip follow from them, whatever the attributes say (engine behaviour).
    fn planar_surface(&self, geometry: &Node) -> Result<[Point; 4], NrmlError> {
        let v = &self.values;
        let corner = |tag: &str| {
            let node = v.descendant(geometry, &[tag])?;
            Ok(Point::new(v.number(node, "lon")?, v.number(node, "lat")?, v.number(node, "depth")?))
        };
        let corners = [corner("topLeft")?, corner("topRight")?, corner("bottomLeft")?, corner("bottomRight")?];
        let surface = PlanarSurface::from_corners(corners, PlanarSurface::strike_dip(&corners).0);
        match surface.fault() {
            Some(fault) => Err(v.error(geometry, fault)),
            None => Ok(corners),
        }
    }

    /// `hypoList` with `slipList`: the slip directions share the weight of a hypocentre, and no model here uses them.
    fn hypocentres(&self, node: &Node) -> Result<Vec<(f64, f64, f64)>, NrmlError> {
        let v = &self.values;
        let (hypos, slips) = match (node.child("hypoList"), node.child("slipList")) {
            (None, None) => return Ok(Vec::new()),
            (Some(hypos), Some(slips)) => (hypos, slips),
            _ => return Err(v.error(node, "<hypoList> and <slipList> go together; only one of them is given")),
        };
        let mut slip_total = 0.0;
        for slip in &slips.children {
            slip_total += v.number(slip, "weight")?;
        }
        let read = |n: &Node| {
            let fraction = |name: &str| {
                let x = v.number(n, name)?;
                if (0.0..=1.0).contains(&x) {
                    Ok(x)
                } else {
                    Err(v.error(n, format!("{name} is {x}; expected within [0, 1]")))
                }
            };
            Ok((fraction("alongStrike")?, fraction("downDip")?, v.number(n, "weight")? * slip_total))
        };
        hypos.children.iter().map(read).collect()
    }

    fn mfd(&self, node: &Node, in_source: &dyn Fn(SourceError) -> NrmlError) -> Result<Mfd, NrmlError> {
        let v = &self.values;
        let found = node.children.iter().find(|c| c.tag.ends_with("MFD"));
        let Some(mfd) = found else {
            return Err(
                v.error(node, format!("<{}> lacks a magnitude-frequency distribution (an element ...MFD)", node.tag))
            );
        };
        let bin_width = || {
            self.settings.width_of_mfd_bin.ok_or_else(|| {
                v.error(mfd, "the job gives no width_of_mfd_bin; a Gutenberg-Richter distribution needs it")
            })
        };
        let converted = match mfd.tag.as_str() {
            "incrementalMFD" => {
                let rates = v.numbers(v.descendant(mfd, &["occurRates"])?)?;
                Mfd::incremental(v.number(mfd, "minMag")?, v.number(mfd, "binWidth")?, rates)
            }
            "truncGutenbergRichterMFD" => {
                let (min_mag, max_mag) = (v.number(mfd, "minMag")?, v.number(mfd, "maxMag")?);
                // with a slip rate the a value follows when the area is known
                let a = if mfd.attribute("slipRate").is_some() { 0.0 } else { v.number(mfd, "aValue")? };
                Mfd::truncated(min_mag, max_mag, bin_width()?, a, v.number(mfd, "bValue")?)
            }
            "arbitraryMFD" => {
                let magnitudes = v.numbers(v.descendant(mfd, &["magnitudes"])?)?;
                Mfd::arbitrary(magnitudes, v.numbers(v.descendant(mfd, &["occurRates"])?)?)
            }
            "YoungsCoppersmithMFD" => {
                let (min_mag, b) = (v.number(mfd, "minMag")?, v.number(mfd, "bValue")?);
                let (char_mag, width) = (v.number(mfd, "characteristicMag")?, v.number(mfd, "binWidth")?);
                if mfd.attribute("totalMomentRate").is_some() {
                    let rate = v.number(mfd, "totalMomentRate")?;
                    Mfd::youngs_coppersmith_from_moment(min_mag, b, char_mag, rate, width)
                } else {
                    Mfd::youngs_coppersmith(min_mag, b, char_mag, v.number(mfd, "characteristicRate")?, width)
                }
            }
            other => {
                let known = ["arbitraryMFD", "incrementalMFD", "truncGutenbergRichterMFD", "YoungsCoppersmithMFD"];
                return Err(v.error(mfd, format!("<{other}> is not known; known are {}", known.join(", "))));
            }
        };
        converted.map_err(in_source)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    pub(in crate::nrml) fn settings() -> SourceSettings {
        SourceSettings {
            rupture_mesh_spacing: 2.0,
            complex_fault_mesh_spacing: 5.0,
            width_of_mfd_bin: Some(0.2),
            area_source_discretization: None,
            source_nodes: Vec::new(),
            source_ids: Vec::new(),
            discard_trts: Vec::new(),
        }
    }

    const POINT: &str = r#"<pointSource id="1" name="Irpinia" tectonicRegion="Active Shallow Crust">
        <pointGeometry><gml:Point><gml:pos>15.3 40.8</gml:pos></gml:Point>
        <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></pointGeometry>
        <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>
        <truncGutenbergRichterMFD aValue="3.1" bValue="0.9" minMag="5" maxMag="6.8"/>
        <nodalPlaneDist><nodalPlane probability="1" strike="310" dip="60" rake="-90"/></nodalPlaneDist>
        <hypoDepthDist><hypoDepth probability="1" depth="9"/></hypoDepthDist></pointSource>"#;

    pub(in crate::nrml) fn parse(body: &str, settings: &SourceSettings) -> Result<Vec<Source>, NrmlError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "<?xml version='1.0'?>\n<nrml xmlns:gml='http://www.opengis.net/gml'>\n<sourceModel name='m'>\n")
            .unwrap();
        write!(file, "{body}\n</sourceModel></nrml>").unwrap();
        read(file.path(), settings)
    }

    #[test]
    fn both_dialects_give_the_same_source() {
        let flat = parse(POINT, &settings()).unwrap();
        let grouped = format!("<sourceGroup name='g' tectonicRegion='Active Shallow Crust'>{POINT}</sourceGroup>");
        assert_eq!(flat, parse(&grouped, &settings()).unwrap());
        let Typology::Point(point) = &flat[0].typology else { panic!() };
        assert_eq!(point.location, (15.3, 40.8));
        assert_eq!(flat[0].mfd.rates().len(), 9);
    }

    /// A splay of the Hellenic arc down to a depth.
    fn edges(bottom: &str) -> String {
        let edge = |tag: &str, lat: f64, depth: &str| {
            format!(
                "<{tag}><gml:LineString><gml:posList>22 {lat} {depth} 23 {lat} {depth}</gml:posList></gml:LineString></{tag}>"
            )
        };
        let edges = [edge("faultTopEdge", 35.4, "10"), edge("faultBottomEdge", 35.2, bottom)];
        format!("<complexFaultGeometry>{}</complexFaultGeometry>", edges.concat())
    }

    fn fault(tag: &str, geometry: &str) -> String {
        format!(
            "<{tag} id='2' tectonicRegion='Subduction Interface'>{geometry}<magScaleRel>WC1994</magScaleRel>\
             <ruptAspectRatio>2</ruptAspectRatio><incrementalMFD minMag='7' binWidth='0.2'>\
             <occurRates>0.001 0.0005</occurRates></incrementalMFD><rake>90</rake></{tag}>"
        )
    }

    #[test]
    fn complex_surfaces_float_ruptures_or_are_one() {
        let sources = parse(&fault("complexFaultSource", &edges("30")), &settings()).unwrap();
        let Typology::ComplexFault(floating) = &sources[0].typology else { panic!() };
        assert_eq!(floating.edges[1][1], Point::new(23.0, 35.2, 30.0));
        assert_eq!((floating.rake, floating.mesh_spacing, sources[0].aspect_ratio), (90.0, 5.0, 2.0));
        let surface = format!("<surface>{}</surface>", edges("30"));
        let sources = parse(&fault("characteristicFaultSource", &surface), &settings()).unwrap();
        let Typology::Characteristic(whole) = &sources[0].typology else { panic!() };
        assert_eq!(whole.surface, FaultSurface::Complex(floating.clone()));
    }

    fn plane(bottom_right: &str) -> String {
        let surface = format!(
            "<surface><planarSurface strike='0' dip='0'><topLeft lon='13.45' lat='42.06' depth='1'/>\
             <topRight lon='13.7047' lat='41.869' depth='1'/><bottomLeft lon='13.3653' lat='41.9967' depth='13'/>\
             <bottomRight {bottom_right}/></planarSurface></surface>"
        );
        fault("characteristicFaultSource", &surface)
    }

    #[test]
    fn a_rectangle_is_given_by_its_corners() {
        let sources = parse(&plane("lon='13.62' lat='41.8057' depth='13'"), &settings()).unwrap();
        let Typology::Characteristic(whole) = &sources[0].typology else { panic!() };
        let FaultSurface::Planar(corners) = &whole.surface else { panic!() };
        let (strike, dip) = PlanarSurface::strike_dip(corners);
        assert!((strike - 135.16).abs() < 0.01 && (dip - 50.41).abs() < 0.01, "{strike} {dip}");
        for (corner, expected) in [
            ("lon='13.62' lat='41.8057' depth='12'", "line 4: the top and the bottom edge have to be level"),
            ("lon='13.6709' lat='41.7675' depth='13'", "opposite sides differ in length"),
            ("lon='13.02' lat='42.1857' depth='13'", "not in the order"),
            ("lon='13.62' lat='41.8457' depth='13'", "not on one plane"),
        ] {
            let message = parse(&plane(corner), &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }

    #[test]
    fn mistakes_of_surfaces_are_named() {
        let two = format!("<surface>{0}{0}</surface>", edges("30"));
        let cases = [
            (fault("complexFaultSource", &edges("30").replace("faultTopEdge", "topEdge")), "has 0 of <faultTopEdge>"),
            (fault("complexFaultSource", &edges("30").replace("35.2", "35.6")), "dip to the right"),
            (fault("characteristicFaultSource", &two), "<surface> has 2 elements"),
            (fault("characteristicFaultSource", "<surface><kiteSurface/></surface>"), "<kiteSurface> as <surface>"),
        ];
        for (body, expected) in cases {
            let message = parse(&body, &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }

    #[test]
    fn filters_of_the_job_skip_sources() {
        let s = SourceSettings { source_nodes: vec!["areaSource".into()], ..settings() };
        assert!(parse(POINT, &s).unwrap().is_empty());
        let s = SourceSettings { source_ids: vec!["2".into()], ..settings() };
        assert!(parse(POINT, &s).unwrap().is_empty());
        let s = SourceSettings { discard_trts: vec!["Active Shallow Crust".into()], ..settings() };
        assert!(parse(POINT, &s).unwrap().is_empty());
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let cases = [
            (
                POINT.replace("pointSource", "pointSorce"),
                "line 4: source 1 is a <pointSorce>, which is not known; known are pointSource",
            ),
            (POINT.replace("WC1994", "WC94"), "magScaleRel is WC94"),
            (POINT.replace("maxMag=\"6.8\"", "maxMag=\"4\""), "maxMag is 4"),
            (POINT.replace("depth=\"9\"", "depth=\"20\""), "hypoDepth is 20"),
            (POINT.replace("probability=\"1\" strike", "probability=\"0.9\" strike"), "nodalPlaneDist is 0.9"),
            (POINT.replace("15.3 40.8", "15.3 140.8"), "line 5: the point 15.3 140.8 is not on the globe"),
            (POINT.replace("aValue=\"3.1\"", "aValue=\"nan\""), "aValue=\"nan\" of <truncGutenbergRichterMFD>"),
            (POINT.replace("<ruptAspectRatio>1.5</ruptAspectRatio>", ""), "lacks <ruptAspectRatio>"),
            (
                format!("<sourceGroup tectonicRegion='X' src_interdep='mutex'>{POINT}</sourceGroup>"),
                "src_interdep=\"mutex\"",
            ),
        ];
        for (body, expected) in cases {
            let message = parse(&body, &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }

    #[test]
    fn a_bin_width_is_asked_for_only_where_it_is_needed() {
        let s = SourceSettings { width_of_mfd_bin: None, ..settings() };
        assert!(parse(POINT, &s).unwrap_err().to_string().contains("width_of_mfd_bin"));
    }
}
