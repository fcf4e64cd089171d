//! Counterexamples: the smallest case that still fails in the same way, found against the live backend.

use array_assay_format::{Cause, Counterexample, Property, Verdict};
use array_assay_interface::{Program, Value};

use super::chain::{reduced, stripped};
use super::subject::{Drawn, Effort, Subject, judge, program};
use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::generate::{CallCell, CallChain, Sort};
use crate::judge::kind::Kinds;
use crate::judge::{Demand, Failure, Ledger};
use crate::observed::Observed;
use crate::snippet;

/// A check, and the cell of it that a counterexample is looked for.
type Checked<'c> = (usize, &'c CallCell);

/// The counterexample of a failure: the smallest case found that fails the check in the same way. A case that ends or blocks the worker process
/// is shown as it was drawn. `None` if the case cannot be drawn again.
pub(super) fn counterexample<'a>(
    subject: &dyn Subject<'a>,
    supervisor: &mut Supervisor,
    (check, cell): Checked<'_>,
    mut failure: Failure,
    effort: Effort,
) -> Result<Option<Counterexample>, StartError> {
    let Some(mut drawn) = subject.draw(failure.id) else { return Ok(None) };
    if effort != Effort::None && drawn.chain.is_some() {
        let alone = Drawn { chain: None, ..drawn.clone() };
        let simpler = fails(subject, supervisor, (check, cell), &failure, &alone)?;
        // If the call also fails alone, the chain does not matter.
        (drawn, failure) = match simpler {
            Some(simpler) => (alone, simpler),
            None => shortest_chain(subject, supervisor, check, drawn, failure)?,
        };
    }
    let is_fault = matches!(failure.verdict, Verdict::Crash | Verdict::Timeout);
    if effort != Effort::None && !is_fault && drawn.chain.is_none() {
        simplify(subject, supervisor, (check, cell), (&mut drawn, &mut failure), effort)?;
        if failure.cause == Cause::WrongValue && depends_on_memory(subject, supervisor, &drawn)? {
            failure.got = UNWRITTEN.to_owned();
        }
    }
    if effort != Effort::None && drawn.chain.is_none() {
        // Values that are observed for other checks only hide the point.
        let (call, property) = (&mut drawn.case.call, subject.checks()[check].id.property);
        call.returns_inputs &= property == Property::Pure;
        call.returns_devices &= property == Property::Device;
    }
    let program = program(subject, &drawn);
    // What does not repeat shows nothing that a script could assert.
    let is_run = effort != Effort::None && !is_fault && subject.repeats() && subject.shared().language.asserts();
    let observed = if is_run { supervisor.run_one(&program)? } else { Observed::Skipped };
    Ok(Some(shown(subject, check, &drawn, &program, &observed, failure)))
}

/// The text for a result that depends on uninitialised memory. Its elements differ from run to run, which records must not.
const UNWRITTEN: &str = "what lay in memory before: another result each time";

/// How often a result that may be uninitialised memory is asked for again.
const AGAIN: usize = 3;

/// How many other calls of the function are made before.
const OTHERS: u64 = 12;

/// Simplifies a failing case: each simpler case that fails in the same way takes its place.
fn simplify<'a>(
    subject: &dyn Subject<'a>,
    supervisor: &mut Supervisor,
    checked: Checked<'_>,
    (drawn, failure): (&mut Drawn<'a>, &mut Failure),
    effort: Effort,
) -> Result<(), StartError> {
    let Some(mut simpler) = subject.simplify(drawn, checked.1, failure, effort) else { return Ok(()) };
    while let Some(case) = simpler.propose() {
        let candidate = Drawn { case, ..drawn.clone() };
        if let Some(found) = fails(subject, supervisor, checked, failure, &candidate)? {
            simpler.accept(candidate.case.clone());
            (*drawn, *failure) = (candidate, found);
        }
    }
    Ok(())
}

/// The shortest chain after which a call still fails in the same way.
fn shortest_chain<'a>(
    subject: &dyn Subject<'a>,
    supervisor: &mut Supervisor,
    check: usize,
    drawn: Drawn<'a>,
    failure: Failure,
) -> Result<(Drawn<'a>, Failure), StartError> {
    let Some(chain) = drawn.chain.clone() else { return Ok((drawn, failure)) };
    let alone = Drawn { chain: None, ..drawn };
    let own = program(subject, &alone);
    let first = failure.clone();
    let judged = |program: &Program, observed: &Observed| judged(subject, check, &first, &alone, program, observed);
    let (chain, failure) = reduced(supervisor, &own, chain, failure, judged)?;
    Ok((Drawn { chain: Some(chain), ..alone }, failure))
}

/// Runs a case again, as it was drawn. Whether it fails the check for the same cause. Another kind of the same deviation is a repetition too.
pub(super) fn deviates_again<'a>(
    subject: &dyn Subject<'a>,
    supervisor: &mut Supervisor,
    check: usize,
    failure: &Failure,
) -> Result<bool, StartError> {
    let Some(drawn) = subject.draw(failure.id) else { return Ok(false) };
    let program = program(subject, &drawn);
    let observed = supervisor.run_one(&program)?;
    let failure = Failure { kinds: Kinds::new(), ..failure.clone() };
    Ok(judged(subject, check, &failure, &drawn, &program, &observed).is_some())
}

/// Whether a case fails because its result is uninitialised memory.
pub(super) fn is_unwritten<'a>(subject: &dyn Subject<'a>, supervisor: &mut Supervisor, failure: &Failure) -> Result<bool, StartError> {
    match subject.draw(failure.id).filter(|drawn| failure.cause == Cause::WrongValue && drawn.chain.is_none()) {
        Some(drawn) => depends_on_memory(subject, supervisor, &drawn),
        None => Ok(false),
    }
}

