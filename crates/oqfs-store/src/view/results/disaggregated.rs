//! Disaggregations: arrays of shape (N, bins..., M, P, Z), Z being realizations near the mean, or 1 for the mean.

use super::column::ArrayColumn;
use super::misshapen;
use crate::schema::DISAGG_BINS;
use crate::view::Result;
use crate::view::source::ViewSource;

/// The bins of places alone.
pub(in crate::view) const BY_PLACE: &str = "Lon_Lat";

/// An array with what stands along its axes.
#[derive(Debug)]
pub(in crate::view) struct Disaggregated {
    array: ArrayColumn,
    /// The bounds of bins by kind, by site where they differ.
    pub bounds: Vec<BinBounds>,
    /// How many sites, intensity measures, probabilities and realizations there are.
    extents: [usize; 4],
    pub is_by_magnitude: bool,
}

/// The bounds of the bins of one kind.
#[derive(Debug)]
pub(in crate::view) struct BinBounds {
    numbers: Vec<f64>,
    of_site: usize,
    /// Whether they are kept as whole numbers.
    pub is_whole: bool,
}

/// The kinds of bins that differ by site.
const BY_SITE: [&str; 2] = ["Lon", "Lat"];

impl BinBounds {
    /// Those of a kind, `None` if they are not there.
    pub fn find(source: &ViewSource, label: &str, sites: usize) -> Result<Option<Self>> {
        let found = ArrayColumn::find(source, &format!("{DISAGG_BINS}/{label}"), None)?;
        let Some(found) = found.and_then(ArrayColumn::short) else { return Ok(None) };
        let numbers = found.numbers(0..found.count)?;
        let of_site = if BY_SITE.contains(&label) { numbers.len() / sites.max(1) } else { numbers.len() };
        Ok(Some(Self { numbers, of_site, is_whole: found.is_integer() }))
    }

    pub fn of(&self, site: usize) -> &[f64] {
        let first = if self.numbers.len() > self.of_site { site * self.of_site } else { 0 };
        self.numbers.get(first..first + self.of_site).unwrap_or(&[])
    }

    /// What stands for each bin of a site.
    pub fn middles(&self, site: usize) -> Vec<f64> {
        self.of(site).windows(2).map(|two| (two[0] + two[1]) / 2.0).collect()
    }

    /// How many bins there are.
    fn bins(&self) -> usize {
        self.of_site.saturating_sub(1)
    }
}

/// The mean and the mode along each axis of rates by bins, which are `middles`, the last axis changing fastest; and the sum of the rates. The
/// mode is the bin of the largest rate. `None` if no rate is positive.
pub(in crate::view) fn centers(middles: &[Vec<f64>], rates: &[f64]) -> Option<(Vec<f64>, Vec<f64>, f64)> {
    // the place of an element along each axis
    let bins = |mut place: usize| {
        let mut bins = vec![0; middles.len()];
        for (bin, middles) in bins.iter_mut().zip(middles).rev() {
            *bin = place % middles.len().max(1);
            place /= middles.len().max(1);
        }
        bins
    };
    let middles_at = |place: usize| bins(place).into_iter().zip(middles).map(|(bin, middles)| middles[bin]);
    let (mut sums, mut all, mut most) = (vec![0.0; middles.len()], 0.0, (0.0, 0));
    for (place, rate) in rates.iter().enumerate().filter(|(_, rate)| rate.is_finite()) {
        sums.iter_mut().zip(middles_at(place)).for_each(|(sum, middle)| *sum += rate * middle);
        all += rate;
        if *rate > most.0 {
            most = (*rate, place);
        }
    }
    let means = || sums.iter().map(|sum| sum / all).collect();
    (all > 0.0).then(|| (means(), middles_at(most.1).collect(), all))
}

impl Disaggregated {
    /// `None` if there is no such array.
    pub fn find(source: &ViewSource, group: &str, labels: &str, [n, m, p]: [usize; 3]) -> Result<Option<Self>> {
        let Some(array) = ArrayColumn::find(source, &format!("{group}/{labels}"), None)? else { return Ok(None) };
        let mut bounds = vec![];
        for label in labels.split('_') {
            let Some(found) = BinBounds::find(source, label, n)? else { return Ok(None) };
            bounds.push(found);
        }
        let of_rlz = bounds.iter().fold((n * m * p) as u64, |count, b| count.saturating_mul(b.bins() as u64));
        if of_rlz == 0 || array.count % of_rlz != 0 || array.count == 0 {
            return Err(misshapen(labels));
        }
        let z = (array.count / of_rlz) as usize;
        Ok(Some(Self { array, bounds, extents: [n, m, p, z], is_by_magnitude: labels != BY_PLACE }))
    }

    /// The rates of the bins at a site, for an intensity measure and a probability: of the first realization, or of the mean.
    pub fn rates(&self, site: usize, imt: usize, poe: usize) -> Result<Vec<f64>> {
        let [_, m, p, z] = self.extents;
        let bins: usize = self.bounds.iter().map(BinBounds::bins).product();
        let (first, count) = ((site * bins * m * p * z) as u64, (bins * m * p * z) as u64);
        let values = self.array.numbers(first..first + count)?;
        let rate = |poe: &f64| -(-poe).ln_1p();
        Ok(values.iter().skip((imt * p + poe) * z).step_by(m * p * z).map(rate).collect())
    }
}
