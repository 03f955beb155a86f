//! What the static reviewers of a convoy are told of other linters: which are run, and the
//! findings of those that the project ran itself, kept whole from the start on.

use base::encoded_path::EncodedPath;
use serde::{Deserialize, Serialize};

/// As in `convoys/<id>/joined.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// `--join`, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
    /// The project, whose files may be checked out elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<EncodedPath>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handed: Vec<HandedText>,
}

/// A file of findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedText {
    /// The tool whose own JSON it is; none: SARIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What it is called in reports.
    pub name: String,
    pub text: String,
}

impl Joined {
    /// Is there anything to tell?
    pub fn is_empty(&self) -> bool {
        self.join.is_none() && self.handed.is_empty()
    }

    /// What is told, as it is typed.
    pub(crate) fn words(&self) -> Vec<String> {
        let join = self.join.iter().map(|which| format!("--join {which}"));
        let handed = self.handed.iter().map(|one| match &one.tool {
            Some(tool) => format!("--with-json {tool} {}", one.name),
            None => format!("--with-sarif {}", one.name),
        });
        join.chain(handed).collect()
    }
}
