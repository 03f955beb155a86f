//! What a tool prints besides its remarks: code that it quotes, what it runs, how many there are.

use crate::vocabulary::DENIALS;

/// `✖ 3 problems (2 errors, 1 warning)`: the highest number of remarks that a line states.
pub(in crate::formats) fn summed(line: &str) -> Option<usize> {
    let lower = line.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let noun = |word: &str| DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word);
    // "aborting due to 4 previous errors", "the first 100 errors, of 150 total"
    let words: Vec<&str> = words.into_iter().filter(|word| *word != "previous").collect();
    let counted = |word: &str| noun(word) || word == "total";
    let before = words.windows(2).filter(|pair| counted(pair[1])).filter_map(|pair| pair[0].parse().ok());
    // "Total errors found: 6", "Total accumulated errors = 2"
    let total = lower.starts_with("total ") && words.iter().any(|word| noun(word));
    let behind =
        lower.rsplit([':', '=']).next().filter(|_| total).and_then(|number| number.trim().parse().ok());
    // "Found 2 dependency issues."
    let found = words.windows(3).filter(|three| lower.starts_with("found ") && noun(three[2]));
    let found = found.filter_map(|three| three[0].parse().ok());
    before.max().max(behind).max(found.max())
}

/// `Found 3 errors.`, `Checked 2 files in 9ms.`, `Summary: 3 errors`: what a run comes to.
pub(super) fn sums_up(line: &str) -> bool {
    const DONE: [&str; 7] = ["Found", "Checked", "Scanned", "Processed", "Fixed", "Skipped", "Summary:"];
    let mut words = line.split(' ');
    DONE.contains(&words.next().unwrap_or_default())
        && words.next().is_some_and(|count| count.parse::<usize>().is_ok())
}

/// A line without the name of who prints it: `[review] src/a.rs ... ok`.
pub(super) fn untagged(line: &str) -> &str {
    let Some((tag, rest)) = line.strip_prefix('[').and_then(|inside| inside.split_once("] ")) else {
        return line;
    };
    let is_name = tag.len() > 2 && tag.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if is_name && crate::severity::exact(tag).is_none() && super::level::level(tag).is_none() {
        rest
    } else {
        line
    }
}

/// Does a tool say that it stopped before the end, or shows a part: `too many errors`?
pub(super) fn stopped_early(line: &str) -> bool {
    const SAID: [&str; 7] = [
        "too many errors",
        "too many problems",
        "only showing the first ",
        "max-errors=",
        "ferror-limit",
        "skipping most remaining errors",
        "diagnostics not shown",
    ];
    let lower = line.to_lowercase();
    SAID.iter().any(|said| lower.contains(said))
}

/// What tells of the run or sums up: a table of how many remarks each rule made, with its
/// heading, `2 no-changed-when profile:basic tags:idempotency`, and the lines of a log.
pub(super) fn of_run(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let counts = words.next().is_some_and(|count| count.parse::<usize>().is_ok());
    is_log(line)
        || counts
            && words.any(|word| word.starts_with("profile:"))
            && words.any(|word| word.starts_with("tags:"))
        || line.trim_start_matches(['#', ' ']) == "Rule Violation Summary"
        || line.starts_with("Read documentation for instructions on how to ignore")
        || line.starts_with("WARNING") && line.contains(" Listing ") && summed(line).is_some()
}

/// `9 findings (4 suppressed, …)`: how many of those are not shown.
pub(super) fn hidden(line: &str) -> usize {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let said = words.windows(2).find(|pair| pair[1] == "suppressed").and_then(|pair| pair[0].parse().ok());
    said.filter(|_| summed(line).is_some()).unwrap_or(0)
}

/// What a program tells of itself: `INFO audit: done with a.yml`, `Total files scanned = 3`.
fn is_log(line: &str) -> bool {
    let verb = line.split_whitespace().next().unwrap_or_default();
    let of_run = matches!(verb, "INFO" | "DEBUG" | "TRACE") && !crate::signs::has_line_place(line);
    let total = line
        .split_once(" = ")
        .is_some_and(|(what, number)| what.starts_with("Total ") && number.trim().parse::<usize>().is_ok());
    // `Scanning...`
    let begins = line.strip_suffix("...").is_some_and(|word| word.chars().all(char::is_alphabetic));
    of_run || total || begins
}

/// A rule or kind, and how many remarks it made.
pub(super) fn counts_kind(line: &str) -> bool {
    line.rsplit_once(':').is_some_and(|(kind, number)| {
        kind.split_whitespace().count() <= 3 && number.trim().parse::<usize>().is_ok()
    })
}

/// A line of signs, or a tool's heading.
pub(super) fn is_rule(line: &str) -> bool {
    // `22 | let a = b;`, as compilers quote code.
    let quoted =
        line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with(['|', '│', '┆']);
    quoted && line.starts_with(|c: char| c.is_ascii_digit())
        || !line.contains(char::is_alphanumeric)
        || line.starts_with("***")
        || line.starts_with("==")
}

