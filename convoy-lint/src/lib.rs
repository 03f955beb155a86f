//! The embedded reviewer: deterministic static rules over source files, one
//! domain at a time. No AI, no network, nothing of the project is executed.
//!
//! What is read from the project is hostile: it never chooses rules, never
//! breaks the structure of the report, and never ends the program.
//!
//! `cli` → `collect` (which files) → `source` (is one file fit to be read) →
//! `scan` (rules of `pack` over its tree, values followed by `flow`) →
//! `joined` (what other linters say) → `compare` (of a `change`: what stood there before) and `facts` (about it) → `finding` (order, duplicates, caps) → `report`.

mod ascii;
pub mod change;
mod cli;
pub mod collect;
mod compare;
pub mod domain;
pub mod examples;
mod facts;
pub mod finding;
pub mod fix;
pub mod flow;
mod imports;
pub mod joined;
pub mod language;
pub mod pack;
mod pattern;
pub mod report;
pub mod review;
pub mod rule;
pub mod scan;
pub mod source;
mod spot;
mod suppress;
mod tree;
mod wording;

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

use base::environment::Environment;
use base::exit::Exit;
use base::outputs;
use base::program::{self, Failure};
use findings::sealed;

use change::Change;
use cli::{Cli, Format, Verb};
use collect::Targets;
use domain::Domain;
use finding::Finding;
use joined::handed::Handed;
use joined::{Joining, Which};
use language::Language;
use pack::PackFiles;
use planning::config::Config;
use planning::joined::Joined;
use review::Review;

/// Runs the program with the process's arguments.
pub fn run() -> Result<Exit, Failure> {
    if matches!(command_line::on_request::<Cli>(std::env::args_os()), Ok(true)) {
        return Ok(Exit::Done);
    }
    let cli = command_line::parse::<Cli>("convoy-lint")?;
    let environment = Environment::read()?;
    if let Some(Verb::Test { dir }) = &cli.verb {
        return test(dir);
    }
    let mut packs = PackFiles::built_in();
    packs.add_user_dir(&environment.home.join("rules"))?;
    for dir in &cli.rules {
        packs.add_named_dir(dir)?;
    }
    let domains = cli.domains();
    if cli.list_rules {
        let text = report::rule_list(&packs, &domains, cli.format == Format::Json)?;
        return emit(&text, cli.output.as_deref());
    }
    let project = environment.current_dir.join(&cli.project);
    let joining = joining(&cli, &environment)?;
    let look = || match &cli.diff {
        Some(base) => of_change(&cli, &joining, &project, &packs, base),
        None => of_files(&cli, &joining, &project, &packs),
    };
    let mut review = look()?;
    if cli.fix {
        let said = fix::write(&collect::whole(&project)?, &review.findings);
        for line in &said {
            program::tell(&format!("convoy-lint: {line}"));
        }
        if said.is_empty() {
            program::tell("convoy-lint: nothing was found that a rule can fix");
        } else {
            review = look()?;
        }
    }
    for (format, path) in &cli.also {
        emit(&rendered(&review, *format)?, Some(path))?;
    }
    let mut text = rendered(&review, cli.format)?;
    if cli.format != Format::Md {
        program::tell(&format!("convoy-lint: {}", report::summary(&review)));
    } else if cli.output.is_none() && is_pipe(io::stdout().as_fd()) {
        // The next program is not left with prose.
        text =
            sealed::seal(&text, &report::document::of(&review)).map_err(|error| report::no_json(&error))?;
    }
    let done = emit(&text, cli.output.as_deref())?;
    match joining.missed(&review.voices) {
        Some(missed) => Err(missed),
        None => Ok(done),
    }
}

/// Tries rules on their examples.
fn test(dir: &Path) -> Result<Exit, Failure> {
    let mut packs = PackFiles::default();
    packs.add_named_dir(dir)?;
    let pack = packs.compile(&Domain::ALL, &Language::ALL.iter().copied().collect())?;
    let mut out = String::new();
    let mut failed = 0;
    let rules = pack.rules();
    for id in rules.keys() {
        let examples = dir.join(examples::DIRECTORY).join(id);
        let wrong = examples::check(&pack, id, &examples).map_err(|error| {
            Failure::of_io(
                Exit::Usage,
                format_args!("cannot read the examples {}", base::text::path(&examples)),
                &error,
            )
        })?;
        failed += usize::from(!wrong.is_empty());
        let _ = writeln!(out, "{}  {id}", if wrong.is_empty() { "ok  " } else { "FAIL" });
        for what in &wrong {
            let _ = writeln!(out, "      {what}");
        }
    }
    let _ = writeln!(out, "{}, {failed} failed", base::style::count(rules.len() as u64, "rule"));
    emit(&out, None)?;
    Ok(if failed == 0 { Exit::Done } else { Exit::No })
}

