//! `oqfs parameters`: the parameters of a job file, and what this program makes of each.

use std::fmt::Write;

use anyhow::{Result, bail};
use clap::Args;

use super::out;
use crate::job::{ALIASES, PARAMETERS, Use, usage};
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
            let read = PARAMETERS.iter().filter_map(|(name, usage)| match usage {
                Use::Read(meaning, _) => Some(format!("{name:36} {meaning}\n")),
                Use::NoEffect(_) | Use::Unsupported => None,
            });
            return out::print(read.collect::<String>());
        };
        out::print(description(&name)?)
    }
}

/// What is known of a parameter.
fn description(name: &str) -> Result<String> {
    let new = ALIASES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| *new);
    let Some(found) = usage(new) else {
        let close = nearest(name, PARAMETERS.iter().map(|(name, _)| *name));
        let hint = if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
        bail!("the parameter {name} is not known{hint}");
    };
    let mut text = format!("name      {new}\n");
    let others: Vec<&str> = ALIASES.iter().filter(|(_, of)| *of == new).map(|(old, _)| *old).collect();
    if !others.is_empty() {
        text += &format!("old name  {}\n", others.join(", "));
    }
    text += &match found {
        Use::Read(meaning, default) => format!("meaning   {meaning}\ndefault   {default}\n"),
        Use::NoEffect(why) => format!("effect    none on hazard curves: {why}\n"),
        Use::Unsupported => {
            "effect    a job with it is refused: it changes what is computed and is not supported\n".to_string()
        }
    };
    Ok(text)
}

const HEAD: &str = "\
# Parameters of a job

The names are the engine's. A job file with a name that is in none of these tables gets a warning with the nearest name that is. This page is
made by `oqfs parameters --markdown`; `oqfs parameters NAME` tells of one.

## Read

| name | meaning | without it |
|---|---|---|
";

/// All parameters, by what is made of them.
fn page() -> String {
    let mut page = HEAD.to_string();
    let (mut refused, mut reasons): (Vec<&str>, Vec<(&str, Vec<&str>)>) = (Vec::new(), Vec::new());
    for (name, usage) in PARAMETERS {
        match usage {
            // writing to a text cannot fail
            Use::Read(meaning, default) => drop(writeln!(page, "| `{name}` | {meaning} | {default} |")),
            Use::Unsupported => refused.push(name),
            Use::NoEffect(why) => match reasons.iter_mut().find(|(reason, _)| reason == why) {
                Some((_, names)) => names.push(name),
                None => reasons.push((why, vec![name])),
            },
        }
    }
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    page += "\n## Old names\n\n| old | new |\n|---|---|\n";
    page.extend(ALIASES.iter().map(|(old, new)| format!("| `{old}` | `{new}` |\n")));
    page += "\n## Refused\n\nThey change what is computed, and are not supported: ";
    page += &format!(
        "{}.\n\n## Without effect\n\nThey change no number of a classical calculation. The log says so.\n",
        list(&refused)
    );
    page.extend(reasons.iter().map(|(why, names)| format!("\n- {why}: {}\n", list(names))));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_told_of_by_any_of_its_names() {
        let told = description("mean_hazard_curves").unwrap();
        assert!(
            told.contains("name      mean\nold name  mean_hazard_curves\n") && told.contains("default   true"),
            "{told}"
        );
        assert!(description("avg_losses").unwrap().contains("it is for calculations of risk"));
        assert!(description("gmfs_file").unwrap().contains("is refused"));
        let error = description("truncation_lvel").unwrap_err().to_string();
        assert!(error.contains("did you mean truncation_level?"), "{error}");
    }
}
