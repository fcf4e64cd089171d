//! Polyfills: the bodies of functions in the spec, made into something that runs.
//!
//! [`Substitution`] rewrites programs for a library: a call of a function that the library lacks becomes the steps of the function's
//! polyfill, specialised for the dtypes, shapes and other facts of the call. [`solve`] finds the polyfills that a library needs, and the
//! functions that none can give it. [`python`] and [`rust`] write the polyfills in these languages.
//!
//! The crate runs nothing and knows no particular library.

mod fact;
mod infer;
mod library;
pub mod python;
pub mod rust;
mod solve;
mod specialise;
mod substitute;

pub use fact::{ArrayFact, Ask, Fact, Known};
pub use infer::{Made, infer};
pub use library::Library;
pub use solve::{OutOfReach, Plan, Polyfilled, solve};
pub use specialise::{Specialised, Stop, specialise};
pub use substitute::{Substituted, Substitution};
