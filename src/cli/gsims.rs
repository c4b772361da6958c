//! `oqfs gsims`: the ground-motion models that the program knows.

use anyhow::Result;
use clap::Args;

use super::out;
use crate::gsim::{ModelInfo, info, names};

/// List the ground-motion models, or describe one.
#[derive(Debug, Args)]
pub struct Gsims {
    /// The name of a model, as it stands in a logic tree.
    name: Option<String>,
    /// Write all as a page, with what they give and where they were published
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
}

impl Gsims {
    /// Print the names, or what is declared of one model.
    pub fn execute(self) -> Result<()> {
        if self.markdown {
            return out::print(page()?);
        }
        let Some(name) = self.name else {
            return out::print(names().map(|name| format!("{name}\n")).collect::<String>());
        };
        out::print(description(info(&name)?))
    }
}

fn list<T>(items: &[T], name: impl Fn(&T) -> &'static str) -> String {
    items.iter().map(name).collect::<Vec<_>>().join(", ")
}

const HEAD: &str = "\
# Ground-motion models

The names that may stand in a GSIM logic tree, by where the model was published; `oqfs gsims NAME` says what one requires. All agree with
the engine's numbers within 1e-6 (tests/gsim_tables.rs). This page is made by `oqfs gsims --markdown`.
";

/// All models, by publication, in the order of their names.
fn page() -> Result<String> {
    let mut published: Vec<(&str, Vec<&ModelInfo>)> = vec![];
    for name in names() {
        let info = info(name)?;
        match published.iter_mut().find(|(reference, _)| *reference == info.reference) {
            Some((_, models)) => models.push(info),
            None => published.push((info.reference, vec![info])),
        }
    }
    let mut page = format!("{HEAD}\n{} names from {} publications.\n", names().len(), published.len());
    for (reference, models) in published {
        let doi = models[0].doi.map_or(String::new(), |doi| format!(", doi:{doi}"));
        page += &format!("\n## {reference}{doi}\n\n| name | tectonic region | intensity measures |\n|---|---|---|\n");
        for info in models {
            page += &format!("| `{}` | {} | {} |\n", info.name, info.trt, list(info.imts, |imt| imt.name()));
        }
    }
    Ok(page)
}

fn description(info: &ModelInfo) -> String {
    let rows = [
        ("name", info.name.to_string()),
        ("tectonic region", info.trt.to_string()),
        ("intensity measures", list(info.imts, |i| i.name())),
        ("requires", list(info.params, |p| p.name())),
        ("standard deviations", list(info.std_devs, |s| s.name())),
        ("component", info.component.to_string()),
        ("reference", info.reference.to_string()),
        ("doi", info.doi.unwrap_or("none").to_string()),
    ];
    let valid = info.validity.lines().map(|(of, range)| (format!("valid for {of}"), range));
    let rows = rows.map(|(label, value)| (label.to_string(), value)).into_iter().chain(valid);
    rows.map(|(label, value)| format!("{label:20} {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_can_be_described() {
        for name in names() {
            let text = description(info(name).unwrap());
            assert!(text.contains(name) && text.contains("requires") && text.contains("mag"), "{text}");
            assert_eq!(text.lines().filter(|line| line.starts_with("valid for ")).count(), 4, "{text}");
        }
    }

    #[test]
    fn a_model_says_what_it_is_valid_for() {
        let text = description(info("DerrasEtAl2014").unwrap());
        let line = |label: &str| text.lines().find_map(|line| line.strip_prefix(label)).map(str::trim);
        assert_eq!(line("valid for magnitude"), Some("3.6 to 7.6"));
        assert_eq!(line("valid for distance"), Some("rjb up to 547 km"));
        assert_eq!(line("valid for vs30"), Some("92 to 1598 m/s"));
        assert_eq!(line("valid for depth"), Some("up to 25 km"));
        let text = description(info("AvgGMPE").unwrap());
        assert_eq!(text.lines().filter(|line| line.ends_with(" not stated")).count(), 4, "{text}");
    }
}
