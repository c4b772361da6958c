//! Whole surfaces of ruptures: rectangles, meshes, kites, clouds of points; and what is the same for all of them.

use std::sync::OnceLock;

use super::alpha_shape::AlphaShape;
use super::geodetic::{arc_normal, distance_to_arc, middle_point};
use super::kite::{self, KiteOutline};
use super::mesh::{CellSums, Patch, RectMesh, Regularity};
use super::outline::Outline;
use super::planar::PlanarSurface;
use super::points::Points;
use super::projection::Bounds;
use super::rim::TopEdge;
use super::trace::Trace;
use super::{EARTH_RADIUS, Point, Vec3, dot, plane, sub};
use crate::elementary::powi;

/// A surface with what follows from its shape.
#[derive(Clone, Debug)]
pub struct Surface {
    /// What it is made of.
    pub shape: Shape,
    /// Strike, degrees.
    pub strike: f64,
    /// Dip, degrees; not a number for a cloud of two points.
    pub dip: f64,
    /// Down-dip width, km; not a number for a cloud of points.
    pub width: f64,
    /// Area, km²; not a number for a cloud of points.
    pub area: f64,
    /// Depth of the top, km.
    pub ztor: f64,
    /// Depth of the bottom, km.
    pub zbot: f64,
    /// Its middle.
    pub middle: Point,
    /// Its borders.
    pub bounds: Bounds,
    /// The line of its top edge, if it has one.
    pub trace: Option<Trace>,
    footprint: OnceLock<Option<Footprint>>,
    rim: OnceLock<TopEdge>,
}

/// What a surface is made of.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A rectangle.
    Planar(Box<PlanarSurface>),
    /// A full mesh; how its cells count.
    Mesh(RectMesh, Regularity),
    /// Points without an order.
    Cloud(Points),
}

/// The outline of the surface projection of a patch of a mesh.
#[derive(Clone, Debug)]
pub enum Footprint {
    /// Of a mesh without gaps.
    Mesh(Outline),
    /// Of a kite.
    Kite(KiteOutline),
    /// Of a cloud of points.
    Cloud(AlphaShape),
}

/// Sites nearer than this (km) get Joyner-Boore distances to the outline of the rupture, not to the points of its mesh.
pub const OUTLINE_DISTANCE: f64 = 40.0;

impl Footprint {
    /// Of a patch of a mesh. `None` for one wider than half the globe.
    pub fn new(mesh: &RectMesh, patch: Patch, regularity: Regularity) -> Option<Footprint> {
        match regularity {
            Regularity::Kite => KiteOutline::new(mesh, patch).map(Footprint::Kite),
            _ => Outline::new(mesh, patch).map(Footprint::Mesh),
        }
    }

    /// Distance from a site, km; 0 within.
    pub fn distance(&self, sites: &Points, site: usize) -> f64 {
        let (lon, lat) = (sites.lon[site], sites.lat[site]);
        match self {
            Footprint::Mesh(outline) => outline.distance(lon, lat),
            Footprint::Kite(outline) => outline.distance(lon, lat, sites.unit[site].map(|x| x * EARTH_RADIUS)),
            Footprint::Cloud(shape) => shape.distance(lon, lat),
        }
    }
}

/// The largest depth of points, those of a gap aside.
fn deepest(points: &[Point]) -> f64 {
    points.iter().map(|p| p.depth).fold(f64::NEG_INFINITY, f64::max)
}

impl Surface {
    /// A rectangle by its top left, top right, bottom left and bottom right corners. `None` for one wider than half the globe.
    pub fn planar(corners: [Point; 4]) -> Option<Surface> {
        let (strike, dip) = PlanarSurface::strike_dip(&corners);
        let surface = PlanarSurface::from_corners(corners, strike);
        let [tl, tr, _, br] = corners;
        let (lon, lat) = middle_point(tl.lon, tl.lat, br.lon, br.lat);
        Some(Surface {
            strike,
            dip,
            width: surface.width,
            area: surface.width * surface.length,
            ztor: tl.depth,
            zbot: br.depth,
            middle: Point::new(lon, lat, (tl.depth + br.depth) / 2.0),
            bounds: bounds_of(&corners)?,
            trace: Trace::new(vec![(tl.lon, tl.lat), (tr.lon, tr.lat)]),
            shape: Shape::Planar(Box::new(surface)),
            footprint: OnceLock::new(),
            rim: OnceLock::new(),
        })
    }

