//! From the entries of a job file to its parameters: what goes together.

use std::path::Path;

use super::disagg;
use super::ini::IniEntry;
use super::kinds;
use super::parameters::{Fail, Use, is_file, missing, new_name, parameters, usage};
use super::params::{
    Amplification, AmplificationMethod, Amplified, Collapsed, Exposure, Gsims, Hull, InputFile, Mode, Params,
    ReferenceSite, Region, SiteSource, Vs30Type,
};
use super::spectra;
use super::table::Given;
use crate::elementary::scalar::exp;
use crate::nearest::nearest;
use crate::nrml::source_model::SourceSettings;

/// Check the entries of a job in the folder `base`.
pub fn build(entries: &[IniEntry], base: &Path, warnings: &mut Vec<String>) -> Result<Params, Fail> {
    let entries = rename(entries)?;
    check_names(&entries, mode(&entries)?, warnings)?;
    let old_distances: Vec<String> =
        entries.iter().filter(|entry| is_equivalent_distance(entry)).map(|entry| entry.key.clone()).collect();
    let levels = disagg::levels_of(&entries)?;
    let mut given = Given::read(&entries.into_iter().chain(levels).collect::<Vec<_>>())?;
    if let Some(minimum) = &given.minimum_magnitude {
        given.maximum_distance.cut(minimum);
    }
    // a part of the sites counts as many (engine behaviour)
    if given.tile_spec.is_some() {
        given.max_sites_disagg = 1;
    }
    given.poes = poes(&given)?;
    check(&given)?;
    warnings.extend(spectra::warnings(&given));
    let levels = &given.intensity_measure_types_and_levels;
    let at = |message| {
        format!(
            "line {}: intensity_measure_types_and_levels: {message}",
            given.lines.intensity_measure_types_and_levels
        )
    };
    warnings.extend(levels.warnings.iter().map(at));
    let files = Files { given: &given, base };
    Ok(Params {
        sites: files.sites()?,
        exposure: files.exposure(),
        reference: reference(&given),
        source_model_logic_tree: input!(files, source_model_logic_tree_file, &given.source_model_logic_tree_file),
        gsims: files.gsims()?,
        amplification: files.amplification()?,
        delta_rates: given.delta_rates_file.as_ref().map(|name| input!(files, delta_rates_file, name)),
        source_settings: source_settings(&given, warnings),
        collapsed: collapsed(&given, &old_distances, warnings),
        given,
    })
}

/// The file of a parameter.
macro_rules! input {
    ($files:expr, $parameter:ident, $name:expr) => {
        $files.input(stringify!($parameter), $name, $files.given.lines.$parameter)
    };
}
use input;

/// What is computed, which parameters hang on.
fn mode(entries: &[IniEntry]) -> Result<Mode, Fail> {
    const NAME: &str = "calculation_mode";
    let entry = entries.iter().find(|entry| entry.key == NAME).ok_or_else(|| missing(NAME))?;
    let unknown = || (entry.line, format!("{NAME} is {:?}; this program runs {}", entry.value, kinds::MODE.accepted));
    Mode::by_name(&entry.value).ok_or_else(unknown)
}

/// The entries under their new names.
fn rename(entries: &[IniEntry]) -> Result<Vec<IniEntry>, Fail> {
    let mut out: Vec<IniEntry> = Vec::with_capacity(entries.len());
    for entry in entries {
        let key = new_name(&entry.key).unwrap_or(&entry.key);
        if let Some(first) = out.iter().position(|e| e.key == key) {
            let (first, line) = (&entries[first].key, entries[first].line);
            let message =
                format!("{} and {first} of line {line} are two names of one parameter; keep {key}", entry.key);
            return Err((entry.line, message));
        }
        out.push(IniEntry { key: key.to_string(), ..entry.clone() });
    }
    Ok(out)
}

/// So many unknown names are told.
const MOST_UNKNOWN: usize = 20;

