//! What the standard lacks: functions that consumers need, where they are discussed, who needs them, and where they exist natively.

use std::collections::BTreeMap;

pub use array_assay_format::GAPS;
use array_assay_format::Revision;
use serde::Deserialize;

use crate::Function;

/// A function that consumers need and the standard lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// It, as a function of the standard would be: signature, domains, rules for the result.
    pub function: Function,
    /// What it gives, in a few words.
    pub says: String,
    /// Where the discussion of it stands.
    pub status: Status,
    /// Where it is discussed.
    pub trackers: Vec<Tracker>,
    /// Who needs it.
    pub demand: Demand,
    /// Where it exists, by the name that a library gives itself. A library that is not named has it under its own name, if at all.
    pub native: BTreeMap<String, Native>,
    /// Full paths of it outside the namespaces of array libraries, such as `scipy.special.erf`.
    pub elsewhere: Vec<String>,
    /// Where implementations go wrong, and where libraries differ.
    pub hazards: Vec<String>,
    /// A body over functions of the standard, in the language of polyfills.
    pub polyfill: Option<Located<String>>,
    /// Why no program can judge it, so that it is only looked for; it has no parameters then.
    pub untestable: Option<String>,
}

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// It.
    pub value: T,
    /// The file, below the spec's folder.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The column at which each of its lines begins, from 1.
    pub column: usize,
}

/// Where the discussion of a gap stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is in this revision of the standard, or in its draft.
    Entered(Revision),
    /// Somebody proposed it, and it is neither in nor out.
    Proposed,
    /// The standard's maintainers declined it.
    Declined,
    /// Nobody has proposed it.
    Open,
}

impl Status {
    /// It in a few words.
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
    /// Its number.
    pub number: u32,
    /// What it says, in a few words.
    #[serde(default)]
    pub note: Option<String>,
}

impl Tracker {
    /// Its page.
    pub fn url(&self) -> String {
        format!("https://github.com/{}/issues/{}", self.repository, self.number)
    }
}

/// How often something is needed, by measure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// Counts by the measures of `gaps/demand.yaml`.
    pub counts: BTreeMap<String, u32>,
    /// Projects that carry a version of their own.
    pub carried: Vec<String>,
}

/// A measure of demand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// What is counted.
    pub says: String,
    /// Where.
    pub source: String,
    /// When, as `YYYY-MM`.
    pub date: String,
    /// How much a doubling of the count says.
    pub weight: f64,
}

impl Measure {
    /// The measure that counts the projects which carry a version of their own.
    pub const CARRIED: &'static str = "carried";
    /// The measure that counts the trackers.
    pub const DISCUSSED: &'static str = "discussed";
}

/// Where a library has a gap.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "RawNative")]
pub struct Native {
    /// Paths in the library's namespace, the first that exists is taken; none where the same name means something else.
    pub names: Vec<String>,
    /// How it differs.
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
    /// How strong the demand for it is: each measure counts with its weight for every doubling.
    pub fn score(&self, measures: &[Measure]) -> f64 {
        measures.iter().map(|measure| measure.weight * f64::from(1 + self.count(&measure.name)).log2()).sum()
    }

    /// The count by a measure; trackers, and projects that carry a version, are measures of their own.
    pub fn count(&self, measure: &str) -> u32 {
        match measure {
            Measure::CARRIED => self.demand.carried.len() as u32,
            Measure::DISCUSSED => self.trackers.len() as u32,
            _ => self.demand.counts.get(measure).copied().unwrap_or(0),
        }
    }

    /// The paths under which a library may have it.
    pub fn paths(&self, library: &str) -> Vec<String> {
        self.native.get(library).map_or_else(|| vec![self.function.path()], |native| native.names.clone())
    }

    /// It as a library has it: the function at another path.
    pub fn at(&self, path: &str) -> Function {
        Function { path: Some(path.to_owned()), ..self.function.clone() }
    }
}
