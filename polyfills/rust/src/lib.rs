//! The Python Array API standard for Rust array libraries.

mod bind;
mod composed;
mod dtypes;
mod generated;
mod kernels;
mod keyword;
mod polyfilled;
mod result;
mod scope;
mod sources;
mod value;

pub use generated::{keywords, namespace, polyfills};
pub use namespace::Namespace;
pub use polyfilled::{Origin, Polyfilled};
#[doc(hidden)]
pub use sources::SOURCES;
pub use value::{Answer, Value};

/// The text of this crate's README.
#[doc(hidden)]
pub const README: &str = include_str!("../README.md");

/// The known deviations of the crate ndarray together with polyfills: the file's place in the repository, and its text.
#[doc(hidden)]
pub const NDARRAY_BASELINE: (&str, &str) = ("polyfills/rust/baselines/ndarray.yaml", include_str!("../baselines/ndarray.yaml"));
