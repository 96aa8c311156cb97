//! The binary: parse, run, exit.

use std::process::ExitCode;

use clap::Parser as _;

/// Many small values live and die with each request, which this one is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    entrepot::run(entrepot::cli::Cli::parse())
}
