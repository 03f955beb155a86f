//! Running text in lines: words in their colours, places and addresses as links.

use base::style::width;

use super::Page;

/// A stretch of running text.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) code: Option<&'static str>,
    pub(super) address: Option<String>,
}

/// What may stand around a place.
const AROUND: [char; 7] = ['[', ']', '(', ')', ',', ';', '.'];

impl Page<'_> {
    /// Running text in lines of so many columns. A word that is longer has its own line.
    pub(super) fn laid_out(&self, pieces: &[Piece], columns: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut used = 0;
        for word in self.with_whole_places(words(pieces)) {
            let Some(word) = word else {
                lines.push(String::new());
                used = 0;
                continue;
            };
            let wide: usize = word.iter().map(|piece| width(&piece.text)).sum();
            if used > 0 && used + 1 + wide > columns {
                lines.push(String::new());
                used = 0;
            }
            let shown = self.word(&word);
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(&shown);
                used += wide;
            }
        }
        lines
    }

    /// A place whose path has blanks in it is one word: it is linked, and never broken.
    fn with_whole_places(&self, words: Vec<Option<Vec<Piece>>>) -> Vec<Option<Vec<Piece>>> {
        const MOST_WORDS: usize = 8;
        let mut out: Vec<Option<Vec<Piece>>> = Vec::new();
        for word in words {
            out.push(word);
            let end = out.len();
            // The longest that is there: `b.ts` may be another file than `a b.ts`.
            for from in end.saturating_sub(MOST_WORDS)..end.saturating_sub(1) {
                let Some(parts) = out[from..].iter().cloned().collect::<Option<Vec<_>>>() else { continue };
                if !self.is_place(&parts.iter().map(|word| text_of(word)).collect::<Vec<_>>().join(" ")) {
                    continue;
                }
                let blank = Piece { text: " ".to_owned(), ..parts[0][0].clone() };
                let whole = parts.join(&blank);
                out.truncate(from);
                out.push(Some(whole));
                break;
            }
        }
        out
    }

    /// Is it a place of the project that can be linked?
    fn is_place(&self, word: &str) -> bool {
        let place = word.trim_matches(AROUND);
        (place.contains('.') || place.contains('/')) && self.links.shown(place) != place
    }

    /// A word in its colours; a place of the project and an address are links.
    fn word(&self, pieces: &[Piece]) -> String {
        let whole = text_of(pieces);
        let place = whole.trim_matches(AROUND);
        let linked = if place.contains('.') || place.contains('/') {
            self.links.shown(place)
        } else {
            place.to_owned()
        };
        if linked != place
            && let Some(at) = whole.find(place)
        {
            let code = pieces.iter().find_map(|piece| piece.code);
            let paint =
                |text: &str| code.map_or_else(|| text.to_owned(), |code| self.style.paint(code, text));
            return format!("{}{}{}", paint(&whole[..at]), paint(&linked), paint(&whole[at + place.len()..]));
        }
        let one = |piece: &Piece| {
            let text = match &piece.address {
                Some(address) => self.links.address(address, &piece.text),
                None => piece.text.clone(),
            };
            piece.code.map_or_else(|| text.clone(), |code| self.style.paint(code, &text))
        };
        pieces.iter().map(one).collect()
    }
}

fn text_of(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// Words of running text, each of one piece or more; `None`: a new line begins.
fn words(pieces: &[Piece]) -> Vec<Option<Vec<Piece>>> {
    let mut out: Vec<Option<Vec<Piece>>> = Vec::new();
    let mut word: Vec<Piece> = Vec::new();
    for piece in pieces {
        let mut text = String::new();
        for c in piece.text.chars() {
            if c != ' ' && c != '\n' {
                text.push(c);
                continue;
            }
            if !text.is_empty() {
                word.push(Piece { text: std::mem::take(&mut text), ..piece.clone() });
            }
            if !word.is_empty() {
                out.push(Some(std::mem::take(&mut word)));
            }
            if c == '\n' {
                out.push(None);
            }
        }
        if !text.is_empty() {
            word.push(Piece { text, ..piece.clone() });
        }
    }
    if !word.is_empty() {
        out.push(Some(word));
    }
    out
}
