//! Kite fault sources: ruptures that float over a surface given by profiles.

use super::fault::{FaultRuptures, Floating, Hypocentres};
use super::simple_fault::SimpleFaultSource;
use super::{Source, SourceError, check, check_rake};
use crate::geo::mesh::{CellSums, Patch, RectMesh, Regularity};
use crate::geo::steps::Doubt;
use crate::geo::{Point, profiles};

/// A kite fault source: NRML `kiteFaultSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct KiteFaultSource {
    /// The surface.
    pub geometry: KiteGeometry,
    /// Rake, degrees.
    pub rake: f64,
    /// Spacing of the mesh along strike, km; down dip it is that over the aspect ratio.
    pub mesh_spacing: f64,
    /// By which share of its length and width a rupture moves to its next place; 0 for one step of the mesh.
    pub floating_steps: (f64, f64),
}

/// What the surface of a kite fault is given by.
#[derive(Clone, Debug, PartialEq)]
pub enum KiteGeometry {
    /// Profiles from top to bottom.
    Profiles(Vec<Vec<Point>>),
    /// A trace, the seismogenic depths (km) and a dip (degrees), as of a simple fault.
    Simple {
        /// The trace.
        trace: Vec<Point>,
        /// The seismogenic depths, km.
        depths: super::SeismogenicDepths,
        /// The dip, degrees.
        dip: f64,
    },
}

/// What the dip of a vertical fault is taken for, degrees.
const NEARLY_VERTICAL: f64 = 89.9;

/// By how much the profiles of a simple fault are farther apart than the points of the mesh.
const PROFILE_FACTOR: f64 = 1.01;

impl KiteFaultSource {
    /// An error if the geometry cannot be.
    pub fn check(&self) -> Result<(), SourceError> {
        check_rake(self.rake)?;
        match &self.geometry {
            KiteGeometry::Simple { trace, depths, dip } => {
                let (trace, mesh_spacing) = (trace.clone(), self.mesh_spacing);
                SimpleFaultSource {
                    trace,
                    depths: *depths,
                    dip: *dip,
                    rake: 0.0,
                    mesh_spacing,
                    hypocentres: Hypocentres::Middle,
                }
                .check()
            }
            KiteGeometry::Profiles(_) => {
                check("rupture_mesh_spacing", self.mesh_spacing, self.mesh_spacing > 0.0, "it must be positive")
            }
        }
    }

    /// Points whose box holds the surface projection.
    pub fn projection_vertices(&self, mesh: &RectMesh) -> Vec<(f64, f64)> {
        mesh.points.iter().filter(|p| p.lon.is_finite()).map(|p| (p.lon, p.lat)).collect()
    }

    /// A length that the mesh hangs on, if one is in doubt.
    pub fn doubt(&self, aspect_ratio: f64) -> Option<Doubt> {
        match &self.geometry {
            KiteGeometry::Profiles(profiles) => {
                Doubt::of_kite(profiles, self.mesh_spacing / aspect_ratio, self.mesh_spacing)
            }
            KiteGeometry::Simple { trace, depths, dip } => {
                Doubt::of_simple_fault(trace, *depths, *dip, self.mesh_spacing * PROFILE_FACTOR)
            }
        }
    }

    fn mesh(&self, aspect_ratio: f64) -> Result<RectMesh, SourceError> {
        let profiles = match &self.geometry {
            KiteGeometry::Profiles(profiles) => profiles.clone(),
            KiteGeometry::Simple { trace, depths, dip } => {
                let dip = if (dip - 90.0).abs() < 1e-5 { NEARLY_VERTICAL } else { *dip };
                let mesh = RectMesh::of_simple_fault(trace, *depths, dip, self.mesh_spacing * PROFILE_FACTOR)?;
                (0..mesh.cols).map(|c| (0..mesh.rows).map(|r| *mesh.at(r, c)).collect()).collect()
            }
        };
        Ok(profiles::mesh(&profiles, self.mesh_spacing / aspect_ratio, self.mesh_spacing)?)
    }
}

