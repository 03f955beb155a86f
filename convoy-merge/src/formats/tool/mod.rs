//! What compilers and linters print: `src/a.c:3:9: warning: message [rule]`,
//! `src/a.ts(3,9): error TS2322: message`, a file's name above `3:9  error  message  rule`,
//! `error[E0502]: message` above `--> src/a.rs:3:9`, a message below its place or its rule,
//! or below the code it is about.
//!
//! `line` reads one line, `context` knows what stands between them.

mod context;
mod line;

use serde_json::Value;

use super::annotation;
use super::entry::{Given, Object, Source, of_object};
use crate::extract::Extraction;
use crate::model::Recognised;
use crate::signs::marks::{Mark, Marks};

use context::{counts_kind, is_context, is_rule, numbered_code, points_at_code, quotes_code, stopped_early};
use line::set_place;
use line::{Remark, below_code, below_file, code_heading, frame_place, framed_heading, heading};
use line::{message_below_code, object, of_pairs, own_rule, place_first, remark, rule_heading};

pub(super) use context::summed;
pub(super) use line::{after_place, names_file, rule_behind};

/// Longer lines are none of a tool's.
const LONGEST: usize = 4000;

/// Reads a text of nothing but such lines, with the code they quote and a summary;
/// `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    below(text, None)
}

/// The same of remarks on one file, which is named outside.
pub(super) fn below(text: &str, file: Option<&str>) -> Option<Extraction> {
    let mut reader = Reader { file: file.map(str::to_string), ..Reader::default() };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        reader.line(line, at)?;
        at += line.len();
    }
    reader.end(text)
}

/// A remark as it is read, and where it stands.
struct Entry {
    object: Object,
    start: usize,
    end: usize,
    /// Its message stands in the lines below.
    waits: bool,
    /// Code stands below it, as compilers quote it.
    quotes: bool,
    /// The rule that it names behind its message.
    rule: Option<String>,
}

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// What the lines below are about, where it is named by itself.
    file: Option<String>,
    number: Option<u32>,
    /// Lines that are no remark and not what tools print around them.
    others: usize,
    /// Those of them that name a place.
    placed_others: usize,
    /// The lines behind the last remark that are none of these kinds, until code is pointed at.
    open: Vec<Open>,
    /// Whose place stands in the frame below, and where it begins.
    framed: Option<(Object, usize)>,
    /// Is it a log of a CI, with marked lines among others?
    log: bool,
    /// How many remarks it says there are.
    stated: Option<usize>,
    /// How many of these it says it does not show.
    suppressed: usize,
    /// The line that says that not all is here.
    stopped: Option<String>,
}

/// A line that may be the rest of the message above it, or the code that it is about.
struct Open {
    text: String,
    placed: bool,
}

/// A wrapped message and the code below it have no more lines.
const WRAPPED: usize = 6;

impl Reader {
    /// `None`: this line is none of a tool's.
    fn line(&mut self, line: &str, start: usize) -> Option<()> {
        let end = start + line.len();
        let bare = line.trim();
        let indented = line.starts_with([' ', '\t']);
        if bare.is_empty() {
            return Some(());
        }
        if line.len() > LONGEST {
            self.others += 1;
            return Some(());
        }
        match annotation::of_line(bare) {
            Some(annotation::Line::Remark(object)) => {
                self.log = true;
                self.push(object, start, end);
                return Some(());
            }
            Some(annotation::Line::Command) => return Some(()),
            None => {}
        }
        if let Some(place) = bare.strip_prefix("--> ") {
            return self.placed_below(place, end);
        }
        if let Some(object) = of_pairs(bare) {
            self.push(object, start, end);
            return Some(());
        }
        if stopped_early(bare) {
            self.stated = self.stated.max(summed(bare));
            self.stopped = Some(bare.chars().take(120).collect());
            return Some(());
        }
        if points_at_code(bare) && self.pointed_at(end) || self.in_frame(bare, indented, start, end) {
            return Some(());
        }
        if self.message_below(bare, indented, end) {
            return Some(());
        }
        let found = if indented || bare.starts_with('^') {
            self.below(bare)
        } else {
            remark(bare).or_else(|| heading(bare))
        };
        match found.map(|found| (object(&found), found.title.is_empty())) {
            Some((object, waits)) => {
                let rule = own_rule(bare).map(str::to_string);
                self.remark(bare, Entry { object, start, end, waits, quotes: false, rule });
            }
            None => self.other(bare, indented, start, end)?,
        }
        Some(())
    }

