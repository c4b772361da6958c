//! The branches of the European Seismic Hazard Model of 2020: published models with the values of five branches of stress
//! and of three of attenuation, or of site amplification.
//!
//! Weatherill G., Cotton F., 2020. A ground motion logic tree for seismic hazard analysis in the stable cratonic region of
//! Europe: regionalisation, model selection and development of a scaled backbone approach. Bulletin of Earthquake
//! Engineering 18, 6119-6148, doi:10.1007/s10518-020-00940-x. The five values are those of Miller and Rice (1983) for a
//! normal distribution, the three those of a Gauss-Hermite quadrature.
//!
//! Weatherill G., Kotha S.R., Cotton F., 2020. A regionally-adaptable "scaled backbone" ground motion logic tree for
//! shallow seismicity in Europe: application to the 2020 European seismic hazard model. Bulletin of Earthquake
//! Engineering 18, 5087-5117, doi:10.1007/s10518-020-00899-9.
//!
//! `ESHM20ShallowCrust`, `ESHM20CratonShallow` and `ESHM20Iceland` are branches of Kotha et al. (2020). The models
//! `BCHydroESHM20` are those of BC Hydro (`abrahamson_2015`) with the distance from the volcanic front, `xvf`, a taper
//! between the two sides and an attenuation of the Mediterranean; `ESHM20SInter` and `ESHM20SSlab` are their branches. The
//! branches `ESHM20Craton` are in `nga_east`.

use std::sync::LazyLock;

use crate::gsim::ModelInfo;
use crate::gsim::arguments::Arguments;
use crate::gsim::backarc::Taper;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::kotha_2020::{self, Source};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::subduction::abrahamson_2015::{
    self, FRONT_INTERFACE, FRONT_SLAB, HIGH, IN_SLAB_HIGH, IN_SLAB_LOW, LOW, Variant, make,
};

/// A branch of stress.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) enum Stress {
    VeryLow,
    Low,
    Middle,
    High,
    VeryHigh,
}

impl Stress {
    /// How many standard deviations it is from the mean.
    pub(in crate::gsim) fn epsilon(self) -> f64 {
        match self {
            Stress::VeryLow => -2.856970,
            Stress::Low => -1.355630,
            Stress::Middle => 0.0,
            Stress::High => 1.355630,
            Stress::VeryHigh => 2.856970,
        }
    }
}

/// A branch of attenuation.
#[derive(Clone, Copy, Debug)]
enum Attenuation {
    Fast,
    Middle,
    Slow,
}

impl Attenuation {
    /// Its side of the mean.
    fn side(self) -> f64 {
        match self {
            Attenuation::Fast => -1.0,
            Attenuation::Middle => 0.0,
            Attenuation::Slow => 1.0,
        }
    }
}

/// A branch of site amplification, of models for cratons.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) enum Site {
    Low,
    Middle,
    High,
}

impl Site {
    /// How many standard deviations it is from the mean.
    pub(in crate::gsim) fn epsilon(self) -> f64 {
        match self {
            Site::Low => -QUADRATURE,
            Site::Middle => 0.0,
            Site::High => QUADRATURE,
        }
    }
}

