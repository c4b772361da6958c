//! Elementary functions of one number, within a unit in the last place or little more over the whole range of numbers.
//!
//! Exponential and logarithm have the series of [`super::branchless`], and choose where a number is no normal one. They are calls, so that
//! what uses them stays small enough to become part of a vectorised loop. There a constant is
//! `const { ln(981.0) }`: the compiler vectorises no loop in which it has not yet computed it. The exponential takes a third longer than the C
//! library's, the logarithm less than twice as long. All others are those of `libm`, Rust code without choices that depend on the processor:
//! as fast as the C library's, but for powers, which take three times as long.

use super::branchless::{EXP, LN_2_HIGH, LN_2_LOW, ROUND};

/// e^x.
#[inline(never)]
pub const fn exp(x: f64) -> f64 {
    // NaN too
    if !(x.abs() <= 708.0) {
        return exp_at_the_ends(x);
    }
    // x = k ln 2 + r, |r| <= ln(2)/2; k times the high part is exact
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    let high = (pair(4, r) + pair(6, r) * r2) + r4 * pair(8, r);
    let series = (pair(0, r) + pair(2, r) * r2) + r4 * high;
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    (1.0 + (r + r2 * series)) * scale
}

/// Two terms of the series.
#[inline]
const fn pair(i: usize, r: f64) -> f64 {
    EXP[i] + EXP[i + 1] * r
}

/// e^x that may be infinite, no normal number, or NaN.
#[cold]
const fn exp_at_the_ends(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let root = exp(0.5 * x.clamp(-1400.0, 1400.0));
    root * root
}

/// The natural logarithm.
#[inline(never)]
pub const fn ln(x: f64) -> f64 {
    const ONE: u64 = 1023 << 52;
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    if !(x >= f64::MIN_POSITIVE) || x > f64::MAX {
        return ln_of_no_normal_number(x);
    }
    // x = 2^k m, m between sqrt(1/2) and sqrt(2)
    let bits = x.to_bits();
    let biased = bits.wrapping_add(ONE - SQRT_HALF);
    let k = f64::from_bits((biased >> 52) | 0x4330 << 48) - (4503599627370496.0 + 1023.0);
    let m = f64::from_bits(bits.wrapping_sub((biased >> 52) << 52).wrapping_add(ONE));
    // ln(1 + f) = f - f^2/2 + s (f^2/2 + R), s = f / (2 + f): the polynomial R is that of FreeBSD's e_log.c.
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
    let even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
    let half = 0.5 * f * f;
    k * LN_2_HIGH - ((half - (s * (half + (odd + even)) + k * LN_2_LOW)) - f)
}

/// ln(x) where x is zero, negative, infinite, NaN or too small to be normal.
#[cold]
const fn ln_of_no_normal_number(x: f64) -> f64 {
    if x > 0.0 && x < f64::MIN_POSITIVE {
        ln(x * (1u64 << 54) as f64) - 54.0 * std::f64::consts::LN_2
    } else if x == 0.0 {
        f64::NEG_INFINITY
    } else if x < 0.0 {
        f64::NAN
    } else {
        x
    }
}

macro_rules! by_libm {
    ($($(#[$doc:meta])* $name:ident($($x:ident),+) = $of:ident;)+) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name($($x: f64),+) -> f64 {
            libm::$of($($x),+)
        }
    )+};
}

by_libm! {
    /// 10^x, exact for integers up to 15.
    exp10(x) = exp10;
    /// e^x - 1, exact for small x too.
    exp_m1(x) = expm1;
    /// ln(1 + x), exact for small x too.
    ln_1p(x) = log1p;
    /// The logarithm to the base 2.
    log2(x) = log2;
    /// The logarithm to the base 10.
    log10(x) = log10;
    /// x^y.
    powf(x, y) = pow;
    /// The sine of radians.
    sin(x) = sin;
    /// The cosine of radians.
    cos(x) = cos;
    /// The tangent of radians.
    tan(x) = tan;
    /// The angle of a sine, radians.
    asin(x) = asin;
    /// The angle of a cosine, radians.
    acos(x) = acos;
    /// The angle of a tangent, radians.
    atan(x) = atan;
    /// The angle of the point (x, y) from the x axis, radians in [-π, π].
    atan2(y, x) = atan2;
    /// The hyperbolic tangent.
    tanh(x) = tanh;
}

