//! Time of every ground-motion model: a batch of 1,024 contexts at 20 intensity measures.
//!
//! Criterion's throughput is in (context, intensity measure) pairs: 1 / (Melem/s) is the microseconds of a pair.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oqfs::gsim::{self, Contexts, GroundMotion, Gsim, Imt, Param};

const CONTEXTS: usize = 1024;
const IMTS: usize = 20;

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

/// `PGA` and as many periods as are wanted, spread over those the model accepts.
fn imts(model: &dyn Gsim) -> Vec<Imt> {
    let periods = (0..400).filter_map(|i| Imt::sa(0.01 * 1.0174f64.powi(i)));
    let accepted: Vec<Imt> = periods.filter(|imt| model.check(imt).is_ok()).collect();
    let mut imts = vec![Imt::PGA];
    imts.extend(accepted.iter().step_by(accepted.len() / IMTS).take(IMTS - 1));
    imts
}

fn models(c: &mut Criterion) {
    let mut group = c.benchmark_group("gsim");
    group.throughput(Throughput::Elements((CONTEXTS * IMTS) as u64));
    // models that are made of others have no name alone
    for (name, model) in gsim::names().filter_map(|name| Some((name, gsim::by_name(name).ok()?))) {
        let (contexts, imts) = (contexts(&*model), imts(&*model));
        assert_eq!(imts.len(), IMTS, "{name}");
        let mut motion = GroundMotion::default();
        group.bench_function(name, |b| b.iter(|| model.compute(black_box(&contexts), black_box(&imts), &mut motion)));
    }
    group.finish();
}

criterion_group!(benches, models);
criterion_main!(benches);
