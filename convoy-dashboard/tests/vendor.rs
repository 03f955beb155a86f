//! The files of others are unchanged, and their licences are with them.

#![allow(clippy::expect_used, reason = "a test tells by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest, Sha256};

#[test]
fn files_of_others_are_as_they_were_published() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("VENDOR.toml")).expect("VENDOR.toml");
    let table: toml::Table = text.parse().expect("TOML");
    let mut known = BTreeSet::new();
    for package in table["package"].as_array().expect("packages") {
        let files = package["file"].as_array().expect("files");
        for file in files {
            let name = file["name"].as_str().expect("a name");
            let bytes = std::fs::read(root.join("web/vendor").join(name)).expect("the file");
            let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(Some(hash.as_str()), file["sha256"].as_str(), "{name}");
            known.insert(name.to_owned());
        }
        assert!(
            files.iter().any(|file| file["from"].as_str() == Some("LICENSE")),
            "{package:?} has its licence"
        );
    }
    let entries = std::fs::read_dir(root.join("web/vendor")).expect("the directory");
    let there: BTreeSet<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    assert_eq!(there, known);
}
