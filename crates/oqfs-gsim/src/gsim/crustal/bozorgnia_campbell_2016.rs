//! Bozorgnia and Campbell (2016), the vertical component of NGA-West2, and its ratio to the horizontal one.
//!
//! Bozorgnia Y., Campbell K.W., 2016. Vertical ground motion model for PGA, PGV, and linear response spectra using the
//! NGA-West2 database. Earthquake Spectra 32(2), 979-1004, doi:10.1193/072814EQS121M.
//!
//! - Component: vertical; the models `VH` give the ratio of vertical to horizontal. Units: g, and cm/s for `PGV`; `z2pt5`
//!   in km.
//! - Valid for magnitude 3.3 to 8.5 (strike-slip), 8 (reverse) or 7.5 (normal), distances up to 300 km, active shallow
//!   crust.
//!
//! The equations are those of Campbell and Bozorgnia (2014) on soil that does not yield, without deep basins. `HighQ`
//! regions attenuate less and `LowQ` more than the average region; `JapanSite` is for sites in Japan.

use std::sync::LazyLock;

use crate::gsim::coeffs::{Table, table};
use crate::gsim::crustal::campbell_bozorgnia_2014::{self, Coeffs, Region};
use crate::gsim::crustal::vertical_ratio::ratio;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, ImtKind, ModelInfo};

pub(in crate::gsim) static MODELS: &[Model] = &[
    vertical("BozorgniaCampbell2016", |info, _| make(info, &AVERAGE, false)),
    vertical("BozorgniaCampbell2016HighQ", |info, _| make(info, &HIGH_Q, false)),
    vertical("BozorgniaCampbell2016LowQ", |info, _| make(info, &LOW_Q, false)),
    vertical("BozorgniaCampbell2016AveQJapanSite", |info, _| make(info, &AVERAGE, true)),
    vertical("BozorgniaCampbell2016HighQJapanSite", |info, _| make(info, &HIGH_Q, true)),
    vertical("BozorgniaCampbell2016LowQJapanSite", |info, _| make(info, &LOW_Q, true)),
    over_horizontal("BozorgniaCampbell2016VH", |info, _| ratio(info, "BozorgniaCampbell2016", "CampbellBozorgnia2014")),
    over_horizontal("BozorgniaCampbell2016HighQVH", |info, _| {
        ratio(info, "BozorgniaCampbell2016HighQ", "CampbellBozorgnia2014HighQ")
    }),
    over_horizontal("BozorgniaCampbell2016LowQVH", |info, _| {
        ratio(info, "BozorgniaCampbell2016LowQ", "CampbellBozorgnia2014LowQ")
    }),
    over_horizontal("BozorgniaCampbell2016AveQJapanSiteVH", |info, _| {
        ratio(info, "BozorgniaCampbell2016AveQJapanSite", "CampbellBozorgnia2014JapanSite")
    }),
    over_horizontal("BozorgniaCampbell2016HighQJapanSiteVH", |info, _| {
        ratio(info, "BozorgniaCampbell2016HighQJapanSite", "CampbellBozorgnia2014HighQJapanSite")
    }),
    over_horizontal("BozorgniaCampbell2016LowQJapanSiteVH", |info, _| {
        ratio(info, "BozorgniaCampbell2016LowQJapanSite", "CampbellBozorgnia2014LowQJapanSite")
    }),
];

const fn vertical(name: &'static str, make: Make) -> Model {
    let info = ModelInfo {
        name,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        component: Component::Vertical,
        reference: "Bozorgnia and Campbell (2016), Vertical ground motion model for PGA, PGV, and linear response spectra \
                    using the NGA-West2 database, Earthquake Spectra 32(2), 979-1004",
        doi: Some("10.1193/072814EQS121M"),
        validity: campbell_bozorgnia_2014::BASE.validity.on_any_ground(),
        ..campbell_bozorgnia_2014::BASE
    };
    Model { info, make }
}

const fn over_horizontal(name: &'static str, make: Make) -> Model {
    let Model { info, make } = vertical(name, make);
    Model { info: ModelInfo { component: Component::VerticalRatio, ..info }, make }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BozorgniaCampbell2016.csv");
static AVERAGE: LazyLock<Table<Region>> = table!("BozorgniaCampbell2016_region.csv", "average");
static HIGH_Q: LazyLock<Table<Region>> = table!("BozorgniaCampbell2016_region.csv", "high_q");
static LOW_Q: LazyLock<Table<Region>> = table!("BozorgniaCampbell2016_region.csv", "low_q");

fn make(
    info: &'static ModelInfo,
    region: &'static LazyLock<Table<Region>>,
    japan: bool,
) -> crate::gsim::registry::Made {
    campbell_bozorgnia_2014::vertical(info, &COEFFS, region, japan)
}
