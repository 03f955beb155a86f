//! Runs the rules of one language over one file.

use std::collections::BTreeSet;
use std::path::Path;

use ast_grep_core::AstGrep;
use ast_grep_core::matcher::MatcherExt;
use ast_grep_core::meta_var::MetaVarEnv;

use crate::domain::Domain;
use crate::facts::role;
use crate::finding::{Edit, Finding, Step};
use crate::fix;
use crate::flow::{self, Verdict};
use crate::imports::{self, Resolved};
use crate::language::{Family, Language};
use crate::pack::Table;
use crate::rule::{About, Rule, Tests};
use crate::source;
use crate::spot;
use crate::suppress::{self, Silences};
use crate::tree::{Doc, Node};
use crate::wording::{fill, quote};
use findings::Severity;
use findings::comment::Syntax;

type NodeMatch<'t> = ast_grep_core::NodeMatch<'t, Doc>;

/// How much work a rule may be over one file: the bytes of each piece of code that it is
/// tried on, and the steps from there to all that is around it. A rule that is more is
/// given up there, with all it found, and the report says so. Work is counted and not
/// time, so that the report is the same however busy the machine is.
const RULE_BUDGET: usize = 4 << 30;
/// What one step counts.
const STEP: usize = 64;
/// CWEs where data of a request means the whole system.
const CRITICAL: [u32; 4] = [78, 89, 94, 502];

/// What one file gave.
#[derive(Debug, Default)]
pub struct Scanned {
    pub findings: Vec<Finding>,
    /// Silenced by comments of the code.
    pub suppressed: Vec<Finding>,
    /// Rules given up because they took too long.
    pub given_up: Vec<String>,
    /// The first line that the grammar does not take: no rule is sure of what is there.
    pub unparsed: Option<usize>,
}

impl Scanned {
    pub(crate) fn add(&mut self, other: Scanned) {
        self.findings.extend(other.findings);
        self.suppressed.extend(other.suppressed);
    }
}

/// Scans the text of one file, which is at `path` in the project.
/// `only`: the rules that are asked for; `None`: all.
pub fn scan(
    table: &Table,
    only: Option<&BTreeSet<String>>,
    language: Language,
    path: &Path,
    source: &str,
) -> Result<Scanned, String> {
    let is_asked = |about: &About| only.is_none_or(|only| only.contains(&about.id));
    let in_tests = source::is_test_path(path);
    let resolved = imports::resolve(language, source);
    let written = resolved.as_ref().map_or(source, |resolved| &resolved.text);
    let may_hold = flow::may_hold_request(language, written);
    let live: Vec<bool> = table
        .rules
        .iter()
        .map(|rule| {
            is_asked(&rule.about)
                && (may_hold || !flow::is_of_request(&rule.about))
                && is_live(&rule.about, written, in_tests)
        })
        .collect();
    let mut scanned = Scanned::default();
    if !live.contains(&true) {
        return Ok(scanned);
    }
    let tree = parse(language, written)?;
    scanned.unparsed = first_wrong(&tree.root()).map(|node| node.start_pos().line() + 1);
    let origin = Origin { path, source, resolved: resolved.as_ref() };
    let hits = hits(table, language, &origin, &tree.root(), live, &mut scanned.given_up);
    let lines: Vec<&str> = source.lines().collect();
    let syntax = Syntax::of(path);
    let silences = if hits.is_empty() { Silences::default() } else { Silences::of(source) };
    for (index, is_allowed, mut finding) in hits {
        let about = &table.rules[index].about;
        if scanned.given_up.contains(&about.id) {
            continue;
        }
        finding.spot.lines = spot::lines(syntax, &lines, finding.line, finding.end_line);
        finding.suggestion = fix::suggestion(source, &finding);
        // A comment on any line of the code that is quoted.
        let range = finding.line..=finding.end_line.min(finding.line + 20);
        if is_allowed || silences.hold(&range, about) {
            scanned.suppressed.push(finding);
        } else {
            scanned.findings.push(finding);
        }
    }
    Ok(scanned)
}

/// What is newer than a grammar, and what is as long and means the same to rules.
const NEWER: [(Family, &str, &str); 2] = [
    // A value, since Go 1.26: as a call by any other name.
    (Family::Go, "new(", "neu("),
    (Family::JavaScript, "export type *", "export      *"),
];

