//! The protocol's requests: what this server is, what it offers, and calls of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ProgressToken, ServerCapabilities, ServerConfig,
};
use rmcp::service::{Peer, RequestContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::{Semaphore, watch};

use crate::tools::{Call, Desk, Ongoing, Tool, answer, instructions};

/// Calls at the same time. One more is refused, in words that the model reads.
pub(crate) const MOST_CALLS: usize = 64;
/// How often a client is told that a call goes on: opencode gives it up after 60 s
/// without a word.
const TICK: Duration = Duration::from_secs(10);
/// A client that does not read is not waited for.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
pub(crate) struct Handler {
    desk: Arc<Desk>,
    calls: Arc<Semaphore>,
    /// Nothing more will come from the client.
    ended: watch::Receiver<bool>,
}

impl Handler {
    pub(crate) fn new(desk: Arc<Desk>, ended: watch::Receiver<bool>) -> Self {
        Handler { desk, calls: Arc::new(Semaphore::new(MOST_CALLS)), ended }
    }

    /// Runs a call on a thread of its own and tells the client of it meanwhile. A
    /// cancel, or the end of the input, ends the waiting; what was begun is finished.
    async fn call(&self, call: Call, context: RequestContext<RoleServer>) -> CallToolResponse {
        let Ok(place) = Arc::clone(&self.calls).try_acquire_owned() else {
            return answer::busy(MOST_CALLS).into();
        };
        let (ongoing, mut told) = Ongoing::new();
        let (desk, theirs) = (Arc::clone(&self.desk), ongoing.clone());
        let mut work = tokio::task::spawn_blocking(move || {
            let result = call.run(&desk, &theirs);
            drop(place);
            result
        });
        let mut ended = self.ended.clone();
        let mut progress = Progress::of(&context);
        let mut tick = tokio::time::interval(TICK);
        tick.reset();
        let mut going = true;
        loop {
            tokio::select! {
                result = &mut work => return match result {
                    Ok(result) => answer::result(result).into(),
                    Err(error) => answer::broken(&error).into(),
                },
                // Its answer is dropped, whatever it is.
                () = context.ct.cancelled(), if going => {
                    ongoing.end();
                    going = false;
                }
                () = over(&mut ended), if going => {
                    ongoing.end();
                    going = false;
                }
                Ok(()) = told.changed(), if going => {
                    let line = told.borrow_and_update().clone();
                    progress.tell(line).await;
                }
                _ = tick.tick(), if going => {
                    let line = told.borrow().clone();
                    progress.tell(line).await;
                }
            }
        }
    }
}

/// Until the client's input has ended.
async fn over(ended: &mut watch::Receiver<bool>) {
    // Whoever would tell is gone: so is the input.
    let _ = ended.wait_for(|ended| *ended).await;
}

/// Where a client wants to hear of a call that goes on.
struct Progress {
    to: Option<(ProgressToken, Peer<RoleServer>)>,
    begun: Instant,
}

impl Progress {
    fn of(context: &RequestContext<RoleServer>) -> Self {
        let token = context.meta.get_progress_token();
        Progress { to: token.map(|token| (token, context.peer.clone())), begun: Instant::now() }
    }

    /// Seconds since it began: what grows, however little else is known.
    async fn tell(&mut self, line: String) {
        let Some((token, peer)) = &self.to else { return };
        let progress = ProgressNotificationParam::new(token.clone(), self.begun.elapsed().as_secs_f64());
        let sent = peer.notify_progress(progress.with_message(line));
        if !matches!(tokio::time::timeout(PATIENCE, sent).await, Ok(Ok(()))) {
            self.to = None;
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let name = Implementation::new("pan", env!("CARGO_PKG_VERSION")).with_title("convoy");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(name)
            .with_instructions(instructions(self.desk.rights()))
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(Tool::offered(self.desk.rights()).map(Tool::definition).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = Tool::find(&request.name, self.desk.rights())
            .map_err(|why| ErrorData::invalid_params(why.to_string(), None))?;
        match Call::read(tool, request.arguments.unwrap_or_default()) {
            Ok(call) => Ok(self.call(call, context).await),
            Err(failure) => Ok(answer::result(Err(failure)).into()),
        }
    }
}
