//! The parameters of a job, as plain data.

use std::path::PathBuf;

use super::distance::{IntegrationDistance, MinimumMagnitude};
use crate::gsim::Imt;
use crate::nrml::source_model::SourceSettings;

/// The checked parameters of a classical calculation.
#[derive(Clone, Debug)]
pub struct Params {
    /// What the user says of it.
    pub description: String,
    /// Where the sites come from.
    pub sites: SiteSource,
    /// The assets near which sites have to be.
    pub exposure: Option<Exposure>,
    /// The values for sites without a site model.
    pub reference: ReferenceSite,
    /// The source model logic tree.
    pub source_model_logic_tree: InputFile,
    /// The only branch of the source model logic tree whose source models count, with the line of the parameter.
    pub smlt_branch: Option<(String, usize)>,
    /// The GSIM logic tree, or the one model of `gsim`.
    pub gsims: Gsims,
    /// The vs30 (m/s) that all sites have instead of theirs; several make several sites of one that has none.
    pub override_vs30: Vec<f64>,
    /// Whether the reference values of the job stand before those of a site model.
    pub prefers_reference: bool,
    /// Only every so many-th site counts, from a first one on: which part of how many, from 1.
    pub tile: Option<(usize, usize)>,
    /// The branch sets of the GSIM logic tree whose models are one, the average of their probabilities.
    pub collapsed_sets: Vec<String>,
    /// How curves on the ground of the sites follow from those on rock.
    pub amplification: Option<Amplification>,
    /// The line that asks for mean rates by source, if one does.
    pub disagg_by_src: Option<usize>,
    /// What source models need to know.
    pub source_settings: SourceSettings,
    /// The time that probabilities are for, years.
    pub investigation_time: f64,
    /// The intensity measures with their levels, ascending, in the engine's order; all have as many levels.
    pub imtls: Vec<(Imt, Vec<f64>)>,
    /// How many standard deviations of ground motion count; 0 for the median alone.
    pub truncation_level: f64,
    /// The point-like sources whose nodal planes and depths are replaced by their means.
    pub collapsed: Collapsed,
    /// Below which magnitude ruptures do not count, if the job says so.
    pub minimum_magnitude: Option<MinimumMagnitude>,
    /// How far sites feel ruptures; not at all below the minimum magnitude.
    pub maximum_distance: IntegrationDistance,
    /// Distances below this count as this, km.
    pub minimum_distance: f64,
    /// Beyond this distance (km) from a point source its ruptures are one, by tectonic region type.
    pub pointsource_distance: IntegrationDistance,
    /// Point sources in a cell of a grid of this spacing (km) are one beyond the `pointsource_distance`; 0 for no grid.
    pub ps_grid_spacing: f64,
    /// Whether area and multi-point sources are taken apart into points: where they are not, all ruptures count at any
    /// distance and the `pointsource_distance` has no effect. On a grid they always are (engine behaviour).
    pub split_sources: bool,
    /// Whether hypocentres of point sources move with ruptures that do not fit between the seismogenic depths.
    pub shift_hypo: bool,
    /// With no more sites than this, all of them count as near a point source if one is (engine behaviour).
    pub max_sites_disagg: usize,
    /// How many paths to sample from the logic tree; 0 for all of them.
    pub number_of_logic_tree_samples: usize,
    /// The line that forbids as many samples as there are paths, if one does.
    pub forbids_oversampling: Option<usize>,
    /// How to sample.
    pub sampling_method: SamplingMethod,
    /// The seed of the sampling.
    pub random_seed: u32,
    /// More paths than this are refused without sampling.
    pub max_potential_paths: usize,
    /// Whether ground-motion models are converted to the geometric mean of the horizontal components.
    pub horiz_comp_to_geom_mean: bool,
    /// Whether to keep the curves of each realization: as said, or for one site if not.
    pub individual_rlzs: Option<bool>,
    /// Whether to compute the mean over realizations.
    pub mean: bool,
    /// Whether to compute the standard deviation.
    pub std: bool,
    /// Whether to compute the maximum.
    pub max: bool,
    /// The quantiles to compute, with their spelling.
    pub quantiles: Vec<f64>,
    /// Whether statistics are of rates rather than of probabilities.
    pub use_rates: bool,
    /// The probabilities at which to compute hazard maps.
    pub poes: Vec<f64>,
    /// Whether hazard maps over periods are wanted as spectra.
    pub uniform_hazard_spectra: bool,
}

/// Point-like sources that are simplified (`reqv_hdf5`).
///
/// Where the engine is given equivalent distances it takes one nodal plane and one depth, both means, and ruptures as good
/// as points. The tables of distances themselves it does not use in a classical calculation, nor are they here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collapsed {
    /// Those of these tectonic region types.
    pub trts: Vec<String>,
    /// But not those with these ids.
    pub except: Vec<String>,
}

/// A file that a parameter names.
#[derive(Clone, Debug, PartialEq)]
pub struct InputFile {
    /// The parameter.
    pub parameter: &'static str,
    /// The path, relative ones resolved from the folder of the job.
    pub path: PathBuf,
    /// The line of the parameter.
    pub line: usize,
}

/// Amplification from rock to the ground of the sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Amplification {
    /// The amplification functions.
    pub file: InputFile,
    /// What is amplified.
    pub method: AmplificationMethod,
}

