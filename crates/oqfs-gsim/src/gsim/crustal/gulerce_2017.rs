//! Gülerce et al. (2017), the vertical component of NGA-West2.
//!
//! Gülerce Z., Kamai R., Abrahamson N.A., Silva W.J., 2017. Ground motion prediction equations for the vertical ground motion
//! component based on the NGA-W2 database. Earthquake Spectra 33(2), 499-528, doi:10.1193/121814EQS213M.
//!
//! - Component: vertical. Units: g. Valid for magnitude 3 to 8 and distances up to 300 km. The hanging wall is that of Abrahamson
//!   et al. (2014).
//!
//! `Reg` are the regions: Taiwan, Italy, the Middle East, China and Japan; without it, California.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::abrahamson_2014::{hanging_wall, hardest};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "GulerceEtAl2017",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Sa],
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Width,
        Param::Ztor,
        Param::Rrup,
        Param::Rx,
        Param::Ry0,
        Param::Vs30,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::Vertical,
    reference: "Gülerce et al. (2017), Ground motion prediction equations for the vertical ground motion \
                component based on the NGA-W2 database, Earthquake Spectra 33(2), 499-528",
    doi: Some("10.1193/121814EQS213M"),
    validity: Validity::NOT_STATED.magnitude(3.0, 8.0).distance(Param::Rrup, 0.0, 300.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &COEFFS, |imt, c| Row::new(imt, c, [0.0; 2]), Terms::new) },
    Model {
        info: ModelInfo { name: "GulerceEtAl2017RegTWN", ..BASE },
        make: |info, _| plain(info, &COEFFS, |imt, c| Row::new(imt, c, [c.a25, c.a31]), Terms::new),
    },
    Model {
        info: ModelInfo { name: "GulerceEtAl2017RegITA", ..BASE },
        make: |info, _| plain(info, &COEFFS, |imt, c| Row::new(imt, c, [c.a26, 0.0]), Terms::new),
    },
    Model {
        info: ModelInfo { name: "GulerceEtAl2017RegMID", ..BASE },
        make: |info, _| plain(info, &COEFFS, |imt, c| Row::new(imt, c, [c.a27, 0.0]), Terms::new),
    },
    Model {
        info: ModelInfo { name: "GulerceEtAl2017RegCHN", ..BASE },
        make: |info, _| plain(info, &COEFFS, |imt, c| Row::new(imt, c, [c.a28, 0.0]), Terms::new),
    },
    Model {
        info: ModelInfo { name: "GulerceEtAl2017RegJPN", ..BASE },
        make: |info, _| {
            let row = |imt: &Imt, c: Coeffs| Row { sigma: [c.s2_all, c.s4_all], ..Row::new(imt, c, [c.a29, c.a35]) };
            plain(info, &COEFFS, row, Terms::new)
        },
    },
];

coefficients! {
    /// The coefficients of the paper.
    struct Coeffs { vlin, c4, a1, a2, a3, a4, a5, a6, a8, a10, a11, a12, a13, a15, a17, a25, a26, a27, a28, a29, a31, a35, s1, s2_all, s3, s4_all, s2_nojp, s4_nojp }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("GulerceEtAl2017.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// ln of the `vs30` above which there is no more site effect.
    ln_v1: f64,
    ln_vlin: f64,
    /// Of the distance and of ln(vs30).
    anelastic: f64,
    site: f64,
    /// Standard deviations of great earthquakes, within and between events.
    sigma: [f64; 2],
}

impl Row {
    fn new(imt: &Imt, c: Coeffs, [anelastic, site]: [f64; 2]) -> Row {
        Row {
            c,
            ln_v1: scalar::ln(hardest(imt, -0.351)),
            ln_vlin: scalar::ln(c.vlin),
            anelastic: c.a17 + anelastic,
            site: c.a10 + site,
            sigma: [c.s2_nojp, c.s4_nojp],
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// From 0 at magnitude 4 to 1 at 5 for reverse and for normal faulting, else 0.
    reverse: f64,
    normal: f64,
    hanging: f64,
    /// min(Ztor / 20, 1)
    depth: f64,
    ln_vs30: f64,
}

impl Terms {
    fn new([mag, rake, dip, width, ztor, rrup, rx, ry0, vs30]: [f64; 9]) -> Terms {
        let [_, normal, reverse] = style_of_faulting(rake);
        let faulting = (mag - 4.0).clamp(0.0, 1.0);
        Terms {
            mag,
            rrup,
            reverse: reverse * faulting,
            normal: normal * faulting,
            hanging: hanging_wall(mag, dip, width, ztor, [rx, ry0], 4.0),
            depth: (ztor / 20.0).min(1.0),
            ln_vs30: ln(vs30),
        }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let faulting = c.a11 * t.reverse + c.a12 * t.normal;
        let site = self.site * (t.ln_vs30.min(self.ln_v1) - self.ln_vlin);
        let mean = basic(self, t) + faulting + c.a13 * t.hanging + c.a15 * t.depth + site;
        // Equations 19 and 20.
        let phi = c.s1 + (self.sigma[0] - c.s1) / 2.0 * (t.mag.clamp(4.0, 6.0) - 4.0);
        let tau = c.s3 + (self.sigma[1] - c.s3) / 2.0 * (t.mag.clamp(5.0, 7.0) - 5.0);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equations 11 to 13.
#[inline(always)]
fn basic(row: &Row, t: &Terms) -> f64 {
    const M1: f64 = 6.75;
    const M2: f64 = 5.5;
    let c = &row.c;
    let depth = c.c4 - (c.c4 - 1.0) * (6.0 - t.mag.clamp(4.0, 6.0)) / 2.0;
    let ln_r = 0.5 * ln(t.rrup * t.rrup + depth * depth);
    let (mag, below) = (t.mag.max(M2), (t.mag - M2).min(0.0));
    let slope = if mag >= M1 { c.a5 } else { c.a4 };
    let source = c.a1 + slope * (mag - M1) + c.a8 * (8.5 - mag) * (8.5 - mag) + c.a6 * below;
    source + (c.a2 + c.a3 * (mag - M1)) * ln_r + row.anelastic * t.rrup
}
