//! A function that is not element-wise under test: calls drawn from its parameters' domains, judged by its semantics.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Cell, Check, Counterexample, Property, Verdict};
use array_assay_interface::Program;
use array_assay_spec::Raise;
use array_assay_spec::checks::CheckDefinition;

use super::conform::Options;
use super::lane::Lane;
use super::records::check;
use super::subject::Subject;
use super::worker::StartError;
use crate::generate::{Call, CallCase, CallStream, Layout, simpler_arrays};
use crate::judge::{CallJudge, CallTally, Failure, Observed, Tally};
use crate::snippet::{self, Language};

/// Smaller cases tried for a counterexample, so many of each size.
const TRIES_OF_A_SIZE: u64 = 24;

/// The sizes of axes that are tried, smallest first.
const SIZES: [usize; 4] = [1, 2, 3, 5];

/// Of the cases of a function, one in so many is drawn for each clause whose calls have to raise.
const RAISE_SHARE: u64 = 20;

/// The greatest size of an axis in a call that has to raise: they are shown as they are drawn.
const RAISE_SIZE: usize = 3;

/// Steps that simplify the elements of the smallest case.
const STEPS: usize = 120;

/// A function under test that is not element-wise.
pub(super) struct Calls<'a> {
    options: &'a Options,
    language: &'a Language,
    stream: &'a CallStream<'a>,
    judge: CallJudge<'a>,
    tally: CallTally,
    /// Causes that have a small counterexample already.
    shrunk: BTreeSet<(Property, Cause)>,
}

impl<'a> Calls<'a> {
    /// The function of a stream.
    pub fn new(
        stream: &'a CallStream<'a>,
        capabilities: &'a BTreeMap<String, bool>,
        options: &'a Options,
        language: &'a Language,
    ) -> Calls<'a> {
        let judge = CallJudge::new(stream, capabilities);
        let tally = judge.tally();
        Calls { options, language, stream, judge, tally, shrunk: BTreeSet::new() }
    }

    /// The clause whose calls have to raise, and the index among them, of the `n`-th case.
    fn raise(&self, n: u64) -> Option<(&'a Raise, u64)> {
        let share = self.raise_share();
        let n = n.checked_sub(u64::from(self.options.cases))?;
        let raises = &self.stream.function.raises;
        raises.get((n / share) as usize).map(|raise| (raise, n % share))
    }

    /// So many calls are drawn for each clause whose calls have to raise.
    fn raise_share(&self) -> u64 {
        (u64::from(self.options.cases) / RAISE_SHARE).max(1)
    }

    /// The smallest case found that fails the check as `failure` did.
    fn counterexample(&mut self, lane: &mut Lane, at: (usize, usize), failure: &Failure) -> Result<Option<Counterexample>, StartError> {
        let (checked, combination) = at;
        let definition = &self.judge.checks()[checked];
        let known = self.options.known.contains(&(definition.id.clone(), failure.cause)) || self.options.first_deviation_only;
        let full = !known && self.shrunk.insert((definition.id.property, failure.cause));
        if definition.id.property == Property::Raises {
            let slug = definition.id.slug.as_deref();
            let raise = self.stream.function.raises.iter().find(|raise| Some(raise.slug.as_str()) == slug);
            return Ok(raise.and_then(|raise| self.not_raised(raise, failure)));
        }
        let Some(mut best) = self.stream.case(self.options.seed, failure.index) else { return Ok(None) };
        let mut failure = failure.clone();
        if !matches!(failure.verdict, Verdict::Crash | Verdict::Timeout) {
            let (sizes, tries) = if full { (SIZES.as_slice(), TRIES_OF_A_SIZE) } else { (&SIZES[1..3], 6) };
            let seed = self.options.seed;
            let draws = sizes.iter().flat_map(|size| (1..=tries).map(move |n| (*size, seed.wrapping_add(n))));
            for (size, seed) in draws {
                let Some(case) = self.stream.smaller(seed, combination, size) else { continue };
                if let Some(simpler) = self.fails(lane, at, &failure, &case)? {
                    (best, failure) = (case, simpler);
                    break;
                }
            }
            let mut steps = if full { STEPS } else { 0 };
            'simplify: while steps > 0 {
                for call in simpler_arrays(&best.call) {
                    let Some(case) = self.stream.specified(call) else { continue };
                    if steps == 0 {
                        break;
                    }
                    steps -= 1;
                    if let Some(simpler) = self.fails(lane, at, &failure, &case)? {
                        (best, failure) = (case, simpler);
                        continue 'simplify;
                    }
                }
                break;
            }
        }
        // What is observed for other checks only hides the point.
        let property = self.judge.checks()[checked].id.property;
        best.call.returns_inputs &= property == Property::Pure;
        best.call.returns_devices &= property == Property::Device;
        Ok(Some(self.shown(&best.call, failure)))
    }

    /// The counterexample of a call that had to raise, as it was drawn.
    fn not_raised(&self, raise: &Raise, failure: &Failure) -> Option<Counterexample> {
        let case = self.stream.spoilt(self.options.seed, raise, failure.index, Some(RAISE_SIZE))?;
        Some(self.shown(&case.call, failure.clone()))
    }

    /// A case and how it failed, for people.
    fn shown(&self, call: &Call<'_>, failure: Failure) -> Counterexample {
        let program = call.program(self.stream.function);
        let step = program.steps.iter().position(|step| step.function == self.stream.function.path()).map(|i| i as u32);
        let strided: Vec<String> = call.layouts.iter().filter(|l| **l != Layout::Contiguous).map(ToString::to_string).collect();
        Counterexample {
            call: snippet::named_call(self.stream.function, call),
            expected: failure.expected,
            got: failure.got,
            step,
            note: (!strided.is_empty()).then(|| format!("only seen with {} operands", strided.join(" and "))),
            snippet: snippet::snippet(self.language, &program),
            program,
        }
    }

    /// How a case fails a check for the same cause; `None` where it does not.
    fn fails(
        &self,
        lane: &mut Lane,
        (checked, combination): (usize, usize),
        failure: &Failure,
        case: &CallCase<'_>,
    ) -> Result<Option<Failure>, StartError> {
        let program = case.call.program(self.stream.function);
        let observed = lane.run_one(&program)?;
        let mut tally = self.judge.tally();
        self.judge.judge(failure.index, combination, case, &program, &observed, &mut tally);
        let cell = self.judge.cell(combination, case, &mut tally);
        Ok(tally.at(checked, cell).first.take().filter(|f| f.cause == failure.cause))
    }
}

