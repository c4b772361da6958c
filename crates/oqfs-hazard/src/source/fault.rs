//! The ruptures of faults: patches of a mesh, by magnitude.

use super::point::PMF_PRECISION;
use super::{SourceError, check};
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
    /// Where the hypocentres are.
    pub hypocentres: Hypocentres,
    /// Depth of the first row of the mesh, and how much deeper each next one is, km; of simple faults alone, whose hypocentres
    /// may be at depths.
    pub rows: (f64, f64),
}

/// Where the hypocentres of the ruptures of a fault are.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Hypocentres {
    /// In the middle of each rupture.
    #[default]
    Middle,
    /// At fractions along strike and down dip of a rupture, with weights: NRML `hypoList`.
    Fractions(Vec<(f64, f64, f64)>),
    /// In the middle along strike, at these depths: NRML `hypoDepthDist`. Only depths that a rupture reaches count for it, with
    /// their share of the probability of those (engine 3.26).
    Depths(Vec<HypoDepth>),
}

/// A depth of hypocentres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HypoDepth {
    /// Its probability.
    pub probability: f64,
    /// km
    pub depth: f64,
    /// Where the hypocentre is down dip, if not at that depth: the fraction of the width of the rupture (`fixedDipFrac`).
    pub down_dip: Option<f64>,
}

impl Hypocentres {
    /// An error unless depths are between the seismogenic ones, km, and their probabilities sum to one.
    pub fn check(&self, (upper, lower): (f64, f64)) -> Result<(), SourceError> {
        let Hypocentres::Depths(list) = self else { return Ok(()) };
        for HypoDepth { probability, depth, .. } in list {
            let accepted = format!("expected within the seismogenic depths, {upper} to {lower} km");
            check("hypoDepthDist", *depth, (upper..=lower).contains(depth), &accepted)?;
            check("hypoDepthDist", *probability, *probability > 0.0, "a probability must be positive")?;
        }
        let total: f64 = list.iter().map(|depth| depth.probability).sum();
        check("hypoDepthDist", total, (total - 1.0).abs() <= PMF_PRECISION, "the sum of its probabilities must be 1")
    }
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
    /// The middle of a patch.
    pub fn middle_of(&self, patch: Patch) -> Point {
        match self.sums.regularity() {
            Regularity::Kite => kite::middle(&self.mesh, patch),
            Regularity::Regular | Regularity::Irregular => self.mesh.middle_point(patch),
        }
    }

    /// The hypocentres of a patch, with the share of its rate that each has.
    pub fn hypocentres_of(&self, patch: Patch) -> Vec<(Point, f64)> {
        let of_whole = || match self.sums.regularity() {
            Regularity::Kite => kite::centre(&self.mesh, patch),
            Regularity::Regular | Regularity::Irregular => self.mesh.middle_point(patch),
        };
        // by way of km, as the engine: half-way between two points the last digit decides
        let steps = |share: f64, n: usize| share * ((n - 1) as f64 * self.spacing) / self.spacing;
        let nearest = |share: f64, n: usize| (steps(share, n).round_ties_even() as usize).min(n - 1);
        let at = |along: f64, down: f64| {
            *self.mesh.at(patch.row + nearest(down, patch.rows), patch.col + nearest(along, patch.cols))
        };
        match &self.hypocentres {
            Hypocentres::Middle => vec![(of_whole(), 1.0)],
            Hypocentres::Fractions(list) => {
                list.iter().map(|&(along, down, weight)| (at(along, down), weight)).collect()
            }
            Hypocentres::Depths(list) => {
                let (top, bottom) = self.reach(patch);
                let is_reached = |depth: &&HypoDepth| self.reaches(patch, depth.depth);
                let total: f64 = list.iter().filter(is_reached).map(|depth| depth.probability).sum();
                // every rupture has as many hypocentres: those out of reach have no share
                let of = |depth: &HypoDepth| {
                    let down = depth.down_dip.unwrap_or(((depth.depth - top) / (bottom - top)).clamp(0.0, 1.0));
                    (at(0.5, down), if is_reached(&depth) { depth.probability / total } else { 0.0 })
                };
                list.iter().map(of).collect()
            }
        }
    }

    /// Depths of the top and of the bottom of a patch, km.
    fn reach(&self, patch: Patch) -> (f64, f64) {
        let (first, step) = self.rows;
        let depth = |row: usize| first + row as f64 * step;
        (depth(patch.row), depth(patch.row + patch.rows - 1))
    }

    fn reaches(&self, patch: Patch, depth: f64) -> bool {
        let (top, bottom) = self.reach(patch);
        (top..=bottom).contains(&depth)
    }

    /// An error if a rupture reaches none of the depths that its hypocentre may be at.
    pub fn check_hypocentres(&self) -> Result<(), SourceError> {
        let Hypocentres::Depths(list) = &self.hypocentres else { return Ok(()) };
        for patch in self.floating.iter().flat_map(|floating| &floating.patches) {
            if !list.iter().any(|depth| self.reaches(*patch, depth.depth)) {
                let (top, bottom) = self.reach(*patch);
                return Err(SourceError::Parameter {
                    parameter: "hypoDepthDist",
                    found: format!("for a rupture from {top:.2} to {bottom:.2} km"),
                    accepted: "it reaches none of its depths".into(),
                });
            }
        }
        Ok(())
    }
}
