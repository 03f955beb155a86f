//! Rows below `Line   src/Karte.php`: a number, and the message, which may go on below it.

use serde_json::Value;

use super::Reader;
use super::line::{Remark, object};
use crate::formats::entry::names_file;

impl Reader {
    /// The head of such a table, the rules around it, its rows and what goes on below one.
    pub(super) fn lined(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if let Some(file) = file(bare) {
            (self.file, self.number, self.lined) = (Some(file.to_string()), None, true);
            return true;
        }
        if is_ruled(bare) {
            return true;
        }
        if let Some(count) = bare.strip_prefix("[ERROR] Found ").filter(|_| self.lined) {
            self.stated = self.stated.max(count.split(' ').next().and_then(|count| count.parse().ok()));
            return true;
        }
        let Some(path) = self.file.clone().filter(|_| self.lined && indented) else { return false };
        if let Some((line, title)) = row(bare) {
            let found = Remark { file: Some(&path), line: Some(line), severity: None, rule: None, title };
            self.push(object(&found), start, end);
        } else if let Some(last) = self.entries.last_mut() {
            if let Some(rule) = bare.strip_prefix("🪪 ") {
                last.object.insert("rule".to_string(), Value::from(rule.trim()));
            } else if let Some(Value::String(said)) = last.object.get_mut("message") {
                said.push(' ');
                said.push_str(bare);
            }
            last.end = end;
        } else {
            return false;
        }
        true
    }
}

/// `Line   src/Karte.php`, `Line   src/Karte.php (in context of class Atlas)`
fn file(bare: &str) -> Option<&str> {
    let rest = bare.strip_prefix("Line  ")?.trim_start();
    let path = rest.split(" (in context of ").next()?;
    names_file(path).then_some(path)
}

/// ` ------ --------- `
fn is_ruled(bare: &str) -> bool {
    let mut parts = bare.split(' ').filter(|part| !part.is_empty());
    let rule = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte == b'-');
    parts.next().is_some_and(rule) && parts.next().is_some_and(rule) && parts.next().is_none()
}

/// `22     Call to an undefined method Karte::zeichne().`
fn row(bare: &str) -> Option<(u32, &str)> {
    let (number, rest) = bare.split_once("  ")?;
    Some((number.parse().ok()?, rest.trim_start())).filter(|(_, rest)| !rest.is_empty())
}
