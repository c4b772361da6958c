//! `oqfs parameters`: the parameters of a job file, and what this program makes of each.

use std::fmt::Write;

use anyhow::{Result, bail};
use clap::Args;

use super::out;
use crate::job::{Declaration, Rates, Use, new_name, parameters, usage};
use crate::nearest::nearest;

/// List the parameters that a job.ini may have, or tell of one.
#[derive(Debug, Args)]
pub struct Parameters {
    /// The name of a parameter, an old one too.
    name: Option<String>,
    /// Write all as a page
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
}

impl Parameters {
    /// Print the parameters that are read, or what is known of one.
    pub fn execute(self) -> Result<()> {
        if self.markdown {
            return out::print(page());
        }
        let Some(name) = self.name else {
            let lines = read().map(|declaration| {
                format!(
                    "{:36} {}
",
                    declaration.name, declaration.meaning
                )
            });
            return out::print(lines.collect::<String>());
        };
        out::print(description(&name)?)
    }
}

/// The declarations of the parameters that are read.
fn read() -> impl Iterator<Item = &'static Declaration> {
    parameters().filter_map(|(_, usage)| if let Use::Read(declaration) = usage { Some(declaration) } else { None })
}

/// What is known of a parameter.
fn description(name: &str) -> Result<String> {
    let new = new_name(name).unwrap_or(name);
    let Some(found) = usage(new) else {
        let close = nearest(name, parameters().map(|(name, _)| name));
        let hint = if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
        bail!("the parameter {name} is not known{hint}");
    };
    let mut text = format!("name      {new}\n");
    // writing to a text cannot fail
    let mut line = |title: &str, what: &str| {
        let _ = writeln!(text, "{title:9} {what}");
    };
    match found {
        Use::Read(declaration) => {
            if !declaration.other_names.is_empty() {
                line("old name", &declaration.other_names.join(", "));
            }
            line("meaning", declaration.meaning);
            line("type", declaration.kind);
            line("accepted", declaration.accepted);
            if !declaration.unit.is_empty() {
                line("unit", declaration.unit);
            }
            line("default", &declaration.default.to_string());
            line("modes", &modes(declaration));
            line("rates", &rates(declaration));
        }
        Use::NoEffect(why) => line("effect", &format!("none on hazard curves: {why}")),
        Use::Unsupported => {
            line("effect", "a job with it is refused: it changes what is computed and is not supported")
        }
    }
    Ok(text)
}

/// The calculation modes that read a parameter.
fn modes(declaration: &Declaration) -> String {
    declaration.modes.iter().map(|mode| mode.name()).collect::<Vec<_>>().join(", ")
}

/// Whether rates depend on a parameter.
fn rates(declaration: &Declaration) -> String {
    match declaration.rates {
        Rates::Direct => "depend on it".to_string(),
        Rates::Through(what) => format!("depend on it through {what}"),
        Rates::No => "do not depend on it".to_string(),
    }
}

const HEAD: &str = "\
# Parameters of a job

The names are the engine's. A job file with a name that is in none of these tables gets a warning with the nearest name that is. This page is
made by `oqfs parameters --markdown`; `oqfs parameters NAME` tells of one.

## Read

Rates of exceedance that an earlier calculation computed are used again where nothing that they depend on has changed: the last column says
what a change of the parameter means for them.

| name | meaning | type and what is accepted | unit | without it | read by | rates |
|---|---|---|---|---|---|---|
";

/// All parameters, by what is made of them.
fn page() -> String {
    let mut page = HEAD.to_string();
    let (mut refused, mut reasons): (Vec<&str>, Vec<(&str, Vec<&str>)>) = (Vec::new(), Vec::new());
    for (name, usage) in parameters() {
        match usage {
            Use::Read(declaration) => page += &row(declaration),
            Use::Unsupported => refused.push(name),
            Use::NoEffect(why) => match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, names)) => names.push(name),
                None => reasons.push((why, vec![name])),
            },
        }
    }
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    page += "\n## Old names\n\n| old | new |\n|---|---|\n";
    let new = |declaration: &'static Declaration| declaration.other_names.iter().map(|old| (*old, declaration.name));
    page.extend(read().flat_map(new).map(|(old, new)| format!("| `{old}` | `{new}` |\n")));
    page += "\n## Refused\n\nThey change what is computed, and are not supported: ";
    page += &format!(
        "{}.\n\n## Without effect\n\nThey change no number of a classical calculation. The log says so.\n",
        list(&refused)
    );
    page.extend(reasons.iter().map(|(why, names)| format!("\n- {why}: {}\n", list(names))));
    page
}

/// The line of a parameter that is read.
fn row(declaration: &Declaration) -> String {
    let Declaration { name, meaning, kind, accepted, unit, default, .. } = declaration;
    let (modes, rates) = (modes(declaration), rates(declaration));
    format!("| `{name}` | {meaning} | {kind}: {accepted} | {unit} | {default} | {modes} | {rates} |\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_told_of_by_any_of_its_names() {
        let told = description("mean_hazard_curves").unwrap();
        for line in
            ["name      mean\nold name  mean_hazard_curves\n", "default   true\n", "rates     do not depend on it\n"]
        {
            assert!(told.contains(line), "{told}");
        }
        assert!(description("investigation_time").unwrap().contains("unit      years\n"));
        assert!(description("avg_losses").unwrap().contains("it is for calculations of risk"));
        assert!(description("gmfs_file").unwrap().contains("is refused"));
        let error = description("truncation_lvel").unwrap_err().to_string();
        assert!(error.contains("did you mean truncation_level?"), "{error}");
    }
}
