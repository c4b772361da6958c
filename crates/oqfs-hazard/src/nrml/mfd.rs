//! Magnitude-frequency distributions as they stand in a source.

use super::NrmlError;
use super::xml::{Values, XmlNode};
use crate::source::alternative::AlternativeCharacteristic;
use crate::source::{Mfd, SourceError};

/// The distribution of a source; its bins are `width_of_mfd_bin` wide, where it does not say so itself.
pub(super) fn read(
    v: &Values,
    node: &XmlNode,
    width_of_mfd_bin: Option<f64>,
    in_source: &dyn Fn(SourceError) -> NrmlError,
) -> Result<Mfd, NrmlError> {
    let found = node.children.iter().find(|c| c.tag.ends_with("MFD"));
    let Some(mfd) = found else {
        return Err(
            v.error(node, format!("<{}> lacks a magnitude-frequency distribution (an element ...MFD)", node.tag))
        );
    };
    let bin_width = || {
        width_of_mfd_bin
            .ok_or_else(|| v.error(mfd, "the job gives no width_of_mfd_bin; a Gutenberg-Richter distribution needs it"))
    };
    let converted = match mfd.tag.as_str() {
        "incrementalMFD" => {
            let rates = v.numbers(v.descendant(mfd, &["occurRates"])?)?;
            Mfd::incremental(v.number(mfd, "minMag")?, v.number(mfd, "binWidth")?, rates)
        }
        "truncGutenbergRichterMFD" => {
            let (min_mag, max_mag) = (v.number(mfd, "minMag")?, v.number(mfd, "maxMag")?);
            // with a slip rate the a value follows when the area is known
            let a = if mfd.attribute("slipRate").is_some() { 0.0 } else { v.number(mfd, "aValue")? };
            Mfd::truncated(min_mag, max_mag, bin_width()?, a, v.number(mfd, "bValue")?)
        }
        "taperedGutenbergRichterMFD" => {
            let limits = (v.number(mfd, "minMag")?, v.number(mfd, "maxMag")?);
            let (a, b) = (v.number(mfd, "aValue")?, v.number(mfd, "bValue")?);
            Mfd::tapered(limits, v.number(mfd, "cornerMag")?, bin_width()?, a, b)
        }
        "arbitraryMFD" => {
            let magnitudes = v.numbers(v.descendant(mfd, &["magnitudes"])?)?;
            Mfd::arbitrary(magnitudes, v.numbers(v.descendant(mfd, &["occurRates"])?)?)
        }
        "YoungsCoppersmithMFD" => {
            let (min_mag, b) = (v.number(mfd, "minMag")?, v.number(mfd, "bValue")?);
            let (char_mag, width) = (v.number(mfd, "characteristicMag")?, v.number(mfd, "binWidth")?);
            if mfd.attribute("totalMomentRate").is_some() {
                let rate = v.number(mfd, "totalMomentRate")?;
                Mfd::youngs_coppersmith_from_moment(min_mag, b, char_mag, rate, width)
            } else {
                Mfd::youngs_coppersmith(min_mag, b, char_mag, v.number(mfd, "characteristicRate")?, width)
            }
        }
        "alternativeCharacteristicMFD" => alternative(v, mfd, bin_width()?)?.map(Mfd::AlternativeCharacteristic),
        other => {
            let known = [
                "alternativeCharacteristicMFD",
                "arbitraryMFD",
                "incrementalMFD",
                "taperedGutenbergRichterMFD",
                "truncGutenbergRichterMFD",
                "YoungsCoppersmithMFD",
            ];
            return Err(v.error(mfd, format!("<{other}> is not known; known are {}", known.join(", "))));
        }
    };
    converted.map_err(in_source)
}

/// Its rates are given by their total and the share of the moment, or by how often a magnitude of each zone is exceeded.
fn alternative(
    v: &Values,
    node: &XmlNode,
    bin_width: f64,
) -> Result<Result<AlternativeCharacteristic, SourceError>, NrmlError> {
    let mut mfd = AlternativeCharacteristic {
        min_mag: v.number(node, "minMag")?,
        max_mag: v.number(node, "maxMag")?,
        bin_width,
        b_value: v.number(node, "bGR")?,
        b_characteristic: v.number(node, "bAC")?,
        gamma: f64::NAN,
        delta: v.number(node, "deltaMagAC")?,
        total_rate: f64::NAN,
    };
    if node.attribute("refMagGR").is_some() {
        let below = (v.number(node, "refMagGR")?, v.number(node, "rateRefGR")?);
        let characteristic = (v.number(node, "refMagAC")?, v.number(node, "rateRefAC")?);
        return Ok(mfd.from_reference_rates([below, characteristic]));
    }
    (mfd.gamma, mfd.total_rate) = (v.number(node, "gamma")?, v.number(node, "totalRate")?);
    Ok(mfd.checked())
}
