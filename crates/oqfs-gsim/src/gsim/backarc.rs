//! Tapers between the side of a volcanic arc that faces the trench and the one behind it.

use super::GsimError;
use super::arguments::Arguments;
use crate::elementary::scalar::exp;

/// How a term that applies behind the volcanic front begins there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Taper {
    /// Nowhere: the term never applies.
    Never,
    /// At once.
    Step,
    /// Linearly over a width around the front, km.
    Linear {
        /// km
        width: f64,
    },
    /// From `a` to `b`, km, along two parabolas.
    SFunc {
        /// km
        a: f64,
        /// km
        b: f64,
    },
    /// Along a logistic function.
    Sigmoid {
        /// km
        c: f64,
    },
    /// As a normal distribution truncated at `a` and `b`, km.
    Gaussian {
        /// Standard deviation, km.
        sigma: f64,
        /// km
        a: f64,
        /// km
        b: f64,
    },
}

impl Taper {
    /// That of the European Seismic Hazard Model of 2020.
    pub(super) const ESHM20: Taper = Taper::SFunc { a: -100.0, b: 100.0 };

    /// As the argument `faba_taper_model` and those of the taper say. Without it the term never applies.
    pub(super) fn read(arguments: &mut Arguments) -> Result<Taper, GsimError> {
        let choices = ["Step", "Linear", "SFunc", "Sigmoid", "Gaussian"].map(|name| (name, name));
        let Some(name) = arguments.one_of("faba_taper_model", &choices)? else { return Ok(Taper::Never) };
        let taper = match name {
            "Linear" => Taper::Linear { width: arguments.number_or("width", 1.0)? },
            "SFunc" => Taper::SFunc { a: arguments.number_or("a", 0.0)?, b: arguments.number_or("b", 0.0)? },
            "Sigmoid" => Taper::Sigmoid { c: arguments.number_or("c", 1.0)? },
            "Gaussian" => Taper::Gaussian {
                sigma: arguments.number_or("sigma", 1.0)?,
                a: arguments.number("a")?.unwrap_or(f64::NEG_INFINITY),
                b: arguments.number("b")?.unwrap_or(f64::INFINITY),
            },
            _ => Taper::Step,
        };
        let (sound, expected) = match taper {
            Taper::Never | Taper::Step => (true, ""),
            Taper::Linear { width } => (width > 0.0, "a width above 0"),
            Taper::SFunc { a, b } => (a < b, "a below b"),
            Taper::Sigmoid { c } => (c > 0.0, "c above 0"),
            Taper::Gaussian { sigma, a, b } => (sigma > 0.0 && a < b, "sigma above 0 and a below b"),
        };
        let found = format!("{taper:?}");
        if sound { Ok(taper) } else { Err(arguments.wrong("faba_taper_model", &found, expected)) }
    }

    /// From 0 before the front to 1 behind it; `x` is the distance behind the front, km.
    pub(super) fn of(&self, x: f64) -> f64 {
        match *self {
            Taper::Never => 0.0,
            Taper::Step => f64::from(x > 0.0),
            Taper::Linear { width } => (x / width + 0.5).clamp(0.0, 1.0),
            Taper::SFunc { a, b } => {
                let y = ((x - a) / (b - a)).clamp(0.0, 1.0);
                if y <= 0.5 { 2.0 * y * y } else { 1.0 - 2.0 * (1.0 - y) * (1.0 - y) }
            }
            Taper::Sigmoid { c } => 1.0 / (1.0 + exp(-x / c)),
            Taper::Gaussian { sigma, a, b } => {
                let phi = |x: f64| 0.5 * libm::erfc(-x / sigma * std::f64::consts::FRAC_1_SQRT_2);
                ((phi(x) - phi(a)) / (phi(b) - phi(a))).clamp(0.0, 1.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tapers_rise_from_before_the_front_to_behind_it() {
        let tapers = [
            Taper::Step,
            Taper::Linear { width: 50.0 },
            Taper::ESHM20,
            Taper::Sigmoid { c: 10.0 },
            Taper::Gaussian { sigma: 40.0, a: -90.0, b: 90.0 },
        ];
        for taper in tapers {
            let values: Vec<f64> = (-20..=20).map(|x| taper.of(10.0 * f64::from(x))).collect();
            assert!(values.is_sorted() && values[0] < 1e-8 && values[40] > 1.0 - 1e-8, "{taper:?}: {values:?}");
            assert!((taper.of(1e-9) - 0.5).abs() < 1e-6 || taper == Taper::Step, "{taper:?}");
        }
        assert_eq!(Taper::ESHM20.of(-50.0), 0.125);
    }
}
