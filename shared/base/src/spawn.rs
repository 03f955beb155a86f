//! Starting a program that ends with its caller, without copying the caller's memory.
//!
//! `fork` copies the tables of all pages of the caller, which then takes a fault at each page
//! it writes to; `posix_spawn` copies nothing, but cannot have the kernel end the program with
//! its caller. So this does what `posix_spawn` does (`clone` with `CLONE_VM` and
//! `CLONE_VFORK`), and asks for that besides.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_int, c_void};
use std::fs::File;
use std::io;
use std::iter;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::wait::waitpid;
use nix::unistd::{self, Pid};

use crate::subprocess;

/// A program to be run in a session of its own, with no signal blocked.
#[derive(Debug)]
pub struct Spawn {
    /// Its path: none is searched for.
    pub program: PathBuf,
    /// The words after its name.
    pub arguments: Vec<OsString>,
    /// All of its environment.
    pub environment: BTreeMap<OsString, OsString>,
    /// Where it begins; `None`: where its caller is.
    pub cwd: Option<PathBuf>,
    pub stdin: Stdin,
    pub outputs: Outputs,
}

/// What it reads as standard input.
#[derive(Debug)]
pub enum Stdin {
    Null,
    File(File),
    /// What its caller writes.
    Pipe,
}

/// Where its standard output and standard error go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outputs {
    /// To its caller, a pipe each.
    Pipes,
    /// Where those of its caller go.
    Inherited,
}

/// A program that was started, and the caller's ends of its pipes. Somebody must wait for it.
#[derive(Debug)]
pub struct Spawned {
    pub pid: Pid,
    pub stdin: Option<File>,
    pub stdout: Option<File>,
    pub stderr: Option<File>,
}

impl Spawn {
    /// Starts it, as a child that the kernel kills if the calling thread ends.
    pub fn spawn(self) -> io::Result<Spawned> {
        let (input, stdin) = match self.stdin {
            Stdin::Null => (File::open("/dev/null")?, None),
            Stdin::File(file) => (file, None),
            Stdin::Pipe => pipe().map(|(read, write)| (read, Some(write)))?,
        };
        let (outputs, [stdout, stderr]) = match self.outputs {
            Outputs::Inherited => (None, [None, None]),
            Outputs::Pipes => {
                let ((out, to_out), (err, to_err)) = (pipe()?, pipe()?);
                (Some([to_out, to_err]), [Some(out), Some(err)])
            }
        };
        let program = c_string(self.program.as_os_str())?;
        let arguments = self.arguments.iter().map(|word| c_string(word)).collect::<io::Result<Vec<_>>>()?;
        let environment = self.environment.iter().map(entry).collect::<io::Result<Vec<_>>>()?;
        let cwd = self.cwd.as_deref().map(Path::as_os_str).map(c_string).transpose()?;
        let words = || iter::once(program.as_c_str()).chain(arguments.iter().map(CString::as_c_str));
        let child = Child {
            program: &program,
            argv: pointers(words()),
            // As every shell does with a script that names no interpreter.
            script: pointers(iter::once(SHELL).chain(words())),
            environment: pointers(environment.iter().map(CString::as_c_str)),
            cwd: cwd.as_deref(),
            stdin: input.as_raw_fd(),
            outputs: outputs.as_ref().map(|files| files.each_ref().map(AsRawFd::as_raw_fd)),
            caller: Pid::this(),
            failed: AtomicI32::new(0),
        };
        Ok(Spawned { pid: child.begin()?, stdin, stdout, stderr })
    }
}

const SHELL: &CStr = c"/bin/sh";

/// Room for the few calls a child makes before it is another program.
const STACK: usize = 32 << 10;

/// All that a child needs, made before it is there: it must not allocate.
struct Child<'a> {
    program: &'a CStr,
    argv: Vec<*const c_char>,
    script: Vec<*const c_char>,
    environment: Vec<*const c_char>,
    cwd: Option<&'a CStr>,
    stdin: RawFd,
    outputs: Option<[RawFd; 2]>,
    caller: Pid,
    /// The number of the error for which it did not become the program; 0: none.
    failed: AtomicI32,
}

