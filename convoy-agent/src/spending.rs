//! Tokens and cost of an attempt that runs, and the budgets it must keep.
//!
//! Every supervisor of a convoy with a budget leaves its own figures in
//! `<role>.<n>.usage` and adds up those of the others: so the convoy's budget
//! holds while several run, without anybody in the middle.

use std::collections::BTreeSet;

use base::files::{self, Sync};
use protocol::budget::{self, Ceiling, ceiling};
use protocol::layout::{AttemptFiles, ConvoyDir};
use protocol::outcome::Usage;
use protocol::plan::{AgentPlan, Plan};
use protocol::store::read_state;

use crate::stream::{self, Tokens};

#[derive(Debug)]
pub(crate) struct Spending<'a> {
    plan: &'a Plan,
    agent: &'a AgentPlan,
    dir: &'a ConvoyDir,
    files: &'a AttemptFiles,
    /// What was spent before in the same conversation …
    before: Usage,
    /// … and by this attempt in earlier runs of its command.
    already: Usage,
    /// Which figures of its stream count from the first run of a conversation.
    cumulative: BTreeSet<String>,
    told: Option<Usage>,
}

impl<'a> Spending<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        agent: &'a AgentPlan,
        dir: &'a ConvoyDir,
        files: &'a AttemptFiles,
        before: Usage,
        already: Usage,
    ) -> Self {
        let invocation = &agent.invocation;
        let rules = stream::rules(invocation.stream, &invocation.events);
        let cumulative = rules.into_iter().flat_map(|rule| rule.cumulative).collect();
        Spending { plan, agent, dir, files, before, already, cumulative, told: None }
    }

    /// What this attempt has spent, with what the stream tells.
    pub(crate) fn usage(&self, tokens: Option<Tokens>) -> Option<Usage> {
        Some(self.already.plus(self.of_this_run(tokens)?))
    }

    /// Are its budgets used up with this?
    pub(crate) fn is_used_up(&self, usage: &Usage) -> bool {
        // Not known is not "within".
        self.exceeded_by(usage).map_or(true, |words| words.is_some())
    }

    fn of_this_run(&self, tokens: Option<Tokens>) -> Option<Usage> {
        let tokens = tokens?;
        let before = &self.before;
        let mut usage = Usage {
            input_tokens: tokens.input,
            cached_input_tokens: tokens.cached,
            output_tokens: tokens.output,
            cost_usd: tokens.cost,
            cost_estimated: false,
        };
        // Which figures of a continued conversation go on counting from its beginning.
        for figure in &self.cumulative {
            match figure.as_str() {
                "input" => usage.input_tokens = usage.input_tokens.saturating_sub(before.input_tokens),
                "cached" => {
                    usage.cached_input_tokens =
                        usage.cached_input_tokens.saturating_sub(before.cached_input_tokens);
                }
                "output" => usage.output_tokens = usage.output_tokens.saturating_sub(before.output_tokens),
                "cost" => {
                    let known = before.cost_usd.filter(|_| !before.cost_estimated).unwrap_or(0.0);
                    usage.cost_usd = usage.cost_usd.map(|cost| (cost - known).max(0.0));
                }
                _ => {}
            }
        }
        if let (None, Some(price)) = (usage.cost_usd, self.agent.invocation.price) {
            usage.cost_usd = Some(price.of(&usage));
            usage.cost_estimated = true;
        }
        Some(usage)
    }

    /// Takes the newest figures; the words for a budget that is used up.
    pub(crate) fn over(&mut self, tokens: Option<Tokens>) -> Option<String> {
        let usage = self.usage(tokens)?;
        if self.told == Some(usage) {
            return None;
        }
        self.told = Some(usage);
        self.publish(&usage);
        self.exceeded_by(&usage).unwrap_or_else(|_| {
            // Not known is not "within": the same figures are looked at again.
            self.told = None;
            None
        })
    }

    /// The words for a budget that is used up; an error: it cannot be told now.
    fn exceeded_by(&self, usage: &Usage) -> base::Result<Option<String>> {
        let own = Ceiling { usd: self.agent.budget_usd, tokens: self.agent.budget_tokens };
        if let Some(words) = own.exceeded_by(usage) {
            return Ok(Some(words));
        }
        if self.plan.budget_usd.is_none() && self.plan.budget_tokens.is_none() {
            return Ok(None);
        }
        let state = read_state(self.dir)?;
        let others = budget::total(&state).plus(budget::live(self.dir, &state, Some(&self.agent.role))?);
        let words = ceiling(self.plan, self.agent, &others).exceeded_by(usage);
        Ok(words.map(|words| format!("{words} left of the convoy's")))
    }

    fn publish(&self, usage: &Usage) {
        if let Ok(bytes) = serde_json::to_vec(usage) {
            // Only others' sums and the screens want it.
            let _ = files::replace(&self.files.usage(), self.files.dir(), &bytes, Sync::Later);
        }
    }
}
