//! A function under test that is not element-wise: its calls are drawn from the domains of their parameters and judged by its semantics.

use array_assay_format::{Covered, Property};
use array_assay_interface::{Block, Program, Value};
use array_assay_spec::Function;

use super::subject::{Cases, Drawn, Effort, Gathered, Shared, Subject, Unjudged, WithoutCells, block_of};
use crate::generate::{CallCell, CallStream, CallTree, Case, CaseId, RAISE_SIZE, Schedule, Simplify, Sort};
use crate::judge::{CallJudge, Checks, Demand, Failure, Ledger, Ran, Tally};
use crate::observed::Observed;

/// A function under test that is not element-wise.
pub(super) struct Calls<'a> {
    shared: Shared<'a>,
    stream: &'a CallStream<'a>,
    judge: CallJudge<'a>,
    schedule: Schedule,
}

impl<'a> Calls<'a> {
    /// The function of a stream.
    pub fn new(stream: &'a CallStream<'a>, shared: Shared<'a>) -> Calls<'a> {
        let judge = CallJudge::new(stream, shared.capabilities);
        Calls { shared, stream, judge, schedule: stream.schedule(shared.options.seed, shared.options.cases) }
    }

    /// The tallies of the checks that calls return.
    fn calls<'l>(&'l self, ledger: &'l Ledger) -> impl Iterator<Item = (&'l CallCell, &'l Tally)> {
        ledger.of_all(self.checks().of(Property::Call))
    }

    /// The combination of dtypes that a case is drawn from.
    fn combination(&self, id: CaseId) -> usize {
        match id.sort {
            Sort::Long => self.stream.long_combination(self.shared.options.seed, id.number),
            _ => self.stream.combination_of(id.number),
        }
    }

    /// Whether it is worth a remark that a check has no case. Where the text leaves the result of every call open, most checks have none; but
    /// calls that return, copies, cases of an aspect, and calls that have to raise can be drawn all the same.
    fn is_expected(&self, check: usize, ledger: &Ledger) -> bool {
        let id = &self.checks()[check].id;
        let Some(slug) = &id.slug else {
            let elsewhere = ledger.of_all(self.checks().of(id.property)).any(|(_, tally)| tally.is_due());
            return matches!(id.property, Property::Call | Property::Copy) && !elsewhere;
        };
        let function = self.stream.function;
        let raises = function.raises.iter().any(|raise| *slug == raise.slug);
        raises || function.aspects.iter().any(|aspect| aspect.slug == *slug) || id.property == Property::Call
    }

    /// That the plain calls of the function did not return.
    fn blocked(&self) -> Unjudged {
        Unjudged::Blocked(Some(self.stream.function.check_id(Property::Call, None)))
    }
}

