//! Batches of contexts: ruptures with the sites that feel them, column by column.

use crate::elementary::hypot;
use crate::geo::Point;
use crate::geo::geodetic::{azimuth, distance_of_units, to_unit};
use crate::geo::points::Points;
use crate::gsim::{Contexts, Param};
use crate::site::SiteCollection;
use crate::source::{NodalPlane, Occurrence, Tom};

/// Contexts are evaluated when there are so many: their columns and ground motions fit the cache.
pub const BATCH: usize = 512;

/// Contexts on their way to the ground-motion models.
#[derive(Debug, Default)]
pub struct Batch {
    /// The columns.
    pub contexts: Contexts,
    /// The site of each context.
    pub sites: Vec<u32>,
    /// How often the rupture of each context occurs.
    pub occurrences: Vec<Occurrence>,
}

/// Who takes a full batch.
pub trait Evaluate {
    /// Use the contexts; they are forgotten afterwards.
    fn evaluate(&mut self, batch: &Batch);
}

/// What is constant over a rupture.
#[derive(Clone, Debug)]
pub struct RuptureParams {
    /// Magnitude.
    pub mag: f64,
    /// Orientation.
    pub plane: NodalPlane,
    /// Down-dip width, km.
    pub width: f64,
    /// Depth of the top edge, km.
    pub ztor: f64,
    /// Depth of the bottom edge, km.
    pub zbot: f64,
    /// Hypocentre.
    pub hypocentre: Point,
    /// Where azimuths of sites are taken from: the middle of a surface, the hypocentre of a rupture of a point source (engine behaviour).
    pub azimuth_from: Point,
    /// Whether a point of its surface is in [`CANTERBURY`]; false if no model asks for it.
    pub in_cshm: bool,
    /// How often it occurs.
    pub occurrence: Occurrence,
}

/// The region of the Canterbury seismic hazard model: ranges of longitude and latitude, degrees.
pub const CANTERBURY: [(f64, f64); 2] = [(171.6, 173.2), (-43.9, -43.3)];

/// Whether a surface has one of its points (longitude, latitude) in the region, if a model asks for it.
pub fn in_canterbury(params: &[Param], points: impl IntoIterator<Item = (f64, f64)>) -> bool {
    let [lon, lat] = CANTERBURY.map(|(from, to)| move |at: f64| at > from && at < to);
    params.contains(&Param::InCshm) && points.into_iter().any(|point| lon(point.0) && lat(point.1))
}

/// Collects contexts and hands them on in batches. Any kind of evaluator will do: [`Evaluate`] is called once a batch.
pub struct Collector<'a, E: ?Sized> {
    /// The sites.
    pub sites: &'a SiteCollection,
    /// The parameters that models require, sorted.
    pub params: &'a [Param],
    /// Distances below this count as this, km.
    pub minimum_distance: f64,
    /// Whether the closest distance is as it is, however short: where no model asks for it.
    pub has_exact_rrup: bool,
    /// The investigation time, years.
    pub time: f64,
    /// The temporal occurrence model of the source whose ruptures are added.
    pub tom: Tom,
    batch: Batch,
    /// How many contexts there were.
    pub count: u64,
    /// Who takes the batches.
    pub evaluator: E,
}

impl<'a, E: Evaluate> Collector<'a, E> {
    /// A collector without contexts.
    pub fn new(sites: &'a SiteCollection, params: &'a [Param], minimum_distance: f64, time: f64, evaluator: E) -> Self {
        let (tom, batch) = (Tom::default(), Batch::default());
        let has_exact_rrup = false;
        Collector { sites, params, minimum_distance, has_exact_rrup, time, tom, batch, count: 0, evaluator }
    }
}

