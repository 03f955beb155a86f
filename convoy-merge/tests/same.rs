//! Three reviewers look at one change (`same/*.md`). What is one defect becomes one
//! finding; what only stands at the same line, or names the same function, does not.

#![expect(clippy::expect_used, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::path::Path;

use convoy_merge::extract::extract;
use convoy_merge::merge::{Options, merge};
use convoy_merge::model::Member;

fn members() -> Vec<Member> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/same");
    ["correctness.md", "performance.md", "security.md"]
        .iter()
        .flat_map(|name| {
            let found = extract(&fs::read_to_string(dir.join(name)).expect("review"), name);
            found.members.into_iter().map(|member| Member {
                source: (*name).to_string(),
                reviewer: (*name).to_string(),
                ..member
            })
        })
        .collect()
}

#[test]
fn one_defect_is_one_finding_and_neighbours_stay_apart() {
    let merged = merge(Vec::new(), members(), &Options::default());
    let mut groups: Vec<Vec<String>> = merged
        .findings
        .iter()
        .filter(|finding| finding.members.len() > 1)
        .map(|finding| {
            finding
                .members
                .iter()
                .map(|m| m.title.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
                .collect()
        })
        .collect();
    groups.sort();
    let want = [
        vec!["File name is", "Upload path can"],
        vec!["Missing await on", "Unhandled promise in"],
        vec!["Pool size of", "Connection pool far"],
        vec!["ReDoS in the", "Regular expression backtracks"],
        vec!["Session is not", "Session fixation: id"],
        vec!["`importCsv` buffers the", "`importCsv` reads the"],
    ];
    let sorted = |list: &[String]| {
        let mut list: Vec<&str> = list.iter().map(String::as_str).collect();
        list.sort_unstable();
        list.join(" + ")
    };
    let got: Vec<String> = groups.iter().map(|group| sorted(group)).collect();
    let mut got = got;
    got.sort();
    let mut wanted: Vec<String> = want
        .iter()
        .map(|group| sorted(&group.iter().map(|s| (*s).to_string()).collect::<Vec<_>>()))
        .collect();
    wanted.sort();
    assert_eq!(got, wanted);
}
