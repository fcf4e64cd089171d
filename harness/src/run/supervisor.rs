//! The supervisor of a worker: it takes programs and says what was observed of each, whatever the worker does. It keeps batches in flight,
//! starts the worker again after a fault, finds the program that caused it, and tells steady faults from flaky ones.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use array_assay_interface::{Block, DType, Identity, Outcome, Program, Value};
use array_assay_process::time_run;

use super::rewrite::{Rewrite, Rewritten};
use super::worker::{Limits, StartError, Worker, WorkerCommand, WorkerFault};
use crate::observed::Observed;
use crate::validate::Validation;

/// A program that fails this often in a row fails steadily.
const TRIES: usize = 3;

/// The number of steady faults of a function on the same dtypes after which its other programs on them are given up. One hang is enough,
/// because hangs cost time.
const PATIENCE: u32 = 3;

/// The number of sets of dtypes after which the whole function is given up.
const GIVEN_UP: usize = 3;

/// The number of questions to the library that may end or block the process at the start. Each costs a start, or the time of a program.
const LEFT_OUT: usize = 40;

/// The number of batches that are in flight at the same time.
const IN_FLIGHT: usize = 2;

/// Counts and times of a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SupervisorStats {
    /// The number of answered programs.
    pub calls: u64,
    /// The number of times that a worker was started again.
    pub restarts: u64,
    /// The number of programs that were run again.
    pub retries: u64,
    /// The time spent waiting for the worker.
    pub wait: Duration,
    /// The time spent on encoding and sending.
    pub wire: Duration,
    /// The time from the sending of each batch, or from the answer before it, to its answer.
    pub busy: Duration,
}

/// A finished batch.
pub struct Finished {
    /// The blocks, in order.
    pub blocks: Vec<Block>,
    /// What was observed of each block.
    pub seen: Vec<Seen>,
    /// The programs that failed once but not again: the indices of block and run.
    pub flaky: Vec<(usize, usize)>,
}

/// What was observed of a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// All runs returned values, which came as arrays stacked along a first axis.
    Together(Vec<Value>),
    /// What was observed of each run.
    Each(Vec<Observed>),
}

/// A batch that is not answered yet.
struct Batch {
    id: u64,
    blocks: Vec<Block>,
    /// The indices of the blocks that were sent. The others were given up before.
    sent: Vec<usize>,
    /// If programs are rewritten: for each sent program, what was sent in its place. Otherwise empty.
    rewritten: Vec<Option<Rewritten>>,
}

impl Seen {
    /// What was observed of each of the `runs` runs.
    pub fn each(self, runs: usize) -> Vec<Observed> {
        match self {
            Seen::Together(values) => Outcome::Joined { runs, values }.split().into_iter().map(Observed::Outcome).collect(),
            Seen::Each(observed) => observed,
        }
    }
}

impl Batch {
    /// The number of programs that were sent.
    fn programs(&self) -> usize {
        self.sent.iter().map(|i| self.blocks[*i].runs).sum()
    }
}

/// A worker and its unanswered batches.
pub struct Supervisor {
    command: WorkerCommand,
    /// The questions to the library that ended or blocked the process at the start, and what the process did.
    left_out: BTreeMap<String, String>,
    limits: Limits,
    validation: Option<Arc<Validation>>,
    worker: Option<Worker>,
    /// Whether the worker reads blocks. If not, their programs are sent one by one.
    reads_blocks: bool,
    next_id: u64,
    in_flight: VecDeque<Batch>,
    last_answer: Instant,
    /// For each set of input dtypes on which the present function failed: how many more faults are tolerated.
    patience: BTreeMap<Vec<DType>, u32>,
    /// How programs are rewritten for the library.
    rewrite: Option<Arc<dyn Rewrite>>,
    /// Faults of the present function that did not happen again, and whether the call is known that each belongs to.
    once: Vec<(bool, Observed)>,
    /// Whether the last fault is an outcome of an earlier batch, which may be one of another function.
    is_late: bool,
    /// Whether a fresh process was started for the present function, to run deviations again.
    is_renewed: bool,
    /// Whether a worker was stopped by a signal and did not go on.
    was_stopped: bool,
    /// Counts and times so far.
    pub stats: SupervisorStats,
}

