//! The program: see [`oqfs::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    oqfs::cli::main()
}
