use super::*;
use crate::layout::Home;

fn place() -> (tempfile::TempDir, FarFiles) {
    let root = tempfile::tempdir().unwrap();
    let dir = Home::new(root.path()).convoy(&"code-review-abcdef".parse().unwrap());
    std::fs::create_dir_all(dir.dir()).unwrap();
    let files = dir.attempt(&"security".parse().unwrap(), 1).far();
    (root, files)
}

fn order(token: &str) -> Order {
    let path = |text: &str| EncodedPath::from(std::path::Path::new(text));
    Order {
        token: token.to_owned(),
        program: path("/bin/true"),
        argv: Vec::new(),
        env: vec![(path("KEY"), path("secret"))],
        keep_env: Vec::new(),
        node: None,
        cwd: path("/"),
        stdin: None,
        grace_ms: 1,
        copies: vec![PrivateCopy { path: path("/h/.login"), bytes: vec![0, 0xff, b'{'] }],
    }
}

fn owner(token: &str) -> FarOwner {
    FarOwner {
        token: token.to_owned(),
        process: ProcessId::current().unwrap(),
        pid_namespace: PidNamespace::current().unwrap(),
        boot: base::clock::Clock::open().unwrap().boot().clone(),
        host: base::host::name(),
        node: "n1".to_owned(),
        at: Timestamp::now(),
    }
}

fn ended(token: &str) -> FarRecord {
    let now = Timestamp::now();
    FarRecord {
        token: token.to_owned(),
        exit_code: Some(0),
        signal: None,
        told: false,
        error: None,
        started_at: now,
        ended_at: now,
    }
}

#[test]
fn one_shim_has_an_order_and_none_a_void_one() {
    let (_root, files) = place();
    assert_eq!(last_run(&files).unwrap(), None);
    give(&files, 1, &order("t")).unwrap();
    assert_eq!((read(&files, 1).unwrap(), last_run(&files).unwrap()), (Far::Open, Some(1)));
    assert_eq!(super::order(&files, 1).unwrap(), Some(order("t")), "byte for byte");
    let first = take(&files, 1, &owner("t")).unwrap();
    assert!(first.is_some());
    assert!(take(&files, 1, &owner("t")).unwrap().is_none(), "an engine may start it twice");
    assert!(!void(&files, 1).unwrap(), "it runs");
    assert_eq!(read(&files, 1).unwrap(), Far::Begun(owner_of(&files)));
    assert_eq!(answer_here(&files, 1).unwrap(), Answer::Runs);

    give(&files, 2, &order("t")).unwrap();
    assert!(void(&files, 2).unwrap() && void(&files, 2).unwrap());
    assert!(!files.order(2).exists(), "with it goes its environment");
    assert!(take(&files, 2, &owner("t")).unwrap().is_none(), "one that comes late runs nothing");
    assert_eq!((read(&files, 2).unwrap(), last_run(&files).unwrap()), (Far::Void, Some(2)));
}

fn owner_of(files: &FarFiles) -> FarOwner {
    match read(files, 1).unwrap() {
        Far::Begun(owner) => owner,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_of_another_attempt_is_none() {
    let (_root, files) = place();
    give(&files, 1, &order("mine")).unwrap();
    drop(take(&files, 1, &owner("mine")).unwrap());
    let write = |record: &FarRecord| {
        std::fs::write(files.record(1), serde_json::to_vec(record).unwrap()).unwrap();
    };
    write(&ended("other"));
    assert!(matches!(read(&files, 1).unwrap(), Far::Begun(_)));
    write(&ended("mine"));
    assert!(matches!(read(&files, 1).unwrap(), Far::Ended(_)));
    std::fs::write(files.record(1), "{").unwrap();
    assert!(read(&files, 1).is_err(), "what is torn says nothing");
}

#[test]
fn who_ran_in_an_earlier_boot_is_gone_and_who_ran_elsewhere_is_not() {
    let (_root, files) = place();
    for (run, boot, host, want) in [
        (1, "earlier", base::host::name(), Answer::Gone),
        (2, "other", "another machine".to_owned(), Answer::Elsewhere),
    ] {
        give(&files, run, &order("t")).unwrap();
        let owner = FarOwner { boot: BootId(boot.to_owned()), host, ..owner("t") };
        drop(take(&files, run, &owner).unwrap());
        assert_eq!(answer_here(&files, run).unwrap(), want);
    }
}
