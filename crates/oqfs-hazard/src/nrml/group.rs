//! Groups of sources whose members depend on each other: mutually exclusive ones, and clusters.

use std::sync::Arc;

use super::NrmlError;
use super::xml::{Values, XmlNode, parse_number};
use crate::source::listed::ListedKind;
use crate::source::{Dependence, GroupMember, Source, Typology};

/// What a `<sourceGroup>` says of its members.
pub struct GroupRule {
    /// `None` where the members are independent.
    rule: Option<Arc<Dependence>>,
    /// The weights of mutually exclusive sources, in their order.
    weights: Vec<f64>,
}

/// By how much the weights of mutually exclusive sources may miss one.
const WEIGHT_PRECISION: f64 = 5e-6;

impl GroupRule {
    /// The rule of a group, which is the n-th of a file.
    pub fn read(v: &Values, group: &XmlNode, place: (String, usize)) -> Result<GroupRule, NrmlError> {
        let flag = |name: &str, no: &str, yes: &str| match group.attribute(name) {
            None => Ok(false),
            Some(found) if found == no => Ok(false),
            Some(found) if found == yes => Ok(true),
            Some(found) => {
                Err(v.error(group, format!("{name}={found:?} of <sourceGroup> is not known; known are {no}, {yes}")))
            }
        };
        let sources_exclude = flag("src_interdep", "indep", "mutex")?;
        let ruptures_exclude = flag("rup_interdep", "indep", "mutex")?;
        let is_cluster = flag("cluster", "false", "true")?;
        if let Some(tom) = group.attribute("tom").filter(|tom| *tom != "PoissonTOM") {
            return Err(v.error(group, format!("tom={tom:?} of <sourceGroup> is not supported; expected PoissonTOM")));
        }
        if !(sources_exclude || ruptures_exclude || is_cluster) {
            return Ok(GroupRule { rule: None, weights: Vec::new() });
        }
        let cluster = if is_cluster { Some(v.number(group, "occurrence_rate")?) } else { None };
        if let Some(rate) = cluster.filter(|rate| !(*rate > 0.0)) {
            return Err(v.error(group, format!("occurrence_rate is {rate}; it must be positive")));
        }
        let probability = match group.attribute("grp_probability") {
            Some(_) => v.number(group, "grp_probability")?,
            None => 1.0,
        };
        if !(0.0..=1.0).contains(&probability) {
            return Err(v.error(group, format!("grp_probability is {probability}; expected within [0, 1]")));
        }
        let weights = if sources_exclude { weights(v, group, "srcs_weights")? } else { Vec::new() };
        let total: f64 = weights.iter().sum();
        if sources_exclude && !((total - 1.0).abs() <= WEIGHT_PRECISION) {
            return Err(v.error(group, format!("srcs_weights sum to {total}; they must sum to 1")));
        }
        let rule = Dependence { group: place, sources_exclude, ruptures_exclude, probability, cluster };
        Ok(GroupRule { rule: Some(Arc::new(rule)), weights })
    }

    /// Make the sources that the n-th element of the group gave its members.
    pub fn join(&self, v: &Values, group: &XmlNode, place: usize, sources: &mut [Source]) -> Result<(), NrmlError> {
        let Some(rule) = &self.rule else { return Ok(()) };
        if rule.sources_exclude && sources.len() > 1 {
            return Err(v.error(group, "a multiPointSource cannot be one of mutually exclusive sources"));
        }
        for source in sources {
            let non_parametric = matches!(&source.typology, Typology::Listed(s) if s.kind == ListedKind::NonParametric);
            if rule.ruptures_exclude && !non_parametric {
                let message = format!(
                    "rup_interdep=\"mutex\" is for sources of the kind nonParametricSeismicSource; {} is another",
                    source.id
                );
                return Err(v.error(group, message));
            }
            let weight = match self.weights.get(place) {
                _ if !rule.sources_exclude => 1.0,
                Some(weight) => *weight,
                None => {
                    let message = format!("there are {} srcs_weights, but more sources", self.weights.len());
                    return Err(v.error(group, message));
                }
            };
            source.member = Some(GroupMember { rule: rule.clone(), weight });
        }
        Ok(())
    }

