//! Bytes that come in pieces, as text: a character is never cut in two.

/// Bytes of a character that is not whole yet.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// The text so far; what is no UTF-8 is replaced.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> String {
        self.rest.extend_from_slice(bytes);
        let keep = match std::str::from_utf8(&self.rest) {
            // The end may be the beginning of a character.
            Err(error) if error.error_len().is_none() => self.rest.len() - error.valid_up_to(),
            Ok(_) => 0,
            Err(_) => unfinished(&self.rest),
        };
        let rest = self.rest.split_off(self.rest.len() - keep);
        let text = String::from_utf8_lossy(&self.rest).into_owned();
        self.rest = rest;
        text
    }
}

impl Lines {
    /// What is left of a character that never became whole.
    pub(crate) fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into_owned()
    }
}

/// How many bytes at the end begin a character without ending it.
fn unfinished(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().last().map_or(0, |chunk| {
        let bad = chunk.invalid();
        match std::str::from_utf8(bad) {
            Err(error) if error.error_len().is_none() => bad.len(),
            Ok(_) | Err(_) => 0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_stay_whole_wherever_they_are_cut() {
        let text = "aß€😀\u{fffd}z".as_bytes();
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let both = lines.take(&text[..cut]) + &lines.take(&text[cut..]);
            assert_eq!(both.as_bytes(), text, "{cut}");
        }
        assert_eq!(Lines::default().take(b"\xffa\xe2\x82"), "\u{fffd}a");
    }
}
