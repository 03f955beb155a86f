//! What the output of a search names.

/// Names in one output beyond these are not looked at: nobody reads so many.
const MOST_NAMES: usize = 10_000;

/// Did a search find nothing, by what it printed?
pub(super) fn found_nothing(output: &str) -> bool {
    let said = output.trim();
    said.is_empty() || ["No matches", "No files found", "Found 0 "].iter().any(|none| said.starts_with(none))
}

/// The names before `:12:`, `-12-` (a line beside a hit) or a closing colon; where
/// a line can be read in two ways, both.
pub(super) fn named_in(output: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in output.lines().take(MOST_NAMES) {
        let hit = names_before(line, ':').next();
        let found: Vec<&str> = match hit {
            Some(name) => vec![name],
            None => names_before(line, '-').chain(heading(line)).collect(),
        };
        names.extend(found.into_iter().map(str::to_owned));
    }
    names.sort();
    names.dedup();
    names
}

/// `src/a.ts:12:text` → `src/a.ts`
fn names_before(line: &str, mark: char) -> impl Iterator<Item = &str> {
    line.match_indices(mark).map(|(at, _)| (&line[..at], &line[at + 1..])).filter_map(move |(name, rest)| {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        (after.len() < rest.len() && after.starts_with(mark) && !name.is_empty()).then_some(name)
    })
}

/// `/project/src/a.ts:` on a line of its own, and `File: src/a.ts`.
fn heading(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let named = line.strip_prefix("File: ").or_else(|| line.strip_suffix(':'))?;
    (!named.is_empty() && !named.starts_with(' ')).then_some(named)
}
