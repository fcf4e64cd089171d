//! Subjects: what a function under test is to the run. Any subject sends its cases through a supervisor and judges the outcomes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use array_assay_format::{CheckId, Covered, Timing};
use array_assay_interface::{Block, Program, Value};
use array_assay_spec::Function;
use array_assay_spec::checks::CheckDefinition;

use super::chain::stripped;
use super::options::Options;
use super::supervisor::{Seen, Supervisor};
use super::worker::StartError;
use crate::generate::{BackendProfile, CallCell, CallChain, CallChains, Case, CaseBlock, CaseId, Losses, Simplify};
use crate::judge::{Checks, Demand, Failure, Ledger, Tally};
use crate::observed::Observed;
use crate::snippet::{self, Language};

/// What the subjects of a run share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub options: &'a Options,
    pub language: &'a Language,
    /// The capabilities that the worker declared.
    pub capabilities: &'a BTreeMap<String, bool>,
    pub profile: &'a BackendProfile,
    pub chains: &'a CallChains<'a>,
}

/// A case, and the call chain that it ends, if it ends one.
#[derive(Clone)]
#[allow(missing_docs)]
pub(super) struct Drawn<'a> {
    pub id: CaseId,
    pub case: Case<'a>,
    pub chain: Option<CallChain>,
}

/// Cases that go to the worker as one block.
pub(super) enum Cases<'a> {
    /// A case.
    One(Box<Drawn<'a>>),
    /// Cases of an element-wise function that differ only in their elements, from this one on.
    Block(CaseId, CaseBlock<'a>),
}

/// The counts of a cell of a check.
#[allow(missing_docs)]
pub(super) struct Gathered {
    pub cell: CallCell,
    pub tally: Tally,
}

/// Why nothing was judged in a cell.
pub(super) enum Unjudged {
    /// Another check failed: which one, if it can be told.
    Blocked(Option<CheckId>),
    /// Nothing that can be judged was drawn or came back. Says what.
    Untested(String),
}

/// What becomes of a check that has no cell.
pub(super) enum WithoutCells {
    /// It has no record.
    NoRecord,
    /// The library lacks what it needs, or may refuse it.
    Excused(String),
    /// Its record has no cell.
    Untested,
    /// Its record has a cell without a dtype.
    OneCell(Unjudged),
}

/// How far a counterexample is simplified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Not at all: for a deviation that does not repeat.
    None,
    /// A little: for all but the first counterexample of a cause.
    Brief,
    /// Until nothing simpler fails.
    Full,
}

/// A function under test: where its cases come from, and what judges them. All else is the same for every function.
pub(super) trait Subject<'a> {
    /// What it shares with others.
    fn shared(&self) -> Shared<'a>;

    /// The function.
    fn function(&self) -> &'a Function;

    /// The checks of the function.
    fn checks(&self) -> &Checks;

    /// A ledger in which nothing is counted yet.
    fn ledger(&self) -> Ledger {
        Ledger::default()
    }

    /// The number of blocks.
    fn blocks(&self) -> u64;

    /// The `n`-th block: its cases, and the programs that make the calls. `None` if there is nothing to run.
    fn block(&self, n: u64) -> Option<(Cases<'a>, Block)>;

    /// A case. `None` if none is drawn.
    fn draw(&self, id: CaseId) -> Option<Drawn<'a>>;

    /// The program that makes the call of a case, without a call chain.
    fn program(&self, id: CaseId, case: &Case<'a>) -> Program;

    /// Counts what was observed of a case.
    fn judge(&self, id: CaseId, case: &Case<'a>, program: &Program, observed: &Observed, ledger: &mut Ledger);

    /// Counts what was observed of a block of cases.
    fn judge_block(&self, _first: CaseId, _cases: &CaseBlock<'a>, _block: &Block, _seen: Seen, _ledger: &mut Ledger) {}

    /// The check and the cell that say whether the call of a case, or of the cases of a block, returns.
    fn place(&self, cases: &Cases<'a>, ledger: &mut Ledger) -> Option<(usize, usize)>;

    /// The tallies of a check, by cell.
    fn gather(&self, check: usize, ledger: &Ledger) -> Vec<Gathered> {
        let due = ledger.of(check).filter(|(_, tally)| tally.is_due());
        due.map(|(cell, tally)| Gathered { cell: cell.clone(), tally: tally.clone() }).collect()
    }

    /// The limit of the accuracy profile that a cell of a check is held against.
    fn limit(&self, _check: usize, _cell: &CallCell) -> Option<f64> {
        None
    }

    /// Why nothing was judged in a cell.
    fn unjudged(&self, _check: usize, _of: &Gathered, _ledger: &Ledger) -> Unjudged {
        Unjudged::Blocked(None)
    }

    /// What becomes of a check that has no cell.
    fn without_cells(&self, _check: usize, _ledger: &Ledger) -> WithoutCells {
        WithoutCells::Untested
    }

    /// How much of the design its cases met.
    fn covered(&self) -> Option<Covered> {
        None
    }

    /// Whether deviating cases are run again.
    fn repeats(&self) -> bool {
        true
    }

    /// The first of the checks that share counterexamples with this one: of each cause, one of them has a small one.
    fn kin(&self, check: usize) -> usize {
        check
    }

    /// Whether the case counts in a cell.
    fn counts_in(&self, _id: CaseId, _case: &Case<'a>, _cell: &CallCell) -> bool {
        true
    }

    /// The ways to simplify a case that fails. `None` if it is shown as it was drawn.
    fn simplify<'s>(
        &'s self,
        _drawn: &Drawn<'a>,
        _cell: &CallCell,
        _failure: &Failure,
        _effort: Effort,
    ) -> Option<Box<dyn Simplify<'a> + 's>> {
        None
    }

    /// What would hold of a program if its case did not deviate.
    fn demand(&self, check: usize, drawn: &Drawn<'a>, program: &Program, values: &[Value], failure: &Failure) -> Option<Demand>;

    /// The call of a case in one line.
    fn text(&self, drawn: &Drawn<'a>) -> String {
        snippet::call(self.function(), &drawn.case.call)
    }
}

/// Counts what was observed of a case. If it ends a call chain, only the call under test counts.
pub(super) fn judge<'a>(subject: &dyn Subject<'a>, drawn: &Drawn<'a>, program: &Program, observed: &Observed, ledger: &mut Ledger) {
    let Drawn { id, case, chain } = drawn;
    match chain {
        None => subject.judge(*id, case, program, observed, ledger),
        Some(chain) => {
            if let Some((program, observed)) = stripped(chain, program, observed) {
                subject.judge(*id, case, &program, &observed, ledger);
            }
        }
    }
}

/// The program of a case, with the call chain before it.
pub(super) fn program<'a>(subject: &dyn Subject<'a>, Drawn { id, case, chain }: &Drawn<'a>) -> Program {
    let own = subject.program(*id, case);
    match chain {
        Some(chain) => chain.before(&own),
        None => own,
    }
}

/// The block of one case.
pub(super) fn block_of<'a>(subject: &dyn Subject<'a>, id: CaseId) -> Option<(Cases<'a>, Block)> {
    let drawn = subject.draw(id)?;
    let program = program(subject, &drawn);
    Some((Cases::One(Box::new(drawn)), program.into()))
}

/// Whether something deviates so far, by a selected clause of the present revision without a doubt.
fn deviates<'a>(subject: &dyn Subject<'a>, ledger: &Ledger) -> bool {
    // The rule of an earlier revision may contradict that of the present one.
    let counts = |check: &CheckDefinition| check.doubt.is_none() && check.until.is_none() && subject.shared().options.selects(&check.id);
    let mut sound = subject.checks().iter().enumerate().filter(|(_, check)| counts(check));
    sound.any(|(i, _)| ledger.of(i).any(|(_, tally)| tally.failures > 0))
}

