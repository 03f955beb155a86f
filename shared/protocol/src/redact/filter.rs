//! A stream of bytes that arrives in pieces, without the keys in it.

use super::Secrets;

/// What becomes of bytes of a stream, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// So many are as they are.
    Keep(usize),
    /// So many are of a secret. Where one begins, its name is to be put.
    Hide(usize, Option<String>),
}

/// Looks through a text that comes in pieces. Bytes are decided in their order,
/// those that may be of a secret as soon as that is known.
#[derive(Debug, Default)]
pub struct Scanner {
    pub(super) secrets: Secrets,
    /// From where a secret may have begun on.
    pub(super) open: Vec<u8>,
    /// So many of them are of another one for certain, and are decided.
    decided: usize,
}

impl Scanner {
    pub fn new(secrets: Secrets) -> Self {
        Scanner { secrets, open: Vec::new(), decided: 0 }
    }

    /// Bytes that are not decided yet.
    pub fn undecided(&self) -> usize {
        self.open.len() - self.decided
    }

    /// Takes a piece; what it decides. The last one decides all.
    pub fn scan(&mut self, piece: &[u8], is_last: bool) -> Vec<Run> {
        let mut runs = Vec::new();
        if self.secrets.is_empty() {
            keep(&mut runs, piece.len());
            return runs;
        }
        self.open.extend_from_slice(piece);
        let text = &self.open;
        // Up to `at` everything is looked at, up to `told` decided, and up to
        // `hidden` of a secret.
        let (mut at, mut told, mut hidden) = (0, self.decided, self.decided);
        while let Some(&byte) = text.get(at) {
            if self.secrets.may_begin(byte) {
                let (found, begun) = self.secrets.at(&text[at..]);
                if begun && !is_last {
                    break;
                }
                if let Some((length, secret)) = found {
                    let end = at + length;
                    if at >= hidden {
                        keep(&mut runs, at - told);
                        runs.push(Run::Hide(length, Some(secret.shown.clone())));
                        told = end;
                    } else if end > told {
                        // It overlaps the one before.
                        runs.push(Run::Hide(end - told, None));
                        told = end;
                    }
                    hidden = hidden.max(end);
                }
            }
            at += 1;
        }
        if at > told {
            keep(&mut runs, at - told);
            told = at;
        }
        self.open.drain(..at);
        self.decided = told - at;
        runs
    }
}

fn keep(runs: &mut Vec<Run>, length: usize) {
    if length > 0 {
        runs.push(Run::Keep(length));
    }
}

/// One stream of bytes, which may be cut anywhere, without secrets.
#[derive(Debug, Default)]
pub struct Filter {
    scanner: Scanner,
    /// What is not decided yet.
    held: Vec<u8>,
    pub(super) found: bool,
}

impl Filter {
    pub fn new(secrets: Secrets) -> Self {
        Filter { scanner: Scanner::new(secrets), held: Vec::new(), found: false }
    }

    /// Takes a piece; gives what of the stream is certain by now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.take(bytes, false)
    }

    /// The stream ended: its rest.
    pub fn finish(&mut self) -> Vec<u8> {
        self.take(&[], true)
    }

    /// Was there a secret in it so far?
    pub(crate) fn found(&self) -> bool {
        self.found
    }

    pub(super) fn take(&mut self, bytes: &[u8], is_last: bool) -> Vec<u8> {
        let runs = self.scanner.scan(bytes, is_last);
        self.held.extend_from_slice(bytes);
        let mut out = Vec::with_capacity(self.held.len());
        let mut from = 0;
        for run in runs {
            match run {
                Run::Keep(length) => {
                    out.extend_from_slice(&self.held[from..from + length]);
                    from += length;
                }
                Run::Hide(length, name) => {
                    self.found = true;
                    out.extend_from_slice(name.unwrap_or_default().as_bytes());
                    from += length;
                }
            }
        }
        self.held.drain(..from);
        out
    }
}
