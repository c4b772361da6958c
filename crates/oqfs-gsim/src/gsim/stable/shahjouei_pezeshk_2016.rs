//! Shahjouei and Pezeshk (2016), for central and eastern North America.
//!
//! Shahjouei A., Pezeshk S., 2016. Alternative hybrid empirical ground-motion model for central and eastern North America using
//! hybrid simulations and NGA-West2 models. Bulletin of the Seismological Society of America 106(2), 734-754,
//! doi:10.1785/0120140367.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`. Valid for magnitude 5 to 8, distances up to 1,000 km, hard rock.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "ShahjoueiPezeshk2016",
        trt: Trt::StableShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rjb],
        std_devs: TOTAL_ONLY,
        component: Component::RotD50,
        reference: "Shahjouei and Pezeshk (2016), Alternative hybrid empirical ground-motion model for \
                central and eastern North America using hybrid simulations and NGA-West2 models, \
                Bulletin of the Seismological Society of America 106(2), 734-754",
        doi: Some("10.1785/0120140367"),
        validity: Validity::NOT_STATED.magnitude(5.0, 8.0).distance(Param::Rjb, 0.0, 1000.0),
    },
    make: |info, _| plain(info, &COEFFS, Row::new, |[mag, rjb]| Terms { mag, rjb }),
}];

coefficients! {
    /// Tables 3 and 4, in common logarithms.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, sigma_reg }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ShahjoueiPezeshk2016.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The slope of the standard deviation of great earthquakes.
    psi: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, psi: if imt.kind() == ImtKind::Pgv { -3.054e-5 } else { -6.898e-3 } }
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
}

/// The equations of pages 742 and 744.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let r = (t.rjb * t.rjb + c.c11 * c.c11).sqrt();
        let log10 = |x: f64| LOG10_E * ln(x);
        let (near, far) = (log10(r.min(60.0)), log10(r.max(120.0) / 120.0));
        let middle = log10(r.clamp(60.0, 120.0) / 60.0);
        let path = (c.c4 + c.c5 * t.mag) * near + (c.c6 + c.c7 * t.mag) * middle + (c.c8 + c.c9 * t.mag) * far;
        let mean = c.c1 + (c.c2 + c.c3 * t.mag) * t.mag + path + c.c10 * r;
        let sigma = if t.mag <= 6.5 { c.c12 * t.mag + c.c13 } else { self.psi * t.mag + c.c14 };
        Estimate::total(LN_10 * mean, (sigma * sigma + c.sigma_reg * c.sigma_reg).sqrt())
    }
}
