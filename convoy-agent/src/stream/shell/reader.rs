//! From the words of a script to its pipelines, and what of them may not have run.

use super::words::{Redirect, Token, tokens};
use super::{CONDITIONAL, Pipeline, Script, Simple};

impl Script {
    pub(super) fn read(command: &str) -> Self {
        let tokens = tokens(command);
        let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
        if let [shell, options @ .., script] = words.as_slice()
            && ["bash", "sh", "zsh", "dash"].contains(&shell.rsplit('/').next().unwrap_or_default())
            && options.iter().any(|option| option.starts_with('-') && option.ends_with('c'))
            && tokens.len() == words.len()
        {
            return Script::of(&super::words::tokens(script));
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