    /// A remark below the file, the line or the rule that a line above names.
    fn below<'a>(&'a self, bare: &'a str) -> Option<Remark<'a>> {
        let file = self.file.as_deref()?;
        if let Some(found) = below_file(bare) {
            return Some(Remark { file: Some(file), ..found });
        }
        let found = below_code(bare).or_else(|| message_below_code(bare))?;
        self.number.map(|_| Remark { file: Some(file), line: self.number, ..found })
    }

    fn push(&mut self, object: Object, start: usize, end: usize) {
        self.open.clear();
        self.entries.push(Entry { object, start, end, waits: false, quotes: false, rule: None });
    }

    /// Signs that point at code: what stands between the remark above and them is that code,
    /// and the rest of the remark's message.
    fn pointed_at(&mut self, end: usize) -> bool {
        let open = std::mem::take(&mut self.open);
        let Some(last) = self.entries.last_mut().filter(|_| open.len() <= WRAPPED) else { return false };
        self.others -= open.len();
        self.placed_others -= open.iter().filter(|line| line.placed).count();
        // Code that is not indented stands in the last of these lines.
        let message = if last.quotes { &open[..] } else { &open[..open.len().saturating_sub(1)] };
        if let Some(Value::String(said)) = last.object.get_mut("message") {
            for line in message {
                said.push(' ');
                said.push_str(&line.text);
            }
        }
        last.quotes = true;
        last.end = end;
        true
    }

    /// A remark that is drawn in a frame: its message, then its place and the code.
    fn in_frame(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if let Some((mut object, begin)) = self.framed.take_if(|_| frame_place(bare).is_some()) {
            let (file, number) = frame_place(bare).unwrap_or_default();
            set_place(&mut object, Some(file), number);
            self.push(object, begin, end);
            return true;
        }
        let found = framed_heading(bare).filter(|_| indented);
        if let Some(found) = &found {
            self.framed = Some((object(found), start));
        } else if let (Some((object, _)), Some(more)) = (&mut self.framed, bare.strip_prefix(['|', '│']))
            && let Some(Value::String(said)) = object.get_mut("message")
        {
            said.push(' ');
            said.push_str(more.trim());
            return true;
        }
        found.is_some()
    }

    fn remark(&mut self, bare: &str, entry: Entry) {
        self.open.clear();
        match self.entries.last_mut().filter(|last| explains(bare, &entry, last)) {
            Some(last) => last.end = entry.end,
            None => self.entries.push(entry),
        }
    }

    /// `--> src/a.rs:3:9` below `error[E0502]: message`.
    fn placed_below(&mut self, place: &str, end: usize) -> Option<()> {
        let (path, number, _) = place_first(place)?;
        let last = self.entries.last_mut().filter(|last| !last.object.contains_key("file"))?;
        set_place(&mut last.object, Some(path), number);
        last.end = end;
        Some(())
    }

    /// A message below its place (`a.hs:3:9: error: [GHC-1]`) or its rule: it ends where
    /// the code begins that it is about.
    fn message_below(&mut self, bare: &str, indented: bool, end: usize) -> bool {
        let Some(last) = self.entries.last_mut().filter(|last| last.waits) else { return false };
        if !indented || quotes_code(bare) {
            if let Some(number) = line_of_code(bare).filter(|_| !last.object.contains_key("line")) {
                last.object.insert("line".to_string(), Value::from(number));
            }
            last.waits = false;
            last.end = if indented { end } else { last.end };
            return indented;
        }
        let words = bare.trim_start_matches(['•', '·', '-', '*', ' ']);
        let key = match last.object.get("message").and_then(Value::as_str) {
            Some("") | None => "message",
            Some(message) if !message.ends_with(['.', ':', '!', '?']) && !bare.starts_with(['•', '·']) => {
                let whole = format!("{message} {words}");
                last.object.insert("message".to_string(), Value::from(whole));
                last.end = end;
                return true;
            }
            Some(_) => "",
        };
        if !key.is_empty() {
            last.object.insert(key.to_string(), Value::from(words));
        }
        last.end = end;
        true
    }

