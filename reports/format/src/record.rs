//! The records of a results file: a header, one line per check, and a footer.

use std::collections::BTreeMap;

use array_assay_interface::{DType, Program};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Cause, CheckId, Level, Property, ReplayEnd, Revision, Verdict};

/// The version of the results format.
pub const FORMAT_VERSION: u32 = 1;

/// One line of a results file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Record {
    Header(Header),
    Check(Check),
    Footer(Footer),
}

/// The header: what ran, and with which options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The format version of the file, see [`FORMAT_VERSION`].
    pub format: u32,
    /// The tool that wrote the file.
    pub tool: Tool,
    /// The backend.
    pub backend: BackendInfo,
    /// The revisions whose checks ran.
    pub revisions: Vec<Revision>,
    /// The upstream commit that `draft` means, if the draft is among the revisions.
    pub draft: Option<String>,
    /// The seed of the random cases.
    pub seed: u64,
    /// The number of cases per stream.
    pub cases: u32,
    /// Other options that influence the records (`select`, `shard`, `dtype`, `gaps`), if they were given.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// The name and version of the tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// The backend as the command line named it, and as its worker identified itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendInfo {
    /// The name on the command line, such as `compat:numpy`.
    pub name: String,
    /// The library's name.
    pub library: String,
    /// The library's version.
    pub version: String,
    /// The language and its version.
    pub language: String,
    /// Operating system and processor.
    pub platform: String,
    /// The devices, the default one first.
    pub devices: Vec<String>,
    /// The dtypes of the standard that the library has.
    pub dtypes: Vec<String>,
    /// The revisions that the library claims.
    pub claims: Vec<String>,
    /// The extensions that the library has.
    pub extensions: Vec<String>,
    /// The capabilities that the library declares, by name.
    pub capabilities: BTreeMap<String, bool>,
    /// The versions of other packages that matter, such as NumPy.
    pub also: BTreeMap<String, String>,
    /// The layouts that the run did not use, with the reason.
    pub withdrawn_layouts: BTreeMap<String, String>,
    /// Types of scalars that the library returns in place of arrays without axes. They have the attributes of an array and count as arrays.
    pub scalars_for_arrays: Vec<String>,
    /// Values and arrays that do not get into the library and back unchanged, each with an example. The run did not draw them.
    pub lost: BTreeMap<String, String>,
}

/// A check: one property of one function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The id of the check.
    pub id: CheckId,
    /// The function's path in the namespace, such as `linalg.svd`.
    pub function: String,
    /// The function's category.
    pub category: String,
    /// The property that is judged.
    pub property: Property,
    /// The level of the clause.
    pub level: Level,
    /// The level at which a gate counts the check, if that is more binding than its own. This applies to values without required accuracy,
    /// where half of the digits are wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gated_at: Option<Level>,
    /// The first revision that has the check.
    pub since: Revision,
    /// The last revision that has the check, if it ended.
    pub until: Option<Revision>,
    /// The verdict over all cells.
    pub verdict: Verdict,
    /// One cell for each dtype and device.
    pub cells: Vec<Cell>,
    /// The clause of the standard in our notation, with a link.
    pub clause: Option<ClauseRef>,
    /// Why the clause's text is doubtful.
    pub doubt: Option<String>,
    /// The failed check that blocks this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<CheckId>,
    /// For clauses that only some calls of the check test, by slug: the number of judged cases with such calls.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exercised: BTreeMap<String, u64>,
    /// How much of the choices behind the function's cases was met. Only the check of the function's ordinary calls has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<Covered>,
    /// What the spec says of a gap. Only the check of the gap's presence has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapRecord>,
    /// What came of a consumer's workload. Only its check `call` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Box<ConsumerRecord>>,
    /// Whether the record is the last one of its function. A function without such a record is incomplete, and `--resume` runs it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last_of_function: bool,
}

/// What came of a consumer's workload on the library, as a replay of its trace shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerRecord {
    /// The consumer's version.
    pub version: String,
    /// The call in a few words.
    pub says: String,
    /// The kind of library that the consumer takes it for: `eager`, `immutable` or `deferred`.
    pub face: String,
    /// The cases.
    pub cases: Vec<ConsumerCase>,
}

