//! What pieces of shared work took, and what follows from that for those that are left.

use serde::{Deserialize, Serialize};

use crate::calc::SPEED_ERROR;

/// What pieces took, and what they were expected to take: their number, sums and sums of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pieces: f64,
    /// Seconds of a processor.
    took: f64,
    /// In the unit of what is expected.
    expected: f64,
    took_squared: f64,
    expected_squared: f64,
    both: f64,
}

impl Measured {
    /// Of one piece.
    pub fn one(took: f64, expected: f64) -> Measured {
        let (took_squared, expected_squared, both) = (took * took, expected * expected, took * expected);
        Measured { pieces: 1.0, took, expected, took_squared, expected_squared, both }
    }

    /// Of these pieces and others.
    #[must_use]
    pub fn and(self, other: Measured) -> Measured {
        Measured {
            pieces: self.pieces + other.pieces,
            took: self.took + other.took,
            expected: self.expected + other.expected,
            took_squared: self.took_squared + other.took_squared,
            expected_squared: self.expected_squared + other.expected_squared,
            both: self.both + other.both,
        }
    }

    /// The seconds of a processor that a piece takes over what it is expected to take; `None` if nothing was measured.
    pub fn ratio(&self) -> Option<f64> {
        (self.expected > 0.0).then(|| self.took / self.expected)
    }

    /// The standard error of that ratio, relative, with that of the speed of a machine.
    pub fn error(&self) -> f64 {
        let Some(ratio) = self.ratio().filter(|ratio| *ratio > 0.0) else { return 1.0 };
        // of a ratio of means: what is left of each piece beside what was expected of it
        let rest = self.took_squared - 2.0 * ratio * self.both + ratio * ratio * self.expected_squared;
        let n = self.pieces;
        let of_mean = if n > 1.0 { (rest.max(0.0) * n / (n - 1.0)).sqrt() / self.took } else { 1.0 };
        of_mean.hypot(SPEED_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_take_what_is_expected_leave_the_error_of_the_machine_alone() {
        let all = [1.0, 2.0, 5.0].map(|expected| Measured::one(3.0 * expected, expected));
        let measured = all.into_iter().fold(Measured::default(), Measured::and);
        assert!((measured.ratio().unwrap() - 3.0).abs() < 1e-12);
        assert!((measured.error() - SPEED_ERROR).abs() < 1e-6);
        assert_eq!((Measured::default().ratio(), Measured::default().error()), (None, 1.0));
    }

    #[test]
    fn the_error_is_that_of_a_mean() {
        // of four of the same expectation: a mean of 2.5, a deviation of √(5/3), of their mean half of that
        let measured = [1.0, 2.0, 3.0, 4.0]
            .map(|took| Measured::one(took, 1.0))
            .into_iter()
            .fold(Measured::default(), Measured::and);
        let expected = (5.0f64 / 3.0).sqrt() / 2.0 / 2.5;
        assert!((measured.error() - expected.hypot(SPEED_ERROR)).abs() < 1e-12);
    }
}
