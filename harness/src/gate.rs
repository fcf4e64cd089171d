//! The gate: deviations that the baseline does not name, and named ones that no longer occur.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use array_assay_format::{Cause, Cell, Check, CheckId, Level, Results, Revision, Verdict};
use serde::{Deserialize, Serialize};

/// The known deviations of a backend. Later files overlay earlier ones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The seed and the cases a stream of the run that it was made from: only a run with the same seed and as many cases
    /// can show that a deviation is gone.
    #[serde(default)]
    pub seed: u64,
    /// See `seed`.
    #[serde(default)]
    pub cases: u32,
    /// Them.
    pub deviations: Vec<Known>,
}

/// A known deviation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The check.
    pub check: CheckId,
    /// Why it deviates.
    pub cause: Cause,
    /// The dtypes on which it does; none means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dtypes: Vec<String>,
    /// In a sentence, why this is so.
    pub reason: String,
    /// Whether a run may pass it by: it hangs on what no seed settles, such as memory that nobody wrote, or on a rare meeting of
    /// arguments. It is never gone, and stays when the file is updated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub intermittent: bool,
    /// Where it is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Why a baseline could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BaselineError {
    #[error("open the baseline {}: {source}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("read the baseline {name}: {why}")]
    Malformed { name: String, why: String },
}

/// The reason that `--update-baseline` writes for a deviation which nobody has explained yet.
pub const UNEXPLAINED: &str = "not yet explained";

impl Baseline {
    /// Reads a baseline from a text.
    pub fn parse(name: &str, text: &str) -> Result<Baseline, BaselineError> {
        serde_yaml::from_str(text).map_err(|e| BaselineError::Malformed { name: name.to_owned(), why: e.to_string() })
    }

    /// Reads a baseline from a file.
    pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
        let text = std::fs::read_to_string(path).map_err(|source| BaselineError::Open { path: path.to_owned(), source })?;
        Baseline::parse(&path.display().to_string(), &text)
    }

    /// Puts another one over it: its entries replace those on the same check and cause.
    pub fn overlay(&mut self, other: Baseline) {
        (self.seed, self.cases) = (other.seed, self.cases.max(other.cases));
        for entry in other.deviations {
            self.deviations.retain(|known| (&known.check, known.cause) != (&entry.check, entry.cause));
            self.deviations.push(entry);
        }
    }

    /// Whether an entry names a deviation of a check on a dtype.
    pub fn excuses(&self, check: &CheckId, cause: Cause, dtype: &str, _kind: Option<&str>) -> bool {
        let names = |known: &Known| known.dtypes.is_empty() || known.dtypes.iter().any(|name| name == dtype);
        self.deviations.iter().any(|known| known.check == *check && known.cause == cause && names(known))
    }

    /// Whether entries name all that deviates in a cell.
    pub fn covers(&self, check: &CheckId, cell: &Cell) -> bool {
        cell.cause.is_some_and(|cause| self.excuses(check, cause, &cell.dtype, None))
    }

    /// The baseline that names exactly the deviations of a run at `level` and more binding ones, with the reasons of this one where it has
    /// some. Entries on checks that did not run stay, and intermittent ones.
    pub fn updated(&self, results: &Results, level: Level) -> Baseline {
        let ran: BTreeSet<&CheckId> = results.checks.iter().map(|check| &check.id).collect();
        let stays = |known: &&Known| !ran.contains(&known.check) || known.intermittent;
        let mut deviations: Vec<Known> = self.deviations.iter().filter(stays).cloned().collect();
        for check in results.checks.iter().filter(|check| check.level <= level && !check.is_gap()) {
            for cause in causes(check, None).into_keys() {
                let old = self.deviations.iter().find(|known| known.check == check.id && known.cause == cause);
                if old.is_some_and(|known| known.intermittent) {
                    continue;
                }
                deviations.push(Known {
                    check: check.id.clone(),
                    cause,
                    dtypes: old.map_or_else(Vec::new, |known| known.dtypes.clone()),
                    reason: old.map_or_else(|| UNEXPLAINED.to_owned(), |known| known.reason.clone()),
                    intermittent: false,
                    link: old.and_then(|known| known.link.clone()),
                });
            }
        }
        deviations.sort_by(|a, b| (&a.check, a.cause).cmp(&(&b.check, b.cause)));
        Baseline { seed: results.header.seed, cases: results.header.cases, deviations }
    }

    /// Its text.
    pub fn to_yaml(&self, backend: &str) -> String {
        let mut out = format!(
            "# Known deviations of {backend}, one a check and cause. `cargo xtask conform {backend} --update-baseline` rewrites this file\n\
             # and keeps the reasons.\n"
        );
        out.push_str(&serde_yaml::to_string(self).unwrap_or_default());
        out
    }
}

