//! Cases behind a prelude: what was observed of the call under test alone, and the fewest calls before it that a failure needs.

use array_assay_interface::{Array, Outcome, Program, Value};

use super::lane::Lane;
use super::worker::StartError;
use crate::generate::Prelude;
use crate::judge::{Failure, Observed, agree};

/// What was observed of a program that begins with the prelude, for the judge of the call behind it alone: the program with the registers
/// that this hands back, and their values. `None` where the prelude itself went wrong, or may have: then the case says nothing.
pub(super) fn stripped(prelude: &Prelude, program: &Program, observed: &Observed) -> Option<(Program, Observed)> {
    let before = prelude.values().count();
    let own = |values: &[Value]| holds(prelude, values).then(|| values[before..].to_vec());
    let Observed::Outcome(outcome) = observed else { return None };
    let outcome = match outcome {
        Outcome::Values(values) => Outcome::Values(own(values)?),
        // What was made before the fault comes back too.
        Outcome::Raised { exception, step, values } => Outcome::Raised { exception: exception.clone(), step: *step, values: own(values)? },
        Outcome::Missing { name, step, values } => Outcome::Missing { name: name.clone(), step: *step, values: own(values)? },
        Outcome::Unsupported { capability, step, values } => {
            Outcome::Unsupported { capability: capability.clone(), step: *step, values: own(values)? }
        }
        Outcome::Joined { .. } => return None,
    };
    Some((Program { returns: program.returns[before..].to_vec(), ..program.clone() }, Observed::Outcome(outcome)))
}

/// Whether the first values are the prelude's: if not, one of its functions is at fault.
fn holds(prelude: &Prelude, values: &[Value]) -> bool {
    let same = |(want, got): (&Array, &Value)| match got {
        // A scalar that only looks like an array is the fault of the call that gave it.
        Value::Array(got) => {
            got.dtype == want.dtype && got.shape == want.shape && want.elements().zip(got.elements()).all(|(a, b)| agree(a, b, false))
        }
        _ => false,
    };
    values.len() >= prelude.values().count() && prelude.values().zip(values).all(same)
}

/// The failure of `subject` behind the fewest calls of the prelude: one after the other is left out, or what it gave put in its place, as
/// long as the call under test fails in the same way. `fails` judges what was observed of that call alone.
pub(super) fn reduced(
    lane: &mut Lane<'_>,
    subject: &Program,
    mut prelude: Prelude,
    mut failure: Failure,
    fails: impl Fn(&Program, &Observed) -> Option<Failure>,
) -> Result<(Prelude, Failure), StartError> {
    'simpler: loop {
        for candidate in prelude.simpler() {
            let program = candidate.before(subject);
            let observed = lane.run_one(&program)?;
            let found = stripped(&candidate, &program, &observed).and_then(|(program, observed)| fails(&program, &observed));
            if let Some(found) = found {
                (prelude, failure) = (candidate, found);
                continue 'simpler;
            }
        }
        return Ok((prelude, failure));
    }
}
