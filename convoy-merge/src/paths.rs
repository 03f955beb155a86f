//! Makes paths of different reviewers comparable: the checkout's own directory is
//! taken off absolute paths, short names become the one longer path that ends so.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Member;
use crate::tree::Tree;

/// Rewrites the locations of all members. `root` is where the project lies, if known,
/// and `tree` what is in it: what is there by its own name is no short form of another.
pub(crate) fn normalise(members: &mut [Member], root: Option<&str>, tree: Option<&dyn Tree>) {
    let mut files: BTreeSet<String> =
        members.iter().flat_map(|m| m.locations.iter().map(|l| l.file.clone())).collect();
    let prefix = root
        .map(|r| r.trim_end_matches('/').to_string())
        .filter(|r| !r.is_empty())
        .or_else(|| checkout(&files));
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    if let Some(prefix) = prefix {
        for file in &files {
            if let Some(rest) = file
                .strip_prefix(&prefix)
                .and_then(|rest| rest.strip_prefix('/'))
                .filter(|rest| !rest.is_empty())
            {
                renamed.insert(file.clone(), rest.to_string());
            }
        }
        files = files.into_iter().map(|f| renamed.get(&f).cloned().unwrap_or(f)).collect();
    }
    let longer = longer_forms(&files);
    for location in members.iter_mut().flat_map(|m| &mut m.locations) {
        if let Some(short) = renamed.get(&location.file) {
            location.file.clone_from(short);
        }
        let is_there = || tree.is_some_and(|tree| tree.has(location.path().as_path()));
        if let Some(long) = longer.get(&location.file).filter(|_| !location.exact && !is_there()) {
            location.file.clone_from(long);
        }
    }
}

fn is_absolute(file: &str) -> bool {
    file.starts_with('/') || file.as_bytes().get(1) == Some(&b':')
}

/// The directory that absolute paths have before what others call the same file;
/// failing that, what all of them share.
fn checkout(files: &BTreeSet<String>) -> Option<String> {
    let absolute: Vec<&String> = files.iter().filter(|f| is_absolute(f)).collect();
    let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &absolute {
        for (at, _) in file.match_indices('/') {
            let rest = &file[at + 1..];
            if at > 0 && rest.contains('/') && files.contains(rest) {
                *votes.entry(&file[..at]).or_default() += 1;
            }
        }
    }
    if let Some((prefix, _)) = votes.iter().max_by_key(|(prefix, n)| (**n, std::cmp::Reverse(prefix.len()))) {
        return Some((*prefix).to_string());
    }
    let first = absolute.first()?;
    let mut shared: &str = first.rsplit_once('/').map_or("", |(dir, _)| dir);
    for file in &absolute {
        let inside = |dir: &str| file.starts_with(dir) && file[dir.len()..].starts_with('/');
        while !(shared.is_empty() || inside(shared)) {
            shared = shared.rsplit_once('/').map_or("", |(dir, _)| dir);
        }
    }
    // A source directory is part of the project's own paths.
    for name in
        ["/src/", "/lib/", "/app/", "/apps/", "/packages/", "/tests/", "/test/", "/docs/", "/.github/"]
    {
        let whole = format!("{shared}/");
        if let Some(at) = whole.find(name) {
            return Some(whole[..at].to_string()).filter(|p| !p.is_empty());
        }
    }
    (absolute.len() > 1 && !shared.is_empty()).then(|| shared.to_string())
}

/// For each short path, the only longer one that ends with it.
fn longer_forms(files: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut ends: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for file in files.iter().filter(|f| !is_absolute(f)) {
        for (at, _) in file.match_indices('/') {
            let end = &file[at + 1..];
            if files.contains(end) {
                ends.entry(end)
                    .and_modify(|known| {
                        // src/a.ts and x/src/a.ts both end in a.ts: the longest wins if it holds the other.
                        *known = known.and_then(|k| {
                            if file.ends_with(k) {
                                Some(file.as_str())
                            } else if k.ends_with(file.as_str()) {
                                Some(k)
                            } else {
                                None
                            }
                        });
                    })
                    .or_insert(Some(file.as_str()));
            }
        }
    }
    ends.into_iter().filter_map(|(short, long)| Some((short.to_string(), long?.to_string()))).collect()
}
