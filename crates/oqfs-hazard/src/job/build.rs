//! From the entries of a job file to its parameters: names, values and what goes together.

use std::path::Path;

use super::distance::{IntegrationDistance, MinimumMagnitude};
use super::ini::Entry;
use super::params::{
    Amplification, AmplificationMethod, Collapsed, Exposure, Gsims, Hull, InputFile, Params, ReferenceSite, Region,
    SamplingMethod, SiteSource,
};
use super::table::{self, Use};
use super::values::{by_trt, coordinates, files_by_trt, imtls, numbers, part, probabilities};
use crate::gsim::Imt;
use crate::nearest::nearest;
use crate::nrml::source_model::SourceSettings;

type Fail = (usize, String);

/// Names exposure models.
const EXPOSURE: &str = "exposure_file";

/// What a seed of random numbers is made from.
fn seed(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("found {text:?}; expected a whole number from 0 to 2^32 - 1"))
}

/// Check the entries of a job in the folder `base`.
pub fn build(entries: &[Entry], base: &Path, warnings: &mut Vec<String>) -> Result<Params, Fail> {
    let renamed = rename(entries)?;
    let r = Reader { entries: &renamed, base };
    let mode = r.required("calculation_mode")?;
    if mode.value != "classical" {
        let message = format!("calculation_mode is {:?}; this program runs classical", mode.value);
        return Err((mode.line, message));
    }
    check_names(&renamed, warnings)?;
    let mut maximum_distance =
        r.parsed("maximum_distance", IntegrationDistance::parse)?.ok_or_else(|| r.missing("maximum_distance"))?;
    let line = r.line("minimum_magnitude");
    let minimum_magnitude = r.parsed("minimum_magnitude", |text| MinimumMagnitude::parse(text, line))?;
    minimum_magnitude.iter().for_each(|minimum| maximum_distance.cut(minimum));
    let ps_grid_spacing = r.non_negative("ps_grid_spacing")?.unwrap_or(0.0);
    let investigation_time = r.positive("investigation_time")?.ok_or_else(|| r.missing("investigation_time"))?;
    let poes = r.poes(investigation_time)?;
    let tile = r.parsed("tile_spec", part)?;
    let imtls = r.imtls(warnings)?;
    Ok(Params {
        description: r.text("description").unwrap_or("no description").to_string(),
        sites: r.sites()?,
        exposure: r.exposure()?,
        reference: r.reference()?,
        override_vs30: r.parsed("override_vs30", numbers)?.unwrap_or_default(),
        prefers_reference: r.flag("prefer_global_site_params")?.unwrap_or(false),
        tile,
        source_model_logic_tree: r
            .file("source_model_logic_tree_file")?
            .ok_or_else(|| r.missing("source_model_logic_tree_file"))?,
        smlt_branch: r.get("smlt_branch").map(|entry| (entry.value.clone(), entry.line)),
        gsims: r.gsims()?,
        amplification: r.amplification()?,
        disagg_by_src: r.disagg_by_src(ps_grid_spacing)?,
        collapsed_sets: r.words("collapse_gsim_logic_tree"),
        source_settings: r.source_settings(investigation_time, warnings)?,
        investigation_time,
        truncation_level: r.non_negative("truncation_level")?.ok_or_else(|| r.missing("truncation_level"))?,
        collapsed: r.collapsed(warnings)?,
        minimum_magnitude,
        maximum_distance,
        minimum_distance: r.non_negative("minimum_distance")?.unwrap_or(0.0),
        pointsource_distance: r.pointsource_distance(ps_grid_spacing)?,
        ps_grid_spacing,
        split_sources: r.flag("split_sources")?.unwrap_or(true),
        shift_hypo: r.flag("shift_hypo")?.unwrap_or(false),
        // a part of the sites counts as many (engine behaviour)
        max_sites_disagg: if tile.is_some() { 1 } else { r.whole("max_sites_disagg")?.unwrap_or(10) },
        number_of_logic_tree_samples: r.whole("number_of_logic_tree_samples")?.unwrap_or(0),
        forbids_oversampling: r.oversampling()?,
        sampling_method: r.parsed("sampling_method", str::parse)?.unwrap_or(SamplingMethod::EarlyWeights),
        random_seed: r.parsed("random_seed", seed)?.unwrap_or(42),
        max_potential_paths: r.whole("max_potential_paths")?.unwrap_or(15_000),
        horiz_comp_to_geom_mean: r.flag("horiz_comp_to_geom_mean")?.unwrap_or(false),
        individual_rlzs: r.flag("individual_rlzs")?,
        mean: r.flag("mean")?.unwrap_or(true),
        std: r.flag("std")?.unwrap_or(false),
        max: r.flag("max")?.unwrap_or(false),
        quantiles: r.parsed("quantiles", probabilities)?.unwrap_or_default(),
        use_rates: r.flag("use_rates")?.unwrap_or(false),
        poes,
        uniform_hazard_spectra: r.spectra(&imtls)?,
        imtls,
    })
}

