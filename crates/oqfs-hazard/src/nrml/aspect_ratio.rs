//! Length over width of ruptures as it stands in a source: `ruptAspectRatio` or `aspectRatioFunction`.

use super::NrmlError;
use super::xml::{Values, XmlNode};
use crate::source::AspectRatio;

/// The ratio of a source, a constant or one by magnitude.
pub(super) fn read(v: &Values, node: &XmlNode) -> Result<AspectRatio, NrmlError> {
    let id = node.attribute("id").unwrap_or_default();
    let positive = |at: &XmlNode, what: &str, value: f64| {
        if value > 0.0 && value.is_finite() {
            return Ok(value);
        }
        Err(v.error(at, format!("source {id}: {what} is {value}; it must be positive")))
    };
    let Some(function) = node.child("aspectRatioFunction") else {
        let ratio = v.child_number(node, "ruptAspectRatio")?;
        return Ok(AspectRatio::Constant(positive(node, "ruptAspectRatio", ratio)?));
    };
    if node.child("ruptAspectRatio").is_some() || node.tag == "kiteFaultSource" {
        let why =
            if node.tag == "kiteFaultSource" { "in a kiteFaultSource" } else { "together with <ruptAspectRatio>" };
        return Err(v.error(function, format!("source {id}: <aspectRatioFunction> cannot be {why}")));
    }
    let kind = v.descendant(function, &["type"])?;
    if kind.text.trim() != "linear_piecewise" {
        let message = format!("source {id}: <type> is {:?}; expected linear_piecewise", kind.text.trim());
        return Err(v.error(kind, message));
    }
    let points = v.descendant(function, &["mag_points"])?;
    let [first, last] = &points.children[..] else {
        let message = format!("source {id}: <mag_points> has {} elements; expected two", points.children.len());
        return Err(v.error(points, message));
    };
    let read = |point: &XmlNode| {
        let (mag, ratio) = (v.number(point, "mag")?, v.number(point, "aratio")?);
        Ok::<_, NrmlError>((positive(point, "mag", mag)?, positive(point, "aratio", ratio)?))
    };
    let (first, end) = (read(first)?, read(last)?);
    if first.0 >= end.0 {
        let message = format!("source {id}: mag is {} after {}; expected ascending magnitudes", end.0, first.0);
        return Err(v.error(last, message));
    }
    Ok(AspectRatio::ByMagnitude([first, end]))
}

#[cfg(test)]
mod tests {
    use super::super::source_model::tests::{parse, settings};

    fn point(ratio: &str) -> String {
        format!(
            "<pointSource id='p' tectonicRegion='Volcanic'><pointGeometry><gml:Point><gml:pos>15 40</gml:pos></gml:Point>\
             <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></pointGeometry>\
             <magScaleRel>WC1994</magScaleRel>{ratio}<incrementalMFD minMag='5' binWidth='0.5'><occurRates>0.1</occurRates>\
             </incrementalMFD><nodalPlaneDist><nodalPlane probability='1' strike='0' dip='60' rake='90'/></nodalPlaneDist>\
             <hypoDepthDist><hypoDepth probability='0.5' depth='5' fixedDipFrac='0.75'/>\
             <hypoDepth probability='0.5' depth='7'/></hypoDepthDist></pointSource>"
        )
    }

    fn function(points: &str) -> String {
        let kind = "<type>linear_piecewise</type>";
        format!("<aspectRatioFunction>{kind}<mag_points>{points}</mag_points></aspectRatioFunction>")
    }

    #[test]
    fn a_function_is_linear_between_two_magnitudes() {
        let points = "<mag_point mag='4' aratio='1'/><mag_point mag='7' aratio='2.5'/>";
        let source = parse(&point(&function(points)), &settings()).unwrap().remove(0);
        assert_eq!([3.0, 4.0, 5.0, 7.0, 8.0].map(|mag| source.aspect_ratio.of(mag)), [1.0, 1.0, 1.5, 2.5, 2.5]);
        let crate::source::Typology::Point(found) = source.typology else { panic!() };
        assert_eq!(found.spread.down_dip, [0.75, 0.5]);
        assert_eq!(found.spread.mean_down_dip(), Some(0.625));
    }

    #[test]
    fn mistakes_are_named() {
        let low = "<mag_point mag='4' aratio='1'/>";
        let cases = [
            (function(low), "<mag_points> has 1 elements; expected two"),
            (function(&format!("<mag_point mag='7' aratio='2'/>{low}")), "mag is 4 after 7; expected ascending"),
            (function(&format!("{low}<mag_point mag='7' aratio='-2'/>")), "aratio is -2; it must be positive"),
            (function(low).replace("linear_piecewise", "cubic"), "<type> is \"cubic\"; expected linear_piecewise"),
            (function(low) + "<ruptAspectRatio>1</ruptAspectRatio>", "together with <ruptAspectRatio>"),
            ("<ruptAspectRatio>0</ruptAspectRatio>".to_string(), "ruptAspectRatio is 0; it must be positive"),
        ];
        for (ratio, expected) in cases {
            let message = parse(&point(&ratio), &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }
}
