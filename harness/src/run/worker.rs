//! One worker process: how it is started, fed, watched and stopped.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::io::{BufReader, BufWriter, PipeReader, PipeWriter, Read, Write, pipe};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use array_assay_interface::{
    Backend, Block, FrameError, HostFrame, Identity, Outcome, PROTOCOL_VERSION, Program, READS, WorkerFrame, answer, decode_worker_frame,
    encode_batch, encode_frame, read_body,
};
use array_assay_process::{CpuTime, Group, is_stopped, memory};

use crate::validate::{Session, Validation};

/// How a worker is started.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct WorkerCommand {
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub env: Vec<(OsString, OsString)>,
    /// Questions that the worker does not ask its library, because they ended or blocked an earlier process.
    pub left_out: Vec<String>,
    /// If set, the worker is a thread of this process, and no program is started.
    pub inside: Option<Inside>,
}

/// A worker on a thread of this process, which saves the start of a process. It is meant for backends that cannot crash or hang.
#[derive(Clone)]
pub struct Inside(Arc<dyn Fn(PipeReader, PipeWriter) + Send + Sync>);

impl Inside {
    /// A worker around the backend that `make` returns.
    pub fn new<B: Backend>(make: impl Fn() -> B + Send + Sync + 'static) -> Inside {
        Inside(Arc::new(move |input, output| {
            // The host sees the end of the stream and reports it.
            let _ = answer(make(), BufReader::with_capacity(1 << 16, input), BufWriter::with_capacity(1 << 16, output));
        }))
    }
}

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a worker inside this process")
    }
}

impl From<Inside> for WorkerCommand {
    fn from(inside: Inside) -> WorkerCommand {
        WorkerCommand { inside: Some(inside), ..WorkerCommand::default() }
    }
}

/// Where a worker runs.
enum Host {
    Process(Group),
    Thread(JoinHandle<()>),
}

/// The streams of a worker: its input, its output and its stderr.
type Streams = (Box<dyn Write + Send>, Box<dyn Read + Send>, Option<Box<dyn Read + Send>>);

impl Host {
    fn start(of: &WorkerCommand, journal: Option<&Journal>) -> Result<(Host, Streams), StartError> {
        let failed = |source| StartError::Spawn { program: of.program.display().to_string(), source };
        if let Some(Inside(serve)) = &of.inside {
            let ((input, to_worker), (from_worker, output)) = (pipe().map_err(failed)?, pipe().map_err(failed)?);
            let serve = Arc::clone(serve);
            let thread = thread::spawn(move || serve(input, output));
            return Ok((Host::Thread(thread), (Box::new(to_worker), Box::new(from_worker), None)));
        }
        let mut command = Command::new(&of.program);
        command.args(&of.args).envs(of.env.iter().map(|(k, v)| (k, v)));
        command.envs(journal.map(|journal| (JOURNAL, journal.file.path())));
        if !of.left_out.is_empty() {
            command.env(LEFT_OUT, of.left_out.join("\n"));
        }
        let mut group = Group::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())).map_err(failed)?;
        let input = Box::new(group.stdin().expect("piped above"));
        let output = Box::new(group.stdout().expect("piped above"));
        let stderr: Box<dyn Read + Send> = Box::new(group.stderr().expect("piped above"));
        Ok((Host::Process(group), (input, output, Some(stderr))))
    }

    /// How the worker ended. `None` while it runs.
    fn end(&mut self) -> Option<End> {
        match self {
            Host::Process(group) => group.try_wait().ok().flatten().map(End::Status),
            Host::Thread(thread) => thread.is_finished().then_some(End::Thread),
        }
    }

    /// The id of the process. `None` for a thread.
    fn id(&self) -> Option<u32> {
        match self {
            Host::Process(group) => Some(group.id()),
            Host::Thread(_) => None,
        }
    }

    /// Ends a process with everything that it started. A thread ends when its streams are closed.
    fn kill(&mut self) {
        if let Host::Process(group) = self {
            group.kill();
        }
    }
}

