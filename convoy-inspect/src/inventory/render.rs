//! The inventory as Markdown. Names come from the project: they are data.

use std::fmt::Write as _;
use std::path::Path;

use base::style::count;
use base::text;
use protocol::plan::Issue;

use super::author_of;
use super::locate::Place;
use super::survey::{File, Survey};

/// Rows of each table.
const ROWS: usize = 10;

/// Text in a cell or a line: one line, no markup.
pub(crate) fn cell(value: &str) -> String {
    let mut out = String::new();
    for c in text::visible(value).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A path as code, whatever it holds.
pub(crate) fn code(path: &Path) -> String {
    let shown = text::path(path);
    if shown.contains(['`', '|']) { cell(&shown) } else { format!("`{shown}`") }
}

pub(crate) fn report(survey: &Survey, issues: &[(Issue, Vec<Place>)]) -> String {
    let mut out = String::from(
        "# Plan: what there is to know first\n\nStatic rules only: no AI has planned this. It is an inventory of the project; the steps are still to be thought of.\n\n",
    );
    about_issues(&mut out, survey, issues);
    languages(&mut out, survey);
    unread(&mut out, survey);
    entry_points(&mut out, survey);
    tests(&mut out, survey);
    hot_spots(&mut out, survey);
    largest(&mut out, survey);
    out
}

fn about_issues(out: &mut String, survey: &Survey, issues: &[(Issue, Vec<Place>)]) {
    for (issue, places) in issues {
        let _ = writeln!(out, "## Issue {}: {}\n", cell(&issue.id), cell(&issue.title));
        if issue.title.is_empty() && issue.body.is_empty() {
            out.push_str("Only its name is known here: give its text with `--issues-file`.\n\n");
            continue;
        }
        if places.is_empty() {
            out.push_str("None of its words points to a place in the code.\n\n");
            continue;
        }
        out.push_str("It may be about (by its words):\n\n");
        for place in places {
            let changed = survey.history.changes(&place.path).map_or(0, |changes| changes.commits);
            let _ = writeln!(
                out,
                "- {}: {}; changed in {}",
                code(&place.path),
                place.words.join(", "),
                count(changed, "commit")
            );
        }
        if let Some(author) = author_of(&survey.history, places.iter().map(|place| place.path.as_path())) {
            let _ = writeln!(out, "\nWho knows these files best: {}", cell(&author));
        }
        out.push('\n');
    }
}

fn languages(out: &mut String, survey: &Survey) {
    let all: u64 = survey.files.iter().map(|file| file.lines).sum();
    let _ = writeln!(
        out,
        "## Languages\n\n{} of {}\n",
        count(survey.files.len() as u64, "file"),
        count(all, "line")
    );
    let languages = survey.languages();
    if languages.is_empty() {
        return;
    }
    out.push_str("| Language | Files | Lines | In tests |\n| --- | ---: | ---: | ---: |\n");
    for language in languages.iter().take(ROWS) {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            language.name, language.files, language.lines, language.test_lines
        );
    }
    out.push('\n');
}

/// Of these nothing is counted above or below.
fn unread(out: &mut String, survey: &Survey) {
    let unread: Vec<(&File, &str)> =
        survey.files.iter().filter_map(|file| Some((file, file.unread.as_deref()?))).collect();
    if unread.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Not read\n\n{} could not be read:\n", count(unread.len() as u64, "file"));
    for (file, why) in unread.iter().take(2 * ROWS) {
        let _ = writeln!(out, "- {}: {}", code(file.path()), cell(why));
    }
    if unread.len() > 2 * ROWS {
        let _ = writeln!(out, "- and {} more", unread.len() - 2 * ROWS);
    }
    out.push('\n');
}

fn entry_points(out: &mut String, survey: &Survey) {
    let mut points: Vec<&File> =
        survey.files.iter().filter(|file| file.entry_point.is_some() && !file.test).collect();
    points.sort_by_key(|file| (file.path().components().count(), file.path().to_path_buf()));
    if points.is_empty() {
        return;
    }
    out.push_str("## Entry points\n\n");
    for file in points.iter().take(2 * ROWS) {
        let _ = writeln!(out, "- {}: {}", code(file.path()), file.entry_point.unwrap_or_default());
    }
    if points.len() > 2 * ROWS {
        let _ = writeln!(out, "- and {} more", points.len() - 2 * ROWS);
    }
    out.push('\n');
}

fn tests(out: &mut String, survey: &Survey) {
    let of = |test: bool| survey.files.iter().filter(move |file| file.is_code() && file.test == test);
    let (files, lines): (u64, u64) = (of(true).count() as u64, of(true).map(|file| file.lines).sum());
    let code: u64 = of(false).map(|file| file.lines).sum();
    out.push_str("## Tests\n\n");
    if files == 0 {
        out.push_str(
            "No tests were found by their names: a plan begins with one that shows today's behaviour.\n",
        );
    } else {
        let _ = writeln!(
            out,
            "{} with {} of test code for {} of code.",
            count(files, "test file"),
            count(lines, "line"),
            count(code, "line")
        );
    }
    for command in &survey.test_commands {
        let _ = writeln!(out, "- run them: `{}`", command.replace('`', "'"));
    }
    out.push('\n');
}

fn hot_spots(out: &mut String, survey: &Survey) {
    out.push_str("## Hot spots\n\n");
    let spots = survey.hot_spots();
    if survey.history.commits == 0 {
        out.push_str("There is no git history to tell.\n\n");
        return;
    }
    let commits = count(survey.history.commits as u64, "commit");
    if spots.is_empty() {
        let _ = writeln!(out, "In the last {commits} no file of code has changed twice.\n");
        return;
    }
    let _ = writeln!(out, "What changes often and is long, in the last {commits}:\n");
    out.push_str("| File | Commits | Lines | Who most |\n| --- | ---: | ---: | --- |\n");
    for file in spots.iter().take(ROWS) {
        let author = author_of(&survey.history, [file.path()].into_iter()).unwrap_or_default();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            code(file.path()),
            file.commits,
            file.lines,
            cell(&author)
        );
    }
    out.push('\n');
}

fn largest(out: &mut String, survey: &Survey) {
    let largest = survey.largest();
    if largest.is_empty() {
        return;
    }
    out.push_str("## Largest files\n\n");
    for file in largest.iter().take(ROWS) {
        let _ = writeln!(out, "- {}: {}", code(file.path()), count(file.lines, "line"));
    }
}