/// What came of a workload on certain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumerCase {
    /// The dtype and the number of samples, such as `float64-20`.
    pub name: String,
    /// What came of it.
    pub end: ReplayEnd,
    /// Why, if that is not said by the blockers.
    #[serde(default)]
    pub why: String,
    /// The number of statements.
    pub statements: u64,
    /// How often the consumer converts an array to something else, by conversion: `bool`, `int`, `float`, or `host` for an array of NumPy.
    #[serde(default)]
    pub leaves: BTreeMap<String, u32>,
    /// The steps that fail, in order. Behind each the replay goes on with the reference's value.
    #[serde(default)]
    pub blockers: Vec<Blocker>,
}

/// A step of a consumer that fails on the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// The function that fails, by its path.
    pub function: String,
    /// The consumer's line.
    pub at: String,
    /// The helper between this line and the call.
    #[serde(default)]
    pub via: Option<String>,
    /// The statement of the program.
    pub statement: String,
    /// How it fails.
    pub cause: Cause,
    /// The exception.
    pub message: String,
    /// The check of the standard by which the library is known to deviate there. `None`: no check of ours says so.
    #[serde(default)]
    pub check: Option<CheckId>,
}

/// How much of the choices behind a function's cases was met, such as whether an argument is passed, the rank of an array or its layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Covered {
    /// The levels: what may be chosen, each for itself.
    pub levels: Met,
    /// The pairs of levels of two choices.
    pub pairs: Met,
}

/// How many of a number of things were met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Met {
    /// Those that were met.
    pub met: u64,
    /// All, without those that no case can have.
    pub all: u64,
}

/// What the spec and the run say of a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapRecord {
    /// The proposed signature, which fits most libraries.
    pub proposed: String,
    /// What the function returns, in a few words.
    #[serde(default)]
    pub says: String,
    /// The state of the proposal to the standard, in a few words.
    pub status: String,
    /// How strong the demand is, for comparison with other gaps.
    pub demand: f64,
    /// Projects that carry their own version.
    #[serde(default)]
    pub carried: Vec<String>,
    /// Links to discussions.
    #[serde(default)]
    pub trackers: Vec<String>,
    /// Where implementations go wrong.
    #[serde(default)]
    pub hazards: Vec<String>,
    /// The library's own function, or `None` if it has none.
    #[serde(default)]
    pub native: Option<NativeRecord>,
}

/// A library's own function for a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeRecord {
    /// The path in the library's namespace.
    pub path: String,
    /// The signature, if the library knows it.
    #[serde(default)]
    pub signature: Option<String>,
    /// How the function differs from the proposed one.
    #[serde(default)]
    pub note: Option<String>,
}

/// A clause of the standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseRef {
    /// What the clause says, in our notation.
    pub says: String,
    /// The URL of the page of the standard.
    pub url: String,
}

/// A cell: a check on one dtype (or a pair such as `int8+uint8`, if operands differ) and one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The dtype, or the dtypes of the operands joined by `+`. Empty if the check has no dtype.
    pub dtype: String,
    /// The device. Empty for the default device.
    #[serde(default)]
    pub device: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The cause, if the cell deviates.
    pub cause: Option<Cause>,
    /// The first revision in which the cell counts, if that is later than the check's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Revision>,
    /// The number of judged cases.
    pub cases: u64,
    /// The number of cases that deviate.
    pub failures: u64,
    /// The kinds of deviation for each cause, with the number of their cases: `NaN for a number`, the type of an exception, and so on. A
    /// case of several kinds counts in each. A cause that says everything has no kinds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<Cause, BTreeMap<String, u64>>,
    /// The number of elements that are right in a way worth reporting.
    #[serde(default)]
    pub classes: Classes,
    /// The accuracy of values that are approximations.
    pub accuracy: Option<Accuracy>,
    /// The smallest deviating case that was found.
    pub counterexample: Option<Counterexample>,
    /// A note for people, such as the number of retries or the reason why nothing was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The number of elements that are right in a way worth reporting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Classes {
    /// Elements that are right if subnormal inputs or results are taken as zero.
    pub flushed: u64,
    /// Elements with another result that the text allows.
    pub alternative: u64,
}

