//! `oqfs generate`: what packages hold beside the program, made from the declarations of the commands.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use clap::{Args, Command, CommandFactory, Subcommand};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Cli, out};

/// Write the manual pages or the completions of a shell.
#[derive(Debug, Args)]
pub struct Generate {
    #[command(subcommand)]
    what: Generated,
}

#[derive(Debug, Subcommand)]
enum Generated {
    /// Write the manual pages: oqfs.1, one for each command, and oqfs.5
    Man {
        /// The directory that gets them; created if missing
        dir: PathBuf,
    },
    /// Print the completions of a shell
    Completions { shell: Shell },
}

impl Generate {
    /// Write them.
    pub fn execute(self) -> Result<()> {
        match self.what {
            Generated::Man { dir } => write_manual(&dir).with_context(|| dir.display().to_string()),
            Generated::Completions { shell } => out::write_with(|to| {
                clap_complete::generate(shell, &mut shown_commands(), "oqfs", to);
                Ok(())
            }),
        }
    }
}

/// The command line as it is shown to users: without what this program alone calls.
fn shown_commands() -> Command {
    let all = Cli::command();
    let shown: Vec<Command> = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let about = all.get_about().cloned().unwrap_or_default();
    let exit = all.get_after_help().cloned().unwrap_or_default();
    Command::new("oqfs").version(env!("CARGO_PKG_VERSION")).about(about).after_help(exit).subcommands(shown)
}

/// What a mount shows: written by hand.
const FORMATS: &str = include_str!("../../packaging/oqfs.5");

fn write_manual(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut all = shown_commands().disable_help_subcommand(true);
    all.build();
    for command in all.get_subcommands() {
        write_page(dir, command, "oqfs(1), oqfs(5)")?;
    }
    write_page(dir, &all, "oqfs(5), fusermount3(1), mount(8)")?;
    fs::write(dir.join("oqfs.5"), FORMATS.replace("@VERSION@", env!("CARGO_PKG_VERSION")))
}

/// Write the page of a command.
fn write_page(dir: &Path, command: &Command, see_also: &str) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let source = concat!("oqfs ", env!("CARGO_PKG_VERSION"));
    let page = Man::new(command.clone().version(None::<&str>)).title(name).manual("Seismic hazard").source(source);
    // a page that says nothing of time: an empty date would be left out, and the release stand in its place
    let page = page.date(" ");
    let mut text = vec![];
    page.render(&mut text)?;
    text.extend(format!(".SH \"SEE ALSO\"\n{see_also}\n").bytes());
    fs::write(dir.join(format!("{name}.1")), text)
}
