//! The deviations of one run by what they have in common, what is known of them, and what the run did not test.

use std::collections::BTreeMap;
use std::sync::Arc;

use array_assay_format::{Check, CheckId, Level, Results, Revision, Verdict};
use serde::Serialize;

use super::cluster;
use super::input::Explanation;
use crate::Gate;
use crate::gate::deviation;
use crate::text::one_line;
use crate::untested::Untested;

/// The deviations of a run by what they have in common, and what it did not test.
#[derive(Default)]
pub struct Groups {
    pub deviations: BTreeMap<Way, Group>,
    /// The reasons that its baseline gives, each with the checks.
    pub reasons: BTreeMap<(String, Option<String>), Vec<Arc<CheckId>>>,
    /// Checks that could not be judged, by the check that prevents it.
    pub blocked: BTreeMap<Arc<CheckId>, usize>,
    /// What was not tested, by the reason, then by the function: the number of its checks and dtypes.
    pub untested: BTreeMap<String, BTreeMap<String, usize>>,
    /// Why checks are excused.
    pub excused: BTreeMap<String, usize>,
    /// The number of results that pass on few cases, and of all that pass.
    pub few: usize,
    pub passing: usize,
}

/// What deviations of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// Whether the group is below level must.
    pub lesser: bool,
    pub verdict: Verdict,
    pub cause: String,
    /// The kinds of deviation, such as the type of an exception.
    pub kinds: String,
}

/// Checks that deviate alike.
#[derive(Default)]
pub struct Group {
    pub checks: Vec<Arc<CheckId>>,
    /// The shortest call that shows it, with its length.
    pub smallest: Option<(usize, Example)>,
}

/// A call that deviates.
#[derive(Clone, Serialize)]
pub struct Example {
    call: String,
    got: String,
    expected: String,
}

/// The largest number of things that are named for a reason.
pub const NAMED: usize = 12;

impl Groups {
    /// What the run did not test at the revision. The deviations are added check by check.
    pub fn of(results: &Results, revision: Revision) -> Groups {
        let gate = Gate { revision, level: Level::Must, expected: &|_| false, expected_cell: &|_, _| false };
        let untested = Untested::of(results, &gate);
        let mut groups = Groups { few: untested.few, passing: untested.cells, ..Groups::default() };
        for (of, why) in untested.reasons() {
            let function = format!("{}/{}", of.category, of.function);
            // The function is named beside the reason.
            let why = one_line(&why.replace(&format!(" of {function} "), " "), 200);
            *groups.untested.entry(why).or_default().entry(one_line(&function, 80)).or_default() += 1;
        }
        groups
    }

    /// Adds a check that ran.
    pub fn add(&mut self, check: &Check, id: &Arc<CheckId>, blocked_by: Option<&Arc<CheckId>>, known: &[&Explanation], revision: Revision) {
        if !check.is_of_standard() || check.doubt.is_some() {
            return;
        }
        match check.verdict_in(revision) {
            Some(Verdict::Blocked) => {
                if let Some(by) = blocked_by.filter(|_| check.gate_level() == Level::Must) {
                    *self.blocked.entry(Arc::clone(by)).or_default() += 1;
                }
            }
            Some(Verdict::Unsupported) if deviation(check, revision).is_none() => {
                let note = check.cells.iter().find_map(|cell| cell.note.as_deref());
                let why = one_line(note.unwrap_or("the library lacks something that the check needs"), 200);
                *self.excused.entry(why).or_default() += 1;
            }
            _ => {}
        }
        let Some(verdict) = deviation(check, revision) else { return };
        let lesser = check.level != Level::Must;
        let kinds = cluster::kinds(check).into_iter().take(3).collect::<Vec<_>>().join(", ");
        let way = Way { lesser, verdict, cause: cluster::causes(check), kinds: one_line(&kinds, 120) };
        let group = self.deviations.entry(way).or_default();
        group.checks.push(Arc::clone(id));
        let found = check.cells.iter().filter(|cell| cell.deviates()).filter_map(|cell| cell.counterexample.as_ref());
        if let Some(found) = found.min_by_key(|found| cluster::size(found))
            && group.smallest.as_ref().is_none_or(|(size, _)| found.call.len() < *size)
        {
            let example = Example {
                call: one_line(&found.call, 200),
                got: one_line(&found.got, 160),
                expected: one_line(&cluster::plain(&found.expected), 160),
            };
            group.smallest = Some((found.call.len(), example));
        }
        for reason in known {
            let checks = self.reasons.entry((one_line(&reason.reason, 1000), reason.link.clone())).or_default();
            if checks.last() != Some(id) {
                checks.push(Arc::clone(id));
            }
        }
    }
}
