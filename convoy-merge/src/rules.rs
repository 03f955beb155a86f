//! The decision list: what a candidate is, by the signs it bears. The first row that
//! fits decides. A row is data, and every number of the decision stands in one.

use crate::signs::sign::{Sign, Sign::*, Signs};

/// How a candidate is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Heading,
    Item,
    Para,
    Line,
    Row,
}

/// What the section says about all that stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Open,
    /// It holds findings.
    Findings,
    /// It says again what stands elsewhere.
    Repeat,
    /// It praises, gives context or instructs.
    Quiet,
}

/// What a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A finding that shows it by itself.
    Finding,
    /// A finding because of where it stands.
    Member,
    /// A finding if the document has no better ones.
    Likely,
    /// A section of findings.
    Group,
    /// A section like the one around it.
    Through,
    /// A section that says again what stands elsewhere …
    Repeat,
    /// … or in which only what states its severity and place counts.
    Quiet,
    /// A part of what stands around it.
    Part,
    /// Something that could be a finding and was not read as one.
    Leftover,
    /// Something that a clean report does not say.
    Mention,
    /// Text.
    Text,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) shapes: &'static [Shape],
    pub(crate) modes: &'static [Mode],
    /// All of these.
    pub(crate) needs: &'static [Sign],
    /// At least so many of these.
    pub(crate) some: (usize, &'static [Sign]),
    /// None of these.
    pub(crate) lacks: &'static [Sign],
    /// Fewest and most words of the title.
    pub(crate) words: (usize, usize),
    pub(crate) verdict: Verdict,
    /// A report that is read otherwise without this row.
    pub(crate) example: &'static str,
}

impl Row {
    fn fits(&self, of: &Candidate) -> bool {
        self.shapes.contains(&of.shape)
            && self.modes.contains(&of.mode)
            && (self.words.0..=self.words.1).contains(&of.words)
            && self.needs.iter().all(|sign| of.signs.has(*sign))
            && of.signs.count(self.some.1) >= self.some.0
            && !of.signs.any(self.lacks)
    }
}

/// What is decided about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) shape: Shape,
    pub(crate) mode: Mode,
    pub(crate) words: usize,
    pub(crate) signs: Signs,
}

/// The table, maybe without one row (to see what the row is for).
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub(crate) without: Option<&'static str>,
}

impl Rules {
    /// All rows but the one named; `None` = there is no such row.
    pub fn without(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| Rules { without: Some(row.name) })
    }

    /// Names and examples of the rows, in order.
    pub fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
        TABLE.iter().map(|row| (row.name, row.example))
    }

    pub(crate) fn decide(self, of: &Candidate) -> (&'static str, Verdict) {
        TABLE
            .iter()
            .find(|row| self.without != Some(row.name) && row.fits(of))
            .map_or(("text", Verdict::Text), |row| (row.name, row.verdict))
    }
}

const ALL: &[Mode] = &[Mode::Open, Mode::Findings, Mode::Repeat, Mode::Quiet];
const PLAIN: &[Mode] = &[Mode::Open, Mode::Findings];
const OPEN: &[Mode] = &[Mode::Open];
const FINDINGS: &[Mode] = &[Mode::Findings];
const ASIDE: &[Mode] = &[Mode::Repeat, Mode::Quiet];

const ANY: &[Shape] = &[Shape::Heading, Shape::Item, Shape::Para, Shape::Line, Shape::Row];
const HEADING: &[Shape] = &[Shape::Heading];
const ITEM: &[Shape] = &[Shape::Item];
const PARA: &[Shape] = &[Shape::Para];
const LINE: &[Shape] = &[Shape::Line];
const CELLS: &[Shape] = &[Shape::Row];
const TEXTS: &[Shape] = &[Shape::Item, Shape::Para, Shape::Line];
const SMALL: &[Shape] = &[Shape::Item, Shape::Para, Shape::Line, Shape::Row];