/// The tree of a text, in which every place is the same.
fn parse(language: Language, text: &str) -> Result<AstGrep<Doc>, String> {
    let tree = AstGrep::doc(Doc::try_new(text, language)?);
    for (_, newer, known) in NEWER.iter().filter(|(family, ..)| *family == language.family()) {
        if text.contains(newer) && first_wrong(&tree.root()).is_some() {
            let other = AstGrep::doc(Doc::try_new(&text.replace(newer, known), language)?);
            if first_wrong(&other.root()).is_none() {
                return Ok(other);
            }
        }
    }
    Ok(tree)
}

/// The first code that is none in this language.
fn first_wrong<'t>(root: &Node<'t>) -> Option<Node<'t>> {
    if !root.get_inner_node().has_error() {
        return None;
    }
    root.dfs().find(|node| node.is_error() || node.is_missing())
}

/// Every hit in the tree: the index of its rule, and whether an attribute allows it.
fn hits(
    table: &Table,
    language: Language,
    origin: &Origin<'_>,
    root: &Node<'_>,
    mut live: Vec<bool>,
    given_up: &mut Vec<String>,
) -> Vec<(usize, bool, Finding)> {
    let mut found = Vec::new();
    let mut spent: Vec<usize> = vec![0; table.rules.len()];
    let mut flow = flow::DataFlow::new(language);
    let mut around = Around::default();
    for node in root.dfs() {
        let depth = around.enter(&node);
        let Some(candidates) = table.by_kind.get(usize::from(node.kind_id())) else {
            continue;
        };
        // Each step outwards is one from the root on, and as dear as many bytes.
        let work = node.range().len().saturating_add(depth.saturating_mul(depth).saturating_mul(STEP));
        for &index in candidates {
            if !live[index] {
                continue;
            }
            let rule = &table.rules[index];
            spent[index] = spent[index].saturating_add(work);
            if spent[index] > RULE_BUDGET {
                live[index] = false;
                given_up.push(rule.about.id.clone());
                continue;
            }
            if let Some(finding) = judge(rule, &node, &mut flow, origin) {
                found.push((index, suppress::is_allowed(&node, &rule.about), finding));
            }
        }
    }
    found
}

/// The ends of the nodes around the one that is visited.
#[derive(Debug, Default)]
struct Around(Vec<usize>);

impl Around {
    /// How deep the node lies.
    fn enter(&mut self, node: &Node<'_>) -> usize {
        let range = node.range();
        while self.0.last().is_some_and(|end| *end < range.end || *end <= range.start) {
            self.0.pop();
        }
        self.0.push(range.end);
        self.0.len()
    }
}

/// A rule that cannot match this text is not tried on its tree.
fn is_live(about: &About, source: &str, in_tests: bool) -> bool {
    !(in_tests && about.tests == Tests::Skip)
        && (about.words.is_empty() || about.words.iter().any(|word| source.contains(word.as_str())))
        && about.needs.iter().all(|word| source.contains(word.as_str()))
}

/// The file that a tree was made from, maybe with imported names written out.
struct Origin<'s> {
    path: &'s Path,
    source: &'s str,
    resolved: Option<&'s Resolved>,
}

impl Origin<'_> {
    fn place(&self, at: usize) -> usize {
        self.resolved.map_or(at, |resolved| resolved.origin(at))
    }

    /// The code of a node as it stands in the file.
    fn code(&self, node: &Node<'_>) -> &str {
        let range = node.range();
        self.source.get(self.place(range.start)..self.place(range.end)).unwrap_or_default()
    }

    /// In characters, from 1.
    fn column(&self, node: &Node<'_>) -> usize {
        let before = self.source.get(..self.place(node.range().start)).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }
}