    fn other(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> Option<()> {
        if let Some((file, number)) = code_heading(bare) {
            (self.file, self.number) = (Some(file.to_string()), Some(number));
        } else if let Some((severity, rule)) = rule_heading(bare)
            && let Some(file) = &self.file
        {
            let found = Remark {
                file: Some(file),
                line: None,
                severity: Some(severity),
                rule: Some(rule),
                title: "",
            };
            let object = object(&found);
            self.open.clear();
            self.entries.push(Entry { object, start, end, waits: true, quotes: false, rule: None });
        } else if let Some(number) = numbered_code(bare).filter(|_| self.file.is_some()) {
            self.number = Some(number);
        } else if names_file(bare.trim_end_matches(':')) {
            (self.file, self.number) = (Some(bare.trim_end_matches(':').to_string()), None);
        } else if let Some(count) = bare.strip_prefix("Suppressed ").and_then(summed) {
            self.suppressed += count;
        } else if is_context(bare) || indented || is_rule(bare) {
            if let Some(last) = self.entries.last_mut().filter(|_| indented) {
                last.end = end;
                last.quotes |= quotes_code(bare) || !self.open.is_empty();
            }
        } else if self.stated.is_some() && counts_kind(bare) {
            // `* errcheck: 1` below the sum.
        } else if bare.starts_with(['#', '|', '>', '`']) || bare.starts_with("- ") {
            return None;
        } else if let Some(file) = crate::signs::file_line(bare) {
            // `[2/7] src/a.cpp ... 2 remarks`
            (self.file, self.number) = (Some(file), None);
        } else {
            let placed = crate::signs::has_line_place(bare);
            self.others += 1;
            self.placed_others += usize::from(placed);
            self.open.push(Open { text: bare.to_string(), placed });
            self.stated = self.stated.max(summed(bare));
        }
        Some(())
    }

    fn end(self, text: &str) -> Option<Extraction> {
        let Reader { entries, others, placed_others, log, stated, suppressed, stopped, .. } = self;
        let placed = entries.iter().filter(|entry| entry.object.contains_key("file")).count();
        if entries.is_empty() || !log && (placed < entries.len() || others > entries.len().max(2)) {
            return None;
        }
        let mut out =
            Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
        for Entry { object, start, end, .. } in entries {
            let source = Source { text: text[start..end].trim_end(), start };
            out.members.extend(of_object(source, &object, &Given::default()));
        }
        let count = out.members.len();
        if let Some(stated) =
            stated.map(|all| all.saturating_sub(suppressed)).filter(|stated| *stated > count)
        {
            super::fault(&mut out, &format!("it states {stated} findings, {count} were recognised"));
        }
        if placed_others > 0 {
            super::fault(&mut out, &format!("{placed_others} lines name places and could not be read"));
        }
        if let Some(said) = stopped {
            super::fault(&mut out, &format!("it says \"{said}\""));
        } else if says_part(text, &out) {
            super::fault(&mut out, "it says that not all was read");
        }
        Some(out)
    }
}

/// `41┆ code`, `41 | code`: the number of a line of code that is quoted.
fn line_of_code(bare: &str) -> Option<u32> {
    let end = bare.find(|c: char| !c.is_ascii_digit())?;
    quotes_code(bare).then(|| bare[..end].parse().ok())?
}

/// Does it say, outside of its remarks, that a part was read or that the run failed?
fn says_part(text: &str, out: &Extraction) -> bool {
    let marks = Marks::of(text);
    let inside = |at: usize| {
        let next = out.members.partition_point(|m| m.byte_range[0] <= at);
        next > 0 && at < out.members[next - 1].byte_range[1]
    };
    // "Error: 3 errors" is the sum of what was found.
    let sums = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        summed(text[line..].lines().next().unwrap_or_default()).is_some()
    };
    let mut told = marks.all(Mark::Partial).iter().chain(marks.all(Mark::Failure));
    told.any(|hit| !inside(hit.start) && !sums(hit.start))
}

