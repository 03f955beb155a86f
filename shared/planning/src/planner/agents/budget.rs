//! Budgets that nothing could hold: whether an agent's stream tells what is spent.

use base::ids::Name;
use protocol::plan::{EventKind, EventRule, Invocation, Stream};

use crate::diagnostic::Diagnostic;
use crate::runner::{Runner, When};
use crate::template::TemplateAgent;

/// Of an agent's own budget. True: it is told what the agent spends.
pub(super) fn refuse_unheld_budget(
    agent: &TemplateAgent,
    name: &Name,
    runner: &Runner,
    invocation: &Invocation,
) -> Result<bool, Diagnostic> {
    if !runner.ai || tells(invocation, &["input", "fresh", "output", "cost"]) {
        return Ok(true);
    }
    let settings = &agent.settings;
    // A CLI may hold a budget in dollars by itself.
    let holds_usd = runner.arguments.iter().any(|argument| argument.when == Some(When::Budget));
    if (settings.budget_usd.is_some() && !holds_usd) || settings.budget_tokens.is_some() {
        return Err(Diagnostic::new(format!(
            "'{}' has a budget, and runner '{name}' does not tell what it spends",
            agent.role
        ))
        .hint("choose another runner, or leave the budget of this agent out: its timeout limits it"));
    }
    Ok(false)
}

/// Does its stream tell any of these figures?
pub(super) fn tells(invocation: &Invocation, parts: &[&str]) -> bool {
    let has = |rule: &EventRule| parts.iter().any(|part| rule.at.contains_key(*part));
    match invocation.stream {
        Stream::Plain => false,
        Stream::Jsonl => invocation.events.iter().any(|rule| rule.is == EventKind::Spent && has(rule)),
        Stream::ClaudeStreamJson | Stream::CodexJsonl | Stream::GeminiStreamJson | Stream::OpencodeJsonl => {
            true
        }
    }
}

/// A budget in dollars for a CLI that tells no cost, and a model without a price.
pub(super) fn unknown_cost(budget: Option<f64>, runner: &Runner, invocation: &Invocation) -> Option<String> {
    let tells_cost = match invocation.stream {
        // Who tells nothing at all is spoken of elsewhere.
        Stream::ClaudeStreamJson | Stream::OpencodeJsonl | Stream::Plain => true,
        Stream::CodexJsonl | Stream::GeminiStreamJson => false,
        Stream::Jsonl => tells(invocation, &["cost"]) || !tells(invocation, &["input", "fresh", "output"]),
    };
    if budget.is_none() || !runner.ai || tells_cost || invocation.price.is_some() {
        return None;
    }
    let model = invocation.model_argument.as_deref().unwrap_or("its default model");
    Some(format!(
        "the cost of {model} ({}) is not known and not counted: add it to prices.toml, or use budgetTokens",
        invocation.runner
    ))
}
