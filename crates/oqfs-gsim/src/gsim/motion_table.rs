//! Tables of ground motion: levels by intensity measure, magnitude and distance, and how the engine interpolates in them.
//!
//! Between periods and between magnitudes the logarithm of a level is linear in the logarithm of the period and in
//! magnitude; between distances either the level is linear in distance or its logarithm is in that of distance.
//! Magnitudes count in hundredths; those above the table count as its greatest. Below the least the table says nothing: the
//! motion is not a number, and [`MotionTable::outside`] says why. Beyond the greatest distance there is no motion to speak of.

use super::packed::Packed;
use super::{GsimError, Imt, ImtKind, ModelInfo, Param};
use crate::arrays::ArrayFile;
use crate::elementary::scalar::{exp, ln};

/// What a table gives for distances beyond it: ln(1e-20).
const NOTHING: f64 = -46.051701859880914;
/// How far from the ends of a table a distance still counts as within, km.
const MARGIN: f64 = 1e-3;
/// The distance that stands for 0 where logarithms are taken, km.
const LEAST: f64 = 1e-5;

/// A table.
#[derive(Debug)]
pub(super) struct MotionTable {
    /// The measure of distance.
    pub(super) metric: Param,
    magnitudes: Vec<f64>,
    /// Of each magnitude, km, ascending; one for all if they are the same.
    distances: Vec<Vec<f64>>,
    medians: Levels,
    /// Total standard deviations, if the table has them.
    sigmas: Option<Levels>,
}

/// Natural logarithms by intensity measure (ascending within their kind), magnitude and distance.
#[derive(Debug, Default)]
struct Levels {
    by_imt: Vec<(Imt, Vec<f64>)>,
}

/// The levels of one intensity measure, by magnitude and distance: those at two periods, and how much the second counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level<'a> {
    below: &'a [f64],
    above: &'a [f64],
    weight: f64,
    /// How many distances there are.
    distances: usize,
}

/// Where a context is in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    magnitude: Step,
    distance: Step,
    /// Whether it is beyond the greatest distance.
    is_beyond: bool,
    /// Whether its magnitude is below the least.
    is_below: bool,
}

/// A place on an axis: after a point, and how much the next one counts.
#[derive(Clone, Copy, Debug)]
struct Step {
    at: usize,
    next: usize,
    weight: f64,
}

impl Step {
    /// Of a place among ascending points, the first or the last beyond them.
    fn among(points: &[f64], at: f64) -> Step {
        let next = points.partition_point(|point| *point < at).min(points.len() - 1);
        let before = next.saturating_sub(1);
        let span = points[next] - points[before];
        let weight = if span > 0.0 { ((at - points[before]) / span).clamp(0.0, 1.0) } else { 0.0 };
        Step { at: before, next, weight }
    }
}

/// How levels go from one distance to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Between {
    /// Linear in distance.
    Linear,
    /// Linear in logarithms of both.
    Logarithmic,
}

impl Levels {
    /// Of the groups `IMLs` and `Total` of a file.
    fn of_file(file: &dyn ArrayFile, group: &str, shape: (usize, usize)) -> Result<Levels, String> {
        let (distances, magnitudes) = shape;
        let array = |name: &str, imts: usize| {
            let (key, wanted) = (format!("{group}/{name}"), [distances, imts, magnitudes]);
            let array = file.numbers(&key)?;
            if array.shape() != wanted {
                return Err(format!("{key} is of shape {:?}; expected {wanted:?}", array.shape()));
            }
            if array.iter().any(|value| !(*value >= 0.0 && value.is_finite())) {
                return Err(format!("{key} holds a number that is no level"));
            }
            let of = move |imt: usize| -> Vec<f64> {
                let places = (0..magnitudes).flat_map(|m| (0..distances).map(move |d| (m, d)));
                places.map(|(m, d)| ln(array[[d, imt, m]].max(f64::MIN_POSITIVE))).collect()
            };
            Ok::<_, String>(of)
        };
        let mut by_imt = Vec::new();
        for imt in [Imt::PGA, Imt::PGV] {
            let name = imt.to_string();
            if file.contains(&format!("{group}/{name}")) {
                by_imt.push((imt, array(&name, 1)?(0)));
            }
        }
        if file.contains(&format!("{group}/SA")) {
            let periods = file.numbers(&format!("{group}/T"))?;
            let spectra = array("SA", periods.len())?;
            for (i, &period) in periods.iter().enumerate() {
                let imt = Imt::sa(period).filter(|_| period > 0.0);
                by_imt.push((imt.ok_or_else(|| format!("{group}/T has the period {period}"))?, spectra(i)));
            }
        }
        if by_imt.is_empty() {
            return Err(format!("{group} has none of PGA, PGV and SA"));
        }
        Ok(Levels::new(by_imt))
    }

