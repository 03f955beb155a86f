//! Three reviewers look at one change (`same/*.md`). What is one defect becomes one
//! finding; what only stands at the same line, or names the same function, does not.

#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::path::Path;

use convoy_merge::explain::explain_finding;
use convoy_merge::extract::extract;
use convoy_merge::merge::{Merged, Options, merge};
use convoy_merge::meta::Meta;
use convoy_merge::model::{Location, Member, Placed, Status};
use convoy_merge::render::{Format, render};

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

/// Two findings of two reviewers, and whether they are one.
struct Labelled {
    same: bool,
    titles: [String; 2],
}

/// Reads `same/NAME`: all its findings, and its pairs.
fn pairs(name: &str) -> (Vec<Member>, Vec<Labelled>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/same").join(name);
    let text = fs::read_to_string(path).expect("pairs");
    let (mut members, mut labelled) = (Vec::new(), Vec::new());
    for case in text.split("\n=== ").skip(1) {
        let (kind, rest) = case.split_once('\n').expect("a kind");
        let starts: Vec<usize> =
            [rest.find("a|"), rest.find("\nb|").map(|at| at + 1)].map(|at| at.expect("a and b")).into();
        let parts = [&rest[starts[0]..starts[1]], &rest[starts[1]..]];
        let titles = parts.map(|part| {
            let member = finding(part, members.len());
            let title = member.title.clone();
            members.push(member);
            title
        });
        labelled.push(Labelled { same: kind.trim() == "same", titles });
    }
    (members, labelled)
}

/// `a|src/x.rs:3-5|high|Title`, then the text.
fn finding(part: &str, n: usize) -> Member {
    let (head, body) = part.split_once('\n').expect("a text");
    let [who, place, _, title] = head.splitn(4, '|').collect::<Vec<_>>()[..] else { panic!("{head}") };
    let (file, lines) = place.rsplit_once(':').expect("a line");
    let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
    Member {
        source: format!("{who}.md"),
        reviewer: who.to_string(),
        title: title.to_string(),
        locations: vec![Location {
            file: file.to_string(),
            line_start: from.parse().ok(),
            line_end: to.parse().ok(),
            ..Location::default()
        }],
        byte_range: [n * 10, n * 10 + 9],
        body: body.trim().to_string(),
        text: part.to_string(),
        ..Member::default()
    }
}

/// Merges all findings of a file of pairs: joined that are one, joined that are not, of how many that are one.
fn judge(name: &str) -> (usize, Vec<String>, usize) {
    let (members, labelled) = pairs(name);
    let merged = merge(Vec::new(), members, &Options::default());
    let group = |title: &String| {
        merged.findings.iter().position(|f| f.members.iter().any(|m| m.title == *title)).expect("kept")
    };
    let joined = |pair: &&Labelled| group(&pair.titles[0]) == group(&pair.titles[1]);
    let right = labelled.iter().filter(|pair| pair.same).filter(joined).count();
    let mut wrong: Vec<String> = labelled
        .iter()
        .filter(|pair| !pair.same)
        .filter(joined)
        .map(|pair| pair.titles.join(" + "))
        .collect();
    for finding in &merged.findings {
        let known = |m: &Member| labelled.iter().position(|pair| pair.titles.contains(&m.title));
        if finding.members.iter().any(|m| known(m) != known(&finding.members[0])) {
            wrong.push(format!("{}: across pairs", finding.title));
        }
    }
    (right, wrong, labelled.iter().filter(|pair| pair.same).count())
}

#[test]
fn parallel_words_are_not_one_finding_and_other_words_may_be() {
    // The pairs set aside were scored once: 12 of 15 found, and two that share a line and
    // most words are taken for one.
    // Of the others two about one rule and another day are.
    for (name, least, most) in [("pairs.txt", 12, 1), ("pairs_aside.txt", 12, 2)] {
        let (right, wrong, of) = judge(name);
        assert!(wrong.len() <= most, "{name}: {wrong:?}");
        assert!(right >= least, "{name}: {right} of {of} found to be one");
    }
}

/// What of findings must survive: title, severity, first place, status.
fn gist(merged: &Merged) -> Vec<String> {
    let mut list: Vec<String> = merged
        .findings
        .iter()
        .map(|f| {
            let place = f.locations.first().map_or_else(String::new, Location::display);
            format!("{} {place} {} {:?}", f.severity.name(), f.title, f.status)
        })
        .collect();
    list.sort();
    list
}

fn again(text: &str, name: &str) -> Merged {
    let found = extract(text, name);
    let members = found.members.into_iter().map(|member| Member {
        source: if member.source.is_empty() { name.to_string() } else { member.source.clone() },
        ..member
    });
    merge(Vec::new(), members.collect(), &Options::default())
}

