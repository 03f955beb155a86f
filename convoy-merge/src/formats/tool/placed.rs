//! What is said below a place on a line of its own: `src/a.svelte:3:9` above `Error: message`,
//! and `src/a.js:3:9 lint/noVar ━━━━━━━` above `  × message`, with all that is indented below.

use super::Reader;
use super::level::level;
use super::line::{Remark, below_file, object, remark, set_place};
use crate::formats::entry::names_file;

/// Fewer of them in a row rule nothing off.
const RULED: &str = "━━━━";

#[derive(Default)]
pub(super) struct Placed {
    waiting: Option<Waiting>,
    /// Up to where the remark that was read last goes.
    until: usize,
    /// What is indented belongs to the ruled heading above.
    ruled: bool,
}

/// A heading whose message is to follow.
struct Waiting {
    line: String,
    file: Option<String>,
    number: Option<u32>,
    rule: Option<String>,
    start: usize,
    end: usize,
}

impl Reader {
    /// Takes such a heading, the message below it, and what belongs to that.
    pub(super) fn placed(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if !indented && let Some(heading) = ruled_heading(bare, start, end) {
            self.without_message();
            (self.placed.waiting, self.placed.ruled) = (Some(heading), true);
            return true;
        }
        if self.placed.ruled && indented {
            self.below_rule(bare, end);
            return true;
        }
        let told = levelled(bare).filter(|_| !indented && !self.placed.ruled);
        let heading = self.placed.waiting.take_if(|heading| told.is_some() && heading.end == start);
        if let (Some(heading), Some((severity, title))) = (heading, told) {
            self.placed_remark(&heading, severity, title, end);
            return true;
        }
        // Rows with places of their own: of the first of them only the file is told above.
        let names_file = |heading: &Waiting| heading.file.is_some() && heading.end == start;
        let rows = below_file(bare).is_some() && !self.placed.ruled;
        if let Some(heading) = self.placed.waiting.take_if(|heading| rows && names_file(heading)) {
            (self.file, self.number) = (heading.file, None);
            return false;
        }
        self.without_message();
        self.placed.ruled = false;
        let waits = self.entries.last().is_some_and(|last| last.waits);
        if let Some(heading) = place_alone(bare, start, end).filter(|_| !indented && !waits) {
            self.placed.waiting = Some(heading);
            return true;
        }
        // The code below a message, up to a blank line.
        let more = self.placed.until == start && start > 0 && remark(bare).is_none();
        if let Some(last) = self.entries.last_mut().filter(|_| more) {
            (last.end, self.placed.until) = (end, end);
        }
        more
    }

    /// The message of a ruled heading, its further lines, and what explains it.
    fn below_rule(&mut self, bare: &str, end: usize) {
        let Some((severity, title)) = marked(bare).filter(|_| self.placed.waiting.is_some()) else {
            if let Some(last) = self.entries.last_mut().filter(|_| self.placed.waiting.is_none()) {
                last.end = end;
            }
            return;
        };
        let Some(heading) = self.placed.waiting.take() else { return };
        if heading.file.is_some() {
            self.placed_remark(&heading, severity, title, end);
        } else if !title.contains(" were emitted ") {
            // "Some errors were emitted" is the sum of what stands above.
            self.stopped = Some(title.chars().take(120).collect());
        }
        self.placed.until = 0;
    }

    fn placed_remark(&mut self, heading: &Waiting, severity: &'static str, title: &str, end: usize) {
        let found =
            Remark { file: None, line: None, severity: Some(severity), rule: heading.rule.as_deref(), title };
        let mut found = object(&found);
        set_place(&mut found, heading.file.as_deref(), heading.number);
        self.push(found, heading.start, end);
        self.placed.until = end;
    }

    /// A heading below which nothing was said is a line like others, or a remark that was not read.
    pub(super) fn without_message(&mut self) {
        let Some(heading) = self.placed.waiting.take() else { return };
        if self.placed.ruled {
            self.unplaced += 1;
        } else {
            self.unknown(&heading.line);
        }
    }
}

/// `src/a.js:3:9 lint/noVar  FIXABLE ━━━━━`, `src/a.js format ━━━━━`, `check ━━━━━`
fn ruled_heading(line: &str, start: usize, end: usize) -> Option<Waiting> {
    let front = line.trim_end_matches('━');
    let mut words = line[front.len()..].starts_with(RULED).then(|| front.split_whitespace())?;
    let first = words.next()?;
    let (file, number) = place(first).unwrap_or((first, None));
    let file = names_file(file).then(|| file.to_string());
    let rule = if file.is_some() { words.next().map(str::to_string) } else { None };
    Some(Waiting { line: line.to_string(), file, number, rule, start, end })
}

