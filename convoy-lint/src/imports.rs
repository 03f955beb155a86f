//! Names that a file gives to what it imports, written out: rules speak of `os.system`
//! where a file may say `system`, or `s`. Only of calls that rules are about, and only
//! where nothing else in the file has that name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use ast_grep_core::AstGrep;
use regex::Regex;

use crate::language::{Family, Language};
use crate::tree::{Doc, Node};

/// Modules, and what of them rules look for by the name of the module.
const PYTHON: &[(&str, &[&str])] = &[
    (
        "os",
        &[
            "system", "popen", "chmod", "remove", "unlink", "rmdir", "listdir", "makedirs", "umask", "execv",
            "execve", "execvp", "execl", "execlp", "spawnv", "spawnl", "spawnlp", "spawnvp",
        ],
    ),
    ("subprocess", &["run", "call", "Popen", "check_call", "check_output", "getoutput", "getstatusoutput"]),
    ("asyncio", &["create_subprocess_shell", "create_subprocess_exec"]),
    ("pickle", &["load", "loads", "Unpickler"]),
    ("marshal", &["load", "loads"]),
    ("dill", &["load", "loads"]),
    ("yaml", &["load", "load_all", "unsafe_load", "unsafe_load_all", "full_load"]),
    ("hashlib", &["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "pbkdf2_hmac"]),
    (
        "random",
        &[
            "random",
            "randint",
            "choice",
            "choices",
            "randrange",
            "getrandbits",
            "sample",
            "uniform",
            "randbytes",
        ],
    ),
    ("tempfile", &["mktemp"]),
    ("ssl", &["_create_unverified_context", "wrap_socket", "SSLContext"]),
    ("jwt", &["encode", "decode"]),
    ("requests", &["get", "post", "put", "patch", "delete", "head", "request", "Session", "session"]),
    (
        "httpx",
        &["get", "post", "put", "patch", "delete", "head", "stream", "request", "Client", "AsyncClient"],
    ),
    ("aiohttp", &["ClientSession", "TCPConnector"]),
    ("shutil", &["rmtree", "copy", "copyfile", "move"]),
    ("flask", &["redirect", "send_file", "render_template_string"]),
    ("importlib", &["import_module"]),
    ("jinja2", &["Template"]),
    ("shelve", &["open"]),
    ("telnetlib", &["Telnet"]),
    ("ftplib", &["FTP"]),
];
/// The same, with the name that rules have for the module.
const JAVASCRIPT: &[(&str, &str, &[&str])] = &[
    (
        "child_process",
        "child_process",
        &["exec", "execSync", "spawn", "spawnSync", "execFile", "execFileSync", "fork"],
    ),
    ("fs", "fs", FILES),
    ("fs-extra", "fs", FILES),
    ("fs/promises", "fs.promises", FILES),
    (
        "crypto",
        "crypto",
        &[
            "createHash",
            "createHmac",
            "createCipher",
            "createDecipher",
            "createCipheriv",
            "createDecipheriv",
            "pbkdf2",
            "pbkdf2Sync",
            "pseudoRandomBytes",
            "generateKeyPair",
            "generateKeyPairSync",
        ],
    ),
    ("jsonwebtoken", "jwt", &["sign", "verify", "decode"]),
    ("vm", "vm", &["runInNewContext", "runInThisContext", "runInContext", "compileFunction"]),
];
const FILES: &[&str] = &[
    "readFile",
    "readFileSync",
    "createReadStream",
    "writeFile",
    "writeFileSync",
    "createWriteStream",
    "unlink",
    "unlinkSync",
    "rm",
    "rmSync",
    "appendFile",
    "appendFileSync",
    "readdir",
    "readdirSync",
    "stat",
    "statSync",
    "existsSync",
    "access",
    "open",
    "openSync",
    "mkdir",
    "mkdirSync",
    "rename",
    "copyFile",
];
/// Names that everybody gives these modules, and that rules know them by.
const BY_CUSTOM: [&str; 6] = ["np", "pd", "tf", "plt", "ET", "sa"];

/// A text with such names written out.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) text: String,
    /// What was written where, in order: its place in `text`, and in the source.
    edits: Vec<(Range<usize>, Range<usize>)>,
}

impl Resolved {
    /// The place in the source of a place in the text.
    pub(crate) fn origin(&self, at: usize) -> usize {
        let mut shift = (0, 0);
        for (new, old) in self.edits.iter().take_while(|(new, _)| new.start < at) {
            if at < new.end {
                return old.start;
            }
            shift = (new.end, old.end);
        }
        at - shift.0 + shift.1
    }
}

static FROM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^[ \t]*from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]+(?:\((?P<many>[^)]*)\)|(?P<some>[^\n#(]+))").ok()
});
static AS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^[ \t]*import[ \t]+(?P<module>[\w.]+)[ \t]+as[ \t]+(?P<name>\w+)").ok()
});
static BRACES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"\{(?P<names>[^{}]*)\}\s*(?:=\s*require\(\s*|from\s*)['"](?:node:)?(?P<module>[\w@./-]+)['"]"#,
    )
    .ok()
});
static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:\*\s*as\s+|import\s+|(?:const|let|var)\s+)(?P<name>\w+)\s*(?:=\s*require\(\s*|from\s*)['"](?:node:)?(?P<module>[\w/-]+)['"]"#).ok()
});
/// `const run = promisify(child_process.exec)`: it takes what the function takes.
static PROMISED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:const|let|var)\s+(?P<name>\w+)\s*=\s*(?:util\.)?promisify\(\s*(?P<function>\w+(?:\.\w+)?)\s*\)",
    )
    .ok()
});

