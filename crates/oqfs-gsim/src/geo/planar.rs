//! Planar rectangular surfaces: the ruptures of point sources.

use super::geodetic::{arc_normal, azimuth, distance, distance_to_arc, point_at, to_spherical, to_unit};
use super::{EARTH_RADIUS, Point, Vec3, add_scaled, cross, dot, norm, normalized, sub};
use crate::elementary::hypot;
use crate::elementary::scalar::{asin, atan, tan};

/// Dimensions of a rupture, km.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dimensions {
    /// Along strike.
    pub length: f64,
    /// Horizontal projection of the down-dip width.
    pub width: f64,
    /// Vertical projection of the down-dip width.
    pub height: f64,
}

/// By which share of its area in km² a surface given by corners may be off a rectangle, in km (engine behaviour).
const IMPERFECTION: f64 = 0.004;

/// A rectangle on a plane, prepared for distances to many points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanarSurface {
    /// Top left, top right, bottom left and bottom right corners.
    pub corners: [Point; 4],
    /// Length of the top edge, km.
    pub length: f64,
    /// Down-dip width, km.
    pub width: f64,
    top_left: Vec3,
    normal: Vec3,
    along: Vec3,
    down: Vec3,
    /// Normals of the arcs along strike through the bottom left and the top left corner.
    strike_arcs: [Vec3; 2],
    /// Normals of the arcs down dip through the top left and the top right corner.
    dip_arcs: [Vec3; 2],
    /// The corners at zero depth.
    corners_up: [Vec3; 4],
}

impl PlanarSurface {
    /// The rectangle around a hypocentre, moved along its dip to fit between the seismogenic depths.
    ///
    /// The corners lie on the diagonals of the surface projection; a rupture that would reach above the upper of the
    /// `depths` or below the lower is shifted along the plane until it does not.
    pub fn around(
        hypocentre: Point,
        dimensions: Dimensions,
        (strike, dip): (f64, f64),
        depths: (f64, f64),
    ) -> PlanarSurface {
        let Point { lon, lat, depth } = PlanarSurface::centre(hypocentre, dimensions, (strike, dip), depths);
        let (half_length, half_width, half_height) =
            (dimensions.length / 2.0, dimensions.width / 2.0, dimensions.height / 2.0);
        let theta = atan(half_width / half_length).to_degrees();
        let diagonal = hypot(half_length, half_width);
        let corner = |azimuth: f64, depth: f64| {
            let (lon, lat) = point_at(lon, lat, azimuth, diagonal);
            Point { lon, lat, depth }
        };
        let (top, bottom) = (depth - half_height, depth + half_height);
        let corners = [
            corner(strike + 180.0 + theta, top),
            corner(strike - theta, top),
            corner(strike + 180.0 - theta, bottom),
            corner(strike + theta, bottom),
        ];
        PlanarSurface::from_corners(corners, strike)
    }

    /// Where the centre of the rectangle around a hypocentre lies: there, or moved along its dip to fit between the depths.
    pub fn centre(
        hypocentre: Point,
        dimensions: Dimensions,
        (strike, dip): (f64, f64),
        (upper_depth, lower_depth): (f64, f64),
    ) -> Point {
        let half_height = dimensions.height / 2.0;
        let Point { mut lon, mut lat, mut depth } = hypocentre;
        let mut shift = upper_depth - depth + half_height;
        if shift < 0.0 {
            shift = (lower_depth - depth - half_height).min(0.0);
        }
        if shift != 0.0 {
            let horizontal = (shift / tan(dip.to_radians())).abs();
            let azimuth = if shift < 0.0 { strike + 270.0 } else { strike + 90.0 };
            (lon, lat) = point_at(lon, lat, azimuth, horizontal);
            depth += shift;
        }
        Point { lon, lat, depth }
    }