/// `src/a.svelte:3:9` and nothing else.
fn place_alone(line: &str, start: usize, end: usize) -> Option<Waiting> {
    let (file, number) = place(line).filter(|(file, number)| names_file(file) && number.is_some())?;
    Some(Waiting { line: line.to_string(), file: Some(file.to_string()), number, rule: None, start, end })
}

/// A file, a line and a column.
fn place(text: &str) -> Option<(&str, Option<u32>)> {
    let (front, column) = text.rsplit_once(':')?;
    let (file, number) = front.rsplit_once(':')?;
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    (is_number(column) && is_number(number)).then(|| (file, number.parse().ok()))
}

/// `Error: message`, `Warn: message`
fn levelled(line: &str) -> Option<(&'static str, &str)> {
    let (word, title) = line.split_once(": ")?;
    level(word).filter(|_| title.contains(char::is_alphabetic)).map(|level| (level, title.trim()))
}

/// `× message`, `! message`, `i message`
fn marked(line: &str) -> Option<(&'static str, &str)> {
    let (mark, title) = line.split_once(' ')?;
    let severity = match mark {
        "!" => "warning",
        "x" => "error",
        "i" => "info",
        _ => level(mark).filter(|_| mark.chars().count() <= 2)?,
    };
    Some((severity, title.trim()))
}

#[cfg(test)]
mod tests {
    use super::super::super::told;

    #[test]
    fn what_stands_below_a_place_on_a_line_of_its_own() {
        let one = "Getting the types...\n\n/k/src/Hob.svelte:4:7\nError: A ring has no `heat`\n  in what it is. (ts)\n</script>\nlet off = <p>{ring.heat}</p>\n\n/k/src/Hob.svelte:4:2\nError: 'lid' is declared but never read. (ts)\n<script lang=\"ts\">\n  let lid = 1;\n  let pan = 2;\n\n/k/src/Pan.svelte:9:1\nWarn: A pan needs a lid\nhttps://docs.example/e/lid (a11y)\n<pan>\n\n==========\nfound 2 errors and 1 warning in 2 files\n";
        let all = vec![
            "/k/src/Hob.svelte:4 high A ring has no `heat`".to_string(),
            "/k/src/Hob.svelte:4 high 'lid' is declared but never read.".to_string(),
            "/k/src/Pan.svelte:9 medium A pan needs a lid".to_string(),
        ];
        assert_eq!(told(one, "check.txt"), (all.clone(), true));
        let unsaid = one.replace("Warn: A pan needs a lid\nhttps://docs.example/e/lid (a11y)\n<pan>\n", "");
        assert_eq!(told(&unsaid, "check.txt"), (all[..2].to_vec(), false), "one has no message");
    }

    #[test]
    fn rows_below_a_place() {
        let text = "  ISSUES\n\nsrc/hob.js:14:3\n 14:3  high    The heat is logged    no-log\n 15:9  low     Use a const           prefer-const\n\nsrc/pan.py:3:1\n 3:1   medium  Unused import os      F401\n\nChecked 2 files\n✖ 3 issues\n";
        let all = [
            "src/hob.js:14 high The heat is logged",
            "src/hob.js:15 low Use a const",
            "src/pan.py:3 medium Unused import os",
        ];
        assert_eq!(told(text, "check.txt"), (all.map(str::to_string).to_vec(), true));
    }

    #[test]
    fn what_stands_below_a_ruled_heading() {
        let text = "src/hob.js:3:9 lint/noHeat  FIXABLE  ━━━━━━━━━━━━━━\n\n  ! The heat is never read.\n  \n  > 3 │ let heat;\n      │     ^^^^\n  \n  i Read it.\n  \n\nsrc/pan.js format ━━━━━━━━━━━━━━\n\n  × It is not in order:\n  \n    1 │ - a()\n      1 │ + a();\n  \n\nChecked 2 files in 9ms. No fixes applied.\nFound 1 error.\nFound 1 warning.\ncheck ━━━━━━━━━━━━━━\n\n  × Some errors were emitted while running checks.\n  \n";
        let both = vec![
            "src/hob.js:3 medium The heat is never read.".to_string(),
            "src/pan.js high It is not in order".to_string(),
        ];
        assert_eq!(told(text, "lint.txt"), (both.clone(), true));
        let failed = text.replace("Some errors were emitted while running checks", "The disk is full");
        assert_eq!(told(&failed, "lint.txt"), (both.clone(), false), "it says more than that of the run");
        let (found, whole) = told(&text.replace("  × It is not in order:\n", ""), "lint.txt");
        assert_eq!((found, whole), (both[..1].to_vec(), false), "one has no message");
    }
}