impl Child<'_> {
    #[expect(unsafe_code, reason = "std starts a program that is to die with its caller by fork only")]
    fn begin(&self) -> io::Result<Pid> {
        let mut stack = vec![0_u128; STACK / size_of::<u128>()];
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        let own = ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: the child shares this memory, and the caller stands still until it has become
        // another program or has ended (`CLONE_VFORK`): `self` and the stack outlive it. It runs
        // on a stack of its own, aligned as its elements are, and reads `self`, of which it only
        // writes to the atomic. No handler of a signal runs in it: this process has none.
        let pid = unsafe { libc::clone(in_child, stack.as_mut_ptr_range().end.cast(), flags, own) };
        let pid = Pid::from_raw(Errno::result(pid)?);
        match self.failed.load(Ordering::Relaxed) {
            0 => Ok(pid),
            error => {
                // It is over: nobody else may wait for it in vain.
                again(|| waitpid(pid, None))?;
                Err(io::Error::from_raw_os_error(error))
            }
        }
    }

    /// Becomes the program; comes back only with an error. System calls only: nothing here
    /// allocates, locks, or unwinds.
    #[expect(unsafe_code, reason = "nix and std allocate what exec is given")]
    fn become_program(&self) -> Result<(), Errno> {
        subprocess::die_with(self.caller)?;
        let outputs = self.outputs.map(|[out, err]| [(out, 1), (err, 2)]);
        for (from, to) in iter::once((self.stdin, 0)).chain(outputs.into_iter().flatten()) {
            // SAFETY: descriptors of this process, which copies them for itself alone.
            again(|| Errno::result(unsafe { libc::dup2(from, to) }))?;
        }
        if let Some(cwd) = self.cwd {
            unistd::chdir(cwd)?;
        }
        // SAFETY: lists of strings that end with a null pointer; the child has signal actions of
        // its own. The runtime of Rust ignores SIGPIPE, which exec would hand on.
        unsafe {
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            libc::execve(self.program.as_ptr(), self.argv.as_ptr(), self.environment.as_ptr());
            if Errno::last() == Errno::ENOEXEC {
                libc::execve(SHELL.as_ptr(), self.script.as_ptr(), self.environment.as_ptr());
            }
        }
        Err(Errno::last())
    }
}

/// Where a child begins; what it gives back, it ends with.
#[expect(unsafe_code, reason = "a child is handed a pointer")]
extern "C" fn in_child(own: *mut c_void) -> c_int {
    // SAFETY: it is what `begin` was called on, and is there until the child is another program.
    let own = unsafe { &*own.cast::<Child<'_>>() };
    if let Err(error) = own.become_program() {
        own.failed.store(error as i32, Ordering::Relaxed);
    }
    127
}

/// Until no signal comes in between.
fn again<T>(call: impl Fn() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            done => return done,
        }
    }
}

/// The ends to read from and to write to.
fn pipe() -> io::Result<(File, File)> {
    let (read, write) = unistd::pipe2(OFlag::O_CLOEXEC)?;
    Ok((read.into(), write.into()))
}

fn c_string(text: &OsStr) -> io::Result<CString> {
    Ok(CString::new(text.as_bytes())?)
}

fn entry((name, value): (&OsString, &OsString)) -> io::Result<CString> {
    Ok(CString::new([name.as_bytes(), b"=", value.as_bytes()].concat())?)
}

