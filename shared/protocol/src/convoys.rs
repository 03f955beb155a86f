//! Finding convoys: all of them, or the one a person means.

use std::ffi::OsString;

use base::error::{Error, Result};
use base::files;
use base::ids::ConvoyId;

use crate::layout::Home;

/// The ids of all convoys, in no particular order. A directory that cannot be
/// read is not one without convoys.
pub fn all_ids(home: &Home) -> Result<Vec<ConvoyId>> {
    Ok(names(home)?.iter().filter_map(|name| Home::id_of_state_file(name.to_str()?)).collect())
}

/// The names in `convoys/`; none before the first start.
pub fn names(home: &Home) -> Result<Vec<OsString>> {
    files::names(&home.convoys()).map_err(|error| match error {
        Error::Io { path, source, .. } => Error::Unreadable { path, source },
        error => error,
    })
}

/// The convoy meant by a full id or a unique beginning of its last part.
pub fn resolve(home: &Home, text: &str) -> Result<ConvoyId> {
    if let Ok(id) = text.parse::<ConvoyId>() {
        let state = home.convoy(&id).state();
        let found = files::find(&state);
        if found.map_err(|source| Error::Unreadable { path: home.convoys(), source })?.is_some() {
            return Ok(id);
        }
    }
    let found: Vec<ConvoyId> = all_ids(home)?.into_iter().filter(|id| id.short().starts_with(text)).collect();
    match <[ConvoyId; 1]>::try_from(found) {
        Ok([id]) => Ok(id),
        Err(found) if found.is_empty() => Err(Error::NoConvoy(base::text::visible(text))),
        Err(found) => Err(Error::Ambiguous {
            prefix: text.to_owned(),
            candidates: found.iter().map(ToString::to_string).collect(),
        }),
    }
}
