//! `WS /api/convoys/:id/stream`: the terminals of all agents of a convoy, and
//! its state whenever that changes.
//!
//! With the subprotocol `convoy.v1`, frames from the server are binary output
//! (`u8` kind 1, `u16` agent, `u32` attempt, `u64` offset of the first byte, all
//! big-endian, then the bytes as they are in the log) or JSON texts (`hello`,
//! `state`, `attempt`, `gap`, `reset`, `gone`, `error`). Texts from the client are
//! `sub`, `unsub` and `ack`. A `sub` with a number `n` is answered by `start` with
//! that number before anything of it is sent: what comes for this agent before it
//! belongs to an earlier subscription. Without it, everything is JSON texts and nothing has
//! to be acknowledged.
//!
//! A watcher is a cursor into each log. It is sent at most [`WINDOW`] bytes that
//! it has not acknowledged, and is told of every byte it is not sent.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;

use crate::hub::{Convoy, Seen, Shot};
use crate::lines::Lines;
use crate::tail::{Extent, HEADER, Tail};

pub(crate) const PROTOCOL: &str = "convoy.v1";
/// Bytes on the way to a client, at most, for each agent.
const WINDOW: u64 = 512 << 10;
/// Who is further behind than this is moved on, and told so.
const MAX_BEHIND: u64 = 8 << 20;
/// What is shown of a log that is not asked for from an offset.
const FIRST_LOOK: u64 = 128 << 10;
/// A client that takes nothing for this long is let go.
const SEND_LIMIT: Duration = Duration::from_secs(20);
const ACK_LIMIT: Duration = Duration::from_secs(60);
/// Also how often it is looked whether a watcher came or went.
const PING: Duration = Duration::from_secs(15);

/// Close codes, in the range for applications.
const GONE: u16 = 4404;
const SLOW: u16 = 4408;
const DONE: u16 = 1000;
/// The protocol's own, for what goes wrong here.
const BROKEN: u16 = 1011;
const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase", deny_unknown_fields)]
enum Asked {
    Sub { agents: Vec<Wanted> },
    Unsub { agents: Vec<u16> },
    Ack { i: u16, upto: u64 },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    i: u16,
    /// Default: the current one.
    attempt: Option<u32>,
    /// Default: the end of the log.
    from: Option<u64>,
    /// The client's number for this subscription.
    n: Option<u32>,
}

/// How a client without the subprotocol wants it, from the address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Query {
    pub(crate) agent: Option<String>,
    pub(crate) from: Option<u64>,
}

/// One log as one client follows it.
#[derive(Debug)]
struct Feed {
    tail: Arc<Tail>,
    attempt: u32,
    cursor: u64,
    acked: u64,
    epoch: u64,
    /// When the client last acknowledged, or had nothing to.
    answered: Instant,
    /// For texts: bytes of a character that is not whole yet.
    lines: Lines,
}

struct Client {
    convoy: Arc<Convoy>,
    shot: Arc<Shot>,
    sink: SplitSink<WebSocket, Message>,
    binary: bool,
    feeds: BTreeMap<u16, Feed>,
}

/// Why a client is let go.
struct Bye {
    code: u16,
    why: &'static str,
}

type Step = Result<(), Bye>;

/// Serves one client until either side has enough.
pub(crate) async fn serve(
    socket: WebSocket,
    convoy: Arc<Convoy>,
    query: Query,
    mut closing: watch::Receiver<bool>,
) {
    let binary = socket.protocol().is_some();
    let (mut sink, mut stream) = socket.split();
    let mut state = convoy.state();
    let seen = state.borrow_and_update().clone();
    let shot = match seen {
        Seen::There(shot) => shot,
        Seen::Gone => return close(&mut sink, &Bye { code: GONE, why: "there is no such convoy" }).await,
        Seen::Unreadable(why) => {
            let text = json!({ "t": "error", "detail": why.as_ref() }).to_string();
            // It may be gone, or take nothing.
            let _ = tokio::time::timeout(SEND_LIMIT, sink.send(Message::Text(text.into()))).await;
            return close(&mut sink, &Bye { code: BROKEN, why: "its state cannot be read" }).await;
        }
    };
    let mut client = Client { convoy, shot, sink, binary, feeds: BTreeMap::new() };
    let bye = match client.run(&mut stream, state, &query, &mut closing).await {
        Ok(()) => Bye { code: DONE, why: "" },
        Err(bye) => bye,
    };
    close(&mut client.sink, &bye).await;
}

