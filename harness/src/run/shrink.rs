//! The smallest case that still fails in the same way, found against the live backend.

use array_assay_format::{Cause, Counterexample, Verdict};
use array_assay_interface::{Array, Program};
use proptest::strategy::ValueTree;

use super::chain::{reduced, stripped};
use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::generate::{CallChain, CallChains, Case, CaseTree, Stream};
use crate::judge::{Demand, Failure, FunctionJudge, FunctionTally, Place, Slot};
use crate::observed::Observed;
use crate::snippet::{self, Language};

/// A failure that was found, and where.
pub struct Found<'s, 'a> {
    /// The stream.
    pub stream: &'s Stream<'a>,
    /// What is called before a case.
    pub chains: &'s CallChains<'a>,
    /// The rule, in a special case's stream.
    pub rule: Option<usize>,
    /// The check.
    pub slot: Slot,
    /// The combination of dtypes.
    pub combination: usize,
    /// What failed.
    pub failure: Failure,
}

/// Marks the index of a case after other calls.
pub const CHAINED: u64 = 1 << 40;

/// Simplifies the failing case, in so many steps at most. A fault of the process is not run again and again: it is shown as it was found.
pub fn shrink(
    supervisor: &mut Supervisor,
    judge: &FunctionJudge<'_>,
    found: &Found<'_, '_>,
    seed: u64,
    language: &Language,
    steps: usize,
) -> Result<Counterexample, StartError> {
    let mut tree = CaseTree::new(found.stream, seed, found.failure.index & !CHAINED);
    let mut failure = found.failure.clone();
    if found.failure.index & CHAINED != 0
        && let Some((case, chain, _)) = found.stream.chained(found.chains, seed, found.failure.index & !CHAINED)
    {
        match fails(supervisor, judge, found, &case)? {
            // The call fails alone as well.
            Some(simpler) => failure = simpler,
            None => return shortest_chain(supervisor, judge, found, language, &case, chain),
        }
        tree.adopt(case);
    }
    let mut best = tree.current();
    let is_fault = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
    if !is_fault {
        // Most wrong values need one element only.
        if let Some(case) = failure.element.and_then(|i| tree.focus(i))
            && let Some(smaller) = fails(supervisor, judge, found, &case)?
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
            more = match fails(supervisor, judge, found, &case)? {
                Some(smaller) => {
                    (best, failure) = (case, smaller);
                    tree.simplify()
                }
                None => tree.complicate(),
            };
        }
    }
    let mut program = best.program(found.stream.function);
    if failure.cause != Cause::MutatedInput {
        program.returns.truncate(1);
    }
    let observed = if is_fault || !language.asserts() { Observed::Skipped } else { supervisor.run_one(&program)? };
    Ok(shown(judge, found, language, &best, (&program, &program, &observed), (failure, None)))
}

/// A case that fails as it is shown: `program` is what is run, `alone` and `observed` the call under test of it.
fn shown(
    judge: &FunctionJudge<'_>,
    found: &Found<'_, '_>,
    language: &Language,
    case: &Case,
    (program, alone, observed): (&Program, &Program, &Observed),
    (failure, note): (Failure, Option<String>),
) -> Counterexample {
    let demand = judge.demand(found.slot, case, alone, observed.values(), &failure).unwrap_or(Demand::Result);
    Counterexample {
        call: snippet::call(found.stream.function, case),
        snippet: snippet::snippet(language, program, &demand, &failure.expected),
        expected: failure.expected,
        got: failure.got,
        step: program.steps.len().checked_sub(1).map(|s| s as u32),
        note: note.or_else(|| {
            let arrays: Vec<&Array> = case.arrays().map(|(array, _)| array).collect();
            snippet::note(&arrays, case.arrays().map(|(_, layout)| layout), &case.scalars().collect::<Vec<_>>())
        }),
        program: program.clone(),
    }
}

/// The counterexample of a call that fails after other calls only: after the fewest of them.
fn shortest_chain(
    supervisor: &mut Supervisor,
    judge: &FunctionJudge<'_>,
    found: &Found<'_, '_>,
    language: &Language,
    case: &Case,
    chain: CallChain,
) -> Result<Counterexample, StartError> {
    let subject = case.program(found.stream.function);
    let judged = |program: &Program, observed: &Observed| judged(judge, found, case, program, observed);
    let (chain, failure) = reduced(supervisor, &subject, chain, found.failure.clone(), judged)?;
    let program = chain.before(&subject);
    let observed = if language.asserts() { supervisor.run_one(&program)? } else { Observed::Skipped };
    let (alone, observed) = stripped(&chain, &program, &observed).unwrap_or_else(|| (program.clone(), Observed::Skipped));
    Ok(shown(judge, found, language, case, (&program, &alone, &observed), (failure, Some(chain.note()))))
}

fn fails(
    supervisor: &mut Supervisor,
    judge: &FunctionJudge<'_>,
    found: &Found<'_, '_>,
    case: &Case,
) -> Result<Option<Failure>, StartError> {
    let program = case.program(found.stream.function);
    let observed = supervisor.run_one(&program)?;
    Ok(judged(judge, found, case, &program, &observed))
}

/// How a case fails as the one that was found does; `None` where it does not.
fn judged(judge: &FunctionJudge<'_>, found: &Found<'_, '_>, case: &Case, program: &Program, observed: &Observed) -> Option<Failure> {
    let specials = found.stream.function.rules.len();
    let mut tally = FunctionTally::new(found.combination + 1, &vec![found.combination + 1; specials]);
    let (kind, index) = (found.stream.kind, found.failure.index);
    let at = Place { kind, rule: found.rule, index, combination: found.combination, targets: &[] };
    judge.judge(&at, case, program, observed, &mut tally);
    let tally = match (found.slot, found.rule) {
        // Found in the function's own stream.
        (Slot::Special(rule), None) => tally.broken(rule, found.combination),
        _ => tally.at(found.slot, found.combination),
    };
    let failure = tally.first.take().or(tally.no_result.take());
    failure.filter(|f| f.cause == found.failure.cause && f.is_alike(&found.failure.kinds))
}