/// How a worker ended.
#[derive(Debug, Clone, Copy)]
enum End {
    Status(ExitStatus),
    Thread,
}

impl End {
    fn is_success(self) -> bool {
        matches!(self, End::Status(status) if status.success()) || matches!(self, End::Thread)
    }

    fn code(self) -> Option<i32> {
        if let End::Status(status) = self { status.code() } else { None }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Status(status) => status.fmt(f),
            End::Thread => f.write_str("the thread ended"),
        }
    }
}

/// How much time and memory a worker may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The time for one program. Time in which the process is stopped or waits for a processor hardly counts.
    pub program: Duration,
    /// The time from the start to the identity.
    pub hello: Duration,
    /// The resident size of the process and of those that it started, in bytes.
    pub memory: Option<u64>,
}

impl Limits {
    /// Limits for the time of a program and the memory in MiB.
    pub fn new(program: Duration, memory_mib: Option<u64>) -> Limits {
        Limits { program, hello: (program * 6).max(Duration::from_secs(5)), memory: memory_mib.map(|mib| mib.saturating_mul(1 << 20)) }
    }
}

/// What went wrong with a worker while programs ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerFault {
    /// The process ended. Holds how it ended and the end of its stderr.
    Died(String),
    /// No frame came in time.
    TimedOut,
    /// The resident size exceeded the limit.
    OutOfMemory,
    /// The worker wrote something that is not a frame of the protocol, or an answer that was not due.
    Breached(String),
}

/// Why a worker could not be started.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum StartError {
    #[error("start `{program}`: {source}")]
    Spawn { program: String, source: std::io::Error },
    #[error("start the worker: it {what} before it said who it is{}{}", asked_of(asked.as_deref()), stderr_of(stderr))]
    NoIdentity { what: String, stderr: String, asked: Option<String> },
    #[error("start the worker: it {0}")]
    Refused(String),
    #[error("start the worker: it speaks version {0} of the protocol, this tool version {PROTOCOL_VERSION}")]
    Version(u32),
}

/// The question that the worker asked its library last, as a part of a message.
fn asked_of(asked: Option<&str>) -> String {
    asked.map_or(String::new(), |question| format!(", when it asked its library for `{question}`"))
}

/// The end of stderr, as a part of a message.
fn stderr_of(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; its stderr ends with:\n{stderr}") }
}

/// A running worker.
pub struct Worker {
    host: Host,
    to_child: Option<Sender<Vec<u8>>>,
    from_child: Receiver<Result<Option<WorkerFrame>, FrameError>>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    limits: Limits,
    memory_checked: Instant,
    /// How long after that the memory is not looked up.
    memory_pause: Duration,
    /// The memory that was looked up first and last, in bytes.
    memory_seen: Option<(u64, u64)>,
    /// How long the process may be stopped by a signal.
    may_stop: Duration,
    session: Option<Arc<Mutex<Session>>>,
    journal: Option<Journal>,
    /// Whether nothing went wrong with the worker so far.
    is_well: bool,
}

/// The exit status of a worker that cannot load its library (backends/protocol).
const CANNOT_LOAD: i32 = 3;

/// How the line of stderr begins that says why the library cannot be loaded (backends/protocol).
const SAYS: &str = "array-assay worker: ";

/// The number of bytes of stderr that are kept.
const STDERR_KEPT: usize = 4096;

/// The text for a frame that ends too early in a process that exited with success.
const CUT_OFF: &str = "a frame was cut off";

/// How the obituary of a process begins that exited with success.
const LEFT: &str = "exit status: 0";

/// How long a worker may take to end after `stop`, before it is killed.
const LEAVE: Duration = Duration::from_millis(200);

/// How long a worker may take to end after `stop` if its frames are validated.
const LEAVE_VALIDATED: Duration = Duration::from_secs(5);

/// The longest wait without a look at the memory.
const SLICE: Duration = Duration::from_millis(100);

/// How long a worker may be stopped by a signal before that counts as a fault of its own. Something else on the machine may stop it for a
/// moment.
const STOPPED: Duration = Duration::from_secs(2);

