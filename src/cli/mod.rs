//! The command line: one file a subcommand.

mod gsims;
mod run;
mod status;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A directory of seismic-hazard calculations as a file system, and a classical PSHA calculator.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Status(status::Status),
    Gsims(gsims::Gsims),
}

/// Do what the command line says.
pub fn main() -> ExitCode {
    let level = env_logger::Env::default().filter_or("OQFS_LOG", "error");
    env_logger::Builder::from_env(level).format_target(false).init();
    let result = match Cli::parse().command {
        Command::Run(command) => command.execute(),
        Command::Status(command) => command.execute(),
        Command::Gsims(command) => command.execute(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("oqfs: {error:#}");
            ExitCode::FAILURE
        }
    }
}
