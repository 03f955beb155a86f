//! Connections: where they come from, how many, how slow they may be.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};

use crate::http::write_timeout::WriteTimeout;

/// Connections at once; more wait to be accepted.
const SLOTS: usize = 2048;
/// A request's head must be there after this; so must the next one on a
/// connection that is kept.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
const MAX_HEADERS: usize = 64;
const HEAD_BUFFER: usize = 32 << 10;
/// At the end, answers under way get this long.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(2);

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listen {
    Ip(IpAddr),
    Unix(PathBuf),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("unix:") {
            Some("") => Err("name the socket: unix:/run/user/1000/convoy.sock".to_owned()),
            Some(path) => Ok(Listen::Unix(path.into())),
            None => text
                .parse()
                .map(Listen::Ip)
                .map_err(|_| "use an IP address, or unix:PATH for a Unix socket".to_owned()),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    pub(crate) async fn bind(listen: &Listen, port: u16) -> io::Result<Self> {
        match listen {
            Listen::Ip(ip) => Ok(Listener::Tcp(TcpListener::bind((*ip, port)).await?)),
            Listen::Unix(path) => {
                // Left by one that was killed: nobody answers there.
                if std::os::unix::net::UnixStream::connect(path).is_err() && is_socket(path) {
                    fs::remove_file(path)?;
                }
                let listener = UnixListener::bind(path)?;
                fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
                Ok(Listener::Unix(listener))
            }
        }
    }

    /// The port that was got, if it is one.
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Listener::Tcp(listener) => listener.local_addr().ok().map(|address| address.port()),
            Listener::Unix(_) => None,
        }
    }
}

fn is_socket(path: &std::path::Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

/// Serves until `closing` says so.
pub(crate) async fn serve(listener: Listener, router: Router, mut closing: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(SLOTS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { break };
        let accept = async {
            match &listener {
                Listener::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                    // Output is shown as it comes.
                    let _ = stream.set_nodelay(true);
                    Connection::Tcp(stream)
                }),
                Listener::Unix(listener) => {
                    listener.accept().await.map(|(stream, _)| Connection::Unix(stream))
                }
            }
        };
        let connection = tokio::select! {
            accepted = accept => accepted,
            _ = closing.changed() => break,
        };
        match connection {
            Ok(connection) => {
                let (router, closing) = (router.clone(), closing.clone());
                tokio::spawn(async move {
                    match connection {
                        Connection::Tcp(stream) => attend(stream, router, closing).await,
                        Connection::Unix(stream) => attend(stream, router, closing).await,
                    }
                    drop(slot);
                });
            }
            // Out of descriptors: those that end make room.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    let all = u32::try_from(SLOTS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(LAST_WORDS, slots.acquire_many(all)).await;
}

enum Connection {
    Tcp(tokio::net::TcpStream),
    Unix(tokio::net::UnixStream),
}

async fn attend<S>(stream: S, router: Router, mut closing: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(HEAD_BUFFER)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream)), TowerToHyperService::new(router))
        .with_upgrades();
    let mut connection = pin!(connection);
    // What a client did wrong is between it and hyper.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
