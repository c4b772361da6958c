//! The site collection: where hazard is computed, with the parameters of the ground.

use std::collections::{BTreeMap, HashSet};

use crate::elementary::powi;
use crate::elementary::scalar::{exp, ln};
use crate::geo::Vec3;
use crate::geo::geodetic::to_cartesian;
use crate::geo::points::Points;
use crate::geo::polygon::{Polygon, PolygonError, discretize_hull};
use crate::gsim::{Gsim, Param};
use crate::job::{ReferenceSite, Region};
use crate::nrml::site_model::{SiteModel, round5};

/// Why there is no site collection.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum SiteError {
    /// The region cannot be covered.
    #[error("region: {0}")]
    Region(#[from] PolygonError),
    /// Two sites at one place.
    #[error("the site {lon} {lat} is there twice")]
    Duplicate {
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
    },
    /// A parameter that a ground-motion model requires is given nowhere.
    #[error("the ground-motion models require {parameter}: give {source_of} or a site model with it")]
    Missing {
        /// The site parameter.
        parameter: &'static str,
        /// The parameter of the job that would give it.
        source_of: &'static str,
    },
    /// A parameter that only a site model can give, and there is none.
    #[error("the ground-motion models require {0}: give a site model with it")]
    NoModel(&'static str),
    /// A parameter that only a site model can give.
    #[error("the ground-motion models require {0}, which the site model does not give")]
    NotInModel(&'static str),
    /// A depth that a model would have to relate to vs30 itself.
    #[error(
        "{model} requires {parameter}, and the site {lon} {lat} has -999 for it: that stands for the model's own relation with vs30, \
         which is not supported for this model; give the depth"
    )]
    NoDepth {
        /// The ground-motion model.
        model: String,
        /// The depth.
        parameter: &'static str,
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
    },
    /// A depth that would have to be guessed from vs30, where that depends on the country.
    #[error(
        "override_vs30: {parameter} would follow from it, by other formulas in Japan than elsewhere, and it is not known in \
         which country the site {lon} {lat} is; give the vs30 in the site model instead"
    )]
    NearJapan {
        /// The depth.
        parameter: &'static str,
        /// Longitude, degrees.
        lon: f64,
        /// Latitude, degrees.
        lat: f64,
    },
}

/// N sites with their parameters.
#[derive(Clone, Debug)]
pub struct SiteCollection {
    /// The places.
    pub points: Points,
    params: BTreeMap<Param, Vec<f64>>,
    /// See [`SiteCollection::ampcodes`].
    ampcodes: Vec<String>,
    /// See [`SiteCollection::custom_ids`].
    custom_ids: Vec<String>,
    /// See [`SiteCollection::labels`].
    labels: Vec<u8>,
}

/// A site farther than this (km) from the nearest place of a site model is warned of.
const ASSOCIATION_DISTANCE: f64 = 5.0;

impl SiteCollection {
    /// Sites at (longitude, latitude, depth), sorted as the engine sorts the sites of a job: by longitude, then latitude.
    pub fn at(mut coordinates: Vec<(f64, f64, f64)>) -> Result<SiteCollection, SiteError> {
        coordinates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        SiteCollection::in_order(&coordinates)
    }

    /// Sites in the given order.
    pub fn in_order(coordinates: &[(f64, f64, f64)]) -> Result<SiteCollection, SiteError> {
        let mut seen = HashSet::new();
        for &(lon, lat, _) in coordinates {
            if !seen.insert((lon.to_bits(), lat.to_bits())) {
                return Err(SiteError::Duplicate { lon, lat });
            }
        }
        let column = |f: fn(&(f64, f64, f64)) -> f64| coordinates.iter().map(f).collect();
        let lon = column(|c| round5((c.0 + 180.0).rem_euclid(360.0) - 180.0));
        Ok(SiteCollection {
            points: Points::new(lon, column(|c| round5(c.1)), column(|c| c.2)),
            params: BTreeMap::new(),
            ampcodes: vec![String::new(); coordinates.len()],
            custom_ids: Vec::new(),
            labels: Vec::new(),
        })
    }

    /// The `part`-th of `of` parts, from 1: one site of `of` in a row.
    pub fn part(&self, part: usize, of: usize) -> SiteCollection {
        self.filtered(|i| i % of == part - 1)
    }

