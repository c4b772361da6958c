//! What is made of hazard curves afterwards (`postproc_func`): conditional spectra.

use super::disagg::on_rock_alone;
use super::parameters::{Fail, missing};
use super::table::Given;
use crate::gsim::CrossCorrelation;

/// What `postproc_func` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostProcessing {
    /// `conditional_spectrum.main`
    ConditionalSpectrum,
    /// What the engine has besides, which is not computed here.
    Other(String),
}

impl PostProcessing {
    /// The engine's name of conditional spectra.
    pub const CONDITIONAL_SPECTRUM: &str = "conditional_spectrum.main";

    /// The one of a name.
    pub(super) fn parse(text: &str) -> Result<PostProcessing, String> {
        Ok(match text {
            PostProcessing::CONDITIONAL_SPECTRUM => PostProcessing::ConditionalSpectrum,
            other => PostProcessing::Other(other.to_string()),
        })
    }
}

/// Check what conditional spectra require and what does not go together with them.
pub(super) fn check(given: &Given) -> Result<(), Fail> {
    if given.postproc_func != Some(PostProcessing::ConditionalSpectrum) {
        return Ok(());
    }
    let lines = &given.lines;
    on_rock_alone(given, &format!("postproc_func = {}", PostProcessing::CONDITIONAL_SPECTRUM))?;
    let imts = &given.intensity_measure_types_and_levels.by_imt;
    match &given.imt_ref {
        None => return Err(missing("imt_ref")),
        Some(reference) if imts.iter().all(|(imt, _)| imt != reference) => {
            let names: Vec<String> = imts.iter().map(|(imt, _)| imt.to_string()).collect();
            let message = format!("imt_ref: found {reference}; expected one of {}", names.join(", "));
            return Err((lines.imt_ref, message));
        }
        Some(_) => {}
    }
    let known = || CrossCorrelation::ALL.map(CrossCorrelation::name).join(", ");
    match &given.cross_correlation {
        None => return Err(missing("cross_correlation")),
        Some(name) if CrossCorrelation::by_name(name).is_none() => {
            return Err((
                lines.cross_correlation,
                format!("cross_correlation: found {name:?}; expected one of {}", known()),
            ));
        }
        Some(_) => {}
    }
    if given.poes.is_empty() {
        return Err(missing("poes, of which conditional spectra are,"));
    }
    Ok(())
}

/// What has no effect of the parameters of conditional spectra, in words.
pub(super) fn warnings(given: &Given) -> Vec<String> {
    let mut warnings = Vec::new();
    let wanted = PostProcessing::CONDITIONAL_SPECTRUM;
    match &given.postproc_func {
        Some(PostProcessing::ConditionalSpectrum) => return warnings,
        Some(PostProcessing::Other(name)) => {
            warnings.push(format!(
                "postproc_func = {name} has no effect here: it is for what the engine makes of hazard curves afterwards, and of that \
                 {wanted} alone is computed"
            ));
        }
        None => {}
    }
    let unused = [("imt_ref", given.imt_ref.is_some()), ("cross_correlation", given.cross_correlation.is_some())];
    let unused = unused.into_iter().filter(|(_, is_there)| *is_there);
    warnings.extend(unused.map(|(name, _)| {
        format!("{name} has no effect here: it is for conditional spectra (postproc_func = {wanted}), or for ground-motion fields")
    }));
    warnings
}
