//! A terminal of a given size, as a program sees one: what it writes there, and keys.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};

use crate::wait;

/// A program on a terminal of its own.
#[derive(Debug)]
pub struct Pty {
    child: Child,
    keys: File,
    written: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Pty {
    /// Runs the program, whose controlling terminal it is.
    pub fn run(program: &Command, columns: u16, rows: u16) -> Self {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).expect("a pseudo terminal");
        let descriptor = || Stdio::from(pty.slave.try_clone().expect("a descriptor"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]).arg(program.get_program()).args(program.get_args());
        command.env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(dir) = program.get_current_dir() {
            command.current_dir(dir);
        }
        let child =
            command.stdin(descriptor()).stdout(descriptor()).stderr(descriptor()).spawn().expect("setsid");
        // The program's own are the last ones then: its end is the end of the file.
        drop((command, pty.slave));
        let keys = File::from(pty.master);
        let mut from = keys.try_clone().expect("a descriptor");
        let written = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&written);
        let reader = thread::spawn(move || {
            let mut piece = [0; 4096];
            // An error is how the end is told.
            while let Ok(n @ 1..) = from.read(&mut piece) {
                into.lock().expect("what was written").extend_from_slice(&piece[..n]);
            }
        });
        Pty { child, keys, written, reader }
    }

    /// What was written so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().expect("what was written")).into_owned()
    }

    pub fn until(&self, words: &str) {
        let is_there = || self.text().contains(words).then_some(());
        wait::until(&format!("{words:?} is on the terminal"), || self.text(), is_there);
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal that is there");
    }

    /// Again and again, as somebody does who wants to leave.
    pub fn press_until_ended(&mut self, keys: &str) {
        let end = Instant::now() + wait::LIMIT;
        while self.child.try_wait().expect("its end").is_none() {
            assert!(Instant::now() < end, "it goes on: {}", self.text());
            // Nobody reads it any more where it has just ended.
            let _ = self.keys.write_all(keys.as_bytes());
            wait::pause(Duration::from_millis(50));
        }
    }

    /// Its end, and all that it wrote.
    pub fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("its end");
        self.reader.join().expect("all of it");
        let bytes = std::mem::take(&mut *self.written.lock().expect("what was written"));
        (status, String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n"))
    }
}
