//! The records: a header, a check a line, a footer.

use std::collections::BTreeMap;

use array_assay_interface::{DType, Program};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Cause, CheckId, Level, Property, Revision, Verdict};

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

/// What ran, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT_VERSION`].
    pub format: u32,
    /// The tool that wrote the file.
    pub tool: Tool,
    /// The backend.
    pub backend: BackendInfo,
    /// The revisions whose checks ran.
    pub revisions: Vec<Revision>,
    /// The upstream commit that `draft` means, if it was among them.
    pub draft: Option<String>,
    /// The seed.
    pub seed: u64,
    /// Cases a stream.
    pub cases: u32,
    /// The other options that shape the records (`select`, `shard`, `dtype`, `device`), those given.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// Name and version of the tool.
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
    /// Devices, the default first.
    pub devices: Vec<String>,
    /// The standard's dtypes that it has.
    pub dtypes: Vec<String>,
    /// Revisions that it claims.
    pub claims: Vec<String>,
    /// Extensions that it has.
    pub extensions: Vec<String>,
    /// Capabilities, by name.
    pub capabilities: BTreeMap<String, bool>,
    /// Versions of what it ran on besides.
    pub also: BTreeMap<String, String>,
    /// Layouts withdrawn at start-up, with the reason.
    pub withdrawn_layouts: BTreeMap<String, String>,
    /// Types of objects that come in place of arrays without axes and are taken for arrays, as they have an array's attributes.
    pub scalars_for_arrays: Vec<String>,
    /// Values and arrays that do not go in and out of it unchanged, with an example: others were drawn in their place.
    pub lost: BTreeMap<String, String>,
}

/// One property of one function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// The function's path in the namespace, such as `linalg.svd`.
    pub function: String,
    /// Its category.
    pub category: String,
    /// The aspect judged.
    pub property: Property,
    /// How binding.
    pub level: Level,
    /// The level at which a gate counts it, where that is more binding than its own: of a value without required accuracy, half of whose
    /// digits are wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gated_at: Option<Level>,
    /// First revision that has it.
    pub since: Revision,
    /// Last revision that has it, if it ended.
    pub until: Option<Revision>,
    /// Derived from the cells.
    pub verdict: Verdict,
    /// One for each dtype and device.
    pub cells: Vec<Cell>,
    /// What the standard says, in our notation, and where.
    pub clause: Option<ClauseRef>,
    /// Why the clause's text is doubtful.
    pub doubt: Option<String>,
    /// The check that failed and so blocks this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<CheckId>,
    /// Of the clauses that the check tests on some calls alone, by slug: how many judged cases were such calls.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exercised: BTreeMap<String, u64>,
    /// Of a function that the standard lacks, on the check whether it is there: what is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapRecord>,
    /// Whether a run wrote it as the last one of its function. A function without such a record is incomplete, and `--resume` runs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last_of_function: bool,
}

/// What is known of a function that the standard lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapRecord {
    /// The signature that stands for what most libraries have.
    pub proposed: String,
    /// What it gives, in a few words.
    #[serde(default)]
    pub says: String,
    /// What became of it in the standard, in a few words.
    pub status: String,
    /// How strong the demand for it is, to be compared among gaps.
    pub demand: f64,
    /// Projects that carry a version of their own.
    #[serde(default)]
    pub carried: Vec<String>,
    /// Where it is discussed.
    #[serde(default)]
    pub trackers: Vec<String>,
    /// Where implementations go wrong.
    #[serde(default)]
    pub hazards: Vec<String>,
    /// Where the library has it; `None` where it lacks it.
    #[serde(default)]
    pub native: Option<NativeRecord>,
}

/// A gap as a library has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeRecord {
    /// Its path in the library's namespace.
    pub path: String,
    /// Its signature, where the library tells it.
    #[serde(default)]
    pub signature: Option<String>,
    /// How it differs.
    #[serde(default)]
    pub note: Option<String>,
}

/// A clause in our notation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseRef {
    /// What it says.
    pub says: String,
    /// The page of the standard.
    pub url: String,
}

/// A check on one dtype (a pair such as `int8+uint8` where operands differ) and device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The dtype, or the operands' dtypes joined by `+`; empty where the check has none.
    pub dtype: String,
    /// The device; empty for the default one.
    #[serde(default)]
    pub device: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Why, if it deviates.
    pub cause: Option<Cause>,
    /// The revision from which it counts, where that is later than the check's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Revision>,
    /// Cases judged.
    pub cases: u64,
    /// Cases that deviate.
    pub failures: u64,
    /// How they deviate: for each cause the kinds of deviation with the number of their cases, such as `NaN for a number` or the
    /// type of an exception. A case of several kinds counts in each; a cause that says everything has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<Cause, BTreeMap<String, u64>>,
    /// Elements that are right in a way worth counting.
    #[serde(default)]
    pub classes: Classes,
    /// Accuracy, where values are approximations.
    pub accuracy: Option<Accuracy>,
    /// The smallest case found that deviates.
    pub counterexample: Option<Counterexample>,
    /// Retries, flaky tries, or a note of quality, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Elements that are right in a way worth counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Classes {
    /// Subnormal inputs or results taken as zero.
    pub flushed: u64,
    /// Another result that the text allows.
    pub alternative: u64,
}

/// Accuracy of approximations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Accuracy {
    /// Of elements that have one true value.
    Ulp(UlpAccuracy),
    /// Of results that are graded by the equations that define them.
    Ratio(RatioAccuracy),
}