#[test]
fn what_is_written_is_read_as_the_same_findings() {
    let mut given = members();
    given[0].status = Some(Status::Resolved);
    given[3].status = Some(Status::WontFix);
    let merged = merge(Vec::new(), given, &Options::default());
    for (format, name) in [(Format::Json, "x.json"), (Format::Md, "x.md"), (Format::Sarif, "x.sarif")] {
        let text = render(&merged, &Meta::default(), format);
        assert_eq!(gist(&again(&text, name)), gist(&merged), "{name}");
    }
}

#[test]
fn a_report_merged_with_its_copy_has_the_same_findings() {
    let once = merge(Vec::new(), members(), &Options::default());
    let copies = members().into_iter().map(|member| Member {
        source: format!("copy of {}", member.source),
        reviewer: format!("copy of {}", member.reviewer),
        ..member
    });
    let twice = merge(Vec::new(), members().into_iter().chain(copies).collect(), &Options::default());
    assert_eq!(gist(&twice), gist(&once));
    assert!(
        twice
            .findings
            .iter()
            .zip(&once.findings)
            .all(|(two, one)| two.members.len() == 2 * one.members.len())
    );
}

#[test]
fn one_report_that_says_it_in_two_categories_says_it_once() {
    let said = |category: &str, title: &str, line: u32, n: usize| Member {
        source: "a.md".to_string(),
        title: title.to_string(),
        category: Some(category.to_string()),
        body: "The token goes into the log.".to_string(),
        byte_range: [n * 10, n * 10 + 9],
        locations: vec![Location {
            line_start: Some(line),
            line_end: Some(line),
            ..Location::file("src/a.ts")
        }],
        ..Member::default()
    };
    let list = vec![
        said("security", "Token is logged", 4, 0),
        said("privacy", "Token is logged", 4, 1),
        said("privacy", "Token is logged", 40, 2),
    ];
    let merged = merge(Vec::new(), list, &Options::default());
    let mut sizes: Vec<usize> = merged.findings.iter().map(|f| f.members.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);
}

#[test]
fn the_evidence_of_a_merge_is_kept_and_told() {
    let merged = merge(Vec::new(), members(), &Options::default());
    let joined = merged.findings.iter().find(|f| f.members.len() > 1).expect("a merged finding");
    let why = &joined.merged_because[0].why;
    assert!(why.iter().any(|evidence| evidence.weight > 0.0 && !evidence.about.is_empty()), "{why:?}");
    let told = explain_finding(&merged, &joined.id).expect("known");
    assert!(told.contains("one with") && told.contains(&joined.title), "{told}");
    let near = merged.findings.iter().find(|f| f.title.starts_with("Cookie lacks")).expect("known");
    let told = explain_finding(&merged, &near.id).expect("known");
    assert!(told.contains("\nnot F") && told.contains("merged from"), "{told}");
    assert!(explain_finding(&merged, "F999").is_none());
}

#[test]
fn who_tells_it_in_two_languages_tells_it_once() {
    let member = |reviewer: &str, title: &str, line: u32| Member {
        source: format!("{reviewer}.md"),
        reviewer: reviewer.to_owned(),
        title: title.to_owned(),
        locations: vec![Location {
            line_start: Some(line),
            line_end: Some(line),
            ..Location::file("fw/dew.c")
        }],
        text: title.to_owned(),
        ..Member::default()
    };
    let given = vec![
        member("a", "Calibration of the manometer forgets the altitude", 40),
        member("a", "The tariff table is read on each tick", 90),
        member("b", "Kalibrierung des Manometers stimmt nur am Meer", 40),
        member("b", "Die Tariftabelle hat keine Zeile für Sonntage", 92),
    ];
    let merged = merge(Vec::new(), given, &Options::default());
    let joined: Vec<usize> = merged.findings.iter().map(|finding| finding.members.len()).collect();
    assert_eq!(joined.iter().filter(|count| **count == 2).count(), 1, "{:?}", merged.findings);
    assert_eq!(joined.len(), 3);
}

#[test]
fn who_says_the_very_same_says_it_of_one_place_however_it_was_found() {
    let member = |reviewer: &str, placed| Member {
        source: reviewer.to_owned(),
        reviewer: reviewer.to_owned(),
        title: "Get() races with Load()".to_owned(),
        body: "One goroutine reads the settings while another writes them.".to_owned(),
        from_data: true,
        locations: vec![Location {
            line_start: Some(32),
            placed: Some(placed),
            ..Location::file("config/watch.go")
        }],
        ..Member::default()
    };
    let members = vec![member("performance", Placed::Moved), member("security", Placed::There)];
    let merged = merge(Vec::new(), members, &Options::default());
    assert_eq!(merged.findings.len(), 1, "{:#?}", merged.findings);
}