/// The accuracy of approximations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Accuracy {
    /// The errors of elements that have one true value.
    Ulp(UlpAccuracy),
    /// The ratios of results that are graded by the equations that define them.
    Ratio(RatioAccuracy),
}

impl Accuracy {
    /// The errors in ULP, if there are any.
    pub fn ulp(&self) -> Option<&UlpAccuracy> {
        if let Accuracy::Ulp(accuracy) = self { Some(accuracy) } else { None }
    }

    /// The ratios, if there are any.
    pub fn ratios(&self) -> &[Ratio] {
        if let Accuracy::Ratio(accuracy) = self { &accuracy.ratio } else { &[] }
    }
}

/// How well results fulfil the equations that define them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RatioAccuracy {
    /// The ratios by equation and class of input.
    pub ratio: Vec<Ratio>,
}

/// The ratios of one equation for one class of inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The equation: `residual`, `orthogonality`, `transform`, ...
    pub what: String,
    /// The class of the inputs, such as `hilbert`. `null` if they have none.
    pub class: Option<String>,
    /// The largest ratio that counts as accurate.
    pub threshold: f64,
    /// The number of measured results.
    pub count: u64,
    /// The largest ratio. An infinite one is `null` in JSON.
    #[serde(deserialize_with = "infinite_if_null")]
    pub max: f64,
    /// The mean ratio. An infinite one is `null` in JSON.
    #[serde(deserialize_with = "infinite_if_null")]
    pub mean: f64,
}

/// The accuracy of elements that have one true value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UlpAccuracy {
    /// The largest error against the exact value, in ULP (for complex results normwise, in units of eps). If every result is correctly
    /// rounded, it is at most 0.5. An infinite error is `null` in JSON.
    #[serde(deserialize_with = "infinite_if_null")]
    pub max_ulp: f64,
    /// The mean distance from the correctly rounded value, in ULP. An infinite one is `null` in JSON.
    #[serde(deserialize_with = "infinite_if_null")]
    pub mean_ulp: f64,
    /// The input with the largest error, as literals.
    pub worst: Option<String>,
    /// The limit of the accuracy profile.
    pub limit: Option<f64>,
}

/// JSON has no infinity, so serde_json writes `null` for it.
fn infinite_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// The smallest case that deviates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counterexample {
    /// The program.
    pub program: Program,
    /// The call with its inputs in one line, such as `add(float32(1.0), float32(nan))`.
    pub call: String,
    /// The result that the standard demands.
    pub expected: String,
    /// What the library returned or raised.
    pub got: String,
    /// The index of the first step whose result differs.
    pub step: Option<u32>,
    /// A further remark.
    pub note: Option<String>,
    /// A script in the library's language that shows the deviation.
    pub snippet: String,
}

/// The footer: totals of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// The number of checks.
    pub checks: u64,
    /// The number of checks by verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// For each revision, whether the backend conforms at level must.
    pub conforms: BTreeMap<Revision, bool>,
    /// The number of calls of functions under test.
    pub calls: u64,
    /// The duration of the run in seconds.
    pub wall_s: f64,
    /// Seconds that the workers spent between receiving a batch and answering it.
    pub backend_s: f64,
    /// The number of workers that ran at the same time.
    #[serde(default)]
    pub workers: u32,
    /// How the harness spent its own time.
    #[serde(default)]
    pub timing: Timing,
    /// What each function took, by category and name: `linalg/svd`. A run that was resumed has only those of its last part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, FunctionTime>,
    /// How often a worker was started again after a crash, a hang or a fault in the protocol.
    #[serde(default)]
    pub restarts: u64,
    /// The number of programs that were run again.
    #[serde(default)]
    pub retries: u64,
    /// The time at which the run ended, in UTC, such as `2026-11-29T18:04:31Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
}

/// What the calls of a function took.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct FunctionTime {
    /// The number of calls.
    pub calls: u64,
    /// Seconds from the first call until its records were made.
    pub wall_s: f64,
    /// Processor time of the worker in seconds, over all of its threads. `None` if the system does not tell it, or if the worker was started
    /// again meanwhile.
    pub cpu_s: Option<f64>,
}

