//! How people call the programs: `pan convoy stop` is `convoy-ctl stop`. What is
//! printed for people names commands in the form of `pan`; for somebody who called
//! a program by its own name, [`as_typed`] rewrites that, so that a hint can be
//! typed as the command before it was.

use std::borrow::Cow;

use crate::environment;

/// A command of `pan` and the program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Its words after `pan`.
    pub typed: &'static [&'static str],
    pub program: &'static str,
    /// The words of the program's own that stand for them.
    pub own: &'static [&'static str],
}

const fn form(typed: &'static [&'static str], program: &'static str, own: &'static [&'static str]) -> Form {
    Form { typed, program, own }
}

/// All of them; of two that begin a command line alike, the longer one is first.
pub const FORMS: [Form; 15] = [
    form(&["convoy", "start"], "convoy-start", &[]),
    form(&["convoy", "watch"], "convoy-watch", &[]),
    form(&["convoy"], "convoy-ctl", &[]),
    form(&["review"], "convoy-review", &[]),
    form(&["comment"], "convoy-comment", &[]),
    form(&["findings"], "convoy-ctl", &["decisions"]),
    form(&["show"], "convoy-ctl", &["show"]),
    form(&["merge"], "convoy-merge", &[]),
    form(&["lint"], "convoy-lint", &[]),
    form(&["dashboard"], "convoy-dashboard", &[]),
    form(&["mcp"], "convoy-mcp", &[]),
    form(&["costs"], "convoy-ctl", &["costs"]),
    form(&["doctor"], "convoy-ctl", &["doctor"]),
    form(&["init"], "convoy-ctl", &["init"]),
    form(&["skills"], "convoy-ctl", &["skills"]),
];

/// Who called a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// `pan`, for somebody who typed `pan convoy stop`.
    Pan,
    /// Somebody who typed `convoy-ctl stop`.
    Direct,
}

impl Caller {
    pub(crate) fn of_this_program() -> Self {
        if environment::is_called_by_pan() { Caller::Pan } else { Caller::Direct }
    }

    /// The text, its commands in the form that this caller typed.
    pub(crate) fn form_of(self, text: &str) -> Cow<'_, str> {
        match self {
            Caller::Pan => Cow::Borrowed(text),
            Caller::Direct => by_name(text),
        }
    }
}

/// Text for people, its commands in the form in which this program was called.
pub fn as_typed(text: &str) -> Cow<'_, str> {
    Caller::of_this_program().form_of(text)
}

/// What this program is called by its caller: `pan convoy start` or `convoy-start`.
pub fn name_of(program: &str) -> String {
    let form = FORMS.iter().find(|form| form.program == program && form.own.is_empty());
    match form.filter(|_| environment::is_called_by_pan()) {
        Some(form) => format!("pan {}", form.typed.join(" ")),
        None => program.to_owned(),
    }
}

/// A text with commands of `pan` in their shortest form: `pan findings accept` for
/// `pan convoy decisions accept`. A program that `pan` became knows no other name of itself.
pub fn shortest(text: &str) -> String {
    let mut out = text.to_owned();
    for form in FORMS.iter().filter(|form| form.program == "convoy-ctl" && !form.own.is_empty()) {
        let long = format!("pan convoy {}", form.own.join(" "));
        let found: Vec<usize> = out.match_indices(&long).map(|(at, _)| at).collect();
        for at in found.into_iter().rev() {
            let end = at + long.len();
            if !out[end..].starts_with(is_of_a_word) {
                out.replace_range(at..end, &format!("pan {}", form.typed.join(" ")));
            }
        }
    }
    out
}

/// The same text with the programs' own names.
fn by_name(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("pan ") {
        let (before, command) = rest.split_at(at);
        out.push_str(before);
        let inside_a_word = before.chars().next_back().is_some_and(is_of_a_word);
        let found = FORMS.iter().find_map(|form| Some((form, after(command, form)?)));
        match found.filter(|_| !inside_a_word) {
            Some((form, after)) => {
                out.push_str(form.program);
                for word in form.own {
                    out.push(' ');
                    out.push_str(word);
                }
                rest = after;
            }
            None => {
                out.push_str("pan ");
                rest = &command["pan ".len()..];
            }
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// What follows a command of this form, if the text begins with one.
fn after<'t>(text: &'t str, form: &Form) -> Option<&'t str> {
    let mut rest = text.strip_prefix("pan")?;
    for word in form.typed {
        rest = rest.strip_prefix(' ')?.strip_prefix(word)?;
    }
    (!rest.starts_with(is_of_a_word)).then_some(rest)
}

fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_form_has_a_short_one() {
        for (text, want) in [
            (
                "usage: pan convoy decisions accept --reason <TEXT>",
                "usage: pan findings accept --reason <TEXT>",
            ),
            ("pan convoy costs", "pan costs"),
            ("pan convoy showing", "pan convoy showing"),
            ("pan convoy status", "pan convoy status"),
        ] {
            assert_eq!(shortest(text), want, "{text}");
        }
    }

    #[test]
    fn a_command_of_pan_is_rewritten_to_the_program_it_is() {
        for (text, want) in [
            ("pan convoy stop k7q", "convoy-ctl stop k7q"),
            ("end it: pan convoy start code-review", "end it: convoy-start code-review"),
            ("`pan convoy watch --all` and pan doctor", "`convoy-watch --all` and convoy-ctl doctor"),
            ("pan findings list", "convoy-ctl decisions list"),
            ("pan review --diff; pan lint", "convoy-review --diff; convoy-lint"),
        ] {
            assert_eq!(by_name(text), want, "{text}");
        }
    }

    #[test]
    fn whatever_is_no_such_command_stays() {
        for text in ["Japan review", "pan reviews", "pan convoy-x", "pan help", "span convoy", "", "a pan "] {
            assert_eq!(by_name(text), text);
        }
        assert_eq!(by_name("pan convoy starts"), "convoy-ctl starts", "the longest whole words count");
    }

    #[test]
    fn the_longer_of_two_forms_is_first() {
        for (n, form) in FORMS.iter().enumerate() {
            let hidden = FORMS[..n].iter().find(|earlier| form.typed.starts_with(earlier.typed));
            assert_eq!(hidden, None, "{form:?} is never found");
        }
    }
}
