//! Point sources: ruptures of every magnitude, nodal plane and hypocentral depth around one location.

use std::sync::Arc;

use super::{Distribution, MIN_DEPTH, Msr, NodalPlane, SeismogenicDepths, Source, SourceError, check, check_plane};
use crate::digest::digested;
use crate::elementary::hypot;
use crate::elementary::scalar::{sin_cos, tan};
use crate::geo::geodetic::Frame;
use crate::geo::planar::{Dimensions, PlanarSurface, Template};
use crate::geo::polygon::GeoBox;
use crate::geo::{Point, geodetic};

/// A point source: NRML `pointSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct PointSource {
    /// Longitude and latitude, degrees.
    pub location: (f64, f64),
    /// How ruptures lie around it.
    pub spread: Spread,
    /// The multi-point source that it is one of, if any.
    pub part_of: Option<Arc<MultiPoint>>,
}

/// A multi-point source: NRML `multiPointSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiPoint {
    /// The number of its points.
    pub points: usize,
    /// The outermost of its points (longitude, latitude): their box is that of all.
    outermost: [(f64, f64); 6],
}

impl MultiPoint {
    /// The one with these points.
    pub fn of(points: &[(f64, f64)]) -> MultiPoint {
        let ends = |key: fn((f64, f64)) -> f64| {
            let order = |a: &&(f64, f64), b: &&(f64, f64)| key(**a).total_cmp(&key(**b));
            [points.iter().min_by(order), points.iter().max_by(order)].map(|end| end.copied().unwrap_or_default())
        };
        // across the date line longitudes are from 0 to 360
        let [west, east] = ends(|at| at.0);
        let [first, last] = ends(|at| at.0.rem_euclid(360.0));
        let [south, north] = ends(|at| at.1);
        MultiPoint { points: points.len(), outermost: [west, east, first, last, south, north] }
    }

    /// The box of its points.
    pub fn bounds(&self) -> GeoBox {
        GeoBox::of(self.outermost.iter().copied())
    }
}

digested!(struct MultiPoint { points, outermost });

/// How the ruptures of a point or area source lie around each location.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// The depths that ruptures fit between, km.
    pub depths: SeismogenicDepths,
    /// The nodal planes with their probabilities.
    pub nodal_planes: Distribution<NodalPlane>,
    /// The hypocentral depths, km, with their probabilities.
    pub hypo_depths: Distribution<f64>,
    /// Where down its dip a rupture has its hypocentre, for each depth: from 0 at the top to 1 at the bottom (`fixedDipFrac`). In
    /// the middle where there is none.
    pub down_dip: Vec<f64>,
}

/// The middle of a rupture.
pub(crate) const MIDDLE: f64 = 0.5;

impl Spread {
    /// Have one nodal plane and one depth, the means.
    pub fn collapse(&mut self) {
        self.nodal_planes = vec![(1.0, self.mean_plane())];
        (self.down_dip, self.hypo_depths) =
            (self.mean_down_dip().into_iter().collect(), vec![(1.0, self.mean_depth())]);
    }

    /// Mean place of hypocentres down the dip of their ruptures, if that is not the middle of all.
    pub fn mean_down_dip(&self) -> Option<f64> {
        let weights = self.hypo_depths.iter().map(|(weight, _)| *weight);
        let pairs: Distribution<f64> = weights.zip(self.down_dip.iter().copied()).collect();
        (!pairs.is_empty()).then(|| weighted_mean(&pairs, |&d| d))
    }

    /// Mean strike, dip and rake.
    pub fn mean_plane(&self) -> NodalPlane {
        let mean = |angle: fn(&NodalPlane) -> f64| weighted_mean(&self.nodal_planes, angle);
        NodalPlane::mean(mean(|p| p.strike), mean(|p| p.dip), mean(|p| p.rake))
    }

    /// Mean depth, km.
    pub fn mean_depth(&self) -> f64 {
        weighted_mean(&self.hypo_depths, |&d| d)
    }

    /// An error if the depths do not fit into each other or a probability distribution does not sum to one.
    pub fn check(&self) -> Result<(), SourceError> {
        let (upper, lower) = self.depths;
        check("lowerSeismoDepth", lower, lower > upper, &format!("it must be below upperSeismoDepth {upper}"))?;
        check("upperSeismoDepth", upper, upper > MIN_DEPTH, &format!("it must be below {MIN_DEPTH} km"))?;
        for &(_, depth) in &self.hypo_depths {
            let accepted = format!("it must lie between the seismogenic depths {upper} and {lower}");
            check("hypoDepth", depth, (upper..=lower).contains(&depth), &accepted)?;
        }
        for (_, plane) in &self.nodal_planes {
            check_plane(plane)?;
        }
        check_total("nodalPlaneDist", self.nodal_planes.iter().map(|p| p.0))?;
        check_total("hypoDepthDist", self.hypo_depths.iter().map(|p| p.0))
    }