/// What a row says that says nothing else.
const ROW: Row = Row {
    name: "",
    shapes: ANY,
    modes: PLAIN,
    needs: &[],
    some: (0, &[]),
    lacks: &[],
    words: (0, usize::MAX),
    verdict: Verdict::Text,
    example: "",
};

const TABLE: &[Row] = &[
    // headings: what they open
    Row {
        name: "documented",
        shapes: HEADING,
        modes: ALL,
        needs: &[Documented],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row { name: "form", needs: &[Placeholder], modes: ALL, verdict: Verdict::Text, ..ROW },
    Row {
        name: "document-title",
        shapes: HEADING,
        modes: ALL,
        needs: &[Document],
        verdict: Verdict::Through,
        ..ROW
    },
    Row {
        name: "states-severity-and-place",
        shapes: HEADING,
        modes: ALL,
        needs: &[RatedField, Titled, PlaceLine],
        some: (1, &[PlaceField, PlaceTitle]),
        lacks: &[SeverityOnly, HoldsFinding],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "aside-rated-title",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedTitle, Titled, PlaceLine],
        lacks: &[SeverityOnly, HoldsFinding],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "aside-under-severity",
        shapes: HEADING,
        modes: ASIDE,
        needs: &[RatedAbove, Titled, PlaceLine],
        lacks: &[SeverityOnly, HoldsFinding, ClassPositive],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "repeat-rated-title",
        shapes: HEADING,
        modes: &[Mode::Repeat],
        needs: &[RatedTitle, Titled],
        some: (1, &[Number, Id, NamedNumber, Problem, Remedy, Impact]),
        lacks: &[SeverityOnly, HoldsFinding],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "praise-section",
        shapes: HEADING,
        modes: ALL,
        some: (1, &[Praise, ClassPositive]),
        lacks: &[RatedField, RatedTitle],
        verdict: Verdict::Quiet,
        ..ROW
    },
    Row {
        name: "praise-by-level",
        shapes: HEADING,
        modes: ALL,
        needs: &[RatedTitle],
        some: (1, &[Praise, ClassPositive]),
        lacks: &[RatedField, PlaceTitle, PlaceField, Id, NamedNumber, Problem, Remedy],
        verdict: Verdict::Quiet,
        ..ROW
    },
    Row {
        name: "folded-findings",
        shapes: HEADING,
        modes: ALL,
        needs: &[Folded],
        some: (1, &[ClassFinding, SeverityOnly]),
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "repeat-section",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassRepeat],
        lacks: &[RatedTitle, RatedField, PlaceTitle, Id, NamedNumber, Problem, Remedy, PlaceField],
        verdict: Verdict::Repeat,
        ..ROW
    },
    Row {
        name: "repeat-section-listed",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassRepeat, Listed],
        verdict: Verdict::Repeat,
        ..ROW
    },
    Row {
        name: "context-section",
        shapes: HEADING,
        modes: ALL,
        some: (1, &[ClassContext, ClassPrompt]),
        lacks: &[RatedTitle, RatedField, PlaceTitle, Id, NamedNumber, Problem, Remedy, PlaceField],
        verdict: Verdict::Quiet,
        ..ROW
    },
    Row {
        name: "context-section-listed",
        shapes: HEADING,
        modes: ALL,
        needs: &[Listed],
        some: (1, &[ClassContext, ClassPrompt]),
        verdict: Verdict::Quiet,
        ..ROW
    },
    Row {
        name: "says-none",
        shapes: HEADING,
        modes: ALL,
        needs: &[SaysNone],
        lacks: &[RatedField],
        verdict: Verdict::Through,
        ..ROW
    },
    Row {
        name: "severity-group",
        shapes: HEADING,
        modes: ALL,
        needs: &[SeverityOnly],
        lacks: &[PlaceTitle, RatedField, PlaceField],
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "findings-group",
        shapes: HEADING,
        needs: &[ClassFinding, Listed],
        lacks: &[PlaceTitle, Id],
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "label-heading",
        shapes: HEADING,
        modes: ALL,
        needs: &[LabelTitle],
        lacks: &[RatedTitle, PlaceTitle, Id, NamedNumber, ClassFinding, ClassSubject],
        verdict: Verdict::Part,
        ..ROW
    },
    Row {
        name: "subject",
        shapes: HEADING,
        modes: ALL,
        needs: &[ClassSubject],
        lacks: &[RatedField, PlaceField],
        verdict: Verdict::Through,
        ..ROW
    },
    // headings: findings
    Row {
        name: "holds-findings",
        shapes: HEADING,
        needs: &[HoldsFinding],
        lacks: &[RatedField, PlaceField],
        verdict: Verdict::Through,
        ..ROW
    },
    Row {
        name: "severity-and-area",
        shapes: HEADING,
        needs: &[RatedTitle],
        some: (1, &[HoldsItems, HoldsRows, HoldsPlaces]),
        lacks: &[RatedField, PlaceField, PlaceTitle, Id, NamedNumber, Problem, Remedy],
        words: (0, 8),
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "holds-items",
        shapes: HEADING,
        some: (1, &[HoldsItems, HoldsRows]),
        lacks: &[RatedField, PlaceField, RatedTitle, Id, NamedNumber, Problem, Remedy],
        verdict: Verdict::Through,
        ..ROW
    },
    Row {
        name: "numbered-without-title",
        shapes: HEADING,
        needs: &[NamedNumber],
        some: (1, &[RatedField, PlaceField, Problem]),
        lacks: &[Titled],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "rated-place",
        shapes: HEADING,
        needs: &[PlaceOnly],
        some: (1, &[RatedTitle, RatedField]),
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "place-in-findings",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[PlaceOnly, PlaceLine, Body],
        verdict: Verdict::Member,
        ..ROW
    },
    Row {
        name: "file-heading",
        shapes: HEADING,
        modes: ALL,
        needs: &[PlaceOnly],
        lacks: &[Id],
        verdict: Verdict::Through,
        ..ROW
    },
    Row {
        name: "without-title",
        shapes: HEADING,
        modes: ALL,
        lacks: &[Titled],
        verdict: Verdict::Through,
        ..ROW
    },
    Row { name: "rated-field", shapes: HEADING, needs: &[RatedField], verdict: Verdict::Finding, ..ROW },
    Row {
        name: "rated-title",
        shapes: HEADING,
        needs: &[RatedTitle],
        lacks: &[SeverityOnly],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "severity-below-title",
        shapes: HEADING,
        needs: &[RatedLine],
        lacks: &[HoldsItems, HoldsPlaces, HoldsRows],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "place-in-title",
        shapes: HEADING,
        needs: &[PlaceTitle],
        lacks: &[Step],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "identified",
        shapes: HEADING,
        some: (1, &[Id, NamedNumber]),
        lacks: &[Step],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "area-of-findings",
        shapes: HEADING,
        modes: OPEN,
        needs: &[ClassFinding],
        lacks: &[PlaceField],
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "small-group",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[ClassFinding],
        lacks: &[PlaceField, Number],
        words: (0, 4),
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "two-fields",
        shapes: HEADING,
        some: (2, &[Number, RatedIcon, Problem, Remedy, Impact, PlaceField]),
        lacks: &[Step],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "numbered-in-findings",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[Number],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "heading-in-findings",
        shapes: HEADING,
        modes: FINDINGS,
        needs: &[Body],
        lacks: &[Mixed],
        verdict: Verdict::Member,
        ..ROW
    },
    Row {
        name: "heading-like-its-siblings",
        shapes: HEADING,
        needs: &[Habit, Body],
        some: (1, &[Number, PlaceLine, PlaceField, Problem, Remedy, Impact, RatedIcon]),
        lacks: &[Parent],
        verdict: Verdict::Member,
        ..ROW
    },
    Row {
        name: "heading-with-place-below",
        shapes: HEADING,
        modes: OPEN,
        needs: &[PlaceLine, Body],
        lacks: &[Parent, Step],
        verdict: Verdict::Likely,
        ..ROW
    },
    Row {
        name: "rated-and-placed",
        shapes: TEXTS,
        modes: ALL,
        needs: &[RatedTitle, PlaceLine, Titled],
        lacks: &[FieldLine, Praise],
        verdict: Verdict::Finding,
        ..ROW
    },
    // what is none of the kinds below
    Row { name: "nothing", shapes: SMALL, modes: ALL, needs: &[SaysNone], verdict: Verdict::Text, ..ROW },
    Row { name: "sum", shapes: CELLS, modes: ALL, needs: &[Sum], verdict: Verdict::Text, ..ROW },
    Row {
        name: "word-of-a-section",
        shapes: TEXTS,
        modes: ALL,
        some: (1, &[ClassRepeat, ClassContext, ClassPrompt]),
        lacks: &[PlaceTitle],
        words: (0, 2),
        verdict: Verdict::Part,
        ..ROW
    },
    Row { name: "praise", shapes: SMALL, modes: ALL, needs: &[Praise], verdict: Verdict::Text, ..ROW },
    Row {
        name: "mended",
        shapes: TEXTS,
        modes: ALL,
        needs: &[Closed],
        lacks: &[RatedTitle, RatedField, Id, PlaceLine],
        verdict: Verdict::Text,
        ..ROW
    },
    Row {
        name: "words-of-a-section",
        shapes: TEXTS,
        modes: ALL,
        some: (1, &[ClassPositive, ClassRepeat, ClassContext, ClassPrompt]),
        lacks: &[RatedTitle, PlaceTitle],
        words: (0, 4),
        verdict: Verdict::Part,
        ..ROW
    },
    Row { name: "field", shapes: TEXTS, modes: ALL, needs: &[FieldLine], verdict: Verdict::Part, ..ROW },
    // groups of items
    Row {
        name: "severity-item",
        shapes: ITEM,
        modes: ALL,
        needs: &[SeverityOnly, Parent],
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "file-item",
        shapes: ITEM,
        modes: FINDINGS,
        needs: &[PlaceOnly, Parent],
        lacks: &[RatedTitle],
        verdict: Verdict::Group,
        ..ROW
    },
    Row {
        name: "item-of-findings",
        shapes: ITEM,
        needs: &[Parent, HoldsFinding],
        lacks: &[RatedTitle, RatedField, Id, PlaceTitle],
        verdict: Verdict::Group,
        ..ROW
    },
    // items, paragraphs and lines that show it by themselves
    Row {
        name: "severity-above-text",
        shapes: PARA,
        modes: PLAIN,
        needs: &[RatedLine],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "rated-text",
        shapes: TEXTS,
        needs: &[RatedTitle, Titled],
        some: (
            1,
            &[
                Bold,
                Id,
                Number,
                NamedNumber,
                PlaceTitle,
                PlaceField,
                Problem,
                Remedy,
                Impact,
                TickBox,
                RatedAbove,
            ],
        ),
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "rated-place-text",
        shapes: TEXTS,
        needs: &[RatedTitle, PlaceTitle],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "rated-in-findings",
        shapes: TEXTS,
        modes: FINDINGS,
        needs: &[RatedTitle, Titled],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "rated-by-field",
        shapes: TEXTS,
        needs: &[RatedField],
        some: (1, &[Bold, Id, Number, NamedNumber, PlaceTitle, PlaceField, Problem]),
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "problem-with-place",
        shapes: PARA,
        needs: &[Problem, PlaceField],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row { name: "rated-line", shapes: LINE, needs: &[RatedTitle, Titled], verdict: Verdict::Finding, ..ROW },
    Row {
        name: "place-then-words",
        shapes: LINE,
        needs: &[PlaceFirst, Titled],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "icon-then-place",
        shapes: &[Shape::Para, Shape::Item],
        needs: &[RatedIcon, PlaceFirst],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "identified-place",
        shapes: TEXTS,
        some: (3, &[Id, Number, NamedNumber, Bold, PlaceTitle, PlaceFirst, RatedIcon]),
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "bold-in-findings",
        shapes: PARA,
        modes: FINDINGS,
        some: (2, &[Bold, Id, Number, NamedNumber, PlaceFirst, RatedAbove]),
        lacks: &[SeverityOnly],
        verdict: Verdict::Member,
        ..ROW
    },
    // aside: severity and place
    Row {
        name: "aside-placed",
        shapes: SMALL,
        modes: ASIDE,
        needs: &[PlaceLine, Titled],
        some: (1, &[RatedField, RatedTitle, RatedAbove]),
        lacks: &[ClassPositive],
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "repeat-rated",
        shapes: SMALL,
        modes: &[Mode::Repeat],
        needs: &[RatedTitle, Titled],
        some: (1, &[Number, Bold, Id, NamedNumber, PlaceTitle, TickBox]),
        verdict: Verdict::Finding,
        ..ROW
    },
    // rows of tables
    Row { name: "rated-row", shapes: CELLS, needs: &[RatedField, Titled], verdict: Verdict::Finding, ..ROW },
    Row {
        name: "placed-row",
        shapes: CELLS,
        needs: &[Titled, PlaceField],
        some: (1, &[Remedy, PlaceLine, Impact]),
        verdict: Verdict::Finding,
        ..ROW
    },
    Row {
        name: "row-in-findings",
        shapes: CELLS,
        modes: FINDINGS,
        needs: &[Titled],
        some: (1, &[PlaceField, Remedy, Id, RatedAbove]),
        verdict: Verdict::Finding,
        ..ROW
    },
    // items because of their section
    Row {
        name: "item-in-findings",
        shapes: ITEM,
        modes: FINDINGS,
        some: (1, &[RatedAbove, Number, Bold, PlaceTitle, RatedIcon, Id, TickBox, Wordy]),
        lacks: &[SeverityOnly],
        verdict: Verdict::Member,
        ..ROW
    },
    Row {
        name: "line-in-findings",
        shapes: PARA,
        modes: FINDINGS,
        needs: &[PlaceFirst, Titled],
        verdict: Verdict::Member,
        ..ROW
    },
    Row {
        name: "like-its-siblings",
        shapes: SMALL,
        needs: &[Habit, Titled],
        verdict: Verdict::Member,
        ..ROW
    },
    // weak signs
    Row {
        name: "weak-item",
        shapes: TEXTS,
        modes: OPEN,
        some: (2, &[RatedIcon, Bold, Id, Number, NamedNumber, PlaceTitle, PlaceFirst]),
        verdict: Verdict::Likely,
        ..ROW
    },
    Row {
        name: "weak-rated",
        shapes: TEXTS,
        modes: OPEN,
        needs: &[RatedTitle, Titled],
        verdict: Verdict::Likely,
        ..ROW
    },
    Row {
        name: "weak-row",
        shapes: CELLS,
        needs: &[Titled],
        some: (1, &[PlaceField, Remedy]),
        verdict: Verdict::Likely,
        ..ROW
    },
    // what could be a finding, and is none
    Row {
        name: "left-severity",
        modes: ALL,
        needs: &[Titled],
        some: (1, &[RatedTitle, RatedField]),
        verdict: Verdict::Leftover,
        ..ROW
    },
    Row {
        name: "left-place",
        shapes: SMALL,
        modes: ALL,
        needs: &[PlaceLine],
        lacks: &[InPraise],
        verdict: Verdict::Mention,
        ..ROW
    },
    Row { name: "left-demand", modes: ALL, needs: &[MustFix], verdict: Verdict::Leftover, ..ROW },
];