impl<E: Evaluate + ?Sized> Collector<'_, E> {
    /// Add a rupture with the sites that feel it. `of_surface` puts what is measured from the rupture's surface to each of them into
    /// a slice that is as long.
    pub fn add(&mut self, rupture: &RuptureParams, sites: &[u32], mut of_surface: impl FnMut(Measure, &mut [f64])) {
        let start = self.batch.sites.len();
        self.batch.sites.extend_from_slice(sites);
        let len = self.batch.sites.len();
        let occurrence = match &rupture.occurrence {
            Occurrence::Rate(rate) => self.tom.occurrence(*rate, self.time),
            counts => counts.clone(),
        };
        self.batch.occurrences.resize(len, occurrence);
        self.batch.contexts.set_len(len);
        for &param in self.params {
            let column = self.batch.contexts.column_mut(param);
            debug_assert_eq!(column.len(), start);
            let minimum = match origin(param, rupture) {
                Origin::Rupture(value) => {
                    column.resize(len, value);
                    None
                }
                Origin::Site => {
                    // the sites have what models require; what they lack stops the calculation as no number
                    let values = self.sites.param(param);
                    column.extend(sites.iter().map(|&s| values.map_or(f64::NAN, |values| values[s as usize])));
                    None
                }
                Origin::Hypocentre(path) => {
                    let hypo_unit = to_unit(rupture.hypocentre.lon, rupture.hypocentre.lat);
                    let between = |&s: &u32| path.measure(rupture, hypo_unit, &self.sites.points, s as usize);
                    column.extend(sites.iter().map(between));
                    path.is_distance().then_some(self.minimum_distance)
                }
                Origin::Surface(measure) => {
                    column.resize(len, f64::NAN);
                    of_surface(measure, &mut column[start..]);
                    let is_exact = self.has_exact_rrup && measure == Measure::Rrup;
                    (measure.is_distance() && !is_exact).then_some(self.minimum_distance)
                }
            };
            if let Some(least) = minimum.filter(|least| *least > 0.0) {
                // not max(), which would make a distance of what is not a number
                column[start..].iter_mut().filter(|d| **d < least).for_each(|d| *d = least);
            }
        }
        if len >= BATCH {
            self.flush();
        }
    }

    /// Hand on what is left.
    pub fn flush(&mut self) {
        if self.batch.sites.is_empty() {
            return;
        }
        self.count += self.batch.sites.len() as u64;
        self.evaluator.evaluate(&self.batch);
        self.batch.contexts.reset(0);
        self.batch.sites.clear();
        self.batch.occurrences.clear();
    }
}

/// What lies between the surface of a rupture and a site: each typology measures it in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// [`Param::Rrup`].
    Rrup,
    /// [`Param::Rjb`].
    Rjb,
    /// [`Param::Rx`].
    Rx,
    /// [`Param::Ry0`].
    Ry0,
    /// [`Param::Clon`].
    Clon,
    /// [`Param::Clat`].
    Clat,
}

impl Measure {
    fn is_distance(self) -> bool {
        !matches!(self, Measure::Clon | Measure::Clat)
    }
}

/// What lies between the hypocentre and a site: it is the same for all typologies.
#[derive(Clone, Copy)]
enum Path {
    Epicentral,
    Hypocentral,
    Azimuth,
    Volcanic,
}

impl Path {
    fn measure(self, rupture: &RuptureParams, hypo_unit: [f64; 3], points: &Points, s: usize) -> f64 {
        let epicentral = || distance_of_units(hypo_unit, points.unit[s]);
        match self {
            Path::Epicentral => epicentral(),
            Path::Hypocentral => hypot(epicentral(), rupture.hypocentre.depth - points.depth[s]),
            Path::Azimuth => {
                let from = rupture.azimuth_from;
                let north = azimuth(from.lon, from.lat, points.lon[s], points.lat[s]);
                (north - rupture.plane.strike).rem_euclid(360.0)
            }
            // as in the engine, which does not compute it
            Path::Volcanic => 0.0,
        }
    }

    fn is_distance(self) -> bool {
        !matches!(self, Path::Azimuth)
    }
}

/// Where a parameter of a context comes from.
enum Origin {
    Rupture(f64),
    Hypocentre(Path),
    Surface(Measure),
    Site,
}

