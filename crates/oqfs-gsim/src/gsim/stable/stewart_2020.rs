//! Site amplification for central and eastern North America relative to rock of 760 or 3,000 m/s, as a term for models of others.
//!
//! Stewart J.P., Parker G.A., Atkinson G.M., Boore D.M., Hashash Y.M.A., Silva W.J., 2020. Ergodic site amplification
//! model for central and eastern North America. Earthquake Spectra 36(1), 42-68, doi:10.1177/8755293019878185.
//!
//! Hashash Y.M.A., Ilhan O., Harmon J.A., Parker G.A., Stewart J.P., Rathje E.M., Campbell K.W., Silva W.J., 2020.
//! Nonlinear site amplification model for ergodic seismic hazard analysis in Central and Eastern North America.
//! Earthquake Spectra 36(1), 69-86, doi:10.1177/8755293019878193.
//!
//! The coefficients are those of the papers, at more periods than the NGA-East models have; there are no standard deviations.

use std::sync::LazyLock;

use crate::elementary::scalar::{exp, ln};
use crate::gsim::Imt;
use crate::gsim::coeffs::{Table, coefficients, table};

coefficients! {
    /// Stewart et al. (2020), equation 3.
    struct Linear { c, v1, v2 }
}

coefficients! {
    /// Equation 5: amplification from 3,000 to 760 m/s.
    struct F760 { f760i, f760g }
}

coefficients! {
    /// Hashash et al. (2020), table 2.
    struct Nonlinear { f3, f4, f5, vc }
}

static LINEAR: LazyLock<Table<Linear>> = table!("StewartEtAl2020.csv");
static F760_TABLE: LazyLock<Table<F760>> = table!("StewartEtAl2020_f760.csv");
static F760_USGS: LazyLock<Table<F760>> = table!("NGAEast_site.csv");
static NONLINEAR: LazyLock<Table<Nonlinear>> = table!("HashashEtAl2020.csv");

/// What the amplification is relative to.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Conditions {
    /// The weight of conditions of impedance, as against those of gradient.
    pub(in crate::gsim) impedance: f64,
    /// The `vs30` for which `PGA` on rock is given: 760 or 3,000 m/s.
    pub(in crate::gsim) rock: f64,
    /// Whether the amplification to 760 m/s is that of the United States' national maps.
    pub(in crate::gsim) is_usgs: bool,
}

/// The amplification of one intensity measure.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Amplification {
    linear: Linear,
    nonlinear: Nonlinear,
    f760: f64,
    /// The hardest ground that is not linear, m/s.
    linear_from: f64,
    /// What `PGA` is divided by, for that on very hard rock.
    to_hard_rock: f64,
}

/// Velocities of equation 3, m/s.
const VREF: f64 = 760.0;
const VU: f64 = 2000.0;
const HARD_ROCK: f64 = 3000.0;

/// The softest ground of the model, m/s.
pub(in crate::gsim) const SOFTEST: f64 = 200.0;

impl Amplification {
    /// `None` at a period that the tables do not define.
    pub(in crate::gsim) fn get(conditions: Conditions, imt: &Imt) -> Option<Amplification> {
        let Conditions { impedance, rock, is_usgs } = conditions;
        let f760 = if is_usgs { &F760_USGS } else { &F760_TABLE }.get(imt)?;
        let is_short = imt.period().is_none_or(|period| period < 0.4);
        Some(Amplification {
            linear: LINEAR.get(imt)?,
            nonlinear: NONLINEAR.get(imt)?,
            f760: impedance * f760.f760i + (1.0 - impedance) * f760.f760g,
            linear_from: if is_short { VREF } else { rock },
            to_hard_rock: if rock == HARD_ROCK { 1.0 } else { 2.275 },
        })
    }

    /// What is added to the ln-mean, given that of `PGA` on rock.
    pub(in crate::gsim) fn ln_amplification(&self, vs30: f64, ln_pga_rock: f64) -> f64 {
        self.linear(vs30) + self.f760 + self.nonlinear(vs30, ln_pga_rock)
    }

    /// Stewart et al. (2020), equation 3.
    fn linear(&self, vs30: f64) -> f64 {
        let Linear { c, v1, v2 } = self.linear;
        let slope = |v: f64| c * ln(v / VREF);
        if vs30 > HARD_ROCK {
            0.0
        } else if vs30 > VU {
            slope(v2) - (slope(v2) + self.f760) * ln(vs30 / VU) / const { ln(HARD_ROCK / VU) }
        } else {
            slope(vs30.clamp(v1, v2))
        }
    }

    /// Hashash et al. (2020), equations 2 and 3.
    fn nonlinear(&self, vs30: f64, ln_pga_rock: f64) -> f64 {
        let Nonlinear { f3, f4, f5, vc } = self.nonlinear;
        if vs30 >= vc {
            return 0.0;
        }
        let at = |v: f64| exp(f5 * (v - 360.0));
        let strength = (exp(ln_pga_rock) / self.to_hard_rock + f3) / f3;
        f4 * (at(vs30.min(self.linear_from)) - at(self.linear_from)) * ln(strength)
    }
}
