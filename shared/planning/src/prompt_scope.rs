//! Which variables a prompt may speak of: what it names and has not is an error
//! at the start, never something an agent gets to read.

use base::suggestion::nearest;
use base::text::visible;
use protocol::prompt_variables::{ITEM, NAMES, Piece, is_variable, pieces};

use crate::diagnostic::Diagnostic;

/// What a prompt may speak of besides [`NAMES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The params of the template.
    pub(crate) params: Vec<String>,
    /// The agent has `forEach`: there is `{{item}}`.
    pub(crate) item: bool,
}

impl Scope {
    fn knows(&self, name: &str) -> bool {
        let param = name.strip_prefix("params.");
        NAMES.contains(&name)
            || (self.item && name == ITEM)
            || param.is_some_and(|param| self.params.iter().any(|known| known == param))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = NAMES.map(str::to_owned).into();
        names.extend(self.params.iter().map(|param| format!("params.{param}")));
        names.extend(self.item.then(|| ITEM.to_owned()));
        names
    }
}

/// The variables that do not exist, with the place of each in the prompt.
pub(crate) fn check(prompt: &str, scope: &Scope) -> Vec<(usize, Diagnostic)> {
    let unknown = pieces(prompt).into_iter().filter_map(|piece| match piece {
        Piece::Variable(name, at) if !scope.knows(name) => Some((name, at)),
        Piece::Variable(..) | Piece::Text(_) => None,
    });
    let names = scope.names();
    let mut left = unexpanded(prompt, &names);
    let problem = |(name, at): (&str, usize)| {
        let problem = Diagnostic::new(format!("the prompt has an unknown variable '{{{{{name}}}}}'"));
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean '{{{{{near}}}}}'?"),
            None if name.starts_with("params.") => "declare it in the template's 'params'".to_owned(),
            None if name == ITEM => "only an agent with 'forEach' has it".to_owned(),
            None => format!("if it is meant as text, write '{{{{ {name} }}}}'"),
        };
        (at, problem.hint(hint))
    };
    left.extend(unknown.map(problem));
    left.sort_by_key(|(at, _)| *at);
    left
}

/// What of the prompt of an agent file looks like a variable of ours and is none: in
/// words, one for each.
pub(crate) fn slips(prompt: &str, scope: &Scope) -> Vec<String> {
    let is_ours = |problem: &Diagnostic| {
        problem
            .hint
            .as_ref()
            .is_some_and(|hint| hint.starts_with("did you mean") || hint.starts_with("write"))
    };
    let slips = check(prompt, scope).into_iter().map(|(_, problem)| problem).filter(is_ours);
    let words = |problem: Diagnostic| match problem.hint {
        Some(hint) => format!("{}, which is text here ({hint})", problem.message),
        None => problem.message,
    };
    slips.map(words).collect()
}

/// What is meant as a variable and would stay as it is: `{{ params.k }}`,
/// `{{Files}}`, `{{params.k}`.
fn unexpanded(prompt: &str, names: &[String]) -> Vec<(usize, Diagnostic)> {
    let mut out = Vec::new();
    for (open, _) in prompt.match_indices("{{") {
        let inside = &prompt[open + 2..];
        let end = inside.find(['}', '\n', '{']).unwrap_or(inside.len());
        let (written, closed) = (&inside[..end], inside[end..].starts_with("}}"));
        let name = written.trim().to_lowercase();
        let known = names.iter().find(|known| known.to_lowercase() == name);
        let meant = known.cloned().or_else(|| name.starts_with("params.").then(|| written.trim().to_owned()));
        let Some(meant) = meant.filter(|meant| !closed || written != meant.as_str()) else { continue };
        if closed && is_variable(written) {
            // It is a variable, an unknown one: told as such.
            continue;
        }
        let shown = format!("{{{{{}{}", visible(written), if closed { "}}" } else { "" });
        let problem = Diagnostic::new(format!("the prompt has a variable that is not filled in: '{shown}'"));
        out.push((open, problem.hint(format!("write '{{{{{}}}}}'", visible(&meant)))));
    }
    out
}

/// The first variable in a text that is no prompt, where none is filled in.
pub(crate) fn misplaced(text: &str) -> Option<&str> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Variable(name, _) if NAMES.contains(&name) || name == ITEM || name.starts_with("params.") => {
            Some(name)
        }
        Piece::Variable(..) | Piece::Text(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_stay_unexpanded_is_told() {
        let scope = Scope { params: vec!["level".to_owned()], item: false };
        for (prompt, want) in [
            ("{{params.level}} {{files}}", None),
            ("{{ user.name }} {{#if x}} {{.Id}} {{", None),
            ("a {{ params.level }}", Some("write '{{params.level}}'")),
            ("{{Files}}", Some("write '{{files}}'")),
            ("{{params.level}", Some("write '{{params.level}}'")),
            ("{{params.level", Some("write '{{params.level}}'")),
            ("{{params.levle}}", Some("did you mean '{{params.level}}'?")),
            ("{{ params.other }}", Some("write '{{params.other}}'")),
        ] {
            let found = check(prompt, &scope);
            assert_eq!(found.first().and_then(|(_, problem)| problem.hint.as_deref()), want, "{prompt}");
            assert!(found.len() <= 1, "{prompt}: {found:?}");
        }
        assert_eq!(misplaced("{{params.k}}-x"), Some("params.k"));
        assert_eq!(misplaced("docker -f {{.Id}} {{name}}"), None);
    }
}
