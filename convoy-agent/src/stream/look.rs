//! What a tool shows of files, if it works: the evidence for what an agent read.
//! Names of files are as the agent wrote them.

use serde_json::Value;

use super::output::{found_nothing, named_in};
use super::shell;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// The text of these files; a name may be a pattern.
    Files(Vec<String>),
    /// Lines of the files that its output names, or of this one alone.
    Lines(Option<String>),
    /// Names of files, and nothing of what is in them.
    Names(Option<String>),
    /// What a shell command shows, and how it exited.
    Command(String, Option<i64>),
}

impl Look {
    /// What a tool that is told apart by its name and arguments looks at. The names
    /// are those of all CLIs: none means something else in another one.
    pub(super) fn of(tool: &str, input: Option<&Value>) -> Option<Self> {
        let input = input.unwrap_or(&Value::Null);
        let place = || PLACES.iter().map(|key| text(input, key)).find(|place| !place.is_empty());
        let owned = || place().map(str::to_owned);
        Some(match tool {
            "Read" | "NotebookRead" | "read" | "read_file" | "view" => {
                Look::Files(owned().into_iter().collect())
            }
            "read_many_files" => Look::Files(lists(input, &["paths", "include"])),
            // It tells names or counts where it is not asked for lines.
            "Grep" if text(input, "output_mode") != "content" => Look::Names(owned()),
            "grep" if !matches!(text(input, "output_mode"), "" | "content") => Look::Names(owned()),
            "Grep" | "grep" | "grep_search" | "search_file_content" => Look::Lines(owned()),
            "Glob" | "LS" | "glob" | "list" | "list_directory" | "ls" | "find" => Look::Names(owned()),
            "Bash" | "bash" | "shell" | "run_shell_command" => {
                let command = ["command", "cmd"]
                    .map(|key| text(input, key))
                    .into_iter()
                    .find(|words| !words.is_empty())?;
                Look::Command(command.to_owned(), None)
            }
            _ => return None,
        })
    }

    /// Which files its output shows something of.
    pub(crate) fn shown(&self, output: &str) -> Vec<String> {
        match self {
            Look::Files(names) => names.clone(),
            Look::Lines(_) if found_nothing(output) => Vec::new(),
            Look::Lines(place) => place.iter().cloned().chain(named_in(output)).collect(),
            Look::Names(_) => Vec::new(),
            Look::Command(command, exit) => shell::shown(command, *exit, output),
        }
    }

    /// What it was to look at; `None`: it has nothing to do with reading.
    pub(crate) fn targets(&self) -> Option<Vec<String>> {
        match self {
            Look::Files(names) => Some(names.clone()),
            Look::Lines(place) | Look::Names(place) => Some(place.iter().cloned().collect()),
            Look::Command(command, _) => shell::targets(command),
        }
    }
}

const PLACES: [&str; 7] =
    ["file_path", "filePath", "notebook_path", "absolute_path", "path", "dir_path", "directory"];

/// The text of this key; empty: there is none.
fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn lists(input: &Value, keys: &[&str]) -> Vec<String> {
    let items = |key: &&str| match input.get(*key) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    };
    keys.iter().flat_map(items).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(tool: &str, input: &Value, output: &str) -> Vec<String> {
        Look::of(tool, Some(input)).map(|look| look.shown(output)).unwrap_or_default()
    }

    #[test]
    fn lines_are_reading_and_names_are_not() {
        let content = json!({ "pattern": "x", "path": "src", "output_mode": "content" });
        assert_eq!(
            shown("Grep", &content, "src/a-1-b.ts:3:x: y\nsrc/a-1-b.ts-4-z\nsrc/c.ts:9:12:1\n--"),
            ["src", "src/a", "src/a-1-b.ts", "src/c.ts"]
        );
        assert_eq!(shown("Grep", &content, "No matches found"), [""; 0]);
        assert_eq!(
            shown("Grep", &json!({ "pattern": "x", "path": "src/a.ts" }), "Found 1 file\nsrc/a.ts"),
            [""; 0]
        );
        assert_eq!(shown("Glob", &json!({ "pattern": "*" }), "src/a.ts"), [""; 0]);
        assert_eq!(
            shown(
                "grep",
                &json!({ "pattern": "x", "path": "/p" }),
                "Found 2 matches\n/p/src/a.ts:\n  Line 3: x"
            ),
            ["/p", "/p/src/a.ts"]
        );
    }

    #[test]
    fn every_cli_has_its_own_word_for_a_file() {
        for (tool, input) in [
            ("Read", json!({ "file_path": "a" })),
            ("read", json!({ "filePath": "a" })),
            ("read_file", json!({ "absolute_path": "a" })),
            ("NotebookRead", json!({ "notebook_path": "a" })),
            ("read_many_files", json!({ "include": ["a"] })),
            ("bash", json!({ "command": "cat a" })),
            ("run_shell_command", json!({ "command": "cat a" })),
        ] {
            assert_eq!(shown(tool, &input, "text"), ["a"], "{tool}");
        }
        assert_eq!(Look::of("Write", Some(&json!({ "file_path": "a" }))), None);
    }
}
