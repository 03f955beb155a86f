//! The rules: labels decide, else the words of the text. Pure.

use std::path::PathBuf;

use protocol::plan::Issue;

use super::card::{Card, Priority};

/// Categories with the labels and the words that mean them. The first of those
/// that are named equally often wins: what does harm goes before what is wished.
const CATEGORIES: [(&str, &[&str], &[&str]); 7] = [
    (
        "security",
        &["security", "vulnerability", "cve"],
        &[
            "vulnerab",
            "exploit",
            "injection",
            "xss",
            "csrf",
            "cve-",
            "leaks secret",
            "leaks password",
            "bypass",
            "unauthori",
        ],
    ),
    (
        "bug",
        &["bug", "defect", "crash", "regression", "type: bug", "kind/bug"],
        &[
            "crash",
            "bug",
            "broken",
            "exception",
            "traceback",
            "panic",
            "fails",
            "fail to",
            "wrong",
            "does not work",
            "doesn't work",
            "error",
            "regression",
            "hangs",
            "segfault",
            "undefined is not",
            "lost",
            "loses ",
            "missing after",
            "not saved",
            "corrupt",
        ],
    ),
    (
        "performance",
        &["performance", "perf", "slow"],
        &[
            "slow",
            "latency",
            "performance",
            "memory leak",
            "out of memory",
            "cpu",
            "takes minutes",
            "takes seconds",
            "timeout",
        ],
    ),
    (
        "docs",
        &["documentation", "docs"],
        &["documentation", "readme", "docs", "typo", "docstring", "explain in the"],
    ),
    (
        "question",
        &["question", "help wanted", "support"],
        &["how do i", "how can i", "how to", "is it possible", "question", "what is the", "why does"],
    ),
    (
        "chore",
        &["chore", "dependencies", "ci", "refactor", "tech debt", "maintenance"],
        &[
            "upgrade",
            "bump",
            "refactor",
            "clean up",
            "cleanup",
            "dependency",
            "ci ",
            "rename",
            "migrate",
            "deprecat",
        ],
    ),
    (
        "feature",
        &["enhancement", "feature", "feature request", "type: feature", "kind/feature"],
        &[
            "add ",
            "support for",
            "allow ",
            "would be nice",
            "feature",
            "it should be possible",
            "please add",
            "i would like",
            "i'd like",
            "wish",
        ],
    ),
];

const URGENT_LABELS: [&str; 7] =
    ["p0", "urgent", "blocker", "critical", "severity: critical", "priority: critical", "sev1"];
const HIGH_LABELS: [&str; 5] = ["p1", "high", "priority: high", "severity: high", "important"];
const LOW_LABELS: [&str; 6] = ["p3", "p4", "low", "priority: low", "good first issue", "nice to have"];
const URGENT_WORDS: [&str; 9] = [
    "data loss",
    "loses data",
    "lost data",
    "production is down",
    "outage",
    "remote code execution",
    "anyone can",
    "all users",
    "cannot log in",
];
const HIGH_WORDS: [&str; 8] =
    ["crash", "regression", "security", "vulnerab", "corrupt", "blocks", "panic", "segfault"];
const LOW_WORDS: [&str; 6] = ["typo", "nice to have", "would be nice", "cosmetic", "minor", "some day"];
const LARGE_WORDS: [&str; 9] = [
    "redesign",
    "rewrite",
    "migrate",
    "architecture",
    "everywhere",
    "across all",
    "breaking change",
    "new api",
    "from scratch",
];
const SMALL_WORDS: [&str; 6] = ["typo", "rename", "one line", "off by one", "bump", "spelling"];

/// Judges one issue.
pub(super) fn judge(
    issue: &Issue,
    duplicates: Vec<String>,
    places: Vec<PathBuf>,
    owner: Option<String>,
) -> Card {
    let text = format!("{}\n{}", issue.title, issue.body).to_lowercase();
    let labels: Vec<String> = issue.labels.iter().map(|label| label.to_lowercase()).collect();
    let unread = issue.title.is_empty() && issue.body.is_empty() && issue.labels.is_empty();
    let mut because = Vec::new();
    let category = category(&text, &issue.title.to_lowercase(), &labels, &mut because);
    let priority = (!unread).then(|| priority(&text, &labels, category, issue.comments, &mut because));
    let complexity = complexity(&text, &places, &mut because);
    Card {
        id: issue.id.clone(),
        title: issue.title.clone(),
        category,
        priority,
        complexity,
        duplicates,
        owner,
        places,
        missing: missing(issue, category, &text),
        because,
    }
}

fn named<'w>(labels: &[String], wanted: &[&'w str]) -> Option<&'w str> {
    wanted.iter().find(|word| labels.iter().any(|label| label == *word)).copied()
}

fn said<'w>(text: &str, wanted: &[&'w str]) -> Option<&'w str> {
    wanted.iter().find(|word| text.contains(**word)).copied()
}

