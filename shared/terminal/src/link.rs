//! Places as links (OSC 8), which a terminal opens in the editor or the viewer.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use base::environment::Environment;
use base::style::Style;
use base::text;

/// Editors that open `NAME://file/PATH:LINE`, and the words by which they are known.
const SCHEMES: [(&str, &str); 5] = [
    ("code-insiders", "vscode-insiders"),
    ("code", "vscode"),
    ("cursor", "cursor"),
    ("windsurf", "windsurf"),
    ("zed", "zed"),
];

/// How places of a project are linked; or not at all.
#[derive(Debug, Clone)]
pub struct Links {
    /// The project; `None`: nothing is linked.
    root: Option<PathBuf>,
    scheme: Option<&'static str>,
}

impl Links {
    /// No links: the text is for a file, or for a terminal without colour.
    pub fn none() -> Self {
        Links { root: None, scheme: None }
    }

    /// Links to the files of this project, where the screen takes them.
    pub fn to(environment: &Environment, style: &Style, root: &Path) -> Self {
        if !style.colour {
            return Links::none();
        }
        Links { root: Some(root.to_path_buf()), scheme: scheme(environment) }
    }

    /// The text as a link to a line of a file of the project, if that is there.
    pub fn place(&self, file: &Path, line: Option<u32>, text: &str) -> String {
        let Some(root) = &self.root else { return text.to_owned() };
        let path = root.join(file);
        if !path.is_file() {
            return text.to_owned();
        }
        let path = encoded(&path);
        let target = match (self.scheme, line) {
            (Some(scheme), Some(line)) => format!("{scheme}://file{path}:{line}"),
            (Some(scheme), None) => format!("{scheme}://file{path}"),
            (None, Some(line)) => format!("file://{path}#{line}"),
            (None, None) => format!("file://{path}"),
        };
        linked(&target, text)
    }

    /// `src/a.ts:3-9` as a link, if it is a place of the project.
    pub(crate) fn shown(&self, place: &str) -> String {
        if self.root.is_none() {
            return place.to_owned();
        }
        let (file, line) = parted(place);
        self.place(Path::new(file), line, place)
    }

    /// The text as a link to an address, where the screen takes links.
    pub(crate) fn address(&self, address: &str, text: &str) -> String {
        let known = ["https://", "http://", "mailto:"].iter().any(|scheme| address.starts_with(scheme));
        if self.root.is_some() && known { linked(&plain(address), text) } else { text.to_owned() }
    }
}

/// The file and the first line of `src/a.ts:3-9`.
fn parted(place: &str) -> (&str, Option<u32>) {
    let lines = place.rsplit_once(':').and_then(|(file, lines)| {
        let first = lines.split('-').next()?;
        Some((file, first.parse().ok()?))
    });
    lines.map_or((place, None), |(file, line)| (file, Some(line)))
}

fn linked(target: &str, text: &str) -> String {
    format!("\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\")
}

/// What cannot end the sequence that it stands in.
fn plain(address: &str) -> String {
    address.chars().filter(char::is_ascii_graphic).collect()
}

fn encoded(path: &Path) -> String {
    text::percent_encoded(path.as_os_str().as_bytes(), b"/-_.~")
}

/// The editor of whose terminal this is, else the one that the user names.
fn scheme(environment: &Environment) -> Option<&'static str> {
    let var = |name: &str| environment.var(name).and_then(|value| value.to_str()).unwrap_or_default();
    if var("TERM_PROGRAM") == "vscode" {
        return Some("vscode");
    }
    let of = |command: &str| {
        let program = command.split_whitespace().next().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default();
        SCHEMES.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme)
    };
    of(var("VISUAL")).or_else(|| of(var("EDITOR")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_there_is_a_link_to_its_line() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a b.ts"), "x").unwrap();
        let root = encoded(&std::fs::canonicalize(dir.path()).unwrap());
        let links = |scheme| Links { root: Some(std::fs::canonicalize(dir.path()).unwrap()), scheme };
        for (scheme, place, want) in [
            (None, "a b.ts:3-9", format!("file://{root}/a%20b.ts#3")),
            (Some("vscode"), "a b.ts:3", format!("vscode://file{root}/a%20b.ts:3")),
            (Some("vscode"), "a b.ts", format!("vscode://file{root}/a%20b.ts")),
        ] {
            assert_eq!(links(scheme).shown(place), format!("\x1b]8;;{want}\x1b\\{place}\x1b]8;;\x1b\\"));
        }
        assert_eq!(links(None).shown("gone.ts:3"), "gone.ts:3");
        assert_eq!(Links::none().shown("a b.ts:3"), "a b.ts:3");
        assert_eq!(links(None).address("javascript:x", "t"), "t");
    }

    #[test]
    fn the_editor_is_the_users() {
        let of = |pairs: &[(&str, &str)]| {
            let variables = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let environment = Environment::from_parts(variables, "/".into()).unwrap();
            scheme(&environment)
        };
        let home = ("HOME", "/h");
        assert_eq!(of(&[home, ("EDITOR", "/usr/bin/code --wait")]), Some("vscode"));
        assert_eq!(of(&[home, ("VISUAL", "zed"), ("EDITOR", "vim")]), Some("zed"));
        assert_eq!(of(&[home, ("EDITOR", "vim")]), None);
        assert_eq!(of(&[home, ("TERM_PROGRAM", "vscode"), ("EDITOR", "vim")]), Some("vscode"));
    }
}
