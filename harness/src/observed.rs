//! What became of a program.

use array_assay_interface::{Outcome, Value};

/// What became of a program: an outcome of the worker, or a fault of its process.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The worker answered.
    Outcome(Outcome),
    /// Its process died.
    Crashed(String),
    /// It did not answer in time.
    TimedOut,
    /// It exceeded its memory limit.
    OutOfMemory,
    /// It broke the protocol.
    Breached(String),
    /// Not run: the function was given up after several faults.
    Skipped,
}

impl Observed {
    /// The values that came back.
    pub fn values(&self) -> &[Value] {
        match self {
            Observed::Outcome(
                Outcome::Values(values)
                | Outcome::Joined { values, .. }
                | Outcome::Raised { values, .. }
                | Outcome::Missing { values, .. }
                | Outcome::Unsupported { values, .. },
            ) => values,
            _ => &[],
        }
    }
}
