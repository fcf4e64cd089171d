//! Cases that end a call chain: what was observed of the call under test alone, and the shortest chain that a failure needs.

use array_assay_interface::{Array, Element, Outcome, Program, Value};

use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::elements::agree;
use crate::generate::CallChain;
use crate::judge::Failure;
use crate::observed::Observed;

/// Removes the chain from what was observed of a program that begins with it: the program returns only the registers of the call under
/// test, and only their values are left. `None` if the chain itself went wrong, or may have gone wrong. Then the case says nothing about
/// the call.
pub(super) fn stripped(chain: &CallChain, program: &Program, observed: &Observed) -> Option<(Program, Observed)> {
    let before = chain.values().count();
    let own = |values: &[Value]| holds(chain, values).then(|| values[before..].to_vec());
    let Observed::Outcome(outcome) = observed else { return None };
    let outcome = match outcome {
        Outcome::Values(values) => Outcome::Values(own(values)?),
        // A worker also returns the values that were made before the fault.
        Outcome::Raised { exception, step, values } => Outcome::Raised { exception: exception.clone(), step: *step, values: own(values)? },
        Outcome::Missing { name, step, values } => Outcome::Missing { name: name.clone(), step: *step, values: own(values)? },
        Outcome::Unsupported { capability, step, values } => {
            Outcome::Unsupported { capability: capability.clone(), step: *step, values: own(values)? }
        }
        Outcome::Joined { .. } => return None,
    };
    Some((Program { returns: program.returns[before..].to_vec(), ..program.clone() }, Observed::Outcome(outcome)))
}

/// Whether the first values are those of the chain. If not, a function of the chain is at fault.
fn holds(chain: &CallChain, values: &[Value]) -> bool {
    // The standard leaves the sign of NaN open, but a later call of the chain may depend on it.
    let signs = |x: Element| (x.components().0.is_sign_negative(), x.components().1.is_sign_negative());
    let equal = |(want, got): (Element, Element)| agree(want, got, false) && signs(want) == signs(got);
    let same = |(want, got): (&Array, &Value)| match got {
        // If a call of the chain returned a scalar object instead of an array, that call is at fault.
        Value::Array(got) => got.dtype == want.dtype && got.shape == want.shape && want.elements().zip(got.elements()).all(equal),
        _ => false,
    };
    values.len() >= chain.values().count() && chain.values().zip(values).all(same)
}

/// The shortest chain after which `subject` still fails in the same way, and how it fails. Each call of the chain is left out in turn, or
/// replaced by the array that it returned. `fails` judges what was observed of the call under test alone.
pub(super) fn reduced(
    supervisor: &mut Supervisor,
    subject: &Program,
    mut chain: CallChain,
    mut failure: Failure,
    fails: impl Fn(&Program, &Observed) -> Option<Failure>,
) -> Result<(CallChain, Failure), StartError> {
    'simpler: loop {
        for candidate in chain.simpler() {
            let program = candidate.before(subject);
            let observed = supervisor.run_one(&program)?;
            let found = stripped(&candidate, &program, &observed).and_then(|(program, observed)| fails(&program, &observed));
            if let Some(found) = found {
                (chain, failure) = (candidate, found);
                continue 'simpler;
            }
        }
        return Ok((chain, failure));
    }
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{Arg, DType, Exception, Role, Step};
    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::{BackendProfile, CallChains};

    /// A chain for which `wanted` holds, and the program that makes it and one call after it.
    fn chained(wanted: impl Fn(&CallChain) -> bool) -> (CallChain, Program) {
        let profile = BackendProfile::default().without_capabilities(Spec::embedded());
        let chains = CallChains::new(Spec::embedded(), &profile);
        let chain = (0..500).find_map(|index| chains.draw(0, "a name", index, DType::Float64).filter(&wanted)).unwrap();
        let step = Step { function: "negative".to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Role::Subject };
        let subject = Program { inputs: vec![chain.result().clone()], steps: vec![step], returns: vec![1] };
        let program = chain.before(&subject);
        (chain, program)
    }

    fn values(chain: &CallChain) -> Vec<Value> {
        chain.values().cloned().map(Value::Array).collect()
    }

    #[test]
    fn only_the_values_of_the_call_under_test_are_left() {
        let (chain, program) = chained(|_| true);
        let own = Value::Array(chain.result().clone());
        let returned = [values(&chain), vec![own.clone()]].concat();
        let (alone, observed) = stripped(&chain, &program, &Observed::Outcome(Outcome::Values(returned))).unwrap();
        assert_eq!(alone.returns, program.returns[program.returns.len() - 1..]);
        assert!(matches!(observed, Observed::Outcome(Outcome::Values(values)) if format!("{values:?}") == format!("{:?}", [own])));
    }

    #[test]
    fn an_exception_counts_if_the_chain_is_right_and_a_crash_never_counts() {
        let (chain, program) = chained(|_| true);
        let raised = |values: Vec<Value>| {
            let step = Some(program.steps.len() as u32 - 1);
            Observed::Outcome(Outcome::Raised { exception: Exception::new("ValueError", "no"), step, values })
        };
        let counted = stripped(&chain, &program, &raised(values(&chain))).unwrap().1;
        assert!(matches!(counted, Observed::Outcome(Outcome::Raised { values, .. }) if values.is_empty()));
        assert!(stripped(&chain, &program, &raised(Vec::new())).is_none(), "the chain raised, not the call under test");
        assert!(stripped(&chain, &program, &Observed::Crashed("signal 11".to_owned())).is_none());
    }

    #[test]
    fn a_nan_of_another_sign_in_the_chain_leaves_nothing_to_judge() {
        let has_nan = |array: &Array| array.dtype == DType::Float64 && array.elements().any(|e| e.components().0.is_nan());
        let (chain, program) = chained(|chain| chain.values().any(has_nan));
        let flipped = chain.values().map(|array| match has_nan(array) {
            true => Array::from_elements(
                array.dtype,
                array.shape.clone(),
                array.elements().map(|e| if e.components().0.is_nan() { Element::F64(-e.components().0) } else { e }),
            ),
            false => array.clone(),
        });
        let own = || vec![Value::Array(chain.result().clone())];
        let observed = |before: Vec<Value>| Observed::Outcome(Outcome::Values([before, own()].concat()));
        assert!(stripped(&chain, &program, &observed(values(&chain))).is_some());
        assert!(stripped(&chain, &program, &observed(flipped.map(Value::Array).collect())).is_none());
    }
}
