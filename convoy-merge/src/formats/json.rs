//! Findings in JSON, JSON lines and several JSON documents one after another, whatever
//! the keys are called. Raw values keep the byte ranges.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use serde_json::value::RawValue;

use super::comment::{Reply, fold};
use super::entry::{Given, Object, Source, is_key, normal_key, of_object, of_text, string, unfolded};
use super::foreign::{self, Map};
use super::health::{Health, stated};
use super::roles::{Roles, tells_finding};
use super::{own, sarif, wrapped};
use crate::extract::Extraction;
use crate::model::{Member, Recognised, Status};
use crate::severity;
use crate::syntax::tree::{Block, Kind};
use crate::vocabulary::{KEYS, PHRASES};
use findings::Severity;

/// Deeper than this there are no findings.
const DEEPEST: usize = 12;

/// Reads a text as JSON findings; `None` = it is no JSON.
pub(super) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if !is_json_like(start) {
        return None;
    }
    if let Ok(raw) = serde_json::from_str::<&RawValue>(start.trim_end()) {
        return Some(of_value(text, raw));
    }
    let wanted = name.rsplit('.').next().is_some_and(|ext| {
        matches!(ext.to_ascii_lowercase().as_str(), "json" | "jsonl" | "ndjson" | "sarif")
    });
    many(text, start)
        .or_else(|| cut(text, start))
        .or_else(|| (wanted || is_surely_json(start)).then(|| super::unreadable("not valid JSON (cut off?)")))
}

/// `[x](…)` and `[HIGH] …` begin Markdown, not JSON.
fn is_json_like(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => {
            let rest = rest.trim_start();
            rest.starts_with(['{', ']', '[', '"']) || rest.starts_with(|c: char| c.is_ascii_digit())
        }
        None => text.starts_with('{'),
    }
}

/// What begins so is JSON even if its end is missing: no prose of its strings may be read
/// as if it were the report.
fn is_surely_json(text: &str) -> bool {
    let inner = text.trim_start_matches(['[', ' ', '\n', '\r', '\t']);
    inner.strip_prefix('{').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty()
            || rest.starts_with('"')
                && rest[1..].split_once('"').is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
    })
}

fn of_value(text: &str, raw: &RawValue) -> Extraction {
    if let Some(own) = own::read(raw) {
        return own;
    }
    if let Some(results) = sarif::read(text, raw) {
        return results;
    }
    let mut walk = Walk::new(text);
    walk.collect(raw, &Given::default(), 0);
    let mut out = walk.finish(1);
    if out.recognised == Recognised::Unreadable
        && let Some(report) = wrapped::read(text, &[raw])
    {
        out = report;
    }
    out.reviewer = top_string(raw, &["reviewer", "agent", "role"]);
    out
}

fn top_string(raw: &RawValue, keys: &[&str]) -> Option<String> {
    let map: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let value = keys.iter().find_map(|key| map.get(*key))?;
    serde_json::from_str(value.get()).ok()
}

