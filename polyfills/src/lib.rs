//! Polyfills: bodies of functions, as the spec has them, made into something that runs.
//!
//! [`Substitution`] rewrites programs for a library: a call of a function that it lacks becomes the steps of the function's polyfill,
//! specialised for the dtypes, shapes and other facts of the call. [`solve`] says which polyfills a library needs and what stays out of
//! reach. [`python`] and [`rust`] write the polyfills in these languages.
//!
//! The crate runs nothing and knows no particular library.

mod fact;
mod helpers;
mod infer;
mod library;
pub mod python;
pub mod rust;
mod solve;
mod specialise;
mod substitute;

pub use fact::{ArrayFact, Fact};
pub use infer::{Made, infer};
pub use library::Library;
pub use solve::{OutOfReach, Plan, Polyfilled, solve};
pub use specialise::{Specialised, Stop, specialise};
pub use substitute::{Substituted, Substitution};
