//! What is known of a value.

use crate::finding::Step;

/// `built`: text put together with a part that is not constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Constant,
    Unknown { built: bool },
    Source { built: bool, steps: Vec<Step> },
}

pub(super) const UNKNOWN: Value = Value::Unknown { built: false };

impl Value {
    /// What comes from here.
    pub(super) fn source(line: usize, text: String) -> Value {
        Value::Source { built: false, steps: vec![Step { line, text }] }
    }

    /// Either of the two: the worse one, and built if one is.
    pub(super) fn or(self, other: Value) -> Value {
        let built = self.is_built() || other.is_built();
        match (self, other) {
            (Value::Source { steps, .. }, _) | (_, Value::Source { steps, .. }) => {
                Value::Source { built, steps }
            }
            (Value::Unknown { .. }, _) | (_, Value::Unknown { .. }) => Value::Unknown { built },
            (Value::Constant, Value::Constant) => Value::Constant,
        }
    }

    pub(super) fn is_built(&self) -> bool {
        matches!(self, Value::Unknown { built: true } | Value::Source { built: true, .. })
    }

    pub(super) fn is_source(&self) -> bool {
        matches!(self, Value::Source { .. })
    }

    /// The value of text this is a part of.
    pub(super) fn into_text(self) -> Value {
        match self {
            Value::Constant => Value::Constant,
            Value::Unknown { .. } => Value::Unknown { built: true },
            Value::Source { steps, .. } => Value::Source { built: true, steps },
        }
    }

    pub(super) fn with_step(mut self, line: usize, text: &str) -> Value {
        if let Value::Source { steps, .. } = &mut self
            && steps.len() < 6
        {
            steps.push(Step { line, text: text.to_owned() });
        }
        self
    }
}
