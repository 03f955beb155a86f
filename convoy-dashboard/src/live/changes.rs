//! `WS /api/stream`: the list of convoys, as it changes. The page asks once and
//! is told from then on; nothing is polled.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use base::ids::ConvoyId;
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use protocol::state::ConvoyStatus;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::live::hub::convoy::Convoy;
use crate::live::hub::{Change, Hub};
use crate::live::list::entry;
use crate::live::summary::Summary;

const SEND_LIMIT: Duration = Duration::from_secs(20);
const PING: Duration = Duration::from_secs(15);

/// Running convoys, held so that their agents' output is noticed.
type Held = HashMap<ConvoyId, Arc<Convoy>>;

fn hold(held: &mut Held, hub: &Arc<Hub>, summary: &Summary) {
    if summary.status == Some(ConvoyStatus::Running) {
        held.entry(summary.id.clone()).or_insert_with(|| hub.open(&summary.id));
    } else {
        held.remove(&summary.id);
    }
}

pub(crate) async fn serve(socket: WebSocket, hub: Arc<Hub>, mut closing: watch::Receiver<bool>) {
    let (mut sink, mut stream) = socket.split();
    let mut changes = hub.changes();
    let mut held = Held::new();
    for summary in hub.list() {
        hold(&mut held, &hub, &summary);
    }
    let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
    let mut next = Some(json!({ "t": "hello", "version": env!("CARGO_PKG_VERSION") }));
    loop {
        if let Some(value) = next.take() {
            let sent = sink.send(Message::Text(value.to_string().into()));
            if !matches!(tokio::time::timeout(SEND_LIMIT, sent).await, Ok(Ok(()))) {
                return;
            }
        }
        next = tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => Some(told(change, &mut held, &hub)),
                Err(RecvError::Lagged(_)) => Some(json!({ "t": "refresh" })),
                Err(RecvError::Closed) => return,
            },
            message = stream.next() => match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_))) => None,
                Some(Ok(_) | Err(_)) | None => return,
            },
            _ = closing.changed() => {
                let frame = CloseFrame { code: 1001, reason: "the dashboard ends".into() };
                let _ = tokio::time::timeout(Duration::from_secs(1), sink.send(Message::Close(Some(frame)))).await;
                return;
            }
            _ = ping.tick() => {
                for id in held.keys() {
                    hub.look_again(id);
                }
                let sent = sink.send(Message::Ping(Bytes::new()));
                if !matches!(tokio::time::timeout(SEND_LIMIT, sent).await, Ok(Ok(()))) {
                    return;
                }
                None
            }
        };
    }
}

fn told(change: Change, held: &mut Held, hub: &Arc<Hub>) -> serde_json::Value {
    match change {
        Change::Convoy(summary) => {
            hold(held, hub, &summary);
            json!({ "t": "convoy", "convoy": entry(&summary, Timestamp::now()) })
        }
        Change::Gone(id) => {
            held.remove(&id);
            json!({ "t": "gone", "id": id })
        }
        Change::Activity(id, agents) => json!({ "t": "activity", "id": id, "agents": *agents }),
        Change::Everything => json!({ "t": "refresh" }),
    }
}
