//! Turns the ledger of a function into records: its checks, their cells, and a counterexample for each cell that deviates.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cause, Cell, Check, CheckId, Property, Verdict};
use array_assay_spec::Function;
use array_assay_spec::checks::CheckDefinition;

use super::repeats::{Repeated, is_gated, mark_flaky, repeated};
use super::shrink::{counterexample, deviates_again, is_unwritten};
use super::subject::{Effort, Gathered, Subject, Unjudged, WithoutCells};
use super::supervisor::Supervisor;
use super::worker::StartError;
use crate::generate::{BackendProfile, Sort};
use crate::judge::kind::Kinds;
use crate::judge::{Failure, Ledger, Tally};
use crate::snippet::{Language, looked_up};

/// Why a check does not apply to a library. The missing dtypes are deviations already.
pub(super) const NO_DTYPE: &str = "the library has none of the dtypes that it is about";

/// The record of a check with these cells.
pub(super) fn check(function: &Function, definition: &CheckDefinition, cells: Vec<Cell>, verdict: Verdict) -> Check {
    Check {
        id: definition.id.clone(),
        function: function.path(),
        category: function.category.clone(),
        property: definition.id.property,
        level: definition.level,
        gated_at: definition.gated_at,
        since: definition.since,
        until: definition.until,
        verdict,
        cells,
        clause: Some(definition.clause.clone()),
        doubt: definition.doubt.clone(),
        blocked_by: None,
        exercised: BTreeMap::new(),
        covered: None,
        gap: None,
        consumer: None,
        last_of_function: false,
    }
}

/// The record of a check of a function that the library does not have. The check `present` says so, and blocks the others.
pub(super) fn missing(function: &Function, definition: &CheckDefinition, language: &Language) -> Check {
    if definition.id.property == Property::Present {
        let path = function.owner().map_or_else(|| function.path(), str::to_owned);
        let failure = Failure {
            id: Sort::Plain.nth(0),
            element: None,
            cause: Cause::MissingName,
            expected: function.signature.to_string(),
            got: "no such name".to_owned(),
            verdict: Verdict::Missing,
            kinds: Kinds::new(),
        };
        // A gap is not a deviation of the library, because the standard lacks the function as well.
        let counterexample = if function.is_gap() { None } else { looked_up(language, &path, &failure, None, None) };
        let mut tally = Tally::default();
        tally.fail(failure);
        return check(function, definition, vec![Cell { counterexample, ..tally.cell("", None, None) }], Verdict::Missing);
    }
    let blocked_by = Some(function.check_id(Property::Present, None));
    Check { blocked_by, ..check(function, definition, vec![], Verdict::Blocked) }
}

/// The record of a check of a function whose name could not be looked up, because that ended or blocked the process. The check `present` says
/// so, and blocks the others. `what` says what the process did.
pub(super) fn unanswered(function: &Function, definition: &CheckDefinition, what: &str, language: &Language) -> Check {
    let mut check = missing(function, definition, language);
    if definition.id.property == Property::Present {
        let (verdict, cause) =
            if what.starts_with("was silent") { (Verdict::Timeout, Cause::TimedOut) } else { (Verdict::Crash, Cause::Crashed) };
        check.verdict = verdict;
        for cell in &mut check.cells {
            (cell.verdict, cell.cause, cell.counterexample) = (verdict, Some(cause), None);
            cell.note = Some(format!("the worker {what} when it looked the name up"));
        }
    }
    check
}

/// The record of a check of a function whose extension the library does not have, as the standard permits. The check `present` says so, and
/// blocks the others.
pub(super) fn absent(function: &Function, definition: &CheckDefinition, language: &Language) -> Check {
    match definition.id.property {
        Property::Present => excused(function, definition, "the library does not have this extension, as the standard permits"),
        _ => missing(function, definition, language),
    }
}

/// The record of a check that does not apply to the library, because the library lacks what every case of it needs. That is permitted, or
/// it is a deviation of another check.
pub(super) fn excused(function: &Function, definition: &CheckDefinition, why: &str) -> Check {
    let cell = Cell { verdict: Verdict::Unsupported, note: Some(why.to_owned()), ..Tally::default().cell("", None, None) };
    check(function, definition, vec![cell], Verdict::Unsupported)
}

/// A cell on an unusable dtype. Its deviations do not count, because the dtype is a deviation already.
fn unusable(cell: Cell, profile: &BackendProfile) -> Cell {
    let why = cell.dtypes().find_map(|dtype| profile.unusable.get(&dtype));
    match (why, cell.verdict) {
        (Some(why), Verdict::Fail | Verdict::Missing) => {
            Cell { verdict: Verdict::Unsupported, cause: None, kinds: BTreeMap::new(), note: Some(why.clone()), ..cell }
        }
        _ => cell,
    }
}

/// The record of the check that an unusable dtype exists.
pub(super) fn by_name_alone(function: &Function, definition: &CheckDefinition, why: &str) -> Check {
    let mut check = excused(function, definition, why);
    check.cells[0].cause = Some(Cause::Unsupported);
    check
}

/// For each clause that a check tests only on some calls, by slug: the number of judged cases that met its condition. `counted` gives the
/// number by the clause's index.
fn exercised(function: &Function, definition: &CheckDefinition, counted: impl Fn(usize) -> u64) -> BTreeMap<String, u64> {
    let conditional = function.conditions().map(|(i, _)| (i, &function.clauses[i]));
    let tested = conditional.filter(|(_, clause)| function.is_tested_by(clause, &definition.id));
    tested.map(|(i, clause)| (clause.slug.clone(), counted(i))).collect()
}

