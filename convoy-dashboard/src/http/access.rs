//! Who may come in: the bearer token, and tickets that are traded for it once.
//!
//! All of it is files in the state directory's `run/` (0700, files 0600): who
//! may read them is the user, and needs no further proof. A ticket is a file
//! under the hash of its secret; whoever removes the file has used it, so it is
//! good once, whatever runs beside it.

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use base::files::{self, Sync};
use base::{Error, IoContext, Result};
use data_encoding::HEXLOWER;
use protocol::layout::Home;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a ticket is good.
pub(crate) const TICKET_LIFE: Duration = Duration::from_secs(600);
/// Wrong tokens and tickets before they are no longer looked at, and how fast
/// that allowance comes back. It is one for all: every peer is 127.0.0.1.
const GUESSES: f64 = 10.0;
const GUESSES_PER_SECOND: f64 = 1.0;

/// What a running dashboard leaves for the programs of its user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Running {
    pub(crate) pid: u32,
    /// The boot it runs in.
    pub(crate) boot: String,
    /// Where browsers open it, without a slash at the end.
    pub(crate) url: String,
    /// The Unix socket it listens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) socket: Option<String>,
    pub(crate) token: String,
}

/// 256 bits of the kernel's, in hexadecimal.
pub(crate) fn secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = bytes.get_mut(filled..).unwrap_or_default();
        filled += rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty())
            .map_err(std::io::Error::from)
            .context("read", Path::new("/dev/random"))?;
    }
    Ok(HEXLOWER.encode(&bytes))
}

/// The hash of a secret. Hashes are compared instead of secrets: what the time
/// of a comparison tells is of no use then.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Makes `run/`, and insists that it is private: others could have made it.
pub(crate) fn prepare(home: &Home) -> Result<()> {
    files::create_private_dir(home.root())?;
    files::create_private_dir(&home.run())?;
    files::check_private_dir(&home.run())
}

/// The token for a dashboard that has just got hold of its place. One that was
/// killed left its own behind: pages that are open go on with that. One that
/// ended as it should took it away, and pages have to be let in anew.
pub(crate) fn token(home: &Home, place: &str, boot: &str) -> Result<String> {
    match read(home, place)? {
        Some(left) if left.boot == boot && is_secret(&left.token) => Ok(left.token),
        Some(_) | None => secret(),
    }
}

/// What is written of the dashboard at a place.
pub(crate) fn read(home: &Home, place: &str) -> Result<Option<Running>> {
    let path = home.dashboard(place);
    let file = match files::open_regular(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("open", &path),
    };
    let found = file.metadata().context("look at", &path)?;
    if found.uid() != nix::unistd::getuid().as_raw() || found.mode() & 0o077 != 0 {
        let error = std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "others can read it, so its token is no secret; remove it",
        );
        return Err(error).context("use", &path);
    }
    let mut text = String::new();
    file.take(64 << 10).read_to_string(&mut text).context("read", &path)?;
    // Written whole or not at all: what is not understood is of another version,
    // and its token is of no use here.
    Ok(serde_json::from_str(&text).ok())
}

/// Tells the user's programs of this dashboard.
pub(crate) fn announce(home: &Home, place: &str, running: &Running) -> Result<()> {
    let path = home.dashboard(place);
    let bytes = serde_json::to_vec(running).map_err(std::io::Error::from).context("encode", &path)?;
    files::replace(&path, &home.run(), &bytes, Sync::Later).map(|_| ())
}

/// Takes the token back: this dashboard ended as it should.
pub(crate) fn withdraw(home: &Home, place: &str) {
    // What stays is a token that no server knows.
    let _ = fs::remove_file(home.dashboard(place));
}

/// Makes a ticket.
pub(crate) fn ticket(home: &Home) -> Result<String> {
    sweep(home);
    let ticket = secret()?;
    files::publish_new(&home.ticket(&HEXLOWER.encode(&hash(&ticket))), &home.run(), b"")?;
    Ok(ticket)
}