fn origin(param: Param, rupture: &RuptureParams) -> Origin {
    use Param::*;
    match param {
        // the engine rounds magnitudes before models see them
        Mag => Origin::Rupture((rupture.mag * 1e3).round_ties_even() / 1e3),
        Rake => Origin::Rupture(rupture.plane.rake),
        Dip => Origin::Rupture(rupture.plane.dip),
        Strike => Origin::Rupture(rupture.plane.strike),
        Width => Origin::Rupture(rupture.width),
        Ztor => Origin::Rupture(rupture.ztor),
        Zbot => Origin::Rupture(rupture.zbot),
        InCshm => Origin::Rupture(f64::from(rupture.in_cshm)),
        HypoDepth => Origin::Rupture(rupture.hypocentre.depth),
        HypoLon => Origin::Rupture(rupture.hypocentre.lon),
        HypoLat => Origin::Rupture(rupture.hypocentre.lat),
        Repi => Origin::Hypocentre(Path::Epicentral),
        Rhypo => Origin::Hypocentre(Path::Hypocentral),
        Azimuth => Origin::Hypocentre(Path::Azimuth),
        Rvolc => Origin::Hypocentre(Path::Volcanic),
        Rrup => Origin::Surface(Measure::Rrup),
        Rjb => Origin::Surface(Measure::Rjb),
        Rx => Origin::Surface(Measure::Rx),
        Ry0 => Origin::Surface(Measure::Ry0),
        Clon => Origin::Surface(Measure::Clon),
        Clat => Origin::Surface(Measure::Clat),
        Lon | Lat | Vs30 | Vs30Measured | Z1pt0 | Z2pt5 | Z1pt4 | Backarc | Bas | Xvf | ZSed | Siteclass | Region
        | Slope | Geology | Ec8 | Ec8P18 | H800 | Soiltype | Thv | Phv | F0 | Kappa0 | FreefaceRatio | T15 | F15
        | D5015 | Amplfactor | ChAmpl03 | ChAmpl06 | ChPhis2s03 | ChPhis2s06 | ChPhiss03 | ChPhiss06 => Origin::Site,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it is handed.
    #[derive(Default)]
    struct Kept {
        columns: Vec<(Param, Vec<f64>)>,
        sites: Vec<u32>,
        occurrences: Vec<Occurrence>,
        batches: usize,
    }

    impl Evaluate for Kept {
        fn evaluate(&mut self, batch: &Batch) {
            self.columns = ALL.iter().map(|&param| (param, batch.contexts.column(param).to_vec())).collect();
            self.sites.clone_from(&batch.sites);
            self.occurrences.clone_from(&batch.occurrences);
            self.batches += 1;
        }
    }

    impl Kept {
        fn column(&self, param: Param) -> &[f64] {
            &self.columns.iter().find(|(of, _)| *of == param).unwrap().1
        }
    }

    const ALL: [Param; 8] = [
        Param::Mag,
        Param::HypoDepth,
        Param::Rrup,
        Param::Repi,
        Param::Rhypo,
        Param::Rvolc,
        Param::Azimuth,
        Param::Vs30,
    ];

    /// At the epicentre, and a degree to the north and to the east of it.
    fn sites() -> SiteCollection {
        let mut sites = SiteCollection::in_order(&[(0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.0, -0.5)]).unwrap();
        sites.set(Param::Vs30, vec![400.0, 760.0, 1100.0]);
        sites
    }

    fn rupture() -> RuptureParams {
        let hypocentre = Point::new(0.0, 0.0, 10.0);
        RuptureParams {
            mag: 6.123_45,
            plane: NodalPlane { strike: 30.0, dip: 60.0, rake: -90.0 },
            width: 12.0,
            ztor: 5.0,
            zbot: 15.0,
            hypocentre,
            azimuth_from: hypocentre,
            in_cshm: false,
            occurrence: Occurrence::Rate(0.01),
        }
    }

    /// What there is of the rupture at some sites.
    fn collected(minimum_distance: f64, tom: Tom, at: &[u32]) -> Kept {
        let sites = sites();
        let mut collector = Collector::new(&sites, &ALL, minimum_distance, 50.0, Kept::default());
        collector.tom = tom;
        collector.add(&rupture(), at, |measure, out| {
            let value = |k: usize| if measure == Measure::Rrup { 7.0 + k as f64 } else { f64::NAN };
            out.iter_mut().enumerate().for_each(|(k, out)| *out = value(k));
        });
        collector.flush();
        assert_eq!(collector.count, at.len() as u64);
        collector.evaluator
    }

    #[track_caller]
    fn near(found: &[f64], expected: &[f64]) {
        let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9 * b.abs().max(1.0);
        assert!(found.len() == expected.len() && found.iter().zip(expected).all(is_near), "{found:?} {expected:?}");
    }

    #[test]
    fn a_context_has_the_rupture_the_site_and_the_distances_between_them() {
        let kept = collected(0.0, Tom::Poisson, &[2, 0, 1]);
        let degree = 6371.0 * std::f64::consts::PI / 180.0;
        assert_eq!(kept.sites, [2, 0, 1]);
        // magnitudes are rounded to three digits
        near(kept.column(Param::Mag), &[6.123; 3]);
        near(kept.column(Param::HypoDepth), &[10.0; 3]);
        near(kept.column(Param::Rrup), &[7.0, 8.0, 9.0]);
        near(kept.column(Param::Vs30), &[1100.0, 400.0, 760.0]);
        near(kept.column(Param::Repi), &[degree, 0.0, degree]);
        // the site in the east is half a kilometre above the sea
        near(kept.column(Param::Rhypo), &[degree.hypot(10.5), 10.0, degree.hypot(10.0)]);
        near(kept.column(Param::Rvolc), &[0.0; 3]);
        // clockwise from the strike
        let azimuths = kept.column(Param::Azimuth);
        near(&[azimuths[0], azimuths[2]], &[60.0, 330.0]);
    }

    #[test]
    fn short_distances_count_as_the_minimum_and_directions_do_not() {
        let kept = collected(8.5, Tom::Poisson, &[0, 1]);
        near(kept.column(Param::Rrup), &[8.5, 8.5]);
        near(&kept.column(Param::Repi)[..1], &[8.5]);
        near(&kept.column(Param::Rhypo)[..1], &[10.0]);
        near(kept.column(Param::Vs30), &[400.0, 760.0]);
        assert_eq!(kept.column(Param::HypoDepth), [10.0; 2]);
        assert!(kept.column(Param::Azimuth)[1] > 8.5);
    }

    #[test]
    fn a_distance_that_is_not_a_number_stays_none() {
        let (sites, params) = (sites(), ALL);
        let mut collector = Collector::new(&sites, &params, 5.0, 50.0, Kept::default());
        collector.add(&rupture(), &[0], |_, out| out.fill(f64::NAN));
        collector.flush();
        assert!(collector.evaluator.column(Param::Rrup)[0].is_nan());
    }

    #[test]
    fn a_rate_becomes_what_the_source_says_of_time() {
        assert_eq!(collected(0.0, Tom::Poisson, &[0]).occurrences, [Occurrence::Rate(0.01)]);
        let tom = Tom::NegativeBinomial { dispersion: 0.5 };
        assert_eq!(collected(0.0, tom, &[0, 1]).occurrences, vec![tom.occurrence(0.01, 50.0); 2]);
    }

    #[test]
    fn full_batches_are_handed_on_and_none_is_empty() {
        let sites = sites();
        let mut collector = Collector::new(&sites, &ALL, 0.0, 50.0, Kept::default());
        collector.flush();
        assert_eq!(collector.evaluator.batches, 0);
        for _ in 0..BATCH {
            collector.add(&rupture(), &[0, 1], |_, out| out.fill(1.0));
        }
        assert_eq!((collector.evaluator.batches, collector.count), (2, 2 * BATCH as u64));
        collector.add(&rupture(), &[2], |_, out| out.fill(1.0));
        collector.flush();
        assert_eq!((collector.evaluator.batches, &collector.evaluator.sites[..]), (3, &[2][..]));
    }

    #[test]
    fn a_surface_is_in_canterbury_if_a_point_of_it_is_and_a_model_asks() {
        let places = [(170.0, -43.5), (172.0, -43.5)];
        assert!(in_canterbury(&[Param::InCshm], places));
        assert!(!in_canterbury(&[Param::Mag], places));
        assert!(!in_canterbury(&[Param::InCshm], [(172.0, -43.2), (173.3, -43.5)]));
    }
}
