//! What a project says of its own review, and the guidelines for reviewers: read
//! from the base, never from the work tree or the commit under review.

use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::text;
use protocol::plan::Guidelines;

use super::{OfProject, Own, PROJECT_FILE, read_of_project};
use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::project::Project;
use crate::project_git::{CommitUnderReview, DiffBase, ProjectGit};
use crate::source::UTF8;

/// Longer settings, and longer guidelines, are no such thing.
const LONGEST: u64 = 64 * 1024;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    pub project: Option<OfProject>,
    pub guidelines: Option<Guidelines>,
    /// Did the user name the guidelines, and not the project?
    pub own_guidelines: bool,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
}

/// Reads both. `base` is that of the review; where it has none, it is where what is
/// under review left the default branch.
pub fn read(
    environment: &Environment,
    place: &Project,
    own: Option<&Own>,
    base: Option<&DiffBase>,
    commit: Option<&CommitUnderReview>,
) -> Result<Trusted, Vec<Diagnostic>> {
    let one = |problem| vec![problem];
    let heeds = own.and_then(|own| own.settings.project_file).unwrap_or(true);
    let wanted = own.and_then(|own| own.settings.guidelines.as_ref()).map(EncodedPath::as_path);
    // Out of the project it is the user's own file, as it is.
    let outside = wanted.filter(|path| path.is_absolute() && !path.starts_with(&place.root));
    let inside = wanted.filter(|_| outside.is_none());
    let inside = inside.map(|path| path.strip_prefix(&place.root).unwrap_or(path));
    let mut out = Trusted { own_guidelines: wanted.is_some(), ..Trusted::default() };
    if let Some(path) = outside {
        let file = own.map(|own| own.file.as_str()).unwrap_or_default();
        out.guidelines = Some(read_outside(path).map_err(|problem| one(problem.in_file(file)))?);
    }
    let lies_here = heeds && place.root.join(PROJECT_FILE).symlink_metadata().is_ok();
    let git = ProjectGit::open(environment, &place.root).map_err(one)?;
    let found = match (&git, base) {
        (Some(_), Some(base)) => Ok(base.clone()),
        (Some(git), None) => git.trusted_base(commit),
        (None, _) => Err(Diagnostic::new("this is no git project")),
    };
    let (git, base) = match (git.as_ref(), found) {
        (Some(git), Ok(base)) => (git, base),
        (_, Err(why)) => {
            let why = format!("there is no base that it could be read from ({why})");
            if lies_here {
                out.notes.push(format!("{PROJECT_FILE} does not count: {why}"));
            }
            if let Some(path) = inside {
                out.notes.push(format!("guidelines {} are not given: {why}", text::path(path)));
            }
            return Ok(out);
        }
        (None, Ok(_)) => return Ok(out),
    };
    if heeds {
        out.project = project(git, &base)?;
        if out.project.is_none() && lies_here {
            out.notes.push(format!("{PROJECT_FILE} does not count: it is no file of {}", base.shown));
        }
    }
    let theirs = out.project.as_ref().and_then(|project| project.settings.guidelines.clone());
    let path: Option<PathBuf> = match (wanted, theirs) {
        (Some(_), _) => inside.map(Path::to_path_buf),
        (None, theirs) => theirs.map(|path| path.as_path().to_path_buf()),
    };
    if let Some(path) = path {
        match text_at(git, &base, &path).map_err(one)? {
            Some(text) => {
                let source = format!("{} as of {}", text::path(&path), base.shown);
                out.guidelines = Some(Guidelines { source, text });
            }
            None => out.notes.push(format!(
                "guidelines {} are not given: they are no file of {}",
                text::path(&path),
                base.shown
            )),
        }
    }
    Ok(out)
}

/// What the project says, as of the base.
fn project(git: &ProjectGit<'_>, base: &DiffBase) -> Result<Option<OfProject>, Vec<Diagnostic>> {
    let name = format!("{PROJECT_FILE} as of {}", base.shown);
    let Some(text) = text_at(git, base, Path::new(PROJECT_FILE)).map_err(|problem| vec![problem])? else {
        return Ok(None);
    };
    read_of_project(&Source { name, text }, &base.shown).map(Some).map_err(|problems| {
        let hint = "fix it there, or review without it: pan init --project-file false";
        problems
            .into_iter()
            .map(|problem| match &problem.hint {
                Some(_) => problem,
                None => problem.hint(hint),
            })
            .collect()
    })
}

fn text_at(git: &ProjectGit<'_>, base: &DiffBase, path: &Path) -> Result<Option<String>, Diagnostic> {
    let shown = || format!("{} as of {}", text::path(path), base.shown);
    let Some(bytes) = git.file_at(base, path, LONGEST)? else { return Ok(None) };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| Diagnostic::new("it is not UTF-8 text").in_file(shown()).hint(UTF8))
}

/// The user's own file.
fn read_outside(path: &Path) -> Result<Guidelines, Diagnostic> {
    let shown = text::path(path);
    let wrong = |why: String| {
        Diagnostic::new(format!("'guidelines': cannot read {shown}: {why}"))
            .hint("pan init --guidelines FILE")
    };
    let found = base::files::find(path).map_err(|error| wrong(error.to_string()))?;
    let found = found.ok_or_else(|| wrong("it is not there".to_owned()))?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(wrong(format!("it is no file of at most {} KB", LONGEST >> 10)));
    }
    let bytes = base::files::read(path).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
    Ok(Guidelines { source: shown, text })
}
