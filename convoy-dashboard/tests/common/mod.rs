//! A real dashboard in a sandbox, and plain ways to talk to it: what is sent is
//! exactly what the test says.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    reason = "a test tells by panicking, and each test program uses its part"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use convoy_tests::sandbox::{Launcher, Sandbox};
use convoy_tests::wait;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

pub(crate) struct Dashboard {
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) token: String,
    pub(crate) ticket: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Dashboard {
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &["--port", "0"])
    }

    pub(crate) fn start_with(sandbox: &Sandbox, words: &[&str]) -> Self {
        Self::start_by(sandbox, sandbox.command("convoy-dashboard"), words)
    }

    /// By a command that becomes the dashboard.
    pub(crate) fn start_by(sandbox: &Sandbox, mut command: Command, words: &[&str]) -> Self {
        let mut child =
            command.args(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("start");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
        let (url, ticket) = line.trim().split_once("/#ticket=").expect("an address with a ticket");
        let port: u16 = url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let place = if words.iter().any(|word| word.starts_with("unix:")) {
            "unix".to_owned()
        } else {
            port.to_string()
        };
        let running = std::fs::read(sandbox.home().dashboard(&place)).expect("what it leaves");
        let running: Value = serde_json::from_slice(&running).expect("JSON");
        let token = running["token"].as_str().expect("a token").to_owned();
        Dashboard { child, port, token, ticket: ticket.to_owned() }
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connect");
        stream.set_read_timeout(Some(wait::LIMIT)).expect("a limit");
        stream
    }

    /// Sends these bytes and reads the answer to its end.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        // An answer may come, and the connection go, before everything is sent.
        let _ = stream.write_all(bytes);
        read_answer(&mut stream)
    }

    /// A request with these headers besides `Host` and `Connection`.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.host());
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if !body.is_empty() {
            let _ = write!(text, "Content-Length: {}\r\n", body.len());
        }
        self.raw(format!("{text}\r\n{body}").as_bytes())
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("Authorization", &self.bearer())], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let bearer = self.bearer();
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        self.ask("POST", path, &headers, &body.to_string())
    }

    /// A `WebSocket` with exactly these headers; the status where there is none.
    pub(crate) fn socket(&self, path: &str, headers: &[(&str, &str)]) -> Result<WebSocket<TcpStream>, u16> {
        let mut request = format!("ws://{}{path}", self.host()).into_client_request().expect("an address");
        for (name, value) in headers {
            let name: tungstenite::http::HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a value"));
        }
        match tungstenite::client(request, self.connect()) {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("no handshake: {error}"),
        }
    }

    /// The page's own `WebSocket`.
    pub(crate) fn page_socket(&self, path: &str) -> WebSocket<TcpStream> {
        let (origin, words) =
            (format!("http://{}", self.host()), format!("convoy.v1, bearer.{}", self.token));
        let headers = [("Origin", origin.as_str()), ("Sec-WebSocket-Protocol", words.as_str())];
        self.socket(path, &headers).expect("a WebSocket")
    }

    pub(crate) fn kill(&mut self) {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGKILL).expect("kill");
        self.child.wait().expect("wait");
    }

    pub(crate) fn end(&mut self) -> std::process::ExitStatus {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM).expect("signal");
        self.child.wait().expect("wait")
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn read_answer(stream: &mut impl Read) -> Answer {
    let mut bytes = Vec::new();
    // A reset after the answer is no news.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
        unchunk(body)
    } else {
        body.to_owned()
    };
    Answer { status, head: head.to_owned(), body }
}

fn unchunk(mut text: &str) -> String {
    let mut out = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(part) = rest.get(..size).filter(|part| !part.is_empty()) else { break };
        out.push_str(part);
        text = rest.get(size + 2..).unwrap_or_default();
    }
    out
}

/// The next message that is not a ping; `None` at the end.
pub(crate) fn next(socket: &mut WebSocket<TcpStream>) -> Option<Message> {
    loop {
        match socket.read() {
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(frame)) => return Some(Message::Close(frame)),
            Ok(message) => return Some(message),
            Err(_) => return None,
        }
    }
}

/// Reads texts until one of this kind.
pub(crate) fn until(socket: &mut WebSocket<TcpStream>, kind: &str) -> Value {
    loop {
        match next(socket) {
            Some(Message::Text(text)) => {
                let value: Value = serde_json::from_str(&text).expect("JSON");
                if value["t"] == kind {
                    return value;
                }
            }
            Some(Message::Close(frame)) => panic!("closed while waiting for {kind}: {frame:?}"),
            Some(_) => {}
            None => panic!("ended while waiting for {kind}"),
        }
    }
}

pub(crate) fn tell(socket: &mut WebSocket<TcpStream>, value: &Value) {
    socket.send(Message::Text(value.to_string().into())).expect("send");
}

/// A convoy whose one agent stays until it is stopped.
pub(crate) fn running_convoy(sandbox: &Sandbox) -> String {
    sandbox.agent("stays", &["hang"]);
    sandbox.template("stay", &[r#""role": "one", "subagent": "stays""#], "");
    let id = sandbox.start("stay", &[]);
    sandbox.until_started(1);
    id.to_string()
}

/// Deletes a convoy, once its watcher has left it.
pub(crate) fn remove(sandbox: &Sandbox, id: &str) {
    let removed = || sandbox.run("convoy-ctl", &["rm", id]).status.success().then_some(());
    wait::until("the convoy is deleted", String::new, removed);
}

pub(crate) fn sandbox() -> Sandbox {
    Sandbox::new(Launcher::Process)
}