/// Warn of unknown names and of those without effect; refuse what changes numbers and is not supported.
fn check_names(entries: &[IniEntry], mode: Mode, warnings: &mut Vec<String>) -> Result<(), Fail> {
    let mut unknown = 0;
    for entry in entries {
        let IniEntry { key, value, line } = entry;
        match usage(key) {
            Some(Use::Read(declaration)) => {
                if !declaration.modes.contains(&mode) {
                    warnings.push(format!("{key} has no effect here: the calculation is {}", mode.name()));
                }
            }
            Some(Use::NoEffect(why)) => warnings.push(format!("{key} has no effect here: {why}")),
            Some(Use::Unsupported) => {
                let why = match key.as_str() {
                    "hazard_calculation_id" => "is for `oqfs run` alone; run the job so, or leave it out",
                    _ => "is not supported; leave it out",
                };
                if !value.is_empty() {
                    return Err((*line, format!("{key} {why}")));
                }
            }
            None if is_equivalent_distance(entry) => warnings.push(format!(
                "line {line}: {key} is taken for the tectonic region type of this very name, in lower case as the engine has it; \
                 better is reqv_hdf5 = {{'Tectonic Region Type': 'file.hdf5'}}"
            )),
            None if is_file(key) && !value.is_empty() => {
                let close = nearest(key, parameters().map(|(name, _)| name));
                let hint = if close.is_empty() {
                    "leave it out".to_string()
                } else {
                    format!("did you mean {}?", close.join(", "))
                };
                return Err((*line, format!("{key} is no input of a job; {hint}")));
            }
            None if unknown == MOST_UNKNOWN => {
                warnings.push(format!("line {line}: the parameter {key} is not known, and others after it may not be"));
                unknown += 1;
            }
            None if unknown > MOST_UNKNOWN => {}
            None => {
                unknown += 1;
                let close = nearest(key, parameters().map(|(name, _)| name));
                let hint =
                    if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
                warnings.push(format!("line {line}: the parameter {key} is not known{hint}"));
            }
        }
    }
    Ok(())
}

/// Whether it is an old way to give equivalent distances: the name of a tectonic region type, with a file.
fn is_equivalent_distance(entry: &IniEntry) -> bool {
    usage(&entry.key).is_none() && !is_file(&entry.key) && entry.value.ends_with(".hdf5")
}

/// The probabilities of the maps, given as such or as return periods.
fn poes(given: &Given) -> Result<Vec<f64>, Fail> {
    let from_periods = given.return_periods.iter().map(|period| 1.0 - exp(-given.investigation_time / period));
    let stated = disagg::poes(given)?;
    let poes: Vec<f64> = if stated.is_empty() { from_periods.collect() } else { stated.to_vec() };
    let lines = &given.lines;
    for (name, wanted, line) in [
        ("hazard_maps", given.hazard_maps, lines.hazard_maps),
        ("uniform_hazard_spectra", given.uniform_hazard_spectra, lines.uniform_hazard_spectra),
    ] {
        if wanted && poes.is_empty() {
            return Err((line, format!("{name} is true but there are no poes; give some, like poes = 0.1")));
        }
    }
    Ok(poes)
}

/// Check what does not go together.
fn check(given: &Given) -> Result<(), Fail> {
    if given.disagg_by_src && given.ps_grid_spacing > 0.0 {
        let message = "disagg_by_src: sources on a grid have no rates of their own; leave out ps_grid_spacing";
        return Err((given.lines.disagg_by_src, message.to_string()));
    }
    if given.delta_rates_file.is_some() && given.ps_grid_spacing > 0.0 {
        let message = "delta_rates_file: sources on a grid have no ruptures of their own; leave out ps_grid_spacing";
        return Err((given.lines.delta_rates_file, message.to_string()));
    }
    if !given.site_labels.is_empty() {
        let lines = &given.lines;
        let excluded = [
            ("disagg_by_src", given.disagg_by_src, lines.disagg_by_src),
            ("collapse_gsim_logic_tree", !given.collapse_gsim_logic_tree.is_empty(), lines.collapse_gsim_logic_tree),
            ("gsim", given.gsim.is_some(), lines.gsim),
        ];
        if let Some((name, _, line)) = excluded.into_iter().find(|(_, is_there, _)| *is_there) {
            return Err((line, format!("{name} and site_labels do not go together; leave out one")));
        }
    }
    disagg::check(given)?;
    spectra::check(given)?;
    // spectra are of intensity measures
    let mut imts = given.intensity_measure_types_and_levels.by_imt.iter().map(|(imt, _)| imt);
    if given.uniform_hazard_spectra && !imts.any(|imt| imt.is_spectral()) {
        let message = "uniform_hazard_spectra is true, but no intensity measure is PGA or SA(period)";
        return Err((given.lines.uniform_hazard_spectra, message.to_string()));
    }
    Ok(())
}

