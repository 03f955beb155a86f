//! `costs`: what was spent and how long attempts ran, by day, project and runner.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use base::environment::Environment;
use base::error::chain;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::style::{Style, elapsed};
use base::{program, text};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use protocol::convoys;
use protocol::layout::{ConvoyDir, Home};
use protocol::outcome::Usage;
use protocol::plan::Plan;
use protocol::store::read_state;
use serde::{Serialize, Serializer};

use crate::screen::status::thousands;
use crate::screen::table::Columns;
use crate::spent::{self, Spent, dollars};

/// What attempts came to together.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sum {
    /// How many convoys they are of.
    #[serde(serialize_with = "count")]
    convoys: BTreeSet<ConvoyId>,
    attempts: u64,
    /// Attempts that asked a service and told no cost: the sum is without theirs.
    #[serde(rename = "attemptsWithoutCost")]
    untold: u64,
    /// How long they ran, added up: side by side each counts.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    ran: Duration,
    usage: Usage,
}

fn count<S: Serializer>(convoys: &BTreeSet<ConvoyId>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(convoys.len() as u64)
}

fn seconds<S: Serializer>(ran: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(ran.as_millis() as f64 / 1000.0)
}

impl Sum {
    /// `asks`: it asked a service, which costs something.
    fn add(&mut self, id: &ConvoyId, spent: &Spent, asks: bool) {
        self.convoys.insert(id.clone());
        self.attempts += 1;
        self.untold += u64::from(asks && spent.usage.is_none_or(|usage| usage.cost_usd.is_none()));
        self.ran += spent.ran;
        self.usage = self.usage.plus(spent.usage.unwrap_or_default());
    }
}

/// What a convoy's attempts are counted under.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: String,
    #[serde(flatten)]
    sum: &'a Sum,
}

#[derive(Debug, Serialize)]
struct Unread {
    id: ConvoyId,
    why: String,
}

/// Since when attempts count, and by what.
struct Costs {
    now: Timestamp,
    /// `None`: all there are.
    since: Option<Timestamp>,
    zone: TimeZone,
    total: Sum,
    days: BTreeMap<Date, Sum>,
    projects: BTreeMap<String, Sum>,
    runners: BTreeMap<String, Sum>,
}

pub(crate) fn run(environment: &Environment, since: Option<Duration>, json: bool) -> Result<Exit> {
    let style = Style::of_stdout(environment);
    let home = Home::of(environment);
    let now = Timestamp::now();
    let mut costs = Costs {
        now,
        // Longer than there is time: all of it.
        since: since.and_then(|since| now.checked_sub(since).ok()),
        zone: style.zone.clone(),
        total: Sum::default(),
        days: BTreeMap::new(),
        projects: BTreeMap::new(),
        runners: BTreeMap::new(),
    };
    let mut unread = Vec::new();
    for id in convoys::all_ids(&home)? {
        if let Err(error) = costs.add(&home.convoy(&id)) {
            unread.push(Unread { id, why: chain(&error) });
        }
    }
    for one in &unread {
        program::tell(&format!("{} is not counted: {}", one.id, text::visible(&one.why)));
    }
    let out = if json { costs.json(&unread)? } else { costs.render(&style) };
    program::print(&out)?;
    Ok(if unread.is_empty() { Exit::Done } else { Exit::State })
}

