//! Lengths that are cut into steps of a spacing, where a metre more or less makes one step more or less.
//!
//! A mesh has as many points as its spacing fits into its edges. The hazard of a fault jumps by tens of percent where an edge is near
//! a length that takes one more: nothing that a modeller meant. [`Doubt`] says so.

use std::fmt;

use super::line;
use super::{Point, profiles};
use crate::elementary::scalar::sin;

/// Nearer to a jump than this share of a step, a length is in doubt.
const NEAR: f64 = 1e-3;

/// Where the number of steps changes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Jump {
    /// At whole steps: what does not fit is cut off.
    Whole,
    /// Half-way between: to the nearest.
    Half,
}

/// A length that takes another number of steps if it is a little longer or shorter.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// What has this length.
    what: &'static str,
    /// km
    length: f64,
    /// km
    spacing: f64,
    jump: Jump,
}

impl Doubt {
    fn of(what: &'static str, length: f64, spacing: f64, jump: Jump) -> Option<Doubt> {
        let steps = length / spacing + if jump == Jump::Half { 0.5 } else { 0.0 };
        ((steps - steps.round()).abs() < NEAR).then_some(Doubt { what, length, spacing, jump })
    }

    /// Of a simple fault: a trace, the width between the seismogenic depths (km) by the dip (degrees).
    pub fn of_simple_fault(trace: &[Point], depths: (f64, f64), dip: f64, spacing: f64) -> Option<Doubt> {
        let width = (depths.1 - depths.0) / sin(dip.to_radians());
        let along = || Doubt::of("the trace", line::length(trace), spacing, Jump::Half);
        along().or_else(|| Doubt::of("the width", width, spacing, Jump::Half))
    }

    /// Of a complex fault with these edges.
    pub fn of_complex_fault(edges: &[Vec<Point>], spacing: f64) -> Option<Doubt> {
        let mean = edges.iter().map(|edge| line::length(edge)).sum::<f64>() / edges.len() as f64;
        Doubt::of("the mean of the edges", mean, spacing, Jump::Half)
    }

    /// Of a kite surface with these profiles.
    pub fn of_kite(profiles: &[Vec<Point>], along_dip: f64, along_strike: f64) -> Option<Doubt> {
        let down = |profile: &Vec<Point>| Doubt::of("a profile", line::length(profile), along_dip, Jump::Half);
        let along = || {
            let edges = profiles::edges(profiles, along_dip).ok()?;
            edges.iter().find_map(|edge| Doubt::of("an edge", line::length(edge), along_strike, Jump::Whole))
        };
        profiles.iter().find_map(down).or_else(along)
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Doubt { what, length, spacing, jump } = self;
        let steps = match jump {
            Jump::Whole => (length / spacing).round(),
            Jump::Half => (length / spacing + 0.5).round() - 0.5,
        };
        write!(f, "{what} of {length:.4} km is {steps} steps of {spacing} km to within a thousandth of a step: ")?;
        write!(f, "the mesh has a point more or less if it is a little longer or shorter, and the hazard jumps")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_in_doubt_near_a_jump_on_both_sides() {
        for (length, jump, doubtful) in [
            (30.0, Jump::Whole, true),
            (30.004, Jump::Whole, true),
            (29.996, Jump::Whole, true),
            (29.99, Jump::Whole, false),
            (30.01, Jump::Whole, false),
            (30.0, Jump::Half, false),
            (32.5, Jump::Half, true),
            (32.504, Jump::Half, true),
            (32.49, Jump::Half, false),
        ] {
            assert_eq!(Doubt::of("an edge", length, 5.0, jump).is_some(), doubtful, "{length} {jump:?}");
        }
    }

    #[test]
    fn the_words_name_the_length_and_the_spacing() {
        let doubt = Doubt::of("an edge", 29.998, 5.0, Jump::Whole).unwrap().to_string();
        assert!(doubt.starts_with("an edge of 29.9980 km is 6 steps of 5 km"), "{doubt}");
        let doubt = Doubt::of("the trace", 32.501, 5.0, Jump::Half).unwrap().to_string();
        assert!(doubt.starts_with("the trace of 32.5010 km is 6.5 steps of 5 km"), "{doubt}");
    }
}
