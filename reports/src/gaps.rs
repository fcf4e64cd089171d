//! What the standard lacks, and which backends have it, out of results.

use std::collections::BTreeMap;

use array_assay_format::{Check, GapRecord, Property, Results, Verdict};

/// The functions that the standard lacks, those most in demand first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gaps {
    /// Them.
    pub rows: Vec<Row>,
}

/// A function that the standard lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub known: GapRecord,
    /// How the backends stand to it, in the order of the results; `None` where a run did not look for it.
    pub standings: Vec<Option<Standing>>,
}

/// How a backend stands to a gap.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It lacks it.
    Absent,
    /// It has it.
    Native(Native),
}

/// A gap as a backend has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Native {
    /// Its path.
    pub path: String,
    /// Its signature, where the backend tells it.
    pub signature: Option<String>,
    /// How it differs.
    pub note: Option<String>,
    /// Checks that passed, and all that came to a verdict; the presence apart. None of either where it was not judged.
    pub passed: u64,
    /// See `passed`.
    pub judged: u64,
    /// The checks that deviate, each without its function.
    pub deviating: Vec<String>,
}

impl Standing {
    /// Of the checks of one gap in one run.
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
    /// Those that runs looked for.
    pub fn of(results: &[Results]) -> Gaps {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        for (i, run) in results.iter().enumerate() {
            let mut checks: BTreeMap<&str, Vec<&Check>> = BTreeMap::new();
            for check in run.checks.iter().filter(|check| check.is_gap()) {
                checks.entry(&check.id.function).or_default().push(check);
            }
            for (name, checks) in checks {
                let Some(present) = checks.iter().find(|check| check.gap.is_some()) else { continue };
                let Some(known) = present.gap.clone() else { continue };
                let row = rows.entry(name).or_insert_with(|| Row { name: name.to_owned(), known, standings: vec![None; results.len()] });
                row.standings[i] = Some(Standing::of(present, &checks));
            }
        }
        let mut rows: Vec<Row> = rows.into_values().collect();
        rows.sort_by(|a, b| b.known.demand.total_cmp(&a.known.demand).then_with(|| a.name.cmp(&b.name)));
        Gaps { rows }
    }

    /// How many a backend has and they hold in every check, has and deviate in some, has and were not judged, and lacks.
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
