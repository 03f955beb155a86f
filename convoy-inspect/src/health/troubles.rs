//! From facts to what needs a person. Pure.

use std::collections::BTreeMap;

use base::ids::{ConvoyId, Role};
use base::style::elapsed;
use jiff::Timestamp;
use protocol::outcome::AgentStatus;
use protocol::state::ConvoyStatus;
use serde::Serialize;

use super::facts::{Convoy, Supervisor, Watched};

/// Silence from which an agent counts as stuck, in seconds.
const SILENT_S: i64 = 10 * 60;
/// A convoy that was just started has no watcher yet.
const SETTLED_S: i64 = 10;

/// What kind of trouble; the most severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    Unreadable,
    Dead,
    Unwatched,
    Looping,
    Stuck,
    Failing,
    Limited,
    Incomplete,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Unreadable => "unreadable",
            Kind::Dead => "dead",
            Kind::Unwatched => "unwatched",
            Kind::Looping => "looping",
            Kind::Stuck => "stuck",
            Kind::Failing => "failing again",
            Kind::Limited => "limited",
            Kind::Incomplete => "incomplete",
        }
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) convoy: ConvoyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<Role>,
    pub(super) what: String,
    /// The line or the fact that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) evidence: Option<String>,
    /// The command to type.
    pub(super) mend: String,
}

pub(super) fn find(convoys: &[Convoy], now: Timestamp) -> Vec<Trouble> {
    let mut out = Vec::new();
    for convoy in convoys {
        of_convoy(&mut out, convoy, now);
    }
    repeated_failures(&mut out, convoys);
    out.sort_by_key(|trouble| trouble.kind);
    out
}

fn of_convoy(out: &mut Vec<Trouble>, convoy: &Convoy, now: Timestamp) {
    let short = convoy.id.short();
    let mut add = |kind, role: Option<&Role>, what: String, evidence: Option<String>, mend: String| {
        out.push(Trouble { kind, convoy: convoy.id.clone(), role: role.cloned(), what, evidence, mend });
    };
    if let Some(error) = &convoy.error {
        let what = "its state cannot be read".to_owned();
        add(Kind::Unreadable, None, what, Some(error.clone()), format!("pan convoy resume {short}"));
        return;
    }
    for why in &convoy.unseen {
        let what = "not all of it can be looked at".to_owned();
        add(Kind::Unreadable, None, what, Some(why.clone()), format!("pan convoy status {short}"));
    }
    let age = convoy.started_at.map_or(0, |at| now.duration_since(at).as_secs());
    if convoy.watched == Some(false) && age > SETTLED_S {
        let what = format!("it has been running for {}, and no watcher is running", elapsed(age));
        add(Kind::Unwatched, None, what, None, format!("pan convoy resume {short}"));
    }
    for agent in &convoy.agents {
        of_agent(out, convoy, agent);
    }
    if convoy.status == Some(ConvoyStatus::Partial) || convoy.status == Some(ConvoyStatus::Failed) {
        let failed =
            convoy.agents.iter().find(|agent| agent.status == AgentStatus::Failed && agent.attempt > 0);
        let Some(failed) = failed.filter(|_| convoy.reason.as_deref() != Some("stopped")) else { return };
        let what = match convoy.status {
            Some(ConvoyStatus::Partial) => "it ended in part, and nobody has retried it",
            _ => "it failed",
        };
        out.push(Trouble {
            kind: Kind::Incomplete,
            convoy: convoy.id.clone(),
            role: Some(failed.role.clone()),
            what: what.to_owned(),
            evidence: failed.reason.clone(),
            mend: format!("pan convoy retry {short} {}", failed.role),
        });
    }
}

fn of_agent(out: &mut Vec<Trouble>, convoy: &Convoy, agent: &Watched) {
    let (short, role) = (convoy.id.short(), &agent.role);
    let mut add = |kind, what: String, evidence: Option<String>, mend: String| {
        out.push(Trouble { kind, convoy: convoy.id.clone(), role: Some(role.clone()), what, evidence, mend });
    };
    if convoy.status != Some(ConvoyStatus::Running) {
        return;
    }
    for why in &agent.unseen {
        let what = "not all of it can be looked at".to_owned();
        add(Kind::Unreadable, what, Some(why.clone()), format!("pan convoy logs {short} {role}"));
    }
    if let Some(until) = agent.limited_until {
        let what = format!("it waits for a limit until {}", until.strftime("%H:%M UTC"));
        add(Kind::Limited, what, agent.reason.clone(), format!("pan convoy status {short}"));
    }
    if agent.status != AgentStatus::Running {
        return;
    }
    match agent.supervisor {
        Some(Supervisor::Gone) => {
            let what = "its supervisor is gone and left no record".to_owned();
            add(Kind::Dead, what, agent.last_lines.last().cloned(), format!("pan convoy resume {short}"));
            return;
        }
        // Its record is there; the watcher will read it, or "unwatched" is said above.
        Some(Supervisor::Over | Supervisor::NotYet) | None => return,
        Some(Supervisor::Alive) => {}
    }
    let last = agent.last_lines.last().cloned();
    if let Some(line) = &agent.repeats {
        let what = "it prints the same again and again".to_owned();
        add(Kind::Looping, what, Some(line.clone()), format!("pan convoy logs {short} {role}"));
    } else if let Some(silent) = agent.silent_s.filter(|silent| *silent >= SILENT_S) {
        let left =
            agent.limit_s.zip(agent.running_s).map(|(limit, ran)| limit - ran).filter(|left| *left > 0);
        let left = left.map(|left| format!("; its time is over in {}", elapsed(left))).unwrap_or_default();
        let what = format!("nothing written for {}{left}", elapsed(silent));
        add(Kind::Stuck, what, last.clone(), format!("pan convoy logs {short} {role}"));
    }
    if agent.spoilt >= 2 {
        let what = format!("it is at attempt {}, {} came to nothing", agent.attempt, agent.spoilt);
        add(Kind::Failing, what, agent.reason.clone().or(last), format!("pan convoy events {short}"));
    }
}

