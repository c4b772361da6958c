//! Numbers for combinations of bins, by which rows are found.

use super::bins::DisaggBins;
use crate::job::DisaggAxis;

/// Numbers for combinations of bins.
#[derive(Clone, Copy)]
pub struct Keys([u64; 4]);

impl Keys {
    /// For these bins.
    pub fn of(bins: &DisaggBins) -> Keys {
        use DisaggAxis::{Dist, Lat, Lon, Mag};
        Keys([Mag, Dist, Lon, Lat].map(|axis| bins.count(axis) as u64))
    }

    /// Of a site, a magnitude and a distance.
    pub fn distance(self, site: usize, mag: usize, dist: usize) -> u64 {
        let [mags, dists, ..] = self.0;
        (site as u64 * mags + mag as u64) * dists + dist as u64
    }

    /// Of a site, a magnitude and a place.
    pub fn place(self, site: usize, mag: usize, (lon, lat): (usize, usize)) -> u64 {
        let [mags, _, lons, lats] = self.0;
        ((site as u64 * mags + mag as u64) * lons + lon as u64) * lats + lat as u64
    }

    /// Of all of these.
    pub fn all(self, site: usize, mag: usize, dist: usize, (lon, lat): (usize, usize)) -> u64 {
        let [_, _, lons, lats] = self.0;
        (self.distance(site, mag, dist) * lons + lon as u64) * lats + lat as u64
    }

    /// The site, the magnitude and the distance.
    pub fn of_distance(self, key: u64) -> [usize; 3] {
        let [mags, dists, ..] = self.0;
        [key / dists / mags, key / dists % mags, key % dists].map(|index| index as usize)
    }

    /// The site, the magnitude, the longitude and the latitude.
    pub fn of_place(self, key: u64) -> [usize; 4] {
        let [mags, _, lons, lats] = self.0;
        let row = key / lats / lons;
        [row / mags, row % mags, key / lats % lons, key % lats].map(|index| index as usize)
    }

    /// The keys of the magnitude with the distance, and of the magnitude with the place.
    pub fn apart(self, key: u64) -> (u64, u64) {
        let [mags, dists, lons, lats] = self.0;
        let (distance, place) = (key / (lons * lats), key % (lons * lats));
        (distance, (distance / dists / mags * mags + distance / dists % mags) * lons * lats + place)
    }
}