/// `> 22 | code`: the line of quoted code that it is about.
pub(super) fn marks_code(line: &str) -> bool {
    let numbered = |line: &str| line.starts_with(|c: char| c.is_ascii_digit()) && quotes_code(line);
    line.strip_prefix("> ").is_some_and(|line| numbered(line.trim_start()))
}

/// `22 | code`, `   | ^`, `41┆ code`: code as compilers quote it, and what points at it.
pub(super) fn quotes_code(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.trim_start().starts_with(['|', '│', '┆'])
        && (rest.len() < line.len() || line.starts_with(['|', '│', '┆']))
        || line.starts_with('^') && !line.contains(char::is_alphanumeric)
}

/// `L41 |code`: the number of a line of code that is quoted below its file's name.
pub(super) fn numbered_code(line: &str) -> Option<u32> {
    line.strip_prefix('L')?.split_once(" |")?.0.parse().ok()
}

/// `^~~~`, which points at the code in the line above.
pub(super) fn points_at_code(line: &str) -> bool {
    line.contains('^') && line.chars().all(|c| matches!(c, '^' | '~' | '-' | ' '))
}

/// `~~~~` below `7 let a = b;`, a line of code with its number.
pub(super) fn underlines(line: &str, above: &str) -> bool {
    line.bytes().all(|byte| byte == b'~') && numbers_code(above)
}

/// `7 let a = b;`: code behind its number.
pub(super) fn numbers_code(line: &str) -> bool {
    let code = line.trim_start_matches(|c: char| c.is_ascii_digit());
    code.len() < line.len() && code.starts_with(' ')
}

/// What a build prints about itself: what it runs, how far it is, where it looks.
pub(super) fn is_context(line: &str) -> bool {
    runs(line) || is_progress(line) || leads_to(line) || names_version(line)
}

/// `oven-lint v3.1.0 (kiln v2.0.0)`: who prints it.
fn names_version(line: &str) -> bool {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let version = words.next().and_then(|word| word.strip_prefix('v')).unwrap_or_default();
    let is_name = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_name(name)
        && version.contains('.')
        && version.split('.').all(|part| part.parse::<u32>().is_ok())
        && words.all(|word| word.starts_with('(') || word.ends_with(')'))
}

/// `cc -Wall -c a.c`, `make[1]: Entering directory …`, `$ npm run lint`: no sentence, and
/// options among the words.
fn runs(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else { return false };
    let program = first.trim_end_matches(':');
    let is_make = program.strip_suffix(']').and_then(|word| word.split_once('['));
    if is_make
        .is_some_and(|(name, depth)| name.ends_with("make") && depth.bytes().all(|b| b.is_ascii_digit()))
        || matches!(first, "$" | "+" | "%")
    {
        return true;
    }
    let is_name = |word: &str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-_./".contains(c))
    };
    let is_option = |word: &str| {
        word.strip_prefix('-')
            .is_some_and(|word| word.trim_start_matches('-').starts_with(char::is_alphanumeric))
    };
    is_name(program) && !line.ends_with(['.', '!', '?']) && words.any(is_option)
        || matches!(first, "ar" | "ld" | "ranlib" | "strip" | "cp" | "mv" | "mkdir" | "cd")
            && !line.ends_with('.')
}

/// `[3/31] …`, `[3 of 9] Compiling …`, `[...]`, `Checking shop v0.1.0 (/build/shop)`,
/// `Reading the types...`.
fn is_progress(line: &str) -> bool {
    let bracketed =
        line.strip_prefix('[').and_then(|line| line.split_once(']')).is_some_and(|(inside, _)| {
            let mut parts = inside.split([' ', '/']).filter(|part| !part.is_empty() && *part != "of");
            inside.trim_matches('.').is_empty()
                || parts.all(|part| part.trim_end_matches('%').parse::<u32>().is_ok())
        });
    let verb = line.split_whitespace().next().unwrap_or_default();
    let goes_on = line.ends_with("...") && line.split(' ').count() <= 5;
    bracketed
        || goes_on && line.starts_with(char::is_uppercase) && !line.contains([':', '`'])
        || matches!(
            verb,
            "Compiling"
                | "Checking"
                | "Building"
                | "Linting:"
                | "Linking"
                | "Finished"
                | "Downloading"
                | "Running"
                | "Scanning"
        ) && !line.ends_with('.')
}

/// `a.c: In function ‘f’:`, `In file included from a.h:3:`, `note: see …`, addresses.
fn leads_to(line: &str) -> bool {
    const HEADS: [&str; 8] = [
        "Reference: http",
        "In file included from ",
        "from ",
        "Did you mean",
        "For more information",
        "Use -",
        "... ",
        "=== ",
    ];
    line.contains(": In function ") && line.ends_with(':')
        || line.ends_with(": no issues found")
        || line.ends_with(": At top level:")
        || line.starts_with(['┌', '└', '╭', '╰'])
        || line.starts_with('│') && line.ends_with('│')
        || HEADS.iter().any(|head| line.starts_with(head)) && !line.contains(": warning")
        || line.starts_with("http") && line.contains("://") && !line.contains(": error")
}
