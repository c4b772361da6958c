//! numpy's arithmetic in single precision, to the last bit: what the engine exports went through it.

/// The natural logarithm as numpy takes it on processors with AVX2: the mantissa by a rational function, within an ulp or two
/// of the truth.
pub(super) fn ln(value: f32) -> f32 {
    const NUMERATOR: [f32; 6] = [0.025_899_792, 0.380_883_78, 1.480_000_6, 2.112_677_6, 1.0, 0.0];
    const DENOMINATOR: [f32; 6] = [0.005_875_095_3, 0.154_647_63, 0.986_494_3, 2.453_006, 2.612_677_6, 1.0];
    if !value.is_normal() || value < 0.0 {
        return value.ln();
    }
    let bits = value.to_bits();
    let mut exponent = (bits >> 23) as i32 - 127;
    let mut mantissa = f32::from_bits((bits & 0x7f_ffff) | 0x3f80_0000);
    if mantissa > std::f32::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let x = mantissa - 1.0;
    let polynomial = |coefficients: [f32; 6]| coefficients.into_iter().fold(0.0f32, |sum, c| sum.mul_add(x, c));
    (exponent as f32).mul_add(std::f32::consts::LN_2, polynomial(NUMERATOR) / polynomial(DENOMINATOR))
}

/// The sum of a contiguous array: eight sums side by side, longer arrays by halves.
pub(super) fn sum(values: &[f32]) -> f32 {
    match values.len() {
        0..8 => values.iter().fold(-0.0, |total, x| total + x),
        8..=128 => {
            let eights = values.chunks_exact(8);
            let rest = eights.remainder();
            let mut eight_sums = [0.0f32; 8];
            for (n, eight) in eights.enumerate() {
                for (part, x) in eight_sums.iter_mut().zip(eight) {
                    *part = if n == 0 { *x } else { *part + x };
                }
            }
            let [a, b, c, d, e, f, g, h] = eight_sums;
            rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |total, x| total + x)
        }
        n => {
            let (left, right) = values.split_at(n / 2 - (n / 2) % 8);
            sum(left) + sum(right)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_numpys() {
        // numpy 1.26: numpy.float32([1 / (i + 1) for i in range(n)]).sum()
        for (n, expected) in [(3, 1.833_333_4), (20, 3.597_74), (300, 6.282_665)] {
            let values: Vec<f32> = (0..n).map(|i| (1.0 / f64::from(i + 1)) as f32).collect();
            assert_eq!(sum(&values), expected, "{n}");
        }
    }

    #[test]
    fn logarithms_are_numpys() {
        // numpy 1.26: numpy.log(numpy.float32([x])); of all but 1 the nearest number is another.
        let expected = [
            (1.0, 0.0),
            (0.7, -0.356_674_94),
            (0.99, -0.010_050_326),
            (0.181_364_77, -1.707_244_9),
            (0.801_274_4, -0.221_551_8),
        ];
        for (x, logarithm) in expected {
            assert_eq!(ln(x), logarithm, "{x}");
        }
        assert_eq!(ln(0.0), f32::NEG_INFINITY);
    }
}
