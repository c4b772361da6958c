//! Sites on a grid, as cells.
//!
//! The rows of a grid are parallels at equal distances. Along a row the sites are at equal steps: the same number of degrees in all rows,
//! or the same number of kilometres, so that the degrees grow with the inverse of the cosine of the latitude, as in a region with a
//! `region_grid_spacing`. Places of the grid may have no site, as beyond the border of a polygon; at least half of those between the first
//! and the last site of a row must have one, and at least half of the rows.

use std::collections::BTreeMap;

/// The parts of a degree that tell rows apart: sites are kept to as many decimals.
const PARTS: f64 = 1e5;
/// How far a site may be from its place on the grid, in steps.
const OFF: f64 = 0.02;
/// The fewest sites of a grid.
const FEWEST: usize = 4;

/// A grid of sites.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::view) struct Grid {
    /// By the latitude in parts of a degree.
    rows: BTreeMap<i64, GridRow>,
    /// The southernmost latitude and the step to the next row.
    south: f64,
    step: f64,
    /// Longitudes are counted from 0 to 360, because sites are on both sides of the date line.
    across: bool,
}

/// A row: its first longitude, and the step to the next site.
#[derive(Clone, Copy, Debug, PartialEq)]
struct GridRow {
    first: f64,
    step: f64,
}

/// A cell: its edges in degrees. West may be below -180 and east above 180.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::view) struct GridCell {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Grid {
    /// The grid on which all of these longitudes and latitudes are; `None` if there is none.
    pub fn of(places: &[(f64, f64)]) -> Option<Self> {
        if places.len() < FEWEST || places.iter().any(|(lon, lat)| !lon.is_finite() || !lat.is_finite()) {
            return None;
        }
        let (west, east) = places.iter().fold((f64::MAX, f64::MIN), |(w, e), (lon, _)| (w.min(*lon), e.max(*lon)));
        let across = east - west > 180.0;
        let mut lons: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for (lon, lat) in places {
            lons.entry(parts(*lat)).or_default().push(from_zero(*lon, across));
        }
        lons.values_mut().for_each(|row| row.sort_by(f64::total_cmp));
        let lats: Vec<f64> = lons.keys().map(|lat| *lat as f64 / PARTS).collect();
        let step = even_step(&lats, smallest_gap(&lats)?)?;
        let (south, north) = (*lats.first()?, *lats.last()?);
        if 2 * lats.len() < ((north - south) / step).round() as usize + 1 {
            return None;
        }
        // the longest row says how long the steps of the others are
        let (lat, longest) = lons.iter().max_by_key(|(_, row)| row.len())?;
        let (lat, lon_step) = (*lat as f64 / PARTS, even_step(longest, smallest_gap(longest)?)?);
        let in_degrees = |_: f64| lon_step;
        let in_kilometres = |other: f64| lon_step * lat.to_radians().cos() / other.to_radians().cos();
        let rows = rows_of(&lons, in_degrees).or_else(|| rows_of(&lons, in_kilometres))?;
        Some(Self { rows, south, step, across })
    }

    /// The cell around the site at this place; `None` if there is no such row.
    pub fn cell(&self, lon: f64, lat: f64) -> Option<GridCell> {
        let row = self.rows.get(&parts(lat))?;
        let column = ((from_zero(lon, self.across) - row.first) / row.step).round();
        let line = ((lat - self.south) / self.step).round();
        let (lon, lat) = (|k: f64| row.first + k * row.step, |j: f64| (self.south + j * self.step).clamp(-90.0, 90.0));
        let (west, east) = (lon(column - 0.5), lon(column + 0.5));
        let shift = if west >= 180.0 { 360.0 } else { 0.0 };
        Some(GridCell { west: west - shift, south: lat(line - 0.5), east: east - shift, north: lat(line + 0.5) })
    }
}

fn parts(lat: f64) -> i64 {
    (lat * PARTS).round() as i64
}

fn from_zero(lon: f64, across: bool) -> f64 {
    if across && lon < 0.0 { lon + 360.0 } else { lon }
}

/// The smallest of the gaps between numbers in their order; `None` if there is none above zero.
fn smallest_gap(sorted: &[f64]) -> Option<f64> {
    let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]);
    gaps.min_by(f64::total_cmp).filter(|gap| *gap > 1.0 / PARTS)
}

