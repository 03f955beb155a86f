//! The changed lines of a unified diff, and what of them is comments. Pure.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use findings::changed::Changed;
use findings::comment::{Syntax, is_quiet};

/// Reads a unified diff, of any number of lines of context. A file without changed
/// lines (renamed, another mode, binary, deleted) is not in the answer. The error
/// names the line of the diff that is not understood.
pub(crate) fn of_patch(patch: &[u8]) -> Result<Vec<Changed>, String> {
    let mut reading = Reading::default();
    for (n, line) in patch.split(|&b| b == b'\n').enumerate() {
        reading.take(line).ok_or_else(|| format!("line {} of the diff is not understood", n + 1))?;
    }
    if reading.old + reading.new > 0 {
        return Err("the diff is cut off".to_owned());
    }
    reading.end_file();
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
    run: Run,
    /// Lines of the file whose code stood there, further left or right.
    shifted: Vec<u32>,
    /// Code of the file is another.
    other_code: bool,
}

/// Lines with none between them that were taken away and written.
#[derive(Debug, Default)]
struct Run {
    taken: Vec<String>,
    written: Vec<String>,
}

impl Reading {
    /// Takes the next line; `None`: it cannot stand there.
    fn take(&mut self, line: &[u8]) -> Option<()> {
        if self.old + self.new > 0 {
            return self.take_of_hunk(line);
        }
        if line.starts_with(b"diff --git ") {
            self.end_file();
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            self.end_file();
            self.current =
                file_named(name)?.map(|path| Changed { ranges: Vec::new(), ..Changed::whole(&path) });
        } else if let Some(head) = line.strip_prefix(b"@@ -") {
            self.end_run();
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
                if !self.run.written.is_empty() {
                    self.end_run();
                }
                self.run.taken.push(String::from_utf8_lossy(&line[1..]).into_owned());
                let at = self.at - 1;
                if let Some(file) = self.current.as_mut().filter(|file| file.deletions.last() != Some(&at)) {
                    file.deletions.push(at);
                }
            }
            Some(b'+') => {
                self.new = self.new.checked_sub(1)?;
                self.run.written.push(String::from_utf8_lossy(&line[1..]).into_owned());
                self.write_line();
            }
            // "\ No newline at end of file"
            Some(b'\\') => {}
            // Some tools take the blank off an empty line of context.
            Some(b' ') | None => {
                self.old = self.old.checked_sub(1)?;
                self.new = self.new.checked_sub(1)?;
                self.end_run();
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

impl Reading {
    /// Finds what of a run is comments; of a file whose language is not known, nothing.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        let Some(file) = &mut self.current else { return };
        if run.taken.is_empty() && run.written.is_empty() {
            return;
        }
        let found = Syntax::of(file.file.as_path()).and_then(|syntax| run.compare(syntax));
        let Some(found) = found else {
            self.other_code = true;
            return;
        };
        let first = self.at - u32::try_from(run.written.len()).unwrap_or(self.at).min(self.at);
        for (line, written) in (first..).zip(&found) {
            match written {
                Written::Comment => file.comments.alone.push(line),
                Written::Stood => file.comments.beside.push(line),
                Written::Shifted => self.shifted.push(line),
                Written::Code => self.other_code = true,
            }
        }
        if run.written.is_empty() {
            file.comments.taken.push(self.at - 1);
        }
    }

    fn end_file(&mut self) {
        self.end_run();
        let shifted = std::mem::take(&mut self.shifted);
        let other_code = std::mem::take(&mut self.other_code);
        let Some(mut file) = self.current.take() else { return };
        // Beside other code it may be the condition around it that went.
        if !other_code {
            file.comments.beside.extend(shifted);
            file.comments.beside.sort_unstable();
        }
        self.files.push(file);
    }
}

/// What a written line is beside those that stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// None of the code.
    Comment,
    /// The same code.
    Stood,
    /// The same code, further left or right.
    Shifted,
    Code,
}

impl Run {
    /// `None`: code was taken away, or that cannot be told.
    fn compare(&self, syntax: Syntax) -> Option<Vec<Written>> {
        let (taken, written) = (codes(syntax, &self.taken)?, codes(syntax, &self.written)?);
        let mut before = taken.into_iter().filter(|code| !code.is_empty()).peekable();
        let same = |stood: &str, code: &str| {
            stood == code || (!syntax.is_indented() && stood.trim_start() == code.trim_start())
        };
        let kind = |code: &str| {
            if code.is_empty() {
                return Written::Comment;
            }
            match before.next_if(|stood| same(stood, code)) {
                Some(stood) if stood == code => Written::Stood,
                Some(_) => Written::Shifted,
                None => Written::Code,
            }
        };
        let written = written.into_iter().map(kind).collect();
        before.peek().is_none().then_some(written)
    }
}

/// The code of each line; `None`: a comment goes on behind them, or is not quiet.
fn codes(syntax: Syntax, lines: &[String]) -> Option<Vec<&str>> {
    let mut open = false;
    let mut codes = Vec::with_capacity(lines.len());
    for text in lines {
        let line = syntax.split(text, open);
        open = line.open;
        if !is_quiet(line.comment) {
            return None;
        }
        codes.push(if line.code.trim().is_empty() { "" } else { line.code });
    }
    (!open).then_some(codes)
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

    /// What of a change of a file is comments: beside, alone, taken.
    fn comments(file: &str, hunks: &str) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let found = of_patch(format!("--- a/{file}\n+++ b/{file}\n{hunks}").as_bytes()).unwrap().remove(0);
        (found.comments.beside, found.comments.alone, found.comments.taken)
    }

