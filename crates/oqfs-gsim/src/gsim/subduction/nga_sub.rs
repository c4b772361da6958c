//! What models of the NGA-Subduction project have in common: regions, and the changes made for the National Seismic Hazard Model of New Zealand of 2022.
//!
//! Bradley B.A., Bora S., Lee R.L., Manea E.F., Gerstenberger M.C., Stafford P.J., Atkinson G.M., Weatherill G.,
//! Hutchinson J., de la Torre C., et al., 2022. Summary of the ground-motion characterisation model for the 2022 New
//! Zealand National Seismic Hazard Model. GNS Science Report 2022/46.

use crate::elementary::branchless::ln;
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::BasinScaling;
use crate::gsim::subduction::abrahamson_2015;
use crate::gsim::{GsimError, Imt, ImtKind, ModelInfo, Trt};

/// Where a model was adjusted to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::gsim) enum Region {
    Global,
    Alaska,
    Cascadia,
    CentralAmerica,
    Japan,
    NewZealand,
    SouthAmerica,
    Taiwan,
    /// Cascadia with the basin of Seattle.
    Seattle,
}

/// The regions by the code of the argument `region`.
const REGIONS: [(&str, Region); 9] = [
    ("GLO", Region::Global),
    ("USA-AK", Region::Alaska),
    ("CAS", Region::Cascadia),
    ("CAM", Region::CentralAmerica),
    ("JPN", Region::Japan),
    ("NZL", Region::NewZealand),
    ("SAM", Region::SouthAmerica),
    ("TWN", Region::Taiwan),
    ("SEA", Region::Seattle),
];

impl Region {
    /// That of the argument `region`, where those `left_out` are not accepted.
    pub(in crate::gsim) fn read(arguments: &mut Arguments, left_out: &[Region]) -> Result<Region, GsimError> {
        let accepted = REGIONS.iter().filter(|(_, region)| !left_out.contains(region));
        let accepted: Vec<_> = accepted.copied().collect();
        Ok(arguments.one_of("region", &accepted)?.unwrap_or(Region::Global))
    }
}

/// Whose model it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::gsim) enum Edition {
    Published,
    /// That of New Zealand's hazard model.
    NewZealand,
}

/// The scaling of basin terms that the argument says; it is for `Cascadia` alone.
pub(in crate::gsim) fn basin_scaling(arguments: &mut Arguments, is_cascadia: bool) -> Result<BasinScaling, GsimError> {
    cascadia_flag(arguments, BasinScaling::ARGUMENT, is_cascadia).map(BasinScaling::when)
}

/// An argument that may be true in Cascadia alone.
pub(in crate::gsim) fn cascadia_flag(
    arguments: &mut Arguments,
    name: &'static str,
    is_cascadia: bool,
) -> Result<bool, GsimError> {
    match arguments.flag_or(name, false)? {
        true if !is_cascadia => Err(arguments.wrong(name, &true, "false, as the region is not Cascadia")),
        flag => Ok(flag),
    }
}

/// The term of sites behind the volcanic arc of New Zealand: that of BC Hydro (2016) for the slab. A constant and the
/// factor of [`ln_backarc`]; 0 at the interface.
///
/// The engine takes the term of `PGA` for `PGV` too.
pub(in crate::gsim) fn backarc(edition: Edition, info: &ModelInfo, imt: &Imt) -> [f64; 2] {
    match edition {
        Edition::Published => [0.0; 2],
        Edition::NewZealand => backarc_of_slab(info, imt),
    }
}

/// The same of a model that is for New Zealand.
pub(in crate::gsim) fn backarc_of_slab(info: &ModelInfo, imt: &Imt) -> [f64; 2] {
    const WEIGHT: f64 = 1.008;
    if info.trt != Trt::SubductionIntraslab {
        return [0.0; 2];
    }
    let is_long = imt.kind() == ImtKind::Sa && imt.period().is_some_and(|period| period >= 0.02);
    abrahamson_2015::backarc_of_slab(if is_long { imt } else { &Imt::PGA }).map(|theta| WEIGHT * theta)
}

/// What the factor of [`backarc`] multiplies.
#[inline(always)]
pub(in crate::gsim) fn ln_backarc(rrup: f64) -> f64 {
    ln(rrup.max(85.0) / 40.0)
}

#[cfg(test)]
mod tests {
    use crate::gsim::by_name;

    fn error(text: &str) -> String {
        by_name(text).unwrap_err().to_string()
    }

    #[test]
    fn what_a_region_does_not_have_is_refused() {
        assert_eq!(
            error("[AbrahamsonGulerce2020SInter]\nregion = 'SEA'"),
            "AbrahamsonGulerce2020SInter: region = SEA: expected one of GLO, USA-AK, CAS, CAM, JPN, NZL, SAM, TWN"
        );
        assert_eq!(
            error("[AbrahamsonGulerce2020SSlab]\nusgs_basin_scaling = true"),
            "AbrahamsonGulerce2020SSlab: usgs_basin_scaling = true: expected false, as the region is not Cascadia"
        );
        assert_eq!(
            error("[AbrahamsonGulerce2020SSlabJapan]\nregion = 'CAS'"),
            "AbrahamsonGulerce2020SSlabJapan does not take the argument \"region\"; accepted are: mixture_model, \
             ergodic, apply_usa_adjustment, sigma_mu_epsilon, usgs_basin_scaling, ak23_bias_adj"
        );
        assert_eq!(
            error("[KuehnEtAl2020SInterAlaska]\nak23_bias_adj = true"),
            "KuehnEtAl2020SInterAlaska: ak23_bias_adj = true: expected false, as the model is not that of the interface worldwide"
        );
        assert!(error("[NZNSHM2022_AbrahamsonGulerce2020SSlab]\nregion = 'CAS'").contains("one of GLO, USA-AK, CAM"));
    }
}
