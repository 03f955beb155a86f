//! Remarks that are drawn in a frame: `! eslint(no-eval): message` above `,-[src/a.js:3:9]`.

use serde_json::Value;

use super::Reader;
use super::line::{Remark, object, set_place};
use crate::formats::entry::names_file;

impl Reader {
    /// A remark that is drawn in a frame: its message, then its place and the code.
    pub(super) fn in_frame(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if let Some((mut object, begin)) = self.framed.take_if(|_| frame_place(bare).is_some()) {
            let (file, number) = frame_place(bare).unwrap_or_default();
            set_place(&mut object, Some(file), number);
            self.push(object, begin, end);
            return true;
        }
        let found = framed_heading(bare).filter(|_| indented);
        if let Some(found) = &found {
            // The one before it has no place, and is none of what can be told of a file.
            self.unplaced += usize::from(self.framed.is_some());
            self.framed = Some((object(found), start));
        } else if let (Some((object, _)), Some(more)) = (&mut self.framed, bare.strip_prefix(['|', '│']))
            && let Some(Value::String(said)) = object.get_mut("message")
        {
            said.push(' ');
            said.push_str(more.trim());
            return true;
        }
        found.is_some()
    }
}

/// `! eslint(no-eval): message`, whose place stands in the frame below: `,-[src/a.js:3:9]`.
fn framed_heading(line: &str) -> Option<Remark<'_>> {
    let (mark, title) = line.split_once(' ')?;
    let severity = match mark {
        "!" | "⚠" => "warning",
        "x" | "×" | "✖" => "error",
        _ => return None,
    };
    Some(Remark { file: None, line: None, severity: Some(severity), rule: None, title: title.trim() })
}

/// `,-[src/a.js:3:9]`, `╭─[src/a.js:3:9]`: the place in a frame.
fn frame_place(line: &str) -> Option<(&str, Option<u32>)> {
    let place = line.strip_prefix(",-[").or_else(|| line.strip_prefix("╭─["))?.split_once(']')?.0;
    let (file, numbers) = place.trim().split_once(':')?;
    names_file(file).then(|| (file, numbers.split(':').next().and_then(|number| number.parse().ok())))
}
