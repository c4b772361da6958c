//! The alternative characteristic distribution: NRML `alternativeCharacteristicMFD`, of engine 3.26.

use super::SourceError;
use super::mfd::{LEAST_BIN_WIDTH, binned};
use crate::elementary::scalar::{exp10, log10};
use crate::geo::round_half_up;

/// Two truncated Gutenberg-Richter distributions back to back: one between the lower magnitude and a boundary, another, the
/// characteristic zone, from there to the upper magnitude. The zones share the moment rate (BC Hydro's Probabilistic Seismic
/// Hazard Analysis model, equation 1.2 of its memorandum on the distribution, as the engine gives it).
#[derive(Clone, Debug, PartialEq)]
pub struct AlternativeCharacteristic {
    /// Lower magnitude.
    pub min_mag: f64,
    /// Upper magnitude.
    pub max_mag: f64,
    /// Width of a magnitude bin.
    pub bin_width: f64,
    /// b value below the characteristic zone.
    pub b_value: f64,
    /// b value of the characteristic zone.
    pub b_characteristic: f64,
    /// The characteristic zone's share of the moment rate.
    pub gamma: f64,
    /// Width of the characteristic zone, in magnitude.
    pub delta: f64,
    /// Annual rate of all magnitudes.
    pub total_rate: f64,
}

/// A truncated Gutenberg-Richter distribution: `10^(a - b m)` between two magnitudes.
struct Zone {
    a: f64,
    b: f64,
    from: f64,
    to: f64,
}

impl Zone {
    /// By its annual rate.
    fn new(rate: f64, b: f64, from: f64, to: f64) -> Zone {
        let a = log10(rate) - log10(exp10(-b * from) - exp10(-b * to));
        Zone { a, b, from, to }
    }

    /// Annual rate between two magnitudes.
    fn between(&self, low: f64, high: f64) -> f64 {
        exp10(self.a - self.b * low) - exp10(self.a - self.b * high)
    }

    /// Moment rate, N m / year, but for the factor ln 10, which a zone with b = 1.5 has (engine behaviour).
    fn moment_rate(&self) -> f64 {
        let (scale, slope) = (exp10(9.05 + self.a + log10(self.b)), MOMENT - self.b);
        if slope == 0.0 {
            return scale * std::f64::consts::LN_10 * (self.to - self.from);
        }
        scale / slope * (exp10(slope * self.to) - exp10(slope * self.from))
    }
}

/// The slope of log moment over magnitude.
const MOMENT: f64 = 1.5;

impl AlternativeCharacteristic {
    /// Checked.
    ///
    /// # Errors
    /// If a parameter is outside its range, or there is no room for one of the zones.
    pub fn checked(self) -> Result<Self, SourceError> {
        let bad = |what: String| Err(SourceError::Mfd(format!("alternativeCharacteristicMFD: {what}")));
        let Self { min_mag, max_mag, bin_width, b_value, b_characteristic, gamma, delta, total_rate } = self;
        if !(bin_width >= LEAST_BIN_WIDTH) {
            let least = format!("it must be at least {LEAST_BIN_WIDTH} (width_of_mfd_bin in the job)");
            return bad(format!("the bin width is {bin_width}; {least}"));
        }
        if !(min_mag >= 0.0) {
            return bad(format!("minMag is {min_mag}; it must not be negative"));
        }
        if !(max_mag >= min_mag + bin_width) || !max_mag.is_finite() {
            return bad(format!(
                "maxMag is {max_mag}; it must exceed minMag {min_mag} by the bin width {bin_width} at least"
            ));
        }
        if !(b_value > 0.0 && b_characteristic > 0.0) || b_characteristic == MOMENT {
            return bad(format!(
                "bGR is {b_value} and bAC {b_characteristic}; both must be positive, bAC other than {MOMENT}"
            ));
        }
        if !(gamma > 0.0 && gamma < 1.0) {
            return bad(format!("gamma is {gamma}; it must lie between 0 and 1"));
        }
        if !(delta > 0.0 && max_mag - delta > min_mag) {
            let room = format!("it must be positive and less than maxMag {max_mag} minus minMag {min_mag}");
            return bad(format!("deltaMagAC is {delta}; {room}"));
        }
        if !(total_rate > 0.0) || !total_rate.is_finite() {
            return bad(format!("the total rate is {total_rate}; it must be positive and finite"));
        }
        Ok(self)
    }

    /// The share of the moment rate and the total rate follow from how many earthquakes a year exceed a magnitude of each zone:
    /// pairs of a magnitude and a rate, that of the characteristic zone last. `self.gamma` and `self.total_rate` do not count.
    ///
    /// # Errors
    /// As [`Self::checked`].
    pub fn from_reference_rates(mut self, references: [(f64, f64); 2]) -> Result<Self, SourceError> {
        let (bounds, bs) = (self.bounds(), [self.b_value, self.b_characteristic]);
        let rate = |zone: usize| {
            let ((mag, rate), b) = (references[zone], bs[zone]);
            let above = |mag: f64| exp10(-b * mag) - exp10(-b * bounds[zone + 1]);
            rate * above(bounds[zone]) / above(mag)
        };
        let (below, characteristic) = (rate(0), rate(1));
        let k = self.balance();
        self.gamma = k * characteristic / (k * characteristic + below);
        self.total_rate = below + characteristic;
        self.checked()
    }

