//! Subjects: any function under test sends its cases through a supervisor and judges the outcomes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use array_assay_format::{Check, Timing};
use array_assay_interface::Block;
use array_assay_spec::checks::CheckDefinition;

use super::options::Options;
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::{BackendProfile, CallChains, Losses};
use crate::snippet::Language;

/// What the subjects of a run share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub options: &'a Options,
    pub language: &'a Language,
    /// The capabilities that the worker declared.
    pub capabilities: &'a BTreeMap<String, bool>,
    pub profile: &'a BackendProfile,
    pub chains: &'a CallChains<'a>,
}

/// A function under test.
pub(super) trait Subject {
    /// The cases that go to the worker as one block.
    type Cases;

    /// The number of blocks.
    fn blocks(&self) -> u64;

    /// The `n`-th block: its cases, and the programs that make the calls. `None` if there is nothing to run.
    fn block(&self, n: u64) -> Option<(Self::Cases, Block)>;

    /// Judges the outcome of a block. `flaky` holds the runs that failed once and then not again.
    fn judge(&mut self, n: u64, cases: &Self::Cases, block: &Block, seen: Seen, flaky: &[usize]);

    /// Whether something deviates so far. Clauses with a doubt do not count.
    fn deviates(&mut self) -> bool;

    /// The record of a check, with counterexamples that are simplified against the live backend. `None` if the check does not apply.
    fn record(&mut self, supervisor: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError>;
}

/// How a subject is run.
pub(super) struct Drive<'a> {
    /// The number of programs in a batch. A batch may be longer by up to one block.
    pub batch: usize,
    /// Set from outside to end the run early.
    pub stop: &'a AtomicBool,
    /// Whether to end at the first deviation.
    pub first_deviation_only: bool,
    /// The values and shapes that do not come back unchanged. Blocks with arrays of such shapes are not run.
    pub losses: &'a Losses,
}

impl Drive<'_> {
    /// Whether the inputs of a block have shapes that reach the library.
    fn carries(&self, block: &Block) -> bool {
        let stacked = usize::from(block.runs > 1);
        block.program.inputs.iter().all(|input| self.losses.carries(&input.shape[stacked..]))
    }

    /// Runs and judges all cases of a subject.
    pub fn run<S: Subject>(&self, subject: &mut S, supervisor: &mut Supervisor, timing: &mut Timing) -> Result<(), StartError> {
        supervisor.begin_function();
        let mut next = 0..subject.blocks();
        let mut in_flight: VecDeque<Vec<(u64, S::Cases)>> = VecDeque::new();
        loop {
            while supervisor.has_room() && !self.stop.load(Ordering::Relaxed) {
                let clock = Instant::now();
                let (mut pending, mut blocks, mut programs) = (Vec::new(), Vec::new(), 0);
                for n in next.by_ref() {
                    if let Some((cases, block)) = subject.block(n).filter(|(_, block)| self.carries(block)) {
                        pending.push((n, cases));
                        programs += block.runs;
                        blocks.push(block);
                    }
                    if programs >= self.batch {
                        break;
                    }
                }
                timing.generate_s += clock.elapsed().as_secs_f64();
                if blocks.is_empty() {
                    break;
                }
                supervisor.submit(blocks)?;
                in_flight.push_back(pending);
            }
            let Some(pending) = in_flight.pop_front() else { return Ok(()) };
            let finished = supervisor.collect()?;
            let clock = Instant::now();
            let answers = finished.blocks.iter().zip(finished.seen);
            for (i, ((n, cases), (block, seen))) in pending.iter().zip(answers).enumerate() {
                let flaky: Vec<usize> = finished.flaky.iter().filter(|(of, _)| *of == i).map(|(_, run)| *run).collect();
                subject.judge(*n, cases, block, seen, &flaky);
            }
            timing.judge_s += clock.elapsed().as_secs_f64();
            if self.first_deviation_only && subject.deviates() {
                while supervisor.is_busy() {
                    supervisor.collect()?;
                }
                return Ok(());
            }
        }
    }
}