/// The same role failing for the same reason in several convoys.
fn repeated_failures(out: &mut Vec<Trouble>, convoys: &[Convoy]) {
    let mut failures: BTreeMap<(&str, &str), Vec<&Convoy>> = BTreeMap::new();
    for convoy in convoys.iter().filter(|convoy| convoy.reason.as_deref() != Some("stopped")) {
        for agent in
            convoy.agents.iter().filter(|agent| agent.status == AgentStatus::Failed && agent.attempt > 0)
        {
            let Some(reason) = agent.reason.as_deref() else { continue };
            failures.entry((agent.role.as_str(), reason)).or_default().push(convoy);
        }
    }
    for ((role, reason), convoys) in failures {
        let [newest, _, ..] = convoys.as_slice() else { continue };
        out.push(Trouble {
            kind: Kind::Failing,
            convoy: newest.id.clone(),
            role: role.parse().ok(),
            what: format!("'{role}' failed in the same way in {} convoys", convoys.len()),
            evidence: Some(reason.to_owned()),
            mend: format!("pan convoy logs {} {role}", newest.id.short()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(status: AgentStatus) -> Watched {
        Watched {
            role: "security".parse().unwrap(),
            status,
            attempt: 1,
            runner: "claude".parse().unwrap(),
            reason: None,
            ready: false,
            limited_until: None,
            spoilt: 0,
            supervisor: (status == AgentStatus::Running).then_some(Supervisor::Alive),
            session: None,
            running_s: Some(1200),
            limit_s: Some(1800),
            silent_s: Some(5),
            repeats: None,
            last_lines: vec!["reading a.ts".to_owned()],
            unseen: Vec::new(),
        }
    }

    fn convoy(status: ConvoyStatus, agent: Watched) -> Convoy {
        Convoy {
            id: "convoy-code-review-k7q2m9".parse().unwrap(),
            status: Some(status),
            error: None,
            started_at: Some("2026-11-22T14:00:00Z".parse().unwrap()),
            completed_at: None,
            reason: None,
            watched: Some(true),
            unseen: Vec::new(),
            agents: vec![agent],
        }
    }

    fn kinds(convoys: &[Convoy]) -> Vec<Kind> {
        find(convoys, "2026-11-22T14:20:00Z".parse().unwrap()).iter().map(|trouble| trouble.kind).collect()
    }

    #[test]
    fn each_trouble_is_seen_and_health_is_quiet() {
        type Spoil = fn(&mut Convoy);
        let ways: [(&str, Spoil, &[Kind]); 12] = [
            ("healthy", |_| {}, &[]),
            ("silent", |c| c.agents[0].silent_s = Some(601), &[Kind::Stuck]),
            ("supervisor gone", |c| c.agents[0].supervisor = Some(Supervisor::Gone), &[Kind::Dead]),
            ("nobody watches", |c| c.watched = Some(false), &[Kind::Unwatched]),
            ("repeats itself", |c| c.agents[0].repeats = Some("again".to_owned()), &[Kind::Looping]),
            ("many attempts", |c| c.agents[0].spoilt = 2, &[Kind::Failing]),
            ("record not read yet", |c| c.agents[0].supervisor = Some(Supervisor::Over), &[]),
            (
                "limited",
                |c| {
                    c.agents[0] = agent(AgentStatus::Pending);
                    c.agents[0].limited_until = Some("2026-11-22T15:00:00Z".parse().unwrap());
                },
                &[Kind::Limited],
            ),
            ("no word of its watcher", |c| c.watched = None, &[]),
            ("a plan that is lost", |c| c.unseen.push("lost".to_owned()), &[Kind::Unreadable]),
            ("a log that cannot be read", |c| c.agents[0].unseen.push("no".to_owned()), &[Kind::Unreadable]),
            ("unreadable", |c| c.error = Some("torn".to_owned()), &[Kind::Unreadable]),
        ];
        for (what, spoil, want) in ways {
            let mut one = convoy(ConvoyStatus::Running, agent(AgentStatus::Running));
            spoil(&mut one);
            assert_eq!(kinds(&[one]), want, "{what}");
        }
    }

    #[test]
    fn what_failed_lately_is_told_once_and_what_was_stopped_is_not() {
        let mut failed = agent(AgentStatus::Failed);
        failed.reason = Some("timed out after 30m".to_owned());
        let one = convoy(ConvoyStatus::Partial, failed);
        assert_eq!(kinds(std::slice::from_ref(&one)), [Kind::Incomplete]);
        assert_eq!(kinds(&[one.clone(), one.clone()]), [Kind::Failing, Kind::Incomplete, Kind::Incomplete]);
        let stopped = Convoy { reason: Some("stopped".to_owned()), ..one };
        assert_eq!(kinds(&[stopped.clone(), stopped]), []);
    }
}
