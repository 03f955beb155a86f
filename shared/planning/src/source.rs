//! Files that people write, read whole, as text.

use std::path::Path;
use std::{fs, io};

use base::files;

use crate::diagnostic::Diagnostic;
use crate::document::Source;

/// What to do about text in another encoding.
pub(crate) const UTF8: &str = "write it in UTF-8: iconv -t UTF-8 FILE";

/// An agent file; what is no UTF-8 in it is replaced, and told when it is read.
pub fn read_agent(path: &Path) -> Result<Option<Source>, Diagnostic> {
    let source = |bytes: Vec<u8>| Source {
        name: base::text::path(path),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    };
    Ok(there(path, files::read(path))?.map(source))
}

/// Reads a file a person wrote; `None` if it is not there. A pipe is none.
pub(crate) fn read_file(path: &Path) -> Result<Option<Source>, Diagnostic> {
    source(path, files::read(path))
}

/// Reads what a person named: it may as well be a pipe, which is waited for.
pub(crate) fn read_named(path: &Path) -> Result<Option<Source>, Diagnostic> {
    source(path, fs::read(path))
}

fn source(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<Option<Source>, Diagnostic> {
    let name = base::text::path(path);
    match there(path, bytes)?.map(String::from_utf8) {
        Some(Ok(text)) => Ok(Some(Source { name, text })),
        Some(Err(_)) => Err(Diagnostic::new("it is not UTF-8 text").in_file(name).hint(UTF8)),
        None => Ok(None),
    }
}

fn there(path: &Path, bytes: io::Result<Vec<u8>>) -> Result<Option<Vec<u8>>, Diagnostic> {
    match bytes {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Diagnostic::of_io(format_args!("cannot read {}", base::text::path(path)), &error)),
    }
}