    /// An error unless there is a weight for each of the sources of the group.
    pub fn check_count(&self, v: &Values, group: &XmlNode, sources: usize) -> Result<(), NrmlError> {
        let wanted = self.rule.as_ref().is_some_and(|rule| rule.sources_exclude);
        if wanted && self.weights.len() != sources {
            let message = format!("there are {} srcs_weights for {sources} sources", self.weights.len());
            return Err(v.error(group, message));
        }
        Ok(())
    }
}

/// The numbers of an attribute that must be there, none negative.
pub fn weights(v: &Values, node: &XmlNode, name: &str) -> Result<Vec<f64>, NrmlError> {
    let parse = |word: &str| {
        parse_number(word).filter(|w| *w >= 0.0).ok_or_else(|| {
            v.error(node, format!("found {word:?} in {name} of <{}>; expected numbers that are not negative", node.tag))
        })
    };
    v.attribute(node, name)?.split_ascii_whitespace().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::super::source_model::tests::{parse, settings};

    fn group(attributes: &str) -> String {
        let source = |id: &str| {
            format!(
                "<nonParametricSeismicSource id='{id}' rup_weights='1'><singlePlaneRupture probs_occur='0.9 0.1'>\
                 <magnitude>6.5</magnitude><rake>90</rake><hypocenter lon='13.5' lat='42' depth='6'/>\
                 <planarSurface><topLeft lon='13.45' lat='42.06' depth='1'/>\
                 <topRight lon='13.7047' lat='41.869' depth='1'/><bottomLeft lon='13.3653' lat='41.9967' depth='13'/>\
                 <bottomRight lon='13.62' lat='41.8057' depth='13'/></planarSurface></singlePlaneRupture>\
                 </nonParametricSeismicSource>"
            )
        };
        format!("<sourceGroup tectonicRegion='Volcanic' {attributes}>{}{}</sourceGroup>", source("a:1"), source("a:2"))
    }

    #[test]
    fn members_of_one_group_share_its_rule() {
        let body = group("src_interdep='mutex' srcs_weights='0.4 0.6' grp_probability='0.5'");
        let sources = parse(&body, &settings()).unwrap();
        let of = |i: usize| sources[i].member.as_ref().unwrap();
        assert_eq!((of(0).weight, of(1).weight, of(0).rule.probability), (0.4, 0.6, 0.5));
        assert_eq!(of(0).rule, of(1).rule);
        let sources = parse(&group("cluster='true' tom='PoissonTOM' occurrence_rate='0.002'"), &settings()).unwrap();
        assert_eq!(sources[0].member.as_ref().unwrap().rule.cluster, Some(0.002));
        assert!(parse(&group("src_interdep='indep'"), &settings()).unwrap()[0].member.is_none());
    }

    #[test]
    fn mistakes_of_groups_are_named() {
        for (attributes, expected) in [
            ("src_interdep='mutex' srcs_weights='0.4 0.5'", "srcs_weights sum to 0.9"),
            ("src_interdep='mutex' srcs_weights='1'", "there are 1 srcs_weights, but more sources"),
            ("src_interdep='mutex' srcs_weights='0.4 0.4 0.2'", "there are 3 srcs_weights for 2 sources"),
            ("src_interdep='mutex'", "lacks the attribute srcs_weights"),
            ("cluster='true' tom='PoissonTOM'", "lacks the attribute occurrence_rate"),
            ("cluster='true' tom='FatedTOM' occurrence_rate='1'", "tom=\"FatedTOM\""),
            ("rup_interdep='mutex' grp_probability='2'", "grp_probability is 2"),
        ] {
            let message = parse(&group(attributes), &settings()).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }
}
