//! Counterexamples of element-wise functions: the smallest case that still fails in the same way, found against the live backend.

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

/// A failure, and where it was found.
pub struct Found<'s, 'a> {
    /// The stream.
    pub stream: &'s Stream<'a>,
    /// The source of call chains.
    pub chains: &'s CallChains<'a>,
    /// The index of the rule, if the stream is that of a special case.
    pub rule: Option<usize>,
    /// The slot of the check.
    pub slot: Slot,
    /// The combination of dtypes.
    pub combination: usize,
    /// How the case deviates.
    pub failure: Failure,
}

/// Marks the index of a case that ends a call chain.
pub const CHAINED: u64 = 1 << 40;

/// A counterexample, as it is shown.
pub struct Shown<'s> {
    /// The program that fails.
    pub program: &'s Program,
    /// The part of the program that is the call under test, without a call chain before it.
    pub alone: &'s Program,
    /// What was observed of that part.
    pub observed: &'s Observed,
    /// How it deviates.
    pub failure: Failure,
    /// A note that is more telling than the usual one.
    pub note: Option<String>,
}

/// Simplifies a failing case in at most `steps` steps. Without steps, or if it ends or blocks the worker process, it is shown as it was found.
pub fn shrink(
    supervisor: &mut Supervisor,
    judge: &FunctionJudge<'_>,
    found: &Found<'_, '_>,
    language: &Language,
    steps: usize,
) -> Result<Counterexample, StartError> {
    let mut tree = CaseTree::new(found.stream, found.failure.index & !CHAINED);
    let mut failure = found.failure.clone();
    if steps > 0
        && found.failure.index & CHAINED != 0
        && let Some((case, chain, _)) = found.stream.chained(found.chains, found.failure.index & !CHAINED)
    {
        match fails(supervisor, judge, found, &case)? {
            // The call also fails alone.
            Some(simpler) => failure = simpler,
            None => return shortest_chain(supervisor, judge, found, language, &case, chain),
        }
        tree.adopt(case);
    }
    let mut best = tree.current();
    let is_fault = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
    if !is_fault && steps > 0 {
        // Most wrong values need only one element.
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
    Ok(counterexample(
        judge,
        found,
        language,
        &best,
        Shown { program: &program, alone: &program, observed: &observed, failure, note: None },
    ))
}

/// Runs a failing case again, as it was drawn. Whether it deviates for the same cause.
pub fn deviates_again(supervisor: &mut Supervisor, judge: &FunctionJudge<'_>, found: &Found<'_, '_>) -> Result<bool, StartError> {
    let index = found.failure.index & !CHAINED;
    if found.failure.index & CHAINED == 0 {
        let case = found.stream.case(index);
        return Ok(fails(supervisor, judge, found, &case)?.is_some());
    }
    let Some((case, chain, _)) = found.stream.chained(found.chains, index) else { return Ok(false) };
    let program = chain.before(&case.program(found.stream.function));
    let observed = supervisor.run_one(&program)?;
    let alone = stripped(&chain, &program, &observed);
    Ok(alone.is_some_and(|(program, observed)| judged(judge, found, &case, &program, &observed).is_some()))
}

/// The counterexample of a case.
fn counterexample(judge: &FunctionJudge<'_>, found: &Found<'_, '_>, language: &Language, case: &Case, shown: Shown<'_>) -> Counterexample {
    let Shown { program, alone, observed, failure, note } = shown;
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

/// The counterexample of a call that fails only after other calls, with the shortest chain that still fails.
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
    let shown = Shown { program: &program, alone: &alone, observed: &observed, failure, note: Some(chain.note()) };
    Ok(counterexample(judge, found, language, case, shown))
}

/// Runs a case. How it fails in the same way as the failure that was found, if it does.
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

/// Judges a case that was run. How it fails in the same way as the failure that was found, if it does.
fn judged(judge: &FunctionJudge<'_>, found: &Found<'_, '_>, case: &Case, program: &Program, observed: &Observed) -> Option<Failure> {
    let specials = found.stream.function.rules.len();
    let mut tally = FunctionTally::new(found.combination + 1, &vec![found.combination + 1; specials]);
    let (kind, index) = (found.stream.kind, found.failure.index);
    let at = Place { kind, rule: found.rule, index, combination: found.combination, targets: &[] };
    judge.judge(&at, case, program, observed, &mut tally);
    let tally = match (found.slot, found.rule) {
        // The special case was found broken in the function's own stream.
        (Slot::Special(rule), None) => tally.broken(rule, found.combination),
        _ => tally.at(found.slot, found.combination),
    };
    let failure = tally.first.take().or(tally.no_result.take());
    failure.filter(|f| f.cause == found.failure.cause && f.is_alike(&found.failure.kinds))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use array_assay_interface::{Element, Exception, Outcome, Value};
    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::{BackendProfile, Budget, StreamKind, streams};
    use crate::judge::kind;

    #[test]
    fn a_simpler_case_counts_where_it_fails_in_the_same_way_alone() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let function = spec.function("elementwise", "negative").expect("it is in the spec");
        let kernel = array_assay_oracle::kernel("negative").expect("it has a kernel");
        let streams = streams(spec, function, &profile, Budget { seed: 0, cases: 200 }, &|kind| kind == StreamKind::Function);
        let (stream, chains, capabilities) = (&streams[0], CallChains::new(spec, &profile), BTreeMap::new());
        let judge = FunctionJudge::new(spec, function, kernel, &capabilities, &profile.losses);
        let cases = (stream.before_rows()..stream.before_rows() + 200).map(|index| (index, stream.case(index)));
        let plain = |case: &Case| case.arrays().all(|(array, _)| array.dtype == array_assay_interface::DType::Float64 && array.len() == 1);
        let (index, mut case) = cases.into_iter().find(|(_, case)| plain(case)).expect("such a case is drawn");
        let array = |v: f64| Array::from_elements(array_assay_interface::DType::Float64, vec![1], [Element::F64(v)]);
        case.operands[0].value = crate::generate::Operand::Array(array(3.0), crate::generate::Layout::Contiguous);
        case.returns_inputs = false;
        let program = case.program(function);
        let combination = stream.combination_of(index);
        let fails = |found: (Cause, &'static str), outcome: Outcome| {
            let failure = Failure {
                index,
                element: None,
                cause: found.0,
                expected: String::new(),
                got: String::new(),
                verdict: Verdict::Fail,
                kinds: kind::one(found.1),
            };
            let slot = if found.0 == Cause::Raised { Slot::Call } else { Slot::Value };
            let found = Found { stream, chains: &chains, rule: None, slot: slot(case.form()), combination, failure };
            judged(&judge, &found, &case, &program, &Observed::Outcome(outcome)).map(|failure| failure.got)
        };
        let gives = |v: f64| Outcome::Values(vec![Value::Array(array(v))]);
        assert_eq!(fails((Cause::WrongValue, "sign"), gives(3.0)), Some("3.0".to_owned()));
        assert_eq!(fails((Cause::WrongValue, "sign"), gives(-3.0)), None, "it is right");
        assert_eq!(fails((Cause::WrongValue, "NaN for a number"), gives(3.0)), None, "it fails in another way");
        let raised = || Outcome::Raised { exception: Exception::new("TypeError", "no"), step: Some(0), values: Vec::new() };
        assert_eq!(fails((Cause::Raised, "TypeError"), raised()), Some("TypeError: no".to_owned()));
        assert_eq!(fails((Cause::Raised, "ValueError"), raised()), None, "another exception");
        assert_eq!(fails((Cause::WrongValue, "sign"), raised()), None, "another cause");
    }
}
