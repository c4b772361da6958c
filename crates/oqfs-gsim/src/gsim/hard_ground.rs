//! Amplification by ground that is harder than rock.
//!
//! Atkinson G.M., Adams J., 2013. Ground motion prediction equations for application to the 2015 Canadian national
//! seismic hazard maps. Canadian Journal of Civil Engineering 40(10), 988-998, doi:10.1139/cjce-2012-0544: factors from
//! hard rock of 2,000 m/s to rock of 760 m/s. Between 1,100 and 2,000 m/s they are interpolated as Kolaj et al. (2020) do,
//! doi:10.4095/327322.

use std::sync::LazyLock;

use super::Imt;
use super::coeffs::{Table, coefficients, table};

coefficients! {
    /// Atkinson and Adams (2013): factor from hard rock of 2,000 m/s to rock of 760 m/s.
    struct Rock { c }
}

static ROCK: LazyLock<Table<Rock>> = table!("CanadaSHM6_hard_rock.csv");

/// The ln-amplification of hard rock of 2,000 m/s relative to rock of 760 m/s.
pub(in crate::gsim) fn ln_hard_rock(imt: &Imt) -> f64 {
    -ROCK.at(imt).c.ln()
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
        let over_rock = |vs30: f64| slope * (vs30.ln().min(cap) - 760f64.ln().min(cap));
        let of_rock = over_rock(HARD_ROCK).max(ln_hard_rock(imt)).min(over_rock(HARD));
        HardGround { slope, cap, rise: of_rock - over_rock(HARD) }
    }

    pub(in crate::gsim) fn ln_amplification(&self, vs30: f64) -> f64 {
        if vs30 <= HARD {
            return 0.0;
        }
        let hardness = ((vs30 / HARD).ln() / (HARD_ROCK / HARD).ln()).min(1.0);
        self.rise * hardness - self.slope * (vs30.ln().min(self.cap) - HARD.ln().min(self.cap))
    }
}
