use super::*;
use crate::layout::Home;

fn dir(root: &Path) -> ConvoyDir {
    let dir = Home::new(root).convoy(&"convoy-t-abcdef".parse().unwrap());
    fs::create_dir_all(dir.dir()).unwrap();
    dir
}

fn role() -> Role {
    "sum".parse().unwrap()
}

fn boot() -> BootId {
    serde_json::from_str("\"this\"").unwrap()
}

fn is_readable(place: &Place) -> bool {
    base::poll::wait_readable(&[place.as_fd()], Some(Duration::ZERO))[0]
}

#[test]
fn who_waits_is_woken_and_who_is_gone_is_not() {
    let root = tempfile::tempdir().unwrap();
    let dir = dir(root.path());
    assert!(!wake(&dir, &role()) && !is_waiting(&dir, &role()), "nobody was there yet");
    let place = Place::take(&dir, &role()).unwrap().unwrap();
    assert!(is_waiting(&dir, &role()) && !is_readable(&place), "to be looked at is no wake-up");
    assert!(wake(&dir, &role()) && wake(&dir, &role()));
    assert!(is_readable(&place));
    place.drain();
    assert!(!is_readable(&place), "however often it was woken");
    for _ in 0..100_000 {
        assert!(wake(&dir, &role()), "and it may be full of wake-ups");
    }
    drop(place);
    assert!(!wake(&dir, &role()) && !dir.parked(&role()).exists());
}

#[test]
fn what_is_no_pipe_of_ours_is_not_waited_at() {
    let root = tempfile::tempdir().unwrap();
    let dir = dir(root.path());
    fs::create_dir(dir.parked_dir()).unwrap();
    fs::write(dir.parked(&role()), "").unwrap();
    assert!(Place::take(&dir, &role()).is_err());
    assert!(!wake(&dir, &role()));
    fs::remove_file(dir.parked(&role())).unwrap();
    std::os::unix::fs::symlink("/dev/null", dir.parked(&role())).unwrap();
    assert!(Place::take(&dir, &role()).is_err());
    assert!(!wake(&dir, &role()));
}

#[test]
fn a_convoy_that_was_removed_does_not_come_back() {
    let root = tempfile::tempdir().unwrap();
    let dir = dir(root.path());
    fs::remove_dir(dir.dir()).unwrap();
    assert!(Place::take(&dir, &role()).is_err());
    assert!(!dir.dir().exists());
    assert_eq!(turn(&dir, &role(), &boot(), &|_| true).unwrap(), (Turn::Over, None));
    end_all(&dir, Duration::ZERO).unwrap();
}

#[test]
fn a_pipe_that_a_killed_one_left_is_taken_or_removed() {
    let root = tempfile::tempdir().unwrap();
    let dir = dir(root.path());
    fs::create_dir(dir.parked_dir()).unwrap();
    mkfifo(&dir.parked(&role()), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    assert!(!wake(&dir, &role()));
    assert!(Place::take(&dir, &role()).unwrap().is_some());
    mkfifo(&dir.parked(&role()), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    end_all(&dir, Duration::ZERO).unwrap();
    assert!(!dir.parked_dir().exists());
}

#[test]
fn only_an_intended_attempt_is_a_turn() {
    let root = tempfile::tempdir().unwrap();
    let dir = dir(root.path());
    let turn_of = |status: &str, more: &str, agent: &str| {
        let who = r#""subagent":"x","tmuxSession":"s","runner":"command""#;
        let text = format!(
            r#"{{"id":"convoy-t-abcdef","template":"t","status":"{status}",{more}
            "startedAt":"2026-01-01T00:00:00Z","outputDir":"/out","context":{{"projectPath":"/p"}},"host":"h",
            "revision":1,"clock":{{"at":{{"boot":"this","ms":1}},"elapsedMs":0}},
            "agents":[{{"role":"a","status":"running","attempt":1,{who}}},{{"role":"sum",{who},{agent}}}]}}"#
        );
        let text = if text.contains("schemaVersion") {
            text
        } else {
            text.replacen('{', r#"{"schemaVersion":1,"#, 1)
        };
        fs::write(dir.state(), &text).unwrap();
        turn(&dir, &role(), &boot(), &|_| false).unwrap().0
    };
    let launched = r#""status":"running","stage":"launched","attempt":3,"intent":{"boot":"this","ms":1}"#;
    let earlier = r#""status":"running","stage":"launched","attempt":3,"intent":{"boot":"earlier","ms":1}"#;
    for (status, more, agent, want) in [
        ("running", "", r#""status":"pending","attempt":2"#, Turn::NotYet),
        ("running", "", launched, Turn::Attempt(3)),
        ("running", "", earlier, Turn::NotYet),
        ("running", r#""stopping":{"since":{"boot":"this","ms":1},"graceMs":1},"#, launched, Turn::Over),
        ("running", r#""schemaVersion":99,"#, launched, Turn::Over),
        ("failed", "", launched, Turn::Over),
        ("completed", "", r#""status":"pending","attempt":0"#, Turn::Over),
        ("running", "", r#""status":"running","stage":"claimed","attempt":3"#, Turn::Over),
        ("running", "", r#""status":"running","stage":"reaping","attempt":3"#, Turn::Over),
        ("running", "", r#""status":"completed","attempt":3"#, Turn::Over),
        ("running", "", r#""status":"failed","attempt":3"#, Turn::Over),
    ] {
        assert_eq!(turn_of(status, more, agent), want, "{status} {more} {agent}");
    }
    assert_eq!(turn(&dir, &"other".parse().unwrap(), &boot(), &|_| false).unwrap().0, Turn::Over);
    let roles = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        let (_, state) = turn(&dir, &role(), &boot(), wanted).unwrap();
        state.unwrap().agents.iter().map(|agent| agent.role.to_string()).collect()
    };
    assert_eq!(
        (roles(&|_| false), roles(&|_| true)),
        (vec!["sum".to_owned()], vec!["a".to_owned(), "sum".to_owned()])
    );
    fs::write(dir.state(), "{\"status\":").unwrap();
    assert!(turn(&dir, &role(), &boot(), &|_| true).is_err());
}
