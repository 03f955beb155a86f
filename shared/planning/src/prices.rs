//! The price table: what a model's tokens cost, for CLIs that do not tell a
//! cost themselves. Data: `runners/prices.toml` of this project, and before it
//! `prices.toml` of the state directory.

use std::collections::BTreeMap;

use protocol::layout::Home;
use protocol::plan::Price;

use crate::diagnostic::Diagnostic;
use crate::document::{Source, Value, parse_toml};
use crate::fields::Reader;
use crate::source::read_file;

const BUILT_IN: &str = include_str!("../../../runners/prices.toml");

/// Prices by the model's name as the CLI is given it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Prices(BTreeMap<String, Price>);

impl Prices {
    /// The built-in table with the user's own over it.
    pub(crate) fn load(home: &Home) -> Result<Prices, Vec<Diagnostic>> {
        let built_in = Source { name: "built-in prices.toml".to_owned(), text: BUILT_IN.to_owned() };
        let mut prices = read(&built_in)?;
        if let Some(own) = read_file(&home.prices()).map_err(|problem| vec![problem])? {
            prices.0.extend(read(&own)?.0);
        }
        Ok(prices)
    }

    /// `provider/model` costs what `model` does, unless it has its own line.
    pub(crate) fn get(&self, model: &str) -> Option<Price> {
        let bare = || self.0.get(model.rsplit('/').next().unwrap_or(model));
        self.0.get(model).or_else(bare).copied()
    }
}

fn read(source: &Source) -> Result<Prices, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source)
        .help("[models] NAME = { input = 1.0, output = 5.0 }: US dollars for a million tokens");
    let mut prices = BTreeMap::new();
    if let Some(fields) = reader.table(&node, "the price table") {
        reader.known(&fields, &["models"]);
        let models = fields.node("models").and_then(|node| reader.table(node, "'models'"));
        for entry in models.into_iter().flat_map(|models| models.entries) {
            let what = format!("model '{}'", base::text::visible(&entry.key));
            let Some(inner) = reader.table(&entry.node, what) else { continue };
            reader.known(&inner, &["input", "cached", "output"]);
            let input = reader.required(&inner, "input", dollars);
            let cached = reader.optional(&inner, "cached", dollars);
            let output = reader.required(&inner, "output", dollars);
            if let (Some(input), Some(output)) = (input, output) {
                let cached = cached.map_or(input.value, |cached| cached.value);
                prices.insert(entry.key.clone(), Price { input: input.value, cached, output: output.value });
            }
        }
    }
    if reader.has_problems() { Err(reader.into_problems()) } else { Ok(Prices(prices)) }
}

fn dollars(value: &Value) -> Result<f64, String> {
    match value {
        Value::Integer(number) if *number >= 0 => Ok(*number as f64),
        Value::Float(number) if *number >= 0.0 && number.is_finite() => Ok(*number),
        _ => Err("expected US dollars for a million tokens".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::outcome::Usage;

    #[test]
    fn the_users_prices_count_before_the_built_in_ones() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path());
        let own =
            "[models.\"gpt-5.5\"]\ninput = 1\noutput = 2\n[models.\"own/m\"]\ninput = 3\noutput = 4.5\n";
        std::fs::write(home.prices(), own).unwrap();
        let prices = Prices::load(&home).unwrap();
        assert_eq!(prices.get("gpt-5.5"), Some(Price { input: 1.0, cached: 1.0, output: 2.0 }));
        assert_eq!(prices.get("own/m").map(|price| price.output), Some(4.5));
        assert!(prices.get("openrouter/gemini-2.5-pro").is_some(), "by its bare name");
        assert_eq!(prices.get("unheard-of"), None);
        std::fs::write(home.prices(), "[models.x]\ninput = -1\n").unwrap();
        let problems = Prices::load(&home).unwrap_err();
        assert!(
            problems.len() == 2 && problems.iter().any(|problem| problem.to_string().contains("US dollars")),
            "{problems:?}"
        );
    }

    #[test]
    fn cached_tokens_have_their_own_price() {
        let price = Price { input: 2.0, cached: 1.0, output: 10.0 };
        let usage = Usage {
            input_tokens: 1_000_000,
            cached_input_tokens: 500_000,
            output_tokens: 100_000,
            ..Usage::default()
        };
        assert!((price.of(&usage) - 2.5).abs() < 1e-9);
    }
}
