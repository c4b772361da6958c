//! Where the hypocentres of the ruptures of a simple fault are: `hypoList` with `slipList`, or `hypoDepthDist`.

use super::NrmlError;
use super::xml::{Values, XmlNode};
use crate::source::fault::{HypoDepth, Hypocentres};
use crate::source::point::MIDDLE;

/// The hypocentres that a source names: in the middle of each rupture, if it names none.
pub fn hypocentres(v: &Values, node: &XmlNode) -> Result<Hypocentres, NrmlError> {
    match (node.child("hypoDepthDist"), node.child("hypoList"), node.child("slipList")) {
        (None, None, None) => Ok(Hypocentres::Middle),
        (None, Some(hypos), Some(slips)) => fractions(v, hypos, slips),
        (Some(depths), None, None) => {
            let read = depths.children.iter().map(|n| depth(v, n));
            Ok(Hypocentres::Depths(read.collect::<Result<_, _>>()?))
        }
        (Some(_), ..) => Err(v.error(node, "<hypoDepthDist> does not go together with <hypoList> and <slipList>")),
        _ => Err(v.error(node, "<hypoList> and <slipList> go together; only one of them is given")),
    }
}

/// The slip directions share the weight of a hypocentre, and no model here uses them.
fn fractions(v: &Values, hypos: &XmlNode, slips: &XmlNode) -> Result<Hypocentres, NrmlError> {
    let mut slip_total = 0.0;
    for slip in &slips.children {
        slip_total += v.number(slip, "weight")?;
    }
    let read = |n: &XmlNode| {
        let weight = v.number(n, "weight")? * slip_total;
        Ok((fraction(v, n, "alongStrike")?, fraction(v, n, "downDip")?, weight))
    };
    Ok(Hypocentres::Fractions(hypos.children.iter().map(read).collect::<Result<_, _>>()?))
}

fn depth(v: &Values, n: &XmlNode) -> Result<HypoDepth, NrmlError> {
    let is_fixed = n.attribute("fixedDipFrac").is_some();
    Ok(HypoDepth {
        probability: v.number(n, "probability")?,
        depth: v.number(n, "depth")?,
        down_dip: if is_fixed { Some(fraction(v, n, "fixedDipFrac")?) } else { None },
    })
}

/// Where down its dip a rupture has its hypocentre, for each depth of a point-like source; none if no depth says it.
pub fn down_dips(v: &Values, depths: &XmlNode) -> Result<Vec<f64>, NrmlError> {
    if depths.children.iter().all(|depth| depth.attribute("fixedDipFrac").is_none()) {
        return Ok(Vec::new());
    }
    let read = |n: &XmlNode| Ok(depth(v, n)?.down_dip.unwrap_or(MIDDLE));
    depths.children.iter().map(read).collect()
}

fn fraction(v: &Values, n: &XmlNode, name: &str) -> Result<f64, NrmlError> {
    match v.number(n, name)? {
        x if (0.0..=1.0).contains(&x) => Ok(x),
        x => Err(v.error(n, format!("{name} is {x}; expected within [0, 1]"))),
    }
}
