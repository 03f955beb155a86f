"""What other programs read from the formats of convoy-merge: see scripts/read-back."""
import collections, csv, json, os, subprocess, sys

merge, schema = os.environ["MERGE"], os.environ["SCHEMA"]
wrong = []


def check(name, is_so, seen=""):
    print(("ok    " if is_so else "WRONG ") + name, seen)
    if not is_so:
        wrong.append(name)


def finding(n, severity, file, line, **more):
    place = {"file": file}
    if line:
        place.update(line=line, endLine=line, column=2, quote=f"call{n}()")
    return dict({"title": f"Defect {n} is there, as <b> & \"quotes\" say", "severity": severity, "rule": f"rule-{n % 7}", "domain": "security" if n % 2 else "correctness",
                 "category": "injection", "cwe": [89], "locations": [place], "problem": f"Why {n}, 100% of it: a, b", "fix": f"Mend {n}."}, **more)


ODD = ["src/a.ts", "a b/it's \"x\".ts", "a,b;c:d.ts", "#1?%25.ts", "app/[id]/<p>&.tsx", "@scope/=x.ts", "日本/ü.ts", "-n.ts", "a'b.ts"]
LEVELS = ["blocker", "critical", "high", "medium", "low", "unrated"]
SETS = {
    "odd paths": [finding(n, LEVELS[n % 6], file, n + 1) for n, file in enumerate(ODD)],
    "no place": [finding(0, "high", "src/a.ts", None), finding(1, "low", "src/a.ts", 3, locations=[])],
    "a flow": [finding(0, "high", "src/a.ts", 9, trace=[{"file": "src/a.ts", "line": 2, "text": "x = input()"}])],
    "nothing": [],
    "10,000": [finding(n, LEVELS[n % 6], f"src/d{n % 50}/f{n}.ts", n % 900 + 1) for n in range(10_000)],
}


def run(name, found, form):
    files = sorted({place["file"] for one in found for place in one["locations"]})
    document = {"format": "convoy-findings", "version": 1, "reviewer": "security", "findings": found, "total": len(found),
                "scope": {"given": files or ["a.ts"], "read": files or ["a.ts"], "notRead": [], "basis": "opened"}}
    json.dump(document, open("in.json", "w"))
    out = subprocess.run([merge, "in.json", "--format", form], capture_output=True)
    assert out.returncode == 0, out.stderr
    path = f"out.{form}"
    open(path, "wb").write(out.stdout)
    return path, out.stdout.decode()


def places(found):
    return collections.Counter((one["locations"][0]["file"], one["locations"][0].get("line")) for one in found if one["locations"])


