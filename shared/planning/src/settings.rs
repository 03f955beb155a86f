//! Settings of one project: the user's own, and what the project itself says in
//! `.convoy.toml`. Pure; [`trusted`] reads the second from the base of a review.
//!
//! The user's own count as they are. A project can only make its review stricter:
//! what it says comes with the change of whoever wrote it, so it is read as of the
//! base, and what could hide a defect, spend money or choose who looks is not heeded.

pub mod trusted;

use std::ffi::OsString;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::text::visible;
use findings::Severity;
use findings::changed::GateOn;
use protocol::plan::Gate;

use crate::diagnostic::Diagnostic;
use crate::document::{Source, Value, parse_toml};
use crate::fields::{Fields, Found, Reader, boolean, filled_text, word};
use crate::file_pattern::FilePattern;
use crate::runner::{Choice, choice};

/// The project's own file, at its top.
pub(crate) const PROJECT_FILE: &str = ".convoy.toml";
/// The table of the user's file that says which project it is of, and what is in it.
pub const PLACE: &str = "project";
/// Keys that say which project a file is of, and set nothing.
pub const PLACE_KEYS: [&str; 2] = ["directory", "identity"];
/// All that can be set, as the user's file calls it.
pub const KEYS: [&str; 7] = ["runner", "gate", "gate-on", "verify", "exclude", "guidelines", "project-file"];
/// What a project may set.
const OF_PROJECT: [&str; 3] = ["gate", "gate-on", "guidelines"];
/// What it may not: who looks and for whose money, and what nobody looks at.
const NOT_OF_PROJECT: [&str; 3] = ["runner", "verify", "exclude"];

/// Are findings looked at again by a verifier?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verify {
    /// Where an AI reviews.
    #[default]
    Auto,
    Always,
    Never,
}

impl Verify {
    pub(crate) const ALL: [(&str, Verify); 3] =
        [("auto", Verify::Auto), ("always", Verify::Always), ("never", Verify::Never)];

    /// Its key in files.
    pub fn name(self) -> &'static str {
        match self {
            Verify::Auto => "auto",
            Verify::Always => "always",
            Verify::Never => "never",
        }
    }

    /// The setting of a key; `None`: there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Verify::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, verify)| verify)
    }
}

/// What somebody set; `None` is left to whoever comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub runner: Option<Choice>,
    pub gate: Option<Severity>,
    pub gate_on: Option<GateOn>,
    pub verify: Option<Verify>,
    /// Patterns, relative to the top of the project.
    pub exclude: Vec<EncodedPath>,
    /// A file for reviewers: relative to the top of the project, where it counts as of
    /// the base, or absolute.
    pub guidelines: Option<EncodedPath>,
    /// Does the project's own file count? (Only the user says that.)
    pub project_file: Option<bool>,
}

/// The user's settings of a project, and the file they are in as people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub file: String,
    pub settings: Settings,
}

/// What a project says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfProject {
    /// As of which commit, for people: "main (1a2b3c4)".
    pub base: String,
    /// Of it what a project may set.
    pub settings: Settings,
    /// Keys that a project may not set.
    pub refused: Vec<&'static str>,
    /// Keys that this build does not know.
    pub unknown: Vec<String>,
}

/// Who said what counts, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    CommandLine,
    Own,
    Project,
    Default,
}

/// What is asked for now, and what the change has to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    pub gate: Option<Severity>,
    pub gate_on: Option<GateOn>,
    /// Is there a base, so that it can be told what is new?
    pub has_base: bool,
}

/// The gate that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub gate: (Severity, SetBy),
    pub gate_on: (GateOn, SetBy),
    /// What of the project's file does not count, one line each.
    pub notes: Vec<String>,
}

/// Reads the user's own settings; on failure all problems.
pub fn read_own(source: &Source) -> Result<Settings, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source).help("pan init shows the settings, and sets them");
    let mut settings = Settings::default();
    if let Some(fields) = reader.table(&node, "the settings") {
        let known: Vec<&str> = KEYS.into_iter().chain([PLACE]).collect();
        reader.known(&fields, &known);
        settings = read_shared(&mut reader, &fields);
        settings.runner = reader.optional(&fields, "runner", choice).map(value);
        settings.verify = reader.optional(&fields, "verify", word(&Verify::ALL)).map(value);
        settings.exclude =
            reader.list(&fields, "exclude", pattern).unwrap_or_default().into_iter().map(value).collect();
        if let Some(place) = fields.node(PLACE).and_then(|node| reader.table(node, "'project'")) {
            reader.known(&place, &PLACE_KEYS);
        }
        settings.project_file = reader.optional(&fields, "project-file", boolean).map(value);
    }
    if reader.has_problems() { Err(reader.into_problems()) } else { Ok(settings) }
}

