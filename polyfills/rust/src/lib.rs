//! The Python Array API standard for Rust array libraries.

mod bind;
mod dtypes;
mod generated;
mod kernels;
mod namespace;
mod polyfilled;
mod scope;
mod value;

pub use namespace::Namespace;
pub use polyfilled::{Origin, Polyfilled};
pub use value::{Answer, Value};
