//! Contexts and intensity measures for any ground-motion model.

use oqfs_gsim::elementary::powi;
use oqfs_gsim::gsim::{Contexts, Gsim, Imt, ImtKind, Param};

/// Ruptures of several magnitudes and styles seen from many sites, every value different from its neighbours'.
pub fn contexts(model: &dyn Gsim, count: usize) -> Contexts {
    let mut contexts = Contexts::default();
    contexts.reset(count);
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
        contexts.column_mut(param).extend((0..count).map(spread));
    }
    contexts
}

/// As many intensity measures as are wanted: periods spread over those that the model accepts, or what else it has.
pub fn imts(model: &dyn Gsim, wanted: usize) -> Vec<Imt> {
    let periods = (0..400).filter_map(|i| Imt::sa(0.01 * powi(1.0174, i)));
    let others = ImtKind::ALL.iter().filter_map(|kind| Imt::parse(kind.name()).ok());
    let frequencies = ["EAS", "FAS", "DRVT"].into_iter().flat_map(|name| {
        (0..400).filter_map(move |i| Imt::parse(&format!("{name}({:.4})", 0.1 * powi(1.0174, i))).ok())
    });
    let all = others.chain(periods).chain(frequencies).filter(|imt| model.check(imt).is_ok());
    let accepted: Vec<Imt> = all.collect();
    accepted.iter().step_by(accepted.len().div_ceil(wanted).max(1)).copied().collect()
}
