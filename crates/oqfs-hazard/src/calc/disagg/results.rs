//! From sums by bin to probabilities by marginal.

use super::super::model::Model;
use super::Disaggregation;
use super::bins::DisaggBins;
use crate::elementary::scalar::exp_m1;
use crate::job::{DisaggAxis, Marginal};

/// The shapes of the results of a disaggregation, and what is known before them.
#[derive(Clone, Debug)]
pub struct DisaggLayout {
    /// The bins.
    pub bins: DisaggBins,
    /// The marginals.
    pub marginals: Vec<Marginal>,
    /// N: the number of sites.
    pub sites: usize,
    /// M: the number of intensity measures.
    pub imts: usize,
    /// P: the number of levels of each.
    pub poes: usize,
    /// Z: the number of realizations at each site. With several there is their mean too.
    pub realizations: usize,
    /// The realizations, (N, Z).
    pub chosen: Vec<u32>,
    /// The levels, (N, M, P); 0 where there is no hazard.
    pub levels: Vec<f64>,
}

impl DisaggLayout {
    /// Of a model, with the realizations and the levels of each site.
    pub fn of(model: &Model, of: &Disaggregation, chosen: &[Vec<u32>], levels: &[Vec<f64>]) -> DisaggLayout {
        DisaggLayout {
            bins: of.bins.clone(),
            marginals: of.marginals.clone(),
            sites: model.sites.len(),
            imts: of.imts,
            poes: of.levels / of.imts.max(1),
            realizations: of.realizations,
            chosen: chosen.concat(),
            levels: levels.concat(),
        }
    }

    /// The same before realizations and levels are known.
    pub fn before(model: &Model, of: &Disaggregation) -> DisaggLayout {
        let sites = model.sites.len();
        DisaggLayout::of(model, of, &vec![vec![0; of.realizations]; sites], &vec![vec![0.0; of.levels]; sites])
    }

    /// Whether the mean over the realizations is there.
    pub fn has_mean(&self) -> bool {
        self.realizations > 1
    }
}

/// The results of a site: probabilities of exceedance in the investigation time.
#[derive(Clone, Debug)]
pub struct SiteDisaggregation {
    /// The site.
    pub site: usize,
    /// By marginal, (axes, M, P, Z).
    pub realizations: Vec<Vec<f64>>,
    /// By marginal, (axes, M, P) of the mean over the realizations; none with a single one.
    pub mean: Vec<Vec<f64>>,
    /// Of all bins together, (M, P, Z).
    pub all: Vec<f64>,
}

/// Probabilities of all bins together are this at least (engine behaviour).
const LEAST: f64 = 1e-12;

/// The bins of some axes.
struct Grid {
    axes: Vec<DisaggAxis>,
    shape: Vec<usize>,
}

/// A bin of each axis, in the order of [`DisaggAxis`].
type Cell = [usize; 6];

impl Grid {
    fn new(axes: Vec<DisaggAxis>, bins: &DisaggBins) -> Grid {
        Grid { shape: axes.iter().map(|axis| bins.count(*axis)).collect(), axes }
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    fn place(&self, cell: &Cell) -> usize {
        self.axes.iter().zip(&self.shape).fold(0, |place, (axis, count)| place * count + cell[*axis as usize])
    }

    fn cell(&self, mut place: usize) -> Cell {
        let mut cell = [0; 6];
        for (axis, count) in self.axes.iter().zip(&self.shape).rev() {
            cell[*axis as usize] = place % count;
            place /= count;
        }
        cell
    }
}

/// The annual rates of a site by bin.
pub struct Sums {
    /// By tectonic region type and, if a marginal tells them apart, magnitude, distance and epsilon: (bins, M P, columns).
    distances: Vec<f64>,
    by_distance: Grid,
    /// By place and, if a marginal tells them apart, tectonic region type and magnitude.
    places: Vec<f64>,
    by_place: Grid,
    /// The realizations, and their mean if there are several.
    columns: usize,
}

fn columns(of: &Disaggregation) -> usize {
    of.realizations + usize::from(of.realizations > 1)
}

fn grids(of: &Disaggregation) -> [Grid; 2] {
    use DisaggAxis::{Dist, Eps, Lat, Lon, Mag, Trt};
    let is_used = |axis: DisaggAxis, of_places: bool| {
        of.marginals.iter().any(|marginal| marginal.is_of_places() == of_places && marginal.axes.contains(&axis))
    };
    let of_distances = [Trt, Mag, Dist, Eps].into_iter().filter(|axis| *axis == Trt || is_used(*axis, false));
    let of_places = [Trt, Mag, Lon, Lat].into_iter().filter(|axis| is_used(*axis, true));
    [Grid::new(of_distances.collect(), &of.bins), Grid::new(of_places.collect(), &of.bins)]
}

impl Disaggregation {
    /// How many bytes the sums of a site take, and about as much again its results.
    pub fn bytes_of_site(&self) -> f64 {
        let [distances, places] = grids(self);
        let places = if self.has_places() { places.len() } else { 0 };
        let bins = (distances.len() + places) * columns(self);
        (size_of::<f64>() * self.levels * (bins + self.bins_by_source())) as f64
    }
}

impl Sums {
    /// Zeros.
    pub fn new(of: &Disaggregation) -> Sums {
        let [by_distance, by_place] = grids(of);
        let (columns, width) = (columns(of), of.levels * columns(of));
        let places = if of.has_places() { by_place.len() * width } else { 0 };
        Sums {
            distances: vec![0.0; by_distance.len() * width],
            by_distance,
            places: vec![0.0; places],
            by_place,
            columns,
        }
    }