    /// The lower magnitude, the boundary of the zones, the upper magnitude.
    fn bounds(&self) -> [f64; 3] {
        [self.min_mag, self.max_mag - self.delta, self.max_mag]
    }

    /// The ratio of the zones' rates where they share the moment rate alike: equation 1.2 with gamma 1/2.
    fn balance(&self) -> f64 {
        let [low, boundary, _] = self.bounds();
        let (b, bc) = (self.b_value, self.b_characteristic);
        let below = exp10(-b * (boundary - low));
        let characteristic = exp10(-bc * self.delta);
        let moment = exp10(-MOMENT * self.delta);
        bc * (characteristic - moment) * (MOMENT - b) * (1.0 - below)
            / (b * (MOMENT - bc) * moment * below * (1.0 - characteristic))
    }

    /// Both zones, the characteristic one last.
    fn zones(&self) -> [Zone; 2] {
        let ratio = (1.0 - self.gamma) / self.gamma * self.balance();
        let characteristic = self.total_rate / (ratio + 1.0);
        let [low, boundary, high] = self.bounds();
        [
            Zone::new(ratio * characteristic, self.b_value, low, boundary),
            Zone::new(characteristic, self.b_characteristic, boundary, high),
        ]
    }

    fn moment_rate(&self) -> f64 {
        self.zones().iter().map(Zone::moment_rate).sum()
    }

    /// Change something and let the total rate keep the moment rate.
    ///
    /// # Errors
    /// If what results is outside its range.
    pub fn keeping_moment(mut self, change: impl FnOnce(&mut Self)) -> Result<Self, SourceError> {
        let moment = self.moment_rate();
        change(&mut self);
        let mut changed = self.checked()?;
        changed.total_rate *= moment / changed.moment_rate();
        changed.checked()
    }

    /// (magnitude, annual rate) of each bin; one on the boundary has a part of both zones.
    pub fn rates(&self) -> Vec<(f64, f64)> {
        let width = self.bin_width;
        let round = |mag: f64| round_half_up(mag / width) * width;
        let (mut low, mut high) = (round(self.min_mag), round(self.max_mag));
        if low != high {
            low += width / 2.0;
            high -= width / 2.0;
        }
        let [below, characteristic] = self.zones();
        let boundary = characteristic.from;
        binned(low, high, width, |mag| {
            let (from, to) = (mag - width / 2.0, mag + width / 2.0);
            if to <= boundary {
                below.between(from, to)
            } else if from >= boundary {
                characteristic.between(from, to)
            } else {
                below.between(from, boundary) + characteristic.between(boundary, to)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> AlternativeCharacteristic {
        AlternativeCharacteristic {
            min_mag: 5.0,
            max_mag: 7.53,
            bin_width: 0.1,
            b_value: 0.9,
            b_characteristic: 0.3,
            gamma: 0.8,
            delta: 0.5,
            total_rate: 0.02,
        }
    }

    #[test]
    fn the_engines_rates() {
        let bins = example().checked().unwrap().rates();
        assert_eq!(bins.len(), 25);
        // 7.03 is the boundary: the bin of 7.05 has a part of both zones
        let expected = [
            (0, 5.05, 0.0036695391986479725),
            (19, 6.95, 7.155031190084318e-05),
            (20, 7.05, 0.00012969616890108062),
            (24, 7.45, 0.00012151743524877194),
        ];
        for (i, mag, rate) in expected {
            assert!((bins[i].0 - mag).abs() < 1e-9 && (bins[i].1 / rate - 1.0).abs() < 1e-12, "{:?}", bins[i]);
        }
        let by_rates = example().from_reference_rates([(6.0, 0.002), (7.2, 0.0005)]).unwrap();
        assert!((by_rates.gamma / 0.8362608330022688 - 1.0).abs() < 1e-12, "{}", by_rates.gamma);
        assert!((by_rates.total_rate / 0.018555478803165208 - 1.0).abs() < 1e-12, "{}", by_rates.total_rate);
    }

    #[test]
    fn parameters_outside_their_ranges_are_named() {
        type Change = fn(&mut AlternativeCharacteristic);
        let cases: [(Change, &str); 6] = [
            (|mfd| mfd.bin_width = 0.0, "the bin width is 0"),
            (|mfd| mfd.max_mag = 5.0, "maxMag is 5; it must exceed minMag 5"),
            (|mfd| mfd.b_characteristic = 1.5, "bAC 1.5; both must be positive, bAC other than 1.5"),
            (|mfd| mfd.gamma = 1.0, "gamma is 1; it must lie between 0 and 1"),
            (|mfd| mfd.delta = 2.6, "deltaMagAC is 2.6"),
            (|mfd| mfd.total_rate = f64::NAN, "the total rate is NaN"),
        ];
        for (change, expected) in cases {
            let mut mfd = example();
            change(&mut mfd);
            let message = mfd.checked().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
