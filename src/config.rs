//! Configuration: defaults ← file ← environment ← flags. Read once, here.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use chrono::TimeDelta;
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use kit::{BoxError, time::Clock};
use serde::{Deserialize, Serialize};

use crate::cli::{Cli, Logs};

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Directory for the private PostgreSQL and the credentials.
    pub data: PathBuf,
    /// PostgreSQL to use; none means a private one.
    pub database_url: Option<String>,
    /// Most database connections of each context.
    pub connections: u32,
    /// Address of the public REST API.
    pub listen: SocketAddr,
    /// Address of the gRPC services of a role.
    pub grpc_listen: SocketAddr,
    /// Address of /livez, /readyz, /metrics; none means one port above.
    pub admin_listen: Option<SocketAddr>,
    /// What to log.
    pub log: String,
    /// How logs look.
    pub logs: Logs,
    /// OpenTelemetry collector.
    pub otlp_endpoint: Option<String>,
    /// Seconds that are added to the system's clock: for rehearsals and tests, never in production.
    pub clock_offset_seconds: i64,
    /// Secret that the roles of a split deployment share; each derives its client secret from it.
    pub service_secret: Option<String>,
    /// Where the identity role is.
    pub identity_url: String,
    /// Where the provisioning role is.
    pub provisioning_url: String,
    /// Where the subscriber role is.
    pub subscriber_url: String,
    /// Where the billing role is.
    pub billing_url: String,
    /// Where the compliance role is.
    pub compliance_url: String,
    /// Identity's own section.
    pub identity: identity::Config,
    /// Provisioning's own section.
    pub provisioning: provisioning::Config,
    /// Subscriber's own section.
    pub subscriber: subscriber::Config,
    /// Billing's own section.
    pub billing: billing::Config,
    /// Compliance's own section.
    pub compliance: compliance::Config,
    /// The gateway's own section.
    pub gateway: gateway::Config,
}

impl Default for Config {
    fn default() -> Self {
        let away = "http://127.0.0.1:9000".to_owned();
        Self {
            data: PathBuf::from("data"),
            database_url: None,
            connections: 8,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            grpc_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9000)),
            admin_listen: None,
            log: "info".to_owned(),
            logs: Logs::Text,
            otlp_endpoint: None,
            clock_offset_seconds: 0,
            service_secret: None,
            identity_url: away.clone(),
            provisioning_url: away.clone(),
            subscriber_url: away.clone(),
            billing_url: away.clone(),
            compliance_url: away,
            identity: identity::Config::default(),
            provisioning: provisioning::Config::default(),
            subscriber: subscriber::Config::default(),
            billing: billing::Config::default(),
            compliance: compliance::Config::default(),
            gateway: gateway::Config::default(),
        }
    }
}

/// Variables that have a flag; clap reads them.
const OF_FLAGS: [&str; 9] = [
    "config",
    "data",
    "port",
    "listen",
    "grpc_listen",
    "admin_listen",
    "log",
    "logs",
    "otlp_endpoint",
];

impl Config {
    /// Reads all sources. A setting in a section is `ENTREPOT_GATEWAY__BURST` in the environment.
    pub fn load(cli: &Cli) -> Result<Self, BoxError> {
        let mut figment = Figment::new();
        if let Some(file) = &cli.global.config {
            figment = figment.merge(Toml::file_exact(file));
        }
        figment = figment.merge(Env::prefixed("ENTREPOT_").ignore(&OF_FLAGS).split("__"));
        // names that an operator would guess, for settings that live in a section
        figment = figment
            .merge(
                Env::raw()
                    .only(&["ENTREPOT_BASE_URL"])
                    .map(|_| "gateway.base_url".into()),
            )
            .merge(
                Env::raw()
                    .only(&["ENTREPOT_PROXIES"])
                    .map(|_| "gateway.proxies".into()),
            )
            .merge(
                Env::raw()
                    .only(&["ENTREPOT_LISTS_DIR"])
                    .map(|_| "compliance.lists_dir".into()),
            )
            .merge(
                Env::raw()
                    .only(&["ENTREPOT_SEAL_KEY"])
                    .map(|_| "identity.seal_key".into()),
            )
            // who issues tokens is where clients reach us, unless it is set apart
            .join(
                Env::raw()
                    .only(&["ENTREPOT_BASE_URL"])
                    .map(|_| "identity.issuer".into()),
            );
        let flags = &cli.global;
        let mut set = serde_json::Map::new();
        insert(&mut set, "data", flags.data.as_ref())?;
        insert(&mut set, "database_url", flags.database_url.as_ref())?;
        let port = flags
            .port
            .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        insert(&mut set, "listen", flags.listen.or(port).as_ref())?;
        insert(&mut set, "grpc_listen", flags.grpc_listen.as_ref())?;
        insert(&mut set, "admin_listen", flags.admin_listen.as_ref())?;
        insert(&mut set, "log", flags.log.as_ref())?;
        insert(&mut set, "logs", flags.logs.as_ref())?;
        insert(&mut set, "otlp_endpoint", flags.otlp_endpoint.as_ref())?;
        let config: Self = figment.merge(Serialized::defaults(set)).extract()?;
        config.identity.check()?;
        Ok(config)
    }

