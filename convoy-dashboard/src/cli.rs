//! The command line, as typed.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand};

use crate::http::serve::Listen;

/// The port when none is named.
pub(crate) const PORT: u16 = 7433;

/// Watch and steer convoys on a web page.
///
/// Serves until it is ended. Ending it harms no convoy, and restarting it
/// shows all of them.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-dashboard",
    version,
    after_help = "\
Examples:
  pan dashboard --open
  pan dashboard url                      # another way in, good once
  pan dashboard --listen unix:/run/user/1000/convoy.sock

Exit codes:
  0 ended as asked   1 it cannot listen   2 invalid request
  4 url: no dashboard runs"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    /// The port to listen on, and under which a forwarded socket is opened
    #[arg(long, value_name = "N", default_value_t = PORT, global = true)]
    pub(crate) port: u16,

    /// Open the page in a browser
    #[arg(long)]
    pub(crate) open: bool,

    /// An address other than 127.0.0.1, or a Unix socket (for ssh -L)
    #[arg(long, value_name = "IP|unix:PATH", global = true)]
    pub(crate) listen: Option<Listen>,

    /// A name browsers may use for it, as HOST or HOST:PORT; repeatable
    #[arg(long, value_name = "HOST", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) allow_host: Vec<String>,

    /// Projects below this directory may be worked on; repeatable (default: the
    /// current directory and the projects of convoys that are there)
    #[arg(long, value_name = "DIR")]
    pub(crate) allow_root: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print an address that lets one browser in, once
    Url,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
        assert_eq!("127.0.0.1".parse(), Ok(Listen::Ip([127, 0, 0, 1].into())));
        assert_eq!("unix:/a".parse(), Ok(Listen::Unix("/a".into())));
        assert!("localhost".parse::<Listen>().is_err(), "a name can be somebody else's");
        assert!("unix:".parse::<Listen>().is_err());
    }
}
