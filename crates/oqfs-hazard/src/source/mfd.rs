//! Magnitude-frequency distributions, as (magnitude, annual rate) of their bins.

use std::borrow::Cow;

use super::SourceError;
use super::alternative::AlternativeCharacteristic;
use crate::elementary::scalar::{exp, exp10, log10, powf};
use crate::geo::round_half_up;

/// A magnitude-frequency distribution.
#[derive(Clone, Debug, PartialEq)]
pub enum Mfd {
    /// Gutenberg-Richter between two magnitudes: `10^(a - b m)` earthquakes a year reach magnitude m.
    TruncatedGutenbergRichter {
        /// Lower magnitude.
        min_mag: f64,
        /// Upper magnitude.
        max_mag: f64,
        /// Width of a magnitude bin.
        bin_width: f64,
        /// Cumulative a value.
        a_value: f64,
        /// b value.
        b_value: f64,
    },
    /// Rates of evenly spaced magnitudes.
    Incremental {
        /// Magnitude in the middle of the first bin.
        min_mag: f64,
        /// Width of a bin.
        bin_width: f64,
        /// Annual rate of each bin.
        rates: Vec<f64>,
    },
    /// Rates of given magnitudes.
    Arbitrary {
        /// The magnitudes.
        magnitudes: Vec<f64>,
        /// The annual rate of each.
        rates: Vec<f64>,
    },
    /// Gutenberg-Richter below a boxcar around the characteristic magnitude (Youngs and Coppersmith, 1985,
    /// BSSA 75, 939-964).
    YoungsCoppersmith {
        /// Lower magnitude.
        min_mag: f64,
        /// Cumulative a value.
        a_value: f64,
        /// b value.
        b_value: f64,
        /// The characteristic magnitude, in the middle of the boxcar.
        char_mag: f64,
        /// Annual rate of the whole boxcar.
        char_rate: f64,
        /// Width of a magnitude bin.
        bin_width: f64,
    },
    /// Gutenberg-Richter between two magnitudes, tapered around a corner magnitude as in nshmp-haz: Kagan, 2002, GJI 148,
    /// 520-541, doi:10.1046/j.1365-246x.2002.01594.x.
    TaperedGutenbergRichter {
        /// Lower magnitude.
        min_mag: f64,
        /// Upper magnitude.
        max_mag: f64,
        /// Above this magnitude rates fall off.
        corner_mag: f64,
        /// Width of a magnitude bin.
        bin_width: f64,
        /// Cumulative a value.
        a_value: f64,
        /// b value.
        b_value: f64,
    },
    /// Gutenberg-Richter twice: below a magnitude and, in a characteristic zone, above it.
    AlternativeCharacteristic(AlternativeCharacteristic),
    /// None: the source lists its ruptures.
    Listed,
}

/// Magnitude bins narrower than this are refused: they would be too many.
pub(super) const LEAST_BIN_WIDTH: f64 = 1e-4;

/// Width of the characteristic boxcar (Youngs and Coppersmith 1985).
const DELTA_CHAR: f64 = 0.5;

impl Mfd {
    /// Gutenberg-Richter between two magnitudes, checked.
    pub fn truncated(min_mag: f64, max_mag: f64, bin_width: f64, a: f64, b: f64) -> Result<Mfd, SourceError> {
        let bad = |what: String| Err(SourceError::Mfd(format!("truncGutenbergRichterMFD: {what}")));
        if !(bin_width >= LEAST_BIN_WIDTH) {
            let least = format!("it must be at least {LEAST_BIN_WIDTH} (width_of_mfd_bin in the job)");
            return bad(format!("the bin width is {bin_width}; {least}"));
        }
        if !exp10(a - b * min_mag).is_finite() {
            return bad(format!("aValue {a} and bValue {b} give no finite rate"));
        }
        if !(min_mag >= 0.0) || !a.is_finite() {
            return bad(format!("minMag is {min_mag} and aValue {a}; minMag must not be negative, both finite"));
        }
        if !(max_mag >= min_mag + bin_width) || !max_mag.is_finite() {
            return bad(format!(
                "maxMag is {max_mag}; it must exceed minMag {min_mag} by the bin width {bin_width} at least"
            ));
        }
        if !(b > 0.0) {
            return bad(format!("bValue is {b}; it must be positive"));
        }
        Ok(Mfd::TruncatedGutenbergRichter { min_mag, max_mag, bin_width, a_value: a, b_value: b })
    }