/// JSON lines, or documents one after another; bad ones among them make the report incomplete.
fn many(text: &str, start: &str) -> Option<Extraction> {
    let mut documents: Vec<&RawValue> = Vec::new();
    let mut bad = 0;
    for line in text.lines().map(|line| line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\u{1e}'])) {
        match serde_json::from_str::<&RawValue>(line) {
            Ok(raw) if raw.get().starts_with(['{', '[']) => documents.push(raw),
            _ if line.is_empty() => {}
            _ => bad += 1,
        }
    }
    if documents.is_empty() || bad > documents.len() {
        documents.clear();
        bad = 0;
        let mut stream = serde_json::Deserializer::from_str(start).into_iter::<&RawValue>();
        for document in &mut stream {
            match document {
                Ok(raw) => documents.push(raw),
                Err(_) => {
                    bad = 1;
                    break;
                }
            }
        }
    }
    if documents.is_empty() {
        return None;
    }
    if let [one] = documents[..] {
        let mut out = of_value(text, one);
        if bad > 0 {
            super::fault(&mut out, "a part of it is not valid JSON");
        }
        return Some(out);
    }
    let mut walk = Walk::new(text);
    // Records of a list that needs no brackets.
    let records = foreign::objects(&documents);
    let roles = Roles::of(&records.iter().collect::<Vec<_>>());
    if roles.are_others() {
        return Some(super::unreadable("these records are none of a review"));
    }
    let told = roles.tell_findings(&records.iter().collect::<Vec<_>>(), &Given::default());
    let kinds = if told { HashMap::new() } else { kinds(&records) };
    for raw in &documents {
        let record = foreign::object(raw);
        let kind = record.as_ref().and_then(|record| kinds.get(&keys_of(record)));
        if let Some(roles) = kind.or(Some(&roles).filter(|_| told && record.is_some())) {
            walk.object(raw, Some(roles), &Given::default(), 0);
        } else if let Some(log) = sarif::read(text, raw) {
            walk.take(log);
        } else {
            walk.collect(raw, &Given::default(), 0);
        }
    }
    if bad > 0 {
        walk.health.faults.push(format!("{bad} lines are not valid JSON"));
    }
    let empty = walk.members.is_empty() && !walk.ended;
    let mut out = walk.finish(documents.len());
    if empty && out.recognised == Recognised::Clean {
        out.recognised = Recognised::Unreadable;
    }
    if out.recognised == Recognised::Unreadable
        && let Some(mut report) = wrapped::read(text, &documents)
    {
        if bad > 0 {
            super::fault(&mut report, &format!("{bad} lines are not valid JSON"));
        }
        return Some(report);
    }
    Some(out)
}

fn keys_of(record: &Object) -> Vec<&str> {
    record.keys().map(String::as_str).collect()
}

/// Of lines of several kinds those that are findings by what they hold, by their keys.
fn kinds(records: &[Object]) -> HashMap<Vec<&str>, Roles> {
    let mut kinds: HashMap<Vec<&str>, Vec<&Object>> = HashMap::new();
    for record in records {
        kinds.entry(keys_of(record)).or_default().push(record);
    }
    let told = kinds.into_iter().filter_map(|(keys, records)| {
        let roles = Roles::of(&records);
        roles.tell_findings(&records, &Given::default()).then_some((keys, roles))
    });
    told.collect()
}

/// So many objects that never close are passed by.
const UNCLOSED: usize = 16;

/// The whole entries of a document that breaks off.
fn cut(text: &str, start: &str) -> Option<Extraction> {
    let mut walk = Walk::new(text);
    let (mut at, mut open) = (0, 0);
    while let Some(next) = start[at..].find('{').map(|next| at + next) {
        let mut stream = serde_json::Deserializer::from_str(&start[next..]).into_iter::<&RawValue>();
        if let Some(Ok(raw)) = stream.next() {
            let map = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get());
            if map.is_ok_and(|map| is_finding(&map)) {
                walk.collect(raw, &Given { proof: true, ..Given::default() }, 1);
            }
            at = next + stream.byte_offset();
        } else {
            open += 1;
            at = next + 1;
            if open > UNCLOSED {
                break;
            }
        }
    }
    if walk.members.is_empty() {
        return None;
    }
    walk.health.faults.push("not valid JSON (cut off?)".to_string());
    Some(walk.finish(1))
}

