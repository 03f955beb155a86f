//! `WS /api/convoys/:id/stream`: the terminals of all agents of a convoy, and
//! its state whenever that changes.
//!
//! With the subprotocol `convoy.v1`, frames from the server are binary output
//! (`u8` kind 1, `u16` agent, `u32` attempt, `u64` offset of the first byte, all
//! big-endian, then the bytes as they are in the log) or JSON texts (`hello`,
//! `state`, `activity`, `attempt`, `gap`, `reset`, `gone`, `error`). Texts from the client are
//! `sub`, `unsub` and `ack`. A `sub` with a number `n` is answered by `start` with
//! that number before anything of it is sent: what comes for this agent before it
//! belongs to an earlier subscription. Without it, everything is JSON texts and nothing has
//! to be acknowledged.
//!
//! A watcher is a cursor into each log. It is sent at most [`WINDOW`] bytes that
//! it has not acknowledged, and is told of every byte it is not sent.

mod feed;

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

use feed::Feed;

use super::hub::convoy::{Convoy, Seen, Snapshot};
use crate::live::tail::Extent;

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

struct Client {
    convoy: Arc<Convoy>,
    snapshot: Arc<Snapshot>,
    sink: SplitSink<WebSocket, Message>,
    binary: bool,
    feeds: BTreeMap<u16, Feed>,
}

/// Why a client is let go.
struct Close {
    code: u16,
    why: &'static str,
}

type Step = Result<(), Close>;

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
    let seen = match state.wait_for(|seen| !matches!(seen, Seen::Unread)).await {
        Ok(seen) => seen.clone(),
        Err(_) => Seen::Gone,
    };
    let snapshot = match seen {
        Seen::There(snapshot) => snapshot,
        Seen::Unread | Seen::Gone => {
            return close(&mut sink, &Close { code: GONE, why: "there is no such convoy" }).await;
        }
        Seen::Unreadable(why) => {
            let text = json!({ "t": "error", "detail": why.as_ref() }).to_string();
            // It may be gone, or take nothing.
            let _ = tokio::time::timeout(SEND_LIMIT, sink.send(Message::Text(text.into()))).await;
            return close(&mut sink, &Close { code: BROKEN, why: "its state cannot be read" }).await;
        }
    };
    let mut client = Client { convoy, snapshot, sink, binary, feeds: BTreeMap::new() };
    let end = match client.run(&mut stream, state, &query, &mut closing).await {
        Ok(()) => Close { code: DONE, why: "" },
        Err(end) => end,
    };
    close(&mut client.sink, &end).await;
}

async fn close(sink: &mut SplitSink<WebSocket, Message>, end: &Close) {
    let frame = CloseFrame { code: end.code, reason: end.why.into() };
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
        let mut activity = self.convoy.activity();
        self.greet(query).await?;
        let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
        loop {
            self.pump().await?;
            if !self.binary && self.snapshot.ended {
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
                _ = closing.changed() => return Err(Close { code: GOING_AWAY, why: "the dashboard ends" }),
                _ = ping.tick() => {
                    self.check_answers()?;
                    self.convoy.look_again();
                    self.send(Message::Ping(Bytes::new())).await?;
                }
            }
            if state.has_changed().unwrap_or(false) {
                let seen = state.borrow_and_update().clone();
                let known = self.snapshot.agents.len();
                self.take_state(seen).await?;
                // Agents of a stage join behind all others.
                self.follow_from(known, query).await?;
            }
            if self.binary && activity.has_changed().unwrap_or(false) {
                let agents = Arc::clone(&activity.borrow_and_update());
                self.tell(json!({ "t": "activity", "agents": *agents })).await?;
            }
        }
    }

    async fn send(&mut self, message: Message) -> Step {
        match tokio::time::timeout(SEND_LIMIT, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Close { code: DONE, why: "" }),
            Err(_) => Err(Close { code: SLOW, why: "this client does not read" }),
        }
    }

    async fn tell(&mut self, value: serde_json::Value) -> Step {
        self.send(Message::Text(value.to_string().into())).await
    }

    async fn greet(&mut self, query: &Query) -> Step {
        let convoy = Arc::clone(&self.convoy);
        let snapshot = Arc::clone(&self.snapshot);
        let agents: Vec<_> = snapshot
            .agents
            .iter()
            .zip(0_u16..)
            .map(|((role, attempt), i)| json!({ "i": i, "role": role, "attempt": attempt }))
            .collect();
        self.tell(json!({ "t": "hello", "convoy": convoy.dir.id(), "agents": agents })).await?;
        self.send(Message::Text(snapshot.message.clone().into())).await?;
        let activity = Arc::clone(&convoy.activity().borrow());
        if self.binary && !activity.is_empty() {
            // Newer than the state is, which does not change when somebody prints.
            self.tell(json!({ "t": "activity", "agents": *activity })).await?;
        }
        self.follow_from(0, query).await
    }

    /// Begins with those that the address asks for, from this place in the list of agents on.
    async fn follow_from(&mut self, first: usize, query: &Query) -> Step {
        let snapshot = Arc::clone(&self.snapshot);
        let agents = (0_u16..).zip(&snapshot.agents).skip(first);
        let wanted = agents.filter(|(_, (role, _))| match &query.agent {
            Some(agent) => agent == role.as_str(),
            None => !self.binary,
        });
        let wanted: Vec<Wanted> =
            wanted.map(|(i, _)| Wanted { i, attempt: None, from: query.from, n: None }).collect();
        self.subscribe(&wanted).await
    }

    async fn subscribe(&mut self, wanted: &[Wanted]) -> Step {
        for wanted in wanted {
            let snapshot = Arc::clone(&self.snapshot);
            let Some((role, current)) = snapshot.agents.get(usize::from(wanted.i)) else { continue };
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
            // As of the extent that the cursor was chosen by.
            let mut feed = Feed::new(tail, attempt, cursor);
            feed.epoch = epoch;
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

    async fn take(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<ControlFlow<()>, Close> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => return Err(Close { code: POLICY, why: "send JSON texts" }),
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
            Seen::There(snapshot) => {
                self.snapshot = snapshot;
                self.send(Message::Text(self.snapshot.message.clone().into())).await
            }
            Seen::Gone => {
                self.tell(json!({ "t": "gone" })).await?;
                Err(Close { code: GONE, why: "the convoy was deleted" })
            }
            Seen::Unread => Ok(()),
            // What was told of it last may be true no more.
            Seen::Unreadable(why) => self.tell(json!({ "t": "error", "detail": why.as_ref() })).await,
        }
    }
}
