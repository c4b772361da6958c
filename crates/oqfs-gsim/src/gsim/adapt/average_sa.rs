//! Average spectral acceleration over several periods, by any model of spectral acceleration.
//!
//! Kohrangi M., Kotha S.R., Bazzurro P., 2018. Ground-motion models for average spectral acceleration in a period range:
//! direct and indirect methods. Bulletin of Earthquake Engineering 16(1), 45-65, doi:10.1007/s10518-017-0216-5.
//!
//! Baker J.W., Jayaram N., 2008. Correlation of spectral acceleration values from NGA ground motion models. Earthquake
//! Spectra 24(1), 299-317, doi:10.1193/1.2857544.

use std::sync::Arc;

use crate::gsim::adapt::forward::forward;
use crate::gsim::arguments::Arguments;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The average over periods that are given.
const GIVEN: ModelInfo = ModelInfo {
    name: "GenericGmpeAvgSA",
    trt: Trt::Any,
    imts: &[ImtKind::AvgSa],
    params: &[Param::Mag],
    std_devs: TOTAL_ONLY,
    component: Component::Any,
    reference: "Kohrangi et al. (2018), Ground-motion models for average spectral acceleration in a period range: \
                direct and indirect methods, Bulletin of Earthquake Engineering 16(1), 45-65",
    doi: Some("10.1007/s10518-017-0216-5"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: GIVEN, make: of_given },
    Model { info: ModelInfo { name: "GmpeIndirectAvgSA", ..GIVEN }, make: of_intensity_measure },
];

const CORRELATIONS: [(&str, Correlation); 3] =
    [("none", Correlation::Perfect), ("baker_jayaram", Correlation::BakerJayaram), ("eshm20", Correlation::Eshm20)];

fn of_given(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let periods = arguments.numbers("avg_periods")?;
    let correlation = arguments.choice("corr_func", CORRELATIONS)?;
    let imts: Option<Vec<Imt>> = periods.iter().map(|&period| Imt::sa(period)).collect();
    let Some(imts) = imts else {
        let found = format!("{periods:?}");
        return Err(arguments.wrong("avg_periods", &found, "periods that are not negative"));
    };
    let model = arguments.wrapped(&name)?;
    imts.iter().try_for_each(|imt| model.check(imt))?;
    let rho = |&a: &f64| periods.iter().map(|&b| if a == b { 1.0 } else { correlation.of(a, b) }).collect();
    let rho = periods.iter().map(rho).collect();
    Ok(Arc::new(AverageSa { info, model, imts, rho }))
}

fn of_intensity_measure(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let correlation = arguments.one_of("corr_func", &CORRELATIONS)?.ok_or_else(|| arguments.missing("corr_func"))?;
    let range = [arguments.number_or("t_low", 0.2)?, arguments.number_or("t_high", 1.5)?];
    if !(range[0] >= 0.0 && range[1] > range[0]) {
        return Err(arguments.wrong("t_high", &range[1], "a number greater than t_low"));
    }
    let count = arguments.count_or("n_per", 10)?;
    let most = arguments.count_or("max_num_per", 30)?;
    let model = arguments.wrapped(&name)?;
    Ok(Arc::new(Indirect { info, model, correlation, range, count, most }))
}

/// The correlation of the residuals at two periods.
#[derive(Clone, Copy, Debug)]
enum Correlation {
    Perfect,
    BakerJayaram,
    Eshm20,
}

impl Correlation {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Correlation::Perfect => 1.0,
            Correlation::BakerJayaram => baker_jayaram(&BAKER_JAYARAM, a, b),
            Correlation::Eshm20 => baker_jayaram(&ESHM20, a, b),
        }
    }
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

    forward!(model: validities, params, component, check_vs30, infers_depths, outside);

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

/// Average spectral acceleration between multiples of the period of the intensity measure, by a model.
#[derive(Debug)]
struct Indirect {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    correlation: Correlation,
    /// The shortest and the longest period of an average, over that of the intensity measure.
    range: [f64; 2],
    /// The periods of an average.
    count: usize,
    /// The most periods that the model is computed for; of more, motion is interpolated between as many.
    most: usize,
}

impl Gsim for Indirect {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    forward!(model: validities, params, component, check_vs30, infers_depths, outside);

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)?;
        let period = imt.period().filter(|period| *period > 0.0).ok_or_else(|| self.info.not_defined(imt))?;
        self.range.iter().filter_map(|factor| Imt::sa(factor * period)).try_for_each(|imt| self.model.check(&imt))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let of_imt = |imt: &Imt| {
            let period = imt.period().unwrap_or_default();
            spaced(self.range[0] * period, self.range[1] * period, self.count)
        };
        let wanted: Vec<Vec<f64>> = imts.iter().map(of_imt).collect();
        let all = wanted.concat();
        let computed = match all[..] {
            [first, .., last] if all.len() > self.most => spaced(first, last, self.most),
            _ => all,
        };
        let measures: Vec<Imt> = computed.iter().filter_map(|&period| Imt::sa(period)).collect();
        let mut motion = GroundMotion::default();
        self.model.compute(ctx, &measures, &mut motion);
        out.reset(imts.len(), ctx.len());
        for (m, periods) in wanted.iter().enumerate() {
            let places: Vec<Place> = if computed.len() == wanted.len() * self.count {
                (m * self.count..(m + 1) * self.count).map(|at| (at, at, 0.0)).collect()
            } else {
                periods.iter().map(|&period| place(&computed, period)).collect()
            };
            self.average(periods, &places, &motion, out, m);
        }
    }
}

/// Between two rows, and how much the second counts.
type Place = (usize, usize, f64);

/// The place of a period among ascending ones, the first or the last beyond them.
fn place(periods: &[f64], period: f64) -> Place {
    let above = periods.partition_point(|known| *known < period).clamp(1, periods.len() - 1);
    let (from, to) = (periods[above - 1], periods[above]);
    (above - 1, above, ((period - from) / (to - from)).clamp(0.0, 1.0))
}

/// So many numbers from the first to the last.
fn spaced(first: f64, last: f64, count: usize) -> Vec<f64> {
    let step = (last - first) / (count.max(2) - 1) as f64;
    (0..count).map(|i| if i > 0 && i + 1 == count { last } else { first + i as f64 * step }).collect()
}

impl Indirect {
    /// Fill the m-th intensity measure.
    fn average(&self, periods: &[f64], places: &[Place], motion: &GroundMotion, out: &mut GroundMotion, m: usize) {
        let count = self.count as f64;
        let row = out.row(m);
        let of = |array: &[f64], (low, high, weight): Place, k: usize| {
            let [low, high] = [low, high].map(|at| array[motion.row(at).start + k]);
            low + (high - low) * weight
        };
        for (k, at) in row.enumerate() {
            let mut variance = 0.0;
            for (i, &a) in places.iter().enumerate() {
                out.mean[at] += of(&motion.mean, a, k) / count;
                let sigma = of(&motion.sig, a, k);
                for (j, &b) in places.iter().enumerate() {
                    let rho = if i == j { 1.0 } else { self.correlation.of(periods[i], periods[j]) };
                    variance += rho * sigma * of(&motion.sig, b, k);
                }
            }
            out.sig[at] = variance.sqrt() / count;
        }
    }
}
