//! The words of a shell script without their quotes, and what stands between them.

#[derive(Debug, Clone, Copy)]
pub(super) enum Redirect {
    Input,
    Output,
    Errors,
    Both,
}

#[derive(Debug, Clone)]
pub(super) enum Token {
    Word(String),
    Redirect(Redirect),
    Pipe,
    And,
    Or,
    End,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The words of a script without their quotes, and what stands between them.
pub(super) fn tokens(script: &str) -> Vec<Token> {
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