fn reference(given: &Given) -> ReferenceSite {
    ReferenceSite {
        vs30: given.reference_vs30_value,
        vs30measured: given.reference_vs30_type == Vs30Type::Measured,
        z1pt0: given.reference_depth_to_1pt0km_per_sec,
        z1pt4: given.reference_depth_to_1pt4km_per_sec,
        z2pt5: given.reference_depth_to_2pt5km_per_sec,
        backarc: given.reference_backarc,
        has_region: given.region.is_some(),
    }
}

fn collapsed(given: &Given, old: &[String], warnings: &mut Vec<String>) -> Collapsed {
    let tables = given.reqv_hdf5.as_deref().unwrap_or_default();
    if !tables.is_empty() {
        warnings.push(
            "reqv: point sources have their mean nodal plane and depth and ruptures as good as points; the tables of \
             equivalent distances are not used, as in the engine"
                .to_string(),
        );
    }
    Collapsed {
        trts: tables.iter().map(|(trt, _)| trt.clone()).chain(old.iter().cloned()).collect(),
        except: given.reqv_ignore_sources.clone(),
    }
}

fn source_settings(given: &Given, warnings: &mut Vec<String>) -> SourceSettings {
    let rupture_mesh_spacing = given.rupture_mesh_spacing;
    let complex_fault_mesh_spacing = given.complex_fault_mesh_spacing.unwrap_or(rupture_mesh_spacing);
    // engine 3.23.5 computes such a job, 3.26.2 refuses it: both spacings mean what they say
    if complex_fault_mesh_spacing < rupture_mesh_spacing {
        let line = given.lines.complex_fault_mesh_spacing;
        warnings.push(format!(
            "line {line}: complex_fault_mesh_spacing is {complex_fault_mesh_spacing}, below rupture_mesh_spacing, \
             {rupture_mesh_spacing}; OpenQuake 3.26 refuses that"
        ));
    }
    SourceSettings {
        rupture_mesh_spacing,
        complex_fault_mesh_spacing,
        investigation_time: given.investigation_time,
        width_of_mfd_bin: given.width_of_mfd_bin,
        area_source_discretization: given.area_source_discretization,
        source_nodes: given.source_nodes.clone(),
        source_ids: given.source_id.clone(),
        infer_occur_rates: given.infer_occur_rates,
        floating_steps: (given.floating_x_step, given.floating_y_step),
        discard_trts: given.discard_trts.clone(),
    }
}

/// Finds the files that parameters name.
struct Files<'a> {
    given: &'a Given,
    base: &'a Path,
}

