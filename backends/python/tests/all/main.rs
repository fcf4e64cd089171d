//! The tests of this crate from outside, in one program: to link takes longer than most of them run.

mod consumers_package;
mod legal_variants;
mod worker;
mod worker_package;