    /// The number of ruptures of a magnitude.
    pub fn count(&self) -> usize {
        self.nodal_planes.len() * self.hypo_depths.len()
    }
}

/// Tolerance on the sum of probabilities, the engine's.
pub(super) const PMF_PRECISION: f64 = 1e-7;

fn check_total(what: &'static str, probabilities: impl Iterator<Item = f64> + Clone) -> Result<(), SourceError> {
    if let Some(other) = probabilities.clone().find(|p| !(*p > 0.0)) {
        check(what, other, false, "each of its probabilities must be positive")?;
    }
    let total: f64 = probabilities.sum();
    check(what, total, (total - 1.0).abs() <= PMF_PRECISION, "the sum of its probabilities must be 1")
}

/// A planar rupture of a point source.
#[derive(Clone, Copy, Debug)]
pub struct PlanarRupture {
    /// Its surface.
    pub surface: PlanarSurface,
    /// Its orientation.
    pub plane: NodalPlane,
    /// Its hypocentre.
    pub hypocentre: Point,
    /// Its annual rate.
    pub rate: f64,
}

/// The ruptures of a point source of one shape, prepared for any location: all points of an area source share it.
#[derive(Clone, Debug)]
pub struct PointRuptures {
    spread: Spread,
    mean_plane: NodalPlane,
    mean_depth: f64,
    magnitudes: Vec<MagnitudeBin>,
    /// Whether hypocentres move with ruptures that do not fit between the depths.
    shifts: bool,
}

/// The ruptures of one magnitude.
#[derive(Clone, Debug)]
pub struct MagnitudeBin {
    /// The magnitude.
    pub mag: f64,
    /// Annual rate of the magnitude at one location.
    pub rate: f64,
    /// Half of the diagonal of the largest surface projection, km.
    pub radius: f64,
    /// The rupture on each nodal plane.
    templates: Vec<Template>,
    /// The rupture on the mean nodal plane.
    mean_template: Template,
}

impl MagnitudeBin {
    /// Whether the rupture on the last nodal plane reaches as far as all of them count for.
    pub fn last_reaches_farthest(&self) -> bool {
        let last = self.templates.last().map_or(0.0, |last| hypot(last.dimensions.length, last.dimensions.width) / 2.0);
        // equal up to their last digits
        last >= self.radius * (1.0 - 1e-9)
    }
}

impl PointRuptures {
    /// Prepare the ruptures from (magnitude, annual rate) at one location.
    pub fn new(source: &Source, spread: &Spread, rates: &[(f64, f64)]) -> PointRuptures {
        let mean_plane = mean_over_sources(spread, rates.iter().map(|r| r.1).sum());
        let thickness = spread.depths.1 - spread.depths.0;
        let size = |mag: f64, plane: &NodalPlane| {
            let area = source.msr.median_area(mag, plane.rake);
            let dimensions = dimensions(area, plane.dip, thickness, source.aspect_ratio.of(mag));
            Template::new(dimensions, (plane.strike, plane.dip))
        };
        let magnitudes = rates
            .iter()
            .map(|&(mag, rate)| {
                let templates: Vec<_> = spread.nodal_planes.iter().map(|(_, plane)| size(mag, plane)).collect();
                let longest = templates.iter().map(|t| t.dimensions.length).fold(0.0, f64::max);
                let widest = templates.iter().map(|t| t.dimensions.width).fold(0.0, f64::max);
                let radius = if source.msr == Msr::PointMsr { 0.0 } else { hypot(longest, widest) / 2.0 };
                MagnitudeBin { mag, rate, radius, templates, mean_template: size(mag, &mean_plane) }
            })
            .collect();
        let mean_depth = spread.mean_depth();
        PointRuptures { spread: spread.clone(), mean_plane, mean_depth, magnitudes, shifts: false }
    }

    /// The same, with hypocentres as deep as the middle of ruptures that were moved to fit between the depths, or not (`shift_hypo`).
    /// That of the one rupture far away does not move.
    pub fn shifting(self, shifts: bool) -> PointRuptures {
        PointRuptures { shifts, ..self }
    }