/// What is met on the way through a document.
#[derive(Debug)]
struct Walk<'a> {
    text: &'a str,
    members: Vec<Member>,
    replies: Vec<Reply>,
    health: Health,
    /// A place for findings that holds none.
    empty: bool,
    /// A line that tells how many findings there were.
    ended: bool,
    /// Entries in places for findings that could not be read as findings.
    unread: usize,
    /// How many findings are stated by what holds none itself.
    stated: u64,
    /// Entries that are no findings of their own: answers, system notes, praise, checks that passed.
    others: usize,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Walk {
            text,
            members: Vec::new(),
            replies: Vec::new(),
            health: Health::default(),
            empty: false,
            ended: false,
            unread: 0,
            stated: 0,
            others: 0,
        }
    }

    fn source(&self, raw: &RawValue) -> Source<'a> {
        let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        Source { text: &self.text[start..start + raw.get().len()], start }
    }

    fn take(&mut self, log: Extraction) {
        self.empty |= log.recognised == Recognised::Clean;
        self.ended |= log.recognised == Recognised::Clean;
        if !log.complete {
            self.health.faults.extend(log.notes);
        }
        self.members.extend(log.members);
    }

    fn finish(mut self, documents: usize) -> Extraction {
        let found = (self.members.len() + self.others) as u64;
        if self.stated > found {
            self.health.faults.push(format!("it says {} findings, {found} could be read", self.stated));
        }
        fold(&mut self.members, self.replies);
        self.members.sort_by_key(|member| member.byte_range);
        let mut out = Extraction { complete: true, members: self.members, ..Extraction::default() };
        out.recognised = if !out.members.is_empty() {
            Recognised::Findings
        } else if (self.empty || self.ended && documents > 1) && self.unread == 0 {
            Recognised::Clean
        } else {
            Recognised::Unreadable
        };
        if self.unread > 0 && !out.members.is_empty() {
            super::fault(&mut out, &format!("{} entries could not be read as findings", self.unread));
        }
        let faults = std::mem::take(&mut self.health.faults);
        let doubts = std::mem::take(&mut self.health.doubts);
        let doubts = if out.members.is_empty() { doubts } else { Vec::new() };
        for why in faults.into_iter().chain(doubts).take(8) {
            super::fault(&mut out, &why);
        }
        out
    }

    /// Collects findings below a value.
    fn collect(&mut self, raw: &RawValue, given: &Given, depth: usize) {
        let source = raw.get();
        if depth > DEEPEST {
            self.unread += 1;
        } else if source.starts_with('[') {
            let items = serde_json::from_str::<Vec<&RawValue>>(source).unwrap_or_default();
            self.empty |= items.is_empty() && (given.proof || depth == 0);
            self.list(&items, given, depth);
        } else if given.proof && source[1..].trim_start() == "}" {
            self.empty = true;
        } else if source.starts_with('{') {
            self.object(raw, None, given, depth);
        } else if given.texts && source.starts_with('"') {
            match of_text(self.source(raw), given) {
                Some(found) => self.members.push(found),
                None => self.others += 1,
            }
        } else if source.starts_with('"') && names_file(source.trim_matches('"')) {
            // What was read.
            self.others += 1;
        } else if source != "null" {
            self.unread += 1;
        }
    }

    /// The records of a list, each by what the values of all of them tell of its keys.
    fn list(&mut self, items: &[&RawValue], given: &Given, depth: usize) {
        if let Some(names) = foreign::header(items) {
            self.rows(&names, &items[1..], given, depth);
            return;
        }
        let records = foreign::objects(items);
        if wrapped::is_dialogue(&records) {
            self.others += items.len();
            return;
        }
        if let Some(told) = wrapped::chat(self.text, items, &records) {
            self.others += items.len() - told.members.len().min(items.len());
            self.take(told);
            return;
        }
        let roles = Roles::of(&records.iter().collect::<Vec<_>>());
        if roles.are_others() && !given.proof {
            self.others += items.len();
            return;
        }
        for item in items {
            // An entry that tells nothing is no proof that there is none.
            if item.get().trim_start_matches('{').trim() == "}" {
                self.unread += 1;
            } else if item.get().starts_with('{') {
                self.object(item, Some(&roles), given, depth + 1);
            } else {
                self.collect(item, given, depth + 1);
            }
        }
    }

    /// The rows of a table, below the names of its columns.
    fn rows(&mut self, names: &[String], rows: &[&RawValue], given: &Given, depth: usize) {
        let records: Vec<Option<Object>> = rows.iter().map(|row| foreign::row_of(names, row)).collect();
        let roles = Roles::of(&records.iter().flatten().collect::<Vec<_>>());
        for (row, record) in rows.iter().zip(records) {
            match record {
                Some(record) => self.entry(row, &Map::new(), &roles.apply(&record), given, depth + 1),
                None => self.unread += 1,
            }
        }
    }

    fn object(&mut self, raw: &RawValue, roles: Option<&Roles>, given: &Given, depth: usize) {
        let Ok(map) = serde_json::from_str::<Map<'_>>(raw.get()) else {
            self.unread += 1;
            return;
        };
        let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(raw.get()) else {
            // Deeper than a value may be.
            self.unread += 1;
            return;
        };
        let by_place = foreign::by_place(&map, given);
        if !by_place.is_empty() {
            self.unread += map.len() - by_place.len();
            for (value, given) in by_place {
                self.collect(value, &given, depth + 1);
            }
            return;
        }
        let mut finding = is_finding(&map);
        object = unfolded(object);
        if let Some(roles) = roles {
            object = roles.apply(&object);
            finding |= depth == 0 && tells_finding(&object, given);
        }
        let next = given.inside(&object);
        let held = if finding { Vec::new() } else { held(&map, &next) };
        if finding || held.is_empty() && depth > 0 {
            self.entry(raw, &map, &object, given, depth);
            return;
        }
        let before = self.members.len() + self.others;
        let is_thread = self.thread(&map, &object, given);
        if !is_thread {
            self.health.look(&object);
            let table = foreign::table_of(&map);
            if let Some((names, rows)) = &table {
                self.rows(names, rows, &next, depth);
            }
            for (key, value) in held.iter().filter(|_| table.is_none()) {
                let key = key.as_str();
                if self.is_of_the_tool(key, value, &map) {
                    continue;
                }
                let name = normal_key(key);
                let texts = KEYS.texts.contains(name.as_str()) || !is_holder(key, value);
                let proof =
                    KEYS.is("proof", &name) || severity::exact(key).is_some() || given.proof && depth > 0;
                self.collect(value, &Given { texts, proof, ..next.below(key) }, depth + 1);
            }
            if held.is_empty() && map.keys().any(|key| names_file(key)) {
                self.by_file(&map, given, depth);
            }
        }
        let found = (self.members.len() + self.others - before) as u64;
        let holds = !held.is_empty();
        if let Some(stated) = stated(&object, true) {
            if holds && stated > found + self.unread as u64 {
                self.health.faults.push(format!("it says {stated} findings, {found} could be read"));
            } else if !holds {
                self.ended = true;
                self.stated = self.stated.max(stated);
            }
        }
    }

    /// `errors` beside another list are what went wrong in the tool, if they tell no place.
    fn is_of_the_tool(&mut self, key: &str, value: &RawValue, map: &BTreeMap<String, &RawValue>) -> bool {
        let beside = map.keys().any(|other| {
            matches!(
                normal_key(other).as_str(),
                "results" | "findings" | "issues" | "files" | "comments" | "vulnerabilities" | "diagnostics"
            )
        });
        if normal_key(key) != "errors" || !beside {
            return false;
        }
        let items = serde_json::from_str::<Vec<Value>>(value.get()).unwrap_or_default();
        if let Some(first) = items.first() {
            let said = match first {
                Value::Object(object) => string(object, &KEYS.title).unwrap_or_else(|| first.to_string()),
                other => other.as_str().map_or_else(|| other.to_string(), str::to_string),
            };
            let said: String = said.lines().next().unwrap_or_default().chars().take(80).collect();
            self.health.faults.push(format!("the tool tells {} errors: {said}", items.len()));
        }
        true
    }

    /// One entry: a finding, an answer to one, or something that is none.
    fn entry(
        &mut self,
        raw: &RawValue,
        map: &BTreeMap<String, &RawValue>,
        object: &Object,
        given: &Given,
        depth: usize,
    ) {
        let nested = |value: &RawValue| value.get().starts_with(['[', '{']);
        if let Some(reply) = Reply::of(object) {
            self.others += 1;
            self.replies.push(reply);
        } else if is_none(object) {
            self.others += 1;
            self.empty = true;
        } else if tells_empty(object) {
            self.others += 1;
        } else if let Some(found) = of_object(self.source(raw), object, given) {
            // A text in any list is none yet: it needs a place, a severity, a status or somebody who says it.
            let told = found.severity != Severity::Unrated
                || !found.locations.is_empty()
                || found.status.is_some()
                || !found.reviewer.is_empty();
            if told || given.proof || given.texts {
                self.members.push(found);
            } else {
                self.unread += 1;
            }
        } else if !map.is_empty() && map.values().all(|value| nested(value)) {
            self.by_file(map, given, depth);
        } else if let Some(stated) = stated(object, true) {
            self.health.look(object);
            self.ended = true;
            self.stated = self.stated.max(stated);
        } else if is_event(object) {
            self.health.look(object);
        } else if !given.proof && Health::is_harmless(object) {
            self.others += 1;
        } else {
            self.unread += 1;
        }
    }

    /// An object of findings by file or by name.
    fn by_file(&mut self, map: &BTreeMap<String, &RawValue>, given: &Given, depth: usize) {
        let held = |key: &str, value: &RawValue| {
            value.get().starts_with(['[', '{']) && !KEYS.is("inventory", &normal_key(key))
        };
        for (key, value) in map.iter().filter(|(key, value)| held(key, value)) {
            let by_file = crate::locate::find(key, crate::locate::Trust::Field);
            let file = by_file.first().map(|found| found.place.file.clone());
            let next = Given { file: file.or_else(|| given.file.clone()), ..given.clone() };
            self.collect(value, &next, depth + 1);
        }
    }

    /// A discussion: its first note is the finding, the rest answers to it.
    fn thread(&mut self, map: &BTreeMap<String, &RawValue>, object: &Object, given: &Given) -> bool {
        let of_thread =
            ["isresolved", "resolved", "isoutdated", "individualnote", "diffside", "threadcontext", "isdone"];
        let notes = map.iter().find(|(key, _)| matches!(normal_key(key).as_str(), "notes" | "comments"));
        let named = notes
            .filter(|_| object.keys().any(|key| of_thread.contains(&normal_key(key).as_str())))
            .and_then(|(_, notes)| list_of(notes));
        let Some(notes) = named.or_else(|| foreign::notes(map, object)) else { return false };
        // Azure says in an object of its own where a thread stands.
        let place = object.get("threadContext").and_then(Value::as_object).unwrap_or(object);
        let around = given.inside(place);
        let mut first = None;
        for note in notes {
            let Ok(Value::Object(said)) = serde_json::from_str::<Value>(note.get()) else {
                self.unread += 1;
                continue;
            };
            let mut said = said;
            if let Some(content) = said.remove("content") {
                let raw = ["raw", "text", "markdown"].iter().find_map(|key| content.get(*key)).cloned();
                said.entry("body").or_insert(raw.unwrap_or(content));
            }
            if said.get("system") == Some(&Value::Bool(true))
                || said.get("commentType").is_some_and(|kind| kind == "system")
            {
                self.others += 1;
                self.empty = true;
                continue;
            }
            match first {
                None => {
                    if let Some(mut found) = of_object(self.source(note), &said, &around) {
                        found.status = found.status.or(super::entry::status(object));
                        first = Some(self.members.len());
                        self.members.push(found);
                    } else {
                        self.unread += 1;
                    }
                }
                Some(at) => {
                    self.others += 1;
                    self.members[at].thread.push(Reply::said(&said));
                }
            }
        }
        true
    }
}

