//! A function that is not element-wise under test: calls drawn from its parameters' domains, judged by its semantics.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Cell, Check, Counterexample, Property, Verdict};
use array_assay_interface::{Block, Program, Value};
use array_assay_spec::Raise;
use array_assay_spec::checks::CheckDefinition;

use super::chain::{reduced, stripped};
use super::options::Options;
use super::records::{check, excused, exercised, untested, unusable};
use super::subject::Subject;
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::CallCell;
use crate::generate::{Call, CallCase, CallChain, CallChains, CallStream, Layout, RAISE_SIZE, simpler_arrays};
use crate::judge::{CallJudge, CallTally, Demand, Failure, Ran, Tally};
use crate::observed::Observed;
use crate::snippet::{self, Language};

/// Smaller cases tried for a counterexample, so many of each size.
const TRIES_OF_A_SIZE: u64 = 24;

/// The sizes of axes that are tried, smallest first.
const SIZES: [usize; 4] = [1, 2, 3, 5];

/// What a result is that hangs on memory which nobody wrote: its elements differ from run to run, and records may not.
const UNWRITTEN: &str = "what lay in memory before: another result each time";
/// Steps that simplify the elements of the smallest case.
const STEPS: usize = 120;

/// A function under test that is not element-wise.
pub(super) struct Calls<'a> {
    options: &'a Options,
    language: &'a Language,
    stream: &'a CallStream<'a>,
    judge: CallJudge<'a>,
    tally: CallTally,
    chains: &'a CallChains<'a>,
    /// Causes that have a small counterexample already.
    shrunk: BTreeSet<(Property, Cause)>,
}

