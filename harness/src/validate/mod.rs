//! Checks every frame of a worker against the protocol, to help authors of workers. A breach says which frame, where in it, what was
//! expected, what was found and what to do. `schema.rs` checks the schema, `rules.rs` everything that a schema cannot say.

mod mismatch;
mod rules;
mod schema;

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use array_assay_interface::{FrameError, Program};
use rmpv::Value;

use mismatch::{Declared, Mismatch};
use schema::shown;

/// A breach of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The number of the worker's process, from 1. A worker is started again after a fault.
    pub worker: u32,
    /// The number of the frame of that process, from 1.
    pub frame: u64,
    /// The kind of the frame.
    pub kind: String,
    /// The place in the frame, such as `outcomes.outcomes[0].values[0].array[2]`. Empty if the whole frame is meant.
    pub path: String,
    /// The program that the place belongs to.
    pub program: Option<String>,
    /// What the protocol asks for.
    pub expected: String,
    /// What the frame has.
    pub found: String,
    /// What the author of the worker should do.
    pub advice: String,
    /// How often the breach occurred, over all programs.
    pub count: u64,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {} of worker {} ({})", self.frame, self.worker, self.kind)?;
        if !self.path.is_empty() {
            write!(f, ", at {}", self.path)?;
        }
        if let Some(program) = &self.program {
            write!(f, "\n  program   {program}")?;
        }
        write!(f, "\n  expected  {}\n  found     {}\n  do        {}", self.expected, self.found, self.advice)?;
        if self.count > 1 { write!(f, "\n  and so {} times in all", self.count) } else { Ok(()) }
    }
}

/// The breaches in all frames of a run, over all processes of the worker.
#[derive(Debug, Default)]
pub struct Validation {
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    workers: u32,
    frames: u64,
    breaches: Vec<Breach>,
}

impl Validation {
    /// The breaches in the order in which they first occurred. Each place is named once.
    pub fn breaches(&self) -> Vec<Breach> {
        self.log().breaches.clone()
    }

    /// The number of frames that came.
    pub fn frames(&self) -> u64 {
        self.log().frames
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The breaches in one frame, taken as the first that a worker sends.
pub fn frame(body: &[u8]) -> Vec<Breach> {
    let validation = Arc::new(Validation::default());
    Session::new(&validation, &[]).received(body);
    validation.breaches()
}

/// A path without its indices, which is the same for all programs.
fn place(path: &str) -> String {
    path.split('[').map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit())).collect()
}

/// A batch that is not answered in full.
struct Waiting {
    id: u64,
    programs: Vec<Program>,
    answered: usize,
    frames: u32,
    sent: Instant,
}

/// One process of a worker: what was sent to it, and what it answered.
pub(crate) struct Session {
    validation: Arc<Validation>,
    worker: u32,
    functions: BTreeSet<String>,
    declared: Option<Declared>,
    waiting: VecDeque<Waiting>,
    frames: u64,
    /// The number of frames of the last answered batch, and the seconds until its end.
    last: (u32, f64),
}

impl Session {
    /// A process to which `hello` was sent. `functions` are the paths that it was asked about.
    pub fn new(validation: &Arc<Validation>, functions: &[String]) -> Session {
        let mut log = validation.log();
        log.workers += 1;
        let worker = log.workers;
        drop(log);
        let functions = functions.iter().cloned().collect();
        let (validation, waiting) = (Arc::clone(validation), VecDeque::new());
        Session { validation, worker, functions, declared: None, waiting, frames: 0, last: (0, 0.0) }
    }

    /// Notes that a batch was sent.
    pub fn sent(&mut self, id: u64, programs: &[Program]) {
        self.waiting.push_back(Waiting { id, programs: programs.to_vec(), answered: 0, frames: 0, sent: Instant::now() });
    }

    /// The number of frames of the last answered batch, and the seconds until its end.
    pub fn last_batch(&self) -> (u32, f64) {
        self.last
    }

