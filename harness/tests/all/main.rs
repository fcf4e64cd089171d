//! The tests of this crate from outside, in one program: to link takes longer than most of them run.

mod calls;
mod chains;
mod consumers;
mod misbehaving;
mod mutants;
mod oracle;
mod other_language;
mod same_records;
mod shapes;
mod tiny;
mod validation;
