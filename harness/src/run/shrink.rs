//! The smallest case that still fails in the same way, found against the live backend.

use array_assay_format::{Counterexample, Verdict};
use proptest::strategy::ValueTree;

use super::lane::Lane;
use super::worker::StartError;
use crate::generate::{Case, CaseTree, Stream};
use crate::judge::{Failure, FunctionJudge, FunctionTally, Slot};
use crate::snippet::{self, Language};

/// A failure that was found, and where.
pub struct Found<'s, 'a> {
    /// The stream.
    pub stream: &'s Stream<'a>,
    /// The rule, in a special case's stream.
    pub rule: Option<usize>,
    /// The check.
    pub slot: Slot,
    /// The combination of dtypes.
    pub combination: usize,
    /// What failed.
    pub failure: Failure,
}

/// Simplifies the failing case, in so many steps at most. A fault of the process is not run again and again: it is shown as it was found.
pub fn shrink(
    lane: &mut Lane,
    judge: &FunctionJudge<'_>,
    found: &Found<'_, '_>,
    seed: u64,
    language: &Language,
    steps: usize,
) -> Result<Counterexample, StartError> {
    let mut tree = CaseTree::new(found.stream, seed, found.failure.index);
    let mut failure = found.failure.clone();
    let mut best = tree.current();
    let is_fault = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
    if !is_fault {
        // Most wrong values need one element only.
        if let Some(case) = failure.element.and_then(|i| tree.focus(i))
            && let Some(smaller) = fails(lane, judge, found, &case)?
        {
            tree.adopt(case.clone());
            (best, failure) = (case, smaller);
        }
        let mut more = tree.simplify();
        for _ in 0..steps {
            if !more {
                break;
            }
            let case = tree.current();
            more = match fails(lane, judge, found, &case)? {
                Some(smaller) => {
                    (best, failure) = (case, smaller);
                    tree.simplify()
                }
                None => tree.complicate(),
            };
        }
    }
    let mut program = best.program(found.stream.function);
    program.returns.truncate(1);
    let step = program.steps.len().checked_sub(1).map(|s| s as u32);
    Ok(Counterexample {
        call: snippet::call(found.stream.function, &best),
        expected: failure.expected,
        got: failure.got,
        step,
        note: snippet::layouts_note(&best),
        snippet: snippet::snippet(language, &program),
        program,
    })
}

fn fails(lane: &mut Lane, judge: &FunctionJudge<'_>, found: &Found<'_, '_>, case: &Case) -> Result<Option<Failure>, StartError> {
    let program = case.program(found.stream.function);
    let observed = lane.run_one(&program)?;
    let specials = found.stream.function.rules.len();
    let mut tally = FunctionTally::new(found.combination + 1, &vec![found.combination + 1; specials]);
    judge.judge(found.stream.kind, found.rule, found.failure.index, found.combination, case, &program, &observed, &mut tally);
    let tally = match (found.slot, found.rule) {
        // Found in the function's own stream.
        (Slot::Special(rule), None) => tally.broken(rule, found.combination),
        _ => tally.at(found.slot, found.combination),
    };
    let failure = tally.first.take().or(tally.no_result.take());
    Ok(failure.filter(|f| f.cause == found.failure.cause))
}
