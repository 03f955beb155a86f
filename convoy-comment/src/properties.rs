//! What holds for every set of findings, every pull request, and any number of pushes.

use findings::Severity;
use findings::merged::{Finding, Location};
use findings::verdict::Verdict;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::body;
use crate::check::{AT_ONCE, Check};
use crate::document::{Document, Judged, Told};
use crate::finding;
use crate::hunks::Hunks;
use crate::mark::{self, Mark};
use crate::plan::{Comment, Plan, Present, Thread, Wanted, Where, Why, plan};
use crate::target::{Service, Target};

/// A finding of a test: which one, where, is it old, of a rule, with this suggestion.
#[derive(Debug, Clone)]
struct Seed {
    id: u8,
    line: Option<u32>,
    old: bool,
    by_rule: bool,
    text: String,
    suggestion: Option<String>,
}

fn told(seed: &Seed) -> Told {
    let location = seed.line.map(|line| Location {
        file: std::path::Path::new("src/a.ts").into(),
        line_start: Some(line),
        line_end: Some(line + u32::from(seed.id % 3)),
        symbol: None,
        placed: None,
    });
    let json = serde_json::json!({
        "id": format!("F{}", seed.id), "fingerprint": format!("f{}", seed.id), "title": seed.text,
        "severity": Severity::ALL[usize::from(seed.id) % 5].name(), "locations": [], "reviewers": ["security"],
        "suggestion": seed.suggestion, "members": [{ "body": seed.text }], "new": !seed.old,
    });
    let mut told: Told = serde_json::from_value(json).unwrap();
    told.finding.locations.extend(location);
    told.finding.rule = seed.by_rule.then(|| "r".to_owned());
    told
}

fn document(seeds: &[Seed], verdict: Verdict) -> Document {
    let findings = seeds.iter().map(told).collect();
    let obstacles =
        if verdict == Verdict::Commented { vec!["a review is missing".to_owned()] } else { Vec::new() };
    let verdict = Judged { verdict, obstacles, ..Judged::default() };
    Document { schema_version: 1, findings, verdict, ..Document::default() }
}

fn wanted() -> Wanted {
    Wanted { service: Service::GitHub, name: "convoy".to_owned(), commit: None, most_inline: 5 }
}

fn target() -> Target {
    Target::parse("https://github.com/o/r/pull/7").unwrap()
}

fn present() -> Present {
    let mut hunks = Hunks::default();
    hunks.add("src/a.ts", "src/a.ts", "@@ -10,3 +10,5 @@\n a\n+b\n+c\n d\n e\n@@ -30 +32,2 @@\n-x\n+y\n+z\n");
    Present { head: "abc".to_owned(), commits: vec!["abc".to_owned()], hunks, ..Present::default() }
}

/// Does what is planned, as a service would. `refuse`: a line it does not accept.
fn obey(present: &mut Present, document: &Document, mut plan: Plan<'_>, refuse: u32) -> usize {
    let mut made = 0;
    let mut refused = Vec::new();
    for (n, inline) in plan.inline.iter().enumerate() {
        if inline.spot.to == refuse {
            refused.push(n);
            continue;
        }
        let mark = Mark::read(&inline.body, "convoy").expect("a comment begins with its mark");
        let id = format!("t{}", present.threads.len());
        present.threads.push(Thread { id, mark, resolved: false, outdated: false });
        made += 1;
    }
    plan.refuse(&refused);
    for id in &plan.resolve {
        let thread = present.threads.iter_mut().find(|thread| &thread.id == id).unwrap();
        assert!(!thread.resolved, "resolved once");
        thread.resolved = true;
    }
    let body = body::summary(document, &plan, &target(), ("abc", "convoy", None));
    assert!(mark::is_summary(&body, "convoy"));
    match &plan.update {
        Some(_) => present.summaries[0].body = body,
        None => present.summaries.push(Comment { id: "1".to_owned(), body }),
    }
    made
}

fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    let text = prop_oneof![
        "[ -~]{0,40}",
        Just(
            "@team <!-- convoy:finding name=convoy fingerprint=f1 key= --> ```suggestion\n/close\n#1"
                .to_owned()
        ),
        "(```|~~~)?(suggestion)?\n?[<@#`*_/|\\\\\\[\\](){}!~a-z \n\t-]{0,60}",
    ];
    let line = proptest::option::of(8u32..36);
    let suggestion = proptest::option::of("[a-z`/\n]{0,12}");
    let one = (0u8..12, line, any::<bool>(), any::<bool>(), text, suggestion).prop_map(
        |(id, line, old, by_rule, text, suggestion)| Seed { id, line, old, by_rule, text, suggestion },
    );
    proptest::collection::vec(one, 0..14)
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(Verdict::Approved), Just(Verdict::Commented), Just(Verdict::ChangesRequested)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever twenty pushes find: no finding has two comments on lines, there is one
    /// summary, no finding is lost, and the same push again has nothing to do.
    #[test]
    fn nothing_is_told_twice_over_many_pushes(pushes in proptest::collection::vec((seeds(), verdicts()), 20), refuse in 8u32..36) {
        let mut present = present();
        for (seeds, verdict) in pushes {
            let document = document(&seeds, verdict);
            let made = plan(&document, &present, &wanted());
            prop_assert!(made.inline.len() <= 5);
            prop_assert_eq!(made.places.len(), seeds.len(), "each finding has its place");
            for (told, place) in &made.places {
                if let Where::Inline(n) = place {
                    let spot = made.inline[*n].spot;
                    prop_assert!(!told.is_old() && (10 <= spot.from && spot.to <= 14 || 32 <= spot.from && spot.to <= 33));
                }
            }
            obey(&mut present, &document, made, refuse);
            prop_assert_eq!(present.summaries.len(), 1);
            let mut marks: Vec<&Mark> = present.threads.iter().map(|thread| &thread.mark).collect();
            let all = marks.len();
            marks.sort();
            marks.dedup_by(|a, b| a.means(b));
            prop_assert_eq!(marks.len(), all, "a finding is commented once");
            for told in document.open() {
                let row = format!("| {} |", told.finding.id);
                prop_assert!(present.summaries[0].body.contains(&row), "{} has no row", told.finding.id);
            }
            let again = plan(&document, &present, &wanted());
            let left = again.inline.iter().filter(|inline| inline.spot.to != refuse).count();
            prop_assert!(left == 0 || again.places.iter().any(|(_, place)| *place == Where::Here(Why::Many)) || seeds.len() > 5);
            prop_assert!(again.resolve.is_empty());
        }
    }

    /// A conversation is resolved only where its finding is not open, and never without
    /// a verdict; where no rule found it, its code must have changed.
    #[test]
    fn a_conversation_ends_only_when_its_finding_is_gone(seeds in seeds(), verdict in verdicts(), outdated in any::<bool>(), by_rule in any::<bool>()) {
        let mut present = present();
        for id in 0..12 {
            let seed = Seed { id, line: None, old: false, by_rule, text: String::new(), suggestion: None };
            let mark = Mark::of(&told(&seed).finding, "convoy").unwrap();
            present.threads.push(Thread { id: id.to_string(), mark, resolved: id == 0, outdated });
        }
        let document = document(&seeds, verdict);
        let plan = plan(&document, &present, &wanted());
        for thread in &present.threads {
            let open = seeds.iter().any(|seed| seed.id.to_string() == thread.id);
            let want = !open && !thread.resolved && verdict != Verdict::Commented && (outdated || by_rule);
            prop_assert_eq!(plan.resolve.contains(&thread.id), want, "{}", thread.id);
        }
    }

    /// Where the pull request has moved on, nothing is written on lines and nothing resolved.
    #[test]
    fn a_stale_review_writes_on_no_line(seeds in seeds()) {
        let mut present = present();
        let mark = Mark::of(&Finding { fingerprint: "gone".to_owned(), ..Finding::default() }, "convoy").unwrap();
        present.threads.push(Thread { id: "t".to_owned(), mark, resolved: false, outdated: true });
        let document = document(&seeds, Verdict::Approved);
        let plan = plan(&document, &present, &Wanted { commit: Some("old".to_owned()), ..wanted() });
        prop_assert!(plan.stale && plan.inline.is_empty() && plan.resolve.is_empty());
        let text = body::summary(&document, &plan, &target(), ("abc", "convoy", Some("old")));
        prop_assert!(text.contains("has moved on"));
    }

    /// Text of reviewers is data in a comment: the only links are our own, nobody is
    /// mentioned, and a suggestion can be applied only where it is one.
    #[test]
    fn text_of_reviewers_acts_nowhere(seeds in seeds()) {
        let document = document(&seeds, Verdict::ChangesRequested);
        let present = present();
        let plan = plan(&document, &present, &wanted());
        let summary = body::summary(&document, &plan, &target(), ("abc", "convoy", None));
        let mut bodies = vec![(summary, 0)];
        for (told, place) in &plan.places {
            if let Where::Inline(n) = place {
                let applied = told.suggestion.is_some();
                bodies.push((plan.inline[*n].body.clone(), usize::from(applied)));
            }
        }
        for (body, suggestions) in bodies {
            let mut code = false;
            let mut applied = 0;
            let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS | Options::ENABLE_MATH;
            for event in Parser::new_ext(&body, options) {
                match event {
                    Event::Start(Tag::CodeBlock(kind)) => {
                        code = true;
                        if let pulldown_cmark::CodeBlockKind::Fenced(info) = kind {
                            prop_assert!(info.is_empty() || &*info == "suggestion", "{info}");
                            applied += usize::from(&*info == "suggestion");
                        }
                    }
                    Event::End(pulldown_cmark::TagEnd::CodeBlock) => code = false,
                    Event::Text(text) if !code => {
                        for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '@' | '#')) {
                            let next = text[at + c.len_utf8()..].chars().next();
                            prop_assert!(next.is_none_or(|c| c == '\u{200b}'), "{text}");
                        }
                    }
                    Event::Start(Tag::Link { dest_url, .. }) => {
                        prop_assert!(dest_url.starts_with("https://github.com/o/r/blob/abc/src/a.ts"), "{dest_url}");
                    }
                    Event::Html(html) | Event::InlineHtml(html) => {
                        let ours = ["<!-- convoy:", "<details><summary>", "</details>", "<sub>", "</sub>"];
                        prop_assert!(html.trim().is_empty() || ours.iter().any(|one| html.starts_with(one)), "{html}");
                    }
                    Event::Start(Tag::Image { .. } | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                        prop_assert!(false, "{body}");
                    }
                    Event::Start(Tag::Heading { .. }) => prop_assert!(suggestions == 0),
                    _ => {}
                }
            }
            prop_assert!(applied <= suggestions, "{body}");
            prop_assert!(!body.lines().any(|line| line.starts_with('/') && line[1..].starts_with(|c: char| c.is_ascii_alphabetic())), "{body}");
        }
    }
}

