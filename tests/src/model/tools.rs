//! The tools of each CLI: what a model calls to read, search, write or run.

use std::path::Path;

use serde_json::{Value, json};

use super::Want;

/// Whose tools a model is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tools {
    Claude,
    Codex,
    Gemini,
    Opencode,
    Qwen,
    Pi,
    Copilot,
}

impl Tools {
    /// The tool for something, whether it is offered or not, with its arguments.
    pub(super) fn call(self, want: &Want) -> (&'static str, Value) {
        match want {
            Want::Read(path) => self.read(path),
            Want::Search { word, below } => self.search(word, below),
            Want::List(path) => self.list(path),
            Want::Write(path, text) => self.write(path, text),
            Want::Run(words) => self.run(words),
        }
    }

    fn read(self, path: &Path) -> (&'static str, Value) {
        match self {
            Tools::Claude => ("Read", json!({"file_path": path})),
            Tools::Codex => shell(&["cat", &quoted(path)]),
            Tools::Gemini | Tools::Qwen => ("read_file", json!({"file_path": path})),
            Tools::Opencode => ("read", json!({"filePath": path})),
            Tools::Pi => ("read", json!({"path": path})),
            Tools::Copilot => ("view", json!({"path": path})),
        }
    }

    fn search(self, word: &str, below: &Path) -> (&'static str, Value) {
        match self {
            Tools::Claude => ("Grep", json!({"pattern": word, "path": below, "output_mode": "content"})),
            Tools::Codex => shell(&["grep", "-rh", word, &quoted(below)]),
            Tools::Gemini => ("grep_search", json!({"pattern": word, "dir_path": below})),
            Tools::Qwen => ("grep_search", json!({"pattern": word, "path": below})),
            Tools::Opencode | Tools::Pi => ("grep", json!({"pattern": word, "path": below})),
            Tools::Copilot => ("grep", json!({"pattern": word, "path": below, "output_mode": "content"})),
        }
    }

    fn list(self, path: &Path) -> (&'static str, Value) {
        match self {
            Tools::Claude => ("Glob", json!({"pattern": "*", "path": path})),
            Tools::Codex => shell(&["ls", "-a", &quoted(path)]),
            Tools::Gemini => ("list_directory", json!({"dir_path": path})),
            Tools::Opencode | Tools::Qwen | Tools::Copilot => ("glob", json!({"pattern": "*", "path": path})),
            Tools::Pi => ("find", json!({"pattern": "*", "path": path})),
        }
    }

    fn write(self, path: &Path, text: &str) -> (&'static str, Value) {
        match self {
            Tools::Claude => ("Write", json!({"file_path": path, "content": text})),
            Tools::Codex => shell(&["echo", &format!("'{text}'"), ">", &quoted(path)]),
            Tools::Gemini | Tools::Qwen => ("write_file", json!({"file_path": path, "content": text})),
            Tools::Opencode => ("write", json!({"filePath": path, "content": text})),
            Tools::Pi => ("write", json!({"path": path, "content": text})),
            Tools::Copilot => ("create", json!({"path": path, "file_text": text})),
        }
    }

    fn run(self, words: &str) -> (&'static str, Value) {
        match self {
            Tools::Claude => ("Bash", json!({"command": words, "description": "to order"})),
            Tools::Codex => ("exec_command", json!({"cmd": words})),
            Tools::Gemini => ("run_shell_command", json!({"command": words})),
            Tools::Qwen => ("run_shell_command", json!({"command": words, "is_background": false})),
            Tools::Pi => ("bash", json!({"command": words})),
            Tools::Opencode | Tools::Copilot => {
                ("bash", json!({"command": words, "description": "to order"}))
            }
        }
    }
}

fn shell(words: &[&str]) -> (&'static str, Value) {
    ("exec_command", json!({"cmd": words.join(" ")}))
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}