    fn new(mut by_imt: Vec<(Imt, Vec<f64>)>) -> Levels {
        by_imt.sort_by_key(|(imt, _)| (imt.kind(), *imt));
        Levels { by_imt }
    }

    fn get(&self, imt: &Imt, distances: usize) -> Option<Level<'_>> {
        let same = |other: &Imt| other.kind() == imt.kind();
        let row = |at: usize| self.by_imt.get(at).filter(|(other, _)| same(other));
        let at = self.by_imt.partition_point(|(other, _)| (other.kind(), *other) < (imt.kind(), *imt));
        let (below, above, weight) = match (at.checked_sub(1).and_then(row), row(at)) {
            (_, Some((found, levels))) if found == imt => (levels, levels, 0.0),
            (Some((low, below)), Some((high, above))) => {
                let [low, high, at] = [low, high, imt].map(|imt| imt.period().map_or(f64::NAN, ln));
                (below, above, (at - low) / (high - low))
            }
            // single precision may put the ends of the periods a little inside
            (Some((end, levels)), None) | (None, Some((end, levels))) if is_close(end, imt) => (levels, levels, 0.0),
            _ => return None,
        };
        Some(Level { below, above, weight, distances })
    }
}

fn is_close(a: &Imt, b: &Imt) -> bool {
    a.period().zip(b.period()).is_some_and(|(a, b)| (a - b).abs() < 5e-8)
}

impl MotionTable {
    /// Of a file as the engine takes it: `Mw`, `Distances` with the attribute `metric`, `IMLs` and `Total` with arrays
    /// by distance, period and magnitude.
    ///
    /// # Errors
    /// Names the array that is missing or of another form.
    pub(super) fn of_file(file: &dyn ArrayFile) -> Result<MotionTable, String> {
        let metric = file.attribute("Distances", "metric")?;
        let magnitudes: Vec<f64> = file.numbers("Mw")?.iter().copied().collect();
        let array = file.numbers("Distances")?;
        let [count, 1, columns] = array.shape()[..] else {
            return Err(format!("Distances is of shape {:?}; expected one of distances, 1, magnitudes", array.shape()));
        };
        if columns != magnitudes.len() {
            return Err(format!("Distances is for {columns} magnitudes; Mw has {}", magnitudes.len()));
        }
        let distances: Vec<Vec<f64>> = (0..columns).map(|m| (0..count).map(|d| array[[d, 0, m]]).collect()).collect();
        let shape = (count, columns);
        let medians = Levels::of_file(file, "IMLs", shape)?;
        let sigmas = Some(Levels::of_file(file, "Total", shape)?);
        MotionTable { metric: Param::Rrup, magnitudes, distances, medians, sigmas }.checked(&metric)
    }

