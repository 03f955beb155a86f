//! `decisions stats`: what became of findings, by who made them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::style::Style;
use base::{program, text};
use decisions::{Book, store};
use jiff::Timestamp;
use serde::Serialize;

use super::statistics::{FEWEST, Statistics, Tallies, Tally};
use crate::screen::table::{Columns, Line};

/// So many rows of a table are shown; the JSON has all.
const MOST_ROWS: usize = 15;
const COLUMNS: Columns<7> = Columns {
    heads: ["FOUND", "FIXED", "ACCEPTED", "DISMISSED", "REOPENED", "REFUTED", "SHARE"],
    dispensable: &[4, 1, 2, 5],
};

/// Whose findings, and since when.
pub(super) struct Asked<'a> {
    /// `None`: those of every project.
    pub(super) directory: Option<&'a Path>,
    pub(super) since: Option<Timestamp>,
    pub(super) json: bool,
}

/// A row as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    /// `null`: it was not recorded.
    name: Option<&'a str>,
    #[serde(flatten)]
    tally: &'a Tally,
    /// Of those of which it is known what they are worth, how many were dismissed; `null`:
    /// too few to say.
    share: Option<f64>,
}

/// What is told.
struct Told {
    all: Statistics,
    projects: Tallies,
    since: Option<Timestamp>,
}

pub(super) fn run(environment: &Environment, books: Vec<store::Read>, asked: &Asked<'_>) -> Result<Exit> {
    let mut told = Told { all: Statistics::default(), projects: Tallies::new(), since: asked.since };
    let mut unread = Vec::new();
    for (path, book) in books {
        match book {
            Ok(book) => told.add(&path, &book),
            Err(problem) => unread.push((path, problem.to_string())),
        }
    }
    for (_, why) in &unread {
        program::tell(&format!("not counted: {why}"));
    }
    if asked.json {
        program::print(&told.json(&unread)?)?;
    } else if told.all.total.found == 0 {
        let of = asked.directory.map_or_else(|| "any project".to_owned(), text::path);
        let since = if asked.since.is_some() { " since then" } else { "" };
        program::tell(&format!("nothing is remembered of the findings of {of}{since}"));
    } else {
        program::print(&told.render(&Style::of_stdout(environment), asked.directory.is_none()))?;
    }
    Ok(if unread.is_empty() { Exit::Done } else { Exit::State })
}

impl Told {
    fn add(&mut self, path: &Path, book: &Book) {
        self.all.add(book, self.since);
        let mut own = Statistics::default();
        own.add(book, self.since);
        if own.total.found > 0 {
            self.projects.insert(Some(text::path(project(path))), own.total);
        }
    }

    fn json(&self, unread: &[(PathBuf, String)]) -> Result<String> {
        let unread: Vec<_> = unread
            .iter()
            .map(|(path, why)| serde_json::json!({ "file": text::path(path), "why": why }))
            .collect();
        let out = serde_json::json!({
            "since": self.since,
            "fewest": FEWEST,
            "total": Row { name: Some("all"), tally: &self.all.total, share: self.all.total.share() },
            "projects": rows(&self.projects),
            "reviewers": rows(&self.all.reviewers),
            "runners": rows(&self.all.runners),
            "models": rows(&self.all.models),
            "rules": rows(&self.all.rules),
            "unread": unread,
        });
        Ok(format!("{}\n", serde_json::to_string_pretty(&out)?))
    }

    fn render(&self, style: &Style, of_all: bool) -> String {
        let mut tables = vec![
            ("REVIEWER", lines(&self.all.reviewers, style)),
            ("RUNNER", lines(&self.all.runners, style)),
            ("MODEL", lines(&self.all.models, style)),
            ("RULE", lines(&self.all.rules, style)),
        ];
        if of_all {
            let mut projects = lines(&self.projects, style);
            for (name, _) in &mut projects {
                *name = style.path(Path::new(&*name));
            }
            tables.push(("PROJECT", projects));
        }
        tables.retain(|(_, lines)| !lines.is_empty());
        tables.push(("", vec![("all".to_owned(), cells(&self.all.total, style))]));
        let table = COLUMNS.table(&tables, style);
        let dash = style.dash();
        format!(
            "{table}\nSHARE: how many were dismissed, of those that were fixed, accepted, dismissed\n\
             or reopened; {dash} with fewer than {FEWEST}: too few to say. REFUTED: by verifiers.\n"
        )
    }
}

