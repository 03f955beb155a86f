use base::exit::Exit;
use base::program::Failure;
use base::text;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;

use base::environment::Environment;

use super::*;
use crate::entry::{Decision, Entry, Kind, Life};

struct Place {
    dir: tempfile::TempDir,
    environment: Environment,
    home: Home,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let variables = BTreeMap::from([
            ("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()),
            ("HOME".into(), root.join("home").into_os_string()),
            ("PANOPTICON_HOME".into(), root.join("state").into_os_string()),
        ]);
        let environment = Environment::from_parts(variables, root.clone()).unwrap();
        let home = Home::new(root.join("state"));
        Place { dir, environment, home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn project(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        self.git(name, &["init", "-q", "-b", "main"]);
        fs::write(path.join("a.ts"), "1\n").unwrap();
        self.git(name, &["add", "-A"]);
        self.git(name, &["commit", "-qm", "one"]);
        path
    }

    fn git(&self, name: &str, words: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(words);
        command.current_dir(self.path(name)).env("HOME", self.path("home")).env("GIT_CONFIG_NOSYSTEM", "1");
        assert!(command.output().unwrap().status.success(), "{words:?}");
    }

    fn location(&self, name: &str) -> Location {
        Location::of(&self.environment, &self.path(name)).unwrap()
    }

    fn keys(&self, name: &str) -> Vec<String> {
        let book = read(&self.home, &self.location(name)).unwrap();
        book.entries.into_iter().map(|entry| entry.key).collect()
    }

    fn add(&self, name: &str, key: &str) {
        change(&self.home, &self.location(name), |book| book.entries.push(entry(key))).unwrap();
    }
}

fn entry(key: &str) -> Entry {
    let convoy: base::ids::ConvoyId = "convoy-code-review-k7q2m9".parse().unwrap();
    Entry {
        key: key.to_owned(),
        title: "t".to_owned(),
        severity: findings::Severity::High,
        category: None,
        rule: None,
        locations: Vec::new(),
        reviewers: Vec::new(),
        item: String::new(),
        requirement: None,
        code: String::new(),
        new: None,
        first_seen: convoy.clone(),
        last_seen: convoy,
        last_seen_at: jiff::Timestamp::UNIX_EPOCH,
        life: Life::Open,
        reopened: None,
        authors: Vec::new(),
        judged: Vec::new(),
        decision: Some(Decision {
            kind: Kind::Dismissed,
            reason: "no".to_owned(),
            until: None,
            at: jiff::Timestamp::UNIX_EPOCH,
        }),
    }
}

#[test]
fn what_was_written_is_read_again_by_every_work_tree() {
    let place = Place::new();
    place.project("p");
    assert_eq!(place.keys("p"), [""; 0]);
    place.add("p", "k1");
    fs::create_dir(place.path("p/deep")).unwrap();
    assert_eq!(place.keys("p/deep"), ["k1"]);
    place.git("p", &["worktree", "add", "-q", "../w"]);
    assert_eq!(place.keys("w"), ["k1"], "one repository");
    place.add("w", "k2");
    assert_eq!(place.keys("p"), ["k1", "k2"]);
    // Without git it is the directory.
    fs::create_dir(place.path("plain")).unwrap();
    place.add("plain", "k3");
    assert_eq!(place.keys("plain"), ["k3"]);
}

#[test]
fn a_moved_checkout_takes_its_decisions_along_and_a_copy_begins_without() {
    let place = Place::new();
    place.project("p");
    place.add("p", "k1");
    let copied = Command::new("cp").arg("-a").arg(place.path("p")).arg(place.path("copy")).status();
    assert!(copied.unwrap().success());
    assert_eq!(place.keys("copy"), [""; 0]);
    fs::rename(place.path("p"), place.path("q")).unwrap();
    if place.location("q").born.is_none() {
        return; // This file system cannot tell a moved directory from a new one.
    }
    assert_eq!(place.keys("q"), ["k1"]);
    place.add("q", "k2");
    // Somebody else's project in the old place is not that one.
    place.project("p");
    assert_eq!(place.keys("p"), [""; 0]);
    assert_eq!(place.keys("q"), ["k1", "k2"]);
}

#[test]
fn a_torn_or_newer_file_is_an_error_and_stays_as_it_is() {
    let place = Place::new();
    place.project("p");
    place.add("p", "k1");
    let location = place.location("p");
    let path = place.home.project(&location.id());
    let whole = fs::read_to_string(&path).unwrap();
    let newer = whole.replacen("\"version\":1", "\"version\":2", 1);
    for (text, says) in [
        (&whole[..whole.len() / 2], "cannot read the decisions"),
        ("", "cannot read the decisions"),
        ("{\"version\":1}", "cannot read the decisions"),
        (newer.as_str(), "of version 2"),
    ] {
        fs::write(&path, text).unwrap();
        let problems =
            [read(&place.home, &location).unwrap_err(), change(&place.home, &location, |_| ()).unwrap_err()];
        for problem in problems {
            let failure = Failure::from(problem);
            assert!(failure.message.contains(says) && failure.exit == Exit::State, "{failure:?}");
            assert!(failure.message.contains(&text::path(&path)) && !failure.hints.is_empty(), "{failure:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let place = Place::new();
    place.project("p");
    let (home, location) = (&place.home, &place.location("p"));
    thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                for n in 0..10 {
                    let key = format!("{writer}-{n}");
                    change(home, location, |book| book.entries.push(entry(&key))).unwrap();
                }
            });
        }
    });
    assert_eq!(place.keys("p").len(), 40);
}