/// The time of the harness by stage in seconds, summed over its threads.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Timing {
    pub generate_s: f64,
    pub wire_s: f64,
    pub wait_s: f64,
    pub judge_s: f64,
    pub shrink_s: f64,
}

impl Timing {
    /// Adds the seconds of `other`.
    pub fn add(&mut self, other: &Timing) {
        self.generate_s += other.generate_s;
        self.wire_s += other.wire_s;
        self.wait_s += other.wait_s;
        self.judge_s += other.judge_s;
        self.shrink_s += other.shrink_s;
    }
}

/// The smallest number of cases that a passing cell should have. The summary counts the cells with fewer.
pub const FLOOR: u64 = 8;

/// The category of gaps.
pub const GAPS: &str = "gaps";

/// The category of the workloads of consumers.
pub const CONSUMERS: &str = "consumers";

impl Check {
    /// Whether the check is about a gap, which is a function that consumers need and the standard lacks.
    pub fn is_gap(&self) -> bool {
        self.category == GAPS
    }

    /// Whether the check is about the standard, and so not about a gap or a consumer.
    pub fn is_of_standard(&self) -> bool {
        !self.is_gap() && !self.is_consumer()
    }

    /// Whether the check is about a consumer's workload. A run has such checks only if they are asked for.
    pub fn is_consumer(&self) -> bool {
        self.category == CONSUMERS
    }

    /// The level at which a gate counts the check.
    pub fn gate_level(&self) -> Level {
        self.gated_at.unwrap_or(self.level)
    }

    /// Whether the revision has the check.
    pub fn applies_to(&self, revision: Revision) -> bool {
        self.since <= revision && self.until.is_none_or(|last| revision <= last)
    }

    /// The verdict at `revision`, over the cells that count there. `None` if the revision does not have the check.
    pub fn verdict_in(&self, revision: Revision) -> Option<Verdict> {
        if !self.applies_to(revision) {
            return None;
        }
        if self.cells.is_empty() {
            return Some(self.verdict);
        }
        let cells = self.cells.iter().filter(|cell| cell.since.is_none_or(|since| since <= revision));
        Cell::overall(cells.map(|cell| cell.verdict))
    }

    /// The verdict with which the check deviates at a revision. A lack that the standard permits is not a deviation, and neither is what is
    /// flaky without a cause.
    pub fn deviation_in(&self, revision: Revision) -> Option<Verdict> {
        let permitted = !self.cells.is_empty() && self.cells.iter().all(|cell| cell.cause.is_none());
        self.verdict_in(revision).filter(|verdict| verdict.is_deviation() && !(verdict.needs_cause() && permitted))
    }
}

impl Cell {
    /// The dtypes of the operands.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + '_ {
        self.dtype.split('+').filter_map(|name| name.parse().ok())
    }

    /// Whether the cell deviates. A lack that the standard permits has no cause, and neither has a call that once took too long.
    pub fn deviates(&self) -> bool {
        self.verdict.is_deviation() && !(self.verdict.needs_cause() && self.cause.is_none())
    }

    /// Whether the cell should have at least [`FLOOR`] cases and has fewer.
    pub fn is_below_floor(&self) -> bool {
        self.verdict == Verdict::Pass && !self.dtype.is_empty() && self.cases < FLOOR
    }

    /// The verdict over several cells: the most serious deviation, or else pass if one passed, or else the most serious verdict. `None` if
    /// there are no cells.
    pub fn overall(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
        verdicts.reduce(|a, b| {
            let rank = |v: Verdict| match v {
                Verdict::NotTested => 0,
                Verdict::Blocked => 1,
                Verdict::Unsupported => 2,
                Verdict::Pass => 3,
                Verdict::Flaky => 4,
                Verdict::Missing => 5,
                Verdict::Fail => 6,
                Verdict::Timeout => 7,
                Verdict::Crash => 8,
            };
            if rank(a) >= rank(b) { a } else { b }
        })
    }
}
