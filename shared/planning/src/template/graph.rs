//! Who waits for whom: roles are unique, dependencies exist, nobody waits for itself.

use std::collections::HashMap;

use protocol::plan::{ReportKind, Require};

use crate::diagnostic::Diagnostic;
use crate::fields::Reader;

use super::agents::Draft;

/// Looking for near names costs time; a template with more errors than this
/// has another problem than a typing error.
const MAX_SUGGESTIONS: usize = 20;

pub(super) fn check(reader: &mut Reader<'_>, drafts: &[Draft]) {
    let mut index: HashMap<&str, usize> = HashMap::new();
    for (i, draft) in drafts.iter().enumerate() {
        let Some(role) = &draft.role else { continue };
        if index.contains_key(role.value.as_str()) {
            let message = format!("duplicate role '{}': two agents have it", role.value);
            reader.problem(role.at, message);
        } else {
            index.insert(role.value.as_str(), i);
        }
    }
    let edges = check_dependencies(reader, drafts, &index);
    check_require(reader, drafts, &edges);
    check_synthesis(reader, drafts);
    for cycle in cycles(&edges) {
        name_cycle(reader, drafts, &cycle);
    }
}

/// Checks that all dependencies exist, in any order, and gives them as indices.
fn check_dependencies(
    reader: &mut Reader<'_>,
    drafts: &[Draft],
    index: &HashMap<&str, usize>,
) -> Vec<Vec<usize>> {
    let mut suggestions = 0;
    let mut edges = vec![Vec::new(); drafts.len()];
    for (i, draft) in drafts.iter().enumerate() {
        for dependency in &draft.depends_on {
            let name = dependency.value.as_str();
            if let Some(&to) = index.get(name) {
                if edges[i].contains(&to) {
                    let message = format!("dependency '{name}' is given twice");
                    reader.problem(dependency.at, message);
                } else {
                    edges[i].push(to);
                }
                continue;
            }
            let message = format!("unknown dependency '{name}': no agent has this role");
            suggestions += 1;
            if suggestions <= MAX_SUGGESTIONS {
                reader.problem_near(dependency.at, message, name, index.keys().copied());
            } else {
                reader.problem(dependency.at, message);
            }
        }
    }
    edges
}

fn check_require(reader: &mut Reader<'_>, drafts: &[Draft], edges: &[Vec<usize>]) {
    for (draft, edges) in drafts.iter().zip(edges) {
        // How many a `forEach` makes is known later; it is checked there.
        if edges.iter().any(|&to| drafts[to].for_each.is_some()) {
            continue;
        }
        let Some(require) = &draft.require else {
            continue;
        };
        let count = draft.depends_on.len();
        if let Require::AtLeast(n) = require.value
            && n as usize > count
        {
            let message = format!("'require' is {n}, more than its dependencies ({count})");
            reader.problem(require.at, message);
        }
    }
}

fn check_synthesis(reader: &mut Reader<'_>, drafts: &[Draft]) {
    let finals = drafts.iter().filter(|draft| draft.settings.report == ReportKind::Synthesis);
    for role in finals.skip(1).filter_map(|draft| draft.role.as_ref()) {
        let message = format!(
            "a second final report: only one agent may have \"report\": \"synthesis\", '{}' is another",
            role.value
        );
        reader.problem(role.at, message);
    }
}

fn name_cycle(reader: &mut Reader<'_>, drafts: &[Draft], cycle: &[usize]) {
    let role = |i: &usize| drafts[*i].role.as_ref();
    let Some(first) = cycle.first().and_then(role) else {
        return;
    };
    let names: Vec<&str> =
        cycle.iter().chain(cycle.first()).filter_map(role).map(|role| role.value.as_str()).collect();
    // A dependency's own place is nearer to the mistake than its agent's role.
    let at = cycle
        .first()
        .zip(names.get(1))
        .and_then(|(i, next)| {
            let mut deps = drafts[*i].depends_on.iter();
            deps.find(|dep| dep.value.as_str() == *next)
        })
        .map_or(first.at, |dep| dep.at);
    let problem = Diagnostic::new(format!("dependency cycle: {}", names.join(" → ")));
    reader.problem_from(at, &problem.hint("take one of them out of 'dependsOn'"));
}

/// Cycles, each once, every cyclic knot at least once. A walk with a stack of
/// its own: a chain of many thousand agents must not end the program.
fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut found = Vec::new();
    let mut marks = vec![Mark::New; edges.len()];
    for start in 0..edges.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(&to) = edges[*node].get(*next) else {
                marks[*node] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::Open;
                    path.push((to, 0));
                }
                Mark::Open => {
                    let from = path.iter().position(|(node, _)| *node == to);
                    let cycle = path[from.unwrap_or(0)..].iter().map(|(node, _)| *node);
                    found.push(cycle.collect());
                }
                Mark::Done => {}
            }
        }
    }
    found
}