/// Mesh a kite fault and float the ruptures of each magnitude over it. Magnitudes whose ruptures find no place have none
/// (engine behaviour).
pub fn ruptures(source: &Source, fault: &KiteFaultSource) -> Result<FaultRuptures, SourceError> {
    let mesh = fault.mesh(aspect_ratio(source)?)?;
    let place = |mag: f64| patches(source, fault, &mesh, mag);
    let mut floating = Vec::new();
    for (mag, rate) in source.mfd.rates() {
        let patches = place(mag)?;
        if !patches.is_empty() {
            floating.push(Floating { mag, rate: rate / patches.len() as f64, patches });
        }
    }
    // a source of several magnitudes is split into sources of one, in hundredths
    if floating.len() > 1 {
        for f in &mut floating {
            let total = f.rate * f.patches.len() as f64;
            f.mag = (f.mag * 100.0).round_ties_even() / 100.0;
            f.patches = place(f.mag)?;
            f.rate = total / f.patches.len().max(1) as f64;
        }
    }
    let sums = CellSums::new(&mesh, Regularity::Kite);
    let (rake, spacing, hypocentres) = (fault.rake, fault.mesh_spacing, Hypocentres::Middle);
    Ok(FaultRuptures { mesh, sums, rake, floating, spacing, hypocentres, rows: (0.0, 0.0) })
}

/// Length over width of ruptures, which the mesh has too: one for all magnitudes.
fn aspect_ratio(source: &Source) -> Result<f64, SourceError> {
    source.aspect_ratio.constant().ok_or_else(|| SourceError::Unfit {
        needed: "other sources: an aspectRatioFunction cannot be that of a mesh".to_string(),
        found: "kiteFaultSource".to_string(),
    })
}

/// The places without gaps of ruptures of a magnitude, column by column.
fn patches(source: &Source, fault: &KiteFaultSource, mesh: &RectMesh, mag: f64) -> Result<Vec<Patch>, SourceError> {
    let spacing = fault.mesh_spacing;
    let aspect_ratio = aspect_ratio(source)?;
    let down_dip = spacing / aspect_ratio;
    let area = source.msr.median_area(mag, fault.rake);
    let (length, width) = dimensions(area, spacing, down_dip, aspect_ratio)?;
    let points = |km: f64, step: f64| (km / step).round_ties_even() as usize + 1;
    let (cols, rows) = (points(length, spacing), points(width, down_dip));
    let (along, down) = fault.floating_steps;
    let step = |share: f64, n: usize| if along == 0.0 { 1 } else { ((n as f64 * share).floor() as usize).max(1) };
    let mut out = Vec::new();
    if cols < 2 || rows < 2 || cols > mesh.cols || rows > mesh.rows {
        return Ok(out);
    }
    for col in places(mesh.cols - cols, step(along, cols)) {
        for row in places(mesh.rows - rows, step(down, rows)) {
            let there = |r: usize| (col..col + cols).all(|c| mesh.at(r, c).lon.is_finite());
            if (row..row + rows).all(there) {
                out.push(Patch { row, col, rows, cols });
            }
        }
    }
    Ok(out)
}

/// From 0 to `last` by the largest step, no more than this, that ends there.
fn places(last: usize, step: usize) -> impl Iterator<Item = usize> {
    let fitting = (1..=step).rev().find(|&s| last.is_multiple_of(s)).unwrap_or(1);
    (0..=last).step_by(fitting)
}

/// Lengths below this are none, km.
const NOTHING: f64 = 1e-10;

/// The largest error of the area of a rupture.
const AREA_ERROR: f64 = 0.25;

