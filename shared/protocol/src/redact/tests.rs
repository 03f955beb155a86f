use proptest::prelude::*;

use super::*;

fn secrets_of(variables: &[(&str, &str)]) -> Secrets {
    Secrets::of(variables.iter().map(|(name, value)| (OsStr::new(*name), OsStr::new(*value))))
}

fn secrets() -> Secrets {
    secrets_of(&[
        ("A_KEY", "sk-12345678"),
        ("B_TOKEN", "sk-12345678-long"),
        ("C_URL", "http://example"),
        ("D_KEY", "short"),
    ])
}

/// The stream in pieces of this size.
fn filtered(secrets: &Secrets, text: &[u8], size: usize) -> String {
    let mut filter = Filter::new(secrets.clone());
    let mut out = Vec::new();
    for piece in text.chunks(size) {
        out.extend(filter.feed(piece));
    }
    out.extend(filter.finish());
    String::from_utf8_lossy(&out).into_owned()
}

fn check(secrets: &Secrets, text: &str, want: &str) {
    for size in 1..=text.len() {
        assert_eq!(filtered(secrets, text.as_bytes(), size), want, "in pieces of {size}");
    }
}

#[test]
fn secrets_are_replaced_wherever_the_stream_is_cut() {
    let text = "a sk-12345678 b sk-12345678-long sk-12345 http://example short sk-sk-12345678 sk-1234567";
    let want = "a [A_KEY] b [B_TOKEN] sk-12345 http://example short sk-[A_KEY] sk-1234567";
    check(&secrets(), text, want);
}

#[test]
fn one_that_another_one_begins_with_is_found_at_the_end_too() {
    check(&secrets(), "x sk-12345678", "x [A_KEY]");
    check(&secrets(), "x sk-12345678-lon", "x [A_KEY]-lon");
}

#[test]
fn those_that_overlap_leave_nothing_of_either() {
    let secrets = secrets_of(&[("A_KEY", "abcdefgh"), ("B_KEY", "efghijkl")]);
    check(&secrets, "-abcdefghijkl-", "-[A_KEY]-");
    let secrets = secrets_of(&[("A_KEY", "abababab")]);
    check(&secrets, "-abababababababa-", "-[A_KEY]a-");
    check(&secrets, "abababa", "abababa");
}

#[test]
fn what_a_reader_makes_of_it_counts() {
    let secrets = secrets_of(&[("A_KEY", "ghp_/x\\y&z\"1😀")]);
    for written in [
        r#"ghp_/x\y&z"1😀"#,
        r#"ghp_\/x\\y&z\"1😀"#,
        r#"\u0067hp_/x\\y\u0026z\"1\uD83D\ude00"#,
        r#"ghp\_/x\\y&amp;z"1😀"#,
        r"ghp&#95;/x\y&#x26;z&quot;1&#x1F600;",
        r#"\\u0067hp_/x\\\\y&z\\\"1\\ud83d\\ude00"#,
    ] {
        check(&secrets, &format!("<{written}>"), "<[A_KEY]>");
    }
    for other in ["ghp_/x", r"\u0067hp_/x\", "&#103;hp", "\\u006", "&", "&#", "\\\\\\\\\\\\\\\\\\\\u0067hp"] {
        check(&secrets, other, other);
    }
}

#[test]
fn encoded_keys_are_keys() {
    use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
    // With bytes that the alphabets of base64 write differently, and that addresses escape.
    let key = "sk/12?34>>56~~ü";
    let secrets = secrets_of(&[("A_KEY", key)]);
    for before in ["", "u", "u:", "user:"] {
        for after in ["", "z", "zz", "zzz"] {
            let text = format!("{before}{key}{after}");
            for encoding in [BASE64, BASE64URL, BASE64URL_NOPAD] {
                let encoded = encoding.encode(text.as_bytes());
                for size in [1, 3, encoded.len()] {
                    let clean = filtered(&secrets, encoded.as_bytes(), size);
                    assert!(clean.contains("[A_KEY]"), "{text}: {encoded}: {clean}");
                    // Of the key nothing is left that is a byte of it.
                    let longest = (before.len() + after.len()) * 4 / 3 + 6;
                    assert!(clean.len() - "[A_KEY]".len() <= longest, "{text}: {encoded}: {clean}");
                }
            }
        }
    }
    for encoding in [HEXLOWER, HEXUPPER] {
        check(&secrets, &format!("id={};", encoding.encode(key.as_bytes())), "id=[A_KEY];");
    }
    let each: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let path = "sk%2F12%3F34%3E%3e56~~%C3%BC";
    for written in [each.as_str(), path, &path.replace('~', "%7E"), "sk/12%3F34>>56~~\u{fc}"] {
        check(&secrets, &format!("100% of ?key={written}&x=%7"), "100% of ?key=[A_KEY]&x=%7");
    }
    check(&secrets, "sk%2F12%3F34", "sk%2F12%3F34");
}

