//! Simple fault sources: ruptures that float over a surface given by a trace, a dip and two depths.

use super::fault::{FaultRuptures, Floating, Hypocentres};
use super::{SeismogenicDepths, Source, SourceError, check, check_dip, check_rake};
use crate::elementary::scalar::{sin, tan};
use crate::geo::Point;
use crate::geo::mesh::{CellSums, Patch, RectMesh, Regularity};
use crate::geo::polygon::line_crosses_itself;
use crate::geo::{geodetic, line, round_half_up};

/// A simple fault source: NRML `simpleFaultSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleFaultSource {
    /// The trace at the surface.
    pub trace: Vec<Point>,
    /// The depths that ruptures fit between, km.
    pub depths: SeismogenicDepths,
    /// Dip, degrees in (0, 90].
    pub dip: f64,
    /// Rake, degrees.
    pub rake: f64,
    /// Spacing of the mesh that ruptures are made of, km.
    pub mesh_spacing: f64,
    /// Where the hypocentres of its ruptures are.
    pub hypocentres: Hypocentres,
}

impl SimpleFaultSource {
    /// An error if the geometry cannot be.
    pub fn check(&self) -> Result<(), SourceError> {
        let (upper, lower) = self.depths;
        check_dip(self.dip)?;
        check_rake(self.rake)?;
        check("lowerSeismoDepth", lower, lower > upper, &format!("it must be below upperSeismoDepth {upper}"))?;
        check("rupture_mesh_spacing", self.mesh_spacing, self.mesh_spacing > 0.0, "it must be positive")?;
        let trace = line::clean(&self.trace)?;
        let top = trace[0].depth;
        check("upperSeismoDepth", upper, upper >= top, &format!("it must not be above the trace, at {top} km"))?;
        let projection = line::projection_of(&trace)?;
        let line: Vec<_> = trace.iter().map(|p| projection.project(p.lon, p.lat)).collect();
        self.hypocentres.check(self.depths)?;
        if line_crosses_itself(&line) {
            return Err(SourceError::Parameter {
                parameter: "simpleFaultGeometry",
                found: "a trace that intersects itself".into(),
                accepted: "expected a simple line".into(),
            });
        }
        Ok(())
    }

    /// Points whose box holds the surface projection: the trace moved down dip to both depths.
    pub fn projection_vertices(&self) -> Vec<(f64, f64)> {
        let (upper, lower) = self.depths;
        [upper, lower].into_iter().flat_map(|depth| down_dip(&self.trace, depth, self.dip)).collect()
    }
}

/// Longitude and latitude of the points of a trace moved down its dip (degrees) until they are `depth` km deeper.
pub fn down_dip(trace: &[Point], depth: f64, dip: f64) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (trace.first(), trace.last()) else { return Vec::new() };
    let azimuth = (geodetic::azimuth(first.lon, first.lat, last.lon, last.lat) + 90.0).rem_euclid(360.0);
    let tan_dip = tan(dip.to_radians());
    trace.iter().map(|p| geodetic::point_at(p.lon, p.lat, azimuth, depth / tan_dip)).collect()
}

