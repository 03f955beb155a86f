//! An agent as the states of a convoy have it in common.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Agent;

/// An agent that a state shares with its copies, and with the states that came of it, until
/// it changes in one of them: then that one has its own. To copy and to compare states of
/// hundreds of agents so costs what has changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shared(#[serde(with = "by_value")] Arc<Agent>);

/// `serde`'s own way for `Arc` is a feature that everything would be built with.
mod by_value {
    use super::{Agent, Arc, Deserialize, Serialize};

    pub(super) fn serialize<S: serde::Serializer>(agent: &Arc<Agent>, to: S) -> Result<S::Ok, S::Error> {
        agent.as_ref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Arc<Agent>, D::Error> {
        Agent::deserialize(from).map(Arc::new)
    }
}

impl From<Agent> for Shared {
    fn from(agent: Agent) -> Shared {
        Shared(Arc::new(agent))
    }
}

impl From<Shared> for Agent {
    fn from(agent: Shared) -> Agent {
        Arc::unwrap_or_clone(agent.0)
    }
}

impl Deref for Shared {
    type Target = Agent;

    fn deref(&self) -> &Agent {
        &self.0
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut Agent {
        Arc::make_mut(&mut self.0)
    }
}

impl AsRef<Agent> for Shared {
    fn as_ref(&self) -> &Agent {
        self
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Shared) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_that_of_one_state_only() {
        let id = "convoy-t-abcdef".parse().unwrap();
        let name = |text: &str| text.parse().unwrap();
        let agent = Agent::new(&id, "a".parse().unwrap(), "x".parse().unwrap(), name("command"), None);
        let old = vec![Shared::from(agent.clone()), Shared::from(agent.clone())];
        let mut new = old.clone();
        assert!(old == new && Arc::ptr_eq(&old[0].0, &new[0].0), "nothing was copied");
        new[0].attempt = 7;
        assert_eq!((old[0].attempt, new[0].attempt), (0, 7));
        assert!(old != new && Arc::ptr_eq(&old[1].0, &new[1].0));
        new[0].attempt = 0;
        assert!(old == new, "by what it is");
        let text = serde_json::to_string(&old).unwrap();
        assert_eq!(text, serde_json::to_string(&[&agent, &agent]).unwrap());
        assert_eq!(serde_json::from_str::<Vec<Shared>>(&text).unwrap(), old);
    }
}
