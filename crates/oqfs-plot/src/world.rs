//! Coastlines and borders of Natural Earth, 1:50 million, which is public domain. `scripts/world_lines.py` makes the file.

use std::sync::OnceLock;

/// The units of the file in one degree.
const UNITS: f32 = 180.0;

/// A coast or a border.
#[derive(Debug)]
pub struct WorldLine {
    pub is_border: bool,
    /// Longitudes and latitudes, degrees.
    pub points: Vec<(f32, f32)>,
    /// The range of longitudes, and of latitudes.
    pub lon: (f32, f32),
    pub lat: (f32, f32),
}

/// All lines, read once.
pub fn world() -> &'static [WorldLine] {
    static LINES: OnceLock<Vec<WorldLine>> = OnceLock::new();
    LINES.get_or_init(|| read(include_bytes!("../assets/world.bin")))
}

fn read(mut bytes: &[u8]) -> Vec<WorldLine> {
    let mut lines = vec![];
    while let [kind, low, high, rest @ ..] = bytes {
        let length = usize::from(u16::from_le_bytes([*low, *high])) * 4;
        let Some((points, after)) = rest.split_at_checked(length) else { break };
        let degrees = |a, b| f32::from(i16::from_le_bytes([a, b])) / UNITS;
        let points: Vec<_> = points.chunks_exact(4).map(|p| (degrees(p[0], p[1]), degrees(p[2], p[3]))).collect();
        let range = |of: fn(&(f32, f32)) -> f32| {
            points.iter().map(of).fold((f32::MAX, f32::MIN), |(low, high), x| (low.min(x), high.max(x)))
        };
        lines.push(WorldLine { is_border: *kind == 1, lon: range(|p| p.0), lat: range(|p| p.1), points });
        bytes = after;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_there() {
        let lines = world();
        let near = |lon: f32, lat: f32, is_border: bool| {
            let at = |p: &(f32, f32)| (p.0 - lon).abs() < 0.15 && (p.1 - lat).abs() < 0.15;
            lines.iter().filter(|line| line.is_border == is_border).any(|line| line.points.iter().any(at))
        };
        // the Strait of Gibraltar; Chiasso, between Switzerland and Italy
        assert!(near(-5.6, 36.0, false) && near(9.03, 45.83, true));
        assert!(lines.iter().flat_map(|line| &line.points).all(|(lon, lat)| lon.abs() <= 180.0 && lat.abs() <= 90.0));
    }
}
