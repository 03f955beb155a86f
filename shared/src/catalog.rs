//! Finding convoys: all of them, or the one a person means.

use std::fs;
use std::io;

use crate::error::{Error, IoContext, Result};
use crate::ids::ConvoyId;
use crate::layout::Home;

/// The ids of all convoys, in no particular order.
pub fn all_ids(home: &Home) -> Result<Vec<ConvoyId>> {
    let path = home.convoys();
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context("list", &path),
    };
    Ok(entries.filter_map(|entry| Home::id_of_state_file(entry.ok()?.file_name().to_str()?)).collect())
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
