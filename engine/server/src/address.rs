//! From which address a request came. Proxy headers count only when the connection itself came from a trusted proxy.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

use crate::state::App;

/// The visitor's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        // In-process calls have no connection; they count as coming from this machine.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip().to_canonical());
        Ok(Self(client_address(peer, &parts.headers, &app.config.trusted_proxies)))
    }
}

/// The nearest address that is no trusted proxy, going from the connection outwards.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let mut nearest = peer;
    for hop in hops(headers).into_iter().rev() {
        // What is unreadable was not written by a proxy of ours: nothing beyond it can be believed.
        let Some(address) = hop else { return nearest };
        nearest = address;
        if !is_trusted(&address) {
            return nearest;
        }
    }
    nearest
}

/// The chain of `Forwarded` (RFC 7239), or else of `X-Forwarded-For`; outermost first, `None` where unreadable.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let list = |name: &str| {
        let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?"));
        values
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let forwarded = list("forwarded");
    if !forwarded.is_empty() {
        return forwarded.iter().map(|element| forwarded_for(element)).collect();
    }
    list("x-forwarded-for").iter().map(|text| read_address(text)).collect()
}

fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| read_address(value.trim_matches('"')))?
    })
}

fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .map_or(text, |(address, _)| address);
    bare.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn seen(peer: &str, header: &str, value: &str) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::try_from(header).unwrap(), value.parse().unwrap());
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(seen("203.0.113.9", "x-forwarded-for", "1.2.3.4"), "203.0.113.9");
    }

    #[test]
    fn the_nearest_untrusted_hop_counts() {
        assert_eq!(
            seen("10.0.0.1", "x-forwarded-for", "1.2.3.4, 198.51.100.7, 10.9.9.9"),
            "198.51.100.7"
        );
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", "198.51.100.7"), "198.51.100.7");
        assert_eq!(
            seen("::1", "forwarded", "for=1.2.3.4, for=\"[2001:db8::1]:4711\";proto=https"),
            "2001:db8::1"
        );
        assert_eq!(seen("10.0.0.1", "forwarded", "for=192.0.2.60:80"), "192.0.2.60");
    }

    #[test]
    fn unreadable_hops_end_the_chain() {
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", "1.2.3.4, unknown, 10.1.1.1"), "10.1.1.1");
        assert_eq!(seen("10.0.0.1", "forwarded", "for=_hidden"), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", ""), "10.0.0.1");
    }
}
