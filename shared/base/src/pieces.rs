//! Reading what may be of any length, a piece at a time. For a buffer on the stack, or one
//! that is filled with zeros first, the kernel has to find memory for all of it, however
//! little is read: here that is done for what comes.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;

use rustix::buffer::spare_capacity;
use rustix::io::Errno;

/// The most that is read at once.
const PIECE: usize = 64 << 10;

/// What one call reads; nothing: it is the end.
pub fn read_one(from: impl AsFd) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(PIECE);
    rustix::io::read(from, spare_capacity(&mut piece))?;
    Ok(piece)
}

/// All of a file that seems to have so many bytes.
pub fn read_sized(file: &File, size: u64) -> io::Result<Vec<u8>> {
    // One more, so that the end is met without room being made for it.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(1));
    loop {
        bytes.reserve(1);
        match rustix::io::read(file, spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Hands on all that there is up to the end.
pub fn read_all(mut from: impl Read, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        piece.clear();
        let n = from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        if n > 0 {
            take(&piece)?;
        }
        if n < PIECE {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    #[test]
    fn all_of_it_comes_in_its_order_and_never_more_than_a_piece() {
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let mut found = Vec::new();
            read_all(bytes.as_slice(), |piece| {
                assert!(!piece.is_empty() && piece.len() <= PIECE);
                found.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
            assert!(found == bytes, "{size}");
        }
        let failed = read_all(&b"x"[..], |_| Err(io::ErrorKind::StorageFull.into()));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_file_is_read_whole_whatever_its_size_seems_to_be() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes = b"some words".repeat(1000);
        file.write_all(&bytes).unwrap();
        for size in [0, 1, bytes.len() as u64 - 1, bytes.len() as u64, bytes.len() as u64 + 1] {
            file.rewind().unwrap();
            assert!(read_sized(&file, size).unwrap() == bytes, "{size}");
        }
    }

    #[test]
    fn one_call_takes_what_is_there() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"some").unwrap();
        assert_eq!(read_one(&reader).unwrap(), b"some");
        drop(writer);
        assert!(read_one(&reader).unwrap().is_empty(), "the end");
    }
}
