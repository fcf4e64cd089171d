//! A function under test, called with operands that a library may refuse.

use array_assay_format::{Cell, Check, Counterexample, Verdict};
use array_assay_interface::Block;
use array_assay_spec::checks::{ACCEPTED, CheckDefinition};

use super::options::Options;
use super::records::{check, untested};
use super::repeats::{Repeated, is_gated, mark_flaky, repeated};
use super::subject::{Shared, Subject};
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::{AcceptedStream, Call};
use crate::judge::{AcceptedJudge, Demand, Failure, Tally};
use crate::observed::Observed;
use crate::snippet::{self, Language};

/// A function under test, called with operands that a library may refuse.
pub(super) struct AcceptedCalls<'a> {
    options: &'a Options,
    language: &'a Language,
    stream: &'a AcceptedStream<'a>,
    judge: AcceptedJudge<'a>,
    /// One tally for each combination of dtypes.
    tallies: Vec<Tally>,
}

impl<'a> AcceptedCalls<'a> {
    /// The function of a stream.
    pub fn new(stream: &'a AcceptedStream<'a>, shared: Shared<'a>) -> AcceptedCalls<'a> {
        let Shared { options, language, capabilities, .. } = shared;
        let AcceptedStream { function, accepted, profile, .. } = *stream;
        let judge = AcceptedJudge { function, accepted, defaults: profile.defaults, capabilities };
        AcceptedCalls { options, language, stream, judge, tallies: vec![Tally::default(); stream.combinations.len()] }
    }

    /// Whether such calls judge a check.
    pub fn is_judge_of(definition: &CheckDefinition) -> bool {
        definition.id.slug.as_deref() == Some(ACCEPTED)
    }

    /// Runs a failing case again. Whether it fails for the same cause.
    fn deviates_again(&self, supervisor: &mut Supervisor, failure: &Failure) -> Result<bool, StartError> {
        let call = self.stream.call(self.options.seed, failure.index);
        let program = call.program(self.stream.function);
        let observed = supervisor.run_one(&program)?;
        let mut tally = Tally::default();
        self.judge.judge(failure.index, &call.arrays(), &program, &observed, &mut tally);
        Ok(tally.first.is_some_and(|first| first.cause == failure.cause))
    }

    /// The counterexample of a failure, as it was drawn.
    fn counterexample(&self, supervisor: &mut Supervisor, failure: Failure) -> Result<Counterexample, StartError> {
        let function = self.stream.function;
        let call = self.stream.call(self.options.seed, failure.index);
        let program = call.program(function);
        let faulty = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
        let observed = if faulty || !self.language.asserts() { Observed::Skipped } else { supervisor.run_one(&program)? };
        let arrays = call.arrays();
        let demand = self.judge.demand(&arrays, &program, observed.values(), failure.cause).unwrap_or(Demand::Result);
        Ok(Counterexample {
            call: snippet::named_call(function, &call),
            snippet: snippet::snippet(self.language, &program, &demand, &failure.expected),
            expected: failure.expected,
            got: failure.got,
            step: program.steps.len().checked_sub(1).map(|step| step as u32),
            note: snippet::note(&arrays, call.layouts.iter().copied(), &[]),
            program,
        })
    }
}

impl<'a> Subject for AcceptedCalls<'a> {
    type Cases = Call<'a>;

    fn blocks(&self) -> u64 {
        self.stream.cases(self.options.cases)
    }

    fn block(&self, n: u64) -> Option<(Call<'a>, Block)> {
        let call = self.stream.call(self.options.seed, n);
        let program = call.program(self.stream.function);
        Some((call, program.into()))
    }

    fn judge(&mut self, n: u64, call: &Call<'a>, block: &Block, seen: Seen, flaky: &[usize]) {
        let Some(observed) = seen.each(1).pop() else { return };
        let tally = &mut self.tallies[self.stream.combination_of(n)];
        self.judge.judge(n, &call.arrays(), &block.program, &observed, tally);
        tally.flaky += flaky.len() as u64;
    }

    fn deviates(&mut self) -> bool {
        self.tallies.iter().any(|tally| tally.failures > 0)
    }

    fn record(&mut self, supervisor: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError> {
        let mut cells = Vec::with_capacity(self.tallies.len());
        for (of, tally) in self.stream.combinations.iter().zip(&self.tallies) {
            let since = (of.since > definition.since).then_some(of.since);
            let mut cell = tally.cell(&of.label, since, None);
            let known = &self.options.known;
            let is_known = |kind: &str| cell.cause.is_some_and(|cause| known.excuses(&definition.id, cause, &cell.dtype, Some(kind)));
            let shown = cell.cause.is_some() && !self.options.first_deviation_only;
            if let Some(failure) = tally.telling(is_known).filter(|_| shown) {
                let again = |supervisor: &mut Supervisor, failure: &Failure| self.deviates_again(supervisor, failure);
                let fresh = is_gated(definition) && !known.covers(&definition.id, &cell);
                let failure = match repeated(supervisor, tally, failure, fresh, again)? {
                    Repeated::Steady(failure) => failure,
                    Repeated::Flaky(failure, note) => {
                        mark_flaky(&mut cell, note);
                        failure
                    }
                };
                cell.counterexample = Some(self.counterexample(supervisor, failure)?);
            }
            if cell.verdict == Verdict::Blocked && tally.skipped == 0 {
                let why = match &tally.unprepared {
                    Some(why) => format!("the calls that show it could not be prepared: {why}"),
                    None if tally.due => "what came back is no array of a dtype of the standard".to_owned(),
                    None => format!("none of the {} cases is of these dtypes", self.options.cases),
                };
                cell = untested(cell, why);
            }
            cells.push(cell);
        }
        let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
        Ok(Some(check(self.stream.function, definition, cells, verdict)))
    }
}
