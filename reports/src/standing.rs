//! What the gate makes of each check, for `gate.json`.

use std::path::Path;

use array_assay_format::{BaselineEntry, Cell, Check, GATE_FORMAT_VERSION, GateReport, Outcome, Results, StaleEntry, Standing, Verdict};

use crate::bug::bug_report;
use crate::gate::deviation;
use crate::junit::message;
use crate::text::{one_line, visible};
use crate::{Gate, ReportError};

/// So long is what a message quotes of a note.
const NOTE: usize = 200;

/// What the gate says of a run. `known` gives the entries of the baseline that name what deviates in a check.
pub fn gate_report(results: &Results, gate: &Gate<'_>, known: &dyn Fn(&Check) -> Vec<BaselineEntry>, stale: Vec<StaleEntry>) -> GateReport {
    let of_revision = results.checks.iter().filter(|check| check.is_of_standard() && check.applies_to(gate.revision));
    let checks: Vec<Standing> = of_revision.map(|check| standing(results, check, gate, known)).collect();
    GateReport {
        format: GATE_FORMAT_VERSION,
        tool: results.header.tool.clone(),
        backend: results.header.backend.name.clone(),
        revision: gate.revision,
        level: gate.level,
        open: stale.is_empty() && checks.iter().all(|check| check.outcome != Outcome::Failed),
        checks,
        stale,
    }
}

/// Writes it.
pub fn write_gate_report(report: &GateReport, out: &Path) -> Result<(), ReportError> {
    let failed = |source| ReportError::Write { path: out.to_owned(), source };
    let text = serde_json::to_string(report).map_err(|error| failed(error.into()))?;
    std::fs::write(out, text + "\n").map_err(failed)
}

fn standing(results: &Results, check: &Check, gate: &Gate<'_>, known: &dyn Fn(&Check) -> Vec<BaselineEntry>) -> Standing {
    let verdict = check.verdict_in(gate.revision).unwrap_or(check.verdict);
    let outcome = match deviation(check, gate.revision) {
        None if verdict == Verdict::Pass => Outcome::Passed,
        None => Outcome::Skipped,
        Some(_) if !gate.counts(check) => Outcome::Uncounted,
        Some(_) if (gate.expected)(&check.id) => Outcome::Known,
        Some(_) => Outcome::Failed,
    };
    if outcome == Outcome::Passed {
        return Standing { id: check.id.clone(), outcome, verdict, message: String::new(), known: Vec::new(), report: None };
    }
    let cells = gate.unexpected(check, check.cells.iter().filter(|cell| cell.verdict == verdict).collect());
    let mut message = message(check, verdict, &cells, outcome == Outcome::Known);
    let note = cells.iter().find_map(|cell| cell.note.as_deref()).filter(|_| cells.iter().all(|cell| cell.counterexample.is_none()));
    if let Some(note) = note {
        message.push_str(&format!(": {}", one_line(note, NOTE)));
    }
    let report = (outcome == Outcome::Failed).then(|| report(results, check, gate, &cells)).flatten();
    let known = if deviation(check, gate.revision).is_some() { known(check) } else { Vec::new() };
    Standing { id: check.id.clone(), outcome, verdict, message, known, report }
}

/// The bug report of what is new: of the cells that deviate in a way nobody knew, the one with the shortest call.
fn report(results: &Results, check: &Check, gate: &Gate<'_>, gravest: &[&Cell]) -> Option<String> {
    let deviating = check.cells.iter().filter(|cell| cell.deviates()).collect();
    let shown = |cells: &[&Cell]| {
        let examples = cells.iter().filter_map(|cell| Some((cell.counterexample.as_ref()?.call.len(), cell.dtype.clone())));
        examples.min().map(|(_, dtype)| dtype)
    };
    let dtype = shown(gravest).or_else(|| shown(&gate.unexpected(check, deviating)))?;
    bug_report(&results.header, check, Some(&dtype)).map(|text| visible(&text))
}