    /// A mesh, which has gaps only as a kite. `None` for one wider than half the globe.
    pub fn mesh(mesh: RectMesh, regularity: Regularity) -> Option<Surface> {
        let whole = mesh.whole();
        let sums = CellSums::new(&mesh, regularity);
        let (strike, dip) = sums.strike_dip(&mesh, whole);
        let is_kite = regularity == Regularity::Kite;
        let top = if is_kite { kite::top_edge(&mesh) } else { mesh.points[..mesh.cols].to_vec() };
        Some(Surface {
            strike,
            dip,
            width: sums.width(&mesh, whole),
            area: if is_kite { kite::area(&mesh) } else { mesh.area() },
            ztor: mesh.top_depth(whole),
            zbot: deepest(&mesh.points),
            middle: if is_kite { kite::middle(&mesh, whole) } else { mesh.middle_point(whole) },
            bounds: bounds_of(&mesh.points)?,
            trace: Trace::of_top_edge(&top),
            shape: Shape::Mesh(mesh, regularity),
            footprint: OnceLock::new(),
            rim: OnceLock::new(),
        })
    }

    /// Longitude and latitude of its points: the corners of a rectangle.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let (corners, listed, cloud) = match &self.shape {
            Shape::Planar(surface) => (Some(surface.corners()), &[][..], None),
            Shape::Mesh(mesh, _) => (None, &mesh.points[..], None),
            Shape::Cloud(points) => (None, &[][..], Some(points.lon.iter().copied().zip(points.lat.iter().copied()))),
        };
        let place = |point: Point| (point.lon, point.lat);
        let corners = corners.into_iter().flatten().map(place);
        corners.chain(listed.iter().copied().map(place)).chain(cloud.into_iter().flatten())
    }

    /// A cloud of points. `None` for one wider than half the globe, and for fewer than two.
    pub fn cloud(points: &[Point]) -> Option<Surface> {
        let (strike, dip) = plane::strike_dip(points)?;
        let n = points.len() as f64;
        let (lon, lat) = (points.iter().map(|p| p.lon).sum::<f64>() / n, points.iter().map(|p| p.lat).sum::<f64>() / n);
        let off = |p: &Point| powi(p.lon - lon, 2) + powi(p.lat - lat, 2);
        let column = |f: fn(&Point) -> f64| points.iter().map(f).collect::<Vec<f64>>();
        Some(Surface {
            strike,
            dip,
            width: f64::NAN,
            area: f64::NAN,
            ztor: points.iter().map(|p| p.depth).fold(f64::INFINITY, f64::min),
            zbot: deepest(points),
            middle: *points.iter().min_by(|a, b| off(a).total_cmp(&off(b)))?,
            bounds: bounds_of(points)?,
            trace: None,
            shape: Shape::Cloud(Points::new(column(|p| p.lon), column(|p| p.lat), column(|p| p.depth))),
            footprint: OnceLock::new(),
            rim: OnceLock::new(),
        })
    }

    /// Closest distance to a site, km.
    pub fn rrup(&self, sites: &Points, site: usize) -> f64 {
        match &self.shape {
            Shape::Planar(surface) => surface.rrup(sites.xyz[site]),
            Shape::Mesh(mesh, _) => nearest(&mesh.xyz, sites.xyz[site]).1.sqrt(),
            Shape::Cloud(points) => nearest(&points.xyz, sites.xyz[site]).1.sqrt(),
        }
    }

    /// Longitude and latitude of the point that is closest to a site.
    pub fn closest_point(&self, sites: &Points, site: usize) -> Point {
        match &self.shape {
            Shape::Planar(surface) => surface.closest_point(sites.xyz[site]),
            Shape::Mesh(mesh, _) => mesh.points[nearest(&mesh.xyz, sites.xyz[site]).0],
            Shape::Cloud(points) => {
                let i = nearest(&points.xyz, sites.xyz[site]).0;
                Point::new(points.lon[i], points.lat[i], points.depth[i])
            }
        }
    }

    /// Distance of a site to the surface projection, km: to its outline, if the site is near. A cloud of fewer than three points has none.
    pub fn rjb(&self, sites: &Points, site: usize) -> f64 {
        let on_surface = || sites.unit[site].map(|x| x * EARTH_RADIUS);
        let far = match &self.shape {
            Shape::Planar(surface) => return surface.rjb(sites.unit[site], sites.xyz[site]),
            // the outline of a kite measures far sites too
            Shape::Mesh(_, Regularity::Kite) => 0.0,
            Shape::Mesh(mesh, _) => nearest(&mesh.surface_xyz, on_surface()).1.sqrt(),
            Shape::Cloud(points) => nearest(&points.unit, sites.unit[site]).1.sqrt() * EARTH_RADIUS,
        };
        if far >= OUTLINE_DISTANCE {
            return far;
        }
        match self.footprint.get_or_init(|| self.outline()) {
            Some(footprint) => footprint.distance(sites, site),
            None => far,
        }
    }

    fn outline(&self) -> Option<Footprint> {
        match &self.shape {
            Shape::Planar(_) => None,
            Shape::Mesh(mesh, regularity) => Footprint::new(mesh, mesh.whole(), *regularity),
            Shape::Cloud(points) => AlphaShape::new(points).map(Footprint::Cloud),
        }
    }

    /// Distance of a site across strike, km; not a number for a cloud of points.
    pub fn rx(&self, sites: &Points, site: usize) -> f64 {
        match &self.shape {
            Shape::Planar(surface) => surface.rx(sites.unit[site]),
            Shape::Mesh(mesh, _) => self.rim.get_or_init(|| TopEdge::new(mesh, 1)).whole(sites.direction(site)),
            Shape::Cloud(_) => f64::NAN,
        }
    }

    /// Distance of a site off the ends, km; not a number for a cloud of points.
    pub fn ry0(&self, sites: &Points, site: usize) -> f64 {
        match &self.shape {
            Shape::Planar(surface) => surface.ry0(sites.unit[site]),
            Shape::Mesh(mesh, _) => {
                let mut top = mesh.points[..mesh.cols].iter().filter(|p| p.lon.is_finite());
                let Some(first) = top.next() else { return f64::NAN };
                let ends = [first, top.next_back().unwrap_or(first)];
                let arcs = ends.map(|p| arc_normal(p.lon, p.lat, (self.strike + 90.0).rem_euclid(360.0)));
                beyond(&arcs, sites.unit[site])
            }
            Shape::Cloud(_) => f64::NAN,
        }
    }

    /// Whether distances across and along strike, and a width, can be told.
    pub fn has_edges(&self) -> bool {
        !matches!(self.shape, Shape::Cloud(_))
    }
}

/// Distance off the ends of a rupture, km, from the arcs across its ends; 0 between them.
pub fn beyond(arcs: &[Vec3; 2], unit: Vec3) -> f64 {
    let [a, b] = arcs.map(|n| distance_to_arc(n, unit));
    if a * b > 0.0 { a.abs().min(b.abs()) } else { 0.0 }
}

/// The index of the nearest position and the square of its distance. Those that are not numbers do not count.
fn nearest(positions: &[Vec3], from: Vec3) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (i, &position) in positions.iter().enumerate() {
        let d = sub(position, from);
        let d2 = dot(d, d);
        if d2 < best.1 {
            best = (i, d2);
        }
    }
    best
}

fn bounds_of(points: &[Point]) -> Option<Bounds> {
    let (lons, lats): (Vec<f64>, Vec<f64>) =
        points.iter().filter(|p| p.lon.is_finite()).map(|p| (p.lon, p.lat)).unzip();
    Bounds::of(&lons, &lats)
}
