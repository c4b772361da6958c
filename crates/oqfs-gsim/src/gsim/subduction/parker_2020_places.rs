//! The places that the models of `parker_2020` are adjusted to: regions, zones within them by which great magnitudes
//! saturate, and basins.

use std::sync::LazyLock;

use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::subduction::nga_sub::{Edition, Region};
use crate::gsim::{GsimError, Imt, ModelInfo, Trt};

/// A zone within a region, by which great magnitudes saturate.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Zone {
    Aleutian,
    CentralAmericaNorth,
    CentralAmericaSouth,
    SouthAmericaNorth,
    SouthAmericaSouth,
    TaiwanEast,
    TaiwanWest,
    JapanPacific,
    JapanPhilippine,
}

/// What is known of the basin of a site in Cascadia.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::gsim) enum Basin {
    /// Nothing.
    Any,
    /// The site is in none.
    Out,
    /// It is that of Seattle.
    Seattle,
}

/// The values of the argument `region`.
const REGIONS: [(&str, Region); 6] = [
    ("AK", Region::Alaska),
    ("CAM", Region::CentralAmerica),
    ("Cascadia", Region::Cascadia),
    ("JP", Region::Japan),
    ("SA", Region::SouthAmerica),
    ("TW", Region::Taiwan),
];

/// The values of the argument `saturation_region`.
const ZONES: [(&str, Zone); 9] = [
    ("Aleutian", Zone::Aleutian),
    ("CAM_N", Zone::CentralAmericaNorth),
    ("CAM_S", Zone::CentralAmericaSouth),
    ("SA_N", Zone::SouthAmericaNorth),
    ("SA_S", Zone::SouthAmericaSouth),
    ("TW_E", Zone::TaiwanEast),
    ("TW_W", Zone::TaiwanWest),
    ("JP_Pac", Zone::JapanPacific),
    ("JP_Phi", Zone::JapanPhilippine),
];

/// The values of the argument `basin`.
const BASINS: [(&str, Basin); 2] = [("out", Basin::Out), ("Seattle", Basin::Seattle)];

/// A place that a model is for, whatever its arguments.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Named(Region, Option<Zone>, Basin);

pub(in crate::gsim) const ALEUTIAN: Named = Named(Region::Alaska, Some(Zone::Aleutian), Basin::Any);
pub(in crate::gsim) const ALASKA: Named = Named(Region::Alaska, None, Basin::Any);
pub(in crate::gsim) const CENTRAL_AMERICA_NORTH: Named =
    Named(Region::CentralAmerica, Some(Zone::CentralAmericaNorth), Basin::Any);
pub(in crate::gsim) const CENTRAL_AMERICA_SOUTH: Named =
    Named(Region::CentralAmerica, Some(Zone::CentralAmericaSouth), Basin::Any);
pub(in crate::gsim) const SOUTH_AMERICA_NORTH: Named =
    Named(Region::SouthAmerica, Some(Zone::SouthAmericaNorth), Basin::Any);
pub(in crate::gsim) const SOUTH_AMERICA_SOUTH: Named =
    Named(Region::SouthAmerica, Some(Zone::SouthAmericaSouth), Basin::Any);
pub(in crate::gsim) const TAIWAN_EAST: Named = Named(Region::Taiwan, Some(Zone::TaiwanEast), Basin::Any);
pub(in crate::gsim) const TAIWAN_WEST: Named = Named(Region::Taiwan, Some(Zone::TaiwanWest), Basin::Any);
pub(in crate::gsim) const CASCADIA: Named = Named(Region::Cascadia, None, Basin::Any);
pub(in crate::gsim) const CASCADIA_OUT: Named = Named(Region::Cascadia, None, Basin::Out);
pub(in crate::gsim) const CASCADIA_SEATTLE: Named = Named(Region::Cascadia, None, Basin::Seattle);
pub(in crate::gsim) const JAPAN_PACIFIC: Named = Named(Region::Japan, Some(Zone::JapanPacific), Basin::Any);
pub(in crate::gsim) const JAPAN_PHILIPPINE: Named = Named(Region::Japan, Some(Zone::JapanPhilippine), Basin::Any);

