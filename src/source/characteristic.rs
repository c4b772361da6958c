//! Characteristic fault sources: each earthquake ruptures the whole surface.

use super::complex_fault::ComplexFaultSource;
use super::fault::{FaultRuptures, Floating};
use super::simple_fault::SimpleFaultSource;
use super::{Source, SourceError};
use crate::geo::mesh::{CellSums, RectMesh, Regularity};

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
}

impl CharacteristicFaultSource {
    /// Points whose box holds the surface projection.
    pub fn projection_vertices(&self) -> Vec<(f64, f64)> {
        match &self.surface {
            FaultSurface::Simple(fault) => fault.projection_vertices(),
            FaultSurface::Complex(fault) => fault.projection_vertices(),
        }
    }
}

/// One rupture of the whole surface a magnitude; its hypocentre is the middle.
pub fn ruptures(source: &Source, fault: &CharacteristicFaultSource) -> Result<FaultRuptures, SourceError> {
    let (mesh, regularity) = match &fault.surface {
        FaultSurface::Simple(f) => {
            (RectMesh::of_simple_fault(&f.trace, f.depths, f.dip, f.mesh_spacing)?, Regularity::Regular)
        }
        FaultSurface::Complex(f) => (RectMesh::of_complex_fault(&f.edges, f.mesh_spacing)?, Regularity::Irregular),
    };
    let whole = |(mag, rate)| Floating { mag, rate, patches: vec![mesh.whole()] };
    let floating = source.mfd.rates().into_iter().map(whole).collect();
    let sums = CellSums::new(&mesh, regularity);
    Ok(FaultRuptures { mesh, sums, rake: fault.rake, floating, hypocentres: Vec::new() })
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
        let made = ruptures(&source, &fault).unwrap();
        let rates: Vec<(f64, f64)> = made.floating.iter().map(|f| (f.mag, f.rate)).collect();
        assert_eq!(rates, source.mfd.rates());
        assert!(made.floating.iter().all(|f| f.patches == [made.mesh.whole()]));
        assert_eq!((made.rake, fault.projection_vertices().len()), (90.0, 4));
    }
}