/// How long a worker may be stopped if an earlier one was stopped for good.
const STOPPED_AGAIN: Duration = Duration::from_millis(300);

/// How the obituary of a worker begins that was stopped.
const STOPPED_BY_SIGNAL: &str = "stopped by a signal, and nothing let it go on";

/// How much of a span counts against a process. If it is stopped, almost nothing. If it waits for a processor, only the time that it got,
/// because a busy machine is not the library's fault. At least half a percent counts, so that the wait ends.
fn counted(before: Option<CpuTime>, now: Option<CpuTime>, span: Duration) -> Duration {
    let (Some(before), Some(now)) = (before, now) else { return span };
    match now.state {
        b'T' | b't' => span / 200,
        b'R' => now.since(before).clamp(span / 200, span),
        _ => span,
    }
}

/// Whether growth from `first` to `last` bytes has taken more than half of what was left up to the limit.
fn takes_half(first: u64, last: u64, limit: u64) -> bool {
    last.saturating_sub(first) > limit.saturating_sub(first) / 2
}

/// The variable that names the file in which a worker may write which question it asks its library (backends/protocol).
const JOURNAL: &str = "ARRAY_ASSAY_JOURNAL";

/// The variable with the questions that a worker leaves out, one a line (backends/protocol).
const LEFT_OUT: &str = "ARRAY_ASSAY_LEFT_OUT";

/// The file in which a worker writes which question it asks its library, so that a question that ends or blocks the process is known.
struct Journal {
    file: tempfile::NamedTempFile,
}

impl Journal {
    /// `None` if no file can be made. Then such a question ends the run.
    fn create() -> Option<Journal> {
        tempfile::Builder::new().prefix("array-assay-").tempfile().ok().map(|file| Journal { file })
    }

    /// The question that is being asked, with its number. `None` if there is none.
    fn question(&self) -> Option<(u64, String)> {
        let mut text = String::new();
        // A worker writes one line. Whatever else a library writes there is cut off.
        std::fs::File::open(self.file.path()).ok()?.take(1000).read_to_string(&mut text).ok()?;
        let (number, question) = text.split_once(' ')?;
        (!question.is_empty() && !question.contains('\n')).then_some((number.parse().ok()?, question.to_owned()))
    }
}

impl Worker {
    /// Starts a worker and reads its identity. `functions` are the paths that the identity reports on. With a validation, every frame is
    /// checked.
    pub fn start(
        command: &WorkerCommand,
        functions: &[String],
        limits: Limits,
        validation: Option<&Arc<Validation>>,
    ) -> Result<(Worker, Identity), StartError> {
        let journal = Journal::create().filter(|_| command.inside.is_none());
        let (host, (mut stdin, stdout, stderr)) = Host::start(command, journal.as_ref())?;
        let (to_child, frames) = channel::<Vec<u8>>();
        // Writing has its own thread, so that a full pipe never blocks reading.
        thread::spawn(move || {
            for frame in frames {
                if stdin.write_all(&frame).is_err() {
                    break;
                }
            }
        });
        let (answers, from_child) = channel();
        let mut stdout = BufReader::with_capacity(1 << 16, stdout);
        let session = validation.map(|validation| Arc::new(Mutex::new(Session::new(validation, functions))));
        let watching = session.clone();
        thread::spawn(move || {
            loop {
                let body = read_body(&mut stdout);
                if let Some(mut session) = watching.as_ref().and_then(|session| session.lock().ok()) {
                    match &body {
                        Ok(Some(body)) => session.received(body),
                        Ok(None) => {}
                        Err(error) => session.unreadable(error),
                    }
                }
                let frame = body.and_then(|body| body.map(|body| decode_worker_frame(&body)).transpose());
                let last = !matches!(frame, Ok(Some(_)));
                if answers.send(frame).is_err() || last {
                    break;
                }
            }
        });
        let written = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(mut pipe) = stderr {
            let kept = Arc::clone(&written);
            thread::spawn(move || {
                let mut buffer = [0; 1024];
                while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                    let Ok(mut kept) = kept.lock() else { break };
                    kept.extend(&buffer[..n]);
                    let excess = kept.len().saturating_sub(STDERR_KEPT);
                    kept.drain(..excess);
                }
            });
        }

