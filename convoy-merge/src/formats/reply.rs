//! Answers to comments, and what they answer.

use std::collections::HashMap;

use serde_json::Value;

use super::comment::author;
use super::entry::{Object, normal_key};
use crate::model::{Member, Status};
use crate::vocabulary::KEYS;

/// An answer to another comment.
#[derive(Debug)]
pub(super) struct Reply {
    id: Option<String>,
    to: String,
    said: String,
    /// What the thread's last comment says of it (Gerrit).
    status: Option<Status>,
}

impl Reply {
    /// An entry that answers another one; `None` = it stands for itself.
    pub(super) fn of(object: &Object) -> Option<Self> {
        let (_, to) = object.iter().find(|(key, value)| {
            let key = normal_key(key);
            KEYS.is("reply", &key) && !value.is_null() || key == "parent" && value.get("id").is_some()
        })?;
        let to = match to {
            Value::Object(inner) => name_of(inner.get("id")?)?,
            other => name_of(other)?,
        };
        Some(Reply {
            id: object.get("id").and_then(name_of),
            to,
            said: Reply::said(object),
            status: super::entry::status(object),
        })
    }

    /// `name: text`.
    pub(super) fn said(object: &Object) -> String {
        let text = ["body", "message", "note", "text"]
            .iter()
            .find_map(|key| object.get(*key)?.as_str())
            .unwrap_or_default();
        match author(object) {
            Some(name) => format!("{name}: {}", text.trim()),
            None => text.trim().to_string(),
        }
    }
}

fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Puts answers to what they answer. One whose comment is not here is told by nobody
/// else, but it is no finding either: its text stays in the appendix.
pub(super) fn fold(members: &mut [Member], replies: Vec<Reply>) {
    let by_id: HashMap<String, usize> =
        members.iter().enumerate().filter_map(|(n, member)| Some((member.label.clone()?, n))).collect();
    let parents: HashMap<String, String> =
        replies.iter().filter_map(|reply| Some((reply.id.clone()?, reply.to.clone()))).collect();
    for reply in replies {
        let mut to = reply.to;
        for _ in 0..64 {
            match parents.get(&to) {
                Some(next) if !by_id.contains_key(&to) => to.clone_from(next),
                _ => break,
            }
        }
        if let Some(at) = by_id.get(&to) {
            members[*at].thread.push(reply.said);
            if let Some(status) = reply.status {
                members[*at].status = Some(status);
            }
        }
    }
}
