//! Ruptures of whole surfaces: of characteristic faults, and those that a source lists one by one.

use std::sync::Arc;

use super::{NodalPlane, Occurrence, SourceError};
use crate::geo::Point;
use crate::geo::geodetic::middle_point;
use crate::geo::points::Points;
use crate::geo::projection::Bounds;
use crate::geo::surface::Surface;
use crate::geo::trace::{MultiTrace, Trace, mean_angle};

/// Ruptures with the surfaces that they share.
#[derive(Clone, Debug)]
pub struct SurfaceRuptures {
    /// The surfaces.
    pub surfaces: Vec<Surface>,
    /// The ruptures.
    pub ruptures: Vec<SurfaceRupture>,
    /// Magnitude and occurrence of those that are left out because no site is near.
    pub left_out: Vec<(f64, Occurrence)>,
}

/// A rupture of one or several whole surfaces.
#[derive(Clone, Debug)]
pub struct SurfaceRupture {
    /// Magnitude.
    pub mag: f64,
    /// Strike, dip and rake, degrees.
    pub plane: NodalPlane,
    /// Down-dip width, km.
    pub width: f64,
    /// Depth of the top, km.
    pub ztor: f64,
    /// Depth of the bottom, km.
    pub zbot: f64,
    /// Hypocentre.
    pub hypocentre: Point,
    /// The middle of its surface; of several, that of the one nearest to the middle of all.
    pub middle: Point,
    /// How often it occurs.
    pub occurrence: Occurrence,
    /// Its surfaces, by their places among all.
    pub parts: Vec<u32>,
    /// Their top edges together, where distances along and across strike are to these.
    pub line: Option<Arc<RuptureLine>>,
}

/// The top edges of the surfaces of a rupture.
#[derive(Clone, Debug)]
pub struct RuptureLine {
    /// In their order.
    pub traces: MultiTrace,
    /// U of its end, km.
    pub largest_u: f32,
    /// Whether the surfaces are sections that many ruptures share.
    pub is_of_sections: bool,
}

impl SurfaceRuptures {
    /// Surfaces without a rupture yet.
    pub fn new(surfaces: Vec<Surface>) -> SurfaceRuptures {
        SurfaceRuptures { surfaces, ruptures: Vec::new(), left_out: Vec::new() }
    }

    /// Magnitudes and occurrences of all ruptures of the source.
    pub fn occurrences(&self) -> impl Iterator<Item = (f64, &Occurrence)> {
        let placed = self.ruptures.iter().map(|rupture| (rupture.mag, &rupture.occurrence));
        placed.chain(self.left_out.iter().map(|(mag, occurrence)| (*mag, occurrence)))
    }

    /// Corners of the boxes around the surfaces.
    pub fn around(&self) -> Vec<(f64, f64)> {
        let corners = |b: &Bounds| [(b.west, b.north), (b.east, b.south)];
        self.surfaces.iter().flat_map(|s| corners(&s.bounds)).collect()
    }
}

impl SurfaceRupture {
    /// A rupture of surfaces of its own, without magnitude and rate yet: one as it is, several with means by their area.
    pub fn of_own_surfaces(all: &[Surface], parts: Vec<u32>, rake: f64) -> Result<SurfaceRupture, SourceError> {
        if let [only] = parts[..] {
            let surface = &all[only as usize];
            return Ok(SurfaceRupture {
                mag: 0.0,
                plane: NodalPlane { strike: surface.strike, dip: surface.dip, rake },
                width: surface.width,
                ztor: surface.ztor,
                zbot: surface.zbot,
                hypocentre: surface.middle,
                middle: surface.middle,
                occurrence: Occurrence::Rate(0.0),
                parts,
                line: None,
            });
        }
        SurfaceRupture::of_sections(all, parts.clone(), &parts, rake, false)
    }

