//! Logic trees as they stand in the file: branch sets with their branches.

use std::path::Path;

use super::NrmlError;
use super::xml::{Cursor, Step, Values, XmlNode, parse_number};

/// A `<logicTreeBranchSet>`.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchSet {
    /// Its id.
    pub id: String,
    /// What its branches differ in: `sourceModel`, `gmpeModel`, ...
    pub uncertainty_type: String,
    /// The tectonic region type that it is for, if it says so.
    pub trt: Option<String>,
    /// The other `applyTo...` attributes.
    pub filters: Vec<(String, String)>,
    /// Its branches in the file's order.
    pub branches: Vec<Branch>,
    /// The line of its tag.
    pub line: usize,
}

impl BranchSet {
    /// The ids of the sources that it is for, if it names some.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let named = self.filters.iter().filter(|(name, _)| name == "applyToSources");
        named.flat_map(|(_, ids)| ids.split_whitespace())
    }

    /// Whether it says for which branches it is.
    pub fn has_branches(&self) -> bool {
        self.filters.iter().any(|(name, _)| name == "applyToBranches")
    }
}

/// A `<logicTreeBranch>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Its id.
    pub id: String,
    /// The text of its `<uncertaintyModel>`; where that has attributes, `[TEXT]`, or the text if it has the brackets, and a line
    /// `attribute = value` for each.
    pub model: String,
    /// The `<uncertaintyModel>` with what stands inside.
    pub value: XmlNode,
    /// Its weight.
    pub weight: f64,
    /// Its weight for single intensity measures, where it is another.
    pub weights_by_imt: Vec<(String, f64)>,
    /// The line of its tag.
    pub line: usize,
}

impl Branch {
    fn weight_for(&self, imt: &str) -> f64 {
        self.weights_by_imt.iter().find(|(name, _)| name == imt).map_or(self.weight, |(_, weight)| *weight)
    }
}

/// Tolerance on the sum of weights, the engine's.
const WEIGHT_PRECISION: f64 = 1e-7;

/// The branch sets of the first logic tree of a file, in its order; weights of each sum to one.
pub fn read(path: &Path) -> Result<Vec<BranchSet>, NrmlError> {
    let mut cursor = Cursor::open(path)?;
    let tree = cursor.enter("logicTree")?;
    let tree = cursor.subtree(tree)?;
    let sets = branch_sets(path, &tree)?;
    cursor.finish()?;
    Ok(sets)
}

/// A `<logicTree>`.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTree {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// Its branch sets, in the file's order.
    pub sets: Vec<BranchSet>,
}

/// Every logic tree of a file.
pub fn read_all(path: &Path) -> Result<Vec<NamedTree>, NrmlError> {
    let mut cursor = Cursor::open(path)?;
    let values = Values::new(path);
    let mut trees: Vec<NamedTree> = Vec::new();
    let mut next = Some(cursor.enter("logicTree")?);
    while let Some(node) = next {
        if node.tag != "logicTree" {
            return Err(values.error(&node, format!("found <{}>; expected <logicTree>", node.tag)));
        }
        let id = node.attribute("logicTreeID").map(str::to_string);
        let tree = cursor.subtree(node)?;
        if trees.iter().any(|other| other.id == id) {
            let id = id.unwrap_or_default();
            return Err(values.error(&tree, format!("the logicTreeID {id:?} is there twice")));
        }
        trees.push(NamedTree { id, sets: branch_sets(path, &tree)? });
        next = match cursor.step()? {
            Step::Open(node) => Some(node),
            Step::Close => None,
            Step::End => return Err(cursor.error("the file ends before </nrml>")),
        };
    }
    match cursor.step()? {
        Step::End => Ok(trees),
        Step::Open(_) | Step::Close => {
            Err(cursor.error("found an element behind </nrml>; expected the end of the file"))
        }
    }
}

fn branch_sets(path: &Path, tree: &XmlNode) -> Result<Vec<BranchSet>, NrmlError> {
    let values = Values::new(path);
    let mut sets: Vec<BranchSet> = Vec::new();
    for node in &tree.children {
        let found: Vec<&XmlNode> =
            if node.tag == "logicTreeBranchingLevel" { node.children.iter().collect() } else { vec![node] };
        let [set] = found[..] else {
            let message = format!("<logicTreeBranchingLevel> holds {} elements; expected one branch set", found.len());
            return Err(values.error(node, message));
        };
        let set = branch_set(&values, set)?;
        if sets.iter().any(|other| other.id == set.id) {
            return Err(NrmlError::new(path, set.line, format!("the branchSetID {:?} is there twice", set.id)));
        }
        sets.push(set);
    }
    if sets.is_empty() {
        return Err(values.error(tree, "<logicTree> has no branch set"));
    }
    Ok(sets)
}

