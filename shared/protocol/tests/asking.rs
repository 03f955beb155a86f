//! In a process of its own: a test beside it that starts a program would hold every lock
//! of this one until that program runs.

use std::fs;
use std::sync::mpsc::{TryRecvError, channel};

use protocol::layout::Home;
use protocol::watch_lock::{Stay, try_take, watcher};

#[test]
fn who_only_asks_keeps_nobody_from_taking() {
    let root = tempfile::tempdir().unwrap();
    let dir = Home::new(root.path()).convoy(&"convoy-t-abcdef".parse().unwrap());
    fs::create_dir_all(dir.dir()).unwrap();
    drop(try_take(&dir, Stay::UntilTheEnd).unwrap().unwrap());
    std::thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        let path = &dir;
        scope.spawn(move || {
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                watcher(path).unwrap();
            }
        });
        let taken = (0..200).filter(|_| {
            // This very process is alive, and signed last.
            fs::write(dir.watch_lock(), "").unwrap();
            try_take(&dir, Stay::Briefly).unwrap().is_some()
        });
        let taken = taken.count();
        drop(stop);
        // On a machine that is busy the asker may get no processor while it asks.
        assert!(taken > 180, "{taken} of 200");
    });
}
