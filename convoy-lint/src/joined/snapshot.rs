//! Files as they were read, in a directory of their own: what is run on them sees nothing
//! else of the project, no settings, no links, no name that is an option.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A file, and its text or why it is not to be looked at.
pub(super) type Text<'t> = dyn Fn(&Path) -> Result<String, String> + 't;

/// A copy of files; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Snapshot {
    _dir: TempDir,
    /// Without links.
    root: PathBuf,
    /// Each in a directory that is called by its number.
    names: Vec<String>,
    /// What they are called in the project.
    paths: Vec<PathBuf>,
    /// The files that are not among them, and why.
    unfit: Vec<(PathBuf, String)>,
}

impl Snapshot {
    /// Copies the files whose text can be had.
    pub(super) fn of(files: &[&Path], text: &Text<'_>) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("convoy-lint-").tempdir()?;
        let root = dir.path().canonicalize()?;
        let mut it = Snapshot { _dir: dir, root, names: Vec::new(), paths: Vec::new(), unfit: Vec::new() };
        for path in files {
            match text(path) {
                Ok(text) => {
                    let number = it.names.len();
                    let name = format!("{number}/{}", plain_name(path));
                    fs::create_dir(it.root.join(number.to_string()))?;
                    fs::write(it.root.join(&name), text)?;
                    it.names.push(name);
                    it.paths.push(path.to_path_buf());
                }
                Err(why) => it.unfit.push((path.to_path_buf(), why)),
            }
        }
        Ok(it)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Relative to the root, in the order of the files.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// As the project calls them, in the same order.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    pub(super) fn unfit(&self) -> &[(PathBuf, String)] {
        &self.unfit
    }

    /// The number of the file that a program means by this path.
    pub(super) fn number(&self, printed: &str) -> Option<usize> {
        let path = Path::new(printed);
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let number = relative.to_str()?.split_once('/')?.0.parse().ok()?;
        self.names.get(number).is_some_and(|name| Path::new(name) == relative).then_some(number)
    }
}

/// The name of a file, where it means something to a tool (`__init__.py`) and nothing to
/// a command line; else a plain one of the same kind.
fn plain_name(path: &Path) -> String {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let is_plain = name.len() < 100
        && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if is_plain {
        return name.to_owned();
    }
    let extension =
        path.extension().and_then(OsStr::to_str).filter(|ext| ext.chars().all(char::is_alphanumeric));
    extension.map_or_else(|| "file".to_owned(), |extension| format!("file.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_again_by_what_is_printed_of_it() {
        let files = ["a/__init__.py", "gone.py", "--config=x.py", "new\nline.sh"].map(Path::new);
        let text = |path: &Path| match path.to_str() {
            Some("gone.py") => Err("no such file".to_owned()),
            _ => Ok(path.display().to_string()),
        };
        let snapshot = Snapshot::of(&files, &text).unwrap();
        assert_eq!(snapshot.unfit(), [(PathBuf::from("gone.py"), "no such file".to_owned())]);
        assert_eq!(snapshot.paths()[1], files[2]);
        assert_eq!(snapshot.names(), ["0/__init__.py", "1/file.py", "2/file.sh"]);
        let full = snapshot.root().join("1/file.py");
        assert_eq!(fs::read(&full).unwrap(), b"--config=x.py");
        assert_eq!(snapshot.number(full.to_str().unwrap()), Some(1));
        assert_eq!(snapshot.number("2/file.sh"), Some(2));
        for other in ["2/other.sh", "3/file.sh", "", "/etc/passwd", "2"] {
            assert_eq!(snapshot.number(other), None, "{other}");
        }
    }
}
