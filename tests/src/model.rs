//! A model that answers to order: an HTTP server on loopback that speaks the
//! dialects the agent CLIs ask in, streaming, and does per role what its
//! script says. No model thinks here; what is tested is everything around it.
//!
//! Whose request it is, is read from the prompt itself: every agent is told
//! where its report goes, `…/<role>.<attempt>.out/report.md`.

mod dialect;
mod script;
mod tools;

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::{self, Received};
use crate::wait;
pub use dialect::Dialect;
pub use script::{Act, HandIn, Script, Want, Work, review};
pub use tools::Tools;

/// What an answer that takes a moment takes.
const THOUGHT: Duration = Duration::from_secs(1);
/// Nobody hangs longer than this, whatever the test does.
const LONGEST_HANG: Duration = Duration::from_secs(300);

/// A request as the tests look at it afterwards.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub dialect: Option<Dialect>,
    pub role: String,
    pub attempt: u32,
    /// Results of tools since the last thing a person said.
    pub turn: u32,
    pub model: String,
    pub body: String,
}

/// The server. Ends when it is dropped.
#[derive(Debug)]
pub struct Model {
    port: u16,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    script: Script,
    seen: Mutex<Vec<Seen>>,
    stop: AtomicBool,
    numbers: AtomicU32,
}

impl Model {
    pub fn start(script: Script) -> Self {
        Self::listen(script, 0)
    }

    /// On this port; 0 takes a free one.
    pub fn listen(script: Script, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("listen on loopback");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            script,
            seen: Mutex::default(),
            stop: AtomicBool::new(false),
            numbers: AtomicU32::new(1),
        });
        let for_thread = Arc::clone(&shared);
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if for_thread.stop.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(stream) = stream {
                    let shared = Arc::clone(&for_thread);
                    std::thread::spawn(move || shared.serve(stream));
                }
            }
        });
        Model { port, shared, listener: Some(listener) }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests of one role.
    pub fn seen_of(&self, role: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.role == role).collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// What an agent asks its model for.
#[derive(Debug, Clone, Default)]
struct Asked {
    role: String,
    attempt: u32,
    report: PathBuf,
    /// The project, as the prompt names it.
    project: PathBuf,
    turn: u32,
    /// It was told that its answer cannot be used.
    is_to_mend: bool,
    model: String,
    /// Names of the tools on offer; of one in a namespace both, with a dot between.
    tools: Vec<String>,
    /// It has looked for tools that are not offered at once.
    has_searched: bool,
    /// What tools answered since the last thing a person said, as JSON.
    results: Vec<String>,
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        let Ok(writer) = stream.try_clone() else { return };
        let mut reader = BufReader::new(stream);
        while let Some(received) = http::read(&mut reader) {
            let mut writer = &writer;
            // Whoever was hung up on does not ask again on this connection.
            if self.answer(&received, &mut writer).is_none() {
                let _ = writer.flush();
                let _ = writer.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    }

    /// `None`: the connection is to be closed.
    fn answer(&self, received: &Received, out: &mut &TcpStream) -> Option<()> {
        let Some(dialect) = Dialect::of(&received.path) else {
            return http::write(*out, 404, &[], "application/json", b"{}").ok();
        };
        let body: Value = serde_json::from_slice(&received.body).unwrap_or_default();
        let asked = dialect.read(&body, &received.path);
        self.note(received, dialect, &asked);
        let act = self.script.act(&asked.role, asked.attempt);
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        if matches!(act, Act::LoopSlowly) {
            wait::pause(THOUGHT);
        }
        match act {
            Act::ReadThenHang if asked.turn > 0 => {
                self.hang(out);
                None
            }
            Act::Hang => {
                self.hang(out);
                None
            }
            Act::Status { status, headers, kind, message } => {
                let body = dialect.error(*status, kind, message);
                http::write(*out, *status, headers, "application/json", body.to_string().as_bytes()).ok()
            }
            Act::Cut => {
                let events = dialect.say(number, "I begin", 10);
                // Before anything says that it is over.
                http::stream(*out, &events[..(events.len() - 1) / 2]).ok()?;
                None
            }
            act => {
                let events = script::events(act, dialect, &asked, number);
                http::stream(*out, &events).ok()?;
                None
            }
        }
    }

    fn note(&self, received: &Received, dialect: Dialect, asked: &Asked) {
        let seen = Seen {
            path: received.path.clone(),
            dialect: Some(dialect),
            role: asked.role.clone(),
            attempt: asked.attempt,
            turn: asked.turn,
            model: asked.model.clone(),
            body: String::from_utf8_lossy(&received.body).into_owned(),
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }

    /// Says nothing until the other side leaves.
    fn hang(&self, stream: &TcpStream) {
        let _ = stream.set_nonblocking(true);
        let end = Instant::now() + LONGEST_HANG;
        let mut byte = [0];
        while Instant::now() < end && !self.stop.load(Ordering::SeqCst) {
            match stream.peek(&mut byte) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => return,
            }
            wait::pause(Duration::from_millis(50));
        }
    }
}
