//! What is known before the program runs: numbers, texts and truth, of literals and of
//! names that are given one once. And what follows from it: branches that are never taken.

use crate::flow::DataFlow;
use crate::flow::grammar::{literal, named};
use crate::flow::scopes::{self, Assignment, Via};
use crate::tree::Node;

/// A value that is the same in every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Number(i64),
    Text(String),
    Truth(bool),
}

/// Whether code is ever reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Never,
    /// It may be; the block in whose straight line it stands, if in one.
    In(Option<usize>),
}

/// How far a value is followed; conditions depend on names, and those on conditions.
const DEPTH: usize = 8;

/// What holds one statement, so that it is reached as what is around it.
const PLAIN: [&str; 12] = [
    "block",
    "statement_block",
    "statement_list",
    "else_clause",
    "expression_statement",
    "assignment",
    "assignment_expression",
    "assignment_statement",
    "expression_list",
    "lexical_declaration",
    "local_variable_declaration",
    "variable_declarator",
];

/// What holds the cases of a `match` or a `switch`.
const BRANCHES: [&str; 3] = ["block", "switch_body", "switch_block"];

impl<'t> DataFlow<'t> {
    fn known(&mut self, node: &Node<'t>, depth: usize) -> Option<Known> {
        if depth > DEPTH || self.budget == 0 {
            return None;
        }
        self.budget -= 1;
        let depth = depth + 1;
        match node.kind().as_ref() {
            "integer" | "number" | "int_literal" | "decimal_integer_literal" | "integer_literal" => {
                node.text().parse().ok().map(Known::Number)
            }
            "true" => Some(Known::Truth(true)),
            "false" => Some(Known::Truth(false)),
            "string" | "string_literal" | "interpreted_string_literal" | "character_literal" => {
                literal(node).map(Known::Text)
            }
            "identifier" => {
                let name = node.text().into_owned();
                let scope = scopes::scope(node)?;
                let all = self.assignments(&scope);
                let mut own = all.iter().filter(|found| found.name == name);
                let only =
                    own.next().filter(|only| only.via == Via::Whole && only.end <= node.range().start)?;
                // A second one may come before this in another turn of a loop, or from a function
                // that is called meanwhile.
                if own.next().is_some() || self.writes(&scope).get(&name) != Some(&1) {
                    return None;
                }
                self.known(&only.value.clone(), depth)
            }
            "parenthesized_expression" => self.known(&named(node).pop()?, depth),
            "not_operator" => self.truth(&node.field("argument")?, depth).map(|truth| Known::Truth(!truth)),
            "subscript" | "subscript_expression" => {
                let object = node.field("value").or_else(|| node.field("object"))?;
                let index = node.field("subscript").or_else(|| node.field("index"))?;
                match (self.known(&object, depth)?, self.known(&index, depth)?) {
                    (Known::Text(text), Known::Number(at)) => {
                        let found = text.chars().nth(usize::try_from(at).ok()?)?;
                        Some(Known::Text(found.to_string()))
                    }
                    _ => None,
                }
            }
            // Java's way to an element of a text.
            "method_invocation" if node.field("name").is_some_and(|name| name.text() == "charAt") => {
                let index = named(&node.field("arguments")?).pop()?;
                match (self.known(&node.field("object")?, depth)?, self.known(&index, depth)?) {
                    (Known::Text(text), Known::Number(at)) => text
                        .chars()
                        .nth(usize::try_from(at).ok()?)
                        .map(|found| Known::Text(found.to_string())),
                    _ => None,
                }
            }
            "binary_operator" | "binary_expression" | "comparison_operator" | "boolean_operator" => {
                let parts = named(node);
                let [left, right] = parts.as_slice() else { return None };
                let between = node.children().find(|child| {
                    child.range().start >= left.range().end && child.range().end <= right.range().start
                })?;
                let operator = between.text().into_owned();
                let (left, right) = (self.known(left, depth), self.known(right, depth));
                joined(&operator, left, right)
            }
            _ => None,
        }
    }

    /// Whether a condition holds in every run, or in none.
    pub(super) fn truth(&mut self, condition: &Node<'t>, depth: usize) -> Option<bool> {
        match self.known(condition, depth)? {
            Known::Truth(truth) => Some(truth),
            Known::Number(number) => Some(number != 0),
            Known::Text(_) => None,
        }
    }

    /// Whether the part of a branch is the one that is taken; `None`: it depends, or is no part.
    fn is_taken(&mut self, branch: &Node<'t>, part: &Node<'t>, depth: usize) -> Option<bool> {
        match branch.kind().as_ref() {
            "if_statement" | "if_expression" | "elif_clause" => {
                let is = |field: &str| branch.field(field).is_some_and(|at| at.node_id() == part.node_id());
                if is("condition") || is("initializer") {
                    return None;
                }
                let truth = self.truth(&branch.field("condition")?, depth)?;
                Some(truth == is("consequence"))
            }
            "block" if part.kind() == "case_clause" => {
                let taken = self.case(&branch.parent()?, depth)?;
                Some(taken == part.node_id())
            }
            "switch_body" | "switch_block" => {
                Some(self.switched(&branch.parent()?, branch, depth)?.contains(&part.node_id()))
            }
            _ => None,
        }
    }