    /// The magnitudes with their rates.
    pub fn magnitudes(&self) -> &[MagnitudeBin] {
        &self.magnitudes
    }

    /// Whether a magnitude makes more than one rupture.
    pub fn is_spread(&self) -> bool {
        self.spread.count() > 1
    }

    /// The number of ruptures of all magnitudes at one location.
    pub fn count(&self) -> usize {
        self.magnitudes.len() * self.spread.count()
    }

    /// Add the ruptures of a magnitude at a location to `out`: one a nodal plane and hypocentral depth.
    pub fn add_at(&self, bin: &MagnitudeBin, location: (f64, f64), out: &mut Vec<PlanarRupture>) {
        let at = At::new(location);
        for ((weight, plane), template) in self.spread.nodal_planes.iter().zip(&bin.templates) {
            for (i, &(depth_weight, depth)) in self.spread.hypo_depths.iter().enumerate() {
                let down_dip = self.spread.down_dip.get(i).copied().unwrap_or(MIDDLE);
                let rate = bin.rate * weight * depth_weight;
                let mut rupture = self.rupture(&at, *plane, (depth, down_dip), template, rate);
                if self.shifts {
                    // it does not move sideways, off a plane that dips as it may be (engine behaviour)
                    let place = (plane.strike, plane.dip);
                    let centre = centre_of(rupture.hypocentre, down_dip, template.dimensions, place);
                    let middle = PlanarSurface::centre(centre, template.dimensions, place, self.spread.depths);
                    rupture.hypocentre.depth = middle.depth;
                }
                out.push(rupture);
            }
        }
    }

    /// Put the one rupture on the mean nodal plane at the mean depth into `out`: what stands for a magnitude beyond the
    /// `pointsource_distance`.
    pub fn mean_at(&self, bin: &MagnitudeBin, location: (f64, f64), out: &mut Vec<PlanarRupture>) {
        out.clear();
        let hypocentre = (self.mean_depth, self.spread.mean_down_dip().unwrap_or(MIDDLE));
        out.push(self.rupture(&At::new(location), self.mean_plane, hypocentre, &bin.mean_template, bin.rate));
    }

    fn rupture(
        &self,
        at: &At,
        plane: NodalPlane,
        (depth, down_dip): (f64, f64),
        template: &Template,
        rate: f64,
    ) -> PlanarRupture {
        let hypocentre = Point { lon: at.location.0, lat: at.location.1, depth };
        let centre = centre_of(hypocentre, down_dip, template.dimensions, (plane.strike, plane.dip));
        let surface = match (centre.lon, centre.lat) == at.location {
            true => template.around(&at.frame, centre.depth, self.spread.depths),
            false => template.around(&At::new((centre.lon, centre.lat)).frame, centre.depth, self.spread.depths),
        };
        PlanarRupture { surface, plane, hypocentre, rate }
    }
}

/// A location, and the directions there.
struct At {
    location: (f64, f64),
    frame: Frame,
}

impl At {
    fn new(location: (f64, f64)) -> At {
        At { location, frame: Frame::at(geodetic::to_unit(location.0, location.1)) }
    }
}

/// The centre of a rupture of these dimensions that has its hypocentre at a part of its way down its dip.
fn centre_of(hypocentre: Point, down_dip: f64, dimensions: Dimensions, (strike, dip): (f64, f64)) -> Point {
    let below = (1.0 - 2.0 * down_dip) * dimensions.height / 2.0;
    if below == 0.0 {
        return hypocentre;
    }
    let azimuth = strike + if below > 0.0 { 90.0 } else { 270.0 };
    let distance = (below / tan(dip.to_radians())).abs();
    let (lon, lat) = geodetic::point_at(hypocentre.lon, hypocentre.lat, azimuth, distance);
    Point { lon, lat, depth: hypocentre.depth + below }
}

/// The mean plane of a source of a rate, rounded as a mean over sources, which the engine takes of it: at a bound of
/// strike-slip faulting that decides the size of ruptures.
fn mean_over_sources(spread: &Spread, rate: f64) -> NodalPlane {
    let plane = spread.mean_plane();
    let mean = |value: f64| if rate > 0.0 && spread.count() > 1 { value * rate / rate } else { value };
    NodalPlane::mean(mean(plane.strike), mean(plane.dip), mean(plane.rake))
}