    /// The plane through the top left, top right and bottom left corner.
    pub fn from_corners(corners: [Point; 4], strike: f64) -> PlanarSurface {
        let [tl, tr, bl, br] = corners.map(|c| c.xyz());
        let normal = normalized(cross(sub(tl, tr), sub(tl, bl)));
        let along = normalized(sub(tr, tl));
        let down = cross(normal, along);
        let [xr, xl, xbr] = [tr, bl, br].map(|p| dot(sub(p, tl), along));
        let [yr, yl, ybr] = [tr, bl, br].map(|p| dot(sub(p, tl), down));
        let downdip = (strike + 90.0).rem_euclid(360.0);
        let arc = |k: usize, azimuth: f64| arc_normal(corners[k].lon, corners[k].lat, azimuth);
        PlanarSurface {
            corners,
            length: (xr + (xbr - xl)) / 2.0,
            width: (yl + (ybr - yr)) / 2.0,
            top_left: tl,
            normal,
            along,
            down,
            strike_arcs: [arc(2, strike), arc(0, strike)],
            dip_arcs: [arc(0, downdip), arc(1, downdip)],
            corners_up: corners.map(|c| {
                let u = to_unit(c.lon, c.lat);
                [u[0] * EARTH_RADIUS, u[1] * EARTH_RADIUS, u[2] * EARTH_RADIUS]
            }),
        }
    }

    /// Strike, the azimuth of the top edge, and dip, the inclination of the left side, in degrees.
    pub fn strike_dip(corners: &[Point; 4]) -> (f64, f64) {
        let [tl, tr, bl, _] = corners;
        let vertical = bl.depth - tl.depth;
        let side = hypot(distance(tl.lon, tl.lat, bl.lon, bl.lat), vertical);
        (azimuth(tl.lon, tl.lat, tr.lon, tr.lat), asin(vertical / side).to_degrees())
    }

    /// What keeps it from being a surface with a level top and bottom; `None` if nothing does.
    ///
    /// Rectangles need not be perfect. As in the engine, top and bottom may differ in length by a share of the area, in km and
    /// km²: the published planes of large faults are drawn to that precision.
    pub fn fault(&self) -> Option<String> {
        let [tl, tr, bl, br] = self.corners;
        if tl.depth != tr.depth || bl.depth != br.depth {
            return Some("the top and the bottom edge have to be level".into());
        }
        if bl.depth <= tl.depth {
            return Some(format!("the bottom depth {} is not below the top depth {}", bl.depth, tl.depth));
        }
        let [(xr, ..), (xl, yl, _), (xbr, ybr, _)] = [tr, bl, br].map(|corner| self.on_plane(corner.xyz()));
        let (top, bottom) = (xr, xbr - xl);
        if !(top > 0.0 && bottom > 0.0 && yl + ybr > 0.0) {
            return Some("the corners are not in the order top left, top right, bottom left, bottom right".into());
        }
        if (top - bottom).abs() > self.tolerance() {
            return Some(format!(
                "opposite sides differ in length: {top:.2} km at the top, {bottom:.2} km at the bottom"
            ));
        }
        None
    }

    /// How far the bottom right corner is off the plane through the others, km; `None` if that is as good as nothing.
    pub fn off_plane(&self) -> Option<f64> {
        let off = self.on_plane(self.corners[3].xyz()).2.abs();
        (off > self.tolerance()).then_some(off)
    }

    /// By how much, km, it may be imperfect: a share of its area in km² (engine behaviour).
    fn tolerance(&self) -> f64 {
        IMPERFECTION * self.width * self.length
    }

    /// Distance along strike and down dip of a point from the top left corner, and from the plane, km.
    #[inline]
    fn on_plane(&self, xyz: Vec3) -> (f64, f64, f64) {
        let d = sub(xyz, self.top_left);
        (dot(d, self.along), dot(d, self.down), dot(d, self.normal))
    }

    /// Closest distance to the rectangle, km.
    #[inline]
    pub fn rrup(&self, xyz: Vec3) -> f64 {
        let (x, y, z) = self.on_plane(xyz);
        let dx = x - x.clamp(0.0, self.length.max(0.0));
        let dy = y - y.clamp(0.0, self.width.max(0.0));
        (z * z + dx * dx + dy * dy).sqrt()
    }

    /// The point of the rectangle that is closest.
    pub fn closest_point(&self, xyz: Vec3) -> Point {
        let (x, y, _) = self.on_plane(xyz);
        let on_edge = add_scaled(self.top_left, self.along, x.clamp(0.0, self.length.max(0.0)));
        to_spherical(add_scaled(on_edge, self.down, y.clamp(0.0, self.width.max(0.0))))
    }

