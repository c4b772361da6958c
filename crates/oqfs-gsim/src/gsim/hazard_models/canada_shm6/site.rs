//! The site terms of Canada's sixth hazard model.

use std::f64::consts::LN_10;

use crate::elementary::scalar::ln;
use crate::gsim::Imt;
use crate::gsim::crustal::abrahamson_2014;
use crate::gsim::crustal::boore_2014;
use crate::gsim::crustal::chiou_youngs_2014;
use crate::gsim::hard_ground::{HARD, HARD_ROCK, HardGround, ln_hard_rock};
use crate::gsim::interpolate;
use crate::gsim::subduction::atkinson_boore_2003;
use crate::gsim::subduction::ghofrani_atkinson_2014;
use crate::gsim::subduction::zhao_2006;

/// The site term of a model.
#[derive(Clone, Copy, Debug)]
pub(super) enum Site {
    /// That of the model itself.
    None,
    /// On hard ground other than that of the model.
    Abrahamson,
    Boore,
    Ghofrani,
    /// Hard ground is amplified once more as that of 1,100 m/s (engine behaviour).
    Chiou,
    /// Boore et al. (2014), on a model of rock of 760 m/s.
    Atkinson,
    /// The same on a model of ground of 1,100 m/s, where hard rock may amplify.
    Garcia,
    /// The classes of the model, interpolated, on hard rock.
    Zhao,
    AtkinsonSlab,
}

impl Site {
    /// Whether `PGA` on rock is needed.
    pub(super) fn needs_rock(self) -> bool {
        matches!(self, Site::Atkinson | Site::Garcia | Site::AtkinsonSlab)
    }

    /// Add the amplification of each site to the ln-mean of an intensity measure; `ln_pga` is `PGA` on rock.
    pub(super) fn add(self, imt: &Imt, vs30: &[f64], ln_pga: &[f64], mean: &mut [f64]) {
        let boore = |imt: &Imt| {
            let (slope, cap) = boore_2014::SiteTerm::at(imt).slope_and_cap();
            HardGround::new(imt, slope, cap)
        };
        match self {
            Site::None => {}
            Site::Abrahamson => {
                let (slope, cap) = abrahamson_2014::slope_and_cap(imt);
                let hard = HardGround::new(imt, slope, cap);
                add(mean, vs30, |_, vs30| hard.ln_amplification(ln(vs30)));
            }
            Site::Boore => {
                let hard = boore(imt);
                add(mean, vs30, |_, vs30| hard.ln_amplification(ln(vs30)));
            }
            Site::Ghofrani => {
                let hard = HardGround::new(imt, ghofrani_atkinson_2014::slope(imt), f64::INFINITY);
                add(mean, vs30, |_, vs30| hard.ln_amplification(ln(vs30)));
            }
            Site::Chiou => {
                let once_more = chiou_youngs_2014::SiteTerm::get(imt).map_or(0.0, |term| term.linear(HARD));
                add(mean, vs30, |_, vs30| if vs30 > HARD { once_more } else { 0.0 });
            }
            Site::Atkinson => {
                let (hard, term) = (boore(imt), boore_2014::SiteTerm::at(imt));
                add(mean, vs30, |k, vs30| {
                    term.ln_amplification(&boore_2014::Site::new(vs30, ln_pga[k])) + hard.ln_amplification(ln(vs30))
                });
            }
            Site::Garcia => {
                let term = boore_2014::SiteTerm::at(imt);
                let pga_of_ground = boore_2014::SiteTerm::at(&Imt::PGA).linear_at(HARD);
                add(mean, vs30, |k, vs30| garcia(imt, &term, vs30, ln_pga[k] - pga_of_ground));
            }
            Site::Zhao => {
                let (points, [of_rock, ..]) = (zhao(imt), zhao_2006::classes(imt));
                add(mean, vs30, |_, vs30| interpolate(&points, ln(vs30)) - of_rock);
            }
            Site::AtkinsonSlab => {
                let points = atkinson_slab(imt);
                add(mean, vs30, |k, vs30| {
                    let strength = if vs30 < HARD { atkinson_boore_2003::linear_factor(imt, ln_pga[k]) } else { 1.0 };
                    interpolate(&points, ln(vs30)) * strength
                });
            }
        }
    }
}

fn add(mean: &mut [f64], vs30: &[f64], amplification: impl Fn(usize, f64) -> f64) {
    mean.iter_mut().zip(vs30).enumerate().for_each(|(k, (mean, &vs30))| *mean += amplification(k, vs30));
}

/// Relative to 1,100 m/s; on hard ground the greater of two.
fn garcia(imt: &Imt, term: &boore_2014::SiteTerm, vs30: f64, ln_pga: f64) -> f64 {
    if vs30 < HARD {
        return term.ln_amplification(&boore_2014::Site::new(vs30, ln_pga)) - term.linear_at(HARD);
    }
    let hardness = (ln(vs30 / HARD) / const { ln(HARD_ROCK / HARD) }).min(1.0);
    let from_hard = 1.0 - const { ln(HARD / 760.0) } / const { ln(HARD_ROCK / 760.0) };
    (ln_hard_rock(imt) * from_hard * hardness).max(term.linear_at(vs30) - term.linear_at(HARD))
}

/// The places of ln(vs30) that the amplification of classes is interpolated between, of 160 to 2,000 m/s.
fn places(values: [f64; 6]) -> [(f64, f64); 6] {
    let vs30 = [160.0, 250.0, 450.0, 760.0, HARD, HARD_ROCK];
    std::array::from_fn(|i| (ln(vs30[i]), values[i]))
}

fn zhao(imt: &Imt) -> [(f64, f64); 6] {
    let [hard, rock, stiff, medium, soft] = zhao_2006::classes(imt);
    let between = 0.5 * (hard + rock);
    places([soft, medium, stiff, rock, between, hard.max(rock + ln_hard_rock(imt)).min(between)])
}

fn atkinson_slab(imt: &Imt) -> [(f64, f64); 6] {
    let [c, d, e] = atkinson_boore_2003::classes_of_cascadia(imt).map(|class| LN_10 * class);
    let rock = 0.41367 * c;
    places([e, d, c, rock, 0.0, (ln_hard_rock(imt) + rock).min(0.0)])
}
