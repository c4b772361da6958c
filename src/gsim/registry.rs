//! Which models there are, by the name that stands in a logic tree.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::{Gsim, GsimError, ModelInfo};
use crate::nearest::nearest;

/// One model: its declaration and how to make it. The members of a family differ in what `make` hands to the one
/// implementation.
pub(super) struct Model {
    pub(super) info: ModelInfo,
    pub(super) make: fn(&'static ModelInfo) -> Arc<dyn Gsim>,
}

/// Every family: a file, with the models it declares.
static FAMILIES: &[&[Model]] = &[
    super::abrahamson_silva_2008::MODELS,
    super::akkar_bommer_2010::MODELS,
    super::boore_2014::MODELS,
    super::boore_atkinson_2008::MODELS,
    super::campbell_2003::MODELS,
    super::campbell_bozorgnia_2008::MODELS,
    super::campbell_bozorgnia_2014::MODELS,
    super::cauzzi_2014::MODELS,
    super::chiou_youngs_2008::MODELS,
    super::lanzano_2016::MODELS,
    super::sadigh_1997::MODELS,
    super::toro_2002::MODELS,
];

static MODELS: LazyLock<BTreeMap<&'static str, &'static Model>> =
    LazyLock::new(|| FAMILIES.iter().flat_map(|family| family.iter()).map(|model| (model.info.name, model)).collect());

/// The names of all models, sorted.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    MODELS.keys().copied()
}

/// The model that a logic tree names: `BooreAtkinson2008`, or `[BooreAtkinson2008]` and lines `argument = value`.
///
/// # Errors
/// If no model has the name, if it is given an argument it does not take, or if the text is of another form.
pub fn by_name(text: &str) -> Result<Arc<dyn Gsim>, GsimError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    let syntax = |found: &str, reason| Err(GsimError::Syntax { found: found.to_owned(), reason });
    let name = match first.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(Some(name)) => name.trim(),
        Some(None) => return syntax(first, "no ] after the name"),
        None => first,
    };
    if name.is_empty() {
        return syntax(first, "no name");
    }
    let Some(model) = MODELS.get(name) else { return Err(unknown(name)) };
    match lines.next().map(|line| (line, line.split_once('='))) {
        None => Ok((model.make)(&model.info)),
        Some((line, None)) => syntax(line, "no = in an argument"),
        Some((_, Some((argument, _)))) => {
            let argument = argument.trim().to_owned();
            Err(GsimError::UnexpectedArgument { model: model.info.name, argument, accepted: "none" })
        }
    }
}

fn unknown(name: &str) -> GsimError {
    let close = nearest(name, names());
    let hint = if close.is_empty() {
        format!("none of the {} known names is near; `oqfs gsims` lists them", names().len())
    } else {
        format!("did you mean {}?", close.join(" or "))
    };
    GsimError::UnknownModel { name: name.to_owned(), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        by_name(text).unwrap_err().to_string()
    }

    #[test]
    fn names_are_unique() {
        let declared = FAMILIES.iter().map(|family| family.len()).sum::<usize>();
        assert_eq!(names().len(), declared);
    }

    #[test]
    fn a_model_is_found_as_a_logic_tree_names_it() {
        for text in
            ["BooreAtkinson2008", " BooreAtkinson2008\n", "[BooreAtkinson2008]", "\n [BooreAtkinson2008]\n  # none\n"]
        {
            assert_eq!(by_name(text).unwrap().info().name, "BooreAtkinson2008", "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            error("SadihgEtAl1997"),
            "unknown ground-motion model \"SadihgEtAl1997\"; did you mean SadighEtAl1997?"
        );
        assert!(error("Nobody").contains("`oqfs gsims` lists them"));
        assert_eq!(
            error("[BooreAtkinson2008]\nvs30 = 760"),
            "BooreAtkinson2008 does not take the argument \"vs30\"; accepted are: none"
        );
        assert!(error("[BooreAtkinson2008]\nvs30").contains("\"vs30\": no = in an argument"));
        assert!(error("[BooreAtkinson2008").contains("no ] after the name"));
        assert!(error(" ").contains("no name"));
        assert!(error("[]").contains("no name"));
    }
}