/// What the gate says of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gate {
    /// Checks that deviate in a way the baseline does not name.
    pub unexpected: Vec<CheckId>,
    /// Checks all of whose deviations are named.
    pub known: Vec<CheckId>,
    /// Named deviations that ran and did not occur.
    pub gone: Vec<(CheckId, Cause)>,
}

impl Gate {
    /// Judges results of `revision` at `level` and more binding ones.
    pub fn judge(results: &Results, baseline: &Baseline, revision: Revision, level: Level) -> Gate {
        let mut gate = Gate::default();
        let mut entries: BTreeMap<(&CheckId, Cause), (&Known, bool)> =
            baseline.deviations.iter().map(|known| ((&known.check, known.cause), (known, false))).collect();
        for check in &results.checks {
            let found = causes(check, Some(revision));
            let mut all_named = true;
            for (cause, dtypes) in &found {
                match entries.get_mut(&(&check.id, *cause)) {
                    Some((known, seen)) => {
                        *seen = true;
                        all_named &= known.dtypes.is_empty() || dtypes.iter().all(|d| known.dtypes.contains(d));
                    }
                    None => all_named = false,
                }
            }
            if found.is_empty() || check.level > level || check.is_gap() {
                continue;
            }
            if all_named { gate.known.push(check.id.clone()) } else { gate.unexpected.push(check.id.clone()) }
        }
        if results.header.seed != baseline.seed || results.header.cases < baseline.cases {
            return gate;
        }
        let ran: BTreeMap<&CheckId, &Check> = results.checks.iter().map(|check| (&check.id, check)).collect();
        for ((id, cause), (known, seen)) in entries {
            // A check that is blocked or not in this revision cannot show what it does.
            let shows = ran.get(id).is_some_and(|check| check.verdict_in(revision).is_some_and(|v| v != Verdict::Blocked));
            let drawn = |check: &Check| known.dtypes.is_empty() || check.cells.iter().any(|cell| known.dtypes.contains(&cell.dtype));
            if !seen && !known.intermittent && shows && ran.get(id).is_some_and(|check| drawn(check)) {
                gate.gone.push((id.clone(), cause));
            }
        }
        gate
    }

    /// Whether the run is as expected.
    pub fn is_open(&self) -> bool {
        self.unexpected.is_empty() && self.gone.is_empty()
    }
}

/// The causes of a check's deviations, with the dtypes concerned.
fn causes(check: &Check, revision: Option<Revision>) -> BTreeMap<Cause, Vec<String>> {
    let mut out: BTreeMap<Cause, Vec<String>> = BTreeMap::new();
    if revision.is_some_and(|r| !check.applies_to(r)) {
        return out;
    }
    for cell in &check.cells {
        let counts = revision.is_none_or(|r| cell.since.is_none_or(|since| since <= r));
        if counts && cell.deviates() {
            out.entry(cell.cause.unwrap_or(Cause::Unsupported)).or_default().push(cell.dtype.clone());
        }
    }
    if check.cells.is_empty() && check.verdict.is_deviation() {
        out.insert(Cause::Unsupported, Vec::new());
    }
    out
}