        let (to_child, memory_checked) = (Some(to_child), Instant::now());
        let mut worker = Worker {
            host,
            to_child,
            from_child,
            stderr: written,
            limits,
            memory_checked,
            memory_pause: SLICE,
            memory_seen: None,
            may_stop: STOPPED,
            session,
            journal,
            is_well: true,
        };
        worker.send(encode_frame(&HostFrame::Hello {
            protocol: PROTOCOL_VERSION,
            functions: functions.to_vec(),
            reads: READS.map(str::to_owned).to_vec(),
        }));
        match worker.first_frame() {
            Ok(WorkerFrame::Identity(identity)) if identity.protocol == PROTOCOL_VERSION => {
                // Nothing is left of the file, however this program ends.
                worker.journal = None;
                Ok((worker, *identity))
            }
            Ok(WorkerFrame::Identity(identity)) => Err(StartError::Version(identity.protocol)),
            Ok(WorkerFrame::Outcomes { .. }) => Err(worker.no_identity("answered a batch")),
            Err(WorkerFault::Died(how)) => Err(worker.no_identity(&format!("ended ({})", how.lines().next().unwrap_or_default()))),
            Err(WorkerFault::TimedOut) => Err(worker.silent()),
            Err(WorkerFault::OutOfMemory) => Err(worker.no_identity("exceeded its memory limit")),
            Err(WorkerFault::Breached(why)) => Err(worker.no_identity(&format!("broke the protocol ({why})"))),
        }
    }

    /// The error of a worker that was silent for too long.
    fn silent(&mut self) -> StartError {
        let asks = self.journal.as_ref().and_then(Journal::question).is_some();
        let limit = if asks { self.limits.program } else { self.limits.hello };
        self.no_identity(&format!("was silent for {} s", limit.as_secs()))
    }

    /// The error of a worker that did not say who it is. `what` says what it did instead.
    fn no_identity(&mut self, what: &str) -> StartError {
        if let (Some(end), stderr) = (self.host.end(), self.stderr_tail()) {
            let said = stderr.lines().last().and_then(|line| line.strip_prefix(SAYS)).filter(|_| end.code() == Some(CANNOT_LOAD));
            if let Some(why) = said {
                return StartError::Refused(why.to_owned());
            }
        }
        self.host.kill();
        let asked = self.journal.as_ref().and_then(Journal::question).map(|(_, question)| question);
        StartError::NoIdentity { what: what.to_owned(), stderr: self.stderr_tail(), asked }
    }

    /// Sends a batch.
    pub fn send_batch(&mut self, id: u64, blocks: &[Block]) {
        self.validated(|session| session.sent(id, &blocks.iter().flat_map(Block::programs).collect::<Vec<Program>>()));
        self.send(encode_batch(id, blocks));
    }

    fn send(&mut self, frame: Result<Vec<u8>, FrameError>) {
        // If the writing thread has ended, the process is gone. The reading thread reports it.
        if let (Some(to_child), Ok(bytes)) = (&self.to_child, frame) {
            let _ = to_child.send(bytes);
        }
    }

    /// The next outcomes, with the id of the batch and the index of the first program.
    pub fn receive_outcomes(&mut self) -> Result<(u64, u32, Vec<Outcome>), WorkerFault> {
        match self.receive(self.limits.program)? {
            WorkerFrame::Outcomes { id, first, outcomes } => Ok((id, first, outcomes)),
            WorkerFrame::Identity(_) => Err(WorkerFault::Breached("a second identity".to_owned())),
        }
    }

    /// Waits less for a worker that is stopped, because an earlier one was stopped for good.
    pub(super) fn expect_stop(&mut self) {
        self.may_stop = STOPPED_AGAIN;
    }

    /// Notes that something went wrong with the worker, so that its end is not judged.
    pub fn mark_at_fault(&mut self) {
        self.is_well = false;
    }

    /// Calls the validation, if there is one.
    fn validated<T>(&self, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        self.session.as_ref().and_then(|session| session.lock().ok()).map(|mut session| act(&mut session))
    }

    /// The number of frames of the last answered batch, and the seconds until its end. `None` if frames are not validated.
    pub fn last_batch(&self) -> Option<(u32, f64)> {
        self.validated(|session| session.last_batch())
    }

    /// Tells the validation that the worker never flushes.
    pub fn never_flushed(&self, programs: usize, seconds: f64) {
        self.validated(|session| session.never_flushed(programs, seconds));
    }

    /// Waits for a frame, and tells the validation if none comes.
    fn receive(&mut self, timeout: Duration) -> Result<WorkerFrame, WorkerFault> {
        let received = self.wait(timeout);
        self.tell(&received, timeout);
        received
    }

    /// Waits for the first frame, in which the worker says who it is. Before it answers, the worker asks the library several questions. Each
    /// of them has the time limit of a program; together they have the time limit of the first frame.
    fn first_frame(&mut self) -> Result<WorkerFrame, WorkerFault> {
        let (mut left, mut before) = (self.limits.hello, None);
        let received = loop {
            let part = left.min(self.limits.program.max(SLICE));
            let received = self.wait(part);
            left = left.saturating_sub(part);
            let asked = self.journal.as_ref().and_then(Journal::question);
            let hangs = asked.is_some() && asked == before;
            if received != Err(WorkerFault::TimedOut) || left.is_zero() || hangs {
                break received;
            }
            before = asked;
        };
        self.tell(&received, self.limits.hello);
        received
    }

    /// Tells the validation what was received in place of a frame.
    fn tell(&mut self, received: &Result<WorkerFrame, WorkerFault>, timeout: Duration) {
        if let Err(fault) = received {
            self.mark_at_fault();
            match fault {
                WorkerFault::TimedOut => {
                    self.validated(|session| session.silence(timeout.as_secs_f64()));
                }
                WorkerFault::Breached(how) if how == CUT_OFF => {
                    self.validated(|session| session.left(how));
                }
                WorkerFault::Died(how) if how.starts_with(LEFT) => {
                    self.validated(|session| session.left(how.lines().next().unwrap_or_default()));
                }
                _ => {}
            }
        }
    }

    /// Waits for a frame, and watches time and memory.
    fn wait(&mut self, timeout: Duration) -> Result<WorkerFrame, WorkerFault> {
        let mut left = timeout;
        // Most answers come before the end of the first slice, so the processor time is looked up only after it.
        let mut had = None;
        let (mut stopped, mut ended) = (Duration::ZERO, false);
        loop {
            let began = Instant::now();
            if self.exceeds_memory() {
                return Err(WorkerFault::OutOfMemory);
            }
            match self.from_child.recv_timeout(left.min(SLICE)) {
                Ok(Ok(Some(frame))) => return Ok(frame),
                Ok(Ok(None)) | Err(RecvTimeoutError::Disconnected) => return Err(WorkerFault::Died(self.obituary())),
                Ok(Err(FrameError::Truncated | FrameError::Io(_))) if self.has_ended() => return Err(self.truncated()),
                Ok(Err(error)) => return Err(WorkerFault::Breached(error.to_string())),
                // Another process may hold the pipe of a dead one open. What the dead one wrote is read in the slice after its end.
                Err(RecvTimeoutError::Timeout) if ended => return Err(WorkerFault::Died(self.obituary())),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Err(WorkerFault::TimedOut),
                Err(RecvTimeoutError::Timeout) => {
                    ended = self.host.end().is_some();
                    let now = self.host.id().and_then(CpuTime::of);
                    // If the slice took much longer than it should, this process was not running either.
                    let elapsed = began.elapsed().min(2 * SLICE);
                    let halted = self.host.id().is_some_and(is_stopped);
                    stopped = if halted { stopped + elapsed } else { Duration::ZERO };
                    if stopped >= self.may_stop {
                        return Err(WorkerFault::Died(self.stopped()));
                    }
                    left = left.saturating_sub(counted(had, now, elapsed));
                    had = now;
                }
            }
        }
    }

    /// Whether the worker and the processes that it started take more memory than they may. It is looked up in turns, so that looking takes
    /// little of the time.
    fn exceeds_memory(&mut self) -> bool {
        let (Some(limit), Some(id)) = (self.limits.memory, self.host.id()) else { return false };
        if self.memory_checked.elapsed() < self.memory_pause {
            return false;
        }
        let began = Instant::now();
        let size = memory(id, limit);
        self.memory_checked = Instant::now();
        self.memory_pause = (50 * (self.memory_checked - began)).max(SLICE);
        let Some(size) = size else { return false };
        self.memory_seen = Some((self.memory_seen.map_or(size, |(first, _)| first), size));
        size > limit
    }

    /// Whether the calls so far have taken more than half of the memory that the worker had left. Some libraries keep what they compile.
    pub fn has_grown(&self) -> bool {
        let (Some(limit), Some((first, last))) = (self.limits.memory, self.memory_seen) else { return false };
        takes_half(first, last, limit)
    }

    /// The text for a worker that is stopped by a signal, with the end of its stderr.
    fn stopped(&self) -> String {
        let how = STOPPED_BY_SIGNAL.to_owned();
        let stderr = self.stderr_tail();
        if stderr.is_empty() { how } else { format!("{how}\n{stderr}") }
    }

    /// Whether the process ends within a short time.
    fn has_ended(&mut self) -> bool {
        // The end of the stream may be seen before the end of the process.
        for _ in 0..20 {
            if self.host.end().is_some() {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// The fault of a frame that was cut off: the worker exited with success in the middle of it, or died.
    fn truncated(&mut self) -> WorkerFault {
        match self.host.end() {
            Some(end) if end.is_success() => WorkerFault::Breached(CUT_OFF.to_owned()),
            _ => WorkerFault::Died(self.obituary()),
        }
    }

    /// How the worker ended, with the end of its stderr.
    fn obituary(&mut self) -> String {
        self.has_ended();
        let how = match self.host.end() {
            Some(end) => end.to_string(),
            None => "closed its output".to_owned(),
        };
        let stderr = self.stderr_tail();
        if stderr.is_empty() { how } else { format!("{how}\n{stderr}") }
    }

    /// The last lines of stderr.
    fn stderr_tail(&self) -> String {
        // The thread that reads the pipe may not have read all that a dying process wrote.
        thread::sleep(Duration::from_millis(10));
        let bytes: Vec<u8> = self.stderr.lock().map(|kept| kept.iter().copied().collect()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

impl WorkerFault {
    /// Whether the worker was stopped by a signal.
    pub(super) fn is_stop(&self) -> bool {
        matches!(self, WorkerFault::Died(how) if how.starts_with(STOPPED_BY_SIGNAL))
    }
}

impl Worker {
    /// The id of the process. `None` if the worker is a thread of this process.
    pub fn id(&self) -> Option<u32> {
        self.host.id()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The worker may close its files first. If it does not end in time, it is killed.
        self.send(encode_frame(&HostFrame::Stop));
        self.to_child = None;
        let judged = self.is_well && self.session.is_some();
        let deadline = Instant::now() + if judged { LEAVE_VALIDATED } else { LEAVE };
        while Instant::now() < deadline {
            if let Some(end) = self.host.end() {
                if judged && !end.is_success() {
                    self.validated(|session| session.stopped(&end.to_string()));
                }
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
        if judged {
            self.validated(|session| session.stopped("a process that goes on"));
        }
        self.host.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::takes_half;

    #[test]
    fn a_worker_has_grown_when_half_of_its_room_is_taken() {
        assert!(!takes_half(300, 300, 4096) && !takes_half(300, 2198, 4096) && takes_half(300, 2199, 4096));
        assert!(!takes_half(300, 200, 4096), "it gave memory back");
        // One that begins near the limit is not started anew for each function.
        assert!(!takes_half(4000, 4040, 4096));
    }
}
