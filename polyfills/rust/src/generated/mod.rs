//! Generated from the spec by `cargo xtask codegen`: do not edit by hand.

pub(crate) mod bodies;
pub mod keywords;
pub mod namespace;
pub mod polyfills;
pub(crate) mod table;
