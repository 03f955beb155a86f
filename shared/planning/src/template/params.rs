//! `params` of a template: typed inputs, given with `--param K=V`.

use std::collections::BTreeMap;

use base::suggestion::nearest;
use base::text::visible;
use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::document::Value;
use crate::fields::{Fields, Reader, filled_text, texts, word};

/// One input of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub kind: ParamKind,
    pub description: Option<String>,
    /// Without it the param must be given.
    pub default: Option<Json>,
    /// The only texts it may be, if there are any.
    pub(crate) choices: Vec<String>,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    String,
    Number,
    Boolean,
    /// Texts; with commas on the command line.
    List,
}

pub(super) const PARAM_KEYS: [&str; 4] = ["type", "description", "default", "choices"];

const KINDS: [(&str, ParamKind); 4] = [
    ("string", ParamKind::String),
    ("number", ParamKind::Number),
    ("boolean", ParamKind::Boolean),
    ("list", ParamKind::List),
];

pub(super) fn read(reader: &mut Reader<'_>, template: &Fields<'_>) -> BTreeMap<String, Param> {
    let mut params = BTreeMap::new();
    let Some(fields) = template.node("params").and_then(|node| reader.table(node, "'params'")) else {
        return params;
    };
    for entry in fields.entries {
        let name = visible(&entry.key);
        if !is_name(&entry.key) {
            let message =
                format!("'{name}' is not a name of a param: begin with a-z, then letters, digits, - or _");
            reader.problem(entry.key_at, message);
        }
        if let Some(fields) = reader.table(&entry.node, format!("param '{name}'")) {
            let param = read_param(reader, &fields);
            if params.insert(entry.key.clone(), param).is_some() {
                reader.problem(entry.key_at, format!("param '{name}' is given twice"));
            }
        }
    }
    params
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
}

fn read_param(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Param {
    reader.known(fields, &PARAM_KEYS);
    let kind = reader.required(fields, "type", word(&KINDS)).map_or(ParamKind::String, |kind| kind.value);
    let description = reader.optional(fields, "description", filled_text).map(|found| found.value);
    let choices = reader.optional(fields, "choices", texts).map(|found| found.value).unwrap_or_default();
    let mut param = Param { kind, description, default: None, choices };
    let default = reader.optional(fields, "default", |value| param.of_file(value));
    param.default = default.map(|found| found.value);
    param
}

impl Param {
    fn of_file(&self, value: &Value) -> Result<Json, String> {
        let json = value.to_json();
        let fits = match self.kind {
            ParamKind::String => json.is_string(),
            ParamKind::Number => json.is_number(),
            ParamKind::Boolean => json.is_boolean(),
            ParamKind::List => texts(value).is_ok(),
        };
        if !fits {
            return Err(format!("expected {}, found {}", self.kind.what(), value.kind()));
        }
        self.check_choice(&json).map(|()| json)
    }

    /// A value from the command line.
    fn of_text(&self, text: &str) -> Result<Json, String> {
        let bad = || format!("'{}' is not {}", visible(text), self.kind.what());
        let json = match self.kind {
            ParamKind::String => text.into(),
            ParamKind::Number => {
                let json: Json = serde_json::from_str(text).map_err(|_| bad())?;
                if json.is_number() { json } else { return Err(bad()) }
            }
            ParamKind::Boolean => text.parse::<bool>().map_err(|_| bad())?.into(),
            ParamKind::List => text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect(),
        };
        self.check_choice(&json).map(|()| json)
    }

    fn check_choice(&self, json: &Json) -> Result<(), String> {
        let allowed = |text: &Json| text.as_str().is_none_or(|text| self.choices.iter().any(|c| c == text));
        let fits = self.choices.is_empty()
            || match json {
                Json::Array(items) => items.iter().all(allowed),
                json => allowed(json),
            };
        if fits { Ok(()) } else { Err(format!("it is none of {}", self.choices.join(", "))) }
    }
}

impl ParamKind {
    fn what(self) -> &'static str {
        match self {
            ParamKind::String => "a text",
            ParamKind::Number => "a number",
            ParamKind::Boolean => "true or false",
            ParamKind::List => "a list of texts",
        }
    }
}

/// The values of all params: what was given, else the default; all problems at once.
pub(crate) fn values(
    params: &BTreeMap<String, Param>,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Json>, Vec<Diagnostic>> {
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for name in given.keys().filter(|name| !params.contains_key(*name)) {
        let problem = Diagnostic::new(format!("--param: the template has no param '{}'", visible(name)));
        problems.push(match nearest(name, params.keys().map(String::as_str)) {
            Some(near) => problem.suggest(Some(near)),
            None if params.is_empty() => problem.hint("it declares none in 'params'"),
            None => {
                let known: Vec<&str> = params.keys().map(String::as_str).collect();
                problem.hint(format!("it has {}", known.join(", ")))
            }
        });
    }
    for (name, param) in params {
        let value = match given.get(name) {
            Some(text) => param.of_text(text).map_err(|why| format!("--param {name}: {why}")),
            None => param.default.clone().ok_or_else(|| format!("the template needs --param {name}=…")),
        };
        match value {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(message) => {
                let problem = Diagnostic::new(message);
                problems.push(match &param.description {
                    Some(text) => problem.hint(format!("{name}: {}", visible(text))),
                    None => problem.hint(format!("it is {}: --param {name}=…", param.kind.what())),
                });
            }
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}