    /// Of a table of the program.
    pub(super) fn of_packed(packed: Packed) -> Result<MotionTable, String> {
        let mut axes = packed.header.axes;
        let mut axis = |name: &str| axes.remove(name).ok_or_else(|| format!("no axis {name}"));
        let (magnitudes, distances) = (axis("magnitude")?, axis("distance")?);
        let imts = packed.header.imts.iter().map(|imt| Imt::parse(imt).map_err(|e| e.to_string()));
        let imts = imts.collect::<Result<Vec<_>, _>>()?;
        let block = packed.values.len() / imts.len().max(1);
        let count = block / magnitudes.len().max(1);
        let constants = |sigma: Vec<f64>| {
            Levels::new(
                imts.iter()
                    .copied()
                    .zip(sigma.iter().map(|sigma| vec![ln(sigma.max(f64::MIN_POSITIVE)); block]))
                    .collect(),
            )
        };
        let sigmas = packed.header.sigma.map(constants);
        let rows = packed.values.chunks(block.max(1)).map(<[f64]>::to_vec);
        let medians = Levels::new(imts.iter().copied().zip(rows).collect());
        let distances = distances.chunks(count.max(1)).map(<[f64]>::to_vec).collect();
        MotionTable { metric: Param::Rrup, magnitudes, distances, medians, sigmas }.checked(&packed.header.metric)
    }

    /// With the measure of distance of this name.
    fn checked(mut self, metric: &str) -> Result<MotionTable, String> {
        const METRICS: [Param; 4] = [Param::Rrup, Param::Rjb, Param::Rhypo, Param::Repi];
        let known = Param::from_name(metric).filter(|param| METRICS.contains(param));
        let names = METRICS.map(Param::name).join(", ");
        self.metric = known.ok_or_else(|| format!("the metric of Distances is {metric:?}; accepted are {names}"))?;
        let ascend = |points: &[f64]| points.windows(2).all(|pair| pair[0] <= pair[1]);
        if self.magnitudes.is_empty() || !ascend(&self.magnitudes) {
            return Err("the magnitudes do not ascend".to_owned());
        }
        if self.distances.iter().any(|of| of.is_empty() || !ascend(of) || of[0] < 0.0) {
            return Err("the distances do not ascend from 0 km".to_owned());
        }
        Ok(self)
    }

    /// The intensity measures of the rows.
    fn imts(&self) -> impl DoubleEndedIterator<Item = &Imt> {
        self.medians.by_imt.iter().map(|(imt, _)| imt)
    }

