//! An element-wise function under test. It has its own stream of cases, and one for each of its special cases.

use array_assay_format::{Covered, Property};
use array_assay_interface::{Block, DType, Program, Value};
use array_assay_oracle::Kernel;
use array_assay_spec::checks::{ACCURACY, CASES, COMPLEX_ACCURACY, CheckDefinition};
use array_assay_spec::{Function, Spec};

use super::records::NO_DTYPE;
use super::subject::{Cases, Drawn, Effort, Gathered, Shared, Subject, Unjudged, WithoutCells, block_of};
use super::supervisor::Seen;
use crate::generate::{
    Budget, CallCell, CallForm, Case, CaseBlock, CaseId, CaseTree, Combination, Schedule, Simplify, Sort, Stream, operand_combinations,
    streams,
};
use crate::judge::{Checks, Demand, Failure, FunctionJudge, Ledger, Place, Tally};
use crate::observed::Observed;

/// One in this many cases of a function ends a call chain.
const CHAINED_SHARE: u64 = 40;

/// At least so many cases end a call chain, if so many are drawn.
const CHAINED_LEAST: u64 = 10;

/// The greatest number of steps in which a case is simplified to the end.
const FULL: usize = 400;

/// The greatest number of steps down to the one wrong element.
const BRIEF: usize = 12;

/// Why a special case is not judged if its values do not come back unchanged.
const LOST: &str = "the values that it is about do not go in and out unchanged";

/// An element-wise function under test.
pub(super) struct Elementwise<'a> {
    function: &'a Function,
    shared: Shared<'a>,
    judge: FunctionJudge<'a>,
    streams: Vec<Stream<'a>>,
    /// The combinations of dtypes of the function. Each has a cell.
    combinations: Vec<Combination>,
    /// The blocks of each stream, and the cases that end a call chain.
    schedule: Schedule,
}

impl<'a> Elementwise<'a> {
    /// The function, with those of its streams that the selected checks need.
    pub fn new(
        spec: &'a Spec,
        function: &'a Function,
        kernel: &'a Kernel,
        shared: Shared<'a>,
        definitions: &[CheckDefinition],
    ) -> Elementwise<'a> {
        let Shared { options, capabilities, profile, .. } = shared;
        let wanted = |sort: Sort| match sort {
            Sort::Special(rule) => {
                let slug = Some(function.rules[rule].slug.as_str());
                definitions.iter().any(|d| d.id.property == Property::Special && d.id.slug.as_deref() == slug)
            }
            _ => definitions.iter().any(|d| d.id.property != Property::Special),
        };
        let cases = u64::from(options.cases);
        let streams = streams(spec, function, profile, Budget { seed: options.seed, cases }, &wanted);
        let chained = (Sort::Chained, (cases / CHAINED_SHARE).max(CHAINED_LEAST.min(cases)));
        let schedule = Schedule::new(streams.iter().map(|stream| (stream.sort, stream.blocks())).chain([chained]));
        let judge = FunctionJudge::new(spec, function, kernel, capabilities, &profile.losses);
        Elementwise { function, shared, judge, streams, combinations: operand_combinations(spec, function, profile), schedule }
    }

    /// The stream that a case is drawn from.
    fn stream(&self, sort: Sort) -> Option<&Stream<'a>> {
        let own = if matches!(sort, Sort::Special(_)) { sort } else { Sort::Plain };
        self.streams.iter().find(|stream| stream.sort == own)
    }

    /// The stream of the cases of a check.
    fn stream_of(&self, check: usize) -> Option<&Stream<'a>> {
        self.stream(self.judge.rule_of(check).map_or(Sort::Plain, Sort::Special))
    }

    /// The form of the calls that a check is about.
    fn form(&self, check: usize) -> CallForm {
        CallForm::of_slug(self.checks()[check].id.slug.as_deref())
    }

    /// Whether a check is about operands of a promoted dtype.
    fn is_about(&self, check: usize, common: DType) -> bool {
        let approximates = || self.judge.values(common).is_approximate();
        let id = &self.checks()[check].id;
        match (id.property, id.slug.as_deref()) {
            // A Python complex makes approximations of calls on real numbers.
            (Property::Value, Some(CASES)) => true,
            (Property::Value, Some(ACCURACY | COMPLEX_ACCURACY)) => approximates() && self.judge.accuracy_check(common) == Some(check),
            (Property::Value, _) => self.judge.value_check(self.form(check), common) == Some(check),
            _ => true,
        }
    }

    /// The label of a cell.
    fn label(&self, cell: usize) -> &str {
        &self.combinations[cell].label
    }

    /// Whether ordinary calls of the function fail on any dtypes. Then a call without a result says nothing about a special case.
    fn calls_fail(&self, ledger: &Ledger) -> bool {
        ledger.of_all(self.checks().of(Property::Call)).any(|(_, tally)| tally.failures > 0)
    }

    /// The property of ordinary calls that failed, so that nothing is left to judge in a cell. `None` if none failed.
    fn blocking(&self, check: usize, label: &str, ledger: &Ledger) -> Option<Property> {
        let slug = self.form(check).slug();
        let fails = |property: &Property| {
            let of_property = ledger.of_all(self.checks().find(*property, slug).into_iter());
            of_property.filter(|(cell, _)| cell.label == label).any(|(_, tally)| tally.failures + tally.skipped > 0)
        };
        let blocking = [Property::Call, Property::Type, Property::Dtype, Property::Shape].into_iter().find(fails);
        // The calls of a special case are counted for it, not for the function's own stream.
        let skipped = ledger.of(check).any(|(_, tally)| tally.skipped > 0);
        blocking.or(skipped.then_some(Property::Call))
    }
}

