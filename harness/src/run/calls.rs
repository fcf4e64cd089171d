//! A function under test that is not element-wise: its calls are drawn from the domains of its parameters and judged by its semantics.

use std::collections::BTreeSet;

use array_assay_format::{Cause, Cell, Check, Counterexample, Property, Verdict};
use array_assay_interface::{Block, Program, Value};
use array_assay_spec::Raise;
use array_assay_spec::checks::CheckDefinition;

use super::chain::{reduced, stripped};
use super::options::Options;
use super::records::{check, excused, exercised, is_of_calls, untested, unusable};
use super::repeats::{Repeated, is_gated, mark_flaky, repeated};
use super::shrink::Shown;
use super::subject::{Shared, Subject};
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::{CallCase, CallCell, CallChain, CallChains, CallStream, Layout, RAISE_SIZE, simpler_arrays};
use crate::judge::{CallJudge, CallTally, Demand, Failure, Ran, Tally};
use crate::observed::Observed;
use crate::snippet::{self, Language};

/// The number of smaller cases of each size that are tried for a counterexample.
const TRIES_OF_A_SIZE: u64 = 24;

/// The greatest lengths of axes that are tried, in this order.
const SIZES: [usize; 4] = [1, 2, 3, 5];

/// The text for a result that depends on uninitialised memory. Its elements differ from run to run, which records must not.
const UNWRITTEN: &str = "what lay in memory before: another result each time";

/// The greatest number of steps that simplify the elements of the smallest case.
const STEPS: usize = 120;

/// A function under test that is not element-wise.
pub(super) struct Calls<'a> {
    options: &'a Options,
    language: &'a Language,
    stream: &'a CallStream<'a>,
    judge: CallJudge<'a>,
    tally: CallTally,
    chains: &'a CallChains<'a>,
    /// The properties and causes that have a small counterexample already.
    shrunk: BTreeSet<(Property, Cause)>,
}

/// A check, and the cell of it that a counterexample is looked for.
#[derive(Clone, Copy)]
struct Checked<'c> {
    check: usize,
    cell: &'c CallCell,
}

/// A case and how it fails.
struct Failing<'a> {
    case: CallCase<'a>,
    failure: Failure,
}

