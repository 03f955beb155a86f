//! The way through a document: every place that may hold findings, whatever it is called.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::foreign::{self, Map};
use super::holder::{
    held, is_event, is_finding, is_holder, is_none, kind_at, names_file, said_sum, tells_empty,
};

use crate::formats::entry::{Given, Object, Source, normal_key, of_object, of_text, string, unfolded};
use crate::formats::health::{Health, stated};
use crate::formats::reply::{Reply, fold};
use crate::formats::roles::{Roles, tells_finding};
use crate::formats::wrapped;
use crate::model::Extraction;
use crate::model::{Member, Recognised};
use crate::severity;
use crate::vocabulary::KEYS;
use findings::Severity;

/// Deeper than this there are no findings.
const DEEPEST: usize = 12;

/// What is met on the way through a document.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    text: &'a str,
    pub(super) members: Vec<Member>,
    replies: Vec<Reply>,
    pub(super) health: Health,
    /// A place for findings that holds none.
    pub(super) empty: bool,
    /// A line that tells how many findings there were.
    pub(super) ended: bool,
    /// Entries in places for findings that could not be read as findings.
    pub(super) unread: usize,
    /// How many findings are stated by what holds none itself.
    pub(super) stated: u64,
    /// Entries that are no findings of their own: answers, system notes, praise, checks that passed.
    others: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(text: &'a str) -> Self {
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

    pub(super) fn take(&mut self, log: Extraction) {
        self.empty |= log.recognised == Recognised::Clean;
        self.ended |= log.recognised == Recognised::Clean;
        if !log.complete {
            self.health.faults.extend(log.notes);
        }
        self.members.extend(log.members);
    }

    pub(super) fn finish(mut self, documents: usize) -> Extraction {
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
            crate::formats::fault(
                &mut out,
                &format!("{} entries could not be read as findings", self.unread),
            );
        }
        let faults = std::mem::take(&mut self.health.faults);
        let doubts = std::mem::take(&mut self.health.doubts);
        let doubts = if out.members.is_empty() { doubts } else { Vec::new() };
        for why in faults.into_iter().chain(doubts).take(8) {
            crate::formats::fault(&mut out, &why);
        }
        out
    }

    /// Collects findings below a value.
    pub(super) fn collect(&mut self, raw: &RawValue, given: &Given, depth: usize) {
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
        } else if source.starts_with('"')
            && names_file(source.trim_matches('"'))
            && !source.contains(char::is_whitespace)
        {
            // What was read; a sentence that names a file tells more.
            self.others += 1;
        } else if source != "null" {
            self.unread += 1;
        }
    }

    /// The records of a list, each by what the values of all of them tell of its keys.
    pub(super) fn list(&mut self, items: &[&RawValue], given: &Given, depth: usize) {
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

    pub(super) fn object(&mut self, raw: &RawValue, roles: Option<&Roles>, given: &Given, depth: usize) {
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
            // What answers a remark is none of its own.
            finding |= string(&object, &KEYS.title).is_some()
                && map.keys().any(|key| KEYS.is("answers", &normal_key(key)));
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
                let proof = KEYS.is("proof", &name) || proves_by_level(key) || given.proof && depth > 0;
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
        } else if let Some(found) = of_object(self.source(raw), object, given).or_else(|| {
            let named = kind_at(object, given)?;
            of_object(self.source(raw), &named, given)
        }) {
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
        } else if let Some(stated) = said_sum(object) {
            self.ended = true;
            self.stated = self.stated.max(stated as u64);
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
                        found.status = found.status.or(crate::formats::entry::status(object));
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

/// An empty list of the highest levels says nothing of the others.
fn proves_by_level(key: &str) -> bool {
    severity::exact(key).is_some_and(|(level, _)| level <= findings::Severity::Medium)
}
