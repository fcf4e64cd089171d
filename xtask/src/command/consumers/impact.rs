//! `consumers impact`: ranks what a library lacks by the workloads that it blocks.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{ConsumerCase, Results};

use crate::cli;
use crate::exit::{Error, Exit};

/// How often a function stands in the way.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// The workloads that nothing else blocks.
    pub only: BTreeSet<String>,
    /// The workloads that it blocks.
    pub any: BTreeSet<String>,
    /// The workloads that it blocks first.
    pub first: BTreeSet<String>,
}

/// Runs the command.
pub fn run(options: &cli::Impact) -> Result<Exit, Error> {
    for path in &options.results {
        let results = Results::read(path)?;
        let backend = &results.header.backend;
        let ranked = ranked(&results);
        let blocked: BTreeSet<&String> = ranked.iter().flat_map(|(_, impact)| &impact.any).collect();
        print_line!("{} {}: {} workloads are blocked", backend.name, backend.version, blocked.len());
        print_line!("{:>5} {:>5} {:>5}  function", "only", "any", "first");
        for (function, impact) in &ranked {
            print_line!("{:>5} {:>5} {:>5}  {function}", impact.only.len(), impact.any.len(), impact.first.len());
        }
        print_line!();
    }
    Ok(Exit::Success)
}

/// The functions that block workloads: those that are most often the only blocker come first.
fn ranked(results: &Results) -> Vec<(String, Impact)> {
    let mut impacts: BTreeMap<String, Impact> = BTreeMap::new();
    for check in &results.checks {
        let cases = check.consumer.iter().flat_map(|record| &record.cases);
        for case in cases {
            enter(&mut impacts, &check.id.function, case);
        }
    }
    let mut ranked: Vec<(String, Impact)> = impacts.into_iter().collect();
    ranked.sort_by_key(|(_, impact)| std::cmp::Reverse((impact.only.len(), impact.any.len(), impact.first.len())));
    ranked
}

fn enter(impacts: &mut BTreeMap<String, Impact>, workload: &str, case: &ConsumerCase) {
    let functions: BTreeSet<&str> = case.blockers.iter().map(|blocker| blocker.function.as_str()).collect();
    for function in &functions {
        let impact = impacts.entry((*function).to_owned()).or_default();
        impact.any.insert(workload.to_owned());
        if functions.len() == 1 {
            impact.only.insert(workload.to_owned());
        }
        if case.blockers[0].function == *function {
            impact.first.insert(workload.to_owned());
        }
    }
}
