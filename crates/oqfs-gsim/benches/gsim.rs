//! What every ground-motion model costs: nanoseconds for a context and an intensity measure, in a batch of 1,024 contexts at up to 20
//! intensity measures, cheapest first; then what costs over ten times the median.
//!
//! ```text
//! cargo bench -p oqfs-gsim --bench gsim [-- PATTERN]
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use oqfs_gsim::gsim::{self, GroundMotion, Gsim};

#[path = "common/spread.rs"]
mod spread;
use spread::{contexts, imts};

const CONTEXTS: usize = 1024;
const IMTS: usize = 20;
/// How often a batch is computed at least; the fastest counts.
const LEAST: usize = 5;
/// How long a model is measured at least.
const TIME: Duration = Duration::from_millis(20);

/// The least time of a batch, as nanoseconds for a context and an intensity measure; `None` for a model without intensity measures.
fn cost(model: &dyn Gsim) -> Option<f64> {
    let (contexts, imts) = (contexts(model, CONTEXTS), imts(model, IMTS));
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
