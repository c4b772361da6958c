//! The sites as points in space, structure of arrays: what distances are measured to.

use super::geodetic::{self, SiteDirection};
use super::{Vec3, geodetic::to_unit};

/// Positions of N points. Every vector is N long.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Longitudes, degrees.
    pub lon: Vec<f64>,
    /// Latitudes, degrees.
    pub lat: Vec<f64>,
    /// Depths, km, negative above sea level.
    pub depth: Vec<f64>,
    /// Cartesian position at the depth, km.
    pub xyz: Vec<Vec3>,
    /// Direction from the centre of the Earth (unit vectors).
    pub unit: Vec<Vec3>,
}

impl Points {
    /// The points with these coordinates; the slices are of one length.
    pub fn new(lon: Vec<f64>, lat: Vec<f64>, depth: Vec<f64>) -> Points {
        let xyz = (0..lon.len()).map(|i| geodetic::to_cartesian(lon[i], lat[i], depth[i])).collect();
        let unit = (0..lon.len()).map(|i| to_unit(lon[i], lat[i])).collect();
        Points { lon, lat, depth, xyz, unit }
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.lon.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.lon.is_empty()
    }

    /// Some of the points, for loops over them.
    pub fn columns(&self, which: &[u32]) -> Columns {
        let mut columns = Columns::default();
        columns.fill(self, which);
        columns
    }

    /// A point prepared for bearings.
    pub fn direction(&self, i: usize) -> SiteDirection {
        SiteDirection::new(self.lon[i], self.lat[i])
    }
}

/// Positions of points, a column for each coordinate.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Cartesian position at the depth, km.
    pub xyz: [Vec<f64>; 3],
    /// Direction from the centre of the Earth.
    pub unit: [Vec<f64>; 3],
}

impl Columns {
    /// Take some points in place of those before.
    pub fn fill(&mut self, points: &Points, which: &[u32]) {
        for axis in 0..3 {
            let column = |from: &[Vec3], column: &mut Vec<f64>| {
                column.clear();
                column.extend(which.iter().map(|&i| from[i as usize][axis]));
            };
            column(&points.xyz, &mut self.xyz[axis]);
            column(&points.unit, &mut self.unit[axis]);
        }
    }
}
