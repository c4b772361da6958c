//! The parameters of a job, as plain data.

use std::ops::Deref;
use std::path::PathBuf;

use super::distance::IntegrationDistance;
use super::table::Given;
use crate::elementary::powi;
use crate::gsim::Imt;
use crate::nrml::source_model::SourceSettings;

/// The checked parameters of a calculation: those that are [`Given`], and what several of them together mean.
#[derive(Clone, Debug)]
pub struct Params {
    /// Each parameter. They can be read from `Params` itself.
    pub given: Given,
    /// Where the sites come from.
    pub sites: SiteSource,
    /// The assets near which sites have to be.
    pub exposure: Option<Exposure>,
    /// The values for sites without a site model.
    pub reference: ReferenceSite,
    /// The source model logic tree.
    pub source_model_logic_tree: InputFile,
    /// The GSIM logic tree, or the one model of `gsim`.
    pub gsims: Gsims,
    /// How curves on the ground of the sites follow from those on rock.
    pub amplification: Option<Amplification>,
    /// What is added to the rates of single ruptures.
    pub delta_rates: Option<InputFile>,
    /// What source models need to know.
    pub source_settings: SourceSettings,
    /// The point-like sources whose nodal planes and depths are replaced by their means.
    pub collapsed: Collapsed,
}

impl Deref for Params {
    type Target = Given;

    fn deref(&self) -> &Given {
        &self.given
    }
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Hazard curves, and what is made of them.
    Classical,
    /// Hazard curves, and which ruptures they come from.
    Disaggregation,
}

impl Mode {
    /// All of them.
    pub const ALL: &'static [Mode] = &[Mode::Classical, Mode::Disaggregation];

    /// The engine's name.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Classical => "classical",
            Mode::Disaggregation => "disaggregation",
        }
    }

    /// The one with a name.
    pub fn by_name(name: &str) -> Option<Mode> {
        Mode::ALL.iter().find(|mode| mode.name() == name).copied()
    }
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

/// What `amplification_method` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amplified {
    /// Hazard curves, by `convolution`.
    Curves,
    /// The motion of each rupture, by a `kernel`.
    Motion,
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

/// Whether there may be as many samples as paths (`oversampling`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oversampling {
    /// There may.
    Tolerated,
    /// There may not.
    Forbidden,
}

/// Where the reference vs30 comes from (`reference_vs30_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vs30Type {
    /// It was measured.
    Measured,
    /// It was inferred.
    Inferred,
}

/// A number of bytes, as people write it: `8G`, `500 MB`, `1.5GiB`. The letters stand for powers of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// What is accepted as one.
    pub const ACCEPTED: &'static str = "a positive number with K, M, G or T for powers of 1024 bytes, such as 8G";
}

impl std::str::FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("found {text:?}; expected {}", Self::ACCEPTED);
        let upper = text.trim().to_uppercase();
        let end = upper.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(upper.len());
        let (number, unit) = upper.split_at(end);
        let power = match unit.trim().trim_end_matches('B').trim_end_matches('I') {
            "" if !unit.contains('I') => 0,
            "K" => 1,
            "M" => 2,
            "G" => 3,
            "T" => 4,
            _ => return Err(wrong()),
        };
        let bytes = number.parse::<f64>().map_err(|_| wrong())? * powi(1024.0, power);
        if (1.0..u64::MAX as f64).contains(&bytes) { Ok(ByteSize(bytes as u64)) } else { Err(wrong()) }
    }
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

/// The files of parameters, which are lent to change them or not.
macro_rules! input_files {
    ($params:expr) => {{
        let Params { source_model_logic_tree, gsims, sites, exposure, amplification, delta_rates, .. } = $params;
        let mut files = vec![source_model_logic_tree];
        if let Gsims::LogicTree(file) = gsims {
            files.push(file);
        }
        match sites {
            SiteSource::Points(_, models) | SiteSource::Region(_, models) | SiteSource::SiteModel(models) => {
                files.extend(models);
            }
            SiteSource::Hull(Hull { csv, .. }, models) => {
                files.extend(csv);
                files.extend(models);
            }
            SiteSource::Csv(file) => files.push(file),
            SiteSource::Assets => {}
        }
        if let Some(Exposure { files: of_assets, .. }) = exposure {
            files.extend(of_assets);
        }
        if let Some(Amplification { file, .. }) = amplification {
            files.push(file);
        }
        files.extend(delta_rates);
        files
    }};
}

impl Params {
    /// The files that the parameters name (not those that these name in turn).
    pub fn files(&self) -> Vec<&InputFile> {
        input_files!(self)
    }

    /// The same, to change them.
    pub(super) fn files_mut(&mut self) -> Vec<&mut InputFile> {
        input_files!(self)
    }

    /// Whether nothing but the mean is wanted, of rates: then curves of realizations need not be computed.
    pub fn has_fast_mean(&self) -> bool {
        let mean_alone = self.mean && !self.std && !self.max && self.quantiles.is_empty();
        let soil = self.amplification.as_ref().and_then(Amplification::soil_intensities);
        self.use_rates
            && mean_alone
            && self.individual_rlzs != Some(true)
            && soil.is_none()
            && self.site_labels.is_empty()
    }

    /// The intensity measures with their levels, ascending, in the engine's order; all have as many levels.
    pub fn imtls(&self) -> &[(Imt, Vec<f64>)] {
        &self.given.intensity_measure_types_and_levels.by_imt
    }

    /// The intensity measures.
    pub fn imts(&self) -> Vec<Imt> {
        self.imtls().iter().map(|(imt, _)| *imt).collect()
    }

    /// The number of levels of each intensity measure.
    pub fn levels(&self) -> usize {
        self.imtls().first().map_or(0, |(_, levels)| levels.len())
    }

    /// Beyond this distance (km) from a point source its ruptures are one, by tectonic region type: shorter on a grid of point
    /// sources, unless the job says it.
    pub fn pointsource_distance(&self) -> IntegrationDistance {
        let of_grid = if self.given.ps_grid_spacing > 0.0 { 40.0 } else { 100.0 };
        self.given.pointsource_distance.clone().unwrap_or_else(|| IntegrationDistance::everywhere(of_grid))
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSize;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        for (text, bytes) in [("8G", 8 << 30), ("500 MB", 500 << 20), ("1.5GiB", 3 << 29), ("64k", 64 << 10), ("7", 7)]
        {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "G", "0", "-1G", "8X", "8i", "1e3", "nan", "1..5G", "99999999999T", "8 G B"] {
            let error = text.parse::<ByteSize>().expect_err(text);
            assert!(error.contains("found") && error.contains("8G"), "{error}");
        }
    }
}
