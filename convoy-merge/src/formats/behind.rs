//! Data behind the lines of a log: a tool's JSON or CSV, and above it what the program or its
//! runner said of itself.

use super::{delimited, json};
use crate::model::Extraction;
use crate::model::Recognised;
use crate::reading;
use crate::rules::Rules;
use crate::signs::marks::{Mark, Marks};

/// So many lines may stand above the data.
const ABOVE: usize = 60;

/// Reads the findings of data that goes to the end of a text; `None` = there is none, or it
/// holds no findings: what stands above is then all that was said.
pub(super) fn extract(text: &str, rules: Rules) -> Option<Extraction> {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(ABOVE) {
        let start = at;
        at += line.len();
        if crate::text::fence_mark(line.trim_start()).is_some() {
            return None;
        }
        if start == 0 || !begins(line) {
            continue;
        }
        let Some(mut out) = data(&text[start..]).filter(|out| !out.members.is_empty()) else { continue };
        for member in &mut out.members {
            member.byte_range = member.byte_range.map(|byte| byte + start);
        }
        above(&text[..start], rules, &mut out);
        return Some(out);
    }
    None
}

/// May JSON or the titles of a table begin here?
fn begins(line: &str) -> bool {
    line.starts_with(['[', '{']) && json::is_json_like(line)
        || line.trim() == "["
        || delimited::is_titles(line)
}

fn data(text: &str) -> Option<Extraction> {
    let out = if text.starts_with(['[', '{']) {
        json::extract(text, "")
    } else {
        delimited::extract(text, "behind.csv")
    };
    out.filter(|out| out.recognised == Recognised::Findings)
}

/// What stands above the data may say that the run failed, or tell what the data does not.
fn above(text: &str, rules: Rules, out: &mut Extraction) {
    let marks = Marks::of(text);
    if marks.all(Mark::Partial).iter().chain(marks.all(Mark::Failure)).next().is_some() {
        super::fault(out, "above its data it says that not all was read");
    }
    let told = reading::read(text, rules).members;
    let rated = told.iter().filter(|member| member.severity_raw.is_some()).count();
    if rated > 0 {
        super::fault(out, &format!("{rated} findings in the text above its data were not read"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::told;

    #[test]
    fn data_stands_behind_what_a_run_says() {
        let json = "/opt/lint/run.py:34: RunWarning: colours are off\n  run()\n[\n {\"path\": \"src/a.rs\", \"line\": 3, \"message\": \"Lock is never freed\", \"severity\": \"high\"},\n {\"path\": \"src/b.rs\", \"line\": 9, \"message\": \"Name is old\", \"severity\": \"low\"}\n]\n";
        let csv = "[main]\tINFO\tprofile none\n[main]\tINFO\trunning\nfilename,severity,issue_text,line_number\nsrc/a.rs,HIGH,Lock is never freed,3\nsrc/b.rs,LOW,Name is old,9\n";
        let both = ["src/a.rs:3 high Lock is never freed", "src/b.rs:9 low Name is old"].map(str::to_string);
        for text in [json, csv] {
            assert_eq!(told(text, "run.txt"), (both.to_vec(), true), "{text}");
        }
        let failed = csv.replace("INFO\trunning", "INFO\tcould not read src/c.rs");
        assert_eq!(told(&failed, "run.txt"), (both.to_vec(), false));
        let rated = format!("**High** `src/c.rs:4`: the token is logged\n\n{json}");
        assert!(!told(&rated, "run.txt").1);
    }
}