    /// The cases of a `switch` on a known value that are run: the one of this value, or the
    /// default, and those behind it until one ends the switch.
    fn switched(&mut self, whole: &Node<'t>, body: &Node<'t>, depth: usize) -> Option<Vec<usize>> {
        let subject = whole.field("value").or_else(|| whole.field("condition"))?;
        let subject = self.known(&subject, depth)?;
        let cases: Vec<Node<'t>> = named(body);
        let (mut chosen, mut default) = (None, None);
        for (at, case) in cases.iter().enumerate() {
            let labels = match case.kind().as_ref() {
                "switch_case" => vec![case.field("value")?],
                "switch_default" => Vec::new(),
                "switch_block_statement_group" | "switch_rule" => {
                    let labels = case.named_children().filter(|child| child.kind() == "switch_label");
                    labels.flat_map(|label| named(&label)).collect()
                }
                _ => return None,
            };
            if labels.is_empty() {
                default = Some(at);
            }
            for label in labels {
                if self.known(&label, depth)? == subject && chosen.is_none() {
                    chosen = Some(at);
                }
            }
        }
        let Some(first) = chosen.or(default) else { return Some(Vec::new()) };
        let mut taken = Vec::new();
        for case in cases.get(first..)? {
            taken.push(case.node_id());
            if case.kind() == "switch_rule" || case.named_children().any(|inner| ends(&inner)) {
                break;
            }
        }
        Some(taken)
    }

    /// The case of a `match` on a known value.
    fn case(&mut self, whole: &Node<'t>, depth: usize) -> Option<usize> {
        let subject = self.known(&whole.field("subject")?, depth)?;
        for clause in whole.field("body")?.named_children().filter(|child| child.kind() == "case_clause") {
            if clause.field("guard").is_some() {
                return None;
            }
            let patterns = clause.named_children().filter(|child| child.kind() == "case_pattern");
            for pattern in patterns.collect::<Vec<_>>() {
                for one in pattern.text().split('|').map(str::trim) {
                    let is_it = match one.trim_matches(['"', '\'']) {
                        "_" => true,
                        inner if inner.len() + 2 == one.len() => subject == Known::Text(inner.to_owned()),
                        _ => subject == Known::Number(one.parse().ok()?),
                    };
                    if is_it {
                        return Some(clause.node_id());
                    }
                }
            }
        }
        None
    }

    /// Where an assignment stands, branches that are always taken left out.
    pub(super) fn reach_of(&mut self, found: &Assignment<'t>, depth: usize) -> Reach {
        self.reach(&found.value.clone(), found.block, depth)
    }

    /// Where code stands, as far as the function around it tells.
    pub(super) fn reach(&mut self, node: &Node<'t>, block: Option<usize>, depth: usize) -> Reach {
        let (mut part, mut block, mut is_plain) = (node.clone(), block, block.is_some());
        while let Some(around) = part.parent().filter(|around| !scopes::is_scope(&around.kind())) {
            // Code may lie thousands deep.
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            match self.is_taken(&around, &part, depth) {
                Some(false) => return Reach::Never,
                Some(true) if is_plain && !BRANCHES.contains(&around.kind().as_ref()) => {
                    block = scopes::block_of(&around);
                }
                Some(true) => {}
                None => is_plain &= PLAIN.contains(&around.kind().as_ref()),
            }
            part = around;
        }
        Reach::In(block)
    }
}

/// Whether nothing behind a statement of a case is run.
fn ends(statement: &Node<'_>) -> bool {
    match statement.kind().as_ref() {
        "break_statement" | "return_statement" | "throw_statement" | "continue_statement" => true,
        "statement_block" | "block" => statement.named_children().any(|inner| ends(&inner)),
        _ => false,
    }
}

fn joined(operator: &str, left: Option<Known>, right: Option<Known>) -> Option<Known> {
    use Known::{Number, Text, Truth};
    let sides = [&left, &right];
    let (any, all) =
        (|truth| sides.contains(&&Some(Truth(truth))), |truth| sides == [&Some(Truth(truth)); 2]);
    match operator {
        "and" | "&&" if any(false) => return Some(Truth(false)),
        "and" | "&&" if all(true) => return Some(Truth(true)),
        "or" | "||" if any(true) => return Some(Truth(true)),
        "or" | "||" if all(false) => return Some(Truth(false)),
        _ => {}
    }
    Some(match (left, operator, right) {
        (Some(Number(left)), operator, Some(Number(right))) => match operator {
            "+" => Number(left.checked_add(right)?),
            "-" => Number(left.checked_sub(right)?),
            "*" => Number(left.checked_mul(right)?),
            "<" => Truth(left < right),
            ">" => Truth(left > right),
            "<=" => Truth(left <= right),
            ">=" => Truth(left >= right),
            "==" | "===" => Truth(left == right),
            "!=" | "!==" => Truth(left != right),
            _ => return None,
        },
        (Some(Text(left)), operator, Some(Text(right))) => match operator {
            "+" => Text(left + &right),
            "==" | "===" => Truth(left == right),
            "!=" | "!==" => Truth(left != right),
            "in" => Truth(right.contains(&left)),
            "not in" => Truth(!right.contains(&left)),
            _ => return None,
        },
        _ => return None,
    })
}