fn category(text: &str, title: &str, labels: &[String], because: &mut Vec<String>) -> &'static str {
    for (name, by_label, _) in CATEGORIES {
        if let Some(label) = named(labels, by_label) {
            because.push(format!("label '{label}'"));
            return name;
        }
    }
    // The title says what it is; the body may tell of anything.
    let weight = |words: &[&str]| {
        words
            .iter()
            .map(|word| 3 * usize::from(title.contains(word)) + usize::from(text.contains(word)))
            .sum()
    };
    let mut best: (usize, &str, &[&str]) = (0, "unclear", &[]);
    for (name, _, words) in CATEGORIES {
        let found: usize = weight(words);
        if found > best.0 {
            best = (found, name, words);
        }
    }
    if let Some(word) = said(title, best.2).or_else(|| said(text, best.2)) {
        because.push(format!("it says '{}'", word.trim()));
    }
    best.1
}

fn priority(
    text: &str,
    labels: &[String],
    category: &str,
    comments: Option<u64>,
    because: &mut Vec<String>,
) -> Priority {
    let by_label = [
        (Priority::Urgent, &URGENT_LABELS[..]),
        (Priority::High, &HIGH_LABELS),
        (Priority::Low, &LOW_LABELS),
    ];
    for (priority, wanted) in by_label {
        if let Some(label) = named(labels, wanted) {
            because.push(format!("label '{label}'"));
            return priority;
        }
    }
    let by_word =
        [(Priority::Urgent, &URGENT_WORDS[..]), (Priority::High, &HIGH_WORDS), (Priority::Low, &LOW_WORDS)];
    for (priority, wanted) in by_word {
        // A wish for a feature may speak of crashes without being one.
        let harm = matches!(category, "bug" | "security" | "performance" | "unclear");
        if let Some(word) = said(text, wanted).filter(|_| harm || priority == Priority::Low) {
            because.push(format!("it speaks of '{word}'"));
            return priority;
        }
    }
    match (category, comments) {
        ("security", _) => Priority::High,
        (_, Some(n)) if n >= 10 => {
            because.push(format!("{n} comments"));
            Priority::High
        }
        ("docs" | "question" | "chore", _) => Priority::Low,
        _ => Priority::Medium,
    }
}

fn complexity(text: &str, places: &[PathBuf], because: &mut Vec<String>) -> &'static str {
    if let Some(word) = said(text, &SMALL_WORDS) {
        because.push(format!("'{word}' is small work"));
        return "small";
    }
    if let Some(word) = said(text, &LARGE_WORDS) {
        because.push(format!("'{word}' is large work"));
        return "large";
    }
    let directories: std::collections::BTreeSet<_> = places.iter().filter_map(|path| path.parent()).collect();
    match (directories.len(), text.len()) {
        (4.., _) | (_, 4000..) => "large",
        (2.., _) | (_, 800..) => "medium",
        (1, _) => "small",
        (0, _) => "unknown",
    }
}

/// What a bug report needs before anybody can begin.
fn missing(issue: &Issue, category: &str, text: &str) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if issue.title.is_empty() && issue.body.is_empty() {
        return vec!["its text (only the id is known here)"];
    }
    if issue.body.trim().len() < 40 {
        missing.push("a description");
    }
    if category == "bug" {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if !has(&["steps", "reproduce", "1.", "```", "when i", "when you", "if you", "after "]) {
            missing.push("steps to reproduce");
        }
        if !has(&["expected", "should", "instead of", "supposed to"]) {
            missing.push("what was expected");
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(title: &str, body: &str, labels: &[&str]) -> Card {
        let issue = Issue {
            id: "1".to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            ..Issue::default()
        };
        judge(&issue, Vec::new(), vec!["src/a.ts".into()], None)
    }

    #[test]
    fn issues_are_sorted_as_people_would() {
        for (title, body, labels, category, priority, complexity) in [
            ("App crashes on empty order", "Traceback in orders.py", &[][..], "bug", Priority::High, "small"),
            ("Loses data when two save", "all is lost data", &["bug"], "bug", Priority::Urgent, "small"),
            ("SQL injection in the login", "", &[], "security", Priority::High, "small"),
            ("Typo in README", "", &[], "docs", Priority::Low, "small"),
            ("Add dark mode", "It would be nice.", &[], "feature", Priority::Low, "small"),
            ("Add export, the old one did crash", "", &["enhancement"], "feature", Priority::Medium, "small"),
            ("How do I configure it?", "", &[], "question", Priority::Low, "small"),
            ("Search is slow", "takes seconds", &["p1"], "performance", Priority::High, "small"),
            ("Rewrite the storage", "", &["chore"], "chore", Priority::Low, "large"),
            ("Hmm", "", &[], "unclear", Priority::Medium, "small"),
        ] {
            let card = judged(title, body, labels);
            assert_eq!(
                (card.category, card.priority, card.complexity),
                (category, Some(priority), complexity),
                "{title}"
            );
        }
    }

    #[test]
    fn a_bug_report_says_what_it_lacks() {
        assert_eq!(
            judged("It crashes", "", &[]).missing,
            ["a description", "steps to reproduce", "what was expected"]
        );
        let good = "1. open the page\n2. press save\nExpected: it is saved. Actual: it crashes.";
        assert!(judged("It crashes", good, &[]).missing.is_empty());
        let unread = judged("", "", &[]);
        assert_eq!((unread.missing, unread.priority), (vec!["its text (only the id is known here)"], None));
    }
}