/// How a subject is run.
pub(super) struct Drive<'a> {
    /// The number of programs in a batch. A batch may be longer by up to one block.
    pub batch: usize,
    /// Set from outside to end the run early.
    pub stop: &'a AtomicBool,
    /// Whether to end at the first deviation.
    pub first_deviation_only: bool,
    /// The values and shapes that do not come back unchanged. Blocks with arrays of such shapes are not run.
    pub losses: &'a Losses,
}

impl Drive<'_> {
    /// Whether the inputs of a block have shapes that reach the library.
    fn carries(&self, block: &Block) -> bool {
        let stacked = usize::from(block.runs > 1);
        block.program.inputs.iter().all(|input| self.losses.carries(&input.shape[stacked..]))
    }

    /// Runs and judges all cases of a subject.
    pub fn run<'a>(
        &self,
        subject: &dyn Subject<'a>,
        ledger: &mut Ledger,
        supervisor: &mut Supervisor,
        timing: &mut Timing,
    ) -> Result<(), StartError> {
        supervisor.begin_function();
        let mut next = 0..subject.blocks();
        let mut in_flight: VecDeque<Vec<Cases<'a>>> = VecDeque::new();
        loop {
            while supervisor.has_room() && !self.stop.load(Ordering::Relaxed) {
                let clock = Instant::now();
                let (mut pending, mut blocks, mut programs) = (Vec::new(), Vec::new(), 0);
                for n in next.by_ref() {
                    if let Some((cases, block)) = subject.block(n).filter(|(_, block)| self.carries(block)) {
                        pending.push(cases);
                        programs += block.runs;
                        blocks.push(block);
                    }
                    if programs >= self.batch {
                        break;
                    }
                }
                timing.generate_s += clock.elapsed().as_secs_f64();
                if blocks.is_empty() {
                    break;
                }
                supervisor.submit(blocks)?;
                in_flight.push_back(pending);
            }
            let Some(pending) = in_flight.pop_front() else { return Ok(()) };
            let finished = supervisor.collect()?;
            let clock = Instant::now();
            let answers = finished.blocks.iter().zip(finished.seen);
            for (i, (cases, (block, seen))) in pending.iter().zip(answers).enumerate() {
                match cases {
                    Cases::Block(first, cases) => subject.judge_block(*first, cases, block, seen, ledger),
                    Cases::One(drawn) => {
                        let observed = seen.each(1).pop();
                        observed.into_iter().for_each(|observed| judge(subject, drawn, &block.program, &observed, ledger));
                    }
                }
                let flaky = finished.flaky.iter().filter(|(of, _)| *of == i).count() as u64;
                if let Some((check, cell)) = Some(cases).filter(|_| flaky > 0).and_then(|cases| subject.place(cases, ledger)) {
                    ledger.at(check, cell).flaky += flaky;
                }
            }
            timing.judge_s += clock.elapsed().as_secs_f64();
            if self.first_deviation_only && deviates(subject, ledger) {
                while supervisor.is_busy() {
                    supervisor.collect()?;
                }
                return Ok(());
            }
        }
    }
}
