//! Gaps: functions that consumers need and the standard lacks, with their discussions, their demand, and their names in libraries.

use std::collections::BTreeMap;

pub use array_assay_format::GAPS;
use array_assay_format::Revision;
use serde::Deserialize;

use crate::Function;
use crate::consumer::workloads_through;
use crate::located::Located;

/// A function that consumers need and the standard lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// The function as the standard would have it: signature, domains, rules for the result.
    pub function: Function,
    /// What the function returns, in a few words.
    pub says: String,
    /// The state of the proposal to the standard.
    pub status: Status,
    /// Issues and pull requests that discuss it.
    pub trackers: Vec<Tracker>,
    /// The demand for it.
    pub demand: Demand,
    /// The function's names in libraries, by library. A library that is not listed has it under the gap's own name, if at all.
    pub native: BTreeMap<String, Native>,
    /// Full paths of the function outside the namespaces of array libraries, such as `scipy.special.erf`.
    pub elsewhere: Vec<String>,
    /// Where implementations go wrong, and where libraries differ.
    pub hazards: Vec<String>,
    /// A body over functions of the standard, in the language of polyfills.
    pub polyfill: Option<Located<String>>,
    /// Why no program can test it. It then has no parameters, and only its presence is checked.
    pub untestable: Option<String>,
}

/// The state of the proposal of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It was added in this revision of the standard, or in the draft.
    Entered(Revision),
    /// Somebody proposed it, and there is no decision yet.
    Proposed,
    /// The standard's maintainers declined it.
    Declined,
    /// Nobody has proposed it.
    Open,
}

impl Status {
    /// The state in a few words.
    pub fn says(self) -> String {
        match self {
            Status::Entered(revision) => format!("in {revision}"),
            Status::Proposed => "proposed".to_owned(),
            Status::Declined => "declined".to_owned(),
            Status::Open => "not proposed".to_owned(),
        }
    }
}

/// An issue or pull request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    /// The repository, as `owner/name`.
    pub repository: String,
    /// The number.
    pub number: u32,
    /// What the discussion says, in a few words.
    #[serde(default)]
    pub note: Option<String>,
}

impl Tracker {
    /// The URL.
    pub fn url(&self) -> String {
        format!("https://github.com/{}/issues/{}", self.repository, self.number)
    }
}

/// How often a gap is needed, by measure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// Counts by the measures of `gaps/demand.yaml`.
    pub counts: BTreeMap<String, u32>,
    /// Projects that carry their own version.
    pub carried: Vec<String>,
    /// Helpers of consumers that stand in for it, as traces name them.
    pub helpers: Vec<String>,
}

/// A measure of demand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The name.
    pub name: String,
    /// What is counted.
    pub says: String,
    /// The source of the counts.
    pub source: String,
    /// The month of the count, as `YYYY-MM`.
    pub date: String,
    /// The weight: how much a doubling of the count adds to the demand.
    pub weight: f64,
}

impl Measure {
    /// The measure that counts projects which carry their own version.
    pub const CARRIED: &'static str = "carried";
    /// The measure that counts the trackers.
    pub const DISCUSSED: &'static str = "discussed";
    /// The measure that counts workloads of consumers whose traces go through a helper.
    pub const TRACED: &'static str = "traced";
}

/// A library's names for a gap.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "RawNative")]
pub struct Native {
    /// Paths in the library's namespace, of which the first that exists is used. Empty if the library uses the name for something else.
    pub names: Vec<String>,
    /// How the function differs from the proposed one.
    pub note: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawNative {
    None,
    One(String),
    Many(Vec<String>),
    Full(FullNative),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullNative {
    #[serde(default)]
    name: Option<String>,
    note: String,
}

impl From<RawNative> for Native {
    fn from(raw: RawNative) -> Native {
        match raw {
            RawNative::None => Native::default(),
            RawNative::One(name) => Native { names: vec![name], note: None },
            RawNative::Many(names) => Native { names, note: None },
            RawNative::Full(FullNative { name, note }) => Native { names: name.into_iter().collect(), note: Some(note) },
        }
    }
}

impl Gap {
    /// The demand for the gap: the sum of `weight * log2(1 + count)` over the measures.
    pub fn score(&self, measures: &[Measure]) -> f64 {
        measures.iter().map(|measure| measure.weight * f64::from(1 + self.count(&measure.name)).log2()).sum()
    }

    /// The count by a measure. Trackers, projects that carry their own version, and traces are measures too.
    pub fn count(&self, measure: &str) -> u32 {
        match measure {
            Measure::CARRIED => self.demand.carried.len() as u32,
            Measure::DISCUSSED => self.trackers.len() as u32,
            Measure::TRACED => workloads_through(&self.demand.helpers),
            _ => self.demand.counts.get(measure).copied().unwrap_or(0),
        }
    }

    /// The paths under which a library may have the function.
    pub fn paths(&self, library: &str) -> Vec<String> {
        self.native.get(library).map_or_else(|| vec![self.function.path()], |native| native.names.clone())
    }

    /// The function at another path.
    pub fn at(&self, path: &str) -> Function {
        Function { path: Some(path.to_owned()), ..self.function.clone() }
    }
}
