//! `repro`: a deviation as a script and a bug report.

use array_assay_format::Results;

use crate::cli;
use crate::exit::{Error, Exit};

/// Prints them.
pub fn run(options: &cli::Repro) -> Result<Exit, Error> {
    let results = Results::read(&options.results)?;
    let check = results
        .checks
        .iter()
        .find(|check| check.id == options.check)
        .ok_or_else(|| Error::Usage(format!("find {} in {}: it did not run there", options.check, options.results.display())))?;
    match array_assay_reports::bug_report(&results.header, check, options.dtype.as_deref()) {
        Some(text) => {
            print!("{text}");
            Ok(Exit::Success)
        }
        None => {
            println!("{} has nothing to show: its verdict is {}", check.id, check.verdict);
            Ok(Exit::Nothing)
        }
    }
}
