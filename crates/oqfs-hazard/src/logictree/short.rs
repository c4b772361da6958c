//! Short names of branches, the engine's: a letter for the place of a branch in its branch set.

use std::collections::HashMap;

use super::FullLogicTree;

/// The engine's alphabet: 183 characters that stand for places.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}!#$%&'()*+-/0123456789:;<=>?@\
                       ¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
/// For places beyond the alphabet, which the engine refuses.
const BEYOND: char = '~';

/// The letter for a place in a branch set.
pub(super) fn letter(place: usize) -> char {
    LETTERS.chars().nth(place).unwrap_or(BEYOND)
}

/// The two letters for a place in the first branch set, which might be a long one.
fn letters(place: usize) -> [char; 2] {
    let base = LETTERS.chars().count();
    [letter(place / base), letter(place % base)]
}

/// How many letters a branch of the first branch set of a source model tree has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstLetters {
    /// One, as branches of other sets: the engine since 3.24.
    One,
    /// Two: the engine before.
    Two,
}

/// The short names of the branches of a tree.
#[derive(Clone, Debug)]
pub struct ShortNames(HashMap<String, String>);

impl ShortNames {
    /// Of branches given by the number of their branch set, their place in it, and their id. The set with the number 0 is the
    /// first one of a source model tree; those of a GSIM tree have other numbers.
    pub fn new<'a>(branches: impl IntoIterator<Item = (usize, usize, &'a str)>, first: FirstLetters) -> Self {
        let short = |(set, place, id): (usize, usize, &str)| {
            let name = match first {
                FirstLetters::Two if set == 0 => letters(place).iter().collect(),
                FirstLetters::One | FirstLetters::Two => letter(place).to_string(),
            };
            (id.to_string(), name)
        };
        Self(branches.into_iter().map(short).collect())
    }

    /// A path through the tree; a tree of one branch is `A`, a point stands where a branch set does not apply.
    pub fn path<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> String {
        if self.0.len() == 1 {
            return "A".into();
        }
        ids.into_iter().map(|id| self.0.get(id).map_or(".", |name| name)).collect()
    }
}

/// A path through a GSIM tree with so many `branches` in all; the id of a branch is `g`, its letter, the number of its set.
fn short_gsim_path<'a>(ids: impl IntoIterator<Item = &'a str>, branches: usize) -> String {
    if branches == 1 { "A".into() } else { ids.into_iter().filter_map(|id| id.chars().nth(1)).collect() }
}

impl FullLogicTree {
    /// The path of each realization in the engine's short form, the source model tree's before `~`, the GSIM tree's after it:
    /// `B~CA` goes through the second source model, the third model of the first tectonic region type, the first of the
    /// second.
    pub fn branch_paths(&self) -> impl Iterator<Item = String> {
        let sets = self.source_models.branch_sets.iter().enumerate();
        let branches =
            sets.flat_map(|(n, set)| set.branches.iter().enumerate().map(move |(i, b)| (n, i, b.id.as_str())));
        let names = ShortNames::new(branches, FirstLetters::One);
        let source_models: Vec<String> =
            self.source_model_paths.iter().map(|p| names.path(p.branch_ids.iter().map(String::as_str))).collect();
        let branches = self.gsims.branches.values().map(Vec::len).sum();
        self.realizations.iter().map(move |realization| {
            let chosen = realization.gsims.iter().enumerate();
            let ids = chosen.filter_map(|(trt, &i)| Some(self.gsims.models(trt).get(i)?.id.as_str()));
            let source_model = source_models.get(realization.source_model).map_or("", |path| path);
            format!("{source_model}~{}", short_gsim_path(ids, branches))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_letters() {
        assert_eq!(LETTERS.chars().count(), 183);
        assert_eq!([0, 26, 31, 182, 183].map(letter), ['A', '[', 'a', 'ÿ', BEYOND]);
        assert_eq!((letters(1), letters(183)), (['A', 'B'], ['B', 'A']));
    }

    #[test]
    fn a_path_is_short() {
        let branches = [(0, 0, "zones"), (0, 1, "points"), (1, 0, "low"), (1, 1, "high")];
        let names = ShortNames::new(branches, FirstLetters::Two);
        assert_eq!(names.path(["points", "high"]), "ABB");
        assert_eq!(names.path(["zones", "."]), "AA.");
        let names = ShortNames::new(branches, FirstLetters::One);
        assert_eq!([names.path(["points", "high"]), names.path(["zones", "."])], ["BB", "A."]);
        assert_eq!(ShortNames::new([(0, 0, "zones")], FirstLetters::Two).path(["zones"]), "A");
        assert_eq!((short_gsim_path(["gB0", "gA1"], 3), short_gsim_path(["gA0"], 1)), ("BA".into(), "A".into()));
    }
}
