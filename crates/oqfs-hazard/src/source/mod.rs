//! Seismic sources: their data as the source model gives it, and the ruptures they make.
//!
//! One file a typology. A source is plain data; what is needed to place its ruptures is prepared once, as
//! [`point::PointRuptures`] or [`fault::FaultRuptures`], and used for every site.

// a typology, a distribution or a parameter more does not compile before each place has decided upon it
#![warn(clippy::wildcard_enum_match_arm)]

pub mod alternative;
pub mod area;
pub mod characteristic;
pub mod complex_fault;
mod digest;
pub mod fault;
pub mod kite_fault;
pub mod listed;
pub mod mfd;
pub mod modify;
pub mod msr;
pub mod occurrence;
pub mod outline;
pub mod point;
pub mod simple_fault;
pub mod surfaces;

pub use mfd::Mfd;
pub use msr::Msr;
pub use occurrence::{Counts, Dependence, GroupMember, Occurrence, Tom};

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use characteristic::FaultSurface;

use crate::geo::{line::LineError, mesh::MeshError, polygon::PolygonError, profiles::ProfileError, steps::Doubt};

/// Why a source makes no ruptures.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum SourceError {
    /// A magnitude-frequency distribution that cannot be.
    #[error("{0}")]
    Mfd(String),
    /// A parameter outside its range.
    #[error("{parameter} is {found}; {accepted}")]
    Parameter {
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        found: String,
        /// What is accepted.
        accepted: String,
    },
    /// A change that is for other sources.
    #[error("the uncertainty is for {needed}, but this is {found}")]
    Unfit {
        /// What it is for.
        needed: String,
        /// What the source is or has.
        found: String,
    },
    /// A polygon that cannot be.
    #[error("polygon: {0}")]
    Polygon(#[from] PolygonError),
    /// A fault that cannot be meshed.
    #[error("{0}")]
    Mesh(MeshError),
    /// A line that cannot be.
    #[error("{0}")]
    Line(#[from] LineError),
    /// Profiles that make no surface.
    #[error("{0}")]
    Profiles(#[from] ProfileError),
}

impl From<MeshError> for SourceError {
    fn from(error: MeshError) -> SourceError {
        let MeshError::Trace(LineError::TooShortFor { length, spacing }) = error else {
            return SourceError::Mesh(error);
        };
        SourceError::Parameter {
            parameter: "rupture_mesh_spacing",
            found: spacing.to_string(),
            accepted: format!("it is too large for the fault, whose trace is {length:.2} km long"),
        }
    }
}

/// Where a source is defined. It is no part of what the source is: sources that are alike but for it are equal, and what
/// follows from a source does not depend on it.
#[derive(Clone)]
pub struct Origin {
    /// The file.
    pub path: Arc<Path>,
    /// The line, from 1.
    pub line: usize,
}

impl Default for Origin {
    fn default() -> Origin {
        Origin { path: Path::new("").into(), line: 0 }
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Origin) -> bool {
        true
    }
}

/// The same for all: kept rates are found again by what `Debug` says of a source.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Origin")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}, line {}", self.path.display(), self.line)
    }
}

/// Length over width of ruptures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AspectRatio {
    /// The same for all magnitudes.
    Constant(f64),
    /// On a line between two pairs of magnitude and ratio, constant beyond them (`aspectRatioFunction`).
    ByMagnitude([(f64, f64); 2]),
}

impl AspectRatio {
    /// That of a magnitude.
    pub fn of(self, mag: f64) -> f64 {
        match self {
            AspectRatio::Constant(ratio) => ratio,
            AspectRatio::ByMagnitude([(low, first), _]) if mag <= low => first,
            AspectRatio::ByMagnitude([_, (high, last)]) if mag >= high => last,
            AspectRatio::ByMagnitude([(low, first), (high, last)]) => {
                first + (last - first) / (high - low) * (mag - low)
            }
        }
    }

    /// The one that all magnitudes have.
    pub fn constant(self) -> Option<f64> {
        match self {
            AspectRatio::Constant(ratio) => Some(ratio),
            AspectRatio::ByMagnitude(_) => None,
        }
    }
}

