//! From the command line to a server, and to its end.

mod connection;
mod handler;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::program;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{serve_server, service::ServerInitializeError};
use tokio::sync::watch;

use crate::cli::Rights;
use crate::tools::Desk;
use connection::{Connection, LONGEST_LINE};
use handler::{Handler, MOST_CALLS};

/// Threads beside those of calls: of standard input and output, and one to spare.
const OTHER_THREADS: usize = 3;

/// Serves until standard input ends.
pub(crate) fn run(environment: Environment, rights: &Rights) -> Result<Exit> {
    if std::io::stdin().is_terminal() {
        program::tell("convoy-mcp: waits for an agent CLI on standard input; end it with Ctrl-D");
        program::hint("tell a CLI of it: pan mcp install");
    }
    program::check_threads(OTHER_THREADS)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(MOST_CALLS + OTHER_THREADS)
        // Those there are stay: later there may be none to be had.
        .thread_keep_alive(Duration::from_secs(1 << 30))
        .enable_io()
        .enable_time()
        .build()
        .context("cannot begin")?;
    let served = runtime.block_on(serve(Desk::new(environment, rights.clone())));
    // Whoever still waits holds nothing; a read of standard input cannot be taken back.
    runtime.shutdown_timeout(Duration::ZERO);
    served
}

async fn serve(desk: Desk) -> Result<Exit> {
    let (end, ended) = watch::channel(false);
    let (input, output) = rmcp::transport::stdio();
    let lines = AsyncRwTransport::new_server(input, output).with_max_line_length(LONGEST_LINE);
    let handler = Handler::new(Arc::new(desk), ended);
    match serve_server(handler, Connection::new(lines, end)).await {
        Ok(service) => {
            service.waiting().await.context("the server ended by itself")?;
            Ok(Exit::Done)
        }
        // A client that only looked whether it is there.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(Exit::Done),
        Err(error) => Err(error).context("no client could be served"),
    }
}
