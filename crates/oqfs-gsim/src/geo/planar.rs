//! Planar rectangular surfaces: the ruptures of point sources.

use super::geodetic::{Frame, azimuth, distance, point_at, to_spherical, to_unit};
use super::points::Columns;
use super::{EARTH_RADIUS, Point, Vec3, add_scaled, cross, dot, normalized, sub};
use crate::elementary::scalar::{asin, atan, sin_cos, tan};
use crate::elementary::{branchless, hypot};
use crate::vector::Vectorised;

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
    /// Depths of the top and the bottom edge, km.
    pub depths: [f64; 2],
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

/// A rectangle that is the same wherever it is placed: what that takes of sines and cosines is computed once.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Its dimensions.
    pub dimensions: Dimensions,
    dip: f64,
    /// Sine and cosine of the strike, and of the azimuth down dip.
    along: (f64, f64),
    down: (f64, f64),
    /// From its centre to each corner of its surface projection: parts towards the east and the north, and upwards, of a unit vector.
    corners: [Vec3; 4],
}

impl Template {
    /// The rectangle of these dimensions, strike and dip; corners lie on the diagonals of the surface projection.
    pub fn new(dimensions: Dimensions, (strike, dip): (f64, f64)) -> Template {
        let (half_length, half_width) = (dimensions.length / 2.0, dimensions.width / 2.0);
        let theta = atan(half_width / half_length).to_degrees();
        let (sin_d, cos_d) = sin_cos(hypot(half_length, half_width) / EARTH_RADIUS);
        let corner = |azimuth: f64| {
            let (sin, cos) = sin_cos(azimuth.to_radians());
            [sin_d * sin, sin_d * cos, cos_d]
        };
        let azimuths = [strike + 180.0 + theta, strike - theta, strike + 180.0 - theta, strike + theta];
        Template {
            dimensions,
            dip,
            along: sin_cos(strike.to_radians()),
            down: sin_cos((strike + 90.0).to_radians()),
            corners: azimuths.map(corner),
        }
    }

    /// The rectangle around a hypocentre at this frame and depth, moved along its dip to fit between the seismogenic depths.
    pub fn around(&self, at: &Frame, depth: f64, depths: (f64, f64)) -> PlanarSurface {
        let shift = shift(depth, self.dimensions, depths);
        if shift == 0.0 {
            return self.placed(at, depth);
        }
        let horizontal = (shift / tan(self.dip.to_radians())).abs() / EARTH_RADIUS;
        let side = if shift < 0.0 { -1.0 } else { 1.0 };
        let (sin_d, cos_d) = sin_cos(horizontal);
        let moved = at.towards([sin_d * side * self.down.0, sin_d * side * self.down.1, cos_d]);
        self.placed(&Frame::at(moved), depth + shift)
    }

    /// The rectangle around a centre.
    fn placed(&self, centre: &Frame, depth: f64) -> PlanarSurface {
        let half_height = self.dimensions.height / 2.0;
        let units = self.corners.map(|corner| centre.towards(corner));
        PlanarSurface::new(units, [depth - half_height, depth + half_height], self.along, self.down)
    }
}

/// By how much a rectangle with its centre at a depth moves down to fit between the seismogenic depths, km.
fn shift(depth: f64, dimensions: Dimensions, (upper, lower): (f64, f64)) -> f64 {
    let half_height = dimensions.height / 2.0;
    let shift = upper - depth + half_height;
    if shift < 0.0 { (lower - depth - half_height).min(0.0) } else { shift }
}

impl PlanarSurface {
    /// The rectangle around a hypocentre, moved along its dip to fit between the seismogenic depths.
    ///
    /// The corners lie on the diagonals of the surface projection; a rupture that would reach above the upper of the
    /// `depths` or below the lower is shifted along the plane until it does not.
    pub fn around(hypocentre: Point, dimensions: Dimensions, place: (f64, f64), depths: (f64, f64)) -> PlanarSurface {
        let frame = Frame::at(to_unit(hypocentre.lon, hypocentre.lat));
        Template::new(dimensions, place).around(&frame, hypocentre.depth, depths)
    }

