//! `--dry-run`: what a start would do, down to the words of each command and
//! each prompt, as the first attempt of every agent would get them.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use base::called::as_typed;
use base::environment::Environment;
use base::{duration, text};
use planning::planner::Prepared;
use protocol::layout::{Home, published};
use protocol::placeholder::{Placeholders, shown};
use protocol::plan::{AgentPlan, Cwd, Origin, Plan, PromptDelivery};
use protocol::prompt::{Assignment, DependencyOutcome, DependencyResult, compose};

use crate::screen::{View, origin};

/// The plan as JSON, with the files and what there is to know.
pub(crate) fn json(prepared: &Prepared) -> Result<String> {
    let files: Vec<base::encoded_path::EncodedPath> =
        prepared.files.iter().map(|file| file.as_path().into()).collect();
    let value = serde_json::json!({ "plan": prepared.plan, "files": files, "notes": prepared.notes });
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}

/// The same for people.
pub(crate) fn text(environment: &Environment, view: &View<'_>) -> String {
    let plan = &view.prepared.plan;
    let mut out = format!("{}\n", as_typed(&view.head()));
    let _ = writeln!(out, "reports  {}", view.path(plan.output_dir.as_path()));
    let mut limits = format!("{} in all", duration::shown(plan.convoy_timeout_ms));
    if let Some(n) = plan.max_parallel {
        let _ = write!(limits, ", {n} agents at a time");
    }
    let _ = writeln!(out, "limits   {limits}");
    for (i, file) in view.prepared.files.iter().enumerate() {
        let name = if i == 0 { "files" } else { "" };
        let _ = writeln!(out, "{name:9}{}", text::path(file));
    }
    for (i, path) in plan.inputs.not_files.iter().enumerate() {
        let name = if i == 0 { "no files" } else { "" };
        let _ = writeln!(out, "{name:9}{}", text::path(path.as_path()));
    }
    for agent in &plan.agents {
        agent_text(&mut out, environment, view.prepared, agent);
    }
    out.push_str("\nnothing was created\n");
    out
}

fn agent_text(out: &mut String, environment: &Environment, prepared: &Prepared, agent: &AgentPlan) {
    let plan = &prepared.plan;
    let invocation = &agent.invocation;
    let dir = Home::of(environment).convoy(&plan.id);
    let files = dir.attempt(&agent.role, 1);
    let assignment_files = &prepared.files;
    let dependencies = dependencies(plan, agent);
    let output_file = files.report();
    let prompt = compose(&Assignment {
        plan,
        agent,
        attempt: 1,
        files: assignment_files,
        output_file: &output_file,
        dependencies: &dependencies,
        merged: None,
    });
    let placeholders = Placeholders {
        prompt_file: files.prompt(),
        output_file: output_file.clone(),
        output_dir: files.out_dir(),
        project: plan.tree().to_path_buf(),
        read_dir: plan.read_dir().to_path_buf(),
        reports_dir: plan.output_dir.as_path().to_path_buf(),
        files_from: match agent.files {
            Some(_) => files.files(),
            None => dir.files(),
        },
        base: plan.inputs.base_commit.clone().unwrap_or_default(),
        joined: if plan.inputs.joined.is_empty() { PathBuf::new() } else { dir.joined() },
        model: invocation.model_argument.clone().unwrap_or_default(),
        tools: invocation.tools.join(","),
        role: agent.role.to_string(),
        convoy: plan.id.to_string(),
        attempt: 1,
        config_dir: dir.cli_config(&agent.role),
        cwd: invocation.cwd.directory(plan.tree(), &dir, &agent.role),
        session: String::new(),
        // The same for everybody, and longer than the rest of the line.
        schema: "{schema}".to_owned(),
        schema_file: files.schema(),
        prompt: prompt.clone(),
    };
    let mut command = shown(invocation.program.as_ref());
    for word in &placeholders.fill_all(&invocation.argv) {
        let _ = write!(command, " {}", shown(word));
    }
    let _ = writeln!(out, "\n{}\n  command  {command}", heading(agent));
    if let Some(placement) = &agent.placement {
        let mut placed = shown(placement.program.as_ref());
        for word in placement.words.iter().flat_map(|group| &group.words) {
            let _ = write!(placed, " {}", shown(OsStr::new(word)));
        }
        let _ = writeln!(out, "  placed   {placed}");
    }
    let _ = writeln!(out, "  starts   {}", starts(invocation.cwd));
    if invocation.cwd == Cwd::Own {
        let _ = writeln!(out, "  reads    {}", text::path(plan.read_dir()));
    }
    for (name, value) in &invocation.set_env {
        let _ = writeln!(out, "  env      {}={}", text::visible(name), text::visible(value));
    }
    if !invocation.static_only {
        prompt_text(out, invocation.prompt, &prompt);
    }
}

