//! Stewart, Boore, Seyhan and Atkinson (2016), the vertical component of NGA-West2, and its ratio to the horizontal one.
//!
//! Stewart J.P., Boore D.M., Seyhan E., Atkinson G.M., 2016. NGA-West2 equations for predicting vertical-component PGA,
//! PGV, and 5%-damped PSA from shallow crustal earthquakes. Earthquake Spectra 32(2), 1005-1031,
//! doi:10.1193/072114EQS116M.
//!
//! - Component: vertical; the models `VH` give the ratio of vertical to horizontal. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3 to 8.5 (strike-slip and reverse) or 7 (normal), Joyner-Boore distances up to 300 km, `vs30`
//!   of 150 to 1,500 m/s, active shallow crust.
//!
//! The equations are those of Boore et al. (2014), without a basin term. `CHN` regions attenuate less and `JPN` more
//! than the average region; `NoSOF` is for an unspecified style of faulting.

use std::sync::{Arc, LazyLock};

use crate::gsim::basin_scaling::{BasinScaling, Cybershake};
use crate::gsim::coeffs::{Table, table};
use crate::gsim::crustal::boore_2014::{self, BooreEtAl2014, Coeffs, Faulting, KNOWN, Region, UNSPECIFIED};
use crate::gsim::crustal::vertical_ratio::ratio;
use crate::gsim::registry::{Made, Make, Model};
use crate::gsim::{Component, ModelInfo, Param, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[
    vertical("StewartEtAl2016", |info, _| make(info, &AVERAGE, KNOWN)),
    vertical("StewartEtAl2016RegCHN", |info, _| make(info, &CHINA, KNOWN)),
    vertical("StewartEtAl2016RegJPN", |info, _| make(info, &JAPAN, KNOWN)),
    vertical("StewartEtAl2016NoSOF", |info, _| make(info, &AVERAGE, UNSPECIFIED)),
    vertical("StewartEtAl2016CHNNoSOF", |info, _| make(info, &CHINA, UNSPECIFIED)),
    vertical("StewartEtAl2016JPNNoSOF", |info, _| make(info, &JAPAN, UNSPECIFIED)),
    over_horizontal("StewartEtAl2016VH", |info, _| ratio(info, "StewartEtAl2016", "BooreEtAl2014")),
    over_horizontal("StewartEtAl2016RegCHNVH", |info, _| ratio(info, "StewartEtAl2016RegCHN", "BooreEtAl2014HighQ")),
    over_horizontal("StewartEtAl2016RegJPNVH", |info, _| ratio(info, "StewartEtAl2016RegJPN", "BooreEtAl2014LowQ")),
    over_horizontal("StewartEtAl2016NoSOFVH", |info, _| ratio(info, "StewartEtAl2016NoSOF", "BooreEtAl2014NoSOF")),
    over_horizontal("StewartEtAl2016RegCHNNoSOFVH", |info, _| {
        ratio(info, "StewartEtAl2016CHNNoSOF", "BooreEtAl2014HighQNoSOF")
    }),
    over_horizontal("StewartEtAl2016RegJPNNoSOFVH", |info, _| {
        ratio(info, "StewartEtAl2016JPNNoSOF", "BooreEtAl2014LowQNoSOF")
    }),
];

const fn vertical(name: &'static str, make: Make) -> Model {
    let info = ModelInfo {
        name,
        component: Component::Vertical,
        reference: "Stewart et al. (2016), NGA-West2 equations for predicting vertical-component PGA, PGV, and 5%-damped PSA \
                    from shallow crustal earthquakes, Earthquake Spectra 32(2), 1005-1031",
        doi: Some("10.1193/072114EQS116M"),
        validity: Validity::NOT_STATED.magnitude(3.0, 8.5).distance(Param::Rjb, 0.0, 300.0).vs30(150.0, 1500.0),
        ..boore_2014::BASE
    };
    Model { info, make }
}

const fn over_horizontal(name: &'static str, make: Make) -> Model {
    let Model { info, make } = vertical(name, make);
    Model { info: ModelInfo { component: Component::VerticalRatio, ..info }, make }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("StewartEtAl2016.csv");
static AVERAGE: LazyLock<Table<Region>> = table!("StewartEtAl2016.csv");
static CHINA: LazyLock<Table<Region>> = table!("StewartEtAl2016_chn.csv");
static JAPAN: LazyLock<Table<Region>> = table!("StewartEtAl2016_jpn.csv");

fn make(info: &'static ModelInfo, region: &'static LazyLock<Table<Region>>, faulting: Faulting) -> Made {
    let (scaling, cybershake) = (BasinScaling::NONE, Cybershake::NONE);
    Ok(Arc::new(BooreEtAl2014 { info, coeffs: &COEFFS, region, mean_z1: None, scaling, cybershake, faulting }))
}
