//! Paths inside JSON. A path is bytes, a JSON string is Unicode: a path that is
//! valid UTF-8 is stored as it is; each byte that is not is stored as the
//! private-use character U+10FF00 + byte, and a character of that range as the
//! escapes of its own bytes. So every path survives a round trip exactly.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const ESCAPE: u32 = 0x0010_FF00;

/// A path (or any OS string) that can be stored in JSON without loss.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct EncodedPath(PathBuf);

impl EncodedPath {
    /// The path, byte for byte.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for EncodedPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<OsStr> for EncodedPath {
    fn as_ref(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

impl<T: Into<PathBuf>> From<T> for EncodedPath
where
    T: NotString,
{
    fn from(path: T) -> Self {
        EncodedPath(path.into())
    }
}

/// Types that are already OS strings, as opposed to stored text.
pub(crate) trait NotString {}
impl NotString for PathBuf {}
impl NotString for &Path {}
impl NotString for OsString {}
impl NotString for &OsStr {}

fn escape(out: &mut String, byte: u8) {
    out.extend(char::from_u32(ESCAPE + u32::from(byte)));
}

impl From<EncodedPath> for String {
    fn from(path: EncodedPath) -> String {
        let mut out = String::new();
        for chunk in path.0.as_os_str().as_bytes().utf8_chunks() {
            for c in chunk.valid().chars() {
                if (ESCAPE..=ESCAPE + 0xff).contains(&(c as u32)) {
                    let mut buffer = [0; 4];
                    c.encode_utf8(&mut buffer).bytes().for_each(|b| escape(&mut out, b));
                } else {
                    out.push(c);
                }
            }
            chunk.invalid().iter().for_each(|&b| escape(&mut out, b));
        }
        out
    }
}

impl From<String> for EncodedPath {
    fn from(text: String) -> Self {
        let mut bytes = Vec::with_capacity(text.len());
        for c in text.chars() {
            match (c as u32).checked_sub(ESCAPE) {
                Some(byte @ 0..=0xff) => bytes.push(byte as u8),
                _ => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        EncodedPath(PathBuf::from(OsString::from_vec(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_string_survives() {
        let cases: [&[u8]; 5] = [
            b"/plain/path",
            b"/with space/$(touch x)\n'\"",
            b"/\xff\xfe/half\xc3",
            "/\u{10ff41}/private".as_bytes(),
            "/é/日本".as_bytes(),
        ];
        for bytes in cases {
            let path = EncodedPath::from(OsString::from_vec(bytes.to_vec()));
            let json = serde_json::to_string(&path).unwrap();
            let back: EncodedPath = serde_json::from_str(&json).unwrap();
            assert_eq!(back, path, "{json}");
        }
    }

    #[test]
    fn plain_paths_are_stored_as_they_are() {
        let path = EncodedPath::from(PathBuf::from("/a b/é"));
        assert_eq!(serde_json::to_string(&path).unwrap(), "\"/a b/é\"");
    }
}
