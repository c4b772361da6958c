//! Point sources on a grid (`ps_grid_spacing`): far away those of a cell are one source, with their mean plane, depth and
//! place.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::CalcError;
use super::contexts::{Collector, Evaluate};
use super::placed::{Placed, Workload};
use super::points::{PlacedPoints, PointAt, PointLike, PointScratch, add_point_source};
use crate::elementary::scalar::cos;
use crate::geo::{KM_TO_DEGREES, Point};
use crate::source::point::{MIDDLE, MagnitudeBin, PlanarRupture, PointRuptures, Spread};
use crate::source::{AspectRatio, NodalPlane, Source, Typology};

/// The point sources of a cell of the grid.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The sources.
    pub members: Vec<CellMember>,
    /// What they are far away, if they are several.
    pub mean: Option<CellMean>,
    /// The number of their ruptures.
    pub ruptures: u64,
}

/// A point source of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellMember {
    /// The source in its group.
    pub source: usize,
    /// Longitude and latitude, degrees.
    pub location: (f64, f64),
}

/// What several point sources are far away.
#[derive(Clone, Debug)]
pub struct CellMean {
    origin: Point,
    /// How much larger the cell is than a point, km.
    slack: f64,
    ruptures: PointRuptures,
}

/// Half the diagonal of a cell over its side, as the engine takes it.
const HALF_DIAGONAL: f64 = 0.707;

/// A source of a group that is taken apart into points.
type Apart<'a> = (&'a Source, &'a PlacedPoints);

/// The point sources of a group by cells of `spacing` km. None where all lie on one parallel or meridian, or there is one
/// alone.
pub fn cells(sources: &[Source], placed: &[Arc<dyn Placed>], spacing: f64) -> Vec<Cell> {
    let apart = |source: usize| -> Option<Apart> {
        Some((&sources[source], placed[source].points().filter(|points| points.whole.is_none())?))
    };
    let members = members(sources.len(), &apart);
    let (x, y): (Vec<f64>, Vec<f64>) = members.iter().map(|m| m.location).unzip();
    let same = |v: &[f64]| v.iter().all(|a| *a == v[0]);
    if members.len() < 2 || same(&x) || same(&y) {
        return Vec::new();
    }
    let side = spacing * KM_TO_DEGREES;
    let mean_lat = y.iter().sum::<f64>() / y.len() as f64;
    let columns = bins(&x, side / cos(mean_lat.to_radians()));
    let rows = bins(&y, side);
    let mut places: HashMap<(usize, usize, String), usize> = HashMap::new();
    let mut found: Vec<Vec<CellMember>> = Vec::new();
    for (i, member) in members.iter().enumerate() {
        // only sources of one temporal occurrence model are put together
        let source = &sources[member.source];
        let place = places.entry((columns[i], rows[i], format!("{:?}", source.tom))).or_insert_with(|| {
            found.push(Vec::new());
            found.len() - 1
        });
        found[*place].push(*member);
    }
    let cell = |members: Vec<CellMember>| {
        let of = |m: &CellMember| apart(m.source).map(|(source, points)| (source, points, m.location));
        let own: Vec<(&Source, &PlacedPoints, (f64, f64))> = members.iter().filter_map(of).collect();
        let ruptures = own.iter().map(|(_, points, _)| points.per_location as u64).sum();
        let mean = (members.len() > 1).then(|| CellMean::new(&own, spacing));
        Cell { mean, ruptures, members: in_single_precision(members) }
    };
    found.into_iter().map(cell).collect()
}

/// Every point of the point-like sources of a group that are taken apart: the point sources first, then those of areas (engine behaviour).
fn members<'a>(count: usize, apart: &dyn Fn(usize) -> Option<Apart<'a>>) -> Vec<CellMember> {
    let points = |is_point: bool| {
        (0..count).flat_map(move |source| {
            let own = apart(source).filter(|(s, _)| matches!(s.typology, Typology::Point(_)) == is_point);
            let locations = own.map_or(&[][..], |(_, points)| &points.locations);
            locations.iter().map(|&location| CellMember { source, location }).collect::<Vec<_>>()
        })
    };
    points(true).chain(points(false)).collect()
}

