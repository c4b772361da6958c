//! Surfaces of faults: what sources, sections, ruptures and branches of a logic tree share.

use super::NrmlError;
use super::xml::{Values, XmlNode};
use crate::geo::Point;
use crate::geo::planar::PlanarSurface;
use crate::source::SourceError;
use crate::source::characteristic::FaultSurface;
use crate::source::complex_fault::ComplexFaultSource;
use crate::source::fault::Hypocentres;
use crate::source::simple_fault::SimpleFaultSource;

/// The elements that are surfaces.
const SURFACES: [&str; 5] =
    ["complexFaultGeometry", "griddedSurface", "kiteSurface", "planarSurface", "simpleFaultGeometry"];

/// Reads surfaces.
pub struct SurfaceReader<'a> {
    /// The values of the file.
    pub values: &'a Values<'a>,
    /// What an error of a source becomes.
    pub in_source: &'a dyn Fn(SourceError) -> NrmlError,
    /// Spacing of the meshes of simple and kite faults, km.
    pub mesh_spacing: f64,
    /// Spacing of the meshes of complex faults, km.
    pub complex_mesh_spacing: f64,
}

/// Whether an element is a surface.
pub fn is_surface(node: &XmlNode) -> bool {
    SURFACES.contains(&node.tag.as_str())
}

