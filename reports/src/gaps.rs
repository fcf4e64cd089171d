//! The gaps of the standard, and which backends have functions for them, from results.

use std::collections::BTreeMap;

use array_assay_format::{Check, GapRecord, Property, Results, Verdict};

/// The functions that the standard lacks, those in most demand first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gaps {
    /// One row for each function.
    pub rows: Vec<Row>,
}

/// A function that the standard lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The name of the gap.
    pub name: String,
    /// What the spec says of the gap.
    pub known: GapRecord,
    /// Whether each backend has the function, in the order of the results. `None` if a run did not look for it.
    pub standings: Vec<Option<Standing>>,
}

/// Whether a backend has a function for a gap.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// The backend lacks it.
    Absent,
    /// The backend has it.
    Native(Native),
}

/// A backend's own function for a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Native {
    /// The path in the backend's namespace.
    pub path: String,
    /// The signature, if the backend knows it.
    pub signature: Option<String>,
    /// How the function differs from the proposed one.
    pub note: Option<String>,
    /// The number of checks that passed, without the check of its presence.
    pub passed: u64,
    /// The number of checks with a verdict, without the check of its presence. Zero if the function was not tested.
    pub judged: u64,
    /// The checks that deviate, by the part of their id after `::`.
    pub deviating: Vec<String>,
}

impl Standing {
    /// From the checks of one gap in one run.
    fn of(present: &Check, checks: &[&Check]) -> Standing {
        let Some(native) = present.gap.as_ref().and_then(|gap| gap.native.clone()) else { return Standing::Absent };
        let mut out = Native { path: native.path, signature: native.signature, note: native.note, ..Native::default() };
        for check in checks.iter().filter(|check| check.property != Property::Present) {
            match check.verdict {
                Verdict::Pass => out.passed += 1,
                Verdict::NotTested | Verdict::Blocked | Verdict::Unsupported | Verdict::Flaky => continue,
                _ => out.deviating.push(check.id.to_string().split("::").nth(1).unwrap_or_default().to_owned()),
            }
            out.judged += 1;
        }
        Standing::Native(out)
    }
}

impl Gaps {
    /// The gaps for which the runs looked.
    pub fn of(results: &[Results]) -> Gaps {
        let mut gaps = Gaps::default();
        for (i, run) in results.iter().enumerate() {
            gaps.add(i, results.len(), run);
        }
        gaps
    }

    /// Adds run `at` of `all` runs.
    pub(crate) fn add(&mut self, at: usize, all: usize, run: &Results) {
        let mut checks: BTreeMap<&str, Vec<&Check>> = BTreeMap::new();
        for check in run.checks.iter().filter(|check| check.is_gap()) {
            checks.entry(&check.id.function).or_default().push(check);
        }
        for (name, checks) in checks {
            let Some(present) = checks.iter().find(|check| check.gap.is_some()) else { continue };
            let Some(known) = present.gap.clone() else { continue };
            let row = match self.rows.iter().position(|row| row.name == name) {
                Some(row) => row,
                None => {
                    self.rows.push(Row { name: name.to_owned(), known, standings: vec![None; all] });
                    self.rows.len() - 1
                }
            };
            self.rows[row].standings[at] = Some(Standing::of(present, &checks));
        }
        self.rows.sort_by(|a, b| b.known.demand.total_cmp(&a.known.demand).then_with(|| a.name.cmp(&b.name)));
    }

    /// Four counts for a backend: functions that pass every check, that deviate, that were not tested, and that are absent.
    pub fn counts(&self, run: usize) -> [usize; 4] {
        let mut out = [0; 4];
        for standing in self.rows.iter().filter_map(|row| row.standings.get(run)?.as_ref()) {
            out[match standing {
                Standing::Native(native) if native.judged == 0 => 2,
                Standing::Native(native) if native.deviating.is_empty() => 0,
                Standing::Native(_) => 1,
                Standing::Absent => 3,
            }] += 1;
        }
        out
    }
}
