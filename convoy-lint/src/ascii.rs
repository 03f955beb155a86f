//! The regular expressions of built-in rules, whose character classes are those of ASCII:
//! what rules name is ASCII, and all of Unicode takes ten times the memory.

use serde_json::Value;

/// Narrows `\w`, `\d`, `\s` and `\b` in every `regex` of a rule. What is negated (`\W`) stays.
pub(crate) fn narrow(rule: &mut Value) {
    match rule {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(regex) if name == "regex" => *regex = narrowed(regex),
                    value => narrow(value),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(narrow),
        _ => {}
    }
}

fn narrowed(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut in_class = false;
    let mut rest = regex.chars();
    while let Some(c) = rest.next() {
        in_class = (in_class || c == '[') && c != ']';
        if c != '\\' {
            out.push(c);
            continue;
        }
        match (rest.next(), in_class) {
            (Some(class @ ('w' | 'd' | 's' | 'b')), false) => {
                out.extend(["(?-u:\\", class.encode_utf8(&mut [0; 4]), ")"]);
            }
            (Some('w'), true) => out.push_str("0-9A-Za-z_"),
            (Some('d'), true) => out.push_str("0-9"),
            (Some('s'), true) => out.push_str(r"\t\n\v\f\r\x20"),
            (escaped, _) => out.extend([c].into_iter().chain(escaped)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn classes_are_narrowed_where_they_stand() {
        for (regex, expected) in [
            (r"^\w+\b", r"^(?-u:\w)+(?-u:\b)"),
            (r"[\w.]\d", r"[0-9A-Za-z_.](?-u:\d)"),
            (r"[^\s\d]\s", r"[^\t\n\v\f\r\x200-9](?-u:\s)"),
            // Neither a class nor its name.
            (r"\[\w\]\\w", r"\[(?-u:\w)\]\\w"),
            (r"\W\S[\]\w]", r"\W\S[\]0-9A-Za-z_]"),
            ("", ""),
        ] {
            assert_eq!(narrowed(regex), expected, "{regex}");
            regex::Regex::new(expected).unwrap();
        }
    }

    #[test]
    fn only_what_is_a_regex_is_narrowed() {
        let mut rule =
            json!({ "rule": { "any": [{ "regex": "\\d" }, { "pattern": "\\d" }] }, "note": "\\d" });
        narrow(&mut rule);
        let expected =
            json!({ "rule": { "any": [{ "regex": "(?-u:\\d)" }, { "pattern": "\\d" }] }, "note": "\\d" });
        assert_eq!(rule, expected);
    }
}
