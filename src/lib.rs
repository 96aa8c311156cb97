//! Composition, and nothing else: the five contexts and the gateway become one process (`up`) or
//! many (`serve`). The commands live here, and not in `main`, so that tests can compose in process.

mod bench;
pub mod cli;
pub mod client;
pub mod config;
pub mod database;
pub mod demo;
mod doctor;
pub mod platform;
mod serve;
pub mod token;
pub mod up;

use std::process::ExitCode;

use kit::{BoxError, fault::chain};

use crate::{
    cli::{Cli, Command},
    config::Config,
};

/// Runs a command to its end.
pub fn run(cli: Cli) -> ExitCode {
    let config = match Config::load(&cli) {
        Ok(config) => config,
        Err(error) => return complain(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.into()),
    };
    let outcome = runtime.block_on(async {
        let _telemetry = kit::telemetry::start(
            &config.log,
            config.logs.into(),
            config.otlp_endpoint.as_deref(),
        )?;
        kit::metrics::start();
        match cli.command {
            Command::Up { renew_credentials } => up::run(config, renew_credentials).await,
            Command::Serve { role } => serve::run(config, role).await,
            Command::Database { command } => database::run(&config, command).await,
            Command::Demo(options) => demo::run(config, options).await,
            Command::Bench(options) => bench::run(config, options).await,
            Command::Token { command } => token::run(&config, &command).await,
            Command::Doctor => doctor::run(&config).await,
            Command::Config => say(&config.redacted()?),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

fn complain(error: &BoxError) -> ExitCode {
    {
        eprintln!("entrepot: {}", chain(&**error));
    }
    ExitCode::FAILURE
}

/// Prints for people; a closed pipe is not an error of ours.
fn say(text: &str) -> Result<(), BoxError> {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
