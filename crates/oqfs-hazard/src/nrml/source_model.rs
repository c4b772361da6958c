//! Source models: NRML 0.4 (a list of sources) and 0.5 (groups of sources).

use std::path::Path;
use std::sync::Arc;

use super::group::GroupRule;
use super::hypocentres::{down_dips, hypocentres};
use super::surface::{SurfaceReader, is_surface};
use super::xml::{Cursor, Step, Values, XmlNode};
use super::{NrmlError, aspect_ratio, listed, mfd, multi_point};
use crate::arrays::Open;
use crate::nearest::nearest;
use crate::source::area::AreaSource;
use crate::source::characteristic::{CharacteristicFaultSource, FaultSurface};
use crate::source::complex_fault::ComplexFaultSource;
use crate::source::kite_fault::{KiteFaultSource, KiteGeometry};
use crate::source::modify::Change;
use crate::source::point::{PointSource, Spread};
use crate::source::simple_fault::SimpleFaultSource;
use crate::source::{AspectRatio, Msr, NodalPlane, Origin, Source, SourceError, Tom, Typology};

/// What the job says about sources.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceSettings {
    /// Spacing of fault meshes, km.
    pub rupture_mesh_spacing: f64,
    /// Spacing of the meshes of complex faults, km.
    pub complex_fault_mesh_spacing: f64,
    /// The time that probabilities of listed ruptures are for, years.
    pub investigation_time: f64,
    /// Width of the magnitude bins of Gutenberg-Richter distributions; needed by those only.
    pub width_of_mfd_bin: Option<f64>,
    /// Spacing of the grid of area sources that do not give their own, km.
    pub area_source_discretization: Option<f64>,
    /// Only sources with these tags are read, if any is given (`source_nodes`).
    pub source_nodes: Vec<String>,
    /// Only sources whose ids start with one of these are read, if any is given (`source_id`).
    pub source_ids: Vec<String>,
    /// Sources of these tectonic region types are left out (`discard_trts`).
    pub discard_trts: Vec<String>,
    /// Whether multi-fault ruptures are of Poisson processes (`infer_occur_rates`).
    pub infer_occur_rates: bool,
    /// By which share of its length and width a rupture of a kite fault moves (`floating_x_step`, `floating_y_step`).
    pub floating_steps: (f64, f64),
}

/// Typologies this program knows, by tag.
const TYPOLOGIES: [&str; 9] = [
    "areaSource",
    "characteristicFaultSource",
    "complexFaultSource",
    "kiteFaultSource",
    "multiFaultSource",
    "multiPointSource",
    "nonParametricSeismicSource",
    "pointSource",
    "simpleFaultSource",
];

/// What a file of a source model holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelFile {
    /// Its sources, in its order; the surfaces of multi-fault sources are still to be resolved.
    pub sources: Vec<Source>,
    /// The sections that multi-fault sources refer to, by their ids.
    pub sections: Vec<(String, FaultSurface)>,
}

/// What a file holds: a source model or a geometry model. `open` opens files beside it that hold ruptures.
pub fn read(path: &Path, settings: &SourceSettings, open: Open) -> Result<ModelFile, NrmlError> {
    let mut cursor = Cursor::open(path)?;
    let root = cursor.enter_any(&["sourceModel", "geometryModel"])?;
    let mut reader = SourceReader { settings, open, path: path.into(), sources: Vec::new(), groups: 0 };
    let mut sections = Vec::new();
    loop {
        match cursor.step()? {
            Step::Open(node) if root.tag == "geometryModel" => {
                let node = cursor.subtree(node)?;
                sections.push(listed::section(&Values::new(path), &node, settings)?);
            }
            Step::Open(node) if node.tag == "sourceGroup" => reader.group(&mut cursor, &node)?,
            Step::Open(node) => reader.source(&mut cursor, node, None)?,
            Step::Close | Step::End => break,
        }
    }
    cursor.finish()?;
    check_time(&Values::new(path), &root, &reader.sources, settings)?;
    Ok(ModelFile { sources: reader.sources, sections })
}

