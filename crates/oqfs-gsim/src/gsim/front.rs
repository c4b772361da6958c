//! Lines on the Earth, such as a trench or a volcanic front, and how far a site is on one side of them.

use crate::geo::Point;
use crate::geo::geodetic::SiteDirection;
use crate::geo::mesh::RectMesh;
use crate::geo::rim::TopEdge;

/// A line of three places or more, which its first and last segments prolong on great circles.
#[derive(Debug)]
pub(super) struct Front(TopEdge);

impl Front {
    /// The line through places, (longitude, latitude) in degrees.
    pub(super) fn through(places: &[(f64, f64)]) -> Front {
        let points = places.iter().map(|&(lon, lat)| Point::new(lon, lat, 0.0)).collect();
        Front(TopEdge::new(&RectMesh::new(1, places.len(), points), 1))
    }

    /// The distance of a site, km, positive on the right of the line.
    pub(super) fn to_the_right(&self, lon: f64, lat: f64) -> f64 {
        self.0.whole(SiteDirection::new(lon, lat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_of_a_line_is_positive() {
        let northwards = Front::through(&[(10.0, 0.0), (10.0, 1.0), (10.0, 2.0)]);
        let degree = 111.19;
        assert!((northwards.to_the_right(11.0, 0.0) - degree).abs() < 0.05);
        assert!((northwards.to_the_right(9.0, 0.0) + degree).abs() < 0.05);
        assert!((northwards.to_the_right(9.5, 30.0) + degree / 2.0 * 30f64.to_radians().cos()).abs() < 0.1);
    }
}