    /// The sites whose index this says.
    fn filtered(&self, keep: impl Fn(usize) -> bool) -> SiteCollection {
        self.taken(&(0..self.len()).filter(|&i| keep(i)).collect::<Vec<_>>())
    }

    /// The sites with these indices, in their order.
    fn taken(&self, kept: &[usize]) -> SiteCollection {
        let take = |values: &[f64]| kept.iter().map(|&i| values[i]).collect::<Vec<f64>>();
        let Points { lon, lat, depth, .. } = &self.points;
        SiteCollection {
            points: Points::new(take(lon), take(lat), take(depth)),
            params: self.params.iter().map(|(param, values)| (*param, take(values))).collect(),
            ampcodes: kept.iter().map(|&i| self.ampcodes[i].clone()).collect(),
            custom_ids: kept.iter().filter_map(|&i| self.custom_ids.get(i).cloned()).collect(),
            labels: kept.iter().filter_map(|&i| self.labels.get(i).copied()).collect(),
        }
    }

    /// The sites that are the nearest one to some place (longitude, latitude) at most `limit` km away, and the indices of the
    /// places from which none is.
    pub fn near(&self, places: &[(f64, f64)], limit: f64) -> (SiteCollection, Vec<usize>) {
        let mut near = vec![false; self.len()];
        let mut far = Vec::new();
        for (place, (site, km)) in nearest(&self.points.xyz, places.iter().copied()).into_iter().enumerate() {
            match near.get_mut(site) {
                Some(near) if km <= limit => *near = true,
                _ => far.push(place),
            }
        }
        (self.filtered(|i| near[i]), far)
    }

    /// Give sites other values of vs30 (m/s), and to all the depths that follow from their vs30 in place of theirs: to 1.0 km/s
    /// (Chiou and Youngs, 2014, doi:10.1193/072813EQS219M, eq. 1) and to 2.5 km/s (Campbell and Bozorgnia, 2014,
    /// doi:10.1193/062913EQS175M, eq. 33). One value is for all sites. Several make several sites, one after the other, of the
    /// only site, or of each whose vs30 is -999; the others stay as they are (engine behaviour).
    ///
    /// # Errors
    /// [`SiteError::NearJapan`] if there are such depths: Japan has formulas of its own.
    pub fn override_vs30(&mut self, values: &[f64]) -> Result<(), SiteError> {
        let Some(given) = self.params.get(&Param::Vs30) else { return Ok(()) };
        for param in [Param::Z1pt0, Param::Z2pt5].into_iter().filter(|param| self.params.contains_key(param)) {
            let mut places = self.points.lon.iter().zip(&self.points.lat);
            if let Some((&lon, &lat)) = places.find(|(lon, lat)| is_near_japan(**lon, **lat)) {
                return Err(SiteError::NearJapan { parameter: param.name(), lon, lat });
            }
        }
        let is_only = given.len() == 1;
        let mut made: Vec<(usize, f64, String)> = Vec::new();
        for (i, &vs30) in given.iter().enumerate() {
            let id = self.custom_ids.get(i);
            if values.len() > 1 && !is_only && vs30 != NO_VALUE {
                let id = id.cloned().unwrap_or_else(|| made.len().to_string());
                made.push((i, vs30, id));
                continue;
            }
            let id = id.cloned().unwrap_or_else(|| i.to_string());
            made.extend(values.iter().map(|&vs30| (i, vs30, with_class(&id, vs30))));
        }
        let indices: Vec<usize> = made.iter().map(|(i, ..)| *i).collect();
        let vs30: Vec<f64> = made.iter().map(|(_, vs30, _)| *vs30).collect();
        *self = self.taken(&indices);
        for (param, depth) in [(Param::Z1pt0, z1pt0_of as fn(f64) -> f64), (Param::Z2pt5, z2pt5_of)] {
            let depths = vs30.iter().map(|&vs30| depth(vs30)).collect();
            self.params.entry(param).and_modify(|values| *values = depths);
        }
        self.params.insert(Param::Vs30, vs30);
        self.custom_ids = made.into_iter().map(|(.., id)| id).collect();
        Ok(())
    }

