//! A report of ours, read again. Its hash says that it is as `render` wrote it, so
//! nothing in it needs to be guessed; one that was changed is prose like any other.

use std::ops::Range;

use findings::Severity;

use crate::model::Extraction;
use crate::model::{Facts, Location, Member, ReadFrom, Recognised, Status};
use crate::render::{self, plain};

/// Reads it; `None`: it is none of ours, or is no longer as it was written.
pub(crate) fn read(text: &str) -> Option<Extraction> {
    let report = render::unsealed(text)?;
    let mut out = Extraction {
        title: report.lines().next().map(|line| plain(line.trim_start_matches('#').trim())),
        read_from: Some(ReadFrom::Prose),
        ..Extraction::default()
    };
    let mut standing = 0;
    for unit in units(report) {
        if unit.section == render::GONE {
            continue;
        }
        let members = unit.members(report)?;
        let stands = ![render::CARRIED, render::SETTLED, render::WITHDRAWN, render::REFUTED]
            .contains(&unit.section)
            && unit.section != SUPPRESSED;
        standing += if stands { members.len() } else { 0 };
        out.members.extend(members);
    }
    let value = |label: &str| report.lines().rev().find_map(|line| line.strip_prefix(label)).map(str::trim);
    let result = value("REVIEW_RESULT:")?;
    let told = report.rsplit_once(render::FOUND)?.1;
    let told: usize = told.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    if told != standing {
        out.notes.push(format!(
            "incomplete: it tells {told} findings and {standing} are in it: it was cut to a size"
        ));
    }
    if result == "COMMENTED" {
        let why = report.lines().find_map(|line| line.strip_prefix("- **No verdict** ")).unwrap_or_default();
        out.notes.push(format!("incomplete: that merge had no verdict: {}", plain(why)));
    }
    out.complete = out.notes.is_empty();
    // What is not complete passes nothing, clean or not.
    out.recognised = if out.members.is_empty() { Recognised::Clean } else { Recognised::Findings };
    Some(out)
}

const SUPPRESSED: &str = "Suppressed";

/// One cause: from its heading to the next one, or to the end of its section.
struct Unit<'a> {
    section: &'a str,
    range: Range<usize>,
}

fn units(report: &str) -> Vec<Unit<'_>> {
    let mut out: Vec<Unit<'_>> = Vec::new();
    let (mut section, mut at, mut open) = ("", 0, false);
    let mut fence: Option<&str> = None;
    for line in report.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let bare = line.trim_end();
        let mark = &bare[..bare.len() - bare.trim_start_matches(['`', '~']).len()];
        match fence {
            Some(open) if bare == mark && mark.starts_with(open) => fence = None,
            Some(_) => {}
            None if mark.len() >= 3 => fence = Some(mark),
            None => {
                let title = bare.strip_prefix("## ");
                let begins = bare.starts_with("### ");
                if title.is_some() || begins || bare == "</details>" {
                    if let Some(unit) = out.last_mut().filter(|_| open) {
                        unit.range.end = begin;
                    }
                    open = begins;
                }
                section = title.unwrap_or(section);
                if begins {
                    out.push(Unit { section, range: begin..report.len() });
                }
            }
        }
    }
    out
}

impl Unit<'_> {
    /// A member for each of its findings.
    fn members(&self, report: &str) -> Option<Vec<Member>> {
        let text = &report[self.range.clone()];
        let heading = text.lines().next()?;
        let (place, title) = heading_of(heading)?;
        let facts = facts(text);
        let fact =
            |label: &str| facts.iter().find(|(name, _)| name == label).map(|(_, value)| value.as_str());
        let severity = Severity::from_name(fact("Severity")?)?;
        let (category, cwe) = unlinked(fact("Category"));
        let body = body(text);
        let title = whole_title(text).unwrap_or(title);
        let member = Member {
            title,
            severity,
            severity_raw: Some(severity.name().to_string()),
            severity_from: Some("field".to_string()),
            reviewer: names(fact("Found by").unwrap_or_default()),
            withdrawn: self.section == render::WITHDRAWN,
            status: fact("Status")
                .and_then(crate::status::exact)
                .or((self.section == render::REFUTED).then_some(Status::FalsePositive)),
            category,
            confidence: fact("Confidence").and_then(|value| value.parse().ok()),
            facts: Facts {
                rule: fact("Rule").map(|rule| rule.trim_matches('`').to_string()),
                cwe,
                ..Facts::default()
            },
            section: self.section.to_string(),
            body,
            ..Member::default()
        };
        Some(match places(text) {
            Listed::Each(list) => self.each(report, &member, &list),
            Listed::Also(also) => {
                let main = (place != "project").then(|| location(&place));
                let locations = main.into_iter().chain(also.iter().map(|text| location(text))).collect();
                let range = [self.range.start, self.range.end];
                vec![Member { locations, byte_range: range, text: text.to_string(), ..member }]
            }
        })
    }

    /// The findings of one cause share all but their places; each has the bytes from its
    /// own place to the next one's.
    fn each(&self, report: &str, member: &Member, list: &[(usize, Vec<String>)]) -> Vec<Member> {
        let end = |n: usize| list.get(n + 1).map_or(self.range.end, |(at, _)| self.range.start + at);
        let begin = |n: usize| if n == 0 { self.range.start } else { self.range.start + list[n].0 };
        let one = |(n, (_, places)): (usize, &(usize, Vec<String>))| Member {
            locations: places
                .iter()
                .filter(|place| *place != "project")
                .map(|place| location(place))
                .collect(),
            byte_range: [begin(n), end(n)],
            text: report[begin(n)..end(n)].to_string(),
            // Nothing makes one of what was told apart.
            label: Some(format!("{}", n + 1)),
            from_data: true,
            ..member.clone()
        };
        list.iter().enumerate().map(one).collect()
    }
}