    /// Gutenberg-Richter tapered around a corner magnitude, checked.
    pub fn tapered(
        (min_mag, max_mag): (f64, f64),
        corner_mag: f64,
        bin_width: f64,
        a: f64,
        b: f64,
    ) -> Result<Mfd, SourceError> {
        Mfd::truncated(min_mag, max_mag, bin_width, a, b)?;
        if !(corner_mag >= min_mag + bin_width) || !corner_mag.is_finite() {
            let what = format!("cornerMag is {corner_mag}; it must exceed minMag {min_mag} by a bin at least");
            return Err(SourceError::Mfd(format!("taperedGutenbergRichterMFD: {what}")));
        }
        Ok(Mfd::TaperedGutenbergRichter { min_mag, max_mag, corner_mag, bin_width, a_value: a, b_value: b })
    }

    /// Rates of evenly spaced magnitudes, checked.
    pub fn incremental(min_mag: f64, bin_width: f64, rates: Vec<f64>) -> Result<Mfd, SourceError> {
        if !(bin_width > 0.0) || !(min_mag >= 0.0) {
            let what = format!("minMag is {min_mag} and binWidth {bin_width}; expected minMag >= 0, binWidth > 0");
            return Err(SourceError::Mfd(format!("incrementalMFD: {what}")));
        }
        check_rates("incrementalMFD", &rates)?;
        Ok(Mfd::Incremental { min_mag, bin_width, rates })
    }

    /// Rates of given magnitudes, checked.
    pub fn arbitrary(magnitudes: Vec<f64>, rates: Vec<f64>) -> Result<Mfd, SourceError> {
        if magnitudes.len() != rates.len() {
            let what = format!("arbitraryMFD: {} magnitudes but {} occurRates", magnitudes.len(), rates.len());
            return Err(SourceError::Mfd(what));
        }
        check_rates("arbitraryMFD", &rates)?;
        Ok(Mfd::Arbitrary { magnitudes, rates })
    }

    /// Youngs and Coppersmith from the annual rate of characteristic earthquakes.
    pub fn youngs_coppersmith(
        min_mag: f64,
        b_value: f64,
        char_mag: f64,
        char_rate: f64,
        bin_width: f64,
    ) -> Result<Mfd, SourceError> {
        // the density at m' - 1 equals that of the boxcar
        let a_incremental = b_value * (char_mag - 1.25) + log10(char_rate / DELTA_CHAR);
        let a_value = a_incremental - log10(b_value * std::f64::consts::LN_10);
        Mfd::checked_youngs_coppersmith(min_mag, a_value, b_value, char_mag, char_rate, bin_width)
    }

    /// Youngs and Coppersmith from the total moment rate, N m / year: their equations 16 and 17.
    pub fn youngs_coppersmith_from_moment(
        min_mag: f64,
        b_value: f64,
        char_mag: f64,
        moment_rate: f64,
        bin_width: f64,
    ) -> Result<Mfd, SourceError> {
        let beta = b_value * std::f64::consts::LN_10;
        let max_mag = char_mag + DELTA_CHAR / 2.0;
        let (c, d) = (1.5, 9.05);
        let max_moment = exp10(c * max_mag + d);
        let c1 = exp(-beta * (max_mag - min_mag - 0.5));
        let c2 = exp(-beta * (max_mag - min_mag - 1.5));
        let c3 = beta * c2 / (2.0 * (1.0 - c1) + beta * c2);
        let tenth = exp10(-c / 2.0);
        let c4 = b_value * tenth / (c - b_value) + b_value * exp(beta) * (1.0 - tenth) / c;
        let total = (1.0 - c1) * moment_rate / ((1.0 - c3) * c1 * max_moment * c4);
        let char_rate = c3 * total;
        let below = exp10(-b_value * min_mag) - exp10(-b_value * (char_mag - 0.25));
        let a_value = log10((total - char_rate) / below);
        Mfd::checked_youngs_coppersmith(min_mag, a_value, b_value, char_mag, char_rate, bin_width)
    }