fn branch_set(values: &Values, node: &XmlNode) -> Result<BranchSet, NrmlError> {
    if node.tag != "logicTreeBranchSet" {
        return Err(values.error(node, format!("found <{}>; expected <logicTreeBranchSet>", node.tag)));
    }
    let branches = node.children.iter().map(|b| branch(values, b)).collect::<Result<Vec<_>, _>>()?;
    let total: f64 = branches.iter().map(|b| b.weight).sum();
    if branches.is_empty() || (total - 1.0).abs() > WEIGHT_PRECISION {
        let message = format!("the weights of the branch set sum to {total}; they must sum to 1");
        return Err(values.error(node, message));
    }
    for (imt, _) in branches.iter().flat_map(|b| &b.weights_by_imt) {
        let total: f64 = branches.iter().map(|b| b.weight_for(imt)).sum();
        if total != 0.0 && (total - 1.0).abs() > WEIGHT_PRECISION {
            let message = format!("the weights for {imt} of the branch set sum to {total}; they must sum to 1");
            return Err(values.error(node, message));
        }
    }
    let is_filter = |name: &str| name.starts_with("applyTo") && name != "applyToTectonicRegionType";
    Ok(BranchSet {
        id: values.attribute(node, "branchSetID")?.to_string(),
        uncertainty_type: values.attribute(node, "uncertaintyType")?.to_string(),
        trt: node.attribute("applyToTectonicRegionType").map(str::to_string),
        filters: node
            .attributes
            .iter()
            .filter(|(name, _)| is_filter(name))
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .collect(),
        branches,
        line: node.line,
    })
}

fn branch(values: &Values, node: &XmlNode) -> Result<Branch, NrmlError> {
    if node.tag != "logicTreeBranch" {
        return Err(values.error(node, format!("found <{}>; expected <logicTreeBranch>", node.tag)));
    }
    let models = node.children.iter().filter(|child| child.tag == "uncertaintyModel").count();
    if models != 1 {
        let message =
            format!("the branch has {models} of <uncertaintyModel>; expected one, each in a branch of its own");
        return Err(values.error(node, message));
    }
    let weight = values.child_number(node, "uncertaintyWeight")?;
    let weights = node.children.iter().filter(|c| c.tag == "uncertaintyWeight");
    let mut weights_by_imt: Vec<(String, f64)> = Vec::new();
    for (i, found) in weights.enumerate() {
        let value = parse_number(&found.text).filter(|w| (0.0..=1.0).contains(w));
        let value = value
            .ok_or_else(|| values.error(found, format!("the weight is {}; expected within [0, 1]", found.text)))?;
        match (found.attribute("imt"), i) {
            (None, 0) => {}
            (Some(imt), 1..) if !weights_by_imt.iter().any(|(other, _)| other == imt) => {
                weights_by_imt.push((imt.to_string(), value));
            }
            _ => {
                let message = "expected one weight without imt, then perhaps one for each of some intensity measures";
                return Err(values.error(found, message));
            }
        }
    }
    let model = values.descendant(node, &["uncertaintyModel"])?;
    Ok(Branch {
        id: values.attribute(node, "branchID")?.to_string(),
        model: with_attributes(model),
        value: model.clone(),
        weight,
        weights_by_imt,
        line: node.line,
    })
}

/// The text of a model, with its attributes as arguments in TOML. They are Python literals, perhaps with a comment: numbers, lists
/// and truth values are themselves, others texts, as are digits with zeros before them.
fn with_attributes(model: &XmlNode) -> String {
    let text = model.text.trim();
    if model.attributes.is_empty() {
        return text.to_string();
    }
    let value = |value: &str| {
        let plain = value.split_once('#').map_or(value, |(before, _)| before).trim();
        match plain {
            "true" | "false" => plain.to_string(),
            _ if parse_number(plain).is_some() && !is_padded(plain) => plain.to_string(),
            _ if plain.starts_with('[') && plain.ends_with(']') => plain.to_string(),
            _ => format!("{value:?}"),
        }
    };
    let lines = model.attributes.iter().map(|(name, text)| format!("\n{name} = {}", value(text)));
    let named = if text.starts_with('[') { text.to_string() } else { format!("[{text}]") };
    lines.fold(named, |all, line| all + &line)
}