/// Mesh a simple fault and float the ruptures of each magnitude over it.
pub fn ruptures(source: &Source, fault: &SimpleFaultSource) -> Result<FaultRuptures, SourceError> {
    let spacing = fault.mesh_spacing;
    if let Some(min_mag) = source.mfd.min_mag() {
        let (rows, cols) = patch_size(source, fault.rake, min_mag, f64::INFINITY, f64::INFINITY, spacing);
        let accepted = format!("it is too large for ruptures of magnitude {min_mag}: they need 2 x 2 points");
        check("rupture_mesh_spacing", spacing, rows > 1 && cols > 1, &accepted)?;
    }
    let mesh = RectMesh::of_simple_fault(&fault.trace, fault.depths, fault.dip, spacing)?;
    let (length, width) = ((mesh.cols - 1) as f64 * spacing, (mesh.rows - 1) as f64 * spacing);
    let float = |(mag, rate): (f64, f64)| {
        let (rows, cols) = patch_size(source, fault.rake, mag, length, width, spacing);
        let (down, along) = (mesh.rows - rows + 1, mesh.cols - cols + 1);
        let place = |row: usize| (0..along).map(move |col| Patch { row, col, rows, cols });
        Floating { mag, rate: rate / (down * along) as f64, patches: (0..down).flat_map(place).collect() }
    };
    let floating = source.mfd.rates().into_iter().map(float).collect();
    let sums = CellSums::new(&mesh, Regularity::Regular);
    let (rake, spacing, hypocentres) = (fault.rake, fault.mesh_spacing, fault.hypocentres.clone());
    let rows = (fault.depths.0, spacing * sin(fault.dip.to_radians()));
    let made = FaultRuptures { mesh, sums, rake, floating, spacing, hypocentres, rows };
    made.check_hypocentres()?;
    Ok(made)
}

/// Points down dip and along strike of a rupture; where one dimension exceeds the fault (km) the other grows to keep
/// the area, and where both do the rupture is the whole fault.
fn patch_size(source: &Source, rake: f64, mag: f64, length: f64, width: f64, spacing: f64) -> (usize, usize) {
    let area = source.msr.median_area(mag, rake);
    let mut rupture_length = (area * source.aspect_ratio.of(mag)).sqrt();
    let mut rupture_width = area / rupture_length;
    if area >= length * width {
        (rupture_length, rupture_width) = (length, width);
    } else if rupture_width > width {
        (rupture_length, rupture_width) = (rupture_length * (rupture_width / width), width);
    } else if rupture_length > length {
        (rupture_length, rupture_width) = (length, rupture_width * (rupture_length / length));
    }
    let points = |km: f64| round_half_up(km / spacing) as usize + 1;
    (points(rupture_width), points(rupture_length))
}

#[cfg(test)]
mod tests {
    use super::super::fault::HypoDepth;
    use super::*;
    use crate::source::{AspectRatio, Mfd, Msr, Typology};

    fn fault(aspect_ratio: f64) -> (Source, SimpleFaultSource) {
        let fault = SimpleFaultSource {
            trace: vec![Point::new(13.3, 42.4, 0.0), Point::new(13.6, 42.2, 0.0)],
            depths: (1.0, 13.0),
            dip: 50.0,
            rake: -90.0,
            mesh_spacing: 1.0,
            hypocentres: Hypocentres::Middle,
        };
        let source = Source {
            id: "paganica".into(),
            name: "Paganica".into(),
            trt: "Active Shallow Crust".into(),
            mfd: Mfd::incremental(5.5, 0.5, vec![0.01, 0.002, 0.0, 0.0005]).unwrap(),
            msr: Msr::Wc1994,
            aspect_ratio: AspectRatio::Constant(aspect_ratio),
            tom: Default::default(),
            member: None,
            origin: Default::default(),
            typology: Typology::SimpleFault(fault.clone()),
        };
        (source, fault)
    }

    #[test]
    fn ruptures_tile_the_fault_and_keep_the_rate() {
        let (source, fault) = fault(1.5);
        let made = ruptures(&source, &fault).unwrap();
        assert_eq!(made.floating.len(), 3); // the bin without a rate makes none
        for (f, (_, rate)) in made.floating.iter().zip(source.mfd.rates()) {
            assert!((f.patches.len() as f64 * f.rate / rate - 1.0).abs() < 1e-12);
            let last = f.patches[f.patches.len() - 1];
            assert_eq!((last.row + last.rows, last.col + last.cols), (made.mesh.rows, made.mesh.cols));
        }
        assert_eq!(made.floating[2].patches, [made.mesh.whole()]); // magnitude 7 is larger than the fault
    }

