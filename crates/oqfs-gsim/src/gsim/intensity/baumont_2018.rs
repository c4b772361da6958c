//! Baumont et al. (2018), intensity in metropolitan France.
//!
//! Baumont D., Manchuel K., Traversa P., Durouchoux C., Nayman E., Ameri G., 2018. Intensity predictive attenuation models
//! calibrated in Mw for metropolitan France. Bulletin of Earthquake Engineering 16, 2285-2310, doi:10.1007/s10518-018-0344-6.
//!
//! - Intensity itself, not its logarithm. The model is number 2.2.1.0 of high attenuation.

use std::f64::consts::LOG10_E;
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "BaumontEtAl2018High2210IAVGDC30n7",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Mmi],
        params: &[Param::Mag, Param::Rhypo],
        std_devs: TOTAL_ONLY,
        component: Component::Horizontal,
        reference: "Baumont et al. (2018), Intensity predictive attenuation models calibrated in Mw for \
                metropolitan France, Bulletin of Earthquake Engineering 16, 2285-2310",
        doi: Some("10.1007/s10518-018-0344-6"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// The coefficients of the model.
    struct Coeffs { c1, c2, beta, gamma, we, be }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BaumontEtAl2018.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    log10_rhypo: f64,
}

impl Terms {
    fn new([mag, rhypo]: [f64; 2]) -> Terms {
        Terms { mag, rhypo, log10_rhypo: LOG10_E * ln(rhypo) }
    }
}

/// The equation of page 2293.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let mean = c.c1 + c.c2 * t.mag + c.beta * t.log10_rhypo + c.gamma * t.rhypo;
        Estimate::total(mean, (c.be * c.be + c.we * c.we).sqrt())
    }
}