/// Members of a cell with others are kept in single precision (engine behaviour).
fn in_single_precision(members: Vec<CellMember>) -> Vec<CellMember> {
    if members.len() < 2 {
        return members;
    }
    let single = |m: CellMember| {
        let (lon, lat) = m.location;
        CellMember { location: (f64::from(lon as f32), f64::from(lat as f32)), ..m }
    };
    members.into_iter().map(single).collect()
}

/// The number of the bin of each value; bins are equal, about `width` wide and cover the values.
fn bins(values: &[f64], width: f64) -> Vec<usize> {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = (most - least) / ((most - least) / width).ceil();
    let count = ((most - least) / step).ceil() as usize;
    // edges as numpy's arange gives them
    let delta = (least + step) - least;
    let edge = |i: usize| least + i as f64 * delta;
    let of = |&value: &f64| {
        let guess = (((value - least) / delta) as usize).min(count);
        let mut bin = guess;
        while bin < count && edge(bin) <= value {
            bin += 1;
        }
        while bin > 0 && edge(bin - 1) > value {
            bin -= 1;
        }
        bin
    };
    values.iter().map(of).collect()
}

/// Magnitudes are summed up by their bits: only the same are one.
fn merged(rates: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut sums: BTreeMap<u64, f64> = BTreeMap::new();
    // positive numbers are in the order of their bits
    rates.for_each(|(mag, rate)| *sums.entry(mag.to_bits()).or_insert(0.0) += rate);
    sums.into_iter().map(|(bits, rate)| (f64::from_bits(bits), rate)).collect()
}

impl CellMean {
    /// Of points of sources. Places, seismogenic depths and aspect ratios are means by rate; of angles and hypocentral depths those of the
    /// sources count alike (engine behaviour since 3.26).
    fn new(members: &[(&Source, &PlacedPoints, (f64, f64))], spacing: f64) -> CellMean {
        let (mut by_rate, mut alike) = (Mean::<5>::default(), Mean::<4>::default());
        let mut down_dip: Vec<Option<f64>> = Vec::new();
        let mut rates = Vec::new();
        for &(source, points, (lon, lat)) in members {
            let (spread, own) = (&points.spread, points.rates(source));
            let weight: f64 = own.iter().map(|r| r.1).sum();
            // a ratio by magnitude is that of the first source
            let ratio = source.aspect_ratio.constant().unwrap_or(1.0);
            by_rate.add(weight, [lon, lat, spread.depths.0, spread.depths.1, ratio]);
            let plane = spread.mean_plane();
            alike.add(1.0, [spread.mean_depth(), plane.strike, plane.dip, plane.rake]);
            down_dip.push(spread.mean_down_dip());
            rates.extend(own);
        }
        let ([lon, lat, upper, lower, aspect_ratio], [depth, strike, dip, rake]) = (by_rate.of(), alike.of());
        let spread = Spread {
            depths: (upper, lower),
            nodal_planes: vec![(1.0, NodalPlane::mean(strike, dip, rake))],
            hypo_depths: vec![(1.0, depth)],
            down_dip: mean_down_dip(&down_dip).into_iter().collect(),
        };
        let mut like = members[0].0.clone();
        if like.aspect_ratio.constant().is_some() {
            like.aspect_ratio = AspectRatio::Constant(aspect_ratio);
        }
        CellMean {
            origin: Point::new(lon, lat, depth),
            slack: spacing * HALF_DIAGONAL,
            ruptures: PointRuptures::new(&like, &spread, &merged(rates.into_iter())),
        }
    }
}

