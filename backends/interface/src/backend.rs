//! The trait that an author of a Rust array library implements.

use crate::{Array, DType, Exception, Identity, Record, Tree};

/// A library under test. An adapter calls only what the library itself names. For everything that the library lacks, it returns
/// [`CallError::Missing`].
pub trait Backend {
    /// The library's array, of any dtype and rank.
    type Array: Clone;

    /// The identity of the library. `functions` are the names whose presence and signatures it reports.
    fn identity(&self, functions: &[String]) -> Identity;

    /// Makes an array of the library from an array of the host, bit for bit.
    #[allow(clippy::wrong_self_convention)]
    fn from_host(&mut self, array: &Array) -> Result<Self::Array, CallError>;

    /// The array as an array of the host, bit for bit, in C order.
    fn to_host(&mut self, array: &Self::Array) -> Result<Array, CallError>;

    /// The dtype and the shape of an array. An adapter that knows them without reading the elements overrides this.
    fn describe(&mut self, array: &Self::Array) -> Result<(DType, Vec<usize>), CallError> {
        self.to_host(array).map(|host| (host.dtype, host.shape))
    }

    /// Calls a function of the standard by its path, such as `linalg.svd`.
    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, Self::Array>],
        kwargs: &[(String, Argument<'_, Self::Array>)],
    ) -> Result<Output<Self::Array>, CallError>;
}

/// An argument of a call. The result of an earlier call is passed on as it is: an array, or a tuple of sizes.
pub type Argument<'a, A> = Tree<&'a A, Record>;

/// The result of a call.
pub type Output<A> = Tree<A, Record>;

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The library has no function of that name.
    #[error("the library has no `{0}`")]
    Missing(String),
    /// The library lacks a capability of the closed list, as its identity declares.
    #[error("the library lacks {0}")]
    Unsupported(String),
    /// The library raised, panicked or returned an error.
    #[error("{}: {}", .0.type_name, .0.message)]
    Raised(Exception),
}

impl CallError {
    /// The error of a library that has the function but fails for these arguments.
    pub fn raised(type_name: impl Into<String>, message: impl Into<String>) -> CallError {
        CallError::Raised(Exception::new(type_name, message))
    }
}
