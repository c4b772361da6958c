//! The models of the 2008 national seismic hazard maps of the USA: published models for rock of 760 m/s, of which those for
//! the central and eastern states have a greatest median and take magnitudes of several scales, as the names say.
//!
//! Petersen M.D., et al., 2008. Documentation for the 2008 update of the United States national seismic hazard maps.
//! USGS Open-File Report 2008-1128, and its program `hazgridXnga2`.

use std::sync::LazyLock;

use crate::gsim::ModelInfo;
use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, table};
use crate::gsim::magnitude::Magnitude::{self, MblgAtkinsonBoore1987, MblgJohnston1996, Mw};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::stable::atkinson_boore_2006::{self, Stress};
use crate::gsim::stable::{campbell_2003, frankel_1996, silva_2002, somerville_2001, tavakoli_pezeshk_2005, toro_2002};
use crate::gsim::subduction::zhao_2006;

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AtkinsonBoore2006Mwbar140NSHMP2008": atkinson_boore_2006::BASE => atkinson_boore(Mw, BAR_140),
    "AtkinsonBoore2006Mwbar200NSHMP2008": atkinson_boore_2006::BASE => atkinson_boore(Mw, BAR_200),
    "AtkinsonBoore2006MblgAB1987bar140NSHMP2008": mblg(atkinson_boore_2006::BASE) =>
        atkinson_boore(MblgAtkinsonBoore1987, BAR_140),
    "AtkinsonBoore2006MblgAB1987bar200NSHMP2008": mblg(atkinson_boore_2006::BASE) =>
        atkinson_boore(MblgAtkinsonBoore1987, BAR_200),
    "AtkinsonBoore2006MblgJ1996bar140NSHMP2008": mblg(atkinson_boore_2006::BASE) =>
        atkinson_boore(MblgJohnston1996, BAR_140),
    "AtkinsonBoore2006MblgJ1996bar200NSHMP2008": mblg(atkinson_boore_2006::BASE) =>
        atkinson_boore(MblgJohnston1996, BAR_200),
    "Campbell2003MwNSHMP2008": campbell_2003::BASE => campbell(Mw),
    "Campbell2003MblgAB1987NSHMP2008": mblg(campbell_2003::BASE) => campbell(MblgAtkinsonBoore1987),
    "Campbell2003MblgJ1996NSHMP2008": mblg(campbell_2003::BASE) => campbell(MblgJohnston1996),
    "FrankelEtAl1996MwNSHMP2008": frankel_1996::BASE => frankel(Mw),
    "FrankelEtAl1996MblgAB1987NSHMP2008": mblg(frankel_1996::BASE) => frankel(MblgAtkinsonBoore1987),
    "FrankelEtAl1996MblgJ1996NSHMP2008": mblg(frankel_1996::BASE) => frankel(MblgJohnston1996),
    "SilvaEtAl2002MwNSHMP2008": silva_2002::BASE => silva(Mw),
    "SilvaEtAl2002MblgAB1987NSHMP2008": mblg(silva_2002::BASE) => silva(MblgAtkinsonBoore1987),
    "SilvaEtAl2002MblgJ1996NSHMP2008": mblg(silva_2002::BASE) => silva(MblgJohnston1996),
    "SomervilleEtAl2001NSHMP2008": somerville_2001::BASE => somerville(),
    "TavakoliPezeshk2005MwNSHMP2008": tavakoli_pezeshk_2005::BASE => tavakoli(Mw),
    "TavakoliPezeshk2005MblgAB1987NSHMP2008": mblg(tavakoli_pezeshk_2005::BASE) => tavakoli(MblgAtkinsonBoore1987),
    "TavakoliPezeshk2005MblgJ1996NSHMP2008": mblg(tavakoli_pezeshk_2005::BASE) => tavakoli(MblgJohnston1996),
    "ToroEtAl1997MwNSHMP2008": toro_2002::BASE => toro(TORO_MW),
    "ToroEtAl1997MblgNSHMP2008": mblg(toro_2002::BASE) => toro(TORO_MBLG),
    "ZhaoEtAl2006SInterNSHMP2008": zhao_2006::INTERFACE => zhao(),
};