coefficients! {
    /// The electronic supplement's constants, attenuation and site terms by place.
    struct Coeffs {
        c0, ak_c0, aleutian_c0, cascadia_c0, cam_n_c0, cam_s_c0, jp_pac_c0, jp_phi_c0, sa_n_c0, sa_s_c0, tw_e_c0, tw_w_c0,
        c0slab, ak_c0slab, aleutian_c0slab, cascadia_c0slab, cam_c0slab, jp_c0slab, sa_n_c0slab, sa_s_c0slab, tw_c0slab,
        a0, ak_a0, cam_a0, jp_a0, sa_a0, tw_a0, a0slab, ak_a0slab, cascadia_a0slab, cam_a0slab, jp_a0slab, sa_a0slab,
        tw_a0slab, jp_s1, tw_s1, s2, ak_s2, cascadia_s2, jp_s2, sa_s2, tw_s2,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ParkerEtAl2020.csv");

/// The coefficients of a place for one intensity measure.
pub(in crate::gsim) struct OfPlace {
    pub(in crate::gsim) c0: f64,
    pub(in crate::gsim) a0: f64,
    pub(in crate::gsim) s1: f64,
    pub(in crate::gsim) s2: f64,
}

/// Where a model applies.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Place {
    pub(in crate::gsim) region: Region,
    zone: Option<Zone>,
    pub(in crate::gsim) basin: Basin,
    is_slab: bool,
    for_new_zealand: bool,
    /// The magnitude where the scaling breaks.
    pub(in crate::gsim) m_b: f64,
}

impl Place {
    /// The one that the model is for, or that of the arguments.
    pub(in crate::gsim) fn read(
        info: &ModelInfo,
        arguments: &mut Arguments,
        edition: Edition,
        named: Option<Named>,
    ) -> Result<Place, GsimError> {
        let is_slab = info.trt == Trt::SubductionIntraslab;
        let (region, zone, basin) = match named {
            Some(Named(region, zone, basin)) => (region, zone, basin),
            None => {
                let region = arguments.one_of("region", &REGIONS)?.unwrap_or(Region::Global);
                let zone = arguments.one_of("saturation_region", &ZONES)?;
                (region, zone, arguments.one_of("basin", &BASINS)?.unwrap_or(Basin::Any))
            }
        };
        let for_new_zealand = edition == Edition::NewZealand;
        let place = Place { region, zone, basin, is_slab, for_new_zealand, m_b: m_b(region, zone, is_slab) };
        if place.c0(&COEFFS.at(&Imt::PGA)).is_none() {
            let found = zone.and_then(|zone| ZONES.iter().find(|(_, z)| *z == zone)).map_or("none", |(name, _)| name);
            return Err(arguments.wrong("saturation_region", &found, "a zone within the region"));
        }
        Ok(place)
    }

    pub(in crate::gsim) fn at(&self, imt: &Imt) -> OfPlace {
        let c = COEFFS.at(imt);
        let (interface, slab, s1, s2) = match self.region {
            Region::Alaska => (c.ak_a0, c.ak_a0slab, c.ak_s2, c.ak_s2),
            Region::CentralAmerica => (c.cam_a0, c.cam_a0slab, c.s2, c.s2),
            Region::Cascadia => (c.a0, c.cascadia_a0slab, c.cascadia_s2, c.cascadia_s2),
            Region::Japan => (c.jp_a0, c.jp_a0slab, c.jp_s1, c.jp_s2),
            Region::SouthAmerica => (c.sa_a0, c.sa_a0slab, c.sa_s2, c.sa_s2),
            Region::Taiwan => (c.tw_a0, c.tw_a0slab, c.tw_s1, c.tw_s2),
            _ => (c.a0, c.a0slab, c.s2, c.s2),
        };
        // A place without a constant was refused when it was read.
        OfPlace { c0: self.c0(&c).unwrap_or(c.c0), a0: if self.is_slab { slab } else { interface }, s1, s2 }
    }

    /// The constant, if the model has one for the zone: at the interface by zone, in the slab by region.
    fn c0(&self, c: &Coeffs) -> Option<f64> {
        Some(match (self.is_slab, self.region, self.zone) {
            (false, Region::Global, None) => c.c0,
            (false, Region::Alaska, None) => c.ak_c0,
            (false, Region::Cascadia, None) => c.cascadia_c0,
            (false, _, Some(Zone::Aleutian)) => c.aleutian_c0,
            (false, _, Some(Zone::CentralAmericaNorth)) => c.cam_n_c0,
            (false, _, Some(Zone::CentralAmericaSouth)) => c.cam_s_c0,
            (false, _, Some(Zone::SouthAmericaNorth)) => c.sa_n_c0,
            (false, _, Some(Zone::SouthAmericaSouth)) => c.sa_s_c0,
            (false, _, Some(Zone::TaiwanEast)) => c.tw_e_c0,
            (false, _, Some(Zone::TaiwanWest)) => c.tw_w_c0,
            (false, _, Some(Zone::JapanPacific)) => c.jp_pac_c0,
            (false, _, Some(Zone::JapanPhilippine)) => c.jp_phi_c0,
            (true, Region::Global, None) => c.c0slab,
            (true, Region::Alaska, None) => c.ak_c0slab,
            (true, Region::Alaska | Region::SouthAmerica, Some(Zone::Aleutian)) => c.aleutian_c0slab,
            (true, Region::Alaska | Region::SouthAmerica, Some(Zone::SouthAmericaNorth)) => c.sa_n_c0slab,
            (true, Region::Alaska | Region::SouthAmerica, Some(Zone::SouthAmericaSouth)) => c.sa_s_c0slab,
            (true, Region::CentralAmerica, _) => c.cam_c0slab,
            (true, Region::Cascadia, _) => c.cascadia_c0slab,
            (true, Region::Japan, _) => c.jp_c0slab,
            (true, Region::Taiwan, _) => c.tw_c0slab,
            _ => return None,
        })
    }

    /// The standard deviation of the median, if it is given for the zone: at short and at long periods, and the periods
    /// where each ends and begins, s. New Zealand's hazard model gives it for no region alone.
    pub(in crate::gsim) fn epistemic(&self) -> Option<[f64; 4]> {
        const GLOBAL: ([f64; 4], [f64; 4]) = ([0.4, 0.4, 0.2, 0.4], [0.35, 0.22, 0.15, 2.0]);
        if self.for_new_zealand && self.region != Region::Global {
            return None;
        }
        let (interface, slab) = match (self.region, self.zone) {
            _ if self.for_new_zealand => GLOBAL,
            (Region::Global, None) => GLOBAL,
            (Region::Alaska, None) => ([0.15, 0.1, 1.0, 4.0], [0.15, 0.12, 0.5, 1.0]),
            (Region::Cascadia, None) => ([0.43, 0.33, 0.2, 0.5], [0.35, 0.16, 0.2, 3.0]),
            (_, Some(Zone::Aleutian)) => ([0.15, 0.1, 1.0, 4.0], [0.25, 0.18, 0.3, 0.8]),
            (_, Some(Zone::CentralAmericaNorth | Zone::CentralAmericaSouth)) => {
                ([0.2, 0.1, 0.7, 4.0], [0.25, 0.19, 0.3, 0.8])
            }
            (_, Some(Zone::JapanPacific)) => ([0.13, 0.1, 0.7, 4.0], [0.13, 0.11, 0.3, 0.8]),
            (_, Some(Zone::JapanPhilippine | Zone::SouthAmericaNorth | Zone::SouthAmericaSouth)) => {
                ([0.13, 0.1, 0.7, 4.0], [0.21, 0.15, 0.3, 0.7])
            }
            _ => return None,
        };
        Some(if self.is_slab { slab } else { interface })
    }
}

fn m_b(region: Region, zone: Option<Zone>, is_slab: bool) -> f64 {
    let (interface, slab) = match (region, zone) {
        (_, Some(Zone::Aleutian)) => (8.0, 7.98),
        (_, Some(Zone::CentralAmericaNorth)) => (7.4, 7.4),
        (_, Some(Zone::CentralAmericaSouth)) => (7.4, 7.6),
        (_, Some(Zone::SouthAmericaNorth)) => (8.5, 7.3),
        (_, Some(Zone::SouthAmericaSouth)) => (8.6, 7.25),
        (_, Some(Zone::TaiwanEast | Zone::TaiwanWest)) => (7.1, 7.7),
        (_, Some(Zone::JapanPacific)) => (8.5, 7.65),
        (_, Some(Zone::JapanPhilippine)) => (7.7, 7.55),
        (Region::Alaska, None) => (8.6, 7.2),
        (Region::Cascadia, None) => (7.7, 7.2),
        _ => (7.9, 7.6),
    };
    if is_slab { slab } else { interface }
}

#[cfg(test)]
mod tests {
    use crate::gsim::by_name;

    #[test]
    fn a_place_without_coefficients_is_refused() {
        let error = |text: &str| by_name(text).unwrap_err().to_string();
        assert_eq!(
            error("[ParkerEtAl2020SInter]\nregion = 'SA'"),
            "ParkerEtAl2020SInter: saturation_region = none: expected a zone within the region"
        );
        assert_eq!(
            error("[ParkerEtAl2020SSlab]\nregion = 'AK'\nsaturation_region = 'TW_E'"),
            "ParkerEtAl2020SSlab: saturation_region = TW_E: expected a zone within the region"
        );
        assert_eq!(
            error("[ParkerEtAl2020SInter]\nregion = 'XX'"),
            "ParkerEtAl2020SInter: region = XX: expected one of AK, CAM, Cascadia, JP, SA, TW"
        );
        assert!(error("[ParkerEtAl2020SInterTaiwanE]\nsigma_mu_epsilon = 1").contains("not given for the region"));
        assert!(by_name("[ParkerEtAl2020SSlab]\nregion = 'CAM'").is_ok());
    }
}
