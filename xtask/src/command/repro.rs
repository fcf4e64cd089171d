//! `repro`: prints a bug report for one deviation, with a script that shows it.

use std::collections::BTreeSet;

use array_assay_format::{Check, Results};
use array_assay_spec::Spec;

use crate::cli;
use crate::exit::{Error, Exit};
use crate::nearest::meant;
use crate::out;

/// Runs the command.
pub fn run(options: &cli::Repro) -> Result<Exit, Error> {
    let results = Results::read(&options.results)?;
    let check = find(&results, options)?;
    if let Some(dtype) = &options.dtype {
        let dtypes: BTreeSet<&str> = check.cells.iter().map(|cell| cell.dtype.as_str()).filter(|dtype| !dtype.is_empty()).collect();
        if !dtypes.contains(dtype.as_str()) {
            let why = if dtypes.is_empty() { "the check has no dtypes; leave out --dtype".to_owned() } else { meant(dtype, dtypes) };
            return Err(Error::Usage(format!("find the dtype `{dtype}` in {}: {why}", check.id)));
        }
    }
    if let Some(text) = array_assay_reports::bug_report(&results.header, check, options.dtype.as_deref()) {
        out::print(&text);
        return Ok(Exit::Success);
    }
    match (&options.dtype, check.cells.iter().find(|cell| Some(&cell.dtype) == options.dtype.as_ref())) {
        (Some(dtype), Some(cell)) => print_line!("{} has no deviation on {dtype} to show: its verdict there is {}", check.id, cell.verdict),
        _ => print_line!("{} has no deviation to show: its verdict is {}", check.id, check.verdict),
    }
    Ok(Exit::Nothing)
}

fn find<'r>(results: &'r Results, options: &cli::Repro) -> Result<&'r Check, Error> {
    let wanted = options.check.as_str();
    if let Some(check) = results.checks.iter().find(|check| check.id.to_string() == wanted) {
        return Ok(check);
    }
    let spec = Spec::embedded();
    if spec.checks().chain(spec.gap_checks()).any(|check| check.id.to_string() == wanted) {
        return Err(Error::Usage(format!("find {wanted} in {}: the check did not run there", options.results.display())));
    }
    // A check that deviates is the more likely one.
    let ids = |deviating: bool| -> Vec<String> {
        let wanted = results.checks.iter().filter(|check| !deviating || check.verdict.is_deviation());
        wanted.map(|check| check.id.to_string()).collect()
    };
    let (deviating, all) = (ids(true), ids(false));
    let near = Some(meant(wanted, deviating.iter().map(String::as_str))).filter(|text| text.starts_with("did you mean"));
    let near = near.unwrap_or_else(|| meant(wanted, all.iter().map(String::as_str)));
    Err(Error::Usage(format!("find {wanted} in {}: no check has this id; {near}", options.results.display())))
}
