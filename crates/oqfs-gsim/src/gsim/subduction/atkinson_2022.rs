//! Atkinson (2022), the backbone model of New Zealand's hazard model of 2022 for the crust, the interface and the slab.
//!
//! Atkinson G.M., 2022. Backbone ground-motion models for crustal, interface and slab earthquakes in New Zealand from equivalent
//! point-source concepts. GNS Science Report 2022/11.
//!
//! - Component: RotD50. Units: g. The site term is that of Boore et al. (2014); `backarc` is 1 behind the volcanic arc.
//!
//! Arguments: `epistemic` (`Central`, `Lower`, `Upper`) is the branch; `modified_sigma` lets soil that yields lower the standard
//! deviations, with the correlations of Abrahamson and Gülerce (2020).

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::{hypot, scalar};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::soil::softened;
use crate::gsim::subduction::abrahamson_gulerce_2020;
use crate::gsim::subduction::nga_sub;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const CRUST: ModelInfo = ModelInfo {
    name: "Atkinson2022Crust",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Atkinson (2022), Backbone ground-motion models for crustal, interface and slab earthquakes in New Zealand \
                from equivalent point-source concepts, GNS Science Report 2022/11",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: CRUST, make },
    Model { info: ModelInfo { name: "Atkinson2022SInter", trt: Trt::SubductionInterface, ..CRUST }, make },
    Model {
        info: ModelInfo {
            name: "Atkinson2022SSlab",
            trt: Trt::SubductionIntraslab,
            params: &[Param::Mag, Param::Rrup, Param::Vs30, Param::Backarc],
            ..CRUST
        },
        make,
    },
];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let branches = [
        ("Central", Branch::Central),
        ("Lower", Branch::Lower),
        ("Upper", Branch::Upper),
        ("central", Branch::Central),
        ("lower", Branch::Lower),
        ("upper", Branch::Upper),
    ];
    let branch = arguments.choice("epistemic", branches)?;
    let modified = arguments.flag_or("modified_sigma", false)?;
    Ok(Arc::new(Atkinson2022 { info, branch, modified }))
}

coefficients! {
    /// The table of the report: magnitude of the crust, which the interface takes too, and of the slab; standard deviations.
    struct Coeffs {
        f, c, vc, f4, f5, b3, b4, c0_crust, c1_crust, c2_crust, c0_slab, c1_slab, c2_slab, sigma_crust, sigma_inter,
        sigma_slab, we_crust, we_inter, we_slab, be_crust, be_inter, be_slab, phis2s,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Atkinson2022.csv");

#[derive(Clone, Copy, Debug)]
enum Branch {
    Central,
    Lower,
    Upper,
}

/// Atkinson (2022).
#[derive(Debug)]
struct Atkinson2022 {
    info: &'static ModelInfo,
    branch: Branch,
    /// Whether soil that yields lowers the standard deviations.
    modified: bool,
}

/// g in cm/s^2 as the model has it.
const G: f64 = 981.0;

impl Gsim for Atkinson2022 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let slab = self.info.trt == Trt::SubductionIntraslab;
        let backarc = if slab { ctx.column(Param::Backarc) } else { &[] };
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let path = Path::new(mag[k], rrup[k], backarc.get(k).is_some_and(|side| *side != 0.0));
            Terms {
                path,
                ln_vs30: ln(vs30[k] / 760.0),
                vs30: vs30[k],
                pga: exp(ln_rock(&pga, &path)),
                shift: self.shift(mag[k], rrup[k]),
                of_pga: [pga.tau, (pga.phi * pga.phi - PHI_AMP * PHI_AMP).sqrt()],
                modified: self.modified,
            }
        });
    }
}

/// The standard deviation of site amplification.
const PHI_AMP: f64 = 0.3;

