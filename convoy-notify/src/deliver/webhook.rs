//! An event sent to an address. The address may hold a secret: no message shows it.

use std::time::{Duration, Instant};

use base::poll::wait_readable;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error};

/// Of a server that has no time or a connection that breaks: so often in all.
const TRIES: u32 = 3;

/// Posts JSON; anything but a 2xx is a failure, in words. What a server may have read
/// already it may be sent again: `delivery` (a header) says that it is the same.
pub(super) fn post(address: &str, delivery: &str, json: &[u8], limit: Duration) -> Result<(), String> {
    let until = Instant::now() + limit;
    let mut pause = Duration::from_secs(1);
    for n in 1.. {
        let left = until.saturating_duration_since(Instant::now());
        let why = match post_once(address, delivery, json, left) {
            Ok(()) => return Ok(()),
            Err(why) => why,
        };
        let is_over = n == TRIES || Instant::now() + pause >= until;
        if !why.may_pass || is_over {
            return Err(if n == 1 { why.words } else { format!("{} ({n} tries)", why.words) });
        }
        wait_readable(&[], Some(pause));
        pause *= 2;
    }
    Ok(())
}

struct Why {
    words: String,
    may_pass: bool,
}

fn post_once(address: &str, delivery: &str, json: &[u8], limit: Duration) -> Result<(), Why> {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = Agent::config_builder()
        .timeout_global(Some(limit))
        // A post that is led elsewhere would become a get.
        .max_redirects(0)
        .http_status_as_error(false)
        .tls_config(tls)
        .user_agent(concat!("convoy/", env!("CARGO_PKG_VERSION")))
        .build();
    let request = Agent::new_with_config(config)
        .post(address)
        .header("content-type", "application/json")
        .header("x-convoy-delivery", delivery);
    match request.send(json) {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => {
            let status = answer.status();
            let may_pass = status.is_server_error() || status.as_u16() == 429;
            let redirected = if status.is_redirection() { ", and redirects are not followed" } else { "" };
            Err(Why { words: format!("the server answered {}{redirected}", status.as_u16()), may_pass })
        }
        Err(error) => {
            let may_pass = match &error {
                // A certificate that is not trusted is not trusted a moment later.
                Error::Io(io) => io.kind() != std::io::ErrorKind::InvalidData,
                Error::Timeout(_) | Error::HostNotFound | Error::ConnectionFailed => true,
                _ => false,
            };
            let words = match &error {
                Error::BadUri(_) | Error::Http(_) => "the address cannot be used".to_owned(),
                Error::Io(io) => base::error::reason(io),
                Error::Timeout(_) => "no answer in time".to_owned(),
                other => other.to_string(),
            };
            // Whatever a library may quote.
            Err(Why { words: words.replace(address, "the address"), may_pass })
        }
    }
}
