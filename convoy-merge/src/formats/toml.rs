//! TOML: rewritten to JSON, read as such, and every finding taken back to the bytes of
//! the source that it came from.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::json;
use super::recast::Recast;
use crate::model::Extraction;
use crate::model::Recognised;

/// Reads a document that is called TOML, or that begins with a table or a pair and holds a
/// list of tables; `None` = it is none.
pub(super) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let named = name.to_ascii_lowercase().ends_with(".toml");
    if !named && !text.lines().any(|line| line.starts_with("[[") && line.trim_end().ends_with("]]")) {
        return None;
    }
    let source = text.trim_start_matches('\u{feff}');
    let base = text.len() - source.len();
    let Ok(table) = DeTable::parse(source) else {
        return named.then(|| super::unreadable("not valid TOML (cut off?)"));
    };
    let mut recast = Recast::default();
    put_table(&mut recast, &table, base);
    let mut out = json::extract(&recast.out, "review.json")?;
    recast.back(text, &mut out);
    // A comment may say more than the empty list beside it.
    if out.recognised == Recognised::Clean && text.contains('#') {
        super::fault(&mut out, "a comment beside its empty list is not understood");
    }
    (named || out.recognised == Recognised::Findings).then_some(out)
}

/// Writes a table; returns where its source ends.
fn put_table(recast: &mut Recast, table: &Spanned<DeTable<'_>>, base: usize) -> usize {
    let span = table.span();
    let mut end = base + span.end;
    let mut members: Vec<_> = table.get_ref().iter().collect();
    members.sort_by_key(|(key, _)| key.span().start);
    recast.mark(base + span.start.min(members.first().map_or(span.start, |(key, _)| key.span().start)));
    recast.out.push('{');
    for (n, (key, value)) in members.into_iter().enumerate() {
        if n > 0 {
            recast.out.push(',');
        }
        recast.out.push_str(&Value::from(key.get_ref().as_ref()).to_string());
        recast.out.push(':');
        end = end.max(put(recast, value, base));
    }
    recast.mark(end);
    recast.out.push('}');
    end
}

fn put(recast: &mut Recast, value: &Spanned<DeValue<'_>>, base: usize) -> usize {
    let span = value.span();
    let end = base + span.end;
    match value.get_ref() {
        DeValue::Table(table) => return put_table(recast, &Spanned::new(span, table.clone()), base),
        DeValue::Array(items) => {
            let mut end = end;
            recast.out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    recast.out.push(',');
                }
                end = end.max(put(recast, item, base));
            }
            recast.out.push(']');
            return end;
        }
        DeValue::String(said) => recast.out.push_str(&Value::from(said.as_ref()).to_string()),
        DeValue::Boolean(yes) => recast.out.push_str(if *yes { "true" } else { "false" }),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            recast.out.push_str(&number.map_or(Value::Null, Value::from).to_string());
        }
        DeValue::Float(number) => recast.out.push_str(&Value::from(number.to_string()).to_string()),
        DeValue::Datetime(time) => recast.out.push_str(&Value::from(time.to_string()).to_string()),
    }
    end
}
