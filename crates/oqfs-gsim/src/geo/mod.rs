//! Geometry on the sphere, as the engine does it: geodetic distances, projections, polygons, meshes and surfaces.
//!
//! Distances are km on a sphere of radius [`EARTH_RADIUS`], angles are degrees, depths are km and positive downwards.

pub mod alpha_shape;
pub mod geodetic;
pub mod kite;
pub mod line;
pub mod mesh;
pub mod outline;
pub mod planar;
pub mod plane;
pub mod points;
pub mod polygon;
pub mod profiles;
pub mod projection;
pub mod rim;
pub mod steps;
mod stripes;
pub mod surface;
pub mod trace;
pub mod window;

/// Radius of the Earth, km.
pub const EARTH_RADIUS: f64 = 6371.0;

/// Degrees of a great circle that make one km; a degree is taken as 111.2 km, as in the engine's filters.
pub const KM_TO_DEGREES: f64 = 0.0089932;

/// A vector in Cartesian space with its origin at the centre of the Earth, km.
pub type Vec3 = [f64; 3];

/// A point given by its longitude, latitude (degrees) and depth (km).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Longitude, degrees in [-180, 180].
    pub lon: f64,
    /// Latitude, degrees in [-90, 90].
    pub lat: f64,
    /// Depth, km, positive downwards.
    pub depth: f64,
}

impl Point {
    /// A point at a depth.
    pub fn new(lon: f64, lat: f64, depth: f64) -> Point {
        Point { lon, lat, depth }
    }

    /// Its position in Cartesian space, km.
    pub fn xyz(&self) -> Vec3 {
        geodetic::to_cartesian(self.lon, self.lat, self.depth)
    }
}

/// Scalar product.
#[inline(always)]
pub fn dot(a: Vec3, b: Vec3) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Vector product.
#[inline]
pub fn cross(a: Vec3, b: Vec3) -> Vec3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Difference.
#[inline(always)]
pub fn sub(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// Length.
#[inline]
pub fn norm(a: Vec3) -> f64 {
    dot(a, a).sqrt()
}

/// The unit vector of the same direction.
#[inline]
pub fn normalized(a: Vec3) -> Vec3 {
    let n = norm(a);
    [a[0] / n, a[1] / n, a[2] / n]
}

/// `a` plus `b` times `k`.
#[inline]
pub fn add_scaled(a: Vec3, b: Vec3, k: f64) -> Vec3 {
    [a[0] + b[0] * k, a[1] + b[1] * k, a[2] + b[2] * k]
}

/// The nearest whole number; halves go up, for positive numbers. The engine rounds so wherever it counts bins, mesh
/// points or intervals.
#[inline]
pub fn round_half_up(x: f64) -> f64 {
    (x + 0.5).floor()
}
