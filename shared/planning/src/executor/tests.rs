use super::*;
use crate::document::Source;

fn read(text: &str) -> Result<Executor, String> {
    let source = Source { name: "mine.toml".to_owned(), text: text.to_owned() };
    let line = |p: &Diagnostic| format!("{p} {}\n", p.hint.clone().unwrap_or_default());
    super::read(&source).map_err(|problems| problems.iter().map(line).collect())
}

fn placed(text: &str, resources: &Resources, options: &Options) -> Result<Placement, String> {
    let executor = read(text).unwrap();
    let find = |program: &str| Ok((program != "absent").then(|| Path::new("/bin").join(program)));
    let name = "mine".parse().unwrap();
    resolve(&name, Origin::User, &executor, resources, options, find)
        .map(Option::unwrap)
        .map_err(|problem| format!("{problem}: {}", problem.hint.clone().unwrap_or_default()))
}

#[test]
fn mistakes_have_a_place() {
    let good = "description = \"d\"\nprogram = \"p\"\n[[place]]\nwords = [\"a\"]\n";
    assert!(read(good).is_ok());
    assert_eq!(read("description = \"d\"").unwrap().program, None);
    let with = |rest: &str| format!("description = \"d\"\nprogram = \"p\"\n{rest}");
    for (text, want) in [
        (String::new(), "the executor has no 'description'"),
        (
            "description = \"d\"\nprogramm = \"p\"".to_owned(),
            "mine.toml:2:1: unknown key 'programm' in the executor did you mean 'program'?",
        ),
        (
            "description = \"d\"\nproof = \"exit\"".to_owned(),
            "mine.toml:2:9: 'proof' in the executor: 'exit' is none of tree, record",
        ),
        (with(""), "has a 'program' and no 'place'"),
        (
            "description = \"d\"\n[[place]]\nwords = [\"a\"]".to_owned(),
            "'place' says how 'program' is called, and there is none",
        ),
        (with("place = [\"a\"]"), "'place': expected a table"),
        (with("place = \"a\""), "write [[place]] with words"),
        (
            with("[[place]]\nwords = [\"{nam}\"]"),
            "mine.toml:4:9: 'words' in 'place': there is no placeholder '{nam}'",
        ),
        (with("[[place]]\nwords = [\"a\"]\nwhen = \"cpu\""), "'cpu' is none of offline, online, cpus"),
        (with("[[place]]\nword = [\"a\"]"), "unknown key 'word' in 'place' did you mean 'words'?"),
    ] {
        let problems = read(&text).unwrap_err();
        assert!(problems.contains(want), "{want:?} not in {problems:?}");
    }
}

#[test]
fn what_is_known_when_the_plan_is_made_is_settled() {
    let text = "description = \"d\"\nprogram = \"p\"\nask = [\"q\", \"{options...}\"]\n\
        [[place]]\nwords = [\"-n\", \"{name}\"]\n[[place]]\nwhen = \"time\"\nwords = [\"-t{time}\"]\n\
        [[place]]\nwhen = \"cpus\"\nwords = [\"-c{cpus}\"]\n[[place]]\nwhen = \"offline\"\nwords = [\"-o\"]\n\
        [[place]]\nwords = [\"{options...}\", \"--\"]";
    let resources = Resources { time_ms: Some(90_000), ..Resources::default() };
    let options = Options { options: vec!["-x".to_owned(), "{name}".to_owned()], host: None };
    let placement = placed(text, &resources, &options).unwrap();
    let words: Vec<&str> =
        placement.words.iter().flat_map(|group| &group.words).map(String::as_str).collect();
    assert_eq!(words, ["-n", "{name}", "-t{time}", "-o", "-x", "{name}", "--"]);
    assert_eq!(placement.values["time"], "2", "minutes, rounded up");
    assert_eq!(placement.ask, ["/bin/q", "-x", "{name}"]);
    assert_eq!(placement.proof, Proof::Record, "what nobody says is proved by nothing less");
}

#[test]
fn what_is_missing_is_told_with_what_to_do() {
    let with = |program: &str, word: &str| {
        format!(
            "description = \"d\"\nprogram = \"{program}\"\ninstall = \"get it\"\n[[place]]\nwords = [\"{word}\"]"
        )
    };
    let try_it = |text: &str| placed(text, &Resources::default(), &Options::default()).unwrap_err();
    assert!(try_it(&with("absent", "a")).contains("executor 'mine': absent is not installed: get it"));
    assert!(try_it(&with("p", "{host}")).contains("needs a host: [executors.mine] in config.toml: host"));
    assert!(try_it(&with("p", "{memory}")).contains("needs a memory: \"resources\""));
}
