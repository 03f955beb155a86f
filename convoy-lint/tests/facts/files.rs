//! Manifests, migrations, and files that nobody meant.

use super::*;

#[test]
fn manifests_and_lock_files() {
    let (one, two) =
        ("{\"dependencies\": {\"a\": \"^1.0.0\"}}\n", "{\"dependencies\": {\"a\": \"^2.0.0\"}}\n");
    let locked: Files<'_> = &[("package.json", one), ("package-lock.json", "{}\n")];
    let cargo = "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n";
    let lines: String = (0..20).map(|n| format!("line {n}\n")).collect();
    check(
        "change-lock-behind",
        &[
            case("another version", locked, &[("package.json", two)], &["package.json:1"]),
            case(
                "with its lock",
                locked,
                &[("package.json", two), ("package-lock.json", "{\"a\": 2}\n")],
                &[],
            ),
            case("no lock in the project", &[("package.json", one)], &[("package.json", two)], &[]),
            case(
                "nothing that is locked",
                locked,
                &[(
                    "package.json",
                    &one.replace('{', "{\"name\": \"b\", ").replace("{\"name\": \"b\", \"a\"", "{\"a\""),
                )],
                &[],
            ),
            case(
                "a project of its own in the project",
                &[
                    ("package-lock.json", "{\"packages\": {\"packages/a\": {}}}\n"),
                    ("templates/b/package.json", one),
                ],
                &[("templates/b/package.json", two)],
                &[],
            ),
            case(
                "a package of the project itself",
                &[("Cargo.toml", cargo), ("Cargo.lock", "\n")],
                &[("Cargo.toml", &format!("{cargo}own = {{ version = \"2\", path = \"own\" }}\n"))],
                &[],
            ),
            case(
                "a member of a workspace",
                &[("Cargo.lock", "[[package]]\nname = \"x\"\n"), ("x/Cargo.toml", cargo)],
                &[("x/Cargo.toml", &format!("{cargo}regex = \"1\"\n"))],
                &["x/Cargo.toml:5"],
            ),
            case(
                "Go",
                &[("go.mod", "module a\n\nrequire x.org/b v1.0.0\n"), ("go.sum", "\n")],
                &[("go.mod", "module a\n\nrequire x.org/b v1.1.0\n")],
                &["go.mod:3"],
            ),
            case(
                "Python",
                &[("pyproject.toml", "[project]\ndependencies = [\"a>=1\"]\n"), ("uv.lock", "\n")],
                &[("pyproject.toml", "[project]\ndependencies = [\"a>=1\", \"b\"]\n")],
                &["pyproject.toml:2"],
            ),
            case("it cannot be read", locked, &[("package.json", "{\"dependencies\": ")], &[]),
        ],
    );
    check(
        "change-lock-alone",
        &[
            case(
                "beside code",
                locked,
                &[("package-lock.json", &lines), ("a.ts", "f()\n")],
                &["package-lock.json:1"],
            ),
            case("an update of its own", locked, &[("package-lock.json", &lines)], &[]),
            case(
                "with its manifest",
                locked,
                &[("package-lock.json", &lines), ("package.json", two), ("a.ts", "f()\n")],
                &[],
            ),
        ],
    );
    check(
        "change-moving-version",
        &[
            case(
                "what PHP has",
                &[],
                &[("composer.json", "{\"require\": {\n\"ext-json\": \"*\"\n}}\n")],
                &[],
            ),
            case(
                "an action at a branch",
                &[],
                &[(
                    ".github/workflows/a.yml",
                    "    - uses: some/action@main\n    - uses: actions/checkout@v4\n",
                )],
                &[".github/workflows/a.yml:1"],
            ),
            case(
                "an image",
                &[],
                &[("Dockerfile", "FROM node AS build\nFROM build\nFROM debian:12\n")],
                &["Dockerfile:1"],
            ),
            case(
                "a script from the network",
                &[],
                &[(".github/workflows/a.yml", "      run: curl -sSf https://x.org/i.sh | sh\n")],
                &[".github/workflows/a.yml:1"],
            ),
            case(
                "fixed ones",
                &[],
                &[
                    ("Dockerfile", "FROM node:22-slim\n"),
                    ("requirements.txt", "git+https://x.org/a@1a2b3c4\n"),
                ],
                &[],
            ),
        ],
    );
}

#[test]
fn migrations_without_a_way_back() {
    let django = |call: &str| {
        format!("class Migration(migrations.Migration):\n    operations = [\n        {call},\n    ]\n")
    };
    let (one_way, two_ways) = (
        django("migrations.RunPython(fill)"),
        django("migrations.RunPython(fill, migrations.RunPython.noop)"),
    );
    check(
        "change-migration-one-way",
        &[
            case("Django", &[], &[("app/migrations/0002_a.py", &one_way)], &["app/migrations/0002_a.py:3"]),
            case(
                "Alembic",
                &[],
                &[(
                    "alembic/versions/a.py",
                    "def upgrade():\n    op.drop()\n\n\ndef downgrade():\n    pass\n",
                )],
                &["alembic/versions/a.py:5"],
            ),
            case(
                "Rails",
                &[],
                &[("db/migrate/1_a.rb", "class A\n  def up\n    x\n  end\nend\n")],
                &["db/migrate/1_a.rb:2"],
            ),
            case("SQL", &[], &[("migrations/1.up.sql", "drop table a;\n")], &["migrations/1.up.sql:1"]),
            case("knex", &[], &[("migrations/1.js", "exports.up = f;\n")], &["migrations/1.js:1"]),
            case(
                "with a way back",
                &[],
                &[
                    ("app/migrations/0002_a.py", &two_ways),
                    ("migrations/1.up.sql", "x\n"),
                    ("migrations/1.down.sql", "y\n"),
                    ("db/migrate/1_a.rb", "def up\nend\ndef down\nend\n"),
                ],
                &[],
            ),
            case(
                "an old one",
                &[("app/migrations/0002_a.py", &one_way)],
                &[("app/migrations/0002_a.py", &format!("{one_way}# a\n"))],
                &[],
            ),
        ],
    );
}

#[test]
fn files_by_mistake_and_by_hand() {
    let large = "x\n".repeat(600_000);
    check(
        "change-stray-file",
        &[
            case(
                "left behind",
                &[],
                &[(".DS_Store", "x"), ("a.py.orig", "x\n"), ("node_modules/a/b.js", "x\n")],
                &[".DS_Store:1", "a.py.orig:1", "node_modules/a/b.js:1"],
            ),
            case("built", &[], &[("lib/a.so", "\0"), ("tool", "\x7fELF\0")], &["lib/a.so:1", "tool:1"]),
            case("large", &[], &[("data.csv", &large)], &["data.csv:1"]),
            case("the project keeps such files", &[("libs/b.jar", "\0")], &[("libs/a.jar", "\0")], &[]),
            case(
                "what belongs there",
                &[],
                &[("src/a.py", "x = 1\n"), ("logo.png", "\0"), ("core/log.py", "y = 1\n")],
                &[],
            ),
        ],
    );
    let made = "// Code generated by tool. DO NOT EDIT.\nvar a = 1\n";
    let edited = made.replace('1', "2");
    check(
        "change-generated-edited",
        &[
            case("alone", &[("a.go", made)], &[("a.go", &edited)], &["a.go:2"]),
            case(
                "with what it is made from",
                &[("a.go", made), ("a.proto", "a\n")],
                &[("a.go", &edited), ("a.proto", "b\n")],
                &[],
            ),
            case("a new one", &[], &[("a.go", made)], &[]),
        ],
    );
}
