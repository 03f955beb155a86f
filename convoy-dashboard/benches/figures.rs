//! Figures of the server: many viewers of one log, some of whom never read, and
//! what it costs to do nothing. Against the program of this profile:
//!
//!     cargo bench -p convoy-dashboard

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark tells what it found")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Dashboard, running_convoy, sandbox, tell};
use convoy_tests::wait;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde_json::json;

const VIEWERS: usize = 500;
const SILENT: usize = 50;
const SECONDS: u64 = 10;
/// Bytes of a line; each begins with when it was written, in µs.
const LINE: usize = 256;
const LINES_PER_SECOND: u64 = 4096;
const ACK_EVERY: u64 = 64 << 10;

/// One viewer that reads: a reader of frames, and what it has seen.
struct Viewer {
    stream: TcpStream,
    buffer: Vec<u8>,
    offset: Option<u64>,
    acked: u64,
    bytes: u64,
    skipped: u64,
    wrong: u64,
}

fn main() {
    println!("{:<52} {:>34}   goal", "figure", "found");
    idle();
    many();
}

fn status(pid: u32, key: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = text.lines().find(|line| line.starts_with(key)).expect("a line");
    line.split_whitespace().nth(1).and_then(|word| word.parse::<f64>().ok()).expect("kB") / 1024.0
}

/// Time on a processor so far, in ms.
fn cpu(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its times");
    let words: Vec<&str> = text.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks = |n: usize| words.get(n).and_then(|word| word.parse::<u64>().ok()).expect("ticks");
    (ticks(11) + ticks(12)) * 10
}

fn idle() {
    let sandbox = sandbox();
    let dashboard = Dashboard::start(&sandbox);
    let pid = dashboard.child.id();
    assert_eq!(dashboard.get("/api/convoys").status, 200);
    let before = cpu(pid);
    wait::pause(Duration::from_secs(10));
    println!("{:<52} {:>31.1} MB   8 MB", "RSS, idle", status(pid, "VmRSS"));
    println!("{:<52} {:>31} ms   0", "processor time in 10 s, idle", cpu(pid) - before);
}

fn many() {
    let sandbox = sandbox();
    let id = running_convoy(&sandbox);
    let dashboard = Dashboard::start(&sandbox);
    let pid = dashboard.child.id();
    let path = format!("/api/convoys/{id}/stream");
    let mut viewers: Vec<Viewer> = (0..VIEWERS)
        .map(|_| {
            let mut socket = dashboard.page_socket(&path);
            tell(&mut socket, &json!({ "t": "sub", "agents": [{ "i": 0, "from": 0 }] }));
            Viewer::of(socket.get_ref().try_clone().expect("the stream"))
        })
        .collect();
    let silent: Vec<Viewer> = viewers.drain(..SILENT).collect();
    let connected = status(pid, "VmRSS");
    println!("{:<52} {connected:>31.1} MB   -", format!("RSS, {VIEWERS} viewers connected"));
    let log = sandbox.dir_of(&id.parse().expect("an id")).attempt(&"one".parse().expect("a role"), 1).log();
    let before = cpu(pid);
    let (viewers, waits, written) = watched(viewers, |begin| write_log(&log, begin));
    let used = cpu(pid) - before;
    let floor = floor();
    for (name, waits) in [
        ("1 MB/s to 450 viewers, 50 more never read", &waits),
        ("floor: the same bytes to 450 plain sockets", &floor),
    ] {
        let found = [0.5, 0.95, 0.99].map(|part| quantile(waits, part));
        let found = format!("p50 {:.1} p95 {:.1} p99 {:.1} ms", found[0], found[1], found[2]);
        println!("{name:<52} {found:>34}   p95 20 ms");
    }
    let ratio = quantile(&waits, 0.95) / quantile(&floor, 0.95);
    println!("{:<52} {ratio:>34.2}   -", "p95, product : floor");
    println!("{:<52} {:>31} ms   -", format!("processor time of it in {SECONDS} s"), used);
    println!("{:<52} {:>31.1} MB   40 MB", "RSS at most, meanwhile", status(pid, "VmHWM"));
    let sum = |of: fn(&Viewer) -> u64| viewers.iter().map(of).sum::<u64>();
    println!("{:<52} {:>31.2} GB   -", "delivered", sum(|viewer| viewer.bytes) as f64 / 1e9);
    let lost = viewers.iter().filter(|viewer| viewer.bytes + viewer.skipped != written).count();
    let lost = lost + sum(|viewer| viewer.wrong) as usize;
    println!("{:<52} {lost:>34}   0", "viewers that miss bytes without a notice");
    println!("{:<52} {:>31.1} MB   -", "skipped with a notice", sum(|viewer| viewer.skipped) as f64 / 1e6);
    drop((viewers, silent));
    // Those who never read are given up after a while.
    wait::pause(Duration::from_secs(30));
    println!("{:<52} {:>31.1} MB   12 MB", "RSS, idle after that", status(pid, "VmRSS"));
}

