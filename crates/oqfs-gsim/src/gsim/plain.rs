//! Models that are one table of coefficients and one equation of the parameters they declare.

use std::sync::{Arc, LazyLock};

use super::batch;
use super::coeffs::{Coefficients, Table};
use super::model_info::debug_as_name;
use super::registry::Made;
use super::{Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param};

/// The model of a declaration whose parameters are `N`.
///
/// `row` is what is known of an intensity measure, with its coefficients; `terms` what is the same for all intensity
/// measures, given the parameters in the order of the declaration.
pub(super) fn plain<C, R, const N: usize>(
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<C>>,
    row: fn(&Imt, C) -> R,
    terms: fn([f64; N]) -> R::Terms,
) -> Made
where
    C: Coefficients + 'static,
    R: batch::Row + 'static,
{
    let params = std::array::from_fn(|i| info.params[i]);
    Ok(Arc::new(Plain { info, coeffs, row, terms, params, infers_depths: false }))
}

/// The same for a model whose terms take -999 for a depth of the ground that is not known.
pub(super) fn plain_with_mean_depths<C, R, const N: usize>(
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<C>>,
    row: fn(&Imt, C) -> R,
    terms: fn([f64; N]) -> R::Terms,
) -> Made
where
    C: Coefficients + 'static,
    R: batch::Row + 'static,
{
    let params = std::array::from_fn(|i| info.params[i]);
    Ok(Arc::new(Plain { info, coeffs, row, terms, params, infers_depths: true }))
}

struct Plain<C: 'static, R: batch::Row, const N: usize> {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<C>>,
    row: fn(&Imt, C) -> R,
    terms: fn([f64; N]) -> R::Terms,
    params: [Param; N],
    infers_depths: bool,
}

debug_as_name!(for [C, R: batch::Row, const N: usize] Plain<C, R, N>);

impl<C: Coefficients, R: batch::Row, const N: usize> Gsim for Plain<C, R, N> {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        self.infers_depths
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let columns = ctx.columns(self.params);
        let rows: Vec<R> = imts.iter().map(|imt| (self.row)(imt, self.coeffs.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| (self.terms)(columns.map(|column| column[k])));
    }
}

/// The natural logarithm of the acceleration of gravity in cm/s^2.
pub(super) const LN_G: f64 = 6.888_230_916_953_265;

/// The strike-slip, normal and reverse faulting of a rake, of which one is 1 and the others 0: within 30 degrees of
/// horizontal it is strike-slip.
pub(super) fn style_of_faulting(rake: f64) -> [f64; 3] {
    let (reverse, normal) = (rake > 30.0 && rake < 150.0, rake > -150.0 && rake < -30.0);
    [!(reverse || normal), normal, reverse].map(f64::from)
}

/// The natural logarithm of the unit of an intensity measure, where a model has cm/s^2 and cm/s.
pub(super) fn ln_unit(imt: &Imt) -> f64 {
    if imt.kind() == super::ImtKind::Pgv { 0.0 } else { LN_G }
}
