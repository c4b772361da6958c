//! The differences of many pairs of values, counted up.

use super::{HazardDifference, Places, Quantity, Worst};
use crate::geo::Vec3;

/// The differences so far of one statistic and intensity measure.
#[derive(Debug)]
pub(super) struct Tally {
    places: Places,
    /// The largest difference that agrees, as a part of the larger value, and how large one has to be to count.
    tolerance: f64,
    floor: f64,
    /// What is told in the end; the place of the worst pair is found then.
    told: HazardDifference,
    squares: f64,
    /// The relative and the absolute difference of the worst pair.
    worst: (f64, f64),
}

impl Tally {
    pub fn new(
        quantity: Quantity,
        statistic: &str,
        of: &str,
        unit: &'static str,
        places: Places,
        tolerance: f64,
        floor: f64,
    ) -> Self {
        let told = HazardDifference {
            quantity,
            statistic: statistic.to_string(),
            of: of.to_string(),
            unit,
            values: 0,
            not_numbers: 0,
            relative: 0.0,
            absolute: 0.0,
            rms: 0.0,
            agrees: true,
            worst: None,
        };
        Self { places, tolerance, floor, told, squares: 0.0, worst: (0.0, 0.0) }
    }

    /// True if there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Compares the values of a site in both calculations.
    pub fn add(&mut self, site_ids: [u64; 2], of_a: &[f64], of_b: &[f64]) {
        for (place, at) in &self.places {
            let values = [of_a.get(place[0]), of_b.get(place[1])].map(|value| value.copied().unwrap_or(f64::NAN));
            let [a, b] = values;
            self.told.values += 1;
            let (relative, absolute) = if a.is_finite() && b.is_finite() {
                let absolute = (a - b).abs();
                self.squares += absolute * absolute;
                let counts = absolute > self.floor;
                (if counts { absolute / a.abs().max(b.abs()) } else { 0.0 }, absolute)
            } else {
                self.told.not_numbers += 1;
                (f64::INFINITY, 0.0)
            };
            self.told.relative = self.told.relative.max(relative);
            self.told.absolute = self.told.absolute.max(absolute);
            if (relative, absolute) > self.worst {
                self.worst = (relative, absolute);
                // the place of the site is found in the end
                self.told.worst = Some(Worst { site_ids, lon: f64::NAN, lat: f64::NAN, at: *at, values });
            }
        }
    }

    /// The number that the worst site has in the first calculation.
    pub fn worst_site(&self) -> Option<u64> {
        self.told.worst.as_ref().map(|worst| worst.site_ids[0])
    }

    /// What is told, with the place of the worst site.
    pub fn end(mut self, place: Option<Vec3>) -> HazardDifference {
        if let (Some(worst), Some([lon, lat, _])) = (&mut self.told.worst, place) {
            (worst.lon, worst.lat) = (lon, lat);
        }
        let numbers = self.told.values - self.told.not_numbers;
        self.told.rms = (self.squares / numbers.max(1) as f64).sqrt();
        self.told.agrees = self.told.relative <= self.tolerance;
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(pairs: &[[f64; 2]], floor: f64) -> HazardDifference {
        let places = (0..pairs.len()).map(|i| ([i, i], i as f64)).collect();
        let mut tally = Tally::new(Quantity::Curves, "mean", "PGA", "", places, 1e-3, floor);
        let side = |side: usize| pairs.iter().map(|pair| pair[side]).collect::<Vec<_>>();
        tally.add([3, 4], &side(0), &side(1));
        tally.end(Some([13.4, 42.35, 0.0]))
    }

    #[test]
    fn differences_are_parts_of_the_larger_value() {
        let told = tally(&[[0.1, 0.1], [0.02, 0.0200002], [0.5, 0.5001]], 1e-7);
        assert!(told.agrees && (told.relative - 1e-4 / 0.5001).abs() < 1e-9, "{told:?}");
        assert!((told.absolute - 1e-4).abs() < 1e-12 && (told.rms - 1e-4 / 3f64.sqrt()).abs() < 1e-9, "{told:?}");
        let worst = told.worst.unwrap();
        assert_eq!((worst.site_ids, worst.at, worst.lon), ([3, 4], 2.0, 13.4));
    }

    #[test]
    fn differences_up_to_the_floor_do_not_count() {
        assert!(tally(&[[1e-8, 5e-8]], 1e-7).agrees);
        assert!(!tally(&[[1e-8, 5e-8]], 0.0).agrees);
        assert_eq!(tally(&[[0.0, 0.0]], 0.0).worst, None);
    }

    #[test]
    fn what_is_no_number_agrees_with_nothing() {
        for pair in [[f64::NAN, f64::NAN], [f64::NAN, 0.1], [0.1, f64::INFINITY], [f64::INFINITY, f64::INFINITY]] {
            let told = tally(&[pair, [0.1, 0.2]], 1e-7);
            assert!(!told.agrees && told.not_numbers == 1 && told.relative.is_infinite(), "{told:?}");
            assert_eq!(told.worst.unwrap().at, 0.0);
        }
    }
}
