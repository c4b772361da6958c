//! Bounding boxes in spherical coordinates and the orthographic projection centred on them.

use super::{EARTH_RADIUS, geodetic};
use crate::elementary::scalar::{asin, atan2, sin_cos};

/// The angle from the first longitude to the second, degrees in [-180, 180); positive eastwards.
pub fn longitudinal_extent(lon1: f64, lon2: f64) -> f64 {
    (lon2 - lon1 + 180.0).rem_euclid(360.0) - 180.0
}

/// West, east, north and south borders of a collection of points, degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Western border.
    pub west: f64,
    /// Eastern border; smaller than `west` where the box crosses the date line.
    pub east: f64,
    /// Northern border.
    pub north: f64,
    /// Southern border.
    pub south: f64,
}

impl Bounds {
    /// The bounds of points; `None` if they extend over more than 180 degrees of longitude, or there is none.
    pub fn of(lons: &[f64], lats: &[f64]) -> Option<Bounds> {
        let max = |v: &mut dyn Iterator<Item = f64>| v.fold(f64::NEG_INFINITY, f64::max);
        let min = |v: &mut dyn Iterator<Item = f64>| v.fold(f64::INFINITY, f64::min);
        if lons.is_empty() {
            return None;
        }
        let (north, south) = (max(&mut lats.iter().copied()), min(&mut lats.iter().copied()));
        let (mut west, mut east) = (min(&mut lons.iter().copied()), max(&mut lons.iter().copied()));
        if longitudinal_extent(west, east) < 0.0 {
            west = min(&mut lons.iter().copied().filter(|&lon| lon > 0.0));
            east = max(&mut lons.iter().copied().filter(|&lon| lon < 0.0));
            let inside = |&lon: &f64| longitudinal_extent(west, lon) >= 0.0 && longitudinal_extent(lon, east) >= 0.0;
            if !lons.iter().all(inside) {
                return None;
            }
        }
        Some(Bounds { west, east, north, south })
    }
}

/// The orthographic projection: km on a plane that touches the sphere at a centre.
#[derive(Clone, Copy, Debug)]
pub struct Orthographic {
    lambda0: f64,
    sin_phi0: f64,
    cos_phi0: f64,
}

impl Orthographic {
    /// Centred in the middle of the great circle between the north-western and the south-eastern corner.
    pub fn centred_on(bounds: Bounds) -> Orthographic {
        let (lon, lat) = geodetic::middle_point(bounds.west, bounds.north, bounds.east, bounds.south);
        let (sin_phi0, cos_phi0) = sin_cos(lat.to_radians());
        Orthographic { lambda0: lon.to_radians(), sin_phi0, cos_phi0 }
    }

    /// Abscissa and ordinate of a point, km.
    #[inline]
    pub fn project(&self, lon: f64, lat: f64) -> [f64; 2] {
        let (sin_phi, cos_phi) = sin_cos(lat.to_radians());
        let (sin_lambda, cos_lambda) = sin_cos(lon.to_radians() - self.lambda0);
        [
            cos_phi * sin_lambda * EARTH_RADIUS,
            (self.cos_phi0 * sin_phi - self.sin_phi0 * cos_phi * cos_lambda) * EARTH_RADIUS,
        ]
    }

    /// Longitude and latitude of a point of the plane, degrees.
    pub fn unproject(&self, [x, y]: [f64; 2]) -> (f64, f64) {
        let (x, y) = (x / EARTH_RADIUS, y / EARTH_RADIUS);
        let cos_c = (1.0 - (x * x + y * y)).sqrt();
        let phi = asin(cos_c * self.sin_phi0 + y * self.cos_phi0);
        let lambda = atan2(x, self.cos_phi0 * cos_c - y * self.sin_phi0);
        let mut lon = (self.lambda0 + lambda).to_degrees();
        if lon >= 180.0 {
            lon -= 360.0;
        } else if lon <= -180.0 {
            lon += 360.0;
        }
        (lon, phi.to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_cross_the_date_line() {
        let b = Bounds::of(&[-179.0, 178.0, 179.5], &[1.0, -1.0, 0.0]).unwrap();
        assert_eq!((b.west, b.east), (178.0, -179.0));
        assert!(Bounds::of(&[-100.0, 20.0, 100.0], &[0.0; 3]).is_none());
    }

    #[test]
    fn projection_and_back() {
        let p = Orthographic::centred_on(Bounds { west: 12.0, east: 14.0, north: 43.0, south: 42.0 });
        let (lon, lat) = p.unproject(p.project(13.7, 42.1));
        assert!((lon - 13.7).abs() < 1e-12 && (lat - 42.1).abs() < 1e-12);
    }
}
