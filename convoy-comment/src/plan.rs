//! From what was found and what is on the pull request already to what is to be done.
//! Pure: the same push planned again finds nothing left to do.

use findings::verdict::Verdict;

use crate::document::{Document, Told};
use crate::finding;
use crate::hunks::{Hunks, Spot};
use crate::mark::Mark;
use crate::target::Service;

/// The pull request as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Present {
    /// Its newest commit.
    pub(crate) head: String,
    /// Commits whose files are its own: the newest one, and its merge into the base.
    pub(crate) commits: Vec<String>,
    /// Our comments with all findings, the oldest first; more than one where two runs met.
    pub(crate) summaries: Vec<Comment>,
    /// Our comments on lines.
    pub(crate) threads: Vec<Thread>,
    pub(crate) hunks: Hunks,
}

/// A comment of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: String,
    pub(crate) body: String,
}

/// A conversation that begins with a comment of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) mark: Mark,
    pub(crate) resolved: bool,
    /// The code it is about has changed since.
    pub(crate) outdated: bool,
}

/// What the user wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) service: Service,
    /// Keeps the comments of several reviews of one pull request apart.
    pub(crate) name: String,
    /// The commit that was reviewed, where that is known.
    pub(crate) commit: Option<String>,
    /// Comments on lines, at most, of one run.
    pub(crate) most_inline: usize,
}

/// A comment on lines that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inline {
    pub(crate) file: String,
    pub(crate) spot: Spot,
    pub(crate) mark: Mark,
    pub(crate) body: String,
}

/// Where a finding is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// On its lines, by this comment of the plan.
    Inline(usize),
    /// On its lines, by a comment of an earlier run.
    There,
    /// In the one comment, and why only there.
    Here(Why),
}

/// Why a finding has no comment on its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It was there before the change.
    Old,
    /// The diff does not show its lines, or it has none.
    Outside,
    /// There are as many comments as one run may make.
    Many,
    /// The pull request has moved on since it was reviewed.
    Stale,
    /// It cannot be known again, or is another one's twin.
    Unnamed,
    /// The service would not have it there.
    Refused,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Plan<'d> {
    /// Each open finding once, the most severe first.
    pub(crate) places: Vec<(&'d Told, Where)>,
    pub(crate) inline: Vec<Inline>,
    /// Threads whose findings are gone.
    pub(crate) resolve: Vec<String>,
    /// Threads that nobody told of again, and that stay open all the same: nothing shows
    /// that they are fixed.
    pub(crate) left_open: usize,
    /// The comment that is replaced; `None`: there is none yet.
    pub(crate) update: Option<String>,
    /// Others of its kind.
    pub(crate) remove: Vec<String>,
    /// The pull request has moved on.
    pub(crate) stale: bool,
}

pub(crate) fn plan<'d>(document: &'d Document, present: &Present, wanted: &Wanted) -> Plan<'d> {
    let stale = wanted
        .commit
        .as_ref()
        .is_some_and(|commit| !present.commits.iter().any(|one| one.starts_with(commit.as_str())));
    let mut plan = Plan {
        places: Vec::new(),
        inline: Vec::new(),
        resolve: Vec::new(),
        left_open: 0,
        update: present.summaries.first().map(|comment| comment.id.clone()),
        remove: present.summaries.iter().skip(1).map(|comment| comment.id.clone()).collect(),
        stale,
    };
    let mut open: Vec<Mark> = Vec::new();
    for told in document.open() {
        let mark = Mark::of(&told.finding, &wanted.name);
        let place = plan.place(told, mark.as_ref(), &open, present, wanted);
        plan.places.push((told, place));
        open.extend(mark);
    }
    if !stale {
        plan.close(document, &open, present, wanted);
    }
    plan
}

impl Plan<'_> {
    fn place(
        &mut self,
        told: &Told,
        mark: Option<&Mark>,
        before: &[Mark],
        present: &Present,
        wanted: &Wanted,
    ) -> Where {
        let Some(mark) = mark else { return Where::Here(Why::Unnamed) };
        if before.iter().any(|other| other.means(mark)) {
            return Where::Here(Why::Unnamed);
        }
        if present.threads.iter().any(|thread| thread.mark.means(mark)) {
            return Where::There;
        }
        if told.is_old() {
            return Where::Here(Why::Old);
        }
        if self.stale {
            return Where::Here(Why::Stale);
        }
        let spot = told
            .lines()
            .and_then(|(file, from, to)| Some((file.to_owned(), present.hunks.spot(file, from, to)?)));
        let Some((file, spot)) = spot else { return Where::Here(Why::Outside) };
        if self.inline.len() >= wanted.most_inline {
            return Where::Here(Why::Many);
        }
        let body = finding::of_line(told, mark, spot, wanted.service);
        self.inline.push(Inline { file, spot, mark: mark.clone(), body });
        Where::Inline(self.inline.len() - 1)
    }

    /// A thread is resolved only if it is known that its finding is gone. That a
    /// reviewer does not tell of it again shows that where findings are remembered,
    /// where a rule found it, or where the code has changed; and never without a verdict.
    fn close(&mut self, document: &Document, open: &[Mark], present: &Present, wanted: &Wanted) {
        let ended: Vec<Mark> = document.ended().filter_map(|one| Mark::of(one, &wanted.name)).collect();
        let judged = document.verdict.verdict != Verdict::Commented;
        for thread in present.threads.iter().filter(|thread| !thread.resolved) {
            let is = |marks: &[Mark]| marks.iter().any(|mark| mark.means(&thread.mark));
            if is(open) {
                continue;
            }
            let shown = thread.mark.by_rule || thread.outdated || document.remembers();
            if is(&ended) || judged && shown {
                self.resolve.push(thread.id.clone());
            } else {
                self.left_open += 1;
            }
        }
    }

    /// The service would not have these comments where they were to be.
    pub(crate) fn refuse(&mut self, refused: &[usize]) {
        for (_, place) in &mut self.places {
            if matches!(place, Where::Inline(n) if refused.contains(n)) {
                *place = Where::Here(Why::Refused);
            }
        }
    }
}
