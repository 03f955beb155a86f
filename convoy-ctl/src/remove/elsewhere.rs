//! What a convoy without a readable state may have left on another machine: its state
//! would have said that all is over.

use std::time::{Duration, Instant};

use base::environment::{self, Environment};
use base::poll::wait_readable;
use base::{Error, Result};
use protocol::far::{self, Life};
use protocol::layout::{ConvoyDir, Home};

/// What was told to end is asked for again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// And so long: a grace, and what an engine takes to notice.
const LIMIT: Duration = Duration::from_secs(30);

/// Proves that nothing of it runs there. With `end` what does is ended.
pub(super) fn prove(environment: &Environment, dir: &ConvoyDir, end: bool) -> Result<()> {
    let home = Home::of(environment);
    for (role, attempt) in far::attempts(dir)? {
        let files = dir.attempt(&role, attempt).far();
        if far::open_run(&files)?.is_none() {
            continue;
        }
        let shim = environment::sibling(environment, "convoy-agent")?;
        let until = Instant::now() + LIMIT;
        loop {
            let asked = far::ask(&home, (dir.id(), &role, attempt), &shim, |asker| {
                // What descends from its supervisor is no far side.
                if !asker.placement.is_far() {
                    return Ok(Life::Gone);
                }
                let life = if end { asker.prove()? } else { asker.look(true)? };
                asker.show(&life);
                Ok(life)
            });
            let why = match asked {
                Ok(None | Some(Life::Never | Life::Ended(_) | Life::Gone)) => break,
                Ok(Some(Life::Waits(_) | Life::Unlisted(_) | Life::Runs(_)))
                    if end && Instant::now() < until =>
                {
                    wait_readable(&[], Some(AGAIN));
                    continue;
                }
                Ok(Some(Life::Waits(_) | Life::Unlisted(_))) => "it waits in a queue".to_owned(),
                Ok(Some(Life::Runs(node))) => format!("it is on {node}"),
                Ok(Some(Life::Unknown(why))) => why,
                Err(error) => {
                    let why = base::error::chain(&error);
                    far::show(&files, &far::Shown::Lost { why: why.clone() });
                    why
                }
            };
            return Err(Error::MayRun { id: dir.id().clone(), role, why });
        }
    }
    Ok(())
}
