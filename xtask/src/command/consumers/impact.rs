//! `consumers impact`: ranks what a library lacks by the workloads that it blocks.

use std::collections::BTreeSet;

use array_assay_format::Results;
use array_assay_reports::impacts;

use crate::cli;
use crate::exit::{Error, Exit};

/// Runs the command.
pub fn run(options: &cli::Impact) -> Result<Exit, Error> {
    for path in &options.results {
        let results = Results::read(path)?;
        let backend = &results.header.backend;
        let ranked = impacts(&results.checks);
        let blocked: BTreeSet<&String> = ranked.iter().flat_map(|impact| &impact.any).collect();
        print_line!("{} {}: {} workloads are blocked", backend.name, backend.version, blocked.len());
        print_line!("{:>5} {:>5} {:>5}  function", "only", "any", "first");
        for impact in &ranked {
            print_line!("{:>5} {:>5} {:>5}  {}", impact.only.len(), impact.any.len(), impact.first.len(), impact.function);
        }
        print_line!();
    }
    Ok(Exit::Success)
}
