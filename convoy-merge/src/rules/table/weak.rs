//! What counts where it stands, what shows little, and what could be a finding and is none.

use super::{ALL, FINDINGS, ITEM, LINE, OPEN, PARA, PLAIN, ROW, SMALL, TEXTS};
use crate::rules::{Row, Shape, Verdict};
use crate::sign::Sign::{
    Blames, Bold, Closed, Habit, Id, InPraise, MustFix, NamedNumber, Number, PlaceFirst, PlaceLine,
    PlaceTitle, RatedAbove, RatedField, RatedIcon, RatedTitle, RatedTold, SeverityOnly, TickBox, Titled,
    Wordy,
};

pub(super) const ROWS: &[Row] = &[
    // items because of their section
    Row {
        name: "item-in-findings",
        shapes: ITEM,
        modes: FINDINGS,
        some: (1, &[RatedAbove, Number, Bold, PlaceTitle, RatedIcon, Id, TickBox, Wordy]),
        lacks: &[SeverityOnly],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\n- The lock in the pool is never freed\n",
        ..ROW
    },
    Row {
        name: "line-in-findings",
        shapes: PARA,
        modes: FINDINGS,
        needs: &[PlaceFirst, Titled],
        verdict: Verdict::Member,
        example: "# Review\n\n## Findings\n\nsrc/a.rs:3 - the lock is never freed\n",
        ..ROW
    },
    Row {
        name: "like-its-siblings",
        shapes: SMALL,
        needs: &[Habit, Titled],
        verdict: Verdict::Member,
        example: "# Review\n\n- **High** `src/a.rs:3` Lock is never freed\n- **Low** `src/b.rs:9` Name is old\n- Token is logged\n",
        ..ROW
    },
    // weak signs
    Row {
        name: "weak-item",
        shapes: TEXTS,
        modes: OPEN,
        some: (2, &[RatedIcon, Bold, Id, Number, NamedNumber, PlaceTitle, PlaceFirst]),
        verdict: Verdict::Likely,
        example: "# Review\n\n- 🔴 Lock in `src/a.rs` is never freed\n- 🔴 Name in `src/b.rs` is old\n",
        ..ROW
    },
    Row {
        name: "weak-rated",
        shapes: TEXTS,
        modes: OPEN,
        needs: &[RatedTitle, Titled],
        verdict: Verdict::Likely,
        example: "# Review\n\nHigh: the lock is never freed.\n",
        ..ROW
    },
    Row {
        name: "sentence",
        shapes: &[Shape::Item, Shape::Line],
        modes: OPEN,
        needs: &[PlaceLine, Blames, Titled],
        lacks: &[InPraise],
        verdict: Verdict::Likely,
        example: "I read all of it. In src/a.rs:3 the lock is never freed. The rest is fine.\n",
        ..ROW
    },
    Row {
        name: "sentence-that-rates",
        shapes: LINE,
        modes: PLAIN,
        needs: &[RatedTold, PlaceTitle, Titled],
        lacks: &[InPraise],
        verdict: Verdict::Likely,
        example: "I read all of it. In src/a.rs every caller waits for the first. That is high for me. The rest is fine.\n",
        ..ROW
    },
    Row {
        name: "paragraph-that-rates",
        shapes: LINE,
        modes: OPEN,
        needs: &[RatedTold, Titled],
        lacks: &[PlaceTitle, InPraise],
        verdict: Verdict::Likely,
        example: "I read all of it.\n\nEvery caller waits for the first. That is a serious problem.\n\nThe names are old. That is a minor point.\n",
        ..ROW
    },
    Row {
        name: "sentence-with-file",
        shapes: &[Shape::Item, Shape::Line],
        modes: OPEN,
        needs: &[PlaceTitle, Blames, Titled],
        lacks: &[PlaceLine, InPraise],
        verdict: Verdict::Likely,
        example: "The lock of src/a.rs:3 is never freed.\n\nAnd in src/b.rs the name is never checked.\n",
        ..ROW
    },
    Row {
        name: "item-that-demands",
        shapes: ITEM,
        modes: OPEN,
        needs: &[MustFix, PlaceTitle, Titled],
        lacks: &[InPraise, Closed],
        verdict: Verdict::Likely,
        example: "# Notes\n\n- We read it all\n- Bo says that `src/a.rs` takes the lock twice, which must be fixed\n- `src/b.rs:9` has an old name, minor\n",
        ..ROW
    },
    // what could be a finding, and is none
    Row {
        name: "left-severity",
        modes: ALL,
        needs: &[Titled],
        some: (1, &[RatedTitle, RatedField]),
        verdict: Verdict::Leftover,
        example: "# Review\n\nNo issues found.\n\n## Scope\n\n- [High] The lock is never freed\n",
        ..ROW
    },
    Row {
        name: "left-rated-place",
        shapes: SMALL,
        modes: ALL,
        needs: &[RatedTitle, PlaceLine],
        lacks: &[InPraise],
        verdict: Verdict::Leftover,
        example: "# Review\n\n## Findings\n\n- **High** `src/a.rs:3` Lock is never freed\n\n## Summary\n\n1. **Low** – `README.md`, line 5: Typo.\n",
        ..ROW
    },
    Row {
        name: "left-place",
        shapes: SMALL,
        modes: ALL,
        needs: &[PlaceLine],
        lacks: &[InPraise],
        verdict: Verdict::Mention,
        example: "# Review\n\nNo issues found.\n\nThe lock of src/a.rs:3 is taken.\n",
        ..ROW
    },
    Row {
        name: "left-demand",
        modes: ALL,
        needs: &[MustFix],
        verdict: Verdict::Leftover,
        example: "# Review\n\n## Findings\n\n- **High** `src/a.rs:3` Lock is never freed\n\nThe name must be fixed before the release.\n",
        ..ROW
    },
];
