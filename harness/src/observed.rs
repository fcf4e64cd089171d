//! Observations: the outcome of a program, or the fault that it caused.

use array_assay_interface::{Outcome, Value};

/// What was observed of a program: an outcome, or a fault of the worker's process.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The worker answered.
    Outcome(Outcome),
    /// The worker's process died.
    Crashed(String),
    /// The worker did not answer in time.
    TimedOut,
    /// The worker exceeded its memory limit.
    OutOfMemory,
    /// The worker broke the protocol.
    Breached(String),
    /// The program was not run, because the function was given up after several faults.
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