    /// Closest distance to the surface projection, km; 0 above the rupture.
    ///
    /// Four great circles through the sides of the projection divide the sphere: beside a corner the distance is to
    /// that corner, beside a side to its arc.
    #[inline]
    pub fn rjb(&self, unit: Vec3, xyz: Vec3) -> f64 {
        let [s1, s2] = self.strike_arcs.map(|n| dot(n, unit));
        let [d1, d2] = self.dip_arcs.map(|n| dot(n, unit));
        let beyond_strike = sign(s1) == sign(s2);
        let beyond_dip = sign(d1) == sign(d2);
        match (beyond_strike, beyond_dip) {
            (true, true) => self.corners_up.iter().map(|&c| norm(sub(xyz, c))).fold(f64::INFINITY, f64::min),
            (true, false) => EARTH_RADIUS * asin(s1.abs().min(s2.abs())),
            (false, true) => EARTH_RADIUS * asin(d1.abs().min(d2.abs())),
            (false, false) => 0.0,
        }
    }

    /// Signed distance to the great circle of the top edge, km; positive on the hanging wall.
    #[inline]
    pub fn rx(&self, unit: Vec3) -> f64 {
        distance_to_arc(self.strike_arcs[1], unit)
    }

    /// Distance off the ends of the rupture, parallel to strike, km; 0 beside it.
    #[inline]
    pub fn ry0(&self, unit: Vec3) -> f64 {
        let [d1, d2] = self.dip_arcs.map(|n| distance_to_arc(n, unit));
        if sign(d1) == sign(d2) { d1.abs().min(d2.abs()) } else { 0.0 }
    }
}

/// -1, 0 or 1.
#[inline]
fn sign(x: f64) -> i8 {
    (x > 0.0) as i8 - (x < 0.0) as i8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::geodetic::to_cartesian;

    fn surface() -> PlanarSurface {
        let dimensions = Dimensions { length: 20.0, width: 5.0, height: 5.0 * 3f64.sqrt() };
        PlanarSurface::around(Point::new(10.0, 45.0, 10.0), dimensions, (0.0, 60.0), (0.0, 20.0))
    }

    #[test]
    fn dimensions_survive() {
        let s = surface();
        assert!((s.length - 20.0).abs() < 0.05 && (s.width - 10.0).abs() < 0.02, "{} {}", s.length, s.width);
    }

    #[test]
    fn a_site_on_the_hanging_wall() {
        let s = surface();
        let (lon, lat) = point_at(10.0, 45.0, 90.0, 30.0);
        let unit = to_unit(lon, lat);
        let xyz = to_cartesian(lon, lat, 0.0);
        assert!((s.rx(unit) - 32.5).abs() < 0.05);
        assert!((s.rjb(unit, xyz) - 27.5).abs() < 0.05);
        assert_eq!(s.ry0(unit), 0.0);
        assert!((s.rrup(xyz) - 27.5f64.hypot(10.0 + 2.5 * 3f64.sqrt())).abs() < 0.05);
    }

    #[test]
    fn above_the_rupture_rjb_is_zero_and_off_its_end_ry0_grows() {
        let s = surface();
        assert_eq!(s.rjb(to_unit(10.0, 45.0), to_cartesian(10.0, 45.0, 0.0)), 0.0);
        let (lon, lat) = point_at(10.0, 45.0, 0.0, 50.0);
        assert!((s.ry0(to_unit(lon, lat)) - 40.0).abs() < 0.05);
    }

    #[test]
    fn a_shallow_hypocentre_moves_the_rupture_down() {
        let dimensions = Dimensions { length: 20.0, width: 5.0, height: 8.0 };
        let s = PlanarSurface::around(Point::new(10.0, 45.0, 1.0), dimensions, (30.0, 60.0), (0.5, 20.0));
        assert!((s.corners[0].depth - 0.5).abs() < 1e-12 && (s.corners[2].depth - 8.5).abs() < 1e-12);
    }
}