/// Whether digits begin with a zero that is not the number itself.
fn is_padded(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn parse(sets: &str) -> Result<Vec<BranchSet>, NrmlError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "<nrml><logicTree logicTreeID='lt'>\n{sets}\n</logicTree></nrml>").unwrap();
        read(file.path())
    }

    fn set(weights: [f64; 2]) -> String {
        let branch = |i: usize| {
            format!(
                "<logicTreeBranch branchID='b{i}'><uncertaintyModel> m{i}.xml </uncertaintyModel>\n\
                 <uncertaintyWeight>{}</uncertaintyWeight></logicTreeBranch>",
                weights[i]
            )
        };
        format!(
            "<logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='bs'>{}{}</logicTreeBranchSet>",
            branch(0),
            branch(1)
        )
    }

    #[test]
    fn with_and_without_branching_levels() {
        let plain = parse(&set([0.25, 0.75])).unwrap();
        assert_eq!(plain[0].branches[1].model, "m1.xml");
        let level =
            format!("<logicTreeBranchingLevel branchingLevelID='1'>{}</logicTreeBranchingLevel>", set([0.25, 0.75]));
        assert_eq!(parse(&level).unwrap()[0].branches[1].weight, plain[0].branches[1].weight);
    }

    #[test]
    fn weights_must_sum_to_one() {
        let message = parse(&set([0.25, 0.7])).unwrap_err().to_string();
        assert!(message.contains("line 2: the weights of the branch set sum to 0.95"), "{message}");
    }

    #[test]
    fn attributes_of_a_model_are_its_arguments() {
        let plain = set([0.5, 0.5]);
        let given = plain.replacen(
            "<uncertaintyModel>",
            "<uncertaintyModel gmpe_name='A' width='80 # km' ergodic='true' n='01' x='0.5' l='[1, 2]' t='#1'>",
            1,
        );
        let sets = parse(&given).unwrap();
        assert_eq!(
            sets[0].branches[0].model,
            "[m0.xml]\ngmpe_name = \"A\"\nwidth = 80\nergodic = true\nn = \"01\"\nx = 0.5\nl = [1, 2]\nt = \"#1\""
        );
        assert_eq!(sets[0].branches[1].model, "m1.xml");
        let named = plain.replacen("<uncertaintyModel> m0.xml ", "<uncertaintyModel ordinal='1'>\n[DummyGMPE]\n", 1);
        assert_eq!(parse(&named).unwrap()[0].branches[0].model, "[DummyGMPE]\nordinal = 1");
    }

    #[test]
    fn weights_of_single_intensity_measures() {
        let with = |first: f64| {
            let more = format!("<uncertaintyWeight imt='PGA'>{first}</uncertaintyWeight></logicTreeBranch>");
            set([0.25, 0.75]).replacen("</logicTreeBranch>", &more, 1)
        };
        let branches = parse(&with(0.25)).unwrap().remove(0).branches;
        assert_eq!(branches[0].weights_by_imt, [("PGA".to_string(), 0.25)]);
        let message = parse(&with(0.4)).unwrap_err().to_string();
        assert!(message.contains("the weights for PGA of the branch set sum to 1.15"), "{message}");
        let twice = with(0.25).replacen("imt='PGA'", "", 1);
        assert!(parse(&twice).unwrap_err().to_string().contains("expected one weight without imt"));
    }

    #[test]
    fn a_branch_has_one_model() {
        let two = set([0.5, 0.5]).replacen(
            "</uncertaintyWeight></logicTreeBranch>",
            "</uncertaintyWeight><uncertaintyModel>m</uncertaintyModel><uncertaintyWeight>0.1</uncertaintyWeight></logicTreeBranch>",
            1,
        );
        let message = parse(&two).unwrap_err().to_string();
        assert!(message.contains("line 2: the branch has 2 of <uncertaintyModel>; expected one"), "{message}");
    }

    #[test]
    fn duplicated_branch_sets_are_refused() {
        let message = parse(&(set([0.5, 0.5]) + &set([0.5, 0.5]))).unwrap_err().to_string();
        assert!(message.contains("branchSetID \"bs\" is there twice"), "{message}");
    }
}
