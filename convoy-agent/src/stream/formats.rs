//! The formats of events that have names: their rules are data (`runners/streams`),
//! written as in a runner file, and the same for every runner whose CLI writes them.

use protocol::plan::{EventRule, Stream};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    events: Vec<EventRule>,
}

/// The rules of a format: its own, or for one that has none those of the runner.
pub(crate) fn rules(format: Stream, of_runner: &[EventRule]) -> Vec<EventRule> {
    let text = match format {
        Stream::Plain => return Vec::new(),
        Stream::Jsonl => return of_runner.to_vec(),
        Stream::ClaudeStreamJson => include_str!("../../../runners/streams/claude-stream-json.toml"),
        Stream::CodexJsonl => include_str!("../../../runners/streams/codex-jsonl.toml"),
        Stream::GeminiStreamJson => include_str!("../../../runners/streams/gemini-stream-json.toml"),
        Stream::OpencodeJsonl => include_str!("../../../runners/streams/opencode-jsonl.toml"),
    };
    read(text)
}

#[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads each")]
fn read(text: &str) -> Vec<EventRule> {
    toml::from_str::<Format>(text).expect("rules").events
}

#[cfg(test)]
mod tests {
    use protocol::plan::EventKind;

    use super::*;

    #[test]
    fn each_format_has_rules_that_can_count() {
        for format in
            [Stream::ClaudeStreamJson, Stream::CodexJsonl, Stream::GeminiStreamJson, Stream::OpencodeJsonl]
        {
            let rules = rules(format, &[]);
            for rule in &rules {
                for (part, places) in &rule.at {
                    assert!(rule.is.parts().contains(&part.as_str()), "{format:?}: {part} in {rule:?}");
                    for place in places.split(" | ") {
                        let is_place = ["/", "^/", "="].iter().any(|begin| place.starts_with(begin));
                        assert!(is_place, "{format:?}: {place}");
                    }
                }
                assert!(rule.when.keys().all(|at| at.starts_with('/')), "{format:?}: {rule:?}");
            }
            for kind in [EventKind::Started, EventKind::Spent, EventKind::Done, EventKind::Failed] {
                assert!(rules.iter().any(|rule| rule.is == kind), "{format:?} has no {kind:?}");
            }
        }
        assert_eq!(rules(Stream::Plain, &[]), []);
    }
}
