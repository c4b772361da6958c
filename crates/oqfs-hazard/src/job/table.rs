//! Every parameter that a classical calculation may have, and what this program makes of it.

/// What is made of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Use {
    /// It is read: what it means, with its unit, and what holds without it.
    Read(&'static str, &'static str),
    /// It changes no number of a classical calculation, for this reason, and is passed over with a word.
    NoEffect(&'static str),
    /// It changes numbers, or what is computed, and is not supported.
    Unsupported,
}

impl Use {
    /// Whether it is read.
    pub fn is_read(self) -> bool {
        match self {
            Read(..) => true,
            NoEffect(_) | Unsupported => false,
        }
    }
}

use Use::{NoEffect, Read, Unsupported};

const RISK: &str = "it is for calculations of risk";
const FIELDS: &str = "it is for ground-motion fields and events";
const DISAGGREGATION: &str = "it is for disaggregations";
const MACHINERY: &str = "it steers how the engine works, not what it computes";
const AFTERWARDS: &str = "it is for what the engine makes of hazard curves afterwards";
const KEPT: &str = "sources and models of the other tectonic region types count all the same, as in the engine";
const LEVELS: &str = "intensity_measure_types_and_levels stands before it";

/// The parameters by name.
pub const PARAMETERS: &[(&str, Use)] = &[
    ("affectedpop_vulnerability_file", NoEffect(RISK)),
    ("aggregate_by", NoEffect(RISK)),
    ("aggregate_exposure", NoEffect(RISK)),
    ("aggregate_loss_curves_types", NoEffect(RISK)),
    (
        "amplification_csv",
        Read("the file of amplification functions, from rock to the ground of the sites", "none: no amplification"),
    ),
    (
        "amplification_method",
        Read(
            "what is amplified: `convolution` (hazard curves) or `kernel` (the motion of each rupture)",
            "convolution",
        ),
    ),
    (
        "area_source_discretization",
        Read(
            "the spacing of the point sources that an area source is, km",
            "none: required where there are area sources",
        ),
    ),
    ("area_vulnerability_file", NoEffect(RISK)),
    ("asce_version", NoEffect(AFTERWARDS)),
    ("ash_wet_amplification_factor", NoEffect(RISK)),
    ("asset_correlation", NoEffect(RISK)),
    (
        "asset_hazard_distance",
        Read(
            "a site counts if an asset of the exposure is within this distance, km; by kind of risk too",
            "15; with region_grid_spacing, 1.414 times that",
        ),
    ),
    ("asset_life_expectancy", NoEffect(RISK)),
    ("assets_per_site_limit", NoEffect(RISK)),
    ("avg_losses", NoEffect(RISK)),
    ("base_path", NoEffect(MACHINERY)),
    ("business_interruption_consequence_file", NoEffect(RISK)),
    ("business_interruption_fragility_file", NoEffect(RISK)),
    ("business_interruption_vulnerability_file", NoEffect(RISK)),
    ("cache", NoEffect(MACHINERY)),
    ("cache_distances", NoEffect(MACHINERY)),
    ("cachedir", NoEffect(MACHINERY)),
    ("calculation_mode", Read("what to compute; `classical` is supported", "required")),
    ("cholesky_limit", NoEffect(FIELDS)),
    (
        "collapse_gsim_logic_tree",
        Read("branch sets of the GSIM logic tree whose models become one, the average of their probabilities", "none"),
    ),
    ("collapse_level", NoEffect(MACHINERY)),
    ("collect_rlzs", NoEffect(RISK)),
    ("compare_with_classical", NoEffect(FIELDS)),
    ("complex_fault_mesh_spacing", Read("the spacing of the meshes of complex faults, km", "rupture_mesh_spacing")),
    ("concurrent_tasks", NoEffect(MACHINERY)),
    ("conditional_loss_poes", NoEffect(RISK)),
    ("consequence_file", NoEffect(RISK)),
    ("contents_consequence_file", NoEffect(RISK)),
    ("contents_fragility_file", NoEffect(RISK)),
    ("contents_vulnerability_file", NoEffect(RISK)),
    ("continuous_fragility_discretization", NoEffect(RISK)),
    ("coordinate_bin_width", NoEffect(DISAGGREGATION)),
    ("correlation_cutoff", NoEffect(FIELDS)),
    ("countries", NoEffect(RISK)),
    ("cross_correlation", NoEffect(FIELDS)),
    ("delta_rates_file", Unsupported),
    ("description", Read("what the job is, in the user's words", "no description")),
    ("disagg_bin_edges", NoEffect(DISAGGREGATION)),
    ("disagg_by_src", Read("whether to keep the mean annual rates by source", "false")),
    ("disagg_outputs", NoEffect(DISAGGREGATION)),
    ("discard_assets", Read("whether assets without a site near are passed over instead of being an error", "false")),
    ("discard_trts", Read("tectonic region types whose sources do not count, separated by commas", "none")),
    ("discrete_damage_distribution", NoEffect(RISK)),
    ("distance_bin_width", NoEffect(DISAGGREGATION)),
    ("embodied_carbon_vulnerability_file", NoEffect(RISK)),
    ("epsilon_star", NoEffect(DISAGGREGATION)),
    ("export_dir", NoEffect(AFTERWARDS)),
    ("exports", NoEffect(AFTERWARDS)),
    ("exposure_file", Read("exposures whose assets give the sites, or choose among them", "none")),
    ("extreme_gmv", NoEffect(FIELDS)),
    (
        "floating_x_step",
        Read(
            "by which share of its length a rupture of a kite fault moves along strike to its next place; 0 for one step of the mesh",
            "0",
        ),
    ),
    ("floating_y_step", Read("the same down dip, as a share of its width", "0")),
    ("fragility_file", NoEffect(RISK)),
    ("geometry_file", NoEffect(RISK)),
    ("gmf_max_gb", NoEffect(FIELDS)),
    ("gmfs_file", Unsupported),
    ("ground_motion_correlation_model", NoEffect(FIELDS)),
    ("ground_motion_correlation_params", NoEffect(FIELDS)),
    ("ground_motion_fields", NoEffect(FIELDS)),
    ("groundshaking_fragility_file", NoEffect(RISK)),
    ("groundshaking_vulnerability_file", NoEffect(RISK)),
    ("gsim", Read("the one ground-motion model, instead of a GSIM logic tree", "none")),
    ("gsim_logic_tree_file", Read("the GSIM logic tree", "required, or gsim")),
    ("hazard_calculation_id", Unsupported),
    ("hazard_curves_file", Unsupported),
    ("hazard_curves_from_gmfs", NoEffect(FIELDS)),
    (
        "hazard_maps",
        Read(
            "whether maps are wanted; they are computed where there are `poes`, and it is an error if there are none",
            "false",
        ),
    ),
    (
        "horiz_comp_to_geom_mean",
        Read("whether ground-motion models are converted to the geometric mean of the horizontal components", "false"),
    ),
    ("ignore_covs", NoEffect(RISK)),
    ("ignore_encoding_errors", NoEffect(MACHINERY)),
    ("ignore_master_seed", NoEffect(RISK)),
    ("ignore_missing_costs", NoEffect(RISK)),
    ("iml_disagg", Unsupported),
    ("imt_ref", NoEffect(DISAGGREGATION)),
    (
        "individual_rlzs",
        Read("whether to keep the curves and maps of each realization", "false; true for one site or one realization"),
    ),
    (
        "infer_occur_rates",
        Read(
            "whether the probability of no occurrence of a multi-fault rupture is taken for that of a Poisson process",
            "false",
        ),
    ),
    ("infrastructure_connectivity_analysis", NoEffect(RISK)),
    ("injured_vulnerability_file", NoEffect(RISK)),
    ("input_zip_file", NoEffect(MACHINERY)),
    ("inputs", NoEffect(MACHINERY)),
    ("ins_loss_file", Unsupported),
    ("insurance_file", NoEffect(RISK)),
    ("intensity_measure_types", NoEffect(LEVELS)),
    (
        "intensity_measure_types_and_levels",
        Read("the intensity measures with their levels: g, cm/s for PGV, cm for PGD, ...", "required"),
    ),
    ("interest_rate", NoEffect(RISK)),
    ("investigation_time", Read("the time that probabilities are for, years", "required")),
    ("job_id", NoEffect(MACHINERY)),
    ("job_ini_file", NoEffect(MACHINERY)),
    ("keep_trt", NoEffect(KEPT)),
    ("landslide_fragility_file", NoEffect(RISK)),
    ("landslide_vulnerability_file", NoEffect(RISK)),
    ("limit_states", NoEffect(RISK)),
    ("liquefaction_fragility_file", NoEffect(RISK)),
    ("liquefaction_vulnerability_file", NoEffect(RISK)),
    ("local_timestamp", NoEffect(RISK)),
    ("lrem_steps_per_interval", NoEffect(RISK)),
    ("mag_bin_width", NoEffect(DISAGGREGATION)),
    ("master_seed", NoEffect(RISK)),
    ("max", Read("whether to compute the maximum over realizations", "false")),
    ("max_aggregations", NoEffect(RISK)),
    ("max_blocks", NoEffect(MACHINERY)),
    ("max_data_transfer", NoEffect(MACHINERY)),
    ("max_gmvs_chunk", NoEffect(FIELDS)),
    ("max_nodes_network", NoEffect(RISK)),
    ("max_potential_gmfs", NoEffect(FIELDS)),
    ("max_potential_paths", Read("more paths through the logic trees than this are refused without sampling", "15000")),
    ("max_sites_correl", NoEffect(FIELDS)),
    ("max_sites_disagg", Read("with no more sites than this, all count as near a point source if one is", "10")),
    (
        "maximum_distance",
        Read(
            "how far sites feel ruptures, km: one number, or by tectonic region type, or by magnitude too",
            "required",
        ),
    ),
    ("maximum_distance_stations", NoEffect(FIELDS)),
    ("maximum_rupture_depth", Unsupported),
    ("mea_tau_phi", NoEffect(FIELDS)),
    ("mean", Read("whether to compute the mean over realizations", "true")),
    ("minimum_asset_loss", NoEffect(RISK)),
    ("minimum_distance", Read("distances below this count as this, km", "0")),
    ("minimum_engine_version", NoEffect(MACHINERY)),
    ("minimum_intensity", NoEffect(FIELDS)),
    ("minimum_magnitude", Read("ruptures below this do not count: one number, or by tectonic region type", "none")),
    ("mmi_file", NoEffect(FIELDS)),
    ("modal_damage_state", NoEffect(RISK)),
    ("mosaic_model", NoEffect(MACHINERY)),
    ("multi_peril_file", Unsupported),
    ("nonstructural_consequence_file", NoEffect(RISK)),
    ("nonstructural_fragility_file", NoEffect(RISK)),
    ("nonstructural_vulnerability_file", NoEffect(RISK)),
    ("num_epsilon_bins", NoEffect(DISAGGREGATION)),
    ("num_rlzs_disagg", NoEffect(DISAGGREGATION)),
    ("number_of_ground_motion_fields", NoEffect(FIELDS)),
    ("number_of_logic_tree_samples", Read("how many paths to draw from the logic trees; 0 for all paths", "0")),
    ("number_vulnerability_file", NoEffect(RISK)),
    ("occupants_vulnerability_file", NoEffect(RISK)),
    ("outs_per_task", NoEffect(MACHINERY)),
    (
        "override_vs30",
        Read("the vs30 of all sites, m/s, in place of theirs; several values make several sites of each", "none"),
    ),
    ("oversampling", Read("`forbid` refuses more samples than there are paths, `tolerate` does not", "tolerate")),
    ("poes", Read("the probabilities of exceedance of hazard maps and spectra, in the investigation time", "none")),
    ("poes_disagg", NoEffect(DISAGGREGATION)),
    (
        "pointsource_distance",
        Read(
            "beyond this distance the ruptures of a point source are one a magnitude, km; by tectonic region type too",
            "100; 40 with ps_grid_spacing",
        ),
    ),
    ("post_loss_amplification_file", NoEffect(RISK)),
    ("postproc_args", NoEffect(AFTERWARDS)),
    ("postproc_func", NoEffect(AFTERWARDS)),
    ("postrisk_args", NoEffect(RISK)),
    ("postrisk_func", NoEffect(RISK)),
    (
        "prefer_global_site_params",
        Read("whether the job's reference values stand before those of a site model", "false"),
    ),
    (
        "ps_grid_spacing",
        Read(
            "point sources within a cell of a grid of this spacing are one beyond the `pointsource_distance`, km; 0 for no grid",
            "0",
        ),
    ),
    ("quantiles", Read("the quantiles to compute over realizations", "none")),
    ("random_seed", Read("the seed of the sampling of logic trees", "42")),
    ("reaggregate_by", NoEffect(RISK)),
    ("reference_backarc", Read("whether sites without a site model are in the backarc", "false")),
    (
        "reference_depth_to_1pt0km_per_sec",
        Read(
            "depth where shear waves reach 1.0 km/s at sites without a site model, m",
            "none: required by models that ask for it",
        ),
    ),
    ("reference_depth_to_1pt4km_per_sec", Read("the same for 1.4 km/s, m", "none: required by models that ask for it")),
    (
        "reference_depth_to_2pt5km_per_sec",
        Read("the same for 2.5 km/s, km", "none: required by models that ask for it"),
    ),
    ("reference_vs30_type", Read("whether the reference vs30 is `measured` or `inferred`", "inferred")),
    (
        "reference_vs30_value",
        Read("vs30 of sites without a site model, m/s", "none: required by models that ask for it"),
    ),
    ("region", Read("a polygon that a grid of sites covers, or that assets lie in: longitude latitude, ...", "none")),
    ("region_grid_spacing", Read("the spacing of that grid, km", "none")),
    ("reinsurance_file", NoEffect(RISK)),
    (
        "reqv_hdf5",
        Read(
            "tables of equivalent distances by tectonic region type: their point sources become points with mean planes",
            "none",
        ),
    ),
    ("reqv_ignore_sources", Read("ids of sources that are not so changed", "none")),
    ("residents_vulnerability_file", NoEffect(RISK)),
    ("return_periods", Read("return periods of hazard maps and spectra, years, in place of `poes`", "none")),
    ("risk_imtls", NoEffect(RISK)),
    ("risk_investigation_time", NoEffect(RISK)),
    ("rlz_index", NoEffect(DISAGGREGATION)),
    ("rupture_dict", NoEffect(FIELDS)),
    ("rupture_id", NoEffect(FIELDS)),
    ("rupture_mesh_spacing", Read("the spacing of the meshes of simple and kite faults, km", "5")),
    ("rupture_model_file", Unsupported),
    (
        "sampling_method",
        Read("how to draw paths: `early_weights`, `late_weights`, `early_latin` or `late_latin`", "early_weights"),
    ),
    ("save_disk_space", NoEffect(MACHINERY)),
    ("sec_peril_params", NoEffect(FIELDS)),
    ("secondary_perils", NoEffect(FIELDS)),
    ("ses_per_logic_tree_path", NoEffect(FIELDS)),
    ("ses_seed", NoEffect(FIELDS)),
    ("shakemap_file", Unsupported),
    ("shakemap_id", NoEffect(FIELDS)),
    ("shakemap_uri", NoEffect(FIELDS)),
    (
        "shift_hypo",
        Read(
            "whether hypocentres of point sources move with ruptures that do not fit between the seismogenic depths",
            "false",
        ),
    ),
    ("site_class", NoEffect(AFTERWARDS)),
    ("site_effects", NoEffect(FIELDS)),
    ("site_labels", Unsupported),
    ("site_model_csv", Read("site models in CSV files: where sites are and what their ground is", "none")),
    ("site_model_file", Read("the same, in CSV or XML", "none")),
    ("siteid", NoEffect(AFTERWARDS)),
    ("sites", Read("the sites: longitude latitude [depth], ...", "none")),
    ("sites_csv", Read("the sites in a CSV file", "none")),
    ("smlt_branch", Read("the only branch of the source model logic tree whose source models count", "none")),
    ("soil_intensities", Read("the levels on soil, with `amplification_method = convolution`", "none: required there")),
    ("source_id", Read("only sources whose ids start with one of these count", "none: all count")),
    ("source_model_file", Unsupported),
    ("source_model_logic_tree_file", Read("the source model logic tree", "required")),
    ("source_nodes", Read("only sources of these kinds count, such as `areaSource`", "none: all count")),
    ("spatial_correlation", NoEffect(FIELDS)),
    ("specific_assets", NoEffect(RISK)),
    ("split_by_gsim", NoEffect(MACHINERY)),
    (
        "split_sources",
        Read("whether area and multi-point sources are taken apart into points, each with its own distances", "true"),
    ),
    ("split_time", NoEffect(MACHINERY)),
    ("station_data_file", NoEffect(FIELDS)),
    ("std", Read("whether to compute the standard deviation over realizations", "false")),
    ("steps_per_interval", NoEffect(RISK)),
    ("strict", NoEffect(MACHINERY)),
    ("structural_consequence_file", NoEffect(RISK)),
    ("structural_fragility_file", NoEffect(RISK)),
    ("structural_vulnerability_file", NoEffect(RISK)),
    ("structural_vulnerability_retrofitted_file", NoEffect(RISK)),
    ("taxonomy_mapping_file", NoEffect(RISK)),
    ("tectonic_region_type", NoEffect(FIELDS)),
    ("tile_spec", Read("[part, parts]: only that part of the sites counts", "none")),
    ("tiling", NoEffect(MACHINERY)),
    ("time_event", NoEffect(RISK)),
    ("time_per_task", NoEffect(MACHINERY)),
    ("total_losses", NoEffect(RISK)),
    ("truncated_mvn", NoEffect(FIELDS)),
    (
        "truncation_level",
        Read("how many standard deviations of ground motion count; 0 for the median alone", "required"),
    ),
    ("truncation_level_between", NoEffect(FIELDS)),
    ("truncation_level_within", NoEffect(FIELDS)),
    ("uniform_hazard_spectra", Read("whether hazard maps over periods are kept as spectra", "false")),
    ("use_rates", Read("whether statistics are of rates rather than of probabilities", "false")),
    (
        "vs30_tolerance",
        Read("how far the vs30 of a site may be from that of the amplification functions, m/s; negative for any", "0"),
    ),
    (
        "width_of_mfd_bin",
        Read(
            "the width of the bins that Gutenberg-Richter distributions are cut into, magnitudes",
            "none: required where there are such",
        ),
    ),
    ("with_betw_ratio", NoEffect(FIELDS)),
];

