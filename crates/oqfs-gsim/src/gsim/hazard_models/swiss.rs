//! The models of the Swiss Hazard Model 2014: published models adjusted to Switzerland.
//!
//! Edwards B., Cauzzi C., Danciu L., Fäh D., 2016. Region-specific assessment, adjustment, and weighting of
//! ground-motion prediction models: application to the 2015 Swiss Seismic Hazard Maps. Bulletin of the Seismological
//! Society of America 106(4), 1840-1857, doi:10.1785/0120150367.
//!
//! A model is computed for a `vs30` of its own; the factor takes the motion to rock of 1,105 m/s (1,100 m/s for Chiou and
//! Youngs). The number at the end of a name is that of the factor. There is no row for `PGV`.

use std::sync::LazyLock;

use crate::gsim::adjustment::{Adjusted, Adjustment};
use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::{akkar_bommer_2010, cauzzi_faccioli_2008, chiou_youngs_2008};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::subduction::zhao_2006;
use crate::gsim::{Imt, ImtKind, ModelInfo};

const IMTS: &[ImtKind] = &[ImtKind::Pga, ImtKind::Sa];
const AKKAR: ModelInfo = ModelInfo { imts: IMTS, ..adjusted(akkar_bommer_2010::BASE) };
const CAUZZI: ModelInfo = ModelInfo { imts: IMTS, std_devs: TOTAL_AND_PARTS, ..adjusted(cauzzi_faccioli_2008::BASE) };
const CHIOU: ModelInfo = ModelInfo { imts: IMTS, ..adjusted(chiou_youngs_2008::BASE) };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AkkarBommer2010SWISS01": AKKAR => akkar(|imt| AKKAR_FACTORS.at(imt).k_adj01),
    "AkkarBommer2010SWISS04": AKKAR => akkar(|imt| AKKAR_FACTORS.at(imt).k_adj04),
    "AkkarBommer2010SWISS08": AKKAR => akkar(|imt| AKKAR_FACTORS.at(imt).k_adj08),
    "CauzziFaccioli2008SWISS01": CAUZZI => cauzzi(|imt| CAUZZI_FACTORS.at(imt).k_adj01),
    "CauzziFaccioli2008SWISS04": CAUZZI => cauzzi(|imt| CAUZZI_FACTORS.at(imt).k_adj04),
    "CauzziFaccioli2008SWISS08": CAUZZI => cauzzi(|imt| CAUZZI_FACTORS.at(imt).k_adj08),
    "ChiouYoungs2008SWISS01": CHIOU => chiou(|imt| CHIOU_FACTORS.at(imt).k_adj01),
    "ChiouYoungs2008SWISS04": CHIOU => chiou(|imt| CHIOU_FACTORS.at(imt).k_adj04),
    "ChiouYoungs2008SWISS06": CHIOU => chiou(|imt| CHIOU_FACTORS.at(imt).k_adj06),
    "ZhaoEtAl2006AscSWISS03": adjusted(zhao_2006::CRUST) => zhao(&ZHAO_03, |imt| FACTOR_03.at(imt).k_adj),
    "ZhaoEtAl2006AscSWISS05": adjusted(zhao_2006::CRUST) => zhao(&ZHAO_05, |imt| FACTOR_05.at(imt).k_adj),
    "ZhaoEtAl2006AscSWISS08": adjusted(zhao_2006::CRUST) => zhao(&ZHAO_08, |imt| FACTOR_08.at(imt).k_adj),
};

/// The declaration of an adjusted model: it is for magnitudes that the published one is not for, on one kind of ground.
const fn adjusted(info: ModelInfo) -> ModelInfo {
    ModelInfo { validity: info.validity.of_any_magnitude().on_any_ground(), ..info }
}

coefficients! {
    /// Factors to rock and to the attenuation near the site (kappa).
    struct Factors { k_adj01, k_adj04, k_adj08 }
}

coefficients! {
    /// The same for Chiou and Youngs (2008).
    struct FactorsOfChiou { k_adj01, k_adj04, k_adj06 }
}

coefficients! {
    /// The same of one model.
    struct Factor { k_adj }
}

static AKKAR_TABLE: LazyLock<Table<Adjustment>> = table!("AkkarBommer2010_swiss.csv");
static AKKAR_FACTORS: LazyLock<Table<Factors>> = table!("AkkarBommer2010_swiss.csv");

fn akkar(info: &'static ModelInfo, _: &mut Arguments, factor: fn(&Imt) -> f64) -> Made {
    akkar_bommer_2010::adjusted(info, Adjusted { vs30: 600.0, table: &AKKAR_TABLE, factor })
}

static CAUZZI_TABLE: LazyLock<Table<Adjustment>> = table!("CauzziFaccioli2008_swiss.csv");
static CAUZZI_FACTORS: LazyLock<Table<Factors>> = table!("CauzziFaccioli2008_swiss.csv");
static CAUZZI_TAU: LazyLock<Table<cauzzi_faccioli_2008::BetweenEvents>> = table!("CauzziFaccioli2008_swiss_tau.csv");

fn cauzzi(info: &'static ModelInfo, _: &mut Arguments, factor: fn(&Imt) -> f64) -> Made {
    cauzzi_faccioli_2008::adjusted(info, Adjusted { vs30: 700.0, table: &CAUZZI_TABLE, factor }, &CAUZZI_TAU)
}

static CHIOU_TABLE: LazyLock<Table<Adjustment>> = table!("ChiouYoungs2008_swiss.csv");
static CHIOU_FACTORS: LazyLock<Table<FactorsOfChiou>> = table!("ChiouYoungs2008_swiss.csv");

fn chiou(info: &'static ModelInfo, _: &mut Arguments, factor: fn(&Imt) -> f64) -> Made {
    chiou_youngs_2008::adjusted(info, Adjusted { vs30: 620.0, table: &CHIOU_TABLE, factor })
}

static ZHAO_03: LazyLock<Table<Adjustment>> = table!("ZhaoEtAl2006_swiss03.csv");
static FACTOR_03: LazyLock<Table<Factor>> = table!("ZhaoEtAl2006_swiss03.csv");
static ZHAO_05: LazyLock<Table<Adjustment>> = table!("ZhaoEtAl2006_swiss05.csv");
static FACTOR_05: LazyLock<Table<Factor>> = table!("ZhaoEtAl2006_swiss05.csv");
static ZHAO_08: LazyLock<Table<Adjustment>> = table!("ZhaoEtAl2006_swiss08.csv");
static FACTOR_08: LazyLock<Table<Factor>> = table!("ZhaoEtAl2006_swiss08.csv");

fn zhao(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    table: &'static LazyLock<Table<Adjustment>>,
    factor: fn(&Imt) -> f64,
) -> Made {
    let adjusted = Some(Adjusted { vs30: 700.0, table, factor });
    zhao_2006::make(info, arguments, zhao_2006::Variant { adjusted, ..zhao_2006::OF_CRUST })
}

#[cfg(test)]
mod tests {
    use crate::gsim::by_name;

    #[test]
    fn periods_without_a_small_magnitude_correction_are_refused() {
        let model = by_name("AkkarBommer2010SWISS01").unwrap();
        for (imt, defined) in [("SA(0.6)", true), ("SA(0.65)", true), ("SA(0.9)", false), ("SA(1.0)", true)] {
            assert_eq!(model.check(&imt.parse().unwrap()).is_ok(), defined, "{imt}");
        }
    }
}