/// What a name of the file stands for.
#[derive(Debug, Default)]
struct Names {
    /// `s` for `os.system`.
    functions: BTreeMap<String, String>,
    /// `o` for `os`.
    modules: BTreeMap<String, String>,
}

/// `None`: the file gives no such names.
pub(crate) fn resolve(language: Language, source: &str) -> Option<Resolved> {
    let mut names = match language.family() {
        Family::Python if source.contains("import ") => of_python(source),
        Family::JavaScript if ["require(", "import "].iter().any(|word| source.contains(word)) => {
            of_javascript(source)
        }
        _ => return None,
    };
    // What is not used costs no second look at the file.
    names.functions.retain(|own, _| source.contains(&format!("{own}(")));
    names.modules.retain(|own, _| source.contains(&format!("{own}.")));
    if names.functions.is_empty() && names.modules.is_empty() {
        return None;
    }
    let tree = AstGrep::doc(Doc::try_new(source, language).ok()?);
    let root = tree.root();
    for name in rebound(&root) {
        names.functions.remove(&name);
        names.modules.remove(&name);
    }
    let mut resolved = Resolved { text: String::with_capacity(source.len() + 256), edits: Vec::new() };
    let mut at = 0;
    for (range, full) in uses(&root, &names) {
        resolved.text.push_str(source.get(at..range.start)?);
        let begin = resolved.text.len();
        resolved.text.push_str(&full);
        resolved.edits.push((begin..resolved.text.len(), range.clone()));
        at = range.end;
    }
    resolved.text.push_str(source.get(at..)?);
    (!resolved.edits.is_empty()).then_some(resolved)
}

fn of_python(source: &str) -> Names {
    let mut names = Names::default();
    for found in FROM.iter().flat_map(|from| from.captures_iter(source)) {
        let module = &found["module"];
        let known = PYTHON.iter().find(|(known, _)| *known == module);
        let list = found.name("many").or_else(|| found.name("some")).map_or("", |list| list.as_str());
        names.add(known.map(|(module, functions)| (*module, *functions)), list, " as ");
        // `from Crypto.Cipher import DES as d`: `d.new` is `DES.new`.
        names.add_modules(list);
    }
    for found in AS.iter().flat_map(|import| import.captures_iter(source)) {
        if !BY_CUSTOM.contains(&&found["name"]) {
            names.modules.insert(found["name"].to_owned(), found["module"].to_owned());
        }
    }
    names
}

