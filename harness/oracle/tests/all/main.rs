//! The tests of this crate from outside, in one program: to link takes longer than most of them run.

mod accuracy;
mod integers;
mod values;
