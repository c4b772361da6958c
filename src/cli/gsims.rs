//! `oqfs gsims`: the ground-motion models that the program knows.

use anyhow::Result;
use clap::Args;

use crate::gsim::{ModelInfo, info, names};

/// List the ground-motion models, or describe one.
#[derive(Debug, Args)]
pub struct Gsims {
    /// The name of a model, as it stands in a logic tree.
    name: Option<String>,
}

impl Gsims {
    /// Print the names, or what is declared of one model.
    pub fn execute(self) -> Result<()> {
        let Some(name) = self.name else {
            names().for_each(|name| println!("{name}"));
            return Ok(());
        };
        print!("{}", description(info(&name)?));
        Ok(())
    }
}

fn description(info: &ModelInfo) -> String {
    fn list<T>(items: &[T], name: impl Fn(&T) -> &'static str) -> String {
        items.iter().map(name).collect::<Vec<_>>().join(", ")
    }
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
    rows.iter().map(|(label, value)| format!("{label:20} {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_can_be_described() {
        for name in names() {
            let text = description(info(name).unwrap());
            assert!(text.contains(name) && text.contains("requires") && text.contains("mag"), "{text}");
        }
    }
}