/// Whether the result of a case depends on uninitialised memory: whether the call gives another result after other calls of the function, or in
/// another process. Only results that cannot come from elements of the arguments, because there are none, are asked about.
fn depends_on_memory<'a>(subject: &dyn Subject<'a>, supervisor: &mut Supervisor, drawn: &Drawn<'a>) -> Result<bool, StartError> {
    let case = &drawn.case;
    let has_elements = matches!(case.expectation.example(), Some(Value::Array(result)) if !result.is_empty());
    if !has_elements || !case.call.arrays().iter().any(|array| array.is_empty()) {
        return Ok(false);
    }
    let own = program(subject, drawn);
    let first = supervisor.run_one(&own)?;
    for again in 0..AGAIN {
        if again == 0 {
            // The memory then holds what these calls left there.
            for other in (0..OTHERS).filter_map(|n| subject.draw(Sort::Plain.nth(n))) {
                supervisor.try_one(&program(subject, &other))?;
            }
        } else {
            // This shows more, and takes longer.
            supervisor.renew();
        }
        if supervisor.run_one(&own)? != first {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Runs a case. How it fails the check in the cell in the same way as the failure that was found, if it does.
fn fails<'a>(
    subject: &dyn Subject<'a>,
    supervisor: &mut Supervisor,
    (check, cell): Checked<'_>,
    failure: &Failure,
    drawn: &Drawn<'a>,
) -> Result<Option<Failure>, StartError> {
    // A smaller case may not have the dtype that the cell is about.
    if !subject.counts_in(drawn.id, &drawn.case, cell) {
        return Ok(None);
    }
    let program = program(subject, drawn);
    let observed = supervisor.run_one(&program)?;
    Ok(judged(subject, check, failure, drawn, &program, &observed))
}

/// Judges a case that was run. How it fails in the same way as the failure that was found, if it does.
fn judged<'a>(
    subject: &dyn Subject<'a>,
    check: usize,
    failure: &Failure,
    drawn: &Drawn<'a>,
    program: &Program,
    observed: &Observed,
) -> Option<Failure> {
    let mut ledger = Ledger::default();
    judge(subject, drawn, program, observed, &mut ledger);
    ledger.failure(check).filter(|found| found.cause == failure.cause && found.is_alike(&failure.kinds))
}

/// The counterexample of a case that was run.
fn shown<'a>(
    subject: &dyn Subject<'a>,
    check: usize,
    drawn: &Drawn<'a>,
    program: &Program,
    observed: &Observed,
    failure: Failure,
) -> Counterexample {
    let of_call = drawn.chain.as_ref().and_then(|chain| stripped(chain, program, observed));
    let (alone, observed) = of_call.as_ref().map_or((program, observed), |(alone, observed)| (alone, observed));
    let demand = subject.demand(check, drawn, alone, observed.values(), &failure).unwrap_or(Demand::Result);
    let path = subject.function().path();
    let own = program.steps.iter().position(|step| step.function == path).filter(|_| drawn.chain.is_none());
    Counterexample {
        call: subject.text(drawn),
        snippet: snippet::snippet(subject.shared().language, program, &demand, &failure.expected),
        expected: failure.expected,
        got: failure.got,
        step: own.or(program.steps.len().checked_sub(1)).map(|step| step as u32),
        note: drawn.chain.as_ref().map(CallChain::note).or_else(|| snippet::note(&drawn.case.call)),
        program: program.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use array_assay_interface::{Array, DType, Element, Exception, Outcome};
    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::{BackendProfile, Call, CallChains, Operand, Sort};
    use crate::judge::kind;
    use crate::run::elementwise::Elementwise;
    use crate::run::options::Options;
    use crate::run::subject::Shared;
    use crate::snippet::Language;

    #[test]
    fn a_simpler_case_counts_where_it_fails_in_the_same_way_alone() {
        let (spec, profile, capabilities, options) = (Spec::embedded(), BackendProfile::default(), BTreeMap::new(), Options::default());
        let function = spec.function("elementwise", "negative").expect("it is in the spec");
        let kernel = array_assay_oracle::kernel("negative").expect("it has a kernel");
        let chains = CallChains::new(spec, &profile);
        let shared =
            Shared { options: &options, language: &Language::Other, capabilities: &capabilities, profile: &profile, chains: &chains };
        let subject = Elementwise::new(spec, function, kernel, shared, &function.checks());
        let plain = |case: &Call<'_>| case.laid().all(|(array, _)| array.dtype == DType::Float64 && array.len() == 1);
        let mut all = (0..2000).filter_map(|number| subject.draw(Sort::Plain.nth(number)));
        let mut drawn = all.find(|drawn| plain(&drawn.case.call)).expect("such a case is drawn");
        let array = |v: f64| Array::from_elements(DType::Float64, vec![1], [Element::F64(v)]);
        drawn.case = Call::of_operands(function, [Operand::array(array(3.0))]).into();
        let program = program(&subject, &drawn);
        let fails = |found: (Cause, &'static str), outcome: Outcome| {
            let failure = Failure {
                id: drawn.id,
                element: None,
                cause: found.0,
                expected: String::new(),
                got: String::new(),
                verdict: Verdict::Fail,
                kinds: kind::one(found.1),
            };
            let property = if found.0 == Cause::Raised { Property::Call } else { Property::Value };
            let check = subject.checks().find(property, None).expect("it has such a check");
            judged(&subject, check, &failure, &drawn, &program, &Observed::Outcome(outcome)).map(|failure| failure.got)
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