/// A list as exec takes it.
fn pointers<'a>(strings: impl Iterator<Item = &'a CStr>) -> Vec<*const c_char> {
    strings.map(CStr::as_ptr).chain(iter::once(ptr::null())).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read as _, Write as _};

    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::wait::{WaitPidFlag, WaitStatus};

    use super::*;

    fn program(path: impl Into<PathBuf>, arguments: &[&str]) -> Spawn {
        Spawn {
            program: path.into(),
            arguments: arguments.iter().map(OsString::from).collect(),
            environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
            cwd: None,
            stdin: Stdin::Null,
            outputs: Outputs::Pipes,
        }
    }

    fn sh(script: &str) -> Spawn {
        program("/bin/sh", &["-c", script])
    }

    fn all(file: &mut Option<File>) -> String {
        let mut text = String::new();
        file.as_mut().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// What it printed, and how it ended.
    fn run(spawn: Spawn) -> (String, String, WaitStatus) {
        let mut spawned = spawn.spawn().unwrap();
        let (out, err) = (all(&mut spawned.stdout), all(&mut spawned.stderr));
        (out, err, waitpid(spawned.pid, None).unwrap())
    }

    #[test]
    fn it_is_given_words_environment_place_and_pipes() {
        let dir = tempfile::tempdir().unwrap();
        let place = fs::canonicalize(dir.path()).unwrap();
        let mut spawn = sh("cat; pwd; echo \"$0 $1\"; env | grep ^A; echo err >&2; exit 3");
        spawn.arguments.extend(["zero", "one two"].map(OsString::from));
        spawn.environment.insert("A".into(), "b c".into());
        spawn.cwd = Some(place.clone());
        spawn.stdin = Stdin::Pipe;
        let mut spawned = spawn.spawn().unwrap();
        spawned.stdin.take().unwrap().write_all(b"in\n").unwrap();
        let (out, err) = (all(&mut spawned.stdout), all(&mut spawned.stderr));
        assert_eq!(out, format!("in\n{}\nzero one two\nA=b c\n", place.display()));
        assert_eq!(err, "err\n");
        assert_eq!(waitpid(spawned.pid, None), Ok(WaitStatus::Exited(spawned.pid, 3)));

        let path = dir.path().join("read");
        fs::write(&path, "of a file").unwrap();
        let mut spawn = sh("cat");
        spawn.stdin = Stdin::File(File::open(path).unwrap());
        assert_eq!(run(spawn).0, "of a file");
        assert_eq!(run(sh("cat")).0, "", "nothing is to be read");
    }

    /// Also where its caller reads signals from a descriptor, and ignores that a pipe is closed.
    #[test]
    fn it_has_a_session_of_its_own_and_every_signal() {
        let dir = tempfile::tempdir().unwrap();
        let _open = File::create(dir.path().join("of the caller")).unwrap();
        let mut set = SigSet::empty();
        set.add(Signal::SIGUSR1);
        set.thread_block().unwrap();
        let (out, _, _) =
            run(sh("cat /proc/self/status; ls -l /proc/self/fd; cut -d' ' -f 5,6 /proc/$$/stat; echo $$"));
        set.thread_unblock().unwrap();
        let signals = |field: &str| {
            let line = out.lines().find(|line| line.starts_with(field)).unwrap();
            u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap()
        };
        assert_eq!(signals("SigBlk:"), 0, "{out}");
        assert_eq!(signals("SigIgn:") & 1 << (Signal::SIGPIPE as u32 - 1), 0, "{out}");
        assert!(out.contains("/proc/") && !out.contains("of the caller"), "{out}");
        let mut last = out.lines().rev();
        let pid = last.next().unwrap();
        assert_eq!(last.next().unwrap(), format!("{pid} {pid}"), "group and session");
    }

    /// A file that no process of this one's has open, and could start another one with.
    fn script(dir: &Path, text: &str, mode: &str) -> PathBuf {
        let path = dir.join("script");
        let (out, err, end) = run(sh(&format!(
            "rm -f '{0}'; printf '%s' '{text}' > '{0}' && chmod {mode} '{0}'",
            path.display()
        )));
        assert!(matches!(end, WaitStatus::Exited(_, 0)), "{out}{err}");
        path
    }

    #[test]
    fn what_cannot_be_run_is_told_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let error = |spawn: Spawn| spawn.spawn().unwrap_err().raw_os_error().map(Errno::from_raw);
        assert_eq!(error(program(dir.path().join("none"), &[])), Some(Errno::ENOENT));
        assert_eq!(error(program(dir.path(), &[])), Some(Errno::EACCES));
        assert_eq!(error(program(script(dir.path(), "#!/bin/sh\n", "644"), &[])), Some(Errno::EACCES));
        assert_eq!(error(program(script(dir.path(), "#!/none\n", "755"), &[])), Some(Errno::ENOENT));
        let mut spawn = sh("true");
        spawn.arguments.push("x".repeat(8 << 20).into());
        assert_eq!(error(spawn), Some(Errno::E2BIG));
        let mut spawn = sh("true");
        spawn.cwd = Some("/dev/null".into());
        assert_eq!(error(spawn), Some(Errno::ENOTDIR));
        let nul = program("/bin/true", &["a\0b"]).spawn().unwrap_err();
        assert_eq!(nul.kind(), io::ErrorKind::InvalidInput);
        // Children of this thread: none is left, waited for or not.
        let own = WaitPidFlag::WNOHANG | WaitPidFlag::__WNOTHREAD;
        assert_eq!(waitpid(None, Some(own)), Err(Errno::ECHILD));
    }

    #[test]
    fn a_script_without_an_interpreter_is_one_of_the_shell() {
        let dir = tempfile::tempdir().unwrap();
        let path = script(dir.path(), "echo \"$1\"\n", "755");
        assert_eq!(run(program(path, &["word"])).0, "word\n");
    }

    #[test]
    fn it_ends_with_the_thread_that_started_it() {
        let spawned = std::thread::spawn(|| program("/bin/sleep", &["20"]).spawn().unwrap()).join().unwrap();
        let end = WaitStatus::Signaled(spawned.pid, Signal::SIGKILL, false);
        assert_eq!(waitpid(spawned.pid, None), Ok(end));
    }
}
