//! The hazard of one source group by itself: the step that a calculation consists of.

use ndarray::Array2;

use super::classical::{Output, classical};
use super::curves::{Curves, Layout};
use super::executor::Threads;
use super::model::Model;
use super::sources::SourceGroup;
use super::{CalcError, Monitor};

/// The hazard of a source group by one of its models.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupCurves {
    /// The model, as the GSIM logic tree names it.
    pub gsim: String,
    /// By intensity measure, in the job's order: probabilities of exceedance in the investigation time, (N, L).
    pub poes: Vec<(String, Array2<f64>)>,
}

/// Compute the curves of one source group of a model by each of its ground-motion models, in the logic tree's order.
/// A group that is far from all sites has curves of zeros.
///
/// # Errors
/// Those of [`classical`], except that no rupture is near.
pub fn group_curves(model: &Model, group: &SourceGroup, monitor: &dyn Monitor) -> Result<Vec<GroupCurves>, CalcError> {
    let mut alone = Model { groups: vec![group.clone()], ..model.clone() };
    // nothing is wanted beyond the curves by model
    alone.by_source = None;
    let params = &mut alone.job.params.given;
    (params.mean, params.std, params.max, params.individual_rlzs) = (true, false, false, Some(false));
    params.quantiles.clear();
    params.poes.clear();
    let mut kept = Kept::default();
    match classical(&alone, &mut kept, &Threads, monitor, &()) {
        Ok(_) | Err(CalcError::FarFromSources) => Ok(kept.into_curves()),
        Err(error) => Err(error),
    }
}

/// Keeps the curves by model and forgets the rest.
#[derive(Default)]
struct Kept {
    layout: Option<Layout>,
    /// (G) of (N, M, L).
    by_pair: Vec<Vec<f64>>,
}

type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;

impl Output for Kept {
    fn begin(&mut self, layout: &Layout) -> Done {
        self.by_pair = vec![Vec::with_capacity(layout.sites * layout.all_rock_levels()); layout.pairs.len()];
        self.layout = Some(layout.clone());
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Done {
        self.by_pair.iter_mut().zip(&curves.by_pair).for_each(|(all, tile)| all.extend(tile));
        Ok(())
    }
}

impl Kept {
    fn into_curves(self) -> Vec<GroupCurves> {
        let Some(layout) = self.layout else { return Vec::new() };
        let by_imt = |poes: &[f64]| {
            let of = |(m, imt): (usize, &String)| {
                let at = |(site, level)| poes[site * layout.all_rock_levels() + m * layout.rock_levels + level];
                (imt.clone(), Array2::from_shape_fn((layout.sites, layout.rock_levels), at))
            };
            layout.imts.iter().enumerate().map(of).collect()
        };
        let pairs = layout.pairs.iter().zip(&self.by_pair);
        pairs.map(|((_, gsim), poes)| GroupCurves { gsim: gsim.clone(), poes: by_imt(poes) }).collect()
    }
}