    fn checked_youngs_coppersmith(
        min_mag: f64,
        a_value: f64,
        b_value: f64,
        char_mag: f64,
        char_rate: f64,
        bin_width: f64,
    ) -> Result<Mfd, SourceError> {
        let bad = |what: String| Err(SourceError::Mfd(format!("YoungsCoppersmithMFD: {what}")));
        if !(min_mag > 0.0 && b_value > 0.0 && char_mag > 0.0 && char_rate > 0.0) {
            return bad(format!(
                "minMag {min_mag}, bValue {b_value}, characteristicMag {char_mag} and the characteristic rate \
                 {char_rate} must all be positive"
            ));
        }
        if !(LEAST_BIN_WIDTH..=DELTA_CHAR).contains(&bin_width) {
            return bad(format!("binWidth is {bin_width}; expected in [{LEAST_BIN_WIDTH}, {DELTA_CHAR}]"));
        }
        if !(char_mag - DELTA_CHAR / 2.0 >= min_mag + bin_width) {
            return bad(format!("characteristicMag {char_mag} - 0.25 must exceed minMag {min_mag} by a bin at least"));
        }
        Ok(Mfd::YoungsCoppersmith { min_mag, a_value, b_value, char_mag, char_rate, bin_width })
    }

    /// The tag that it has in NRML.
    pub fn name(&self) -> &'static str {
        match self {
            Mfd::TruncatedGutenbergRichter { .. } => "truncGutenbergRichterMFD",
            Mfd::Incremental { .. } => "incrementalMFD",
            Mfd::Arbitrary { .. } => "arbitraryMFD",
            Mfd::YoungsCoppersmith { .. } => "YoungsCoppersmithMFD",
            Mfd::TaperedGutenbergRichter { .. } => "taperedGutenbergRichterMFD",
            Mfd::AlternativeCharacteristic(_) => "alternativeCharacteristicMFD",
            Mfd::Listed => "no MFD",
        }
    }

    /// (magnitude, annual rate) of each bin, those with no rate left out.
    pub fn rates(&self) -> Vec<(f64, f64)> {
        let mut bins = match self {
            Mfd::TruncatedGutenbergRichter { min_mag, max_mag, bin_width, a_value, b_value } => {
                gutenberg_richter((*min_mag, *max_mag), *bin_width, *a_value, *b_value)
            }
            Mfd::TaperedGutenbergRichter { min_mag, max_mag, corner_mag, bin_width, a_value, b_value } => {
                let plain = gutenberg_richter((*min_mag, *max_mag), *bin_width, *a_value, *b_value);
                plain.into_iter().map(|(m, rate)| (m, rate * taper(m, *bin_width, *b_value, *corner_mag))).collect()
            }
            Mfd::Incremental { min_mag, bin_width, rates } => {
                rates.iter().enumerate().map(|(i, &rate)| (min_mag + i as f64 * bin_width, rate)).collect()
            }
            Mfd::Arbitrary { magnitudes, rates } => magnitudes.iter().copied().zip(rates.iter().copied()).collect(),
            Mfd::AlternativeCharacteristic(mfd) => mfd.rates(),
            Mfd::Listed => Vec::new(),
            Mfd::YoungsCoppersmith { min_mag, a_value, b_value, char_mag, char_rate, bin_width } => {
                let round = |mag: f64| round_half_up(mag / bin_width) * bin_width;
                let low = round(*min_mag) + bin_width / 2.0;
                let high = round(char_mag + DELTA_CHAR / 2.0) - bin_width / 2.0;
                binned(low, high, *bin_width, |mag| {
                    if mag >= *min_mag && mag < char_mag - DELTA_CHAR / 2.0 {
                        cumulative_difference(*a_value, *b_value, mag, *bin_width)
                    } else {
                        char_rate / DELTA_CHAR * bin_width
                    }
                })
            }
        };
        bins.retain(|&(_, rate)| rate > 0.0);
        bins
    }

    /// What distributions have in common that differ in their a value alone, and the factor that makes its rates those of this one.
    pub fn form(&self) -> (Cow<'_, Mfd>, f64) {
        // one earthquake of the lower magnitude a year: neither it nor the factor leaves the range of numbers
        let common = |a: f64, b: f64, min_mag: f64| (b * min_mag, exp10(a - b * min_mag));
        match *self {
            Mfd::TruncatedGutenbergRichter { min_mag, max_mag, bin_width, a_value, b_value } => {
                let (a_value, factor) = common(a_value, b_value, min_mag);
                (Cow::Owned(Mfd::TruncatedGutenbergRichter { min_mag, max_mag, bin_width, a_value, b_value }), factor)
            }
            Mfd::TaperedGutenbergRichter { min_mag, max_mag, corner_mag, bin_width, a_value, b_value } => {
                let (a_value, factor) = common(a_value, b_value, min_mag);
                let form = Mfd::TaperedGutenbergRichter { min_mag, max_mag, corner_mag, bin_width, a_value, b_value };
                (Cow::Owned(form), factor)
            }
            Mfd::Incremental { .. }
            | Mfd::Arbitrary { .. }
            | Mfd::YoungsCoppersmith { .. }
            | Mfd::AlternativeCharacteristic(_)
            | Mfd::Listed => (Cow::Borrowed(self), 1.0),
        }
    }

    /// (magnitude, annual rate) of each magnitude, the smallest first, none twice. Over a thousand are summed by hundredths. What happens for
    /// certain has no rate, and is left out.
    pub fn bins(&self) -> Vec<(f64, f64)> {
        const MOST: usize = 1000;
        let bins = summed(self.rates().into_iter().filter(|(_, rate)| rate.is_finite()).collect());
        if bins.len() <= MOST {
            return bins;
        }
        summed(bins.into_iter().map(|(mag, rate)| ((mag * 100.0).round_ties_even() / 100.0, rate)).collect())
    }

    /// The smallest magnitude, whatever its rate.
    pub fn min_mag(&self) -> Option<f64> {
        match self {
            Mfd::Incremental { min_mag, .. } => Some(*min_mag),
            Mfd::Arbitrary { magnitudes, .. } => magnitudes.iter().copied().reduce(f64::min),
            Mfd::TruncatedGutenbergRichter { .. }
            | Mfd::YoungsCoppersmith { .. }
            | Mfd::TaperedGutenbergRichter { .. }
            | Mfd::AlternativeCharacteristic(_)
            | Mfd::Listed => self.rates().first().map(|bin| bin.0),
        }
    }

    /// The same with every rate divided: the share of one of `n` point sources of an area.
    pub fn shared(&self, n: usize) -> Vec<(f64, f64)> {
        self.rates().into_iter().map(|(mag, rate)| (mag, rate / n as f64)).collect()
    }
}

