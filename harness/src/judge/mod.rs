//! From outcomes to verdicts, on the host, from raw bytes: no verdict depends on another function of the library under test.

mod element;
mod outcome;
mod tally;

pub use element::{Judgement, ValueJudge};
pub use outcome::{FunctionJudge, Observed, tuple};
pub use tally::{AccuracyTally, Failure, FunctionTally, Slot, Tally};
