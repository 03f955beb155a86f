//! How the command of an attempt went, before its report is looked at.

use std::rc::Rc;
use std::time::Instant;

use jiff::{Timestamp, ZonedDateTime};
use protocol::agent_environment;
use protocol::outcome::Usage;
use protocol::redact::Secrets;

use crate::ending::Ending;
use crate::output::Capture;
use crate::report::OutDir;
use crate::stream::{EventStream, StreamSummary, zone_named};

/// How the command went, before the report is looked at.
pub(crate) struct Run {
    pub(crate) ending: Ending,
    pub(crate) stream: Option<EventStream>,
    pub(crate) usage: Option<Usage>,
    /// What was spent in its conversation before this attempt.
    pub(crate) spent_before: Usage,
    pub(crate) stderr: String,
    /// Standard output, where that may be the report.
    pub(crate) capture: Option<Capture>,
    /// What was told before in the same conversation.
    pub(crate) before: Vec<StreamSummary>,
    /// What was told in this attempt before its answer was to be mended.
    pub(crate) first: Option<StreamSummary>,
    /// No budget is left.
    pub(crate) is_used_up: bool,
    pub(crate) given: Rc<Given>,
}

/// What an attempt has for all of its runs.
pub(crate) struct Given {
    /// When its time is over.
    pub(crate) timeout: Instant,
    pub(crate) out: OutDir,
    /// The convoy's environment, as it is kept.
    pub(crate) stored: Vec<u8>,
    pub(crate) secrets: Secrets,
}

impl Run {
    pub(crate) fn summary(&self) -> Option<&StreamSummary> {
        self.stream.as_ref().map(EventStream::summary)
    }

    /// All that was told in this conversation, from its beginning.
    pub(crate) fn summaries(&self) -> Vec<&StreamSummary> {
        self.before.iter().chain(self.told()).collect()
    }

    /// What was told in this attempt, run by run.
    pub(crate) fn told(&self) -> impl Iterator<Item = &StreamSummary> {
        self.first.iter().chain(self.summary())
    }

    /// What was told before the answer was to be mended, if it was.
    pub(crate) fn before_mending(&self) -> Option<&StreamSummary> {
        self.first.as_ref()
    }

    pub(crate) fn out(&self) -> &OutDir {
        &self.given.out
    }

    /// This run and the one that was to mend its answer: that one, if it came to its
    /// end or somebody ended it, else this one as if it had been the only one.
    pub(crate) fn followed_by(self, mended: Run) -> Run {
        let usage = mended.usage.or(self.usage);
        let by_people = matches!(mended.ending, Ending::Stopped | Ending::Closed | Ending::Abandoned);
        if by_people || mended.summary().is_some_and(StreamSummary::is_done) {
            let first = self.stream.map(EventStream::into_summary);
            return Run { usage, before: self.before, first, ..mended };
        }
        Run { usage, ..self }
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.given.secrets
    }

    /// What time it is for the user, whose zone the CLI spoke in.
    pub(crate) fn now(&self) -> ZonedDateTime {
        let mut variables = agent_environment::entries(&self.given.stored);
        let tz = variables.find(|(name, _)| *name == "TZ").map(|(_, zone)| zone);
        Timestamp::now().to_zoned_datetime(zone_named(tz))
    }
}
