//! What there is in all: today and the days before it, templates, projects. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use protocol::outcome::Reason;
use protocol::state::ConvoyStatus;
use serde_json::{Value, json};

use crate::live::summary::{Group, Summary};

/// Days of the trend, today included.
const DAYS: i64 = 14;

/// Minutes ahead of UTC; `None`: no clock is so far ahead.
pub(crate) fn offset(minutes: i32) -> Option<Offset> {
    (minutes.abs() <= 26 * 60).then(|| Offset::from_seconds(minutes * 60).ok())?
}

/// What began on one day.
#[derive(Debug, Default)]
struct Day {
    started: u64,
    running: u64,
    completed: u64,
    partial: u64,
    failed: u64,
    stopped: u64,
    /// Told costs in US dollars; `None`: nobody told any.
    cost: Option<f64>,
    /// Convoys of which no cost is known.
    cost_unknown: u64,
}

impl Day {
    fn add(&mut self, convoy: &Summary) {
        self.started += 1;
        match convoy.status {
            _ if convoy.reason == Some(Reason::Stopped) => self.stopped += 1,
            Some(ConvoyStatus::Running) => self.running += 1,
            Some(ConvoyStatus::Completed) => self.completed += 1,
            Some(ConvoyStatus::Partial) => self.partial += 1,
            Some(ConvoyStatus::Failed) => self.failed += 1,
            None => {}
        }
        match convoy.cost {
            Some(cost) => self.cost = Some(self.cost.unwrap_or(0.0) + cost),
            None => self.cost_unknown += 1,
        }
    }

    fn json(&self, date: Date) -> Value {
        json!({
            "date": date,
            "started": self.started,
            "running": self.running,
            "completed": self.completed,
            "partial": self.partial,
            "failed": self.failed,
            "stopped": self.stopped,
            "costUsd": self.cost,
            "costUnknown": self.cost_unknown,
        })
    }
}

/// The days are those of a clock that is `offset` ahead of UTC.
pub(crate) fn of(all: &[Arc<Summary>], now: Timestamp, offset: Offset) -> Value {
    let date = |at: Timestamp| offset.to_datetime(at).date();
    let begin = |days: i64| date(now - SignedDuration::from_hours(24 * days));
    let mut days: BTreeMap<Date, Day> = (0..DAYS).map(|back| (begin(back), Day::default())).collect();
    let mut templates: BTreeMap<&str, u64> = BTreeMap::new();
    let mut projects: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut running, mut attention) = (0_u64, 0_u64);
    for convoy in all {
        match convoy.group(now) {
            Group::Attention => attention += 1,
            Group::Running => running += 1,
            Group::Earlier => {}
        }
        if !convoy.template.is_empty() {
            *templates.entry(&convoy.template).or_default() += 1;
        }
        if let Some(project) = &convoy.project {
            *projects.entry(project).or_default() += 1;
        }
        if convoy.is_unusable {
            continue;
        }
        if let Some(day) = days.get_mut(&date(convoy.started)) {
            day.add(convoy);
        }
    }
    let counted = |counts: BTreeMap<&str, u64>| -> Vec<Value> {
        let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
        counts.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        counts.into_iter().map(|(name, count)| json!({ "name": name, "count": count })).collect()
    };
    json!({
        "all": all.len(),
        "running": running,
        "attention": attention,
        "days": days.iter().map(|(date, day)| day.json(*date)).collect::<Vec<Value>>(),
        "templates": counted(templates),
        "projects": counted(projects),
    })
}