/// The notes of a thread: a list, or GraphQL's `nodes` or `edges`.
fn list_of(raw: &RawValue) -> Option<Vec<&RawValue>> {
    if raw.get().starts_with('[') {
        return serde_json::from_str(raw.get()).ok();
    }
    let map: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    serde_json::from_str(map.get("nodes")?.get()).ok()
}

/// The members of an object that may hold findings: by their keys, else by what they hold.
fn held<'a, 'b>(map: &'b Map<'a>, given: &Given) -> Vec<(&'b String, &'a RawValue)> {
    let by_file = map.keys().any(|key| names_file(key));
    map.iter()
        .map(|(key, value)| (key, *value))
        .filter(|(_, value)| value.get().starts_with(['[', '{']))
        .filter(|(key, value)| {
            let aside = KEYS.is("aside", &normal_key(key));
            is_holder(key, value) || !aside && !by_file && foreign::holds(value, &given.below(key), 0)
        })
        .collect()
}

/// Is a member of an object one that may hold findings, by its key?
fn is_holder(key: &str, value: &RawValue) -> bool {
    let name = normal_key(key);
    let list = value.get().starts_with('[');
    KEYS.holder.contains(name.as_str())
        || list && (severity::exact(&name).is_some() || settles(key))
        || name == "message" && value.get().starts_with('{')
}