/// How many standard deviations the outer of three branches are from the mean.
const QUADRATURE: f64 = 1.732051;

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "ESHM20CratonShallowHighStressMidAtten": kotha_2020::ESHM20 => craton(Stress::High, Attenuation::Middle),
    "ESHM20CratonShallowHighStressSlowAtten": kotha_2020::ESHM20 => craton(Stress::High, Attenuation::Slow),
    "ESHM20CratonShallowMidStressMidAtten": kotha_2020::ESHM20 => craton(Stress::Middle, Attenuation::Middle),
    "ESHM20CratonShallowMidStressSlowAtten": kotha_2020::ESHM20 => craton(Stress::Middle, Attenuation::Slow),
    "ESHM20ShallowCrustVLowStressFastAtten": kotha_2020::ESHM20 => crust(Stress::VeryLow, Attenuation::Fast),
    "ESHM20ShallowCrustVLowStressMidAtten": kotha_2020::ESHM20 => crust(Stress::VeryLow, Attenuation::Middle),
    "ESHM20ShallowCrustVLowStressSlowAtten": kotha_2020::ESHM20 => crust(Stress::VeryLow, Attenuation::Slow),
    "ESHM20ShallowCrustLowStressFastAtten": kotha_2020::ESHM20 => crust(Stress::Low, Attenuation::Fast),
    "ESHM20ShallowCrustLowStressMidAtten": kotha_2020::ESHM20 => crust(Stress::Low, Attenuation::Middle),
    "ESHM20ShallowCrustLowStressSlowAtten": kotha_2020::ESHM20 => crust(Stress::Low, Attenuation::Slow),
    "ESHM20ShallowCrustMidStressFastAtten": kotha_2020::ESHM20 => crust(Stress::Middle, Attenuation::Fast),
    "ESHM20ShallowCrustMidStressMidAtten": kotha_2020::ESHM20 => crust(Stress::Middle, Attenuation::Middle),
    "ESHM20ShallowCrustMidStressSlowAtten": kotha_2020::ESHM20 => crust(Stress::Middle, Attenuation::Slow),
    "ESHM20ShallowCrustHighStressFastAtten": kotha_2020::ESHM20 => crust(Stress::High, Attenuation::Fast),
    "ESHM20ShallowCrustHighStressMidAtten": kotha_2020::ESHM20 => crust(Stress::High, Attenuation::Middle),
    "ESHM20ShallowCrustHighStressSlowAtten": kotha_2020::ESHM20 => crust(Stress::High, Attenuation::Slow),
    "ESHM20ShallowCrustVHighStressFastAtten": kotha_2020::ESHM20 => crust(Stress::VeryHigh, Attenuation::Fast),
    "ESHM20ShallowCrustVHighStressMidAtten": kotha_2020::ESHM20 => crust(Stress::VeryHigh, Attenuation::Middle),
    "ESHM20ShallowCrustVHighStressSlowAtten": kotha_2020::ESHM20 => crust(Stress::VeryHigh, Attenuation::Slow),
    "ESHM20IcelandVLowStressFastAtten": kotha_2020::ESHM20 => iceland(Stress::VeryLow, Attenuation::Fast),
    "ESHM20IcelandVLowStressMidAtten": kotha_2020::ESHM20 => iceland(Stress::VeryLow, Attenuation::Middle),
    "ESHM20IcelandVLowStressSlowAtten": kotha_2020::ESHM20 => iceland(Stress::VeryLow, Attenuation::Slow),
    "ESHM20IcelandLowStressFastAtten": kotha_2020::ESHM20 => iceland(Stress::Low, Attenuation::Fast),
    "ESHM20IcelandLowStressMidAtten": kotha_2020::ESHM20 => iceland(Stress::Low, Attenuation::Middle),
    "ESHM20IcelandLowStressSlowAtten": kotha_2020::ESHM20 => iceland(Stress::Low, Attenuation::Slow),
    "ESHM20IcelandMidStressFastAtten": kotha_2020::ESHM20 => iceland(Stress::Middle, Attenuation::Fast),
    "ESHM20IcelandMidStressMidAtten": kotha_2020::ESHM20 => iceland(Stress::Middle, Attenuation::Middle),
    "ESHM20IcelandMidStressSlowAtten": kotha_2020::ESHM20 => iceland(Stress::Middle, Attenuation::Slow),
    "ESHM20IcelandHighStressFastAtten": kotha_2020::ESHM20 => iceland(Stress::High, Attenuation::Fast),
    "ESHM20IcelandHighStressMidAtten": kotha_2020::ESHM20 => iceland(Stress::High, Attenuation::Middle),
    "ESHM20IcelandHighStressSlowAtten": kotha_2020::ESHM20 => iceland(Stress::High, Attenuation::Slow),
    "ESHM20IcelandVHighStressFastAtten": kotha_2020::ESHM20 => iceland(Stress::VeryHigh, Attenuation::Fast),
    "ESHM20IcelandVHighStressMidAtten": kotha_2020::ESHM20 => iceland(Stress::VeryHigh, Attenuation::Middle),
    "ESHM20IcelandVHighStressSlowAtten": kotha_2020::ESHM20 => iceland(Stress::VeryHigh, Attenuation::Slow),
    "BCHydroESHM20SInter": FRONT_INTERFACE => make(INTERFACE),
    "BCHydroESHM20SInterHigh": FRONT_INTERFACE => make(HIGH.attenuated(&OF_INTERFACE)),
    "BCHydroESHM20SInterLow": FRONT_INTERFACE => make(LOW.attenuated(&OF_INTERFACE)),
    "BCHydroESHM20SSlab": FRONT_SLAB => make(SLAB),
    "BCHydroESHM20SSlabHigh": FRONT_SLAB => make(IN_SLAB_HIGH.attenuated(&OF_SLAB)),
    "BCHydroESHM20SSlabLow": FRONT_SLAB => make(IN_SLAB_LOW.attenuated(&OF_SLAB)),
    "ESHM20SInterVLowStressFastAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::VeryLow, Attenuation::Fast),
    "ESHM20SInterVLowStressMidAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::VeryLow, Attenuation::Middle),
    "ESHM20SInterVLowStressSlowAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::VeryLow, Attenuation::Slow),
    "ESHM20SInterLowStressFastAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::Low, Attenuation::Fast),
    "ESHM20SInterLowStressMidAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::Low, Attenuation::Middle),
    "ESHM20SInterLowStressSlowAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::Low, Attenuation::Slow),
    "ESHM20SInterMidStressFastAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::Middle, Attenuation::Fast),
    "ESHM20SInterMidStressMidAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::Middle, Attenuation::Middle),
    "ESHM20SInterMidStressSlowAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::Middle, Attenuation::Slow),
    "ESHM20SInterHighStressFastAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::High, Attenuation::Fast),
    "ESHM20SInterHighStressMidAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::High, Attenuation::Middle),
    "ESHM20SInterHighStressSlowAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::High, Attenuation::Slow),
    "ESHM20SInterVHighStressFastAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::VeryHigh, Attenuation::Fast),
    "ESHM20SInterVHighStressMidAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::VeryHigh, Attenuation::Middle),
    "ESHM20SInterVHighStressSlowAtten": FRONT_INTERFACE => subduction(INTERFACE, Stress::VeryHigh, Attenuation::Slow),
    "ESHM20SSlabVLowStressFastAtten": FRONT_SLAB => subduction(SLAB, Stress::VeryLow, Attenuation::Fast),
    "ESHM20SSlabVLowStressMidAtten": FRONT_SLAB => subduction(SLAB, Stress::VeryLow, Attenuation::Middle),
    "ESHM20SSlabVLowStressSlowAtten": FRONT_SLAB => subduction(SLAB, Stress::VeryLow, Attenuation::Slow),
    "ESHM20SSlabLowStressFastAtten": FRONT_SLAB => subduction(SLAB, Stress::Low, Attenuation::Fast),
    "ESHM20SSlabLowStressMidAtten": FRONT_SLAB => subduction(SLAB, Stress::Low, Attenuation::Middle),
    "ESHM20SSlabLowStressSlowAtten": FRONT_SLAB => subduction(SLAB, Stress::Low, Attenuation::Slow),
    "ESHM20SSlabMidStressFastAtten": FRONT_SLAB => subduction(SLAB, Stress::Middle, Attenuation::Fast),
    "ESHM20SSlabMidStressMidAtten": FRONT_SLAB => subduction(SLAB, Stress::Middle, Attenuation::Middle),
    "ESHM20SSlabMidStressSlowAtten": FRONT_SLAB => subduction(SLAB, Stress::Middle, Attenuation::Slow),
    "ESHM20SSlabHighStressFastAtten": FRONT_SLAB => subduction(SLAB, Stress::High, Attenuation::Fast),
    "ESHM20SSlabHighStressMidAtten": FRONT_SLAB => subduction(SLAB, Stress::High, Attenuation::Middle),
    "ESHM20SSlabHighStressSlowAtten": FRONT_SLAB => subduction(SLAB, Stress::High, Attenuation::Slow),
    "ESHM20SSlabVHighStressFastAtten": FRONT_SLAB => subduction(SLAB, Stress::VeryHigh, Attenuation::Fast),
    "ESHM20SSlabVHighStressMidAtten": FRONT_SLAB => subduction(SLAB, Stress::VeryHigh, Attenuation::Middle),
    "ESHM20SSlabVHighStressSlowAtten": FRONT_SLAB => subduction(SLAB, Stress::VeryHigh, Attenuation::Slow),
};

