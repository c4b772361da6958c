//! The branches of the SHARE project for stable crust: published models adjusted to style of faulting and rock.
//!
//! Delavaud E., Cotton F., Akkar S., Scherbaum F., Danciu L., et al., 2012. Toward a ground-motion logic tree for
//! probabilistic seismic hazard assessment in Europe. Journal of Seismology 16(3), 451-473,
//! doi:10.1007/s10950-012-9281-z.

use std::sync::LazyLock;

use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, table};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::stable::{campbell_2003, toro_2002};
use crate::gsim::style_and_rock::StyleAndRock;
use crate::gsim::{ModelInfo, Param};

static CAMPBELL: LazyLock<Table<StyleAndRock>> = table!("Campbell2003_share.csv");
static TORO: LazyLock<Table<StyleAndRock>> = table!("ToroEtAl2002_share.csv");

const OF_CAMPBELL: ModelInfo = ModelInfo { params: &[Param::Mag, Param::Rrup, Param::Rake], ..campbell_2003::BASE };
const OF_TORO: ModelInfo = ModelInfo { params: &[Param::Mag, Param::Rjb, Param::Rake], ..toro_2002::BASE };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "Campbell2003SHARE": OF_CAMPBELL => campbell(&CAMPBELL),
    "ToroEtAl2002SHARE": OF_TORO => toro(&TORO),
};

fn campbell(info: &'static ModelInfo, _: &mut Arguments, adjustment: &'static LazyLock<Table<StyleAndRock>>) -> Made {
    campbell_2003::made(info, campbell_2003::Variant::Adjusted(adjustment))
}

fn toro(info: &'static ModelInfo, _: &mut Arguments, adjustment: &'static LazyLock<Table<StyleAndRock>>) -> Made {
    toro_2002::adjusted(info, adjustment)
}
