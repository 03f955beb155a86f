//! A rule and its message, and where it is in the line below: `name[play]: All plays should
//! be named.` above `play.yml:3:7 of what`, `E3002 message` above `a.yml:3:7`, `F401 message`
//! above `--> a.py:3:7`.

use super::Reader;
use super::level::is_code;
use super::line::{Remark, heading, object, place_first, remark};

impl Reader {
    /// Takes a line and the next one, if they are a message above its place.
    pub(super) fn above(&mut self, line: &str, next: &str, start: usize) -> bool {
        let said = line.trim_end();
        let is_other = |line: &str| remark(line).is_some() || heading(line).is_some();
        let place = place_below(next.trim_end());
        let arrow = next.trim_start().starts_with("--> ");
        let message = parts(said, arrow).filter(|_| place.is_some() && !is_other(said));
        let (Some((file, number)), Some((rule, title))) = (place, message) else { return false };
        let found = Remark { file: Some(file), line: Some(number), severity: None, rule: Some(rule), title };
        self.push(object(&found), start, start + line.len() + next.len());
        true
    }
}

/// The rule and the message: `no-tabs: …`, `name[play]: …`, `E3002 …`.
fn parts(line: &str, arrow: bool) -> Option<(&str, &str)> {
    // Above an arrow a word is one: `unformatted: …`.
    let is_word = |rule: &str| arrow && rule.len() > 2 && rule.bytes().all(|b| b.is_ascii_lowercase());
    let named = line.split_once(": ").filter(|(rule, _)| is_rule(rule) || is_word(rule));
    let (rule, title) = named.or_else(|| line.split_once(' ').filter(|(rule, _)| is_code(rule)))?;
    // It can be mended by the tool itself.
    let title = title.strip_prefix("[*] ").unwrap_or(title);
    title.contains(char::is_alphabetic).then_some((rule, title))
}

/// Small letters with a dash, or with a part in brackets.
fn is_rule(rule: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match rule.strip_suffix(']').and_then(|rule| rule.split_once('[')) {
        Some((name, of)) => is_name(name) && is_name(of),
        None => rule.contains('-') && is_name(rule),
    }
}

/// A file and a line, with nothing behind but what is there: a line with a message of its
/// own is a remark.
fn place_below(line: &str) -> Option<(&str, u32)> {
    let line = line.trim_start().strip_prefix("--> ").unwrap_or(line);
    let (file, number, rest) = place_first(line)?;
    let place = line[..line.len() - rest.len()].trim_end();
    (!place.ends_with([':', ')']) && remark(line).is_none()).then_some((file, number?))
}

#[cfg(test)]
mod tests {
    use super::super::extract;

    /// Place, rule and title of each remark, and whether all were read.
    fn read(text: &str) -> (Vec<String>, bool) {
        let found = extract(text).unwrap_or_else(|| panic!("none of a tool's: {text}"));
        let one = |m: &crate::model::Member| {
            format!("{} {} {}", m.locations[0].display(), m.category.as_deref().unwrap_or("-"), m.title)
        };
        (found.members.iter().map(one).collect(), found.complete)
    }

    #[test]
    fn a_message_stands_above_its_place() {
        let text = "WARNING  Listing 3 violation(s) that are fatal\nheat[limit]: Heat needs a limit.\nkiln/fire.yml:3:7 Step: light the fire\n\nno-draft: a draft is left by -x\nkiln/fire.yml:9\n\nheat[name]: Heat needs a name.\nkiln/cool.yml:12 Use `kiln.heat` instead.\n\nRead documentation for instructions on how to ignore specific rule violations.\n\n# Rule Violation Summary\n\n  2 heat profile:basic tags:idiom\n  1 no-draft profile:basic tags:idiom\n\nFailed: 3 failure(s), 0 warning(s) in 2 files processed of 2 encountered.\n";
        let all = [
            "kiln/fire.yml:3 heat[limit] Heat needs a limit.",
            "kiln/fire.yml:9 no-draft a draft is left by -x",
            "kiln/cool.yml:12 heat[name] Heat needs a name.",
        ];
        assert_eq!(read(text), (all.map(str::to_string).to_vec(), true));
        assert!(!read(&text.replace("Listing 3 ", "Listing 4 ")).1, "one is missing");
    }

