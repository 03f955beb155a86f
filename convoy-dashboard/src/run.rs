//! From the command line to a dashboard that runs, and to its end.

use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base::called::as_typed;
use base::clock::Clock;
use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use base::text;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use protocol::layout::Home;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::api::app::{MAX_VIEWERS, router};
use crate::api::context::App;
use crate::cli::Arguments;
use crate::http::access::{self, Guesses, Running};
use crate::http::guard::Policy;
use crate::http::serve::{LAST_WORDS, Listen, Listener, serve};
use crate::http::viewers::Viewers;
use crate::live::hub::Hub;

/// Threads that serve. One more waits for changes, at least one does what blocks.
const WORKERS: usize = 2;
/// What opens a page for the user, the first that is there.
const OPENERS: [&str; 3] = ["xdg-open", "open", "wslview"];

fn listen(arguments: &Arguments) -> Listen {
    arguments.listen.clone().unwrap_or(Listen::Ip(Ipv4Addr::LOCALHOST.into()))
}

/// The name of a dashboard in the state directory.
fn place(listen: &Listen, port: u16) -> String {
    match listen {
        Listen::Ip(_) => port.to_string(),
        Listen::Unix(_) => "unix".to_owned(),
    }
}

/// Prints a new way in.
pub(crate) fn url(environment: &Environment, arguments: &Arguments) -> Result<Exit> {
    let home = &Home::of(environment);
    let place = place(&listen(arguments), arguments.port);
    let running = access::read(home, &place)?;
    let Some(running) = running else {
        let failure = Failure::new(Exit::NotFound, "no dashboard runs");
        return Err(failure.hint("start one: pan dashboard --open").into());
    };
    access::prepare(home)?;
    program::print(&format!("{}/#ticket={}\n", running.url, access::ticket(home)?))?;
    Ok(Exit::Done)
}

/// Serves until it is ended.
pub(crate) fn run(environment: Environment, arguments: &Arguments) -> Result<Exit> {
    more_descriptors();
    // Its memory holds the token: it is left in no core file.
    let _ = nix::sys::resource::setrlimit(Resource::RLIMIT_CORE, 0, 0);
    access::prepare(&Home::of(&environment))?;
    program::check_threads(WORKERS + 2)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(16)
        // Those there are stay: later there may be none to be had.
        .thread_keep_alive(Duration::from_secs(1 << 30))
        .enable_io()
        .enable_time()
        .build()
        .context("cannot begin")?;
    // The first of them; the others are asked for when there is work for them.
    drop(runtime.spawn_blocking(|| ()));
    runtime.block_on(run_on(environment, arguments))
}

/// Each viewer is one: many systems allow 1024 and more only when asked.
fn more_descriptors() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard.min(65_536)
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(65_536), hard);
    }
}

async fn run_on(environment: Environment, arguments: &Arguments) -> Result<Exit> {
    let mut signals = Signals::listen().context("cannot wait for signals")?;
    let listen = listen(arguments);
    check_listen(&listen, arguments)?;
    let listener = Listener::bind(&listen, arguments.port)
        .await
        .map_err(|error| no_place(&listen, arguments.port, &error))?;
    let port = listener.port().unwrap_or(arguments.port);
    let place = place(&listen, port);
    let boot = Clock::open()?.now()?.moment.boot.0;
    let token = access::token(&Home::of(&environment), &place, &boot)?;
    let hosts = hosts(&listen, port, &arguments.allow_host);
    let url = format!("http://{}", hosts.first().map_or("127.0.0.1", String::as_str));
    let socket = match &listen {
        Listen::Unix(path) => Some(text::path(&environment.current_dir.join(path))),
        Listen::Ip(_) => None,
    };
    let running = Running { pid: std::process::id(), boot, url, socket, token: token.clone() };
    access::announce(&Home::of(&environment), &place, &running)?;
    let hub = Hub::new(Home::of(&environment))?;
    let (close, closing) = watch::channel(false);
    let viewers = Arc::new(Viewers::new(MAX_VIEWERS));
    let home = Home::of(&environment);
    let allowed = arguments.allow_root.iter().map(|root| environment.current_dir.join(root)).collect();
    welcome(&environment, arguments, &running)?;
    let app = Arc::new(App {
        environment,
        hub: Arc::clone(&hub),
        policy: Policy { hosts, token: access::hash(&token) },
        token,
        allowed,
        starts: tokio::sync::Mutex::default(),
        guesses: Mutex::new(Guesses::new(Instant::now())),
        viewers: Arc::clone(&viewers),
        closing: closing.clone(),
    });
    std::thread::Builder::new()
        .name("changes".to_owned())
        .spawn(move || hub.run())
        .context("cannot begin")?;
    let tidied = Arc::clone(&viewers);
    tokio::spawn(async move { tidied.give_memory_back().await });
    let served = tokio::spawn(serve(listener, router(app), closing));
    signals.wait().await;
    close.send_replace(true);
    let _ = served.await;
    // Those whose connection became a stream are told as well.
    let _ = tokio::time::timeout(LAST_WORDS, viewers.all_gone()).await;
    access::withdraw(&home, &place);
    if let Listen::Unix(path) = &listen {
        let _ = std::fs::remove_file(path);
    }
    Ok(Exit::Done)
}

/// The signals that end it, from now on.
struct Signals([Signal; 3]);