impl Supervisor {
    /// Starts the worker. `functions` are the paths that its identity reports on. With a validation, every frame is checked.
    pub fn start(
        mut command: WorkerCommand,
        functions: &[String],
        limits: Limits,
        validation: Option<Arc<Validation>>,
    ) -> Result<(Supervisor, Identity), StartError> {
        let mut left_out = BTreeMap::new();
        let (worker, identity) = loop {
            match Worker::start(&command, functions, limits, validation.as_ref()) {
                Err(StartError::NoIdentity { what, asked: Some(question), .. })
                    if left_out.len() < LEFT_OUT && !left_out.contains_key(&question) =>
                {
                    command.left_out.push(question.clone());
                    left_out.insert(question, what);
                }
                started => break started?,
            }
        };
        let idle = Supervisor::idle(command, limits, validation, identity.reads_blocks);
        Ok((Supervisor { left_out, worker: Some(worker), ..idle }, identity))
    }

    /// A supervisor without a worker. The first program starts one.
    fn idle(command: WorkerCommand, limits: Limits, validation: Option<Arc<Validation>>, reads_blocks: bool) -> Supervisor {
        Supervisor {
            command,
            left_out: BTreeMap::new(),
            limits,
            validation,
            worker: None,
            reads_blocks,
            next_id: 0,
            in_flight: VecDeque::new(),
            last_answer: Instant::now(),
            patience: BTreeMap::new(),
            rewrite: None,
            once: Vec::new(),
            is_late: false,
            is_renewed: false,
            was_stopped: false,
            stats: SupervisorStats::default(),
        }
    }

    /// How the worker is started, without the questions that ended or blocked an earlier process.
    pub(super) fn command(&self) -> &WorkerCommand {
        &self.command
    }

    /// The questions to the library that ended or blocked the process at the start, and what the process did.
    pub(super) fn left_out(&self) -> &BTreeMap<String, String> {
        &self.left_out
    }

    /// Rewrites all programs, for example to give the library polyfills.
    pub fn with_rewrite(self, rewrite: Option<Arc<dyn Rewrite>>) -> Supervisor {
        Supervisor { rewrite, ..self }
    }

    /// Begins with another function. Neither faults of the functions before nor the memory that they took count for it. Nothing may be in
    /// flight.
    pub fn begin_function(&mut self) {
        if self.worker.as_ref().is_some_and(Worker::has_grown) {
            self.renew();
        }
        self.patience.clear();
        self.once.clear();
        self.is_renewed = false;
    }

    /// Takes the faults of the present function that did not happen again, each with whether its call is known.
    pub(super) fn take_once(&mut self) -> Vec<(bool, Observed)> {
        std::mem::take(&mut self.once)
    }

    /// Lets the next program run in a fresh process, once a function.
    pub(super) fn renew_once(&mut self) {
        if !std::mem::replace(&mut self.is_renewed, true) {
            self.renew();
        }
    }

    /// Whether a program is given up because of earlier faults.
    fn is_given_up(&self, program: &Program) -> bool {
        let over = |patience: &u32| *patience == 0;
        !self.patience.is_empty()
            && (self.patience.get(&dtypes(program)).is_some_and(over) || self.patience.values().filter(|p| over(p)).count() >= GIVEN_UP)
    }

    /// Whether a block is sent as one message. If programs are rewritten or validated, its programs are sent one by one.
    fn joins(&self) -> bool {
        self.reads_blocks && self.rewrite.is_none() && self.validation.is_none()
    }