    /// An error if a site has no value (-999) for a depth that a model requires and does not know by itself.
    pub fn check_depths(&self, model: &str, gsim: &dyn Gsim) -> Result<(), SiteError> {
        const DEPTHS: [Param; 4] = [Param::Z1pt0, Param::Z1pt4, Param::Z2pt5, Param::ZSed];
        for param in DEPTHS.into_iter().filter(|param| !gsim.infers_depths() && gsim.params().contains(param)) {
            let values = self.param(param).unwrap_or_default();
            if let Some(site) = values.iter().position(|depth| *depth == NO_VALUE) {
                let (lon, lat) = (self.points.lon[site], self.points.lat[site]);
                return Err(SiteError::NoDepth { model: model.to_string(), parameter: param.name(), lon, lat });
            }
        }
        Ok(())
    }

    /// Sites on a grid over a region.
    pub fn over(region: &Region) -> Result<SiteCollection, SiteError> {
        let grid = Polygon::new(&region.vertices)?.discretize_dilated(region.spacing)?;
        SiteCollection::at(grid.into_iter().map(|(lon, lat)| (lon, lat, 0.0)).collect())
    }

    /// Sites on a grid spaced by `spacing` km over the convex hull of places (longitude, latitude).
    pub fn over_places(places: &[(f64, f64)], spacing: f64) -> Result<SiteCollection, SiteError> {
        let grid = discretize_hull(places, spacing)?;
        SiteCollection::at(grid.into_iter().map(|(lon, lat)| (lon, lat, 0.0)).collect())
    }

    /// The number of sites.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is no site.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// A parameter of every site, if it is there.
    pub fn param(&self, param: Param) -> Option<&[f64]> {
        match param {
            Param::Lon => Some(&self.points.lon),
            Param::Lat => Some(&self.points.lat),
            _ => self.params.get(&param).map(Vec::as_slice),
        }
    }

    /// The parameters that are set, in order.
    pub fn params(&self) -> impl Iterator<Item = (Param, &[f64])> {
        self.params.iter().map(|(p, v)| (*p, v.as_slice()))
    }

    /// The code of the amplification function of each site; empty where the site model gives none.
    pub fn ampcodes(&self) -> &[String] {
        &self.ampcodes
    }

    /// What the user calls each site (`custom_site_id`); none where the file of the sites does not say it.
    pub fn custom_ids(&self) -> &[String] {
        &self.custom_ids
    }

    /// Which GSIM logic tree each site has, 0 for the first (`ilabel`); none where the site model does not say it.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Which GSIM logic tree a site has.
    pub fn label(&self, site: usize) -> usize {
        self.labels.get(site).map_or(0, |label| usize::from(*label))
    }

    /// The sites that have a GSIM logic tree.
    pub fn labelled(&self, label: usize) -> SiteCollection {
        self.filtered(|site| self.label(site) == label)
    }

    /// Forget the labels: all sites have the first tree.
    pub fn unlabelled(self) -> SiteCollection {
        SiteCollection { labels: Vec::new(), ..self }
    }

    /// The same, called so: one for each site, or none at all.
    pub fn called(self, custom_ids: Vec<String>) -> SiteCollection {
        debug_assert!(custom_ids.is_empty() || custom_ids.len() == self.len());
        SiteCollection { custom_ids, ..self }
    }

    /// Set a parameter of every site.
    pub fn set(&mut self, param: Param, values: Vec<f64>) {
        self.params.insert(param, values);
    }

    /// Take the required parameters from the reference values of the job.
    pub fn set_reference(&mut self, reference: &ReferenceSite, required: &[Param]) -> Result<(), SiteError> {
        for &param in required {
            if self.params.contains_key(&param) {
                continue;
            }
            match in_job(param, reference) {
                InJob::Reference(value) | InJob::NoReference(value) => {
                    self.params.insert(param, vec![value?; self.len()]);
                }
                InJob::NotOfGround => {}
            }
        }
        Ok(())
    }

