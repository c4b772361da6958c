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
    let command = Cli::parse().command;
    // in the foreground a calculation's log is its own file, and its error is printed once
    let usual = if matches!(command, Command::Run(_)) { "off" } else { "warn" };
    env_logger::Builder::from_env(env_logger::Env::default().filter_or("OQFS_LOG", usual)).format_target(false).init();
    let result = match command {
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
