//! What a round of cron has told already, so that it is mailed once and not every
//! minute for as long as nobody mends it.

use std::collections::BTreeSet;
use std::path::Path;

use base::files::{self, Sync};
use protocol::layout::Home;

/// Of what is wrong in this round that which was not in the last one; remembers
/// all of it for the next. What could not be remembered is told again.
pub(crate) fn news(home: &Home, wrong: Vec<String>) -> Vec<String> {
    let path = home.watch_told();
    let known = known(&path);
    let now: BTreeSet<&String> = wrong.iter().collect();
    if now != known.iter().collect() {
        // A memory that cannot be written only costs another mail.
        let _ = remember(home, &path, &now);
    }
    wrong.into_iter().filter(|text| !known.contains(text)).collect()
}

/// Where it cannot be read, everything is news.
fn known(path: &Path) -> BTreeSet<String> {
    let bytes = files::read_if_there(path).ok().flatten().unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn remember(home: &Home, path: &Path, now: &BTreeSet<&String>) -> base::Result<()> {
    if now.is_empty() {
        return files::remove_if_there(path);
    }
    let bytes = serde_json::to_vec(now).map_err(|error| base::Error::Io {
        verb: "encode",
        path: path.to_path_buf(),
        source: error.into(),
    })?;
    files::replace(path, home.root(), &bytes, Sync::Later).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_wrong_is_news_once() {
        let root = tempfile::tempdir().unwrap();
        let home = Home::new(root.path());
        let of = |wrong: &[&str]| news(&home, wrong.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(of(&[]), [""; 0]);
        assert_eq!(of(&["a", "b"]), ["a", "b"]);
        assert_eq!(of(&["b", "a"]), [""; 0]);
        assert_eq!(of(&["b", "c"]), ["c"], "a changed reason is another one");
        assert_eq!(of(&["a", "b"]), ["a"], "what was mended in between is news again");
        assert_eq!(of(&[]), [""; 0]);
        assert!(!home.watch_told().exists());
        std::fs::write(home.watch_told(), "[\"a\", 7").unwrap();
        assert_eq!(of(&["a"]), ["a"], "a memory that is torn is none");
        // One that cannot be written, also by root, is none either.
        std::fs::remove_file(home.watch_told()).unwrap();
        std::fs::create_dir(home.watch_told()).unwrap();
        assert_eq!([of(&["a"]), of(&["a"])], [["a"], ["a"]]);
    }
}
