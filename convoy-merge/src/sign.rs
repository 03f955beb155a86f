//! The signs that a candidate can bear, and sets of them.

use std::fmt;

/// One sign. A candidate is a heading, an item, a paragraph, a line or a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// A severity in a field or cell of its own.
    RatedField,
    /// A severity in the title, as a tag or word of its own.
    RatedTitle,
    /// An icon that rates.
    RatedIcon,
    /// A severity above: in the section's title, or in a line of its own.
    RatedAbove,
    /// A field or cell that names a place.
    PlaceField,
    /// A place in the title, or lines of the file that the section names.
    PlaceTitle,
    /// A place with its line, in the title, a field or the first paragraph.
    PlaceLine,
    /// The title is a place and nothing else.
    PlaceOnly,
    /// The line begins with a place and its line.
    PlaceFirst,
    /// The section names the file.
    FileAbove,
    /// `SEC-01`.
    Id,
    /// `1.`, `#2`.
    Number,
    /// "Finding 3".
    NamedNumber,
    Bold,
    /// There are words beside severity, place and number.
    Titled,
    /// `- [ ]`
    TickBox,
    Problem,
    Impact,
    Remedy,
    /// It is itself a field of something above.
    FieldLine,
    /// The heading is a field's label: "Impact".
    LabelTitle,
    /// The heading is a severity, and maybe "issues".
    SeverityOnly,
    /// The whole title is a listed one.
    Listed,
    ClassFinding,
    ClassPositive,
    ClassRepeat,
    ClassContext,
    ClassPrompt,
    ClassSubject,
    /// The title of the whole document.
    Document,
    /// `1. [place] Title`, then a severity: the documented format.
    Documented,
    /// A part that the reader unfolds.
    Folded,
    /// A severity in a line of its own, right above.
    RatedLine,
    /// A sentence tells how bad it is: "I'd call that moderate."
    RatedTold,
    /// "Step 2".
    Step,
    /// It says that something is good.
    Praise,
    /// It stands among what is good.
    InPraise,
    /// It stands right below a severity that heads what it holds: "Critical".
    BelowLevel,
    /// It says that there is nothing, or that a check passed.
    SaysNone,
    /// A form that nobody filled in.
    Placeholder,
    /// It adds other rows up.
    Sum,
    /// It is said to be mended.
    Closed,
    /// The line below the first one begins with a place and its line.
    PlaceBelow,
    /// There is text below the title.
    Body,
    /// A heading with headings below it.
    Parent,
    /// Below it stand findings that state their own severity or place …
    HoldsFinding,
    /// … or items that would count in a section of findings (two or more) …
    HoldsItems,
    /// … or items that name places …
    HoldsPlaces,
    /// … or rows.
    HoldsRows,
    /// Beside it stand groups by severity.
    Mixed,
    /// Above it, in the same section, stand findings that are items.
    Apart,
    /// Most of what is shaped like it, beside it, is a finding.
    Habit,
    /// "must be fixed", "blocks the release".
    MustFix,
    /// Longer than a sentence's beginning.
    Wordy,
    /// A sentence of prose that says that something is wrong.
    Blames,
    /// A check that did not pass.
    Fails,
}

/// A set of signs.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Signs(u64);

impl Signs {
    pub(crate) fn set(&mut self, sign: Sign, holds: bool) {
        if holds {
            self.0 |= 1 << sign as u32;
        }
    }

    pub(crate) fn unset(&mut self, sign: Sign, holds: bool) {
        if holds {
            self.0 &= !(1 << sign as u32);
        }
    }

    pub(crate) fn has(self, sign: Sign) -> bool {
        self.0 >> sign as u32 & 1 == 1
    }

    pub(crate) fn count(self, of: &[Sign]) -> usize {
        of.iter().filter(|sign| self.has(**sign)).count()
    }

    pub(crate) fn any(self, of: &[Sign]) -> bool {
        of.iter().any(|sign| self.has(*sign))
    }
}

impl fmt::Debug for Signs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ALL.iter().filter(|sign| self.has(**sign)).map(|sign| format!("{sign:?}"));
        out.write_str(&names.collect::<Vec<_>>().join(" "))
    }
}

const ALL: &[Sign] = &[
    Sign::RatedField,
    Sign::RatedTitle,
    Sign::RatedIcon,
    Sign::RatedAbove,
    Sign::PlaceField,
    Sign::PlaceTitle,
    Sign::PlaceLine,
    Sign::PlaceOnly,
    Sign::PlaceFirst,
    Sign::FileAbove,
    Sign::Id,
    Sign::Number,
    Sign::NamedNumber,
    Sign::Bold,
    Sign::Titled,
    Sign::TickBox,
    Sign::Problem,
    Sign::Impact,
    Sign::Remedy,
    Sign::FieldLine,
    Sign::LabelTitle,
    Sign::SeverityOnly,
    Sign::Listed,
    Sign::ClassFinding,
    Sign::ClassPositive,
    Sign::ClassRepeat,
    Sign::ClassContext,
    Sign::ClassPrompt,
    Sign::ClassSubject,
    Sign::Document,
    Sign::Documented,
    Sign::Folded,
    Sign::RatedLine,
    Sign::RatedTold,
    Sign::Step,
    Sign::Praise,
    Sign::InPraise,
    Sign::BelowLevel,
    Sign::SaysNone,
    Sign::Placeholder,
    Sign::Sum,
    Sign::Closed,
    Sign::PlaceBelow,
    Sign::Body,
    Sign::Parent,
    Sign::HoldsFinding,
    Sign::HoldsItems,
    Sign::HoldsPlaces,
    Sign::HoldsRows,
    Sign::Mixed,
    Sign::Apart,
    Sign::Habit,
    Sign::MustFix,
    Sign::Wordy,
    Sign::Blames,
    Sign::Fails,
];