fn weighted_mean<T>(distribution: &Distribution<T>, value: impl Fn(&T) -> f64) -> f64 {
    let total: f64 = distribution.iter().map(|(w, _)| w).sum();
    distribution.iter().map(|(w, v)| w * value(v)).sum::<f64>() / total
}

/// Length and width of a rupture of an area (km²) and aspect ratio; where its width does not fit into the seismogenic
/// thickness (km) it is cut and the length keeps the area.
fn dimensions(area: f64, dip: f64, thickness: f64, aspect_ratio: f64) -> Dimensions {
    let (sin_dip, cos_dip) = sin_cos(dip.to_radians());
    let mut length = (area * aspect_ratio).sqrt();
    let mut width = area / length;
    let max_width = thickness / sin_dip;
    if width > max_width {
        width = max_width;
        length = area / width;
    }
    Dimensions { length, width: width * cos_dip, height: width * sin_dip }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{AspectRatio, Mfd, Typology};

    fn source() -> (Source, Spread) {
        let spread = Spread {
            depths: (0.0, 20.0),
            nodal_planes: vec![
                (0.25, NodalPlane { strike: 0.0, dip: 90.0, rake: 0.0 }),
                (0.75, NodalPlane { strike: 40.0, dip: 50.0, rake: 90.0 }),
            ],
            hypo_depths: vec![(0.5, 6.0), (0.5, 12.0)],
            down_dip: Vec::new(),
        };
        let source = Source {
            id: "1".into(),
            name: "Irpinia".into(),
            trt: "Active Shallow Crust".into(),
            mfd: Mfd::incremental(6.0, 0.5, vec![0.01, 0.002]).unwrap(),
            msr: Msr::Wc1994,
            aspect_ratio: AspectRatio::Constant(1.5),
            tom: Default::default(),
            member: None,
            origin: Default::default(),
            typology: Typology::Point(PointSource { location: (15.3, 40.8), spread: spread.clone(), part_of: None }),
        };
        (source, spread)
    }

    #[test]
    fn the_box_of_the_outermost_points_is_that_of_all() {
        let spiral = |middle: f64| {
            let turn = |i: i32| (f64::from(i) * 0.7, f64::from(i) * 0.1);
            let point = move |(angle, radius): (f64, f64)| {
                let lon: f64 = middle + radius * angle.cos();
                ((lon + 180.0).rem_euclid(360.0) - 180.0, 40.0 + radius * angle.sin())
            };
            (1..100).map(turn).map(point).collect::<Vec<(f64, f64)>>()
        };
        for middle in [0.0, 13.0, -170.0, 178.0, 180.0] {
            let points = spiral(middle);
            assert_eq!(MultiPoint::of(&points).bounds(), GeoBox::of(points.iter().copied()), "{middle}");
        }
    }

    #[test]
    fn rates_of_the_ruptures_sum_to_the_rate_of_the_magnitude() {
        let (source, spread) = source();
        let ruptures = PointRuptures::new(&source, &spread, &source.mfd.rates());
        let mut out = Vec::new();
        for bin in ruptures.magnitudes() {
            out.clear();
            ruptures.add_at(bin, (15.3, 40.8), &mut out);
            assert_eq!(out.len(), 4);
            assert!((out.iter().map(|r| r.rate).sum::<f64>() - bin.rate).abs() < 1e-15);
            for rupture in &out {
                let area = rupture.surface.length * rupture.surface.width;
                assert!((area / source.msr.median_area(bin.mag, rupture.plane.rake) - 1.0).abs() < 0.01);
            }
            ruptures.mean_at(bin, (15.3, 40.8), &mut out);
            assert_eq!((out.len(), out[0].plane.strike, out[0].hypocentre.depth), (1, 30.0, 9.0));
        }
    }

    /// The mean rake is 45 or the next number above, by the rates; the engine (3.23.5) makes ruptures of strike-slip or of
    /// any faulting of them. The areas are of its surfaces.
    #[test]
    fn a_mean_rake_is_rounded_as_the_engine_rounds_it() {
        let (source, mut spread) = source();
        spread.nodal_planes = vec![
            (0.5, NodalPlane { strike: 0.0, dip: 90.0, rake: 0.0 }),
            (0.5, NodalPlane { strike: 60.0, dip: 40.0, rake: 90.0 }),
        ];
        spread.hypo_depths = vec![(0.5, 5.0), (0.5, 15.0)];
        let mut out = Vec::new();
        for (points, rake, area) in [(1.0, 45.0, 268.65529), (18.0, 45.00000000000001, 239.43932)] {
            let rates = [(5.5, 0.05 / points), (6.5, 0.01 / points)];
            let ruptures = PointRuptures::new(&source, &spread, &rates);
            ruptures.mean_at(&ruptures.magnitudes()[1], (15.3, 40.8), &mut out);
            let surface = &out[0].surface;
            assert_eq!(out[0].plane.rake, rake);
            assert!((surface.length * surface.width / area - 1.0).abs() < 1e-5, "{}", surface.length * surface.width);
        }
    }

    #[test]
    fn ruptures_lie_where_their_hypocentres_are_down_dip() {
        let (mut source, mut spread) = source();
        source.mfd = Mfd::arbitrary(vec![5.5], vec![0.01]).unwrap();
        spread.nodal_planes.truncate(1);
        spread.hypo_depths = vec![(0.5, 9.0), (0.25, 9.0), (0.25, 9.0)];
        spread.down_dip = vec![0.5, 0.75, 1.0];
        let ruptures = PointRuptures::new(&source, &spread, &source.mfd.rates());
        let mut out = Vec::new();
        ruptures.add_at(&ruptures.magnitudes()[0], (15.3, 40.8), &mut out);
        let depths: Vec<(f64, f64)> = out.iter().map(|r| (r.surface.depths[0], r.surface.depths[1])).collect();
        let height = depths[0].1 - depths[0].0;
        let at = |i: usize, part: f64| (depths[i].0 + part * height - 9.0).abs() < 1e-9;
        assert!(at(0, 0.5) && at(1, 0.75) && at(2, 1.0), "{depths:?}");
        assert!(out.iter().all(|r| r.hypocentre.depth == 9.0));
        assert_eq!(spread.mean_down_dip(), Some(0.6875));
    }

    #[test]
    fn hypocentres_move_down_with_the_rupture_where_they_are_told_to() {
        let (mut source, spread) = source();
        source.mfd = Mfd::arbitrary(vec![7.0], vec![0.01]).unwrap();
        let still = PointRuptures::new(&source, &spread, &source.mfd.rates());
        let moving = still.clone().shifting(true);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        still.add_at(&still.magnitudes()[0], (15.3, 40.8), &mut before);
        moving.add_at(&moving.magnitudes()[0], (15.3, 40.8), &mut after);
        assert!(before.iter().all(|r| (r.hypocentre.lon, r.hypocentre.lat) == (15.3, 40.8)));
        let [_, _, upper, lower] = [0, 1, 2, 3].map(|i| after[i].hypocentre);
        assert!(upper.depth > 6.0, "{upper:?}");
        // the engine leaves them where they are on the map
        assert!(after.iter().all(|r| (r.hypocentre.lon, r.hypocentre.lat) == (15.3, 40.8)));
        let middle = |r: &PlanarRupture| (r.surface.depths[0] + r.surface.depths[1]) / 2.0;
        assert!((upper.depth - middle(&after[2])).abs() < 1e-9 && (lower.depth - middle(&after[3])).abs() < 1e-9);
        assert_eq!(before[2].surface, after[2].surface);
    }

    #[test]
    fn a_wide_rupture_is_cut_to_the_layer() {
        let d = dimensions(2000.0, 90.0, 10.0, 1.0);
        assert_eq!((d.length, d.height), (200.0, 10.0));
    }

    #[test]
    fn depths_and_probabilities_are_checked() {
        let (_, mut spread) = source();
        spread.hypo_depths[0].1 = 25.0;
        assert!(spread.check().unwrap_err().to_string().contains("hypoDepth is 25"));
        spread.hypo_depths[0] = (0.4, 6.0);
        assert!(spread.check().unwrap_err().to_string().contains("hypoDepthDist is 0.9"));
        spread.hypo_depths = vec![(1.5, 6.0), (-0.5, 12.0)];
        assert!(spread.check().unwrap_err().to_string().contains("hypoDepthDist is -0.5"));
        spread.hypo_depths = vec![(1.0, 6.0)];
        for (strike, dip, rake, expected) in [
            (360.0, 90.0, 0.0, "strike is 360; expected within [0, 360)"),
            (0.0, 0.0, 0.0, "dip is 0"),
            (0.0, 90.0, -180.0, "rake is -180; expected within (-180, 180]"),
        ] {
            spread.nodal_planes = vec![(1.0, NodalPlane { strike, dip, rake })];
            assert!(spread.check().unwrap_err().to_string().contains(expected));
        }
    }
}
