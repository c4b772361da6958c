//! The ratio of the vertical to the horizontal component, by a model of each.
//!
//! Bozorgnia Y., Campbell K.W., 2016. Ground motion model for the vertical-to-horizontal (V/H) ratios of PGA, PGV, and
//! response spectra. Earthquake Spectra 32(2), 951-978, doi:10.1193/100614EQS151M.

use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::registry::{self, Made};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param};

coefficients! {
    /// The correlation of both components within and between events, at magnitudes of 4.5 and 5.5.
    struct Correlation { rhow1, rhow2, rhob1, rhob2 }
}

static CORRELATION: LazyLock<Table<Correlation>> = table!("BozorgniaCampbell2016_vh.csv");

/// The ratio of a vertical to a horizontal model, of these names.
pub(in crate::gsim) fn ratio(info: &'static ModelInfo, vertical: &str, horizontal: &str) -> Made {
    let (vertical, horizontal) = (registry::by_name(vertical)?, registry::by_name(horizontal)?);
    let params = Param::union(vertical.params(), horizontal.params());
    Ok(Arc::new(Ratio { info, vertical, horizontal, params }))
}

#[derive(Debug)]
struct Ratio {
    info: &'static ModelInfo,
    vertical: Arc<dyn Gsim>,
    horizontal: Arc<dyn Gsim>,
    params: Vec<Param>,
}

impl Gsim for Ratio {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    /// There is nothing to convert.
    fn component(&self) -> Component {
        Component::VerticalRatio
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        CORRELATION.check(self.info, imt)?;
        self.vertical.check(imt)?;
        self.horizontal.check(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let mut horizontal = GroundMotion::default();
        self.horizontal.compute(ctx, imts, &mut horizontal);
        self.vertical.compute(ctx, imts, out);
        let mag = ctx.column(Param::Mag);
        for (m, imt) in imts.iter().enumerate() {
            let c = CORRELATION.at(imt);
            for (k, mag) in out.row(m).zip(mag) {
                let place = (mag - 4.5).clamp(0.0, 1.0);
                let [within, between] =
                    [(c.rhow1, c.rhow2), (c.rhob1, c.rhob2)].map(|(low, high)| low + (high - low) * place);
                out.mean[k] -= horizontal.mean[k];
                out.tau[k] = of_difference(out.tau[k], horizontal.tau[k], between);
                out.phi[k] = of_difference(out.phi[k], horizontal.phi[k], within);
                out.sig[k] = hypot(out.tau[k], out.phi[k]);
            }
        }
    }
}

/// Equations 10 and 11: the standard deviation of a difference of correlated numbers.
fn of_difference(a: f64, b: f64, correlation: f64) -> f64 {
    (a * a + b * b - 2.0 * correlation * a * b).sqrt()
}