/// The hyperbolic cosine.
#[inline]
pub fn cosh(x: f64) -> f64 {
    let e = exp(x);
    0.5 * (e + 1.0 / e)
}

/// Sine and cosine of radians.
#[inline]
pub fn sin_cos(x: f64) -> (f64, f64) {
    libm::sincos(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn exponential_and_logarithm_are_within_a_unit_in_the_last_place() {
        let mut worst = [0; 2];
        for i in 0..2_000_000 {
            let x = -708.0 + f64::from(i) * 7.08e-4;
            worst[0] = worst[0].max(ulps(exp(x), libm::exp(x)));
            worst[1] = worst[1].max(ulps(ln(libm::exp(x)), libm::log(libm::exp(x))));
            let near_one = 0.5 + f64::from(i) * 7.5e-7;
            worst[1] = worst[1].max(ulps(ln(near_one), libm::log(near_one)));
        }
        assert!(worst[0] <= 1 && worst[1] <= 1, "{worst:?}");
    }

    #[test]
    fn at_the_edges() {
        assert_eq!([exp(0.0), exp(-0.0), ln(1.0), ln(0.0)], [1.0, 1.0, 0.0, f64::NEG_INFINITY]);
        assert_eq!(
            [exp(1000.0), exp(-1000.0), exp(f64::INFINITY), exp(f64::NEG_INFINITY)],
            [f64::INFINITY, 0.0, f64::INFINITY, 0.0]
        );
        assert!(exp(-740.0) > 0.0 && exp(709.0).is_finite());
        assert!(exp(f64::NAN).is_nan() && ln(f64::NAN).is_nan() && ln(-1.0).is_nan());
        assert_eq!([ln(5e-324), ln(f64::INFINITY)], [libm::log(5e-324), f64::INFINITY]);
        assert!(ulps(exp(-740.0), libm::exp(-740.0)) <= 1 && ulps(exp(709.5), libm::exp(709.5)) <= 3);
    }

    #[test]
    fn the_others_are_close_to_the_c_library() {
        // ours, that of the C library, and the range
        type Pair = (fn(f64) -> f64, fn(f64) -> f64, f64, f64);
        let of_one: [Pair; 14] = [
            (exp10, |x| 10f64.powf(x), -300.0, 300.0),
            (exp_m1, f64::exp_m1, -30.0, 30.0),
            (ln_1p, f64::ln_1p, -0.99, 10.0),
            (log2, f64::log2, 1e-3, 1e3),
            (log10, f64::log10, 1e-3, 1e3),
            (sin, f64::sin, -10.0, 10.0),
            (cos, f64::cos, -10.0, 10.0),
            (tan, f64::tan, -10.0, 10.0),
            (asin, f64::asin, -1.0, 1.0),
            (acos, f64::acos, -1.0, 1.0),
            (atan, f64::atan, -10.0, 10.0),
            (cosh, f64::cosh, -10.0, 10.0),
            (tanh, f64::tanh, -10.0, 10.0),
            (|x| sin_cos(x).0 + sin_cos(x).1, |x| x.sin_cos().0 + x.sin_cos().1, 0.0, 1.5),
        ];
        for (n, (ours, other, low, high)) in of_one.into_iter().enumerate() {
            for i in 0..100_000 {
                let x = low + (high - low) * (f64::from(i) * 0.618_033_988_75).fract();
                assert!(ulps(ours(x), other(x)) <= 4, "{n}: {x}");
                let y = (high - x) / 7.0;
                assert!(ulps(atan2(x, y), x.atan2(y)) <= 2, "{x} {y}");
                assert!(ulps(powf(x.abs(), y), x.abs().powf(y)) <= 1, "{x} {y}");
            }
        }
    }
}