    /// Sets the issuer of tokens where none is set: the base URL, or else this address.
    pub(crate) fn settle_issuer(&mut self, address: SocketAddr) -> Result<(), BoxError> {
        let base = self.gateway.base_url.clone();
        let here = || base.unwrap_or_else(|| format!("http://{address}"));
        let issuer = self.identity.issuer.get_or_insert_with(here);
        issuer.truncate(issuer.trim_end_matches('/').len());
        Ok(self.identity.check()?)
    }

    /// Sets the key that seals secrets where none is set: one that is derived from the service secret.
    /// Where one is set, the derived one still opens what it has sealed before.
    pub(crate) fn settle_seal_key(&mut self, service_secret: &str) {
        let derived = kit::seal::derive(service_secret);
        match &mut self.identity.seal_key {
            Some(keys) => {
                keys.push(',');
                keys.push_str(&derived);
            }
            none => *none = Some(derived),
        }
    }

    /// The platform's clock.
    pub fn clock(&self) -> Clock {
        let offset = TimeDelta::try_seconds(self.clock_offset_seconds);
        Clock::shifted(offset.unwrap_or_default())
    }

    /// Address of the admin surface.
    pub fn admin(&self, public: SocketAddr) -> SocketAddr {
        self.admin_listen.unwrap_or_else(|| {
            let port = if public.port() == 0 {
                0
            } else {
                public.port().wrapping_add(1)
            };
            SocketAddr::new(public.ip(), port)
        })
    }

    /// Where a role is.
    pub fn url(&self, context: &str) -> &str {
        match context {
            "identity" => &self.identity_url,
            "provisioning" => &self.provisioning_url,
            "subscriber" => &self.subscriber_url,
            "billing" => &self.billing_url,
            _ => &self.compliance_url,
        }
    }

    /// For people: what is in force, without secrets.
    pub(crate) fn redacted(&self) -> Result<String, BoxError> {
        let secret = |set: bool| if set { "(set)" } else { "(not set)" };
        Ok(serde_json::to_string_pretty(&serde_json::json!({
            "data": self.data,
            "database_url": secret(self.database_url.is_some()),
            "connections": self.connections,
            "listen": self.listen,
            "grpc_listen": self.grpc_listen,
            "admin_listen": self.admin(self.listen),
            "log": self.log,
            "logs": self.logs,
            "otlp_endpoint": self.otlp_endpoint,
            "issuer": self.identity.issuer,
            "seal_key": secret(self.identity.seal_key.is_some()),
            "clock_offset_seconds": self.clock_offset_seconds,
            "service_secret": secret(self.service_secret.is_some()),
            "identity_url": self.identity_url,
            "provisioning_url": self.provisioning_url,
            "subscriber_url": self.subscriber_url,
            "billing_url": self.billing_url,
            "compliance_url": self.compliance_url,
            "gateway": self.gateway,
        }))?)
    }
}

fn insert<T: Serialize>(
    set: &mut serde_json::Map<String, serde_json::Value>,
    key: &str,
    value: Option<&T>,
) -> Result<(), BoxError> {
    if let Some(value) = value {
        set.insert(key.to_owned(), serde_json::to_value(value)?);
    }
    Ok(())
}

impl From<Logs> for kit::telemetry::Logs {
    fn from(logs: Logs) -> Self {
        match logs {
            Logs::Json => Self::Json,
            Logs::Text => Self::Text,
        }
    }
}
