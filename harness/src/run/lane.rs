//! A lane: programs in, observations out, whatever the worker does. It keeps batches in flight, starts the worker again after
//! a fault, finds the program that caused it, and tells steady faults from flaky ones.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use array_assay_interface::{Identity, Outcome, Program};

use super::worker::{Limits, StartError, Worker, WorkerCommand, WorkerFault};
use crate::judge::Observed;

/// A program that fails so often is said to fail steadily.
const TRIES: usize = 3;

/// Steady faults of a function's programs before the rest of them is given up; a hang, which costs time, uses all of it.
const PATIENCE: u32 = 3;

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

/// A worker and the batches that it has not answered.
pub struct Lane {
    command: WorkerCommand,
    functions: Vec<String>,
    limits: Limits,
    worker: Option<Worker>,
    next_id: u64,
    in_flight: VecDeque<(u64, Vec<Program>)>,
    last_answer: Instant,
    /// How much fault is left before the programs of the present function are given up.
    patience: u32,
    /// What it did so far.
    pub stats: LaneStats,
}

impl Lane {
    /// Starts the worker.
    pub fn start(command: WorkerCommand, functions: Vec<String>, limits: Limits) -> Result<(Lane, Identity), StartError> {
        let (worker, identity) = Worker::start(&command, &functions, limits)?;
        let lane = Lane {
            command,
            functions,
            limits,
            worker: Some(worker),
            next_id: 0,
            in_flight: VecDeque::new(),
            last_answer: Instant::now(),
            patience: PATIENCE,
            stats: LaneStats::default(),
        };
        Ok((lane, identity))
    }

    /// Begins with another function: faults of the one before do not count against it.
    pub fn begin_function(&mut self) {
        self.patience = PATIENCE;
    }

    /// Whether another batch may be sent before an answer is read.
    pub fn has_room(&self) -> bool {
        self.in_flight.len() < IN_FLIGHT
    }

    /// Whether some batch is unanswered.
    pub fn is_busy(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Sends a batch.
    pub fn submit(&mut self, programs: Vec<Program>) -> Result<(), StartError> {
        let id = self.next_id;
        self.next_id += 1;
        let began = Instant::now();
        if self.in_flight.is_empty() {
            self.last_answer = began;
        }
        if self.patience > 0 {
            self.worker()?.send_batch(id, &programs);
        }
        self.in_flight.push_back((id, programs));
        self.stats.wire += began.elapsed();
        Ok(())
    }

    /// Runs one program on its own; nothing else may be in flight.
    pub fn run_one(&mut self, program: &Program) -> Result<Observed, StartError> {
        // A function that was given up still has counterexamples to shrink.
        let patience = std::mem::replace(&mut self.patience, PATIENCE);
        self.submit(vec![program.clone()])?;
        self.patience = patience;
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
        if self.patience == 0 {
            let (_, programs) = self.in_flight_front();
            let observed = vec![Observed::Skipped; programs.len()];
            return Ok(Finished { programs, observed, flaky: Vec::new() });
        }
        match self.answers() {
            Ok(outcomes) => {
                let (_, programs) = self.in_flight_front();
                self.stats.calls += programs.len() as u64;
                Ok(Finished { programs, observed: outcomes.into_iter().map(Observed::Outcome).collect(), flaky: Vec::new() })
            }
            Err((answered, fault)) => self.recover(answered, fault),
        }
    }

    fn in_flight_front(&mut self) -> (u64, Vec<Program>) {
        self.in_flight.pop_front().expect("a batch is in flight where answers are read")
    }

    /// Reads the outcomes of the oldest batch; after a fault those before it.
    fn answers(&mut self) -> Result<Vec<Outcome>, (Vec<Outcome>, WorkerFault)> {
        let began = Instant::now();
        let (id, expected) = self.in_flight.front().map(|(id, programs)| (*id, programs.len())).unwrap_or_default();
        let mut outcomes = Vec::with_capacity(expected);
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
        let waiting: Vec<(u64, Vec<Program>)> = self.in_flight.drain(..).collect();
        let mut waiting = waiting.into_iter();
        let (_, programs) = waiting.next().expect("a batch was in flight");
        self.restart();

        let mut seen: Vec<Observed> = answered.into_iter().map(Observed::Outcome).collect();
        let mut flaky = Vec::new();
        let first = seen.len();
        let mut culprit = None;
        while seen.len() < programs.len() && culprit.is_none() {
            let i = seen.len();
            self.stats.retries += 1;
            match self.run_one(&programs[i])? {
                Observed::Outcome(outcome) => seen.push(Observed::Outcome(outcome)),
                failed => {
                    culprit = Some(i);
                    match self.confirm(&programs[i])? {
                        Some(outcome) => {
                            flaky.push(i);
                            seen.push(Observed::Outcome(outcome));
                        }
                        None => {
                            self.lose_patience(&failed);
                            seen.push(failed);
                        }
                    }
                }
            }
        }
        if culprit.is_none() && first < programs.len() {
            // Nothing fails on its own: the fault depends on what ran before it, or came from outside. The batch as a whole tells.
            if let Some(at) = self.replay(&programs)? {
                let failed = observed(fault);
                self.lose_patience(&failed);
                seen[at.max(first).min(programs.len() - 1)] = failed;
            }
        }
        if seen.len() < programs.len() {
            let from = seen.len();
            self.submit(programs[from..].to_vec())?;
            let rest = self.collect()?;
            seen.extend(rest.observed);
            flaky.extend(rest.flaky.into_iter().map(|i| i + from));
        }
        self.stats.calls += first as u64;
        for (_, batch) in waiting {
            self.submit(batch)?;
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

    /// Runs a whole batch again in a fresh worker; where it fails, the number of programs answered before.
    fn replay(&mut self, programs: &[Program]) -> Result<Option<usize>, StartError> {
        self.restart();
        self.stats.retries += programs.len() as u64;
        self.submit(programs.to_vec())?;
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

    fn lose_patience(&mut self, fault: &Observed) {
        let cost = if *fault == Observed::TimedOut { PATIENCE } else { 1 };
        self.patience = self.patience.saturating_sub(cost);
    }

    fn restart(&mut self) {
        self.worker = None;
        self.stats.restarts += 1;
    }

    fn worker(&mut self) -> Result<&mut Worker, StartError> {
        if self.worker.is_none() {
            let (worker, _) = Worker::start(&self.command, &self.functions, self.limits)?;
            self.worker = Some(worker);
        }
        Ok(self.worker.as_mut().expect("started above"))
    }

    /// The id of the worker's process.
    pub fn process_id(&self) -> Option<u32> {
        self.worker.as_ref().map(Worker::id)
    }
}

fn observed(fault: WorkerFault) -> Observed {
    match fault {
        WorkerFault::Died(how) => Observed::Crashed(how),
        WorkerFault::TimedOut => Observed::TimedOut,
        WorkerFault::OutOfMemory => Observed::OutOfMemory,
        WorkerFault::Breached(why) => Observed::Breached(why),
    }
}
