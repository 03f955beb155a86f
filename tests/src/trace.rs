//! System calls seen and meddled with by strace.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::programs;
use crate::sandbox::Sandbox;

/// One system call of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    /// The whole line.
    pub line: String,
}

impl Call {
    pub fn is_injected(&self) -> bool {
        self.line.ends_with("(INJECTED)")
    }
}

/// Is there a strace, and may it trace?
pub fn may_trace() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().is_ok_and(|status| status.success()) && Path::new("/proc/self/exe").exists()
}

/// strace in front of a program, with these of its own arguments. It follows no
/// child and no thread: what is counted and injected is the program's own.
pub fn traced<S: AsRef<str>>(sandbox: &Sandbox, options: &[&str], program: &str, arguments: &[S]) -> Command {
    let mut command = Command::new("strace");
    sandbox.surround(&mut command);
    command.args(["-qq", "-o"]).arg(sandbox.path("trace")).args(options).arg(programs::dir().join(program));
    command.args(arguments.iter().map(AsRef::as_ref));
    command
}

/// The calls of the last traced run, in order.
pub fn calls(sandbox: &Sandbox) -> Vec<Call> {
    let bytes = fs::read(sandbox.path("trace")).expect("a trace");
    let text = String::from_utf8_lossy(&bytes);
    let call = |line: &str| {
        let (name, _) = line.split_once('(')?;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then(|| Call { name: name.to_owned(), line: line.to_owned() })
    };
    text.lines().filter_map(call).collect()
}
