//! The command line. Every flag is also an environment variable.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The open platform for selling communication services wholesale.
#[derive(Debug, Parser)]
#[command(name = "entrepot", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Settings of all commands.
    #[command(flatten)]
    pub global: Global,
}

/// Settings that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Configuration file (TOML).
    #[arg(long, global = true, env = "ENTREPOT_CONFIG")]
    pub config: Option<PathBuf>,
    /// Directory for the private PostgreSQL and the credentials [default: data].
    #[arg(long, global = true, env = "ENTREPOT_DATA")]
    pub data: Option<PathBuf>,
    /// PostgreSQL to use instead of a private one.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Port of the public REST API on the loopback address [default: 8080]; 0 takes a free one.
    #[arg(long, global = true, env = "ENTREPOT_PORT")]
    pub port: Option<u16>,
    /// Address of the public REST API, instead of a port.
    #[arg(long, global = true, env = "ENTREPOT_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Address of the gRPC services of a role [default: 127.0.0.1:9000].
    #[arg(long, global = true, env = "ENTREPOT_GRPC_LISTEN")]
    pub grpc_listen: Option<SocketAddr>,
    /// Address of /livez, /readyz and /metrics [default: one port above the API].
    #[arg(long, global = true, env = "ENTREPOT_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    /// What to log, for example `info,sqlx=warn`.
    #[arg(long, global = true, env = "ENTREPOT_LOG")]
    pub log: Option<String>,
    /// How logs look.
    #[arg(long, global = true, env = "ENTREPOT_LOGS")]
    pub logs: Option<Logs>,
    /// OpenTelemetry collector (OTLP over gRPC), for example `http://localhost:4317`.
    #[arg(long, global = true, env = "ENTREPOT_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Logs {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process, on a private PostgreSQL unless DATABASE_URL is set.
    Up {
        /// Give the first clients new secrets, after the file with theirs was lost.
        #[arg(long)]
        renew_credentials: bool,
    },
    /// Run one role.
    Serve {
        /// Which.
        role: Role,
    },
    /// Prepare or look at the database.
    Database {
        /// What to do with it.
        #[command(subcommand)]
        command: Database,
    },
    /// Onboard generated customers, meter them, and print the bill.
    Demo(Demo),
    /// Measure the platform beside the raw limits of this machine, on a private PostgreSQL.
    Bench(Bench),
    /// Make the first credentials of a split deployment.
    Token {
        /// What to make.
        #[command(subcommand)]
        command: Token,
    },
    /// Check this machine and say what to do.
    Doctor,
    /// Print the configuration in force, without its secrets.
    Config,
}

/// A part of the platform that can run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Organizations, people, tokens.
    Identity,
    /// Catalogue, templates, customers.
    Provisioning,
    /// Subscribers.
    Subscriber,
    /// Metering, reports.
    Billing,
    /// Screening, cases.
    Compliance,
    /// The public REST API.
    Gateway,
}

impl Role {
    /// The context's name; none for the gateway.
    pub fn context(self) -> Option<&'static str> {
        Some(match self {
            Self::Identity => "identity",
            Self::Provisioning => "provisioning",
            Self::Subscriber => "subscriber",
            Self::Billing => "billing",
            Self::Compliance => "compliance",
            Self::Gateway => return None,
        })
    }
}

/// What to do with the database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Database {
    /// Apply what is missing; run as the owner of the database.
    Migrate,
    /// Tell what is missing.
    Status,
    /// Write the query caches that a build without a database needs (for developers).
    Prepare,
}

/// What to make.
#[derive(Debug, Clone, Subcommand)]
pub enum Token {
    /// The operator, a reviewer and a first partner, each with a client; secrets are shown once.
    Bootstrap,
    /// New secrets for those clients, after theirs were lost.
    Renew,
}

/// How the demo goes.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// End after the report and stop everything that was started.
    #[arg(long)]
    pub once: bool,
    /// How many customers.
    #[arg(long, default_value_t = 120)]
    pub customers: usize,
    /// How many users, over all customers.
    #[arg(long, default_value_t = 600)]
    pub users: usize,
    /// What the generated data grows from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// How the benchmark goes.
#[derive(Debug, Clone, Args)]
pub struct Bench {
    /// Small counts, done in seconds: proves that the benchmark runs, measures nothing worth keeping.
    #[arg(long)]
    pub quick: bool,
    /// Markdown file for the figures; what stands in it from `## Notes` on is kept.
    #[arg(long)]
    pub out: Option<PathBuf>,
}
