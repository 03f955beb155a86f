//! The changed lines of a unified diff. Pure.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::changed::Changed;

/// Reads a unified diff, of any number of lines of context. A file without changed
/// lines (renamed, another mode, binary, deleted) is not in the answer. The error
/// names the line of the diff that is not understood.
pub fn of_patch(patch: &[u8]) -> Result<Vec<Changed>, String> {
    let mut reading = Reading::default();
    for (n, line) in patch.split(|&b| b == b'\n').enumerate() {
        reading.take(line).ok_or_else(|| format!("line {} of the diff is not understood", n + 1))?;
    }
    if reading.old + reading.new > 0 {
        return Err("the diff is cut off".to_owned());
    }
    reading.files.extend(reading.current);
    reading.files.retain(|file| !file.ranges.is_empty() || !file.deletions.is_empty());
    Ok(reading.files)
}

#[derive(Debug, Default)]
struct Reading {
    files: Vec<Changed>,
    /// The file after the change; `None` where it is deleted.
    current: Option<Changed>,
    /// Lines of the hunk that are still to come, of the file before and after.
    old: u32,
    new: u32,
    /// The next line of the file after the change.
    at: u32,
}

impl Reading {
    /// Takes the next line; `None`: it cannot stand there.
    fn take(&mut self, line: &[u8]) -> Option<()> {
        if self.old + self.new > 0 {
            return self.take_of_hunk(line);
        }
        if line.starts_with(b"diff --git ") {
            self.files.extend(self.current.take());
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            let of = |path: PathBuf| Changed { file: path.into(), ranges: Vec::new(), deletions: Vec::new() };
            self.current = file_named(name)?.map(of);
        } else if let Some(head) = line.strip_prefix(b"@@ -") {
            self.begin_hunk(head)?;
        }
        Some(())
    }

    /// `1,2 +3,4 @@ …`: where it has no lines after the change, the line in front.
    fn begin_hunk(&mut self, head: &[u8]) -> Option<()> {
        let head = String::from_utf8_lossy(head);
        let (old, rest) = head.split_once(" +")?;
        let (new, _) = rest.split_once(" @@")?;
        let span = |text: &str| -> Option<(u32, u32)> {
            let (from, count) = text.split_once(',').unwrap_or((text, "1"));
            Some((from.parse().ok()?, count.parse().ok()?))
        };
        let ((_, old), (at, new)) = (span(old)?, span(new)?);
        (self.old, self.new, self.at) = (old, new, if new == 0 { at + 1 } else { at });
        Some(())
    }

    fn take_of_hunk(&mut self, line: &[u8]) -> Option<()> {
        match line.first() {
            Some(b'-') => {
                self.old = self.old.checked_sub(1)?;
                let at = self.at - 1;
                if let Some(file) = self.current.as_mut().filter(|file| file.deletions.last() != Some(&at)) {
                    file.deletions.push(at);
                }
            }
            Some(b'+') => {
                self.new = self.new.checked_sub(1)?;
                self.write_line();
            }
            // "\ No newline at end of file"
            Some(b'\\') => {}
            // Some tools take the blank off an empty line of context.
            Some(b' ') | None => {
                self.old = self.old.checked_sub(1)?;
                self.new = self.new.checked_sub(1)?;
                self.at += 1;
            }
            Some(_) => return None,
        }
        Some(())
    }

    fn write_line(&mut self) {
        let at = self.at;
        self.at += 1;
        let Some(file) = &mut self.current else { return };
        // A line in place of others is written, and nothing is only taken away there.
        if file.deletions.last() == Some(&(at - 1)) {
            file.deletions.pop();
        }
        match file.ranges.last_mut() {
            Some([_, last]) if *last + 1 == at => *last = at,
            _ => file.ranges.push([at, at]),
        }
    }
}

/// `b/src/a.ts`, quoted as C does where a byte is special; `/dev/null` is no file.
#[expect(clippy::option_option, reason = "not understood, or no file, or one")]
fn file_named(name: &[u8]) -> Option<Option<PathBuf>> {
    // git ends a name that has a blank with a tab.
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    let name = if name.starts_with(b"\"") { base::c_quoted::unquoted(name)? } else { name.to_vec() };
    if name == b"/dev/null" {
        return Some(None);
    }
    Some(Some(PathBuf::from(OsString::from_vec(name.strip_prefix(b"b/")?.to_vec()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(patch: &str) -> Vec<(String, Vec<[u32; 2]>, Vec<u32>)> {
        let files = of_patch(patch.as_bytes()).unwrap();
        files.into_iter().map(|one| (String::from(one.file), one.ranges, one.deletions)).collect()
    }

    #[test]
    fn lines_are_told_with_and_without_context() {
        let bare = "diff --git a/s/a b.ts b/s/a b.ts\n--- a/s/a b.ts\t\n+++ b/s/a b.ts\t\n\
                    @@ -0,0 +1,2 @@\n+one\n+two\n@@ -5 +7 @@ fn\n-x\n+y\n@@ -9,2 +10,0 @@\n-p\n-q\n";
        assert_eq!(read(bare), [("s/a b.ts".to_owned(), vec![[1, 2], [7, 7]], vec![10])]);
        let context = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,4 +1,5 @@\n a\n+b\n c\n\n-d\n+d2\n";
        assert_eq!(read(context), [("a".to_owned(), vec![[2, 2], [5, 5]], vec![])]);
        let first = "--- a/a\n+++ b/a\n@@ -1 +0,0 @@\n-a\n";
        assert_eq!(read(first), [("a".to_owned(), vec![], vec![0])]);
    }

    #[test]
    fn what_looks_like_a_header_inside_a_hunk_is_a_line() {
        let patch = "--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n--- a/b\n-+++ b/c\n+++ b/d\n+@@ -1 +1 @@\n+diff --git a/x b/x\n\\ No newline at end of file\n";
        assert_eq!(read(patch), [("a".to_owned(), vec![[1, 3]], vec![])]);
    }

    #[test]
    fn files_without_changed_lines_are_not_told() {
        let patch = "diff --git a/m b/m\nold mode 100644\nnew mode 100755\n\
                     diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n\
                     diff --git a/x.bin b/x.bin\nindex 1..2\nBinary files a/x.bin and b/x.bin differ\n\
                     diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n\
                     diff --git a/p b/q\nsimilarity index 90%\nrename from p\nrename to q\n--- a/p\n+++ b/q\n@@ -3 +3 @@\n-a\n+b\n";
        assert_eq!(read(patch), [("q".to_owned(), vec![[3, 3]], vec![])]);
    }

    #[test]
    fn every_name_of_a_file_is_read() {
        let patch = b"--- /dev/null\n+++ \"b/a\\\"\\\\ \\t\\n\\303\\251\\377.ts\"\n@@ -0,0 +1 @@\n+x\n";
        let files = of_patch(patch).unwrap();
        let want: &[u8] = b"a\"\\ \t\n\xc3\xa9\xff.ts";
        assert_eq!(files[0].file.as_path().as_os_str().as_encoded_bytes(), want);
    }

    #[test]
    fn a_diff_that_is_cut_or_damaged_is_none() {
        for patch in ["--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n-a\n+b", "+++ b/a\n@@ -1,x +1 @@\n", "+++ \"b/a\n"] {
            assert!(of_patch(patch.as_bytes()).is_err(), "{patch}");
        }
        assert_eq!(of_patch(b""), Ok(Vec::new()));
    }
}