/// Mean place of hypocentres down dip, where some source says it; those that do not have them in the middle.
fn mean_down_dip(of_sources: &[Option<f64>]) -> Option<f64> {
    let sum: f64 = of_sources.iter().map(|down_dip| down_dip.unwrap_or(MIDDLE)).sum();
    of_sources.iter().any(Option::is_some).then(|| sum / of_sources.len() as f64)
}

/// The weighted mean of some quantities.
struct Mean<const N: usize> {
    total: f64,
    sums: [f64; N],
}

impl<const N: usize> Default for Mean<N> {
    fn default() -> Self {
        Self { total: 0.0, sums: [0.0; N] }
    }
}

impl<const N: usize> Mean<N> {
    fn add(&mut self, weight: f64, values: [f64; N]) {
        self.total += weight;
        self.sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
    }

    fn of(&self) -> [f64; N] {
        self.sums.map(|sum| sum / self.total)
    }
}

/// The ruptures of the sources of cells.
#[derive(Default)]
struct Members {
    by_source: HashMap<usize, PointRuptures>,
}

impl Members {
    /// Have the ruptures of the sources of a cell; those of others are forgotten.
    fn prepare(&mut self, sources: &[Source], placed: &[Arc<dyn Placed>], cell: &Cell, shift_hypo: bool) {
        self.by_source.retain(|source, _| cell.members.iter().any(|m| m.source == *source));
        for member in &cell.members {
            if let (Entry::Vacant(empty), Some(points)) =
                (self.by_source.entry(member.source), placed[member.source].points())
            {
                empty.insert(points.ruptures_at(&sources[member.source], shift_hypo));
            }
        }
    }

    /// Those of a source.
    fn of(&self, source: usize) -> Option<&PointRuptures> {
        self.by_source.get(&source)
    }
}

/// Add the contexts of cells.
///
/// # Errors
/// If somebody stops the calculation.
pub fn add_cells(
    (sources, placed): (&[Source], &[Arc<dyn Placed>]),
    cells: &[Cell],
    work: &Workload,
    collector: &mut Collector<dyn Evaluate + '_>,
) -> Result<(), CalcError> {
    let (mut scratch, mut members) = (PointScratch::default(), Members::default());
    for cell in cells {
        work.check()?;
        members.prepare(sources, placed, cell, work.shift_hypo);
        if let Some(mean) = &cell.mean {
            let cell = CellAt { cell, mean, members: &members };
            add_point_source(&cell, work.tile(), work.reach, collector, &mut scratch);
        } else {
            for member in &cell.members {
                if let Some(ruptures) = members.of(member.source) {
                    let point = PointAt { ruptures, location: member.location, added: None };
                    add_point_source(&point, work.tile(), work.reach, collector, &mut scratch);
                }
            }
        }
    }
    Ok(())
}

/// A cell with the ruptures of its members.
struct CellAt<'a> {
    cell: &'a Cell,
    mean: &'a CellMean,
    members: &'a Members,
}

