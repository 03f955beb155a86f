//! How a screen may style: its width, colour, the characters of the locale.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::called::Caller;
use crate::environment::Environment;
use crate::text;

/// A screen is never laid out wider than this.
const WIDEST: usize = 80;
const NARROWEST: usize = 40;

/// Lines of the terminal that standard output is, if it is one.
pub fn rows() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_row)).filter(|rows| *rows > 0)
}

/// Everything about the screen and its reader.
#[derive(Debug, Clone)]
pub struct Style {
    pub width: usize,
    /// Nothing is cut to a width: it is read by programs, or kept.
    pub whole: bool,
    pub colour: bool,
    pub ascii: bool,
    pub user_home: Option<PathBuf>,
    pub zone: TimeZone,
    /// Whose form the commands on it have.
    pub caller: Caller,
}

/// What a glyph and a colour repeat; the words beside them carry the meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Running,
    Completed,
    Failed,
    Pending,
    Partial,
    Parked,
}

impl Style {
    /// The look of standard output.
    pub fn of_stdout(environment: &Environment) -> Self {
        let var =
            |name: &str| environment.var(name).and_then(|value| value.to_str()).filter(|v| !v.is_empty());
        let terminal = std::io::stdout().is_terminal();
        let columns = var("COLUMNS").and_then(|text| text.parse().ok());
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|width| *width > 0).or(columns);
        let locale =
            var("LC_ALL").or(var("LC_CTYPE")).or(var("LANG")).unwrap_or_default().to_ascii_lowercase();
        Style {
            width: width.unwrap_or(WIDEST).clamp(NARROWEST, WIDEST),
            whole: !terminal,
            colour: terminal && var("NO_COLOR").is_none() && var("TERM") != Some("dumb"),
            ascii: !(locale.contains("utf-8") || locale.contains("utf8")),
            user_home: environment.user_home.clone(),
            zone: TimeZone::system(),
            caller: Caller::of_this_program(),
        }
    }

    /// Words of ours with a command of `pan` in them, in the form that was typed. Never
    /// for what others wrote: that stays as it is.
    pub fn command(&self, words: &str) -> String {
        self.caller.form_of(words).into_owned()
    }

    /// The character of a mark in this locale.
    pub(crate) fn glyph(&self, mark: Mark) -> &'static str {
        match (mark, self.ascii) {
            (Mark::Running, false) => "●",
            (Mark::Completed, false) => "✓",
            (Mark::Failed, false) => "✗",
            (Mark::Pending, false) => "○",
            (Mark::Partial, false) => "◐",
            (Mark::Parked, false) => "◔",
            (Mark::Running, true) => "*",
            (Mark::Completed, true) => "ok",
            (Mark::Failed, true) => "x",
            (Mark::Pending, true) => ".",
            (Mark::Partial | Mark::Parked, true) => "~",
        }
    }

    /// Columns a glyph takes, all the same.
    pub fn glyph_width(&self) -> usize {
        if self.ascii { 2 } else { 1 }
    }

    /// A glyph, padded and coloured.
    pub fn mark(&self, mark: Mark) -> String {
        let padded = pad(self.glyph(mark), self.glyph_width());
        let code = match mark {
            Mark::Running => "36",
            Mark::Completed => "32",
            Mark::Failed => "31",
            Mark::Pending => "2",
            Mark::Partial | Mark::Parked => "33",
        };
        self.paint(code, &padded)
    }

    /// Less visible.
    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    /// More visible.
    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    /// In the colours that an SGR code (`31`, `1;36`) names, where there are any.
    pub fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// "nothing here".
    pub fn dash(&self) -> &'static str {
        if self.ascii { "-" } else { "–" }
    }

    /// A path as people know it: `~` for their home directory.
    pub fn path(&self, path: &Path) -> String {
        match self.user_home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
            Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
            Some(rest) => format!("~/{}", text::path(rest)),
            None => text::path(path),
        }
    }

    /// `13:40`, in the reader's zone.
    pub fn clock(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// `3 min ago`, `13:40`, `yesterday`, `20 Nov`, `20 Nov 2025`.
    pub fn when(&self, at: Timestamp, now: Timestamp) -> String {
        let minutes = now.duration_since(at).as_secs() / 60;
        let (then, today) =
            (at.to_zoned_datetime(self.zone.clone()), now.to_zoned_datetime(self.zone.clone()));
        let yesterday = today.date().yesterday().ok();
        match minutes {
            ..0 => then.strftime("%d %b %H:%M").to_string(),
            0 => "just now".to_owned(),
            1..60 => format!("{minutes} min ago"),
            _ if then.date() == today.date() => then.strftime("%H:%M").to_string(),
            _ if Some(then.date()) == yesterday => "yesterday".to_owned(),
            _ if then.year() == today.year() => then.strftime("%-d %b").to_string(),
            _ => then.strftime("%-d %b %Y").to_string(),
        }
    }
}

/// `12s`, `2m 04s`, `1h 02m`.
pub fn elapsed(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s:02}s"),
        (h, m, _) => format!("{h}h {m:02}m"),
    }
}

/// Columns a text takes. Names of agents and projects are short; wide
/// characters are counted as two.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x1f300..=0x1faff) { 2 } else { 1 }).sum()
}

/// Filled with spaces on the right.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Filled with spaces on the left.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

impl Style {
    /// Cut to so many columns, with a sign that it was; whole where it is not for a screen.
    pub fn cut(&self, text: &str, columns: usize) -> String {
        if self.whole || width(text) <= columns {
            return text.to_owned();
        }
        let sign = if self.ascii { "..." } else { "…" };
        let room = columns.saturating_sub(width(sign));
        let mut out = String::new();
        for c in text.chars() {
            if width(&out) + width(&c.to_string()) > room {
                break;
            }
            out.push(c);
        }
        out.push_str(sign);
        out
    }
}

/// `1 finding`, `4 findings`.
pub fn count(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

impl Style {
    /// A plain screen of this width, the same on every machine: for tests.
    pub fn plain(width: usize) -> Self {
        Style {
            width,
            whole: false,
            colour: false,
            ascii: false,
            user_home: Some("/home/u".into()),
            zone: TimeZone::UTC,
            caller: Caller::Pan,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_at_a_glance() {
        for (seconds, want) in [(-3, "0s"), (12, "12s"), (124, "2m 04s"), (3720, "1h 02m")] {
            assert_eq!(elapsed(seconds), want);
        }
        let now: Timestamp = "2026-11-22T14:03:12Z".parse().unwrap();
        for (at, want) in [
            ("2026-11-22T14:03:00Z", "just now"),
            ("2026-11-22T14:00:00Z", "3 min ago"),
            ("2026-11-22T09:40:00Z", "09:40"),
            ("2026-11-21T23:00:00Z", "yesterday"),
            ("2026-11-20T23:00:00Z", "20 Nov"),
            ("2025-01-02T23:00:00Z", "2 Jan 2025"),
        ] {
            assert_eq!(Style::plain(80).when(at.parse().unwrap(), now), want);
        }
    }

    #[test]
    fn long_text_is_cut_visibly() {
        let style = Style::plain(80);
        assert_eq!(style.cut("abcdef", 4), "abc…");
        assert_eq!(style.cut("abcdef", 6), "abcdef");
        assert_eq!(style.cut("日本語", 4), "日…");
        assert_eq!(Style { ascii: true, ..Style::plain(80) }.cut("abcdef", 5), "ab...");
        assert_eq!(Style { whole: true, ..style }.cut("abcdef", 4), "abcdef");
    }
}
