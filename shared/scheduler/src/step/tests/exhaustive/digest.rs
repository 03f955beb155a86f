//! By what worlds are known again: a hash that is quick where nothing is optimised, which
//! the one of the standard library is not. It mixes each word by a folded multiplication.

use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Builds maps and sets of it.
pub(crate) type Digests = BuildHasherDefault<Digest>;

#[derive(Debug, Default)]
pub(crate) struct Digest(u64);

/// The digest of one thing.
pub(crate) fn digest(of: &impl Hash) -> u64 {
    let mut digest = Digest::default();
    of.hash(&mut digest);
    digest.finish()
}

impl Digest {
    fn add(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = (product as u64).rotate_left(23) ^ (product >> 64) as u64;
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.add(u64::from_le_bytes(word));
        }
        self.add(bytes.len() as u64);
    }

    fn write_u8(&mut self, n: u8) {
        self.add(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.add(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.add(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.add(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.add(n as u64);
    }
}
