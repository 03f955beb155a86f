//! One attempt from claim to record.

use std::io;

use anyhow::Result;
use base::crash::{self, Point};
use base::error;
use base::exit::Exit;
use jiff::Timestamp;
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, Plan};
use protocol::record::{ExitRecord, Outcome, Reserved};
use protocol::state::SCHEMA_VERSION;

use crate::attempt::{Attempt, ProjectGone};
use crate::ended_run::Run;
use crate::ending::{Ending, Verdict};
use crate::far::NotPlaced;
use crate::runs::one_line;
use crate::tree::{EmptyTree, Tree};

impl Attempt<'_> {
    pub(crate) fn supervise(mut self) -> Result<Exit> {
        let started_at = Timestamp::now();
        let Some(room) = self.reserve()? else { return Ok(Exit::No) };
        let mut tree = Tree::new(&self.token, room);
        let mut record = ExitRecord {
            schema_version: SCHEMA_VERSION,
            token: self.token.clone(),
            outcome: Outcome::Failed { reason: Reason::Spawn },
            exit_code: None,
            signal: None,
            detail: None,
            started_at,
            ended_at: started_at,
            evidence: None,
            output_file: None,
            usage: None,
            session: None,
        };
        let run = self.run(&mut tree);
        // Whatever went wrong: nothing is judged or recorded of a tree that lives (P5).
        let mut empty = tree.end();
        match run {
            Ok(None | Some((_, _, Run { ending: Ending::Abandoned, .. }))) => return Ok(Exit::No),
            Ok(Some((plan, agent, run))) => self.conclude(&empty, &plan, &agent, run, &mut record),
            Err(error) => (record.outcome, record.detail) = not_run(&error),
        }
        record.ended_at = Timestamp::now();
        if !self.record(&mut empty, &record) {
            return Ok(Exit::No);
        }
        Ok(Exit::Done)
    }

    /// Runs the command to its end. While there is no room to prepare it, this
    /// waits, as for the room of the record; `None`: somebody wants this process
    /// to end.
    fn run(&mut self, tree: &mut Tree) -> Result<Option<(Plan, AgentPlan, Run)>> {
        let (plan, agent) = self.plan()?;
        loop {
            match self.run_command(tree, &plan, &agent) {
                Ok(run) => {
                    let run = self.mended(tree, &plan, &agent, run);
                    return Ok(Some((plan, agent, run)));
                }
                Err(error) if tree.is_untouched() && io_cause(&error).is_some_and(error::is_full) => {
                    base::program::tell(&format!("convoy-agent: {}", one_line(&error)));
                }
                Err(error) => return Err(error),
            }
            if self.asked_to_end() {
                return Ok(None);
            }
        }
    }

    /// Room for the record, before the command may run. While there is none,
    /// this waits: the held claim says that the attempt lives.
    fn reserve(&mut self) -> Result<Option<Reserved>> {
        loop {
            match Reserved::new(&self.files) {
                Ok(reserved) => return Ok(Some(reserved)),
                Err(error) => tell(&error),
            }
            if self.asked_to_end() {
                return Ok(None);
            }
        }
    }

    /// Writes the record, however long it takes; only a request to end stops it.
    fn record(&self, empty: &mut EmptyTree, record: &ExitRecord) -> bool {
        loop {
            match empty.record(record) {
                Ok(()) => {
                    crash::at(Point::Recorded);
                    return true;
                }
                Err(error) => tell(&error),
            }
            if self.asked_to_end() {
                return false;
            }
        }
    }
}

/// What an attempt that came to no end of its own is recorded as.
fn not_run(error: &anyhow::Error) -> Verdict {
    let outcome = match io_cause(error) {
        _ if error.is::<NotPlaced>() => Outcome::NeverRan,
        _ if error.is::<ProjectGone>() => Outcome::Failed { reason: Reason::ProjectGone },
        Some(cause) if error::is_shortage(cause) => Outcome::NeverRan,
        _ => Outcome::Failed { reason: Reason::Spawn },
    };
    (outcome, Some(one_line(error)))
}

fn io_cause(error: &anyhow::Error) -> Option<&io::Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

fn tell(error: &base::Error) {
    base::program::tell(&format!("convoy-agent: {}", base::error::chain(error)));
}
