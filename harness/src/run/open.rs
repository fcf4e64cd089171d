//! A function under test, called where the text leaves the result open. The only deviation is a process that ends or blocks.

use array_assay_format::{Cell, Check, Counterexample, Verdict};
use array_assay_interface::Block;
use array_assay_spec::checks::{CheckDefinition, OPEN};

use super::options::Options;
use super::records::check;
use super::subject::{Shared, Subject};
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::OpenStream;
use crate::judge::{Demand, Failure, Tally, survives};
use crate::snippet::{self, Language};

/// A function under test, called where the text leaves the result open.
pub(super) struct OpenCalls<'a> {
    options: &'a Options,
    language: &'a Language,
    stream: &'a OpenStream<'a>,
    /// One tally for each cell.
    tallies: Vec<Tally>,
}

impl<'a> OpenCalls<'a> {
    /// The function of a stream.
    pub fn new(stream: &'a OpenStream<'a>, shared: Shared<'a>) -> OpenCalls<'a> {
        let Shared { options, language, .. } = shared;
        OpenCalls { options, language, stream, tallies: vec![Tally::default(); stream.cells.len()] }
    }

    /// Whether such calls judge a check.
    pub fn is_judge_of(definition: &CheckDefinition) -> bool {
        definition.id.slug.as_deref() == Some(OPEN)
    }

    /// The counterexample of a failure, as it was drawn.
    fn counterexample(&self, failure: Failure) -> Counterexample {
        let function = self.stream.function;
        let (_, call) = &self.stream.calls[failure.index as usize];
        let program = call.program(function);
        Counterexample {
            call: snippet::named_call(function, call),
            snippet: snippet::snippet(self.language, &program, &Demand::Result, &failure.expected),
            expected: failure.expected,
            got: failure.got,
            step: program.steps.len().checked_sub(1).map(|step| step as u32),
            note: None,
            program,
        }
    }
}

impl Subject for OpenCalls<'_> {
    type Cases = usize;

    fn blocks(&self) -> u64 {
        self.stream.calls.len() as u64
    }

    fn block(&self, n: u64) -> Option<(usize, Block)> {
        let (cell, call) = &self.stream.calls[n as usize];
        Some((*cell, call.program(self.stream.function).into()))
    }

    fn judge(&mut self, n: u64, cell: &usize, _: &Block, seen: Seen, flaky: &[usize]) {
        let Some(observed) = seen.each(1).pop() else { return };
        let tally = &mut self.tallies[*cell];
        survives(n, &observed, tally);
        tally.flaky += flaky.len() as u64;
    }

    fn deviates(&mut self) -> bool {
        self.tallies.iter().any(|tally| tally.failures > 0)
    }

    fn record(&mut self, _: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError> {
        let mut cells = Vec::with_capacity(self.tallies.len());
        for ((label, since), tally) in self.stream.cells.iter().zip(&self.tallies) {
            let since = (*since > definition.since).then_some(*since);
            let mut cell = tally.cell(label, since, None);
            let shown = cell.cause.is_some() && !self.options.first_deviation_only;
            cell.counterexample = tally.first.clone().filter(|_| shown).map(|failure| self.counterexample(failure));
            cells.push(cell);
        }
        let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
        Ok(Some(check(self.stream.function, definition, cells, verdict)))
    }
}