impl Signals {
    fn listen() -> std::io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [a, b, c] = kinds.map(signal);
        Ok(Signals([a?, b?, c?]))
    }

    async fn wait(&mut self) {
        let Signals([a, b, c]) = self;
        tokio::select! {
            _ = a.recv() => {}
            _ = b.recv() => {}
            _ = c.recv() => {}
        }
    }
}

/// The names browsers may use, as they send them. Not `localhost`: somebody
/// else may hold that port of `::1`.
fn hosts(listen: &Listen, port: u16, allowed: &[String]) -> Vec<String> {
    let own = match listen {
        Listen::Ip(IpAddr::V6(ip)) if !ip.is_unspecified() => vec![format!("[{ip}]:{port}")],
        Listen::Ip(ip) if !ip.is_unspecified() => vec![format!("{ip}:{port}")],
        Listen::Ip(_) => Vec::new(),
        // Whoever forwards it owns the port it is forwarded to.
        Listen::Unix(_) => vec![format!("127.0.0.1:{port}"), format!("localhost:{port}")],
    };
    let with_port = |host: &String| if has_port(host) { host.clone() } else { format!("{host}:{port}") };
    own.into_iter().chain(allowed.iter().map(with_port)).collect()
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Beyond loopback everything goes over the network in the clear: that is only
/// done when it was said twice.
fn check_listen(listen: &Listen, arguments: &Arguments) -> Result<()> {
    let Listen::Ip(ip) = listen else { return Ok(()) };
    if ip.is_loopback() {
        return Ok(());
    }
    if arguments.allow_host.is_empty() {
        let failure =
            Failure::new(Exit::Usage, format!("{ip} can be reached from other machines, without encryption"));
        return Err(failure
            .hint(format!(
                "better, from the other machine: ssh -N -L {0}:127.0.0.1:{0} THIS-MACHINE",
                arguments.port
            ))
            .hint("if it must be: name the host browsers use, --allow-host HOST")
            .into());
    }
    program::tell(&format!(
        "convoy-dashboard: warning: {ip} can be reached from other machines; token and terminals go over the network in the clear"
    ));
    Ok(())
}

fn no_place(listen: &Listen, port: u16, error: &std::io::Error) -> Failure {
    let what = match listen {
        Listen::Ip(ip) => format!("{ip}, port {port}"),
        Listen::Unix(path) => text::path(path),
    };
    let what = format!("cannot listen on {what}");
    if error.kind() == std::io::ErrorKind::AddrInUse {
        Failure::new(Exit::No, format!("{what}: {}", base::error::reason(error)))
            .hint("if it is a dashboard of yours: pan dashboard url")
            .hint(format!("or take another port: pan dashboard --port {}", port.wrapping_add(1)))
    } else {
        Failure::of_io(Exit::No, what, error)
    }
}

/// Tells how to get in, and opens the page if that was asked for.
fn welcome(environment: &Environment, arguments: &Arguments, running: &Running) -> Result<()> {
    let home = &Home::of(environment);
    let ticket = access::ticket(home)?;
    program::print(&format!("{}/#ticket={ticket}\n", running.url))?;
    program::tell(&as_typed("good once, for 10 minutes; another one: pan dashboard url"));
    let here = text::path(environment.home.as_path());
    program::tell(&format!("shows {here}; end it with Ctrl-C, convoys go on"));
    let port = running.url.rsplit(':').next().unwrap_or_default();
    let machine = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let machine = machine.as_deref().map_or("THIS-MACHINE".to_owned(), text::visible);
    match &running.socket {
        Some(socket) => program::tell(&format!("from your machine: ssh -N -L {port}:{socket} {machine}")),
        None if environment.var("SSH_CONNECTION").is_some() => {
            program::tell(&format!("from your machine: ssh -N -L {port}:127.0.0.1:{port} {machine}"));
        }
        None => {}
    }
    if arguments.open {
        open(environment, running, &ticket)?;
    }
    Ok(())
}

/// The browser is given a file: a ticket in its command line could be read by
/// every user of the machine.
fn open(environment: &Environment, running: &Running, ticket: &str) -> Result<()> {
    let found = OPENERS.iter().map(|name| environment.find_program(name));
    let Some(opener) = found.collect::<base::Result<Vec<_>>>()?.into_iter().flatten().next() else {
        program::hint("nothing here opens browsers (xdg-open); open the address yourself");
        return Ok(());
    };
    let page = access::doorway(&Home::of(environment), &running.url, ticket)?;
    let mut command = Command::new(opener);
    command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    base::environment::scrub(&mut command);
    // It may stay as long as the browser does; whoever starts the dashboard
    // reaps it.
    command.spawn().context("cannot open the page")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        let local = Listen::Ip(Ipv4Addr::LOCALHOST.into());
        assert_eq!(hosts(&local, 7433, &[]), ["127.0.0.1:7433"]);
        assert_eq!(
            hosts(&local, 7433, &["box".to_owned(), "box:80".to_owned()]),
            ["127.0.0.1:7433", "box:7433", "box:80"]
        );
        assert_eq!(hosts(&Listen::Ip("::1".parse().unwrap()), 1, &[]), ["[::1]:1"]);
        assert_eq!(hosts(&Listen::Ip("0.0.0.0".parse().unwrap()), 1, &["h".to_owned()]), ["h:1"]);
        assert_eq!(hosts(&Listen::Unix("/s".into()), 1, &[]), ["127.0.0.1:1", "localhost:1"]);
    }
}
