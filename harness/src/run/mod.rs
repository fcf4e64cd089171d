//! Runs a backend: supervises its worker processes, handles their faults, and makes the records.

mod apart;
mod calls;
mod chain;
mod conform;
mod device;
mod elementwise;
mod envelope;
mod gaps;
mod layouts;
mod options;
mod permissions;
mod progress;
mod records;
mod repeats;
mod rewrite;
mod session;
mod shard;
mod shrink;
mod subject;
mod supervisor;
mod trace;
mod worker;

pub use conform::{Earlier, Run, RunError, conform, place};
pub use options::{Backend, CASES, Options};
pub use progress::{Event, Progress};
pub use rewrite::{MakeRewrite, Rewrite, Rewritten};
pub use shard::{Shard, Times};
pub use supervisor::{Supervisor, SupervisorStats};
pub use worker::{Inside, Limits, StartError, Worker, WorkerCommand, WorkerFault};
