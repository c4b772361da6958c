//! Amplification by ground that is harder than rock.
//!
//! Atkinson G.M., Adams J., 2013. Ground motion prediction equations for application to the 2015 Canadian national
//! seismic hazard maps. Canadian Journal of Civil Engineering 40(10), 988-998, doi:10.1139/cjce-2012-0544: factors from
//! hard rock of 2,000 m/s to rock of 760 m/s. Between 1,100 and 2,000 m/s they are interpolated as Kolaj et al. (2020) do,
//! doi:10.4095/327322.

use std::sync::LazyLock;

use super::Imt;
use super::coeffs::{Table, coefficients, table};
use crate::elementary::scalar::ln;

coefficients! {
    /// Atkinson and Adams (2013): factor from hard rock of 2,000 m/s to rock of 760 m/s.
    struct Rock { c }
}

static ROCK: LazyLock<Table<Rock>> = table!("CanadaSHM6_hard_rock.csv");

/// The ln-amplification of hard rock of 2,000 m/s relative to rock of 760 m/s.
pub(in crate::gsim) fn ln_hard_rock(imt: &Imt) -> f64 {
    -ln(ROCK.at(imt).c)
}

/// Where ground begins to be hard, and where it is hard rock, m/s.
pub(in crate::gsim) const HARD: f64 = 1100.0;
pub(in crate::gsim) const HARD_ROCK: f64 = 2000.0;

/// What is added to a site term that is linear in ln(vs30), up to a greatest value of that, for hard ground.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct HardGround {
    slope: f64,
    /// The greatest ln(vs30) that counts.
    cap: f64,
    /// How the amplification changes from hard ground to hard rock.
    rise: f64,
}

impl HardGround {
    /// `slope` and `cap` are those of the site term.
    pub(in crate::gsim) fn new(imt: &Imt, slope: f64, cap: f64) -> HardGround {
        let over_rock = |vs30: f64| slope * (ln(vs30).min(cap) - const { ln(760.0) }.min(cap));
        let of_rock = over_rock(HARD_ROCK).max(ln_hard_rock(imt)).min(over_rock(HARD));
        HardGround { slope, cap, rise: of_rock - over_rock(HARD) }
    }

    /// What is added to the ln-mean, by ln(vs30).
    #[inline(always)]
    pub(in crate::gsim) fn ln_amplification(&self, ln_vs30: f64) -> f64 {
        const LN_HARD: f64 = ln(HARD);
        let hardness = ((ln_vs30 - LN_HARD) / const { ln(HARD_ROCK / HARD) }).min(1.0);
        let amplification = self.rise * hardness - self.slope * (ln_vs30.min(self.cap) - LN_HARD.min(self.cap));
        if ln_vs30 > LN_HARD { amplification } else { 0.0 }
    }
}
