//! Adjustments of models for stable crust to style of faulting and to rock of 800 m/s.
//!
//! Delavaud E., Cotton F., Akkar S., Scherbaum F., Danciu L., et al., 2012. Toward a ground-motion logic tree for
//! probabilistic seismic hazard assessment in Europe. Journal of Seismology 16(3), 451-473,
//! doi:10.1007/s10950-012-9281-z. The style of faulting is adjusted after Bommer J.J., Douglas J., Strasser F.O., 2003.
//! Style-of-faulting in ground-motion prediction equations. Bulletin of Earthquake Engineering 1(2), 171-203,
//! doi:10.1023/A:1026323123154.

use super::coeffs::coefficients;
use crate::elementary::scalar::ln;

coefficients! {
    /// Ratio of reverse to strike-slip motion, and factor from hard rock to rock.
    pub(in crate::gsim) struct StyleAndRock { frss, afrock }
}

/// Ratio of normal to strike-slip motion.
const FNSS: f64 = 0.95;
/// Share of reverse earthquakes in the models' data.
const P_REVERSE: f64 = 0.81;
/// Share of normal earthquakes in the models' data.
const P_NORMAL: f64 = 0.01;

/// Style of faulting from the rake: one of the two is 1, or both are 0 for strike-slip.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::gsim) struct Style {
    reverse: f64,
    normal: f64,
}

impl Style {
    pub(in crate::gsim) fn from_rake(rake: f64) -> Style {
        let (reverse, normal) = (rake > 30.0 && rake <= 150.0, rake > -120.0 && rake <= -60.0);
        Style { reverse: f64::from(reverse), normal: f64::from(normal) }
    }
}

/// What is added to the ln-mean: nothing by default.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::gsim) struct LnFactors {
    strike_slip: f64,
    reverse_over_strike_slip: f64,
    normal_over_strike_slip: f64,
}

impl StyleAndRock {
    pub(in crate::gsim) fn ln_factors(&self) -> LnFactors {
        let (reverse, normal) = (ln(self.frss), ln(FNSS));
        LnFactors {
            strike_slip: ln(self.afrock) - P_REVERSE * reverse - P_NORMAL * normal,
            reverse_over_strike_slip: reverse,
            normal_over_strike_slip: normal,
        }
    }
}

impl LnFactors {
    #[inline(always)]
    pub(in crate::gsim) fn of(&self, style: Style) -> f64 {
        let over_strike_slip =
            self.reverse_over_strike_slip * style.reverse + self.normal_over_strike_slip * style.normal;
        self.strike_slip + over_strike_slip
    }
}
