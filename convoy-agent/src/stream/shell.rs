//! Which files a shell command shows, as far as its words and its output prove it.
//!
//! Careful in one direction: what may not have run, may have failed, or went
//! somewhere else than to the agent counts as not shown.

use super::look::{found_nothing, named_in};

/// Shows the files it is given.
const READERS: [&str; 22] = [
    "awk", "bat", "batcat", "cat", "column", "cut", "diff", "expand", "fold", "gawk", "head", "hexdump",
    "jq", "less", "more", "nl", "od", "sed", "strings", "tac", "tail", "xxd",
];
/// Shows the lines that match, with the names of their files.
const SEARCHERS: [&str; 7] = ["ack", "ag", "egrep", "fgrep", "grep", "rg", "ugrep"];
/// Shows what it is fed, beside the readers and searchers.
const PASSING: [&str; 6] = ["sort", "tee", "tr", "uniq", "paste", "rev"];
/// Cannot fail in a way that matters to what comes after `&&`.
const HARMLESS: [&str; 6] = ["cd", "echo", "printf", "pwd", "set", "true"];
/// What only runs if something else was so.
const CONDITIONAL: [&str; 5] = ["if", "while", "until", "case", "select"];

/// The files it shows something of, as they are named; relative to the directory
/// it has changed to.
pub(super) fn shown(command: &str, exit: Option<i64>, output: &str) -> Vec<String> {
    if found_nothing(output) {
        return Vec::new();
    }
    let script = Script::read(command);
    let last_list = script.pipelines.last().map_or(0, |last| last.list);
    let succeeded = exit.unwrap_or(0) == 0;
    let mut out = Vec::new();
    for (n, pipeline) in script.pipelines.iter().enumerate() {
        let is_last = n + 1 == script.pipelines.len();
        let list = script.pipelines[..n].iter().filter(|earlier| earlier.list == pipeline.list);
        let reached = (succeeded && pipeline.list == last_list) || { list }.all(Pipeline::goes_on);
        let ran = reached && !pipeline.is_alternative && !pipeline.is_conditional;
        let worked =
            if is_last || pipeline.hides_errors() { succeeded && pipeline.list == last_list } else { true };
        if ran && worked {
            out.extend(pipeline.shows(output).into_iter().filter(|name| !failed_on(name, output)));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// What it was to read; `None`: it reads nothing.
pub(super) fn targets(command: &str) -> Option<Vec<String>> {
    let script = Script::read(command);
    let readers: Vec<&Simple> =
        script.pipelines.iter().flat_map(|p| &p.stages).filter(|s| s.reads()).collect();
    (!readers.is_empty()).then(|| readers.iter().flat_map(|stage| stage.files()).collect())
}

/// Does a line of the output say that this file could not be read?
fn failed_on(name: &str, output: &str) -> bool {
    const ERRORS: [&str; 7] = [
        "no such file",
        "permission denied",
        "operation not permitted",
        "cannot open",
        "can't read",
        "can't open",
        "is a directory",
    ];
    output.lines().any(|line| {
        let line_ = line.to_ascii_lowercase();
        line.contains(name) && ERRORS.iter().any(|error| line_.contains(error))
    })
}

#[derive(Debug, Default)]
struct Script {
    pipelines: Vec<Pipeline>,
}

/// Commands joined by `|`.
#[derive(Debug, Default)]
struct Pipeline {
    stages: Vec<Simple>,
    /// Those joined by `&&` and `||` have the same number.
    list: usize,
    /// It runs only if what is before it failed, or only if something is so.
    is_alternative: bool,
    is_conditional: bool,
}

#[derive(Debug, Default, Clone)]
struct Simple {
    words: Vec<String>,
    /// Where it was when it ran, as far as it said so itself.
    dir: String,
    input: Option<String>,
    output_elsewhere: bool,
    errors_elsewhere: bool,
}

impl Pipeline {
    /// Whatever it did, the next after `&&` has run.
    fn goes_on(&self) -> bool {
        let harmless = |stage: &Simple| HARMLESS.contains(&stage.name()) || READERS.contains(&stage.name());
        !self.is_alternative && self.stages.iter().all(harmless)
    }

    fn hides_errors(&self) -> bool {
        self.stages.iter().any(|stage| stage.errors_elsewhere)
    }

    fn shows(&self, output: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (n, stage) in self.stages.iter().enumerate() {
            if stage.output_elsewhere || (n > 0 && !stage.passes()) {
                out.clear();
            }
            let fed = n.checked_sub(1).map(|before| &self.stages[before]);
            match stage.name() {
                _ if stage.output_elsewhere || !stage.reads() => {}
                name if SEARCHERS.contains(&name) => out.extend(stage.lines_of(output)),
                "xargs" => out.extend(fed.and_then(Simple::finds)),
                "find" => out.extend(stage.finds()),
                _ => out.extend(stage.files()),
            }
        }
        out
    }
}

impl Simple {
    fn name(&self) -> &str {
        let word = self.words.first().map_or("", String::as_str);
        word.rsplit('/').next().unwrap_or_default()
    }

    fn has(&self, long: &[&str], short: &str) -> bool {
        self.words.iter().skip(1).any(|word| match word.strip_prefix("--") {
            Some(name) => long.contains(&name.split('=').next().unwrap_or_default()),
            None => word.strip_prefix('-').is_some_and(|letters| {
                letters.chars().take_while(char::is_ascii_alphabetic).any(|letter| short.contains(letter))
            }),
        })
    }

    /// It looks into files, and prints of them.
    fn reads(&self) -> bool {
        match self.name() {
            "sed" => !self.has(&["in-place"], "i"),
            "find" => self.runs_reader(),
            "xargs" => self.words.iter().skip(1).any(|word| READERS.contains(&word.as_str())),
            name if SEARCHERS.contains(&name) => !self.has(
                &[
                    "count",
                    "files",
                    "files-with-matches",
                    "files-without-match",
                    "quiet",
                    "silent",
                    "count-matches",
                    "type-list",
                ],
                "clLq",
            ),
            name => READERS.contains(&name),
        }
    }

    /// What it is fed comes out of it, at least in part.
    fn passes(&self) -> bool {
        PASSING.contains(&self.name()) || self.name() == "xargs" || self.reads()
    }

    /// `find … -exec cat {} +`
    fn runs_reader(&self) -> bool {
        let run = self.words.iter().position(|word| word == "-exec").and_then(|at| self.words.get(at + 1));
        run.is_some_and(|name| READERS.contains(&name.as_str()))
    }

    /// A pattern for the files that `find`, `git ls-files` or `rg --files` names.
    fn finds(&self) -> Option<String> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let (place, name) = match words.as_slice() {
            ["find", rest @ ..] => {
                let named = match rest.iter().position(|word| *word == "-name") {
                    Some(at) => *rest.get(at + 1)?,
                    None => "*",
                };
                let place = rest.first().copied().filter(|place| !place.starts_with('-')).unwrap_or(".");
                (place, named)
            }
            ["git", "ls-files"] | ["rg", "--files"] => (".", "*"),
            ["git", "ls-files", .., pattern] => return Some(self.at(pattern)),
            ["rg", "--files", place] => (*place, "*"),
            _ => return None,
        };
        Some(self.at(&format!("{}/**/{name}", place.trim_end_matches('/'))))
    }

    /// Its arguments that are files.
    fn files(&self) -> Vec<String> {
        let name = self.name();
        let mut is_code = match name {
            "sed" => !self.has(&["expression", "file"], "ef"),
            "awk" | "gawk" | "jq" => !self.has(&["file", "from-file"], "f"),
            _ => SEARCHERS.contains(&name) && !self.has(&["regexp", "file"], "ef"),
        };
        let mut out = Vec::new();
        let mut words = self.words.iter().skip(1);
        let mut only_files = false;
        while let Some(word) = words.next() {
            if !only_files && word == "--" {
                only_files = true;
            } else if !only_files && word.len() > 1 && word.starts_with('-') {
                if takes_a_word(name, word) {
                    words.next();
                }
            } else if is_code {
                is_code = false;
            } else {
                out.push(self.at(word));
            }
        }
        out.extend(self.input.as_ref().map(|file| self.at(file)));
        out
    }

    /// The files whose lines a search has printed.
    fn lines_of(&self, output: &str) -> Vec<String> {
        let files = self.files();
        let mut out: Vec<String> = match files.as_slice() {
            [one] => vec![one.clone()],
            _ => Vec::new(),
        };
        if !self.has(&["no-filename"], "hI") {
            let before_colon =
                output.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_owned());
            out.extend(named_in(output).into_iter().chain(before_colon).map(|name| self.at(&name)));
        }
        out
    }

    fn at(&self, name: &str) -> String {
        if name.starts_with('/') || self.dir.is_empty() {
            return name.to_owned();
        }
        format!("{}/{name}", self.dir.trim_end_matches('/'))
    }
}

/// Is the word after this option its value?
fn takes_a_word(command: &str, option: &str) -> bool {
    let letters = match command {
        "head" | "tail" => "nc",
        "nl" => "bhfvwsid",
        "cut" => "dfcb",
        "sed" => "ef",
        "awk" | "gawk" => "Fvf",
        "fold" => "w",
        "grep" | "egrep" | "fgrep" | "rg" | "ag" | "ack" | "ugrep" => "ABCefgmtTMjr",
        _ => "",
    };
    match option.strip_prefix("--") {
        Some(long) => {
            !long.contains('=')
                && ["glob", "type", "regexp", "context", "max-count", "lines", "bytes"].contains(&long)
        }
        // `-n 20` but not `-n20`; `-rn foo` but not `-rne foo`.
        None => option.chars().last().is_some_and(|letter| letters.contains(letter)),
    }
}

impl Script {
    fn read(command: &str) -> Self {
        let tokens = tokens(command);
        let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
        if let [shell, options @ .., script] = words.as_slice()
            && ["bash", "sh", "zsh", "dash"].contains(&shell.rsplit('/').next().unwrap_or_default())
            && options.iter().any(|option| option.starts_with('-') && option.ends_with('c'))
            && tokens.len() == words.len()
        {
            return Script::of(&self::tokens(script));
        }
        Script::of(&tokens)
    }

    fn of(tokens: &[Token]) -> Self {
        let mut reader = Reader::default();
        for token in tokens {
            reader.take(token);
        }
        reader.end_list();
        reader.script
    }
}

#[derive(Debug, Default)]
struct Reader {
    script: Script,
    pipeline: Pipeline,
    simple: Simple,
    dir: String,
    depth: usize,
    /// `for NAME in …`
    variable: Option<(String, Vec<String>)>,
    redirect: Option<Redirect>,
}

#[derive(Debug, Clone, Copy)]
enum Redirect {
    Input,
    Output,
    Errors,
    Both,
}

impl Reader {
    fn take(&mut self, token: &Token) {
        match token {
            Token::Word(word) => match self.redirect.take() {
                Some(Redirect::Input) => self.simple.input = Some(word.clone()),
                Some(Redirect::Output) => self.simple.output_elsewhere |= word != "/dev/stdout",
                Some(Redirect::Errors) => self.simple.errors_elsewhere |= word != "&1",
                Some(Redirect::Both) => self.simple.output_elsewhere = true,
                None => self.word(word),
            },
            Token::Redirect(redirect) => self.redirect = Some(*redirect),
            Token::Pipe => self.end_simple(),
            Token::And => self.end_pipeline(false),
            Token::Or => self.end_pipeline(true),
            Token::End => self.end_list(),
        }
    }

    fn word(&mut self, word: &str) {
        if self.simple.words.is_empty() {
            match word {
                "do" | "then" | "else" | "!" | "time" | "command" | "{" | "env" | "nohup" => return,
                "fi" | "esac" => {
                    self.depth = self.depth.saturating_sub(1);
                    return;
                }
                "done" => {
                    // Of a `for` or of a condition: the innermost that is open.
                    match self.variable.take() {
                        Some(_) => {}
                        None => self.depth = self.depth.saturating_sub(1),
                    }
                    return;
                }
                word if CONDITIONAL.contains(&word) => {
                    self.depth += 1;
                    return;
                }
                word if is_assignment(word) => return,
                _ => {}
            }
        }
        match &self.variable {
            Some((name, list)) if stands_for(word, name) => self.simple.words.extend(list.iter().cloned()),
            _ => self.simple.words.push(word.to_owned()),
        }
    }

    fn end_simple(&mut self) {
        let mut simple = std::mem::take(&mut self.simple);
        self.redirect = None;
        if simple.words.is_empty() {
            return;
        }
        match simple.words.as_slice() {
            [word, name, of, list @ ..] if word == "for" && of == "in" => {
                self.variable = Some((name.clone(), list.to_vec()));
                return;
            }
            [word, dir] if word == "cd" => {
                simple.dir.clone_from(&self.dir);
                self.dir = simple.at(dir);
            }
            _ => {}
        }
        if simple.dir.is_empty() {
            simple.dir.clone_from(&self.dir);
        }
        self.pipeline.stages.push(simple);
    }

    fn end_pipeline(&mut self, next_is_alternative: bool) {
        self.end_simple();
        let list = self.pipeline.list;
        let mut pipeline = std::mem::take(&mut self.pipeline);
        if !pipeline.stages.is_empty() {
            pipeline.is_conditional = self.depth > 0;
            self.script.pipelines.push(pipeline);
        }
        self.pipeline = Pipeline { list, is_alternative: next_is_alternative, ..Pipeline::default() };
    }

    fn end_list(&mut self) {
        self.end_pipeline(false);
        self.pipeline.list += 1;
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    })
}

