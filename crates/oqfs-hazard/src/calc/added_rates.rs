//! Rates that a job adds to those of single ruptures (`delta_rates_file`), as aftershocks add to them.

use std::sync::Arc;

use super::CalcError;
use super::sources::SourceGroup;
use crate::digest::digested;
use crate::job::Job;
use crate::nrml::NrmlError;
use crate::nrml::delta_rates::{self, AddedRates};
use crate::source::{Source, Tom, Typology};

/// What is added to the annual rate of each rupture of a source, in the order of the ruptures.
#[derive(Clone, Debug, PartialEq)]
pub struct Added(pub Arc<[f64]>);

digested!(struct AddedRates { by_rupture } without { line: "it is for messages" });

/// Add the rates of the file of a job to the ruptures of its sources, which are placed already.
///
/// # Errors
/// Names a source that is not there, one that there is in several versions, or one whose ruptures cannot be told apart by their numbers.
pub fn add_rates(groups: &mut [SourceGroup], job: &Job) -> Result<(), CalcError> {
    let Some(file) = &job.params.delta_rates else { return Ok(()) };
    for (id, rates) in delta_rates::read(&file.path)? {
        let fail = |what: String| NrmlError::new(&file.path, rates.line, format!("the source {id:?} {what}"));
        let places = groups.iter().enumerate().flat_map(|(g, group)| {
            group.sources.iter().enumerate().filter(|(_, source)| source.is_called(&id)).map(move |(s, _)| (g, s))
        });
        let places: Vec<(usize, usize)> = places.collect();
        let &[(group, place)] = &places[..] else {
            let what = match places.len() {
                0 => "is not there".to_string(),
                count => {
                    format!("is there {count} times, as points of it or in branches: its ruptures have no numbers")
                }
            };
            return Err(fail(what).into());
        };
        let group = &mut groups[group];
        check(&group.sources[place], group.rule.is_some()).map_err(&fail)?;
        let count = group.placed[place].ruptures();
        let mut added = vec![0.0; count];
        for (&rupture, &rate) in &rates.by_rupture {
            let Some(sum) = added.get_mut(rupture) else {
                return Err(fail(format!("has no rupture {rupture}; it has {count}, numbered from 0")).into());
            };
            *sum = rate;
        }
        let added = Added(added.into());
        let with = group.placed[place].with_added(&added);
        group.placed[place] =
            with.ok_or_else(|| fail("has several hypocentres for a rupture, or no annual rates".into()))?;
        group.added.push((place, rates));
    }
    Ok(())
}

/// Why nothing can be added to the rates of a source.
fn check(source: &Source, depends: bool) -> Result<(), String> {
    match &source.typology {
        Typology::Point(point) if point.part_of.is_some() => Err("is a multi-point source".into()),
        _ if depends => Err("is of a group whose members depend on each other".into()),
        _ if source.tom != Tom::Poisson => Err("has no Poisson process".into()),
        Typology::Point(_)
        | Typology::Area(_)
        | Typology::SimpleFault(_)
        | Typology::ComplexFault(_)
        | Typology::KiteFault(_)
        | Typology::Characteristic(_)
        | Typology::Listed(_) => Ok(()),
    }
}