impl<'a> Calls<'a> {
    /// The function of a stream.
    pub fn new(stream: &'a CallStream<'a>, shared: Shared<'a>) -> Calls<'a> {
        let Shared { options, language, capabilities, chains, .. } = shared;
        let judge = CallJudge::new(stream, capabilities);
        let tally = judge.tally();
        Calls { options, language, stream, judge, tally, chains, shrunk: BTreeSet::new() }
    }

    /// If the `n`-th case has to raise: the clause that says so, and the index among the calls of that clause.
    fn raise(&self, n: u64) -> Option<(&'a Raise, u64)> {
        let share = CallStream::share(self.options.cases);
        let n = n.checked_sub(self.stream.cases(self.options.cases))?;
        let raises = &self.stream.function.raises;
        raises.get((n / share) as usize).map(|raise| (raise, n % share))
    }

    /// If the `n`-th case shows whether the function copies: the index among such calls.
    fn copy(&self, n: u64) -> Option<u64> {
        let before =
            self.stream.cases(self.options.cases) + CallStream::share(self.options.cases) * self.stream.function.raises.len() as u64;
        let share = CallStream::share(self.options.cases);
        n.checked_sub(before).filter(|index| self.stream.function.copies() && *index < share)
    }

    /// If the `n`-th case has long arrays: the index among such cases.
    fn long(&self, n: u64) -> Option<u64> {
        let long = self.stream.long_calls(self.options.cases);
        n.checked_sub(self.alone() - long).filter(|index| *index < long)
    }

    /// If the `n`-th case ends a call chain: the index among such cases.
    fn chained(&self, n: u64) -> Option<u64> {
        n.checked_sub(self.alone())
    }

    /// The number of cases that do not end a call chain.
    fn alone(&self) -> u64 {
        let function = self.stream.function;
        self.stream.cases(self.options.cases)
            + CallStream::share(self.options.cases) * (function.raises.len() as u64 + u64::from(function.copies()))
            + self.stream.long_calls(self.options.cases)
    }

    /// The counterexample of a failure: the smallest case found that fails the check in the same way.
    fn counterexample(
        &mut self,
        supervisor: &mut Supervisor,
        at: Checked<'_>,
        failure: &Failure,
        known: bool,
    ) -> Result<Option<Counterexample>, StartError> {
        let property = self.judge.checks()[at.check].id.property;
        let full = !known && self.shrunk.insert((property, failure.cause));
        match property {
            Property::Raises => return Ok(self.not_raised(at.check, failure)),
            Property::Copy => return self.not_copied(supervisor, at.check, failure),
            _ => {}
        }
        let chained = self.chained(failure.index).and_then(|index| self.stream.chained(self.chains, self.options.seed, index));
        let alone = || match self.long(failure.index) {
            Some(index) => self.stream.long(self.options.seed, index),
            None => self.stream.case(self.options.seed, failure.index),
        };
        let Some(case) = chained.as_ref().map(|(case, _)| case.clone()).or_else(alone) else { return Ok(None) };
        let mut failing = Failing { case, failure: failure.clone() };
        if let Some((case, chain)) = chained {
            match self.fails(supervisor, at, failure, &case)? {
                // The call also fails alone.
                Some(simpler) => failing.failure = simpler,
                None => return self.shortest_chain(supervisor, at, failing, chain).map(Some),
            }
        }
        let is_fault = matches!(failing.failure.verdict, Verdict::Crash | Verdict::Timeout);
        if !is_fault {
            self.simplify(supervisor, at, &mut failing, full)?;
        }
        let Failing { mut case, mut failure } = failing;
        // Values that are observed for other checks only hide the point.
        case.call.returns_inputs &= property == Property::Pure;
        case.call.returns_devices &= property == Property::Device;
        if failure.cause == Cause::WrongValue && self.depends_on_memory(supervisor, &case)? {
            failure.got = UNWRITTEN.to_owned();
        }
        let program = case.call.program(self.stream.function);
        let is_fault = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
        let observed = if is_fault || !self.language.asserts() { Observed::Skipped } else { supervisor.run_one(&program)? };
        let shown = Shown { program: &program, alone: &program, observed: &observed, failure, note: None };
        Ok(Some(self.shown(at.check, &case, shown)))
    }

    /// The index among all cases of the case that failed a check.
    fn place(&self, check: usize, failure: &Failure) -> u64 {
        let id = &self.judge.checks()[check].id;
        let (own, share) = (self.stream.cases(self.options.cases), CallStream::share(self.options.cases));
        let raises = &self.stream.function.raises;
        let slug = id.slug.as_deref().unwrap_or_default();
        match id.property {
            Property::Raises => {
                let raise = raises.iter().position(|raise| slug == raise.slug || slug == raise.class_slug());
                own + share * raise.unwrap_or_default() as u64 + failure.index
            }
            Property::Copy => own + share * raises.len() as u64 + failure.index,
            _ => failure.index,
        }
    }

    /// Runs a failing case again, as it was drawn. Whether it fails the check in the cell for the same cause.
    fn deviates_again(&mut self, supervisor: &mut Supervisor, at: Checked<'_>, failure: &Failure) -> Result<bool, StartError> {
        let n = self.place(at.check, failure);
        let Some((cases, block)) = self.block(n) else { return Ok(false) };
        let observed = supervisor.run_one(&block.program)?;
        let before = std::mem::replace(&mut self.tally, self.judge.tally());
        self.judge(n, &cases, &block, Seen::Each(vec![observed]), &[]);
        let again = std::mem::replace(&mut self.tally, before);
        Ok(again.of(at.check).any(|(_, tally)| tally.first.as_ref().is_some_and(|first| first.cause == failure.cause)))
    }

    /// Whether a case fails because its result is uninitialised memory.
    fn is_unwritten(&self, supervisor: &mut Supervisor, at: Checked<'_>, failure: &Failure) -> Result<bool, StartError> {
        let of_value = self.judge.checks()[at.check].id.property == Property::Value && failure.cause == Cause::WrongValue;
        match self.block(self.place(at.check, failure)).filter(|_| of_value) {
            Some(((case, None), _)) => self.depends_on_memory(supervisor, &case),
            _ => Ok(false),
        }
    }

    /// The counterexample of a failure that does not repeat: the case as it was drawn.
    fn as_drawn(&self, at: Checked<'_>, failure: &Failure) -> Option<Counterexample> {
        if self.judge.checks()[at.check].id.property == Property::Raises {
            return self.not_raised(at.check, failure);
        }
        let ((case, _), block) = self.block(self.place(at.check, failure))?;
        let program = &block.program;
        let shown = Shown { program, alone: program, observed: &Observed::Skipped, failure: failure.clone(), note: None };
        Some(self.shown(at.check, &case, shown))
    }

    /// Simplifies a failing case: smaller arrays, then contiguous ones, then simpler elements.
    fn simplify(&self, supervisor: &mut Supervisor, at: Checked<'_>, failing: &mut Failing<'a>, full: bool) -> Result<(), StartError> {
        let (sizes, tries) = if full { (SIZES.as_slice(), TRIES_OF_A_SIZE) } else { (&SIZES[1..3], 6) };
        let (inputs, devices) = (failing.case.call.returns_inputs, failing.case.call.returns_devices);
        let seed = self.options.seed;
        for (size, seed) in sizes.iter().flat_map(|size| (1..=tries).map(move |n| (*size, seed.wrapping_add(n)))) {
            let Some(mut case) = self.stream.smaller(seed, at.cell.combination, size) else { continue };
            (case.call.returns_inputs, case.call.returns_devices) = (inputs, devices);
            if self.takes(supervisor, at, failing, case)? {
                break;
            }
        }
        // All arrays contiguous at once, or else one after the other.
        let arrays = failing.case.call.layouts.len();
        for of in std::iter::once(0..arrays).chain((0..arrays).map(|array| array..array + 1)) {
            let mut plainer = failing.case.clone();
            plainer.call.layouts[of].fill(Layout::Contiguous);
            if plainer.call.layouts != failing.case.call.layouts {
                self.takes(supervisor, at, failing, plainer)?;
            }
        }
        if full { self.simplify_elements(supervisor, at, failing) } else { Ok(()) }
    }

    /// Replaces elements by simpler ones, one at a time.
    fn simplify_elements(&self, supervisor: &mut Supervisor, at: Checked<'_>, failing: &mut Failing<'a>) -> Result<(), StartError> {
        let mut steps = STEPS;
        'simplify: while steps > 0 {
            for call in simpler_arrays(&failing.case.call) {
                let Some(case) = self.stream.specified(call) else { continue };
                if steps == 0 {
                    break;
                }
                steps -= 1;
                if self.takes(supervisor, at, failing, case)? {
                    continue 'simplify;
                }
            }
            break;
        }
        Ok(())
    }