/// `a.c:3: note: …` behind an error or a warning explains it: at its place, or wherever it
/// points if it is a compiler's that quotes the code. Of others, and with a rule of its own,
/// a note is a remark.
fn explains(line: &str, note: &Entry, last: &Entry) -> bool {
    let same = |key: &str| note.object.get(key) == last.object.get(key);
    line.contains(": note: ")
        && (note.rule.is_none() || note.rule == last.rule)
        && (last.quotes || same("file") && same("line"))
        && last.object.get("severity").is_some_and(|level| level != "info")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tools() {
        let read = |line| remark(line).map(|r| (r.file.unwrap_or(""), r.line, r.severity, r.title));
        assert_eq!(
            read("src/a.c:3:9: warning: unused"),
            Some(("src/a.c", Some(3), Some("warning"), "unused"))
        );
        assert_eq!(read("src/a.ts(3,9): error TS2322: no"), Some(("src/a.ts", Some(3), Some("error"), "no")));
        assert_eq!(read("a.py:1:0: C0114: Missing"), Some(("a.py", Some(1), Some("info"), "Missing")));
        assert_eq!(
            read("Dockerfile:3 DL3007 warning: Latest"),
            Some(("Dockerfile", Some(3), Some("warning"), "Latest"))
        );
        assert_eq!(read("src/a.c:3: we leak here"), None, "as people write");
        assert_eq!(read("12:30: error: late"), None);
    }

    #[test]
    fn what_compilers_and_linters_print_around_it() {
        let read = |text: &str| {
            let found = extract(text).unwrap_or_else(|| panic!("none of a tool's: {text}"));
            let one = |m: &crate::model::Member| {
                (m.title.clone(), m.locations[0].display(), m.severity.name().to_string())
            };
            (found.members.iter().map(one).collect::<Vec<_>>(), found.complete)
        };
        let one =
            |title: &str, place: &str, level: &str| (title.to_string(), place.to_string(), level.to_string());
        let build = "make[2]: Entering directory '/b/oven'\ncc -O2 -Wall -c -o fan.o fan.c\nfan.c: In function 'fan_on':\nfan.c:12:7: warning: unused variable 'rpm' [-Wunused-variable]\n   12 |   int rpm;\n      |       ^~~\nfan.h:3:5: note: declared here\nar rcs liboven.a fan.o\nmake[2]: Leaving directory '/b/oven'\n";
        assert_eq!(read(build), (vec![one("unused variable 'rpm'", "fan.c:12", "medium")], true));
        let below = "[1 of 2] Compiling Loom ( src/Loom.hs )\n\nsrc/Loom.hs:30:4: error: [GHC-83865]\n    • Couldn't match type ‘Int’ with ‘Text’\n    • In the first argument of ‘weave’\n   |\n30 |   weave n\n   |         ^\n";
        assert_eq!(
            read(below),
            (vec![one("Couldn't match type ‘Int’ with ‘Text’", "src/Loom.hs:30", "high")], true)
        );
        let shell = "In bin/feed.sh line 7:\ncat $HERD | sort\n    ^---^ SC2086 (warning): Double quote this.\n\nFor more information:\n  https://docs.example/SC2086 -- Double quote this.\n";
        assert_eq!(read(shell), (vec![one("Double quote this.", "bin/feed.sh:7", "medium")], true));
        let rules = "┌────────────────┐\n│ 1 Code Finding │\n└────────────────┘\n\n    web/form.py\n   ❯❯❱ python.path-from-request\n          A name from the request is\n          used as a path.\n\n           41┆ open(name)\n";
        assert_eq!(
            read(rules).0,
            vec![one("A name from the request is used as a path.", "web/form.py:41", "high")]
        );
        let hardware =
            "%Warning-WIDTH: rtl/clk.sv:7:2: Operator expects 8 bits\n%Error: Exiting due to 1 warning(s)\n";
        assert_eq!(read(hardware).0, vec![one("Operator expects 8 bits", "rtl/clk.sv:7", "medium")]);
        let hidden = "a.cc:3:1: warning: narrowing [bugprone-narrowing]\n90 warnings generated.\nSuppressed 89 warnings (89 in system headers).\n";
        assert!(read(hidden).1 && !read(&hidden.replace("89 warnings", "80 warnings")).1);
    }

    #[test]
    fn every_remark_is_one_of_its_own() {
        let read = |text: &str| {
            let found = extract(text).unwrap_or_else(|| panic!("none of a tool's: {text}"));
            let one = |m: &crate::model::Member| format!("{} {}", m.locations[0].display(), m.title);
            (found.members.iter().map(one).collect::<Vec<_>>(), found.complete)
        };
        let whole = |text: &str, expected: &[&str]| {
            assert_eq!(read(text), (expected.iter().map(ToString::to_string).collect(), true), "{text}");
        };
        // A note with a rule of its own explains nothing.
        whole(
            "bin/a.sh:2:1: warning: cd may fail. [SC2164]\nbin/a.sh:2:4: note: Quote this. [SC2086]\n",
            &["bin/a.sh:2 cd may fail.", "bin/a.sh:2 Quote this."],
        );
        // Code that is not indented, and what points at it.
        whole(
            "oven.py:1:1: F401 'os' imported but unused\nimport os, sys\n^\noven.py:1:10: E401 several imports\nimport os, sys\n         ^\noven.py:9:2: W291 blank at the end\nbake(3) \n       ^\n",
            &[
                "oven.py:1 'os' imported but unused",
                "oven.py:1 several imports",
                "oven.py:9 blank at the end",
            ],
        );
        // A wrapped message.
        whole(
            "oven.py:6: error: Function is missing a type\n[no-untyped-def]\n    def bake(x):\n    ^~~~~~~~~~~~\noven.py:8: error: Returns the wrong\ntype\n    return x\n           ^\n",
            &["oven.py:6 Function is missing a type", "oven.py:8 Returns the wrong type"],
        );
        whole(
            "/w/a.css: line 1, col 3, error - Unknown \"colr\" (property-no-unknown)\n/w/a.css: line 4, col 8, warning - Empty block (block-no-empty)\n",
            &["/w/a.css:1 Unknown \"colr\"", "/w/a.css:4 Empty block"],
        );
        whole(
            "oven.py:\n   1:1  D100 Missing docstring\n   4:9  E711 [*] Comparison to None\n\n",
            &["oven.py:1 Missing docstring", "oven.py:4 Comparison to None"],
        );
        whole(
            "In bin/a.sh line 2:\ncd $1\n^---^ SC2164 (warning): cd may fail.\n   ^-- SC2086 (info): Quote this.\n",
            &["bin/a.sh:2 cd may fail.", "bin/a.sh:2 Quote this."],
        );
        whole(
            "\n  ! eslint(no-eval): eval is\n  | dangerous\n    ,-[src/a.js:10:3]\n  9 |   f();\n 10 |   eval(x);\n    :   ^^^^\n    `----\n  help: Do without.\n\n  × eslint(no-debugger): debugger\n    ╭─[src/b.js:2:1]\n  2 │ debugger;\n    ╰────\n",
            &["src/a.js:10 eslint(no-eval): eval is dangerous", "src/b.js:2 eslint(no-debugger): debugger"],
        );
        whole(
            "   web/page.html\n      L1 |<html>\n          ^ Declare the type first. (doctype-first)\n      L7 |<A>\n          ^ Write it small. (tagname-lowercase)\n",
            &["web/page.html:1 Declare the type first.", "web/page.html:7 Write it small."],
        );
        whole(
            "notes.md:6: teh ==> the\nnotes.md:9: recieve ==> receive\n",
            &["notes.md:6 teh ==> the", "notes.md:9 recieve ==> receive"],
        );
    }

    #[test]
    fn a_tool_that_stopped_early_is_not_whole() {
        for end in [
            "compilation terminated due to -fmax-errors=1.",
            "a.c:9:2: error: too many errors",
            "fatal error: too many errors emitted, stopping now [-ferror-limit=]",
            "100 errors\nonly showing the first 100 errors, of 150 total; use -Xmaxerrs",
            "error: aborting due to 4 previous errors",
        ] {
            let found = extract(&format!("a.c:3:9: error: unknown name\n{end}\n")).expect("a tool's");
            assert_eq!((found.members.len(), found.complete), (1, false), "{end}");
        }
        let whole = "a.c:3:9: error: unknown name\nerror: aborting due to 1 previous error\n";
        assert!(extract(whole).expect("a tool's").complete);
    }

    #[test]
    fn texts_of_tools() {
        let text = "src/a.js\n  3:1  error  Bad import  import/first\n\n✖ 1 problem (1 error)\n";
        let found = extract(text).expect("lint");
        assert_eq!((found.members.len(), found.complete), (1, true));
        let text = "error[E0502]: cannot borrow\n  --> src/a.rs:3:9\n   |\n3  |  x\n";
        let found = extract(text).expect("lint");
        assert_eq!(found.members[0].locations[0].display(), "src/a.rs:3");
        let text = "src/a.c:3:9: warning: unused\n\n3 warnings generated.\n";
        assert!(!extract(text).expect("lint").complete);
        assert!(
            extract("src/a.c:3:9: warning: unused\n\nHi Bo,\n\nmore below.\n\nThe lock\nis\nbad.\n")
                .is_none()
        );
    }
}
