//! Targets for fuzzing: each decoder of bytes that come from outside, and what is done with what it reads.
//!
//! A target takes any bytes. It fails by a panic: of the decoder, or of an assertion here, such as that what was read is written and read again
//! as the same. `tests/corpus.rs` feeds the targets with the files of `corpus/` and with mutations of them.

mod mutate;
mod targets;

pub use mutate::{Form, Mutator};
pub use targets::{TARGETS, Target};