    /// A rupture of several surfaces; those that are `close` to the sites are what its parameters are means of.
    pub fn of_sections(
        all: &[Surface],
        parts: Vec<u32>,
        close: &[u32],
        rake: f64,
        is_of_sections: bool,
    ) -> Result<SurfaceRupture, SourceError> {
        let mean = Mean::of(close.iter().map(|&i| &all[i as usize]));
        let surfaces: Vec<&Surface> = parts.iter().map(|&i| &all[i as usize]).collect();
        let middle = match (&surfaces[..], mean.bounds) {
            ([only], _) => only.middle,
            (several, Some(bounds)) => nearest_middle(several, bounds),
            (_, None) => return Err(too_wide()),
        };
        Ok(SurfaceRupture {
            mag: 0.0,
            plane: NodalPlane { strike: mean.strike, dip: mean.dip, rake },
            width: mean.width,
            ztor: mean.ztor,
            zbot: mean.zbot,
            hypocentre: middle,
            middle,
            occurrence: Occurrence::Rate(0.0),
            parts,
            line: Some(Arc::new(line(&surfaces, close.iter().map(|&i| &all[i as usize]), is_of_sections)?)),
        })
    }
}

fn too_wide() -> SourceError {
    SourceError::Parameter {
        parameter: "the surfaces",
        found: "wider than half the globe, or without a top edge".into(),
        accepted: "expected surfaces with edges that extend over less than 180 degrees of longitude".into(),
    }
}

/// The top edges in one line. Where sections are shared, its end follows from straight lines in single precision.
fn line<'a>(
    surfaces: &[&Surface],
    close: impl Iterator<Item = &'a Surface>,
    is_of_sections: bool,
) -> Result<RuptureLine, SourceError> {
    let traces: Vec<&Trace> = surfaces.iter().filter_map(|s| s.trace.as_ref()).collect();
    if traces.len() < surfaces.len() {
        return Err(too_wide());
    }
    let multi = MultiTrace::new(&traces).ok_or_else(too_wide)?;
    let largest_u = if is_of_sections {
        let single = |(lon, lat): (f64, f64)| (f64::from(lon as f32), f64::from(lat as f32));
        let straight: Vec<Trace> =
            close.filter_map(|s| Trace::new(s.trace.as_ref()?.ends().map(single).to_vec())).collect();
        let straight: Vec<&Trace> = straight.iter().collect();
        MultiTrace::new(&straight).ok_or_else(too_wide)?.largest_u(&straight)
    } else {
        multi.largest_u(&traces)
    };
    Ok(RuptureLine { traces: multi, largest_u, is_of_sections })
}

/// Means of surfaces by their area, in single precision as the engine keeps them.
struct Mean {
    strike: f64,
    dip: f64,
    width: f64,
    ztor: f64,
    zbot: f64,
    bounds: Option<Bounds>,
}

impl Mean {
    fn of<'a>(surfaces: impl Iterator<Item = &'a Surface>) -> Mean {
        let single = |x: f64| f64::from(x as f32);
        let surfaces: Vec<&Surface> = surfaces.collect();
        let areas: Vec<f64> = surfaces.iter().map(|s| single(s.area)).collect();
        let total: f64 = areas.iter().sum();
        let mean = |value: fn(&Surface) -> f64| {
            let weighted = surfaces.iter().zip(&areas).map(|(s, a)| a / total * single(value(s)));
            single(weighted.sum())
        };
        let strikes: Vec<(f64, f64)> =
            surfaces.iter().zip(&areas).map(|(s, a)| (single(s.strike), a / total)).collect();
        let corners = |f: fn(&Bounds) -> [f64; 2]| -> Vec<f64> {
            surfaces.iter().flat_map(|s| f(&s.bounds)).map(single).collect()
        };
        Mean {
            strike: single(mean_angle(&strikes)),
            dip: mean(|s| s.dip),
            width: mean(|s| s.width),
            ztor: mean(|s| s.ztor),
            zbot: mean(|s| s.zbot),
            bounds: Bounds::of(&corners(|b| [b.west, b.east]), &corners(|b| [b.north, b.south])),
        }
    }
}

/// The middle of the surface that is nearest to the middle of a box, on the ground.
fn nearest_middle(surfaces: &[&Surface], bounds: Bounds) -> Point {
    let (lon, lat) = middle_point(bounds.west, bounds.north, bounds.east, bounds.south);
    let middle = Points::new(vec![lon], vec![lat], vec![0.0]);
    let mut best = (f64::INFINITY, surfaces[0].middle);
    for surface in surfaces {
        let d = surface.rrup(&middle, 0);
        if d < best.0 {
            best = (d, surface.middle);
        }
    }
    best.1
}
