//! The conformance test harness: it generates programs from the spec, runs them on a backend in a worker process, and judges the outcomes
//! on the host.
//!
//! The harness knows no particular backend and renders nothing.

pub mod bench;
pub mod consumers;
mod elements;
pub mod exercise;
pub mod gate;
pub mod generate;
pub mod judge;
pub mod mutants;
pub mod observed;
mod python_values;
pub mod reference;
pub mod run;
mod signature;
pub mod snippet;
pub mod validate;
