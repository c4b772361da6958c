//! Characteristic fault sources: each earthquake ruptures the whole surface.

use super::complex_fault::ComplexFaultSource;
use super::fault::{FaultRuptures, Floating};
use super::point::PlanarRupture;
use super::simple_fault::SimpleFaultSource;
use super::{NodalPlane, Source, SourceError};
use crate::geo::Point;
use crate::geo::geodetic::middle_point;
use crate::geo::mesh::{CellSums, RectMesh, Regularity};
use crate::geo::planar::PlanarSurface;

/// A characteristic fault source: NRML `characteristicFaultSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacteristicFaultSource {
    /// The surface.
    pub surface: FaultSurface,
    /// Rake, degrees.
    pub rake: f64,
}

/// A surface given as that of another typology; its rake and hypocentres do not count.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultSurface {
    /// By a trace, a dip and two depths.
    Simple(SimpleFaultSource),
    /// By edges from top to bottom.
    Complex(ComplexFaultSource),
    /// By the top left, top right, bottom left and bottom right corners of a rectangle.
    Planar([Point; 4]),
}

/// The ruptures of a characteristic fault, by its kind of surface.
#[derive(Clone, Debug)]
pub enum CharacteristicRuptures {
    /// Of a mesh of points.
    Mesh(FaultRuptures),
    /// Of a rectangle, each with its magnitude.
    Planar(Vec<(f64, PlanarRupture)>),
}

impl CharacteristicFaultSource {
    /// Points whose box holds the surface projection.
    pub fn projection_vertices(&self) -> Vec<(f64, f64)> {
        match &self.surface {
            FaultSurface::Simple(fault) => fault.projection_vertices(),
            FaultSurface::Complex(fault) => fault.projection_vertices(),
            FaultSurface::Planar(corners) => corners.iter().map(|c| (c.lon, c.lat)).collect(),
        }
    }
}

/// One rupture of the whole surface a magnitude; its hypocentre is the middle.
pub fn ruptures(source: &Source, fault: &CharacteristicFaultSource) -> Result<CharacteristicRuptures, SourceError> {
    let (mesh, regularity) = match &fault.surface {
        FaultSurface::Planar(corners) => {
            return Ok(CharacteristicRuptures::Planar(planar_ruptures(source, *corners, fault.rake)));
        }
        FaultSurface::Simple(f) => {
            (RectMesh::of_simple_fault(&f.trace, f.depths, f.dip, f.mesh_spacing)?, Regularity::Regular)
        }
        FaultSurface::Complex(f) => (RectMesh::of_complex_fault(&f.edges, f.mesh_spacing)?, Regularity::Irregular),
    };
    let whole = |(mag, rate)| Floating { mag, rate, patches: vec![mesh.whole()] };
    let floating = source.mfd.rates().into_iter().map(whole).collect();
    let sums = CellSums::new(&mesh, regularity);
    let ruptures = FaultRuptures { mesh, sums, rake: fault.rake, floating, hypocentres: Vec::new() };
    Ok(CharacteristicRuptures::Mesh(ruptures))
}

fn planar_ruptures(source: &Source, corners: [Point; 4], rake: f64) -> Vec<(f64, PlanarRupture)> {
    let (strike, dip) = PlanarSurface::strike_dip(&corners);
    let surface = PlanarSurface::from_corners(corners, strike);
    let [tl, _, _, br] = corners;
    let (lon, lat) = middle_point(tl.lon, tl.lat, br.lon, br.lat);
    let hypocentre = Point::new(lon, lat, (tl.depth + br.depth) / 2.0);
    let plane = NodalPlane { strike, dip, rake };
    let rupture = |(mag, rate)| (mag, PlanarRupture { surface, plane, hypocentre, rate });
    source.mfd.rates().into_iter().map(rupture).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Point;
    use crate::source::{Mfd, Msr, Typology};

    #[test]
    fn every_magnitude_ruptures_everything() {
        let edge = |lon: f64, depth: f64| vec![Point::new(lon, 35.0, depth), Point::new(lon, 35.8, depth)];
        let surface =
            ComplexFaultSource { edges: vec![edge(22.0, 10.0), edge(22.3, 25.0)], rake: 0.0, mesh_spacing: 5.0 };
        surface.check().unwrap();
        let fault = CharacteristicFaultSource { surface: FaultSurface::Complex(surface), rake: 90.0 };
        let source = Source {
            id: "crete".into(),
            name: String::new(),
            trt: "Subduction Interface".into(),
            mfd: Mfd::incremental(7.5, 0.2, vec![1e-3, 5e-4]).unwrap(),
            msr: Msr::Wc1994,
            aspect_ratio: 1.0,
            typology: Typology::Characteristic(fault.clone()),
        };
        let CharacteristicRuptures::Mesh(made) = ruptures(&source, &fault).unwrap() else { panic!() };
        let rates: Vec<(f64, f64)> = made.floating.iter().map(|f| (f.mag, f.rate)).collect();
        assert_eq!(rates, source.mfd.rates());
        assert!(made.floating.iter().all(|f| f.patches == [made.mesh.whole()]));
        assert_eq!((made.rake, fault.projection_vertices().len()), (90.0, 4));
    }
}