    /// Take the required parameters from the nearest place of a site model, those that it lacks from the reference
    /// values. Returns a warning for the first few sites that are far from every place; `spacing` is that of the grid
    /// of a region, km.
    pub fn associate(
        &mut self,
        model: &SiteModel,
        reference: &ReferenceSite,
        required: &[Param],
        spacing: Option<f64>,
    ) -> Result<Vec<String>, SiteError> {
        let limit = spacing.map_or(ASSOCIATION_DISTANCE, |s| s * std::f64::consts::SQRT_2);
        let same = self.points.lon == model.lon && self.points.lat == model.lat;
        let nearest: Vec<(usize, f64)> =
            if same { (0..self.len()).map(|i| (i, 0.0)).collect() } else { nearest_places(&self.points, model) };
        // a site model that one is asked for has to say it (engine behaviour)
        let lacks = |param: &&Param| {
            !model.params.contains_key(param) && matches!(in_job(**param, reference), InJob::NoReference(_))
        };
        if let Some(missing) = required.iter().find(lacks) {
            return Err(SiteError::NotInModel(missing.name()));
        }
        for &param in required {
            if let Some(values) = model.params.get(&param) {
                self.params.insert(param, nearest.iter().map(|&(k, _)| values[k]).collect());
            }
        }
        if !model.ampcodes.is_empty() {
            self.ampcodes = nearest.iter().map(|&(k, _)| model.ampcodes[k].clone()).collect();
        }
        if !model.labels.is_empty() {
            self.labels = nearest.iter().map(|&(k, _)| model.labels[k]).collect();
        }
        self.set_reference(reference, required)?;
        const MOST_WARNINGS: usize = 5;
        let far = nearest.iter().enumerate().filter(|(_, (_, km))| *km > limit).take(MOST_WARNINGS);
        let warn = |(i, (_, km)): (usize, &(usize, f64))| {
            let (lon, lat) = (self.points.lon[i], self.points.lat[i]);
            format!("the site {lon} {lat} is {km:.0} km from the nearest place of the site model")
        };
        Ok(far.map(warn).collect())
    }
}

/// What a job says of a parameter of contexts that no file gives.
enum InJob {
    /// The ground has a reference value.
    Reference(Result<f64, SiteError>),
    /// There is none, so a site model has to say it; this is the value where there is no site model.
    NoReference(Result<f64, SiteError>),
    /// The parameter is no property of the ground.
    NotOfGround,
}

fn in_job(param: Param, reference: &ReferenceSite) -> InJob {
    use Param::*;
    let given = |value: Option<f64>, source_of| {
        InJob::Reference(value.ok_or_else(|| SiteError::Missing { parameter: param.name(), source_of }))
    };
    match param {
        Vs30 => given(reference.vs30, "reference_vs30_value"),
        Z1pt0 => given(reference.z1pt0, "reference_depth_to_1pt0km_per_sec"),
        Z1pt4 => given(reference.z1pt4, "reference_depth_to_1pt4km_per_sec"),
        Z2pt5 => given(reference.z2pt5, "reference_depth_to_2pt5km_per_sec"),
        Vs30Measured => InJob::Reference(Ok(f64::from(reference.vs30measured))),
        Backarc => InJob::Reference(Ok(f64::from(reference.backarc))),
        Xvf => InJob::NoReference(Err(SiteError::NoModel(param.name()))),
        Region if !reference.has_region => InJob::NoReference(Err(SiteError::NoModel(param.name()))),
        // 0 where there is no site model (engine behaviour)
        Bas | ZSed | Siteclass | Region | Slope | Geology | Ec8 | Ec8P18 | H800 | Soiltype | Kappa0 | Thv | Phv
        | F0 | FreefaceRatio | T15 | F15 | D5015 | Amplfactor | ChAmpl03 | ChAmpl06 | ChPhis2s03 | ChPhis2s06
        | ChPhiss03 | ChPhiss06 => InJob::NoReference(Ok(0.0)),
        Lon | Lat | Mag | Rake | Dip | Strike | Width | Ztor | Zbot | InCshm | HypoDepth | HypoLon | HypoLat | Rrup
        | Rx | Ry0 | Rjb | Repi | Rhypo | Rvolc | Azimuth | Clon | Clat => InJob::NotOfGround,
    }
}

/// Whether a place may be in Japan: Korea, Taiwan and the Kurils may not.
fn is_near_japan(lon: f64, lat: f64) -> bool {
    let main_islands = (129.0..=146.5).contains(&lon) && (29.0..=46.0).contains(&lat) && !(lon < 129.6 && lat > 34.8);
    let ryukyu = (122.5..=132.0).contains(&lon) && (23.5..=31.0).contains(&lat);
    main_islands || ryukyu || ((139.0..=154.5).contains(&lon) && (20.0..=36.0).contains(&lat))
}

