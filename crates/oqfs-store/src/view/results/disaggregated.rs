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
}

impl BinBounds {
    pub fn of(&self, site: usize) -> &[f64] {
        let first = if self.numbers.len() > self.of_site { site * self.of_site } else { 0 };
        self.numbers.get(first..first + self.of_site).unwrap_or(&[])
    }

    /// How many bins there are.
    fn bins(&self) -> usize {
        self.of_site.saturating_sub(1)
    }
}

impl Disaggregated {
    /// `None` if there is no such array.
    pub fn find(source: &ViewSource, group: &str, labels: &str, [n, m, p]: [usize; 3]) -> Result<Option<Self>> {
        let Some(array) = ArrayColumn::find(source, &format!("{group}/{labels}"), None)? else { return Ok(None) };
        let mut bounds = vec![];
        for label in labels.split('_') {
            let Some(found) = ArrayColumn::find(source, &format!("{DISAGG_BINS}/{label}"), None)? else {
                return Ok(None);
            };
            let numbers = found.numbers(0..found.count)?;
            let of_site = if ["Lon", "Lat"].contains(&label) { numbers.len() / n.max(1) } else { numbers.len() };
            bounds.push(BinBounds { numbers, of_site });
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
