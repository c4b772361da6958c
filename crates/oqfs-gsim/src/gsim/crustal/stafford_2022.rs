//! Stafford (2022), the backbone model of New Zealand's hazard model of 2022 for the crust.
//!
//! Stafford P.J., 2022. A model for the distribution of response spectral ordinates from New Zealand crustal earthquakes based
//! upon adjustments to the Chiou and Youngs (2014) response spectral model. GNS Science Report 2022/15.
//!
//! - Component: RotD50. Units: g; `z1pt0` in m. The equations are those of Chiou and Youngs (2014); `PGA` is spectral
//!   acceleration at 0.01 s.
//!
//! Arguments: `mu_branch` and `sigma_branch` (`Central`, `Lower`, `Upper`), and which adjustments there are: `adjust_c1`,
//! `adjust_chm`, `adjust_c7` and `adjust_cg1`.

use std::sync::Arc;

use crate::elementary::branchless::ln;
use crate::elementary::powi;
use crate::elementary::scalar::{self, exp, powf, tanh};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::chi_square;
use crate::gsim::crustal::chiou_youngs_2014::{Backbone, Rupture, Site};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "Stafford2022",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[
            Param::Mag,
            Param::Rake,
            Param::Dip,
            Param::Ztor,
            Param::Rrup,
            Param::Rjb,
            Param::Rx,
            Param::Vs30,
            Param::Z1pt0,
        ],
        std_devs: TOTAL_AND_PARTS,
        component: Component::RotD50,
        reference: "Stafford (2022), A model for the distribution of response spectral ordinates from New Zealand crustal \
                    earthquakes based upon adjustments to the Chiou and Youngs (2014) response spectral model, GNS Science \
                    Report 2022/15",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make,
}];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let branches = [("Central", Branch::Central), ("Lower", Branch::Lower), ("Upper", Branch::Upper)];
    let (mean, sigma) = (arguments.choice("mu_branch", branches)?, arguments.choice("sigma_branch", branches)?);
    let mut flag = |name| arguments.flag_or(name, true);
    let adjust =
        Adjust { c1: flag("adjust_c1")?, chm: flag("adjust_chm")?, c7: flag("adjust_c7")?, cg1: flag("adjust_cg1")? };
    Ok(Arc::new(Stafford2022 { info, mean, sigma, adjust }))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Branch {
    Lower,
    Central,
    Upper,
}

impl Branch {
    /// How many epistemic standard deviations a branch of the median is off its mean.
    fn epsilon(self) -> f64 {
        const EPSILON: f64 = 1.28155 * 0.893;
        match self {
            Branch::Lower => -EPSILON,
            Branch::Central => 0.0,
            Branch::Upper => EPSILON,
        }
    }

    /// The quantile of the standard deviation.
    fn quantile(self) -> f64 {
        match self {
            Branch::Lower => 0.1,
            Branch::Central => 0.5,
            Branch::Upper => 0.9,
        }
    }
}

/// Which adjustments there are.
#[derive(Clone, Copy, Debug)]
struct Adjust {
    c1: bool,
    chm: bool,
    c7: bool,
    cg1: bool,
}

/// Stafford (2022).
#[derive(Debug)]
struct Stafford2022 {
    info: &'static ModelInfo,
    mean: Branch,
    sigma: Branch,
    adjust: Adjust,
}

impl Gsim for Stafford2022 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)?;
        Backbone::check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, dip, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Ztor]);
        let [rrup, rjb, rx] = ctx.columns([Param::Rrup, Param::Rjb, Param::Rx]);
        let [vs30, z1pt0] = ctx.columns([Param::Vs30, Param::Z1pt0]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let rho = if self.adjust.chm { 0.4 * self.mean.epsilon() } else { 0.0 };
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            ln_rrup: ln(rrup[k].max(1e-10)),
            rupture: Rupture::new(mag[k], rake[k], dip[k], ztor[k], [rrup[k], rjb[k], rx[k]]),
            site: Backbone::site(vs30[k], z1pt0[k]),
            saturation: rho * saturation_sigma(mag[k], ln(rrup[k].max(1e-10))),
        });
    }
}