/// Length and width (km), multiples of the spacings, that come nearest to an area (km²) and an aspect ratio. Both are 0 for a rupture
/// that is smaller than a cell: it has no place.
fn dimensions(area: f64, spacing: f64, down_dip: f64, aspect_ratio: f64) -> Result<(f64, f64), SourceError> {
    // ruptures as long as wide would be as good either way
    let ratio = if aspect_ratio % 1.0 < 0.01 { aspect_ratio + 0.05 } else { aspect_ratio };
    let steps = (area * ratio).sqrt() / spacing;
    let lengths = [steps.ceil() * spacing, steps.floor() * spacing];
    let widths = lengths.map(|l| [(l / ratio / down_dip).ceil() * down_dip, (l / ratio / down_dip).floor() * down_dip]);
    let widths = widths.as_flattened();
    let pairs = widths.iter().chain(widths).enumerate().map(|(k, &width)| (lengths[k % 2], width));
    let off =
        |&(length, width): &(f64, f64)| (length * width - area).abs().sqrt() + (length / width - ratio).abs() * spacing;
    let mut best = (f64::INFINITY, (0.0, 0.0));
    for pair in pairs {
        // a rupture smaller than a cell has neither length nor width, and is taken before any other (engine behaviour)
        if pair == (0.0, 0.0) {
            best = (0.0, pair);
            break;
        }
        if off(&pair) < best.0 {
            best = (off(&pair), pair);
        }
    }
    let (length, width) = best.1;
    let error = (length * width - area).abs() / area;
    let is_nothing = length < NOTHING || width < NOTHING;
    let too_thin = (width - down_dip).abs() < NOTHING || ((length - spacing).abs() < NOTHING && error > 0.3);
    let fits = !too_thin && (error <= AREA_ERROR || is_nothing);
    let accepted = format!("no rupture of {area:.1} km² can be made of cells of {spacing} x {down_dip} km");
    check("rupture_mesh_spacing", spacing, fits, &accepted)?;
    Ok((length, width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{AspectRatio, Mfd, Typology};

    fn fault() -> (Source, KiteFaultSource) {
        let trace = vec![Point::new(13.3, 42.4, 0.0), Point::new(13.6, 42.2, 0.0)];
        let fault = KiteFaultSource {
            geometry: KiteGeometry::Simple { trace, depths: (1.0, 13.0), dip: 50.0 },
            rake: -90.0,
            mesh_spacing: 1.5,
            floating_steps: (0.0, 0.0),
        };
        let mfd = Mfd::incremental(6.0, 0.3, vec![0.01, 0.002]).unwrap();
        let mut source = Source::plain("kite", "Active Shallow Crust", mfd, Typology::KiteFault(fault.clone()));
        source.aspect_ratio = AspectRatio::Constant(1.5);
        (source, fault)
    }

    #[test]
    fn ruptures_tile_the_surface_and_keep_the_rate() {
        let (source, fault) = fault();
        let made = ruptures(&source, &fault).unwrap();
        assert_eq!(made.floating.len(), 2);
        for (f, (mag, rate)) in made.floating.iter().zip(source.mfd.rates()) {
            assert!((f.patches.len() as f64 * f.rate / rate - 1.0).abs() < 1e-12);
            let Patch { rows, cols, .. } = f.patches[0];
            let area = (rows - 1) as f64 * (cols - 1) as f64 * 1.5;
            assert!((area / source.msr.median_area(mag, -90.0) - 1.0).abs() < AREA_ERROR);
        }
    }

    #[test]
    fn steps_end_at_the_rim() {
        assert_eq!(places(10, 4).collect::<Vec<_>>(), [0, 2, 4, 6, 8, 10]);
        assert_eq!(places(0, 3).collect::<Vec<_>>(), [0]);
        let (source, mut fault) = fault();
        let all = ruptures(&source, &fault).unwrap().floating[0].patches.len();
        fault.floating_steps = (0.5, 0.5);
        assert!(ruptures(&source, &fault).unwrap().floating[0].patches.len() < all / 4);
    }

    #[test]
    fn a_rupture_smaller_than_a_cell_has_no_place() {
        assert_eq!(dimensions(1e-4, 1.5, 1.0, 1.5).unwrap(), (0.0, 0.0));
        assert_eq!(dimensions(17.2, 5.0, 5.0 / 0.7, 0.7).unwrap(), (0.0, 0.0));
        assert!(dimensions(60.0, 9.0, 6.0, 1.5).is_err());
        let (mut source, fault) = fault();
        source.msr = crate::source::Msr::PointMsr;
        assert!(ruptures(&source, &fault).unwrap().floating.is_empty());
    }

    #[test]
    fn a_mesh_that_is_too_coarse_is_refused() {
        let (source, mut fault) = fault();
        fault.mesh_spacing = 9.0;
        let message = ruptures(&source, &fault).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("rupture_mesh_spacing is 9"), "{message}");
    }
}
