//! Area sources: a grid of equal point sources inside a polygon.

use super::SourceError;
use super::point::Spread;
use crate::geo::polygon::Polygon;

/// An area source: NRML `areaSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaSource {
    /// The vertices of its polygon (longitude, latitude), degrees.
    pub polygon: Vec<(f64, f64)>,
    /// Spacing of the grid, km.
    pub discretization: f64,
    /// How ruptures lie around each point of the grid.
    pub spread: Spread,
}

impl AreaSource {
    /// The locations of its point sources, each with an equal share of the rates.
    pub fn locations(&self) -> Result<Vec<(f64, f64)>, SourceError> {
        Ok(Polygon::new(&self.polygon)?.discretize(self.discretization)?)
    }
}