/// Whether the check is that of a function's ordinary calls.
fn is_of_calls(definition: &CheckDefinition) -> bool {
    definition.id.property == Property::Call && definition.id.slug.is_none()
}

/// The record of a check. `None` if the check is not judged from outcomes, or if it has none of the selected dtypes. `shrunk` has the causes
/// that have a small counterexample already, by check.
pub(super) fn record<'a>(
    subject: &dyn Subject<'a>,
    ledger: &Ledger,
    supervisor: &mut Supervisor,
    definition: &CheckDefinition,
    shrunk: &mut BTreeSet<(usize, Cause)>,
) -> Result<Option<Check>, StartError> {
    let Some(index) = subject.checks().find(definition.id.property, definition.id.slug.as_deref()) else { return Ok(None) };
    let gathered = subject.gather(index, ledger);
    let (mut out, mut blocked_by) = (Vec::with_capacity(gathered.len()), None);
    if gathered.is_empty() {
        match subject.without_cells(index, ledger) {
            WithoutCells::NoRecord => return Ok(None),
            WithoutCells::Excused(why) => return Ok(Some(excused(subject.function(), definition, &why))),
            WithoutCells::Untested => {}
            WithoutCells::OneCell(why) => out.push(settled(Tally::default().cell("", None, None), why, &mut blocked_by)),
        }
    }
    for of in gathered {
        let cell = judged_cell(subject, supervisor, definition, (index, &of), shrunk)?;
        out.push(match cell.verdict {
            Verdict::Blocked => settled(cell, subject.unjudged(index, &of, ledger), &mut blocked_by),
            _ => cell,
        });
    }
    let function = subject.function();
    let verdict = Cell::overall(out.iter().map(|cell| cell.verdict)).unwrap_or(Verdict::NotTested);
    let blocked_by = blocked_by.filter(|by| *by != definition.id);
    let exercised = exercised(function, definition, |clause| ledger.exercised(clause));
    let covered = if is_of_calls(definition) { subject.covered() } else { None };
    Ok(Some(Check { blocked_by, exercised, covered, ..check(function, definition, out, verdict) }))
}

/// A cell in which nothing was judged, with the reason.
fn settled(cell: Cell, why: Unjudged, blocked_by: &mut Option<CheckId>) -> Cell {
    match why {
        Unjudged::Untested(why) => Cell { verdict: Verdict::NotTested, note: Some(why), ..cell },
        Unjudged::Blocked(by) => {
            *blocked_by = blocked_by.take().or(by);
            cell
        }
    }
}

/// A cell of a check, with a counterexample if it deviates.
fn judged_cell<'a>(
    subject: &dyn Subject<'a>,
    supervisor: &mut Supervisor,
    definition: &CheckDefinition,
    (check, Gathered { cell: of, tally }): (usize, &Gathered),
    shrunk: &mut BTreeSet<(usize, Cause)>,
) -> Result<Cell, StartError> {
    let id = &definition.id;
    let since = (of.since > definition.since).then_some(of.since);
    let mut cell = unusable(tally.cell(&of.label, since, subject.limit(check, of)), subject.shared().profile);
    let known = &subject.shared().options.known;
    let is_known = |kind: &str| cell.cause.is_some_and(|cause| known.excuses(id, cause, &cell.dtype, Some(kind)));
    let shown = cell.cause.is_some() && !subject.shared().options.first_deviation_only;
    let Some(failure) = tally.telling(is_known).filter(|_| shown) else { return Ok(cell) };
    let known = known.covers(id, &cell);
    let repeated = match subject.repeats() {
        true => repeated(supervisor, tally, failure, (known, is_gated(definition)), |supervisor, failure| {
            deviates_again(subject, supervisor, check, failure)
        })?,
        false => Repeated::Steady(failure),
    };
    let (failure, is_steady) = match repeated {
        Repeated::Steady(failure) => (failure, true),
        // Uninitialised memory is another result each time, and always a deviation.
        Repeated::Flaky(failure, _) if id.property == Property::Value && is_unwritten(subject, supervisor, &failure)? => (failure, true),
        Repeated::Flaky(failure, note) => {
            mark_flaky(&mut cell, note);
            (failure, false)
        }
    };
    let effort = match (is_steady, known) {
        (false, _) => Effort::None,
        (true, false) if shrunk.insert((subject.kin(check), failure.cause)) => Effort::Full,
        (true, _) => Effort::Brief,
    };
    cell.counterexample = counterexample(subject, supervisor, (check, of), failure, effort)?;
    Ok(cell)
}

#[cfg(test)]
mod tests {
    use array_assay_spec::Spec;

    use super::*;
    use crate::snippet::Python;

    #[test]
    fn a_missing_function_has_a_script_and_a_gap_has_none() {
        let python = Language::Python(Python { module: "numpy".to_owned(), ..Python::default() });
        let script = |function: &Function| {
            let present = function.checks().into_iter().find(|check| check.id.property == Property::Present).unwrap();
            let mut check = missing(function, &present, &python);
            assert_eq!(check.verdict, Verdict::Missing);
            check.cells.remove(0).counterexample.map(|shown| shown.snippet)
        };
        let spec = Spec::embedded();
        let add = script(spec.function("elementwise", "add").unwrap());
        assert!(add.is_some_and(|script| script.contains("print(xp.add)")));
        let gap = spec.with_all_gaps().find(|function| function.is_gap()).unwrap();
        assert_eq!(script(gap), None);
    }
}