fn stands_for(word: &str, variable: &str) -> bool {
    let name = word.strip_prefix('$').unwrap_or_default();
    name == variable || name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) == Some(variable)
}

#[derive(Debug, Clone)]
enum Token {
    Word(String),
    Redirect(Redirect),
    Pipe,
    And,
    Or,
    End,
}

impl Token {
    fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The words of a script without their quotes, and what stands between them.
fn tokens(script: &str) -> Vec<Token> {
    Lexer { rest: script, word: None, out: Vec::new() }.run()
}

struct Lexer<'a> {
    rest: &'a str,
    word: Option<String>,
    out: Vec<Token>,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<Token> {
        while let Some(c) = self.rest.chars().next() {
            if !self.operator() {
                self.rest = &self.rest[c.len_utf8()..];
                self.letter(c);
            }
        }
        self.end_word();
        self.out
    }

    fn end_word(&mut self) {
        self.out.extend(self.word.take().map(Token::Word));
    }

    /// The longest operator that begins here, if one does.
    fn operator(&mut self) -> bool {
        let table: [(&str, Option<Token>); 20] = [
            ("2>&1", None),
            ("1>&2", Some(Token::Redirect(Redirect::Output))),
            (">&2", Some(Token::Redirect(Redirect::Output))),
            ("&>>", Some(Token::Redirect(Redirect::Both))),
            ("2>>", Some(Token::Redirect(Redirect::Errors))),
            ("<<<", Some(Token::Redirect(Redirect::Errors))),
            ("&&", Some(Token::And)),
            ("||", Some(Token::Or)),
            ("|&", Some(Token::Pipe)),
            ("&>", Some(Token::Redirect(Redirect::Both))),
            ("2>", Some(Token::Redirect(Redirect::Errors))),
            ("1>", Some(Token::Redirect(Redirect::Output))),
            (">>", Some(Token::Redirect(Redirect::Output))),
            (">", Some(Token::Redirect(Redirect::Output))),
            ("<", Some(Token::Redirect(Redirect::Input))),
            ("|", Some(Token::Pipe)),
            (";", Some(Token::End)),
            ("&", Some(Token::End)),
            ("\n", Some(Token::End)),
            ("(", Some(Token::End)),
        ];
        if self.rest.starts_with("<<") && !self.rest.starts_with("<<<") {
            self.here_document();
            return true;
        }
        if self.rest.starts_with(')') && self.word.is_none() {
            self.rest = &self.rest[1..];
            self.out.push(Token::End);
            return true;
        }
        for (mark, token) in table {
            // `a2>x` redirects, `file2` does not begin an operator.
            let is_digit = mark.starts_with(|c: char| c.is_ascii_digit());
            if self.rest.starts_with(mark) && !(is_digit && self.word.is_some()) {
                self.end_word();
                self.rest = &self.rest[mark.len()..];
                let to_errors = mark.ends_with(">&2");
                self.out.extend(token);
                if to_errors {
                    self.out.push(Token::Word("&2".to_owned()));
                }
                return true;
            }
        }
        false
    }

