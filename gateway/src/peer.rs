//! Who is at the other end: the address of the connection, or what our own proxies say.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::{Extensions, HeaderName};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request comes from, when it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(Option<IpAddr>);

impl Peer {
    /// Each proxy adds at the end whom it got the request from. So of what stands there only as much is
    /// true as there are proxies of ours; what comes before, anybody can have written.
    pub(crate) fn of(request: &Request, proxies: u8) -> Self {
        let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let connected = connected.map(|ConnectInfo(address)| address.ip().to_canonical());
        let values = request.headers().get_all(FORWARDED).iter();
        let told: Vec<&str> = values
            .map(|value| value.to_str().unwrap_or_default())
            .flat_map(|value| value.split(','))
            .collect();
        let place = usize::from(proxies)
            .checked_sub(1)
            .and_then(|before| told.iter().rev().nth(before));
        Self(place.and_then(|text| address(text.trim())).or(connected))
    }

    /// The one that was found for this request.
    pub(crate) fn found(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Self>().and_then(|peer| peer.0)
    }
}

/// An address, which some proxies write with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let address = bare.parse().or_else(|_| with_port()).ok();
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(proxies: u8, told: &[&'static str]) -> String {
        let mut request = Request::new(axum::body::Body::empty());
        let connected = ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 1)));
        request.extensions_mut().insert(connected);
        for value in told {
            let value = http::HeaderValue::from_static(value);
            request.headers_mut().append(FORWARDED, value);
        }
        Peer::of(&request, proxies).0.unwrap().to_string()
    }

    #[test]
    fn only_what_our_own_proxies_added_is_believed() {
        assert_eq!(peer(0, &["6.6.6.6"]), "10.0.0.1");
        assert_eq!(peer(1, &[]), "10.0.0.1");
        assert_eq!(peer(1, &["6.6.6.6, 1.2.3.4"]), "1.2.3.4");
        assert_eq!(peer(1, &["6.6.6.6", "1.2.3.4"]), "1.2.3.4");
        assert_eq!(peer(2, &["6.6.6.6, 1.2.3.4, 10.0.0.9"]), "1.2.3.4");
        assert_eq!(peer(3, &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(peer(1, &["unknown"]), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        assert_eq!(peer(1, &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(peer(1, &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(peer(1, &["::ffff:1.2.3.4"]), "1.2.3.4");
        assert_eq!(peer(1, &["1.2.3.4:5678"]), "1.2.3.4");
    }
}
