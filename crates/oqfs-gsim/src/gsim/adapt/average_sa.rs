//! Average spectral acceleration over several periods, by any model of spectral acceleration.
//!
//! Kohrangi M., Kotha S.R., Bazzurro P., 2018. Ground-motion models for average spectral acceleration in a period range:
//! direct and indirect methods. Bulletin of Earthquake Engineering 16(1), 45-65, doi:10.1007/s10518-017-0216-5.
//!
//! As in the engine since 3.26, other intensity measures than `AvgSA` are those of the model itself.

use std::sync::Arc;

use crate::gsim::adapt::correlation::{CORRELATIONS, Correlation, FORMULAE};
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

fn of_given(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let periods = arguments.numbers("avg_periods")?;
    let correlation = arguments.choice("corr_func", CORRELATIONS)?;
    let of_period = |&period: &f64| if period == 0.0 { Some(Imt::PGA) } else { Imt::sa(period) };
    let imts: Option<Vec<Imt>> = periods.iter().map(of_period).collect();
    let Some(imts) = imts else {
        let found = format!("{periods:?}");
        return Err(arguments.wrong("avg_periods", &found, "periods that are not negative"));
    };
    let model = arguments.wrapped(&name)?;
    imts.iter().try_for_each(|imt| model.check(imt))?;
    if let Some([min, max]) = correlation.range()
        && let Some(period) = periods.iter().find(|period| !(min..=max).contains(*period))
    {
        return Err(arguments.wrong("avg_periods", period, format!("periods of the correlation, {min} to {max} s")));
    }
    let rho = |&a: &f64| periods.iter().map(|&b| correlation.of(a, b)).collect();
    let rho = periods.iter().map(rho).collect();
    Ok(Arc::new(AverageSa { info, model, imts, rho }))
}

fn of_intensity_measure(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let correlation = arguments.one_of("corr_func", &FORMULAE)?.ok_or_else(|| arguments.missing("corr_func"))?;
    let range = [arguments.number_or("t_low", 0.2)?, arguments.number_or("t_high", 1.5)?];
    if !(range[0] >= 0.0 && range[1] > range[0]) {
        return Err(arguments.wrong("t_high", &range[1], "a number greater than t_low"));
    }
    let count = arguments.count_or("n_per", 10)?;
    let most = arguments.count_or("max_num_per", 30)?;
    let model = arguments.wrapped(&name)?;
    Ok(Arc::new(Indirect { info, model, correlation, range, count, most }))
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
        if imt.kind() == ImtKind::AvgSa { Ok(()) } else { self.model.check(imt) }
    }

    /// The geometric mean over the periods, whatever the period of the intensity measures.
    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let mut motion = GroundMotion::default();
        self.model.compute(ctx, &self.imts, &mut motion);
        out.reset(imts.len(), ctx.len());
        let count = self.imts.len() as f64;
        let of = |array: &[f64], period: usize, k: usize| array[motion.row(period).start + k];
        for (m, _) in imts.iter().enumerate().filter(|(_, imt)| imt.kind() == ImtKind::AvgSa) {
            for (k, at) in out.row(m).enumerate() {
                let mut variance = 0.0;
                for (i, rho) in self.rho.iter().enumerate() {
                    out.mean[at] += of(&motion.mean, i, k) / count;
                    for (j, rho) in rho.iter().enumerate() {
                        variance += rho * of(&motion.sig, i, k) * of(&motion.sig, j, k);
                    }
                }
                out.sig[at] = variance.sqrt() / count;
            }
        }
        compute_others(&*self.model, ctx, imts, out);
    }
}

/// Fill the intensity measures that are no average with what the model gives.
fn compute_others(model: &dyn Gsim, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
    let others: Vec<usize> = (0..imts.len()).filter(|&m| imts[m].kind() != ImtKind::AvgSa).collect();
    if others.is_empty() {
        return;
    }
    let mut motion = GroundMotion::default();
    model.compute(ctx, &others.iter().map(|&m| imts[m]).collect::<Vec<_>>(), &mut motion);
    for (from, &m) in others.iter().enumerate() {
        let (from, to) = (motion.row(from), out.row(m));
        out.mean[to.clone()].copy_from_slice(&motion.mean[from.clone()]);
        out.sig[to.clone()].copy_from_slice(&motion.sig[from.clone()]);
        out.tau[to.clone()].copy_from_slice(&motion.tau[from.clone()]);
        out.phi[to].copy_from_slice(&motion.phi[from]);
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
        if imt.kind() != ImtKind::AvgSa {
            return self.model.check(imt);
        }
        let period = imt.period().filter(|period| *period > 0.0).ok_or_else(|| self.info.not_defined(imt))?;
        self.range.iter().filter_map(|factor| Imt::sa(factor * period)).try_for_each(|imt| self.model.check(&imt))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        out.reset(imts.len(), ctx.len());
        compute_others(&*self.model, ctx, imts, out);
        let of_imt = |imt: &Imt| {
            let period = imt.period().unwrap_or_default();
            spaced(self.range[0] * period, self.range[1] * period, self.count)
        };
        let averages: Vec<usize> = (0..imts.len()).filter(|&m| imts[m].kind() == ImtKind::AvgSa).collect();
        let wanted: Vec<Vec<f64>> = averages.iter().map(|&m| of_imt(&imts[m])).collect();
        let mut all = wanted.concat();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let computed = match all[..] {
            [] => return,
            [first, .., last] if all.len() > self.most => spaced(first, last, self.most),
            _ => all,
        };
        let measures: Vec<Imt> = computed.iter().filter_map(|&period| Imt::sa(period)).collect();
        let mut motion = GroundMotion::default();
        self.model.compute(ctx, &measures, &mut motion);
        for (&m, periods) in averages.iter().zip(&wanted) {
            let places: Vec<Place> = periods.iter().map(|&period| place(&computed, period)).collect();
            self.average(periods, &places, &motion, out, m);
        }
    }
}

/// Between two rows, and how much the second counts.
type Place = (usize, usize, f64);

/// The place of a period among ascending ones, the first or the last beyond them.
fn place(periods: &[f64], period: f64) -> Place {
    if periods.len() == 1 {
        return (0, 0, 0.0);
    }
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
                    let rho = self.correlation.of(periods[i], periods[j]);
                    variance += rho * sigma * of(&motion.sig, b, k);
                }
            }
            out.sig[at] = variance.sqrt() / count;
        }
    }
}