impl Accuracy {
    /// The errors in ULP, if it holds such.
    pub fn ulp(&self) -> Option<&UlpAccuracy> {
        if let Accuracy::Ulp(accuracy) = self { Some(accuracy) } else { None }
    }

    /// The ratios, if it holds such.
    pub fn ratios(&self) -> &[Ratio] {
        if let Accuracy::Ratio(accuracy) = self { &accuracy.ratio } else { &[] }
    }
}

/// How well results fulfil the equations that define them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RatioAccuracy {
    /// By what was measured and class of input.
    pub ratio: Vec<Ratio>,
}

/// The ratios of one equation for one class of inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// What was measured: `residual`, `orthogonality`, `transform`...
    pub what: String,
    /// The class of the inputs, such as `hilbert`; `null` where they have none.
    pub class: Option<String>,
    /// The greatest ratio that is accurate.
    pub threshold: f64,
    /// Results measured.
    pub count: u64,
    /// The greatest ratio; JSON's `null` for an infinite one.
    #[serde(deserialize_with = "infinite_if_null")]
    pub max: f64,
    /// The mean; `null` if infinite.
    #[serde(deserialize_with = "infinite_if_null")]
    pub mean: f64,
}

/// Accuracy of elements that have one true value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UlpAccuracy {
    /// Greatest error against the unrounded value, in ULP (normwise in units of eps for complex results).
    /// 0.5 stands for "correctly rounded throughout"; JSON's `null` for an infinite error.
    #[serde(deserialize_with = "infinite_if_null")]
    pub max_ulp: f64,
    /// Mean distance from the correctly rounded value, in ULP; `null` if infinite.
    #[serde(deserialize_with = "infinite_if_null")]
    pub mean_ulp: f64,
    /// The input with the greatest error, as literals.
    pub worst: Option<String>,
    /// The profile's limit.
    pub limit: Option<f64>,
}

/// JSON has no infinity, and serde_json writes `null` for it.
fn infinite_if_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// A case that deviates, shrunk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counterexample {
    /// The program.
    pub program: Program,
    /// The inputs and the call in one line, such as `add(float32(1.0), float32(nan))`.
    pub call: String,
    /// What the standard says.
    pub expected: String,
    /// What the library returned or raised.
    pub got: String,
    /// Index of the step at which it first differs.
    pub step: Option<u32>,
    /// Anything else worth saying.
    pub note: Option<String>,
    /// The program in the library's own language.
    pub snippet: String,
}

/// Totals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// Number of checks.
    pub checks: u64,
    /// Checks by verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// For each revision, whether the backend conforms at level must.
    pub conforms: BTreeMap<Revision, bool>,
    /// Calls of the functions under test.
    pub calls: u64,
    /// Seconds in all.
    pub wall_s: f64,
    /// Seconds that the workers spent between receiving a batch and answering it.
    pub backend_s: f64,
    /// Workers at once.
    #[serde(default)]
    pub workers: u32,
    /// Where the harness's own time went.
    #[serde(default)]
    pub timing: Timing,
    /// Workers started again after a crash, a hang or a breach of protocol.
    #[serde(default)]
    pub restarts: u64,
    /// Programs that were run again.
    #[serde(default)]
    pub retries: u64,
}

/// Seconds of the harness by stage, summed over its threads.
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
    /// Adds another's seconds.
    pub fn add(&mut self, other: &Timing) {
        self.generate_s += other.generate_s;
        self.wire_s += other.wire_s;
        self.wait_s += other.wait_s;
        self.judge_s += other.judge_s;
        self.shrink_s += other.shrink_s;
    }
}

/// The least number of cases on which a cell that passes should rest; the summary names those that rest on fewer.
pub const FLOOR: u64 = 8;

/// The category of the functions that the standard lacks.
pub const GAPS: &str = "gaps";

impl Check {
    /// Whether it is about a function that the standard lacks. No gate counts it.
    pub fn is_gap(&self) -> bool {
        self.category == GAPS
    }

    /// The level at which a gate counts it.
    pub fn gate_level(&self) -> Level {
        self.gated_at.unwrap_or(self.level)
    }

    /// Whether the revision has the check.
    pub fn applies_to(&self, revision: Revision) -> bool {
        self.since <= revision && self.until.is_none_or(|last| revision <= last)
    }

    /// The verdict as `revision` sees it: over the cells that count there. `None` where the check does not apply.
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

    /// The verdict by which it deviates at a revision. What the standard lets a library lack is no deviation.
    pub fn deviation_in(&self, revision: Revision) -> Option<Verdict> {
        let permitted = !self.cells.is_empty() && self.cells.iter().all(|cell| cell.cause.is_none());
        self.verdict_in(revision).filter(|verdict| verdict.is_deviation() && !(*verdict == Verdict::Unsupported && permitted))
    }
}

impl Cell {
    /// The dtypes of the operands.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + '_ {
        self.dtype.split('+').filter_map(|name| name.parse().ok())
    }

    /// Whether it deviates: what the library may lack has no cause.
    pub fn deviates(&self) -> bool {
        self.verdict.is_deviation() && !(self.verdict == Verdict::Unsupported && self.cause.is_none())
    }

    /// Whether it should rest on cases of its dtype but rests on fewer than [`FLOOR`].
    pub fn is_below_floor(&self) -> bool {
        self.verdict == Verdict::Pass && !self.dtype.is_empty() && self.cases < FLOOR
    }

    /// The verdict over several cells: the gravest deviation; else pass where one passed; else the gravest.
    /// `None` over no cells.
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
