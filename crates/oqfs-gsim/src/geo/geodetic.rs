//! Great-circle geometry: distances, azimuths, points at a distance, distances to arcs.
//!
//! Formulas: E. Williams, *Aviation Formulary*, as in the engine's `hazardlib.geo.geodetic`.

use std::f64::consts::PI;

use super::{EARTH_RADIUS, Point, Vec3, add_scaled, cross, dot, norm, round_half_up, sub};
use crate::elementary::hypot;
use crate::elementary::scalar::{asin, atan2, cos, sin, sin_cos};

/// Position of a point in Cartesian space, km.
pub fn to_cartesian(lon: f64, lat: f64, depth: f64) -> Vec3 {
    let (sin_lat, cos_lat) = sin_cos(lat.to_radians());
    let (sin_lon, cos_lon) = sin_cos(lon.to_radians());
    let r = EARTH_RADIUS - depth;
    [r * cos_lat * cos_lon, r * cos_lat * sin_lon, r * sin_lat]
}

/// Longitude, latitude and depth of a position in Cartesian space.
pub fn to_spherical(xyz: Vec3) -> Point {
    let r = norm(xyz);
    Point { lon: atan2(xyz[1], xyz[0]).to_degrees(), lat: asin(xyz[2] / r).to_degrees(), depth: EARTH_RADIUS - r }
}

/// Great-circle distance between two points of the surface, km.
pub fn distance(lon1: f64, lat1: f64, lon2: f64, lat2: f64) -> f64 {
    let (lat1, lat2) = (lat1.to_radians(), lat2.to_radians());
    let dlat = sin((lat1 - lat2) / 2.0);
    let dlon = sin((lon1.to_radians() - lon2.to_radians()) / 2.0);
    2.0 * EARTH_RADIUS * asin((dlat * dlat + cos(lat1) * cos(lat2) * dlon * dlon).sqrt())
}

/// Great-circle distance of two unit vectors, km: exact for near points too.
#[inline]
pub fn distance_of_units(a: Vec3, b: Vec3) -> f64 {
    let half_chord = norm(sub(a, b)) / 2.0;
    2.0 * EARTH_RADIUS * asin(half_chord.min(1.0))
}

/// Azimuth from the first point to the second, degrees clockwise from north in [0, 360).
pub fn azimuth(lon1: f64, lat1: f64, lon2: f64, lat2: f64) -> f64 {
    let (lat1, lat2) = (lat1.to_radians(), lat2.to_radians());
    let dlon = lon1.to_radians() - lon2.to_radians();
    let course = atan2(sin(dlon) * cos(lat2), cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(dlon));
    (360.0 - course.to_degrees()).rem_euclid(360.0)
}

/// Longitude and latitude of the point at `distance` km from a point along a great circle of this azimuth.
pub fn point_at(lon: f64, lat: f64, azimuth: f64, distance: f64) -> (f64, f64) {
    let (lon, lat) = (lon.to_radians(), lat.to_radians());
    let course = (360.0 - azimuth).to_radians();
    let (sin_d, cos_d) = sin_cos(distance / EARTH_RADIUS);
    let (sin_lat, cos_lat) = sin_cos(lat);
    let sin_lats = sin_lat * cos_d + cos_lat * sin_d * cos(course);
    let dlon = atan2(sin(course) * sin_d * cos_lat, cos_d - sin_lat * sin_lats);
    let lons = (lon - dlon + PI).rem_euclid(2.0 * PI) - PI;
    (lons.to_degrees(), asin(sin_lats).to_degrees())
}

/// `n` points from `start` along an azimuth, equally spaced over `hdist` km horizontally and `vdist` km downwards.
pub fn points_towards(start: Point, azimuth: f64, hdist: f64, vdist: f64, n: usize) -> Vec<Point> {
    let steps = (n - 1) as f64;
    (0..n)
        .map(|i| {
            if i == 0 {
                return start;
            }
            let (lon, lat) = point_at(start.lon, start.lat, azimuth, i as f64 * (hdist / steps));
            Point { lon, lat, depth: start.depth + i as f64 * (vdist / steps) }
        })
        .collect()
}

/// Points from `a` towards `b` spaced by `length` km; their number is the rounded distance over `length`, plus one.
pub fn intervals_between(a: Point, b: Point, length: f64) -> Vec<Point> {
    let hdist = distance(a.lon, a.lat, b.lon, b.lat);
    let vdist = b.depth - a.depth;
    let total = round_half_up(hypot(hdist, vdist) * 1e7) / 1e7;
    let intervals = round_half_up(total / length);
    if intervals < 1.0 {
        return vec![a];
    }
    let factor = length * intervals / total;
    points_towards(a, azimuth(a.lon, a.lat, b.lon, b.lat), hdist * factor, vdist * factor, intervals as usize + 1)
}

