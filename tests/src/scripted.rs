//! Runners whose CLI is a shell script that prints a stream of events: what a real
//! one says at the moment that is to be tested, without the real one.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// The first event of a conversation of Claude's.
pub fn begun(session: &str) -> String {
    json!({"type": "system", "subtype": "init", "session_id": session, "model": "m", "tools": []}).to_string()
}

/// A good end of Claude's with this as the last message.
pub fn done(words: &str) -> String {
    json!({
        "type": "result", "subtype": "success", "is_error": false, "result": words, "total_cost_usd": 0.01,
        "usage": {"input_tokens": 100, "output_tokens": 20}, "permission_denials": [],
    })
    .to_string()
}

/// A bad one, as the service answered.
pub fn failed(status: Option<u16>, words: &str) -> String {
    json!({
        "type": "result", "subtype": "success", "is_error": true, "api_error_status": status, "result": words,
        "total_cost_usd": 0.01, "usage": {"input_tokens": 100, "output_tokens": 20}, "permission_denials": [],
    })
    .to_string()
}

/// What Claude says of a subscription's limit that ends at a time, in seconds since 1970.
pub fn limited_until(seconds: i64) -> String {
    let info = json!({"status": "rejected", "resetsAt": seconds, "rateLimitType": "five_hour"});
    let event: Value = json!({"type": "rate_limit_event", "rate_limit_info": info});
    format!("{event}\n{}", failed(Some(429), "You've hit your session limit"))
}

/// A report of one finding, in the documented format.
pub fn review(title: &str) -> String {
    format!(
        "# Security Review\n\n### 1. [src/a.ts:1] {title}\n**Severity:** high\n**Confidence:** 90\n\
         **Category:** logic\n**Problem:** It is wrong.\n**Impact:** All of it.\n**Fix:** Mend it.\n\n\
         **Reviewed:** 1 file\n**Total:** 1 finding\n"
    )
}

/// Shell words that print these lines.
pub fn print(lines: &[String]) -> String {
    let quoted = |line: &String| format!("'{}'", line.replace('\'', "'\\''"));
    format!("printf '%s\\n' {}", lines.iter().map(quoted).collect::<Vec<_>>().join(" "))
}

impl Sandbox {
    /// A runner that runs this script with bash, and reads its stream as Claude's. The
    /// script has `$HERE`, a directory of the test's own, `$ATTEMPT`, and of a
    /// conversation that goes on its name as `$1`.
    pub fn scripted(&self, name: &str, script: &str) {
        self.scripted_with(name, "stream = \"claude-stream-json\"\nreport = \"final-message\"\n", script);
    }

    /// The same with these keys of the runner file.
    pub fn scripted_with(&self, name: &str, keys: &str, script: &str) {
        let here = self.path("scripted");
        fs::create_dir_all(&here).expect("create a directory");
        let file: PathBuf = here.join(format!("{name}.sh"));
        let head = format!("HERE={}; ATTEMPT=$CONVOY_ATTEMPT\ncat >/dev/null\n", here.display());
        fs::write(&file, format!("{head}{script}\n")).expect("write the script");
        let runners = self.home().user_runners();
        fs::create_dir_all(&runners).expect("create a directory");
        let text = format!(
            "description = \"a script\"\nprogram = \"bash\"\nai = true\nprompt = \"stdin\"\n{keys}\n\
             [[arguments]]\nwords = [\"{}\"]\n[[arguments]]\nwhen = \"resumed\"\nwords = [\"{{session}}\"]\n\
             [models]\nsonnet = \"large\"\n\
             [[endings]]\nis = \"credit\"\nsays = [\"credit balance\"]\n\
             [[endings]]\nis = \"auth\"\nsays = [\"/login\"]\n",
            file.display()
        );
        fs::write(runners.join(format!("{name}.toml")), text).expect("write the runner");
    }

    /// An agent that reviews `src/a.ts` on these runners, as the template `t`.
    pub fn reviewing(&self, runner: &str, more: &str) {
        fs::create_dir_all(self.project().join("src")).expect("create a directory");
        fs::write(self.project().join("src/a.ts"), "export const a = 1;\n").expect("write a file");
        let agent = self.home().user_agents().join("a.md");
        fs::write(agent, "---\nname: a\ndescription: d\nmodel: sonnet\n---\nReview it.\n")
            .expect("write the agent");
        self.template(
            "t",
            &[&format!(
                "\"role\": \"a\", \"subagent\": \"a\", \"report\": \"findings\", \"runner\": {runner}{more}"
            )],
            "",
        );
    }
}
