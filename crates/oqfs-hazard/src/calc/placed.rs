//! The ruptures of sources, placed: the seam between a typology and the calculations.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::added_rates::Added;
use super::contexts::{Collector, Evaluate};
use super::fault::PlacedFault;
use super::filter::{Area, MagnitudeDistance};
use super::points::PlacedPoints;
use super::surfaces::PlacedSurfaces;
use super::{CalcError, Monitor};
use crate::geo::mesh::RectMesh;
use crate::geo::polygon::GeoBox;
use crate::geo::surface::Surface;
use crate::job::Params;
use crate::source::point::Spread;
use crate::source::{
    Mfd, Source, SourceError, Typology, characteristic, complex_fault, kite_fault, listed, simple_fault,
};

/// What a source is for a calculation, whatever its typology: ruptures that are counted, cut into parts, and make contexts.
///
/// They are placed once, when the model of a job is read.
pub trait Placed: fmt::Debug + Send + Sync {
    /// The number of ruptures.
    fn ruptures(&self) -> usize;

    /// Ranges of parts that cover the source in order, each of about `target` ruptures, with their numbers of ruptures. What a part is (a
    /// point, a magnitude, a rupture) is the typology's.
    fn cut(&self, target: u64) -> Vec<(Range<usize>, u64)>;

    /// Add the contexts of a range of parts. `source` is what was placed.
    ///
    /// # Errors
    /// If somebody stops the calculation.
    fn add(
        &self,
        source: &Source,
        parts: Range<usize>,
        work: &Workload,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) -> Result<(), CalcError>;

    /// The same with more added to the annual rates of its ruptures, which are as many; `None` if they have no numbers or no rates.
    fn with_added(&self, added: &Added) -> Option<Arc<dyn Placed>>;

    /// The magnitude-frequency distribution of its ruptures, and of those that are left out because no site is near. `source` is what was
    /// placed. A rupture with numbers of occurrences has their mean, in a year of the `time` years that they are for. That ruptures exclude
    /// each other counts; how sources depend on each other does not.
    fn mfd<'a>(&self, source: &'a Source, time: f64) -> Cow<'a, Mfd>;

    /// The least and the greatest depth of its hypocentres, km; `None` if it has no rupture.
    fn depths(&self) -> Option<(f64, f64)>;

    /// The least and the greatest longitude of its places, about, degrees; `None` if it has none.
    fn longitudes(&self) -> Option<(f64, f64)>;

    /// Some places of a range of parts, longitude and latitude, degrees, spread over them.
    fn places(&self, parts: Range<usize>) -> Vec<(f64, f64)>;

    /// The surfaces, where ruptures are whole ones: they decide which distances there are.
    fn surfaces(&self) -> &[Surface] {
        &[]
    }

    /// The meshes of complex faults: they have a strike and a dip only where they go down from row to row.
    fn irregular_meshes(&self) -> Vec<&RectMesh> {
        Vec::new()
    }

    /// The points, where the source is a set of them: they can be put together on a grid.
    fn points(&self) -> Option<&PlacedPoints> {
        None
    }
}

/// The least and the greatest of some values.
pub(super) fn extremes(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.map(|value| (value, value)).reduce(|(least, greatest), (value, _)| (least.min(value), greatest.max(value)))
}

/// Some numbers of a range, spread evenly over it: so many at most.
pub(super) fn some_of(range: Range<usize>, most: usize) -> impl Iterator<Item = usize> {
    let (start, count) = (range.start, range.len());
    let some = count.min(most);
    (0..some).map(move |i| start + (2 * i + 1) * count / (2 * some))
}

/// So many places tell where parts of a source are.
pub(super) const PLACES: usize = 4;

/// Which ruptures each site feels.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Maximum distance by magnitude.
    pub maximum_distance: MagnitudeDistance,
    /// Beyond this distance from a point source, and the size of the rupture, one rupture stands for a magnitude.
    pub pointsource_distance: MagnitudeDistance,
    /// Whether all sites count as near if one is (engine behaviour with few sites).
    pub few_sites: bool,
}

impl Reach {
    /// Of sources of a tectonic region type with so many sites.
    pub fn of(trt: &str, sites: usize, params: &Params) -> Reach {
        Reach {
            maximum_distance: MagnitudeDistance::new(params.maximum_distance.for_trt(trt)),
            pointsource_distance: MagnitudeDistance::new(params.pointsource_distance().for_trt(trt)),
            few_sites: sites <= params.max_sites_disagg,
        }
    }
}

/// What contexts of a tile of sites are made with.
pub struct Workload<'a> {
    /// The tile.
    pub tile: &'a Range<usize>,
    /// Which ruptures are felt.
    pub reach: &'a Reach,
    /// Whether hypocentres of point sources move with ruptures that do not fit between the depths.
    pub shift_hypo: bool,
    /// Who may want to stop.
    pub monitor: &'a dyn Monitor,
}

impl Workload<'_> {
    /// The sites of the tile.
    pub fn tile(&self) -> Range<usize> {
        self.tile.clone()
    }

    /// An error if somebody wants to stop.
    pub fn check(&self) -> Result<(), CalcError> {
        if self.monitor.is_cancelled() { Err(CalcError::Cancelled) } else { Ok(()) }
    }
}

/// How the sources of a group are placed.
pub struct Placing<'a> {
    /// Whether a source of several points is taken apart into them.
    pub splits: bool,
    /// How far sites feel a source, km.
    pub reach: f64,
    /// Whether a section of a multi-fault source is near a site.
    pub is_close: &'a (dyn Fn(&Surface) -> bool + Sync),
}

/// Place the ruptures of a source.
///
/// # Errors
/// If its geometry makes none.
pub fn place(source: &Source, how: &Placing) -> Result<Arc<dyn Placed>, SourceError> {
    // a source of one point is not taken apart either (engine behaviour)
    let whole = |points: usize, bounds: GeoBox| (!how.splits || points == 1).then(|| Area(bounds.enlarged(how.reach)));
    let points = |locations: Vec<(f64, f64)>, spread: &Spread, whole: Option<Area>| {
        let per_location = source.mfd.rates().len() * spread.count();
        Arc::new(PlacedPoints { locations, spread: spread.clone(), per_location, whole, added: None })
    };
    Ok(match &source.typology {
        Typology::Point(point) => {
            let whole = point.part_of.as_ref().and_then(|multi| whole(multi.points, multi.bounds()));
            points(vec![point.location], &point.spread, whole)
        }
        Typology::Area(area) => {
            let locations = area.locations()?;
            let whole = whole(locations.len(), GeoBox::of(area.polygon.iter().copied()));
            points(locations, &area.spread, whole)
        }
        Typology::SimpleFault(fault) => {
            Arc::new(PlacedFault::new(simple_fault::ruptures(source, fault)?, fault.projection_vertices()))
        }
        Typology::ComplexFault(fault) => {
            Arc::new(PlacedFault::new(complex_fault::ruptures(source, fault)?, fault.projection_vertices()))
        }
        Typology::KiteFault(fault) => {
            let ruptures = kite_fault::ruptures(source, fault)?;
            let around = fault.projection_vertices(&ruptures.mesh);
            Arc::new(PlacedFault::new(ruptures, around))
        }
        Typology::Characteristic(fault) => Arc::new(PlacedSurfaces(characteristic::ruptures(source, fault)?)),
        Typology::Listed(list) => Arc::new(PlacedSurfaces(listed::ruptures(list, how.is_close)?)),
    })
}
