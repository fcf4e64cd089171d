//! Running a backend: a supervised worker process, what becomes of its faults, and the order of a run.

mod accepted;
mod calls;
mod conform;
mod elementwise;
mod envelope;
mod gaps;
mod lane;
mod layouts;
mod options;
mod permissions;
mod prelude;
mod progress;
mod records;
mod rewrite;
mod session;
mod shrink;
mod subject;
mod worker;

pub use conform::{Run, RunError, conform};
pub use lane::{Lane, LaneStats};
pub use options::{Backend, Options};
pub use progress::{Event, Progress};
pub use rewrite::{MakeRewrite, Rewrite, Rewritten};
pub use worker::{Inside, Limits, StartError, Worker, WorkerCommand, WorkerFault};
