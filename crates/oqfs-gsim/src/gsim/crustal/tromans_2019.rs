//! Tromans et al. (2019): standard deviations for a nuclear site in the United Kingdom, on any model.
//!
//! Tromans I.J., Aldama-Bustos G., Douglas J., Lessi-Cheimariou A., Hunt S., Davi M., Musson R.M.W., Garrard G., Strasser
//! F., Robertson C., 2019. Probabilistic seismic hazard assessment for a new-build nuclear power plant site in the UK.
//! Bulletin of Earthquake Engineering 17, 1-36, doi:10.1007/s10518-018-0441-6.
//!
//! `gmpe_name` names the model. Arguments: `branch` (`central`, `lower` or `upper`), `homoskedastic_sigma`, `phi_ds2s`,
//! `scaling_factor` of the median, `vskappa` with a factor for each intensity measure, and `sigma_mu_epsilon`, so many
//! standard deviations of Al Atik and Youngs (2014). As in the engine, the last two are added to the ln-mean once for
//! each intensity measure of a job: the sum of those of all.

use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::elementary::scalar::ln;
use crate::gsim::adapt::forward::forward;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{self, Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model, and the same with the style of faulting, which `sigma_mu_epsilon` depends on.
const BASE: ModelInfo = ModelInfo {
    name: "TromansEtAl2019",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Tromans et al. (2019), Probabilistic seismic hazard assessment for a new-build nuclear power plant site in \
                the UK, Bulletin of Earthquake Engineering 17, 1-36",
    doi: Some("10.1007/s10518-018-0441-6"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: BASE, make }, Model { info: ModelInfo { name: "TromansEtAl2019SigmaMu", ..BASE }, make }];

fn make(info: &'static ModelInfo, arguments: &mut crate::gsim::arguments::Arguments) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let sign = arguments.choice("branch", [("central", 0.0), ("lower", -1.0), ("upper", 1.0)])?;
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let homoskedastic = arguments.flag_or("homoskedastic_sigma", false)?;
    let scaling_factor = arguments.number_or("scaling_factor", 1.0)?;
    let rows = |values: Vec<(Imt, f64)>| values.into_iter().map(|(imt, value)| (imt, vec![ln(value)])).collect();
    let vs_kappa = arguments.by_imt("vskappa")?.map(|values| Table::of(rows(values)));
    let stations = arguments.flag_or("phi_ds2s", true)?;
    let model = registry::by_name(&name)?;
    let params = Param::union(model.params(), if epsilon == 0.0 { BASE.params } else { &[Param::Mag, Param::Rake] });
    let ln_factor = if scaling_factor == 0.0 { 0.0 } else { ln(scaling_factor) };
    Ok(Arc::new(TromansEtAl2019 { info, model, params, sign, epsilon, homoskedastic, ln_factor, vs_kappa, stations }))
}

coefficients! {
    /// Between events at magnitudes 5 and 7.
    struct Between { s3, s4 }
}

coefficients! {
    /// Within events at one station: for all magnitudes, and at 5 and 7.
    struct Within { const_phiss, phi1m, phi2m }
}

coefficients! {
    /// Between stations.
    struct Stations { dfs2s }
}

coefficients! {
    /// A natural logarithm.
    struct Ln { value }
}

static BETWEEN: LazyLock<Table<Between>> = table!("TromansEtAl2019_tau.csv");
static WITHIN: LazyLock<Table<Within>> = table!("TromansEtAl2019_phi.csv");
static STATIONS: LazyLock<Table<Stations>> = table!("TromansEtAl2019_stations.csv");

/// A model with the standard deviations of Tromans et al. (2019).
#[derive(Debug)]
struct TromansEtAl2019 {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    params: Vec<Param>,
    /// 1 of the upper branch, -1 of the lower one, else 0.
    sign: f64,
    epsilon: f64,
    homoskedastic: bool,
    ln_factor: f64,
    vs_kappa: Option<Table<Ln>>,
    /// Whether the standard deviation between stations is part of that within events.
    stations: bool,
}

impl Gsim for TromansEtAl2019 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    forward!(model: validities, check_vs30, infers_depths, outside);

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.model.check(imt)?;
        WITHIN.check(self.info, imt)?;
        BETWEEN.check(self.info, imt)?;
        if self.stations {
            STATIONS.check(self.info, imt)?;
        }
        if self.epsilon != 0.0 && imt.kind() == ImtKind::Pgv {
            return Err(self.info.not_defined(imt));
        }
        match &self.vs_kappa {
            Some(table) if table.get(imt).is_none() => Err(self.info.not_defined(imt)),
            _ => Ok(()),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        let [mag] = ctx.columns([Param::Mag]);
        let rake = ctx.column(Param::Rake);
        let vs_kappa: f64 = self.vs_kappa.iter().flat_map(|table| imts.iter().map(|imt| table.at(imt).value)).sum();
        for (m, imt) in imts.iter().enumerate() {
            let (between, within) = (BETWEEN.at(imt), WITHIN.at(imt));
            let stations = if self.stations { STATIONS.at(imt).dfs2s } else { 0.0 };
            for (k, at) in out.row(m).enumerate() {
                if self.epsilon != 0.0 {
                    let sum: f64 = imts.iter().map(|imt| sigma_mu(mag[k], rake[k], imt)).sum();
                    out.mean[at] += self.epsilon * sum;
                }
                out.mean[at] += self.ln_factor + vs_kappa;
                let [tau, phi] = self.parts(&between, &within, mag[k]);
                (out.tau[at], out.phi[at]) = (tau, hypot(phi, stations));
                out.sig[at] = hypot(out.tau[at], out.phi[at]);
            }
        }
    }
}

impl TromansEtAl2019 {
    /// Between events, and within events at one station.
    fn parts(&self, between: &Between, within: &Within, mag: f64) -> [f64; 2] {
        let ramp = |small: f64, great: f64, mag: f64| small + (great - small) / 2.0 * (mag.clamp(5.0, 7.0) - 5.0);
        let tau = ramp(between.s3, between.s4, if self.homoskedastic { 6.0 } else { mag });
        let phi = if self.homoskedastic {
            within.const_phiss
        } else {
            ramp(within.phi1m, within.phi2m, mag).max(within.const_phiss)
        };
        [tau + 0.075 * self.sign, phi * (1.0 + 0.16 * self.sign)]
    }
}

/// Al Atik and Youngs (2014), equations 9 to 11.
fn sigma_mu(mag: f64, rake: f64, imt: &Imt) -> f64 {
    let great = 0.083 + 0.056 * (mag - 7.0).max(0.0);
    let long = 0.0171 * ln(imt.period().unwrap_or_default().max(1.0));
    let normal = if (-135.0..=-45.0).contains(&rake) { 0.038 } else { 0.0 };
    great + long + normal
}
