//! A lane: programs in, observations out, whatever the worker does. It keeps batches in flight, starts the worker again after
//! a fault, finds the program that caused it, and tells steady faults from flaky ones.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use array_assay_interface::{DType, Identity, Outcome, Program};

use super::worker::{Limits, StartError, Worker, WorkerCommand, WorkerFault};
use crate::judge::Observed;
use crate::validate::Validation;

/// A program that fails so often is said to fail steadily.
const TRIES: usize = 3;

/// Steady faults of a function's programs on the same dtypes before the rest of them is given up; a hang, which costs time, uses
/// all of it.
const PATIENCE: u32 = 3;

/// Of a function that is given up on so many dtypes, the rest is given up too.
const GIVEN_UP: usize = 3;

/// Batches sent before the answers to the first are read.
const IN_FLIGHT: usize = 2;

/// What a lane did.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LaneStats {
    /// Programs answered.
    pub calls: u64,
    /// Workers started again.
    pub restarts: u64,
    /// Programs run again.
    pub retries: u64,
    /// Time spent waiting for the worker.
    pub wait: Duration,
    /// Time spent encoding, decoding and handing over.
    pub wire: Duration,
    /// From each batch's sending (or the answer before it) to its answer.
    pub busy: Duration,
}

/// A batch and, behind each program, what was observed; `flaky` programs failed once and then did not.
pub struct Finished {
    /// The programs, in order.
    pub programs: Vec<Program>,
    /// What became of each.
    pub observed: Vec<Observed>,
    /// Indices of programs that a fault hit once but not again.
    pub flaky: Vec<usize>,
}

/// A batch that is not answered.
struct Batch {
    id: u64,
    programs: Vec<Program>,
    /// Indices of the programs that were sent; the others were given up before.
    sent: Vec<usize>,
}

/// A worker and the batches that it has not answered.
pub struct Lane {
    command: WorkerCommand,
    functions: Vec<String>,
    limits: Limits,
    validation: Option<Arc<Validation>>,
    worker: Option<Worker>,
    next_id: u64,
    in_flight: VecDeque<Batch>,
    last_answer: Instant,
    /// For the dtypes of inputs on which the present function failed: how much more of it is borne.
    patience: BTreeMap<Vec<DType>, u32>,
    /// What it did so far.
    pub stats: LaneStats,
}

impl Lane {
    /// Starts the worker. With a validation every frame of it is checked.
    pub fn start(
        command: WorkerCommand,
        functions: Vec<String>,
        limits: Limits,
        validation: Option<Arc<Validation>>,
    ) -> Result<(Lane, Identity), StartError> {
        let (worker, identity) = Worker::start(&command, &functions, limits, validation.as_ref())?;
        let lane = Lane {
            command,
            functions,
            limits,
            validation,
            worker: Some(worker),
            next_id: 0,
            in_flight: VecDeque::new(),
            last_answer: Instant::now(),
            patience: BTreeMap::new(),
            stats: LaneStats::default(),
        };
        Ok((lane, identity))
    }

    /// Begins with another function: faults of the one before do not count against it.
    pub fn begin_function(&mut self) {
        self.patience.clear();
    }

    fn is_given_up(&self, program: &Program) -> bool {
        let over = |patience: &u32| *patience == 0;
        !self.patience.is_empty()
            && (self.patience.get(&dtypes(program)).is_some_and(over) || self.patience.values().filter(|p| over(p)).count() >= GIVEN_UP)
    }

    /// Whether another batch may be sent before an answer is read.
    pub fn has_room(&self) -> bool {
        self.in_flight.len() < IN_FLIGHT
    }