impl<'a> Subject<'a> for Calls<'a> {
    fn shared(&self) -> Shared<'a> {
        self.shared
    }

    fn function(&self) -> &'a Function {
        self.stream.function
    }

    fn checks(&self) -> &Checks {
        self.judge.checks()
    }

    fn blocks(&self) -> u64 {
        self.schedule.blocks()
    }

    fn block(&self, n: u64) -> Option<(Cases<'a>, Block)> {
        let (sort, number) = self.schedule.at(n)?;
        block_of(self, sort.nth(number))
    }

    fn draw(&self, id: CaseId) -> Option<Drawn<'a>> {
        let (stream, seed, n) = (self.stream, self.shared.options.seed, id.number);
        let case = match id.sort {
            Sort::Chained => {
                let (case, chain) = stream.chained(self.shared.chains, seed, n)?;
                return Some(Drawn { id, case, chain: Some(chain) });
            }
            Sort::Raises(clause) => stream.invalid(seed, stream.function.raises.get(clause)?, n, Some(RAISE_SIZE)),
            Sort::Copy => stream.copying(seed, n),
            Sort::Long => stream.long(seed, n),
            _ => stream.case(seed, n),
        };
        Some(Drawn { id, case: case?, chain: None })
    }

    fn program(&self, id: CaseId, case: &Case<'a>) -> Program {
        let program = case.call.program(self.stream.function);
        if id.sort == Sort::Copy { case.call.overwriting(program) } else { program }
    }

    fn judge(&self, id: CaseId, case: &Case<'a>, program: &Program, observed: &Observed, ledger: &mut Ledger) {
        let ran = Ran { id, combination: self.combination(id), case, program, observed };
        match id.sort {
            Sort::Copy => self.judge.judge_copy(&ran, ledger),
            Sort::Raises(clause) => self.judge.judge_raise(&ran, &self.stream.function.raises[clause], ledger),
            _ => self.judge.judge(&ran, ledger),
        }
    }

    fn place(&self, cases: &Cases<'a>, ledger: &mut Ledger) -> Option<(usize, usize)> {
        let Cases::One(drawn) = cases else { return None };
        let Drawn { id, case, .. } = &**drawn;
        let check = self.judge.call_check(case).filter(|_| matches!(id.sort, Sort::Plain | Sort::Long))?;
        Some((check, self.judge.cell(self.combination(*id), case, ledger)))
    }

    fn unjudged(&self, check: usize, Gathered { cell, tally }: &Gathered, ledger: &Ledger) -> Unjudged {
        if let Some(why) = &tally.unprepared {
            return Unjudged::Untested(format!("the calls that show it could not be prepared: {why}"));
        }
        let failed = self.calls(ledger).filter(|(of, _)| of.label == cell.label).any(|(_, tally)| {
            // Something came of a call.
            tally.failures + tally.skipped + tally.excused > 0
        });
        let container_failed = || {
            let container = [Property::Type, Property::Dtype, Property::Shape].into_iter().flat_map(|property| self.checks().of(property));
            ledger.of_all(container).any(|(of, tally)| of.label == cell.label && tally.failures > 0)
        };
        match failed || self.checks()[check].id.property == Property::Value && container_failed() {
            true => self.blocked(),
            false => Unjudged::Untested("what came back of the calls that show it could not be judged".to_owned()),
        }
    }

    fn without_cells(&self, check: usize, ledger: &Ledger) -> WithoutCells {
        // If dtypes are selected, no case of them may meet the condition of the check.
        if !self.shared.options.dtypes.is_empty() || !self.is_expected(check, ledger) {
            return WithoutCells::NoRecord;
        }
        // The library may refuse all calls of the function, and does so.
        let called = self.calls(ledger).any(|(_, tally)| tally.cases > 0);
        if let Some(why) = self.calls(ledger).find_map(|(_, tally)| tally.excuse.as_ref()).filter(|_| !called) {
            return WithoutCells::Excused(why.clone());
        }
        let returned = self.calls(ledger).any(|(_, tally)| tally.cases > tally.failures);
        let why = || format!("none of the calls drawn for {} cases meets its condition", self.shared.options.cases);
        WithoutCells::OneCell(if returned { Unjudged::Untested(why()) } else { self.blocked() })
    }

    fn covered(&self) -> Option<Covered> {
        Some(self.stream.covered())
    }

    fn kin(&self, check: usize) -> usize {
        self.checks().of(self.checks()[check].id.property).next().unwrap_or(check)
    }

    fn counts_in(&self, id: CaseId, case: &Case<'a>, cell: &CallCell) -> bool {
        self.stream.cell(self.combination(id), case).label == cell.label
    }

    fn simplify<'s>(
        &'s self,
        Drawn { id, case, .. }: &Drawn<'a>,
        cell: &CallCell,
        _: &Failure,
        effort: Effort,
    ) -> Option<Box<dyn Simplify<'a> + 's>> {
        // A call that has to raise, or that shows whether it copies, is shown as it was drawn.
        if matches!(id.sort, Sort::Raises(_) | Sort::Copy) {
            return None;
        }
        let (seed, full) = (self.shared.options.seed, effort == Effort::Full);
        Some(Box::new(CallTree::new(self.stream, seed, cell.combination, case.clone(), full)))
    }

    fn demand(
        &self,
        check: usize,
        Drawn { case, .. }: &Drawn<'a>,
        program: &Program,
        values: &[Value],
        failure: &Failure,
    ) -> Option<Demand> {
        self.judge.demand(check, case, program, values, failure)
    }
}

#[cfg(test)]
mod tests {
    use array_assay_spec::Spec;

    use crate::generate::{BackendProfile, CallStream, Sort};

    #[test]
    fn each_case_has_its_place_among_those_of_its_sort() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let runs = |category: &str, name: &str| -> Vec<(Sort, usize)> {
            let function = spec.function(category, name).expect("it is in the spec");
            let schedule = CallStream::new(spec, function, &profile).expect("it has dtypes").schedule(0, 160);
            let drawn: Vec<Sort> = (0..schedule.blocks()).filter_map(|n| schedule.at(n)).map(|(sort, _)| sort).collect();
            drawn.chunk_by(|a, b| a == b).map(|of| (of[0], of.len())).collect()
        };
        // A share of one in twenty for each clause, and five long arrays for each hundred cases begun.
        assert_eq!(runs("sorting", "sort"), [(Sort::Plain, 160), (Sort::Raises(0), 8), (Sort::Long, 10), (Sort::Chained, 8)]);
        let raises = Spec::embedded().function("creation", "asarray").map_or(0, |f| f.raises.len());
        let asarray = runs("creation", "asarray");
        assert_eq!(asarray.first(), Some(&(Sort::Plain, 160)));
        assert_eq!(asarray.iter().filter(|(sort, n)| matches!(sort, Sort::Raises(_)) && *n == 8).count(), raises);
        assert!(asarray.contains(&(Sort::Copy, 8)));
        // What takes no arguments is asked once.
        assert_eq!(runs("constants", "pi")[0], (Sort::Plain, 1));
    }
}
