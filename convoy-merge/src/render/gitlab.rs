//! To come.
use crate::merge::Merged;

pub(super) fn report(_merged: &Merged) -> String {
    String::new()
}