/// The step of which all numbers are multiples from the first, which is about `step`; `None` if there is none.
fn even_step(sorted: &[f64], step: f64) -> Option<f64> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let steps = ((last - first) / step).round();
    let even = if steps > 0.0 { (last - first) / steps } else { step };
    let is_on = |x: &f64| {
        let place = (x - first) / even;
        (place - place.round()).abs() <= OFF
    };
    ((even / step - 1.0).abs() <= OFF && sorted.iter().all(is_on)).then_some(even)
}

/// The rows with a step of about so much at a latitude; `None` if sites are not at such steps, or are at too few of the places.
fn rows_of(lons: &BTreeMap<i64, Vec<f64>>, step_at: impl Fn(f64) -> f64) -> Option<BTreeMap<i64, GridRow>> {
    let (mut rows, mut places, mut sites) = (BTreeMap::new(), 0.0, 0.0);
    for (lat, row) in lons {
        let step = even_step(row, step_at(*lat as f64 / PARTS))?;
        let (first, last) = (*row.first()?, *row.last()?);
        places += ((last - first) / step).round() + 1.0;
        sites += row.len() as f64;
        rows.insert(*lat, GridRow { first, step });
    }
    (2.0 * sites >= places).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grid of degrees without its first corner.
    fn degrees(west: f64, south: f64, step: f64) -> Vec<(f64, f64)> {
        let place = |(i, j): (u32, u32)| (west + f64::from(i) * step, south + f64::from(j) * step);
        let all = (0..5).flat_map(|j| (0..6).map(move |i| (i, j)));
        let round = |x: f64| (x * 1e5).round() / 1e5;
        all.skip(1)
            .map(place)
            .map(|(lon, lat)| (round(if lon > 180.0 { lon - 360.0 } else { lon }), round(lat)))
            .collect()
    }

    #[test]
    fn cells_of_a_grid_are_around_their_sites_and_have_common_edges() {
        let grid = Grid::of(&degrees(13.0, 42.0, 0.1)).unwrap();
        let cell = |lon, lat| grid.cell(lon, lat).unwrap();
        let (here, beside, above) = (cell(13.2, 42.1), cell(13.3, 42.1), cell(13.2, 42.2));
        assert!((here.west - 13.15).abs() < 1e-9 && (here.south - 42.05).abs() < 1e-9, "{here:?}");
        assert_eq!((here.east, here.north), (beside.west, above.south));
        assert_eq!(grid.cell(13.2, 42.15), None);
    }

    #[test]
    fn a_grid_across_the_date_line_is_one() {
        let grid = Grid::of(&degrees(179.7, -17.0, 0.1)).unwrap();
        let cell = grid.cell(-179.9, -17.0).unwrap();
        assert!((cell.west + 179.95).abs() < 1e-9 && (cell.east + 179.85).abs() < 1e-9, "{cell:?}");
        let cut = grid.cell(180.0, -17.0).unwrap();
        assert!(cut.west < 180.0 && cut.east > 180.0, "{cut:?}");
    }

    #[test]
    fn steps_of_a_region_grow_with_the_latitude() {
        let step = |lat: f64| 0.09 / lat.to_radians().cos();
        let row = |j: u32| {
            let lat = ((47.0 - 0.09 * f64::from(j)) * 1e5).round() / 1e5;
            // a polygon leaves out more in the south
            (j / 3..40).map(move |i| (((7.0 + f64::from(i) * step(lat)) * 1e5).round() / 1e5, lat))
        };
        let grid = Grid::of(&(0..30).flat_map(row).collect::<Vec<_>>()).unwrap();
        let width = |lat| grid.cell(8.0, lat).map(|cell| cell.east - cell.west);
        assert!((width(47.0).unwrap() - step(47.0)).abs() < 1e-5, "{:?}", width(47.0));
        assert!(width(47.0) > width(44.39));
    }

    #[test]
    fn towns_are_no_grid() {
        let towns = [(13.4, 42.35), (14.79, 40.91), (15.18, 40.93), (13.29, 42.63), (12.5, 41.9), (14.25, 40.85)];
        assert_eq!(Grid::of(&towns), None);
        // pairs on two parallels, and a town thrice
        assert_eq!(Grid::of(&[(10.0, 42.0), (12.3, 42.0), (11.0, 43.0), (15.0, 43.0)]), None);
        assert_eq!(Grid::of(&[(13.4, 42.35), (13.4, 42.35), (13.4, 42.35), (13.5, 42.45), (13.6, 42.45)]), None);
        // far from each other on a fine grid
        let apart = |i: u32| (f64::from(i * i % 97) / 10.0, 40.0 + f64::from(i % 7) / 10.0);
        assert_eq!(Grid::of(&(0..30).map(apart).collect::<Vec<_>>()), None);
    }
}
