//! Berge-Thierry et al. (2003), for moderate earthquakes in Europe, with conversions from moment magnitude.
//!
//! Berge-Thierry C., Cotton F., Scotti O., Griot-Pommera D.-A., Fukushima Y., 2003. New empirical response spectral
//! attenuation laws for moderate European earthquakes. Journal of Earthquake Engineering 7(2), 193-222,
//! doi:10.1080/13632460309350446.
//!
//! - Component: horizontal. Units: g. Valid for magnitude (Ms) 4 to 7.9 and distances of 4 to 330 km; rock is from 800 m/s on.
//!
//! `Ms` takes surface-wave magnitude. Those named `Mw` convert moment magnitude, after Weatherill et al. (2016; `W`) or Lolli et
//! al. (2014; `L`, in the Euro-Mediterranean region, Italy and the world), with the uncertainty of that. `SIGMA` has a standard
//! deviation of 0.2 for the conversion.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "BergeThierryEtAl2003Ms",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Berge-Thierry et al. (2003), New empirical response spectral attenuation laws for moderate European \
                earthquakes, Journal of Earthquake Engineering 7(2), 193-222",
    doi: Some("10.1080/13632460309350446"),
    validity: Validity::NOT_STATED.magnitude(4.0, 7.9).distance(Param::Rhypo, 4.0, 330.0),
};

/// The models that take moment magnitude.
const MOMENT: ModelInfo = ModelInfo { validity: BASE.validity.of_any_magnitude(), ..BASE };

/// A variant, by its surface-wave magnitude of a magnitude and the standard deviation of that.
macro_rules! variant {
    ($info:expr, $name:literal, $convert:expr) => {
        Model {
            info: ModelInfo { name: $name, ..$info },
            make: |info, _| plain(info, &COEFFS, |_, c| Row(c), |[mag, r, vs30]| Terms::new($convert(mag), r, vs30)),
        }
    };
}

pub(in crate::gsim) static MODELS: &[Model] = &[
    variant!(BASE, "BergeThierryEtAl2003Ms", |mag| [mag, 0.0]),
    variant!(BASE, "BergeThierryEtAl2003SIGMA", |mag| [mag, 0.2]),
    variant!(MOMENT, "BergeThierryEtAl2003MwW", |mag: f64| {
        if mag <= 6.064 { [(mag - 2.369) / 0.616, 0.147 / 0.616] } else { [(mag - 0.1) / 0.994, 0.174 / 0.994] }
    }),
    variant!(MOMENT, "BergeThierryEtAl2003MwL_MED", |mag| exponential(mag, [2.133, 0.063, -6.205], 0.1703)),
    variant!(MOMENT, "BergeThierryEtAl2003MwL_ITA", |mag| exponential(mag, [1.421, 0.108, -1.863], 0.1685)),
    variant!(MOMENT, "BergeThierryEtAl2003MwL_GBL", |mag| {
        if mag < 5.75 {
            exponential(mag, [2.133, 0.063, -6.205], 0.1703)
        } else {
            exponential(mag, [-0.109, 0.229, 2.586], 0.1462)
        }
    }),
];

/// Lolli et al. (2014): Mw = exp(a + b Ms) + c, with a standard deviation of Mw.
fn exponential(mag: f64, [a, b, c]: [f64; 3], sigma: f64) -> [f64; 2] {
    let ms = (scalar::ln(mag - c) - a) / b;
    [ms, sigma / (b * (mag - c))]
}

coefficients! {
    /// Table 2, in common logarithms.
    struct Coeffs { a, b, c1, c2, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BergeThierryEtAl2003.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    ms: f64,
    /// The standard deviation of the magnitude.
    sigma: f64,
    rhypo: f64,
    log10_rhypo: f64,
    /// 1 on rock, else 0.
    rock: f64,
}

impl Terms {
    fn new([ms, sigma]: [f64; 2], rhypo: f64, vs30: f64) -> Terms {
        let rhypo = rhypo.max(4.0);
        Terms { ms, sigma, rhypo, log10_rhypo: LOG10_E * ln(rhypo), rock: f64::from(vs30 >= 800.0) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let site = c.c2 + (c.c1 - c.c2) * t.rock;
        let log10 = c.a * t.ms + c.b * t.rhypo - t.log10_rhypo + site;
        // That of the magnitude counts in common logarithms (engine behaviour).
        let (own, conversion) = (LN_10 * c.sigma, c.a * t.sigma);
        Estimate::total(LN_10 * log10 - LN_G, (own * own + conversion * conversion).sqrt())
    }
}