/// Which other linters are heard.
fn joining<'e>(cli: &Cli, environment: &'e Environment) -> Result<Joining<'e>, Failure> {
    let usage = |what: String| Failure::new(Exit::Usage, what);
    let told = match cli.joined_from.as_deref().filter(|file| !file.is_empty()) {
        Some(file) => joined::told(file.as_ref())?,
        None => Joined::default(),
    };
    let asked = told.join.as_deref().map(Which::parse).transpose().map_err(usage)?;
    let which = match cli.join.clone().or(asked) {
        Some(which) => which,
        None if Config::of(environment)?.join == Some(false) => Which::None,
        None => Which::Installed,
    };
    let mut handed = cli.handed().map_err(usage)?;
    for one in told.handed {
        handed.push(Handed::of_text(one).map_err(usage)?);
    }
    let roots = told.roots.iter().map(|root| root.as_path().to_owned()).collect();
    Ok(Joining { environment, which, limit: Duration::from_millis(cli.join_timeout), handed, roots })
}

/// Files that were named, or all; with a base what is new among their findings is marked.
fn of_files(cli: &Cli, joining: &Joining<'_>, project: &Path, packs: &PackFiles) -> Result<Review, Failure> {
    let targets = Targets::from_arguments(project, cli.files_from.as_deref(), &cli.paths)?;
    let base = cli.base.as_deref().filter(|base| !base.is_empty());
    let change = base.map(|base| Change::since_commit(joining.environment, project, base)).transpose()?;
    review::review(packs, &cli.domains(), targets, change.as_ref(), joining)
}

/// What a change made.
fn of_change(
    cli: &Cli,
    joining: &Joining<'_>,
    project: &Path,
    packs: &PackFiles,
    base: &str,
) -> Result<Review, Failure> {
    let change = Change::since_fork(joining.environment, project, base)?;
    let mut targets = if cli.paths.is_empty() && cli.files_from.is_none() {
        Targets::of_files(project, &change.files)?
    } else {
        Targets::from_arguments(project, cli.files_from.as_deref(), &cli.paths)?
    };
    targets.keep(&change.files);
    let project = targets.project.clone();
    let mut review = review::review(packs, &cli.domains(), targets, Some(&change), joining)?;
    // Where the base does not tell, the lines do.
    let lines = if review.not_compared.is_empty() { None } else { Some(change.lines(&project)?) };
    let is_new =
        |one: &Finding| one.new.unwrap_or_else(|| lines.as_ref().is_none_or(|lines| lines.hold(one)));
    let all = review.findings.len();
    review.findings.retain(is_new);
    review.suppressed.retain(is_new);
    let (files, old) = (change.files.len() as u64, (all - review.findings.len()) as u64);
    let files = base::style::count(files, "file");
    let old = base::style::count(old, "finding");
    program::tell(&format!(
        "convoy-lint: {files} changed since {}; {old} from before left out",
        change.shown
    ));
    for note in report::not_compared(&review) {
        program::tell(&format!("convoy-lint: {note}"));
    }
    Ok(review)
}

fn rendered(review: &Review, format: Format) -> Result<String, Failure> {
    match format {
        Format::Md => Ok(report::md::render(review)),
        Format::Json => report::json::render(review),
        Format::Findings => report::to_json(&report::document::of(review)),
        Format::Sarif => report::sarif::render(review),
    }
}

/// A pipe to another program, as opposed to a terminal or a file that people read.
fn is_pipe(output: BorrowedFd<'_>) -> bool {
    let file = output.try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata()).is_ok_and(|facts| facts.file_type().is_fifo())
}

fn emit(text: &str, output: Option<&Path>) -> Result<Exit, Failure> {
    let written = match output {
        Some(path) => outputs::write(path, text.as_bytes()).map_err(Failure::from),
        None => program::print(text).map_err(|error| Failure::from_chain([&error as _].into_iter())),
    };
    written.map_err(unwritten)?;
    Ok(Exit::Done)
}

/// That nothing was found is exit 0 as well: what could not be told is neither.
fn unwritten(failure: Failure) -> Failure {
    // A reader that went away is no failure.
    let exit = if failure.exit == Exit::Done { Exit::Done } else { Exit::State };
    Failure { exit, ..failure }
}
