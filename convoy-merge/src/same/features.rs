//! What of a member is compared with others, computed once for each.

mod named;

use named::{KEYWORDS, code_names, hashed, is_coined, is_dotted, pieces, tokens};
use std::collections::HashMap;

use super::causes::{self, Named};
use super::languages;
use super::lexicon::{Lexicon, Vector, counted};
use super::place::{Place, places};
use super::pole::{Pole, poles};
use super::wordings::Told;
use crate::model::Member;
use crate::text::cut;
use crate::words;

/// So much of a body is compared: bytes of prose, and bytes in which names are looked for.
const PROSE: usize = 1200;
const HEARD: usize = 4000;

/// What our own Markdown and SARIF say in every finding.
const DECIDED: [&str; 2] = ["\n**Finding:** F", "\"convoyFinding/v1\""];

#[derive(Debug, Default)]
pub(crate) struct Features {
    pub(super) title: Vector,
    pub(super) body: Vector,
    /// Names in code marks, title and prose.
    pub(super) idents: Vector,
    /// The title's words in order.
    pub(super) said: Vec<u32>,
    /// The words of the whole finding, sorted.
    pub(super) heard: Vec<u32>,
    /// Names of code in the title, sorted.
    pub(super) names: Vec<u64>,
    /// Every word and name of the whole finding as it stands, sorted.
    pub(super) tokens: Vec<u64>,
    pub(super) poles: Vec<Pole>,
    pub(super) heard_poles: Vec<Pole>,
    /// Causes that the title names, and all that are named.
    pub(super) causes: Named,
    pub(super) all_causes: Named,
    /// The families of faults that are told of.
    pub(super) fault: Vector,
    /// The kinds of defects that all words tell of together.
    pub(super) kinds: Told,
    /// Weakness numbers and rules, sorted.
    pub(super) rules: Vec<u64>,
    pub(super) places: Vec<Place>,
    pub(super) document: usize,
    /// The title's words, whatever stands between them.
    pub(super) title_key: u64,
    /// Title, text and places as they stand.
    pub(super) whole_key: u64,
    /// What the words of the body weigh together before they are a unit vector.
    pub(super) body_norm: f64,
    /// The words of its files' names, sorted: whoever speaks of the file has them too.
    pub(super) of_path: Vec<u32>,
    /// A finding of an earlier merged report: it was told apart from the others already.
    pub(super) decided: bool,
}

/// FNV-1a: the same on every machine and in every run.
pub(super) fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What is counted over all members before any of them can be weighed.
struct Counted {
    title: Vec<(u32, u32)>,
    body: Vec<(u32, u32)>,
    idents: Vec<(u32, u32)>,
}

/// Title and prose of a member, and whether that is all it says.
fn said(member: &Member) -> (String, bool) {
    let prose = words::prose(&member.body, PROSE);
    let whole = prose.trim_end() == member.body.trim_end();
    (format!("{}\n{prose}", member.title), whole)
}

/// The features of all members.
pub(super) fn all(members: &[Member]) -> Vec<Features> {
    let (mut terms, mut names, mut parts) = (Lexicon::default(), Lexicon::default(), Lexicon::default());
    let mut documents: HashMap<&str, usize> = HashMap::new();
    let (mut counts, mut list) = (Vec::with_capacity(members.len()), Vec::with_capacity(members.len()));
    // Texts are made again rather than kept: a run of many findings has no room for them.
    let foreign: Vec<bool> = members.iter().map(|member| is_foreign(&said(member).0)).collect();
    if foreign.contains(&true) {
        let english = members.iter().zip(&foreign).filter(|(_, foreign)| !**foreign);
        english.for_each(|(member, _)| terms.hear(&said(member).0));
    }
    for (member, foreign) in members.iter().zip(foreign) {
        let (said, whole) = said(member);
        let next = documents.len();
        let document = *documents.entry(&member.source).or_insert(next);
        terms.listen(foreign);
        let titled = terms.terms(&member.title);
        let count = Counted {
            title: counted(titled.clone()),
            body: counted(terms.terms(&said)),
            idents: counted(code_names(&said).iter().map(|name| names.id(name)).collect()),
        };
        terms.count_in(&count.body);
        names.count_in(&count.idents);
        let heard = whole.then(|| count.body.iter().map(|(id, _)| *id).collect());
        counts.push(count);
        let features = own(member, &said, &titled, heard, &mut terms, &mut parts);
        list.push(Features { document, ..features });
    }
    let n = members.len() as f64;
    for (features, count) in list.iter_mut().zip(counts) {
        features.title = terms.weigh(&count.title, n, false);
        features.kinds = terms.kinds(&count.body);
        (features.body, features.body_norm) = terms.weighed(&count.body, n, true);
        features.idents = count.idents.iter().map(|(id, _)| (*id, names.rareness(*id, n) as f32)).collect();
    }
    list
}

/// Is it not told in English?
fn is_foreign(said: &str) -> bool {
    let accented = || said.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    languages::of(said).map_or_else(accented, |language| language != "en")
}

