//! Average spectral acceleration over several periods, by any model of spectral acceleration.
//!
//! Kohrangi M., Kotha S.R., Bazzurro P., 2018. Ground-motion models for average spectral acceleration in a period range:
//! direct and indirect methods. Bulletin of Earthquake Engineering 16(1), 45-65, doi:10.1007/s10518-017-0216-5.
//!
//! Baker J.W., Jayaram N., 2008. Correlation of spectral acceleration values from NGA ground motion models. Earthquake
//! Spectra 24(1), 299-317, doi:10.1193/1.2857544.

use std::sync::Arc;

use super::forward::forward;
use super::model_info::TOTAL_ONLY;
use super::registry::Model;
use super::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt};

pub(super) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "GenericGmpeAvgSA",
        trt: Trt::Any,
        imts: &[ImtKind::AvgSa],
        params: &[Param::Mag],
        std_devs: TOTAL_ONLY,
        component: Component::Any,
        reference: "Kohrangi et al. (2018), Ground-motion models for average spectral acceleration in a period range: \
                    direct and indirect methods, Bulletin of Earthquake Engineering 16(1), 45-65",
        doi: Some("10.1007/s10518-017-0216-5"),
    },
    make: |info, arguments| {
        let name = arguments.needed_text("gmpe_name")?;
        let periods = arguments.numbers("avg_periods")?;
        let correlations = [
            ("none", perfect as Correlation),
            ("baker_jayaram", |a, b| baker_jayaram(&BAKER_JAYARAM, a, b)),
            ("eshm20", |a, b| baker_jayaram(&ESHM20, a, b)),
        ];
        let correlation = arguments.choice("corr_func", correlations)?;
        let imts: Option<Vec<Imt>> = periods.iter().map(|&period| Imt::sa(period)).collect();
        let Some(imts) = imts else {
            let found = format!("{periods:?}");
            return Err(arguments.wrong("avg_periods", &found, "periods that are not negative"));
        };
        let model = arguments.wrapped(&name)?;
        imts.iter().try_for_each(|imt| model.check(imt))?;
        let rho = |&a: &f64| periods.iter().map(|&b| if a == b { 1.0 } else { correlation(a, b) }).collect();
        let rho = periods.iter().map(rho).collect();
        Ok(Arc::new(AverageSa { info, model, imts, rho }))
    },
}];

/// The correlation of the residuals at two periods.
type Correlation = fn(f64, f64) -> f64;

fn perfect(_: f64, _: f64) -> f64 {
    1.0
}

/// The coefficients of the equations of Baker and Jayaram (2008).
struct Coeffs {
    d1: f64,
    d2: f64,
    d3: f64,
    d4: f64,
    d5: f64,
}

const BAKER_JAYARAM: Coeffs = Coeffs { d1: 0.366, d2: 0.105, d3: 0.0099, d4: 0.109, d5: 0.2 };

/// Fitted to European data for the hazard model of 2020, total residuals.
const ESHM20: Coeffs = Coeffs { d1: 0.18141134, d2: 0.1555742, d3: -0.10851875, d4: 0.08, d5: 0.2 };

/// Baker and Jayaram (2008).
fn baker_jayaram(c: &Coeffs, a: f64, b: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    let (short, long) = (a.min(b), a.max(b));
    let c1 = 1.0 - (FRAC_PI_2 - (long / short.max(c.d4)).ln() * c.d1).cos();
    let c2 = if long < c.d5 {
        let slope = c.d2 * (1.0 - 1.0 / (1.0 + (100.0 * long - 5.0).exp()));
        1.0 - slope * (long - short) / (long - c.d3)
    } else {
        0.0
    };
    let c3 = if long < c.d4 { c2 } else { c1 };
    let c4 = c1 + 0.5 * (c3.sqrt() - c3) * (1.0 + (PI * short / c.d4).cos());
    if long <= c.d4 {
        c2
    } else if short > c.d4 {
        c1
    } else if long < c.d5 {
        c2.min(c4)
    } else {
        c4
    }
}

/// Average spectral acceleration by a model.
#[derive(Debug)]
struct AverageSa {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    /// Spectral acceleration at the periods of the average.
    imts: Vec<Imt>,
    /// The correlation of each period with each.
    rho: Vec<Vec<f64>>,
}

impl Gsim for AverageSa {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    forward!(model: params, component, check_vs30);

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    /// The geometric mean over the periods, whatever the period of the intensity measures.
    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let mut motion = GroundMotion::default();
        self.model.compute(ctx, &self.imts, &mut motion);
        out.reset(imts.len(), ctx.len());
        let count = self.imts.len() as f64;
        let of = |array: &[f64], period: usize, k: usize| array[motion.row(period).start + k];
        for k in 0..ctx.len() {
            let mut variance = 0.0;
            for (i, rho) in self.rho.iter().enumerate() {
                out.mean[k] += of(&motion.mean, i, k) / count;
                for (j, rho) in rho.iter().enumerate() {
                    variance += rho * of(&motion.sig, i, k) * of(&motion.sig, j, k);
                }
            }
            out.sig[k] = variance.sqrt() / count;
        }
        for m in 1..imts.len() {
            let at = out.row(m).start;
            out.mean.copy_within(..ctx.len(), at);
            out.sig.copy_within(..ctx.len(), at);
        }
    }
}