    #[test]
    fn what_changes_no_code_is_told_in_each_language() {
        let none = (vec![], vec![], vec![]);
        for (file, hunks, want) in [
            ("a.ts", "@@ -3 +3 @@\n-  f(a)\n+  f(a) // why\n", (vec![3], vec![], vec![])),
            ("a.py", "@@ -3 +3 @@\n-  f(a)  # old\n+  f(a)  # new\n", (vec![3], vec![], vec![])),
            ("a.rs", "@@ -2,0 +3,2 @@\n+/// one\n+\n", (vec![], vec![3, 4], vec![])),
            ("a.c", "@@ -2,0 +3,3 @@\n+/* one\n+ * two\n+ */\n", (vec![], vec![3, 4, 5], vec![])),
            ("a.sql", "@@ -3 +3,2 @@\n-select 1\n+-- one\n+select 1 -- two\n", (vec![4], vec![3], vec![])),
            ("a.html", "@@ -1 +1 @@\n-<p>a</p>\n+<p>a</p><!-- b -->\n", (vec![1], vec![], vec![])),
            ("a.go", "@@ -4,2 +3,0 @@\n-// one\n-\n", (vec![], vec![], vec![3])),
            // Other code comes with it.
            ("a.ts", "@@ -3 +3,2 @@\n-f(a)\n+f(a) // why\n+g(a)\n", (vec![3], vec![], vec![])),
            // Other code went, the guard of what stands there.
            ("a.ts", "@@ -3,2 +3 @@\n-if (a)\n-  f(a)\n+  f(a) // why\n", none.clone()),
            // A comment that goes on, that steers, that tells; no comment; no language.
            ("a.c", "@@ -2,0 +3 @@\n+/* f();\n", none.clone()),
            ("a.c", "@@ -2,0 +3 @@\n+// goes on \\\n", none.clone()),
            ("a.py", "@@ -3 +3 @@\n-f(a)\n+f(a) # nosec\n", none.clone()),
            ("a.py", "@@ -3 +3 @@\n-f(a)\n+f(a) # the password is x\n", none.clone()),
            ("a.c", "@@ -3 +3 @@\n-#define A 1\n+#define A 2\n", none.clone()),
            ("a.txt", "@@ -3 +3 @@\n-a\n+a // b\n", none.clone()),
        ] {
            assert_eq!(comments(file, hunks), want, "{file} {hunks}");
        }
    }

    #[test]
    fn a_file_that_is_only_laid_out_anew_changes_no_code() {
        let wider = "@@ -1 +1 @@\n-  f()\n+    f()\n@@ -3 +3 @@\n-  g()\n+\tg() // why\n";
        assert_eq!(comments("a.ts", wider).0, [1, 3]);
        assert_eq!(comments("a.py", wider).0, Vec::<u32>::new(), "there it is code");
        let unguarded = format!("{wider}@@ -5 +4,0 @@\n-if (a)\n");
        assert_eq!(comments("a.ts", &unguarded).0, Vec::<u32>::new(), "the guard went");
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