impl<'a> Subject<'a> for Elementwise<'a> {
    fn shared(&self) -> Shared<'a> {
        self.shared
    }

    fn function(&self) -> &'a Function {
        self.function
    }

    fn checks(&self) -> &Checks {
        self.judge.checks()
    }

    fn ledger(&self) -> Ledger {
        Ledger::of_combinations(&self.combinations)
    }

    fn blocks(&self) -> u64 {
        self.schedule.blocks()
    }

    fn block(&self, n: u64) -> Option<(Cases<'a>, Block)> {
        let (sort, number) = self.schedule.at(n)?;
        if sort == Sort::Chained {
            return block_of(self, sort.nth(number));
        }
        let (first, cases) = self.stream(sort)?.block(number)?;
        let block = cases.program(self.function);
        Some((Cases::Block(first, cases), block))
    }

    fn draw(&self, id: CaseId) -> Option<Drawn<'a>> {
        let stream = self.stream(id.sort)?;
        let (call, chain) = match id.sort {
            Sort::Chained => stream.chained(self.shared.chains, id.number).map(|(call, chain)| (call, Some(chain)))?,
            _ => (stream.case(id), None),
        };
        Some(Drawn { id, case: call.into(), chain })
    }

    fn program(&self, _: CaseId, case: &Case<'a>) -> Program {
        case.call.program(self.function)
    }

    fn judge(&self, id: CaseId, case: &Case<'a>, program: &Program, observed: &Observed, ledger: &mut Ledger) {
        let Some(stream) = self.stream(id.sort) else { return };
        self.judge.judge(&Place { id, cell: stream.cell_of(id), targets: &[] }, &case.call, program, observed, ledger);
    }

    fn judge_block(&self, first: CaseId, cases: &CaseBlock<'a>, block: &Block, seen: Seen, ledger: &mut Ledger) {
        let Some(stream) = self.stream(first.sort) else { return };
        let at = Place { id: first, cell: stream.cell_of(first), targets: &cases.targets };
        match seen {
            Seen::Together(values) if self.judge.judge_together(&at, cases, &block.program, &values, ledger) => {}
            seen => {
                for (run, observed) in seen.each(block.runs).iter().enumerate() {
                    let at = Place { id: first.after(run as u64), targets: cases.targets_in(run), ..at };
                    self.judge.judge(&at, &cases.case(run), &block.program(run), observed, ledger);
                }
            }
        }
    }

    fn place(&self, cases: &Cases<'a>, _: &mut Ledger) -> Option<(usize, usize)> {
        let Cases::Block(first, cases) = cases else { return None };
        Some((self.judge.call_check(*first, &cases.stacked)?, self.stream(first.sort)?.cell_of(*first)))
    }

    /// Combinations of the same dtypes in another order share a cell.
    fn gather(&self, check: usize, ledger: &Ledger) -> Vec<Gathered> {
        let Some(stream) = self.stream_of(check) else { return Vec::new() };
        let id = &self.checks()[check].id;
        let mut out: Vec<Gathered> = Vec::new();
        let mut add = |cell: usize, tally: Tally| match out.iter_mut().find(|of| of.cell.label == self.label(cell)) {
            None => out.push(Gathered { cell: self.combinations[cell].cell(cell), tally }),
            Some(of) => of.tally.merge(tally),
        };
        for cell in stream.cells().iter().copied().filter(|cell| self.is_about(check, self.combinations[*cell].common)) {
            let tally = ledger.get(check, cell).cloned().unwrap_or_default();
            let due = match (id.property, id.slug.as_deref()) {
                (Property::Special | Property::Pure, _) | (Property::Value, Some(ACCURACY | COMPLEX_ACCURACY)) => true,
                (Property::Value, Some(CASES)) => tally.cases > 0,
                // Cases are counted for each form that was called.
                _ => tally.cases > 0 || stream.allows(cell, self.form(check)),
            };
            if due {
                add(cell, tally);
            }
        }
        if stream.sort != Sort::Plain {
            // If the special case's own stream failed too, its counterexample is the plainer one.
            let fails = |cell: &usize| ledger.get(check, *cell).is_some_and(|tally| tally.first.is_some());
            let failed: Vec<&str> = stream.cells().iter().filter(|cell| fails(cell)).map(|cell| self.label(*cell)).collect();
            let broken = ledger.broken_of(check).filter(|(cell, _)| !failed.contains(&self.label(*cell)));
            broken.for_each(|(cell, tally)| add(cell, tally.clone()));
        }
        if !self.calls_fail(ledger) {
            out.iter_mut().for_each(|of| of.tally.count_without_result());
        }
        out
    }

    fn limit(&self, check: usize, cell: &CallCell) -> Option<f64> {
        let graded = matches!(self.checks()[check].id.slug.as_deref(), Some(ACCURACY | COMPLEX_ACCURACY));
        self.judge.values(self.combinations[cell.combination].common).limit().filter(|_| graded)
    }

    fn unjudged(&self, check: usize, of: &Gathered, ledger: &Ledger) -> Unjudged {
        if let Some(property) = self.blocking(check, &of.cell.label, ledger) {
            return Unjudged::Blocked(Some(self.function.check_id(property, self.form(check).slug())));
        }
        let (is_special, cell) = (self.judge.rule_of(check).is_some(), of.cell.combination);
        if is_special && self.shared.profile.losses.values.contains_key(&self.combinations[cell].common) {
            return Unjudged::Untested(LOST.to_owned());
        }
        let calls = self.checks().find(Property::Call, self.form(check).slug()).and_then(|check| ledger.get(check, cell));
        let drawn = match is_special {
            true => self.stream_of(check).is_some_and(|stream| stream.reaches(cell)),
            false => calls.is_some_and(|calls| calls.cases > 0),
        };
        Unjudged::Untested(match calls.and_then(|calls| calls.unprepared.as_ref()) {
            Some(why) => format!("its calls could not be prepared: {why}"),
            None if drawn => "the text leaves the result of every case open that was drawn".to_owned(),
            None => {
                let Function { category, name, .. } = self.function;
                format!("none of the {} cases of {category}/{name} is of these dtypes", self.shared.options.cases)
            }
        })
    }

    fn without_cells(&self, check: usize, _: &Ledger) -> WithoutCells {
        if !self.shared.options.dtypes.is_empty() {
            return WithoutCells::NoRecord;
        }
        let is_complex = self.form(check) == CallForm::ComplexScalar;
        let approximates = self.checks()[check].id.slug.as_deref() == Some(CASES);
        let fits = |stream: &&Stream<'_>| {
            let about = stream.combinations.iter().filter(|c| self.is_about(check, c.common));
            let mut about = about.filter(|c| !approximates || self.judge.values(c.common).is_approximate());
            about.any(|c| !is_complex || stream.takes_complex(c))
        };
        match self.stream_of(check).filter(fits) {
            Some(_) => WithoutCells::Untested,
            None => WithoutCells::Excused(NO_DTYPE.to_owned()),
        }
    }

    fn covered(&self) -> Option<Covered> {
        self.stream(Sort::Plain).map(Stream::covered)
    }

    fn simplify<'s>(&'s self, drawn: &Drawn<'a>, _: &CallCell, failure: &Failure, effort: Effort) -> Option<Box<dyn Simplify<'a> + 's>> {
        let steps = if effort == Effort::Full { FULL } else { BRIEF };
        Some(Box::new(CaseTree::new(self.stream(drawn.id.sort)?, drawn.case.call.clone(), failure.element, steps)))
    }

    fn demand(
        &self,
        check: usize,
        Drawn { case, .. }: &Drawn<'a>,
        program: &Program,
        values: &[Value],
        failure: &Failure,
    ) -> Option<Demand> {
        self.judge.demand(check, &case.call, program, values, failure)
    }
}