impl Costs {
    /// Counts a convoy, whole or not at all.
    fn add(&mut self, dir: &ConvoyDir) -> base::Result<()> {
        let state = read_state(dir)?;
        let is_before = |at: Timestamp| self.since.is_some_and(|since| at < since);
        if state.completed_at.is_some_and(is_before) {
            return Ok(());
        }
        let plan = Plan::read(dir)?;
        let mut found = Vec::new();
        for agent in &state.agents {
            let Some(planned) = plan.agent(&agent.role) else { continue };
            for n in 1..=agent.attempt {
                let place = agent.handover_of(n).map_or(0, |handover| handover.place);
                let invocation = planned.invocation_at(place);
                let asks = invocation.credential().is_some();
                let spent = match spent::of_attempt(dir, &state, agent, n, self.now)? {
                    Some(spent) => spent,
                    // It was lost with its supervisor: what it spent nobody told.
                    None if asks => {
                        Spent { at: state.completed_at.unwrap_or(self.now), ran: Duration::ZERO, usage: None }
                    }
                    None => continue,
                };
                if !is_before(spent.at) {
                    found.push((invocation.runner.to_string(), spent, asks));
                }
            }
        }
        let project = text::path(state.context.project_path.as_path());
        for (runner, spent, asks) in found {
            let day = spent.at.to_zoned_datetime(self.zone.clone()).date();
            let rows = [
                &mut self.total,
                self.days.entry(day).or_default(),
                self.projects.entry(project.clone()).or_default(),
                self.runners.entry(runner).or_default(),
            ];
            for sum in rows {
                sum.add(&state.id, &spent, asks);
            }
        }
        Ok(())
    }

    /// The newest day first; of the others the most expensive.
    fn days(&self) -> Vec<Row<'_>> {
        self.days.iter().rev().map(|(day, sum)| Row { name: day.to_string(), sum }).collect()
    }

    fn json(&self, unread: &[Unread]) -> Result<String> {
        let out = serde_json::json!({
            "since": self.since,
            "total": self.total,
            "days": self.days(),
            "projects": rows(&self.projects),
            "runners": rows(&self.runners),
            "unread": unread,
        });
        Ok(format!("{}\n", serde_json::to_string_pretty(&out)?))
    }

    fn render(&self, style: &Style) -> String {
        let since = self.since.map(|since| since.to_zoned_datetime(self.zone.clone()).date());
        let span = since.map_or_else(String::new, |day| format!(" since {day}"));
        if self.total.attempts == 0 {
            return format!("no agent ran{span}\n");
        }
        let mut projects = rows(&self.projects);
        for row in &mut projects {
            row.name = style.path(std::path::Path::new(&row.name));
        }
        let total = Row { name: format!("all{span}"), sum: &self.total };
        let tables =
            [("DAY", self.days()), ("PROJECT", projects), ("RUNNER", rows(&self.runners)), ("", vec![total])];
        let out = table(&tables, style);
        match self.total.untold {
            0 => out,
            1 => format!("{out}\n+ one attempt told no cost: it is not in the sums\n"),
            n => format!("{out}\n+ {n} attempts told no cost: they are not in the sums\n"),
        }
    }
}

fn rows(sums: &BTreeMap<String, Sum>) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = sums.iter().map(|(name, sum)| Row { name: name.clone(), sum }).collect();
    let cost = |row: &Row<'_>| (row.sum.usage.cost_usd.unwrap_or(0.0), row.sum.usage.tokens());
    rows.sort_by(|a, b| cost(b).partial_cmp(&cost(a)).unwrap_or(std::cmp::Ordering::Equal));
    rows
}

/// Columns behind the name, and the order in which they can be done without.
const COLUMNS: Columns<4> = Columns { heads: ["CONVOYS", "COST", "TOKENS", "TIME"], dispensable: &[0, 2] };

