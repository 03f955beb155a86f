//! A plan that was read before its turn.

use std::fs::File;
use std::io::Read;

use base::files;

use super::Plan;
use crate::layout::ConvoyDir;

/// Longer plans are read when they are needed: many wait at once, each in little memory.
const MOST: u64 = 64 << 10;

/// A plan and the file it was read from. That file is written once; so the plan is good
/// for as long as the file has its name.
#[derive(Debug)]
pub struct Ahead {
    file: File,
    plan: Plan,
}

impl Ahead {
    /// `None`: it is long, agents may be added to it, or it cannot be read now; whoever
    /// needs it finds out why ([`Plan::read`]).
    pub fn read(dir: &ConvoyDir) -> Option<Ahead> {
        let file = files::open(&dir.plan()).ok()?;
        let mut bytes = Vec::new();
        (&file).take(MOST + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > MOST {
            return None;
        }
        let plan: Plan = serde_json::from_slice(&bytes).ok()?;
        (plan.still_to_come() == 0).then_some(Ahead { file, plan })
    }

    /// The plan, if it is still the one of the convoy.
    pub fn take(self, dir: &ConvoyDir) -> Option<Plan> {
        files::has_name(&self.file, &dir.plan()).then_some(self.plan)
    }

    /// Lets go of what its reader does not need of it.
    pub fn keep(&mut self, what: impl FnOnce(&mut Plan)) {
        what(&mut self.plan);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::layout::Home;

    #[test]
    fn a_plan_is_good_as_long_as_its_file_is_the_one() {
        let root = tempfile::tempdir().unwrap();
        let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
        fs::create_dir_all(dir.dir()).unwrap();
        let write = |plan: &Plan| {
            let new = dir.dir().join("new");
            fs::write(&new, serde_json::to_vec(plan).unwrap()).unwrap();
            fs::rename(new, dir.plan()).unwrap();
        };
        assert!(Ahead::read(&dir).is_none(), "there is none");
        let mut plan = crate::prompt::tests::plan();
        write(&plan);
        assert_eq!(Ahead::read(&dir).unwrap().take(&dir).as_ref(), Some(&plan));
        let ahead = Ahead::read(&dir).unwrap();
        write(&plan);
        assert_eq!(ahead.take(&dir), None, "another file");
        plan.agents[0].fan_out =
            Some(serde_json::from_value(serde_json::json!({"from": "a", "max": 2, "chunk": 1})).unwrap());
        write(&plan);
        assert!(Ahead::read(&dir).is_none(), "agents may come");
        plan.agents[0].fan_out = None;
        plan.prompts.insert("long".parse().unwrap(), "x".repeat(MOST as usize));
        write(&plan);
        assert!(Ahead::read(&dir).is_none(), "it is long");
        fs::write(dir.plan(), "{").unwrap();
        assert!(Ahead::read(&dir).is_none(), "it is torn");
    }
}
