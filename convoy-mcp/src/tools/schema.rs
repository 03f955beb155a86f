//! The tools as a client is told of them: what each is for, what it is asked with.

use rmcp::model::{JsonObject, MetaObject, ToolAnnotations};
use serde_json::{Value, json};

use super::Tool;
use super::wait::LONGEST;

impl Tool {
    pub(crate) fn definition(self) -> rmcp::model::Tool {
        let reads = self.needs().is_none();
        let hints = ToolAnnotations::new()
            .read_only(reads)
            .destructive(matches!(self, Tool::Stop))
            .idempotent(reads || matches!(self, Tool::Stop))
            .open_world(matches!(self, Tool::Start));
        let tool = rmcp::model::Tool::new(self.name(), self.description(), self.arguments());
        // Claude Code else looks for tools by name before it can call one.
        tool.with_annotations(hints).with_meta(MetaObject(object(json!({ "anthropic/alwaysLoad": true }))))
    }

    fn description(self) -> &'static str {
        match self {
            Tool::Start => {
                "Start a convoy: a team of AI agents that works in the background for minutes. Returns its id at once; \
                 then call wait. Without a template it is a code review of the uncommitted and committed changes since \
                 the default branch."
            }
            Tool::Wait => {
                "Wait for a convoy. Returns as soon as it has ended, else within 50 seconds with ended=false: then call \
                 it again with the cursor of the answer, as often as it takes; that is no failure. When it has ended, the answer has the verdict."
            }
            Tool::Status => "How a convoy and each of its agents stand now; the verdict if it has ended.",
            Tool::List => "The convoys of this project, the newest first.",
            Tool::Findings => {
                "The verdict of a review and its findings, the most severe first, by pages. Call it when wait says that the \
                 convoy has ended."
            }
            Tool::Show => "One finding of a review with its code as it stands now.",
            Tool::Report => "The final report of a convoy, or of one of its agents, by pages.",
            Tool::Stop => "End every process of a convoy. It cannot be taken back; what is finished stays.",
            Tool::Accept => {
                "Remember for later reviews that findings are known and accepted. Only if the user wants that; say why."
            }
            Tool::Dismiss => {
                "Remember for later reviews that findings are wrong. Only if the user wants that; say why."
            }
        }
    }

    fn arguments(self) -> JsonObject {
        let (properties, required) = match self {
            Tool::Start => (
                json!({
                    "template": text("Name of the template (default: code-review). Others: planning, triage, or the user's own."),
                    "files": texts("Files to work on, relative to the current directory; patterns as src/**/*.ts; !PATTERN leaves out. Instead of diff."),
                    "diff": text("Work on what has changed since this branch, tag or commit; 'default' is the default branch."),
                    "commit": text("Work on this commit instead of the files as they are there; or A..B."),
                    "issue": text("An issue to work on, by its id (planning)."),
                    "params": json!({ "type": "object", "additionalProperties": { "type": "string" },
                        "description": "Inputs that the template declares." }),
                    "runner": text("Who does the work: claude, codex, gemini, opencode, or builtin (rules, no AI). Default: the user's setting."),
                    "gate": json!({ "type": "string", "enum": super::start::GATES,
                        "description": "From which severity on findings stand in the way of an approval." }),
                }),
                json!([]),
            ),
            Tool::Wait => (
                json!({
                    "convoy": convoy(),
                    "cursor": json!({ "type": "integer", "minimum": 0,
                        "description": "The cursor of the answer before, when it is called again." }),
                    "seconds": json!({ "type": "integer", "minimum": 1, "maximum": LONGEST,
                        "description": "Return after so many seconds even if it runs on (default and most: 50)." }),
                }),
                json!([]),
            ),
            Tool::Status => (json!({ "convoy": convoy() }), json!([])),
            Tool::List => (
                json!({ "limit": json!({ "type": "integer", "minimum": 1, "maximum": super::look::MOST_LISTED,
                    "description": "At most so many (default: 20)." }) }),
                json!([]),
            ),
            Tool::Findings => (
                json!({
                    "convoy": convoy(),
                    "from": from(),
                    "all": json!({ "type": "boolean",
                        "description": "Also what is settled, decided, fixed or gone (default: what is open)." }),
                }),
                json!([]),
            ),
            Tool::Show => (
                json!({ "finding": text("Its number in that review: F3."), "convoy": convoy(), "from": from() }),
                json!(["finding"]),
            ),
            Tool::Report => (
                json!({ "convoy": convoy(), "role": text("The agent whose report is wanted (default: the final report)."), "from": from() }),
                json!([]),
            ),
            Tool::Stop => (json!({ "convoy": convoy() }), json!(["convoy"])),
            Tool::Accept | Tool::Dismiss => (
                json!({
                    "convoy": text("Id of the review whose numbers these are; it must be the newest of the project."),
                    "findings": texts("Their numbers: F3."),
                    "reason": text("Why, for whoever looks later."),
                    "until": text("Only until this day, as 2027-01-31 (default: for good)."),
                }),
                json!(["convoy", "findings", "reason"]),
            ),
        };
        object(json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }))
    }
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn texts(description: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": description })
}

fn convoy() -> Value {
    text("Id of the convoy (default: the running one of this project, else its newest).")
}

fn from() -> Value {
    json!({ "type": "integer", "minimum": 0, "description": "Where the page begins, as the answer before said." })
}
