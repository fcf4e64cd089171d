//! Judges outcomes on the host, from raw bytes. No verdict depends on another function of the library under test.

mod accepted;
mod call;
mod demand;
mod element;
mod expectation;
pub mod kind;
mod large;
mod ledger;
mod outcome;
mod tally;

pub use accepted::{AcceptedJudge, accepted_example};
pub use call::{CallJudge, Ran};
pub use demand::{Demand, Fact, Is, Number, Part, Real, Where, index_of};
pub use element::{Judgement, ValueJudge};
pub(crate) use expectation::judge;
pub use large::judge_large;
pub use ledger::{Checks, Ledger};
pub use outcome::{FunctionJudge, Place, survives};
pub use tally::{AccuracyTally, Failure, Tally};
