//! Running a backend: a supervised worker process, what becomes of its faults, and the order of a run.

mod accepted;
mod calls;
mod conform;
mod elementwise;
mod gaps;
mod lane;
mod layouts;
mod permissions;
mod polyfills;
mod prelude;
mod progress;
mod records;
mod shrink;
mod subject;
mod worker;

pub use conform::{Backend, Options, Run, RunError, conform};
pub use lane::{Lane, LaneStats};
pub use polyfills::substitution as polyfills_for;
pub use progress::{Event, Progress};
pub use worker::{Inside, Limits, StartError, Worker, WorkerCommand, WorkerFault};
