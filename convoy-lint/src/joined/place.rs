//! Which file of the project another tool means: by a path from the project, an absolute
//! one, a `file:` URI, or one below a base that it names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use base::{files, text};

use crate::collect::Targets;

/// What a tool's name for a file comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// One that was asked for, relative to the project.
    Asked(PathBuf),
    /// Another one of the project.
    NotAsked,
    /// None that there is.
    Gone(String),
    /// Outside of the project, perhaps on another machine.
    Outside(String),
}

/// Finds files, each name once.
#[derive(Debug)]
pub(crate) struct Places<'t> {
    targets: &'t Targets,
    /// Other directories that stand for the project: links to it, the one it is a copy of.
    roots: Vec<PathBuf>,
    known: HashMap<String, Place>,
}

impl<'t> Places<'t> {
    pub(crate) fn new(targets: &'t Targets, roots: Vec<PathBuf>) -> Self {
        Places { targets, roots, known: HashMap::new() }
    }

    /// A path as the tool prints it.
    pub(crate) fn path(&mut self, path: &str) -> Place {
        self.find(path, false)
    }

    /// A reference of SARIF.
    pub(crate) fn uri(&mut self, uri: &str) -> Place {
        self.find(uri, true)
    }

    fn find(&mut self, name: &str, is_uri: bool) -> Place {
        let key = format!("{}{name}", if is_uri { 'u' } else { 'p' });
        if let Some(place) = self.known.get(&key) {
            return place.clone();
        }
        let place = self.look(name, is_uri);
        self.known.insert(key, place.clone());
        place
    }

    fn look(&self, name: &str, is_uri: bool) -> Place {
        let outside = || Place::Outside(text::visible(name));
        if !is_uri {
            return self.of_path(Path::new(name)).unwrap_or_else(outside);
        }
        let Some(path) = path_of_uri(name) else { return outside() };
        match self.of_path(&decoded(path)) {
            // Some tools do not encode what they write: `100%25.py` as it is.
            Some(Place::Gone(_)) | None if path.contains('%') => match self.of_path(Path::new(path)) {
                Some(found @ (Place::Asked(_) | Place::NotAsked)) => found,
                _ => self.of_path(&decoded(path)).unwrap_or_else(outside),
            },
            found => found.unwrap_or_else(outside),
        }
    }

    /// `None`: it is outside of the project.
    fn of_path(&self, path: &Path) -> Option<Place> {
        if has_drive(path) {
            return None;
        }
        let relative = if path.is_absolute() {
            let roots = std::iter::once(&self.targets.project).chain(&self.roots);
            roots.filter_map(|root| path.strip_prefix(root).ok()).find_map(plain)?
        } else {
            plain(path)?
        };
        let place = self.of_file(&relative);
        // As Windows writes it.
        let name = relative.to_str().filter(|name| name.contains('\\'));
        match (&place, name) {
            (Place::Gone(_), Some(name)) => {
                let other = self.of_file(&plain(Path::new(&name.replace('\\', "/")))?);
                Some(if matches!(other, Place::Gone(_)) { place } else { other })
            }
            _ => Some(place),
        }
    }

    fn of_file(&self, relative: &Path) -> Place {
        if self.is_asked(relative) {
            return Place::Asked(relative.to_owned());
        }
        match self.targets.project.join(relative).canonicalize() {
            Ok(real) => match real.strip_prefix(&self.targets.project) {
                // By a link to it.
                Ok(real) if self.is_asked(real) => Place::Asked(real.to_owned()),
                _ => Place::NotAsked,
            },
            Err(_) => Place::Gone(text::path(relative)),
        }
    }

    fn is_asked(&self, file: &Path) -> bool {
        self.targets.files.contains(file) || self.targets.skipped.contains_key(file)
    }
}

