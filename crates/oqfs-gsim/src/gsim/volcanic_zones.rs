//! Volcanic zones, which attenuate what goes through them, and how long the path from a rupture to a site is there.
//!
//! The zones are polygons in a GeoJSON file. As in the engine, a path is a hundred points on the great circle from the
//! site to the closest point of the rupture, and its length in the zones is the number of points in each, times the
//! distance of two of them: at least 12 km where it is not 0, and at most 80 km.

use crate::geo::geodetic;
use crate::geo::polygon::{Polygon, Projected};

/// The points of a path.
const POINTS: usize = 100;

/// The shortest and the longest path through zones that counts, km.
const BOUNDS: [f64; 2] = [12.0, 80.0];

/// Volcanic zones.
#[derive(Debug)]
pub(super) struct Zones(Vec<Projected>);

impl Zones {
    /// The zones of a GeoJSON text: the outer ring of each polygon.
    ///
    /// # Errors
    /// Says which feature is no polygon.
    pub(super) fn of_geojson(text: &str) -> Result<Zones, String> {
        let json: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let features = json["features"].as_array().ok_or("no features")?;
        let zone = |(number, feature): (usize, &serde_json::Value)| {
            let ring = ring(&feature["geometry"]);
            let ring = ring.ok_or_else(|| format!("feature {} is no Polygon", number + 1))?;
            let projected = Polygon::new(&ring).and_then(|polygon| polygon.project());
            projected.map_err(|e| format!("feature {}: {e}", number + 1))
        };
        features.iter().enumerate().map(zone).collect::<Result<_, String>>().map(Zones)
    }

    /// The length of the path between two points, in degrees, in the zones, km.
    pub(super) fn path(&self, from: (f64, f64), to: (f64, f64)) -> f64 {
        let azimuth = geodetic::azimuth(from.0, from.1, to.0, to.1);
        let spacing = geodetic::distance(from.0, from.1, to.0, to.1) / (POINTS - 1) as f64;
        let points = (0..POINTS).map(|i| match i {
            0 => from,
            i if i + 1 == POINTS => to,
            i => geodetic::point_at(from.0, from.1, azimuth, i as f64 * spacing),
        });
        let within = |(lon, lat): (f64, f64)| self.0.iter().filter(|zone| zone.contains(lon, lat)).count();
        let length = points.map(within).sum::<usize>() as f64 * spacing;
        if length > 0.0 { length.clamp(BOUNDS[0], BOUNDS[1]) } else { 0.0 }
    }
}

/// Longitudes and latitudes of the outer ring of a polygon.
fn ring(geometry: &serde_json::Value) -> Option<Vec<(f64, f64)>> {
    if geometry["type"] != "Polygon" {
        return None;
    }
    let ring = geometry["coordinates"][0].as_array()?;
    ring.iter().map(|point| Some((point[0].as_f64()?, point[1].as_f64()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARES: &str = r#"{"features": [
        {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[3, 0], [4, 0], [4, 1], [3, 1]]]}}]}"#;

    #[test]
    fn a_path_counts_where_it_is_in_zones() {
        let zones = Zones::of_geojson(SQUARES).unwrap();
        let halves = zones.path((0.5, 0.5), (1.5, 0.5));
        assert!((halves / 55.6 - 1.0).abs() < 0.02, "{halves}");
        assert_eq!(zones.path((1.5, 0.5), (2.5, 0.5)), 0.0);
        assert_eq!(zones.path((0.5, 0.5), (0.51, 0.5)), 12.0);
        assert_eq!(zones.path((-0.5, 0.5), (4.5, 0.5)), 80.0);
        assert_eq!(zones.path((0.5, 0.5), (0.5, 0.5)), 0.0);
    }

    #[test]
    fn what_is_no_polygon_is_said() {
        let error = |text: &str| Zones::of_geojson(text).unwrap_err();
        assert_eq!(error("{}"), "no features");
        assert_eq!(
            error(r#"{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}"#),
            "feature 1 is no Polygon"
        );
        let line = r#"{"features": [{"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}]}"#;
        assert!(error(line).starts_with("feature 1: a polygon needs at least 3"), "{}", error(line));
    }
}