fn quantile(sorted: &[u64], part: f64) -> f64 {
    sorted
        .get(((sorted.len().max(1) - 1) as f64 * part) as usize)
        .map_or(f64::NAN, |wait| *wait as f64 / 1000.0)
}

/// Lets viewers read while `write` writes; they, how long lines were on their
/// way (µs, sorted), and how much was written.
fn watched(mut viewers: Vec<Viewer>, write: impl FnOnce(Instant) -> u64) -> (Vec<Viewer>, Vec<u64>, u64) {
    let (begin, over, waits) =
        (Instant::now(), Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let second = viewers.split_off(viewers.len() / 2);
    let readers: Vec<_> = [viewers, second]
        .into_iter()
        .map(|viewers| {
            let (over, waits) = (Arc::clone(&over), Arc::clone(&waits));
            std::thread::spawn(move || read_all(viewers, begin, &over, &waits))
        })
        .collect();
    let written = write(begin);
    wait::pause(Duration::from_secs(3));
    over.store(true, Ordering::Relaxed);
    let viewers = readers.into_iter().flat_map(|reader| reader.join().expect("a reader")).collect();
    let mut waits = std::mem::take(&mut *waits.lock().expect("the waits"));
    waits.sort_unstable();
    (viewers, waits, written)
}

/// The same lines at the same pace, as frames, from one thread to plain sockets:
/// what this machine can do at this moment.
fn floor() -> Vec<u64> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listen");
    let address = listener.local_addr().expect("an address");
    let mut sockets = Vec::new();
    let viewers: Vec<Viewer> = (0..VIEWERS - SILENT)
        .map(|_| {
            let stream = TcpStream::connect(address).expect("connect");
            let (socket, _) = listener.accept().expect("accept");
            socket.set_nodelay(true).expect("no delay");
            sockets.push(socket);
            Viewer::of(stream)
        })
        .collect();
    watched(viewers, |begin| {
        let (mut lines, mut offset) = (0, 0_u64);
        while begin.elapsed() < Duration::from_secs(SECONDS) {
            let text = lines_due(begin, &mut lines);
            if !text.is_empty() {
                let mut frame = vec![0x82, 126];
                frame.extend_from_slice(&(text.len() as u16 + 15).to_be_bytes());
                frame.extend_from_slice(&[1, 0, 0, 0, 0, 0, 1]);
                frame.extend_from_slice(&offset.to_be_bytes());
                frame.extend_from_slice(text.as_bytes());
                offset += text.len() as u64;
                for socket in &mut sockets {
                    socket.write_all(&frame).expect("send");
                }
            }
            wait::pause(Duration::from_millis(5));
        }
        offset
    })
    .1
}

/// The lines that are due by now, each with when it is written; at most what
/// fits into a short frame.
fn lines_due(begin: Instant, lines: &mut u64) -> String {
    let due = (begin.elapsed().as_millis() as u64 * LINES_PER_SECOND / 1000).min(*lines + 200);
    let mut text = String::new();
    while *lines < due {
        let stamp = format!("{:012} ", begin.elapsed().as_micros());
        text.push_str(&stamp);
        text.push_str(&"x".repeat(LINE - stamp.len() - 1));
        text.push('\n');
        *lines += 1;
    }
    text
}

