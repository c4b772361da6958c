//! Every parameter that a job of the engine may have, and what this program makes of it.

use std::collections::BTreeMap;

use super::disagg::{BinEdges, Marginal};
use super::distance::{IntegrationDistance, MinimumMagnitude};
use super::ini::IniEntry;
use super::kinds;
use super::parameters::{Absent, Declaration, Fail, Rates, declare, missing, read};
use super::params::{Amplified, ByteSize, Mode, Oversampling, SamplingMethod, Vs30Type};
use super::spectra::PostProcessing;
use super::values::Imtls;
use crate::digest::Digester;
use crate::gsim::Imt;

declare! {
    [Classical, Disaggregation] {
        /// The file of amplification functions, from rock to the ground of the sites.
        amplification_csv: String, FILE, other("none: no amplification"), through("the amplification functions"), old ["amplification_file"];
        /// What is amplified: `convolution` (hazard curves) or `kernel` (the motion of each rupture).
        amplification_method: Amplified, AMPLIFIED, value("convolution"), through("the amplification functions");
        /// The spacing of the point sources that an area source is.
        area_source_discretization: f64, POSITIVE_OR_NOTHING, other("none: required where there are area sources"), through("the sources"), unit "km";
        /// A site counts if an asset of the exposure is within this distance; by kind of risk too.
        asset_hazard_distance: BTreeMap<String, f64>, NUMBER_BY_NAME, other("15; with region_grid_spacing, 1.414 times that"),
            through("the sites"), unit "km";
        /// What to compute: `classical` or `disaggregation`.
        calculation_mode: Mode, MODE, required, no;
        /// Branch sets of the GSIM logic tree whose models become one, the average of their probabilities.
        collapse_gsim_logic_tree: Vec<String>, WORDS, value(""), through("the ground-motion models");
        /// The spacing of the meshes of complex faults.
        complex_fault_mesh_spacing: f64, POSITIVE_OR_NOTHING, other("rupture_mesh_spacing"), through("the sources"), unit "km";
        /// The correlation of intensity measures, for conditional spectra: `BakerJayaram2008`, `Bradley2012`, `GodaAtkinson2009`,
        /// `FullCrossCorrelation` or `NoCrossCorrelation`.
        cross_correlation: String, TEXT, other("none: required by conditional spectra"), no;
        /// Annual rates that are added to those of single ruptures, as aftershocks add to them: source_id, rup_id, delta.
        delta_rates_file: String, FILE, other("none"), through("the sources"), old ["delta_rates_csv"];
        /// What the job is, in the user's words.
        description: String, TEXT, value("no description"), no;
        /// Whether to keep the mean annual rates by source; of a disaggregation also which magnitudes, distances and epsilon each source has.
        disagg_by_src: bool, FLAG, value("false"), no;
        /// Whether assets without a site near are passed over instead of being an error.
        discard_assets: bool, FLAG, value("false"), through("the sites");
        /// Tectonic region types whose sources do not count, separated by commas.
        discard_trts: Vec<String>, TRTS, value(""), through("the sources");
        /// Exposures whose assets give the sites, or choose among them.
        exposure_file: Vec<String>, FILES, value(""), through("the sites"), old ["exposure_csv"];
        /// By which share of its length a rupture of a kite fault moves along strike to its next place; 0 for one step of the mesh.
        floating_x_step: f64, NOT_NEGATIVE, value("0"), through("the sources");
        /// The same down dip, as a share of its width.
        floating_y_step: f64, NOT_NEGATIVE, value("0"), through("the sources");
        /// The one ground-motion model, instead of a GSIM logic tree.
        gsim: String, TEXT, other("none"), through("the ground-motion models");
        /// The GSIM logic tree.
        gsim_logic_tree_file: String, FILE, other("required, or gsim"), through("the ground-motion models");
        /// Whether maps are wanted; they are computed where there are `poes`, and it is an error if there are none.
        hazard_maps: bool, FLAG, value("false"), no;
        /// Whether ground-motion models are converted to the geometric mean of the horizontal components.
        horiz_comp_to_geom_mean: bool, FLAG, value("false"), direct;
        /// Whether to keep the curves and maps of each realization.
        individual_rlzs: bool, FLAG, other("false; true for one site or one realization"), no, old ["individual_curves"];
        /// A level of each intensity measure: it stands for `intensity_measure_types_and_levels`, and a disaggregation is at these levels.
        iml_disagg: BTreeMap<String, f64>, LEVEL_BY_IMT, other("none"), through("the levels"), unit "g, cm/s for PGV, cm for PGD, ...";
        /// The intensity measure whose levels conditional spectra are for, one of the job's.
        imt_ref: Imt, IMT, other("none: required by conditional spectra"), no;
        /// Whether the probability of no occurrence of a multi-fault rupture is taken for that of a Poisson process.
        infer_occur_rates: bool, FLAG, value("false"), through("the sources");
        /// The intensity measures with their levels; not with `iml_disagg`.
        intensity_measure_types_and_levels: Imtls, LEVELS, required, direct, unit "g, cm/s for PGV, cm for PGD, ...";
        /// The time that probabilities are for.
        investigation_time: f64, POSITIVE, required, direct, unit "years";
        /// Whether to compute the maximum over realizations.
        max: bool, FLAG, value("false"), no, old ["max_hazard_curves"];
        /// More paths through the logic trees than this are refused without sampling.
        max_potential_paths: usize, WHOLE, value("15000"), no;
        /// With no more sites than this, all count as near a point source if one is; a disaggregation and conditional spectra have no more.
        max_sites_disagg: usize, WHOLE, value("10"), direct;
        /// How far sites feel ruptures: one number, or by tectonic region type, or by magnitude too.
        maximum_distance: IntegrationDistance, DISTANCES, required, direct, unit "km";
        /// Whether to compute the mean over realizations.
        mean: bool, FLAG, value("true"), no, old ["mean_hazard_curves"];
        /// Distances below this count as this.
        minimum_distance: f64, NOT_NEGATIVE, value("0"), direct, unit "km";
        /// Ruptures below this do not count: one number, or by tectonic region type.
        minimum_magnitude: MinimumMagnitude, MAGNITUDES, other("none"), direct;
        /// How many paths to draw from the logic trees; 0 for all paths.
        number_of_logic_tree_samples: usize, PATH_COUNT, value("0"), through("the sources and models of the paths");
        /// The vs30 of all sites, in place of theirs; several values make several sites of each.
        override_vs30: Vec<f64>, POSITIVES, value(""), through("the sites"), unit "m/s";
        /// `forbid` refuses more samples than there are paths, `tolerate` does not.
        oversampling: Oversampling, OVERSAMPLING, value("tolerate"), no;
        /// The most memory that the calculation may take; a job that takes more is refused. A parameter of this program alone.
        oqfs_memory: ByteSize, SIZE, other("what the machine, or the control group, has left"), no;
        /// How many threads the calculation may have. A parameter of this program alone.
        oqfs_threads: usize, THREADS, other("as many as there are processors for it"), no;
        /// The probabilities of exceedance of hazard maps and spectra, in the investigation time.
        poes: Vec<f64>, PROBABILITIES, value(""), no;
        /// Beyond this distance the ruptures of a point source are one a magnitude; by tectonic region type too.
        pointsource_distance: IntegrationDistance, DISTANCES, other("100; 40 with ps_grid_spacing"), direct, unit "km";
        /// What is made of the curves afterwards: `conditional_spectrum.main`, the conditional spectra at the `poes`. Other functions of the
        /// engine's are not computed.
        postproc_func: PostProcessing, POST_PROCESSING, other("nothing"), no;
        /// Whether the job's reference values stand before those of a site model.
        prefer_global_site_params: bool, FLAG, value("false"), through("the sites");
        /// Point sources within a cell of a grid of this spacing are one beyond the `pointsource_distance`; 0 for no grid.
        ps_grid_spacing: f64, NOT_NEGATIVE, value("0"), direct, unit "km";
        /// The quantiles to compute over realizations.
        quantiles: Vec<f64>, PROBABILITIES, value(""), no, old ["quantile_hazard_curves"];
        /// The seed of the sampling of logic trees.
        random_seed: u32, SEED, value("42"), through("the sources and models of the paths");
        /// Whether sites without a site model are in the backarc.
        reference_backarc: bool, FLAG, value("false"), through("the sites");
        /// Depth where shear waves reach 1.0 km/s at sites without a site model.
        reference_depth_to_1pt0km_per_sec: f64, DEPTH, other("none: required by models that ask for it"), through("the sites"),
            unit "m";
        /// The same for 1.4 km/s.
        reference_depth_to_1pt4km_per_sec: f64, DEPTH, other("none: required by models that ask for it"), through("the sites"),
            unit "m";
        /// The same for 2.5 km/s.
        reference_depth_to_2pt5km_per_sec: f64, DEPTH, other("none: required by models that ask for it"), through("the sites"),
            unit "km";
        /// Whether the reference vs30 is `measured` or `inferred`.
        reference_vs30_type: Vs30Type, VS30_TYPE, value("inferred"), through("the sites");
        /// The vs30 of sites without a site model.
        reference_vs30_value: f64, POSITIVE, other("none: required by models that ask for it"), through("the sites"), unit "m/s";
        /// A polygon that a grid of sites covers, or that assets lie in.
        region: Vec<(f64, f64, f64)>, PLACES, other("none"), through("the sites"), unit "degrees", old ["region_constraint"];
        /// The spacing of that grid.
        region_grid_spacing: f64, POSITIVE, other("none"), through("the sites"), unit "km";
        /// Tables of equivalent distances by tectonic region type: their point sources become points with mean planes.
        reqv_hdf5: Vec<(String, String)>, FILES_BY_TRT, other("none"), through("the sources"), old ["reqv_csv", "reqv_file"];
        /// Ids of sources that are not so changed.
        reqv_ignore_sources: Vec<String>, WORDS, value(""), through("the sources");
        /// Return periods of hazard maps and spectra, in place of `poes`.
        return_periods: Vec<f64>, POSITIVES, value(""), no, unit "years";
        /// The spacing of the meshes of simple and kite faults.
        rupture_mesh_spacing: f64, POSITIVE, value("5"), through("the sources"), unit "km";
        /// How to draw paths.
        sampling_method: SamplingMethod, SAMPLING, value("early_weights"), through("the sources and models of the paths");
        /// Whether hypocentres of point sources move with ruptures that do not fit between the seismogenic depths.
        shift_hypo: bool, FLAG, value("false"), direct;
        /// Site models in CSV files: where sites are and what their ground is.
        site_model_csv: Vec<String>, FILES, value(""), through("the sites");
        /// The same, in CSV or XML.
        site_model_file: Vec<String>, FILES, value(""), through("the sites");
        /// The sites.
        sites: Vec<(f64, f64, f64)>, PLACES, other("none"), through("the sites"), unit "degrees, km";
        /// The labels of sites: `{'name': 1, 'other': 2}` in order. A site whose `ilabel` in the site model is 1 has the models and the weights
        /// of the GSIM logic tree with that `logicTreeID` in the file, one whose `ilabel` is 0 those of the first, `Default`.
        site_labels: Vec<String>, LABELS, value(""), through("the ground-motion models");
        /// The sites in a CSV file, with parameters or without; a reference vs30 and the depths with it stand before them.
        sites_csv: String, FILE, other("none"), through("the sites");
        /// The only branch of the source model logic tree whose source models count.
        smlt_branch: String, TEXT, other("none"), through("the sources");
        /// The levels on soil, with `amplification_method = convolution`.
        soil_intensities: Vec<f64>, POSITIVES, other("none: required there"), no, unit "as the levels";
        /// Only sources whose ids start with one of these count.
        source_id: Vec<String>, WORDS, value(""), through("the sources");
        /// The source model logic tree.
        source_model_logic_tree_file: String, FILE, required, through("the sources");
        /// Only sources of these kinds count, such as `areaSource`.
        source_nodes: Vec<String>, WORDS, value(""), through("the sources");
        /// Whether area and multi-point sources are taken apart into points, each with its own distances.
        split_sources: bool, FLAG, value("true"), direct;
        /// Whether to compute the standard deviation over realizations.
        std: bool, FLAG, value("false"), no;
        /// Only a part of the sites counts: which, and of how many parts.
        tile_spec: (usize, usize), PART, other("none"), direct;
        /// How many standard deviations of ground motion count; 0 for the median alone.
        truncation_level: f64, NOT_NEGATIVE, required, direct;
        /// Whether hazard maps over periods are kept as spectra.
        uniform_hazard_spectra: bool, FLAG, value("false"), no;
        /// Whether statistics are of rates rather than of probabilities.
        use_rates: bool, FLAG, value("false"), no;
        /// How far the vs30 of a site may be from that of the amplification functions; negative for any.
        vs30_tolerance: f64, NUMBER, value("0"), no, unit "m/s";
        /// The width of the bins that Gutenberg-Richter distributions are cut into.
        width_of_mfd_bin: f64, POSITIVE, other("none: required where there are such"), through("the sources"), unit "magnitudes";
    }
    [Disaggregation] {
        /// The width of the bins of longitude and of latitude around each site.
        coordinate_bin_width: f64, POSITIVE, value("100"), no, unit "degrees";
        /// The edges of bins, of some axes or all, in place of their widths: `mag`, `dist`, `lon`, `lat`, `eps`.
        disagg_bin_edges: BinEdges, EDGES, other("none"), no;
        /// Which marginals to keep: some of `Mag`, `Dist`, `Mag_Dist`, `Mag_Dist_Eps`, `Lon_Lat`, `Mag_Lon_Lat`, `TRT`, `TRT_Mag`,
        /// `TRT_Lon_Lat`, `TRT_Mag_Dist`, `TRT_Mag_Dist_Eps`.
        disagg_outputs: Vec<Marginal>, OUTPUTS, other("all"), no;
        /// The width of the bins of distance.
        distance_bin_width: f64, POSITIVE, other("required without disagg_bin_edges; with them one bin"), no, unit "km";
        /// Whether a rupture counts in the bin of the epsilon that takes its mean to the level, rather than in all from there up.
        epsilon_star: bool, FLAG, value("false"), no;
        /// The width of the bins of magnitude.
        mag_bin_width: f64, POSITIVE, value("1"), no, unit "magnitudes";
        /// Into how many bins epsilon is cut, between the truncation levels; one if no output has `Eps`.
        num_epsilon_bins: usize, BIN_COUNT, value("1"), no;
        /// How many realizations to disaggregate, those nearest to the mean curves of the site; 0 for all.
        num_rlzs_disagg: usize, WHOLE, value("0"), no;
        /// The probabilities of exceedance in the investigation time to disaggregate at; `poes` is the same.
        poes_disagg: Vec<f64>, PROBABILITIES, value(""), no;
        /// Which realizations to disaggregate, in place of the nearest ones.
        rlz_index: Vec<usize>, WHOLE_NUMBERS, value(""), no;
    }
}

