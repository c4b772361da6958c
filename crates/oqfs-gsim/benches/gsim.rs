//! What every ground-motion model costs: nanoseconds for a context and an intensity measure, in a batch of 1,024 contexts at up to 20
//! intensity measures, cheapest first; then what costs over ten times the median.
//!
//! ```text
//! cargo bench -p oqfs-gsim --bench gsim [-- PATTERN]
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use oqfs_gsim::gsim::{self, Contexts, GroundMotion, Gsim, Imt, ImtKind, Param};

const CONTEXTS: usize = 1024;
const IMTS: usize = 20;
/// How often a batch is computed at least; the fastest counts.
const LEAST: usize = 5;
/// How long a model is measured at least.
const TIME: Duration = Duration::from_millis(20);

/// Ruptures of several magnitudes and styles seen from many sites, every value different from its neighbours'.
fn contexts(model: &dyn Gsim) -> Contexts {
    let mut contexts = Contexts::default();
    contexts.reset(CONTEXTS);
    for &param in model.params() {
        let (low, high) = match param {
            Param::Mag => (5.0, 8.0),
            Param::Rake => (-180.0, 180.0),
            Param::Dip => (20.0, 90.0),
            Param::Ztor | Param::HypoDepth => (0.0, 20.0),
            Param::Rx => (-200.0, 200.0),
            Param::Vs30 => (180.0, 1200.0),
            Param::Vs30Measured => (0.0, 1.0),
            Param::Z1pt0 => (5.0, 600.0),
            _ => (5.0, 200.0),
        };
        let stride = 0.618_033_988_75 + 0.01 * f64::from(param as u8);
        let spread = |k: usize| low + (high - low) * (k as f64 * stride).fract();
        contexts.column_mut(param).extend((0..CONTEXTS).map(spread));
    }
    contexts
}

/// As many intensity measures as are wanted: periods spread over those that the model accepts, or what else it has.
fn imts(model: &dyn Gsim) -> Vec<Imt> {
    let periods = (0..400).filter_map(|i| Imt::sa(0.01 * 1.0174f64.powi(i)));
    let others = ImtKind::ALL.iter().filter_map(|kind| Imt::parse(kind.name()).ok());
    let frequencies = ["EAS", "FAS", "DRVT"].into_iter().flat_map(|name| {
        (0..400).filter_map(move |i| Imt::parse(&format!("{name}({:.4})", 0.1 * 1.0174f64.powi(i))).ok())
    });
    let all = others.chain(periods).chain(frequencies).filter(|imt| model.check(imt).is_ok());
    let accepted: Vec<Imt> = all.collect();
    accepted.iter().step_by(accepted.len().div_ceil(IMTS).max(1)).copied().collect()
}

/// The least time of a batch, as nanoseconds for a context and an intensity measure; `None` for a model without intensity measures.
fn cost(model: &dyn Gsim) -> Option<f64> {
    let (contexts, imts) = (contexts(model), imts(model));
    if imts.is_empty() {
        return None;
    }
    let mut motion = GroundMotion::default();
    let (start, mut least, mut runs) = (Instant::now(), Duration::MAX, 0);
    while runs < LEAST || start.elapsed() < TIME {
        let before = Instant::now();
        model.compute(black_box(&contexts), black_box(&imts), &mut motion);
        black_box(&motion);
        least = least.min(before.elapsed());
        runs += 1;
    }
    Some(least.as_nanos() as f64 / (CONTEXTS * imts.len()) as f64)
}

fn main() {
    let pattern = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    // models that are made of others have no name alone
    let models = gsim::names().filter(|name| name.contains(&pattern)).filter_map(|name| gsim::by_name(name).ok());
    let mut costs: Vec<(f64, &str)> = models.filter_map(|model| Some((cost(&*model)?, model.info().name))).collect();
    costs.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (cost, name) in &costs {
        println!("{cost:8.2} ns  {name}");
    }
    let Some((median, _)) = costs.get(costs.len() / 2) else { return };
    println!("{} models; the median is {median:.2} ns", costs.len());
    for (cost, name) in costs.iter().filter(|(cost, _)| *cost > 10.0 * median) {
        println!("over ten times the median: {name}, {cost:.2} ns");
    }
}