    #[test]
    fn a_message_without_a_place_below_is_told() {
        let text = "kiln-tool: what was found\nkiln/fire.c:3:7: warning: too hot\n";
        assert_eq!(read(text).0, ["kiln/fire.c:3 - too hot"]);
        let text = "no-draft: a draft\nkiln/fire.yml:9\n\nno-heat: see kiln/cool.yml:4\n\nno-fire: a fire\nkiln/fire.yml:11\n";
        let (found, whole) = read(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(!whole, "a place was not read");
    }

    #[test]
    fn a_code_stands_above_its_place() {
        let text =
            "E204 A grate is missing\nkiln/fire.json:3:7\n\nE301 The flue is shut\nkiln/fire.json:9:1\n";
        let all = ["kiln/fire.json:3 E204 A grate is missing", "kiln/fire.json:9 E301 The flue is shut"];
        assert_eq!(read(text), (all.map(str::to_string).to_vec(), true));
    }

    #[test]
    fn what_would_be_better_is_a_part_of_the_remark() {
        let text = "K101 [*] Fire is lit twice\n --> kiln/fire.py:2:1\n  |\n1 | light()\n2 | light()\n  | ^^^^^^^\n  |\nhelp: Light it once\n  |\n  - light()\n1 + pass\n2 |\n  |\n\nK102 Smoke is kept\n --> kiln/fire.py:7:1\n  |\n7 | smoke = 1\n  | ^^^^^\n  |\nhelp: Let it go\nnote: Smoke may come back\n\nFound 2 errors.\n[*] 1 fixable with the `--fix` option.\n";
        let all = ["kiln/fire.py:2 K101 Fire is lit twice", "kiln/fire.py:7 K102 Smoke is kept"];
        assert_eq!(read(text), (all.map(str::to_string).to_vec(), true));
        assert!(!read(&text.replace("Found 2", "Found 3")).1);
        let cut = text.replace("help: Let it go", "note: too many errors, the others are not shown");
        assert!(!read(&cut).1, "advice does not hide that a part is missing");
    }

    #[test]
    fn a_severity_is_kept_and_what_is_hidden_is_not_missed() {
        let text = "warning[draft]: a door is open\n --> kiln/fire.yml:6:9\n  |\n6 | door: open\n  |       ^^^^ it lets air in\n  |\n  = note: sure of it\n\nerror[heat]: too hot\n --> kiln/fire.yml:8:9\n  |\n8 | heat: 900\n  |       ^^^\n\n5 findings (3 suppressed): 1 medium, 1 high\n INFO audit: kiln: done with kiln/fire.yml\n";
        let found = extract(text).unwrap();
        assert_eq!(found.members.iter().map(|m| m.severity.name()).collect::<Vec<_>>(), ["medium", "high"]);
        assert!(found.complete, "{:?}", found.notes);
    }

    #[test]
    fn how_sure_a_tool_is_stands_behind_the_rule() {
        let text = "Done with kiln/fire.cpp\nTotal errors found: 2\nkiln/fire.cpp:1:  No space around =  [kiln/spaces] [4]\nkiln/fire.cpp:4:  A grate is better than a hole  [kiln/grate] [5]\n";
        let all = [
            "kiln/fire.cpp:1 kiln/spaces No space around =",
            "kiln/fire.cpp:4 kiln/grate A grate is better than a hole",
        ];
        assert_eq!(read(text), (all.map(str::to_string).to_vec(), true));
        assert!(!read(&text.replace("found: 2", "found: 5")).1, "three are missing");
    }

    #[test]
    fn what_is_counted_at_the_end_is_no_remark() {
        let text = "Scanning...\nValidating...\ndocs/kiln.rst:4: D002 Blanks at the end\ndocs/kiln.rst:9: D001 Line too long\n========\nTotal files scanned = 1\nTotal files ignored = 0\nTotal accumulated errors = 2\nDetailed error counts:\n    - kiln.Blanks = 1\n    - kiln.Lines = 1\n";
        let (found, whole) = read(text);
        assert_eq!((found.len(), whole), (2, true), "{found:?}");
        assert!(!read(&text.replace("errors = 2", "errors = 3")).1, "one is missing");
    }
}