/// Uses a ticket up. True if it was good.
pub(crate) fn redeem(home: &Home, ticket: &str) -> bool {
    if !is_secret(ticket) {
        return false;
    }
    let name = HEXLOWER.encode(&hash(ticket));
    let path = home.ticket(&name);
    let good = is_fresh(&path);
    // Without its ticket the page opens nothing; the next sweep removes it.
    let _ = fs::remove_file(home.doorway(&name));
    // Of several at once only one removes it.
    fs::remove_file(&path).is_ok() && good
}

fn is_secret(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_fresh(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .and_then(|found| found.modified())
        .is_ok_and(|at| SystemTime::now().duration_since(at).unwrap_or_default() < TICKET_LIFE)
}

/// Removes tickets nobody used.
fn sweep(home: &Home) {
    let Ok(entries) = fs::read_dir(home.run()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let passing =
            name.to_str().is_some_and(|name| name.starts_with("ticket-") || name.starts_with("open-"));
        if passing && !is_fresh(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A page that sends a browser in: the browser is given its path, so that the
/// ticket is in no command line.
pub(crate) fn doorway(home: &Home, url: &str, ticket: &str) -> Result<std::path::PathBuf> {
    let path = home.doorway(&HEXLOWER.encode(&hash(ticket)));
    let page = format!(
        "<!doctype html><meta charset=utf-8><meta name=referrer content=no-referrer>\
         <meta http-equiv=refresh content=\"0;url={url}/#ticket={ticket}\"><title>convoy</title>\n"
    );
    if files::publish_new(&path, &home.run(), page.as_bytes())? {
        Ok(path)
    } else {
        Err(Error::invalid("a ticket came twice", "try again"))
    }
}

/// How many more guesses are looked at.
#[derive(Debug)]
pub(crate) struct Guesses {
    left: f64,
    at: Instant,
}

impl Guesses {
    pub(crate) fn new(now: Instant) -> Self {
        Guesses { left: GUESSES, at: now }
    }

    /// Counts a wrong one. True while there were some left.
    pub(crate) fn wrong(&mut self, now: Instant) -> bool {
        let back = now.saturating_duration_since(self.at).as_secs_f64() * GUESSES_PER_SECOND;
        self.left = (self.left + back).min(GUESSES);
        self.at = now;
        let some = self.left >= 1.0;
        if some {
            self.left -= 1.0;
        }
        some
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path().join("h"));
        prepare(&home).unwrap();
        (dir, home)
    }

    #[test]
    fn a_ticket_is_good_once_and_ten_minutes() {
        let (_dir, home) = home();
        let one = ticket(&home).unwrap();
        assert!(!redeem(&home, &secret().unwrap()) && !redeem(&home, "") && !redeem(&home, "../x"));
        assert!(redeem(&home, &one));
        assert!(!redeem(&home, &one), "used up");
        let old = ticket(&home).unwrap();
        let file = fs::File::options().write(true).open(home.ticket(&HEXLOWER.encode(&hash(&old)))).unwrap();
        file.set_modified(SystemTime::now() - TICKET_LIFE).unwrap();
        assert!(!redeem(&home, &old), "too old");
    }

    #[test]
    fn a_token_survives_a_kill_but_no_reboot_and_is_never_taken_from_a_readable_file() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, home) = home();
        let first = token(&home, "1", "boot").unwrap();
        let running = Running {
            pid: 1,
            boot: "boot".to_owned(),
            url: String::new(),
            socket: None,
            token: first.clone(),
        };
        announce(&home, "1", &running).unwrap();
        assert_eq!(token(&home, "1", "boot").unwrap(), first);
        assert_ne!(token(&home, "1", "next").unwrap(), first);
        fs::set_permissions(home.dashboard("1"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(token(&home, "1", "boot").is_err());
    }

    #[test]
    fn guesses_run_out_and_come_back() {
        let start = Instant::now();
        let mut guesses = Guesses::new(start);
        assert_eq!((0..30).filter(|_| guesses.wrong(start)).count(), 10);
        assert!(guesses.wrong(start + Duration::from_secs(1)));
        assert!(!guesses.wrong(start + Duration::from_secs(1)));
    }
}
