//! What a library lacks, ranked by the workloads of consumers that it blocks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Check, ConsumerCase};

/// How often a function stands in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impact {
    /// The function, by its path.
    pub function: String,
    /// The workloads that nothing else blocks.
    pub only: BTreeSet<String>,
    /// The workloads that it blocks.
    pub any: BTreeSet<String>,
    /// The workloads that it blocks first.
    pub first: BTreeSet<String>,
}

/// The functions that block workloads of consumers: those that are most often the only blocker come first.
pub fn impacts(checks: &[Check]) -> Vec<Impact> {
    let mut impacts: BTreeMap<String, Impact> = BTreeMap::new();
    for check in checks {
        for case in check.consumer.iter().flat_map(|record| &record.cases) {
            enter(&mut impacts, &check.id.function, case);
        }
    }
    let mut ranked: Vec<Impact> = impacts.into_iter().map(|(function, impact)| Impact { function, ..impact }).collect();
    ranked.sort_by_key(|impact| Reverse((impact.only.len(), impact.any.len(), impact.first.len())));
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

#[cfg(test)]
mod tests {
    use array_assay_format::{Blocker, Cause, ReplayEnd};

    use super::*;

    #[test]
    fn a_function_that_blocks_alone_comes_before_one_that_blocks_more_beside_others() {
        let blocker = |function: &str| Blocker {
            function: function.to_owned(),
            at: "a.py:1".to_owned(),
            via: None,
            statement: String::new(),
            cause: Cause::Raised,
            message: String::new(),
            check: None,
        };
        let case = |functions: &[&str]| ConsumerCase {
            name: "float64-20".to_owned(),
            end: ReplayEnd::Blocked,
            why: String::new(),
            statements: 1,
            leaves: BTreeMap::new(),
            blockers: functions.iter().map(|function| blocker(function)).collect(),
        };
        let mut impacts = BTreeMap::new();
        enter(&mut impacts, "one", &case(&["zeros", "take", "zeros"]));
        enter(&mut impacts, "two", &case(&["take"]));
        let of = |name: &str| impacts.get(name).map(|i: &Impact| (i.only.len(), i.any.len(), i.first.len()));
        assert_eq!((of("take"), of("zeros")), (Some((1, 2, 1)), Some((0, 1, 1))));
    }
}
