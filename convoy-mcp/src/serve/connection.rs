//! The lines of a client, kept within bounds: how long one may be, what may come
//! first, and how many answers wait for a client that does not read them.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::JsonRpcMessage;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::{Semaphore, watch};

/// Bytes of a message; no call has a reason to be longer.
pub(crate) const LONGEST_LINE: usize = 1 << 20;
/// Messages on their way to the client. Past that nothing more is read: a client
/// that asks and does not read fills its own pipe, and no memory here.
const MOST_UNREAD: usize = 256;

/// A transport with bounds.
pub(crate) struct Connection<T> {
    lines: T,
    /// A request has come. What comes before is nobody's, and no reason to end.
    begun: bool,
    unread: Arc<Semaphore>,
    /// Told when nothing more will come.
    end: watch::Sender<bool>,
}

impl<T> Connection<T> {
    pub(crate) fn new(lines: T, end: watch::Sender<bool>) -> Self {
        Connection { lines, begun: false, unread: Arc::new(Semaphore::new(MOST_UNREAD)), end }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Connection<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        // None is left only while nothing is read: then this one is over by so many
        // as are answered at the same time, which is bounded as well.
        let place = Arc::clone(&self.unread).try_acquire_owned();
        let sent = self.lines.send(message);
        async move {
            let sent = sent.await;
            drop(place);
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            // It is never closed.
            drop(self.unread.acquire().await);
            let Some(message) = self.lines.receive().await else {
                self.end.send_replace(true);
                return None;
            };
            self.begun |= matches!(message, JsonRpcMessage::Request(_));
            if self.begun {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.lines.close().await
    }
}