/// A vs30 that is not known.
const NO_VALUE: f64 = -999.0;

/// Depth to 1.0 km/s, m, by vs30.
fn z1pt0_of(vs30: f64) -> f64 {
    exp(-7.15 / 4.0 * ln((powi(vs30, 4) + powi(571.0, 4)) / (powi(1360.0, 4) + powi(571.0, 4))))
}

/// Depth to 2.5 km/s, km, by vs30.
fn z2pt5_of(vs30: f64) -> f64 {
    exp(7.089 - 1.144 * ln(vs30))
}

/// The id of a site with the class of the ground that its vs30 is of, as the engine names sites with another vs30: the first
/// five bytes of it, a colon, one of the classes of ASCE 7-22 (section 20.2, its bounds in m/s).
fn with_class(id: &str, vs30: f64) -> String {
    const BOUNDS: [(f64, &str); 7] =
        [(152.0, "E"), (213.0, "DE"), (305.0, "D"), (442.0, "CD"), (640.0, "C"), (914.0, "BC"), (1500.0, "B")];
    let class = BOUNDS.iter().find(|(bound, _)| vs30 <= *bound).map_or("A", |(_, class)| class);
    let mut end = id.len().min(5);
    while !id.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}:{class}", &id[..end])
}

/// For each point the nearest place of a model with its distance in space, km.
fn nearest_places(points: &Points, model: &SiteModel) -> Vec<(usize, f64)> {
    let places: Vec<Vec3> =
        (0..model.lon.len()).map(|k| to_cartesian(model.lon[k], model.lat[k], model.depth[k])).collect();
    nearest(&places, points.lon.iter().copied().zip(points.lat.iter().copied()))
}

/// For each point (longitude, latitude) at the surface the nearest place with its distance in space, km.
fn nearest(places: &[Vec3], points: impl Iterator<Item = (f64, f64)>) -> Vec<(usize, f64)> {
    let tree = rstar::RTree::bulk_load(places.iter().enumerate().map(|(k, &xyz)| Place::new(xyz, k)).collect());
    let nearest = |(lon, lat): (f64, f64)| {
        let mut found = tree.nearest_neighbor_iter_with_distance_2(&to_cartesian(lon, lat, 0.0));
        let Some((first, d2)) = found.next() else { return (0, f64::INFINITY) };
        // which of places as near comes first depends on the shape of the tree, and that on the C library
        let as_near = found.take_while(|(_, other)| *other == d2).map(|(place, _)| place.data);
        (as_near.fold(first.data, usize::min), d2.sqrt())
    };
    points.map(nearest).collect()
}

