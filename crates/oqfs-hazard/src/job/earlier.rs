//! Jobs that go on from an earlier calculation (`hazard_calculation_id`): they have its sources, sites and models.

use super::ini::{self, with_values};
use super::parameters::{Fail, is_file};

/// The parameter that names the earlier calculation.
const EARLIER: &str = "hazard_calculation_id";

/// What the earlier calculation has, whatever the job says.
const KEPT: [&str; 5] = ["sites", "region", "region_grid_spacing", "gsim", EARLIER];

/// What says at which levels or probabilities something is, which a job that says it says alone.
const LEVELS: [&str; 6] = [
    "intensity_measure_types_and_levels",
    "poes",
    "poes_disagg",
    "return_periods",
    "hazard_maps",
    "uniform_hazard_spectra",
];

/// The calculation that a job goes on from, as it names it; `None` if it stands by itself.
///
/// # Errors
/// If the text is no job.
pub fn earlier_calculation(text: &str) -> Result<Option<String>, Fail> {
    let entries = ini::parse(text)?;
    Ok(entries.into_iter().find(|entry| entry.key == EARLIER && !entry.value.is_empty()).map(|entry| entry.value))
}

/// The text of a job that goes on from an earlier one: the earlier one's with the parameters of this.
///
/// # Errors
/// If the text is no job.
pub fn with_earlier(earlier: &str, text: &str) -> Result<String, Fail> {
    let entries = ini::parse(text)?;
    let has = |name: &str| entries.iter().any(|entry| entry.key == name && !entry.value.is_empty());
    // a level stands for levels and probabilities, a probability for another
    let replaced = match (has("iml_disagg"), has("poes") || has("poes_disagg")) {
        (true, _) => &LEVELS[..],
        (false, true) => &LEVELS[1..4],
        (false, false) => &[],
    };
    let left_out = replaced.iter().filter(|name| !has(name)).map(|name| (name.to_string(), String::new()));
    let own = entries.iter().filter(|entry| !KEPT.contains(&entry.key.as_str()) && !is_file(&entry.key));
    // lines that go on are set back, as they have to be
    let own = own.map(|entry| (entry.key.clone(), entry.value.replace('\n', "\n  ")));
    Ok(with_values(earlier, &left_out.chain(own).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "[general]\ncalculation_mode = classical\nsites = 13.4 42.3\nsource_model_logic_tree_file = a.xml\n\
        intensity_measure_types_and_levels = {\n  'PGA': [0.1, 0.2]}\npoes = 0.1\ntruncation_level = 3\n";

    fn entries(text: &str) -> Vec<(String, String)> {
        ini::parse(text).unwrap().into_iter().map(|entry| (entry.key, entry.value)).collect()
    }

    #[test]
    fn a_job_has_the_sources_and_sites_of_the_earlier_one() {
        let second = "[general]\ncalculation_mode = disaggregation\nhazard_calculation_id = 7\nsites = 1 2\n\
            gsim_logic_tree_file = other.xml\npoes_disagg = 0.02\ndisagg_bin_edges = {'mag': [5,\n  6]}\n";
        assert_eq!(earlier_calculation(second).unwrap().as_deref(), Some("7"));
        assert_eq!(earlier_calculation(FIRST).unwrap(), None);
        let found = entries(&with_earlier(FIRST, second).unwrap());
        let value = |name: &str| found.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(value("calculation_mode"), Some("disaggregation"));
        assert_eq!((value("sites"), value("source_model_logic_tree_file")), (Some("13.4 42.3"), Some("a.xml")));
        assert_eq!((value("poes"), value("poes_disagg")), (None, Some("0.02")));
        assert_eq!(value("disagg_bin_edges"), Some("{'mag': [5,\n6]}"));
        assert!(value("hazard_calculation_id").is_none() && value("gsim_logic_tree_file").is_none());
    }

    #[test]
    fn a_level_stands_for_those_of_the_earlier_one() {
        let second = "[general]\ncalculation_mode = disaggregation\niml_disagg = {'PGA': 0.3}\n";
        let found = entries(&with_earlier(FIRST, second).unwrap());
        assert!(found.iter().all(|(key, _)| key != "poes" && key != "intensity_measure_types_and_levels"), "{found:?}");
    }
}