/// The entries under their new names.
fn rename(entries: &[Entry]) -> Result<Vec<Entry>, Fail> {
    let mut out: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let alias = table::ALIASES.iter().find(|(old, _)| *old == entry.key);
        let key = alias.map_or(entry.key.as_str(), |(_, new)| *new);
        if let Some(first) = out.iter().position(|e| e.key == key) {
            let (first, line) = (&entries[first].key, entries[first].line);
            let message =
                format!("{} and {first} of line {line} are two names of one parameter; keep {key}", entry.key);
            return Err((entry.line, message));
        }
        out.push(Entry { key: key.to_string(), ..entry.clone() });
    }
    Ok(out)
}

/// Warn of unknown names and of those without effect; refuse what changes numbers and is not supported.
fn check_names(entries: &[Entry], warnings: &mut Vec<String>) -> Result<(), Fail> {
    for entry in entries {
        let Entry { key, value, line } = entry;
        match table::usage(key) {
            Some(Use::Read(..)) => {}
            Some(Use::NoEffect(why)) => warnings.push(format!("{key} has no effect here: {why}")),
            Some(Use::Unsupported) => {
                if !value.is_empty() {
                    return Err((*line, format!("{key} is not supported; leave it out")));
                }
            }
            None if is_equivalent_distance(entry) => warnings.push(format!(
                "line {line}: {key} is taken for the tectonic region type of this very name, in lower case as the engine has it; \
                 better is reqv_hdf5 = {{'Tectonic Region Type': 'file.hdf5'}}"
            )),
            None if table::is_file(key) && !value.is_empty() => {
                let close = nearest(key, table::PARAMETERS.iter().map(|p| p.0));
                let hint = if close.is_empty() {
                    "leave it out".to_string()
                } else {
                    format!("did you mean {}?", close.join(", "))
                };
                return Err((*line, format!("{key} is no input of a job; {hint}")));
            }
            None => {
                let close = nearest(key, table::PARAMETERS.iter().map(|p| p.0));
                let hint =
                    if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
                warnings.push(format!("line {line}: the parameter {key} is not known{hint}"));
            }
        }
    }
    Ok(())
}

/// Whether it is an old way to give equivalent distances: the name of a tectonic region type, with a file.
fn is_equivalent_distance(entry: &Entry) -> bool {
    table::usage(&entry.key).is_none() && !table::is_file(&entry.key) && entry.value.ends_with(".hdf5")
}

struct Reader<'a> {
    entries: &'a [Entry],
    base: &'a Path,
}

impl<'a> Reader<'a> {
    fn oversampling(&self) -> Result<Option<usize>, Fail> {
        let forbids = self.parsed("oversampling", |text| match text {
            "forbid" => Ok(true),
            "tolerate" => Ok(false),
            _ => Err(format!("found {text:?}; expected forbid or tolerate")),
        })?;
        Ok(forbids.filter(|forbids| *forbids).map(|_| self.line("oversampling")))
    }

    /// Where mean rates by source are asked for.
    fn disagg_by_src(&self, ps_grid_spacing: f64) -> Result<Option<usize>, Fail> {
        let line = self.line("disagg_by_src");
        match self.flag("disagg_by_src")?.unwrap_or(false) {
            true if ps_grid_spacing > 0.0 => {
                let message = "disagg_by_src: sources on a grid have no rates of their own; leave out ps_grid_spacing";
                Err((line, message.to_string()))
            }
            wanted => Ok(wanted.then_some(line)),
        }
    }

