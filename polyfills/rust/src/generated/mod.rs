//! Generated from the spec by `cargo xtask codegen`: do not edit by hand.

pub(crate) mod bodies;
pub(crate) mod table;