/// Old names of parameters, with the new ones.
pub const ALIASES: &[(&str, &str)] = &[
    ("amplification_file", "amplification_csv"),
    ("exposure_csv", "exposure_file"),
    ("individual_curves", "individual_rlzs"),
    ("max_hazard_curves", "max"),
    ("mean_hazard_curves", "mean"),
    ("quantile_hazard_curves", "quantiles"),
    ("region_constraint", "region"),
    ("reqv_csv", "reqv_hdf5"),
    ("reqv_file", "reqv_hdf5"),
];

/// How names of input files end; the engine takes any of these for any other.
const FILE_SUFFIXES: [&str; 3] = ["_file", "_csv", "_hdf5"];

/// Whether it is the name of an input file.
pub fn is_file(name: &str) -> bool {
    FILE_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// What is made of a parameter, if it is known. An input file that is not read is known by any ending.
pub fn usage(name: &str) -> Option<Use> {
    let known = |name: &str| PARAMETERS.iter().find(|(n, _)| *n == name).map(|(_, u)| *u);
    let stem = || FILE_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    let other = |stem: &str| FILE_SUFFIXES.iter().find_map(|suffix| known(&format!("{stem}{suffix}")));
    known(name).or_else(|| other(stem()?).filter(|usage| !usage.is_read()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_file_is_refused_whatever_its_name_ends_in() {
        assert_eq!(usage("source_model_csv"), Some(Unsupported));
        assert_eq!(usage("amplification_file"), None);
        assert_eq!(usage("gsim_logic_tree_csv"), None);
        assert_eq!(usage("no_such_file"), None);
        assert!(is_file("no_such_file") && is_file("x_csv") && !is_file("csv"));
    }

    /// The names that a job of the engine may have, and the old ones with the new.
    fn names_of_the_engine() -> (Vec<String>, Vec<(&'static str, &'static str)>) {
        let (mut names, mut aliases) = (Vec::new(), Vec::new());
        let list = include_str!("../../tests/data/engine_parameters.txt");
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            match line.split(' ').collect::<Vec<_>>()[..] {
                [name] => names.push(name.to_string()),
                ["input", stem] => names.push(stem.to_string()),
                ["alias", old, new] => aliases.push((old, new)),
                _ => panic!("{line}"),
            }
        }
        (names, aliases)
    }

    #[test]
    fn every_parameter_of_the_engine_is_read_has_no_effect_or_is_refused() {
        let (names, aliases) = names_of_the_engine();
        assert!(names.len() > 200 && aliases.len() == 4, "{} names", names.len());
        let reader = include_str!("build.rs");
        for name in names {
            let spellings = [name.clone(), format!("{name}_file"), format!("{name}_csv"), format!("{name}_hdf5")];
            let old = aliases.iter().find(|(old, _)| *old == name).map(|(_, new)| new.to_string());
            let found = spellings.iter().cloned().chain(old).find_map(|name| Some((usage(&name)?, name)));
            let (usage, name) = found.unwrap_or_else(|| panic!("{name} is in no class"));
            assert!(!usage.is_read() || reader.contains(&format!("\"{name}\"")), "{name} is said to be read");
        }
        for alias in aliases {
            assert!(ALIASES.contains(&alias), "{alias:?}");
        }
    }
}
