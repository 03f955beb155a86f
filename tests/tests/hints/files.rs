//! Files that people write, each with one mistake.

/// What such a file is for.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Template,
    Agent,
    Runner,
    Config,
    Prices,
}

/// One of them, and what must be named of its mistake.
pub struct Bad {
    pub kind: Kind,
    pub text: &'static str,
    pub names: &'static str,
}

const fn template(text: &'static str, names: &'static str) -> Bad {
    Bad { kind: Kind::Template, text, names }
}

const fn agent(text: &'static str, names: &'static str) -> Bad {
    Bad { kind: Kind::Agent, text, names }
}

const fn runner(text: &'static str, names: &'static str) -> Bad {
    Bad { kind: Kind::Runner, text, names }
}

const fn config(text: &'static str, names: &'static str) -> Bad {
    Bad { kind: Kind::Config, text, names }
}

const fn prices(text: &'static str, names: &'static str) -> Bad {
    Bad { kind: Kind::Prices, text, names }
}

pub const BAD: &[Bad] = &[
    template("", "not JSON"),
    template("[]", "expected a table"),
    template("{\"name\": \"t\",", "t.json:1:"),
    template("{\"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}", "'name'"),
    template("{\"name\": \"t\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}", "'description'"),
    template("{\"name\": \"t\", \"description\": \"d\"}", "'agents'"),
    template("{\"name\": \"t\", \"description\": \"d\", \"agents\": []}", "'agents' is empty"),
    template(
        "{\"name\": \"T T\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'T T'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \" \", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "it is empty",
    ),
    template(
        "{\"name\": \"t\", \"nmae\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'nmae'",
    ),
    template(
        "{\"name\": \"t\", \"zzzzzz\": 1, \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'zzzzzz'",
    ),
    template(
        "{\"name\": \"t\", \"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "twice",
    ),
    template("{\"name\": \"t\", \"description\": \"d\", \"extends\": \"nope\", \"agents\": []}", "'nope'"),
    template("{\"name\": \"t\", \"description\": \"d\", \"extends\": 1, \"agents\": []}", "'extends'"),
    template("{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\"}]}", "'subagent'"),
    template("{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"subagent\": \"ok\"}]}", "'role'"),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"nobody\"}]}",
        "'nobody'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"runner\": \"nope\"}]}",
        "'nope'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"dependsOn\": [\"b\"]}]}",
        "'b'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"dependsOn\": [\"a\"]}]}",
        "a → a",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}, {\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'a'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"merged\", \"subagent\": \"ok\"}]}",
        "'merged'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"timeout\": \"soon\"}]}",
        "'soon'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"retries\": -1}]}",
        "'retries'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"budgetUsd\": 0}]}",
        "'budgetUsd'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"report\": \"x\"}]}",
        "'x'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"require\": 0}]}",
        "'require'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"require\": 3}]}",
        "'require'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"command\": \"ls -l\"}]}",
        "'command'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"env\": {\"A=B\": \"x\"}}]}",
        "'A=B'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"prompt\": \"{{flies}}\"}]}",
        "{{flies}}",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"model\": \"{{files}}\"}]}",
        "{{files}}",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\", \"forEach\": \"param:x\"}]}",
        "forEach",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"agents\": [{\"role\": \"a\", \"remove\": true}]}",
        "'a'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"params\": {\"A\": {\"type\": \"string\"}}, \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'A'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"params\": {\"a\": {\"type\": \"text\"}}, \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'text'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"params\": {\"a\": {\"type\": \"number\", \"default\": \"x\"}}, \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'default'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"config\": {\"maxParalel\": 1}, \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'maxParalel'",
    ),
    template(
        "{\"name\": \"t\", \"description\": \"d\", \"config\": {\"maxParallel\": 0}, \"agents\": [{\"role\": \"a\", \"subagent\": \"ok\"}]}",
        "'maxParallel'",
    ),
    agent("", "the file is empty"),
    agent("# Hello\n", "no frontmatter"),
    agent("---\nname: a\n", "no end"),
    agent("---\nname: a\n---\nx", "'description'"),
    agent("---\nname: ../b\ndescription: d\n---\nx", "'../b'"),
    agent("---\nname: a\ndescription: d\ntimeout: soon\n---\nx", "a.md:4:1: 'timeout'"),
    agent("---\nname: a\ndescription: d\nrunner: No One\n---\nx", "'No One'"),
    agent("---\nname: a\ndescription: d\nrunner: nope\n---\nx", "'nope'"),
    agent("---\nname: a\ndescription: d\ncommand: ls -l\n---\nx", "'command'"),
    agent("---\nname: a\ndescription: d\nrunner: command\n---\nx", "'command'"),
    agent("---\njust words\n---\nx", "bad frontmatter"),
    runner("", "'description'"),
    runner("description = \"d\"\nprompt = \"stdin\"\n", "'program'"),
    runner("description = \"d\"\nprogram = \"p\"\nprompt = \"mail\"\n", "'mail'"),
    runner("description = \"d\"\nprogram = \"p\"\nprompt = \"stdin\"\nstraem = \"plain\"\n", "'straem'"),
    runner("description = \"d\"\nprogram = \"p\"\nprompt = \"stdin\"\narguments = 1\n", "'arguments'"),
    runner(
        "description = \"d\"\nprogram = \"p\"\nprompt = \"stdin\"\n[[arguments]]\nwords = [\"{modle}\"]\n",
        "{modle}",
    ),
    runner(
        "description = \"d\"\nprogram = \"p\"\nprompt = \"stdin\"\n[[endings]]\nis = \"auth\"\n",
        "'exit'",
    ),
    runner(
        "description = \"d\"\nprogram = \"p\"\nprompt = \"stdin\"\n[[files]]\npath = \"../x\"\njson = \"{}\"\n",
        "'path'",
    ),
    runner("description = \"d\n", "not TOML"),
    config("ruuner = \"claude\"\n", "'ruuner'"),
    config("zzzzzz = 1\n", "'zzzzzz'"),
    config("watch = \"cron\"\n", "'cron'"),
    config("grace = \"5\"\n", "'grace'"),
    config("launcher = 1\n", "'launcher'"),
    config("[env]\npass = [\"A=B\"]\n", "'A=B'"),
    config("keep =\n", "not TOML"),
    prices("[models.x]\ninput = \"free\"\noutput = 1\n", "'input'"),
    prices("modles = 1\n", "'modles'"),
];