fn crust(info: &'static ModelInfo, _: &mut Arguments, stress: Stress, attenuation: Attenuation) -> Made {
    kotha_2020::branch(info, Source::Epsilon(stress.epsilon()), QUADRATURE * attenuation.side())
}

/// A branch for cratons, where high stress is as far from the mean as slow attenuation.
fn craton(info: &'static ModelInfo, _: &mut Arguments, stress: Stress, attenuation: Attenuation) -> Made {
    let epsilon = if stress.epsilon() > 0.0 { QUADRATURE } else { 0.0 };
    kotha_2020::branch(info, Source::Epsilon(epsilon), QUADRATURE * attenuation.side())
}

coefficients! {
    /// The difference of Iceland, in five branches.
    struct Iceland { vlow, low, mid, high, vhigh }
}

static ICELAND: LazyLock<Table<Iceland>> = table!("KothaEtAl2020_iceland.csv");

fn iceland(info: &'static ModelInfo, _: &mut Arguments, stress: Stress, attenuation: Attenuation) -> Made {
    let of_branch = |c: Iceland| match stress {
        Stress::VeryLow => c.vlow,
        Stress::Low => c.low,
        Stress::Middle => c.mid,
        Stress::High => c.high,
        Stress::VeryHigh => c.vhigh,
    };
    let difference = ICELAND.imts().map(|imt| (*imt, vec![of_branch(ICELAND.at(imt))])).collect();
    kotha_2020::branch(info, Source::Given(Table::of(difference)), QUADRATURE * attenuation.side())
}

static OF_INTERFACE: LazyLock<Table<abrahamson_2015::Attenuation>> = table!("BCHydroESHM20_interface.csv");
static OF_SLAB: LazyLock<Table<abrahamson_2015::Attenuation>> = table!("BCHydroESHM20_slab.csv");

const INTERFACE: Variant = abrahamson_2015::CENTRAL.attenuated(&OF_INTERFACE);
const SLAB: Variant = abrahamson_2015::IN_SLAB.attenuated(&OF_SLAB);

fn subduction(
    info: &'static ModelInfo,
    _: &mut Arguments,
    variant: Variant,
    stress: Stress,
    attenuation: Attenuation,
) -> Made {
    abrahamson_2015::branch(info, variant, 0.0015 * attenuation.side(), stress.epsilon(), Taper::ESHM20)
}
