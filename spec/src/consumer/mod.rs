//! Consumers: what libraries such as scikit-learn call on the arrays of whichever library their user hands in.
//!
//! A profile (`spec/consumers/CONSUMER-VERSION/NAME.yaml`) is the trace of one workload. `consumers trace` writes it. Its programs are
//! written in the grammar of polyfills, with assignment to elements, in-place operators and conversions to Python numbers.

mod linalg;
mod load;
mod lower;
mod statement;

use std::collections::BTreeMap;
use std::fmt;

use array_assay_interface::Array;
use serde::Deserialize;

pub use linalg::{Linalg, LinalgRow, linalg};
pub use load::{profiles, read, workloads_through};
pub use lower::{Branch, Given, Lowered, Origin, straight_line};
pub use statement::{Statement, StatementKind};

/// What one workload of a consumer calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The consumer's package, such as `scikit-learn`.
    pub consumer: String,
    /// Its version.
    pub version: String,
    /// The workload's name within the consumer.
    pub name: String,
    /// The call in a few words.
    pub says: String,
    /// The versions of the packages that were installed when the workload was traced, by package.
    pub traced: BTreeMap<String, String>,
    /// The cases. Each takes another path through the consumer.
    pub cases: Vec<Case>,
    /// The text of the file.
    pub size: usize,
}

/// A workload on certain data.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The dtype and the number of samples, such as `float64-20`.
    pub name: String,
    /// How far results may be off, relative to the largest expected element.
    pub rtol: f64,
    /// The results whose columns have a free sign.
    pub free_signs: Vec<String>,
    /// The inputs by name.
    pub inputs: Vec<(String, Array)>,
    /// What the consumer itself gives for NumPy's arrays.
    pub expect: BTreeMap<String, Array>,
    /// The programs, each for one or more kinds of libraries.
    pub programs: Vec<Trace>,
}

/// A straight-line program: what the consumer calls on a library of these kinds.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The kinds of libraries.
    pub faces: Vec<Face>,
    /// Why the trace is not whole.
    pub cut: Option<String>,
    /// Calls that the standard does not allow. The consumer makes them nevertheless.
    pub beyond: Vec<String>,
    /// How often the consumer converts an array to something else, by conversion: `bool`, `int`, `float`, or `host` for an array of NumPy.
    pub leaves: BTreeMap<String, u32>,
    /// The arrays that the consumer brings from NumPy in between.
    pub hosts: Vec<(String, Array)>,
    /// Where each result comes from.
    pub returns: Vec<(String, Origin)>,
    /// The statements.
    pub statements: Vec<Statement>,
}

/// A kind of library, as consumers tell libraries apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Face {
    /// Arrays are computed at once and can be changed.
    Eager,
    /// Arrays cannot be changed, and consumers take care not to look at their elements.
    Immutable,
    /// Arrays are computed later, and may have sizes that nobody knows.
    Deferred,
}

impl fmt::Display for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Face::Eager => "eager",
            Face::Immutable => "immutable",
            Face::Deferred => "deferred",
        })
    }
}

impl Profile {
    /// The name of the function in check ids, such as `scikit-learn/LinearDiscriminantAnalysis.fit`.
    pub fn function(&self) -> String {
        format!("{}/{}", self.consumer, self.name)
    }
}

impl Case {
    /// The program for a kind of library.
    pub fn program(&self, face: Face) -> Option<&Trace> {
        self.programs.iter().find(|trace| trace.faces.contains(&face))
    }
}

#[cfg(test)]
mod tests;
