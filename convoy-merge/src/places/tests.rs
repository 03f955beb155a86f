use std::rc::Rc;

use findings::Scope;

use super::*;

/// `a.ts` of ten lines `let v1 = f(1);` …, `src/deep/b.ts` of two.
#[derive(Debug)]
struct Small;

impl Tree for Small {
    fn look(&self, path: &Path) -> Looked {
        let text = match path.to_str() {
            Some("a.ts") => (1..=10).map(|n| format!("    let v{n} = f({n});\n")).collect(),
            Some("twice.ts") => "same(1);\n\nx\n\nsame(1);\n".to_string(),
            Some("src/deep/b.ts") => "if (a == NaN) {\n\n  return 1;\n}\n".to_string(),
            Some("empty.ts") => String::new(),
            _ => return Looked::No("there is no such file".to_string()),
        };
        Looked::File(Rc::new(text.lines().map(str::to_string).collect()))
    }

    fn relative(&self, path: &Path) -> Option<PathBuf> {
        let inner = path.strip_prefix("/p").or_else(|_| path.strip_prefix(".")).unwrap_or(path);
        (!inner.is_absolute() && !inner.starts_with("..")).then(|| inner.to_path_buf())
    }
}

fn at(file: &str, start: u32, end: u32, quote: Option<&str>) -> Location {
    let line = |n: u32| (n > 0).then_some(n);
    Location {
        line_start: line(start),
        line_end: line(end),
        quote: quote.map(str::to_string),
        ..Location::file(file)
    }
}

/// The place as it is told afterwards, and why.
fn told(place: Location, body: &str) -> (String, Option<Placed>, String) {
    let given = [Path::new("src/deep/b.ts"), Path::new("a.ts")].map(EncodedPath::from);
    let input =
        Input { scope: Some(Scope { given: given.to_vec(), ..Scope::default() }), ..Input::default() };
    let mut members = [Member {
        from_data: place.quote.is_some(),
        locations: vec![place],
        body: body.to_string(),
        ..Member::default()
    }];
    check(&mut members, &[input], &Small);
    let place = members[0].locations.remove(0);
    (place.display(), place.placed, place.placed_why.unwrap_or_default())
}

#[test]
fn a_place_that_is_there_stays() {
    for place in [at("a.ts", 0, 0, None), at("a.ts", 10, 10, None), at("a.ts", 3, 5, Some("let v4 = f(4)"))] {
        let want = place.display();
        assert_eq!(told(place, ""), (want, Some(Placed::There), String::new()));
    }
}

#[test]
fn a_place_that_is_not_there_is_kept_and_marked() {
    for (place, why) in [
        (at("a.ts", 14342, 14350, None), "line 14342 of a file of 10 lines"),
        (at("empty.ts", 1, 1, None), "line 1 of a file of 0 lines"),
        (at("gone.ts", 5, 5, None), "there is no such file"),
        (at("../a.ts", 1, 1, None), "it is outside the project"),
        (at("/etc/passwd", 1, 1, None), "it is outside the project"),
        (at("a.ts", 99, 99, Some("let other = g(99)")), "line 99 of a file of 10 lines"),
    ] {
        let want = place.display();
        assert_eq!(told(place, ""), (want, Some(Placed::Unplaced), why.to_string()));
    }
}

#[test]
fn quoted_code_moves_a_place_and_it_says_from_where() {
    for (place, body, want, from) in [
        (at("a.ts", 5, 5, Some("let v7 = f(7);")), "", "a.ts:7", "5"),
        (at("a.ts", 5, 6, Some("  let v7 = f(7);\n  let v8 = f(8);\n")), "", "a.ts:7-8", "5-6"),
        (at("a.ts", 900, 900, Some("let v2 = f(2);")), "", "a.ts:2", "900"),
        (at("a.ts", 5, 5, None), "**Problem:** It is wrong: `let v9 = f(9);`.", "a.ts:9", "5"),
        (at("a.ts", 1, 2, None), "Here:\n```ts\nlet v3 = f(3);\nlet v4 = f(4);\n```\n", "a.ts:3-4", "1-2"),
        (at("src/deep/b.ts", 4, 4, Some("if (a == NaN) {\nreturn 1;")), "", "src/deep/b.ts:1-3", "4"),
    ] {
        let why = format!("moved from line {from} to the code it quotes");
        assert_eq!(told(place, body), (want.to_string(), Some(Placed::Moved), why));
    }
}

#[test]
fn no_line_is_invented() {
    let stays = |place: Location, body: &str| {
        let want = place.display();
        let (now, placed, _) = told(place, body);
        assert_eq!((now, placed), (want, Some(Placed::There)), "{body}");
    };
    stays(at("a.ts", 2, 2, None), "**Problem:** bad\n**Fix:** write `let v9 = f(9);`");
    stays(at("a.ts", 2, 2, None), "the name `v9` alone says nothing");
    stays(at("a.ts", 0, 0, None), "`let v9 = f(9);` in words gives no line to a whole file");
    stays(at("twice.ts", 3, 3, Some("same(1);")), "");
    let absent = told(at("a.ts", 2, 2, Some("let nowhere = 1;")), "");
    assert_eq!((absent.0.as_str(), absent.1), ("a.ts:2", Some(Placed::There)));
    assert_eq!(absent.2, "the code it quotes is not in the file");
    let lined = told(at("a.ts", 0, 0, Some("let v6 = f(6);")), "");
    assert_eq!((lined.0.as_str(), lined.1), ("a.ts:6", Some(Placed::Moved)));
}

#[test]
fn a_file_is_found_by_the_other_names_it_has() {
    for (file, want) in [
        ("b/a.ts", "a.ts:1"),
        ("/p/a.ts", "a.ts:1"),
        ("./a.ts", "a.ts:1"),
        ("b.ts", "src/deep/b.ts:1"),
        ("deep/b.ts", "src/deep/b.ts:1"),
    ] {
        let (now, placed, why) = told(at(file, 1, 1, None), "");
        assert_eq!((now.as_str(), placed), (want, Some(Placed::Moved)), "{why}");
        assert_eq!(why, format!("stated as {file}"));
    }
}

#[test]
fn a_span_ends_with_its_file() {
    let (now, placed, why) = told(at("a.ts", 8, 90, None), "");
    assert_eq!((now.as_str(), placed), ("a.ts:8-10", Some(Placed::Moved)));
    assert_eq!(why, "stated to line 90, where the file has 10");
}
