//! Every parameter that a classical calculation may have, and what this program makes of it.

/// What is made of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Use {
    /// It is read.
    Read,
    /// It steers the engine's own machinery, other calculators or exports: it changes no number of a classical
    /// calculation and is passed over with a word.
    NoEffect,
    /// It changes numbers and is not supported.
    Unsupported,
}

use Use::{NoEffect, Read, Unsupported};

/// The parameters by name.
pub const PARAMETERS: &[(&str, Use)] = &[
    ("aggregate_by", NoEffect),
    ("aggregate_loss_curves_types", NoEffect),
    ("amplification_csv", Read),
    ("amplification_method", Read),
    ("area_source_discretization", Read),
    ("asce_version", NoEffect),
    ("ash_wet_amplification_factor", NoEffect),
    ("asset_correlation", NoEffect),
    ("asset_hazard_distance", Read),
    ("asset_life_expectancy", NoEffect),
    ("assets_per_site_limit", NoEffect),
    ("avg_losses", NoEffect),
    ("cache_distances", NoEffect),
    ("cachedir", NoEffect),
    ("calculation_mode", Read),
    ("cholesky_limit", NoEffect),
    ("collapse_gsim_logic_tree", Read),
    ("collapse_level", NoEffect),
    ("collect_rlzs", NoEffect),
    ("compare_with_classical", NoEffect),
    ("complex_fault_mesh_spacing", Read),
    ("concurrent_tasks", NoEffect),
    ("conditional_loss_poes", NoEffect),
    ("continuous_fragility_discretization", NoEffect),
    ("coordinate_bin_width", NoEffect),
    ("correlation_cutoff", NoEffect),
    ("countries", NoEffect),
    ("cross_correlation", NoEffect),
    ("description", Read),
    ("disagg_bin_edges", NoEffect),
    ("disagg_by_src", Read),
    ("disagg_outputs", NoEffect),
    ("discard_assets", Read),
    ("discard_trts", Read),
    ("discrete_damage_distribution", NoEffect),
    ("distance_bin_width", NoEffect),
    ("epsilon_star", NoEffect),
    ("export_dir", NoEffect),
    ("exports", NoEffect),
    ("exposure_file", Read),
    ("extreme_gmv", NoEffect),
    ("floating_x_step", Read),
    ("floating_y_step", Read),
    ("gmf_max_gb", NoEffect),
    ("ground_motion_correlation_model", NoEffect),
    ("ground_motion_correlation_params", NoEffect),
    ("ground_motion_fields", NoEffect),
    ("gsim", Read),
    ("gsim_logic_tree_file", Read),
    ("hazard_calculation_id", Unsupported),
    ("hazard_curves_from_gmfs", NoEffect),
    ("hazard_maps", Read),
    ("horiz_comp_to_geom_mean", Read),
    ("ignore_covs", NoEffect),
    ("ignore_encoding_errors", NoEffect),
    ("ignore_master_seed", NoEffect),
    ("ignore_missing_costs", NoEffect),
    ("iml_disagg", NoEffect),
    ("imt_ref", NoEffect),
    ("individual_rlzs", Read),
    ("infer_occur_rates", Read),
    ("infrastructure_connectivity_analysis", NoEffect),
    ("intensity_measure_types", NoEffect),
    ("intensity_measure_types_and_levels", Read),
    ("interest_rate", NoEffect),
    ("investigation_time", Read),
    ("limit_states", NoEffect),
    ("local_timestamp", NoEffect),
    ("lrem_steps_per_interval", NoEffect),
    ("mag_bin_width", NoEffect),
    ("master_seed", NoEffect),
    ("max", Read),
    ("max_aggregations", NoEffect),
    ("max_blocks", NoEffect),
    ("max_data_transfer", NoEffect),
    ("max_gmvs_chunk", NoEffect),
    ("max_potential_gmfs", NoEffect),
    ("max_potential_paths", Read),
    ("max_sites_disagg", Read),
    ("maximum_distance", Read),
    ("maximum_distance_stations", NoEffect),
    ("mea_tau_phi", NoEffect),
    ("mean", Read),
    ("minimum_asset_loss", NoEffect),
    ("minimum_distance", Read),
    ("minimum_engine_version", NoEffect),
    ("minimum_intensity", NoEffect),
    ("minimum_magnitude", Read),
    ("modal_damage_state", NoEffect),
    ("mosaic_model", NoEffect),
    ("num_epsilon_bins", NoEffect),
    ("num_rlzs_disagg", NoEffect),
    ("number_of_ground_motion_fields", NoEffect),
    ("number_of_logic_tree_samples", Read),
    ("outs_per_task", NoEffect),
    ("override_vs30", Read),
    ("oversampling", Read),
    ("poes", Read),
    ("poes_disagg", NoEffect),
    ("pointsource_distance", Read),
    ("postproc_args", NoEffect),
    ("postproc_func", NoEffect),
    ("prefer_global_site_params", Read),
    ("ps_grid_spacing", Read),
    ("quantiles", Read),
    ("random_seed", Read),
    ("reaggregate_by", NoEffect),
    ("reference_backarc", Read),
    ("reference_depth_to_1pt0km_per_sec", Read),
    ("reference_depth_to_2pt5km_per_sec", Read),
    ("reference_vs30_type", Read),
    ("reference_vs30_value", Read),
    ("region", Read),
    ("region_grid_spacing", Read),
    ("reqv_hdf5", Read),
    ("reqv_ignore_sources", Read),
    ("return_periods", Read),
    ("risk_imtls", NoEffect),
    ("risk_investigation_time", NoEffect),
    ("rlz_index", NoEffect),
    ("rupture_dict", NoEffect),
    ("rupture_mesh_spacing", Read),
    ("sampling_method", Read),
    ("save_disk_space", NoEffect),
    ("sec_peril_params", NoEffect),
    ("secondary_perils", NoEffect),
    ("ses_per_logic_tree_path", NoEffect),
    ("ses_seed", NoEffect),
    ("shakemap_id", NoEffect),
    ("shakemap_uri", NoEffect),
    ("shift_hypo", Read),
    ("site_effects", NoEffect),
    ("site_model_csv", Read),
    ("site_model_file", Read),
    ("sites", Read),
    ("sites_csv", Read),
    ("smlt_branch", Read),
    ("soil_intensities", Read),
    ("source_id", Read),
    ("source_model_file", Unsupported),
    ("source_model_logic_tree_file", Read),
    ("source_nodes", Read),
    ("spatial_correlation", NoEffect),
    ("specific_assets", NoEffect),
    ("split_by_gsim", NoEffect),
    ("split_sources", Read),
    ("std", Read),
    ("steps_per_interval", NoEffect),
    ("tectonic_region_type", NoEffect),
    ("tile_spec", Read),
    ("tiling", NoEffect),
    ("time_event", NoEffect),
    ("time_per_task", NoEffect),
    ("total_losses", NoEffect),
    ("truncation_level", Read),
    ("uniform_hazard_spectra", Read),
    ("use_rates", Read),
    ("vs30_tolerance", Read),
    ("width_of_mfd_bin", Read),
    ("with_betw_ratio", NoEffect),
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

/// What is made of a parameter, if it is known. An input file that is not supported is known by any ending.
pub fn usage(name: &str) -> Option<Use> {
    let known = |name: &str| PARAMETERS.iter().find(|(n, _)| *n == name).map(|(_, u)| *u);
    let stem = || FILE_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    let other = |stem: &str| FILE_SUFFIXES.iter().find_map(|suffix| known(&format!("{stem}{suffix}")));
    known(name).or_else(|| other(stem()?).filter(|usage| *usage == Unsupported))
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
    }
}