/// The middle of two points of the surface on their great circle.
pub fn middle_point(lon1: f64, lat1: f64, lon2: f64, lat2: f64) -> (f64, f64) {
    if lon1 == lon2 && lat1 == lat2 {
        return (lon1, lat1);
    }
    let half = distance(lon1, lat1, lon2, lat2) / 2.0;
    point_at(lon1, lat1, azimuth(lon1, lat1, lon2, lat2), half)
}

/// The unit normal of the plane of a great circle, such that a point to the right of the arc has a positive product.
///
/// The distance of a point `p` (unit vector) to the arc is `EARTH_RADIUS * asin(dot(normal, p))`: the spherical
/// triangle of the engine's `distance_to_arc` (sine of the angle at the reference point times the sine of the
/// distance) without its trigonometry.
pub fn arc_normal(lon: f64, lat: f64, azimuth: f64) -> Vec3 {
    Frame::at(to_unit(lon, lat)).arc_normal(sin_cos(azimuth.to_radians()))
}

/// The directions at a place of the surface: up, to the east and to the north, as unit vectors.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    up: Vec3,
    east: Vec3,
    north: Vec3,
}

impl Frame {
    /// At a unit vector. A pole, where no direction is east, is as on the meridian of Greenwich.
    #[inline]
    pub fn at(up: Vec3) -> Frame {
        let radius = (up[0] * up[0] + up[1] * up[1]).sqrt();
        let east = if radius > 0.0 { [-up[1] / radius, up[0] / radius, 0.0] } else { [0.0, 1.0, 0.0] };
        Frame { up, east, north: cross(up, east) }
    }

    /// The vector with these parts to the east, to the north and up.
    #[inline]
    pub fn towards(&self, [east, north, up]: Vec3) -> Vec3 {
        add_scaled(add_scaled(self.up.map(|x| x * up), self.east, east), self.north, north)
    }

    /// [`arc_normal`] of the great circle through it along an azimuth, by the sine and cosine of that.
    #[inline]
    pub fn arc_normal(&self, (sin, cos): (f64, f64)) -> Vec3 {
        // the tangent turned by 90 degrees clockwise
        self.towards([cos, -sin, 0.0])
    }
}

/// Signed distance from the great circle with this normal to a unit vector, km; positive on the right of the arc.
#[inline]
pub fn distance_to_arc(normal: Vec3, unit: Vec3) -> f64 {
    EARTH_RADIUS * asin(dot(normal, unit).clamp(-1.0, 1.0))
}

/// A great-circle half that starts at a point in the direction of an azimuth.
#[derive(Clone, Copy, Debug)]
pub struct SemiArc {
    origin: Vec3,
    tangent: Vec3,
    normal: Vec3,
}

impl SemiArc {
    /// The half circle from a point along an azimuth.
    pub fn new(lon: f64, lat: f64, azimuth: f64) -> SemiArc {
        let origin = to_unit(lon, lat);
        let normal = arc_normal(lon, lat, azimuth);
        SemiArc { origin, tangent: cross(origin, normal), normal }
    }

    /// Signed distance to a unit vector, km: to the arc where the point lies ahead of the origin, else to the origin;
    /// negative on the left.
    #[inline]
    pub fn distance(&self, unit: Vec3) -> f64 {
        let side = dot(self.normal, unit);
        if dot(self.tangent, unit) > 0.0 {
            EARTH_RADIUS * asin(side.clamp(-1.0, 1.0))
        } else {
            let d = distance_of_units(self.origin, unit);
            if side < 0.0 { -d } else { d }
        }
    }
}

/// A piece of a great circle between two points.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    start: Vec3,
    end: Vec3,
    normal: Vec3,
    azimuth_unit: [f64; 2],
    ends: [[f64; 2]; 2],
}

impl Segment {
    /// The segment from the first point to the second.
    pub fn new(a: (f64, f64), b: (f64, f64)) -> Segment {
        let azimuth = azimuth(a.0, a.1, b.0, b.1);
        let (sin, cos) = sin_cos(azimuth.to_radians());
        Segment {
            start: to_unit(a.0, a.1),
            end: to_unit(b.0, b.1),
            normal: arc_normal(a.0, a.1, azimuth),
            azimuth_unit: [sin, cos],
            ends: [[a.0, a.1], [b.0, b.1]],
        }
    }