/// Bins from the middle of the first to the middle of the last, magnitudes summed up as the engine sums them.
pub(super) fn binned(low: f64, high: f64, width: f64, rate: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let n = round_half_up((high - low) / width) as usize + 1;
    let mut mag = low;
    (0..n)
        .map(|_| {
            let bin = (mag, rate(mag));
            mag += width;
            bin
        })
        .collect()
}

/// Bins by magnitude, those of one magnitude together.
fn summed(mut bins: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    bins.sort_by(|a, b| a.0.total_cmp(&b.0));
    bins.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 += next.1;
        }
        is_same
    });
    bins
}

/// The bins of a truncated Gutenberg-Richter distribution.
fn gutenberg_richter((min_mag, max_mag): (f64, f64), bin_width: f64, a: f64, b: f64) -> Vec<(f64, f64)> {
    let round = |mag: f64| round_half_up(mag / bin_width) * bin_width;
    let (mut low, mut high) = (round(min_mag), round(max_mag));
    if low != high {
        low += bin_width / 2.0;
        high -= bin_width / 2.0;
    }
    binned(low, high, bin_width, |mag| cumulative_difference(a, b, mag, bin_width))
}

/// What a taper at a corner magnitude leaves of a bin, against one at a magnitude where it does nothing.
fn taper(mag: f64, width: f64, b: f64, corner_mag: f64) -> f64 {
    const SMALL: f64 = 4.0;
    const LARGE: f64 = 9.05;
    let moment = |mag: f64| exp10(1.5 * mag + 9.05);
    let pareto = |of: f64, corner: f64| {
        powf(moment(SMALL) / moment(of), b / 1.5) * exp((moment(SMALL) - moment(of)) / moment(corner))
    };
    let bin = |corner: f64| pareto(mag - width / 2.0, corner) - pareto(mag + width / 2.0, corner);
    bin(corner_mag) / bin(LARGE)
}