    /// Add the rates (models, M P, E) of a bin of a tectonic region type, a magnitude and a distance; of each model to these columns, times
    /// a factor.
    pub fn add_distance(
        &mut self,
        (trt, mag, dist): (usize, usize, usize),
        bins: usize,
        values: &[f64],
        columns: &[Vec<(usize, f64)>],
    ) {
        let levels = values.len() / (columns.len() * bins).max(1);
        for (values, columns) in values.chunks((levels * bins).max(1)).zip(columns) {
            if columns.is_empty() {
                continue;
            }
            for eps in 0..bins {
                let start = self.by_distance.place(&[trt, mag, dist, 0, 0, eps]) * levels;
                let of_levels = values.iter().skip(eps).step_by(bins);
                add(&mut self.distances[start * self.columns..], of_levels, self.columns, columns);
            }
        }
    }

    /// The same of a bin of a place, (models, M P).
    pub fn add_place(
        &mut self,
        (trt, mag, lon, lat): (usize, usize, usize, usize),
        values: &[f64],
        columns: &[Vec<(usize, f64)>],
    ) {
        let levels = values.len() / columns.len().max(1);
        let start = self.by_place.place(&[trt, mag, 0, lon, lat, 0]) * levels * self.columns;
        for (values, columns) in values.chunks(levels.max(1)).zip(columns) {
            add(&mut self.places[start..], values.iter(), self.columns, columns);
        }
    }

    /// The probabilities in `time` years.
    pub fn results(&self, of: &Disaggregation, site: usize, time: f64) -> SiteDisaggregation {
        let probability = |rate: &f64| -exp_m1(-rate * time);
        let split = |rates: &[f64]| {
            let rows = || rates.chunks(self.columns);
            let realizations = rows().flat_map(|row| row[..of.realizations].iter().map(probability)).collect();
            let mean = rows().flat_map(|row| row[of.realizations..].iter().map(probability)).collect();
            (realizations, mean)
        };
        let marginals = of.marginals.iter().map(|marginal| split(&self.marginal(of, marginal)));
        let (realizations, mean): (Vec<Vec<f64>>, Vec<Vec<f64>>) = marginals.unzip();
        let mut all = vec![0.0; of.levels * self.columns];
        let whole = self.distances.chunks(all.len().max(1));
        whole.for_each(|cell| all.iter_mut().zip(cell).for_each(|(sum, rate)| *sum += rate));
        let all = split(&all).0.into_iter().map(|poe: f64| poe.max(LEAST)).collect();
        let mean = if of.realizations > 1 { mean } else { Vec::new() };
        SiteDisaggregation { site, realizations, mean, all }
    }

    /// The sums over the axes that a marginal does not tell apart.
    fn marginal(&self, of: &Disaggregation, marginal: &Marginal) -> Vec<f64> {
        let (sums, grid) = match marginal.is_of_places() {
            true => (&self.places, &self.by_place),
            false => (&self.distances, &self.by_distance),
        };
        let (kept, width) = (Grid::new(marginal.axes.to_vec(), &of.bins), of.levels * self.columns);
        let mut out = vec![0.0; kept.len() * width];
        for (place, cell) in sums.chunks(width.max(1)).enumerate() {
            let start = kept.place(&grid.cell(place)) * width;
            out[start..start + width].iter_mut().zip(cell).for_each(|(sum, rate)| *sum += rate);
        }
        out
    }
}

/// Add the rate of each level to columns of its row.
fn add<'a>(sums: &mut [f64], rates: impl Iterator<Item = &'a f64>, width: usize, columns: &[(usize, f64)]) {
    for (row, rate) in sums.chunks_mut(width).zip(rates) {
        columns.iter().for_each(|(column, factor)| row[*column] += factor * rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_its_place() {
        let grid = Grid { axes: vec![DisaggAxis::Trt, DisaggAxis::Dist, DisaggAxis::Eps], shape: vec![2, 3, 4] };
        for place in 0..grid.len() {
            assert_eq!(grid.place(&grid.cell(place)), place);
        }
        assert_eq!(grid.cell(23), [1, 0, 2, 0, 0, 3]);
    }
}