/// What is amplified.
#[derive(Clone, Debug, PartialEq)]
pub enum AmplificationMethod {
    /// Hazard curves.
    Convolution {
        /// The levels on soil, ascending, two at least.
        soil_intensities: Vec<f64>,
        /// How far the vs30 of a site may be from that of the rock, m/s; negative for any.
        vs30_tolerance: f64,
    },
    /// The motion of each rupture.
    Kernel,
}

impl Amplification {
    /// The levels on soil where hazard curves are amplified.
    pub fn soil_intensities(&self) -> Option<&[f64]> {
        match &self.method {
            AmplificationMethod::Convolution { soil_intensities, .. } => Some(soil_intensities),
            AmplificationMethod::Kernel => None,
        }
    }
}

/// Where the ground-motion models come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Gsims {
    /// A logic tree.
    LogicTree(InputFile),
    /// One model for all tectonic region types.
    One {
        /// Its name.
        name: String,
        /// Where it is given.
        line: usize,
    },
}

/// Where the sites come from.
#[derive(Clone, Debug, PartialEq)]
pub enum SiteSource {
    /// Points of the job, with a site model or not.
    Points(Vec<(f64, f64, f64)>, Vec<InputFile>),
    /// A grid over a region, with a site model or not.
    Region(Region, Vec<InputFile>),
    /// The places of a site model.
    SiteModel(Vec<InputFile>),
    /// A list of places, with the reference parameters.
    Csv(InputFile),
    /// A grid over the convex hull of places, with a site model or not.
    Hull(Hull, Vec<InputFile>),
    /// The places of the assets, with the reference parameters.
    Assets,
}

/// A grid over places: those of the assets or, if there are none, those of a list or of the site model.
#[derive(Clone, Debug, PartialEq)]
pub struct Hull {
    /// The list; sites have the reference parameters then.
    pub csv: Option<InputFile>,
    /// Spacing of the grid, km.
    pub spacing: f64,
    /// The line of the parameter.
    pub line: usize,
}

/// Assets: of the sites those count that are the nearest one to an asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// The exposure models.
    pub files: Vec<InputFile>,
    /// How far an asset may be from the nearest site, km.
    pub distance: f64,
    /// Whether those farther away are left out; otherwise they are an error.
    pub discards: bool,
    /// Assets outside this polygon (longitude, latitude) do not count.
    pub region: Vec<(f64, f64)>,
}

/// A polygon to cover with sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Its vertices (longitude, latitude), degrees.
    pub vertices: Vec<(f64, f64)>,
    /// Spacing of the grid, km.
    pub spacing: f64,
    /// The line of the parameter.
    pub line: usize,
}

/// Site parameters where no site model gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReferenceSite {
    /// Shear-wave velocity of the upper 30 m, m/s.
    pub vs30: Option<f64>,
    /// Whether it was measured.
    pub vs30measured: bool,
    /// Depth to 1.0 km/s, m.
    pub z1pt0: Option<f64>,
    /// Depth to 1.4 km/s, m.
    pub z1pt4: Option<f64>,
    /// Depth to 2.5 km/s, km.
    pub z2pt5: Option<f64>,
    /// Whether sites are behind the volcanic arc.
    pub backarc: bool,
    /// Whether the job has a polygon `region`: the engine takes it for the site parameter of that name, which is 0 then.
    pub has_region: bool,
}

/// How paths are drawn from a logic tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplingMethod {
    /// Branches are drawn by their weights; all samples weigh the same.
    EarlyWeights,
    /// Branches are drawn alike; samples weigh by their branches.
    LateWeights,
    /// By their weights, on a Latin hypercube.
    EarlyLatin,
    /// Alike, on a Latin hypercube.
    LateLatin,
}

impl std::str::FromStr for SamplingMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "early_weights" => Ok(Self::EarlyWeights),
            "late_weights" => Ok(Self::LateWeights),
            "early_latin" => Ok(Self::EarlyLatin),
            "late_latin" => Ok(Self::LateLatin),
            _ => Err(format!("found {text:?}; expected early_weights, late_weights, early_latin or late_latin")),
        }
    }
}

impl Params {
    /// The files that the parameters name (not those that these name in turn).
    pub fn files(&self) -> Vec<&InputFile> {
        let mut files = vec![&self.source_model_logic_tree];
        if let Gsims::LogicTree(file) = &self.gsims {
            files.push(file);
        }
        match &self.sites {
            SiteSource::Points(_, models) | SiteSource::Region(_, models) | SiteSource::SiteModel(models) => {
                files.extend(models);
            }
            SiteSource::Hull(hull, models) => {
                files.extend(&hull.csv);
                files.extend(models);
            }
            SiteSource::Csv(file) => files.push(file),
            SiteSource::Assets => {}
        }
        files.extend(self.exposure.iter().flat_map(|exposure| &exposure.files));
        files.extend(self.amplification.iter().map(|amplification| &amplification.file));
        files
    }

    /// Whether nothing but the mean is wanted, of rates: then curves of realizations need not be computed.
    pub fn has_fast_mean(&self) -> bool {
        let mean_alone = self.mean && !self.std && !self.max && self.quantiles.is_empty();
        let soil = self.amplification.as_ref().and_then(Amplification::soil_intensities);
        self.use_rates && mean_alone && self.individual_rlzs != Some(true) && soil.is_none()
    }

    /// The intensity measures.
    pub fn imts(&self) -> Vec<Imt> {
        self.imtls.iter().map(|(imt, _)| *imt).collect()
    }

    /// The number of levels of each intensity measure.
    pub fn levels(&self) -> usize {
        self.imtls.first().map_or(0, |(_, levels)| levels.len())
    }
}