fn table(tables: &[(&str, Vec<Row<'_>>)], style: &Style) -> String {
    let lines = |rows: &[Row<'_>]| rows.iter().map(|row| (row.name.clone(), cells(row, style))).collect();
    let tables: Vec<_> = tables.iter().map(|(head, rows)| (*head, lines(rows))).collect();
    COLUMNS.table(&tables, style)
}

fn cells(row: &Row<'_>, style: &Style) -> [String; 4] {
    let usage = &row.sum.usage;
    let tokens = usage.tokens();
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| style.dash().to_owned());
    [
        row.sum.convoys.len().to_string(),
        or_dash(dollars(usage)) + if row.sum.untold > 0 { "+" } else { "" },
        or_dash((tokens > 0).then(|| thousands(tokens))),
        elapsed(row.sum.ran.as_secs() as i64),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(convoys: &[&str], cost: Option<f64>, tokens: u64, ran: u64) -> Sum {
        let id = |short: &&str| format!("convoy-review-{short}").parse().unwrap();
        Sum {
            convoys: convoys.iter().map(id).collect(),
            attempts: convoys.len() as u64,
            untold: 0,
            ran: Duration::from_secs(ran),
            usage: Usage {
                input_tokens: tokens,
                cost_usd: cost,
                cost_estimated: ran > 900,
                ..Usage::default()
            },
        }
    }

    fn costs() -> Costs {
        let zone = TimeZone::UTC;
        let ids = ["aaaaaa", "bbbbbb", "cccccc"];
        Costs {
            now: Timestamp::UNIX_EPOCH,
            since: Some("2026-10-30T14:00:00Z".parse().unwrap()),
            zone,
            total: sum(&ids, Some(1.75), 1_234_000, 1000),
            days: [
                (Date::constant(2026, 11, 28), sum(&ids[..1], Some(0.25), 34_000, 61)),
                (Date::constant(2026, 11, 29), sum(&ids[1..], Some(1.5), 1_200_000, 939)),
            ]
            .into(),
            projects: [
                ("/home/me/src/a-shop-with-a-long-name".to_owned(), sum(&ids[..2], Some(0.25), 34_000, 961)),
                ("/srv/other".to_owned(), sum(&ids[2..], Some(1.5), 1_200_000, 39)),
            ]
            .into(),
            runners: [
                ("builtin".to_owned(), sum(&ids[..2], None, 0, 5)),
                ("claude".to_owned(), sum(&ids, Some(1.75), 1_234_000, 995)),
            ]
            .into(),
        }
    }

    #[test]
    fn what_told_no_cost_is_counted_and_a_rule_costs_nothing() {
        let mut all = costs();
        let id = "convoy-review-dddddd".parse().unwrap();
        let told = |cost_usd| Usage { cost_usd, input_tokens: 5, ..Usage::default() };
        for (usage, asks) in
            [(None, true), (Some(told(None)), true), (Some(told(Some(0.1))), true), (None, false)]
        {
            let spent = Spent { at: all.now, ran: Duration::ZERO, usage };
            all.total.add(&id, &spent, asks);
        }
        assert_eq!((all.total.untold, all.total.attempts), (2, 7));
        let out = all.render(&Style::plain(80));
        assert!(
            out.contains("~$1.85+") && out.ends_with("+ 2 attempts told no cost: they are not in the sums\n"),
            "{out}"
        );
        assert!(!costs().render(&Style::plain(80)).contains('+'));
    }

    #[test]
    fn the_most_expensive_is_first_and_a_narrow_screen_has_what_matters() {
        let style = Style::plain;
        let wide = costs().render(&style(80));
        let first = |head: &str| wide.split(head).nth(1).unwrap().lines().nth(1).unwrap().to_owned();
        assert!(first("DAY").starts_with("2026-11-29"), "{wide}");
        assert!(first("PROJECT").starts_with("/srv/other"), "{wide}");
        assert!(first("RUNNER").starts_with("claude"), "{wide}");
        assert!(wide.contains("~$1.75") && wide.contains("1.2M") && wide.contains("16m 40s"), "{wide}");
        let narrow = costs().render(&style(40));
        for text in [&wide, &narrow] {
            let limit = if text == &wide { 80 } else { 40 };
            assert!(text.lines().all(|line| base::style::width(line) <= limit), "{text}");
            assert!(text.contains("COST") && text.contains("TIME"), "{text}");
        }
        assert!(!narrow.contains("CONVOYS"), "{narrow}");
    }
}
