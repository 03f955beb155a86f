//! Reviews in many formats, each beside what is to be read from it: severity,
//! place (`-` = none) and title, tab-separated, one finding a line.

use std::fs;
use std::path::Path;

use convoy_merge::extract::extract;

#[test]
fn every_written_format_is_read() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let mut failures: Vec<String> = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(dir).expect("formats") {
        let path = entry.expect("entry").path();
        if path.extension().is_some_and(|e| e == "expect") {
            continue;
        }
        count += 1;
        let text = fs::read_to_string(&path).expect("text");
        let want = fs::read_to_string(path.with_extension("expect")).expect("expectation");
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let got: Vec<[String; 3]> = extract(&text, &name)
            .members
            .iter()
            .map(|m| {
                let place =
                    m.locations.first().map_or("-".to_string(), convoy_merge::model::Location::display);
                [m.severity.name().to_string(), place, m.title.clone()]
            })
            .collect();
        let want: Vec<Vec<&str>> = want.lines().map(|line| line.split('\t').collect()).collect();
        let same = got.len() == want.len()
            && got
                .iter()
                .zip(&want)
                .all(|(g, w)| g[0] == w[0] && g[1] == w[1] && (g[2].contains(w[2]) || w[2].contains(&g[2])));
        if !same {
            failures.push(format!("{name}\n  want {want:?}\n  got  {got:?}"));
        }
    }
    assert!(count > 20, "only {count} formats");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
