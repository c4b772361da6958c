//! The logic trees.

use oqfs_plot::{DrawnSet, Heading, TreePicture};

use super::{Picture, Pictures, Plotted};
use crate::schema::{GSIM_LT, SOURCE_MODEL_LT};
use crate::view::Result;
use crate::view::results::column::ArrayColumn;
use crate::view::source::ViewSource;

/// One picture.
pub(super) fn pictures(plotted: &Plotted) -> Result<Pictures> {
    if ArrayColumn::find(&plotted.source, GSIM_LT.key, Some("branch"))?.is_none() {
        return Ok(Pictures::None("the datastore has no logic trees".into()));
    }
    let (source, heading) = (plotted.source.clone(), plotted.heading("logic-tree", "Logic trees", ""));
    let draw = move || {
        let sources = branches(&source, SOURCE_MODEL_LT.key, ["branchset", "utype", "uvalue"])?;
        let gsims = branches(&source, GSIM_LT.key, ["trt", "trt", "uncertainty"])?;
        Ok(tree_picture(heading.clone(), sources.into_iter().chain(gsims)).svg())
    };
    Ok(Pictures::Some(vec![Picture::new("logic-tree", &[SOURCE_MODEL_LT.key, GSIM_LT.key], draw)]))
}

/// A branch: the key and the title of its set, what it gives, its weight.
pub struct DrawnBranch {
    /// What tells its set from others.
    pub set: String,
    /// What its set changes.
    pub title: String,
    pub value: String,
    pub weight: f64,
}

/// Logic trees, of branches in the order of their sets.
pub fn tree_picture(heading: Heading, branches: impl IntoIterator<Item = DrawnBranch>) -> TreePicture {
    let mut sets: Vec<(String, DrawnSet)> = vec![];
    for DrawnBranch { set, title, value, weight } in branches {
        if sets.last().is_none_or(|(known, _)| *known != set) {
            sets.push((set, DrawnSet { title, branches: vec![] }));
        }
        if let Some((_, last)) = sets.last_mut() {
            last.branches.push((short(&value), weight));
        }
    }
    TreePicture { heading, sets: sets.into_iter().map(|(_, set)| set).collect() }
}

/// What a branch gives, in short: a model without its brackets, a text without its quotes, one line.
fn short(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((model, arguments)) => format!("{model} {}", arguments.trim()).trim().into(),
        None => line.trim_matches(['\'', '"']).into(),
    }
}

/// The branches of a tree that the datastore keeps.
fn branches(source: &ViewSource, key: &str, [set, title, value]: [&str; 3]) -> Result<Vec<DrawnBranch>> {
    let column = |name: &str| ArrayColumn::find(source, key, Some(name));
    let (Some(sets), Some(titles), Some(values), Some(weights)) =
        (column(set)?, column(title)?, column(value)?, column("weight")?)
    else {
        return Ok(vec![]);
    };
    let texts = |column: &ArrayColumn| column.texts(0..column.count);
    let texts = texts(&sets)?.into_iter().zip(texts(&titles)?).zip(texts(&values)?);
    let branches = texts.zip(weights.numbers(0..weights.count)?);
    Ok(branches.map(|(((set, title), value), weight)| DrawnBranch { set, title, value, weight }).collect())
}
