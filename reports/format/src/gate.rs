//! What a gate says of a run, beside the results in `gate.json`: for whoever shows a run to people and reads no baselines.

use serde::{Deserialize, Serialize};

use crate::{CheckId, Level, Revision, Tool, Verdict};

/// The version of the format of `gate.json`.
pub const GATE_FORMAT_VERSION: u32 = 1;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// [`GATE_FORMAT_VERSION`].
    pub format: u32,
    /// The tool that wrote the file.
    pub tool: Tool,
    /// The backend, as the command line named it.
    pub backend: String,
    /// The revision by which it judged.
    pub revision: Revision,
    /// The least binding level that it counted.
    pub level: Level,
    /// Whether the run is as expected: nothing failed and no entry is stale.
    pub open: bool,
    /// Every check of the revision that ran, gaps apart.
    pub checks: Vec<Standing>,
    /// The entries of the baseline that name what no longer occurs.
    pub stale: Vec<StaleEntry>,
}

/// What the gate makes of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The check.
    pub id: CheckId,
    /// What the gate makes of it.
    pub outcome: Outcome,
    /// Its verdict at the revision.
    pub verdict: Verdict,
    /// In one line, why it did not pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The entries of the baseline that name what deviates in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<BaselineEntry>,
    /// The bug report of what is new in it, of a check that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
}

/// What a gate makes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing deviates.
    Passed,
    /// It deviates in a way that the baseline does not name.
    Failed,
    /// The baseline names all that deviates.
    Known,
    /// It was not judged, or the standard permits what it shows.
    Skipped,
    /// It deviates, at a level that the gate does not count.
    Uncounted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 5] = [Outcome::Passed, Outcome::Failed, Outcome::Known, Outcome::Skipped, Outcome::Uncounted];
}

/// An entry of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineEntry {
    /// The check, or a glob over checks, as it is written there.
    pub check: String,
    /// Why it deviates.
    pub reason: String,
    /// Where that is discussed.
    pub link: Option<String>,
    /// The file, as the command line named it.
    pub file: Option<String>,
    /// The first line of the entry, from 1.
    pub first_line: Option<u64>,
    /// The last line of the entry.
    pub last_line: Option<u64>,
}

/// An entry of a baseline that names what no longer occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleEntry {
    /// The check at which to show it: that of the entry, or the first one of its glob.
    pub check: CheckId,
    /// The entry.
    pub entry: BaselineEntry,
    /// In one line, what does not occur, and what to remove.
    pub says: String,
}