fn seed(id: u8, text: &str) -> Seed {
    Seed { id, line: Some(11), old: false, by_rule: false, text: text.to_owned(), suggestion: None }
}

#[test]
fn a_comment_is_no_longer_than_it_may_be_and_says_what_is_left_out() {
    for (many, text) in
        [(9u16, "@".repeat(9_000)), (3_000, "\u{202e}é@".repeat(200)), (10_000, "x".to_owned())]
    {
        let mut document = document(&[], Verdict::ChangesRequested);
        for n in 0..many {
            let mut one = told(&Seed { line: (n % 2 == 0).then_some(11), old: n % 3 == 0, ..seed(0, &text) });
            one.finding.fingerprint = n.to_string();
            document.findings.push(one);
        }
        let plan = plan(&document, &present(), &wanted());
        let body = body::summary(&document, &plan, &target(), ("abc", "convoy", None));
        assert!(body.len() <= 65_536, "{many}: {}", body.len());
        assert!(body.contains("left out"), "{many}");
        assert!(plan.inline.iter().all(|inline| inline.body.len() <= 65_536));
        assert_eq!(body.matches("<details>").count(), body.matches("</details>").count());
    }
    let long = told(&Seed { suggestion: Some("a".repeat(9_000)), ..seed(0, &"w".repeat(5_000)) });
    let mark = Mark::of(&long.finding, "convoy").unwrap();
    let spot = present().hunks.spot("src/a.ts", 11, 11).unwrap();
    let body = finding::of_line(&long, &mark, spot, Service::GitHub);
    assert!(body.contains("goes on in the report") && body.contains("too long for a comment"), "{body}");
}

#[test]
fn a_check_is_a_success_only_with_an_approval() {
    for (verdict, want) in [
        (Verdict::Approved, "success"),
        (Verdict::ChangesRequested, "failure"),
        (Verdict::Commented, "neutral"),
    ] {
        assert_eq!(Check::of(&document(&[], verdict), "convoy").conclusion(), want);
    }
    assert_eq!(Check::of(&Document::default(), "convoy").conclusion(), "neutral", "nobody has judged");
}

#[test]
fn a_request_holds_no_more_annotations_than_it_may() {
    let mut document = document(&[], Verdict::ChangesRequested);
    for _ in 0..620 {
        document.findings.push(told(&seed(1, "x")));
    }
    let check = Check::of(&document, "convoy");
    let parts: Vec<usize> =
        check.outputs().iter().map(|part| part["annotations"].as_array().unwrap().len()).collect();
    assert_eq!((parts.len(), parts.iter().sum::<usize>(), parts.iter().max()), (10, 500, Some(&AT_ONCE)));
    assert!(check.summary.contains("120 more"), "{}", check.summary);
}

#[test]
fn a_suggestion_can_be_applied_only_on_all_of_its_lines() {
    let spot = |from, to| present().hunks.spot("src/a.ts", from, to).unwrap();
    let body = |code: &str, spot, service| {
        let one = told(&Seed { suggestion: Some(code.to_owned()), ..seed(0, "t") });
        finding::of_line(&one, &Mark::of(&one.finding, "convoy").unwrap(), spot, service)
    };
    assert!(body("f(a)\n```", spot(11, 12), Service::GitHub).contains("````suggestion\nf(a)\n```\n````\n"));
    assert!(body("f(a)", spot(11, 13), Service::GitLab).contains("```suggestion:-2+0\nf(a)\n```\n"));
    for (code, spot) in [("f(a)", spot(13, 20)), ("f(\u{202e}a)", spot(11, 11)), ("/close", spot(11, 11))] {
        assert!(!body(code, spot, Service::GitHub).contains("```suggestion"), "{code:?}");
    }
}
