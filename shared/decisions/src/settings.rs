//! The user's settings of a project: `projects/<id>.toml` in the state directory, which
//! a person may edit; whole or not at all, under the lock of all of `projects/`.

use std::path::{Path, PathBuf};

use base::files::{self, Sync};
use base::{lock, text};
use planning::diagnostic::Diagnostic;
use planning::document::Source;
use planning::settings::{Own, PLACE, PLACE_KEYS, Settings, read_own};
use protocol::layout::Home;
use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, value};

use crate::location::Location;

/// A new file: what can be set, and what it does.
const TEMPLATE: &str = "\
# Settings of one project, for convoy; pan init changes them, and so may you.
# What is typed on a command line counts first. docs/convoy-ctl.md has more.

# Who reviews where nobody says otherwise.
# runner = \"claude\"

# Changes are requested if a finding of this level or above stands.
# gate = \"high\"

# What the gate looks at: \"new\" (findings of the change) or \"all\".
# gate-on = \"new\"

# Whether an AI looks again at what was found: \"auto\" (where an AI reviews), \"always\" or \"never\".
# verify = \"auto\"

# Files that nobody reviews, from the top of the project.
# exclude = [\"dist/**\"]

# For AI reviewers; a file of the project counts as of the base of the change.
# guidelines = \"docs/review.md\"

# Does .convoy.toml of the project count, as far as it is stricter?
# project-file = true
";

/// What `pan init` is to change: a key, and its value; `None`: nothing is set any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub key: &'static str,
    pub value: Option<Value>,
}

/// A value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
}

/// The settings of a project; `None`: there are none. What is wrong with them is told
/// with its place.
pub fn read(home: &Home, location: &Location) -> Result<Option<Own>, Vec<Diagnostic>> {
    let Some((path, found)) = find(home, location).map_err(|problem| vec![problem])? else { return Ok(None) };
    let file = text::path(&path);
    let settings = read_own(&Source { name: file.clone(), text: found })?;
    Ok(Some(Own { file, settings }))
}

/// Where the settings are, or would be.
pub fn path(home: &Home, location: &Location) -> PathBuf {
    home.project_settings(&location.id())
}

/// Changes settings, and makes the file if there is none; comments and all else in it stay
/// as they are. What would not be read again is not written.
pub fn change(home: &Home, location: &Location, changes: &[Change]) -> Result<Settings, Vec<Diagnostic>> {
    let one = |error: base::Error| vec![Diagnostic::from(error)];
    files::create_private_dir(&home.projects()).map_err(one)?;
    let _lock = lock::lock(&home.projects_lock()).map_err(one)?;
    let found = find(home, location).map_err(|problem| vec![problem])?;
    let (from, before) = found.map_or((None, TEMPLATE.to_owned()), |(path, text)| (Some(path), text));
    let path = path(home, location);
    let source =
        |text: &str| Source { name: text::path(from.as_ref().unwrap_or(&path)), text: text.to_owned() };
    // What is wrong already is for its author to mend: nothing of it is written over.
    read_own(&source(&before))?;
    let after = edited(&before, location, changes).map_err(|why| vec![Diagnostic::new(why)])?;
    let settings = read_own(&source(&after))?;
    if from.as_ref() != Some(&path) || after != before {
        files::replace(&path, &home.projects(), after.as_bytes(), Sync::Now).map_err(one)?;
        files::sync_dir(&home.projects()).map_err(one)?;
    }
    // Of a directory that was moved: only now, so that it is never in neither.
    if let Some(old) = from.filter(|old| *old != path) {
        files::remove_if_there(&old).map_err(one)?;
    }
    Ok(settings)
}

fn edited(before: &str, location: &Location, changes: &[Change]) -> Result<String, String> {
    let mut document: DocumentMut =
        before.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    for change in changes {
        match &change.value {
            None => {
                document.remove(change.key);
            }
            Some(new) => document[change.key] = item(new),
        }
    }
    let mut place = InlineTable::new();
    place.insert("directory", String::from(location.directory.clone()).into());
    place.insert("identity", location.identity().into());
    let texts = |table: &dyn TableLike| PLACE_KEYS.map(|key| Some(table.get(key)?.as_str()?.to_owned()));
    let is_there = document.get(PLACE).and_then(Item::as_table_like).map(texts);
    if is_there != Some(texts(&place)) {
        document[PLACE] = value(place);
    }
    Ok(document.to_string())
}

fn item(new: &Value) -> Item {
    match new {
        Value::Text(text) => value(text.as_str()),
        Value::Texts(texts) => value(texts.iter().map(String::as_str).collect::<Array>()),
        Value::Flag(flag) => value(*flag),
    }
}

/// The file of this project and its text, also that of a directory which was moved here.
fn find(home: &Home, location: &Location) -> Result<Option<(PathBuf, String)>, Diagnostic> {
    location.find(home, |id| home.project_settings(id), |path| read_file(path, location))
}

