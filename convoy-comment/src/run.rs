//! From the arguments to what was done.

use std::io::Read;
use std::path::Path;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use base::text;
use planning::diagnostic;
use planning::project_git::ProjectGit;

use crate::api::{Api, Problem};
use crate::body;
use crate::check::{self, Check};
use crate::cli::Arguments;
use crate::document::Document;
use crate::plan::{Plan, Present, Wanted, Where, plan};
use crate::publish::{Forbidden, publish};
use crate::service::{self, Pull};
use crate::target::{Repository, Service, Sought, Target};

/// Bytes of findings.
const MOST: u64 = 256 << 20;
/// Where a project's pull requests may be, in this order.
const REMOTES: [&str; 2] = ["upstream", "origin"];

pub(crate) fn run(environment: &Environment, arguments: &Arguments) -> Result<Exit> {
    let document = if arguments.ready { Document::default() } else { read(environment, &arguments.file)? };
    let sought = sought(environment, arguments)?;
    let (target, api) = find(environment, &sought, arguments.wait / 1000)?;
    let pull = Pull { api: &api, target: &target };
    let present = pull.look(&arguments.name).map_err(|problem| unread(&target, &problem))?;
    if arguments.ready {
        return Ok(Exit::Done);
    }
    let wanted = Wanted {
        service: target.repository.service,
        name: arguments.name.clone(),
        commit: arguments.commit.clone(),
        most_inline: arguments.lines,
    };
    let plan = plan(&document, &present, &wanted);
    if arguments.dry_run {
        program::print(&told(&document, &plan, &target, &present, &wanted))?;
        return Ok(Exit::Done);
    }
    let check = (!arguments.no_check).then(|| Check::of(&document, &arguments.name));
    match publish(&pull, &document, &present, &wanted, plan, check.as_ref()) {
        Ok(done) => {
            for note in &done.notes {
                program::tell(&format!("convoy-comment: {note}"));
            }
            for problem in &done.problems {
                program::tell(&format!("convoy-comment: not published: {problem}"));
            }
            let text = if arguments.json { serde_json::to_string_pretty(&done)? } else { done.told() };
            program::print(&format!("{text}\n"))?;
            Ok(if done.problems.is_empty() { Exit::Done } else { Exit::Unwritten })
        }
        Err(Forbidden(problem)) => annotate(environment, &document, &target, &problem),
    }
}

/// A fork's pull request has a token that only reads: then the runner of the pipeline
/// shows the findings.
fn annotate(
    environment: &Environment,
    document: &Document,
    target: &Target,
    problem: &Problem,
) -> Result<Exit> {
    let in_actions = environment.var("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    if !in_actions || target.repository.service != Service::GitHub {
        let message = format!("{} may not be written to: {problem}", target.url());
        let hint = match target.repository.service {
            Service::GitHub => {
                "gh auth status shows who asks; a token needs the right to write pull requests"
            }
            Service::GitLab => "glab auth status shows who asks; a token needs the scope api",
        };
        return Err(Failure::new(Exit::Unwritten, message).hint(hint).into());
    }
    program::tell(&format!(
        "convoy-comment: {} may not be written to ({problem}): the findings are annotations of this run instead, of which a step shows ten of each level",
        target.url()
    ));
    program::print(&(check::workflow_commands(document).join("\n") + "\n"))?;
    Ok(Exit::Done)
}

fn read(environment: &Environment, file: &Path) -> Result<Document, Failure> {
    let shown = if file == Path::new("-") { "standard input".to_owned() } else { text::path(file) };
    let mut json = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_end(&mut json)
    } else {
        std::fs::File::open(environment.current_dir.join(file))
            .and_then(|file| file.take(MOST).read_to_end(&mut json))
    };
    read.map_err(|error| Failure::of_io(Exit::Usage, format!("cannot read {shown}"), &error))?;
    Document::read(&json).map_err(|why| {
        let message = format!("{shown} does not hold merged findings: {}", text::visible(&why));
        Failure::new(Exit::Usage, message)
            .hint("pan merge FILE… --format json and pan convoy findings --format json write them")
    })
}

