//! Where in the code an issue may be about: rare words of its text that occur
//! in paths and in code. A guess, and said to be one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use protocol::plan::Issue;

use super::survey::Survey;
use super::words::words;

/// Places that are named.
const MOST: usize = 5;

/// A file an issue may be about, and the words that say so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) words: Vec<String>,
    pub(crate) score: f64,
}

/// Words and the files they are in.
#[derive(Debug)]
pub(crate) struct Index<'s> {
    survey: &'s Survey,
    /// In how many files a word is.
    files_with: BTreeMap<&'s str, usize>,
}

impl<'s> Index<'s> {
    pub(crate) fn new(survey: &'s Survey) -> Self {
        let mut files_with: BTreeMap<&str, usize> = BTreeMap::new();
        for word in survey.files.iter().flat_map(|file| &file.words) {
            *files_with.entry(word).or_default() += 1;
        }
        Index { survey, files_with }
    }

    /// The likeliest files, best first; none if nothing points anywhere.
    pub(crate) fn places(&self, issue: &Issue) -> Vec<Place> {
        let asked = words(&format!("{} {}", issue.title, issue.body));
        let text = format!("{} {}", issue.title, issue.body);
        let all = self.survey.files.len().max(1) as f64;
        let mut places: Vec<Place> = Vec::new();
        for file in self.survey.files.iter().filter(|file| file.is_code()) {
            let path = file.path().to_string_lossy();
            let in_path = words(&path);
            let mut score = 0.0;
            let mut because = Vec::new();
            let mut named = false;
            for word in &asked {
                let rarity =
                    (all / (1.0 + *self.files_with.get(word.as_str()).unwrap_or(&0) as f64)).ln().max(0.1);
                let weight = match (in_path.contains(word), file.words.contains(word)) {
                    (true, _) => 2.0 * rarity,
                    (false, true) => rarity,
                    (false, false) => continue,
                };
                score += weight;
                named |= in_path.contains(word);
                because.push((word.clone(), weight));
            }
            // An issue that names the file means it.
            if text.contains(path.as_ref()) {
                score += 20.0;
                named = true;
            }
            // One word of the code alone says nothing.
            if named || because.len() > 1 {
                because.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                let words = because.into_iter().take(4).map(|(word, _)| word).collect();
                places.push(Place { path: file.path().to_path_buf(), words, score });
            }
        }
        places.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.path.cmp(&b.path)));
        let best = places.first().map_or(0.0, |place| place.score);
        places.retain(|place| place.score >= best * 0.4);
        places.truncate(MOST);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart() {
        let found: Vec<String> =
            words("parseUserInput() crashes when orders_total < 0").into_iter().collect();
        assert_eq!(found, ["crashe", "input", "order", "parse", "parseuserinput", "total", "user"]);
    }
}
