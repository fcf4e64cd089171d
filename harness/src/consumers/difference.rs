//! Why a replay that ran differs: the first call that gives another result than the reference, and whether the standard allows this result.

use std::collections::BTreeMap;

use array_assay_format::ReplayEnd;
use array_assay_interface::{Outcome, Program, Value};
use array_assay_spec::consumer::{Given, Lowered};

use super::compare::deviation;
use super::reference::{allows, as_array, values};
use super::subject::{Replay, Subject};
use crate::observed::Observed;
use crate::run::StartError;

/// The first statement before `until` whose result differs from the reference's, and what that means: a wrong result of the library, or a
/// freedom of the standard that the consumer does not reckon with. `None` if no statement differs, or if that cannot be told.
pub fn explained(
    replay: &Replay<'_>,
    subject: &mut Subject<'_>,
    given: &BTreeMap<usize, Vec<Option<Given>>>,
    until: usize,
) -> Result<Option<(ReplayEnd, String)>, StartError> {
    let (mut same, mut differs) = (0, until);
    // The first statement after which the values differ is found by halves: what follows a difference nearly always differs too.
    if !has_other_values(replay, subject, given, differs)? {
        return Ok(None);
    }
    while differs - same > 1 {
        let middle = same + (differs - same) / 2;
        if has_other_values(replay, subject, given, middle)? {
            differs = middle;
        } else {
            same = middle;
        }
    }
    let at = differs - 1;
    let statement = &replay.trace.statements[at];
    let place = format!("`{}` at {} is the first that differs from the reference", statement.text, statement.at);
    Ok(match is_allowed(replay, subject, given, at)? {
        Some(true) => Some((ReplayEnd::Freedom, format!("{place}, as the standard allows"))),
        _ => Some((ReplayEnd::Wrong, place)),
    })
}

/// Whether the reference, which answers what the standard says, gives another result for the whole program than the consumer expects. The
/// consumer then leans on what the standard leaves open, such as writing to a view.
pub fn reference_differs(replay: &Replay<'_>, device: &str, given: &BTreeMap<usize, Vec<Option<Given>>>) -> bool {
    let Some(lowered) = lowered(replay, device, given, replay.trace.statements.len()) else { return false };
    let returned =
        replay.trace.returns.iter().filter_map(|(name, origin)| Some((lowered.register(origin)?, replay.case.expect.get(name)?, name)));
    let (registers, expected): (Vec<u32>, Vec<_>) = returned.map(|(register, want, name)| (register, (want, name))).unzip();
    let Ok(found) = values(&lowered.program, &registers) else { return false };
    found.iter().zip(expected).any(|(found, (want, name))| {
        let free = replay.case.free_signs.contains(name);
        as_array(found).is_some_and(|found| deviation(&found, want, replay.case.rtol, free).is_some())
    })
}

/// Whether any value of the first `length` statements differs from the reference's.
fn has_other_values(
    replay: &Replay<'_>,
    subject: &mut Subject<'_>,
    given: &BTreeMap<usize, Vec<Option<Given>>>,
    length: usize,
) -> Result<bool, StartError> {
    let Some(lowered) = lowered(replay, &subject.device, given, length) else { return Ok(false) };
    let registers: Vec<u32> = (0..length).flat_map(|i| lowered.after(i).iter().flatten().copied()).collect();
    let Ok(expected) = values(&lowered.program, &registers) else { return Ok(false) };
    let program = Program { returns: registers, ..lowered.program };
    let Observed::Outcome(Outcome::Values(found)) = subject.supervisor.run_one(&program)? else { return Ok(false) };
    Ok(found.iter().zip(&expected).any(|(found, expected)| differ(found, expected, replay.case.rtol)))
}

/// Whether the result of a statement's call is one that the standard allows.
fn is_allowed(
    replay: &Replay<'_>,
    subject: &mut Subject<'_>,
    given: &BTreeMap<usize, Vec<Option<Given>>>,
    at: usize,
) -> Result<Option<bool>, StartError> {
    let Some(lowered) = lowered(replay, &subject.device, given, at + 1) else { return Ok(None) };
    // The call itself is the first step of the statement that is no question about sizes; what follows takes its result apart.
    let first = lowered.origins.iter().position(|origin| *origin == at).unwrap_or(0);
    let is_question = |function: &str| function.starts_with("attribute.") || function.starts_with("operator.getitem");
    let of_statement = &lowered.program.steps[first..];
    let Some(call) = of_statement.iter().position(|step| !is_question(&step.function)).map(|i| first + i) else { return Ok(None) };
    let register = (lowered.program.inputs.len() + call) as u32;
    let program = Program { steps: lowered.program.steps[..=call].to_vec(), returns: vec![register], ..lowered.program };
    let Observed::Outcome(Outcome::Values(found)) = subject.supervisor.run_one(&program)? else { return Ok(None) };
    Ok(found.first().and_then(|result| allows(&program, result)))
}

fn lowered(replay: &Replay<'_>, device: &str, given: &BTreeMap<usize, Vec<Option<Given>>>, length: usize) -> Option<Lowered> {
    replay.trace.lower(replay.case, replay.face, device, given, length).ok()
}

fn differ(found: &Value, expected: &Value, rtol: f64) -> bool {
    match (as_array(found), as_array(expected)) {
        (Some(found), Some(expected)) => deviation(&found, &expected, rtol, false).is_some(),
        _ => false,
    }
}