impl Atkinson2022 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let ln_f = scalar::ln(c.f);
        let of_crust = [c.c0_crust, c.c1_crust, c.c2_crust];
        let (magnitude, gamma, [sigma, tau, phi]) = match self.info.trt {
            Trt::SubductionInterface => {
                (of_crust, (0.0045 + 0.0014 * ln_f).min(0.006), [c.sigma_inter, c.be_inter, c.we_inter])
            }
            Trt::SubductionIntraslab => {
                let magnitude = [c.c0_slab, c.c1_slab, c.c2_slab];
                (magnitude, (0.004 + 0.0012 * ln_f).min(0.005), [c.sigma_slab, c.be_slab, c.we_slab])
            }
            _ => (of_crust, (0.005 + 0.0016 * ln_f).min(0.008), [c.sigma_crust, c.be_crust, c.we_crust]),
        };
        Row {
            c,
            magnitude,
            gamma,
            backarc: nga_sub::backarc_of_slab(self.info, imt),
            ln_vc: scalar::ln(c.vc / 760.0),
            exp_ref: scalar::exp(c.f5 * 400.0),
            sigma,
            tau,
            phi: hypot(phi, c.phis2s),
            rho: abrahamson_gulerce_2020::correlation(imt),
        }
    }

    /// What the branch adds to the ln-mean.
    fn shift(&self, mag: f64, rrup: f64) -> f64 {
        const FACTOR: f64 = 1.28155 * 0.893;
        let ln_r = scalar::ln(rrup);
        let great = 0.15 * (mag - 7.0).max(0.0);
        let far = -0.25 + 0.12 * ln_r;
        match self.branch {
            Branch::Central => 0.0,
            Branch::Lower => -FACTOR * ((0.6 - 0.13 * ln_r).max(0.3).max(far).min(0.5) + great),
            Branch::Upper => FACTOR * ((1.0 - 0.3 * ln_r).max(0.3).max(far).min(0.8) + great),
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    magnitude: [f64; 3],
    /// Anelastic attenuation.
    gamma: f64,
    /// The constant and the factor of ln(R / 40 km) behind the arc.
    backarc: [f64; 2],
    /// ln(Vc / 760)
    ln_vc: f64,
    /// exp(f5 (760 - 360))
    exp_ref: f64,
    sigma: f64,
    tau: f64,
    phi: f64,
    /// Correlation with `PGA` between and within events.
    rho: [f64; 2],
}

/// What the motion on rock depends on.
#[derive(Clone, Copy)]
struct Path {
    mag: f64,
    rrup: f64,
    /// ln of geometrical spreading, and ln(R / Rref).
    ln_spreading: f64,
    ln_ratio: f64,
    /// ln of the distance over 40 km, at least 85 km, and 1, behind the arc; else 0.
    backarc: [f64; 2],
}

impl Path {
    /// Equations 2 to 5.
    fn new(mag: f64, rrup: f64, is_behind: bool) -> Path {
        const TRANSITION: f64 = 50.0;
        let h = exp(LN_10 * (-0.405 + 0.235 * mag));
        let ln_r = ln(hypot(rrup, h));
        let far = (ln_r - ln(TRANSITION)).max(0.0);
        let behind = if is_behind { [1.0, nga_sub::ln_backarc(rrup)] } else { [0.0; 2] };
        Path {
            mag,
            rrup,
            ln_spreading: -1.3 * (ln_r - far) - 0.5 * far,
            ln_ratio: ln_r - ln(hypot(1.0, h)),
            backarc: behind,
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    path: Path,
    ln_vs30: f64,
    vs30: f64,
    /// `PGA` on rock, cm/s^2.
    pga: f64,
    shift: f64,
    /// The standard deviations of `PGA` between and within events, the latter without that of amplification.
    of_pga: [f64; 2],
    modified: bool,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let f2 = c.f4 * (exp(c.f5 * (t.vs30.min(760.0) - 360.0)) - self.exp_ref);
        let site = c.c * t.ln_vs30.min(self.ln_vc) + f2 * ln((t.pga + 0.1 * G) / (0.1 * G));
        let mean = ln_rock(self, &t.path) + site - const { scalar::ln(G) } + t.shift;
        if !t.modified {
            return Estimate { mean, sig: self.sigma, tau: self.tau, phi: self.phi };
        }
        let change = f2 * t.pga / (t.pga + 0.1 * G);
        let phi_b = (self.phi * self.phi - PHI_AMP * PHI_AMP).sqrt();
        let tau2 = softened(self.tau * self.tau, change, t.of_pga[0], self.tau, self.rho[0]);
        let phi2 = softened(self.phi * self.phi, change, t.of_pga[1], phi_b, self.rho[1]);
        Estimate { mean, sig: (tau2 + phi2).sqrt(), tau: tau2.sqrt(), phi: phi2.sqrt() }
    }
}

/// Equation 1 on rock.
#[inline(always)]
fn ln_rock(row: &Row, p: &Path) -> f64 {
    let [c0, c1, c2] = row.magnitude;
    let spreading = p.ln_spreading + (row.c.b3 + row.c.b4 * p.mag) * p.ln_ratio;
    let behind = row.backarc[0] * p.backarc[0] + row.backarc[1] * p.backarc[1];
    c0 + (c1 + c2 * p.mag) * p.mag + spreading - row.gamma * p.rrup + behind
}
