//! Finding convoys: all of them, or the one a person means.

use std::ffi::OsString;
use std::fs;
use std::io;

use crate::error::{Error, Result};
use crate::ids::ConvoyId;
use crate::layout::Home;

/// The ids of all convoys, in no particular order. A directory that cannot be
/// read is not one without convoys.
pub fn all_ids(home: &Home) -> Result<Vec<ConvoyId>> {
    Ok(names(home)?.iter().filter_map(|name| Home::id_of_state_file(name.to_str()?)).collect())
}

/// The names in `convoys/`; none before the first start.
pub fn names(home: &Home) -> Result<Vec<OsString>> {
    let path = home.convoys();
    let read = |entries: fs::ReadDir| entries.map(|entry| Ok(entry?.file_name())).collect();
    match fs::read_dir(&path).and_then(read) {
        Ok(names) => Ok(names),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(Error::Unreadable { path, source }),
    }
}

/// The convoy meant by a full id or a unique beginning of its last part.
pub fn resolve(home: &Home, text: &str) -> Result<ConvoyId> {
    if let Ok(id) = text.parse::<ConvoyId>()
        && home.convoy(&id).state().exists()
    {
        return Ok(id);
    }
    let found: Vec<ConvoyId> = all_ids(home)?.into_iter().filter(|id| id.short().starts_with(text)).collect();
    match <[ConvoyId; 1]>::try_from(found) {
        Ok([id]) => Ok(id),
        Err(found) if found.is_empty() => Err(Error::NoConvoy(crate::text::visible(text))),
        Err(found) => Err(Error::Ambiguous {
            prefix: text.to_owned(),
            candidates: found.iter().map(ToString::to_string).collect(),
        }),
    }
}