impl PointLike for CellAt<'_> {
    fn origin(&self) -> Point {
        self.mean.origin
    }

    fn magnitudes(&self) -> &[MagnitudeBin] {
        self.mean.ruptures.magnitudes()
    }

    fn is_spread(&self) -> bool {
        true
    }

    fn slack(&self) -> f64 {
        self.mean.slack
    }

    fn at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>) {
        out.clear();
        let mag = self.magnitudes()[magnitude].mag;
        for member in &self.cell.members {
            let Some(ruptures) = self.members.of(member.source) else { continue };
            for bin in ruptures.magnitudes().iter().filter(|bin| bin.mag == mag) {
                ruptures.add_at(bin, member.location, out);
            }
        }
    }

    fn mean_at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>) {
        let place = (self.mean.origin.lon, self.mean.origin.lat);
        self.mean.ruptures.mean_at(&self.magnitudes()[magnitude], place, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calc::placed::{Placing, place};
    use crate::source::Mfd;
    use crate::source::point::PointSource;

    fn points(locations: &[(f64, f64)]) -> (Vec<Source>, Vec<Arc<dyn Placed>>) {
        let spread = Spread {
            depths: (0.0, 20.0),
            nodal_planes: vec![(1.0, NodalPlane { strike: 40.0, dip: 50.0, rake: 90.0 })],
            hypo_depths: vec![(0.5, 6.0), (0.5, 12.0)],
            down_dip: Vec::new(),
        };
        let mfd = Mfd::incremental(6.0, 0.5, vec![0.01, 0.002]).unwrap();
        let of = |&location: &(f64, f64)| {
            let typology = Typology::Point(PointSource { location, spread: spread.clone(), part_of: None });
            Source::plain("p", "Volcanic", mfd.clone(), typology)
        };
        let sources: Vec<Source> = locations.iter().map(of).collect();
        let placed = placed(&sources);
        (sources, placed)
    }

    fn placed(sources: &[Source]) -> Vec<Arc<dyn Placed>> {
        let how = Placing { splits: true, reach: 200.0, is_close: &|_| true };
        sources.iter().map(|source| place(source, &how).unwrap()).collect()
    }

    #[test]
    fn neighbours_share_a_cell_and_keep_the_rates() {
        let (sources, placed) = points(&[(13.0, 42.0), (13.1, 42.1), (14.5, 43.0)]);
        let cells = cells(&sources, &placed, 50.0);
        assert_eq!(cells.iter().map(|c| c.members.len()).collect::<Vec<_>>(), [2, 1]);
        assert!(cells[1].mean.is_none());
        let mean = cells[0].mean.as_ref().unwrap();
        assert!((mean.origin.lon - 13.05).abs() < 1e-9 && mean.origin.depth == 9.0);
        let rates: Vec<(f64, f64)> = mean.ruptures.magnitudes().iter().map(|b| (b.mag, b.rate)).collect();
        assert_eq!(rates, [(6.0, 0.02), (6.5, 0.004)]);
    }

    #[test]
    fn places_are_means_by_rate_and_planes_are_not() {
        let (mut sources, _) = points(&[(13.0, 42.0), (13.1, 42.1)]);
        sources[1].mfd = Mfd::incremental(6.0, 0.5, vec![0.03, 0.006]).unwrap();
        let Typology::Point(point) = &mut sources[1].typology else { panic!() };
        point.spread.nodal_planes[0].1.dip = 80.0;
        point.spread.hypo_depths = vec![(1.0, 14.0)];
        let cells = cells(&sources, &placed(&sources), 50.0);
        let mean = cells[0].mean.as_ref().unwrap();
        assert!((mean.origin.lon - 13.075).abs() < 1e-9, "{:?}", mean.origin);
        assert_eq!(mean.origin.depth, 11.5);
        let mut out = Vec::new();
        mean.ruptures.mean_at(&mean.ruptures.magnitudes()[0], (13.0, 42.0), &mut out);
        assert_eq!((out[0].plane.dip, out[0].hypocentre.depth), (65.0, 11.5));
    }

    #[test]
    fn near_a_cell_all_ruptures_are_there() {
        let (sources, placed) = points(&[(13.0, 42.0), (13.1, 42.1)]);
        let cells = cells(&sources, &placed, 50.0);
        let mut members = Members::default();
        members.prepare(&sources, &placed, &cells[0], false);
        let cell = CellAt { cell: &cells[0], mean: cells[0].mean.as_ref().unwrap(), members: &members };
        let mut out = Vec::new();
        cell.at(1, &mut out);
        assert_eq!(out.len(), 4);
        assert!((out.iter().map(|r| r.rate).sum::<f64>() - 0.004).abs() < 1e-15);
        cell.mean_at(1, &mut out);
        assert_eq!((out.len(), out[0].rate), (1, 0.004));
    }

    #[test]
    fn points_on_a_line_stay_alone() {
        let (sources, placed) = points(&[(13.0, 42.0), (13.0, 42.1)]);
        assert!(cells(&sources, &placed, 50.0).is_empty());
    }
}