/// Names of parameters.
macro_rules! names {
    ($($name:ident)*) => { &[$(stringify!($name)),*] };
}

/// Parameters that change no number, by the reason.
pub(super) const NO_EFFECT: &[(&str, &[&str])] = &[
    (
        "it is for calculations of risk",
        names! {
            affectedpop_vulnerability_file aggregate_by aggregate_exposure aggregate_loss_curves_types area_vulnerability_file
            ash_wet_amplification_factor asset_correlation asset_life_expectancy assets_per_site_limit avg_losses
            business_interruption_consequence_file business_interruption_fragility_file business_interruption_vulnerability_file
            collect_rlzs conditional_loss_poes consequence_file contents_consequence_file contents_fragility_file
            contents_vulnerability_file continuous_fragility_discretization countries discrete_damage_distribution
            embodied_carbon_vulnerability_file fragility_file geometry_file groundshaking_fragility_file
            groundshaking_vulnerability_file ignore_covs ignore_master_seed ignore_missing_costs
            infrastructure_connectivity_analysis injured_vulnerability_file insurance_file interest_rate landslide_fragility_file
            landslide_vulnerability_file limit_states liquefaction_fragility_file liquefaction_vulnerability_file local_timestamp
            lrem_steps_per_interval master_seed max_aggregations max_nodes_network minimum_asset_loss modal_damage_state
            nonstructural_consequence_file nonstructural_fragility_file nonstructural_vulnerability_file number_vulnerability_file
            occupants_vulnerability_file post_loss_amplification_file postrisk_args postrisk_func reaggregate_by reinsurance_file
            residents_vulnerability_file risk_imtls risk_investigation_time specific_assets steps_per_interval
            structural_consequence_file structural_fragility_file structural_vulnerability_file
            structural_vulnerability_retrofitted_file taxonomy_mapping_file time_event total_losses
        },
    ),
    (
        "it is for ground-motion fields and events",
        names! {
            cholesky_limit compare_with_classical correlation_cutoff extreme_gmv gmf_max_gb
            ground_motion_correlation_model ground_motion_correlation_params ground_motion_fields hazard_curves_from_gmfs
            max_gmvs_chunk max_potential_gmfs max_sites_correl maximum_distance_stations mea_tau_phi minimum_intensity mmi_file
            number_of_ground_motion_fields rupture_dict rupture_id sec_peril_params secondary_perils ses_per_logic_tree_path
            ses_seed shakemap_id shakemap_uri site_effects spatial_correlation station_data_file tectonic_region_type truncated_mvn
            truncation_level_between truncation_level_within with_betw_ratio
        },
    ),
    (
        "it steers how the engine works, not what it computes",
        names! {
            base_path cache cache_distances cachedir collapse_level concurrent_tasks ignore_encoding_errors input_zip_file inputs
            job_id job_ini_file max_blocks max_data_transfer minimum_engine_version mosaic_model outs_per_task save_disk_space
            split_by_gsim split_time strict tiling time_per_task
        },
    ),
    (
        "it is for what the engine makes of hazard curves afterwards",
        names! {
            asce_version export_dir exports postproc_args site_class siteid
        },
    ),
    (
        "sources and models of the other tectonic region types count all the same, as in the engine",
        names! {
            keep_trt
        },
    ),
    (
        "intensity_measure_types_and_levels stands before it",
        names! {
            intensity_measure_types
        },
    ),
];