#[test]
fn values_are_found_as_they_are_used() {
    let secrets = secrets_of(&[
        ("A_KEY", "sk-12345678\n"),
        ("X_CUSTOM_HEADERS", "x-api-key: secret-of-x\nAuthorization: Bearer bearer-of-y"),
    ]);
    check(&secrets, "sk-12345678,", "[A_KEY],");
    check(&secrets, "k: secret-of-x", "k: [X_CUSTOM_HEADERS]");
    check(&secrets, "token bearer-of-y", "token [X_CUSTOM_HEADERS]");
    check(&secrets, "Bearer of news", "Bearer of news");
}

#[test]
fn many_ways_to_read_a_text_take_no_longer() {
    let secrets = secrets_of(&[("A_KEY", &"\\".repeat(12)), ("B_KEY", &"&".repeat(12))]);
    let text = "\\".repeat(5000) + &"&".repeat(5000) + &"&#38;".repeat(500);
    let begin = std::time::Instant::now();
    let out = filtered(&secrets, text.as_bytes(), 1000);
    assert!(!out.contains(&"\\".repeat(12)) && !out.contains(&"&".repeat(12)));
    assert!(begin.elapsed() < std::time::Duration::from_secs(60), "{:?}", begin.elapsed());
}

#[test]
fn a_stream_of_any_length_is_copied() {
    let text = "0123456 sk-12345678 ".repeat(20_000);
    let mut out = Vec::new();
    assert!(secrets().copy(text.as_bytes(), &mut out).unwrap());
    assert_eq!(String::from_utf8(out).unwrap(), "0123456 [A_KEY] ".repeat(20_000));
    let mut out = Vec::new();
    assert!(!secrets().copy("nothing".as_bytes(), &mut out).unwrap());
    assert_eq!(out, b"nothing");
}

/// A character as one of the forms it may be written in.
fn written(c: char, form: u8) -> String {
    match form {
        0 => format!("\\u{:04x}", c as u32),
        1 => format!("\\u{:04X}", c as u32),
        2 => format!("&#{};", c as u32),
        3 => format!("&#x{:x};", c as u32),
        4 if c.is_ascii_punctuation() => format!("\\{c}"),
        _ => c.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    /// Whatever the key is, however it is written and wherever the text is cut.
    #[test]
    fn nothing_of_a_key_gets_through(
        key in r"[a-zA-Z0-9\\/_&.+=-]{8,24}",
        forms in prop::collection::vec(0_u8..12, 24),
        before in "[a-c \\\\&]{0,6}",
        after in "[x-z ]{0,6}",
        size in 1_usize..40,
    ) {
        let secrets = secrets_of(&[("THE_KEY", &key)]);
        let form: String = key.chars().zip(&forms).map(|(c, form)| written(c, *form)).collect();
        let text = format!("{before}{form}{after}");
        let out = filtered(&secrets, text.as_bytes(), size);
        prop_assert!(out.contains("[THE_KEY]"), "{text} -> {out}");
        prop_assert!(!out.contains(&form), "{text} -> {out}");
    }

    /// Text without one is not touched.
    #[test]
    fn other_text_stays(text in "[sk0-9\\\\&#;u -]{0,80}", size in 1_usize..20) {
        let secrets = secrets_of(&[("THE_KEY", "sk-live-0123456789")]);
        prop_assert_eq!(filtered(&secrets, text.as_bytes(), size), text);
    }
}