/// A seismic source.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its id. Others may have the same.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its tectonic region type.
    pub trt: String,
    /// How often it makes an earthquake of each magnitude.
    pub mfd: Mfd,
    /// The area of a rupture of a magnitude.
    pub msr: Msr,
    /// Length over width of a rupture.
    pub aspect_ratio: AspectRatio,
    /// How its ruptures follow each other.
    pub tom: Tom,
    /// The group that it is a member of, where the members depend on each other.
    pub member: Option<GroupMember>,
    /// Where its ruptures are.
    pub typology: Typology,
    /// Where it is defined.
    pub origin: Origin,
}

impl Source {
    /// Whether `id` is its id, or that of the multi-point source that it is a point of.
    pub fn is_called(&self, id: &str) -> bool {
        let whole = self.id.rsplit_once(':').filter(|(_, point)| point.bytes().all(|b| b.is_ascii_digit()));
        self.id == id || matches!(self.typology, Typology::Point(_)) && whole.is_some_and(|(whole, _)| whole == id)
    }
}

/// The kinds of source, with what is particular to each.
#[derive(Clone, Debug, PartialEq)]
pub enum Typology {
    /// Ruptures around one location.
    Point(point::PointSource),
    /// Point sources on a grid inside a polygon.
    Area(area::AreaSource),
    /// Ruptures that float over a surface given by a trace and a dip.
    SimpleFault(simple_fault::SimpleFaultSource),
    /// Ruptures that float over a surface given by edges from top to bottom.
    ComplexFault(complex_fault::ComplexFaultSource),
    /// Ruptures of a whole surface.
    Characteristic(characteristic::CharacteristicFaultSource),
    /// Ruptures that float over a surface given by profiles.
    KiteFault(kite_fault::KiteFaultSource),
    /// Ruptures that are listed one by one.
    Listed(listed::ListedSource),
}

impl Typology {
    /// The name of the typology in NRML.
    pub fn name(&self) -> &'static str {
        match self {
            Typology::Point(point) if point.part_of.is_some() => "multiPointSource",
            Typology::Point(_) => "pointSource",
            Typology::Area(_) => "areaSource",
            Typology::SimpleFault(_) => "simpleFaultSource",
            Typology::ComplexFault(_) => "complexFaultSource",
            Typology::Characteristic(_) => "characteristicFaultSource",
            Typology::KiteFault(_) => "kiteFaultSource",
            Typology::Listed(source) => match source.kind {
                listed::ListedKind::NonParametric => "nonParametricSeismicSource",
                listed::ListedKind::MultiFault { .. } => "multiFaultSource",
            },
        }
    }

    /// The engine's letter for the typology, in `source_info`.
    pub fn code(&self) -> char {
        match self {
            Typology::Point(_) => 'P',
            Typology::Area(_) => 'A',
            Typology::SimpleFault(_) => 'S',
            Typology::ComplexFault(_) => 'C',
            Typology::Characteristic(_) => 'X',
            Typology::KiteFault(_) => 'K',
            Typology::Listed(source) => match source.kind {
                listed::ListedKind::NonParametric => 'N',
                listed::ListedKind::MultiFault { .. } => 'F',
            },
        }
    }
}

impl Source {
    /// A length that the mesh of its surface hangs on, if one is in doubt.
    pub fn doubt(&self) -> Option<Doubt> {
        match &self.typology {
            Typology::Point(_) | Typology::Area(_) => None,
            Typology::SimpleFault(f) => Doubt::of_simple_fault(&f.trace, f.depths, f.dip, f.mesh_spacing),
            Typology::ComplexFault(f) => Doubt::of_complex_fault(&f.edges, f.mesh_spacing),
            Typology::KiteFault(f) => self.aspect_ratio.constant().and_then(|ratio| f.doubt(ratio)),
            Typology::Characteristic(f) => f.surfaces.iter().find_map(FaultSurface::doubt),
            Typology::Listed(list) => list.surfaces.iter().find_map(FaultSurface::doubt),
        }
    }