/// The path of a reference, still encoded; `None`: it is of no file here.
fn path_of_uri(uri: &str) -> Option<&str> {
    let Some((scheme, rest)) = uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return Some(uri);
    };
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let Some(rest) = rest.strip_prefix("//") else { return Some(rest) };
    let path = &rest[rest.find('/')?..];
    let host = &rest[..rest.len() - path.len()];
    (host.is_empty() || host == "localhost").then_some(path)
}

/// A drive's letter is none.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// `C:\src`, of Windows.
fn has_drive(path: &Path) -> bool {
    matches!(path.as_os_str().as_encoded_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

/// With every `%41` as the byte it is.
pub(crate) fn decoded(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |n: usize| char::from(*bytes.get(at + n)?).to_digit(16);
        match (byte, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    PathBuf::from(OsString::from_vec(out))
}

/// A relative path without `.` and `..`; `None`: it leads out, is absolute, or names nothing.
fn plain(path: &Path) -> Option<PathBuf> {
    files::joined(Path::new(""), path).filter(|plain| !plain.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_found_by_whatever_form_its_path_has() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("src")).unwrap();
        for name in ["a b.js", "é.js", "100%25.js", "other.js"] {
            fs::write(root.join("src").join(name), "").unwrap();
        }
        std::os::unix::fs::symlink("src/é.js", root.join("link.js")).unwrap();
        let files = ["src/a b.js", "src/é.js", "src/100%25.js"].map(PathBuf::from);
        let targets = Targets::of_files(&root, &files).unwrap();
        let mut places = Places::new(&targets, vec![PathBuf::from("/ci/work/app")]);
        let root = root.to_str().unwrap();
        let asked = |name: &str| Place::Asked(PathBuf::from(name));
        for (path, want) in [
            ("src/a b.js".to_owned(), asked("src/a b.js")),
            ("./src/../src/é.js".to_owned(), asked("src/é.js")),
            (format!("{root}/src/é.js"), asked("src/é.js")),
            ("/ci/work/app/src/é.js".to_owned(), asked("src/é.js")),
            ("src\\é.js".to_owned(), asked("src/é.js")),
            ("link.js".to_owned(), asked("src/é.js")),
            ("src/other.js".to_owned(), Place::NotAsked),
            ("src/gone.js".to_owned(), Place::Gone("src/gone.js".to_owned())),
            ("../x.js".to_owned(), Place::Outside("../x.js".to_owned())),
            ("/home/runner/src/é.js".to_owned(), Place::Outside("/home/runner/src/é.js".to_owned())),
            ("C:\\src\\é.js".to_owned(), Place::Outside("C:\\src\\é.js".to_owned())),
        ] {
            assert_eq!(places.path(&path), want, "{path}");
        }
        for (uri, want) in [
            ("src/a%20b.js".to_owned(), asked("src/a b.js")),
            ("src/a b.js".to_owned(), asked("src/a b.js")),
            ("src/%C3%A9.js".to_owned(), asked("src/é.js")),
            ("src/100%2525.js".to_owned(), asked("src/100%25.js")),
            ("src/100%25.js".to_owned(), asked("src/100%25.js")),
            (format!("file://{root}/src/%c3%a9.js"), asked("src/é.js")),
            (format!("file://localhost{root}/src/é.js"), asked("src/é.js")),
            (format!("file:{root}/src/é.js"), asked("src/é.js")),
            ("file://far/src/é.js".to_owned(), Place::Outside("file://far/src/é.js".to_owned())),
            ("https://x/src/é.js".to_owned(), Place::Outside("https://x/src/é.js".to_owned())),
            ("file://".to_owned(), Place::Outside("file://".to_owned())),
        ] {
            assert_eq!(places.uri(&uri), want, "{uri}");
        }
    }

    #[test]
    fn nothing_is_decoded_that_is_not_encoded() {
        assert_eq!(decoded("%4g%4%"), PathBuf::from("%4g%4%"));
        assert_eq!(decoded("%2e%2E/a"), PathBuf::from("../a"));
    }
}
