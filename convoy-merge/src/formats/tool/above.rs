//! Lines that the next ones tell about: a rule and its message above its place
//! (`name[play]: All plays should be named.`, `play.yml:3:7 of what`), and what is open
//! until code is pointed at.

use super::context::sums_up;
use super::line::{Remark, object, place_first, remark};
use super::{Reader, summed};

/// A line that may be the rest of the message above it, or the code that it is about.
pub(super) struct Open {
    pub(super) text: String,
    pub(super) placed: bool,
}

/// A wrapped message and the code below it have no more lines.
pub(super) const WRAPPED: usize = 6;

/// A line that may be a remark whose place stands below it.
pub(super) struct Headed {
    pub(super) line: String,
    start: usize,
    end: usize,
}

impl Reader {
    /// Takes a place below its message, and a message whose place may follow.
    pub(super) fn above(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if let Some(headed) = self.headed.take() {
            let place = place_below(bare).filter(|_| headed.end == start && !indented);
            if let (Some((file, number)), Some((rule, title))) = (place, parts(&headed.line)) {
                let found =
                    Remark { file: Some(file), line: Some(number), severity: None, rule: Some(rule), title };
                self.push(object(&found), headed.start, end);
                return true;
            }
            self.unknown(&headed.line);
        }
        if !indented && parts(bare).is_some() && remark(bare).is_none() {
            self.headed = Some(Headed { line: bare.to_string(), start, end });
            return true;
        }
        false
    }

    /// A line that is no remark: it may be the rest of one, or one that cannot be read.
    pub(super) fn unknown(&mut self, bare: &str) {
        let sums_up = sums_up(bare);
        let placed = !sums_up && crate::signs::has_line_place(bare);
        self.others += usize::from(!sums_up);
        self.placed_others += usize::from(placed);
        if self.open.len() <= WRAPPED {
            self.open.push(Open { text: bare.to_string(), placed });
        }
        self.stated = self.stated.max(summed(bare));
    }
}

/// The rule and the message: `no-tabs: …`, `name[play]: …`.
fn parts(line: &str) -> Option<(&str, &str)> {
    let (rule, title) = line.split_once(": ")?;
    let (name, of) = match rule.strip_suffix(']').and_then(|rule| rule.split_once('[')) {
        Some((name, of)) => (name, Some(of)),
        None => (rule, None),
    };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_rule = is_name(name) && of.map_or(name.contains('-'), is_name);
    (is_rule && title.contains(char::is_alphabetic)).then_some((rule, title))
}

/// A file and a line, with nothing behind but what is there: a line with a message of its
/// own is a remark.
fn place_below(line: &str) -> Option<(&str, u32)> {
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
}
