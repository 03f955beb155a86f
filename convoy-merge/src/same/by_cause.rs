//! What the causes that two findings name say of them being one.

use super::causes::{self, Breadth};
use super::evidence::{Kind, Strengths};
use super::features::Features;

/// Adds whether their causes are one, or others.
pub(super) fn of_causes(x: &Features, y: &Features, out: &mut Strengths) {
    let (titles, told) = (narrowest(&x.causes, &y.causes), narrowest(&x.causes, &y.all_causes));
    let (back, texts) = (narrowest(&y.causes, &x.all_causes), narrowest(&x.all_causes, &y.all_causes));
    let mut found = false;
    for (breadth, of_narrow, of_broad) in
        [(titles, 1.0, 1.0), (told, 0.7, 0.4), (back, 0.7, 0.4), (texts, 0.2, 0.0)]
    {
        let Some(breadth) = breadth else { continue };
        found = true;
        let (kind, strength) = match breadth {
            Breadth::Narrow => (Kind::Cause, of_narrow),
            Breadth::Broad => (Kind::BroadCause, of_broad),
            Breadth::Vague => (Kind::BroadCause, 0.3 * of_broad),
        };
        out.set(kind, out.of(kind).max(strength));
    }
    if out.of(Kind::Cause) > 0.0 {
        out.set(Kind::BroadCause, 0.0);
    }
    // What follows from a cause is no other one.
    let akin = causes::akin(&x.causes, &y.all_causes) || causes::akin(&y.causes, &x.all_causes);
    if !found && !akin && !x.causes.is_empty() && !y.causes.is_empty() {
        out.set(Kind::OtherCause, 1.0);
    }
}

/// How narrow the narrowest cause in both lists is; `None`: there is none.
pub(super) fn narrowest(a: &[u16], b: &[u16]) -> Option<Breadth> {
    let common = a.iter().filter(|number| b.binary_search(number).is_ok());
    common.filter_map(|number| causes::cause(*number)).map(|cause| cause.breadth).max()
}

/// The causes that both name, for people.
pub(super) fn common_causes(x: &Features, y: &Features) -> Vec<&'static str> {
    x.all_causes
        .iter()
        .filter(|cause| y.all_causes.binary_search(cause).is_ok())
        .filter_map(|cause| causes::cause(*cause))
        .map(|cause| cause.name)
        .collect()
}