fn judge<'t>(
    rule: &Rule,
    node: &Node<'t>,
    flow: &mut flow::DataFlow<'t>,
    origin: &Origin<'_>,
) -> Option<Finding> {
    let about = &rule.about;
    let matched = rule.matcher.match_node(node.clone())?;
    if about.tests == Tests::Skip && in_rust_test(&matched) {
        return None;
    }
    let env = matched.get_env();
    if let Some((left, right)) = &about.same
        && !same_text(env.get_match(left), env.get_match(right))
    {
        return None;
    }
    let (severity, confidence, trace) = weigh(rule, env, flow)?;
    // Nobody but those who work on the project runs it, on what is theirs.
    let is_theirs = trace.is_empty() && about.domain != Domain::Correctness && role::is_script(origin.path);
    let severity = if is_theirs { lower(severity) } else { severity };
    let start = matched.start_pos();
    let end = matched.end_pos();
    Some(Finding {
        rule: about.id.clone(),
        domain: about.domain,
        severity,
        confidence,
        title: fill(&about.title, quoted(env)),
        category: about.category.clone(),
        cwe: about.cwe.clone(),
        problem: fill(&about.message, quoted(env)),
        impact: fill(&about.impact, quoted(env)),
        fix: fill(&about.fix, quoted(env)),
        path: origin.path.to_owned(),
        line: start.line() + 1,
        // A node that ends at the beginning of a line ends on the line before.
        end_line: (end.line() + usize::from(end.byte_point().1 > 0)).max(start.line() + 1),
        column: origin.column(&matched),
        snippet: if about.mask { String::new() } else { quote(origin.code(&matched)) },
        trace,
        spot: spot::of(&matched),
        said: Vec::new(),
        edit: edit(rule, &matched, origin),
        suggestion: None,
        new: None,
    })
}

/// One level less.
fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Blocker => Severity::Critical,
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
        Severity::Unrated => Severity::Unrated,
    }
}

/// What a rule that mends would write; `None` also where the code is not written as it
/// was looked at (an imported name), so that it would not be exact.
fn edit(rule: &Rule, matched: &NodeMatch<'_>, origin: &Origin<'_>) -> Option<Edit> {
    let made = matched.make_edit(&rule.matcher, rule.fixer.as_ref()?);
    let range = made.position..made.position + made.deleted_length;
    let root = matched.ancestors().last().unwrap_or_else(|| matched.get_node().clone());
    let looked_at =
        root.text().get(range.start.checked_sub(root.range().start)?..)?.get(..range.len())?.to_owned();
    let range = origin.place(range.start)..origin.place(range.end);
    let old = origin.source.get(range.clone()).filter(|old| *old == looked_at)?.to_owned();
    Some(Edit { range, old, new: String::from_utf8(made.inserted_text).ok()? })
}

/// How bad and how sure a hit is by where its value comes from; `None`: no hit.
fn weigh<'t>(
    rule: &Rule,
    env: &MetaVarEnv<'t, Doc>,
    flow: &mut flow::DataFlow<'t>,
) -> Option<(Severity, u8, Vec<Step>)> {
    let about = &rule.about;
    let known = (about.severity, about.confidence.percent(), Vec::new());
    // The rule can match without this argument; then there is nothing to follow.
    let Some((wanted, value)) = about.flow.as_ref().and_then(|flow| Some((flow, env.get_match(&flow.arg)?)))
    else {
        return Some(known);
    };
    match flow.check(value, wanted.want, &about.cwe) {
        Verdict::Drop => None,
        Verdict::Keep => {
            let is_own = rule.trusted.as_ref().is_some_and(|trusted| trusted.is_match(&value.text()));
            (!is_own).then_some(known)
        }
        Verdict::FromSource(steps) => {
            let worst = about.cwe.iter().any(|cwe| CRITICAL.contains(cwe));
            let severity = if worst { Severity::Critical } else { about.severity.max(Severity::High) };
            Some((severity, 90, steps))
        }
    }
}

/// Whether two pieces of code are the same but for blanks.
fn same_text(left: Option<&Node<'_>>, right: Option<&Node<'_>>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return true;
    };
    let (left, right) = (left.text(), right.text());
    left.split_whitespace().eq(right.split_whitespace())
}

/// Rust keeps its unit tests inside the file they test.
fn in_rust_test(node: &Node<'_>) -> bool {
    if *node.lang() != Language::Rust {
        return false;
    }
    std::iter::once(node.clone()).chain(node.ancestors()).any(|ancestor| {
        matches!(ancestor.kind().as_ref(), "mod_item" | "function_item")
            && ancestor
                .prev_all()
                .take_while(|before| matches!(before.kind().as_ref(), "attribute_item" | "line_comment"))
                .any(|before| {
                    let text = before.text();
                    text.starts_with("#[")
                        && (text.contains("cfg(test")
                            || text.contains("test]")
                            || text.contains("bench]")
                            || text.contains("(test,")
                            || text.contains("cfg(all(test"))
                })
    })
}

/// Matched code by the name of its metavariable.
fn quoted(env: &MetaVarEnv<'_, Doc>) -> impl Fn(&str) -> Option<String> {
    // Templates write `$X`; the code must not end their quotes.
    |name| env.get_match(name).map(|node| quote(&node.text()).replace('`', "'"))
}