/// Do the findings of a list have the status that it is called by?
fn settles(key: &str) -> bool {
    super::entry::status_of_key(key).is_some_and(|status| status != Status::Open)
}

fn is_finding(map: &BTreeMap<String, &RawValue>) -> bool {
    let has = |keys: &[&str]| {
        map.iter().any(|(key, value)| {
            !value.get().starts_with(['[', '{']) && keys.iter().any(|wanted| is_key(key, wanted))
        })
    };
    let places = |keys: &[&str]| map.keys().any(|key| keys.iter().any(|wanted| is_key(key, wanted)));
    has(&KEYS.title)
        && (has(&KEYS.severity) || has(&KEYS.file) || places(&["location", "locations", "position"]))
        && !map.iter().any(|(key, value)| {
            matches!(key.as_str(), "messages" | "findings" | "issues" | "results")
                && value.get().starts_with(['[', '{'])
        })
}

/// A file, and the empty list of what was found in it.
fn tells_empty(object: &Object) -> bool {
    let named =
        string(object, &KEYS.title).is_some_and(|title| super::roles::place_of(title.trim()).is_some());
    named && object.values().any(|value| value.as_array().is_some_and(Vec::is_empty))
}

/// Is a key the path of a file?
fn names_file(key: &str) -> bool {
    !crate::locate::find(key, crate::locate::Trust::Field).is_empty()
}

