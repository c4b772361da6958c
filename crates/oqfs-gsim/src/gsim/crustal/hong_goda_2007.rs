//! Hong and Goda (2007), the maximum over orientations.
//!
//! Hong H.P., Goda K., 2007. Orientation-dependent ground-motion measure for seismic-hazard assessment. Bulletin of the
//! Seismological Society of America 97(5), 1525-1538, doi:10.1785/0120060194.
//!
//! - Component: RotD100. Units: g, and cm/s for `PGV`. Rock of 760 m/s, with the site term of Atkinson and Boore (2006).
//!
//! As in the engine, soil of 180 m/s exactly is as linear as rock.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::{hypot, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "HongGoda2007",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::RotD100,
        reference: "Hong and Goda (2007), Orientation-dependent ground-motion measure for seismic-hazard \
                assessment, Bulletin of the Seismological Society of America 97(5), 1525-1538",
        doi: Some("10.1785/0120060194"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, |imt, c| Row { c, site: SITE.at(imt) }, Terms::new),
}];

coefficients! {
    /// Table 2.
    struct Coeffs { b1, b2, b3, b4, b5, h, sig1, sig2, sigtot }
}

coefficients! {
    /// The site term.
    struct SiteCoeffs { blin, b1sa, b2sa }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("HongGoda2007.csv");
static SITE: LazyLock<Table<SiteCoeffs>> = table!("HongGoda2007_site.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    site: SiteCoeffs,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    ln_vs30: f64,
    /// How much of b1 and of b2 the nonlinear term takes.
    soft: [f64; 2],
    /// ln of `PGA` on rock over 100 cm/s^2, at least 60 cm/s^2.
    ln_pga: f64,
}

const VREF: f64 = 760.0;

impl Terms {
    fn new([mag, rjb, vs30]: [f64; 3]) -> Terms {
        let c = COEFFS.at(&Imt::PGA);
        // Equation 15.
        let ln_rock = c.b1 + c.b2 * (mag - 7.0) + c.b4 * ln(hypot(rjb, c.h)) + LN_G;
        Terms {
            mag: mag - 7.0,
            rjb,
            ln_vs30: ln(vs30 / VREF),
            soft: soft(vs30),
            ln_pga: ln_rock.max(ln(60.0)) - ln(100.0),
        }
    }
}

/// Atkinson and Boore (2006), equation 8.
fn soft(vs30: f64) -> [f64; 2] {
    const V1: f64 = 180.0;
    const V2: f64 = 300.0;
    if vs30 < V1 {
        [1.0, 0.0]
    } else if vs30 == V1 || vs30 >= VREF {
        [0.0; 2]
    } else if vs30 <= V2 {
        let place = scalar::ln(vs30 / V2) / ln(V1 / V2);
        [place, 1.0 - place]
    } else {
        [0.0, scalar::ln(vs30 / VREF) / ln(V2 / VREF)]
    }
}

/// Equation 14.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let (c, s) = (&self.c, &self.site);
        let ln_r = 0.5 * ln(t.rjb * t.rjb + c.h * c.h);
        let rock = c.b1 + (c.b2 + c.b3 * t.mag) * t.mag + (c.b4 + c.b5 * (t.mag + 2.5)) * ln_r;
        let site = s.blin * t.ln_vs30 + (s.b1sa * t.soft[0] + s.b2sa * t.soft[1]) * t.ln_pga;
        Estimate { mean: rock + site, sig: c.sigtot, tau: c.sig1, phi: c.sig2 }
    }
}
