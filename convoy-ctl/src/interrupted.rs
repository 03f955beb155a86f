//! Ctrl-C while one only waits ends the waiting and not the convoy. That is said:
//! who thinks it has been stopped pays for what goes on.

use std::thread;

use anyhow::{Context, Result};
use base::called::as_typed;
use base::ids::ConvoyId;
use base::program;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on a signal that ends this program says first what goes on. It ends by
/// the signal as if nothing had been caught, so that a shell sees what it was.
pub(crate) fn say_what_goes_on(ids: &[ConvoyId]) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot catch signals")?;
    let text = words(ids);
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                program::tell(&as_typed(&text));
                // Does not return for these signals.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        })
        .context("cannot start a thread")?;
    Ok(())
}

fn words(ids: &[ConvoyId]) -> String {
    match ids {
        [id] => format!(
            "\nconvoy-ctl: {id} goes on; only the waiting has ended\nhint: to end it: pan convoy stop {}",
            id.short()
        ),
        ids => {
            let stop: Vec<String> =
                ids.iter().map(|id| format!("\nhint: pan convoy stop {}", id.short())).collect();
            format!(
                "\nconvoy-ctl: {} convoys go on if they have not ended; only the waiting has ended{}",
                ids.len(),
                stop.concat()
            )
        }
    }
}
