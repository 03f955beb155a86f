//! Codex: `config.toml`. It asks nobody in a headless run: what acts needs an
//! approval in the settings; what only reads says so itself. Its limit of a call
//! (300 s) is not moved by progress.

use base::environment::Environment;
use base::program::Failure;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, value};

use super::{CALL_LIMIT_S, Change, Entry, SERVER, directory, foreign, is_ours, read, unreadable};

const SERVERS: &str = "mcp_servers";
/// Seconds it may take to be there; codex goes on without it after one, but for `required`.
const START_LIMIT_S: u32 = 30;

pub(crate) fn change(environment: &Environment, entry: Option<&Entry>) -> Result<Change, Failure> {
    let path = directory(environment, "CODEX_HOME", ".codex")?.join("config.toml");
    let before = read(&path)?;
    let mut document: DocumentMut =
        before.as_deref().unwrap_or_default().parse().map_err(|error| unreadable(&path, &error))?;
    if entry.is_some() {
        document.entry(SERVERS).or_insert_with(|| {
            let mut servers = Table::new();
            servers.set_implicit(true);
            Item::Table(servers)
        });
    }
    if let Some(servers) = document.get_mut(SERVERS) {
        let servers = servers
            .as_table_like_mut()
            .ok_or_else(|| unreadable(&path, &format!("'{SERVERS}' is no table")))?;
        match (servers.get(SERVER).map(is_our_entry), entry) {
            (Some(false), Some(_)) => return Err(foreign(&path)),
            (Some(true) | None, Some(entry)) => _ = servers.insert(SERVER, Item::Table(table(entry))),
            (Some(true), None) => _ = servers.remove(SERVER),
            (Some(false) | None, None) => {}
        }
    }
    let shown = entry.map(|entry| {
        let mut alone = DocumentMut::new();
        let mut servers = Table::new();
        servers.set_implicit(true);
        servers.insert(SERVER, Item::Table(table(entry)));
        alone.insert(SERVERS, Item::Table(servers));
        alone.to_string()
    });
    Ok(Change { path, before, after: document.to_string(), shown: shown.unwrap_or_default() })
}

fn table(entry: &Entry) -> Table {
    let mut table = Table::new();
    table.insert("command", value(entry.program()));
    table.insert("args", value(entry.words().iter().collect::<Array>()));
    if !entry.variables.is_empty() {
        let variables: InlineTable =
            entry.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        table.insert("env", value(variables));
    }
    table.insert("startup_timeout_sec", value(i64::from(START_LIMIT_S)));
    table.insert("tool_timeout_sec", value(i64::from(CALL_LIMIT_S)));
    if entry.acts {
        table.insert("default_tools_approval_mode", value("approve"));
    }
    table
}

fn is_our_entry(item: &Item) -> bool {
    let Some(table): Option<&dyn TableLike> = item.as_table_like() else { return false };
    let args = table.get("args").and_then(Item::as_array);
    let command = table.get("command").and_then(Item::as_str);
    let words: Vec<&str> =
        command.into_iter().chain(args.into_iter().flatten().filter_map(toml_edit::Value::as_str)).collect();
    is_ours(&words)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, environment, in_file};
    use super::*;

    const OWN: &str = "# mine\nmodel = \"x\"  # why\n\n[mcp_servers.other]\ncommand = \"o\"\n";

    #[test]
    fn the_rest_of_the_file_stays_byte_for_byte() {
        let dir = tempfile::tempdir().unwrap();
        let environment = environment(dir.path());
        let path = in_file(dir.path(), ".codex/config.toml", OWN);
        let installed = change(&environment, Some(&entry())).unwrap();
        assert!(installed.after.starts_with(OWN), "{}", installed.after);
        assert!(installed.after.contains("[mcp_servers.pan]\ncommand = \"/opt/pan\""), "{}", installed.after);
        std::fs::write(&path, &installed.after).unwrap();
        assert!(change(&environment, Some(&entry())).unwrap().is_none(), "twice is once");
        assert_eq!(change(&environment, None).unwrap().after, OWN);
    }

    #[test]
    fn what_is_not_understood_or_not_ours_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let environment = environment(dir.path());
        for (text, why) in [
            ("model = ", "nothing was changed"),
            ("mcp_servers = 3\n", "is no table"),
            ("[mcp_servers.pan]\ncommand = \"bread\"\n", "that is not this one"),
        ] {
            in_file(dir.path(), ".codex/config.toml", text);
            let failure = change(&environment, Some(&entry())).unwrap_err();
            assert!(failure.message.contains(why) && !failure.hints.is_empty(), "{failure:?}");
        }
        assert_eq!(change(&environment, None).unwrap().after, "[mcp_servers.pan]\ncommand = \"bread\"\n");
    }
}
