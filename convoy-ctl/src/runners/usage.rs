//! `runners --usage`: of each login, until when it is limited and what convoys spent
//! with it. All of it is read from the state directory; no service is asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use base::environment::Environment;
use base::error::chain;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program;
use base::style::{Style, pad, pad_left};
use base::text;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};
use protocol::agent::Agent;
use protocol::convoys;
use protocol::layout::{ConvoyDir, Home};
use protocol::outcome::Usage;
use protocol::plan::{AgentPlan, Plan};
use protocol::state::State;
use protocol::store::read_state;
use serde::Serialize;

use crate::screen::status::thousands;
use crate::spent::{self, dollars};

/// One login: a runner, and the provider of its model where that is one of several.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Login {
    runner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    provider: String,
    /// Until when it is limited, as far as convoys were told.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked_until: Option<Timestamp>,
    /// Attempts that ended today, and what those that run have told so far.
    today: Usage,
    /// The same from Monday on.
    this_week: Usage,
}

#[derive(Debug, Serialize)]
struct Unread {
    id: ConvoyId,
    why: String,
}

#[derive(Debug, Serialize)]
struct Told {
    logins: Vec<Login>,
    /// Convoys that could not be read: what they spent is not in the sums.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<Unread>,
}

pub(crate) fn run(environment: &Environment, json: bool) -> Result<Exit> {
    let style = Style::of_stdout(environment);
    let home = Home::of(environment);
    let now = Timestamp::now().to_zoned_datetime(style.zone.clone());
    let mut sums = Sums::since(&now)?;
    let mut unread = Vec::new();
    for id in convoys::all_ids(&home)? {
        if let Err(error) = sums.add(&home.convoy(&id)) {
            unread.push(Unread { id, why: chain(&error) });
        }
    }
    let told = Told { logins: sums.logins.into_values().collect(), unread };
    for one in &told.unread {
        program::tell(&format!("{} is not counted: {}", one.id, text::visible(&one.why)));
    }
    let out = if json {
        format!("{}\n", serde_json::to_string_pretty(&told)?)
    } else {
        render(&told, &style, now.timestamp())
    };
    program::print(&out)?;
    Ok(if told.unread.is_empty() { Exit::Done } else { Exit::State })
}

struct Sums {
    now: Timestamp,
    today: Timestamp,
    week: Timestamp,
    logins: BTreeMap<(String, String), Login>,
}

impl Sums {
    /// Days and weeks are those of the user's zone; a week begins on Monday.
    fn since(now: &ZonedDateTime) -> Result<Self> {
        let date = now.date();
        let monday = date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days())?;
        let zone = now.time_zone();
        let start = |date: Date| Ok::<_, jiff::Error>(date.to_zoned_datetime(zone.clone())?.timestamp());
        let (today, week) = (start(date)?, start(monday)?);
        Ok(Sums { now: now.timestamp(), today, week, logins: BTreeMap::new() })
    }

    fn add(&mut self, dir: &ConvoyDir) -> base::Result<()> {
        let state = read_state(dir)?;
        // What ended before this week is not asked for; a limit may last longer.
        let is_old = state.completed_at.is_some_and(|at| at < self.week);
        let limited = state.agents.iter().any(|agent| self.limits(agent).next().is_some());
        if is_old && !limited {
            return Ok(());
        }
        let plan = Plan::read(dir)?;
        for agent in &state.agents {
            let Some(planned) = plan.agent(&agent.role) else { continue };
            self.add_limits(agent, planned);
            self.add_spent(dir, &state, agent, planned)?;
        }
        Ok(())
    }

    /// Limits of an agent's logins that last: the place in its chain, and until when.
    fn limits<'a>(&'a self, agent: &'a Agent) -> impl Iterator<Item = (usize, Timestamp)> + 'a {
        let before = std::iter::once(0).chain(agent.handovers.iter().map(|handover| handover.place));
        let left = agent.handovers.iter().zip(before).map(|(handover, place)| (place, handover.until));
        let all = left.chain([(agent.place(), agent.not_before())]);
        all.filter_map(|(place, until)| Some((place, until?))).filter(|(_, until)| *until > self.now)
    }

    fn add_limits(&mut self, agent: &Agent, planned: &AgentPlan) {
        let limits: Vec<(usize, Timestamp)> = self.limits(agent).collect();
        for (place, until) in limits {
            if let Some(login) = self.login(planned, place) {
                login.parked_until = login.parked_until.max(Some(until));
            }
        }
    }

    fn add_spent(
        &mut self,
        dir: &ConvoyDir,
        state: &State,
        agent: &Agent,
        planned: &AgentPlan,
    ) -> base::Result<()> {
        for n in 1..=agent.attempt {
            let spent = spent::of_attempt(dir, state, agent, n, self.now)?;
            let Some((at, usage)) = spent.and_then(|spent| Some((spent.at, spent.usage?))) else { continue };
            let (today, week) = (self.today, self.week);
            let place = agent.handover_of(n).map_or(0, |handover| handover.place);
            let Some(login) = self.login(planned, place) else { continue };
            if at >= week {
                login.this_week = login.this_week.plus(usage);
            }
            if at >= today {
                login.today = login.today.plus(usage);
            }
        }
        Ok(())
    }

    /// `None`: who asks no service has no login.
    fn login(&mut self, planned: &AgentPlan, place: usize) -> Option<&mut Login> {
        let (runner, provider) = planned.invocation_at(place).credential()?;
        let key = (runner.to_owned(), provider.to_owned());
        let new = Login { runner: key.0.clone(), provider: key.1.clone(), ..Login::default() };
        Some(self.logins.entry(key).or_insert(new))
    }
}

fn render(told: &Told, style: &Style, now: Timestamp) -> String {
    if told.logins.is_empty() {
        return "nothing was spent this week, and no login is known to be limited\n".to_owned();
    }
    let name = |login: &Login| match login.provider.as_str() {
        "" => login.runner.clone(),
        provider => format!("{} {}", login.runner, text::visible(provider)),
    };
    let parked = |login: &Login| {
        login.parked_until.map_or_else(|| style.dash().to_owned(), |until| style.when(until, now))
    };
    let head = ["LOGIN", "LIMITED UNTIL", "TODAY", "THIS WEEK"].map(str::to_owned);
    let row = |login: &Login| [name(login), parked(login), amount(&login.today), amount(&login.this_week)];
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(told.logins.iter().map(row)).collect();
    let widths: [usize; 4] = std::array::from_fn(|column| {
        rows.iter().map(|row| base::style::width(&row[column])).max().unwrap_or(0)
    });
    let mut out = String::new();
    for row in &rows {
        let line = format!(
            "{}  {}  {}  {}",
            pad(&row[0], widths[0]),
            pad(&row[1], widths[1]),
            pad_left(&row[2], widths[2]),
            pad_left(&row[3], widths[3])
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// `$1.20, 23,000 tokens`; `~` before a cost that is an estimate.
fn amount(usage: &Usage) -> String {
    let tokens = (usage.tokens() > 0).then(|| format!("{} tokens", thousands(usage.tokens())));
    let parts: Vec<String> = dollars(usage).into_iter().chain(tokens).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