    fn letter(&mut self, c: char) {
        match c {
            '\'' => self.quoted('\''),
            '"' => self.quoted('"'),
            '\\' => {
                let next = self.rest.chars().next();
                self.rest = self.rest.get(next.map_or(0, char::len_utf8)..).unwrap_or_default();
                // A line that goes on in the next one.
                if let Some(next) = next.filter(|next| *next != '\n') {
                    self.word.get_or_insert_default().push(next);
                }
            }
            '#' if self.word.is_none() => {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            }
            c if c.is_whitespace() => self.end_word(),
            '$' if self.rest.starts_with('(') => {
                let end = self.rest.find(')').map_or(self.rest.len(), |end| end + 1);
                let (inside, rest) = self.rest.split_at(end);
                let word = self.word.get_or_insert_default();
                word.push('$');
                word.push_str(inside);
                self.rest = rest;
            }
            c => self.word.get_or_insert_default().push(c),
        }
    }

    fn quoted(&mut self, quote: char) {
        let mut escaped = false;
        let mut end = self.rest.len();
        let word = self.word.get_or_insert_default();
        for (at, c) in self.rest.char_indices() {
            if escaped {
                if !matches!(c, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(c);
                escaped = false;
            } else if c == '\\' && quote == '"' {
                escaped = true;
            } else if c == quote {
                end = at + 1;
                break;
            } else {
                word.push(c);
            }
        }
        self.rest = self.rest.get(end..).unwrap_or_default();
    }

    /// `<<EOF`: its text is no command.
    fn here_document(&mut self) {
        self.end_word();
        let line_end = self.rest.find('\n').unwrap_or(self.rest.len());
        let (line, text) = self.rest.split_at(line_end);
        let mark: String = line[2..].chars().filter(|c| !matches!(c, '-' | '\'' | '"' | ' ')).collect();
        let mark = mark.split(['|', ';', '&', '>']).next().unwrap_or_default().to_owned();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            at += line.len();
            if line.trim() == mark && !mark.is_empty() {
                break;
            }
        }
        self.rest = text.get(at..).unwrap_or_default();
        self.out.push(Token::End);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(command: &str) -> Vec<String> {
        shown(command, Some(0), "some text\n")
    }

    #[test]
    fn commands_that_show_a_file() {
        for (command, want) in [
            ("cat src/a.ts", vec!["src/a.ts"]),
            (r#"/bin/bash -lc "cat 'src/my file.ts'""#, vec!["src/my file.ts"]),
            ("bash -lc 'sed -n \"1,200p\" src/a.ts'", vec!["src/a.ts"]),
            ("bash -lc \"cd /p && nl -ba src/a.ts | sed -n '1,200p'\"", vec!["/p/src/a.ts"]),
            ("head -n 40 a.ts b.ts", vec!["a.ts", "b.ts"]),
            ("tail -40 a.ts | cat", vec!["a.ts"]),
            ("sed -n '1,9p' a.ts && printf '\\n--\\n' && sed -n '1,9p' b.ts", vec!["a.ts", "b.ts"]),
            ("cat a.ts 2>/dev/null", vec!["a.ts"]),
            ("cat < a.ts", vec!["a.ts"]),
            ("for f in a.ts b.ts; do echo \"== $f\"; cat \"$f\"; done", vec!["a.ts", "b.ts"]),
            ("cat src/*.ts", vec!["src/*.ts"]),
            ("find src -name '*.ts' -exec cat {} +", vec!["src/**/*.ts"]),
            ("find src -name '*.ts' | xargs cat", vec!["src/**/*.ts"]),
            ("git ls-files | xargs head -n 50", vec!["./**/*"]),
            ("awk '{print NR\": \"$0}' a.ts", vec!["a.ts"]),
            ("LC_ALL=C grep -n 'x' a.ts", vec!["a.ts"]),
            ("cat a.ts \\\n  b.ts", vec!["a.ts", "b.ts"]),
            ("cat -- -odd.ts", vec!["-odd.ts"]),
        ] {
            assert_eq!(seen(command), want, "{command}");
        }
    }

    #[test]
    fn commands_that_show_none() {
        for command in [
            "ls src/a.ts",
            "wc -l src/a.ts",
            "cat a.ts > b.ts",
            "cat a.ts > /dev/null",
            "cat a.ts >/dev/null 2>&1; echo done",
            "cat a.ts | wc -l",
            "cat a.ts | grep -c x",
            "grep -l x a.ts",
            "grep -qn x a.ts && echo yes",
            "rg --files src",
            "sed -i 's/a/b/' a.ts",
            "echo cat a.ts",
            "echo 'cat a.ts'",
            "true || cat a.ts",
            "grep -q x y && cat a.ts; echo done",
            "if test -f a.ts; then cat a.ts; fi; echo done",
            "# cat a.ts\necho x",
            "stat a.ts",
            "find src -name '*.ts'",
            "cat > out.ts <<'EOF'\ncat a.ts\nEOF\necho x",
            "git status",
            "while false; do cat a.ts; done; echo x",
        ] {
            assert_eq!(seen(command), [""; 0], "{command}");
        }
        assert_eq!(shown("cat a.ts", Some(0), ""), [""; 0]);
    }

    #[test]
    fn what_failed_is_not_shown() {
        assert_eq!(shown("cat a.ts", Some(1), "cat: a.ts: No such file or directory"), [""; 0]);
        assert_eq!(shown("cat a.ts", Some(137), "half of it"), [""; 0]);
        let output = "text\ncat: b.ts: Permission denied\n";
        assert_eq!(shown("cat a.ts; cat b.ts; echo x", Some(0), output), ["a.ts"]);
        // The search at the end found nothing; what was shown before it was shown.
        assert_eq!(shown("cat a.ts; rg zzz src", Some(1), "text"), ["a.ts"]);
        assert_eq!(shown("cat a.ts 2>/dev/null; rg zzz src", Some(1), "text"), [""; 0]);
        assert_eq!(shown("rg zzz a.ts", Some(1), "text"), [""; 0]);
    }

    #[test]
    fn a_search_shows_the_files_it_names() {
        let output = "src/a.ts:3:let x\nsrc/b.ts-4-y\n";
        assert_eq!(shown("rg -n x src", Some(0), output), ["src", "src/a.ts", "src/b.ts"]);
        assert_eq!(shown("cd /p && rg x src", Some(0), "src/a.ts:let x: y"), ["/p/src", "/p/src/a.ts"]);
    }

    #[test]
    fn what_a_refused_command_was_to_read() {
        assert_eq!(targets("bash -lc 'cat a.ts'"), Some(vec!["a.ts".to_owned()]));
        assert_eq!(targets("rg -n x"), Some(Vec::new()));
        assert_eq!(targets("rm -rf x"), None);
    }
}
