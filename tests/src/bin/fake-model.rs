//! The scripted model by itself, for trying a CLI by hand:
//! `fake-model [PORT] [STATUS]`. Every agent writes a good report, or, with a
//! status, every request is answered with that error. Ends with its stdin.

use std::io::Read;

use convoy_tests::model::{Act, Model, Script};

fn main() {
    let mut words = std::env::args().skip(1);
    let port = words.next().map_or(0, |word| word.parse().expect("usage: fake-model [PORT] [STATUS]"));
    let status = words.next().map(|word| word.parse().expect("a status"));
    let script = match status {
        Some(status) => Script::new().role("*", Act::status(status, &[])),
        None => Script::new(),
    };
    let model = Model::listen(script, port);
    println!("{}", model.url());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    for seen in model.seen() {
        println!("{} {} {} turn {} model {}", seen.path, seen.role, seen.attempt, seen.turn, seen.model);
        println!("  {}", seen.body);
    }
}