/// What can be told of a member without knowing the others; `titled`: the words of its title,
/// `heard`: all of its words, where they are known already.
fn own(
    member: &Member,
    said: &str,
    titled: &[u32],
    heard: Option<Vec<u32>>,
    terms: &mut Lexicon,
    parts: &mut Lexicon,
) -> Features {
    let whole = format!("{}\n{}", member.title, cut(&member.body, HEARD));
    let heard = heard.unwrap_or_else(|| {
        let mut heard = terms.terms(&whole);
        heard.sort_unstable();
        heard.dedup();
        heard
    });
    let title = without_paths(&member.title);
    let rules = rules(member);
    let mut of_title = causes::told(&title.to_lowercase());
    of_title.causes.extend(rules.iter().flat_map(|rule| causes::known(rule)));
    of_title.causes.sort_unstable();
    of_title.causes.dedup();
    let mut of_all = causes::told(&cut(said, PROSE / 2).to_lowercase());
    of_all.causes.extend(&of_title.causes);
    of_all.causes.sort_unstable();
    of_all.causes.dedup();
    let parts_of_title = title_parts(member);
    let named: Vec<&str> =
        parts_of_title.iter().filter(|(_, part)| *part == Part::Name).map(|(word, _)| *word).collect();
    Features {
        title_key: hash(titled.iter().flat_map(|word| word.to_le_bytes())),
        whole_key: whole_key(member),
        of_path: path_terms(member, &named, terms),
        said: terms.terms(&without_modals(&member.title)),
        heard,
        names: hashed(&named),
        tokens: tokens(&whole),
        poles: poles(&member.title),
        heard_poles: poles(said),
        fault: causes::families(&of_title, &of_all),
        causes: of_title.causes,
        all_causes: of_all.causes,
        rules: hashes(&rules),
        places: places(&member.locations, parts),
        decided: DECIDED.iter().any(|mark| member.text.contains(mark)),
        ..Features::default()
    }
}

/// A name alone, without place or words, is not enough to be the same as another.
fn whole_key(member: &Member) -> u64 {
    let own = if member.locations.is_empty() && member.body.len() < 12 {
        format!("{} {:?}", member.source, member.byte_range)
    } else {
        member.locations.iter().map(|place| format!("{}\n", place.display())).collect()
    };
    hash(member.title.bytes().chain([0]).chain(member.body.bytes()).chain([0]).chain(own.bytes()))
}

/// The words of its files' names and of the names of code in its title, `named`.
fn path_terms(member: &Member, named: &[&str], terms: &mut Lexicon) -> Vec<u32> {
    let files = member.locations.iter().take(4).map(|l| l.file.as_str());
    let all: Vec<&str> = files.chain(named.iter().copied()).collect();
    let mut known = terms.terms(&all.join(" "));
    known.sort_unstable();
    known.dedup();
    known
}

/// "Is never closed" and "must be closed" are one claim.
fn without_modals(title: &str) -> String {
    const MODALS: [&str; 9] = ["never", "must", "should", "not", "cannot", "can", "may", "shall", "need"];
    let modal = |word: &&str| !MODALS.iter().any(|modal| word.eq_ignore_ascii_case(modal));
    title.split(' ').filter(modal).collect::<Vec<_>>().join(" ")
}

/// `test/support/x.ex` in a title says nothing about tests.
fn without_paths(title: &str) -> String {
    title
        .split_whitespace()
        .filter(|word| !(word.contains('/') && word.contains('.')))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The parts of a title: words, and whether each is a name of code (in code marks,
/// `camelCase`, `snake_case`, a call) or of the file.
fn title_parts(member: &Member) -> Vec<(&str, Part)> {
    let folded = |name: &str| {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let files: Vec<String> = member
        .locations
        .iter()
        .take(4)
        .filter_map(|l| l.file.rsplit('/').next())
        .map(|file| folded(file.split('.').next().unwrap_or(file)))
        .collect();
    let mut out = Vec::new();
    for (n, piece) in member.title.split('`').enumerate() {
        let path = piece.contains('/') && piece.contains('.');
        let marked = n % 2 == 1 && piece.len() <= 80 && !path;
        for (at, word) in pieces(piece) {
            let call = piece[at + word.len()..].starts_with('(');
            let number = word.starts_with(|c: char| c.is_ascii_digit());
            let keyword = || KEYWORDS.contains(&word.to_lowercase().as_str());
            let part = if n % 2 == 1 && path || !files.is_empty() && files.contains(&folded(word)) {
                Part::File
            } else if (marked || call || is_coined(word) || is_dotted(piece, at, word.len()))
                && word.len() > 1
                && !number
                && !keyword()
            {
                Part::Name
            } else {
                Part::Word
            };
            out.push((word, part));
        }
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Word,
    Name,
    /// The name of the file tells nothing apart.
    File,
}

/// The weakness numbers of a finding, wherever they stand (`89`), and what a tool calls
/// its rule, in lower case.
fn rules(member: &Member) -> Vec<String> {
    let mut out: Vec<String> = member.facts.cwe.iter().take(8).map(u32::to_string).collect();
    let text = cut(&member.text, HEARD);
    for (at, _) in text.match_indices("CWE-").take(8) {
        let number: String = text[at + 4..].chars().take_while(char::is_ascii_digit).collect();
        out.extend((!number.is_empty()).then_some(number));
    }
    let of_tool = matches!(member.severity_from.as_deref(), Some("sarif" | "json"));
    let rule = member.label.as_deref().filter(|rule| {
        of_tool && member.category.as_deref() == Some(*rule) && rule.chars().any(char::is_alphabetic)
    });
    out.extend(rule.or(member.facts.rule.as_deref()).map(str::to_lowercase));
    out.sort_unstable();
    out.dedup();
    out
}

fn hashes<'a>(words: impl IntoIterator<Item = &'a String>) -> Vec<u64> {
    let mut out: Vec<u64> = words.into_iter().map(|word| hash(word.bytes())).collect();
    out.sort_unstable();
    out
}
