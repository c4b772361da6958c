//! The correlation of the residuals of spectral acceleration at two periods.
//!
//! Baker J.W., Jayaram N., 2008. Correlation of spectral acceleration values from NGA ground motion models. Earthquake
//! Spectra 24(1), 299-317, doi:10.1193/1.2857544.
//!
//! Clemett N., Gündel M., 2026, in preparation: tables for four kinds of regions of Europe.

use crate::elementary::scalar::{cos, exp, ln};
use std::sync::LazyLock;

/// How residuals at two periods are correlated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Correlation {
    Perfect,
    BakerJayaram,
    Eshm20,
    Table(&'static LazyLock<Grid>),
}

/// The names in a logic tree of those that are formulae.
pub(super) const FORMULAE: [(&str, Correlation); 3] =
    [("none", Correlation::Perfect), ("baker_jayaram", Correlation::BakerJayaram), ("eshm20", Correlation::Eshm20)];

/// All names; as in the engine, averages over periods that are given take tables too.
pub(super) const CORRELATIONS: [(&str, Correlation); 7] = [
    FORMULAE[0],
    FORMULAE[1],
    FORMULAE[2],
    ("clemett_asc", Correlation::Table(&CLEMETT_CRUST)),
    ("clemett_sinter", Correlation::Table(&CLEMETT_INTERFACE)),
    ("clemett_sslab", Correlation::Table(&CLEMETT_SLAB)),
    ("clemett_vrancea", Correlation::Table(&CLEMETT_VRANCEA)),
];

impl Correlation {
    /// Of two periods within [`Correlation::range`].
    pub(super) fn of(self, a: f64, b: f64) -> f64 {
        match self {
            _ if a == b => 1.0,
            Correlation::Perfect => 1.0,
            Correlation::BakerJayaram => baker_jayaram(&BAKER_JAYARAM, a, b),
            Correlation::Eshm20 => baker_jayaram(&ESHM20, a, b),
            Correlation::Table(grid) => grid.at(a, b),
        }
    }

    /// The shortest and the longest period that it is defined for, if there are such.
    pub(super) fn range(self) -> Option<[f64; 2]> {
        let Correlation::Table(grid) = self else { return None };
        Some([*grid.periods.first()?, *grid.periods.last()?])
    }
}

/// Correlations of total residuals at pairs of periods, linear between them in each.
#[derive(Debug)]
pub(super) struct Grid {
    periods: Vec<f64>,
    rho: Vec<Vec<f64>>,
}

macro_rules! grid {
    ($file:literal) => {
        LazyLock::new(|| Grid::parse(include_str!(concat!("../coeffs/", $file))))
    };
}

static CLEMETT_CRUST: LazyLock<Grid> = grid!("Clemett2026_correlation_asc.csv");
static CLEMETT_INTERFACE: LazyLock<Grid> = grid!("Clemett2026_correlation_sinter.csv");
static CLEMETT_SLAB: LazyLock<Grid> = grid!("Clemett2026_correlation_sslab.csv");
static CLEMETT_VRANCEA: LazyLock<Grid> = grid!("Clemett2026_correlation_vrancea.csv");

impl Grid {
    /// A line of periods, and a line of correlations for each of them. A text that is part of the program.
    fn parse(text: &str) -> Grid {
        let numbers =
            |line: &str| line.split(',').map(|number| number.parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>();
        let mut lines = text.lines().map(numbers);
        Grid { periods: lines.next().unwrap_or_default(), rho: lines.collect() }
    }

    fn at(&self, a: f64, b: f64) -> f64 {
        let place = |period: f64| {
            let above = self.periods.partition_point(|known| *known < period).clamp(1, self.periods.len() - 1);
            let (from, to) = (self.periods[above - 1], self.periods[above]);
            (above - 1, (period - from) / (to - from))
        };
        let ((i, of_a), (j, of_b)) = (place(a), place(b));
        let along = |row: &[f64]| row[j] + (row[j + 1] - row[j]) * of_b;
        let (low, high) = (along(&self.rho[i]), along(&self.rho[i + 1]));
        low + (high - low) * of_a
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
    let c1 = 1.0 - cos(FRAC_PI_2 - ln(long / short.max(c.d4)) * c.d1);
    let c2 = if long < c.d5 {
        let slope = c.d2 * (1.0 - 1.0 / (1.0 + exp(100.0 * long - 5.0)));
        1.0 - slope * (long - short) / (long - c.d3)
    } else {
        0.0
    };
    let c3 = if long < c.d4 { c2 } else { c1 };
    let c4 = c1 + 0.5 * (c3.sqrt() - c3) * (1.0 + cos(PI * short / c.d4));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_square_symmetric_and_linear_between_periods() {
        for grid in [&CLEMETT_CRUST, &CLEMETT_INTERFACE, &CLEMETT_SLAB, &CLEMETT_VRANCEA] {
            let count = grid.periods.len();
            assert!(grid.periods.is_sorted() && grid.rho.len() == count && grid.rho.iter().all(|r| r.len() == count));
            for (&a, &b) in grid.periods.iter().zip(&grid.periods[1..]) {
                let middle = 0.5 * (grid.at(a, 1.0) + grid.at(b, 1.0));
                assert!((grid.at(0.5 * (a + b), 1.0) - middle).abs() < 1e-12);
                assert!((grid.at(a, b) - grid.at(b, a)).abs() < 1e-6 && grid.at(a, b) <= 1.0);
            }
        }
    }
}
