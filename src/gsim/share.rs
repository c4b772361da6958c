//! Adjustments of models for stable crust to style of faulting and to rock of 800 m/s, for the SHARE project.
//!
//! Delavaud E., Cotton F., Akkar S., Scherbaum F., Danciu L., et al., 2012. Toward a ground-motion logic tree for
//! probabilistic seismic hazard assessment in Europe. Journal of Seismology 16(3), 451-473,
//! doi:10.1007/s10950-012-9281-z. The style of faulting is adjusted after Bommer J.J., Douglas J., Strasser F.O., 2003.
//! Style-of-faulting in ground-motion prediction equations. Bulletin of Earthquake Engineering 1(2), 171-203,
//! doi:10.1023/A:1026323123154.

use super::coeffs::coefficients;

coefficients! {
    /// Ratio of reverse to strike-slip motion, and factor from hard rock to rock.
    pub(super) struct StyleAndRock { frss, afrock }
}

/// Ratio of normal to strike-slip motion.
const FNSS: f64 = 0.95;
/// Share of reverse earthquakes in the models' data.
const P_REVERSE: f64 = 0.81;
/// Share of normal earthquakes in the models' data.
const P_NORMAL: f64 = 0.01;

/// Style of faulting from the rake.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    StrikeSlip,
    Reverse,
    Normal,
}

impl Style {
    pub(super) fn from_rake(rake: f64) -> Style {
        if rake > 30.0 && rake <= 150.0 {
            Style::Reverse
        } else if rake > -120.0 && rake <= -60.0 {
            Style::Normal
        } else {
            Style::StrikeSlip
        }
    }
}

impl StyleAndRock {
    /// What is added to the ln-mean, for each style.
    pub(super) fn ln_factors(&self) -> LnFactors {
        let common = self.afrock.ln() - P_REVERSE * self.frss.ln() - P_NORMAL * FNSS.ln();
        LnFactors([common, common + self.frss.ln(), common + FNSS.ln()])
    }
}

/// What is added to the ln-mean, for each style of faulting.
#[derive(Clone, Copy, Debug)]
pub(super) struct LnFactors([f64; 3]);

impl LnFactors {
    /// No adjustment.
    pub(super) const NONE: LnFactors = LnFactors([0.0; 3]);

    pub(super) fn of(&self, style: Style) -> f64 {
        self.0[style as usize]
    }
}