    /// An error naming the model if the table has no level of the intensity measure.
    pub(super) fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        info.check_kind(imt)?;
        if self.median(imt).is_some() && self.sigmas.is_none() == self.sigma(imt).is_none() {
            return Ok(());
        }
        let mut periods = self.imts().filter(|other| other.kind() == ImtKind::Sa).filter_map(Imt::period);
        match periods.next() {
            Some(min) if imt.kind() == ImtKind::Sa => {
                let max = periods.next_back().unwrap_or(min);
                Err(GsimError::PeriodOutOfRange { model: info.name, imt: *imt, min, max })
            }
            _ => {
                let mut defined: Vec<&str> = self.imts().map(|other| other.kind().name()).collect();
                defined.dedup();
                Err(GsimError::ImtNotDefined { model: info.name, imt: *imt, defined: defined.join(", ") })
            }
        }
    }

    /// The ln-medians of an intensity measure, if the table has them.
    pub(super) fn median(&self, imt: &Imt) -> Option<Level<'_>> {
        self.medians.get(imt, self.distances[0].len())
    }

    /// The logarithms of the total standard deviation of an intensity measure, if the table has them.
    pub(super) fn sigma(&self, imt: &Imt) -> Option<Level<'_>> {
        self.sigmas.as_ref()?.get(imt, self.distances[0].len())
    }

    /// The ln-medians of an intensity measure that has passed [`MotionTable::check`].
    ///
    /// # Panics
    /// If it has not.
    pub(super) fn at(&self, imt: &Imt) -> Level<'_> {
        match self.median(imt) {
            Some(level) => level,
            None => panic!("table of ground motion: {imt} was not checked"),
        }
    }

    /// Where a magnitude and a distance (km, in the measure of the table) are.
    pub(super) fn place(&self, mag: f64, distance: f64, between: Between) -> Place {
        let mag = in_hundredths(mag);
        let magnitude = Step::among(&self.magnitudes, mag);
        // the engine takes the distances of the magnitude before, of the least the last
        let column = match self.magnitudes.partition_point(|known| *known < mag) {
            0 => self.distances.len() - 1,
            after => (after - 1).min(self.distances.len() - 1),
        };
        let points = &self.distances[column];
        let last = points[points.len() - 1];
        let mut step = Step::among(points, distance);
        match between {
            Between::Linear if distance < points[0] + MARGIN => step = Step { at: 0, next: 0, weight: 0.0 },
            Between::Linear => {}
            Between::Logarithmic => {
                let [from, to, at] = [points[step.at], points[step.next], distance].map(|d| ln(d.max(LEAST)));
                step.weight = if to > from { ((at - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
            }
        }
        let is_below = mag < self.magnitudes[0];
        Place { magnitude, distance: step, is_beyond: distance > last + MARGIN, is_below }
    }

    /// Why a magnitude is not in the table; `None` if it is.
    pub(super) fn outside(&self, mag: f64) -> Option<String> {
        let [least, greatest] = [self.magnitudes[0], self.magnitudes[self.magnitudes.len() - 1]];
        let message = || format!("the magnitude {mag} is outside its table, which goes from {least} to {greatest}");
        (in_hundredths(mag) < least).then(message)
    }
}

/// A magnitude as the engine looks it up.
pub(super) fn in_hundredths(mag: f64) -> f64 {
    (mag * 100.0).round_ties_even() / 100.0
}

impl Level<'_> {
    /// The logarithms at the distances before and after a place.
    #[inline]
    fn around(&self, place: &Place) -> [f64; 2] {
        let Step { at, next, weight } = place.magnitude;
        [place.distance.at, place.distance.next].map(|distance| {
            let [low, high] = [at, next].map(|magnitude| {
                let k = magnitude * self.distances + distance;
                self.below[k] + (self.above[k] - self.below[k]) * self.weight
            });
            low + (high - low) * weight
        })
    }

    /// The ln-median at a place.
    #[inline]
    pub(super) fn ln_median(&self, place: &Place, between: Between) -> f64 {
        if place.is_below {
            return f64::NAN;
        }
        if place.is_beyond {
            return NOTHING;
        }
        let ([low, high], weight) = (self.around(place), place.distance.weight);
        match between {
            Between::Linear => ln((1.0 - weight) * exp(low) + weight * exp(high)),
            Between::Logarithmic => low + (high - low) * weight,
        }
    }

    /// The standard deviation at a place, linear in distance.
    #[inline]
    pub(super) fn sigma(&self, place: &Place) -> f64 {
        let [low, high] = self.around(place).map(exp);
        low + (high - low) * place.distance.weight
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, Array1, Array3, arr1};

    use super::*;
    use crate::arrays::Memory;

    /// Of two magnitudes, three distances, `PGA` and two periods: 10^-(magnitude step) / (1 + distance step) and that
    /// over the period.
    fn file() -> Memory {
        let level = |d: usize, m: usize| 10f64.powi(-(m as i32)) / (1.0 + d as f64);
        let pga = Array3::from_shape_fn((3, 1, 2), |(d, _, m)| level(d, m));
        let sa = Array3::from_shape_fn((3, 2, 2), |(d, t, m)| level(d, m) / [0.1, 1.0][t]);
        let mut file = Memory::default()
            .with("Mw", arr1(&[5.0, 6.0]))
            .with("Distances", Array::from_shape_fn((3, 1, 2), |(d, _, _)| 10.0 * d as f64))
            .with("IMLs/PGA", pga)
            .with("IMLs/SA", sa.clone())
            .with("IMLs/T", arr1(&[0.1, 1.0]))
            .with("Total/PGA", Array3::from_elem((3, 1, 2), 0.6))
            .with("Total/SA", Array3::from_elem((3, 2, 2), 0.7))
            .with("Total/T", arr1(&[0.1, 1.0]));
        file.attributes.insert("Distances@metric".into(), "rjb".into());
        file
    }

    fn imt(text: &str) -> Imt {
        text.parse().unwrap()
    }

    #[test]
    fn levels_are_linear_as_in_the_engine() {
        let table = MotionTable::of_file(&file()).unwrap();
        assert_eq!(table.metric, Param::Rjb);
        let median = |text: &str, mag: f64, distance: f64| {
            let place = table.place(mag, distance, Between::Linear);
            table.at(&imt(text)).ln_median(&place, Between::Linear).exp()
        };
        let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        close(median("PGA", 5.0, 0.0), 1.0);
        close(median("PGA", 5.5, 0.0), 10f64.powf(-0.5));
        close(median("PGA", 5.0, 4.0), 1.0 + 0.4 * (0.5 - 1.0));
        close(median("SA(0.5)", 6.0, 20.0), 0.1 / 3.0 / 0.5);
        // beyond the table
        close(median("PGA", 9.0, 0.0), 0.1);
        // at, just above and just below the least magnitude, which counts in hundredths
        close(median("PGA", 4.996, 0.0), 1.0);
        assert!([4.994, 4.99, 0.0].iter().all(|&mag| median("PGA", mag, 0.0).is_nan()));
        assert_eq!(table.outside(4.996), None);
        assert_eq!(
            table.outside(4.99).as_deref(),
            Some("the magnitude 4.99 is outside its table, which goes from 5 to 6")
        );
        close(median("PGA", 5.0, 20.0005), 1.0 / 3.0);
        close(median("PGA", 5.0, 20.1), 1e-20);
        let place = table.place(5.3, 7.0, Between::Linear);
        let sigma = |text: &str| table.sigma(&imt(text)).unwrap().sigma(&place);
        close(sigma("PGA"), 0.6);
        close(sigma("SA(0.3)"), 0.7);
        assert!(["SA(0.05)", "SA(2.0)", "PGV"].iter().all(|text| table.median(&imt(text)).is_none()));
    }

    #[test]
    fn between_distances_logarithms_may_be_linear() {
        let table = MotionTable::of_file(&file()).unwrap();
        let place = table.place(5.0, 14.142135623730951, Between::Logarithmic);
        let found = table.at(&Imt::PGA).ln_median(&place, Between::Logarithmic).exp();
        assert!((found - (0.5f64 / 3.0).sqrt()).abs() < 1e-12, "{found}");
    }

    #[test]
    fn a_file_of_another_form_is_refused_by_what_it_lacks() {
        let error = |file: Memory| MotionTable::of_file(&file).unwrap_err();
        let without = |key: &str| {
            let mut file = file();
            file.numbers.remove(key);
            error(file)
        };
        assert_eq!(without("Mw"), "no Mw");
        assert_eq!(without("IMLs/T"), "no IMLs/T");
        assert_eq!(error(file().with("Mw", Array1::zeros(3))), "Distances is for 2 magnitudes; Mw has 3");
        assert_eq!(error(file().with("Mw", arr1(&[6.0, 5.0]))), "the magnitudes do not ascend");
        let negative = file().with("IMLs/PGA", Array3::from_elem((3, 1, 2), -1.0));
        assert_eq!(error(negative), "IMLs/PGA holds a number that is no level");
        let short = error(file().with("Total/PGA", Array3::from_elem((2, 1, 2), 0.6)));
        assert_eq!(short, "Total/PGA is of shape [2, 1, 2]; expected [3, 1, 2]");
        let mut other = file();
        other.attributes.insert("Distances@metric".into(), "rx".into());
        assert_eq!(error(other), "the metric of Distances is \"rx\"; accepted are rrup, rjb, rhypo, repi");
    }
}