    /// Takes a case in place of a failing one, if it fails in the same way. Returns whether it does.
    fn takes(
        &self,
        supervisor: &mut Supervisor,
        at: Checked<'_>,
        failing: &mut Failing<'a>,
        case: CallCase<'a>,
    ) -> Result<bool, StartError> {
        let simpler = self.fails(supervisor, at, &failing.failure, &case)?;
        let fails = simpler.is_some();
        if let Some(failure) = simpler {
            *failing = Failing { case, failure };
        }
        Ok(fails)
    }

    /// Whether the result of a call depends on uninitialised memory: whether another process gives another result. Only results that cannot
    /// come from elements of the arguments, because there are none, are asked about.
    fn depends_on_memory(&self, supervisor: &mut Supervisor, case: &CallCase<'_>) -> Result<bool, StartError> {
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

    /// The counterexample of a call that fails only after other calls, with the shortest chain that still fails.
    fn shortest_chain(
        &self,
        supervisor: &mut Supervisor,
        at: Checked<'_>,
        Failing { case, failure }: Failing<'a>,
        chain: CallChain,
    ) -> Result<Counterexample, StartError> {
        let subject = case.call.program(self.stream.function);
        let (index, cause, kinds) = (failure.index, failure.cause, failure.kinds.clone());
        let combination = at.cell.combination;
        let fails = |program: &Program, observed: &Observed| {
            let mut tally = self.judge.tally();
            self.judge.judge(&Ran { index, combination, case: &case, program, observed }, &mut tally);
            let cell = self.judge.cell(combination, &case, &mut tally);
            tally.at(at.check, cell).first.take().filter(|f| f.cause == cause && f.is_alike(&kinds))
        };
        let (chain, failure) = reduced(supervisor, &subject, chain, failure, fails)?;
        let program = chain.before(&subject);
        let observed = if self.language.asserts() { supervisor.run_one(&program)? } else { Observed::Skipped };
        let (alone, observed) = stripped(&chain, &program, &observed).unwrap_or_else(|| (program.clone(), Observed::Skipped));
        let shown = Shown { program: &program, alone: &alone, observed: &observed, failure, note: Some(chain.note()) };
        let step = program.steps.len().checked_sub(1).map(|step| step as u32);
        Ok(Counterexample { step, ..self.shown(at.check, &case, shown) })
    }

    /// The counterexample of a call that had to raise, as it was drawn.
    fn not_raised(&self, check: usize, failure: &Failure) -> Option<Counterexample> {
        let slug = self.judge.checks()[check].id.slug.as_deref()?;
        let raise = self.stream.function.raises.iter().find(|raise| slug == raise.slug || slug == raise.class_slug())?;
        let case = self.stream.invalid(self.options.seed, raise, failure.index, Some(RAISE_SIZE))?;
        let program = case.call.program(self.stream.function);
        let shown = Shown { program: &program, alone: &program, observed: &Observed::Skipped, failure: failure.clone(), note: None };
        Some(self.shown(check, &case, shown))
    }

    /// The counterexample of a call that copied or did not copy, as it was drawn.
    fn not_copied(&self, supervisor: &mut Supervisor, check: usize, failure: &Failure) -> Result<Option<Counterexample>, StartError> {
        let Some((case, program)) = self.stream.copying(self.options.seed, failure.index) else { return Ok(None) };
        let observed = if self.language.asserts() { supervisor.run_one(&program)? } else { Observed::Skipped };
        let shown = Shown { program: &program, alone: &program, observed: &observed, failure: failure.clone(), note: None };
        Ok(Some(self.shown(check, &case, shown)))
    }

    /// The counterexample of a case.
    fn shown(&self, check: usize, case: &CallCase<'_>, shown: Shown<'_>) -> Counterexample {
        let Shown { program, alone, observed, failure, note } = shown;
        let call = &case.call;
        let step = program.steps.iter().position(|step| step.function == self.stream.function.path()).map(|i| i as u32);
        let demand = self.judge.demand(check, case, alone, observed.values(), &failure).unwrap_or(Demand::Result);
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

    /// Runs a case. How it fails the check in the cell for the same cause, if it does.
    fn fails(
        &self,
        supervisor: &mut Supervisor,
        at: Checked<'_>,
        failure: &Failure,
        case: &CallCase<'_>,
    ) -> Result<Option<Failure>, StartError> {
        let Checked { check, cell } = at;
        // A smaller case may not have the dtype that the cell is about.
        if self.stream.cell(cell.combination, case).label != cell.label {
            return Ok(None);
        }
        let program = case.call.program(self.stream.function);
        let observed = supervisor.run_one(&program)?;
        let mut tally = self.judge.tally();
        let ran = Ran { index: failure.index, combination: cell.combination, case, program: &program, observed: &observed };
        self.judge.judge(&ran, &mut tally);
        let cell = self.judge.cell(cell.combination, case, &mut tally);
        Ok(tally.at(check, cell).first.take().filter(|f| f.cause == failure.cause && f.is_alike(&failure.kinds)))
    }
}

impl Calls<'_> {
    /// Whether some call of the function returned.
    fn calls_return(&self) -> bool {
        let calls = self.judge.checks().iter().enumerate().filter(|(_, c)| c.id.property == Property::Call);
        calls.flat_map(|(i, _)| self.tally.of(i)).any(|(_, tally)| tally.cases > tally.failures)
    }

    /// Why no case was judged in a cell although some were drawn. `None` if the reason is a call that failed.
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

    /// Whether a check should have cases, although none was drawn for it. Nothing is judged if the text leaves the result of every call
    /// open. But cases of an aspect, and calls that have to raise, can be drawn.
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
        if let Some(index) = self.long(n) {
            let case = self.stream.long(self.options.seed, index)?;
            let program = case.call.program(self.stream.function);
            return Some(((case, None), program.into()));
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
        let combination = match self.long(n) {
            Some(index) => self.stream.long_combination(self.options.seed, index),
            None => self.stream.combination_of(n),
        };
        self.judge.judge(&Ran { index: n, combination, case, program, observed: &observed }, &mut self.tally);
        if let (false, Some(check)) = (flaky.is_empty(), self.judge.call_check(case)) {
            let cell = self.judge.cell(combination, case, &mut self.tally);
            self.tally.at(check, cell).flaky += 1;
        }
    }

    fn deviates(&mut self) -> bool {
        // The rule of an earlier revision may contradict that of the present one.
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
                let at = Checked { check: checked, cell: &of };
                let again = |supervisor: &mut Supervisor, failure: &Failure| self.deviates_again(supervisor, at, failure);
                cell.counterexample = match repeated(supervisor, &tally, failure, is_gated(definition) && !known, again)? {
                    Repeated::Steady(failure) => self.counterexample(supervisor, at, &failure, known)?,
                    // Uninitialised memory is another result each time, and always a deviation.
                    Repeated::Flaky(failure, _) if self.is_unwritten(supervisor, at, &failure)? => {
                        self.counterexample(supervisor, at, &failure, known)?
                    }
                    Repeated::Flaky(failure, note) => {
                        mark_flaky(&mut cell, note);
                        self.as_drawn(at, &failure)
                    }
                };
            }
            if cell.verdict == Verdict::Blocked
                && let Some(why) = self.why_untested(definition, &of.label, &tally)
            {
                cell = untested(cell, why);
            }
            out.push(cell);
        }
        if out.is_empty() {
            // If dtypes are selected, no case of them may meet the condition of the check.
            if !self.options.dtypes.is_empty() || !self.is_expected(definition) {
                return Ok(None);
            }
            // The library may refuse all calls of the function, and does so.
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
        let covered = is_of_calls(definition).then(|| self.stream.covered());
        Ok(Some(Check { blocked_by, exercised, covered, ..check(self.stream.function, definition, out, verdict) }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::BackendProfile;

    /// What each of the cases of a function is drawn for: on its own, for a clause by which it raises, to see whether it copies, with long
    /// arrays, after others.
    fn drawn_for(category: &str, name: &str, cases: u32) -> Vec<&'static str> {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let function = spec.function(category, name).expect("it is in the spec");
        let stream = CallStream::new(spec, function, &profile).expect("it has dtypes");
        let chains = CallChains::new(spec, &profile);
        let (capabilities, options) = (BTreeMap::new(), Options { cases, ..Options::default() });
        let shared =
            Shared { options: &options, language: &Language::Other, capabilities: &capabilities, profile: &profile, chains: &chains };
        let calls = Calls::new(&stream, shared);
        let of = |n| match (calls.chained(n), calls.long(n), calls.copy(n), calls.raise(n)) {
            (Some(_), ..) => "chained",
            (None, Some(_), ..) => "long",
            (None, None, Some(_), _) => "copy",
            (None, None, None, Some(_)) => "raise",
            (None, None, None, None) => "own",
        };
        (0..calls.blocks()).map(of).collect()
    }

    #[test]
    fn each_case_has_its_place_among_those_of_its_sort() {
        let runs = |category: &str, name: &str| -> Vec<(&str, usize)> {
            let drawn = drawn_for(category, name, 200);
            drawn.chunk_by(|a, b| a == b).map(|of| (of[0], of.len())).collect()
        };
        // A share of one in twenty for each clause.
        assert_eq!(runs("sorting", "sort"), [("own", 200), ("raise", 10), ("long", 5), ("chained", 10)]);
        let raises = Spec::embedded().function("creation", "asarray").map_or(0, |f| f.raises.len());
        let asarray = runs("creation", "asarray");
        assert_eq!(asarray.first(), Some(&("own", 200)));
        assert_eq!(asarray.iter().find(|(sort, _)| *sort == "raise").map_or(0, |(_, n)| *n), 10 * raises);
        assert_eq!(asarray.iter().find(|(sort, _)| *sort == "copy"), Some(&("copy", 10)));
        // What takes no arguments is asked once.
        assert_eq!(runs("constants", "pi")[0], ("own", 1));
    }
}