async fn close(sink: &mut SplitSink<WebSocket, Message>, bye: &Bye) {
    let frame = CloseFrame { code: bye.code, reason: bye.why.into() };
    // It may be gone, or take nothing.
    let _ = tokio::time::timeout(Duration::from_secs(1), sink.send(Message::Close(Some(frame)))).await;
}

impl Client {
    async fn run(
        &mut self,
        stream: &mut SplitStream<WebSocket>,
        mut state: watch::Receiver<Seen>,
        query: &Query,
        closing: &mut watch::Receiver<bool>,
    ) -> Step {
        let mut pulse = self.convoy.pulse();
        self.greet(query).await?;
        let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
        loop {
            self.pump().await?;
            if !self.binary && self.shot.ended {
                if self.is_drained() {
                    return Ok(());
                }
                continue;
            }
            tokio::select! {
                message = stream.next() => match self.take(message).await? {
                    ControlFlow::Continue(()) => {}
                    ControlFlow::Break(()) => return Ok(()),
                },
                _ = pulse.changed() => {}
                _ = closing.changed() => return Err(Bye { code: GOING_AWAY, why: "the dashboard ends" }),
                _ = ping.tick() => {
                    self.check_answers()?;
                    self.convoy.look_again();
                    self.send(Message::Ping(Bytes::new())).await?;
                }
            }
            if state.has_changed().unwrap_or(false) {
                let seen = state.borrow_and_update().clone();
                self.take_state(seen).await?;
            }
        }
    }