    /// The magnitudes of its ruptures.
    pub fn magnitudes(&self) -> Vec<f64> {
        match &self.typology {
            Typology::Listed(list) => list.ruptures.iter().map(|rupture| rupture.mag).collect(),
            Typology::Point(_)
            | Typology::Area(_)
            | Typology::SimpleFault(_)
            | Typology::ComplexFault(_)
            | Typology::Characteristic(_)
            | Typology::KiteFault(_) => self.mfd.rates().into_iter().map(|(mag, _)| mag).collect(),
        }
    }

    /// The largest magnitude of its ruptures.
    pub fn largest_magnitude(&self) -> Option<f64> {
        self.magnitudes().into_iter().reduce(f64::max)
    }

    /// Give a point-like source its mean nodal plane and depth, and ruptures as good as points.
    pub fn collapse(&mut self) {
        let spread = match &mut self.typology {
            Typology::Point(point) => &mut point.spread,
            Typology::Area(area) => &mut area.spread,
            Typology::SimpleFault(_)
            | Typology::ComplexFault(_)
            | Typology::Characteristic(_)
            | Typology::KiteFault(_)
            | Typology::Listed(_) => return,
        };
        spread.collapse();
        self.msr = Msr::PointMsr;
    }

    /// A source as most are: independent of the others, of a Poisson process.
    pub fn plain(id: &str, trt: &str, mfd: Mfd, typology: Typology) -> Source {
        Source {
            id: id.to_string(),
            name: String::new(),
            trt: trt.to_string(),
            mfd,
            msr: Msr::Wc1994,
            aspect_ratio: AspectRatio::Constant(1.0),
            tom: Tom::Poisson,
            member: None,
            typology,
            origin: Origin::default(),
        }
    }
}

/// Strike, dip and rake of a rupture, degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodalPlane {
    /// Clockwise from north, in [0, 360).
    pub strike: f64,
    /// From the horizontal, in (0, 90].
    pub dip: f64,
    /// Direction of the slip on the plane, in (-180, 180].
    pub rake: f64,
}

impl NodalPlane {
    /// A plane whose angles are means. The mean of equal angles may be off by its last digit, and a dip above 90 degrees is none:
    /// angles are kept within their bounds.
    pub fn mean(strike: f64, dip: f64, rake: f64) -> NodalPlane {
        NodalPlane { strike: strike.clamp(0.0, 360.0), dip: dip.clamp(0.0, 90.0), rake: rake.clamp(-180.0, 180.0) }
    }
}

/// Values with their probabilities.
pub type Distribution<T> = Vec<(f64, T)>;

/// The two depths between which ruptures fit, km: upper, lower.
pub type SeismogenicDepths = (f64, f64);

/// Elevation of the highest summit as a depth, km: nothing is above it.
pub const MIN_DEPTH: f64 = -8.848;

/// An error unless a strike, a dip or a rake is in its range, which the engine keeps open on one side.
pub fn check_plane(NodalPlane { strike, dip, rake }: &NodalPlane) -> Result<(), SourceError> {
    check("strike", *strike, (0.0..360.0).contains(strike), "expected within [0, 360)")?;
    check_dip(*dip)?;
    check_rake(*rake)
}

/// An error unless it is a dip.
pub fn check_dip(dip: f64) -> Result<(), SourceError> {
    check("dip", dip, dip > 0.0 && dip <= 90.0, "expected within (0, 90]")
}

/// An error unless it is a rake.
pub fn check_rake(rake: f64) -> Result<(), SourceError> {
    check("rake", rake, rake > -180.0 && rake <= 180.0, "expected within (-180, 180]")
}

/// An error unless the value is in the range; `accepted` says it in words.
pub fn check(parameter: &'static str, value: f64, holds: bool, accepted: &str) -> Result<(), SourceError> {
    if holds {
        Ok(())
    } else {
        Err(SourceError::Parameter { parameter, found: value.to_string(), accepted: accepted.to_string() })
    }
}