    /// Checks a frame with this body.
    pub fn received(&mut self, body: &[u8]) {
        self.frames += 1;
        self.validation.log().frames += 1;
        let mut rest = body;
        let frame = match rmpv::decode::read_value(&mut rest) {
            Ok(frame) if rest.is_empty() => frame,
            Ok(_) => {
                let found = format!("{} bytes after it, in a frame of {}", rest.len(), body.len());
                let advice = "the length in front counts the bytes of one value, without itself";
                return self.report("a frame", None, Mismatch::new("", "one value of MessagePack", found, advice));
            }
            Err(error) => {
                let text = printable(body).map(|text| format!(": it reads {text:?}")).unwrap_or_default();
                let found = format!("{} bytes that are no MessagePack ({error}){text}", body.len());
                let advice = "check the counts of lists and maps, and that nothing else writes to the standard output";
                return self.report("a frame", None, Mismatch::new("", "one value of MessagePack", found, advice));
            }
        };
        let mismatches = schema::check(&frame);
        let sound = mismatches.is_empty();
        let kind = self.kind(&frame);
        for mismatch in mismatches {
            let program = self.program_at(&frame, &mismatch.path);
            self.report(&kind, program, mismatch);
        }
        if let Some(identity) = rules::get(&frame, "identity") {
            self.identity(&kind, identity, sound);
        } else if let Some(outcomes) = rules::get(&frame, "outcomes") {
            self.outcomes(&kind, outcomes, sound);
        }
    }

    /// Checks an identity. `sound` says whether it follows the schema.
    fn identity(&mut self, kind: &str, identity: &Value, sound: bool) {
        if self.declared.is_some() {
            let advice = "send `identity` once, as the answer to `hello`";
            return self.report(kind, None, Mismatch::new("identity", "outcomes", "a second identity", advice));
        }
        if sound {
            for mismatch in rules::identity(identity, &self.functions) {
                self.report(kind, None, mismatch);
            }
        }
        self.declared = Some(rules::declared(identity));
    }

    /// Checks outcomes. `sound` says whether they follow the schema.
    fn outcomes(&mut self, kind: &str, frame: &Value, sound: bool) {
        let Some(declared) = &self.declared else {
            let advice = "answer `hello` with `identity` before anything else";
            return self.report(kind, None, Mismatch::new("outcomes", "an identity", "outcomes", advice));
        };
        let outcomes = rules::get(frame, "outcomes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let Some(batch) = self.waiting.front_mut() else {
            let advice = "send nothing that was not asked for: one outcome for each program";
            return self.report(kind, None, Mismatch::new("outcomes", "nothing: every batch is answered", "outcomes", advice));
        };
        batch.frames += 1;
        let order = rules::order(frame, batch.id, batch.answered, batch.programs.len(), outcomes.len());
        let known = batch.answered.min(batch.programs.len())..(batch.answered + outcomes.len()).min(batch.programs.len());
        let mut found: Vec<(Option<String>, Mismatch)> = order.into_iter().map(|mismatch| (None, mismatch)).collect();
        if sound && found.is_empty() {
            for (i, (outcome, program)) in outcomes.iter().zip(&batch.programs[known.clone()]).enumerate() {
                let mismatches = rules::outcome(outcome, program, declared, &format!("outcomes.outcomes[{i}]"));
                found.extend(mismatches.into_iter().map(|mismatch| (Some(line(program)), mismatch)));
            }
        }
        batch.answered += outcomes.len();
        if batch.answered >= batch.programs.len() {
            self.last = (batch.frames, batch.sent.elapsed().as_secs_f64());
            self.waiting.pop_front();
        }
        for (program, mismatch) in found {
            self.report(kind, program, mismatch);
        }
    }

    /// Reports bytes that could not be read as a frame.
    pub fn unreadable(&mut self, error: &FrameError) {
        let FrameError::TooLong(length) = error else { return };
        self.frames += 1;
        let bytes = length.to_le_bytes();
        let found = match printable(&bytes) {
            Some(text) => format!("the text {text:?}"),
            None => format!("the length {length}"),
        };
        let expected = "a frame: its length as four bytes, little endian, at most 2^30";
        let advice = "nothing else may write to the standard output: keep a private copy of descriptor 1 and point descriptor 1 at stderr";
        self.report("no frame", None, Mismatch::new("", expected, found, advice));
    }

