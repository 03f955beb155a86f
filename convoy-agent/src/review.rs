//! From what a reviewer handed in to the document that is judged.

use base::encoded_path::EncodedPath;
use findings::answer::Answer;
use findings::{Basis, Document, Finding, NotRead, Scope};

use crate::scope::{self, Given};
use crate::stream::StreamSummary;

/// Its document: places as the project calls them, the scope that was proved.
pub(crate) fn document(
    reviewer: &str,
    given: &Given,
    summaries: &[&StreamSummary],
    answer: Answer,
) -> Document {
    let findings = answer.findings.into_iter().map(|finding| named(given, finding)).collect();
    let scope = if summaries.is_empty() {
        let path = |name: &String| EncodedPath::from(given.relative(name));
        let not_read = |(file, why): &(String, String)| NotRead { file: path(file), why: why.clone() };
        Scope {
            given: Vec::new(),
            read: answer.read.iter().map(path).collect(),
            not_read: answer.not_read.iter().map(not_read).collect(),
            basis: Basis::Claimed,
        }
    } else {
        scope::proved(given, summaries, &answer.not_read).scope
    };
    Document { notes: answer.notes, ..Document::new(reviewer, scope, findings) }
}

fn named(given: &Given, mut finding: Finding) -> Finding {
    for location in &mut finding.locations {
        let written = String::from(location.file.clone());
        location.file = EncodedPath::from(given.relative(&written));
    }
    finding
}

/// A file it says it did not read, as words.
pub(crate) fn claim(not: &NotRead) -> (String, String) {
    (String::from(not.file.clone()), not.why.clone())
}

/// `code-security` → `Code Security Review`
pub(crate) fn title(role: &str) -> String {
    let words = role.split(['-', '_']).filter(|word| !word.is_empty()).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.chain(["Review".to_owned()]).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use findings::{Location, Severity};

    use super::*;

    #[test]
    fn places_are_the_projects() {
        let given = Given::new(Path::new("/p"), &[PathBuf::from("src/a b.ts")]);
        let at = |file: &str| Location {
            file: EncodedPath::from(file.to_owned()),
            line: Some(1),
            end_line: None,
            column: None,
            symbol: None,
            quote: None,
        };
        let written = [
            "/p/src/a b.ts",
            "./src//a b.ts",
            "src/a b.ts",
            "\"src/a b.ts\"",
            "/p/lib/x.ts",
            "lib/x.ts",
            "/q/x.ts",
        ];
        let finding = Finding {
            title: "t".to_owned(),
            severity: Severity::Low,
            locations: written.map(at).to_vec(),
            ..Finding::default()
        };
        let answer = Answer { findings: vec![finding], read: vec![], not_read: vec![], notes: vec![] };
        let document = document("one", &given, &[], answer);
        let names: Vec<String> = document.findings[0]
            .locations
            .iter()
            .map(|location| String::from(location.file.clone()))
            .collect();
        assert_eq!(
            names,
            ["src/a b.ts", "src/a b.ts", "src/a b.ts", "src/a b.ts", "lib/x.ts", "lib/x.ts", "/q/x.ts"]
        );
        assert_eq!(title("code-review_x"), "Code Review X Review");
    }
}
