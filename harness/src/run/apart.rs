//! A function under test, in calls that have a check of their own: with operands that a library may refuse, where the text leaves the result
//! open, and on many elements. Their counterexamples are shown as they were drawn.

use std::cell::RefCell;

use array_assay_format::Revision;
use array_assay_interface::{Block, Program, Role, Value};
use array_assay_spec::checks::{ACCEPTED, CheckDefinition, LARGE, OPEN};
use array_assay_spec::{Function, LargeCall, Spec, large_calls};

use super::subject::{Cases, Drawn, Gathered, Shared, Subject, Unjudged, block_of};
use crate::generate::{AcceptedStream, BackendProfile, Call, CallCell, Case, CaseId, OpenStream, Sort};
use crate::judge::{AcceptedJudge, Checks, Demand, Failure, Ledger, judge_large, survives};
use crate::observed::Observed;
use crate::snippet;

/// A function under test, in calls that have a check of their own.
pub(super) struct Apart<'a> {
    shared: Shared<'a>,
    function: &'a Function,
    checks: Checks,
    cells: Vec<CallCell>,
    calls: Kind<'a>,
}

/// The calls.
enum Kind<'a> {
    /// With operands that a library may refuse.
    Accepted(AcceptedStream<'a>, AcceptedJudge<'a>),
    /// Where the text leaves the result open. The only deviation is a process that ends or blocks.
    Open(OpenStream<'a>),
    /// On many elements. Each call has a dtype of its own, and so a cell.
    Large(Vec<LargeOne>),
}

/// A call on many elements.
struct LargeOne {
    /// The program in one line.
    text: String,
    program: Program,
    gives: Vec<f64>,
    within: f64,
    /// What a script can ask of the result, once the call was judged. Its result is too large to be made a second time.
    demand: RefCell<Demand>,
}

impl<'a> Apart<'a> {
    fn new(shared: Shared<'a>, function: &'a Function, cells: impl Iterator<Item = (String, Revision)>, calls: Kind<'a>) -> Apart<'a> {
        let cell = |(combination, (label, since))| CallCell { label, since, combination };
        Apart { shared, function, checks: Checks::new(function), cells: cells.enumerate().map(cell).collect(), calls }
    }

    /// The calls with operands that a library may refuse.
    pub fn accepted(stream: AcceptedStream<'a>, shared: Shared<'a>) -> Apart<'a> {
        let AcceptedStream { function, accepted, profile, .. } = stream;
        let judge = AcceptedJudge { function, accepted, defaults: profile.defaults, capabilities: shared.capabilities };
        let cells: Vec<_> = stream.combinations.iter().map(|of| (of.label.clone(), of.since)).collect();
        Apart::new(shared, function, cells.into_iter(), Kind::Accepted(stream, judge))
    }

    /// The calls where the text leaves the result open.
    pub fn open(stream: OpenStream<'a>, shared: Shared<'a>) -> Apart<'a> {
        Apart::new(shared, stream.function, stream.cells.clone().into_iter(), Kind::Open(stream))
    }

    /// The calls on `n` elements. `None` if the backend has none of their dtypes.
    pub fn large(spec: &Spec, function: &'a Function, profile: &BackendProfile, n: u64, shared: Shared<'a>) -> Option<Apart<'a>> {
        let is_of = |call: &&LargeCall| call.function.split_once('/') == Some((&function.category, &function.name));
        let (mut cells, mut calls) = (Vec::new(), Vec::new());
        for call in large_calls().unwrap_or_default().iter().filter(is_of) {
            for dtype in call.dtypes.iter().copied().filter(|dtype| profile.dtypes.contains(dtype)) {
                let Ok(mut program) = call.program(dtype, n) else { continue };
                // What goes wrong before the call, or when the result is looked at, is not the function's fault.
                let subject = function.path();
                for step in program.steps.iter_mut().filter(|step| step.function != subject) {
                    step.role = Role::Prepare;
                }
                let text = call.text(dtype, n).trim().replace('\n', "; ");
                cells.push((dtype.name().to_owned(), spec.dtypes.since(dtype)));
                let demand = RefCell::new(Demand::Result);
                calls.push(LargeOne { text, program, gives: call.gives(n), within: call.within, demand });
            }
        }
        (!calls.is_empty()).then(|| Apart::new(shared, function, cells.into_iter(), Kind::Large(calls)))
    }

    /// Which sort of calls judges a check, if not the ordinary calls of the function do.
    pub fn judge_of(definition: &CheckDefinition) -> Option<Sort> {
        match definition.id.slug.as_deref()? {
            ACCEPTED => Some(Sort::Accepted),
            OPEN => Some(Sort::Open),
            LARGE => Some(Sort::Large),
            _ => None,
        }
    }

    /// The cell that a case counts for.
    fn cell(&self, id: CaseId) -> usize {
        match &self.calls {
            Kind::Accepted(stream, _) => stream.combination_of(id.number),
            Kind::Open(stream) => stream.calls[id.number as usize].0,
            Kind::Large(_) => id.number as usize,
        }
    }

    /// What the calls are drawn for, and the index of their check.
    fn sort(&self) -> (Sort, Option<usize>) {
        let (sort, slug) = match self.calls {
            Kind::Accepted(..) => (Sort::Accepted, ACCEPTED),
            Kind::Open(_) => (Sort::Open, OPEN),
            Kind::Large(_) => (Sort::Large, LARGE),
        };
        (sort, self.checks.with_slug(slug))
    }
}

