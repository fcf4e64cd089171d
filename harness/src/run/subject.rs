//! A function under test: its cases go through a supervisor to its judge, whatever kind of function it is.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use array_assay_format::{Check, Timing};
use array_assay_interface::Block;
use array_assay_spec::checks::CheckDefinition;

use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::Losses;

/// A function under test.
pub(super) trait Subject {
    /// Some of its cases, which go to the worker as one block.
    type Cases;

    /// How many blocks its cases make.
    fn blocks(&self) -> u64;

    /// Its `n`-th block and the programs that make the calls; `None` where there is nothing to run.
    fn block(&self, n: u64) -> Option<(Self::Cases, Block)>;

    /// Judges what came of a block. `flaky`: the runs that failed once and then not.
    fn judge(&mut self, n: u64, cases: &Self::Cases, block: &Block, seen: Seen, flaky: &[usize]);

    /// Whether something deviates already, doubtful clauses apart.
    fn deviates(&mut self) -> bool;

    /// The record of one of its checks, with counterexamples found against the live backend; `None` where it does not apply.
    fn record(&mut self, supervisor: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError>;
}

/// How a subject is run.
pub(super) struct Drive<'a> {
    /// Programs in a batch; a block more or less makes no difference.
    pub batch: usize,
    /// Set from outside to end early.
    pub stop: &'a AtomicBool,
    /// End at the first deviation.
    pub first_deviation_only: bool,
    /// What is lost on the way into the library and out of it: blocks with arrays of shapes that are lost are not run.
    pub losses: &'a Losses,
}

impl Drive<'_> {
    /// Whether the inputs of a block can be made.
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