/// The declaration of a model that takes mbLg, whose ranges are those of moment magnitude.
const fn mblg(info: ModelInfo) -> ModelInfo {
    ModelInfo { validity: info.validity.of_any_magnitude(), ..info }
}

/// Stress drops, log2 over 140 bars.
const BAR_140: f64 = 0.0;
const BAR_200: f64 = 0.5146;

fn atkinson_boore(info: &'static ModelInfo, arguments: &mut Arguments, magnitude: Magnitude, stress: f64) -> Made {
    let stress = Stress::Fixed(stress);
    let variant = atkinson_boore_2006::Variant { stress, capped: Some(magnitude), ..atkinson_boore_2006::PLAIN };
    atkinson_boore_2006::make(info, arguments, variant)
}

static CAMPBELL: LazyLock<Table<campbell_2003::Coeffs>> = table!("Campbell2003_nshmp2008.csv");

fn campbell(info: &'static ModelInfo, _: &mut Arguments, magnitude: Magnitude) -> Made {
    campbell_2003::made(info, campbell_2003::Variant::Capped(&CAMPBELL, magnitude))
}

fn frankel(info: &'static ModelInfo, _: &mut Arguments, magnitude: Magnitude) -> Made {
    frankel_1996::made(info, magnitude)
}

static SILVA: LazyLock<Table<silva_2002::Coeffs>> = table!("SilvaEtAl2002_nshmp2008.csv");

fn silva(info: &'static ModelInfo, _: &mut Arguments, magnitude: Magnitude) -> Made {
    silva_2002::capped(info, &SILVA, magnitude)
}

static SOMERVILLE: LazyLock<Table<somerville_2001::Coeffs>> = table!("SomervilleEtAl2001_nshmp2008.csv");

fn somerville(info: &'static ModelInfo, _: &mut Arguments) -> Made {
    somerville_2001::made(info, &SOMERVILLE)
}

static TAVAKOLI: LazyLock<Table<tavakoli_pezeshk_2005::Coeffs>> = table!("TavakoliPezeshk2005_nshmp2008.csv");

fn tavakoli(info: &'static ModelInfo, _: &mut Arguments, magnitude: Magnitude) -> Made {
    tavakoli_pezeshk_2005::capped(info, &TAVAKOLI, magnitude)
}

static MW: LazyLock<Table<toro_2002::Coeffs>> = table!("ToroEtAl1997_mw_nshmp2008.csv");
static MW_SIGMA: LazyLock<Table<toro_2002::Constant>> = table!("ToroEtAl1997_mw_nshmp2008.csv");
static MBLG: LazyLock<Table<toro_2002::Coeffs>> = table!("ToroEtAl1997_mblg_nshmp2008.csv");
static MBLG_SIGMA: LazyLock<Table<toro_2002::Constant>> = table!("ToroEtAl1997_mblg_nshmp2008.csv");

const TORO_MW: toro_2002::Capped = toro_2002::Capped { coeffs: &MW, std_dev: &MW_SIGMA, conversions: [Mw; 2] };
const TORO_MBLG: toro_2002::Capped =
    toro_2002::Capped { coeffs: &MBLG, std_dev: &MBLG_SIGMA, conversions: [MblgAtkinsonBoore1987, MblgJohnston1996] };

fn toro(info: &'static ModelInfo, _: &mut Arguments, variant: toro_2002::Capped) -> Made {
    toro_2002::capped(info, variant)
}

static ZHAO: LazyLock<Table<zhao_2006::OfInterface>> = table!("ZhaoEtAl2006_interface_nshmp2008.csv");

/// Hypocentres are at 20 km, and standard deviations others.
fn zhao(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let source = zhao_2006::SourceType::Interface(&ZHAO);
    zhao_2006::make(info, arguments, zhao_2006::Variant { source, depth: Some(20.0), ..zhao_2006::OF_CRUST })
}
