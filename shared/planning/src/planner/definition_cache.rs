//! Agent files, runners and executors, each read once: a thousand agents may share one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::rc::Rc;

use base::ids::{AgentName, Name};
use protocol::plan::Origin;

use crate::agent_file::{self, AgentFile};
use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::executor::{self, Executor};
use crate::library::{Kind, Library};
use crate::runner::{self, Runner};
use crate::template::Surroundings;

/// A file that was read, or why there is none (told where it is asked for).
type Slot<T> = Result<Rc<(T, Origin)>, Diagnostic>;

#[derive(Debug)]
pub(super) struct DefinitionCache<'l> {
    library: &'l Library,
    agents: RefCell<BTreeMap<AgentName, Slot<AgentFile>>>,
    runners: RefCell<BTreeMap<Name, Slot<Runner>>>,
    executors: RefCell<BTreeMap<Name, Slot<Executor>>>,
    /// Problems inside the files; each is told once, with its own place.
    problems: RefCell<Vec<Diagnostic>>,
}

impl<'l> DefinitionCache<'l> {
    pub(super) fn new(library: &'l Library) -> Self {
        DefinitionCache {
            library,
            agents: RefCell::default(),
            runners: RefCell::default(),
            executors: RefCell::default(),
            problems: RefCell::default(),
        }
    }

    pub(super) fn take_problems(&self) -> Vec<Diagnostic> {
        self.problems.take()
    }

    pub(super) fn agent(&self, name: &AgentName) -> Slot<AgentFile> {
        self.slot(&self.agents, name, |name| self.library.find_agent(name), agent_file::read)
    }

    pub(super) fn runner(&self, name: &Name) -> Slot<Runner> {
        self.slot(&self.runners, name, |name| self.library.find(Kind::Runner, name), runner::read)
    }

    pub(super) fn executor(&self, name: &Name) -> Slot<Executor> {
        self.slot(&self.executors, name, |name| self.library.find(Kind::Executor, name), executor::read)
    }

    fn slot<N: Ord + Clone + Display, T>(
        &self,
        slots: &RefCell<BTreeMap<N, Slot<T>>>,
        name: &N,
        find: impl Fn(&N) -> Result<(Source, Origin), Diagnostic>,
        read: impl Fn(&Source) -> Result<T, Vec<Diagnostic>>,
    ) -> Slot<T> {
        if let Some(slot) = slots.borrow().get(name) {
            return slot.clone();
        }
        let slot = find(name).and_then(|(source, origin)| {
            read(&source).map(|file| Rc::new((file, origin))).map_err(|problems| {
                let count = problems.len();
                self.problems.borrow_mut().extend(problems);
                let problems = if count == 1 { "a problem" } else { "problems" };
                Diagnostic::new(format!("'{name}' has {problems}: see {}", source.name))
                    .hint("fix that file; without it a built-in one of its name counts, if there is one")
            })
        });
        slots.borrow_mut().insert(name.clone(), slot.clone());
        slot
    }
}

impl Surroundings for DefinitionCache<'_> {
    fn check_subagent(&self, name: &AgentName) -> Result<(), Diagnostic> {
        self.agent(name).map(|_| ())
    }

    fn check_runner(&self, name: &Name) -> Result<(), Diagnostic> {
        self.runner(name).map(|_| ())
    }

    fn check_executor(&self, name: &Name) -> Result<(), Diagnostic> {
        self.executor(name).map(|_| ())
    }

    fn find_template(&self, name: &Name, only_built_in: bool) -> Result<Source, Diagnostic> {
        if only_built_in {
            let missing = || {
                Diagnostic::new(format!("no built-in template '{name}'")).hint(
                    "a template that extends one of its own name extends the built-in one; give it another",
                )
            };
            return self
                .library
                .find_built_in(Kind::Template, name.as_str())
                .map(|(source, _)| source)
                .ok_or_else(missing);
        }
        self.library.find(Kind::Template, name).map(|(source, _)| source)
    }
}
