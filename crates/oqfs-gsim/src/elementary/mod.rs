//! Elementary functions that give the same bits on every processor.
//!
//! Those of std do not: `x.exp()` is a call of the system's C library, which takes another implementation where the processor has fused
//! operations, and another one in its next release. What IEEE 754 defines to the bit stays as it is: `sqrt`, `abs`, `floor`, `mul_add`,
//! `to_radians`. The lint `disallowed-methods` (`clippy.toml`) refuses the others.
//!
//! - [`scalar`]: for one number
//! - [`branchless`]: for loops over many numbers, which the compiler vectorises
//! - [`hypot`] and [`powi`]: for both

pub mod branchless;
pub mod scalar;

/// The length of the hypotenuse, for legs between 1e-150 and 1e150 or zero: beyond, the squares leave the range of numbers.
#[inline(always)]
pub fn hypot(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

/// x^n as a product, by squares. Where n is a constant the compiler unrolls the loop.
///
/// `f64::powi` gives the same on the processors that one build runs on, and not by definition: the compiler makes it a call, a product, or,
/// of a constant, what its own C library gives.
#[inline(always)]
pub fn powi(x: f64, n: u32) -> f64 {
    let (mut product, mut square, mut left) = (1.0, x, n);
    while left > 0 {
        if left % 2 == 1 {
            product *= square;
        }
        square *= square;
        left /= 2;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hypot_is_within_a_unit_in_the_last_place() {
        assert_eq!([hypot(3.0, -4.0), hypot(0.0, -7.3), hypot(-7.3, 0.0), hypot(0.0, 0.0)], [5.0, 7.3, 7.3, 0.0]);
        for i in 0..100_000 {
            let (x, y) = (0.01 + 0.003 * f64::from(i), 37.0 * (f64::from(i) * 0.618).fract());
            assert!(hypot(x, y).to_bits().abs_diff(libm::hypot(x, y).to_bits()) <= 1, "{x} {y}");
        }
    }

    #[test]
    fn powi_is_a_product() {
        let x = 1.7f64;
        let squared = x * x;
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|n| powi(x, n)),
            [1.0, x, squared, x * squared, squared * squared, x * (squared * squared)]
        );
        assert!((powi(10.0, 22) / 1e22 - 1.0).abs() < 1e-15);
        assert_eq!(powi(-2.0, 63), -9223372036854775808.0);
    }
}