    #[test]
    fn a_mesh_too_coarse_for_the_smallest_magnitude_is_refused() {
        let (source, mut fault) = fault(1.5);
        fault.mesh_spacing = 12.0;
        let message = ruptures(&source, &fault).unwrap_err().to_string();
        assert!(message.contains("rupture_mesh_spacing is 12"), "{message}");
    }

    #[test]
    fn listed_hypocentres_share_the_rate() {
        let (source, mut fault) = fault(1.0);
        fault.hypocentres = Hypocentres::Fractions(vec![(0.25, 0.5, 0.4), (0.75, 0.5, 0.6)]);
        let made = ruptures(&source, &fault).unwrap();
        let patch = Patch { row: 0, col: 0, rows: 5, cols: 9 };
        let found: Vec<_> = made.hypocentres_of(patch);
        assert_eq!(found[0].0, *made.mesh.at(2, 2));
        assert_eq!(found[1], (*made.mesh.at(2, 6), 0.6));
    }

    /// Half of three steps of 3.3 km over 3.3 km is 1.4999999999999998, which the engine rounds down; 1.5 would be 2.
    #[test]
    fn half_way_between_two_points_the_engines_arithmetic_decides() {
        let (source, mut fault) = fault(1.0);
        fault.mesh_spacing = 3.3;
        fault.hypocentres = Hypocentres::Fractions(vec![(0.5, 0.0, 1.0)]);
        let made = ruptures(&source, &fault).unwrap();
        let patch = Patch { row: 0, col: 0, rows: 2, cols: 4 };
        assert_eq!(made.hypocentres_of(patch), [(*made.mesh.at(0, 1), 1.0)]);
    }

    /// Depths count where a rupture reaches them, by their share of the probability of those (engine 3.26, `hypoDepthDist`).
    #[test]
    fn hypocentres_at_depths_are_those_within_the_rupture() {
        let at = |depth: f64, probability: f64, down_dip| HypoDepth { probability, depth, down_dip };
        let (source, mut fault) = fault(1.0);
        fault.dip = 90.0;
        fault.hypocentres =
            Hypocentres::Depths(vec![at(3.0, 0.25, None), at(9.0, 0.5, None), at(12.0, 0.25, Some(1.0))]);
        fault.check().unwrap();
        let made = ruptures(&source, &fault).unwrap();
        // from 1 km down to 5 km, and from 7 to 12 km
        let found = |row: usize, rows: usize| -> Vec<(f64, f64)> {
            let patch = Patch { row, col: 0, rows, cols: 5 };
            made.hypocentres_of(patch).into_iter().map(|(p, share)| (p.depth.round(), share)).collect()
        };
        assert_eq!(found(0, 5), [(3.0, 1.0), (5.0, 0.0), (5.0, 0.0)]);
        let third = found(6, 6);
        assert_eq!(third.iter().map(|h| h.0).collect::<Vec<_>>(), [7.0, 9.0, 12.0]);
        assert!((third[1].1 - 2.0 / 3.0).abs() < 1e-12 && (third[2].1 - 1.0 / 3.0).abs() < 1e-12 && third[0].1 == 0.0);

        fault.hypocentres = Hypocentres::Depths(vec![at(3.0, 1.0, None)]);
        let message = ruptures(&source, &fault).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("hypoDepthDist") && message.contains("reaches none of its depths"), "{message}");
        fault.hypocentres = Hypocentres::Depths(vec![at(14.0, 1.0, None)]);
        assert!(fault.check().unwrap_err().to_string().contains("within the seismogenic depths"));
        fault.hypocentres = Hypocentres::Depths(vec![at(3.0, 0.9, None)]);
        assert!(fault.check().unwrap_err().to_string().contains("sum"));
    }

    #[test]
    fn geometry_is_checked() {
        let (_, mut fault) = fault(1.0);
        fault.dip = 0.0;
        assert!(fault.check().unwrap_err().to_string().contains("dip is 0"));
        fault.dip = 60.0;
        fault.depths = (10.0, 5.0);
        assert!(fault.check().unwrap_err().to_string().contains("lowerSeismoDepth is 5"));
    }
}
