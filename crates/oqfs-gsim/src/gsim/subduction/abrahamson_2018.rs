//! Abrahamson et al. (2018), the update of the BC Hydro model for the interface and the slab of Cascadia.
//!
//! Abrahamson N.A., Kuehn N., Gulerce Z., Gregor N., Bozorgnia Y., Parker G., Stewart J., Chiou B., Idriss I.M.,
//! Campbell K., Youngs R., 2018. Update of the BC Hydro subduction ground-motion model using the NGA-Subduction
//! dataset. Pacific Earthquake Engineering Research Center, Report 2018/02.
//!
//! - Component: geometric mean. Units: g.
//! - `High` and `Low` are the upper and lower branch of the epistemic uncertainty.
//!
//! As in the engine, of the terms of the standard deviations that soil changes the one squared has that of the measure
//! itself, not of `PGA`.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::soil::{Soil, softened};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "AbrahamsonEtAl2018SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Abrahamson et al. (2018), Update of the BC Hydro subduction ground-motion model using the NGA-Subduction \
                dataset, PEER Report 2018/02",
    doi: None,
    validity: Validity::NOT_STATED,
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "AbrahamsonEtAl2018SSlab",
    trt: Trt::SubductionIntraslab,
    params: &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30],
    ..INTERFACE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: INTERFACE, make: CENTRAL },
    Model { info: ModelInfo { name: "AbrahamsonEtAl2018SInterHigh", ..INTERFACE }, make: HIGH },
    Model { info: ModelInfo { name: "AbrahamsonEtAl2018SInterLow", ..INTERFACE }, make: LOW },
    Model { info: SLAB, make: CENTRAL },
    Model { info: ModelInfo { name: "AbrahamsonEtAl2018SSlabHigh", ..SLAB }, make: HIGH },
    Model { info: ModelInfo { name: "AbrahamsonEtAl2018SSlabLow", ..SLAB }, make: LOW },
];

const CENTRAL: Make = |info, _| Ok(Arc::new(AbrahamsonEtAl2018 { info, branch: Branch::Central }));
const HIGH: Make = |info, _| Ok(Arc::new(AbrahamsonEtAl2018 { info, branch: Branch::High }));
const LOW: Make = |info, _| Ok(Arc::new(AbrahamsonEtAl2018 { info, branch: Branch::Low }));

coefficients! {
    /// The report's table for Cascadia.
    struct Coeffs {
        c1inter, vlin, b, a1, a2, a4, a6, a11, a12, a13, a14, adj_int, adj_slab, phi0, tau0, rho_w, rho_b, sinter_low,
        sinter_high, sslab_low, sslab_high,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AbrahamsonEtAl2018.csv");

// Coefficients that are the same for all periods; a5 is 0.
const C1_SLAB: f64 = 7.2;
const C4: f64 = 10.0;
const A3: f64 = 0.1;
const A9: f64 = 0.4;
const A10: f64 = 1.73;
const PHI_AMP: f64 = 0.3;

/// `PGA` on rock is for this `vs30`, m/s; harder ground amplifies as this.
const ROCK: f64 = 1000.0;

/// A branch of the epistemic uncertainty.
#[derive(Clone, Copy, Debug)]
enum Branch {
    Low,
    Central,
    High,
}

/// Abrahamson et al. (2018).
#[derive(Debug)]
struct AbrahamsonEtAl2018 {
    info: &'static ModelInfo,
    branch: Branch,
}

impl Gsim for AbrahamsonEtAl2018 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let ztor = ctx.column(Param::Ztor);
        let pga = self.row(&Imt::PGA);
        let rock = pga.soil.ln_amplification_of_rock(ROCK);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                rrup: rrup[k],
                ln_distance: ln(rrup[k] + C4 * exp(A9 * (mag[k] - 6.0))),
                depth: ztor.get(k).map_or(0.0, |&ztor| ztor.min(100.0) - 60.0),
            };
            Terms { rupture, vs30: vs30[k], pga1000: exp(ln_rock(&pga, &rupture) + rock) }
        });
    }
}

impl AbrahamsonEtAl2018 {
    fn row(&self, imt: &Imt) -> Row {
        let (c, pga) = (COEFFS.at(imt), COEFFS.at(&Imt::PGA));
        let phi_b = |c: &Coeffs| (c.phi0 * c.phi0 - PHI_AMP * PHI_AMP).sqrt();
        let is_slab = self.info.trt == Trt::SubductionIntraslab;
        let (constant, c1, a14, a11, [low, high]) = if is_slab {
            let constant = c.a1 + c.a4 * (C1_SLAB - c.c1inter) + A10 + c.adj_slab;
            (constant, C1_SLAB, c.a14, c.a11, [c.sslab_low, c.sslab_high])
        } else {
            (c.a1 + c.adj_int, c.c1inter, 0.0, 0.0, [c.sinter_low, c.sinter_high])
        };
        Row {
            constant,
            magnitude: [c1, c.a4, c.a13],
            spreading: c.a2 + a14,
            a6: c.a6,
            a11,
            soil: Soil { linear: c.a12, b: c.b, vlin: c.vlin },
            shift: match self.branch {
                Branch::Low => low,
                Branch::Central => 0.0,
                Branch::High => high,
            },
            tau: [c.tau0, pga.tau0],
            phi: c.phi0,
            phi_b: [phi_b(&c), phi_b(&pga)],
            rho: [c.rho_b, c.rho_w],
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    constant: f64,
    /// C1, a4 and a13.
    magnitude: [f64; 3],
    /// a2, with a14 in the slab.
    spreading: f64,
    a6: f64,
    /// 0 at the interface.
    a11: f64,
    soil: Soil,
    /// What the branch adds.
    shift: f64,
    /// Of the measure and of `PGA`.
    tau: [f64; 2],
    phi: f64,
    /// Without the variation of site amplification, of the measure and of `PGA`.
    phi_b: [f64; 2],
    /// Correlation with `PGA` between and within events.
    rho: [f64; 2],
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// ln(R + C4 exp(a9 (M - 6)))
    ln_distance: f64,
    /// min(Ztor, 100) - 60 in the slab, else 0.
    depth: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    pga1000: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let site = self.soil.ln_amplification_up_to(ROCK, t.vs30, t.pga1000);
        let mean = ln_rock(self, &t.rupture) + site + self.shift;
        let change = self.soil.derivative(t.vs30, t.pga1000);
        // The parts of the measure and of `PGA` change places (engine behaviour).
        let tau2 = softened(self.tau[0] * self.tau[0], change, self.tau[0], self.tau[1], self.rho[0]);
        let phi2 = softened(self.phi * self.phi, change, self.phi_b[0], self.phi_b[1], self.rho[1]);
        Estimate { mean, sig: (tau2 + phi2).sqrt(), tau: tau2.sqrt(), phi: phi2.sqrt() }
    }
}

/// Source and path.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let [c1, a4, a13] = row.magnitude;
    let magnitude = a4 * (r.mag - c1).min(0.0) + a13 * (10.0 - r.mag) * (10.0 - r.mag);
    let path = (row.spreading + A3 * (r.mag - 7.8)) * r.ln_distance + row.a6 * r.rrup;
    row.constant + magnitude + path + row.a11 * r.depth
}
