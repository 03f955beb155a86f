//! A client of the Model Context Protocol, of a page: lines of JSON to a server's
//! standard input, and what it says until an answer comes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::wait;

/// A server that runs, and what it has said so far.
#[derive(Debug)]
pub struct Client {
    server: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    number: u64,
    /// What came besides the answers that were waited for.
    pub notices: Vec<Value>,
}

impl Client {
    /// Starts it; nothing is said yet.
    pub fn start(mut command: Command) -> Self {
        // A group of its own, so that it can be killed with all of that.
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut server = command.spawn().expect("start the server");
        let (input, output) = (server.stdin.take(), server.stdout.take().expect("its output"));
        let (told, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    return;
                }
            }
        });
        Client { server, input, lines, number: 0, notices: Vec::new() }
    }

    /// Starts it and shakes hands, as most clients do.
    pub fn connect(command: Command) -> Self {
        let mut client = Self::start(command);
        let hello = client.ask("initialize", &json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
        }));
        assert_eq!(hello["result"]["serverInfo"]["name"], "pan", "{hello}");
        client.line(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        client
    }

    /// Sends a line as it is. A server that has ended takes none.
    pub fn line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input is open");
        let _ = input.write_all(line.as_bytes()).and_then(|()| input.write_all(b"\n"));
    }

    /// Asks, and returns the number of the question.
    pub fn begin(&mut self, method: &str, params: &Value) -> u64 {
        self.number += 1;
        let number = self.number;
        self.line(&json!({ "jsonrpc": "2.0", "id": number, "method": method, "params": params }).to_string());
        number
    }

    /// Begins a call of a tool that wants to hear how it goes.
    pub fn begin_call(&mut self, tool: &str, arguments: &Value) -> u64 {
        let token = self.number + 1;
        let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": token } });
        self.begin("tools/call", &params)
    }

    /// The answer to this question; what else comes meanwhile is kept.
    pub fn answer(&mut self, number: u64) -> Value {
        if let Some(at) = self.notices.iter().position(|notice| notice["id"] == number) {
            return self.notices.remove(at);
        }
        loop {
            let line = self.next_line(wait::LIMIT).expect("an answer in time");
            let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if value["id"] == number {
                return value;
            }
            self.notices.push(value);
        }
    }

    fn next_line(&self, limit: Duration) -> Option<String> {
        self.lines.recv_timeout(limit).ok()
    }

    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        let number = self.begin(method, params);
        self.answer(number)
    }

    /// Calls a tool: is it an error, and what does it say? Text and structured content
    /// must be the same.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> (bool, Value) {
        let number = self.begin_call(tool, arguments);
        let answer = self.answer(number);
        Self::said(&answer)
    }

    /// What the answer to a call says.
    pub fn said(answer: &Value) -> (bool, Value) {
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {answer}"));
        assert!(text.chars().count() <= 40_000, "{} characters", text.chars().count());
        let said: Value = serde_json::from_str(text).expect("JSON in the text");
        assert_eq!(said, result["structuredContent"], "both say the same");
        (result["isError"] == true, said)
    }

    /// Calls a tool that must answer.
    pub fn ok(&mut self, tool: &str, arguments: &Value) -> Value {
        let (is_error, said) = self.call(tool, arguments);
        assert!(!is_error, "{tool} {arguments}: {said}");
        said
    }

    /// SIGKILL to it and all of its group, as a terminal that is closed or a client
    /// that cleans up does.
    pub fn kill_group(&mut self) {
        let group = Pid::from_raw(self.server.id() as i32);
        killpg(group, Signal::SIGKILL).expect("kill the server's group");
        self.server.wait().expect("its end");
    }

    /// Ends its input; how it ended, and how long that took.
    pub fn close(&mut self) -> (ExitStatus, Duration) {
        let begun = Instant::now();
        self.input = None;
        let status =
            wait::until("the server has ended", String::new, || self.server.try_wait().expect("its status"));
        (status, begun.elapsed())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