    /// Signed distance to a site, km; negative on the left of the segment.
    ///
    /// Between the perpendiculars at the two ends it is the distance to the great circle, else to the nearer end. As
    /// in the engine the azimuths to the site at both ends are held against the azimuth at the start.
    pub fn distance(&self, site: SiteDirection) -> f64 {
        let ahead = |end: [f64; 2]| {
            let (sin, cos) = site.bearing_from(end);
            (
                cos * self.azimuth_unit[1] + sin * self.azimuth_unit[0],
                sin * self.azimuth_unit[1] - cos * self.azimuth_unit[0],
            )
        };
        let (along_start, right) = ahead(self.ends[0]);
        let (along_end, _) = ahead(self.ends[1]);
        let d = if along_start >= 0.0 && along_end <= 0.0 {
            distance_to_arc(self.normal, site.unit).abs()
        } else {
            norm(sub(self.start, site.unit)).min(norm(sub(self.end, site.unit))) * EARTH_RADIUS
        };
        if right < 0.0 { -d } else { d }
    }
}

/// A site's position prepared for bearings.
#[derive(Clone, Copy, Debug)]
pub struct SiteDirection {
    /// Unit vector of the site.
    pub unit: Vec3,
    lon: f64,
    sin_lat: f64,
    cos_lat: f64,
}

impl SiteDirection {
    /// Prepare a site given in degrees.
    pub fn new(lon: f64, lat: f64) -> SiteDirection {
        let (sin_lat, cos_lat) = sin_cos(lat.to_radians());
        SiteDirection { unit: to_unit(lon, lat), lon: lon.to_radians(), sin_lat, cos_lat }
    }

    /// Sine and cosine, up to a common positive factor, of the azimuth from a point (degrees) to the site.
    fn bearing_from(&self, [lon, lat]: [f64; 2]) -> (f64, f64) {
        let (sin_lat, cos_lat) = sin_cos(lat.to_radians());
        let (sin_d, cos_d) = sin_cos(self.lon - lon.to_radians());
        (sin_d * self.cos_lat, cos_lat * self.sin_lat - sin_lat * self.cos_lat * cos_d)
    }
}

/// Unit vector of a point of the surface.
pub fn to_unit(lon: f64, lat: f64) -> Vec3 {
    let (sin_lat, cos_lat) = sin_cos(lat.to_radians());
    let (sin_lon, cos_lon) = sin_cos(lon.to_radians());
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_the_equator_and_back() {
        assert!((distance(0.0, 0.0, 1.0, 0.0) - EARTH_RADIUS * 1f64.to_radians()).abs() < 1e-9);
        let (lon, lat) = point_at(13.4, 42.3, 133.0, 57.0);
        assert!((distance(13.4, 42.3, lon, lat) - 57.0).abs() < 1e-9);
        assert!((azimuth(13.4, 42.3, lon, lat) - 133.0).abs() < 1e-9);
    }

    #[test]
    fn distance_to_arc_agrees_with_the_spherical_triangle() {
        for (alon, alat, az, lon, lat) in [(10.0, 45.0, 30.0, 11.0, 45.5), (179.5, -3.0, 271.0, -179.0, -2.0)] {
            let to_target = azimuth(alon, alat, lon, lat);
            let d = distance(alon, alat, lon, lat) / EARTH_RADIUS;
            let angle = ((to_target - az).to_radians().sin() * d.sin()).acos();
            let expected = (PI / 2.0 - angle) * EARTH_RADIUS;
            let got = distance_to_arc(arc_normal(alon, alat, az), to_unit(lon, lat));
            assert!((got - expected).abs() < 1e-6, "{got} {expected}");
        }
    }

    #[test]
    fn unit_vectors_give_the_haversine_distance() {
        let d = distance_of_units(to_unit(10.0, 45.0), to_unit(10.001, 45.001));
        assert!((d - distance(10.0, 45.0, 10.001, 45.001)).abs() < 1e-9);
    }

    #[test]
    fn intervals_round_to_the_spacing() {
        let points = intervals_between(Point::new(0.0, 0.0, 5.0), Point::new(0.0, 0.5, 15.0), 2.0);
        let gap = |p: Point, q: Point| distance(p.lon, p.lat, q.lon, q.lat).hypot(p.depth - q.depth);
        assert!(points.windows(2).all(|w| (gap(w[0], w[1]) - 2.0).abs() < 1e-6));
    }
}