/// A repository's own directory is inside of the project.
fn project(directory: &Path) -> &Path {
    directory.parent().filter(|_| directory.ends_with(".git")).unwrap_or(directory)
}

/// The noisiest first, then those of which too little is known.
fn sorted(tallies: &Tallies) -> Vec<(Option<&str>, &Tally)> {
    let mut rows: Vec<_> = tallies.iter().map(|(name, tally)| (name.as_deref(), tally)).collect();
    rows.sort_by(|(a_name, a), (b_name, b)| {
        let share = |tally: &Tally| tally.share().unwrap_or(-1.0);
        share(b)
            .total_cmp(&share(a))
            .then((b.dismissed, b.refuted, b.found).cmp(&(a.dismissed, a.refuted, a.found)))
            .then(a_name.cmp(b_name))
    });
    rows
}

fn rows(tallies: &Tallies) -> Vec<Row<'_>> {
    sorted(tallies).into_iter().map(|(name, tally)| Row { name, tally, share: tally.share() }).collect()
}

fn lines(tallies: &Tallies, style: &Style) -> Vec<Line<7>> {
    let rows = sorted(tallies);
    let line = |(name, tally): &(Option<&str>, &Tally)| {
        (text::visible(name.unwrap_or("not recorded")), cells(tally, style))
    };
    let mut lines: Vec<Line<7>> = rows.iter().take(MOST_ROWS).map(line).collect();
    if rows.len() > MOST_ROWS {
        lines.push((format!("and {} more", rows.len() - MOST_ROWS), Default::default()));
    }
    lines
}

fn cells(tally: &Tally, style: &Style) -> [String; 7] {
    let share = tally.share().map(|share| format!("{:.0}%", share * 100.0));
    [
        tally.found.to_string(),
        tally.fixed.to_string(),
        tally.accepted.to_string(),
        tally.dismissed.to_string(),
        tally.reopened.to_string(),
        tally.refuted.to_string(),
        share.unwrap_or_else(|| style.dash().to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Told {
        let tally = |found, dismissed, fixed, refuted| Tally {
            found,
            dismissed,
            fixed,
            refuted,
            open: found - dismissed - fixed,
            ..Tally::default()
        };
        let row = |name: &str, tally| (Some(name.to_owned()), tally);
        let all = Statistics {
            total: tally(31, 10, 9, 3),
            reviewers: [
                row("security", tally(20, 9, 3, 2)),
                row("correctness", tally(11, 1, 6, 1)),
                row("performance", tally(2, 2, 0, 0)),
            ]
            .into(),
            runners: [row("claude", tally(30, 10, 8, 3)), (None, tally(1, 0, 1, 0))].into(),
            models: [row("claude a-model-with-quite-a-long-name-2026", tally(30, 10, 8, 3))].into(),
            rules: (0..20).map(|n| row(&format!("rule-{n:02}"), tally(1, 0, 0, 0))).collect(),
        };
        let projects = [row("/home/me/src/a-shop", tally(31, 10, 9, 3))].into();
        Told { all, projects, since: None }
    }

    #[test]
    fn the_noisiest_stand_first_and_too_few_say_nothing() {
        let out = told().render(&Style::plain(80), false);
        let reviewers: Vec<&str> = out.lines().skip(1).take(3).collect();
        assert!(reviewers[0].starts_with("security") && reviewers[0].ends_with("75%"), "{out}");
        assert!(reviewers[1].starts_with("correctness") && reviewers[1].ends_with("14%"), "{out}");
        assert!(reviewers[2].starts_with("performance") && !reviewers[2].ends_with('%'), "{out}");
        assert!(out.contains("not recorded") && out.contains("and 5 more"), "{out}");
    }

    #[test]
    fn it_fits_a_screen() {
        for columns in [40, 60, 80] {
            let style = Style { whole: false, ..Style::plain(columns) };
            let out = told().render(&style, true);
            let table: Vec<&str> = out.lines().take_while(|line| !line.starts_with("SHARE:")).collect();
            assert!(table.iter().all(|line| base::style::width(line) <= columns), "{columns}\n{out}");
            assert!(out.lines().all(|line| base::style::width(line) <= 80), "{out}");
        }
    }
}