    /// Where the centre of the rectangle around a hypocentre lies: there, or moved along its dip to fit between the depths.
    pub fn centre(hypocentre: Point, dimensions: Dimensions, (strike, dip): (f64, f64), depths: (f64, f64)) -> Point {
        let Point { mut lon, mut lat, mut depth } = hypocentre;
        let shift = shift(depth, dimensions, depths);
        if shift != 0.0 {
            let horizontal = (shift / tan(dip.to_radians())).abs();
            let azimuth = if shift < 0.0 { strike + 270.0 } else { strike + 90.0 };
            (lon, lat) = point_at(lon, lat, azimuth, horizontal);
            depth += shift;
        }
        Point { lon, lat, depth }
    }

    /// The plane through the top left, top right and bottom left corner. The top is level, and so is the bottom.
    pub fn from_corners(corners: [Point; 4], strike: f64) -> PlanarSurface {
        let azimuth = |degrees: f64| sin_cos(degrees.to_radians());
        let depths = [corners[0].depth, corners[2].depth];
        PlanarSurface::new(corners.map(|c| to_unit(c.lon, c.lat)), depths, azimuth(strike), azimuth(strike + 90.0))
    }

    /// From the directions of the corners, the depths of top and bottom, and sine and cosine of the azimuths along strike and down dip.
    fn new(units: [Vec3; 4], depths: [f64; 2], strike: (f64, f64), downdip: (f64, f64)) -> PlanarSurface {
        let at_depth = |k: usize| units[k].map(|x| x * (EARTH_RADIUS - depths[k / 2]));
        let [tl, tr, bl, br] = [at_depth(0), at_depth(1), at_depth(2), at_depth(3)];
        let normal = normalized(cross(sub(tl, tr), sub(tl, bl)));
        let along = normalized(sub(tr, tl));
        let down = cross(normal, along);
        let [xr, xl, xbr] = [tr, bl, br].map(|p| dot(sub(p, tl), along));
        let [yr, yl, ybr] = [tr, bl, br].map(|p| dot(sub(p, tl), down));
        let [top_left, top_right, bottom_left] = [0, 1, 2].map(|k| Frame::at(units[k]));
        PlanarSurface {
            depths,
            length: (xr + (xbr - xl)) / 2.0,
            width: (yl + (ybr - yr)) / 2.0,
            top_left: tl,
            normal,
            along,
            down,
            strike_arcs: [bottom_left.arc_normal(strike), top_left.arc_normal(strike)],
            dip_arcs: [top_left.arc_normal(downdip), top_right.arc_normal(downdip)],
            corners_up: units.map(|unit| unit.map(|x| x * EARTH_RADIUS)),
        }
    }

    /// Top left, top right, bottom left and bottom right corners.
    pub fn corners(&self) -> [Point; 4] {
        std::array::from_fn(|k| Point { depth: self.depths[k / 2], ..to_spherical(self.corners_up[k]) })
    }