for name, found in SETS.items():
    grave = lambda words: sum(one["severity"] in words for one in found)
    errors, warnings, notes = grave(["blocker", "critical", "high"]), grave(["medium", "unrated"]), grave(["low"])
    want = places(found)

    path, text = run(name, found, "sarif")
    valid = subprocess.run(["venv/bin/check-jsonschema", "--schemafile", schema, path], capture_output=True, text=True)
    check(f"{name}: SARIF fits the schema of OASIS", valid.returncode == 0, valid.stdout[:300] if valid.returncode else "")
    os.rename(path, "out.sarif.sarif") if not path.endswith(".sarif") else None
    subprocess.run(["venv/bin/sarif", "csv", "out.sarif", "-o", "sarif.csv"], capture_output=True)
    rows = list(csv.DictReader(open("sarif.csv", newline="")))
    levels = collections.Counter(row["Severity"] for row in rows)
    from urllib.parse import unquote
    got = collections.Counter((unquote(row["Location"]), int(row["Line"])) for row in rows if int(row["Line"]) > 1 or row["Location"])
    lined = collections.Counter({key: n for key, n in want.items() if key[1] and key[1] > 1})
    got = collections.Counter({key: n for key, n in got.items() if key[1] > 1})
    check(f"{name}: SARIF by sarif-tools", (levels["error"], levels["warning"], levels["note"]) == (errors, warnings, notes) and got == lined,
          f"{dict(levels)}, {sum(got.values())} places")

    path, text = run(name, found, "rdjson")
    said = subprocess.run(["node_modules/.bin/rdformat-validator", path], capture_output=True, text=True)
    rows = json.loads(text)["diagnostics"]
    levels = collections.Counter(row["severity"] for row in rows)
    check(f"{name}: rdjson by rdformat-validator", said.returncode == 0 and (levels["ERROR"], levels["WARNING"], levels["INFO"]) == (errors, warnings, notes), (said.stdout + said.stderr)[-300:] if said.returncode else f"{len(rows)} diagnostics")

    path, text = run(name, found, "junit")
    from junitparser import JUnitXml
    suite = JUnitXml.fromfile(path)
    cases = [case for part in suite for case in part]
    failed = [case for case in cases if case.result and case.result[0].__class__.__name__ == "Failure"]
    check(f"{name}: JUnit by junitparser", len(failed) == len(found) and suite.failures == len(found) and suite.tests == len(found) + 1, f"{len(cases)} tests, {len(failed)} failed")

    path, text = run(name, found, "checkstyle")
    js = "const x=require('xml-js').xml2js(require('fs').readFileSync(process.argv[1],'utf8'));const all=require('danger-plugin-lint-report/dist/parse/checkstyle_parser').parseCheckstyle(x,process.cwd());console.log(JSON.stringify(all.map(v=>[v.file,v.line||null,v.severity])))"
    said = subprocess.run(["node", "-e", js, path], capture_output=True, text=True)
    rows = json.loads(said.stdout) if said.returncode == 0 else None
    levels = collections.Counter(row[2] for row in rows or [])
    got = collections.Counter((row[0], row[1]) for row in rows or [] if row[0] != "(project)")
    check(f"{name}: checkstyle by danger-plugin-lint-report", rows is not None and got == want and (levels["error"], levels["warning"], levels["info"]) == (errors, warnings, notes), said.stderr[-200:] or f"{len(rows or [])} violations")

    path, text = run(name, found, "csv")
    rows = list(csv.DictReader(open(path, newline="")))
    got = collections.Counter((row["file"].removeprefix("./"), int(row["line"]) if row["line"] else None) for row in rows if row["file"] != "(project)")
    check(f"{name}: CSV by Python", len(rows) == len(found) and got == want, f"{len(rows)} rows")

    path, text = run(name, found, "gitlab")
    rows = json.loads(text)
    got = collections.Counter((row["location"]["path"], row["location"]["lines"]["begin"]) for row in rows if row["location"]["path"] != "(project)")
    check(f"{name}: GitLab, as it asks", len({row["fingerprint"] for row in rows}) == len(rows) == len(found) and got == collections.Counter((f, l or 1) for f, l in want.elements()), f"{len(rows)} issues")

    path, text = run(name, found, "html")
    import html5lib
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    page = parser.parse(text)
    check(f"{name}: HTML by html5lib", not parser.errors and not page.findall(".//script"), f"{len(page.findall('.//details'))} parts {parser.errors[:2]}")

    path, text = run(name, found, "github")
    js = """const core=require('@actions/core');const {issueCommand}=require('@actions/core/lib/command');
const un=s=>s.replace(/%3A/g,':').replace(/%2C/g,',').replace(/%0A/g,'\\n').replace(/%0D/g,'\\r').replace(/%25/g,'%');
const lines=require('fs').readFileSync(process.argv[1],'utf8').split('\\n').filter(Boolean);let bad=0;
let out='';process.stdout.write=s=>{out+=s;return true};
for(const line of lines){const m=/^::(error|warning|notice) ([^:]*)::(.*)$/.exec(line);if(!m){bad++;continue}
const p=Object.fromEntries(m[2].split(',').map(x=>[x.slice(0,x.indexOf('=')),un(x.slice(x.indexOf('=')+1))]));
out='';issueCommand(m[1],p,un(m[3]));if(out.trimEnd()!==line)bad++}
process.stderr.write(JSON.stringify([lines.length,bad]))"""
    said = subprocess.run(["node", "-e", js, path], capture_output=True, text=True)
    check(f"{name}: annotations as @actions/core writes them", said.stderr == json.dumps([len(found), 0], separators=(",", ":")), said.stderr[-200:])

print(f"{len(wrong)} wrong")
sys.exit(1 if wrong else 0)