/// Parameters that change numbers, or what is computed, and are not supported.
pub(super) const UNSUPPORTED: &[&str] = names! {
    gmfs_file hazard_calculation_id hazard_curves_file ins_loss_file maximum_rupture_depth
    multi_peril_file rupture_model_file shakemap_file source_model_file
};

#[cfg(test)]
mod tests {
    use super::super::parameters::{Use, is_file, new_name, parameters, usage};
    use super::{NO_EFFECT, READ, UNSUPPORTED};

    #[test]
    fn an_input_file_is_refused_whatever_its_name_ends_in() {
        assert!(matches!(usage("source_model_csv"), Some(Use::Unsupported)));
        for unknown in ["amplification_file", "gsim_logic_tree_csv", "no_such_file"] {
            assert!(usage(unknown).is_none(), "{unknown}");
        }
        assert!(is_file("no_such_file") && is_file("x_csv") && !is_file("csv"));
    }

    #[test]
    fn a_name_is_declared_once() {
        let without: usize = NO_EFFECT.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(parameters().count(), READ.len() + without + UNSUPPORTED.len());
        let others: Vec<&str> = READ.iter().flat_map(|declaration| declaration.other_names).copied().collect();
        for (i, other) in others.iter().enumerate() {
            assert!(!others[..i].contains(other) && parameters().all(|(name, _)| name != *other), "{other}");
        }
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
        for name in names {
            let spellings = [name.clone(), format!("{name}_file"), format!("{name}_csv"), format!("{name}_hdf5")];
            let old = aliases.iter().find(|(old, _)| *old == name).map(|(_, new)| new.to_string());
            assert!(spellings.iter().chain(&old).any(|name| usage(name).is_some()), "{name} is in no class");
        }
        for (old, new) in aliases {
            assert_eq!(new_name(old), Some(new));
        }
    }
}
