//! What is known of one issue, and the report it makes: the fields that the
//! triage agent is asked for, so that the summary reads both alike.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::inventory::render::{cell, code};

/// How soon it must be dealt with; the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Priority {
    Urgent,
    High,
    Medium,
    Low,
}

impl Priority {
    pub(super) const ALL: [Priority; 4] = [Priority::Urgent, Priority::High, Priority::Medium, Priority::Low];

    pub(super) fn word(self) -> &'static str {
        match self {
            Priority::Urgent => "urgent",
            Priority::High => "high",
            Priority::Medium => "medium",
            Priority::Low => "low",
        }
    }
}

/// One issue, judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) category: &'static str,
    /// `None`: nothing of the issue but its name is known.
    pub(super) priority: Option<Priority>,
    pub(super) complexity: &'static str,
    /// Issues that say the same, nearest first.
    pub(super) duplicates: Vec<String>,
    pub(super) owner: Option<String>,
    pub(super) places: Vec<PathBuf>,
    /// What the report lacks for anybody to begin.
    pub(super) missing: Vec<&'static str>,
    /// The signs that decided.
    pub(super) because: Vec<String>,
}

impl Card {
    pub(super) fn report(&self) -> String {
        let title = if self.title.is_empty() { String::new() } else { format!(": {}", cell(&self.title)) };
        let mut out = format!("# Triage of {}{title}\n\n", cell(&self.id));
        out.push_str("Static rules only: no AI has read this issue.\n\n");
        let list = |list: &[String]| if list.is_empty() { "none".to_owned() } else { cell(&list.join(", ")) };
        let fields = [
            ("Category", self.category.to_owned()),
            ("Priority", self.priority.map_or("?", Priority::word).to_owned()),
            ("Complexity", self.complexity.to_owned()),
            ("Duplicates", list(&self.duplicates)),
            ("Owner", self.owner.as_deref().map_or_else(|| "none".to_owned(), cell)),
        ];
        for (name, value) in fields {
            let _ = writeln!(out, "**{name}:** {value}  ");
        }
        let places: Vec<String> = self.places.iter().map(|path| code(path)).collect();
        let where_ =
            if places.is_empty() { "not to be told by its words".to_owned() } else { places.join(", ") };
        let _ = writeln!(out, "**Where:** {where_}  ");
        let missing = if self.missing.is_empty() { "nothing".to_owned() } else { self.missing.join(", ") };
        let _ = writeln!(out, "**Missing:** {missing}  ");
        let because = if self.because.is_empty() {
            "nothing in it says more".to_owned()
        } else {
            self.because.join("; ")
        };
        let _ = writeln!(out, "**Because:** {because}");
        out
    }
}
