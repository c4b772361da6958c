//! Phung et al. (2020), for the interface and the slab of subduction in Taiwan.
//!
//! Phung V.B., Loh C.H., Chao S.H., Abrahamson N.A., 2020. Ground motion prediction equation for Taiwan subduction zone
//! earthquakes. Earthquake Spectra 36(3), 1331-1358, doi:10.1177/8755293020906829.
//!
//! - Component: geometric mean. Units: g. A `z1pt0` below 0 stands for an unknown one.
//!
//! Argument: `region`, `jptw` (Japan and Taiwan, the default) or `tw`. As in the engine, `PGA` on rock attenuates as in
//! Taiwan.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::{hypot, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::soil::Soil;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "PhungEtAl2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &PARAMS,
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Phung et al. (2020), Ground motion prediction equation for Taiwan subduction zone earthquakes, Earthquake \
                Spectra 36(3), 1331-1358",
    doi: Some("10.1177/8755293020906829"),
    validity: Validity::NOT_STATED,
};

const PARAMS: [Param; 5] = [Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Z1pt0];

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: INTERFACE, make: MAKE },
    Model { info: ModelInfo { name: "PhungEtAl2020SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE }, make: MAKE },
];

const MAKE: Make = |info, arguments| {
    let in_taiwan = arguments.choice("region", [("jptw", false), ("tw", true)])?;
    Ok(Arc::new(PhungEtAl2020 { info, in_taiwan }))
};

coefficients! {
    /// The electronic supplement's table.
    struct Coeffs {
        a1, a1_del, a2, a4, a4_del, a5, a6jptw, a6tw, a7, a8jptw, a8tw, a10, a11, a12jptw, a12tw, a13, a14, b, mref, vlin,
        tau4jptw, phiss4jptw, phis2s4jptw, tau4tw, phiss4tw, phis2s4tw,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("PhungEtAl2020_subduction.csv");

// Coefficients that are the same for all periods.
const A3: f64 = 0.1;
const A9: f64 = 0.25;
const C4: f64 = 10.0;

/// Harder ground amplifies as this, m/s; `PGA` on rock is for it.
const ROCK: f64 = 1000.0;

/// Phung et al. (2020).
#[derive(Debug)]
struct PhungEtAl2020 {
    info: &'static ModelInfo,
    /// Taiwan alone, not Japan with Taiwan.
    in_taiwan: bool,
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
        let [mag, ztor, rrup, vs30, z1pt0] = ctx.columns(PARAMS);
        let pga = self.rock_row();
        let rock = pga.soil.ln_amplification_of_rock(ROCK);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                rrup: rrup[k],
                ln_distance: ln(rrup[k] + C4 * exp(A9 * (mag[k] - 6.0))),
                depth: if self.is_slab() { ztor[k].min(80.0) - 40.0 } else { ztor[k].min(40.0) - 20.0 },
            };
            let vs30 = vs30[k].min(ROCK);
            Terms { rupture, pga1000: exp(ln_rock(&pga, &rupture) + rock), vs30, basin: self.basin(z1pt0[k], vs30) }
        });
    }
}

impl PhungEtAl2020 {
    fn is_slab(&self) -> bool {
        self.info.trt == Trt::SubductionIntraslab
    }

    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let (a1, a4, a6, a8, a12, tau, phi) = if self.in_taiwan {
            (c.a1, c.a4, c.a6tw, c.a8tw, c.a12tw, c.tau4tw, hypot(c.phiss4tw, c.phis2s4tw))
        } else {
            let phi = hypot(c.phiss4jptw, c.phis2s4jptw);
            (c.a1 + c.a1_del, c.a4 + c.a4_del, c.a6jptw, c.a8jptw, c.a12jptw, c.tau4jptw, phi)
        };
        let (a7, a14, depth) = if self.is_slab() { (c.a7, c.a14, c.a11) } else { (0.0, 0.0, c.a10) };
        Row {
            constant: a1 + a7,
            magnitude: [c.mref, a4, c.a5, c.a13],
            spreading: c.a2 + a14,
            a6,
            depth,
            soil: Soil { linear: a12, b: c.b, vlin: c.vlin },
            a8,
            tau,
            phi,
        }
    }

    /// Of `PGA` on rock.
    fn rock_row(&self) -> Row {
        let (row, c) = (self.row(&Imt::PGA), COEFFS.at(&Imt::PGA));
        Row { a6: c.a6tw, soil: Soil { linear: c.a12tw, ..row.soil }, ..row }
    }

    /// What a8 multiplies.
    fn basin(&self, z1pt0: f64, vs30: f64) -> f64 {
        let (power, v, hard) = if self.in_taiwan { (-3.96, 352.7f64, 1750.0f64) } else { (-5.23, 412.39, 1360.0) };
        let ln_mean = power / 2.0 * scalar::ln((vs30 * vs30 + v * v) / (hard * hard + v * v));
        if z1pt0 < 0.0 { 0.0 } else { (scalar::ln(z1pt0) - ln_mean).min(1.0) }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    constant: f64,
    /// The magnitude where the scaling breaks, a4, a5 and a13.
    magnitude: [f64; 4],
    /// a2, with a14 in the slab.
    spreading: f64,
    a6: f64,
    /// a10 or a11.
    depth: f64,
    soil: Soil,
    a8: f64,
    tau: f64,
    phi: f64,
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// ln(R + C4 exp(a9 (M - 6)))
    ln_distance: f64,
    /// The top of the rupture below 20 km, at most 40 km, or in the slab below 40 km, at most 80 km.
    depth: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    pga1000: f64,
    vs30: f64,
    basin: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let site = self.soil.ln_amplification(t.vs30, t.pga1000) + self.a8 * t.basin;
        let (tau, phi) = (self.tau, self.phi);
        Estimate { mean: ln_rock(self, &t.rupture) + site, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Source and path.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let [mref, a4, a5, a13] = row.magnitude;
    let above = r.mag - mref;
    let magnitude = if above <= 0.0 { a4 * above } else { a5 * above } + a13 * (10.0 - r.mag) * (10.0 - r.mag);
    let path = (row.spreading + A3 * (r.mag - 7.8)) * r.ln_distance + row.a6 * r.rrup;
    row.constant + magnitude + path + row.depth * r.depth
}
