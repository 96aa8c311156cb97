//! The binary: parse, run, exit.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    entrepot::run(entrepot::cli::Cli::parse())
}
