//! Skarlatoudis et al. (2013), for intermediate-depth earthquakes of the Hellenic arc.
//!
//! Skarlatoudis A.A., Papazachos C.B., Margaris B.N., Ventouzi C., Kalogeras I., the EGELADOS group, 2013. Ground-motion
//! prediction equations of intermediate-depth earthquakes in the Hellenic arc, southern Aegean subduction area. Bulletin of the
//! Seismological Society of America 103(3), 1952-1968, doi:10.1785/0120120265.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`. Classes of ground by `vs30`; `backarc` is 1 behind the arc.
//!
//! `scaled` gives the maximum component.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "SkarlatoudisEtAlSSlab2013",
    trt: Trt::SubductionIntraslab,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30, Param::Backarc],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Skarlatoudis et al. (2013), Ground-motion prediction equations of intermediate-depth \
                earthquakes in the Hellenic arc, southern Aegean subduction area, Bulletin of the \
                Seismological Society of America 103(3), 1952-1968",
    doi: Some("10.1785/0120120265"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &COEFFS, Row::new, Terms::new) },
    Model {
        info: ModelInfo { name: "SkarlatoudisEtAlSSlab2013_scaled", ..BASE },
        make: |info, _| plain(info, &SCALED, Row::new, Terms::new),
    },
];

coefficients! {
    /// Table 3, in common logarithms.
    struct Coeffs { c1, c2, c32, c41, c42, c51, c52, c61, c62, sigma, tau, epsilon }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("SkarlatoudisEtAl2013.csv");
static SCALED: LazyLock<Table<Coeffs>> = table!("SkarlatoudisEtAl2013_scaled.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: ln_unit(imt) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    log10_rhypo: f64,
    /// 1 for classes C and D, else 0.
    class: [f64; 2],
    /// Of deep earthquakes, a constant and the factor of distance: before the arc and behind it.
    side: [[f64; 2]; 2],
}

impl Terms {
    fn new([mag, depth, rhypo, vs30, backarc]: [f64; 5]) -> Terms {
        let class = [(360.0..760.0).contains(&vs30), vs30 < 360.0].map(f64::from);
        // As in the engine, the factor falls with distance and then is 1.
        let [from, to] = if depth < 80.0 { [205.0, 335.0] } else { [140.0, 240.0] };
        let length = if depth < 80.0 { 150.0 } else { 100.0 };
        let far = if rhypo >= to {
            1.0
        } else if rhypo >= from {
            (from - rhypo) / length
        } else {
            0.0
        };
        let deep = f64::from(depth >= 100.0);
        let [before, behind] = [backarc != 1.0, backarc == 1.0].map(|is_there| deep * f64::from(is_there));
        let side = [[before, before * far], [behind, behind * far]];
        Terms { mag, rhypo, log10_rhypo: LOG10_E * ln(rhypo), class, side }
    }
}

/// Equation 3.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let path = -1.7 * t.log10_rhypo + c.c32 * (t.rhypo - 1.0);
        let [[before, before_far], [behind, behind_far]] = t.side;
        let arc = c.c41 * before + c.c42 * before_far + c.c51 * behind + c.c52 * behind_far;
        let log10 = c.c1 + c.c2 * (t.mag - 5.5) + path + c.c61 * t.class[0] + c.c62 * t.class[1] + arc;
        let [sig, tau, phi] = [c.epsilon, c.tau, c.sigma].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * log10 - self.ln_unit, sig, tau, phi }
    }
}