/// Appends lines at an even pace; how many bytes in all.
fn write_log(path: &std::path::Path, begin: Instant) -> u64 {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("the log");
    let mut lines = 0;
    while begin.elapsed() < Duration::from_secs(SECONDS) {
        file.write_all(lines_due(begin, &mut lines).as_bytes()).expect("write");
        wait::pause(Duration::from_millis(5));
    }
    file.metadata().expect("metadata").len()
}

fn read_all(
    mut viewers: Vec<Viewer>,
    begin: Instant,
    over: &AtomicBool,
    waits: &Mutex<Vec<u64>>,
) -> Vec<Viewer> {
    let mut seen = Vec::new();
    let mut bytes = vec![0; 256 << 10];
    while !over.load(Ordering::Relaxed) {
        let mut fds: Vec<PollFd<'_>> =
            viewers.iter().map(|viewer| PollFd::new(viewer.stream.as_fd(), PollFlags::POLLIN)).collect();
        let _ = poll(&mut fds, PollTimeout::from(100_u8));
        let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        drop(fds);
        for (n, (viewer, _)) in viewers.iter_mut().zip(ready).filter(|(_, ready)| *ready).enumerate() {
            while let Ok(got) = viewer.stream.read(&mut bytes) {
                if got == 0 {
                    break;
                }
                viewer.buffer.extend_from_slice(&bytes[..got]);
            }
            viewer.take(begin, if n % 16 == 0 { Some(&mut seen) } else { None });
        }
    }
    waits.lock().expect("the waits").extend(seen);
    viewers
}

impl Viewer {
    fn of(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).expect("non-blocking");
        Viewer { stream, buffer: Vec::new(), offset: None, acked: 0, bytes: 0, skipped: 0, wrong: 0 }
    }

    /// Takes the whole frames of the buffer.
    fn take(&mut self, begin: Instant, mut waits: Option<&mut Vec<u64>>) {
        let mut at = 0;
        while let Some((kind, payload)) = frame(&self.buffer[at..]) {
            let head = self.buffer[at + 1] & 0x7f;
            let skip = match head {
                126 => 4,
                127 => 10,
                _ => 2,
            };
            let data = &self.buffer[at + skip..at + skip + payload];
            match kind {
                2 => {
                    let offset = u64::from_be_bytes(data[7..15].try_into().expect("8 bytes"));
                    self.wrong += u64::from(self.offset.is_some_and(|known| known != offset));
                    let output = &data[15..];
                    if let Some(waits) = waits.as_deref_mut() {
                        let now = begin.elapsed().as_micros() as u64;
                        for line in output.chunks(LINE).filter(|_| offset % LINE as u64 == 0) {
                            let stamp = line
                                .get(..12)
                                .and_then(|text| std::str::from_utf8(text).ok()?.parse::<u64>().ok());
                            waits.extend(stamp.map(|stamp| now.saturating_sub(stamp)));
                        }
                    }
                    self.bytes += output.len() as u64;
                    self.offset = Some(offset + output.len() as u64);
                }
                1 => {
                    let value: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
                    if value["t"] == "gap" {
                        let (from, to) =
                            (value["from"].as_u64().unwrap_or(0), value["to"].as_u64().unwrap_or(0));
                        self.skipped += to - from;
                        self.offset = Some(to);
                    }
                }
                _ => {}
            }
            at += skip + payload;
        }
        self.buffer.drain(..at);
        if let Some(offset) = self.offset
            && offset - self.acked >= ACK_EVERY
        {
            self.acked = offset;
            let text = json!({ "t": "ack", "i": 0, "upto": offset }).to_string();
            let mut bytes = vec![0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
            bytes.extend_from_slice(text.as_bytes());
            let _ = self.stream.write_all(&bytes);
        }
    }
}

/// Kind and length of the first frame, if all of it is there.
fn frame(bytes: &[u8]) -> Option<(u8, usize)> {
    let (first, second) = (bytes.first()?, bytes.get(1)? & 0x7f);
    let (skip, length) = match second {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        n => (2, usize::from(n)),
    };
    (bytes.len() >= skip + length).then_some((first & 0x0f, length))
}