type Place = rstar::primitives::GeomWithData<[f64; 3], usize>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_places_as_near_the_first_is_taken() {
        let places: Vec<Vec3> = (0..60).map(|k| to_cartesian(10.0, 40.0 + f64::from(k % 3), 0.0)).collect();
        let found = nearest(&places, [(10.0, 41.1), (10.0, 42.0)].into_iter());
        assert_eq!([found[0].0, found[1].0], [1, 2]);
        assert_eq!(found[1].1, 0.0);
    }

    #[test]
    fn sites_are_sorted_and_unique() {
        let sites = SiteCollection::at(vec![(14.0, 42.0, 0.0), (13.0, 43.0, -0.5), (13.0, 42.0, 0.0)]).unwrap();
        assert_eq!(sites.points.lon, [13.0, 13.0, 14.0]);
        assert_eq!(sites.points.depth, [0.0, -0.5, 0.0]);
        assert!(SiteCollection::at(vec![(1.0, 2.0, 0.0), (1.0, 2.0, 3.0)]).is_err());
    }

    #[test]
    fn a_depth_without_value_is_for_models_that_know_it() {
        let mut sites = SiteCollection::at(vec![(-121.65, 37.15, 0.0), (-121.5, 37.2, 0.0)]).unwrap();
        sites.set(Param::Z1pt0, vec![72.1, -999.0]);
        sites.set(Param::Z2pt5, vec![0.69, -999.0]);
        let check = |name: &str| sites.check_depths(name, &*crate::gsim::by_name(name).unwrap());
        let error = check("Stafford2022").unwrap_err().to_string();
        let expected = "Stafford2022 requires z1pt0, and the site -121.5 37.2 has -999 for it";
        assert!(error.starts_with(expected), "{error}");
        // one that asks for no depth, and those that relate it to vs30
        for name in ["BooreAtkinson2008", "ParkerEtAl2020SInterCascadia", "ChiouYoungs2014", "CampbellBozorgnia2014"] {
            check(name).unwrap();
        }
    }

    #[test]
    fn basins_are_none_without_a_site_model_and_have_to_be_in_one() {
        let mut sites = SiteCollection::at(vec![(13.0, 42.0, 0.0)]).unwrap();
        let reference = ReferenceSite { vs30: Some(600.0), vs30measured: true, ..ReferenceSite::default() };
        sites.set_reference(&reference, &[Param::Bas]).unwrap();
        for param in [Param::Xvf, Param::Region] {
            assert_eq!(sites.set_reference(&reference, &[param]), Err(SiteError::NoModel(param.name())));
        }
        let with_region = ReferenceSite { has_region: true, ..reference.clone() };
        sites.set_reference(&with_region, &[Param::Region]).unwrap();
        assert_eq!(sites.param(Param::Region), Some(&[0.0][..]));
        assert_eq!(sites.param(Param::Bas), Some(&[0.0][..]));
        let params = BTreeMap::new();
        let model = SiteModel {
            lon: vec![13.0],
            lat: vec![42.0],
            depth: vec![0.0],
            has_header: true,
            params,
            ..SiteModel::default()
        };
        let error = sites.associate(&model, &reference, &[Param::Bas], None).unwrap_err();
        assert_eq!(error, SiteError::NotInModel("bas"));
    }

    #[test]
    fn parameters_come_from_the_nearest_place_then_from_the_reference() {
        let mut sites = SiteCollection::at(vec![(13.0, 42.0, 0.0), (13.4, 42.0, 0.0)]).unwrap();
        let model = SiteModel {
            lon: vec![13.41, 13.01],
            lat: vec![42.0, 42.0],
            depth: vec![0.0; 2],
            has_header: true,
            params: BTreeMap::from([(Param::Vs30, vec![300.0, 700.0])]),
            ampcodes: vec!["soft".into(), "stiff".into()],
            ..SiteModel::default()
        };
        let reference = ReferenceSite { z1pt0: Some(40.0), ..ReferenceSite::default() };
        let warnings = sites.associate(&model, &reference, &[Param::Vs30, Param::Z1pt0], None).unwrap();
        assert!(warnings.is_empty());
        assert_eq!(sites.param(Param::Vs30).unwrap(), [700.0, 300.0]);
        assert_eq!(sites.ampcodes(), ["stiff", "soft"]);
        assert_eq!(sites.param(Param::Z1pt0).unwrap(), [40.0, 40.0]);
        let missing = sites.associate(&model, &reference, &[Param::Z1pt4], None).unwrap_err();
        assert!(missing.to_string().contains("reference_depth_to_1pt4km_per_sec"), "{missing}");
        let given = ReferenceSite { z1pt4: Some(300.0), ..reference.clone() };
        sites.associate(&model, &given, &[Param::Z1pt4], None).unwrap();
        assert_eq!(sites.param(Param::Z1pt4).unwrap(), [300.0, 300.0]);
        let missing = sites.associate(&model, &reference, &[Param::Z2pt5], None).unwrap_err();
        assert!(missing.to_string().contains("reference_depth_to_2pt5km_per_sec"));
    }

    #[test]
    fn a_part_is_every_so_many_th_site() {
        let mut sites = SiteCollection::at((0..5).map(|k| (f64::from(k), 0.0, 0.0)).collect()).unwrap();
        sites.set(Param::Vs30, vec![100.0, 200.0, 300.0, 400.0, 500.0]);
        let sites = sites.called(["a", "b", "c", "d", "e"].map(String::from).to_vec());
        let second = sites.part(2, 2);
        assert_eq!(second.custom_ids(), ["b", "d"]);
        assert_eq!(
            (second.points.lon.as_slice(), second.param(Param::Vs30)),
            (&[1.0, 3.0][..], Some(&[200.0, 400.0][..]))
        );
        assert_eq!(sites.part(1, 2).len() + second.len(), 5);
    }

    #[test]
    fn of_sites_those_nearest_to_a_place_count() {
        let sites = SiteCollection::at((0..4).map(|k| (13.0 + 0.1 * f64::from(k), 42.0, 0.0)).collect()).unwrap();
        // two at one site, one farther than 5 km from every other, one so far that it counts for none
        let places = [(13.0, 42.01), (13.01, 42.0), (13.2, 42.0), (13.2, 43.0)];
        let (near, far) = sites.near(&places, 5.0);
        assert_eq!((near.points.lon.as_slice(), far), (&[13.0, 13.2][..], vec![3]));
        assert!(sites.near(&[], 5.0).0.is_empty());
    }

    #[test]
    fn another_vs30_brings_its_depths_but_not_in_japan() {
        let with_depths = |lon: f64, lat: f64| {
            let mut sites = SiteCollection::at(vec![(lon, lat, 0.0)]).unwrap();
            for param in [Param::Vs30, Param::Z1pt0, Param::Z2pt5] {
                sites.set(param, vec![1.0]);
            }
            sites
        };
        let mut sites = with_depths(13.0, 42.0);
        sites.override_vs30(&[760.0]).unwrap();
        let value = |param| sites.param(param).unwrap()[0];
        assert_eq!(value(Param::Vs30), 760.0);
        // as the engine gives them
        assert!((value(Param::Z1pt0) - 41.306642430928136).abs() < 1e-9, "{}", value(Param::Z1pt0));
        assert!((value(Param::Z2pt5) - 0.6068241170383324).abs() < 1e-12, "{}", value(Param::Z2pt5));
        let error = with_depths(139.7, 35.7).override_vs30(&[760.0]).unwrap_err();
        assert_eq!(error, SiteError::NearJapan { parameter: "z1pt0", lon: 139.7, lat: 35.7 });
        let mut without = SiteCollection::at(vec![(139.7, 35.7, 0.0)]).unwrap();
        without.set(Param::Vs30, vec![300.0]);
        without.override_vs30(&[760.0]).unwrap();
        assert_eq!(without.param(Param::Vs30), Some(&[760.0][..]));
    }

    #[test]
    fn several_values_of_vs30_make_several_sites() {
        let site = |lon: f64| (lon, 42.0, 0.0);
        let mut only = SiteCollection::at(vec![site(13.0)]).unwrap();
        only.set(Param::Vs30, vec![800.0]);
        only.override_vs30(&[365.0, 830.0]).unwrap();
        assert_eq!((only.points.lon.clone(), only.param(Param::Vs30)), (vec![13.0; 2], Some(&[365.0, 830.0][..])));
        assert_eq!(only.custom_ids(), ["0:CD", "0:BC"]);

        let mut some = SiteCollection::at(vec![site(13.0), site(14.0), site(15.0)]).unwrap();
        some.set(Param::Vs30, vec![400.0, -999.0, 500.0]);
        some.set(Param::Z1pt0, vec![10.0; 3]);
        let mut named = some.clone().called(["Roma", "L'Aquila", "Bari"].map(str::to_string).to_vec());
        some.override_vs30(&[200.0, 2000.0]).unwrap();
        assert_eq!(some.points.lon, [13.0, 14.0, 14.0, 15.0]);
        assert_eq!(some.param(Param::Vs30), Some(&[400.0, 200.0, 2000.0, 500.0][..]));
        assert_eq!(some.custom_ids(), ["0", "1:DE", "1:A", "3"]);
        // all depths follow from the vs30, of the sites that stay too
        let depths = some.param(Param::Z1pt0).unwrap();
        assert!(depths.iter().all(|depth| *depth != 10.0) && depths[2] < depths[3], "{depths:?}");
        named.override_vs30(&[200.0, 2000.0]).unwrap();
        assert_eq!(named.custom_ids(), ["Roma", "L'Aqu:DE", "L'Aqu:A", "Bari"]);
    }

    #[test]
    fn a_far_site_is_warned_of() {
        let mut sites = SiteCollection::at(vec![(13.0, 42.0, 0.0)]).unwrap();
        let model = SiteModel { lon: vec![14.0], lat: vec![42.0], depth: vec![0.0], ..SiteModel::default() };
        let warnings = sites.associate(&model, &ReferenceSite::default(), &[], None).unwrap();
        assert!(warnings[0].contains("83 km"), "{warnings:?}");
    }
}
