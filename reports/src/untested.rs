//! What a run did not test, and why.

use array_assay_format::{Cell, Check, CheckId, Results, Verdict};

use crate::Gate;
use crate::text::count;

/// The parts of a gate's checks that a run did not test.
#[derive(Debug, Default)]
pub(crate) struct Untested<'r> {
    /// Checks for which no case was judged, with the reason.
    checks: Vec<(&'r Check, &'r str)>,
    /// Dtypes of other checks for which no case was judged, with the reason.
    dtypes: Vec<(&'r Check, &'r Cell)>,
    /// Clauses whose condition no judged case met, each with a check that tests it.
    clauses: Vec<(&'r Check, &'r str)>,
    /// Number of cells that pass on fewer than [`array_assay_format::FLOOR`] cases.
    pub few: usize,
    /// Number of cells that pass.
    pub cells: usize,
}

const NO_CASE: &str = "no case was judged";
const NO_CALL: &str = "no judged call met the clause's condition";

impl<'r> Untested<'r> {
    /// Collects them from the records.
    pub fn of(results: &'r Results, gate: &Gate<'_>) -> Untested<'r> {
        let mut out = Untested::default();
        let counted = results.checks.iter().filter(|check| gate.counts(check) && check.doubt.is_none());
        for check in counted {
            let Some(verdict) = check.verdict_in(gate.revision) else { continue };
            if verdict == Verdict::NotTested {
                let why = check.cells.iter().find_map(|cell| cell.note.as_deref());
                out.checks.push((check, why.unwrap_or(NO_CASE)));
                continue;
            }
            let cells = check.cells.iter().filter(|cell| cell.since.is_none_or(|since| since <= gate.revision));
            for cell in cells {
                match cell.verdict {
                    Verdict::NotTested => out.dtypes.push((check, cell)),
                    Verdict::Pass => {
                        out.cells += 1;
                        out.few += usize::from(cell.is_below_floor());
                    }
                    _ => {}
                }
            }
            // Another part of the summary shows checks that are blocked or excused.
            if verdict == Verdict::Pass {
                let idle = check.exercised.iter().filter(|(_, cases)| **cases == 0);
                out.clauses.extend(idle.map(|(slug, _)| (check, slug.as_str())));
            }
        }
        // Several checks may test one clause.
        let place = |(check, slug): &(&Check, &'r str)| (check.id.category.clone(), check.id.function.clone(), *slug);
        out.clauses.sort_by_key(place);
        out.clauses.dedup_by_key(|clause| place(clause));
        out
    }

    /// What was not tested, as text such as "2 checks, 1 clause". `None` if everything was tested.
    pub fn counts(&self) -> Option<String> {
        let kinds = [(self.checks.len(), "check"), (self.dtypes.len(), "dtype"), (self.clauses.len(), "clause")];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, kind)| if kind == "dtype" { format!("{} of other checks", count(n, kind)) } else { count(n, kind) })
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What was not tested, each with the reason: checks, then clauses, then dtypes.
    pub fn lines(&self) -> impl Iterator<Item = (String, &'r str)> + '_ {
        let checks = self.checks.iter().map(|(check, why)| (check.id.to_string(), *why));
        let clauses = self.clauses.iter().map(|(check, slug)| {
            let clause = format!("the clause `{slug}` of {}/{}", check.id.category, check.id.function);
            (clause, NO_CALL)
        });
        let dtypes = self.dtypes.iter().map(|(check, cell)| {
            let why = cell.note.as_deref().unwrap_or(NO_CASE);
            (format!("{} on {}", check.id, cell.dtype), why)
        });
        checks.chain(clauses).chain(dtypes)
    }

    /// For each thing that was not tested the check and the reason.
    pub fn reasons(&self) -> impl Iterator<Item = (&CheckId, &'r str)> + '_ {
        let checks = self.checks.iter().map(|(check, why)| (&check.id, *why));
        let clauses = self.clauses.iter().map(|(check, _)| (&check.id, NO_CALL));
        let dtypes = self.dtypes.iter().map(|(check, cell)| (&check.id, cell.note.as_deref().unwrap_or(NO_CASE)));
        checks.chain(clauses).chain(dtypes)
    }
}
