//! The tests of this crate from outside, in one program: to link takes longer than most of them run.

mod browser;
mod compare;
mod consumers;
mod coverage;
mod gaps;
mod junit;
mod merge;
mod rendered;
mod sample;
mod short;
mod site;
mod standing;
mod summary;
mod tried;
