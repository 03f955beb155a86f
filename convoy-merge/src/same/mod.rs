//! Which findings of several reports are one defect: the same place and the same cause.
//!
//! `features` is what of a member is compared (`causes` it names, and kinds that its
//! `wordings` tell of), `compare` what a pair of them says for and against, `evidence` weighs
//! it by `data/evidence.tsv`, `rivals` looks at what else stands there; `cluster` makes groups
//! of pairs.

mod by_cause;
mod candidates;
mod causes;
mod cluster;
mod cognates;
mod compare;
mod evidence;
mod features;
mod glossary;
mod languages;
mod lexicon;
mod parallel;
mod place;
mod pole;
mod references;
mod relate;
mod rivals;
mod space;
mod wordings;

pub(crate) use cluster::{Clusters, cluster};
pub(crate) use relate::{possibly, related};
pub(crate) use space::{MERGE, POSSIBLE, Pair, Space};