/// Does an entry say that it is none: a check that passed, praise, a note of the system?
fn is_none(object: &Object) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let passed = ["status", "result", "outcome", "kind"].iter().any(|key| {
        let value = text(key).to_lowercase();
        PHRASES.status_pass.contains(&value.as_str())
            && super::entry::status(object).is_none_or(|s| s == Status::Open)
    });
    let placed =
        object.iter().any(|(key, value)| !value.is_null() && KEYS.file.contains(&normal_key(key).as_str()));
    // A line of a log that tells what the tool does.
    let logged = matches!(text("level").to_lowercase().as_str(), "info" | "debug" | "trace") && !placed;
    let body = text("body");
    let system = ["commentType", "comment_type"].iter().any(|key| text(key) == "system");
    object.get("system") == Some(&Value::Bool(true))
        || object.get("deleted") == Some(&Value::Bool(true))
        || system
        || passed
        || logged
        || !placed && !body.is_empty() && crate::signs::statement::says_none(body)
}

/// A line of a log that tells no finding: `{"type": "start", …}`.
fn is_event(object: &Object) -> bool {
    ["type", "event", "reason", "kind"].iter().any(|key| object.get(*key).is_some_and(Value::is_string))
}

/// Is it JSON at all, as a whole?
pub(crate) fn is_data(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Is it JSON with a place for findings, and does it not prove that there are none?
pub(crate) fn doubtful(text: &str) -> bool {
    let Ok(raw) = serde_json::from_str::<&RawValue>(text) else { return false };
    let holds = |map: BTreeMap<String, &RawValue>| {
        map.iter()
            .any(|(key, value)| KEYS.is("proof", &normal_key(key)) && value.get().starts_with(['[', '{']))
    };
    serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()).is_ok_and(holds)
        && of_value(text, raw).recognised != Recognised::Clean
}