/// Reads what a project says of itself. What it may not set is not even looked at.
pub(crate) fn read_of_project(source: &Source, base: &str) -> Result<OfProject, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source);
    let mut out = OfProject { base: base.to_owned(), ..OfProject::default() };
    if let Some(fields) = reader.table(&node, PROJECT_FILE) {
        out.settings = read_shared(&mut reader, &fields);
        out.refused = NOT_OF_PROJECT.into_iter().filter(|key| fields.node(key).is_some()).collect();
        let keys = fields.entries.iter().map(|entry| entry.key.as_str());
        let unknown = keys.filter(|key| !OF_PROJECT.contains(key) && !NOT_OF_PROJECT.contains(key));
        out.unknown = unknown.map(visible).collect();
        if let Some(path) = out.settings.guidelines.as_ref().filter(|path| leads_out(path.as_path())) {
            let at = fields.node("guidelines").map_or(fields.at, |node| node.at);
            let path = base::text::path(path.as_path());
            reader.problem(at, format!("'guidelines' in {PROJECT_FILE}: '{path}' is no file of the project"));
        }
    }
    if reader.has_problems() { Err(reader.into_problems()) } else { Ok(out) }
}

/// What both may set.
fn read_shared(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Settings {
    let level = |level: Severity| (level.name(), level);
    let levels: Vec<_> =
        Severity::ALL.into_iter().filter(|one| *one != Severity::Unrated).map(level).collect();
    let gate_on = [GateOn::New, GateOn::All].map(|on| (on.name(), on));
    Settings {
        gate: reader.optional(fields, "gate", word(&levels)).map(value),
        gate_on: reader.optional(fields, "gate-on", word(&gate_on)).map(value),
        guidelines: reader
            .optional(fields, "guidelines", filled_text)
            .map(|found| EncodedPath::from(found.value)),
        ..Settings::default()
    }
}

fn value<T>(found: Found<T>) -> T {
    found.value
}

/// A pattern of files, from the top of the project.
fn pattern(value: &Value) -> Result<EncodedPath, String> {
    let text = filled_text(value)?;
    check_pattern(&text)?;
    Ok(EncodedPath::from(text))
}

/// Is this a pattern that `exclude` can hold? Else why not.
pub fn check_pattern(text: &str) -> Result<(), String> {
    FilePattern::new("", text).map(|_| ()).map_err(|error| error.to_string())
}

fn leads_out(path: &Path) -> bool {
    use std::path::Component::{CurDir, Normal};
    !path.components().all(|part| matches!(part, Normal(_) | CurDir))
}

impl Own {
    /// The patterns of `exclude` as a selection takes them.
    pub(crate) fn excludes(&self) -> Vec<OsString> {
        self.settings.exclude.iter().map(|one| one.as_path().as_os_str().to_owned()).collect()
    }
}

/// Command line, the user's settings, the project's as far as they are stricter, defaults.
pub fn resolve(asked: Asked, own: Option<&Own>, project: Option<&OfProject>) -> Resolved {
    let mut notes = Vec::new();
    let mine = own.map(|own| &own.settings);
    let theirs = project.map(|project| (&project.settings, project.base.as_str()));
    let level = Severity::from_name(&Gate::default().level).unwrap_or(Severity::High);
    let gate = asked.gate.map(|gate| (gate, SetBy::CommandLine));
    let gate = gate.or_else(|| mine?.gate.map(|gate| (gate, SetBy::Own)));
    let mut gate = gate.unwrap_or((level, SetBy::Default));
    if let Some((wanted, base)) = theirs.and_then(|(theirs, base)| Some((theirs.gate?, base))) {
        let stricter = wanted < gate.0;
        if stricter && gate.1 == SetBy::Default {
            gate = (wanted, SetBy::Project);
        } else if wanted != gate.0 {
            notes.push(outdone("gate", wanted.name(), base, stricter, gate.0.name(), gate.1));
        }
    }
    // Without a base it cannot be told what is new: then it is no wish that could be met.
    let on = if asked.has_base { GateOn::New } else { GateOn::All };
    let mine = mine.and_then(|mine| mine.gate_on).filter(|on| asked.has_base || *on == GateOn::All);
    let gate_on = asked.gate_on.map(|on| (on, SetBy::CommandLine));
    let mut gate_on = gate_on.or_else(|| mine.map(|on| (on, SetBy::Own))).unwrap_or((on, SetBy::Default));
    if let Some((wanted, base)) = theirs.and_then(|(theirs, base)| Some((theirs.gate_on?, base)))
        && wanted != gate_on.0
    {
        let stricter = wanted == GateOn::All;
        if stricter && gate_on.1 == SetBy::Default {
            gate_on = (wanted, SetBy::Project);
        } else {
            notes.push(outdone("gate-on", wanted.name(), base, stricter, gate_on.0.name(), gate_on.1));
        }
    }
    if let Some(project) = project {
        if !project.refused.is_empty() {
            let verb = if project.refused.len() == 1 { "does" } else { "do" };
            let keys = project.refused.join(" and ");
            notes.push(format!(
                "{}: {keys} {verb} not count: a project cannot choose who reviews it, nor what is left out",
                project.shown()
            ));
        }
        if !project.unknown.is_empty() {
            notes.push(format!("{}: unknown: {}", project.shown(), project.unknown.join(", ")));
        }
    }
    Resolved { gate, gate_on, notes }
}

impl OfProject {
    /// `.convoy.toml as of main (1a2b3c4)`
    pub fn shown(&self) -> String {
        shown(&self.base)
    }
}

fn shown(base: &str) -> String {
    format!("{PROJECT_FILE} as of {base}")
}

/// What the project asked for in vain.
fn outdone(key: &str, wanted: &str, base: &str, stricter: bool, counts: &str, from: SetBy) -> String {
    let counted = match from {
        SetBy::CommandLine => format!("{wanted}: --{key} {counts} counts"),
        SetBy::Own => format!("{wanted}: your setting {counts} counts"),
        SetBy::Project | SetBy::Default if stricter => format!("{wanted}: {counts} counts"),
        SetBy::Project | SetBy::Default => {
            format!(
                "{wanted} does not count: it is weaker than {counts}, and a project cannot weaken its review"
            )
        }
    };
    format!("{}: {key} {counted}", shown(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> Result<Settings, String> {
        let source = Source { name: "p.toml".to_owned(), text: text.to_owned() };
        let line = |p: &Diagnostic| format!("{p} {}\n", p.hint.clone().unwrap_or_default());
        read_own(&source).map_err(|problems| problems.iter().map(line).collect())
    }

    fn project(text: &str) -> Result<OfProject, String> {
        let source = Source { name: PROJECT_FILE.to_owned(), text: text.to_owned() };
        read_of_project(&source, "main (1a2b3c4)")
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn resolved(asked: Asked, mine: &str, theirs: &str) -> Resolved {
        let mine = Own { file: "p.toml".to_owned(), settings: own(mine).unwrap() };
        resolve(asked, Some(&mine), Some(&project(theirs).unwrap()))
    }

    const CHANGE: Asked = Asked { gate: None, gate_on: None, has_base: true };

    #[test]
    fn every_key_is_read() {
        assert_eq!(own(""), Ok(Settings::default()));
        let text = "runner = \"claude\"\ngate = \"low\"\ngate-on = \"all\"\nexclude = [\"dist/**\", \"*.min.js\"]\n\
                    guidelines = \"docs/r.md\"\nproject-file = false\n[project]\ndirectory = \"/x\"\n";
        let settings = own(text).unwrap();
        assert_eq!(settings.runner.unwrap().to_string(), "claude");
        assert_eq!((settings.gate, settings.gate_on), (Some(Severity::Low), Some(GateOn::All)));
        assert_eq!(settings.exclude.len(), 2);
        assert_eq!(settings.guidelines.unwrap().as_path(), Path::new("docs/r.md"));
        assert_eq!(settings.project_file, Some(false));
    }

    #[test]
    fn mistakes_of_the_user_have_a_place() {
        for (text, want) in [
            ("\ngat = \"low\"", "p.toml:2:1: unknown key 'gat' in the settings did you mean 'gate'?"),
            ("gate = \"hihg\"", "p.toml:1:8: 'gate' in the settings: 'hihg' is none of blocker, critical,"),
            ("gate = \"unrated\"", "'unrated' is none of"),
            ("gate-on = \"old\"", "none of new, all"),
            ("runner = \"a b\"", "p.toml:1:10"),
            ("exclude = \"dist\"", "expected a list"),
            ("exclude = [\"../x\"]", "p.toml:1:12"),
            ("guidelines = \" \"", "it is empty"),
            ("project-file = 1", "expected true or false"),
            ("project = { gate = \"low\" }", "unknown key 'gate' in 'project'"),
            ("gate =", "not TOML"),
        ] {
            let problems = own(text).unwrap_err();
            assert!(problems.contains(want), "{want:?} not in {problems:?}");
        }
    }

    #[test]
    fn of_a_project_only_what_can_be_stricter_is_read() {
        let found =
            project("runner = 7\nexclude = \"**\"\ngate = \"medium\"\nproject-file = true\nfuture = 1\n")
                .unwrap();
        assert_eq!(found.settings, Settings { gate: Some(Severity::Medium), ..Settings::default() });
        assert_eq!(found.refused, ["runner", "exclude"]);
        assert_eq!(found.unknown, ["project-file", "future"]);
        for path in ["/etc/passwd", "../x.md", "a/../../x"] {
            let problems = project(&format!("guidelines = \"{path}\"")).unwrap_err();
            assert!(problems.contains("is no file of the project"), "{problems}");
        }
        assert!(project("gate = \"hihg\"").unwrap_err().contains(".convoy.toml:1:8"));
    }

    #[test]
    fn who_is_nearest_decides_and_a_project_only_makes_it_stricter() {
        use Severity::{Critical, High, Low, Medium};
        let gate = |asked: Option<Severity>, mine: &str, theirs: &str| {
            let resolved = resolved(Asked { gate: asked, ..CHANGE }, mine, theirs);
            (resolved.gate.0, resolved.gate.1, resolved.notes.join("; "))
        };
        let low = "gate = \"low\"";
        assert_eq!(gate(Some(Critical), "gate = \"medium\"", "").0, Critical);
        assert_eq!(gate(None, "gate = \"critical\"", ""), (Critical, SetBy::Own, String::new()));
        assert_eq!(gate(None, "", low), (Low, SetBy::Project, String::new()));
        assert_eq!(gate(None, "", ""), (High, SetBy::Default, String::new()));
        assert_eq!(gate(None, "", "gate = \"high\""), (High, SetBy::Default, String::new()));
        let weaker = gate(None, "", "gate = \"critical\"");
        assert_eq!((weaker.0, weaker.1), (High, SetBy::Default));
        assert!(
            weaker.2.contains("gate critical does not count: it is weaker than high")
                && weaker.2.contains("main (1a2b3c4)"),
            "{weaker:?}"
        );
        let mine = gate(None, "gate = \"medium\"", low);
        assert_eq!((mine.0, mine.1), (Medium, SetBy::Own));
        assert!(mine.2.ends_with("gate low: your setting medium counts"), "{mine:?}");
        let typed = gate(Some(High), "gate = \"medium\"", low);
        assert!(typed.0 == High && typed.2.ends_with("gate low: --gate high counts"), "{typed:?}");
    }

    #[test]
    fn what_the_gate_looks_at_is_resolved_the_same_way() {
        let on = |asked: Asked, mine: &str, theirs: &str| {
            let resolved = resolved(asked, mine, theirs);
            (resolved.gate_on.0, resolved.gate_on.1, resolved.notes.len())
        };
        let (all, new) = ("gate-on = \"all\"", "gate-on = \"new\"");
        let files = Asked { has_base: false, ..CHANGE };
        assert_eq!(on(CHANGE, "", ""), (GateOn::New, SetBy::Default, 0));
        assert_eq!(on(CHANGE, all, ""), (GateOn::All, SetBy::Own, 0));
        assert_eq!(on(CHANGE, "", all), (GateOn::All, SetBy::Project, 0));
        assert_eq!(on(CHANGE, new, all), (GateOn::New, SetBy::Own, 1));
        assert_eq!(on(CHANGE, all, new), (GateOn::All, SetBy::Own, 1));
        assert_eq!(on(files, new, ""), (GateOn::All, SetBy::Default, 0), "what is new cannot be told");
        assert_eq!(on(files, "", new), (GateOn::All, SetBy::Default, 1));
        assert_eq!(
            on(Asked { gate_on: Some(GateOn::New), ..CHANGE }, all, all),
            (GateOn::New, SetBy::CommandLine, 1)
        );
    }

    #[test]
    fn what_a_project_may_not_set_and_what_nobody_knows_is_told() {
        let notes = resolved(CHANGE, "", "runner = \"x\"\nexclude = [\"src\"]\nfuture = 1").notes;
        assert_eq!(notes.len(), 2);
        assert!(notes[0].contains("runner and exclude do not count"), "{notes:?}");
        assert!(notes[1].ends_with("unknown: future"), "{notes:?}");
    }
}