fn starts(cwd: Cwd) -> &'static str {
    match cwd {
        Cwd::Project => "in the project",
        Cwd::Own => "in an empty directory of its own",
    }
}

fn prompt_text(out: &mut String, delivery: PromptDelivery, prompt: &[u8]) {
    let given = match delivery {
        PromptDelivery::Stdin => "on stdin",
        PromptDelivery::Argv => "as an argument",
        PromptDelivery::File => "as a file",
    };
    let _ = writeln!(out, "  prompt   {given}:");
    for line in String::from_utf8_lossy(prompt).lines() {
        let line = text::visible(line);
        let _ = writeln!(out, "{}", if line.is_empty() { line } else { format!("    {line}") });
    }
}

/// `security (code-review-security): claude sonnet, 30m, after …`
fn heading(agent: &AgentPlan) -> String {
    let invocation = &agent.invocation;
    let mut out = format!(
        "{} ({}{}): {}",
        agent.role,
        agent.subagent,
        match agent.subagent_origin {
            Origin::BuiltIn => "",
            Origin::User | Origin::File => ", user",
        },
        invocation.runner
    );
    out.push_str(origin(invocation.runner_origin));
    for next in agent.chain().skip(1) {
        let _ = write!(out, ", then {}{}", next.runner, origin(next.runner_origin));
    }
    if let Some(model) = &invocation.model {
        let _ = write!(out, " {}", text::visible(model));
    }
    let _ = write!(out, ", {}", duration::shown(agent.timeout_ms));
    if let Some(placement) = &agent.placement {
        let _ = write!(out, ", by executor {}{}", placement.executor, origin(placement.executor_origin));
    }
    if invocation.unconfined {
        out.push_str(", unconfined");
    }
    if !agent.parallel {
        out.push_str(", alone");
    }
    if let Some(fan_out) = &agent.fan_out {
        let _ = write!(out, ", an agent {}", fan_out.told());
        for other in &fan_out.others {
            let _ = write!(out, ", or {}", other.runner);
        }
    }
    if !agent.depends_on.is_empty() {
        let names: Vec<&str> = agent.depends_on.iter().map(base::ids::Role::as_str).collect();
        let _ = write!(out, ", after {}", names.join(", "));
    }
    out
}

/// As if every dependency completes.
fn dependencies(plan: &Plan, agent: &AgentPlan) -> Vec<DependencyOutcome> {
    let report = |role: &base::ids::Role| -> PathBuf {
        published(plan.output_dir.as_path(), &plan.stamp, &plan.id, &format!("{role}.md"))
    };
    let outcome = |role: &base::ids::Role| DependencyOutcome {
        role: role.clone(),
        result: DependencyResult::Completed { report: report(role) },
    };
    let is_stage = |role: &&base::ids::Role| plan.agent(role).is_some_and(|agent| agent.fan_out.is_some());
    agent.depends_on.iter().filter(|role| !is_stage(role)).map(outcome).collect()
}
