//! What a review hands over: its files, and the page or the JSON on standard output.

use std::io::{ErrorKind, IsTerminal};
use std::path::Path;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use base::style::Style;
use base::{outputs, text};
use findings::merged::Finding;
use terminal::link::Links;
use terminal::pager;

use crate::cli::Review;
use crate::result::{self, Outcome};
use crate::{pipeline, screen, summary};

/// Git shows no change: nothing was read, so nothing is approved either.
pub(crate) fn nothing_to_review(review: &Review, why: &str) -> Result<Exit> {
    let exit = if review.allow_empty { Exit::Done } else { Exit::NothingToReview };
    if let Some(file) = &review.summary
        && let Err(error) = outputs::append(file, summary::nothing_to_review(why).as_bytes())
    {
        program::tell(&format!("convoy-review: --summary: {}", base::error::chain(&error)));
        return Ok(Exit::Unwritten);
    }
    if review.format.is_some() {
        // A document without findings would say that something was read.
        program::tell(result::NOTHING_TO_REVIEW);
        return Ok(exit);
    }
    let text = if review.json {
        format!("{}\n", serde_json::to_string_pretty(&result::Nothing::new(why))?)
    } else {
        format!("{}\n", result::NOTHING_TO_REVIEW)
    };
    hand_over(&text, review.json)?;
    Ok(exit)
}

/// The files that were asked for; what cannot be written is told, and false.
pub(crate) fn write_files(
    environment: &Environment,
    review: &Review,
    outcome: &Outcome,
    standing: &[&Finding],
    has_findings: bool,
) -> Result<bool> {
    let mut written = true;
    let mut tell = |option: &str, why: &str| {
        program::tell(&format!("convoy-review: {option}: {why}"));
        written = false;
    };
    // A step's summary may have other authors.
    if let Some(file) = &review.summary
        && let Err(why) = append_summary(file, outcome, standing)
    {
        tell("--summary", &why);
    }
    let Some(file) = &review.sarif else { return Ok(written) };
    if has_findings {
        let found = pipeline::write_sarif(environment, &outcome.convoy_id, file)?;
        if let Err(why) = found {
            tell("--sarif", &why);
        }
    } else {
        // The verdict says why there are none; a file without results would say "clean".
        program::tell(&format!("convoy-review: no findings to write to {}", text::path(file)));
    }
    Ok(written)
}

/// Behind what other authors have written: all together may be so long as one step's
/// summary is shown.
fn append_summary(file: &Path, outcome: &Outcome, standing: &[&Finding]) -> Result<(), String> {
    let there = std::fs::metadata(file).map_or(0, |found| if found.is_file() { found.len() } else { 0 });
    let room = summary::MOST.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
    let text = summary::render(outcome, standing, room).ok_or("it is full: one step's summary has 1 MiB")?;
    outputs::append(file, text.as_bytes()).map_err(|error| base::error::chain(&error))
}

pub(crate) fn print(environment: &Environment, page: &screen::Page<'_>, review: &Review) -> Result<()> {
    if let Some(format) = &review.format {
        // In the place of the page: another program reads it.
        return match pipeline::findings(environment, &page.outcome.convoy_id, format)? {
            Ok(text) => hand_over(&text, true),
            Err(why) => Err(Failure::new(Exit::Unwritten, format!("--format: {why}")).into()),
        };
    }
    if review.json {
        let mut json = serde_json::to_value(page.outcome)?;
        if let Some(rounds) = page.rounds {
            json["rounds"] = serde_json::to_value(rounds)?;
        }
        return hand_over(&format!("{}\n", serde_json::to_string_pretty(&json)?), true);
    }
    let style = Style::of_stdout(environment);
    let text = screen::render(page, &style, &Links::to(environment, &style, page.project));
    // Below the live picture, where there was one.
    if std::io::stderr().is_terminal() {
        program::tell("");
    }
    if style.whole { hand_over(&text, false) } else { Ok(pager::show(environment, &text)?) }
}

fn hand_over(text: &str, json: bool) -> Result<()> {
    match program::print(text) {
        // A person who went away has the exit code all the same; a program that asked
        // for the result has not got it.
        Err(error) if error.kind() == ErrorKind::BrokenPipe && !json => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Unwritten, "the reader of standard output went away").into())
        }
        printed => Ok(printed?),
    }
}
