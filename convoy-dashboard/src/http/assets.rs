//! The page: files embedded at build (a debug build reads them from its source
//! directory), and the headers every answer carries.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use data_encoding::HEXLOWER;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use crate::http::access;
use crate::http::problem::Problem;

#[derive(Embed)]
#[folder = "web"]
struct Web;

const PAGE: &str = "index.html";
/// What the page has in the place of the nonce.
const NONCE: &str = "NONCE";

fn read(name: &str) -> Option<rust_embed::EmbeddedFile> {
    // A debug build asks the file system, which knows of `..`.
    let plain =
        !name.split('/').any(|part| part.is_empty() || part.starts_with('.')) && !name.contains(['\\', '\0']);
    if plain { Web::get(name) } else { None }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

/// A script, a style or a picture of the page.
pub(crate) fn asset(name: &str, asked: &HeaderMap) -> Response<Body> {
    let found = if name == PAGE { None } else { read(name) };
    let Some(file) = found else { return Problem::not_found("there is no such file").into_response() };
    let tag = format!("\"{}\"", HEXLOWER.encode(&file.metadata.sha256_hash()[..16]));
    if asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut response = Response::new(Body::from(file.data));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// The page itself. Its styles carry a nonce of this answer: the terminal makes
/// style elements of its own.
pub(crate) fn page() -> Response<Body> {
    let (Some(file), Ok(nonce)) = (read(PAGE), access::secret()) else {
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the page is missing from this build")
            .into_response();
    };
    let text = String::from_utf8_lossy(&file.data);
    let policy = content_policy(&text, &nonce);
    let mut response = Response::new(Body::from(text.replace(NONCE, &nonce)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(PAGE)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(HeaderName::from_static("content-security-policy"), policy);
    }
    response
}

fn content_policy(page: &str, nonce: &str) -> String {
    static IMPORTS: OnceLock<String> = OnceLock::new();
    let imports = IMPORTS.get_or_init(|| import_map_hash(page).unwrap_or_default());
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{imports}'; style-src-elem 'self' 'nonce-{nonce}'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// The hash of the inline import map, the only inline script there is.
fn import_map_hash(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("<script type=\"importmap\">")?;
    let (map, _) = rest.split_once("</script>")?;
    Some(base64(&Sha256::digest(map.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = char::from(ALPHABET[(word >> (18 - 6 * place) & 63) as usize]);
            out.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

/// Headers of every answer; what an answer says itself stays.
pub(crate) fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()"),
        ("cache-control", "no-store"),
    ] {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_everywhere() {
        for (text, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), want);
        }
    }

    #[test]
    fn only_the_import_map_may_be_inline() {
        let page = String::from_utf8(read(PAGE).unwrap().data.into_owned()).unwrap();
        assert_eq!(page.matches("<script").count(), 2, "the import map and the module");
        assert!(page.contains("<script type=\"module\" src=\"/assets/app.js\"></script>"));
        assert!(!page.contains(" on") || !page.contains("onload="), "no handlers in attributes");
        assert_eq!(import_map_hash(&page).map(|hash| hash.len()), Some(44));
    }

    #[test]
    fn names_lead_nowhere_else() {
        for name in [
            "../Cargo.toml",
            "..",
            "vendor/../../Cargo.toml",
            "/etc/passwd",
            "vendor//xterm.mjs",
            ".",
            "a\\..\\b",
            "Cargo.toml",
            PAGE,
        ] {
            assert_eq!(asset(name, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{name}");
        }
        assert_eq!(asset("vendor/xterm.mjs", &HeaderMap::new()).status(), StatusCode::OK);
    }
}
