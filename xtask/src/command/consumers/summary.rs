//! Says in a few lines what the replays of consumers came to.

use std::collections::BTreeMap;

use array_assay_format::{ReplayEnd, Results};

use super::truth::first_line;

/// The most workloads of each end that are listed.
const LISTED: usize = 12;

/// Prints what came of the replays, if there are any.
pub fn print(results: &Results) {
    let mut ends: BTreeMap<ReplayEnd, Vec<String>> = BTreeMap::new();
    for check in &results.checks {
        let Some(record) = &check.consumer else { continue };
        for case in &record.cases {
            let why = match case.blockers.as_slice() {
                [] => case.why.clone(),
                [first, rest @ ..] => {
                    let more = if rest.is_empty() { String::new() } else { format!(" ({} more behind it)", rest.len()) };
                    format!("`{}` at {}: {}{more}", first.statement, first.at, first_line(&first.message))
                }
            };
            ends.entry(case.end).or_default().push(format!("{} {}: {why}", check.id.function, case.name));
        }
    }
    let total: usize = ends.values().map(Vec::len).sum();
    if total == 0 {
        return;
    }
    let counts: Vec<String> = ends.iter().map(|(end, cases)| format!("{} {end}", cases.len())).collect();
    print_line!("consumers: of {total} cases {}", counts.join(", "));
    for (end, cases) in ends.iter().filter(|(end, _)| **end != ReplayEnd::Right) {
        print_line!("  {end}");
        cases.iter().take(LISTED).for_each(|case| print_line!("    {case}"));
        if cases.len() > LISTED {
            print_line!("    and {} more, in the results file", cases.len() - LISTED);
        }
    }
    print_line!();
}