impl<'a> Subject<'a> for Apart<'a> {
    fn shared(&self) -> Shared<'a> {
        self.shared
    }

    fn function(&self) -> &'a Function {
        self.function
    }

    fn checks(&self) -> &Checks {
        &self.checks
    }

    fn ledger(&self) -> Ledger {
        Ledger::of_cells(self.cells.iter().cloned())
    }

    fn blocks(&self) -> u64 {
        match &self.calls {
            Kind::Accepted(stream, _) => stream.cases(self.shared.options.cases),
            Kind::Open(stream) => stream.calls.len() as u64,
            Kind::Large(calls) => calls.len() as u64,
        }
    }

    fn block(&self, n: u64) -> Option<(Cases<'a>, Block)> {
        block_of(self, self.sort().0.nth(n))
    }

    fn draw(&self, id: CaseId) -> Option<Drawn<'a>> {
        let call = match &self.calls {
            Kind::Accepted(stream, _) => stream.call(self.shared.options.seed, id.number),
            Kind::Open(stream) => stream.calls.get(id.number as usize)?.1.clone(),
            Kind::Large(_) => Call::default(),
        };
        Some(Drawn { id, case: call.into(), chain: None })
    }

    fn program(&self, id: CaseId, case: &Case<'a>) -> Program {
        match &self.calls {
            Kind::Large(calls) => calls[self.cell(id)].program.clone(),
            _ => case.call.program(self.function),
        }
    }

    fn judge(&self, id: CaseId, case: &Case<'a>, program: &Program, observed: &Observed, ledger: &mut Ledger) {
        let Some(check) = self.sort().1 else { return };
        let tally = ledger.at(check, self.cell(id));
        match &self.calls {
            Kind::Accepted(_, judge) => judge.judge(id, &case.call.arrays(), program, observed, tally),
            Kind::Open(_) => survives(id, observed, tally),
            Kind::Large(calls) => {
                let of = &calls[self.cell(id)];
                of.demand.replace(judge_large(id, program, observed, &of.gives, of.within, tally));
            }
        }
    }

    fn place(&self, cases: &Cases<'a>, _: &mut Ledger) -> Option<(usize, usize)> {
        let Cases::One(drawn) = cases else { return None };
        Some((self.sort().1?, self.cell(drawn.id)))
    }

    /// Every cell is shown.
    fn gather(&self, check: usize, ledger: &Ledger) -> Vec<Gathered> {
        let tally = |i| ledger.get(check, i).cloned().unwrap_or_default();
        self.cells.iter().enumerate().map(|(i, cell)| Gathered { cell: cell.clone(), tally: tally(i) }).collect()
    }

    fn unjudged(&self, _: usize, Gathered { tally, .. }: &Gathered, _: &Ledger) -> Unjudged {
        if tally.skipped > 0 || !matches!(self.calls, Kind::Accepted(..)) {
            return Unjudged::Blocked(None);
        }
        Unjudged::Untested(match &tally.unprepared {
            Some(why) => format!("the calls that show it could not be prepared: {why}"),
            None if tally.due => "what came back is no array of a dtype of the standard".to_owned(),
            None => format!("none of the {} cases is of these dtypes", self.shared.options.cases),
        })
    }

    fn repeats(&self) -> bool {
        matches!(self.calls, Kind::Accepted(..))
    }

    fn demand(&self, _: usize, drawn: &Drawn<'a>, program: &Program, values: &[Value], failure: &Failure) -> Option<Demand> {
        match &self.calls {
            Kind::Accepted(_, judge) => judge.demand(&drawn.case.call.arrays(), program, values, failure.cause),
            Kind::Open(_) => None,
            Kind::Large(calls) => Some(calls[self.cell(drawn.id)].demand.borrow().clone()),
        }
    }

    fn text(&self, drawn: &Drawn<'a>) -> String {
        match &self.calls {
            Kind::Large(calls) => calls[self.cell(drawn.id)].text.clone(),
            _ => snippet::call(self.function, &drawn.case.call),
        }
    }
}
