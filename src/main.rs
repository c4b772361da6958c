//! The program: see [`oqfs::cli`].

#![warn(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::Parser;
use oqfs::cli::{Cli, arguments, out};

fn main() -> ExitCode {
    match Cli::parse_from(arguments()).run() {
        Ok(status) => status,
        Err(error) => {
            out::tell(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
