//! Where a report says that something is.

use super::told;

#[test]
fn numbers_in_brackets_below_a_file_are_lines_unless_they_count() {
    let lines = "## src/a.c\n\n### High\n- (210) Last reading is dropped\n- (34) Flag is not volatile\n";
    assert_eq!(
        told(lines),
        ["src/a.c:210 high Last reading is dropped", "src/a.c:34 high Flag is not volatile"]
    );
    let counts = "## src/a.c\n\n### High\n- (1) Last reading is dropped\n- (2) Flag is not volatile\n";
    assert_eq!(told(counts), ["src/a.c high Last reading is dropped", "src/a.c high Flag is not volatile"]);
}

#[test]
fn a_line_in_italics_is_the_place_of_an_item() {
    let text = "1. **src/a.rs**\n   - *Line 3* (High): Lock is never freed\n   - *Line 9* (Low): Name is old\n2. **src/b.rs**\n   - *Line 8* (Medium): Token is logged\n";
    let mut found = told(text);
    found.sort();
    assert_eq!(
        found,
        [
            "src/a.rs:3 high Lock is never freed",
            "src/a.rs:9 low Name is old",
            "src/b.rs:8 medium Token is logged"
        ]
    );
}

#[test]
fn numbers_behind_a_hash_count() {
    let text = "#1 [must-fix] src/a.rs:3\nLock is never freed.\n#2 [optional] src/b.rs:8\nName is old.\n";
    assert_eq!(told(text), ["src/a.rs:3 blocker Lock is never freed", "src/b.rs:8 low Name is old"]);
}

#[test]
fn numbers_behind_the_file_of_a_field_are_its_lines() {
    let text = "Finding: race on the counter\nWhere: worker.go, 41-47\nSeverity: high\n\nFinding: log is noisy\nWhere: `worker.go`, 60\nSeverity: low\n";
    let found = crate::extract::extract(text, "review.md").members;
    let places: Vec<String> = found.iter().map(|one| one.locations[0].display()).collect();
    assert_eq!(places, ["worker.go:41-47", "worker.go:60"]);
}

#[test]
fn places_that_follow_what_they_are_of_are_no_heads_of_threads() {
    let text = "issue(blocking): the token is logged\n\n`src/log.ts:14`\n\n---\n\nnitpick: rename `x`\n\n`src/log.ts:20`\n";
    let found = crate::extract::extract(text, "review.md");
    assert!(!found.complete, "{:?}", found.members);
    assert!(!found.members.iter().any(|one| one.title.contains("rename")), "{:?}", found.members);
}

#[test]
fn lines_with_a_tag_and_a_place_are_findings_each() {
    let text = "**[BUG]** `index.js` L5: off by one\n**[STYLE]** `index.js` L9: var instead of let\n";
    let found = crate::extract::extract(text, "review.md").members;
    let places: Vec<String> = found.iter().map(|one| one.locations[0].display()).collect();
    assert_eq!(places, ["index.js:5", "index.js:9"]);
}