fn of_javascript(source: &str) -> Names {
    let mut names = Names::default();
    let of = |module: &str| JAVASCRIPT.iter().find(|(known, ..)| *known == module);
    for found in BRACES.iter().flat_map(|braces| braces.captures_iter(source)) {
        let known = of(&found["module"]).map(|(_, module, functions)| (*module, *functions));
        // `{ exec: run }` of `require`, `{ exec as run }` of `import`.
        names.add(known, &found["names"].replace(':', " as "), " as ");
    }
    for found in WHOLE.iter().flat_map(|whole| whole.captures_iter(source)) {
        if let Some((_, module, _)) = of(&found["module"]).filter(|(_, module, _)| *module != &found["name"])
        {
            names.modules.insert(found["name"].to_owned(), (*module).to_owned());
        }
    }
    for found in PROMISED.iter().flat_map(|promised| promised.captures_iter(source)) {
        let function = &found["function"];
        let full = match function.split_once('.') {
            Some((module, name)) => {
                let module = names.modules.get(module).map_or(module, String::as_str);
                format!("{module}.{name}")
            }
            None => names.functions.get(function).cloned().unwrap_or_else(|| function.to_owned()),
        };
        names.functions.insert(found["name"].to_owned(), full);
    }
    names
}

impl Names {
    /// Other names that `from … import` gives to what has functions of its own.
    fn add_modules(&mut self, list: &str) {
        for item in list.split(',') {
            let Some((name, own)) = item.split('#').next().unwrap_or(item).split_once(" as ") else {
                continue;
            };
            let (name, own) = (name.trim(), own.trim());
            let is_word = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if name != own && is_word(name) && is_word(own) && !BY_CUSTOM.contains(&own) {
                self.modules.insert(own.to_owned(), name.to_owned());
            }
        }
    }

    /// `known`: the module, and what of it rules look for by its name. Of others a name that
    /// the file gives is written as the module has it.
    fn add(&mut self, known: Option<(&str, &[&str])>, list: &str, renamed: &str) {
        for item in list.split(',') {
            let item = item.split('#').next().unwrap_or(item);
            let (name, own) = item.split_once(renamed).unwrap_or((item, item));
            let (name, own) = (name.trim().trim_start_matches("type "), own.trim());
            if own.is_empty()
                || !own.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
            {
                continue;
            }
            let full = match known.filter(|(_, functions)| functions.contains(&name)) {
                Some((module, _)) => format!("{module}.{name}"),
                None if name != own && name != "default" && !name.is_empty() => name.to_owned(),
                None => continue,
            };
            self.functions.insert(own.to_owned(), full);
        }
    }
}

/// Names that the file binds to something of its own.
fn rebound(root: &Node<'_>) -> BTreeSet<String> {
    let binds = |node: &Node<'_>| {
        let parent = node.parent()?;
        let is = |field: &str| parent.field(field).is_some_and(|found| found.node_id() == node.node_id());
        let bound = match parent.kind().as_ref() {
            "assignment" | "for_statement" | "for_in_clause" | "assignment_expression" => is("left"),
            "function_definition"
            | "class_definition"
            | "named_expression"
            | "default_parameter"
            | "function_declaration"
            | "class_declaration" => is("name"),
            "parameters" | "lambda_parameters" | "typed_parameter" | "as_pattern_target" | "pattern_list"
            | "formal_parameters" | "required_parameter" | "optional_parameter" => true,
            "variable_declarator" => {
                is("name")
                    && !parent.field("value").is_some_and(|value| {
                        ["require(", "promisify(", "util.promisify("]
                            .iter()
                            .any(|call| value.text().starts_with(call))
                    })
            }
            _ => false,
        };
        bound.then(|| node.text().into_owned())
    };
    root.dfs().filter(|node| node.kind() == "identifier").filter_map(|node| binds(&node)).collect()
}

