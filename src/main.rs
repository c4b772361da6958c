//! The program: see [`oqfs::cli`].

use std::process::ExitCode;

use clap::Parser;
use oqfs::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("oqfs: {error:#}");
            ExitCode::FAILURE
        }
    }
}
