//! Which pull request (on GitLab: merge request) is meant. Pure.

use base::environment::Environment;
use base::text;

/// Who hosts it, and by whose program it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// By `gh`.
    GitHub,
    /// By `glab`.
    GitLab,
}

impl Service {
    pub(crate) fn program(self) -> &'static str {
        match self {
            Service::GitHub => "gh",
            Service::GitLab => "glab",
        }
    }

    /// Bytes of a comment. The services count characters, which are never more.
    pub(crate) fn longest_comment(self) -> usize {
        match self {
            Service::GitHub => 65_536,
            Service::GitLab => 1_000_000,
        }
    }
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    pub(crate) service: Service,
    pub(crate) host: String,
    /// `owner/name`; on GitLab groups may hold groups.
    pub(crate) name: String,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) repository: Repository,
    pub(crate) number: u64,
}

/// What is known of the one that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sought {
    Target(Target),
    /// The open one of a branch of `from`, in one of these.
    Branch {
        repositories: Vec<Repository>,
        from: Repository,
        branch: String,
    },
}

impl Target {
    /// `https://HOST/OWNER/NAME/pull/7`, `https://HOST/GROUP/NAME/-/merge_requests/7`;
    /// whatever follows the number (`/files`) is left out.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://")?;
        let rest = rest.split(['?', '#']).next()?;
        let (host, path) = rest.split_once('/')?;
        let (service, (name, rest)) = match path.split_once("/-/merge_requests/") {
            Some(split) => (Service::GitLab, split),
            None => (Service::GitHub, path.split_once("/pull/")?),
        };
        let number = rest.split('/').next()?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let repository = Repository::new(service, host, name)?;
        Some(Target { repository, number: number.parse().ok().filter(|number| *number > 0)? })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        let Repository { service, host, name } = &self.repository;
        let kind = match service {
            Service::GitHub => "pull",
            Service::GitLab => "-/merge_requests",
        };
        format!("https://{host}/{name}/{kind}/{}", self.number)
    }
}

impl Repository {
    pub(crate) fn new(service: Service, host: &str, name: &str) -> Option<Self> {
        let plain = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
                && !matches!(text, "." | "..")
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let host_name = host
            .split_once(':')
            .map_or(Some(host), |(name, port)| port.bytes().all(|b| b.is_ascii_digit()).then_some(name))?;
        let parts: Vec<&str> = name.split('/').collect();
        let enough = match service {
            Service::GitHub => parts.len() == 2,
            Service::GitLab => parts.len() >= 2,
        };
        let fine = plain(host_name) && enough && parts.iter().all(|part| plain(part));
        fine.then(|| Repository { service, host: host.to_owned(), name: name.to_owned() })
    }

    /// Of the address of a git remote.
    pub(crate) fn of_remote(url: &str) -> Option<Self> {
        let url = url.trim().trim_end_matches('/');
        let url = url.strip_suffix(".git").unwrap_or(url);
        let (host, name) = match url.split_once("://") {
            Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
            Some(_) => return None,
            // git@github.com:o/r
            None => url.split_once(':')?,
        };
        let host = host.rsplit('@').next()?.split(':').next()?;
        let service = if host.contains("gitlab") { Service::GitLab } else { Service::GitHub };
        Repository::new(service, host, name)
    }

    /// The address of lines of a file at a commit.
    pub(crate) fn file_url(&self, commit: &str, path: &str, lines: Option<(u32, u32)>) -> String {
        let Repository { service, host, name } = self;
        let (blob, to) = match service {
            Service::GitHub => ("blob", "L"),
            Service::GitLab => ("-/blob", ""),
        };
        let lines = match lines {
            Some((from, last)) if last > from => format!("#L{from}-{to}{last}"),
            Some((from, _)) => format!("#L{from}"),
            None => String::new(),
        };
        let path: Vec<String> = path.split('/').map(encoded).collect();
        format!("https://{host}/{name}/{blob}/{commit}/{}{lines}", path.join("/"))
    }
}

impl Sought {
    /// As the variables of GitHub Actions and GitLab CI tell it.
    pub(crate) fn of_environment(environment: &Environment) -> Option<Self> {
        let var = |name: &str| environment.var(name)?.to_str().filter(|text| !text.is_empty());
        let host = |name: &str| var(name)?.split_once("://").map(|(_, host)| host.trim_end_matches('/'));
        if let (Some(name), Some(reference)) = (var("GITHUB_REPOSITORY"), var("GITHUB_REF")) {
            let host = host("GITHUB_SERVER_URL").unwrap_or("github.com");
            let repository = Repository::new(Service::GitHub, host, name)?;
            if let Some(rest) = reference.strip_prefix("refs/pull/") {
                let number = rest.split('/').next()?.parse().ok()?;
                return Some(Sought::Target(Target { repository, number }));
            }
            // A branch of that name in this repository may be of another pull request than
            // the one of a fork that `pull_request_target` runs for.
            let branch =
                reference.strip_prefix("refs/heads/").filter(|_| var("GITHUB_HEAD_REF").is_none())?;
            return Some(Sought::of_branch(repository, branch));
        }
        let name = var("CI_PROJECT_PATH")?;
        let repository = Repository::new(Service::GitLab, host("CI_SERVER_URL")?, name)?;
        match var("CI_MERGE_REQUEST_IID") {
            Some(number) => Some(Sought::Target(Target { repository, number: number.parse().ok()? })),
            None => Some(Sought::of_branch(repository, var("CI_COMMIT_BRANCH")?)),
        }
    }