impl Stafford2022 {
    fn row(&self, imt: &Imt) -> Row {
        let period = imt.period().unwrap_or_default().max(0.01);
        let ln_t = scalar::ln(period);
        let c7 = match (self.adjust.c7, self.mean) {
            (false, _) | (_, Branch::Upper) => [0.0; 2],
            (true, Branch::Lower) => [-0.02578, sigmoid(ln_t, [-0.05737, 0.05733], -1.0324, 0.04875)],
            (true, Branch::Central) => [0.0, sigmoid(ln_t, [-0.0865, 0.0], -1.5364, 0.3266)],
        };
        let anelastic = (0.0024 * tanh(0.8 * scalar::ln(period / 1.8))).min(0.0);
        let anelastic_sigma = sigmoid(ln_t, [0.00054, 0.0004], ln(0.9), 0.2);
        let cg1 = if self.adjust.cg1 { anelastic + self.mean.epsilon() * anelastic_sigma } else { 0.0 };
        // The number of observations that counts.
        let observations = if period <= 0.3 {
            sigmoid(ln_t, [190.34, 221.16], -2.4341, 0.10366)
        } else {
            221.16 / powf(period / 0.3, 0.10299)
        };
        let empirical = EmpiricalSigma::new(period);
        let [tau_small, tau_great] = [0.45, 0.35].map(|start| sigmoid(ln_t, [start, 0.4], 0.0, 0.2));
        let x = period / 0.7170;
        Row {
            backbone: Backbone::new(&Imt::sa(period).unwrap_or(*imt), [c7[0], c7[1], cg1]),
            empirical,
            epsilon: if self.adjust.c1 { self.mean.epsilon() } else { 0.0 },
            observations: observations * powi(empirical.at(5.0, ln(80.0)), 2),
            quantile: self.sigma.quantile(),
            tau: [tau_small, tau_great],
            phi_s2s: 0.3171 + 0.3248 * powf(x, 0.7911) * exp(-0.8970 * x),
        }
    }
}

/// From one value to another, smoothly.
fn sigmoid(x: f64, [start, finish]: [f64; 2], centre: f64, slope: f64) -> f64 {
    start + (finish - start) / (1.0 + exp(-(x - centre) / slope))
}

/// The epistemic standard deviation of the near-source saturation.
fn saturation_sigma(mag: f64, ln_rrup: f64) -> f64 {
    sigmoid(ln_rrup, [0.6638 - 0.2570 * (mag.min(7.0) - 6.0), 0.0], 0.7990, 0.9835)
}

/// The epistemic standard deviation of the data, by magnitude and distance.
#[derive(Clone, Copy)]
struct EmpiricalSigma {
    /// Centre and slope in ln(R) and in magnitude.
    distance: [f64; 2],
    magnitude: [f64; 2],
}

impl EmpiricalSigma {
    fn new(period: f64) -> EmpiricalSigma {
        let of_period = |ends| sigmoid(period, ends, 3.5, 0.5);
        EmpiricalSigma {
            distance: [of_period([3.75, 5.75]), of_period([0.225, 1.3])],
            magnitude: [of_period([5.82, 6.4]), sigmoid(period, [0.42, 0.38], 2.5, 0.2)],
        }
    }

    fn at(&self, mag: f64, ln_rrup: f64) -> f64 {
        let far = sigmoid(ln_rrup, [0.0, 1.0], self.distance[0], self.distance[1]);
        let small = sigmoid(mag, [1.0, 0.0], self.magnitude[0], self.magnitude[1]);
        0.4 - 0.25 * far * small
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    backbone: Backbone,
    empirical: EmpiricalSigma,
    /// How many of the empirical standard deviations are added.
    epsilon: f64,
    /// The number of observations times the square of the standard deviation at magnitude 5 and 80 km.
    observations: f64,
    quantile: f64,
    /// Between events, at magnitudes 5 and 6.5.
    tau: [f64; 2],
    /// Between stations.
    phi_s2s: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    ln_rrup: f64,
    rupture: Rupture,
    site: Site,
    /// What the branch of saturation adds.
    saturation: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        const PHI_SS: f64 = 0.39;
        let spread = self.empirical.at(t.mag, t.ln_rrup);
        let [mean, nl] = self.backbone.estimate(&t.rupture, &t.site, self.epsilon * spread + t.saturation);
        let tau = self.tau[0] + (self.tau[1] - self.tau[0]) * (t.mag.clamp(5.0, 6.5) - 5.0) / 1.5;
        let (nonlinear, within) = ((1.0 + nl) * (1.0 + nl), PHI_SS * PHI_SS);
        // Equation 8.16.
        let phi2 = self.phi_s2s * self.phi_s2s + nonlinear * 0.736 * within + 0.264 * within;
        let freedom = self.observations / (spread * spread) - 1.0;
        let quantile = chi_square::quantile(self.quantile, freedom) / freedom;
        let sig = ((nonlinear * tau * tau + phi2) * quantile).sqrt();
        Estimate { mean, sig, tau: ((1.0 + nl) * tau).abs(), phi: phi2.sqrt() }
    }
}