    /// Reports that nothing came in time although an answer was due.
    pub fn silence(&mut self, seconds: f64) {
        self.frames += 1;
        let found = format!("silence for {seconds:.0} s");
        let (expected, program) = match self.waiting.front() {
            None if self.declared.is_none() => ("an identity, the answer to `hello`".to_owned(), None),
            None => return,
            Some(batch) => {
                let of = batch.programs.len();
                (format!("outcome {} of {of} of batch {}", batch.answered, batch.id), batch.programs.get(batch.answered).map(line))
            }
        };
        let advice = "does this program hang? If not: flush the output after each frame, and write no length greater than the frame";
        self.report("no frame", program, Mismatch::new("", expected, found, advice));
    }

    /// Reports that the process exited with success although an answer was due.
    pub fn left(&mut self, how: &str) {
        self.frames += 1;
        let program = self.waiting.front().and_then(|batch| batch.programs.get(batch.answered)).map(line);
        let expected = "a worker that goes on until `stop` or the end of its input";
        let advice = "catch what ends the process: also an exit that the library asks for is an outcome, `raised`";
        self.report("no frame", program, Mismatch::new("", expected, how, advice));
    }

    /// Reports that the process did not exit with status 0 after `stop`.
    pub fn stopped(&mut self, how: &str) {
        self.frames += 1;
        let advice = "leave the loop at `stop` and at the end of the input, and exit with 0";
        self.report("after `stop`", None, Mismatch::new("", "exit status: 0", how, advice));
    }

    /// Reports that the worker answered a long batch in one frame each time.
    pub fn never_flushed(&mut self, programs: usize, seconds: f64) {
        let expected = "what is there, at least every 50 ms: several frames";
        let found = format!("one frame for {programs} programs that took {seconds:.1} s");
        let advice = "look at the clock after each program, and send the outcomes so far once 50 ms have passed since the last frame";
        self.report("outcomes", None, Mismatch::new("outcomes", expected, found, advice));
    }

    /// The kind of a frame, as breaches name it.
    fn kind(&self, frame: &Value) -> String {
        match frame.as_map().and_then(|fields| fields.first()).and_then(|(key, inner)| Some((key.as_str()?, inner))) {
            Some(("outcomes", inner)) => match rules::get(inner, "id") {
                Some(id) => format!("outcomes of batch {id}"),
                None => "outcomes".to_owned(),
            },
            Some((name @ "identity", _)) => name.to_owned(),
            _ => shown(frame),
        }
    }

    /// The program that a path of a frame of outcomes belongs to.
    fn program_at(&self, frame: &Value, path: &str) -> Option<String> {
        let index: usize = path.strip_prefix("outcomes.outcomes[")?.split(']').next()?.parse().ok()?;
        rules::get(frame, "outcomes")?;
        let batch = self.waiting.front()?;
        batch.programs.get(batch.answered + index).map(line)
    }

    /// Adds a breach, or counts it if its place is known.
    fn report(&mut self, kind: &str, program: Option<String>, mismatch: Mismatch) {
        let Mismatch { path, expected, found, advice } = mismatch;
        let mut log = self.validation.log();
        let known = log.breaches.iter_mut().find(|breach| place(&breach.path) == place(&path) && breach.advice == advice);
        match known {
            Some(breach) => breach.count += 1,
            None => {
                let (worker, frame, kind) = (self.worker, self.frames, kind.to_owned());
                log.breaches.push(Breach { worker, frame, kind, path, program, expected, found, advice, count: 1 });
            }
        }
    }
}

/// The text that bytes are, if something was printed.
fn printable(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(60)];
    let text = std::str::from_utf8(start).ok().filter(|text| !text.is_empty())?;
    text.chars().all(|c| c.is_ascii_graphic() || c.is_ascii_whitespace()).then(|| text.to_owned())
}

/// A program in one line: its calls and its inputs.
fn line(program: &Program) -> String {
    let inputs: Vec<String> = program.inputs.iter().map(|array| format!("{} {:?}", array.dtype, array.shape)).collect();
    let calls: Vec<&str> = program.steps.iter().take(4).map(|step| step.function.as_str()).collect();
    let calls = match program.steps.len() {
        0 => "no call".to_owned(),
        n if n > calls.len() => format!("{}, and {} calls more", calls.join(", then "), n - calls.len()),
        _ => calls.join(", then "),
    };
    format!("{calls}; inputs: {}", if inputs.is_empty() { "none".to_owned() } else { inputs.join(", ") })
}

#[cfg(test)]
mod tests;
