//! Phung et al. (2020), for the crust: the model of Chiou and Youngs (2014) fitted to Taiwan, with Japan and
//! California.
//!
//! Phung V.B., Loh C.H., Chao S.H., Chiou B.S.J., Huang B.S., 2020. Ground motion prediction equation for crustal
//! earthquakes in Taiwan. Earthquake Spectra 36(4), 2129-2164, doi:10.1177/8755293020919415. The equations are numbered
//! as there.
//!
//! - Component: geometric mean. Units: g.
//! - A `ztor` or `z1pt0` below 0 stands for an unknown one.
//!
//! Arguments: `region`, `glb` (the default), `tw`, `ca` or `jp`; `aftershocks`, of Taiwan; `d_dpp`, the direct point
//! parameter of directivity. `glb` has no basin term.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{cosh, exp, ln, sech, tanh};
use crate::elementary::scalar::{self, cos};
use crate::elementary::{hypot, powi};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model.
const INFO: ModelInfo = ModelInfo {
    name: "PhungEtAl2020Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &PARAMS,
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Phung et al. (2020), Ground motion prediction equation for crustal earthquakes in Taiwan, Earthquake Spectra \
                36(4), 2129-2164",
    doi: Some("10.1177/8755293020919415"),
    validity: Validity::NOT_STATED,
};

const PARAMS: [Param; 9] =
    [Param::Mag, Param::Rake, Param::Dip, Param::Ztor, Param::Rrup, Param::Rx, Param::Rjb, Param::Vs30, Param::Z1pt0];

pub(in crate::gsim) static MODELS: &[Model] = &[Model { info: INFO, make }];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let regions = [("glb", Region::Global), ("tw", Region::Taiwan), ("ca", Region::California), ("jp", Region::Japan)];
    let region = arguments.choice("region", regions)?;
    let aftershocks = arguments.flag_or("aftershocks", false)? && region == Region::Taiwan;
    let directivity = arguments.number_or("d_dpp", 0.0)?;
    Ok(Arc::new(PhungEtAl2020 { info, region, aftershocks, directivity }))
}

coefficients! {
    /// The electronic supplement's table.
    struct Coeffs {
        c1, c1_a, c1_b, c1_c, c1_d, c3, c5, c6, c7, c7_b, c8, c8_b, c9, c9_a, c9_b, c11, c11_b, c_n, c_m, c_g2, c_g3, c_hm,
        dp, phi2, phi3, phi4, c_g1tw, phi1tw, dc_g1as, c_g1ca, phi1ca, c_g1jp, phi1jp, c_g1glb, phi1glb, phi5tw, phi5ca,
        phi5jp, tau, phiss, phis2s,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("PhungEtAl2020_crust.csv");

// Coefficients that are the same for all periods.
const C2: f64 = 1.06;
const C4: f64 = -2.1;
const C4_A: f64 = -0.5;
const C8_A: f64 = -0.2695;
const C_RB: f64 = 50.0;

/// Harder ground amplifies as this, m/s.
const ROCK: f64 = 1130.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Region {
    Global,
    Taiwan,
    California,
    Japan,
}

/// Phung et al. (2020).
#[derive(Debug)]
struct PhungEtAl2020 {
    info: &'static ModelInfo,
    region: Region,
    aftershocks: bool,
    directivity: f64,
}

impl Gsim for PhungEtAl2020 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, dip, ztor, rrup, rx, rjb, vs30, z1pt0] = ctx.columns(PARAMS);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let faulting = Faulting::new(mag[k], rake[k], ztor[k]);
            let cos_dip = cos(dip[k].to_radians());
            let depth = faulting.ztor;
            Terms {
                mag: mag[k],
                faulting,
                small: sech(2.0 * (mag[k] - 4.5).max(0.0)),
                cos_dip,
                rrup: rrup[k],
                rx: rx[k],
                hanging: f64::from(rx[k] >= 0.0) * cos_dip * (1.0 - hypot(rjb[k], depth) / (rrup[k] + 1.0)),
                deep: if depth > 20.0 && mag[k] < 7.0 { depth / 50.0 - 0.4 } else { 0.0 },
                ln_far: ln(hypot(rrup[k], C_RB)),
                directivity: self.directivity
                    * (1.0 - (rrup[k] - 40.0).max(0.0) / 30.0).max(0.0)
                    * ((mag[k] - 5.5) / 0.8).clamp(0.0, 1.0),
                vs30: vs30[k].min(ROCK),
                basin: self.basin(z1pt0[k], vs30[k]),
            }
        });
    }
}

