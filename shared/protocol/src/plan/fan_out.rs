//! A stage of the plan whose agents come into being while the convoy runs: one for
//! each item of what an earlier agent, or the merge of the reviews, left.

use std::collections::BTreeMap;

use base::ids::Role;
use findings::Severity;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Invocation;

/// The merged findings, where a role is named otherwise. No agent has it.
pub const MERGE: &str = "merge";

/// Agents of a stage, where nothing else is said.
pub const DEFAULT_MAX: u32 = 20;

/// What one agent of a stage is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// By which it is known again, whatever its place in the list.
    pub hash: String,
    pub value: Value,
}

impl Item {
    /// One that is known again by all of it.
    pub fn new(value: Value) -> Self {
        Item { hash: findings::second_look::hash(&value), value }
    }
}

/// Where the items of a stage come from, and which of them get an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FanOut {
    /// A role (of the template: what it was made into counts together), or [`MERGE`].
    pub from: Role,
    /// The list in the report of that role: keys with dots between them; empty: the
    /// report is the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// What an item must be like, by its key.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, Condition>,
    /// Agents of this stage at most.
    pub max: u32,
    /// Items for each of them.
    pub chunk: u32,
    /// Other ways to run one, for the findings of those who run as the first one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Invocation>,
}

impl FanOut {
    /// Is it for what the reviewers found together?
    pub fn is_of_merge(&self) -> bool {
        self.from.as_str() == MERGE
    }

    /// Does an item get an agent?
    pub(crate) fn takes(&self, item: &Value) -> bool {
        self.conditions.iter().all(|(key, condition)| condition.holds(item.get(key)))
    }

    /// What its agents will be for, in words: `for each finding with severity >=high, at
    /// most 20`.
    pub fn told(&self) -> String {
        let item = if self.is_of_merge() { "finding".to_owned() } else { format!("item of {}", self.from) };
        let each = if self.chunk > 1 { format!("{} {item}s", self.chunk) } else { item };
        let with = if self.conditions.is_empty() { String::new() } else { format!(" with {}", self.shown()) };
        format!("for each {each}{with}, at most {}", self.max)
    }

    /// `severity >=high, new true`, for people; empty: every item.
    pub fn shown(&self) -> String {
        let one = |(key, condition): (&String, &Condition)| format!("{key} {}", condition.shown());
        self.conditions.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// What the value of a key must be: the same, or on one side of another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub operator: Operator,
    pub value: Value,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    #[serde(rename = "=")]
    Is,
    #[serde(rename = "!=")]
    IsNot,
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = "<=")]
    AtMost,
}

impl Condition {
    /// As it is written: `true`, `3`, `"open"`, `">=high"`, `"!=low"`.
    pub fn read(written: &Value) -> Result<Self, String> {
        let operators = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            ("!=", Operator::IsNot),
            ("=", Operator::Is),
        ];
        match written {
            Value::String(text) => {
                let found = operators
                    .into_iter()
                    .find_map(|(sign, operator)| Some((operator, text.strip_prefix(sign)?.trim())));
                let (operator, operand) = found.unwrap_or((Operator::Is, text));
                let whole = operand.parse::<i64>().ok().map(serde_json::Number::from);
                let number = whole.or_else(|| operand.parse().ok().and_then(serde_json::Number::from_f64));
                let value = match number.filter(|_| found.is_some()) {
                    Some(number) => Value::Number(number),
                    None => Value::String(operand.to_owned()),
                };
                let is_ordered = value.is_number() || Severity::from_name(operand).is_some();
                match operator {
                    Operator::AtLeast | Operator::AtMost if !is_ordered => {
                        Err(format!("'{operand}' is neither a number nor a severity, and has no order"))
                    }
                    _ if operand.is_empty() => Err("it compares with nothing".to_owned()),
                    operator => Ok(Condition { operator, value }),
                }
            }
            Value::Bool(_) | Value::Number(_) => {
                Ok(Condition { operator: Operator::Is, value: written.clone() })
            }
            Value::Null | Value::Array(_) | Value::Object(_) => {
                Err("expected true, false, a number, or a text like \">=high\"".to_owned())
            }
        }
    }

    /// A finding of this severity or a worse one.
    pub fn reaches(severity: Severity) -> Self {
        Condition { operator: Operator::AtLeast, value: severity.name().into() }
    }

    /// Is this value, or its absence, as it must be?
    pub(crate) fn holds(&self, found: Option<&Value>) -> bool {
        let same = found.is_some_and(|found| *found == self.value || order(found, &self.value) == Some(0));
        match self.operator {
            Operator::Is => same,
            Operator::IsNot => !same,
            Operator::AtLeast => found.and_then(|found| order(found, &self.value)).is_some_and(|by| by >= 0),
            Operator::AtMost => found.and_then(|found| order(found, &self.value)).is_some_and(|by| by <= 0),
        }
    }

    fn shown(&self) -> String {
        let sign = match self.operator {
            Operator::Is => "",
            Operator::IsNot => "!=",
            Operator::AtLeast => ">=",
            Operator::AtMost => "<=",
        };
        let value = self.value.as_str().map_or_else(|| self.value.to_string(), base::text::visible);
        format!("{sign}{value}")
    }
}

/// Which of two is more: numbers, and severities by their names; `None`: they have no order.
fn order(a: &Value, b: &Value) -> Option<i8> {
    let compared = match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?)?,
        (Value::String(a), Value::String(b)) => {
            // What nobody rated is taken for what gates take it for.
            Severity::from_name(a)?.effective().cmp(&Severity::from_name(b)?.effective())
        }
        _ => return None,
    };
    Some(compared as i8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(condition: &Value, found: Option<&Value>) -> bool {
        Condition::read(condition).unwrap().holds(found)
    }

    #[test]
    fn a_condition_compares_what_can_be_compared() {
        for (condition, found, expected) in [
            (json!(">=high"), Some(json!("critical")), true),
            (json!(">=high"), Some(json!("high")), true),
            (json!(">=high"), Some(json!("medium")), false),
            (json!(">=medium"), Some(json!("unrated")), true),
            (json!(">=high"), Some(json!("gravest")), false),
            (json!(">=high"), None, false),
            (json!("<=3"), Some(json!(3)), true),
            (json!(">=3"), Some(json!("4")), false),
            (json!(true), Some(json!(true)), true),
            (json!(true), Some(json!("true")), false),
            (json!(true), None, false),
            (json!("open"), Some(json!("open")), true),
            (json!("!=open"), Some(json!("open")), false),
            (json!("!=open"), None, true),
            (json!(3), Some(json!(3.0)), true),
        ] {
            assert_eq!(holds(&condition, found.as_ref()), expected, "{condition} of {found:?}");
        }
        for wrong in [json!(">=soon"), json!(">="), json!(null), json!([1])] {
            assert!(Condition::read(&wrong).is_err(), "{wrong}");
        }
    }
}
