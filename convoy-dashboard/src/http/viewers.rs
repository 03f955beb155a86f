//! Who looks at streams: not more than there is room for; and the memory that they needed
//! is given back when most of them are gone.
//!
//! Thousands of frames for hundreds of viewers leave the allocator's heaps full of holes,
//! which it keeps: 7 of 15 MB after 500 viewers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// What a viewer used is free this long after it has gone.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Viewers {
    places: Arc<Semaphore>,
    room: u32,
    /// So many there were at once, since memory was given back.
    most: AtomicUsize,
    /// Half of those or more have gone.
    ebb: Notify,
}

/// The place of one viewer, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    viewers: Arc<Viewers>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Viewers {
    pub(crate) fn new(room: u32) -> Self {
        let places = Arc::new(Semaphore::new(room as usize));
        Viewers { places, room, most: AtomicUsize::new(0), ebb: Notify::new() }
    }

    /// `None`: there is no room for one more.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        self.most.fetch_max(self.count(), Ordering::Relaxed);
        Some(Place { viewers: Arc::clone(self), permit: Some(permit) })
    }

    fn count(&self) -> usize {
        (self.room as usize).saturating_sub(self.places.available_permits())
    }

    fn leave(&self) {
        let left = self.count();
        if left * 2 <= self.most.load(Ordering::Relaxed) {
            self.most.store(left, Ordering::Relaxed);
            self.ebb.notify_one();
        }
    }

    /// Gives memory back whenever most viewers have gone; never returns.
    pub(crate) async fn give_memory_back(&self) {
        loop {
            self.ebb.notified().await;
            tokio::time::sleep(PAUSE).await;
            // It may take some ms, for which nobody who serves is to wait.
            let _ = tokio::task::spawn_blocking(base::memory::give_back).await;
        }
    }

    /// Waits until none is there.
    pub(crate) async fn all_gone(&self) {
        let _ = self.places.acquire_many(self.room).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.viewers.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_an_ebb_is_noticed() {
        let viewers = Arc::new(Viewers::new(8));
        let is_ebb = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                tokio::time::timeout(Duration::ZERO, viewers.ebb.notified()).await.is_ok()
            })
        };
        let mut all: Vec<Place> = (0..8).map(|_| viewers.enter().unwrap()).collect();
        assert!(viewers.enter().is_none());
        all.truncate(5);
        assert!(!is_ebb(), "most of them are there");
        all.truncate(4);
        assert!(is_ebb());
        all.truncate(3);
        assert!(!is_ebb(), "one of four has gone since");
        all.push(viewers.enter().unwrap());
        all.clear();
        assert!(is_ebb());
        drop(viewers.enter());
        assert!(is_ebb(), "the only one has gone");
    }
}