impl Files<'_> {
    fn input(&self, parameter: &'static str, name: &str, line: usize) -> InputFile {
        InputFile { parameter, path: self.base.join(name), line }
    }

    fn gsims(&self) -> Result<Gsims, Fail> {
        let (tree, one, lines) = (&self.given.gsim_logic_tree_file, &self.given.gsim, &self.given.lines);
        match (tree, one) {
            (Some(_), Some(_)) => {
                Err((lines.gsim, "gsim and gsim_logic_tree_file are both there; leave one".to_string()))
            }
            (Some(name), None) => Ok(Gsims::LogicTree(input!(self, gsim_logic_tree_file, name))),
            (None, Some(name)) => Ok(Gsims::One { name: name.clone(), line: lines.gsim }),
            (None, None) => Err(missing("gsim_logic_tree_file")),
        }
    }

    fn amplification(&self) -> Result<Option<Amplification>, Fail> {
        let Given { soil_intensities: soil, lines, .. } = self.given;
        let Some(name) = &self.given.amplification_csv else { return Ok(None) };
        let method = match self.given.amplification_method {
            Amplified::Curves => {
                let soil = soil.as_deref().unwrap_or_default();
                if soil.len() < 2 || soil.windows(2).any(|w| w[0] >= w[1]) {
                    let message = format!(
                        "soil_intensities: found {soil:?}; amplification_csv requires two levels that increase"
                    );
                    return Err((lines.soil_intensities, message));
                }
                let vs30_tolerance = self.given.vs30_tolerance;
                AmplificationMethod::Convolution { soil_intensities: soil.to_vec(), vs30_tolerance }
            }
            Amplified::Motion if soil.is_some() => {
                let message = "soil_intensities are for amplification_method = convolution; leave them out: with kernel \
                               the levels on soil are those of intensity_measure_types_and_levels";
                return Err((lines.soil_intensities, message.to_string()));
            }
            Amplified::Motion => AmplificationMethod::Kernel,
        };
        Ok(Some(Amplification { file: input!(self, amplification_csv, name), method }))
    }

    fn site_models(&self) -> Vec<InputFile> {
        let of_file = self.given.site_model_file.iter().map(|name| input!(self, site_model_file, name));
        of_file.chain(self.given.site_model_csv.iter().map(|name| input!(self, site_model_csv, name))).collect()
    }

    fn sites(&self) -> Result<SiteSource, Fail> {
        let Given { sites, sites_csv, region, region_grid_spacing, exposure_file, lines, .. } = self.given;
        let models = self.site_models();
        if let Some(points) = sites {
            if sites_csv.is_some() {
                return Err((lines.sites_csv, "sites and sites_csv are both there; leave one".to_string()));
            }
            return Ok(SiteSource::Points(points.clone(), models));
        }
        if let (Some(corners), &Some(spacing)) = (region, region_grid_spacing) {
            let vertices = corners.iter().map(|c| (c.0, c.1)).collect();
            return Ok(SiteSource::Region(Region { vertices, spacing, line: lines.region }, models));
        }
        let csv = sites_csv.as_ref().map(|name| input!(self, sites_csv, name));
        if let Some(csv) = csv.as_ref().filter(|_| !models.is_empty()) {
            return Err((csv.line, "sites_csv and site_model_file are both there; leave one".to_string()));
        }
        let has_assets = !exposure_file.is_empty();
        if let &Some(spacing) = region_grid_spacing
            && region.is_none()
        {
            if !has_assets && csv.is_none() && models.is_empty() {
                let message =
                    "region_grid_spacing: there is nothing to cover; give a region, a site model or an exposure";
                return Err((lines.region_grid_spacing, message.to_string()));
            }
            return Ok(SiteSource::Hull(Hull { csv, spacing, line: lines.region_grid_spacing }, models));
        }
        match csv {
            Some(csv) => Ok(SiteSource::Csv(csv)),
            None if !models.is_empty() => Ok(SiteSource::SiteModel(models)),
            None if has_assets => Ok(SiteSource::Assets),
            None => {
                let message = "no sites: give sites, sites_csv, region with region_grid_spacing, site_model_file or \
                               exposure_file";
                Err((0, message.to_string()))
            }
        }
    }

    fn exposure(&self) -> Option<Exposure> {
        let given = self.given;
        // the diagonal of a cell of a grid (engine behaviour)
        let of_grid = given.region_grid_spacing.map(|spacing| spacing * 1.414);
        let widest =
            given.asset_hazard_distance.as_ref().map(|by_peril| by_peril.values().copied().fold(0.0, f64::max));
        let region = given.region.as_deref().unwrap_or_default();
        let files: Vec<InputFile> = given.exposure_file.iter().map(|name| input!(self, exposure_file, name)).collect();
        (!files.is_empty()).then(|| Exposure {
            files,
            distance: of_grid.or(widest).unwrap_or(15.0),
            discards: given.discard_assets,
            region: region.iter().map(|corner| (corner.0, corner.1)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ini;
    use super::super::parameters::Absent;
    use super::super::table::READ;
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
        assert_eq!(p.imtls()[0].0.to_string(), "PGA"); // sorted
        assert_eq!(p.source_model_logic_tree.path, Path::new("/jobs/aquila/ssmLT.xml"));
        let SiteSource::Points(points, _) = &p.sites else { panic!() };
        assert_eq!(points[1], (13.5, 42.4, -0.5));
        assert_eq!(p.maximum_distance.for_trt("any"), [(2.5, 200.0), (10.2, 200.0)]);
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            (
                changed("classical", "event_based"),
                2,
                "calculation_mode is \"event_based\"; this program runs classical or disaggregation",
            ),
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

    /// The job with another line for a parameter.
    fn with(name: &str, value: &str) -> String {
        let others = BASIC.lines().filter(|line| !line.starts_with(&format!("{name} =")));
        others.map(|line| format!("{line}\n")).chain([format!("{name} = {value}\n")]).collect()
    }

    #[test]
    fn a_number_outside_its_range_is_refused_whichever_parameter_it_is_of() {
        let mut count = 0;
        for declaration in READ {
            let (name, Some(range)) = (declaration.name, declaration.range) else { continue };
            let below = match range.least {
                f64::MIN => "-1e999".to_string(),
                least if range.is_whole => (least - 1.0).to_string(),
                least => (least - 1e-9).to_string(),
            };
            let above = match range.most {
                f64::MAX => "1e999".to_string(),
                most => format!("{:.0}", most + 1.0),
            };
            let mut refused = vec![below, above];
            refused.extend(["NaN", "inf", "-inf", "many", "1 2"].map(str::to_string));
            refused.extend((!declaration.may_be_empty).then(String::new));
            refused.extend(range.is_open.then(|| range.least.to_string()));
            refused.extend(range.is_whole.then(|| "1.5".to_string()));
            for value in refused {
                let (line, message) = read(&with(name, &value)).map(drop).expect_err(&format!("{name} = {value}"));
                assert!(message.starts_with(&format!("{name}: found {value:?}; expected ")), "{message}");
                assert!(message.ends_with(declaration.accepted) && line > 1, "{line}: {message}");
            }
            assert!(!declaration.may_be_empty || read(&with(name, "")).is_ok(), "{name}");
            let accepted = if range.is_open { "1".to_string() } else { range.least.to_string() };
            assert_eq!((declaration.check)(&accepted), Ok(()), "{name} = {accepted}");
            count += 1;
        }
        assert!(count >= 20, "{count}");
    }

    #[test]
    fn what_is_no_value_of_its_type_is_refused_with_the_name_of_the_parameter() {
        let of_words = ["text", "file", "files", "names", "tectonic region types"];
        for declaration in READ.iter().filter(|declaration| !of_words.contains(&declaration.kind)) {
            // a file of arrays by tectonic region type is among them
            let (_, message) = read(&with(declaration.name, "?!")).map(drop).expect_err(declaration.name);
            assert!(message.contains(declaration.name) && message.contains('?'), "{message}");
        }
    }

    #[test]
    fn a_default_that_a_job_states_is_as_none() {
        let values = |text: &str| {
            let (params, _) = read(text).unwrap_or_else(|(line, message)| panic!("{text}\n{line}: {message}"));
            let given = format!("{:?}", params.given);
            given.split(", lines: Lines").next().unwrap().to_string()
        };
        let plain = values(BASIC);
        for declaration in READ {
            match declaration.default {
                Absent::Value(text) => {
                    assert_eq!((declaration.check)(text), Ok(()), "{}", declaration.name);
                    assert_eq!(values(&with(declaration.name, text)), plain, "{} = {text}", declaration.name);
                }
                Absent::Required => {
                    let without: String = with(declaration.name, "").lines().map(|line| format!("{line}\n")).collect();
                    let (_, message) = read(&without).unwrap_err();
                    assert!(message.contains(declaration.name), "{message}");
                }
                Absent::Other(_) => {}
            }
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
        let many: String = (0..100).map(|i| format!("unheard_of_{i} = 1\n")).collect();
        let (_, warnings) = read(&format!("{BASIC}{many}")).unwrap();
        assert!(warnings.len() == MOST_UNKNOWN + 1 && warnings[MOST_UNKNOWN].contains("and others after it"));
        let (_, warnings) = read(&format!("{BASIC}structural_vulnerability_file =\nfragility_csv = f.csv\n")).unwrap();
        assert!(warnings.iter().all(|w| w.ends_with("it is for calculations of risk")) && warnings.len() == 2);
    }

    #[test]
    fn what_could_change_numbers_is_refused_by_name() {
        for (line, expected) in [
            ("site_labels = {'Cascadia': 2}", "site_labels: Cascadia: found 2; expected 1: labels are numbered from 1"),
            ("disagg_by_src = true\nsite_labels = {'Cascadia': 1}", "disagg_by_src and site_labels do not go together"),
            ("maximum_rupture_depth = 30", "maximum_rupture_depth is not supported"),
            ("iml_disagg = {'PGA': 0.1}", "intensity_measure_types_and_levels is there too"),
            ("delta_rates_csv = d.csv\nps_grid_spacing = 10", "delta_rates_file: sources on a grid have no ruptures"),
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
