//! A function under test: its cases go through a lane to its judge, whatever kind of function it is.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use array_assay_format::{Check, Timing};
use array_assay_interface::Program;
use array_assay_spec::checks::CheckDefinition;

use super::lane::Lane;
use super::worker::StartError;
use crate::judge::Observed;

/// A function under test.
pub(super) trait Subject {
    /// One of its cases.
    type Case;

    /// How many cases it has.
    fn cases(&self) -> u64;

    /// Its `n`-th case and the program that makes it; `None` where there is nothing to run.
    fn case(&self, n: u64) -> Option<(Self::Case, Program)>;

    /// Judges what came of a case. `flaky`: it failed once and then not.
    fn judge(&mut self, n: u64, case: &Self::Case, program: &Program, observed: &Observed, flaky: bool);

    /// Whether something deviates already, doubtful clauses apart.
    fn deviates(&mut self) -> bool;

    /// The record of one of its checks, with counterexamples found against the live backend; `None` where it does not apply.
    fn record(&mut self, lane: &mut Lane<'_>, definition: &CheckDefinition) -> Result<Option<Check>, StartError>;
}

/// How a subject is run.
pub(super) struct Drive<'a> {
    /// Programs in a batch.
    pub batch: usize,
    /// Set from outside to end early.
    pub stop: &'a AtomicBool,
    /// End at the first deviation.
    pub first_deviation_only: bool,
}

impl Drive<'_> {
    /// Runs and judges all cases of a subject.
    pub fn run<S: Subject>(&self, subject: &mut S, lane: &mut Lane<'_>, timing: &mut Timing) -> Result<(), StartError> {
        lane.begin_function();
        let mut next = 0..subject.cases();
        let mut in_flight: VecDeque<Vec<(u64, S::Case)>> = VecDeque::new();
        loop {
            while lane.has_room() && !self.stop.load(Ordering::Relaxed) {
                let clock = Instant::now();
                let mut pending = Vec::with_capacity(self.batch);
                let mut programs = Vec::with_capacity(self.batch);
                for n in next.by_ref() {
                    if let Some((case, program)) = subject.case(n) {
                        pending.push((n, case));
                        programs.push(program);
                    }
                    if programs.len() == self.batch {
                        break;
                    }
                }
                timing.generate_s += clock.elapsed().as_secs_f64();
                if programs.is_empty() {
                    break;
                }
                lane.submit(programs)?;
                in_flight.push_back(pending);
            }
            let Some(pending) = in_flight.pop_front() else { return Ok(()) };
            let finished = lane.collect()?;
            let clock = Instant::now();
            let outcomes = finished.programs.iter().zip(&finished.observed);
            for (i, ((n, case), (program, observed))) in pending.iter().zip(outcomes).enumerate() {
                subject.judge(*n, case, program, observed, finished.flaky.contains(&i));
            }
            timing.judge_s += clock.elapsed().as_secs_f64();
            if self.first_deviation_only && subject.deviates() {
                while lane.is_busy() {
                    lane.collect()?;
                }
                return Ok(());
            }
        }
    }
}
