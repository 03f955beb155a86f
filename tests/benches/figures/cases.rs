//! What is measured.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::bench::{Bench, median, ms, now_ns, read_ledger, report, wait_ledger};
use crate::peers::QUEUES;

type Case = (&'static str, fn());

pub(crate) const ALL: [Case; 14] = [
    ("transition", transition),
    ("queues", queues),
    ("long-chain", long_chain),
    ("mixed-chain", mixed_chain),
    ("start", start),
    ("stop", stop),
    ("fan-out", fan_out),
    ("size", size),
    ("idle", idle),
    ("many", many),
    ("list", list),
    ("merge", crate::merge::merge),
    ("sandbox", crate::executors::sandbox),
    ("cluster", crate::executors::cluster),
];

/// Agents `a1` → `a2` → … as a template's list.
fn chain(length: usize) -> String {
    let mut agents = String::from(r#"{"role": "a1", "subagent": "stamp"}"#);
    for n in 2..=length {
        let _ = write!(agents, r#", {{"role": "a{n}", "subagent": "stamp", "dependsOn": ["a{}"]}}"#, n - 1);
    }
    agents
}

/// Milliseconds between the end of an agent and the first instruction of the next.
fn edges(ledger: &[(String, i64, i64)]) -> Vec<f64> {
    ledger.windows(2).map(|pair| (pair[1].1 - pair[0].2) as f64 / 1e6).collect()
}

/// Raw floor: from the start of a tmux client to the command's first instruction.
fn raw_spawns(bench: &Bench, count: usize, round: usize) -> Vec<f64> {
    let ledger = bench.path(&format!("raw-{round}"));
    let stamp = bench.stamp();
    (0..count)
        .map(|n| {
            let begun = now_ns();
            bench.raw(&format!("r{round}-{n}"), &[&stamp, &ledger.display().to_string()]);
            let first = wait_ledger(&ledger, n + 1)[n].1;
            (first - begun) as f64 / 1e6
        })
        .collect()
}

/// The same of spawns that each begin after so long a rest, as those after agents that take
/// that long: processors that rested are slower at first.
fn rested_spawns(bench: &Bench, count: usize, round: usize, rest: u64) -> Vec<f64> {
    (0..count)
        .flat_map(|n| {
            base::poll::pause(Duration::from_millis(rest));
            raw_spawns(bench, 1, 1000 * (round + 1) + n)
        })
        .collect()
}

/// What a supervisor that waits could do at best: from a wake-up to the first
/// instruction of a command that a process in a pane runs for it, and nothing else.
fn raw_wake_ups(bench: &Bench, count: usize, round: usize) -> Vec<f64> {
    let (ledger, pipe) = (bench.path(&format!("woken-{round}")), bench.path(&format!("pipe-{round}")));
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    let line = format!("read word < {} && exec {} {}", pipe.display(), bench.stamp(), ledger.display());
    (0..count)
        .map(|n| {
            bench.raw(&format!("w{round}-{n}"), &["/bin/sh", "-c", &line]);
            // Waits until it is read.
            let mut writer = fs::OpenOptions::new().write(true).open(&pipe).expect("the pipe");
            let begun = now_ns();
            writer.write_all(b"go\n").expect("a wake-up");
            (wait_ledger(&ledger, n + 1)[n].1 - begun) as f64 / 1e6
        })
        .collect()
}

/// Of agents that do nothing, so that all there is is overhead; of agents that take
/// as long as it takes to park the next ones; and without parking.
fn transition() {
    let bench = Bench::new();
    bench.warm_raw();
    bench.template("parked", &chain(51), "");
    bench.template("launched", &chain(51), "\"parked\": 0");
    let kinds = [("parked", 0, 51), ("parked", 50, 51), ("launched", 0, 51)];
    let mut product = [const { Vec::new() }; 3];
    let (mut floor, mut rested, mut least) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..4 {
        for (n, (template, pause, agents)) in kinds.into_iter().enumerate() {
            let ledger = bench.path(&format!("chain-{round}-{n}"));
            bench.stamp_agent("stamp", &ledger, pause);
            floor.extend(raw_spawns(&bench, 12, 3 * round + n));
            rested.extend(rested_spawns(&bench, 12, 3 * round + n, 50));
            least.extend(raw_wake_ups(&bench, 12, 3 * round + n));
            let (id, _) = bench.start(template);
            product[n].extend(edges(&wait_ledger(&ledger, agents)));
            bench.ctl(&["wait", &id]);
        }
    }
    let goal = "<= 0.9 x raw tmux new-session";
    report("transition: A exits -> B's command runs", &product[0], &floor, goal);
    report("the same of agents that take 50 ms", &product[1], &floor, goal);
    report("the same, floor after 50 ms of rest as well", &product[1], &rested, goal);
    report("the same with parked = 0", &product[2], &floor, "<= 1.2 x raw tmux new-session");
    report("a waiting process that is woken, no more", &least, &floor, "(what is left to gain)");
}

/// An edge of a chain against the same in queues that people have, in turn in one run.
fn queues() {
    const JOBS: usize = 51;
    let bench = Bench::new();
    bench.template("chain", &chain(JOBS), "");
    let mut product = Vec::new();
    let mut peers = [const { Vec::new() }; QUEUES.len()];
    for round in 0..4 {
        let ledger = bench.path(&format!("queued-{round}"));
        bench.stamp_agent("stamp", &ledger, 50);
        let (id, _) = bench.start("chain");
        product.extend(edges(&wait_ledger(&ledger, JOBS)));
        bench.ctl(&["wait", &id]);
        for (queue, times) in QUEUES.iter().zip(&mut peers) {
            times.extend(queue.chain(&bench, JOBS, round).iter().flat_map(|told| edges(told)));
        }
    }
    for (queue, times) in QUEUES.iter().zip(&peers) {
        if times.is_empty() {
            println!(
                "{:<44} {} is not installed: skipped",
                "transition: a queue's edge as the floor", queue.name
            );
        } else {
            let figure = format!("transition (floor: an edge of {})", queue.name);
            report(&figure, &product, times, "<= 2.5 x the faster queue");
        }
    }
}

/// An edge of a chain of 300 agents against one of 30.
fn long_chain() {
    let bench = Bench::new();
    bench.template("long", &chain(300), "");
    bench.template("short", &chain(30), "");
    let (mut product, mut floor) = (Vec::new(), Vec::new());
    for round in 0..3 {
        for (template, agents, times) in [("short", 30, &mut floor), ("long", 300, &mut product)] {
            let ledger = bench.path(&format!("{template}-{round}"));
            bench.stamp_agent("stamp", &ledger, 0);
            let (id, _) = bench.start(template);
            times.extend(edges(&wait_ledger(&ledger, agents)));
            bench.ctl(&["wait", &id]);
        }
    }
    report("long chain: 300 agents (floor: 30)", &product, &floor, "<= 1.3 x an edge of 30");
}

/// A chain in which reviews with findings are merged, an attempt fails and is made again, and
/// an agent in the middle fails for good, beside the raw spawns of the same run. An edge
/// belongs to the agent before it.
fn mixed_chain() {
    const ORDERS: [&str; 12] =
        ["", "", "review", "", "review", "", "fail", "", "fail-first", "", "review", ""];
    /// What is waited before an attempt is made again.
    const AGAIN: f64 = 1000.0;
    let bench = Bench::new();
    bench.warm_raw();
    let mut agents = Vec::new();
    for (n, order) in ORDERS.iter().enumerate() {
        let subagent = if order.is_empty() { "stamp" } else { order };
        let findings = if *order == "review" { r#", "report": "findings""# } else { "" };
        // After an agent that fails its dependents go on with the one before it.
        let after = match n {
            0 => String::new(),
            _ if ORDERS[n - 1] == "fail" => {
                format!(r#", "dependsOn": ["a{}", "a{}"], "require": "any""#, n - 2, n - 1)
            }
            _ => format!(r#", "dependsOn": ["a{}"]"#, n - 1),
        };
        agents
            .push(format!(r#"{{"role": "a{n}", "subagent": "{subagent}", "retries": 1{findings}{after}}}"#));
    }
    // Who fails for good is not tried again.
    let agents = agents.join(", ").replace(r#""fail", "retries": 1"#, r#""fail", "retries": 0"#);
    bench.template("mixed", &agents, "");
    let kinds = [
        ("", "a report in words"),
        ("review", "findings, which are merged"),
        ("fail", "an agent that failed"),
    ];
    let mut product = [const { Vec::new() }; 3];
    let (mut again, mut floor) = (Vec::new(), Vec::new());
    for round in 0..8 {
        let ledger = bench.path(&format!("mixed-{round}"));
        for order in ["review", "fail", "fail-first"] {
            bench.ordered_agent(order, &ledger, 50, order);
        }
        bench.stamp_agent("stamp", &ledger, 50);
        floor.extend(raw_spawns(&bench, 12, round));
        let (id, _) = bench.start("mixed");
        let lines = wait_ledger(&ledger, ORDERS.len() + 1);
        for (edge, pair) in edges(&lines).into_iter().zip(lines.windows(2)) {
            let before = pair[0].0.trim_start_matches('a').parse().map_or("", |n: usize| ORDERS[n]);
            match kinds.iter().position(|(order, _)| *order == before) {
                Some(kind) => product[kind].push(edge),
                None if pair[0].0 == pair[1].0 => again.push(edge - AGAIN),
                None => product[0].push(edge),
            }
        }
        bench.ctl(&["wait", &id]);
    }
    for ((_, what), times) in kinds.iter().zip(&product) {
        report(&format!("mixed chain, after {what}"), times, &floor, "(beside the chain that does nothing)");
    }
    report(
        "mixed chain, a retry past its wait of 1 s",
        &again,
        &floor,
        "(beside the chain that does nothing)",
    );
}

fn start() {
    let bench = Bench::new();
    bench.warm_raw();
    let three = r#"{"role": "a", "subagent": "stamp"}, {"role": "b", "subagent": "stamp"}, {"role": "c", "subagent": "stamp"}"#;
    bench.template("three", three, "");
    let (mut returns, mut running, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..40 {
        let ledger = bench.path(&format!("three-{round}"));
        bench.stamp_agent("stamp", &ledger, 30);
        let begun = Instant::now();
        for n in 0..3 {
            bench.raw(&format!("s{round}-{n}"), &["/bin/sleep", "0.1"]);
        }
        floor.push(ms(begun.elapsed()));
        let begun = now_ns();
        let (id, took) = bench.start("three");
        returns.push(ms(took));
        let last = wait_ledger(&ledger, 3).iter().map(|line| line.1).max().unwrap_or(begun);
        running.push((last - begun) as f64 / 1e6);
        bench.ctl(&["wait", &id]);
    }
    report("start: until three agents run", &running, &floor, "<= 1.6 x three raw spawns");
    report("start: until it returns", &returns, &floor, "<= 2 x three raw spawns");
}

fn stop() {
    let bench = Bench::new();
    bench.warm_raw();
    let three = r#"{"role": "a", "subagent": "stamp"}, {"role": "b", "subagent": "stamp"}, {"role": "c", "subagent": "stamp"}"#;
    bench.template("three", three, "");
    bench.stamp_agent("stamp", &bench.path("never"), 600_000);
    let (mut product, mut floor) = (Vec::new(), Vec::new());
    for round in 0..20 {
        let begun = Instant::now();
        for n in 0..3 {
            bench.raw(&format!("k{round}-{n}"), &["/bin/sleep", "0.1"]);
        }
        floor.push(ms(begun.elapsed()));
        let (id, _) = bench.start("three");
        let begun = Instant::now();
        let out = bench.ctl(&["stop", &id]);
        product.push(ms(begun.elapsed()));
        assert!(out.status.success(), "{out:?}");
    }
    report("stop: three agents that end on TERM", &product, &floor, "(floor: three raw spawns)");
}

fn fan_out() {
    let bench = Bench::new();
    bench.warm_raw();
    let mut agents = String::new();
    for n in 0..200 {
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(agents, r#"{comma}{{"role": "a{n}", "subagent": "stamp"}}"#);
    }
    bench.template("fan", &agents, "\"maxParallel\": 16");
    let (mut product, mut floor) = (Vec::new(), Vec::new());
    for round in 0..3 {
        let raw = bench.path(&format!("fan-raw-{round}"));
        let begun = Instant::now();
        for n in 0..200 {
            bench.raw(&format!("f{round}-{n}"), &[&bench.stamp(), &raw.display().to_string()]);
        }
        wait_ledger(&raw, 200);
        floor.push(ms(begun.elapsed()));
        let ledger = bench.path(&format!("fan-{round}"));
        bench.stamp_agent("stamp", &ledger, 0);
        let begun = Instant::now();
        let (id, _) = bench.start("fan");
        wait_ledger(&ledger, 200);
        product.push(ms(begun.elapsed()));
        bench.ctl(&["wait", &id]);
    }
    report("fan-out: 200 agents, 16 at once", &product, &floor, "<= 1.0 x a loop of raw spawns");
}

/// Transitions in a convoy of 1,000 agents against those in one of 10.
fn size() {
    let bench = Bench::new();
    let mut large = chain(21);
    for n in 0..979 {
        let _ = write!(large, r#", {{"role": "w{n}", "subagent": "stamp", "dependsOn": ["a21"]}}"#);
    }
    bench.template("large", &large, "");
    bench.template("small", &chain(10), "");
    let (mut product, mut floor) = (Vec::new(), Vec::new());
    for round in 0..4 {
        for (template, agents, times) in [("small", 10, &mut floor), ("large", 21, &mut product)] {
            let ledger = bench.path(&format!("{template}-{round}"));
            bench.stamp_agent("stamp", &ledger, 0);
            let (id, _) = bench.start(template);
            let lines = wait_ledger(&ledger, agents);
            times.extend(edges(&lines[..agents]));
            bench.ctl(&["stop", &id]);
        }
    }
    report("size: transition, 1,000 agents (floor: 10)", &product, &floor, "<= 2 x that of 10 agents");
}

/// What a watcher costs while nothing happens.
fn idle() {
    let bench = Bench::new();
    bench.template("one", r#"{"role": "a", "subagent": "stamp"}"#, "\"timeout\": \"1h\"");
    bench.stamp_agent("stamp", &bench.path("never"), 600_000);
    let out = bench.command("convoy-start").args(["one", "--watch", "none"]).stderr(Stdio::null()).output();
    let id = String::from_utf8(out.expect("convoy-start").stdout).expect("an id").trim().to_owned();
    let mut watcher = bench.command("convoy-watch").arg(&id).spawn().expect("convoy-watch");
    let settle = Duration::from_secs(2);
    base::poll::wait_readable(&[], Some(settle));
    let status = || fs::read_to_string(format!("/proc/{}/status", watcher.id())).unwrap_or_default();
    let field = |text: &str, name: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    };
    let before = field(&status(), "voluntary_ctxt_switches");
    let window = Duration::from_secs(120);
    base::poll::wait_readable(&[], Some(window));
    let after = status();
    let wakes = (field(&after, "voluntary_ctxt_switches") - before) as f64 / window.as_secs_f64();
    let rss = field(&after, "VmRSS") as f64 / 1024.0;
    println!("{:<44} {rss:>8.2}MB {:>10} {:>7}  <= 4 MB", "idle watcher: resident memory", "", "");
    println!("{:<44} {wakes:>8.3}/s {:>10} {:>7}  <= 0.1 a second", "idle watcher: wake-ups", "", "");
    bench.ctl(&["stop", &id]);
    let _ = watcher.wait();
}

/// What 200 running convoys cost the one watcher that has them all.
fn many() {
    let bench = Bench::new();
    bench.template("one", r#"{"role": "a", "subagent": "stamp"}"#, "\"timeout\": \"1h\"");
    bench.stamp_agent("stamp", &bench.path("never"), 600_000);
    let mut ids = Vec::new();
    for _ in 0..200 {
        let out =
            bench.command("convoy-start").args(["one", "--watch", "none"]).stderr(Stdio::null()).output();
        ids.push(String::from_utf8(out.expect("convoy-start").stdout).expect("an id").trim().to_owned());
    }
    let mut watcher =
        bench.command("convoy-watch").arg("--all").stderr(Stdio::null()).spawn().expect("convoy-watch");
    base::poll::wait_readable(&[], Some(Duration::from_secs(5)));
    let status = fs::read_to_string(format!("/proc/{}/status", watcher.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    let kib: f64 = line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(f64::NAN);
    println!(
        "{:<44} {:>8.2}MB {:>10} {:>7}  <= 6 MB",
        "one watcher of 200 convoys: memory",
        kib / 1024.0,
        "",
        ""
    );
    for id in &ids {
        bench.ctl(&["stop", id]);
    }
    let _ =
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(watcher.id() as i32), nix::sys::signal::SIGTERM);
    let _ = watcher.wait();
}

/// `list` of 10,000 ended convoys against parsing every state.
fn list() {
    let bench = Bench::new();
    bench.template("one", r#"{"role": "a", "subagent": "stamp"}, {"role": "b", "subagent": "stamp"}, {"role": "c", "subagent": "stamp"}, {"role": "d", "subagent": "stamp", "dependsOn": ["a", "b", "c"]}"#, "");
    bench.stamp_agent("stamp", &bench.path("ledger"), 0);
    let (id, _) = bench.start("one");
    bench.ctl(&["wait", &id]);
    let convoys = bench.home().join("convoys");
    let text = fs::read_to_string(convoys.join(format!("{id}.json"))).expect("a state");
    let alphabet = base::ids::SHORT_ALPHABET;
    for n in 0..10_000_usize {
        let short: String = (0..6).map(|digit| alphabet[n / 31_usize.pow(digit) % 31] as char).collect();
        let other = format!("convoy-one-{short}");
        fs::write(convoys.join(format!("{other}.json")), text.replace(&id, &other)).expect("write a state");
    }
    let parse_all = || {
        let begun = Instant::now();
        let mut parsed = 0;
        for entry in fs::read_dir(&convoys).expect("the directory").flatten() {
            if entry.file_name().to_string_lossy().ends_with(".json")
                && let Ok(bytes) = fs::read(entry.path())
                && protocol::store::parse_state(&bytes, "").is_ok()
            {
                parsed += 1;
            }
        }
        assert!(parsed > 10_000 - 1, "{parsed}");
        ms(begun.elapsed())
    };
    let page = || {
        let begun = Instant::now();
        let out = bench.ctl(&["list"]);
        assert!(out.status.success());
        ms(begun.elapsed())
    };
    let cold = page();
    let (mut product, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        floor.push(parse_all());
        product.push(page());
    }
    report("list: first page of 10,000 (floor: full parse)", &product, &floor, "<= 1/4");
    println!(
        "{:<44} {cold:>8.2}ms {:>8.2}ms {:>7.2}  (no index yet)",
        "list: the first time",
        median(&floor),
        cold / median(&floor)
    );
    let _ = read_ledger(&bench.path("ledger"));
}