impl<'a> SurfaceReader<'a> {
    /// A reader for a geometry that gives the spacing of its own mesh, as those of logic trees do.
    pub fn with_spacing_of(
        geometry: &XmlNode,
        values: &'a Values<'a>,
        in_source: &'a dyn Fn(SourceError) -> NrmlError,
    ) -> Result<SurfaceReader<'a>, NrmlError> {
        let spacing = values.number(geometry, "spacing")?;
        if !(spacing > 0.0) {
            return Err(values.error(geometry, format!("the spacing is {spacing} km; it must be positive")));
        }
        Ok(SurfaceReader { values, in_source, mesh_spacing: spacing, complex_mesh_spacing: spacing })
    }

    /// The surfaces of a rupture, of one kind: several of rectangles or kites, one of the others.
    pub fn surfaces(&self, parent: &XmlNode, nodes: &[&XmlNode]) -> Result<Vec<FaultSurface>, NrmlError> {
        let Some(first) = nodes.first() else {
            let message = format!("<{}> has no surface; known are {}", parent.tag, SURFACES.join(", "));
            return Err(self.values.error(parent, message));
        };
        if let Some(other) = nodes.iter().find(|n| n.tag != first.tag) {
            let message = format!("<{}> has surfaces of two kinds: {} and {}", parent.tag, first.tag, other.tag);
            return Err(self.values.error(other, message));
        }
        if nodes.len() > 1 && !["planarSurface", "kiteSurface"].contains(&first.tag.as_str()) {
            let message = format!(
                "<{}> has {} of <{}>; expected one (several may be planarSurface or kiteSurface)",
                parent.tag,
                nodes.len(),
                first.tag
            );
            return Err(self.values.error(first, message));
        }
        nodes.iter().map(|n| self.surface(n)).collect()
    }

    /// One surface of any kind.
    pub fn surface(&self, node: &XmlNode) -> Result<FaultSurface, NrmlError> {
        let v = self.values;
        Ok(match node.tag.as_str() {
            "simpleFaultGeometry" => FaultSurface::Simple(self.simple(node, 0.0, Hypocentres::Middle)?),
            "complexFaultGeometry" => FaultSurface::Complex(self.complex(node, 0.0)?),
            "planarSurface" => FaultSurface::Planar(self.planar(node)?),
            "kiteSurface" => FaultSurface::Kite { profiles: self.profiles(node)?, mesh_spacing: self.mesh_spacing },
            "griddedSurface" => {
                let positions = v.coordinates::<3>(v.descendant(node, &["posList"])?)?;
                FaultSurface::Cloud(positions.iter().map(|&[lon, lat, depth]| Point::new(lon, lat, depth)).collect())
            }
            other => {
                let message = format!("<{other}> as a surface is not known; known are {}", SURFACES.join(", "));
                return Err(v.error(node, message));
            }
        })
    }

    /// A simple fault.
    pub fn simple(
        &self,
        geometry: &XmlNode,
        rake: f64,
        hypocentres: Hypocentres,
    ) -> Result<SimpleFaultSource, NrmlError> {
        let v = self.values;
        let fault = SimpleFaultSource {
            trace: self.trace(geometry)?,
            depths: (v.child_number(geometry, "upperSeismoDepth")?, v.child_number(geometry, "lowerSeismoDepth")?),
            dip: v.child_number(geometry, "dip")?,
            rake,
            mesh_spacing: self.mesh_spacing,
            hypocentres,
        };
        fault.check().map_err(self.in_source)?;
        Ok(fault)
    }

    /// The trace of a simple fault.
    pub fn trace(&self, geometry: &XmlNode) -> Result<Vec<Point>, NrmlError> {
        let positions = self.values.descendant(geometry, &["LineString", "posList"])?;
        Ok(self.values.coordinates(positions)?.iter().map(|&[lon, lat]| Point::new(lon, lat, 0.0)).collect())
    }

    fn line(&self, node: &XmlNode) -> Result<Vec<Point>, NrmlError> {
        let positions = self.values.coordinates(self.values.descendant(node, &["LineString", "posList"])?)?;
        Ok(positions.iter().map(|&[lon, lat, depth]| Point::new(lon, lat, depth)).collect())
    }

    /// The profiles of a kite surface.
    pub fn profiles(&self, geometry: &XmlNode) -> Result<Vec<Vec<Point>>, NrmlError> {
        let profiles = geometry.children.iter().filter(|child| child.tag == "profile");
        let profiles = profiles.map(|p| self.line(p)).collect::<Result<Vec<_>, _>>()?;
        if profiles.len() < 2 {
            let message = format!("<{}> has {} of <profile>; expected two at least", geometry.tag, profiles.len());
            return Err(self.values.error(geometry, message));
        }
        Ok(profiles)
    }

    /// A complex fault.
    pub fn complex(&self, geometry: &XmlNode, rake: f64) -> Result<ComplexFaultSource, NrmlError> {
        for tag in ["faultTopEdge", "faultBottomEdge"] {
            let count = geometry.children.iter().filter(|child| child.tag == tag).count();
            if count != 1 {
                let message = format!("<{}> has {count} of <{tag}>; expected one", geometry.tag);
                return Err(self.values.error(geometry, message));
            }
        }
        let edge = |tag: &'static str| {
            geometry.children.iter().filter(move |child| child.tag == tag).map(|edge| self.line(edge))
        };
        let edges = edge("faultTopEdge").chain(edge("intermediateEdge")).chain(edge("faultBottomEdge"));
        let edges = edges.collect::<Result<Vec<Vec<Point>>, NrmlError>>()?;
        let fault = ComplexFaultSource { edges, rake, mesh_spacing: self.complex_mesh_spacing };
        fault.check().map_err(self.in_source)?;
        Ok(fault)
    }

    /// A rectangle by its corners; strike and dip follow from them, whatever the attributes say (engine behaviour).
    pub fn planar(&self, geometry: &XmlNode) -> Result<[Point; 4], NrmlError> {
        let v = self.values;
        let corner = |tag: &str| v.place(v.descendant(geometry, &[tag])?);
        let corners = [corner("topLeft")?, corner("topRight")?, corner("bottomLeft")?, corner("bottomRight")?];
        let surface = PlanarSurface::from_corners(corners, PlanarSurface::strike_dip(&corners).0);
        if let Some(fault) = surface.fault(&corners) {
            return Err(v.error(geometry, fault));
        }
        if let Some(off) = surface.off_plane(&corners) {
            let message = format!("the corners are not on one plane: the bottom right one is {off:.2} km off");
            log::warn!("{}", v.error(geometry, message));
        }
        Ok(corners)
    }
}
