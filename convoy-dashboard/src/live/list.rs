//! `GET /api/convoys`: filters, order, pages. Pure.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;
use protocol::state::ConvoyStatus;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::live::summary::{Group, Summary};

/// Convoys of an answer when no limit is named, and at most.
const PAGE: usize = 200;

/// What is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    pub(crate) status: Option<ConvoyStatus>,
    pub(crate) group: Option<String>,
    pub(crate) template: Option<String>,
    /// A project's directory, as the convoy has it.
    pub(crate) project: Option<String>,
    /// Started then or later.
    pub(crate) since: Option<Timestamp>,
    /// Started before then.
    pub(crate) until: Option<Timestamp>,
    pub(crate) q: Option<String>,
    pub(crate) limit: Option<usize>,
    /// As `next` of the page before.
    pub(crate) after: Option<String>,
}

/// A place in the order; later places are greater.
type Place<'a> = (Group, Reverse<Timestamp>, &'a str);

fn place(summary: &Summary, now: Timestamp) -> Place<'_> {
    (summary.group(now), Reverse(summary.started), summary.id.as_str())
}

/// `<group>.<start in ms>.<id>`
fn cursor(summary: &Summary, now: Timestamp) -> String {
    format!("{}.{}.{}", summary.group(now) as u8, summary.started.as_nanosecond(), summary.id)
}

fn read_cursor(text: &str) -> Option<Place<'_>> {
    let mut parts = text.splitn(3, '.');
    let group = match parts.next()? {
        "0" => Group::Attention,
        "1" => Group::Running,
        "2" => Group::Earlier,
        _ => return None,
    };
    let started = Timestamp::from_nanosecond(parts.next()?.parse().ok()?).ok()?;
    Some((group, Reverse(started), parts.next()?))
}

/// One convoy as the list shows it.
pub(crate) fn entry(summary: &Summary, now: Timestamp) -> Value {
    let mut json = summary.value();
    json["dashboard"]["group"] = json!(summary.group(now).word());
    json
}

/// The page that is asked for; an error text if the question makes no sense.
pub(crate) fn page(all: &[Arc<Summary>], query: &Query, now: Timestamp) -> Result<Value, &'static str> {
    let limit = query.limit.unwrap_or(PAGE);
    if limit == 0 || limit > PAGE {
        return Err("limit is from 1 to 200");
    }
    let after = match &query.after {
        Some(text) => Some(read_cursor(text).ok_or("'after' is not of an earlier page")?),
        None => None,
    };
    let wanted = query.q.as_deref().map(str::to_lowercase);
    let mut found: Vec<&Summary> = all
        .iter()
        .map(AsRef::as_ref)
        .filter(|summary| query.status.is_none() || summary.status == query.status)
        .filter(|summary| query.group.as_deref().is_none_or(|group| summary.group(now).word() == group))
        .filter(|summary| query.template.as_ref().is_none_or(|template| summary.template == *template))
        .filter(|summary| query.project.is_none() || summary.project == query.project)
        .filter(|summary| query.since.is_none_or(|since| summary.started >= since))
        .filter(|summary| query.until.is_none_or(|until| summary.started < until))
        .filter(|summary| wanted.as_ref().is_none_or(|text| summary.matches(text)))
        .collect();
    let total = found.len();
    found.retain(|summary| after.is_none_or(|after| place(summary, now) > after));
    found.sort_by(|a, b| place(a, now).cmp(&place(b, now)));
    let next = found.get(limit).and_then(|_| found.get(limit - 1)).map(|last| cursor(last, now));
    let convoys: Vec<Value> = found.iter().take(limit).map(|summary| entry(summary, now)).collect();
    let count = |status| all.iter().filter(|summary| summary.status == Some(status)).count();
    Ok(json!({
        "convoys": convoys,
        "next": next,
        "total": total,
        "counts": {
            "all": all.len(),
            "running": count(ConvoyStatus::Running),
            "unwatched": all.iter().filter(|summary| summary.unwatched).count(),
            "failed": count(ConvoyStatus::Failed),
            "partial": count(ConvoyStatus::Partial),
            "completed": count(ConvoyStatus::Completed),
        },
    }))
}