/// Rate of a bin of a Gutenberg-Richter distribution.
fn cumulative_difference(a: f64, b: f64, mag: f64, width: f64) -> f64 {
    exp10(a - b * (mag - width / 2.0)) - exp10(a - b * (mag + width / 2.0))
}

fn check_rates(what: &str, rates: &[f64]) -> Result<(), SourceError> {
    if let Some(bad) = rates.iter().find(|r| !(**r >= 0.0 && r.is_finite())) {
        return Err(SourceError::Mfd(format!(
            "{what}: found the occurrence rate {bad}; rates must be >= 0 and finite"
        )));
    }
    if !rates.iter().any(|&r| r > 0.0) {
        return Err(SourceError::Mfd(format!("{what}: at least one occurrence rate must be positive")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gutenberg_richter_bins_sum_to_the_cumulative_rate() {
        let bins = Mfd::truncated(5.0, 6.5, 0.1, 4.5, 1.0).unwrap().rates();
        assert_eq!(bins.len(), 15);
        assert!((bins[0].0 - 5.05).abs() < 1e-12);
        let total: f64 = bins.iter().map(|b| b.1).sum();
        assert!((total / (10f64.powf(-0.5) - 10f64.powf(-2.0)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_magnitude_between_two_bins_goes_up() {
        // 6.5 / 0.2 is 32.5: the engine makes it 33 bins of 0.2
        let bins = Mfd::truncated(5.0, 6.5, 0.2, 4.5, 1.0).unwrap().rates();
        assert_eq!(bins.len(), 8);
    }

    #[test]
    fn magnitudes_that_round_to_one_bin_give_one() {
        assert_eq!(Mfd::truncated(5.0, 6.0, 1.0, 4.5, 1.0).unwrap().rates().len(), 1);
    }

    #[test]
    fn youngs_coppersmith_from_moment_keeps_the_continuity() {
        // rate density at char_mag - 1.25 equals the boxcar's, whatever way the rates were given
        let by_moment = Mfd::youngs_coppersmith_from_moment(5.0, 1.0, 7.0, 1e17, 0.1).unwrap();
        let Mfd::YoungsCoppersmith { char_rate, a_value, .. } = by_moment else { panic!() };
        let by_rate = Mfd::youngs_coppersmith(5.0, 1.0, 7.0, char_rate, 0.1).unwrap();
        let Mfd::YoungsCoppersmith { a_value: other, .. } = by_rate else { panic!() };
        assert!((a_value - other).abs() < 1e-9, "{a_value} {other}");
    }

    #[test]
    fn a_taper_spares_small_magnitudes_and_cuts_large_ones() {
        let plain = Mfd::truncated(5.0, 8.0, 0.1, 4.5, 1.0).unwrap().rates();
        let tapered = Mfd::tapered((5.0, 8.0), 7.0, 0.1, 4.5, 1.0).unwrap().rates();
        let left = |i: usize| tapered[i].1 / plain[i].1;
        assert!(left(0) > 0.99 && left(20) < 0.98 && left(29) < 1e-3, "{} {} {}", left(0), left(20), left(29));
        // the engine's rate of magnitude 7.05
        assert!((tapered[20].1 / 0.0005513736942103398 - 1.0).abs() < 1e-9, "{}", tapered[20].1);
        assert!(Mfd::tapered((5.0, 8.0), 5.0, 0.1, 4.5, 1.0).unwrap_err().to_string().contains("cornerMag is 5"));
    }

    #[test]
    fn bins_are_by_magnitude_and_few() {
        let rates = vec![1e-3, 0.0, 2e-3, 4e-3, f64::INFINITY];
        let listed = Mfd::Arbitrary { magnitudes: vec![6.5, 7.5, 6.1, 6.5, 8.0], rates };
        assert_eq!(listed.bins(), [(6.1, 2e-3), (6.5, 5e-3)]);
        let magnitudes: Vec<f64> = (0..5000).map(|i| 5.0 + 5e-4 * f64::from(i)).collect();
        let many = Mfd::Arbitrary { rates: vec![1e-6; magnitudes.len()], magnitudes };
        let bins = many.bins();
        assert_eq!((bins.len(), bins[0].0, bins[250].0), (251, 5.0, 7.5));
        assert!((bins.iter().map(|bin| bin.1).sum::<f64>() / 5e-3 - 1.0).abs() < 1e-12);
        assert!(Mfd::Listed.bins().is_empty());
    }

    #[test]
    fn a_form_and_its_factor_make_the_distribution() {
        for (a, b) in [(4.5, 1.0), (2.2, 0.8), (-3.0, 1.4), (300.0, 55.0)] {
            let plain = Mfd::truncated(5.0, 7.0, 0.1, a, b).unwrap();
            let tapered = Mfd::tapered((5.0, 7.0), 6.5, 0.1, a, b).unwrap();
            let incremental = Mfd::incremental(5.0, 0.1, vec![0.1, 0.2]).unwrap();
            for mfd in [plain, tapered, incremental] {
                let (form, factor) = mfd.form();
                let (found, expected) = (form.rates(), mfd.rates());
                let is_near =
                    |(a, b): (&(f64, f64), &(f64, f64))| a.0 == b.0 && (a.1 * factor / b.1 - 1.0).abs() < 1e-9;
                assert!(found.len() == expected.len() && found.iter().zip(&expected).all(is_near), "{mfd:?}");
            }
        }
        let form = |a: f64| Mfd::truncated(5.0, 7.0, 0.1, a, 1.0).unwrap().form().0.into_owned();
        assert_eq!(form(3.1), form(4.7));
    }

    #[test]
    fn errors_name_the_value() {
        let message = Mfd::truncated(6.0, 5.0, 0.1, 4.0, 1.0).unwrap_err().to_string();
        assert!(message.contains("maxMag is 5"), "{message}");
        assert!(Mfd::incremental(5.0, 0.1, vec![0.0, 0.0]).is_err());
        assert!(Mfd::arbitrary(vec![5.0], vec![0.1, 0.2]).is_err());
        assert!(Mfd::incremental(5.0, 0.1, vec![f64::NAN]).is_err());
    }
}