    async fn send(&mut self, message: Message) -> Step {
        match tokio::time::timeout(SEND_LIMIT, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Bye { code: DONE, why: "" }),
            Err(_) => Err(Bye { code: SLOW, why: "this client does not read" }),
        }
    }

    async fn tell(&mut self, value: serde_json::Value) -> Step {
        self.send(Message::Text(value.to_string().into())).await
    }

    async fn greet(&mut self, query: &Query) -> Step {
        let convoy = Arc::clone(&self.convoy);
        let shot = Arc::clone(&self.shot);
        let agents: Vec<_> = shot
            .agents
            .iter()
            .zip(0_u16..)
            .map(|((role, attempt), i)| json!({ "i": i, "role": role, "attempt": attempt }))
            .collect();
        self.tell(json!({ "t": "hello", "convoy": convoy.dir.id(), "agents": agents })).await?;
        self.send(Message::Text(shot.message.clone().into())).await?;
        let wanted = (0_u16..).zip(&shot.agents).filter(|(_, (role, _))| match &query.agent {
            Some(agent) => agent == role.as_str(),
            None => !self.binary,
        });
        let wanted: Vec<Wanted> =
            wanted.map(|(i, _)| Wanted { i, attempt: None, from: query.from, n: None }).collect();
        self.subscribe(&wanted).await
    }

    async fn subscribe(&mut self, wanted: &[Wanted]) -> Step {
        for wanted in wanted {
            let shot = Arc::clone(&self.shot);
            let Some((role, current)) = shot.agents.get(usize::from(wanted.i)) else { continue };
            // An attempt that was never begun is none to resume.
            let attempt =
                wanted.attempt.filter(|attempt| attempt <= current && *attempt > 0).unwrap_or(*current);
            let tail = self.convoy.tail(wanted.i, role, attempt);
            tail.refresh();
            if let Some(why) = tail.trouble() {
                self.tell(json!({ "t": "error", "detail": why })).await?;
            }
            let Extent { end, epoch } = tail.extent();
            if let Some(n) = wanted.n {
                let from = wanted.from.unwrap_or(0);
                self.tell(json!({ "t": "start", "i": wanted.i, "n": n, "attempt": attempt, "from": from }))
                    .await?;
            }
            let cursor = match wanted.from {
                Some(from) if from <= end => from,
                Some(_) => {
                    self.tell(json!({ "t": "reset", "i": wanted.i, "attempt": attempt })).await?;
                    0
                }
                None => {
                    let start = tail.line_start(end.saturating_sub(FIRST_LOOK));
                    self.gap(wanted.i, attempt, 0, start).await?;
                    start
                }
            };
            let feed = Feed {
                tail,
                attempt,
                cursor,
                acked: cursor,
                epoch,
                answered: Instant::now(),
                lines: Lines::default(),
            };
            self.feeds.insert(wanted.i, feed);
        }
        Ok(())
    }

    async fn gap(&mut self, i: u16, attempt: u32, from: u64, to: u64) -> Step {
        if from < to {
            self.tell(json!({ "t": "gap", "i": i, "attempt": attempt, "from": from, "to": to })).await?;
        }
        Ok(())
    }

    async fn take(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<ControlFlow<()>, Bye> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => return Err(Bye { code: POLICY, why: "send JSON texts" }),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(ControlFlow::Continue(())),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(ControlFlow::Break(())),
        };
        match serde_json::from_str(&text) {
            Ok(Asked::Sub { agents }) => self.subscribe(&agents).await?,
            Ok(Asked::Unsub { agents }) => self.feeds.retain(|i, _| !agents.contains(i)),
            Ok(Asked::Ack { i, upto }) => {
                if let Some(feed) = self.feeds.get_mut(&i)
                    && upto > feed.acked
                    // What was not sent yet cannot have arrived.
                    && upto <= feed.cursor
                {
                    feed.acked = upto;
                    feed.answered = Instant::now();
                }
            }
            Err(_) => self.tell(json!({ "t": "error", "detail": "not understood" })).await?,
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn take_state(&mut self, seen: Seen) -> Step {
        match seen {
            Seen::There(shot) => {
                self.shot = shot;
                self.send(Message::Text(self.shot.message.clone().into())).await
            }
            Seen::Gone => {
                self.tell(json!({ "t": "gone" })).await?;
                Err(Bye { code: GONE, why: "the convoy was deleted" })
            }
            // What was told of it last may be true no more.
            Seen::Unreadable(why) => self.tell(json!({ "t": "error", "detail": why.as_ref() })).await,
        }
    }

    fn check_answers(&self) -> Step {
        let late = |feed: &Feed| feed.acked < feed.cursor && feed.answered.elapsed() > ACK_LIMIT;
        if self.binary && self.feeds.values().any(late) {
            return Err(Bye { code: SLOW, why: "this client does not acknowledge" });
        }
        Ok(())
    }

    /// The state may tell of the end before the log's last bytes are noticed.
    fn is_drained(&self) -> bool {
        self.feeds.values().all(|feed| {
            feed.tail.refresh();
            feed.cursor >= feed.tail.extent().end
        })
    }

    /// Sends what there is and may be sent, in turn for each log.
    async fn pump(&mut self) -> Step {
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
    async fn advance(&mut self, i: u16) -> Result<bool, Bye> {
        let current = self.shot.agents.get(usize::from(i)).map_or(0, |(_, attempt)| *attempt);
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
                return Err(Bye { code: BROKEN, why: "a log cannot be read" });
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
            let role = self.shot.agents.get(usize::from(i)).map(|(role, _)| role.to_string());
            self.tell(
                json!({ "t": "output", "agent": role, "attempt": attempt, "from": cursor, "data": text }),
            )
            .await?;
        }
        Ok(true)
    }

    /// An attempt whose log was sent whole is followed by the next: that one
    /// begins only when this one is over (P3).
    async fn next_attempt(&mut self, i: u16, current: u32) -> Result<bool, Bye> {
        let shot = Arc::clone(&self.shot);
        let convoy = Arc::clone(&self.convoy);
        let Some(feed) = self.feeds.get_mut(&i) else { return Ok(false) };
        if current <= feed.attempt || feed.tail.refresh() && feed.tail.extent().end > feed.cursor {
            return Ok(current > feed.attempt);
        }
        let Some((role, _)) = shot.agents.get(usize::from(i)) else { return Ok(false) };
        let next = feed.attempt + 1;
        let tail = convoy.tail(i, role, next);
        tail.refresh();
        *feed = Feed {
            epoch: tail.extent().epoch,
            tail,
            attempt: next,
            cursor: 0,
            acked: 0,
            answered: Instant::now(),
            lines: Lines::default(),
        };
        self.tell(json!({ "t": "attempt", "i": i, "attempt": next })).await?;
        Ok(true)
    }
}
