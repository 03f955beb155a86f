//! A log on its way to one client: what is sent next, and what may be.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::Message;
use serde_json::json;

use super::{ACK_LIMIT, BROKEN, Client, Close, FIRST_LOOK, MAX_BEHIND, SLOW, Step, WINDOW};
use crate::http::lines::Lines;
use crate::live::tail::{Extent, HEADER, Tail};

/// One log as one client follows it.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) tail: Arc<Tail>,
    pub(super) attempt: u32,
    pub(super) cursor: u64,
    pub(super) acked: u64,
    pub(super) epoch: u64,
    /// When the client last acknowledged, or had nothing to.
    pub(super) answered: Instant,
    /// For texts: bytes of a character that is not whole yet.
    lines: Lines,
}

impl Feed {
    /// From this offset on, nothing of it sent yet.
    pub(super) fn new(tail: Arc<Tail>, attempt: u32, cursor: u64) -> Self {
        let epoch = tail.extent().epoch;
        Feed {
            tail,
            attempt,
            cursor,
            acked: cursor,
            epoch,
            answered: Instant::now(),
            lines: Lines::default(),
        }
    }
}

impl Client {
    pub(super) fn check_answers(&self) -> Step {
        let late = |feed: &Feed| feed.acked < feed.cursor && feed.answered.elapsed() > ACK_LIMIT;
        if self.binary && self.feeds.values().any(late) {
            return Err(Close { code: SLOW, why: "this client does not acknowledge" });
        }
        Ok(())
    }

    /// The state may tell of the end before the log's last bytes are noticed.
    pub(super) fn is_drained(&self) -> bool {
        self.feeds.values().all(|feed| {
            feed.tail.refresh();
            feed.cursor >= feed.tail.extent().end
        })
    }

    /// Sends what there is and may be sent, in turn for each log.
    pub(super) async fn pump(&mut self) -> Step {
        let mut some = true;
        while some {
            some = false;
            let each: Vec<u16> = self.feeds.keys().copied().collect();
            for i in each {
                some |= self.advance(i).await?;
            }
        }
        Ok(())
    }

    /// One step of one log. False: there is nothing to do now.
    async fn advance(&mut self, i: u16) -> Result<bool, Close> {
        let current = self.snapshot.agents.get(usize::from(i)).map_or(0, |(_, attempt)| *attempt);
        let binary = self.binary;
        let Some(feed) = self.feeds.get_mut(&i) else { return Ok(false) };
        let Extent { end, epoch } = feed.tail.extent();
        let (attempt, cursor) = (feed.attempt, feed.cursor);
        if epoch != feed.epoch {
            (feed.epoch, feed.cursor, feed.acked) = (epoch, 0, 0);
            self.tell(json!({ "t": "reset", "i": i, "attempt": attempt })).await?;
            return Ok(true);
        }
        if end.saturating_sub(cursor) > MAX_BEHIND {
            let to = feed.tail.line_start(end - FIRST_LOOK);
            feed.cursor = to;
            feed.acked += to - cursor;
            self.gap(i, attempt, cursor, to).await?;
            return Ok(true);
        }
        if binary && cursor - feed.acked >= WINDOW {
            return Ok(false);
        }
        let Some(frame) = feed.tail.frame(cursor) else {
            if cursor >= end {
                return self.next_attempt(i, current).await;
            }
            feed.tail.refresh();
            if feed.tail.extent() == (Extent { end, epoch }) {
                return Err(Close { code: BROKEN, why: "a log cannot be read" });
            }
            return Ok(true);
        };
        if feed.acked == feed.cursor {
            feed.answered = Instant::now();
        }
        feed.cursor += (frame.len() - HEADER) as u64;
        if binary {
            self.send(Message::Binary(frame)).await?;
        } else {
            let text = feed.lines.take(frame.get(HEADER..).unwrap_or_default());
            let role = self.snapshot.agents.get(usize::from(i)).map(|(role, _)| role.to_string());
            self.tell(
                json!({ "t": "output", "agent": role, "attempt": attempt, "from": cursor, "data": text }),
            )
            .await?;
        }
        Ok(true)
    }

    /// An attempt whose log was sent whole is followed by the next: that one
    /// begins only when this one is over (P3).
    async fn next_attempt(&mut self, i: u16, current: u32) -> Result<bool, Close> {
        let snapshot = Arc::clone(&self.snapshot);
        let convoy = Arc::clone(&self.convoy);
        let Some(feed) = self.feeds.get_mut(&i) else { return Ok(false) };
        if current <= feed.attempt || feed.tail.refresh() && feed.tail.extent().end > feed.cursor {
            return Ok(current > feed.attempt);
        }
        let Some((role, _)) = snapshot.agents.get(usize::from(i)) else { return Ok(false) };
        let next = feed.attempt + 1;
        let tail = convoy.tail(i, role, next);
        tail.refresh();
        *feed = Feed::new(tail, next, 0);
        self.tell(json!({ "t": "attempt", "i": i, "attempt": next })).await?;
        Ok(true)
    }
}
