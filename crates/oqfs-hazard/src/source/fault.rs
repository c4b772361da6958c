//! The ruptures of faults: patches of a mesh, by magnitude.

use crate::geo::Point;
use crate::geo::kite;
use crate::geo::mesh::{CellSums, Patch, RectMesh, Regularity};

/// The ruptures of a fault.
#[derive(Clone, Debug)]
pub struct FaultRuptures {
    /// The whole surface.
    pub mesh: RectMesh,
    /// From which strike, dip and width of a patch follow.
    pub sums: CellSums,
    /// Rake of all ruptures, degrees.
    pub rake: f64,
    /// The magnitudes.
    pub floating: Vec<Floating>,
    /// Spacing of the mesh along strike and, where hypocentres are listed, down dip, km.
    pub spacing: f64,
    /// Hypocentres as fractions along strike and down dip of a rupture, with weights; empty for its middle.
    pub hypocentres: Vec<(f64, f64, f64)>,
}

/// The ruptures of one magnitude.
#[derive(Clone, Debug)]
pub struct Floating {
    /// The magnitude.
    pub mag: f64,
    /// Annual rate of one rupture.
    pub rate: f64,
    /// Where the ruptures are.
    pub patches: Vec<Patch>,
}

impl FaultRuptures {
    /// The hypocentres of a patch, with the share of its rate that each has.
    pub fn hypocentres_of(&self, patch: Patch) -> impl Iterator<Item = (Point, f64)> {
        let of_whole = || match self.sums.regularity() {
            Regularity::Kite => kite::centre(&self.mesh, patch),
            _ => self.mesh.middle_point(patch),
        };
        let middle = self.hypocentres.is_empty().then(|| (of_whole(), 1.0));
        let listed = self.hypocentres.iter().map(move |&(along, down, weight)| {
            // by way of km, as the engine: half-way between two points the last digit decides
            let steps = |share: f64, n: usize| share * ((n - 1) as f64 * self.spacing) / self.spacing;
            let nearest = |share: f64, n: usize| steps(share, n).round_ties_even() as usize;
            let (row, col) = (nearest(down, patch.rows), nearest(along, patch.cols));
            (*self.mesh.at(patch.row + row.min(patch.rows - 1), patch.col + col.min(patch.cols - 1)), weight)
        });
        middle.into_iter().chain(listed)
    }
}
