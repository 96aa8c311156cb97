//! Which addresses are public, and names that lead to none but such.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;
use url::{Host, Url};

use super::Policy;

/// Looks the addresses of a name up.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// As the system does.
pub(super) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// A name led to an address that is not public, or to none.
#[derive(Debug, thiserror::Error)]
#[error("the name has an address that is not public")]
pub(super) struct NotPublic;

/// Looks names up once, and hands on exactly the addresses that were looked at.
#[derive(Clone)]
pub(super) struct Resolver {
    policy: Policy,
    lookup: Lookup,
}

impl Resolver {
    pub(super) fn new(policy: Policy, lookup: Lookup) -> Self {
        Self { policy, lookup }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = crate::BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let policy = self.policy;
        let lookup = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = lookup.await?;
            // one that is not public condemns all: who mixes them means harm
            let good = policy.private || found.iter().all(|address| is_public(*address));
            if found.is_empty() || !good {
                return Err(NotPublic.into());
            }
            let found: Vec<_> = found
                .into_iter()
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            Ok(found.into_iter())
        })
    }
}

/// Ports of what is no web server: nobody makes us speak to a mail server or a database.
const OTHER_SERVICES: &[u16] = &[
    21, 22, 23, 25, 53, 110, 111, 135, 139, 143, 389, 445, 465, 587, 636, 993, 995, 1433, 1521,
    2049, 2375, 2379, 3306, 3389, 5432, 5672, 6379, 6443, 9042, 9200, 10250, 11211, 27017,
];

/// Whether a URL may be opened, as far as it shows. Names are looked at when they are looked up; an
/// address is not looked up, so it is looked at here.
pub(super) fn allows(policy: Policy, url: &Url) -> bool {
    let scheme = url.scheme() == "https" || policy.private && url.scheme() == "http";
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let port = url.port_or_known_default();
    let port = port.is_some_and(|port| port != 0 && !OTHER_SERVICES.contains(&port));
    let host = match url.host() {
        None => false,
        Some(_) if policy.private => true,
        Some(Host::Domain(name)) => is_public_name(name),
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
    };
    scheme && plain && port && host
}

/// Names that never lead outside. `Url` writes them in lower case.
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    name.contains('.') && !matches!(last, "localhost" | "local" | "internal" | "localdomain")
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let special = match first {
        // this network, private, loopback, multicast and what is reserved
        0 | 10 | 127 | 224..=255 => true,
        // shared between a provider and its customers
        100 => (64..128).contains(&second),
        // link-local: what clouds tell their machines
        169 => second == 254,
        172 => (16..32).contains(&second),
        // private; protocol assignments and documentation; 6to4 relays
        192 => {
            second == 168 || second == 0 && matches!(third, 0 | 2) || (second, third) == (88, 99)
        }
        // benchmarks; documentation
        198 => matches!(second, 18 | 19) || (second, third) == (51, 100),
        203 => (second, third) == (0, 113),
        _ => false,
    };
    !special
}

/// What of IPv6 is handed out to the world is `2000::/3`; of that, what is for something else, and what
/// carries an address of IPv4 that is not public.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let carried = |octets: &[u8]| {
        let octets: Option<[u8; 4]> = octets.try_into().ok();
        octets.is_some_and(|octets| is_public_v4(octets.into()))
    };
    let octets = address.octets();
    match address.segments() {
        // NAT64 (RFC 6052)
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => carried(&octets[12..]),
        // 6to4
        [0x2002, ..] => carried(&octets[2..6]),
        // Teredo, ORCHID, benchmarks and the like; documentation
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r19_addresses_that_are_not_public() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "198.20.0.1",
            "223.255.255.1",
            "2606:4700::1",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
