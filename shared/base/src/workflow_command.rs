//! Lines that a runner of GitHub Actions acts on: `::error file=a.ts,line=3::text`.
//! Whatever text is in one, it stays within its place.

/// `::COMMAND NAME=VALUE,…::TEXT`
pub fn render(command: &str, properties: &[(&str, &str)], text: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let blank = if properties.is_empty() { "" } else { " " };
    format!("::{command}{blank}{}::{}", properties.join(","), data(text))
}

/// What a runner unescapes in the text.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// And in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn text_stays_in_its_place() {
        let told = render("error", &[("file", "a,b:c.ts"), ("line", "3")], "x\n::set-env name=A::b\r100%");
        assert_eq!(told, "::error file=a%2Cb%3Ac.ts,line=3::x%0A::set-env name=A::b%0D100%25");
        assert_eq!(render("notice", &[], "x"), "::notice::x");
    }
}