/// Findings in the JSON or YAML of a Markdown text that has no others: in fences, and as
/// paragraphs of their own.
pub(crate) fn embedded(text: &str, blocks: &[Block]) -> Vec<Member> {
    let mut out = Vec::new();
    for block in blocks {
        let source = &text[block.range.clone()];
        let inner = match block.kind {
            Kind::Code => {
                let inner = source.split_once('\n').map_or("", |(_, inner)| inner);
                inner.trim_end().trim_end_matches(['`', '~']).trim()
            }
            _ => source.trim(),
        };
        let info = source.trim_start_matches(['`', '~']).lines().next().unwrap_or_default().trim();
        if block.kind == Kind::Code && matches!(info, "csv" | "tsv") {
            out.extend(super::table::embedded(text, inner, info));
            continue;
        }
        if block.kind == Kind::Code && matches!(info, "yaml" | "yml") {
            let start = block.range.start + source.find('\n').map_or(0, |end| end + 1);
            let end = block.range.start + source.rfind("\n```").map_or(source.len(), |end| end + 1);
            out.extend(super::yaml::embedded(text, &(start..end.max(start))));
            continue;
        }
        if !inner.starts_with(['{', '[']) || inner.contains("<severity>") || inner.contains("\"...\"") {
            continue;
        }
        if let Ok(raw) = serde_json::from_str::<&RawValue>(inner) {
            let mut walk = Walk::new(text);
            walk.collect(raw, &Given::default(), 0);
            out.extend(walk.finish(1).members);
        }
    }
    out.retain(|member: &Member| !member.locations.is_empty() || member.severity != Severity::Unrated);
    if out.is_empty() { in_code(text, blocks) } else { out }
}

/// Remarks in the comments of quoted code.
fn in_code(text: &str, blocks: &[Block]) -> Vec<Member> {
    let mut file: Option<String> = None;
    let mut out = Vec::new();
    for block in blocks {
        if block.kind == Kind::Code {
            out.extend(super::remarks::read(text, &block.range, file.as_deref()));
        } else if let Some(found) =
            crate::locate::find(&text[block.range.clone()], crate::locate::Trust::Prose).pop()
        {
            file = Some(found.place.file);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::model::Recognised;
    use findings::Severity;

    #[test]
    fn json_between_sentences_is_read_as_in_a_fence() {
        let finding = r#"{"issues": [{"path": "lib/pool.rb", "line": 12, "severity": "high", "message": "A connection is not given back"}]}"#;
        for text in [
            format!("I looked at the pool.\n\n{{\"files\": 2}}\n\n{finding}\n\nThat is all.\n"),
            format!("The result:\n\n```json\n{finding}\n```\n"),
        ] {
            let read = extract(&text, "r");
            assert_eq!((read.recognised, read.members.len()), (Recognised::Findings, 1), "{text}");
            assert_eq!(read.members[0].severity, Severity::High);
        }
        let none = extract("I looked at it.\n\n{\"files\": 2}\n\nThat is all.\n", "r");
        assert_eq!((none.recognised, none.members.len()), (Recognised::Unreadable, 0));
    }
}
