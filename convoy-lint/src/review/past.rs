//! What a change found: the findings of before, beside which those of now are new or not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base::program::Failure;

use super::workers::{Read, scan_all, whole};
use crate::change::Before;
use crate::compare;
use crate::finding::Finding;
use crate::language::Language;
use crate::pack::Pack;
use crate::scan::Scanned;

/// What findings are compared with.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// What the files of the change held before.
    stood: Scanned,
    /// What files of the change hold that are not reviewed: one may have come from another.
    beside: Scanned,
    /// Files of before that cannot be read, and why.
    unread: Vec<(PathBuf, String)>,
}

impl Past {
    /// Of before only what could answer for a finding is looked for.
    pub(super) fn look(
        &mut self,
        pack: &Pack,
        wanted: &BTreeSet<String>,
        before: &Before,
        files: &[(&Path, Language)],
    ) -> Result<(), Failure> {
        let old = |path: &Path| before.get(path).cloned().unwrap_or_else(|| Err("gone".to_owned()));
        for ((path, language), outcome) in files.iter().zip(scan_all(pack, Some(wanted), files, &old)?) {
            match outcome.and_then(|scanned| whole(*language, scanned)) {
                Ok(scanned) => self.stood.add(scanned),
                Err((why, scanned)) => {
                    self.stood.add(scanned);
                    self.unread.push((path.to_path_buf(), why));
                }
            }
        }
        Ok(())
    }

    /// Of what cannot be read nothing is found, and nothing is told of it here.
    pub(super) fn look_beside(
        &mut self,
        pack: &Pack,
        wanted: &BTreeSet<String>,
        others: &[(&Path, Language)],
        read: &Read<'_>,
    ) -> Result<(), Failure> {
        let found = scan_all(pack, Some(wanted), others, read)?;
        found.into_iter().flatten().for_each(|scanned| self.beside.add(scanned));
        Ok(())
    }

    /// Marks what is new among these, beside what the files of the change held before. Which
    /// of those could not be looked at, and why.
    pub(super) fn mark(
        mut self,
        findings: &mut Vec<Finding>,
        suppressed: &mut Vec<Finding>,
    ) -> impl Iterator<Item = (Option<PathBuf>, String)> + use<> {
        self.unread.sort();
        let unread = self.unread.iter().map(|(path, _)| path.clone()).collect();
        mark(findings, self.beside.findings, &self.stood.findings, &unread);
        mark(suppressed, self.beside.suppressed, &self.stood.suppressed, &unread);
        self.unread.into_iter().map(|(path, why)| (Some(path), why))
    }
}

/// Marks these, beside all others of the change: what stood before is found once.
fn mark(own: &mut Vec<Finding>, others: Vec<Finding>, before: &[Finding], unread: &BTreeSet<PathBuf>) {
    let count = own.len();
    own.extend(others);
    compare::mark(own, before, unread);
    own.truncate(count);
}
