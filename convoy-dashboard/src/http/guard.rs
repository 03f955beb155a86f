//! The one guard in front of every route, static files and `WebSocket` included.
//!
//! It decides by comparison with fixed lists, never by what the request says of
//! itself: a page under another name that leads here sends that name as Host,
//! a page of another port sends that port as Origin. Everything that is not
//! named as public needs the token. The order is Host, framing, Origin,
//! Sec-Fetch-Site, token.

use axum::http::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL,
    TRANSFER_ENCODING, UPGRADE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, Method, StatusCode, request::Parts};

use crate::http::access;
use crate::http::problem::Problem;

/// A body is never longer, in bytes.
pub(crate) const MAX_BODY: u64 = 64 << 10;
/// A request target is never longer, in bytes.
const MAX_TARGET: usize = 4096;
/// The subprotocol that carries the token; only `STREAM` is ever answered.
const TOKEN_PROTOCOL: &str = "bearer.";

/// What is allowed.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// Exactly as browsers send them: `127.0.0.1:7433`.
    pub(crate) hosts: Vec<String>,
    pub(crate) token: [u8; 32],
}

/// Why a request does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoHost,
    ForeignHost,
    Framing,
    TooLong,
    TooBig,
    ForeignOrigin,
    ForeignSite,
    NoToken,
    WrongToken,
}

impl Policy {
    /// May this request come in?
    pub(crate) fn check(&self, parts: &Parts) -> Result<(), Refusal> {
        let host = self.check_host(parts)?;
        check_framing(parts)?;
        check_origin(parts, host)?;
        check_site(parts)?;
        if is_public(&parts.method, parts.uri.path()) { Ok(()) } else { self.check_token(&parts.headers) }
    }

    fn check_host<'a>(&'a self, parts: &Parts) -> Result<&'a str, Refusal> {
        let host = single(&parts.headers, &HOST).map_err(|()| Refusal::NoHost)?.ok_or(Refusal::NoHost)?;
        let known = self.hosts.iter().find(|known| known.as_bytes() == host.as_bytes());
        let known = known.ok_or(Refusal::ForeignHost)?;
        match parts.uri.authority() {
            Some(authority) if authority.as_str() != known => Err(Refusal::ForeignHost),
            Some(_) | None => Ok(known),
        }
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let token = match single(headers, &AUTHORIZATION).map_err(|()| Refusal::WrongToken)? {
            Some(value) => value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")),
            None if is_upgrade(headers) => {
                protocols(headers).find_map(|word| word.strip_prefix(TOKEN_PROTOCOL))
            }
            None => return Err(Refusal::NoToken),
        };
        match token {
            Some(token) if access::hash(token) == self.token => Ok(()),
            Some(_) => Err(Refusal::WrongToken),
            None => Err(Refusal::NoToken),
        }
    }
}

/// The subprotocols a client offers.
pub(crate) fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// A header that may come once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

fn check_framing(parts: &Parts) -> Result<(), Refusal> {
    if parts.uri.path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        return Err(Refusal::TooLong);
    }
    let length = single(&parts.headers, &CONTENT_LENGTH).map_err(|()| Refusal::Framing)?;
    if length.is_some() && parts.headers.contains_key(TRANSFER_ENCODING) {
        return Err(Refusal::Framing);
    }
    // hyper has refused what is no number.
    match length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok()) {
        Some(length) if length > MAX_BODY => Err(Refusal::TooBig),
        Some(_) | None => Ok(()),
    }
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.contains_key(UPGRADE)
}

/// Browsers send an Origin with everything that could change something, and
/// with every `WebSocket`; programs need not, but for a `WebSocket`.
fn check_origin(parts: &Parts, host: &str) -> Result<(), Refusal> {
    let origin = single(&parts.headers, &ORIGIN).map_err(|()| Refusal::ForeignOrigin)?;
    match origin {
        Some(origin) if origin.as_bytes().strip_prefix(b"http://") == Some(host.as_bytes()) => Ok(()),
        None if !is_upgrade(&parts.headers) => Ok(()),
        Some(_) | None => Err(Refusal::ForeignOrigin),
    }
}

/// Following a link to the page is allowed from anywhere: it gives nothing away.
fn check_site(parts: &Parts) -> Result<(), Refusal> {
    let get = |name: &str| parts.headers.get(name).map(HeaderValue::as_bytes);
    let visit = parts.method == Method::GET
        && is_page(parts.uri.path())
        && get("sec-fetch-mode") == Some(b"navigate")
        && get("sec-fetch-dest") == Some(b"document");
    match get("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if visit => Ok(()),
        Some(_) => Err(Refusal::ForeignSite),
    }
}

/// The page's own addresses: all are the same document, which holds no secret.
pub(crate) fn is_page(path: &str) -> bool {
    path == "/" || path == "/start" || path == "/c" || path.starts_with("/c/")
}

/// What needs no token. Everything else does, whether it exists or not.
fn is_public(method: &Method, path: &str) -> bool {
    match *method {
        Method::GET | Method::HEAD => is_page(path) || path.starts_with("/assets/") || path == "/api/health",
        Method::POST => path == "/api/session",
        _ => false,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, detail) = match refusal {
            Refusal::NoHost => (StatusCode::BAD_REQUEST, "a request needs one Host header"),
            Refusal::ForeignHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "this name is not served here; open the address the dashboard printed, or allow the name with --allow-host",
            ),
            Refusal::Framing => (StatusCode::BAD_REQUEST, "the length of the body is not clear"),
            Refusal::TooLong => (StatusCode::URI_TOO_LONG, "the address is too long"),
            Refusal::TooBig => (StatusCode::PAYLOAD_TOO_LARGE, "a body has at most 64 KiB"),
            Refusal::ForeignOrigin => (StatusCode::FORBIDDEN, "requests of other pages are refused"),
            Refusal::ForeignSite => (StatusCode::FORBIDDEN, "requests from other sites are refused"),
            Refusal::NoToken => (StatusCode::UNAUTHORIZED, "a token is needed: run pan dashboard url"),
            Refusal::WrongToken => (
                StatusCode::UNAUTHORIZED,
                "this token is not of the running dashboard: run pan dashboard url",
            ),
        };
        let problem = Problem::new(status, detail);
        match refusal {
            Refusal::NoToken | Refusal::WrongToken => {
                problem.with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests;
