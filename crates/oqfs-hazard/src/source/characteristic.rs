//! Characteristic fault sources: each earthquake ruptures the whole surface.

use super::complex_fault::ComplexFaultSource;
use super::simple_fault::SimpleFaultSource;
use super::surfaces::{SurfaceRupture, SurfaceRuptures};
use super::{Source, SourceError};
use crate::geo::mesh::{RectMesh, Regularity};
use crate::geo::steps::Doubt;
use crate::geo::surface::Surface;
use crate::geo::{Point, profiles};

/// A characteristic fault source: NRML `characteristicFaultSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacteristicFaultSource {
    /// The surfaces that rupture together.
    pub surfaces: Vec<FaultSurface>,
    /// Rake, degrees.
    pub rake: f64,
}

/// A surface, as the model gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultSurface {
    /// As that of a simple fault, whose rake and hypocentres do not count.
    Simple(SimpleFaultSource),
    /// As that of a complex fault, whose rake does not count.
    Complex(ComplexFaultSource),
    /// By the top left, top right, bottom left and bottom right corners of a rectangle.
    Planar([Point; 4]),
    /// By profiles from top to bottom.
    Kite {
        /// The profiles.
        profiles: Vec<Vec<Point>>,
        /// Spacing of the mesh, km.
        mesh_spacing: f64,
    },
    /// By points without an order.
    Cloud(Vec<Point>),
}

impl FaultSurface {
    /// The surface, meshed.
    pub fn build(&self) -> Result<Surface, SourceError> {
        let surface = match self {
            FaultSurface::Planar(corners) => Surface::planar(*corners),
            FaultSurface::Simple(f) => {
                let mesh = RectMesh::of_simple_fault(&f.trace, f.depths, f.dip, f.mesh_spacing)?;
                Surface::mesh(mesh, Regularity::Regular)
            }
            FaultSurface::Complex(f) => Surface::mesh(f.mesh()?, Regularity::Irregular),
            FaultSurface::Kite { profiles, mesh_spacing } => {
                Surface::mesh(profiles::mesh(profiles, *mesh_spacing, *mesh_spacing)?, Regularity::Kite)
            }
            FaultSurface::Cloud(points) => Surface::cloud(points),
        };
        surface.ok_or_else(too_wide)
    }
}

/// The error of a surface that is none.
pub(super) fn too_wide() -> SourceError {
    SourceError::Parameter {
        parameter: "the surface",
        found: "wider than half the globe, or made of fewer than two points".into(),
        accepted: "expected one that extends over less than 180 degrees of longitude".into(),
    }
}

impl FaultSurface {
    /// A length that its mesh hangs on, if one is in doubt.
    pub fn doubt(&self) -> Option<Doubt> {
        match self {
            FaultSurface::Planar(_) | FaultSurface::Cloud(_) => None,
            FaultSurface::Simple(f) => Doubt::of_simple_fault(&f.trace, f.depths, f.dip, f.mesh_spacing),
            FaultSurface::Complex(f) => Doubt::of_complex_fault(&f.edges, f.mesh_spacing),
            FaultSurface::Kite { profiles, mesh_spacing } => Doubt::of_kite(profiles, *mesh_spacing, *mesh_spacing),
        }
    }
}

/// One rupture of all surfaces a magnitude; its hypocentre is the middle.
pub fn ruptures(source: &Source, fault: &CharacteristicFaultSource) -> Result<SurfaceRuptures, SourceError> {
    let surfaces = fault.surfaces.iter().map(FaultSurface::build).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<u32> = (0..surfaces.len() as u32).collect();
    let mut made = SurfaceRuptures::new(surfaces);
    let whole = SurfaceRupture::of_own_surfaces(&made.surfaces, parts, fault.rake)?;
    let of = |(mag, rate)| SurfaceRupture { mag, occurrence: super::Occurrence::Rate(rate), ..whole.clone() };
    made.ruptures = source.mfd.rates().into_iter().map(of).collect();
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Mfd, Occurrence, Typology};

    #[test]
    fn every_magnitude_ruptures_everything() {
        let edge = |lon: f64, depth: f64| vec![Point::new(lon, 35.0, depth), Point::new(lon, 35.8, depth)];
        let surface =
            ComplexFaultSource { edges: vec![edge(22.0, 10.0), edge(22.3, 25.0)], rake: 0.0, mesh_spacing: 5.0 };
        surface.check().unwrap();
        let fault = CharacteristicFaultSource { surfaces: vec![FaultSurface::Complex(surface)], rake: 90.0 };
        let mfd = Mfd::incremental(7.5, 0.2, vec![1e-3, 5e-4]).unwrap();
        let source = Source::plain("crete", "Subduction Interface", mfd, Typology::Characteristic(fault.clone()));
        let made = ruptures(&source, &fault).unwrap();
        let found: Vec<_> = made.ruptures.iter().map(|r| (r.mag, r.occurrence.clone())).collect();
        let expected: Vec<_> = source.mfd.rates().into_iter().map(|(m, rate)| (m, Occurrence::Rate(rate))).collect();
        assert_eq!(found, expected);
        assert!(made.ruptures.iter().all(|r| r.parts == [0] && r.plane.rake == 90.0 && r.ztor == 10.0));
    }

    #[test]
    fn several_surfaces_count_by_their_area() {
        let plane = |lat: f64, length: f64, depth: f64| {
            let corner = |d: f64, depth: f64| Point::new(13.0 + d, lat, depth);
            FaultSurface::Planar([
                corner(0.0, depth),
                corner(length, depth),
                corner(0.0, depth + 10.0),
                corner(length, depth + 10.0),
            ])
        };
        let fault =
            CharacteristicFaultSource { surfaces: vec![plane(42.0, 0.3, 2.0), plane(42.1, 0.1, 6.0)], rake: 0.0 };
        let mfd = Mfd::arbitrary(vec![7.0], vec![1e-3]).unwrap();
        let source = Source::plain("two", "Volcanic", mfd, Typology::Characteristic(fault.clone()));
        let made = ruptures(&source, &fault).unwrap();
        let rupture = &made.ruptures[0];
        assert!((rupture.ztor - 3.0).abs() < 0.01 && (rupture.plane.strike - 90.0).abs() < 0.1, "{rupture:?}");
        assert!(rupture.line.is_some() && (rupture.hypocentre.depth - 7.0).abs() < 1e-6);
    }
}
