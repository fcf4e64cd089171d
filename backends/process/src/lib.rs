//! Child processes that end as a whole. Each child leads a process group. Whoever ends the child also ends what it started, and if this
//! program is killed, a guard ends all groups.
//!
//! On Linux, descendants that left the group are found by a variable in their environment. On Windows there are no process groups:
//! `taskkill` ends the tree of a child that runs, and what a dead child left behind is not found.

#[cfg(unix)]
mod guard;
mod system;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use system::{CpuTime, is_stopped, memory, time_run};

/// The variable in the environment of a child and its descendants by which they are found.
pub const MARK: &str = "ARRAY_ASSAY_GROUP";

/// The groups of this program.
struct Live {
    /// The mark of each group by the id of its first process.
    groups: BTreeMap<u32, String>,
    /// Whether [`end_all`] was called.
    closed: bool,
}

static LIVE: Mutex<Live> = Mutex::new(Live { groups: BTreeMap::new(), closed: false });

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A child process and everything that it started.
#[derive(Debug)]
pub struct Group {
    child: Child,
    mark: String,
    ended: bool,
}

impl Group {
    /// Starts a command as the first process of a new group. After [`end_all`] this is an error.
    pub fn spawn(command: &mut Command) -> io::Result<Group> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mark = format!("{}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        command.env(MARK, &mark);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut live = live();
        if live.closed {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "this program is ending"));
        }
        let child = command.spawn()?;
        live.groups.insert(child.id(), mark.clone());
        #[cfg(unix)]
        guard::watch(child.id());
        Ok(Group { child, mark, ended: false })
    }

    /// The id of the first process, which is the id of the group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The pipe to the child's standard input, if it was asked for.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// The pipe from the child's standard output, if it was asked for.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The pipe from the child's standard error, if it was asked for.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// How the first process ended. `None` while it runs. What it left behind is ended as well.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if !self.ended {
            if !system::has_exited(&mut self.child)? {
                return Ok(None);
            }
            self.end_members();
        }
        self.child.try_wait()
    }

    /// Waits until the first process ends, and ends what it left behind.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        if !self.ended {
            system::wait_for_exit(&mut self.child)?;
            self.end_members();
        }
        self.child.wait()
    }

    /// Ends the process and everything that it started.
    pub fn kill(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            self.end_members();
            let _ = self.child.wait();
        }
    }

    /// Ends every process of the group. The first one is not reaped yet, so that its id cannot mean another process.
    fn end_members(&mut self) {
        let mut live = live();
        system::end(self.child.id(), &self.mark);
        live.groups.remove(&self.child.id());
        #[cfg(unix)]
        guard::forget(self.child.id());
        self.ended = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a command to its end and returns what it printed. Its standard input is empty.
pub fn output(command: &mut Command) -> io::Result<Output> {
    fn read(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        })
    }
    let mut group = Group::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (stdout, stderr) = (group.stdout().map(read), group.stderr().map(read));
    let status = group.wait()?;
    let text = |thread: Option<std::thread::JoinHandle<Vec<u8>>>| thread.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok(Output { status, stdout: text(stdout), stderr: text(stderr) })
}

/// Ends all groups of this program, and lets no other one start.
pub fn end_all() {
    let mut live = live();
    live.closed = true;
    for (id, mark) in &live.groups {
        system::end(*id, mark);
    }
}