/// Where such a name is called, or a function of such a module, with what it stands for.
fn uses(root: &Node<'_>, names: &Names) -> Vec<(Range<usize>, String)> {
    let full = |node: &Node<'_>| {
        let parent = node.parent()?;
        let is = |field: &str| parent.field(field).is_some_and(|found| found.node_id() == node.node_id());
        let name = node.text();
        match parent.kind().as_ref() {
            "call" | "call_expression" if is("function") => names.functions.get(name.as_ref()).cloned(),
            "new_expression" if is("constructor") => names.functions.get(name.as_ref()).cloned(),
            "attribute" | "member_expression" if is("object") => names.modules.get(name.as_ref()).cloned(),
            _ => None,
        }
    };
    let identifiers = root.dfs().filter(|node| node.kind() == "identifier");
    identifiers.filter_map(|node| Some((node.range(), full(&node)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(language: Language, source: &str) -> String {
        resolve(language, source).map_or_else(|| source.to_owned(), |resolved| resolved.text)
    }

    #[test]
    fn imported_names_are_written_out() {
        for (source, expected) in [
            ("from os import system as s\ns(x)\n", "from os import system as s\nos.system(x)\n"),
            (
                "from subprocess import (\n    run,  # a\n    PIPE,\n)\nrun(x)\n",
                "from subprocess import (\n    run,  # a\n    PIPE,\n)\nsubprocess.run(x)\n",
            ),
            ("import os as o\no.system(x)\n", "import os as o\nos.system(x)\n"),
            // Something of the file's own.
            (
                "from os import system\ndef system(x): ...\nsystem(x)\n",
                "from os import system\ndef system(x): ...\nsystem(x)\n",
            ),
            (
                "from os import system\ndef f(system):\n    system(x)\n",
                "from os import system\ndef f(system):\n    system(x)\n",
            ),
            ("from mine import system\nsystem(x)\n", "from mine import system\nsystem(x)\n"),
            // Of a module that no rule names, its own name.
            (
                "from django.utils.safestring import mark_safe as ms\nms(x)\n",
                "from django.utils.safestring import mark_safe as ms\nmark_safe(x)\n",
            ),
            ("import numpy as np\nnp.load(x)\n", "import numpy as np\nnp.load(x)\n"),
            (
                "from Crypto.Cipher import DES as d\nd.new(k)\n",
                "from Crypto.Cipher import DES as d\nDES.new(k)\n",
            ),
            (
                "from os import system\nx.system(y)\nf(system=1)\n\"system(x)\"\n",
                "from os import system\nx.system(y)\nf(system=1)\n\"system(x)\"\n",
            ),
        ] {
            assert_eq!(resolved(Language::Python, source), expected);
        }
        let source = "const { exec: run } = require('child_process');\nrun(x);\n";
        assert!(resolved(Language::JavaScript, source).ends_with("child_process.exec(x);\n"));
        let source = "import * as shell from 'node:child_process';\nshell.exec(x);\n";
        assert!(resolved(Language::TypeScript, source).ends_with("child_process.exec(x);\n"));
        let source = "import { exec } from 'child_process';\nconst run = promisify(exec);\nrun(x);\n";
        assert!(resolved(Language::TypeScript, source).ends_with("child_process.exec(x);\n"));
        let source = "import { verify as check } from 'jsonwebtoken';\ncheck(t, k);\n";
        assert!(resolved(Language::TypeScript, source).ends_with("jwt.verify(t, k);\n"));
    }

    #[test]
    fn places_are_those_of_the_source() {
        let source = "from os import system as s\na(); s(x); s(y)\n";
        let found = resolve(Language::Python, source).unwrap();
        for (at, _) in source.match_indices(['x', 'y', 'a']) {
            let new = found.text.match_indices(&source[at..=at]).find(|(new, _)| found.origin(*new) == at);
            assert!(new.is_some(), "{at} of {}", found.text);
        }
        let second = found.text.rfind("os.system").unwrap();
        assert_eq!(&source[found.origin(second)..], "s(y)\n");
    }
}
