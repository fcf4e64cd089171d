//! What is replayed, and on what.

use array_assay_spec::consumer::{Case, Face, Trace};

use crate::gate::Baseline;
use crate::run::Supervisor;

/// What a replay needs to know of the library.
pub struct Subject<'a> {
    /// The worker.
    pub supervisor: &'a mut Supervisor,
    /// The library's default device.
    pub device: String,
    /// The known deviations, to name the check that says the same as a blocker.
    pub known: &'a Baseline,
}

/// A program to replay for a kind of library.
pub struct Replay<'a> {
    /// The data, and what is expected.
    pub case: &'a Case,
    /// The program.
    pub trace: &'a Trace,
    /// The kind of library.
    pub face: Face,
}