    /// The same, in Cartesian space.
    pub fn corners_xyz(&self) -> [Vec3; 4] {
        std::array::from_fn(|k| self.corners_up[k].map(|x| x * (1.0 - self.depths[k / 2] / EARTH_RADIUS)))
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
    pub fn fault(&self, corners: &[Point; 4]) -> Option<String> {
        let [tl, tr, bl, br] = *corners;
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
    pub fn off_plane(&self, corners: &[Point; 4]) -> Option<f64> {
        let off = self.on_plane(corners[3].xyz()).2.abs();
        (off > self.tolerance()).then_some(off)
    }

    /// By how much, km, it may be imperfect: a share of its area in km² (engine behaviour).
    fn tolerance(&self) -> f64 {
        IMPERFECTION * self.width * self.length
    }

    /// Distance along strike and down dip of a point from the top left corner, and from the plane, km.
    #[inline(always)]
    fn on_plane(&self, xyz: Vec3) -> (f64, f64, f64) {
        let d = sub(xyz, self.top_left);
        (dot(d, self.along), dot(d, self.down), dot(d, self.normal))
    }

    /// Closest distance to the rectangle, km.
    pub fn rrup(&self, xyz: Vec3) -> f64 {
        self.rrup_of(xyz)
    }

    #[inline(always)]
    fn rrup_of(&self, xyz: Vec3) -> f64 {
        let (x, y, z) = self.on_plane(xyz);
        let dx = x - x.clamp(0.0, self.length.max(0.0));
        let dy = y - y.clamp(0.0, self.width.max(0.0));
        (z * z + dx * dx + dy * dy).sqrt()
    }

    /// Put what is measured from the surface to each site into `out`, which is as long.
    pub fn measure(&self, what: PlanarMeasure, sites: &Columns, out: &mut [f64]) {
        Measured { surface: self, what, sites, out }.vectorised();
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
    pub fn rjb(&self, unit: Vec3, xyz: Vec3) -> f64 {
        self.rjb_of(unit, xyz)
    }

    #[inline(always)]
    fn rjb_of(&self, unit: Vec3, xyz: Vec3) -> f64 {
        let (s1, s2) = (dot(self.strike_arcs[0], unit), dot(self.strike_arcs[1], unit));
        let (d1, d2) = (dot(self.dip_arcs[0], unit), dot(self.dip_arcs[1], unit));
        let mut corner = f64::INFINITY;
        let mut k = 0;
        while k < 4 {
            let off = sub(xyz, self.corners_up[k]);
            corner = corner.min(dot(off, off));
            k += 1;
        }
        // on one side of both arcs the product is positive; on both at once it is 0
        let (beyond_strike, beyond_dip) = (s1 * s2 > 0.0 || s1 == s2, d1 * d2 > 0.0 || d1 == d2);
        let along = if beyond_strike { s1.abs().min(s2.abs()) } else { 0.0 };
        let side = if beyond_dip { d1.abs().min(d2.abs()) } else { along };
        let to_arc = EARTH_RADIUS * branchless::asin(side);
        if beyond_strike && beyond_dip { corner.sqrt() } else { to_arc }
    }

    /// Signed distance to the great circle of the top edge, km; positive on the hanging wall.
    pub fn rx(&self, unit: Vec3) -> f64 {
        self.rx_of(unit)
    }

    #[inline(always)]
    fn rx_of(&self, unit: Vec3) -> f64 {
        EARTH_RADIUS * branchless::asin(dot(self.strike_arcs[1], unit).clamp(-1.0, 1.0))
    }

    /// Distance off the ends of the rupture, parallel to strike, km; 0 beside it.
    pub fn ry0(&self, unit: Vec3) -> f64 {
        self.ry0_of(unit)
    }

    #[inline(always)]
    fn ry0_of(&self, unit: Vec3) -> f64 {
        let (d1, d2) = (dot(self.dip_arcs[0], unit), dot(self.dip_arcs[1], unit));
        let beyond = d1 * d2 > 0.0 || d1 == d2;
        EARTH_RADIUS * branchless::asin(if beyond { d1.abs().min(d2.abs()).min(1.0) } else { 0.0 })
    }
}

/// What is measured from a planar surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanarMeasure {
    /// [`PlanarSurface::rrup`].
    Rrup,
    /// [`PlanarSurface::rjb`].
    Rjb,
    /// [`PlanarSurface::rx`].
    Rx,
    /// [`PlanarSurface::ry0`].
    Ry0,
}

/// See [`PlanarSurface::measure`].
struct Measured<'a> {
    surface: &'a PlanarSurface,
    what: PlanarMeasure,
    sites: &'a Columns,
    out: &'a mut [f64],
}

impl Vectorised for Measured<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Measured { surface, what, sites: Columns { xyz: [x, y, z], unit: [ux, uy, uz] }, out } = self;
        let n = out.len();
        let (x, y, z, ux, uy, uz) = (&x[..n], &y[..n], &z[..n], &ux[..n], &uy[..n], &uz[..n]);
        // a loop each: a choice or a closure within would be in the way of vector instructions
        match what {
            PlanarMeasure::Rrup => {
                for k in 0..n {
                    out[k] = surface.rrup_of([x[k], y[k], z[k]]);
                }
            }
            PlanarMeasure::Rjb => {
                for k in 0..n {
                    out[k] = surface.rjb_of([ux[k], uy[k], uz[k]], [x[k], y[k], z[k]]);
                }
            }
            PlanarMeasure::Rx => {
                for k in 0..n {
                    out[k] = surface.rx_of([ux[k], uy[k], uz[k]]);
                }
            }
            PlanarMeasure::Ry0 => {
                for k in 0..n {
                    out[k] = surface.ry0_of([ux[k], uy[k], uz[k]]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::geodetic::to_cartesian;
    use crate::geo::norm;
    use crate::geo::points::Points;

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
    fn a_rectangle_is_where_its_corners_are_on_the_globe() {
        for (lon, lat, strike, dip, depth) in
            [(10.0, 45.0, 20.0, 60.0, 1.0), (-179.99, -41.0, 200.0, 15.0, 12.0), (0.0, 89.9, 310.0, 90.0, 19.5)]
        {
            let dimensions = Dimensions { length: 20.0, width: 5.0, height: 8.0 };
            let hypocentre = Point::new(lon, lat, depth);
            let placed = PlanarSurface::around(hypocentre, dimensions, (strike, dip), (0.0, 20.0));
            let centre = PlanarSurface::centre(hypocentre, dimensions, (strike, dip), (0.0, 20.0));
            let theta = (2.5f64 / 10.0).atan().to_degrees();
            let diagonal = 10f64.hypot(2.5);
            let azimuths = [strike + 180.0 + theta, strike - theta, strike + 180.0 - theta, strike + theta];
            for (k, (corner, azimuth)) in placed.corners().into_iter().zip(azimuths).enumerate() {
                let (lon, lat) = point_at(centre.lon, centre.lat, azimuth, diagonal);
                let expected = Point::new(lon, lat, centre.depth + if k < 2 { -4.0 } else { 4.0 });
                assert!(norm(sub(corner.xyz(), expected.xyz())) < 1e-8, "{corner:?} {expected:?}");
                assert!(norm(sub(placed.corners_xyz()[k], expected.xyz())) < 1e-8);
            }
        }
    }

    #[test]
    fn what_is_measured_to_many_sites_is_what_is_measured_to_each_with_every_set_of_instructions() {
        let s = surface();
        let grid = || (0..900).map(|i| (9.3 + 0.05 * f64::from(i % 30), 44.4 + 0.04 * f64::from(i / 30)));
        let (lon, lat): (Vec<f64>, Vec<f64>) = grid().unzip();
        let points = Points::new(lon, lat, vec![-0.3; 900]);
        let columns = points.columns(&(0..900).collect::<Vec<u32>>());
        let measure = |k: usize| (points.unit[k], points.xyz[k]);
        for (what, each) in [
            (PlanarMeasure::Rrup, (0..900).map(|k| s.rrup(measure(k).1)).collect::<Vec<f64>>()),
            (PlanarMeasure::Rjb, (0..900).map(|k| s.rjb(measure(k).0, measure(k).1)).collect()),
            (PlanarMeasure::Rx, (0..900).map(|k| s.rx(measure(k).0)).collect()),
            (PlanarMeasure::Ry0, (0..900).map(|k| s.ry0(measure(k).0)).collect()),
        ] {
            let mut out = vec![f64::NAN; 900];
            s.measure(what, &columns, &mut out);
            assert!(out == each, "{what:?}");
            assert!(each.iter().any(|d| *d > 30.0) && each.iter().any(|d| d.abs() < 10.0), "{what:?}");
        }
    }

    #[test]
    fn a_shallow_hypocentre_moves_the_rupture_down() {
        let dimensions = Dimensions { length: 20.0, width: 5.0, height: 8.0 };
        let s = PlanarSurface::around(Point::new(10.0, 45.0, 1.0), dimensions, (30.0, 60.0), (0.5, 20.0));
        assert!((s.depths[0] - 0.5).abs() < 1e-12 && (s.depths[1] - 8.5).abs() < 1e-12);
    }
}
