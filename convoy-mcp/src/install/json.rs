//! Settings in JSON, edited in place: comments, order and layout of everything else
//! stay.

use std::path::{Path, PathBuf};

use base::program::Failure;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::{Value, json};

use super::{Change, SERVER, foreign, is_ours, pretty, read, unreadable};

/// A settings file that is being edited.
pub(crate) struct Settings {
    path: PathBuf,
    before: Option<String>,
    root: CstRootNode,
}

impl Settings {
    /// Reads it; `comments`: this CLI takes them, and commas at the end.
    pub(crate) fn open(path: PathBuf, comments: bool) -> Result<Self, Failure> {
        let before = read(&path)?;
        let text = before.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or("{}\n");
        let options = ParseOptions {
            allow_comments: comments,
            allow_trailing_commas: comments,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let root = CstRootNode::parse(text, &options).map_err(|error| unreadable(&path, &error))?;
        if root.object_value().is_none() {
            return Err(unreadable(&path, &"it is no object"));
        }
        Ok(Settings { path, before, root })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The object at the top.
    pub(crate) fn top(&self) -> CstObject {
        self.root.object_value_or_set()
    }

    /// The object under this key, if there is one; anything else there is not touched.
    pub(crate) fn object(&self, within: &CstObject, key: &str) -> Result<Option<CstObject>, Failure> {
        let Some(property) = within.get(key) else { return Ok(None) };
        let object = property.object_value();
        object.map(Some).ok_or_else(|| unreadable(&self.path, &format!("'{key}' is no object")))
    }

    /// The same, made if it is missing.
    pub(crate) fn object_or_new(&self, within: &CstObject, key: &str) -> Result<CstObject, Failure> {
        match self.object(within, key)? {
            Some(object) => Ok(object),
            None => Ok(within.object_value_or_set(key)),
        }
    }

    /// Puts our entry among the servers under this key, or takes it out; `command` reads
    /// the command line of one that is there. What it is then, for people.
    pub(crate) fn put(
        &self,
        key: &str,
        value: Option<Value>,
        command: impl Fn(&Value) -> Vec<String>,
    ) -> Result<String, Failure> {
        let top = self.top();
        let servers = match (&value, self.object(&top, key)?) {
            (_, Some(servers)) => servers,
            (Some(_), None) => self.object_or_new(&top, key)?,
            (None, None) => return Ok(String::new()),
        };
        self.set_server(&servers, value.as_ref(), command)?;
        Ok(value.map(|value| pretty(&json!({ key: { SERVER: value } }))).unwrap_or_default())
    }

    fn set_server(
        &self,
        servers: &CstObject,
        value: Option<&Value>,
        command: impl Fn(&Value) -> Vec<String>,
    ) -> Result<(), Failure> {
        let there = servers.get(SERVER);
        if let Some(property) = &there {
            let old = property.value().and_then(|value| value.to_serde_value()).unwrap_or_default();
            let words = command(&old);
            if !is_ours(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
                // What is not ours is no reason to fail when ours is to go.
                return if value.is_some() { Err(foreign(&self.path)) } else { Ok(()) };
            }
        }
        match (there, value) {
            (Some(property), Some(value)) => property.set_value(input(value)),
            (None, Some(value)) => {
                servers.append(SERVER, input(value));
            }
            (Some(property), None) => property.remove(),
            (None, None) => {}
        }
        Ok(())
    }

    /// What is to be written; `shown` is what of it is ours.
    pub(crate) fn finish(self, shown: String) -> Change {
        // Where there was nothing, and nothing is to be, nothing is written.
        let after = match (&self.before, self.root.to_string()) {
            (None, text) if text.trim() == "{}" => String::new(),
            (_, text) => text,
        };
        Change { path: self.path, before: self.before, after, shown }
    }
}

/// The command line of an entry of the shape `{"command": …, "args": […]}`.
pub(crate) fn command_and_args(entry: &Value) -> Vec<String> {
    let args = entry["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    [&entry["command"]].into_iter().chain(args).filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// A value as the editor takes it.
pub(crate) fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(yes) => CstInputValue::Bool(*yes),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(all) => CstInputValue::Array(all.iter().map(input).collect()),
        Value::Object(all) => {
            CstInputValue::Object(all.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}
