//! Ground-motion models that a job uses beyond the ranges that they are valid for.

use std::collections::BTreeMap;

use super::filter::MagnitudeDistance;
use super::sources::SourceGroup;
use crate::gsim::{Param, Range, Validity};
use crate::job::Params;
use crate::logictree::FullLogicTree;
use crate::site::SiteCollection;
use crate::source::Source;

/// Lines for the log: for each model one for each of its ranges that the job leaves.
///
/// Magnitudes, `vs30` and depths are those of the ruptures and sites. Of distances only `maximum_distance` is known before the
/// contexts are.
pub fn beyond_validity(
    params: &Params,
    tree: &FullLogicTree,
    groups: &[SourceGroup],
    sites: &SiteCollection,
) -> Vec<String> {
    let vs30 = sites.param(Param::Vs30).and_then(|values| Span::of(values.iter().copied()));
    let mut uses: BTreeMap<&str, Use> = BTreeMap::new();
    for group in groups {
        let branches = tree.all_gsims().flat_map(|gsims| gsims.models(group.trt_index));
        let models = branches.flat_map(|branch| branch.gsim.validities());
        let models: Vec<(&str, Validity)> = models.filter(|(_, stated)| *stated != Validity::NOT_STATED).collect();
        let needs_depths = models.iter().any(|(_, stated)| stated.depth.is_some());
        let of_group = if models.is_empty() { None } else { Ruptures::of(group, params, needs_depths) };
        let Some(ruptures) = of_group else { continue };
        for (name, stated) in models {
            uses.entry(name)
                .and_modify(|known| known.extend(&ruptures, &stated))
                .or_insert(Use { stated, ruptures: ruptures.clone() });
        }
    }
    uses.iter().flat_map(|(name, known)| known.lines(name, vs30)).collect()
}

/// The least and the greatest of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    min: f64,
    max: f64,
}

impl Span {
    fn of(values: impl Iterator<Item = f64>) -> Option<Span> {
        values.map(|value| Span { min: value, max: value }).reduce(Span::with)
    }

    fn with(self, other: Span) -> Span {
        Span { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The ends that lie beyond a range, in words. The middle of a bin may be off by its last digits.
    fn beyond(&self, range: Range) -> Option<String> {
        const TOLERANCE: f64 = 1e-6;
        let (low, high) = (self.min < range.min - TOLERANCE, self.max > range.max + TOLERANCE);
        match (low, high) {
            (true, true) => Some(format!("{} to {}", short(self.min), short(self.max))),
            (true, false) => Some(short(self.min)),
            (false, true) => Some(short(self.max)),
            (false, false) => None,
        }
    }
}

/// At most two decimals.
fn short(value: f64) -> String {
    format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_string()
}

/// What the ruptures of groups are like.
#[derive(Clone, Debug)]
struct Ruptures {
    magnitudes: Span,
    /// Of hypocentres, km, if they are asked for.
    depths: Option<Span>,
    /// `maximum_distance` of the magnitude that has the greatest, km.
    reach: f64,
}

impl Ruptures {
    /// Those that some site may feel; `None` if there are none.
    fn of(group: &SourceGroup, params: &Params, needs_depths: bool) -> Option<Ruptures> {
        let distance = MagnitudeDistance::new(params.maximum_distance.for_trt(&group.trt));
        let felt = group.sources.iter().flat_map(Source::magnitudes).filter(|mag| distance.has(*mag));
        let of_one = |mag: f64| (Span { min: mag, max: mag }, distance.of(mag));
        let (magnitudes, reach) = felt.map(of_one).reduce(|a, b| (a.0.with(b.0), a.1.max(b.1)))?;
        let depths = group.placed.iter().filter(|_| needs_depths).filter_map(|placed| placed.depths());
        let depths = depths.map(|(min, max)| Span { min, max }).reduce(Span::with);
        Some(Ruptures { magnitudes, depths, reach })
    }
}

/// What a model is valid for, and what it is used for.
struct Use {
    stated: Validity,
    ruptures: Ruptures,
}

impl Use {
    fn extend(&mut self, ruptures: &Ruptures, stated: &Validity) {
        // the model may be used on the ground of the sites here and on rock there
        self.stated.vs30 = self.stated.vs30.or(stated.vs30);
        let known = &mut self.ruptures;
        known.magnitudes = known.magnitudes.with(ruptures.magnitudes);
        known.depths = known.depths.into_iter().chain(ruptures.depths).reduce(Span::with);
        known.reach = known.reach.max(ruptures.reach);
    }

    fn lines(&self, name: &str, vs30: Option<Span>) -> Vec<String> {
        let Use { stated, ruptures } = self;
        let beyond = |range: Option<Range>, used: Option<Span>, before: &str, unit: &str| {
            let (range, used) = (range?, used?);
            let used = used.beyond(range)?;
            Some(format!("{name} is used at {before} {used}{unit}: it is valid for {}", range.in_words(unit)))
        };
        let distance = stated.distance.filter(|(_, range)| ruptures.reach > range.max).map(|(kind, range)| {
            let (kind, reach, range) = (kind.name(), short(ruptures.reach), range.in_words(" km"));
            format!("{name} is used up to {reach} km of maximum_distance: it is valid for {kind} {range}")
        });
        [
            beyond(stated.magnitude, Some(ruptures.magnitudes), "magnitude", ""),
            distance,
            beyond(stated.vs30, vs30, "a vs30 of", " m/s"),
            beyond(stated.depth, ruptures.depths, "a hypocentral depth of", " km"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beyond_a_range_is_named() {
        let range = Range { min: 4.0, max: 7.6 };
        let beyond = |min, max| Span { min, max }.beyond(range);
        assert_eq!(beyond(4.0 - 1e-9, 7.6 + 1e-9), None);
        assert_eq!(beyond(5.0, 7.95).as_deref(), Some("7.95"));
        assert_eq!(beyond(3.5, 7.0).as_deref(), Some("3.5"));
        assert_eq!(beyond(3.5, 8.0).as_deref(), Some("3.5 to 8"));
    }
}