/// `### 3. [place] title (2 places)`: the place as it is escaped, and the title.
fn heading_of(heading: &str) -> Option<(String, String)> {
    let inner = heading.strip_prefix("### ")?.split_once(". [")?.1;
    let at = inner.match_indices("] ").map(|(at, _)| at).find(|at| !is_escaped(inner, *at))?;
    let title = &inner[at + 2..];
    let counted = title.strip_suffix(" places)").and_then(|rest| rest.rsplit_once(" ("));
    let title =
        counted.filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit())).map_or(title, |(title, _)| title);
    Some((inner[..at].to_string(), plain(title)))
}

fn is_escaped(text: &str, at: usize) -> bool {
    text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// A title that did not fit into its heading.
fn whole_title(text: &str) -> Option<String> {
    let at = text.find("\n**Title:** ")? + 1;
    let rest = &text[at + "**Title:** ".len()..];
    let end = rest.find("  \n").unwrap_or(rest.len());
    Some(plain(&rest[..end].replace('\n', " ")))
}

/// The labelled values below the heading.
fn facts(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for line in text.lines().skip(1) {
        for part in line.split(" · ") {
            let part = part.trim().trim_end_matches(" ·");
            let pair = part.strip_prefix("**").and_then(|rest| rest.split_once(":** "));
            if let Some((label, value)) = pair {
                out.push((label.to_string(), value.trim().to_string()));
            }
        }
        if line.ends_with("  ") || !line.ends_with('·') {
            break;
        }
    }
    out
}

/// `security (high), style (low)` → `security, style`
fn names(found_by: &str) -> String {
    let ends = |part: &str| part.rsplit_once(" (").map_or(part, |(name, _)| name).to_string();
    let parts = found_by.trim_end_matches(')').split("), ").map(ends);
    parts.map(|name| plain(&name)).collect::<Vec<_>>().join(", ")
}

/// A category without its links, and the weaknesses that they are of.
fn unlinked(category: Option<&str>) -> (Option<String>, Vec<u32>) {
    let Some(mut text) = category.map(str::to_string) else { return (None, Vec::new()) };
    let mut cwe = Vec::new();
    while let Some(at) = text.find("[CWE-") {
        let Some((name, rest)) = text[at + 1..].split_once("](") else { break };
        let Some((_, behind)) = rest.split_once(')') else { break };
        cwe.extend(name.strip_prefix("CWE-").and_then(|number| number.parse::<u32>().ok()));
        text = format!("{}{name}{behind}", &text[..at]);
    }
    (Some(plain(&text)), cwe)
}

/// The places that are listed below.
enum Listed {
    /// Further ones of one finding.
    Also(Vec<String>),
    /// Of each of several findings: where its token stands, and its places.
    Each(Vec<(usize, Vec<String>)>),
}

fn places(text: &str) -> Listed {
    let mut also = Vec::new();
    let mut each: Vec<(usize, Vec<String>)> = Vec::new();
    let mut label = "";
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let bare = line.trim_end_matches('\n');
        let (skip, own) = match ["**Also:** ", "**Places:** "].iter().find(|label| bare.starts_with(**label))
        {
            Some(found) => {
                label = found;
                (found.len(), true)
            }
            None => (0, !label.is_empty()),
        };
        if !own {
            continue;
        }
        let mut from = skip;
        for part in bare[skip..].split(" · ") {
            let value = part.trim_end().trim_end_matches(" ·");
            if label.starts_with("**Places") {
                match numbered(value) {
                    Some(place) => each.push((begin + from, vec![place.to_string()])),
                    None => {
                        if let Some((_, list)) = each.last_mut() {
                            list.push(value.to_string());
                        }
                    }
                }
            } else {
                also.push(value.to_string());
            }
            from += part.len() + " · ".len();
        }
        if bare.ends_with("  ") {
            label = "";
        }
    }
    if each.is_empty() { Listed::Also(also) } else { Listed::Each(each) }
}

/// The place behind `F3 `.
fn numbered(value: &str) -> Option<&str> {
    let (id, place) = value.split_once(' ')?;
    let digits = id.strip_prefix('F')?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(place)
}

/// `path:3-9`, as it was escaped.
fn location(shown: &str) -> Location {
    let text = plain(shown);
    let lines = text.rsplit_once(':').and_then(|(file, lines)| {
        let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        Some((file, number(from)?, number(to)?))
    });
    match lines {
        Some((file, from, to)) => {
            Location { line_start: Some(from), line_end: Some(to), exact: true, ..Location::file(file) }
        }
        None => Location { exact: true, ..Location::file(text) },
    }
}

/// The words, without the heading, the facts and what is told of places.
fn body(text: &str) -> String {
    let facts = 1 + text.lines().skip(1).take_while(|line| line.ends_with('·')).count() + 1;
    let mut kept = Vec::new();
    let mut listed = false;
    for line in text.lines().skip(facts) {
        let begins = ["**Also:** ", "**Places:** "].iter().any(|label| line.starts_with(label));
        if begins || listed {
            listed = line.ends_with('·');
        } else {
            kept.push(line.trim_end());
        }
    }
    kept.join("\n").trim().to_string()
}