/// A file that says nothing of its place (a person wrote it) is of the project it is named for.
fn read_file(path: &Path, location: &Location) -> Result<Option<(Location, String)>, Diagnostic> {
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes)
        .map_err(|_| Diagnostic::new(format!("{} is not UTF-8 text", text::path(path))))?;
    let written = text.parse::<DocumentMut>().ok().and_then(|document| {
        let place = document.get(PLACE)?;
        Location::of_texts(place.get("directory")?.as_str()?.to_owned(), place.get("identity")?.as_str()?)
    });
    Ok(Some((written.unwrap_or_else(|| location.clone()), text)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Desk {
        dir: tempfile::TempDir,
        home: Home,
    }

    impl Desk {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let home = Home::new(dir.path().canonicalize().unwrap().join("state"));
            Desk { dir, home }
        }

        fn project(&self, name: &str) -> Location {
            let path = self.dir.path().join(name);
            fs::create_dir_all(&path).unwrap();
            Location::survey(&path).unwrap()
        }

        fn gate(&self, project: &Location) -> Option<&'static str> {
            let own = read(&self.home, project).unwrap();
            own.and_then(|own| own.settings.gate).map(findings::Severity::name)
        }

        fn set(&self, project: &Location, key: &'static str, text: &str) {
            let value = Some(Value::Text(text.to_owned()));
            change(&self.home, project, &[Change { key, value }]).unwrap();
        }
    }

    fn set(key: &'static str, value: Value) -> Change {
        Change { key, value: Some(value) }
    }

    #[test]
    fn what_was_set_is_read_again_and_comments_stay() {
        let desk = Desk::new();
        let project = desk.project("p");
        assert_eq!(read(&desk.home, &project), Ok(None));
        change(&desk.home, &project, &[]).unwrap();
        assert_eq!(read(&desk.home, &project).unwrap().unwrap().settings, Settings::default());
        let odd = String::from(base::encoded_path::EncodedPath::from(Path::new("a b/\"x\"")));
        let changes = [
            set("exclude", Value::Texts(vec!["dist/**".to_owned(), odd])),
            set("project-file", Value::Flag(false)),
            set("gate", Value::Text("low".to_owned())),
        ];
        change(&desk.home, &project, &changes).unwrap();
        let file = path(&desk.home, &project);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("# mine\n{text}")).unwrap();
        let settings = change(&desk.home, &project, &[Change { key: "gate", value: None }]).unwrap();
        assert_eq!((settings.gate, settings.project_file, settings.exclude.len()), (None, Some(false), 2));
        assert_eq!(settings.exclude[1].as_path(), Path::new("a b/\"x\""));
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# mine\n") && text.contains("# gate-on ="), "{text}");
    }

    /// What the comments of a new file show is what can be written there.
    #[test]
    fn the_template_shows_settings_as_they_are_written() {
        let text = TEMPLATE.lines().map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")));
        let text = text.flatten().fold(String::new(), |all, line| all + line + "\n");
        let source = Source { name: "x".to_owned(), text };
        let settings = read_own(&source).unwrap();
        assert!(settings.runner.is_some() && settings.gate.is_some() && settings.gate_on.is_some());
        assert!(settings.guidelines.is_some() && settings.project_file == Some(true));
        assert_eq!(source.text.lines().count(), planning::settings::KEYS.len());
    }

    #[test]
    fn settings_go_along_when_the_directory_is_moved_and_not_with_a_copy() {
        let desk = Desk::new();
        let before = desk.project("p");
        desk.set(&before, "gate", "low");
        let other = desk.project("q");
        desk.set(&other, "gate", "medium");
        assert_eq!(desk.gate(&desk.project("copy")), None);
        fs::rename(desk.dir.path().join("p"), desk.dir.path().join("moved")).unwrap();
        let after = desk.project("moved");
        assert_eq!(desk.gate(&after), Some("low"));
        desk.set(&after, "gate-on", "all");
        assert_eq!(desk.gate(&after), Some("low"));
        assert!(!path(&desk.home, &before).exists(), "it is in one place");
        assert_eq!(desk.gate(&other), Some("medium"));
    }

    #[test]
    fn what_is_wrong_is_told_and_not_written_over() {
        let desk = Desk::new();
        let project = desk.project("p");
        desk.set(&project, "gate", "low");
        let file = path(&desk.home, &project);
        for text in ["gate =\n", "gat = \"low\"\n", "gate = \"grave\"\n"] {
            fs::write(&file, text).unwrap();
            let problem = read(&desk.home, &project).unwrap_err().remove(0).to_string();
            assert!(problem.starts_with(&text::path(&file)), "{problem}");
            assert!(change(&desk.home, &project, &[set("gate", Value::Text("low".to_owned()))]).is_err());
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        fs::write(&file, "gate = \"low\"\n").unwrap();
        assert!(change(&desk.home, &project, &[set("gate", Value::Text("grave".to_owned()))]).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "gate = \"low\"\n");
    }

    #[test]
    fn two_writers_at_once_lose_nothing() {
        let desk = Desk::new();
        let project = desk.project("p");
        std::thread::scope(|scope| {
            for (key, text) in
                [("gate", "low"), ("gate-on", "all"), ("guidelines", "x.md"), ("runner", "claude")]
            {
                let (desk, project) = (&desk, &project);
                scope.spawn(move || desk.set(project, key, text));
            }
        });
        let settings = read(&desk.home, &project).unwrap().unwrap().settings;
        assert!(settings.gate.is_some() && settings.gate_on.is_some());
        assert!(settings.guidelines.is_some() && settings.runner.is_some());
    }
}