fn sought(environment: &Environment, arguments: &Arguments) -> Result<Sought, Failure> {
    if let Some(url) = &arguments.pr_url {
        return Target::parse(url).map(Sought::Target).ok_or_else(|| {
            let message = format!("--pr-url {}: no address of a pull request", text::visible(url));
            Failure::new(Exit::Usage, message)
                .hint("https://HOST/OWNER/NAME/pull/7, https://HOST/GROUP/NAME/-/merge_requests/7")
        });
    }
    if let Some(sought) = Sought::of_environment(environment) {
        return Ok(sought);
    }
    of_checkout(environment)?.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "which pull request is not known: no pipeline, and no branch with a remote here",
        )
        .hint("name it: --pr-url URL")
    })
}

/// The branch that is checked out, and where its pull request may be.
fn of_checkout(environment: &Environment) -> Result<Option<Sought>, Failure> {
    let failure = |problem| diagnostic::failure(&[problem], "");
    let Some(git) = ProjectGit::open(environment, &environment.current_dir).map_err(failure)? else {
        return Ok(None);
    };
    let Some(branch) = git.branch().map_err(failure)? else { return Ok(None) };
    let mut repositories = Vec::new();
    for name in REMOTES {
        let url = git.remote(name).map_err(failure)?;
        repositories.extend(url.as_deref().and_then(Repository::of_remote));
    }
    let from = repositories.last().cloned();
    Ok(from.map(|from| Sought::Branch { repositories, from, branch }))
}

/// The pull request that is meant, and how it is reached. `patience`: seconds.
fn find<'e>(
    environment: &'e Environment,
    sought: &Sought,
    patience: u64,
) -> Result<(Target, Api<'e>), Failure> {
    let (repositories, from, branch) = match sought {
        Sought::Target(target) => {
            return Ok((target.clone(), Api::new(environment, &target.repository, patience)?));
        }
        Sought::Branch { repositories, from, branch } => (repositories, from, branch),
    };
    for repository in repositories {
        let api = Api::new(environment, repository, patience)?;
        let found = service::find(&api, repository, from, branch).map_err(|problem| {
            let message = format!("the pull requests of {} cannot be read: {problem}", repository.name);
            Failure::new(Exit::Unwritten, message).hint(log_in(repository))
        })?;
        if let Some(target) = found {
            return Ok((target, api));
        }
    }
    let message = format!("the branch {} has no open pull request", text::visible(branch));
    Err(Failure::new(Exit::Usage, message).hint("open one, or name it: --pr-url URL"))
}

fn unread(target: &Target, problem: &Problem) -> Failure {
    let message = format!("{} cannot be read: {problem}", target.url());
    Failure::new(Exit::Unwritten, message).hint(log_in(&target.repository))
}

fn log_in(repository: &Repository) -> String {
    let name = repository.service.program();
    match repository.service {
        Service::GitHub => {
            format!("{name} auth status --hostname {}; in GitHub Actions: env GH_TOKEN", repository.host)
        }
        Service::GitLab => {
            format!("{name} auth status --hostname {}; in a pipeline: env GITLAB_TOKEN", repository.host)
        }
    }
}

/// What would be done, for a person to read.
fn told(document: &Document, plan: &Plan<'_>, target: &Target, present: &Present, wanted: &Wanted) -> String {
    let mut lines = vec![format!("pull request: {}", target.url())];
    for (told, place) in &plan.places {
        if let Where::Inline(n) = place {
            let inline = &plan.inline[*n];
            let title = text::visible(&told.finding.title);
            lines.push(format!("comment on {}:{}: {title}", text::visible(&inline.file), inline.spot.to));
        }
    }
    lines.extend(plan.resolve.iter().map(|thread| format!("resolve conversation {}", text::visible(thread))));
    lines.push(match &plan.update {
        Some(id) => format!("update comment {}:", text::visible(id)),
        None => "make this comment:".to_owned(),
    });
    let at = (present.head.as_str(), wanted.name.as_str(), wanted.commit.as_deref());
    let body = body::summary(document, plan, target, at);
    lines.extend(body.lines().map(|line| format!("    {}", text::visible(line)).trim_end().to_owned()));
    lines.join("\n") + "\n"
}
