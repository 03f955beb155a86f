//! Of a state what concerns a few of its agents. The file is read whole, since it is
//! replaced as a whole and one that is torn is to be seen to be; but of its hundreds of
//! agents only those are understood that somebody asks for.

use base::error::{Error, Result, StateProblem};
use base::ids::Role;
use base::text;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::agent::Agent;
use crate::entry::{self, Entry};
use crate::layout::ConvoyDir;
use crate::state::{ConvoyStatus, Merge, SCHEMA_VERSION, State};
use crate::store::{parse_state, read_bytes};

/// What is known of a few agents of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Excerpt {
    /// The convoy runs and is not being stopped.
    pub goes_on: bool,
    pub merge: Option<Merge>,
    /// Those that were asked for, in their order.
    pub agents: Vec<Agent>,
}

/// A state whose agents are not understood yet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline<'a> {
    schema_version: u64,
    status: ConvoyStatus,
    #[serde(default)]
    stopping: Option<IgnoredAny>,
    #[serde(default)]
    merge: Option<Merge>,
    #[serde(borrow)]
    agents: Vec<&'a Entry>,
}

impl Excerpt {
    /// Reads the state of a convoy, and in it the agents of which `is_wanted` says so by
    /// their role. The errors are those of [`crate::store::read_state`].
    pub fn read(dir: &ConvoyDir, is_wanted: &dyn Fn(&str) -> bool) -> Result<Excerpt> {
        let bytes = read_bytes(dir)?;
        Self::parse(&bytes, is_wanted).or_else(|_| {
            // Who understands all of it says what is wrong, if anything is.
            let state = parse_state(&bytes, &text::path(&dir.state()));
            let known = |source: StateProblem| Error::State { id: dir.id().to_string(), source };
            state.map(|state| Self::of(state, is_wanted)).map_err(known)
        })
    }

    fn parse(bytes: &[u8], is_wanted: &dyn Fn(&str) -> bool) -> serde_json::Result<Excerpt> {
        let outline: Outline<'_> = serde_json::from_slice(bytes)?;
        if outline.schema_version > SCHEMA_VERSION {
            return Err(serde::de::Error::custom("a newer schema"));
        }
        let mut agents = Vec::new();
        for entry in outline.agents {
            if is_wanted(&entry::role_of(entry)?) {
                agents.push(serde_json::from_str(entry.get())?);
            }
        }
        let goes_on = outline.status == ConvoyStatus::Running && outline.stopping.is_none();
        Ok(Excerpt { goes_on, merge: outline.merge, agents })
    }

    fn of(state: State, is_wanted: &dyn Fn(&str) -> bool) -> Excerpt {
        let goes_on = state.status == ConvoyStatus::Running && state.stopping.is_none();
        let wanted = state.agents.into_iter().filter(|agent| is_wanted(agent.role.as_str()));
        let agents = wanted.map(Agent::from).collect();
        Excerpt { goes_on, merge: state.merge, agents }
    }

    /// The agent of this role, if it was asked for and is there.
    pub fn agent(&self, role: &Role) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.role == *role)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::layout::Home;

    #[test]
    fn an_excerpt_is_what_the_whole_state_says_of_those_agents() {
        let who = r#""subagent":"x","tmuxSession":"s","runner":"command","attempt":1"#;
        let head = r#""id":"convoy-t-abcdef","template":"t","startedAt":"2026-01-01T00:00:00Z",
            "outputDir":"/out","context":{"projectPath":"/p"},"host":"h","revision":1,
            "clock":{"at":{"boot":"b","ms":1},"elapsedMs":0}"#;
        let text = |version: u64, status: &str, last: &str| {
            format!(
                r#"{{"schemaVersion":{version},"status":"{status}",{head},
                "merge":{{"k":2,"of":{{"a":1}},"status":"due"}},"stopping":null,
                "expansions":[{{"role":"a","of":{{}},"status":"due"}}],
                "agents":[{{"role":"a",{who},"status":"completed","detail":"}}],{{\"role\":\"b\""}},
                {{{who}, "role": "b", "status":"running","stage":"claimed","more":[{{"role":"c"}}]}},
                {{"role":"c",{who},{last}}}],"agentsLater":1}}"#
            )
        };
        let root = tempfile::tempdir().unwrap();
        let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
        fs::create_dir_all(dir.dir()).unwrap();
        let read = |text: &str, wanted: &[&str]| {
            fs::write(dir.state(), text).unwrap();
            Excerpt::read(&dir, &|role| wanted.contains(&role))
        };
        let fine = r#""status":"pending""#;
        for status in ["running", "failed"] {
            let text = text(1, status, fine);
            for wanted in [&[][..], &["b"], &["a", "c"], &["d", "b"], &["a", "b", "c"]] {
                let state = parse_state(text.as_bytes(), "x").unwrap();
                let whole = Excerpt::of(state, &|role| wanted.contains(&role));
                let parsed = Excerpt::parse(text.as_bytes(), &|role| wanted.contains(&role)).unwrap();
                assert_eq!(parsed, whole, "{wanted:?}");
                assert_eq!(read(&text, wanted).unwrap(), whole);
            }
        }
        let kind = |error: Error| match error {
            Error::State { source: StateProblem::Torn { .. }, .. } => "torn",
            Error::State { source: StateProblem::Newer { .. }, .. } => "newer",
            Error::State { source: StateProblem::Legacy, .. } => "legacy",
            Error::NoConvoy(_) => "none",
            _ => "other",
        };
        // Of an agent that nobody asks for it is not known what it is.
        let misplaced = text(1, "running", r#""status":"pending","outputFile":"/x""#);
        assert!(read(&misplaced, &["a"]).is_ok());
        assert_eq!(kind(read(&misplaced, &["c"]).unwrap_err()), "torn");
        assert_eq!(kind(read(&text(99, "running", fine), &["a"]).unwrap_err()), "newer");
        let whole = text(1, "running", fine);
        for cut in [1, whole.len() / 2, whole.len() - 1] {
            assert_eq!(kind(read(&whole[..cut], &["a"]).unwrap_err()), "torn", "{cut}");
        }
        assert_eq!(kind(read("{}", &["a"]).unwrap_err()), "legacy");
        fs::remove_file(dir.state()).unwrap();
        assert_eq!(kind(Excerpt::read(&dir, &|_| true).unwrap_err()), "none");
    }
}