/// Where ruptures are listed with their probabilities, these must be for the time of the job.
fn check_time(v: &Values, root: &XmlNode, sources: &[Source], settings: &SourceSettings) -> Result<(), NrmlError> {
    if !sources.iter().any(|s| matches!(s.typology, Typology::Listed(_))) {
        return Ok(());
    }
    let (found, wanted) = (v.number(root, "investigation_time")?, settings.investigation_time);
    if found != wanted {
        let message = format!("the probabilities are for {found} years, but investigation_time in the job is {wanted}");
        return Err(v.error(root, message));
    }
    Ok(())
}

struct SourceReader<'a> {
    settings: &'a SourceSettings,
    open: Open<'a>,
    path: Arc<Path>,
    sources: Vec<Source>,
    /// The number of groups so far.
    groups: usize,
}

impl SourceReader<'_> {
    /// A group of sources of one tectonic region type.
    fn group(&mut self, cursor: &mut Cursor, group: &XmlNode) -> Result<(), NrmlError> {
        let path = cursor.path().to_path_buf();
        let values = Values::new(&path);
        let trt = values.attribute(group, "tectonicRegion")?.to_string();
        let rule = GroupRule::read(&values, group, (path.display().to_string(), self.groups))?;
        self.groups += 1;
        let mut place = 0;
        loop {
            let first = self.sources.len();
            match cursor.step()? {
                Step::Open(node) => self.source(cursor, node, Some(&trt))?,
                Step::Close => return rule.check_count(&values, group, place),
                Step::End => return Err(cursor.error("the file ends inside <sourceGroup>")),
            }
            rule.join(&values, group, place, &mut self.sources[first..])?;
            place += 1;
        }
    }

    fn source(&mut self, cursor: &mut Cursor, node: XmlNode, group_trt: Option<&str>) -> Result<(), NrmlError> {
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
            || (!s.source_ids.is_empty() && !s.source_ids.iter().any(|wanted| id.starts_with(wanted)))
            || (!s.source_nodes.is_empty() && !s.source_nodes.iter().any(|wanted| node.tag == *wanted));
        if unwanted {
            return cursor.skip();
        }
        if !TYPOLOGIES.contains(&node.tag.as_str()) {
            return Err(unknown(&values, &node));
        }
        let node = cursor.subtree(node)?;
        if listed::TAGS.contains(&node.tag.as_str()) {
            let origin = Origin { path: self.path.clone(), line: node.line };
            self.sources.push(Source { origin, ..listed::source(&path, &node, trt, s, self.open)? });
            return Ok(());
        }
        if node.tag != "multiPointSource" {
            self.sources.push(Converter { values, settings: s, path: &self.path }.source(&node, trt)?);
            return Ok(());
        }
        let (mut own, first) = (s.clone(), self.sources.len());
        for (point, bin_width) in multi_point::points(&values, &node, s.width_of_mfd_bin)? {
            own.width_of_mfd_bin = bin_width;
            let converter = Converter { values: Values::new(&path), settings: &own, path: &self.path };
            self.sources.push(converter.source(&point, trt.clone())?);
        }
        multi_point::join(self.sources.get_mut(first..).unwrap_or_default());
        Ok(())
    }
}

/// The error of an element that is no source.
fn unknown(values: &Values, node: &XmlNode) -> NrmlError {
    let close = nearest(&node.tag, TYPOLOGIES);
    let known = if close.is_empty() { TYPOLOGIES.to_vec() } else { close };
    let id = node.attribute("id").unwrap_or_default();
    values.error(node, format!("source {id} is a <{}>, which is not known; known are {}", node.tag, known.join(", ")))
}

/// The typologies whose ruptures lie around hypocentral depths.
const WITH_DEPTHS: [&str; 4] = ["pointSource", "multiPointSource", "areaSource", "simpleFaultSource"];

/// Whether an element inside a source places hypocentres down dip, where the source has no such places.
fn misplaces_hypocentres(source: &XmlNode, inside: &XmlNode) -> bool {
    inside.tag == "hypoDepthDist"
        && !WITH_DEPTHS.contains(&source.tag.as_str())
        && inside.children.iter().any(|depth| depth.attribute("fixedDipFrac").is_some())
}

