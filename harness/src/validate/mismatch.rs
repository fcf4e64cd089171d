//! What is wrong with a frame, and the declarations of a worker that later frames have to agree with.

use std::collections::BTreeSet;

/// What is wrong at a place of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub path: String,
    pub expected: String,
    pub found: String,
    pub advice: String,
}

impl Mismatch {
    pub fn new(path: impl Into<String>, expected: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) -> Mismatch {
        Mismatch { path: path.into(), expected: expected.into(), found: found.into(), advice: advice.into() }
    }
}

/// What a worker declared in its identity, as far as later frames have to agree with it.
#[derive(Default)]
pub(super) struct Declared {
    pub dtypes: BTreeSet<String>,
    pub devices: BTreeSet<String>,
    /// The capabilities that it lacks.
    pub lacks: BTreeSet<String>,
}
