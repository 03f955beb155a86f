use super::*;

fn read_all(text: &str) -> Vec<(Label, String)> {
    read(text, 0).into_iter().map(|f| (f.label, text[f.value].to_string())).collect()
}

#[test]
fn spellings_of_fields() {
    for text in [
        "**Severity:** high",
        "**Severity**: high",
        "- Severity: high",
        "- **Severity**: high",
        "Severity: high",
        "*Severity:* high",
        "> **Severity:** high",
        "- **Schweregrad:** high",
        "🔴 **Severity**: high",
    ] {
        assert_eq!(read_all(text).first(), Some(&(Label::Severity, "high".to_string())), "{text}");
    }
    assert_eq!(
        read_all("**Severity**: High | **File**: `a.ts:3`"),
        [(Label::Severity, "High".to_string()), (Label::Location, "`a.ts:3`".to_string())]
    );
    assert_eq!(
        read_all("`Severity:` High · `File:` `a.ts` · `Line:` 31 · `Status:` Open"),
        [
            (Label::Severity, "High".to_string()),
            (Label::Location, "`a.ts`".to_string()),
            (Label::Line, "31".to_string()),
            (Label::Status, "Open".to_string())
        ]
    );
    for text in ["Severity ....: high", "• Severity → high", "severity = high", "- Severity => high"] {
        assert_eq!(read_all(text).first(), Some(&(Label::Severity, "high".to_string())), "{text}");
    }
    assert_eq!(read_all("```\nSeverity: high\n```\n"), []);
    assert_eq!(read_all("The fix: use it"), []);
}
