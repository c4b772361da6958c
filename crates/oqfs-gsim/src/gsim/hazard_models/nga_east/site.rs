//! Site amplification for central and eastern North America, relative to very hard rock of 3,000 m/s.
//!
//! Stewart J.P., Parker G.A., Atkinson G.M., Boore D.M., Hashash Y.M.A., Silva W.J., 2020. Ergodic site amplification
//! model for central and eastern North America. Earthquake Spectra 36(1), 42-68, doi:10.1177/8755293019878185.
//!
//! Hashash Y.M.A., Ilhan O., Harmon J.A., Parker G.A., Stewart J.P., Rathje E.M., Campbell K.W., Silva W.J., 2020.
//! Nonlinear site amplification model for ergodic seismic hazard analysis in Central and Eastern North America.
//! Earthquake Spectra 36(1), 69-86, doi:10.1177/8755293019878193.

use std::sync::LazyLock;

use crate::elementary::hypot;
use crate::elementary::scalar::{exp, ln};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::{GsimError, Imt, ImtKind, ModelInfo};

coefficients! {
    /// The linear and the nonlinear model, and amplification from very hard rock to 760 m/s.
    struct Coeffs {
        c, v1, v2, vf, sigma_vc, sigma_l, sigma_u, f3, f4, f5, vc, sigma_c, f4_mod, f760i, f760g, f760is, f760gs,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("NGAEast_site.csv");

/// The amplification of one intensity measure.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct SiteTerm {
    c: Coeffs,
    /// The hardest ground that is not linear, m/s.
    linear_from: f64,
}

/// Up to these velocities (m/s) the slopes and standard deviations of equations 3 and 4 hold.
const VREF: f64 = 760.0;
const VL: f64 = 200.0;
const VU: f64 = 2000.0;
const ROCK: f64 = 3000.0;

impl SiteTerm {
    /// Whether the term is defined for an intensity measure; the error says that `info` is not.
    pub(in crate::gsim) fn check(info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(info, imt)
    }

    /// Of an intensity measure that has passed [`SiteTerm::check`].
    pub(super) fn at(imt: &Imt) -> SiteTerm {
        let is_short = imt.kind() != ImtKind::Pgv && imt.period().is_some_and(|period| period < 0.4);
        SiteTerm { c: COEFFS.at(imt), linear_from: if is_short { VREF } else { ROCK } }
    }

    /// The term with the nonlinearity of the United States' model of 2023.
    pub(super) fn of_2023(self) -> SiteTerm {
        SiteTerm { c: Coeffs { f4: 0.5 * (self.c.f4 + self.c.f4_mod), ..self.c }, ..self }
    }

    /// What is added to the ln-mean on very hard rock, given `PGA` there.
    pub(super) fn ln_amplification(&self, vs30: f64, ln_pga_rock: f64) -> f64 {
        let f760 = weighted(vs30, self.c.f760i, self.c.f760g);
        self.linear(vs30, f760) + f760 + self.nonlinear(vs30) * self.strength(ln_pga_rock)
    }

    /// The epistemic standard deviation of [`SiteTerm::ln_amplification`].
    pub(super) fn sigma(&self, vs30: f64, ln_pga_rock: f64) -> f64 {
        let linear = hypot(weighted(vs30, self.c.f760is, self.c.f760gs), self.linear_sigma(vs30));
        hypot(linear, self.nonlinear_sigma(vs30) * self.strength(ln_pga_rock))
    }

    /// Stewart et al. (2020), equation 3.
    fn linear(&self, vs30: f64, f760: f64) -> f64 {
        let c = &self.c;
        let slope = |v: f64| c.c * ln(v / VREF);
        if vs30 >= ROCK {
            -f760
        } else if vs30 > VU {
            slope(c.v2) - (slope(c.v2) + f760) * towards_rock(vs30)
        } else if vs30 > c.v2 {
            slope(c.v2)
        } else {
            slope(vs30.max(c.v1))
        }
    }

    /// Equation 4.
    fn linear_sigma(&self, vs30: f64) -> f64 {
        let c = &self.c;
        if vs30 > ROCK {
            0.0
        } else if vs30 >= VU {
            c.sigma_u * (1.0 - towards_rock(vs30))
        } else if vs30 > c.v2 {
            let place = (vs30 - c.v2) / (VU - c.v2);
            c.sigma_vc + (c.sigma_u - c.sigma_vc) * place * place
        } else if vs30 < c.vf {
            let place = (vs30 - VL) / (c.vf - VL);
            c.sigma_l + (c.sigma_l - c.sigma_vc) * (place * place - 2.0 * place)
        } else {
            c.sigma_vc
        }
    }

    /// The nonlinear part alone, where ground harder than rock of 760 m/s yields from 0.4 s on.
    pub(in crate::gsim) fn ln_nonlinear(imt: &Imt, vs30: f64, ln_pga_rock: f64) -> f64 {
        let is_long = imt.period().is_some_and(|period| period >= 0.4);
        let term = SiteTerm { c: COEFFS.at(imt), linear_from: if is_long { ROCK } else { VREF } };
        term.nonlinear(vs30) * term.strength(ln_pga_rock)
    }

    /// Hashash et al. (2020), equation 3: f2.
    fn nonlinear(&self, vs30: f64) -> f64 {
        let c = &self.c;
        let at = |v: f64| exp(c.f5 * (v - 360.0));
        if vs30 < c.vc { c.f4 * (at(vs30.min(self.linear_from)) - at(self.linear_from)) } else { 0.0 }
    }

    /// The standard deviation of f2.
    fn nonlinear_sigma(&self, vs30: f64) -> f64 {
        self.c.sigma_c * (1.0 - ln(vs30 / 300.0) / const { ln(1000.0 / 300.0) }).clamp(0.0, 1.0)
    }

    /// Equation 2: ln((PGAr + f3) / f3).
    fn strength(&self, ln_pga_rock: f64) -> f64 {
        ln((exp(ln_pga_rock) + self.c.f3) / self.c.f3)
    }
}

/// From 2,000 to 3,000 m/s, 0 to 1.
fn towards_rock(vs30: f64) -> f64 {
    ln(vs30 / VU) / const { ln(ROCK / VU) }
}

/// Stewart et al. (2020), equations 5 to 7: the mean of conditions of impedance and of gradient.
fn weighted(vs30: f64, impedance: f64, gradient: f64) -> f64 {
    const WEIGHTS: [f64; 2] = [0.1, 0.767];
    let place = (ln(vs30 / 400.0) / const { ln(1.5) }).clamp(0.0, 1.0);
    let weight = WEIGHTS[0] + (WEIGHTS[1] - WEIGHTS[0]) * place;
    weight * impedance + (1.0 - weight) * gradient
}
