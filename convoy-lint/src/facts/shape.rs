//! What new code looks like: functions that nobody can keep in mind.

use std::sync::LazyLock;

use regex::Regex;

use super::diff::FileDiff;
use super::role::Lang;
use super::test_code::body;
use super::{Fact, Limits, Scene, pattern};

static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) ^\s*(pub(\([^)]*\))?\s+|async\s+|export\s+|default\s+|static\s+|const\s+|public\s+|private\s+|protected\s+)*
        (def|fn|func|function\*?|fun)\s+(\([^)]*\)\s*)?(self\.)?(?P<name>\w+)",
    )
});

/// Functions that the change makes, or makes much longer than they were.
pub(super) fn long(scene: &Scene, limits: &Limits) -> Vec<Fact> {
    let facts = |(file, _): (&FileDiff, Lang)| {
        let mut facts = Vec::new();
        for (number, line) in (1..).zip(&file.lines).filter(|(_, line)| line.is_code()) {
            let Some(found) = FUNCTION.captures(&line.code) else { continue };
            let body = body(file, number);
            let lines = body.iter().filter(|line| line.is_code()).count();
            let fresh = body.iter().filter(|line| line.is_code() && line.fresh).count();
            let inner = body.iter().any(|line| FUNCTION.is_match(&line.code) && line.is_code());
            if lines >= limits.of("lines") && fresh >= limits.of("fresh") && !inner {
                let fact = Fact::at(file, number).with("NAME", &&found["name"]);
                facts.push(fact.with("LINES", &lines).with("FRESH", &fresh));
            }
        }
        facts
    };
    scene.code().flat_map(facts).collect()
}
