//! Deviations that are run again before they are a verdict: what does not repeat is flaky.

use array_assay_format::{Cause, Cell, Check, Level, Property, Verdict};
use array_assay_spec::checks::CheckDefinition;

use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::judge::{Failure, Tally};
use crate::observed::Observed;

/// How often a deviating case is run again. The last time may be in a fresh process.
const AGAIN: u32 = 4;

/// How often that is done for a known deviation, which an earlier run has repeated.
const AGAIN_KNOWN: u32 = 1;

/// The greatest number of cases of a cell that are tried until one of them deviates every time.
const CASES: usize = 4;

/// What came of running the deviating cases of a cell again.
pub(super) enum Repeated {
    /// This case deviates every time.
    Steady(Failure),
    /// No case deviates every time. The first case that deviated, and how often the repetitions did.
    Flaky(Failure, String),
}

/// Runs the deviating cases of a cell again, first the one that a counterexample should show. `deviates` runs a case once and says whether
/// it deviates for the same cause. If the deviation is not `known` and a gate counts it, the first such case of a function also runs in a
/// fresh process.
pub(super) fn repeated(
    supervisor: &mut Supervisor,
    tally: &Tally,
    telling: Failure,
    (known, gated): (bool, bool),
    mut deviates: impl FnMut(&mut Supervisor, &Failure) -> Result<bool, StartError>,
) -> Result<Repeated, StartError> {
    // The supervisor has run programs again that ended or blocked the process.
    if matches!(telling.verdict, Verdict::Crash | Verdict::Timeout) {
        return Ok(Repeated::Steady(telling));
    }
    let mut cases = vec![telling];
    for (_, other) in tally.kinds.firsts(cases[0].cause) {
        if cases.len() < CASES && other.verdict == cases[0].verdict && cases.iter().all(|case| case.id != other.id) {
            cases.push(other.clone());
        }
    }
    let again = if known { AGAIN_KNOWN } else { AGAIN };
    let (mut seen, mut of) = (0, 0);
    for case in &cases {
        let mut steady = true;
        for time in 1..=again {
            if time == again && gated && !known {
                supervisor.renew_once();
            }
            let deviates_again = deviates(supervisor, case)?;
            steady &= deviates_again;
            seen += u32::from(deviates_again);
            of += 1;
        }
        if steady {
            return Ok(Repeated::Steady(case.clone()));
        }
    }
    let first = cases.swap_remove(0);
    let what = if of > again { format!("{} of its deviating cases", of / again) } else { "its deviating case".to_owned() };
    Ok(Repeated::Flaky(first, format!("flaky: {what} ran {of} times again and deviated in {seen} of them")))
}

/// Whether a gate counts the check by default. Only then is a fresh process worth its start.
pub(super) fn is_gated(definition: &CheckDefinition) -> bool {
    definition.gated_at.unwrap_or(definition.level) == Level::Must && definition.doubt.is_none()
}

/// Marks a cell as flaky. Its cause stays, so that it counts as a deviation.
pub(super) fn mark_flaky(cell: &mut Cell, note: String) {
    cell.verdict = Verdict::Flaky;
    cell.note = Some(cell.note.take().map_or(note.clone(), |old| format!("{old}; {note}")));
}

/// Adds to the records of a function the faults of the process that happened and did not repeat. Those that belong to a call give its cell
/// the cause; for the others the check `call` gets a cell without a dtype.
pub(super) fn add_faults(supervisor: &mut Supervisor, checks: &mut [Check]) {
    let once = supervisor.take_once();
    let cause = once.iter().find_map(|(_, fault)| cause_of(fault));
    for check in checks.iter_mut() {
        for cell in check.cells.iter_mut().filter(|cell| cell.verdict == Verdict::Flaky && cell.cause.is_none()) {
            cell.cause = cause;
            mark_flaky(cell, "flaky: the process failed once, and not when the same call ran again".to_owned());
        }
    }
    let lost: Vec<&Observed> = once.iter().filter(|(is_found, _)| !is_found).map(|(_, fault)| fault).collect();
    let Some(first) = lost.iter().find(|fault| cause_of(fault).is_some()).or(lost.first()) else { return };
    let place = checks.iter().position(|check| check.id.property == Property::Call).unwrap_or_default();
    let Some(check) = checks.get_mut(place) else { return };
    let times = if lost.len() == 1 { "once".to_owned() } else { format!("{} times", lost.len()) };
    let note = format!("flaky: {} {times}, and no call was found that brings it about again", happened(first));
    let empty = Tally::default().cell("", None, None);
    check.cells.push(Cell { cause: cause_of(first), failures: lost.len() as u64, note: Some(note), verdict: Verdict::Flaky, ..empty });
    check.verdict = Cell::overall(check.cells.iter().map(|cell| cell.verdict)).unwrap_or(check.verdict);
}

/// The cause that a fault is recorded with. Two faults have none, because they say nothing about the call: once it took too long, and the
/// machine may have been busy; or memory ran out once, and earlier calls may have taken it.
fn cause_of(fault: &Observed) -> Option<Cause> {
    match fault {
        Observed::Crashed(_) => Some(Cause::Crashed),
        Observed::Breached(_) => Some(Cause::Protocol),
        Observed::OutOfMemory | Observed::TimedOut | Observed::Outcome(_) | Observed::Skipped => None,
    }
}

fn happened(fault: &Observed) -> String {
    match fault {
        Observed::Crashed(how) => format!("the process died ({})", how.lines().next().unwrap_or_default()),
        Observed::OutOfMemory => "the process exceeded its memory limit".to_owned(),
        Observed::Breached(why) => format!("the worker broke the protocol ({why})"),
        Observed::TimedOut | Observed::Outcome(_) | Observed::Skipped => "a call took too long".to_owned(),
    }
}