impl PhungEtAl2020 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let (g1, phi1, phi5) = match self.region {
            Region::Global => (c.c_g1glb, c.phi1glb, 0.0),
            Region::Taiwan => (c.c_g1tw, c.phi1tw, c.phi5tw),
            Region::California => (c.c_g1ca, c.phi1ca, c.phi5ca),
            Region::Japan => (c.c_g1jp, c.phi1jp, c.phi5jp),
        };
        Row {
            c,
            g1: g1 + if self.aftershocks { c.dc_g1as } else { 0.0 },
            phi1,
            phi5,
            at_rock: scalar::exp(c.phi3 * (ROCK - 360.0)),
            phi: hypot(c.phiss, c.phis2s),
        }
    }

    /// Equation 16: what phi5 multiplies.
    fn basin(&self, z1pt0: f64, vs30: f64) -> f64 {
        let (power, v, hard, phi6) = match self.region {
            Region::Global => return 0.0,
            Region::Taiwan => (-3.73, 290.53f64, 1750.0f64, 300.0),
            Region::California => (-5.23, 412.39, 1360.0, 300.0),
            Region::Japan => (-5.23, 412.39, 1360.0, 800.0),
        };
        let mean_z1 = scalar::exp(power / 2.0 * scalar::ln((vs30 * vs30 + v * v) / (hard * hard + v * v)));
        if z1pt0 < 0.0 { 0.0 } else { 1.0 - scalar::exp((mean_z1 - z1pt0) / phi6) }
    }
}

/// Style of faulting, and the top of the rupture over that expected of the magnitude.
#[derive(Clone, Copy)]
struct Faulting {
    /// 1 or 0.
    reverse: f64,
    normal: f64,
    ztor: f64,
    delta_ztor: f64,
}

impl Faulting {
    fn new(mag: f64, rake: f64, ztor: f64) -> Faulting {
        let reverse = (30.0..=150.0).contains(&rake);
        let normal = (-120.0..=-60.0).contains(&rake);
        let expected = if reverse {
            powi((3.5384 - 2.60 * (mag - 5.8530).max(0.0)).max(0.0), 2)
        } else if normal {
            powi((2.7482 - 1.7639 * (mag - 5.5210).max(0.0)).max(0.0), 2)
        } else {
            ztor
        };
        let ztor = if ztor < 0.0 { expected } else { ztor };
        Faulting { reverse: f64::from(reverse), normal: f64::from(normal), ztor, delta_ztor: ztor - expected }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Of the region, with aftershocks.
    g1: f64,
    phi1: f64,
    phi5: f64,
    /// The exponential of equation 15 on rock.
    at_rock: f64,
    phi: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    faulting: Faulting,
    /// 1 / cosh(2 max(M - 4.5, 0))
    small: f64,
    cos_dip: f64,
    rrup: f64,
    rx: f64,
    /// Equation 12 without what depends on the period; 0 on the footwall.
    hanging: f64,
    /// What dp multiplies.
    deep: f64,
    /// ln(sqrt(R^2 + c_rb^2))
    ln_far: f64,
    /// Equation 11 without what depends on the period.
    directivity: f64,
    vs30: f64,
    basin: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let rock = c.c1 + faulting(c, t) + magnitude(c, t) + hanging_wall(c, t) + distance(self, t);
        let yielding = c.phi2 * (exp(c.phi3 * (t.vs30 - 360.0)) - self.at_rock);
        let site = self.phi1 * ln(t.vs30 / ROCK) + yielding * ln((exp(rock) + c.phi4) / c.phi4);
        let (tau, phi) = (c.tau, self.phi);
        Estimate { mean: rock + site + self.phi5 * t.basin, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equations 2 to 5.
#[inline(always)]
fn faulting(c: &Coeffs, t: &Terms) -> f64 {
    let style = (c.c1_a + c.c1_c * t.small) * t.faulting.reverse + (c.c1_b + c.c1_d * t.small) * t.faulting.normal;
    let dip = (c.c11 + c.c11_b * t.small) * t.cos_dip * t.cos_dip;
    style + (c.c7 + c.c7_b * t.small) * t.faulting.delta_ztor + dip
}

/// Equations 6, 7 and 11.
#[inline(always)]
fn magnitude(c: &Coeffs, t: &Terms) -> f64 {
    let bend = (C2 - c.c3) / c.c_n * ln(1.0 + exp(c.c_n * (c.c_m - t.mag)));
    let directivity = c.c8 * t.directivity * exp(C8_A * (t.mag - c.c8_b) * (t.mag - c.c8_b));
    C2 * (t.mag - 6.0) + bend + directivity
}

/// Equation 12.
#[inline(always)]
fn hanging_wall(c: &Coeffs, t: &Terms) -> f64 {
    c.c9 * (c.c9_a + (1.0 - c.c9_a) * tanh(t.rx / c.c9_b)) * t.hanging
}

/// Equations 8 to 10.
#[inline(always)]
fn distance(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let near_source = (c.c5 + c.dp * t.deep) * cosh(c.c6 * (t.mag - c.c_hm).max(0.0));
    let anelastic = row.g1 + c.c_g2 * sech((t.mag - c.c_g3).max(0.0));
    C4 * ln(t.rrup + near_source) + (C4_A - C4) * t.ln_far + anelastic * t.rrup
}
