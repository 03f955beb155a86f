//! JSON of any length, an element at a time: a file of a million results is never whole in
//! memory. Pure but for its reader.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::Value;

/// The way to a value: keys, and `[]` for every element of a list.
pub(super) type Way = &'static [&'static str];

/// A value that stands where a way leads: which way, and the numbers of the elements on it.
pub(super) type Take<'t> = dyn FnMut(usize, &[usize], Value) + 't;

/// Reads one value; false: there is none any more.
pub(super) struct Stream<R: Read>(serde_json::Deserializer<serde_json::de::IoRead<R>>);

impl<R: Read> Stream<R> {
    pub(super) fn new(reader: R) -> Self {
        Stream(serde_json::Deserializer::from_reader(reader))
    }

    /// Hands on every value that a way leads to; tells which lists it has seen.
    pub(super) fn read(&mut self, ways: &[Way], take: &mut Take<'_>) -> serde_json::Result<Lists> {
        let mut walk = Walk { ways, take, at: Vec::new(), numbers: Vec::new(), lists: Lists::default() };
        Step(&mut walk).deserialize(&mut self.0)?;
        Ok(walk.lists)
    }

    /// There must be nothing behind what was read.
    pub(super) fn end(&mut self) -> serde_json::Result<()> {
        self.0.end()
    }
}

/// The lists that were there: the way, and the numbers of the elements before it.
pub(super) type Lists = BTreeSet<(usize, Vec<usize>)>;

struct Walk<'w, 't> {
    ways: &'w [Way],
    take: &'w mut Take<'t>,
    at: Vec<String>,
    numbers: Vec<usize>,
    lists: Lists,
}

impl Walk<'_, '_> {
    /// The ways that lead through here.
    fn through(&self) -> Vec<usize> {
        let begins = |way: &Way| way.len() >= self.at.len() && way.iter().zip(&self.at).all(|(a, b)| a == b);
        (0..self.ways.len()).filter(|way| begins(&self.ways[*way])).collect()
    }

    /// Is it a list that has to be here?
    fn is_list(&self) -> bool {
        self.through().iter().all(|way| self.ways[*way].get(self.at.len()) == Some(&"[]"))
    }
}

struct Step<'s, 'w, 't>(&'s mut Walk<'w, 't>);

impl<'de> DeserializeSeed<'de> for Step<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let through = self.0.through();
        if let Some(way) = through.iter().find(|way| self.0.ways[**way].len() == self.0.at.len()) {
            let value = serde::Deserialize::deserialize(deserializer)?;
            (self.0.take)(*way, &self.0.numbers, value);
            return Ok(());
        }
        if through.is_empty() {
            return serde::Deserialize::deserialize(deserializer).map(|_: IgnoredAny| ());
        }
        for way in &through {
            if self.0.ways[*way].get(self.0.at.len()) == Some(&"[]") {
                self.0.lists.insert((*way, self.0.numbers.clone()));
            }
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place =
            if self.0.at.is_empty() { "the file".to_owned() } else { format!("'{}'", self.0.at.join(".")) };
        write!(f, "{} as {place}", if self.0.is_list() { "a list" } else { "an object" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.0.is_list() {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        while let Some(key) = map.next_key::<String>()? {
            // `[]` is no key of anybody's, and never a list's element here.
            self.0.at.push(if key == "[]" { String::new() } else { key });
            map.next_value_seed(Step(&mut *self.0))?;
            self.0.at.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.0.is_list() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut number = 0;
        loop {
            self.0.at.push("[]".to_owned());
            self.0.numbers.push(number);
            let next = list.next_element_seed(Step(&mut *self.0))?;
            self.0.numbers.pop();
            self.0.at.pop();
            if next.is_none() {
                return Ok(());
            }
            number += 1;
        }
    }

    /// Nothing is as good as not there.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        if self.0.at.is_empty() {
            return Err(E::invalid_type(Unexpected::Unit, &self));
        }
        let here: Vec<usize> = self.0.through();
        let key = self.0.numbers.clone();
        self.0.lists.retain(|(way, numbers)| !(here.contains(way) && *numbers == key));
        Ok(())
    }
}

impl fmt::Debug for Step<'_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Step({:?})", self.0.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAYS: &[Way] = &[&["runs", "[]", "results", "[]"], &["runs", "[]", "tool"], &["version"]];

    fn read(text: &str) -> Result<(Vec<String>, Lists), String> {
        let mut seen = Vec::new();
        let mut stream = Stream::new(text.as_bytes());
        let lists = stream.read(WAYS, &mut |way, at, value| seen.push(format!("{way} {at:?} {value}")));
        let lists = lists.and_then(|lists| stream.end().map(|()| lists));
        lists.map(|lists| (seen, lists)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_way_leads_to_is_handed_on_in_its_order() {
        let text = r#"{"x":[[1]],"runs":[{"results":[{"a":1},2],"tool":{"n":[]}},{"results":null},{"results":[]}],"version":"2"}"#;
        let (seen, lists) = read(text).unwrap();
        assert_eq!(seen, ["0 [0, 0] {\"a\":1}", "0 [0, 1] 2", "1 [0] {\"n\":[]}", "2 [] \"2\""]);
        let results: Vec<_> =
            lists.iter().filter(|(way, at)| *way == 0 && at.len() == 1).map(|(_, at)| at[0]).collect();
        assert_eq!(results, [0, 2]);
    }

    #[test]
    fn what_is_cut_or_of_another_shape_is_told() {
        for (text, want) in [
            ("", "EOF"),
            ("{\"runs\":[{\"results\":[{\"a\"", "EOF"),
            ("{\"runs\":3}", "invalid type: integer `3`, expected a list as 'runs'"),
            ("{\"runs\":[3]}", "expected an object as 'runs.[]'"),
            ("null", "expected an object as the file"),
            ("[]", "invalid type: sequence, expected an object as the file"),
            ("{\"runs\":{}}", "invalid type: map, expected a list as 'runs'"),
            ("{} {}", "trailing"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
