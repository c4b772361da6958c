//! Every parameter that a classical calculation may have, and what this program makes of it.

/// What is made of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Use {
    /// It is read.
    Read,
    /// It changes no number of a classical calculation, for this reason, and is passed over with a word.
    NoEffect(&'static str),
    /// It changes numbers, or what is computed, and is not supported.
    Unsupported,
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
    ("amplification_csv", Read),
    ("amplification_method", Read),
    ("area_source_discretization", Read),
    ("area_vulnerability_file", NoEffect(RISK)),
    ("asce_version", NoEffect(AFTERWARDS)),
    ("ash_wet_amplification_factor", NoEffect(RISK)),
    ("asset_correlation", NoEffect(RISK)),
    ("asset_hazard_distance", Read),
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
    ("calculation_mode", Read),
    ("cholesky_limit", NoEffect(FIELDS)),
    ("collapse_gsim_logic_tree", Read),
    ("collapse_level", NoEffect(MACHINERY)),
    ("collect_rlzs", NoEffect(RISK)),
    ("compare_with_classical", NoEffect(FIELDS)),
    ("complex_fault_mesh_spacing", Read),
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
    ("description", Read),
    ("disagg_bin_edges", NoEffect(DISAGGREGATION)),
    ("disagg_by_src", Read),
    ("disagg_outputs", NoEffect(DISAGGREGATION)),
    ("discard_assets", Read),
    ("discard_trts", Read),
    ("discrete_damage_distribution", NoEffect(RISK)),
    ("distance_bin_width", NoEffect(DISAGGREGATION)),
    ("embodied_carbon_vulnerability_file", NoEffect(RISK)),
    ("epsilon_star", NoEffect(DISAGGREGATION)),
    ("export_dir", NoEffect(AFTERWARDS)),
    ("exports", NoEffect(AFTERWARDS)),
    ("exposure_file", Read),
    ("extreme_gmv", NoEffect(FIELDS)),
    ("floating_x_step", Read),
    ("floating_y_step", Read),
    ("fragility_file", NoEffect(RISK)),
    ("geometry_file", NoEffect(RISK)),
    ("gmf_max_gb", NoEffect(FIELDS)),
    ("gmfs_file", Unsupported),
    ("ground_motion_correlation_model", NoEffect(FIELDS)),
    ("ground_motion_correlation_params", NoEffect(FIELDS)),
    ("ground_motion_fields", NoEffect(FIELDS)),
    ("groundshaking_fragility_file", NoEffect(RISK)),
    ("groundshaking_vulnerability_file", NoEffect(RISK)),
    ("gsim", Read),
    ("gsim_logic_tree_file", Read),
    ("hazard_calculation_id", Unsupported),
    ("hazard_curves_file", Unsupported),
    ("hazard_curves_from_gmfs", NoEffect(FIELDS)),
    ("hazard_maps", Read),
    ("horiz_comp_to_geom_mean", Read),
    ("ignore_covs", NoEffect(RISK)),
    ("ignore_encoding_errors", NoEffect(MACHINERY)),
    ("ignore_master_seed", NoEffect(RISK)),
    ("ignore_missing_costs", NoEffect(RISK)),
    ("iml_disagg", Unsupported),
    ("imt_ref", NoEffect(DISAGGREGATION)),
    ("individual_rlzs", Read),
    ("infer_occur_rates", Read),
    ("infrastructure_connectivity_analysis", NoEffect(RISK)),
    ("injured_vulnerability_file", NoEffect(RISK)),
    ("input_zip_file", NoEffect(MACHINERY)),
    ("inputs", NoEffect(MACHINERY)),
    ("ins_loss_file", Unsupported),
    ("insurance_file", NoEffect(RISK)),
    ("intensity_measure_types", NoEffect(LEVELS)),
    ("intensity_measure_types_and_levels", Read),
    ("interest_rate", NoEffect(RISK)),
    ("investigation_time", Read),
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
    ("max", Read),
    ("max_aggregations", NoEffect(RISK)),
    ("max_blocks", NoEffect(MACHINERY)),
    ("max_data_transfer", NoEffect(MACHINERY)),
    ("max_gmvs_chunk", NoEffect(FIELDS)),
    ("max_nodes_network", NoEffect(RISK)),
    ("max_potential_gmfs", NoEffect(FIELDS)),
    ("max_potential_paths", Read),
    ("max_sites_correl", NoEffect(FIELDS)),
    ("max_sites_disagg", Read),
    ("maximum_distance", Read),
    ("maximum_distance_stations", NoEffect(FIELDS)),
    ("maximum_rupture_depth", Unsupported),
    ("mea_tau_phi", NoEffect(FIELDS)),
    ("mean", Read),
    ("minimum_asset_loss", NoEffect(RISK)),
    ("minimum_distance", Read),
    ("minimum_engine_version", NoEffect(MACHINERY)),
    ("minimum_intensity", NoEffect(FIELDS)),
    ("minimum_magnitude", Read),
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
    ("number_of_logic_tree_samples", Read),
    ("number_vulnerability_file", NoEffect(RISK)),
    ("occupants_vulnerability_file", NoEffect(RISK)),
    ("outs_per_task", NoEffect(MACHINERY)),
    ("override_vs30", Read),
    ("oversampling", Read),
    ("poes", Read),
    ("poes_disagg", NoEffect(DISAGGREGATION)),
    ("pointsource_distance", Read),
    ("post_loss_amplification_file", NoEffect(RISK)),
    ("postproc_args", NoEffect(AFTERWARDS)),
    ("postproc_func", NoEffect(AFTERWARDS)),
    ("postrisk_args", NoEffect(RISK)),
    ("postrisk_func", NoEffect(RISK)),
    ("prefer_global_site_params", Read),
    ("ps_grid_spacing", Read),
    ("quantiles", Read),
    ("random_seed", Read),
    ("reaggregate_by", NoEffect(RISK)),
    ("reference_backarc", Read),
    ("reference_depth_to_1pt0km_per_sec", Read),
    ("reference_depth_to_1pt4km_per_sec", Read),
    ("reference_depth_to_2pt5km_per_sec", Read),
    ("reference_vs30_type", Read),
    ("reference_vs30_value", Read),
    ("region", Read),
    ("region_grid_spacing", Read),
    ("reinsurance_file", NoEffect(RISK)),
    ("reqv_hdf5", Read),
    ("reqv_ignore_sources", Read),
    ("residents_vulnerability_file", NoEffect(RISK)),
    ("return_periods", Read),
    ("risk_imtls", NoEffect(RISK)),
    ("risk_investigation_time", NoEffect(RISK)),
    ("rlz_index", NoEffect(DISAGGREGATION)),
    ("rupture_dict", NoEffect(FIELDS)),
    ("rupture_id", NoEffect(FIELDS)),
    ("rupture_mesh_spacing", Read),
    ("rupture_model_file", Unsupported),
    ("sampling_method", Read),
    ("save_disk_space", NoEffect(MACHINERY)),
    ("sec_peril_params", NoEffect(FIELDS)),
    ("secondary_perils", NoEffect(FIELDS)),
    ("ses_per_logic_tree_path", NoEffect(FIELDS)),
    ("ses_seed", NoEffect(FIELDS)),
    ("shakemap_file", Unsupported),
    ("shakemap_id", NoEffect(FIELDS)),
    ("shakemap_uri", NoEffect(FIELDS)),
    ("shift_hypo", Read),
    ("site_class", NoEffect(AFTERWARDS)),
    ("site_effects", NoEffect(FIELDS)),
    ("site_labels", Unsupported),
    ("site_model_csv", Read),
    ("site_model_file", Read),
    ("siteid", NoEffect(AFTERWARDS)),
    ("sites", Read),
    ("sites_csv", Read),
    ("smlt_branch", Read),
    ("soil_intensities", Read),
    ("source_id", Read),
    ("source_model_file", Unsupported),
    ("source_model_logic_tree_file", Read),
    ("source_nodes", Read),
    ("spatial_correlation", NoEffect(FIELDS)),
    ("specific_assets", NoEffect(RISK)),
    ("split_by_gsim", NoEffect(MACHINERY)),
    ("split_sources", Read),
    ("split_time", NoEffect(MACHINERY)),
    ("station_data_file", NoEffect(FIELDS)),
    ("std", Read),
    ("steps_per_interval", NoEffect(RISK)),
    ("strict", NoEffect(MACHINERY)),
    ("structural_consequence_file", NoEffect(RISK)),
    ("structural_fragility_file", NoEffect(RISK)),
    ("structural_vulnerability_file", NoEffect(RISK)),
    ("structural_vulnerability_retrofitted_file", NoEffect(RISK)),
    ("taxonomy_mapping_file", NoEffect(RISK)),
    ("tectonic_region_type", NoEffect(FIELDS)),
    ("tile_spec", Read),
    ("tiling", NoEffect(MACHINERY)),
    ("time_event", NoEffect(RISK)),
    ("time_per_task", NoEffect(MACHINERY)),
    ("total_losses", NoEffect(RISK)),
    ("truncated_mvn", NoEffect(FIELDS)),
    ("truncation_level", Read),
    ("truncation_level_between", NoEffect(FIELDS)),
    ("truncation_level_within", NoEffect(FIELDS)),
    ("uniform_hazard_spectra", Read),
    ("use_rates", Read),
    ("vs30_tolerance", Read),
    ("width_of_mfd_bin", Read),
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
    known(name).or_else(|| other(stem()?).filter(|usage| *usage != Read))
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
            assert!(usage != Read || reader.contains(&format!("\"{name}\"")), "{name} is said to be read");
        }
        for alias in aliases {
            assert!(ALIASES.contains(&alias), "{alias:?}");
        }
    }
}