impl<'a> Calls<'a> {
    /// The function of a stream.
    pub fn new(
        stream: &'a CallStream<'a>,
        chains: &'a CallChains<'a>,
        capabilities: &'a BTreeMap<String, bool>,
        options: &'a Options,
        language: &'a Language,
    ) -> Calls<'a> {
        let judge = CallJudge::new(stream, capabilities);
        let tally = judge.tally();
        Calls { options, language, stream, judge, tally, chains, shrunk: BTreeSet::new() }
    }

    /// The clause whose calls have to raise, and the index among them, of the `n`-th case.
    fn raise(&self, n: u64) -> Option<(&'a Raise, u64)> {
        let share = CallStream::share(self.options.cases);
        let n = n.checked_sub(self.stream.cases(self.options.cases))?;
        let raises = &self.stream.function.raises;
        raises.get((n / share) as usize).map(|raise| (raise, n % share))
    }

    /// The index among the calls that show whether they copy, of the `n`-th case.
    fn copy(&self, n: u64) -> Option<u64> {
        let before =
            self.stream.cases(self.options.cases) + CallStream::share(self.options.cases) * self.stream.function.raises.len() as u64;
        n.checked_sub(before).filter(|_| self.stream.function.copies())
    }

    /// The index among the cases after other calls, of the `n`-th case.
    fn chained(&self, n: u64) -> Option<u64> {
        n.checked_sub(self.alone())
    }

    fn alone(&self) -> u64 {
        let function = self.stream.function;
        self.stream.cases(self.options.cases)
            + CallStream::share(self.options.cases) * (function.raises.len() as u64 + u64::from(function.copies()))
    }

    /// The smallest case found that fails the check as `failure` did.
    fn counterexample(
        &mut self,
        supervisor: &mut Supervisor,
        at: (usize, &CallCell),
        failure: &Failure,
        known: bool,
    ) -> Result<Option<Counterexample>, StartError> {
        let (checked, cell) = at;
        let definition = &self.judge.checks()[checked];
        let full = !known && self.shrunk.insert((definition.id.property, failure.cause));
        if definition.id.property == Property::Raises {
            let slug = definition.id.slug.as_deref();
            let raise =
                self.stream.function.raises.iter().find(|raise| slug.is_some_and(|slug| slug == raise.slug || slug == raise.class_slug()));
            return Ok(raise.and_then(|raise| self.not_raised(checked, raise, failure)));
        }
        if definition.id.property == Property::Copy {
            let Some((case, program)) = self.stream.copying(self.options.seed, failure.index) else { return Ok(None) };
            let observed = if self.language.asserts() { supervisor.run_one(&program)? } else { Observed::Skipped };
            return Ok(Some(self.shown(checked, &case, (&program, &program, &observed), (failure.clone(), None))));
        }
        let chained = self.chained(failure.index).and_then(|index| self.stream.chained(self.chains, self.options.seed, index));
        let mut best = match &chained {
            Some((case, _)) => case.clone(),
            None => match self.stream.case(self.options.seed, failure.index) {
                Some(case) => case,
                None => return Ok(None),
            },
        };
        let mut failure = failure.clone();
        let (inputs, devices) = (best.call.returns_inputs, best.call.returns_devices);
        if let Some((case, chain)) = chained {
            match self.fails(supervisor, at, &failure, &case)? {
                // The call fails alone as well.
                Some(simpler) => failure = simpler,
                None => return self.shortest_chain(supervisor, at, failure, &case, chain).map(Some),
            }
        }
        if !matches!(failure.verdict, Verdict::Crash | Verdict::Timeout) {
            let (sizes, tries) = if full { (SIZES.as_slice(), TRIES_OF_A_SIZE) } else { (&SIZES[1..3], 6) };
            let seed = self.options.seed;
            let draws = sizes.iter().flat_map(|size| (1..=tries).map(move |n| (*size, seed.wrapping_add(n))));
            for (size, seed) in draws {
                let Some(mut case) = self.stream.smaller(seed, cell.combination, size) else { continue };
                (case.call.returns_inputs, case.call.returns_devices) = (inputs, devices);
                if let Some(simpler) = self.fails(supervisor, at, &failure, &case)? {
                    (best, failure) = (case, simpler);
                    break;
                }
            }
            if best.call.layouts.iter().any(|layout| *layout != Layout::Contiguous) {
                let contiguous = Call { layouts: vec![Layout::Contiguous; best.call.layouts.len()], ..best.call.clone() };
                let case = CallCase { call: contiguous, ..best.clone() };
                if let Some(simpler) = self.fails(supervisor, at, &failure, &case)? {
                    (best, failure) = (case, simpler);
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
                    if let Some(simpler) = self.fails(supervisor, at, &failure, &case)? {
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
        if failure.cause == Cause::WrongValue && self.hangs_on_memory(supervisor, &best)? {
            failure.got = UNWRITTEN.to_owned();
        }
        let program = best.call.program(self.stream.function);
        let faulty = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
        let observed = if faulty || !self.language.asserts() { Observed::Skipped } else { supervisor.run_one(&program)? };
        Ok(Some(self.shown(checked, &best, (&program, &program, &observed), (failure, None))))
    }

    /// Whether the result of a call hangs on what lay in memory before it: in another process it is another one. Asked of results whose
    /// elements cannot come from those of the arguments, for there are none.
    fn hangs_on_memory(&self, supervisor: &mut Supervisor, case: &CallCase<'_>) -> Result<bool, StartError> {
        let has_elements = matches!(case.expectation.example(), Some(Value::Array(result)) if !result.is_empty());
        if !has_elements || !case.call.arrays().iter().any(|array| array.is_empty()) {
            return Ok(false);
        }
        let program = case.call.program(self.stream.function);
        let mut seen: Option<Observed> = None;
        for _ in 0..3 {
            supervisor.renew();
            let observed = supervisor.run_one(&program)?;
            if seen.as_ref().is_some_and(|seen| *seen != observed) {
                return Ok(true);
            }
            seen = Some(observed);
        }
        Ok(false)
    }

    /// The counterexample of a call that fails after other calls only: after the fewest of them.
    fn shortest_chain(
        &self,
        supervisor: &mut Supervisor,
        (checked, cell): (usize, &CallCell),
        failure: Failure,
        case: &CallCase<'_>,
        chain: CallChain,
    ) -> Result<Counterexample, StartError> {
        let subject = case.call.program(self.stream.function);
        let (index, cause, kinds) = (failure.index, failure.cause, failure.kinds.clone());
        let fails = |program: &Program, observed: &Observed| {
            let mut tally = self.judge.tally();
            self.judge.judge(&Ran { index, combination: cell.combination, case, program, observed }, &mut tally);
            let cell = self.judge.cell(cell.combination, case, &mut tally);
            tally.at(checked, cell).first.take().filter(|f| f.cause == cause && f.is_alike(&kinds))
        };
        let (chain, failure) = reduced(supervisor, &subject, chain, failure, fails)?;
        let program = chain.before(&subject);
        let observed = if self.language.asserts() { supervisor.run_one(&program)? } else { Observed::Skipped };
        let (alone, observed) = stripped(&chain, &program, &observed).unwrap_or_else(|| (program.clone(), Observed::Skipped));
        let mut shown = self.shown(checked, case, (&program, &alone, &observed), (failure, Some(chain.note())));
        shown.step = program.steps.len().checked_sub(1).map(|step| step as u32);
        Ok(shown)
    }

    /// The counterexample of a call that had to raise, as it was drawn.
    fn not_raised(&self, checked: usize, raise: &Raise, failure: &Failure) -> Option<Counterexample> {
        let case = self.stream.invalid(self.options.seed, raise, failure.index, Some(RAISE_SIZE))?;
        let program = case.call.program(self.stream.function);
        Some(self.shown(checked, &case, (&program, &program, &Observed::Skipped), (failure.clone(), None)))
    }

    /// A case and how it failed, for people: `program` is what is run, `alone` and `observed` the call under test of it.
    fn shown(
        &self,
        checked: usize,
        case: &CallCase<'_>,
        (program, alone, observed): (&Program, &Program, &Observed),
        (failure, note): (Failure, Option<String>),
    ) -> Counterexample {
        let call = &case.call;
        let step = program.steps.iter().position(|step| step.function == self.stream.function.path()).map(|i| i as u32);
        let demand = self.judge.demand(checked, case, alone, observed.values(), &failure).unwrap_or(Demand::Result);
        Counterexample {
            call: snippet::named_call(self.stream.function, call),
            snippet: snippet::snippet(self.language, program, &demand, &failure.expected),
            expected: failure.expected,
            got: failure.got,
            step,
            note: note.or_else(|| snippet::note(&call.arrays(), call.layouts.iter().copied(), &[])),
            program: program.clone(),
        }
    }

    /// How a case fails a check in a cell for the same cause; `None` where it does not.
    fn fails(
        &self,
        supervisor: &mut Supervisor,
        (checked, cell): (usize, &CallCell),
        failure: &Failure,
        case: &CallCase<'_>,
    ) -> Result<Option<Failure>, StartError> {
        // What is smaller may have lost the dtype that the cell is about.
        if self.stream.cell(cell.combination, case).label != cell.label {
            return Ok(None);
        }
        let program = case.call.program(self.stream.function);
        let observed = supervisor.run_one(&program)?;
        let mut tally = self.judge.tally();
        let ran = Ran { index: failure.index, combination: cell.combination, case, program: &program, observed: &observed };
        self.judge.judge(&ran, &mut tally);
        let cell = self.judge.cell(cell.combination, case, &mut tally);
        Ok(tally.at(checked, cell).first.take().filter(|f| f.cause == failure.cause && f.is_alike(&failure.kinds)))
    }
}

impl Calls<'_> {
    /// Whether some call of the function returned.
    fn calls_return(&self) -> bool {
        let calls = self.judge.checks().iter().enumerate().filter(|(_, c)| c.id.property == Property::Call);
        calls.flat_map(|(i, _)| self.tally.of(i)).any(|(_, tally)| tally.cases > tally.failures)
    }

    /// Why no case was judged in a cell for which some were drawn; `None` where a call that failed is the reason.
    fn why_untested(&self, definition: &CheckDefinition, label: &str, tally: &Tally) -> Option<String> {
        if let Some(why) = &tally.unprepared {
            return Some(format!("the calls that show it could not be prepared: {why}"));
        }
        let calls = self.judge.checks().iter().enumerate().filter(|(_, check)| check.id.property == Property::Call);
        let mut of_cell = calls.flat_map(|(i, _)| self.tally.of(i)).filter(|(cell, _)| cell.label == label);
        let failed = of_cell.any(|(_, tally)| tally.failures + tally.skipped + tally.excused > 0);
        let container_failed = || {
            let checks = self.judge.checks().iter().enumerate();
            let of_container = checks.filter(|(_, check)| matches!(check.id.property, Property::Type | Property::Dtype | Property::Shape));
            of_container.flat_map(|(i, _)| self.tally.of(i)).any(|(cell, tally)| cell.label == label && tally.failures > 0)
        };
        let blocked = failed || definition.id.property == Property::Value && container_failed();
        (!blocked).then(|| "what came back of the calls that show it could not be judged".to_owned())
    }

    /// Whether a check for which no case was drawn should have some. What the text leaves open is judged for no call; an aspect or a
    /// call that has to raise is there to be drawn.
    fn is_expected(&self, definition: &CheckDefinition) -> bool {
        let Some(slug) = &definition.id.slug else {
            let of_property = self.judge.checks().iter().enumerate().filter(|(_, check)| check.id.property == definition.id.property);
            let elsewhere = of_property.flat_map(|(i, _)| self.tally.of(i)).any(|(_, tally)| tally.is_due());
            return matches!(definition.id.property, Property::Call | Property::Copy) && !elsewhere;
        };
        let function = self.stream.function;
        let raises = function.raises.iter().any(|raise| *slug == raise.slug);
        raises || function.aspects.iter().any(|aspect| aspect.slug == *slug) || definition.id.property == Property::Call
    }
}

impl<'a> Subject for Calls<'a> {
    type Cases = (CallCase<'a>, Option<CallChain>);

    fn blocks(&self) -> u64 {
        self.alone() + CallStream::share(self.options.cases)
    }

    fn block(&self, n: u64) -> Option<(Self::Cases, Block)> {
        if let Some(index) = self.chained(n) {
            let (case, chain) = self.stream.chained(self.chains, self.options.seed, index)?;
            let program = chain.before(&case.call.program(self.stream.function));
            return Some(((case, Some(chain)), program.into()));
        }
        if let Some(index) = self.copy(n) {
            let (case, program) = self.stream.copying(self.options.seed, index)?;
            return Some(((case, None), program.into()));
        }
        let case = match self.raise(n) {
            Some((raise, index)) => self.stream.invalid(self.options.seed, raise, index, Some(RAISE_SIZE)),
            None => self.stream.case(self.options.seed, n),
        }?;
        let program = case.call.program(self.stream.function);
        Some(((case, None), program.into()))
    }

    fn judge(&mut self, n: u64, (case, chain): &Self::Cases, block: &Block, seen: Seen, flaky: &[usize]) {
        let program = &block.program;
        let Some(observed) = seen.each(1).pop() else { return };
        if let (Some(index), Some(chain)) = (self.chained(n), chain) {
            let Some((program, observed)) = stripped(chain, program, &observed) else { return };
            let ran = Ran { index: n, combination: self.stream.combination_of(index), case, program: &program, observed: &observed };
            return self.judge.judge(&ran, &mut self.tally);
        }
        if let Some(index) = self.copy(n) {
            let ran = Ran { index, combination: self.stream.combination_of(index), case, program, observed: &observed };
            return self.judge.judge_copy(&ran, &mut self.tally);
        }
        if let Some((raise, index)) = self.raise(n) {
            let ran = Ran { index, combination: self.stream.combination_of(index), case, program, observed: &observed };
            return self.judge.judge_raise(&ran, raise, &mut self.tally);
        }
        let combination = self.stream.combination_of(n);
        self.judge.judge(&Ran { index: n, combination, case, program, observed: &observed }, &mut self.tally);
        if let (false, Some(check)) = (flaky.is_empty(), self.judge.call_check(case)) {
            let cell = self.judge.cell(combination, case, &mut self.tally);
            self.tally.at(check, cell).flaky += 1;
        }
    }

    fn deviates(&mut self) -> bool {
        // What an earlier revision asked for may contradict the present one.
        let counts = |check: &CheckDefinition| check.doubt.is_none() && check.until.is_none() && self.options.selects(&check.id);
        let sound = |i: &usize| counts(&self.judge.checks()[*i]);
        (0..self.judge.checks().len()).filter(sound).any(|i| self.tally.of(i).any(|(_, tally)| tally.failures > 0))
    }

    fn record(&mut self, supervisor: &mut Supervisor, definition: &CheckDefinition) -> Result<Option<Check>, StartError> {
        let Some(checked) = self.judge.checks().iter().position(|c| c.id == definition.id) else { return Ok(None) };
        let cells: Vec<_> =
            self.tally.of(checked).filter(|(_, tally)| tally.is_due()).map(|(cell, tally)| (cell.clone(), tally.clone())).collect();
        let mut out = Vec::with_capacity(cells.len());
        for (of, tally) in cells {
            let since = (of.since > definition.since).then_some(of.since);
            let mut cell = unusable(tally.cell(&of.label, since, None), self.stream.profile());
            let known = &self.options.known;
            let is_known = |kind: &str| cell.cause.is_some_and(|cause| known.excuses(&definition.id, cause, &cell.dtype, Some(kind)));
            let shown = cell.cause.is_some() && !self.options.first_deviation_only;
            if let Some(failure) = tally.telling(is_known).filter(|_| shown) {
                let known = known.covers(&definition.id, &cell);
                cell.counterexample = self.counterexample(supervisor, (checked, &of), &failure, known)?;
            }
            if cell.verdict == Verdict::Blocked
                && let Some(why) = self.why_untested(definition, &of.label, &tally)
            {
                cell = untested(cell, why);
            }
            out.push(cell);
        }
        if out.is_empty() {
            // With selected dtypes a condition need not be met.
            if !self.options.dtypes.is_empty() || !self.is_expected(definition) {
                return Ok(None);
            }
            // The library may refuse all calls of the function, and does.
            let calls = self.judge.checks().iter().enumerate().filter(|(_, c)| c.id.property == Property::Call);
            let calls: Vec<&Tally> = calls.flat_map(|(i, _)| self.tally.of(i)).map(|(_, tally)| tally).collect();
            let refused =
                calls.iter().all(|tally| tally.cases == 0).then(|| calls.iter().find_map(|tally| tally.excuse.as_deref())).flatten();
            if let Some(why) = refused {
                return Ok(Some(excused(self.stream.function, definition, why)));
            }
            let cell = Tally::default().cell("", None, None);
            let why = format!("none of the calls drawn for {} cases meets its condition", self.options.cases);
            out.push(if self.calls_return() { untested(cell, why) } else { cell });
        }
        let verdict = Cell::overall(out.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
        let blocked = out.iter().any(|cell| cell.verdict == Verdict::Blocked);
        let call = self.stream.function.check_id(Property::Call, None);
        let blocked_by = blocked.then_some(call).filter(|by| *by != definition.id);
        let exercised = exercised(self.stream.function, definition, |clause| self.tally.exercised(clause));
        Ok(Some(Check { blocked_by, exercised, ..check(self.stream.function, definition, out, verdict) }))
    }
}
