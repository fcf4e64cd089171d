//! From the spec to verdicts: programs are generated, run on a backend behind a worker process, and judged on the host.
//!
//! The harness knows no particular backend and renders nothing.

pub mod bench;
mod elements;
pub mod exercise;
pub mod gate;
pub mod generate;
pub mod judge;
pub mod mutants;
pub mod observed;
pub mod reference;
pub mod run;
mod signature;
pub mod snippet;
pub mod validate;
