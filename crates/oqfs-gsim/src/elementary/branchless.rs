//! Exponential and logarithm that the compiler can vectorise: no branch, no table, no call.
//!
//! They differ from the C library's by at most two units in the last place, and give the same bits on every processor,
//! as they use nothing but IEEE additions, multiplications, divisions and square roots. None is fused: outside of
//! [`Vectorised`](crate::vector::Vectorised) loops, where these functions are used too, a fused operation would be a call.

/// Adding this to a number of moderate size rounds it to an integer, which stands in the lowest bits of the sum.
pub(super) const ROUND: f64 = 6755399441055744.0; // 1.5 * 2^52
pub(super) const LN_2_HIGH: f64 = 0.6931471803691238;
pub(super) const LN_2_LOW: f64 = 1.9082149292705877e-10;

/// (e^r - 1 - r) / r^2 for |r| up to ln(2)/2, lowest power first: through the values at Chebyshev's points, in error by under 1.6e-17
/// of e^r.
pub(super) const EXP: [f64; 10] = [
    0.5000000000000001,
    0.16666666666666669,
    0.041666666666624164,
    0.008333333333330065,
    0.0013888888917196881,
    0.0001984126986304067,
    2.4801521322116825e-05,
    2.7557268480116333e-06,
    2.762007599981065e-07,
    2.5100375924709717e-08,
];

/// e^x. Beyond ±708, where the result would leave the range of normal numbers, that of ±708; NaN of NaN.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = x.clamp(-708.0, 708.0);
    // x = k ln 2 + r, |r| <= ln(2)/2
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // Estrin's scheme: short chains
    let [c0, c1, c2, c3, c4, c5, c6, c7, c8, c9] = EXP;
    let r2 = r * r;
    let r4 = r2 * r2;
    let high = ((c4 + c5 * r) + (c6 + c7 * r) * r2) + (c8 + c9 * r) * r4;
    let series = ((c0 + c1 * r) + (c2 + c3 * r) * r2) + high * r4;
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    (1.0 + (r + r2 * series)) * scale
}

/// ln(x). Minus infinity of 0 and of numbers too small to be normal, NaN of negative numbers and NaN.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const ONE: u64 = 1023 << 52;
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
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
    let even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
    let odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
    let half = 0.5 * f * f;
    let found = k * LN_2_HIGH - ((half - (s * (half + (even + odd)) + k * LN_2_LOW)) - f);
    let found = if x < f64::MIN_POSITIVE { if x < 0.0 { f64::NAN } else { f64::NEG_INFINITY } } else { found };
    if x <= f64::MAX { found } else { x }
}

/// The arc sine, radians. NaN beyond 1, and of NaN.
#[inline(always)]
pub fn asin(x: f64) -> f64 {
    const HALF_PI_LOW: f64 = 6.123233995736766e-17;
    // above 1/2: asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2))
    let size = x.abs();
    let is_steep = size > 0.5;
    let z = if is_steep { 0.5 * (1.0 - size) } else { size * size };
    let s = if is_steep { z.sqrt() } else { size };
    // asin(s) = s + s R(s^2): the rational function R is that of FreeBSD's e_asin.c.
    const OVER: [f64; 6] = [
        1.6666666666666666e-1,
        -3.255658186224009e-1,
        2.0121253213486293e-1,
        -4.005553450067941e-2,
        7.915349942898145e-4,
        3.479331075960212e-5,
    ];
    const UNDER: [f64; 4] = [-2.403394911734414, 2.0209457602335057, -6.882839716054533e-1, 7.703815055590194e-2];
    let over = OVER[0] + z * (OVER[1] + z * (OVER[2] + z * (OVER[3] + z * (OVER[4] + z * OVER[5]))));
    let under = 1.0 + z * (UNDER[0] + z * (UNDER[1] + z * (UNDER[2] + z * UNDER[3])));
    let r = s + s * (z * over / under);
    let found = if is_steep { std::f64::consts::FRAC_PI_2 - (2.0 * r - HALF_PI_LOW) } else { r };
    found.copysign(x)
}

/// Hyperbolic cosine.
#[inline(always)]
pub fn cosh(x: f64) -> f64 {
    let e = exp(x);
    0.5 * (e + 1.0 / e)
}

/// 1 / cosh(x) for x that is not negative.
#[inline(always)]
pub fn sech(x: f64) -> f64 {
    let e = exp(-x);
    2.0 * e / (1.0 + e * e)
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance in units in the last place.
    fn ulps(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn close_to_the_c_library() {
        let mut worst = [0; 2];
        for i in 0..2_000_000 {
            let x = -708.0 + f64::from(i) * 7.08e-4;
            worst[0] = worst[0].max(ulps(exp(x), x.exp()));
            let y = x.exp();
            worst[1] = worst[1].max(ulps(ln(y), y.ln()));
            let near_one = 0.5 + f64::from(i) * 7.5e-7;
            worst[1] = worst[1].max(ulps(ln(near_one), near_one.ln()));
        }
        assert!(worst[0] <= 2 && worst[1] <= 2, "{worst:?}");
    }

    #[test]
    fn arc_sines_are_those_of_libm() {
        let near_zero = (0..2000).map(|i| 10f64.powf(-f64::from(i) / 7.0));
        let near_one = (0..2000).map(|i| 1.0 - 10f64.powf(-f64::from(i) / 120.0));
        let worst = (0..=400_000)
            .map(|i| f64::from(i) * 2.5e-6)
            .chain(near_zero)
            .chain(near_one)
            .map(|x| ulps(asin(x), libm::asin(x)).max(ulps(asin(-x), libm::asin(-x))))
            .max();
        assert!(worst <= Some(2), "{worst:?}");
        assert_eq!(
            [asin(0.0), asin(1.0), asin(-1.0)],
            [0.0, std::f64::consts::FRAC_PI_2, -std::f64::consts::FRAC_PI_2]
        );
        assert!(asin(1.0 + 1e-15).is_nan() && asin(f64::NAN).is_nan() && asin(f64::INFINITY).is_nan());
    }

    #[test]
    fn at_the_edges() {
        assert_eq!([exp(0.0), exp(-0.0), ln(1.0)], [1.0, 1.0, 0.0]);
        assert_eq!([exp(f64::INFINITY), exp(f64::NEG_INFINITY)], [exp(708.0), exp(-708.0)]);
        assert!(exp(f64::NAN).is_nan() && ln(f64::NAN).is_nan() && ln(-1.0).is_nan() && ln(f64::NEG_INFINITY).is_nan());
        assert_eq!([ln(0.0), ln(-0.0), ln(f64::INFINITY)], [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY]);
        assert_eq!(ln(f64::MIN_POSITIVE), f64::MIN_POSITIVE.ln());
        assert_eq!(ln(f64::MAX), f64::MAX.ln());
    }
}
