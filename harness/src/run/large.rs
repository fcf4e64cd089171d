//! A function under test, called on many elements.

use array_assay_format::{Cell, Check, Counterexample, Revision, Verdict};
use array_assay_interface::{Block, Program, Role};
use array_assay_spec::checks::{CheckDefinition, LARGE};
use array_assay_spec::{Function, LargeCall, Spec, large_calls};

use super::options::Options;
use super::records::check;
use super::subject::{Shared, Subject};
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::BackendProfile;
use crate::judge::{Demand, Tally, judge_large};
use crate::snippet::{self, Language};

/// A function under test, called on many elements. Each call has a dtype of its own, and so a cell.
pub(super) struct LargeCalls<'a> {
    options: &'a Options,
    language: &'a Language,
    function: &'a Function,
    calls: Vec<Prepared>,
}

/// A call on one dtype.
struct Prepared {
    /// The program in one line.
    text: String,
    label: &'static str,
    since: Revision,
    program: Program,
    gives: Vec<f64>,
    within: f64,
    tally: Tally,
    demand: Demand,
}

impl<'a> LargeCalls<'a> {
    /// The calls of a function on `n` elements. `None` if the backend has none of their dtypes.
    pub fn new(spec: &Spec, function: &'a Function, profile: &BackendProfile, n: u64, shared: Shared<'a>) -> Option<LargeCalls<'a>> {
        let Shared { options, language, .. } = shared;
        let is_of = |call: &&LargeCall| call.function.split_once('/') == Some((&function.category, &function.name));
        let mut calls = Vec::new();
        for call in large_calls().unwrap_or_default().iter().filter(is_of) {
            for dtype in call.dtypes.iter().copied().filter(|dtype| profile.dtypes.contains(dtype)) {
                let Ok(mut program) = call.program(dtype, n) else { continue };
                // What goes wrong before the call, or when the result is looked at, is not the function's fault.
                let subject = function.path();
                for step in program.steps.iter_mut().filter(|step| step.function != subject) {
                    step.role = Role::Prepare;
                }
                let since = spec.dtypes.since(dtype);
                let (gives, within) = (call.gives(n), call.within);
                let (tally, demand) = (Tally::default(), Demand::Result);
                let text = call.text(dtype, n).trim().replace('\n', "; ");
                calls.push(Prepared { text, label: dtype.name(), since, program, gives, within, tally, demand });
            }
        }
        (!calls.is_empty()).then_some(LargeCalls { options, language, function, calls })
    }

    /// Whether such calls judge a check.
    pub fn is_judge_of(definition: &CheckDefinition) -> bool {
        definition.id.slug.as_deref() == Some(LARGE)
    }

    fn counterexample(&self, of: &Prepared) -> Option<Counterexample> {
        let failure = of.tally.first.as_ref()?;
        Some(Counterexample {
            call: of.text.clone(),
            snippet: snippet::snippet(self.language, &of.program, &of.demand, &failure.expected),
            expected: failure.expected.clone(),
            got: failure.got.clone(),
            step: of.program.steps.len().checked_sub(1).map(|step| step as u32),
            note: None,
            program: of.program.clone(),
        })
    }
}

impl Subject for LargeCalls<'_> {
    type Cases = ();

    fn blocks(&self) -> u64 {
        self.calls.len() as u64
    }

    fn block(&self, n: u64) -> Option<((), Block)> {
        Some(((), self.calls[n as usize].program.clone().into()))
    }

    fn judge(&mut self, n: u64, _: &(), block: &Block, seen: Seen, flaky: &[usize]) {
        let Some(observed) = seen.each(1).pop() else { return };
        let of = &mut self.calls[n as usize];
        of.demand = judge_large(n, &block.program, &observed, &of.gives, of.within, &mut of.tally);
        of.tally.flaky += flaky.len() as u64;
    }

    fn deviates(&mut self) -> bool {
        self.calls.iter().any(|of| of.tally.failures > 0)
    }

    fn record(&mut self, _: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError> {
        let cell = |of: &Prepared| {
            let mut cell = of.tally.cell(of.label, (of.since > definition.since).then_some(of.since), None);
            let shown = cell.cause.is_some() && !self.options.first_deviation_only;
            cell.counterexample = if shown { self.counterexample(of) } else { None };
            cell
        };
        let cells: Vec<Cell> = self.calls.iter().map(cell).collect();
        let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
        Ok(Some(check(self.function, definition, cells, verdict)))
    }
}
