//! The language of polyfill bodies, as far as it says something of values that are no arrays: operators, and functions such as `len`.
//!
//! Bodies are evaluated in two ways: on the values of a running program, and on what is known of them before a program runs. An
//! [`Evaluator`] is one of these ways, so that each operator and each function stands here once.

mod evaluator;
mod helpers;
mod operators;
mod values;

pub use evaluator::{Call, Evaluator, Held, Refused, Unevaluated};
pub use helpers::{HELPERS, Helper, Python, helper};
pub use operators::{BinaryOp, CompareOp, UnaryOp};
pub use values::{binary, compare, contains, equal, item, normalized, unary};
