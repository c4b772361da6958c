//! The European model of 2020 for cratons: an equation fitted to the NGA-East models on rock, with their site term and
//! standard deviations.
//!
//! Weatherill G., Cotton F., 2020. A ground motion logic tree for seismic hazard analysis in the stable cratonic region
//! of Europe: regionalisation, model selection and development of a scaled backbone approach. Bulletin of Earthquake
//! Engineering 18, 6119-6148, doi:10.1007/s10518-020-00940-x.
//!
//! - Component: RotD50. Units: g.
//!
//! The arguments `epsilon` and `site_epsilon` are how many epistemic standard deviations the median and the site term
//! are off their means, which each branch has its own of; `tau_model`, `phi_model` and their quantiles choose the
//! standard deviations, and `ergodic` those between stations.

use std::sync::{Arc, LazyLock};

use super::sigma::{AtImt, Choice, Sigma, Stations};
use super::site::SiteTerm;
use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::hazard_models::eshm20::{Site, Stress};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "ESHM20Craton",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Weatherill and Cotton (2020), A ground motion logic tree for seismic hazard analysis in the stable \
                cratonic region of Europe: regionalisation, model selection and development of a scaled backbone \
                approach, Bulletin of Earthquake Engineering 18, 6119-6148",
    doi: Some("10.1007/s10518-020-00940-x"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "ESHM20Craton": BASE => make(Stress::Middle, Site::Middle),
    "ESHM20CratonVLowStressLowSite": BASE => make(Stress::VeryLow, Site::Low),
    "ESHM20CratonVLowStressMidSite": BASE => make(Stress::VeryLow, Site::Middle),
    "ESHM20CratonVLowStressHighSite": BASE => make(Stress::VeryLow, Site::High),
    "ESHM20CratonLowStressLowSite": BASE => make(Stress::Low, Site::Low),
    "ESHM20CratonLowStressMidSite": BASE => make(Stress::Low, Site::Middle),
    "ESHM20CratonLowStressHighSite": BASE => make(Stress::Low, Site::High),
    "ESHM20CratonMidStressLowSite": BASE => make(Stress::Middle, Site::Low),
    "ESHM20CratonMidStressMidSite": BASE => make(Stress::Middle, Site::Middle),
    "ESHM20CratonMidStressHighSite": BASE => make(Stress::Middle, Site::High),
    "ESHM20CratonHighStressLowSite": BASE => make(Stress::High, Site::Low),
    "ESHM20CratonHighStressMidSite": BASE => make(Stress::High, Site::Middle),
    "ESHM20CratonHighStressHighSite": BASE => make(Stress::High, Site::High),
    "ESHM20CratonVHighStressLowSite": BASE => make(Stress::VeryHigh, Site::Low),
    "ESHM20CratonVHighStressMidSite": BASE => make(Stress::VeryHigh, Site::Middle),
    "ESHM20CratonVHighStressHighSite": BASE => make(Stress::VeryHigh, Site::High),
};

fn make(info: &'static ModelInfo, arguments: &mut Arguments, stress: Stress, site: Site) -> Made {
    let epsilon = arguments.number_or("epsilon", stress.epsilon())?;
    let site_epsilon = arguments.number_or("site_epsilon", site.epsilon())?;
    let ergodic = arguments.flag_or("ergodic", true)?;
    let sigma = Sigma::Parts(Choice::of_stations(arguments)?);
    Ok(Arc::new(Craton { info, epsilon, site_epsilon, ergodic, sigma }))
}

coefficients! {
    /// The equation for rock, and its epistemic standard deviation.
    struct Coeffs { e1, b1, b2, b3, c1, c2, c3, sigma_mu }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ESHM20Craton.csv");

/// Weatherill and Cotton (2020).
#[derive(Debug)]
struct Craton {
    info: &'static ModelInfo,
    epsilon: f64,
    site_epsilon: f64,
    ergodic: bool,
    sigma: Sigma,
}

impl Gsim for Craton {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        SiteTerm::check(self.info, imt)?;
        self.sigma.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let row = |imt| Row {
            c: COEFFS.at(imt),
            site: SiteTerm::at(imt),
            sigma: self.sigma.at(imt),
            stations: self.ergodic.then(|| Stations::at(imt)),
            epsilon: self.epsilon,
            site_epsilon: self.site_epsilon,
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        let pga = COEFFS.at(&Imt::PGA);
        batch::compute(ctx.len(), &rows, out, |k| {
            let path = Path::new(mag[k], rrup[k]);
            Terms { path, vs30: vs30[k], ln_pga_rock: ln_rock(&pga, &path) }
        });
    }
}

#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    site: SiteTerm,
    sigma: AtImt,
    /// Between stations, of an ergodic model.
    stations: Option<Stations>,
    epsilon: f64,
    site_epsilon: f64,
}

#[derive(Clone, Copy)]
struct Path {
    mag: f64,
    /// The distance beyond that of 1 km, both with a depth of 5 km: its logarithm, and in 100 km.
    ln_ratio: f64,
    beyond: f64,
}

impl Path {
    fn new(mag: f64, rrup: f64) -> Path {
        const H2: f64 = 25.0;
        let (r, reference) = ((rrup * rrup + H2).sqrt(), (1.0 + H2).sqrt());
        Path { mag, ln_ratio: ln(r / reference), beyond: (r - reference) / 100.0 }
    }
}

#[derive(Clone, Copy)]
struct Terms {
    path: Path,
    vs30: f64,
    ln_pga_rock: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let site = self.site.ln_amplification(t.vs30, t.ln_pga_rock);
        let of_site = if self.site_epsilon == 0.0 { 0.0 } else { self.site.sigma(t.vs30, t.ln_pga_rock) };
        let epistemic = self.epsilon * self.c.sigma_mu + self.site_epsilon * of_site;
        let [_, tau, phi] = self.sigma.at(t.path.mag);
        let phi = self.stations.map_or(phi, |stations| hypot(phi, stations.sigma(t.vs30)));
        Estimate { mean: ln_rock(&self.c, &t.path) + site + epistemic, sig: hypot(tau, phi), tau, phi }
    }
}

fn ln_rock(c: &Coeffs, p: &Path) -> f64 {
    let above = p.mag - 6.2;
    let magnitude = c.e1 + if above <= 0.0 { (c.b1 + c.b2 * above) * above } else { c.b3 * above };
    magnitude + (c.c1 + c.c2 * (p.mag - 4.5)) * p.ln_ratio + c.c3 * p.beyond
}