/// The temporal occurrence model of a source.
fn tom(values: &Values, node: &XmlNode) -> Result<Tom, NrmlError> {
    match node.attribute("tom") {
        None | Some("PoissonTOM") => Ok(Tom::Poisson),
        Some("NegativeBinomialTOM") => {
            // mu is not used: the mean of a rupture is its rate (engine behaviour)
            let dispersion = values.number(node, "alpha")?;
            if !(dispersion > 0.0) {
                return Err(values.error(node, format!("alpha is {dispersion}; it must be positive")));
            }
            Ok(Tom::NegativeBinomial { dispersion })
        }
        Some(other) => {
            let message =
                format!("tom={other:?} of <{}> is not supported; known are PoissonTOM, NegativeBinomialTOM", node.tag);
            Err(values.error(node, message))
        }
    }
}

/// The constant of the moment-magnitude relation that slip rates are converted with, log10 N m.
const SLIP_CONSTANT: f64 = 9.1;

/// A reader of surfaces with the mesh spacings of the job.
pub(super) fn surface_reader<'a>(
    values: &'a Values<'a>,
    settings: &SourceSettings,
    in_source: &'a dyn Fn(SourceError) -> NrmlError,
) -> SurfaceReader<'a> {
    SurfaceReader {
        values,
        in_source,
        mesh_spacing: settings.rupture_mesh_spacing,
        complex_mesh_spacing: settings.complex_fault_mesh_spacing,
    }
}

struct Converter<'a> {
    values: Values<'a>,
    settings: &'a SourceSettings,
    path: &'a Arc<Path>,
}