    /// Whether some batch is unanswered.
    pub fn is_busy(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Sends a batch, without the programs that are given up.
    pub fn submit(&mut self, programs: Vec<Program>) -> Result<(), StartError> {
        let sent: Vec<usize> = (0..programs.len()).filter(|i| !self.is_given_up(&programs[*i])).collect();
        self.send(programs, sent)
    }

    fn send(&mut self, programs: Vec<Program>, sent: Vec<usize>) -> Result<(), StartError> {
        let id = self.next_id;
        self.next_id += 1;
        let began = Instant::now();
        if self.in_flight.is_empty() {
            self.last_answer = began;
        }
        if sent.len() == programs.len() {
            self.worker()?.send_batch(id, &programs);
        } else if !sent.is_empty() {
            let some: Vec<Program> = sent.iter().map(|i| programs[*i].clone()).collect();
            self.worker()?.send_batch(id, &some);
        }
        self.in_flight.push_back(Batch { id, programs, sent });
        self.stats.wire += began.elapsed();
        Ok(())
    }

    /// Runs one program on its own; nothing else may be in flight.
    pub fn run_one(&mut self, program: &Program) -> Result<Observed, StartError> {
        // Also one that is given up: it may be a counterexample that is shrunk.
        self.send(vec![program.clone()], vec![0])?;
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

    /// The answer to the oldest batch.
    pub fn collect(&mut self) -> Result<Finished, StartError> {
        match self.answers() {
            Ok(outcomes) => {
                let Batch { programs, sent, .. } = self.in_flight_front();
                self.stats.calls += sent.len() as u64;
                let mut observed = vec![Observed::Skipped; programs.len()];
                for (i, outcome) in sent.into_iter().zip(outcomes) {
                    observed[i] = Observed::Outcome(outcome);
                }
                Ok(Finished { programs, observed, flaky: Vec::new() })
            }
            Err((answered, fault)) => self.recover(answered, fault),
        }
    }

    fn in_flight_front(&mut self) -> Batch {
        self.in_flight.pop_front().expect("a batch is in flight where answers are read")
    }

    /// Reads the outcomes of the oldest batch; after a fault those before it.
    fn answers(&mut self) -> Result<Vec<Outcome>, (Vec<Outcome>, WorkerFault)> {
        let began = Instant::now();
        let (id, expected) = self.in_flight.front().map(|batch| (batch.id, batch.sent.len())).unwrap_or_default();
        let mut outcomes = Vec::with_capacity(expected);
        if expected == 0 {
            return Ok(outcomes);
        }
        let Some(worker) = &mut self.worker else { return Err((outcomes, WorkerFault::Died("not started".to_owned()))) };
        let result = loop {
            match worker.receive_outcomes() {
                // A frame must bring something: a worker that sends empty ones would never time out.
                Ok((of, first, more))
                    if of == id && first as usize == outcomes.len() && (1..=expected - outcomes.len()).contains(&more.len()) =>
                {
                    outcomes.extend(more);
                    if outcomes.len() == expected {
                        break Ok(outcomes);
                    }
                }
                Ok((of, first, more)) => {
                    let why = format!(
                        "outcomes {first}..{} of batch {of}, where outcome {} of {expected} of batch {id} was due",
                        first as usize + more.len(),
                        outcomes.len(),
                    );
                    break Err((outcomes, WorkerFault::Breached(why)));
                }
                Err(fault) => break Err((outcomes, fault)),
            }
        };
        let now = Instant::now();
        self.stats.wait += now - began;
        self.stats.busy += now - self.last_answer;
        self.last_answer = now;
        result
    }

    /// After a fault: the programs behind the answered ones run one at a time until past the culprit, the rest as before.
    fn recover(&mut self, answered: Vec<Outcome>, fault: WorkerFault) -> Result<Finished, StartError> {
        let mut waiting = std::mem::take(&mut self.in_flight).into_iter();
        let Batch { programs, sent, .. } = waiting.next().expect("a batch was in flight");
        self.restart();

        // Up to the first unanswered program.
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
            match self.run_one(&programs[i])? {
                Observed::Outcome(outcome) => seen.push(Observed::Outcome(outcome)),
                failed => {
                    culprit = Some(i);
                    let before: Vec<usize> = sent.iter().copied().filter(|k| *k <= i).collect();
                    match self.confirm(&programs[i])? {
                        // It fails sometimes, or whenever the others ran before it: running them all again tells.
                        Some(outcome) if self.replay(&programs[..=i], &before)?.is_none() => {
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
            // Nothing fails on its own: the fault depends on what ran before it, or came from outside. The batch as a whole tells.
            if let Some(at) = self.replay(&programs, &sent)? {
                let failed = observed(fault);
                let at = sent[at.clamp(answers, sent.len() - 1)];
                self.lose_patience(&programs[at], &failed);
                seen[at] = failed;
            }
        }
        if seen.len() < programs.len() {
            let from = seen.len();
            self.submit(programs[from..].to_vec())?;
            let rest = self.collect()?;
            seen.extend(rest.observed);
            flaky.extend(rest.flaky.into_iter().map(|i| i + from));
        }
        self.stats.calls += answers as u64;
        for batch in waiting {
            self.submit(batch.programs)?;
        }
        Ok(Finished { programs, observed: seen, flaky })
    }

    /// Runs a failed program again; an outcome if it does not fail every time.
    fn confirm(&mut self, program: &Program) -> Result<Option<Outcome>, StartError> {
        for _ in 1..TRIES {
            self.stats.retries += 1;
            if let Observed::Outcome(outcome) = self.run_one(program)? {
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }

    /// Runs a batch, or its beginning, again in a fresh worker; where it fails, the number of programs answered before.
    fn replay(&mut self, programs: &[Program], sent: &[usize]) -> Result<Option<usize>, StartError> {
        self.restart();
        self.stats.retries += sent.len() as u64;
        self.send(programs.to_vec(), sent.to_vec())?;
        let result = self.answers();
        self.in_flight.clear();
        Ok(match result {
            Ok(_) => None,
            Err((answered, _)) => {
                self.restart();
                Some(answered.len())
            }
        })
    }

    fn lose_patience(&mut self, program: &Program, fault: &Observed) {
        let cost = if *fault == Observed::TimedOut { PATIENCE } else { 1 };
        let left = self.patience.entry(dtypes(program)).or_insert(PATIENCE);
        *left = left.saturating_sub(cost);
    }

    fn restart(&mut self) {
        self.worker = None;
        self.stats.restarts += 1;
    }

    fn worker(&mut self) -> Result<&mut Worker, StartError> {
        if self.worker.is_none() {
            let (worker, _) = Worker::start(&self.command, &self.functions, self.limits, self.validation.as_ref())?;
            self.worker = Some(worker);
        }
        Ok(self.worker.as_mut().expect("started above"))
    }

    /// Whether every frame is checked.
    pub fn is_validated(&self) -> bool {
        self.validation.is_some()
    }

    /// Its worker, while one runs.
    pub fn present_worker(&self) -> Option<&Worker> {
        self.worker.as_ref()
    }

    /// The id of the worker's process.
    pub fn process_id(&self) -> Option<u32> {
        self.worker.as_ref().map(Worker::id)
    }
}

fn dtypes(program: &Program) -> Vec<DType> {
    program.inputs.iter().map(|array| array.dtype).collect()
}

fn observed(fault: WorkerFault) -> Observed {
    match fault {
        WorkerFault::Died(how) => Observed::Crashed(how),
        WorkerFault::TimedOut => Observed::TimedOut,
        WorkerFault::OutOfMemory => Observed::OutOfMemory,
        WorkerFault::Breached(why) => Observed::Breached(why),
    }
}
