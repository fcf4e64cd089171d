//! Targets for fuzzing: each decoder of bytes that come from outside, and what is done with what it reads.
//!
//! A target is a function of any bytes. It finds a fault if the decoder panics, or if an assertion of the target fails: for example, a value that was
//! read has to stay the same when it is written and read again. `tests/corpus.rs` feeds the targets with the files of `corpus/` and with mutations of them.

mod mutate;
mod targets;

pub use mutate::{Form, Mutator};
pub use targets::{TARGETS, Target};
