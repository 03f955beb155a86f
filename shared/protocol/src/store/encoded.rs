//! The bytes of a state file. The file is replaced as a whole, but what of its agents has
//! not changed is not encoded again: in a convoy of hundreds that is all but one or two.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::state::State;

/// Of so few agents nothing is kept: they are encoded in no time, and many states may be
/// in the memory of one watcher.
const FEW: usize = 32;

/// A state's bytes, and where in them its agents are.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    agents: Vec<Range<usize>>,
}

/// The place of the agents in a state without any.
#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    agents: &'a RawValue,
}

impl Encoded {
    /// `before`: a state and its bytes.
    pub(super) fn of(
        state: &mut State,
        before: Option<(&State, &Encoded)>,
    ) -> Result<Encoded, serde_json::Error> {
        let agents = std::mem::take(&mut state.agents);
        let frame = serde_json::to_vec(state);
        state.agents = agents;
        let frame = frame?;
        let place = serde_json::from_slice::<Place<'_>>(&frame)?.agents.get();
        let at = place.as_ptr().addr() - frame.as_ptr().addr();
        let (head, tail) = (&frame[..at], &frame[at + place.len()..]);

        let size = before.map_or(0, |(_, encoded)| encoded.bytes.len());
        let mut bytes = Vec::with_capacity(size + frame.len());
        let mut places = Vec::with_capacity(state.agents.len());
        bytes.extend_from_slice(head);
        bytes.push(b'[');
        for (index, agent) in state.agents.iter().enumerate() {
            if index > 0 {
                bytes.push(b',');
            }
            let start = bytes.len();
            let same = before.filter(|(old, _)| old.agents.get(index) == Some(agent));
            match same.and_then(|(_, encoded)| encoded.bytes.get(encoded.agents.get(index)?.clone())) {
                Some(known) => bytes.extend_from_slice(known),
                None => serde_json::to_writer(&mut bytes, agent)?,
            }
            places.push(start..bytes.len());
        }
        bytes.push(b']');
        bytes.extend_from_slice(tail);
        bytes.push(b'\n');
        Ok(Encoded { bytes, agents: places })
    }

    /// Itself, where it is worth being kept for the next state.
    pub(super) fn kept(self) -> Option<Encoded> {
        (self.agents.len() > FEW).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{Agent, Completion, Phase};

    fn state(agents: usize) -> State {
        let text = r#"{"schemaVersion":1,"id":"convoy-t-abcdef","template":"t","status":"running",
            "startedAt":"2026-01-01T00:00:00Z","outputDir":"/out/\"agents\":[]","context":{"projectPath":"/p",
            "agents":[]},"host":"h","revision":1,"clock":{"at":{"boot":"b","ms":1},"elapsedMs":0},"agents":[],
            "later":{"agents":[]}}"#;
        let mut state: State = serde_json::from_str(text).unwrap();
        let agent = |n: usize| {
            let (role, name) = (format!("a{n}").parse().unwrap(), "x".parse().unwrap());
            Agent::new(&state.id, role, name, "command".parse().unwrap(), None).into()
        };
        state.agents = (0..agents).map(agent).collect();
        state
    }

    #[track_caller]
    fn assert_whole(state: &State, encoded: &Encoded) {
        let mut whole = serde_json::to_vec(state).unwrap();
        whole.push(b'\n');
        assert_eq!(String::from_utf8_lossy(&encoded.bytes), String::from_utf8_lossy(&whole));
    }

    #[test]
    fn bytes_that_are_taken_over_are_those_that_would_be_made() {
        for agents in [0, 1, 3] {
            let mut old = state(agents);
            let before = Encoded::of(&mut old, None).unwrap();
            assert_whole(&old, &before);
            for changed in 0..=agents {
                let mut new = old.clone();
                new.revision += 1;
                if let Some(agent) = new.agents.get_mut(changed) {
                    agent.attempt = 7;
                    let detail = Some("\"]},{\"role\":\"a1\"".to_owned());
                    agent.phase = Phase::Completed(Completion { detail, ..Completion::default() });
                }
                let after = Encoded::of(&mut new, Some((&old, &before))).unwrap();
                assert_whole(&new, &after);
                // Agents that join, and fewer than before.
                let mut more = state(agents + 2);
                assert_whole(&more.clone(), &Encoded::of(&mut more, Some((&new, &after))).unwrap());
                assert_whole(&old.clone(), &Encoded::of(&mut old.clone(), Some((&new, &after))).unwrap());
            }
        }
    }

    #[test]
    fn what_has_not_changed_is_not_made_again() {
        let mut old = state(2);
        let mut before = Encoded::of(&mut old, None).unwrap();
        let known = before.agents[0].clone();
        before.bytes[known].fill(b' ');
        let mut new = old.clone();
        new.agents[1].attempt = 7;
        let after = Encoded::of(&mut new, Some((&old, &before))).unwrap();
        assert!(after.bytes[after.agents[0].clone()].iter().all(|byte| *byte == b' '));
        assert!(String::from_utf8_lossy(&after.bytes).contains("\"attempt\":7"));
    }
}