    fn of_branch(repository: Repository, branch: &str) -> Self {
        let from = repository.clone();
        Sought::Branch { repositories: vec![repository], from, branch: branch.to_owned() }
    }
}

/// Percent-encoded as one part of an address.
pub(crate) fn encoded(text: &str) -> String {
    text::percent_encoded(text.as_bytes(), b"-_.~")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn addresses_of_pull_requests() {
        for (url, want) in [
            ("https://github.com/o/r/pull/7", Some("https://github.com/o/r/pull/7")),
            ("https://github.com/o/r/pull/7/files#x", Some("https://github.com/o/r/pull/7")),
            (
                "https://ghe.example.com:8443/o/r.x/pull/12/",
                Some("https://ghe.example.com:8443/o/r.x/pull/12"),
            ),
            (
                "https://gitlab.com/g/s/r/-/merge_requests/3",
                Some("https://gitlab.com/g/s/r/-/merge_requests/3"),
            ),
            ("http://github.com/o/r/pull/7", None),
            ("https://github.com/o/r/pull/0", None),
            ("https://github.com/o/r/pull/+7", None),
            ("https://github.com/o/../pull/7", None),
            ("https://github.com/o/--x/pull/7", None),
            ("https://-x/o/r/pull/7", None),
            ("https://github.com/o/r/s/pull/7", None),
            ("--help", None),
        ] {
            assert_eq!(Target::parse(url).map(|target| target.url()).as_deref(), want, "{url}");
        }
    }

    fn of_environment(variables: &[(&str, &str)]) -> Option<Sought> {
        let mut all: BTreeMap<_, _> = variables.iter().map(|(k, v)| (k.into(), v.into())).collect();
        all.insert("HOME".into(), "/h".into());
        Sought::of_environment(&Environment::from_parts(all, PathBuf::from("/")).unwrap())
    }

    #[test]
    fn pipelines_name_theirs() {
        let actions = [("GITHUB_REPOSITORY", "o/r"), ("GITHUB_SERVER_URL", "https://github.com")];
        let with = |name, value| of_environment(&[&actions[..], &[(name, value)]].concat());
        let target = Target::parse("https://github.com/o/r/pull/7").map(Sought::Target);
        assert_eq!(with("GITHUB_REF", "refs/pull/7/merge"), target);
        let Some(Sought::Branch { branch, .. }) = with("GITHUB_REF", "refs/heads/a/b") else { panic!() };
        assert_eq!(branch, "a/b");
        let of_a_fork = [("GITHUB_REF", "refs/heads/main"), ("GITHUB_HEAD_REF", "work")];
        assert_eq!(of_environment(&[&actions[..], &of_a_fork].concat()), None);
        let lab = [
            ("CI_PROJECT_PATH", "g/s/r"),
            ("CI_SERVER_URL", "https://gitlab.example.com"),
            ("CI_MERGE_REQUEST_IID", "3"),
        ];
        let target = Target::parse("https://gitlab.example.com/g/s/r/-/merge_requests/3").map(Sought::Target);
        assert_eq!(of_environment(&lab), target);
        assert_eq!(of_environment(&[]), None);
    }

    #[test]
    fn remotes_are_addressed_in_many_ways() {
        for url in
            ["git@github.com:o/r.git", "https://me:x@github.com/o/r", "ssh://git@github.com:22/o/r.git/"]
        {
            let found = Repository::of_remote(url);
            assert_eq!(found, Repository::new(Service::GitHub, "github.com", "o/r"), "{url}");
        }
        assert_eq!(Repository::of_remote("git@gitlab.com:g/s/r").unwrap().service, Service::GitLab);
        assert_eq!(
            [Repository::of_remote("/srv/git/r.git"), Repository::of_remote("file:///o/r")],
            [None, None]
        );
    }

    #[test]
    fn lines_of_files_are_linked_whatever_the_path() {
        let repository = Repository::new(Service::GitHub, "github.com", "o/r").unwrap();
        let url = repository.file_url("abc", "a b/#é.ts", Some((3, 5)));
        assert_eq!(url, "https://github.com/o/r/blob/abc/a%20b/%23%C3%A9.ts#L3-L5");
    }
}
