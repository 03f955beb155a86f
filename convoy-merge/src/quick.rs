//! Sets and maps of the words of the tables. They are asked for nearly every word of a text;
//! what is in them is ours, so nobody can choose it to collide.

use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type HashSet<T> = std::collections::HashSet<T, BuildHasherDefault<Quick>>;
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Quick>>;

/// A hash of short words, eight bytes at a time; the same in every run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quick(u64);

impl Quick {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        // The upper bits are the well mixed ones, and tables use the lower ones.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        for part in whole {
            self.add(u64::from_le_bytes(*part));
        }
        // What is left is read from both of its ends, which may lie over each other.
        if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
            self.add(u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)));
        } else if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
            let middle = rest[rest.len() / 2];
            self.add(u64::from(*first) << 16 | u64::from(middle) << 8 | u64::from(*last));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    // What `str` ends with tells nothing apart.
    fn write_u8(&mut self, _: u8) {}
}