impl Converter<'_> {
    fn source(&self, node: &XmlNode, trt: String) -> Result<Source, NrmlError> {
        let v = &self.values;
        let id = v.attribute(node, "id")?.to_string();
        let in_source = |e: SourceError| v.error(node, format!("source {id}: {e}"));
        let typology = match node.tag.as_str() {
            "pointSource" => Typology::Point(self.point(node, &in_source)?),
            "areaSource" => Typology::Area(self.area(node, &in_source)?),
            "characteristicFaultSource" => Typology::Characteristic(self.characteristic(node, &in_source)?),
            "complexFaultSource" => Typology::ComplexFault(self.complex_fault(node, &in_source)?),
            "kiteFaultSource" => Typology::KiteFault(self.kite_fault(node, &in_source)?),
            "simpleFaultSource" => Typology::SimpleFault(self.simple_fault(node, &in_source)?),
            _ => return Err(unknown(v, node)),
        };
        if let Some(inside) = node.children.iter().find(|child| misplaces_hypocentres(node, child)) {
            let message = format!("source {id}: fixedDipFrac in a {}; it is for {}", node.tag, WITH_DEPTHS.join(", "));
            return Err(v.error(inside, message));
        }
        let (msr, aspect_ratio) = match typology {
            // its ruptures have the size of its surface
            Typology::Characteristic(_) => (Msr::Wc1994, AspectRatio::Constant(1.0)),
            Typology::Point(_)
            | Typology::Area(_)
            | Typology::SimpleFault(_)
            | Typology::ComplexFault(_)
            | Typology::KiteFault(_)
            | Typology::Listed(_) => (
                Msr::by_name(v.descendant(node, &["magScaleRel"])?.text.trim()).map_err(in_source)?,
                aspect_ratio::read(v, node)?,
            ),
        };
        let mfd = mfd::read(v, node, self.settings.width_of_mfd_bin, &in_source)?;
        let name = node.attribute("name").unwrap_or_default().to_string();
        let tom = tom(v, node)?;
        let origin = Origin { path: self.path.clone(), line: node.line };
        let mut source =
            Source { id: id.clone(), name, trt, mfd, msr, aspect_ratio, tom, member: None, typology, origin };
        if let Some(slip) = self.slip(node)? {
            slip.apply(&mut source).map_err(in_source)?;
        }
        Ok(source)
    }

    /// The slip rate that a Gutenberg-Richter distribution follows from, if it does.
    fn slip(&self, node: &XmlNode) -> Result<Option<Change>, NrmlError> {
        let mfd = node.child("truncGutenbergRichterMFD").filter(|mfd| mfd.attribute("slipRate").is_some());
        let slip = |mfd: &XmlNode| {
            let (rate, rigidity) = (self.values.number(mfd, "slipRate")?, self.values.number(mfd, "rigidity")?);
            Ok(Change::SetSlip { rate, rigidity, constant: SLIP_CONSTANT })
        };
        mfd.map(slip).transpose()
    }

    fn point(&self, node: &XmlNode, in_source: &dyn Fn(SourceError) -> NrmlError) -> Result<PointSource, NrmlError> {
        let v = &self.values;
        let geometry = v.descendant(node, &["pointGeometry"])?;
        let position = v.descendant(geometry, &["Point", "pos"])?;
        let points = v.coordinates::<2>(position)?;
        let location = (points[0][0], points[0][1]);
        Ok(PointSource { location, spread: self.spread(node, geometry, in_source)?, part_of: None })
    }

    fn area(&self, node: &XmlNode, in_source: &dyn Fn(SourceError) -> NrmlError) -> Result<AreaSource, NrmlError> {
        let v = &self.values;
        let geometry = v.descendant(node, &["areaGeometry"])?;
        let positions = v.descendant(geometry, &["Polygon", "exterior", "LinearRing", "posList"])?;
        let polygon = v.coordinates(positions)?.into_iter().map(|[lon, lat]| (lon, lat)).collect();
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
        node: &XmlNode,
        geometry: &XmlNode,
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
        let depths_of = v.descendant(node, &["hypoDepthDist"])?;
        let hypo_depths = depths_of
            .children
            .iter()
            .map(|n| Ok((v.number(n, "probability")?, v.number(n, "depth")?)))
            .collect::<Result<_, NrmlError>>()?;
        let spread = Spread { depths, nodal_planes, hypo_depths, down_dip: down_dips(v, depths_of)? };
        spread.check().map_err(in_source)?;
        Ok(spread)
    }

    fn surfaces<'b>(&'b self, in_source: &'b dyn Fn(SourceError) -> NrmlError) -> SurfaceReader<'b> {
        surface_reader(&self.values, self.settings, in_source)
    }

    fn simple_fault(
        &self,
        node: &XmlNode,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<SimpleFaultSource, NrmlError> {
        let geometry = self.values.descendant(node, &["simpleFaultGeometry"])?;
        let rake = self.values.child_number(node, "rake")?;
        self.surfaces(in_source).simple(geometry, rake, hypocentres(&self.values, node)?)
    }

    fn complex_fault(
        &self,
        node: &XmlNode,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<ComplexFaultSource, NrmlError> {
        let geometry = self.values.descendant(node, &["complexFaultGeometry"])?;
        self.surfaces(in_source).complex(geometry, self.values.child_number(node, "rake")?)
    }

    fn kite_fault(
        &self,
        node: &XmlNode,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<KiteFaultSource, NrmlError> {
        let v = &self.values;
        let geometry = match node.child("simpleFaultGeometry") {
            Some(simple) => KiteGeometry::Simple {
                trace: self.surfaces(in_source).trace(simple)?,
                depths: (v.child_number(simple, "upperSeismoDepth")?, v.child_number(simple, "lowerSeismoDepth")?),
                dip: v.child_number(simple, "dip")?,
            },
            None => {
                let kite = v.descendant(node, &["kiteSurface"])?;
                KiteGeometry::Profiles(self.surfaces(in_source).profiles(kite)?)
            }
        };
        let fault = KiteFaultSource {
            geometry,
            rake: v.child_number(node, "rake")?,
            mesh_spacing: self.settings.rupture_mesh_spacing,
            floating_steps: self.settings.floating_steps,
        };
        fault.check().map_err(in_source)?;
        Ok(fault)
    }

    fn characteristic(
        &self,
        node: &XmlNode,
        in_source: &dyn Fn(SourceError) -> NrmlError,
    ) -> Result<CharacteristicFaultSource, NrmlError> {
        let surface = self.values.descendant(node, &["surface"])?;
        if let Some(other) = surface.children.iter().find(|child| !is_surface(child)) {
            self.surfaces(in_source).surface(other)?;
        }
        let surfaces = self.surfaces(in_source).surfaces(surface, &surface.children.iter().collect::<Vec<_>>())?;
        Ok(CharacteristicFaultSource { surfaces, rake: self.values.child_number(node, "rake")? })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;
    use crate::arrays::open_none;
    use crate::geo::Point;
    use crate::geo::planar::PlanarSurface;

    pub(in crate::nrml) fn settings() -> SourceSettings {
        SourceSettings {
            rupture_mesh_spacing: 2.0,
            complex_fault_mesh_spacing: 5.0,
            investigation_time: 50.0,
            width_of_mfd_bin: Some(0.2),
            area_source_discretization: None,
            source_nodes: Vec::new(),
            source_ids: Vec::new(),
            discard_trts: Vec::new(),
            infer_occur_rates: false,
            floating_steps: (0.0, 0.0),
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
        write!(file, "<?xml version='1.0'?>\n<nrml xmlns:gml='http://www.opengis.net/gml'>\n<sourceModel name='m' investigation_time='50'>\n")
            .unwrap();
        write!(file, "{body}\n</sourceModel></nrml>").unwrap();
        Ok(read(file.path(), settings, &open_none)?.sources)
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
        assert_eq!(
            (floating.rake, floating.mesh_spacing, sources[0].aspect_ratio),
            (90.0, 5.0, AspectRatio::Constant(2.0))
        );
        let surface = format!("<surface>{}</surface>", edges("30"));
        let sources = parse(&fault("characteristicFaultSource", &surface), &settings()).unwrap();
        let Typology::Characteristic(whole) = &sources[0].typology else { panic!() };
        let floating = ComplexFaultSource { rake: 0.0, ..floating.clone() };
        assert_eq!(whole.surfaces, [FaultSurface::Complex(floating)]);
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
        let [FaultSurface::Planar(corners)] = &whole.surfaces[..] else { panic!() };
        let (strike, dip) = PlanarSurface::strike_dip(corners);
        assert!((strike - 135.16).abs() < 0.01 && (dip - 50.41).abs() < 0.01, "{strike} {dip}");
        for (corner, expected) in [
            ("lon='13.62' lat='41.8057' depth='12'", "line 4: the top and the bottom edge have to be level"),
            ("lon='13.6709' lat='41.7675' depth='13'", "opposite sides differ in length"),
            ("lon='13.02' lat='42.1857' depth='13'", "not in the order"),
            ("lon='13.62' lat='41.8457' depth='13'", "opposite sides differ in length"),
        ] {
            let message = parse(&plane(corner), &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }

    /// Published planes are drawn by hand: the engine takes sides that differ by a share of the area, and corners off the plane.
    #[test]
    fn a_rectangle_need_not_be_perfect() {
        for corner in [
            "lon='13.625' lat='41.809' depth='13'",
            "lon='13.616' lat='41.802' depth='13'",
            "lon='13.622' lat='41.807' depth='13'",
        ] {
            assert_eq!(parse(&plane(corner), &settings()).unwrap().len(), 1, "{corner}");
        }
    }

    #[test]
    fn mistakes_of_surfaces_are_named() {
        let two = format!("<surface>{0}{0}</surface>", edges("30"));
        let cases = [
            (fault("complexFaultSource", &edges("30").replace("faultTopEdge", "topEdge")), "has 0 of <faultTopEdge>"),
            (fault("complexFaultSource", &edges("30").replace("35.2", "35.6")), "dip to the right"),
            (fault("characteristicFaultSource", &two), "<surface> has 2 of <complexFaultGeometry>; expected one"),
            (fault("characteristicFaultSource", "<surface><kiteSurface/></surface>"), "has 0 of <profile>"),
            (fault("characteristicFaultSource", "<surface><cubicSurface/></surface>"), "<cubicSurface> as a surface"),
            (fault("characteristicFaultSource", "<surface/>"), "<surface> has no surface"),
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
        let named = POINT.replace("id='1'", "id='zone_17'").replace("id=\"1\"", "id=\"zone_17\"");
        let s = SourceSettings { source_ids: vec!["7".into(), "zone_1".into()], ..settings() };
        assert_eq!(parse(&named, &s).unwrap().len(), 1, "the start of an id is enough: {named}");
        let s = SourceSettings { source_ids: vec!["one".into(), "zone_171".into()], ..settings() };
        assert!(parse(&named, &s).unwrap().is_empty());
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
                format!("<sourceGroup tectonicRegion='Active Shallow Crust' src_interdep='both'>{POINT}</sourceGroup>"),
                "src_interdep=\"both\" of <sourceGroup> is not known; known are indep, mutex",
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