impl<'a> Subject for Calls<'a> {
    type Case = CallCase<'a>;

    fn cases(&self) -> u64 {
        u64::from(self.options.cases) + self.raise_share() * self.stream.function.raises.len() as u64
    }

    fn case(&self, n: u64) -> Option<(CallCase<'a>, Program)> {
        let case = match self.raise(n) {
            Some((raise, index)) => self.stream.spoilt(self.options.seed, raise, index, Some(RAISE_SIZE)),
            None => self.stream.case(self.options.seed, n),
        }?;
        let program = case.call.program(self.stream.function);
        Some((case, program))
    }

    fn judge(&mut self, n: u64, case: &CallCase<'a>, program: &Program, observed: &Observed, flaky: bool) {
        if let Some((raise, index)) = self.raise(n) {
            let combination = self.stream.combination_of(index);
            return self.judge.judge_raise(index, combination, case, &raise.slug, program, observed, &mut self.tally);
        }
        let combination = self.stream.combination_of(n);
        self.judge.judge(n, combination, case, program, observed, &mut self.tally);
        if let (true, Some(check)) = (flaky, self.judge.call_check(case)) {
            let cell = self.judge.cell(combination, case, &mut self.tally);
            self.tally.at(check, cell).flaky += 1;
        }
    }

    fn deviates(&mut self) -> bool {
        let sound = |i: &usize| self.judge.checks()[*i].doubt.is_none();
        (0..self.judge.checks().len()).filter(sound).any(|i| self.tally.of(i).any(|(_, tally)| tally.failures > 0))
    }

    fn record(&mut self, lane: &mut Lane, definition: &CheckDefinition) -> Result<Option<Check>, StartError> {
        let Some(checked) = self.judge.checks().iter().position(|c| c.id == definition.id) else { return Ok(None) };
        let drawn = |tally: &Tally| tally.cases + tally.skipped + tally.flaky > 0;
        let cells: Vec<_> =
            self.tally.of(checked).filter(|(_, tally)| drawn(tally)).map(|(cell, tally)| (cell.clone(), tally.clone())).collect();
        let mut out = Vec::with_capacity(cells.len());
        for (of, tally) in cells {
            let since = (of.since > definition.since).then_some(of.since);
            let mut cell = tally.cell(&of.label, since, None);
            if let Some(failure) = &tally.first {
                cell.counterexample = self.counterexample(lane, (checked, of.combination), failure)?;
            }
            out.push(cell);
        }
        // Nothing of it to judge in any call that returned: it does not apply.
        let calls = self.judge.checks().iter().enumerate().filter(|(_, c)| c.id.property == Property::Call);
        let returned = calls.flat_map(|(i, _)| self.tally.of(i)).any(|(_, tally)| tally.cases > tally.failures);
        if out.is_empty() && (returned || !self.options.dtypes.is_empty()) {
            return Ok(None);
        }
        let verdict = Cell::overall(out.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::Blocked);
        let call = self.stream.function.check_id(Property::Call, None);
        let blocked_by = (verdict == Verdict::Blocked).then_some(call).filter(|by| *by != definition.id);
        Ok(Some(Check { blocked_by, ..check(self.stream.function, definition, out, verdict) }))
    }
}
