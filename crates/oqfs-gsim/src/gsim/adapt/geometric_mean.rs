//! From other horizontal components to the geometric mean.
//!
//! Beyer K., Bommer J.J., 2006. Relationships between median values and between aleatory variabilities for different
//! definitions of the horizontal component of motion. Bulletin of the Seismological Society of America 96(4A), 1512-1522,
//! doi:10.1785/0120050210.
//!
//! Boore D.M., Kishida T., 2017. Relations between some horizontal-component ground-motion intensity measures used in
//! practice. Bulletin of the Seismological Society of America 107(1), 334-343, doi:10.1785/0120160250.

use std::sync::Arc;

use crate::elementary::scalar::{ln, log10};
use crate::gsim::adapt::forward::forward;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, Imt, ImtKind};

/// The model for the geometric mean; as it is if its component cannot be converted.
pub fn to_geometric_mean(model: Arc<dyn Gsim>) -> Arc<dyn Gsim> {
    match Conversion::from(model.component()) {
        Some(conversion) => Arc::new(Converted { model, conversion }),
        None => model,
    }
}

/// How a component is converted.
#[derive(Clone, Copy, Debug)]
enum Conversion {
    /// Beyer and Bommer (2006): what is taken from the standard deviation at short and at long periods, and the ratio of
    /// the rest.
    BeyerBommer { pga: [f64; 2], pgv: [f64; 2], sa: [f64; 3] },
    /// Boore and Kishida (2017): the ratio of the median of `PGA`, and those of spectral acceleration at four periods. The
    /// ratio of `PGV` is 1 (engine behaviour).
    BooreKishida { pga: f64, sa: [(f64, f64); 4] },
}

impl Conversion {
    fn from(component: Component) -> Option<Conversion> {
        match component {
            Component::GmRotI50 => {
                Some(Conversion::BeyerBommer { pga: [0.02, 1.0], pgv: [0.03, 1.0], sa: [0.03, 0.04, 1.0] })
            }
            Component::GreaterHorizontal => Some(Conversion::BooreKishida {
                pga: 1.117,
                sa: [(0.1, 1.117), (0.53, 1.165), (4.48, 1.195), (8.70, 1.266)],
            }),
            Component::RotD50 => Some(Conversion::BooreKishida {
                pga: 1.009,
                sa: [(0.09, 1.009), (0.58, 1.028), (4.59, 1.042), (8.93, 1.077)],
            }),
            Component::RandomHorizontal => {
                Some(Conversion::BeyerBommer { pga: [0.07, 1.03], pgv: [0.07, 1.03], sa: [0.07, 0.11, 1.05] })
            }
            _ => None,
        }
    }

    /// The ratio of medians, what is taken from the standard deviation, and the ratio of the rest. Neither paper converts
    /// anything but `PGA`, `PGV` and spectral accelerations: all else stays as it is.
    fn at(&self, imt: &Imt) -> [f64; 3] {
        const AS_IT_IS: [f64; 3] = [1.0, 0.0, 1.0];
        match (self, imt.kind(), imt.period()) {
            (Conversion::BeyerBommer { pga: [sigma, ratio], .. }, ImtKind::Pga, _) => [1.0, *sigma, *ratio],
            (Conversion::BeyerBommer { pgv: [sigma, ratio], .. }, ImtKind::Pgv, _) => [1.0, *sigma, *ratio],
            (Conversion::BeyerBommer { sa: [short, long, ratio], .. }, ImtKind::Sa, Some(period)) => {
                let place = (log10(period / 0.15) / log10(0.8 / 0.15)).clamp(0.0, 1.0);
                [1.0, short + (long - short) * place, *ratio]
            }
            (Conversion::BooreKishida { pga, .. }, ImtKind::Pga, _) => [*pga, 0.0, 1.0],
            (Conversion::BooreKishida { sa, .. }, ImtKind::Sa, Some(period)) => [between(sa, period), 0.0, 1.0],
            _ => AS_IT_IS,
        }
    }
}

/// Between the points linear in the logarithm of the period, constant beyond.
fn between(points: &[(f64, f64); 4], period: f64) -> f64 {
    let [first, .., last] = points;
    let pair = points.windows(2).find(|pair| (pair[0].0..pair[1].0).contains(&period));
    match pair {
        Some(pair) => {
            let place = ln(period / pair[0].0) / ln(pair[1].0 / pair[0].0);
            pair[0].1 + (pair[1].1 - pair[0].1) * place
        }
        None if period < first.0 => first.1,
        None => last.1,
    }
}

/// A model converted to the geometric mean.
#[derive(Debug)]
struct Converted {
    model: Arc<dyn Gsim>,
    conversion: Conversion,
}

impl Gsim for Converted {
    forward!(model: info, validities, params, std_devs, check, check_vs30, infers_depths, outside);

    fn component(&self) -> Component {
        Component::GeometricMean
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        for (m, imt) in imts.iter().enumerate() {
            let [median, sigma, ratio] = self.conversion.at(imt);
            let (at, ln_median) = (out.row(m), ln(median));
            out.mean[at.clone()].iter_mut().for_each(|mean| *mean -= ln_median);
            out.sig[at].iter_mut().for_each(|sig| *sig = (*sig * *sig - sigma * sigma).sqrt() / ratio);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_the_engines() {
        let at = |component, imt: &str| Conversion::from(component).unwrap().at(&imt.parse().unwrap());
        let close = |found: [f64; 3], expected: [f64; 3]| {
            assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12), "{found:?}, expected {expected:?}");
        };
        close(at(Component::GmRotI50, "PGA"), [1.0, 0.02, 1.0]);
        close(at(Component::GmRotI50, "PGV"), [1.0, 0.03, 1.0]);
        close(at(Component::GmRotI50, "SA(0.05)"), [1.0, 0.03, 1.0]);
        close(at(Component::GmRotI50, "SA(0.3)"), [1.0, 0.03414072245379, 1.0]);
        close(at(Component::GmRotI50, "SA(1.0)"), [1.0, 0.04, 1.0]);
        close(at(Component::GmRotI50, "SA(6.0)"), [1.0, 0.04, 1.0]);
        close(at(Component::GmRotI50, "SA(10.0)"), [1.0, 0.04, 1.0]);
        close(at(Component::RandomHorizontal, "PGA"), [1.0, 0.07, 1.03]);
        close(at(Component::RandomHorizontal, "SA(0.1)"), [1.0, 0.07, 1.05]);
        close(at(Component::RotD50, "PGA"), [1.009, 0.0, 1.0]);
        close(at(Component::RotD50, "PGV"), [1.0, 0.0, 1.0]);
        close(at(Component::RotD50, "SA(0.01)"), [1.009, 0.0, 1.0]);
        close(at(Component::RotD50, "SA(0.58)"), [1.028, 0.0, 1.0]);
        close(at(Component::RotD50, "SA(10.0)"), [1.077, 0.0, 1.0]);
        close(at(Component::GreaterHorizontal, "PGA"), [1.117, 0.0, 1.0]);
        close(at(Component::GreaterHorizontal, "PGV"), [1.0, 0.0, 1.0]);
        close(at(Component::GreaterHorizontal, "SA(0.53)"), [1.165, 0.0, 1.0]);
        for component in
            [Component::GmRotI50, Component::RandomHorizontal, Component::RotD50, Component::GreaterHorizontal]
        {
            for imt in ["IA", "CAV", "RSD595", "MMI", "PGD"] {
                close(at(component, imt), [1.0, 0.0, 1.0]);
            }
        }
        assert!(Conversion::from(Component::GeometricMean).is_none());
    }
}