    /// An entry with a value.
    fn get(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|e| e.key == name && !e.value.is_empty())
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name).map(|e| e.value.as_str())
    }

    fn line(&self, name: &str) -> usize {
        self.get(name).map_or(0, |e| e.line)
    }

    fn missing(&self, name: &str) -> Fail {
        (0, format!("the parameter {name} is missing"))
    }

    fn required(&self, name: &str) -> Result<&'a Entry, Fail> {
        self.get(name).ok_or_else(|| self.missing(name))
    }

    fn parsed<T>(&self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Fail> {
        self.get(name).map(|e| parse(&e.value).map_err(|m| (e.line, format!("{name}: {m}")))).transpose()
    }

    fn number(&self, name: &str, holds: fn(f64) -> bool, accepted: &str) -> Result<Option<f64>, Fail> {
        self.parsed(name, |text| match text.parse::<f64>() {
            Ok(x) if x.is_finite() && holds(x) => Ok(x),
            _ => Err(format!("found {text:?}; expected {accepted}")),
        })
    }

    fn positive(&self, name: &str) -> Result<Option<f64>, Fail> {
        self.number(name, |x| x > 0.0, "a positive number")
    }

    fn non_negative(&self, name: &str) -> Result<Option<f64>, Fail> {
        self.number(name, |x| x >= 0.0, "a number that is not negative")
    }

    fn whole(&self, name: &str) -> Result<Option<usize>, Fail> {
        self.parsed(name, |t| {
            t.parse().map_err(|_| format!("found {t:?}; expected a whole number that is not negative"))
        })
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Fail> {
        self.parsed(name, |text| match text.to_lowercase().as_str() {
            "1" | "true" | "yes" => Ok(true),
            "0" | "false" | "no" => Ok(false),
            _ => Err(format!("found {text:?}; expected true or false")),
        })
    }

    fn imtls(&self, warnings: &mut Vec<String>) -> Result<Vec<(Imt, Vec<f64>)>, Fail> {
        const NAME: &str = "intensity_measure_types_and_levels";
        let entry = self.required(NAME)?;
        let mut said = Vec::new();
        let imtls = imtls(&entry.value, &mut said).map_err(|message| (entry.line, format!("{NAME}: {message}")))?;
        warnings.extend(said.into_iter().map(|message| format!("line {}: {NAME}: {message}", entry.line)));
        Ok(imtls)
    }

    fn amplification(&self) -> Result<Option<Amplification>, Fail> {
        let Some(file) = self.file("amplification_csv")? else { return Ok(None) };
        let method = match self.text("amplification_method") {
            None | Some("convolution") => self.convolution()?,
            Some("kernel") => {
                if let Some(levels) = self.get("soil_intensities") {
                    let message = "soil_intensities are for amplification_method = convolution; leave them out: with kernel \
                                   the levels on soil are those of intensity_measure_types_and_levels";
                    return Err((levels.line, message.to_string()));
                }
                AmplificationMethod::Kernel
            }
            Some(other) => {
                let message = format!("amplification_method is {other:?}; accepted are convolution and kernel");
                return Err((self.line("amplification_method"), message));
            }
        };
        Ok(Some(Amplification { file, method }))
    }

    fn convolution(&self) -> Result<AmplificationMethod, Fail> {
        let soil_intensities = self.parsed("soil_intensities", numbers)?.unwrap_or_default();
        if soil_intensities.len() < 2 || soil_intensities.windows(2).any(|w| w[0] >= w[1]) {
            let message = format!(
                "soil_intensities: found {soil_intensities:?}; amplification_csv requires two levels that increase"
            );
            return Err((self.line("soil_intensities"), message));
        }
        let number = |text: &str| text.parse::<f64>().map_err(|_| format!("found {text:?}; expected a number"));
        let vs30_tolerance = self.parsed("vs30_tolerance", number)?.unwrap_or(0.0);
        Ok(AmplificationMethod::Convolution { soil_intensities, vs30_tolerance })
    }

    fn words(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty()).map(str::to_string).collect()
    }

    fn file(&self, parameter: &'static str) -> Result<Option<InputFile>, Fail> {
        Ok(self.files(parameter)?.into_iter().next())
    }

    fn files(&self, parameter: &'static str) -> Result<Vec<InputFile>, Fail> {
        let Some(entry) = self.get(parameter) else { return Ok(Vec::new()) };
        let is_list = parameter.starts_with("site_model") || parameter == EXPOSURE;
        let names: Vec<&str> = if is_list { entry.value.split_whitespace().collect() } else { vec![&entry.value] };
        Ok(names.iter().map(|n| InputFile { parameter, path: self.base.join(n), line: entry.line }).collect())
    }

    /// The probabilities of the maps, given as such or as return periods.
    fn poes(&self, investigation_time: f64) -> Result<Vec<f64>, Fail> {
        let given = self.parsed("poes", probabilities)?.unwrap_or_default();
        let periods = self.parsed("return_periods", numbers)?.unwrap_or_default();
        let from_periods = periods.iter().map(|period| 1.0 - (-investigation_time / period).exp());
        let poes: Vec<f64> = if given.is_empty() { from_periods.collect() } else { given };
        for name in ["hazard_maps", "uniform_hazard_spectra"] {
            if poes.is_empty() && self.flag(name)?.unwrap_or(false) {
                let message = format!("{name} is true but there are no poes; give some, like poes = 0.1");
                return Err((self.line(name), message));
            }
        }
        Ok(poes)
    }

    /// Whether spectra are wanted, which some intensity measure must be of.
    fn spectra(&self, imtls: &[(Imt, Vec<f64>)]) -> Result<bool, Fail> {
        let wanted = self.flag("uniform_hazard_spectra")?.unwrap_or(false);
        if wanted && !imtls.iter().any(|(imt, _)| imt.is_spectral()) {
            let message = "uniform_hazard_spectra is true, but no intensity measure is PGA or SA(period)";
            return Err((self.line("uniform_hazard_spectra"), message.to_string()));
        }
        Ok(wanted)
    }

    fn gsims(&self) -> Result<Gsims, Fail> {
        match (self.file("gsim_logic_tree_file")?, self.get("gsim")) {
            (Some(_), Some(gsim)) => {
                Err((gsim.line, "gsim and gsim_logic_tree_file are both there; leave one".to_string()))
            }
            (Some(file), None) => Ok(Gsims::LogicTree(file)),
            (None, Some(gsim)) => Ok(Gsims::One { name: gsim.value.clone(), line: gsim.line }),
            (None, None) => Err(self.missing("gsim_logic_tree_file")),
        }
    }

    fn reference(&self) -> Result<ReferenceSite, Fail> {
        let vs30measured = self.parsed("reference_vs30_type", |text| match text {
            "measured" => Ok(true),
            "inferred" => Ok(false),
            _ => Err(format!("found {text:?}; expected measured or inferred")),
        })?;
        Ok(ReferenceSite {
            vs30: self.positive("reference_vs30_value")?,
            vs30measured: vs30measured.unwrap_or(false),
            z1pt0: self.non_negative("reference_depth_to_1pt0km_per_sec")?,
            z1pt4: self.non_negative("reference_depth_to_1pt4km_per_sec")?,
            z2pt5: self.non_negative("reference_depth_to_2pt5km_per_sec")?,
            backarc: self.flag("reference_backarc")?.unwrap_or(false),
            has_region: self.get("region").is_some(),
        })
    }

    fn sites(&self) -> Result<SiteSource, Fail> {
        let mut models = self.files("site_model_file")?;
        models.extend(self.files("site_model_csv")?);
        let spacing = self.positive("region_grid_spacing")?;
        if let Some(points) = self.parsed("sites", coordinates)? {
            if let Some(csv) = self.get("sites_csv") {
                return Err((csv.line, "sites and sites_csv are both there; leave one".to_string()));
            }
            return Ok(SiteSource::Points(points, models));
        }
        if let (Some(corners), Some(spacing)) = (self.parsed("region", coordinates)?, spacing) {
            let vertices = corners.iter().map(|c| (c.0, c.1)).collect();
            return Ok(SiteSource::Region(Region { vertices, spacing, line: self.line("region") }, models));
        }
        let csv = self.file("sites_csv")?;
        if let Some(csv) = csv.as_ref().filter(|_| !models.is_empty()) {
            return Err((csv.line, "sites_csv and site_model_file are both there; leave one".to_string()));
        }
        if let (None, Some(spacing)) = (self.get("region"), spacing) {
            let places = [EXPOSURE, "sites_csv", "site_model_file", "site_model_csv"];
            if !places.iter().any(|name| self.get(name).is_some()) {
                let message =
                    "region_grid_spacing: there is nothing to cover; give a region, a site model or an exposure";
                return Err((self.line("region_grid_spacing"), message.to_string()));
            }
            return Ok(SiteSource::Hull(Hull { csv, spacing, line: self.line("region_grid_spacing") }, models));
        }
        if let Some(csv) = csv {
            return Ok(SiteSource::Csv(csv));
        }
        match (models.is_empty(), self.get(EXPOSURE)) {
            (false, _) => Ok(SiteSource::SiteModel(models)),
            (true, Some(_)) => Ok(SiteSource::Assets),
            (true, None) => {
                let message = "no sites: give sites, sites_csv, region with region_grid_spacing, site_model_file or \
                               exposure_file";
                Err((0, message.to_string()))
            }
        }
    }

    fn exposure(&self) -> Result<Option<Exposure>, Fail> {
        let files = self.files(EXPOSURE)?;
        if files.is_empty() {
            return Ok(None);
        }
        // the diagonal of a cell of a grid (engine behaviour)
        let of_grid = self.positive("region_grid_spacing")?.map(|spacing| spacing * 1.414);
        let given = self.parsed("asset_hazard_distance", by_trt)?;
        let widest = given.map(|by_peril| by_peril.into_values().fold(0.0, f64::max));
        let region = self.parsed("region", coordinates)?.unwrap_or_default();
        Ok(Some(Exposure {
            files,
            distance: of_grid.or(widest).unwrap_or(15.0),
            discards: self.flag("discard_assets")?.unwrap_or(false),
            region: region.into_iter().map(|corner| (corner.0, corner.1)).collect(),
        }))
    }

    /// Shorter on a grid of point sources, unless the job says it.
    fn pointsource_distance(&self, ps_grid_spacing: f64) -> Result<IntegrationDistance, Fail> {
        let given = self.parsed("pointsource_distance", IntegrationDistance::parse)?;
        Ok(given.unwrap_or_else(|| IntegrationDistance::everywhere(if ps_grid_spacing > 0.0 { 40.0 } else { 100.0 })))
    }

    fn collapsed(&self, warnings: &mut Vec<String>) -> Result<Collapsed, Fail> {
        let tables = self.parsed("reqv_hdf5", files_by_trt)?.unwrap_or_default();
        if !tables.is_empty() {
            warnings.push(
                "reqv: point sources have their mean nodal plane and depth and ruptures as good as points; the tables of \
                 equivalent distances are not used, as in the engine"
                    .to_string(),
            );
        }
        let old = self.entries.iter().filter(|entry| is_equivalent_distance(entry)).map(|entry| entry.key.clone());
        Ok(Collapsed {
            trts: tables.into_iter().map(|(trt, _)| trt).chain(old).collect(),
            except: self.words("reqv_ignore_sources"),
        })
    }

    fn source_settings(&self, investigation_time: f64, warnings: &mut Vec<String>) -> Result<SourceSettings, Fail> {
        let trts = self.text("discard_trts").unwrap_or_default();
        let rupture_mesh_spacing = self.positive("rupture_mesh_spacing")?.unwrap_or(5.0);
        let complex_fault_mesh_spacing = self.positive("complex_fault_mesh_spacing")?.unwrap_or(rupture_mesh_spacing);
        // engine 3.23.5 computes such a job, 3.26.2 refuses it: both spacings mean what they say
        if complex_fault_mesh_spacing < rupture_mesh_spacing {
            let line = self.line("complex_fault_mesh_spacing");
            warnings.push(format!(
                "line {line}: complex_fault_mesh_spacing is {complex_fault_mesh_spacing}, below rupture_mesh_spacing, \
                 {rupture_mesh_spacing}; OpenQuake 3.26 refuses that"
            ));
        }
        Ok(SourceSettings {
            rupture_mesh_spacing,
            complex_fault_mesh_spacing,
            investigation_time,
            width_of_mfd_bin: self.positive("width_of_mfd_bin")?,
            area_source_discretization: self.positive("area_source_discretization")?,
            source_nodes: self.words("source_nodes"),
            source_ids: self.words("source_id"),
            infer_occur_rates: self.flag("infer_occur_rates")?.unwrap_or(false),
            floating_steps: (
                self.non_negative("floating_x_step")?.unwrap_or(0.0),
                self.non_negative("floating_y_step")?.unwrap_or(0.0),
            ),
            discard_trts: trts.split(',').map(|t| t.trim().to_string()).filter(|t| !t.is_empty()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ini;
    use super::*;

    const BASIC: &str = "[general]\ncalculation_mode = classical\nsites = 13.4 42.35, 13.5 42.4 -0.5\n\
        investigation_time = 50\ntruncation_level = 3\nmaximum_distance = 200\n\
        intensity_measure_types_and_levels = {'SA(1.0)': [0.1, 0.2], 'PGA': logscale(0.01, 1, 2)}\n\
        source_model_logic_tree_file = ssmLT.xml\ngsim_logic_tree_file = gmmLT.xml\n";

    fn read(text: &str) -> Result<(Params, Vec<String>), Fail> {
        let mut warnings = Vec::new();
        let params = build(&ini::parse(text).unwrap(), Path::new("/jobs/aquila"), &mut warnings)?;
        Ok((params, warnings))
    }

    fn changed(from: &str, to: &str) -> String {
        assert!(BASIC.contains(from));
        BASIC.replace(from, to)
    }

    #[test]
    fn a_plain_job() {
        let (p, warnings) = read(BASIC).unwrap();
        assert!(warnings.is_empty());
        assert_eq!(p.imtls[0].0.to_string(), "PGA"); // sorted
        assert_eq!(p.source_model_logic_tree.path, Path::new("/jobs/aquila/ssmLT.xml"));
        let SiteSource::Points(points, _) = &p.sites else { panic!() };
        assert_eq!(points[1], (13.5, 42.4, -0.5));
        assert_eq!(p.maximum_distance.for_trt("any"), [(2.5, 200.0), (10.2, 200.0)]);
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            (changed("classical", "event_based"), 2, "calculation_mode is \"event_based\""),
            (changed("truncation_level = 3", "truncation_level = -3"), 5, "truncation_level: found \"-3\""),
            (changed("maximum_distance = 200", "maximum_distance = -1"), 6, "maximum_distance"),
            (changed("investigation_time = 50\n", ""), 0, "investigation_time is missing"),
            (changed("42.35", "142.35"), 3, "sites: found \"13.4 142.35\""),
            (changed("[0.1, 0.2]", "[0.2, 0.1]"), 7, "the levels must increase"),
            (changed("[0.1, 0.2]", "[0.1]"), 7, "all must have as many"),
            (changed("'PGA'", "'PGAA'"), 7, "PGAA"),
            (format!("{BASIC}gsim = X\n"), 10, "gsim_logic_tree_file are both there"),
            (format!("{BASIC}hazard_maps = true\n"), 10, "there are no poes"),
            (format!("{BASIC}poes = 1.5\n"), 10, "expected probabilities"),
            (format!("{BASIC}tile_spec = [3, 2]\n"), 10, "tile_spec: found \"[3, 2]\"; expected [part"),
            (format!("{BASIC}override_vs30 = -760\n"), 10, "override_vs30: found \"-760\""),
            (format!("{BASIC}ps_grid_spacing = 5\ndisagg_by_src = true\n"), 11, "leave out ps_grid_spacing"),
            (format!("{BASIC}oversampling = reduce\n"), 10, "expected forbid or tolerate"),
            (format!("{BASIC}ps_grid_spacing = -5\n"), 10, "ps_grid_spacing: found \"-5\""),
            (format!("{BASIC}reqv_file = lookup.hdf5\n"), 10, "reqv_hdf5"),
            (format!("{BASIC}amplification_csv = a.csv\n"), 0, "amplification_csv requires two levels"),
            (
                format!("{BASIC}amplification_csv = a.csv\namplification_method = quick\n"),
                11,
                "accepted are convolution and kernel",
            ),
            (
                format!(
                    "{BASIC}amplification_csv = a.csv\namplification_method = kernel\nsoil_intensities = 0.1 0.2\n"
                ),
                12,
                "leave them out",
            ),
            (
                format!("{BASIC}quantile_hazard_curves = 0.5\nquantiles = 0.1\n"),
                11,
                "quantiles and quantile_hazard_curves of line 10 are two names of one parameter; keep quantiles",
            ),
            (
                format!("{BASIC}individual_rlzs = true\nindividual_curves = true\n"),
                11,
                "individual_curves and individual_rlzs of line 10 are two names",
            ),
            (
                changed("'SA(1.0)': [0.1, 0.2], 'PGA'", "'PGV'") + "poes = 0.1\nuniform_hazard_spectra = true\n",
                11,
                "no intensity measure is PGA or SA(period)",
            ),
            (format!("{BASIC}minimum_magnitude = {{}}\n"), 10, "minimum_magnitude: found {}; expected a magnitude"),
            (changed("sites = 13.4 42.35, 13.5 42.4 -0.5\n", ""), 0, "no sites"),
        ];
        for (text, line, expected) in cases {
            let (found, message) = read(&text).unwrap_err();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
            assert_eq!(found, line, "{message}");
        }
    }

    #[test]
    fn unknown_names_are_warned_of_with_the_nearest() {
        let (_, warnings) = read(&format!("{BASIC}minimun_magnitude = 5\nconcurrent_tasks = 4\n")).unwrap();
        assert!(warnings[0].contains("minimun_magnitude is not known; did you mean minimum_magnitude"), "{warnings:?}");
        assert!(warnings[1].contains("concurrent_tasks has no effect here: it steers how the engine works"));
        let (_, warnings) =
            read(&format!("{BASIC}rupture_mesh_spacing = 4\ncomplex_fault_mesh_spacing = 2\n")).unwrap();
        assert_eq!(
            warnings,
            ["line 11: complex_fault_mesh_spacing is 2, below rupture_mesh_spacing, 4; OpenQuake 3.26 refuses that"]
        );
        let (_, warnings) = read(&format!("{BASIC}structural_vulnerability_file =\nfragility_csv = f.csv\n")).unwrap();
        assert!(warnings.iter().all(|w| w.ends_with("it is for calculations of risk")) && warnings.len() == 2);
    }

    #[test]
    fn what_could_change_numbers_is_refused_by_name() {
        for (line, expected) in [
            ("site_labels = {'Cascadia': 1}", "site_labels is not supported"),
            ("maximum_rupture_depth = 30", "maximum_rupture_depth is not supported"),
            ("iml_disagg = {'PGA': 0.1}", "iml_disagg is not supported"),
            ("delta_rates_csv = d.csv", "delta_rates_csv is not supported"),
            ("hazard_curves_csv = h.csv", "hazard_curves_csv is not supported"),
            ("source_modell_logic_tree_file = x.xml", "did you mean source_model_logic_tree_file?"),
        ] {
            let (found, message) = read(&format!("{BASIC}{line}\n")).unwrap_err();
            assert!(found == 10 && message.contains(expected), "{found}: {message}");
        }
        read(&format!("{BASIC}site_labels =\n")).unwrap();
        let (p, warnings) = read(&format!("{BASIC}Stable Continental = lookup.hdf5\n")).unwrap();
        assert_eq!(p.collapsed.trts, ["stable continental"]);
        assert!(warnings[0].contains("better is reqv_hdf5"), "{warnings:?}");
        let (p, _) = read(&format!("{BASIC}reference_depth_to_1pt4km_per_sec = 300\n")).unwrap();
        assert_eq!(p.reference.z1pt4, Some(300.0));
    }

    #[test]
    fn distances_by_magnitude_and_region() {
        let text = changed(
            "maximum_distance = 200",
            "maximum_distance = {'default': [(5, 100), (7, 300)], 'Volcanic': 50}\nminimum_magnitude = 6",
        );
        let (p, _) = read(&text).unwrap();
        assert_eq!(p.maximum_distance.for_trt("x"), [(6.0, 200.0), (7.0, 300.0)]);
        assert_eq!(p.maximum_distance.for_trt("Volcanic"), [(6.0, 50.0), (10.2, 50.0)]);
    }

    #[test]
    fn return_periods_are_poes() {
        let (p, _) = read(&format!("{BASIC}return_periods = 475\nhazard_maps = true\n")).unwrap();
        assert!((p.poes[0] - 0.1).abs() < 1e-3);
    }
}