    /// Whether another batch may be sent before an answer is read.
    pub fn has_room(&self) -> bool {
        self.in_flight.len() < IN_FLIGHT
    }

    /// Whether a batch is unanswered.
    pub fn is_busy(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Sends a batch, without the blocks that are given up.
    pub fn submit(&mut self, blocks: Vec<Block>) -> Result<(), StartError> {
        let sent: Vec<usize> = (0..blocks.len()).filter(|i| !self.is_given_up(&blocks[*i].program)).collect();
        self.send(blocks, sent)
    }

    /// Sends the blocks with these indices.
    fn send(&mut self, blocks: Vec<Block>, sent: Vec<usize>) -> Result<(), StartError> {
        let id = self.next_id;
        self.next_id += 1;
        let began = Instant::now();
        if self.in_flight.is_empty() {
            self.last_answer = began;
        }
        let whole = self.joins() || blocks.iter().all(|block| block.runs == 1);
        let mut rewritten = Vec::new();
        if sent.len() == blocks.len() && whole && self.rewrite.is_none() {
            self.worker()?.send_batch(id, &blocks);
        } else if !sent.is_empty() {
            let some = sent.iter().map(|i| &blocks[*i]);
            let mut some: Vec<Block> =
                if whole { some.cloned().collect() } else { some.flat_map(Block::programs).map(Block::from).collect() };
            if let Some(rewrite) = &self.rewrite {
                rewritten = some.iter().map(|block| rewrite.rewritten(&block.program)).collect();
                for (block, other) in some.iter_mut().zip(&rewritten) {
                    if let Some(other) = other {
                        *block = other.program.clone().into();
                    }
                }
            }
            self.worker()?.send_batch(id, &some);
        }
        self.in_flight.push_back(Batch { id, blocks, sent, rewritten });
        self.stats.wire += began.elapsed();
        Ok(())
    }

    /// Runs one program on its own. Nothing else may be in flight. A fault is kept, because nobody looks for what brings it about.
    pub fn run_one(&mut self, program: &Program) -> Result<Observed, StartError> {
        let observed = self.try_one(program)?;
        if !matches!(observed, Observed::Outcome(_) | Observed::TimedOut) {
            self.once.push((false, observed.clone()));
        }
        Ok(observed)
    }

    /// Runs one program on its own. Nothing else may be in flight. A fault is not kept.
    pub(super) fn try_one(&mut self, program: &Program) -> Result<Observed, StartError> {
        // A program that is given up is run as well, because it may be a counterexample that is simplified.
        self.send(vec![program.clone().into()], vec![0])?;
        let answered = self.answers();
        self.in_flight.clear();
        Ok(match answered {
            Ok(mut outcomes) => Observed::Outcome(outcomes.remove(0)),
            Err((_, fault)) => {
                self.restart();
                observed(fault)
            }
        })
    }

    /// Waits for the answer to the oldest batch.
    pub fn collect(&mut self) -> Result<Finished, StartError> {
        match self.answers() {
            Ok(outcomes) => {
                let batch = self.in_flight_front();
                self.stats.calls += batch.programs() as u64;
                let Batch { blocks, sent, .. } = batch;
                let mut seen: Vec<Seen> = blocks.iter().map(|block| Seen::Each(vec![Observed::Skipped; block.runs])).collect();
                let mut outcomes = outcomes.into_iter();
                for i in sent {
                    seen[i] = answer_of(blocks[i].runs, &mut outcomes);
                }
                Ok(Finished { blocks, seen, flaky: Vec::new() })
            }
            Err((answered, fault)) => self.recover(answered, fault),
        }
    }

    fn in_flight_front(&mut self) -> Batch {
        self.in_flight.pop_front().expect("a batch is in flight where answers are read")
    }

    /// Reads the outcomes of the oldest batch. After a fault, returns it with the outcomes that came before.
    fn answers(&mut self) -> Result<Vec<Outcome>, (Vec<Outcome>, WorkerFault)> {
        let began = Instant::now();
        let (id, expected) = self.in_flight.front().map(|batch| (batch.id, batch.programs())).unwrap_or_default();
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(expected);
        let mut answered = 0;
        self.is_late = false;
        if expected == 0 {
            return Ok(outcomes);
        }
        let result = loop {
            let Some(worker) = &mut self.worker else { return Err((outcomes, WorkerFault::Died("not started".to_owned()))) };
            match worker.receive_outcomes() {
                // A frame must hold an outcome. A worker that sends empty frames would never time out.
                Ok((of, first, more)) => {
                    let runs: usize = more.iter().map(Outcome::runs).sum();
                    if of != id || first as usize != answered || !(1..=expected - answered).contains(&runs) {
                        let why = format!(
                            "outcomes {first}..{} of batch {of}, where outcome {answered} of {expected} of batch {id} was due",
                            first as usize + runs,
                        );
                        self.is_late = of < id;
                        break Err((outcomes, WorkerFault::Breached(why)));
                    }
                    if let Some(why) = self.misjoined(answered, &more) {
                        break Err((outcomes, WorkerFault::Breached(why)));
                    }
                    let rewritten = self.in_flight.front().map_or(&[][..], |batch| &batch.rewritten);
                    if rewritten.is_empty() {
                        outcomes.extend(more);
                    } else {
                        // Rewritten programs are answered one by one.
                        outcomes.extend(more.into_iter().zip(&rewritten[answered..]).map(|(outcome, of)| match of {
                            Some(of) => (of.outcome)(outcome),
                            None => outcome,
                        }));
                    }
                    answered += runs;
                    if answered == expected {
                        break Ok(outcomes);
                    }
                }
                Err(fault) => break Err((outcomes, fault)),
            }
        };
        if let (Err((_, fault)), Some(worker)) = (&result, &mut self.worker) {
            worker.mark_at_fault();
            self.was_stopped |= fault.is_stop();
        }
        let now = Instant::now();
        self.stats.wait += now - began;
        self.stats.busy += now - self.last_answer;
        self.last_answer = now;
        result
    }

    /// What is wrong with joined outcomes after `answered` programs of the oldest batch, if something is. They have to belong to one whole
    /// block.
    fn misjoined(&self, answered: usize, outcomes: &[Outcome]) -> Option<String> {
        let joined = |outcome: &Outcome| matches!(outcome, Outcome::Joined { .. });
        if !outcomes.iter().any(joined) {
            return None;
        }
        let batch = self.in_flight.front()?;
        let runs = batch.sent.iter().map(|i| batch.blocks[*i].runs);
        let blocks: BTreeMap<usize, usize> = runs.scan(0, |next, runs| Some((std::mem::replace(next, *next + runs), runs))).collect();
        let mut place = answered;
        for outcome in outcomes {
            let whole = || self.joins() && outcome.is_consistent() && blocks.get(&place) == Some(&outcome.runs());
            if joined(outcome) && !whole() {
                return Some(format!("outcomes joined at program {place} of a batch that are not the arrays of one whole block"));
            }
            place += outcome.runs();
        }
        None
    }

    /// Goes on after a fault: runs the unanswered programs one at a time until the program at fault is found, and the rest as before.
    fn recover(&mut self, answered: Vec<Outcome>, fault: WorkerFault) -> Result<Finished, StartError> {
        let mut waiting = std::mem::take(&mut self.in_flight).into_iter();
        let Batch { blocks, sent, .. } = waiting.next().expect("a batch was in flight");
        self.restart();

        // The programs of blocks are run one by one.
        let programs: Vec<Program> = blocks.iter().flat_map(Block::programs).collect();
        let places: Vec<(usize, usize)> = (0..blocks.len()).flat_map(|i| (0..blocks[i].runs).map(move |run| (i, run))).collect();
        let sent: Vec<usize> = (0..programs.len()).filter(|k| sent.contains(&places[*k].0)).collect();
        let answered: Vec<Outcome> = answered.into_iter().flat_map(Outcome::split).collect();
        let (observed, flaky) = self.recover_programs(&programs, &sent, answered, fault)?;
        let mut observed = observed.into_iter();
        let seen = blocks.iter().map(|block| Seen::Each(observed.by_ref().take(block.runs).collect())).collect();
        for batch in waiting {
            self.submit(batch.blocks)?;
        }
        Ok(Finished { blocks, seen, flaky: flaky.into_iter().map(|k| places[k]).collect() })
    }

    /// What was observed of programs after a fault, and the indices of flaky ones.
    fn recover_programs(
        &mut self,
        programs: &[Program],
        sent: &[usize],
        answered: Vec<Outcome>,
        fault: WorkerFault,
    ) -> Result<(Vec<Observed>, Vec<usize>), StartError> {
        let is_late = self.is_late;
        // The programs up to the first unanswered one.
        let answers = answered.len();
        let first = sent.get(answers).copied().unwrap_or(programs.len());
        let mut seen = vec![Observed::Skipped; first];
        for (i, outcome) in sent.iter().zip(answered) {
            seen[*i] = Observed::Outcome(outcome);
        }
        let mut flaky = Vec::new();
        let mut culprit = None;
        while seen.len() < programs.len() && culprit.is_none() {
            let i = seen.len();
            if !sent.contains(&i) {
                seen.push(Observed::Skipped);
                continue;
            }
            self.stats.retries += 1;
            match self.try_one(&programs[i])? {
                Observed::Outcome(outcome) => seen.push(Observed::Outcome(outcome)),
                failed => {
                    culprit = Some(i);
                    let before: Vec<usize> = sent.iter().copied().filter(|k| *k <= i).collect();
                    match self.confirm(&programs[i])? {
                        // It fails sometimes, or only after the others. Running all of them again shows which.
                        Some(outcome) if self.replay(&programs[..=i], &before)?.is_none() => {
                            self.once.push((true, failed));
                            flaky.push(i);
                            seen.push(Observed::Outcome(outcome));
                        }
                        _ => {
                            self.lose_patience(&programs[i], &failed);
                            seen.push(failed);
                        }
                    }
                }
            }
        }
        if culprit.is_none() && first < programs.len() {
            // No program fails on its own. The fault depends on what ran before, or came from outside. Running the whole batch again shows
            // which.
            let failed = observed(fault);
            if let Some(at) = self.replay(programs, sent)? {
                let at = sent[at.clamp(answers, sent.len() - 1)];
                self.lose_patience(&programs[at], &failed);
                seen[at] = failed;
            } else if !is_late {
                self.once.push((false, failed));
            }
        }
        if seen.len() < programs.len() {
            let from = seen.len();
            self.submit(programs[from..].iter().cloned().map(Block::from).collect())?;
            let rest = self.collect()?;
            seen.extend(rest.seen.into_iter().flat_map(|seen| seen.each(1)));
            flaky.extend(rest.flaky.into_iter().map(|(i, _)| i + from));
        }
        self.stats.calls += answers as u64;
        Ok((seen, flaky))
    }

    /// Runs a failed program again. Returns an outcome if it does not fail every time.
    fn confirm(&mut self, program: &Program) -> Result<Option<Outcome>, StartError> {
        for _ in 1..TRIES {
            self.stats.retries += 1;
            if let Observed::Outcome(outcome) = self.try_one(program)? {
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }

    /// Runs a batch, or its beginning, again in a fresh worker. If it fails, returns the number of programs answered before.
    fn replay(&mut self, programs: &[Program], sent: &[usize]) -> Result<Option<usize>, StartError> {
        self.restart();
        self.stats.retries += sent.len() as u64;
        self.send(programs.iter().cloned().map(Block::from).collect(), sent.to_vec())?;
        let result = self.answers();
        self.in_flight.clear();
        Ok(match result {
            Ok(_) => None,
            Err((answered, _)) => {
                self.restart();
                Some(answered.iter().map(Outcome::runs).sum())
            }
        })
    }

    /// Whether a fresh process ends while it runs these programs. Nothing may be in flight.
    pub(super) fn ends(&mut self, programs: &[Program]) -> Result<bool, StartError> {
        let sent: Vec<usize> = (0..programs.len()).collect();
        Ok(self.replay(programs, &sent)?.is_some())
    }

    /// A supervisor of another process of the same worker, with more environment variables.
    pub(super) fn beside(&self, variables: &[(&str, &str)]) -> Supervisor {
        let mut command = self.command.clone();
        command.env.extend(variables.iter().map(|(name, value)| (name.into(), value.into())));
        Supervisor { rewrite: self.rewrite.clone(), ..Supervisor::idle(command, self.limits, None, self.reads_blocks) }
    }

    /// Counts a steady fault.
    fn lose_patience(&mut self, program: &Program, fault: &Observed) {
        let cost = if *fault == Observed::TimedOut { PATIENCE } else { 1 };
        let left = self.patience.entry(dtypes(program)).or_insert(PATIENCE);
        *left = left.saturating_sub(cost);
    }

    /// Drops the worker. The next program starts another one.
    fn restart(&mut self) {
        self.worker = None;
        self.stats.restarts += 1;
    }

    /// The worker, which is started if there is none.
    fn worker(&mut self) -> Result<&mut Worker, StartError> {
        if self.worker.is_none() {
            let (mut worker, _) = Worker::start(&self.command, &[], self.limits, self.validation.as_ref())?;
            if self.was_stopped {
                worker.expect_stop();
            }
            self.worker = Some(worker);
        }
        Ok(self.worker.as_mut().expect("started above"))
    }

    /// Lets the next program run in a fresh process. Nothing may be in flight.
    pub fn renew(&mut self) {
        self.worker = None;
    }

    /// Whether every frame is checked.
    pub fn is_validated(&self) -> bool {
        self.validation.is_some()
    }

    /// The worker, if one is running.
    pub fn present_worker(&self) -> Option<&Worker> {
        self.worker.as_ref()
    }

    /// The id of the worker's process. `None` if the worker is a thread of this process.
    pub fn process_id(&self) -> Option<u32> {
        self.worker.as_ref().and_then(Worker::id)
    }

    /// The worker's process, and how long it has run on a processor. `None` if the system does not say.
    pub fn time_run(&self) -> Option<(u32, Duration)> {
        let id = self.process_id()?;
        Some((id, time_run(id)?))
    }
}

/// What was observed of a block of `runs` programs, by the next outcomes.
fn answer_of(runs: usize, outcomes: &mut impl Iterator<Item = Outcome>) -> Seen {
    let mut each = Vec::with_capacity(runs);
    while each.len() < runs {
        match outcomes.next() {
            Some(Outcome::Joined { values, .. }) => return Seen::Together(values),
            Some(outcome) => each.push(Observed::Outcome(outcome)),
            None => each.push(Observed::Skipped),
        }
    }
    Seen::Each(each)
}

/// The dtypes of the inputs of a program.
fn dtypes(program: &Program) -> Vec<DType> {
    program.inputs.iter().map(|array| array.dtype).collect()
}

/// A fault of the worker as an observation of the program that caused it.
fn observed(fault: WorkerFault) -> Observed {
    match fault {
        WorkerFault::Died(how) => Observed::Crashed(how),
        WorkerFault::TimedOut => Observed::TimedOut,
        WorkerFault::OutOfMemory => Observed::OutOfMemory,
        WorkerFault::Breached(why) => Observed::Breached(why),
    }
}
