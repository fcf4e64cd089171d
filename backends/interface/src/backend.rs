//! The trait that an author of a Rust array library implements.

use crate::{Array, DType, Exception, Identity, Scalar, Slice};

/// A library under test. An adapter calls what the library itself names, and nothing else:
/// what the library lacks is [`CallError::Missing`].
pub trait Backend {
    /// The library's array, of any dtype and rank.
    type Array: Clone;

    /// Who it is; `functions` are the names whose presence and signatures it reports.
    fn identity(&self, functions: &[String]) -> Identity;

    /// Makes the library's array of the host's, bit for bit.
    #[allow(clippy::wrong_self_convention)]
    fn from_host(&mut self, array: &Array) -> Result<Self::Array, CallError>;

    /// Hands an array back, bit for bit, in C order.
    fn to_host(&mut self, array: &Self::Array) -> Result<Array, CallError>;

    /// The dtype and the shape of an array. An adapter that knows them without the elements says so itself.
    fn describe(&mut self, array: &Self::Array) -> Result<(DType, Vec<usize>), CallError> {
        self.to_host(array).map(|host| (host.dtype, host.shape))
    }

    /// Calls a function of the standard by its path.
    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, Self::Array>],
        kwargs: &[(String, Argument<'_, Self::Array>)],
    ) -> Result<Output<Self::Array>, CallError>;
}

/// An argument of a call, its registers resolved.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Argument<'a, A> {
    Array(&'a A),
    Value(&'a Output<A>),
    Scalar(Scalar),
    Str(String),
    Dtype(DType),
    Device(String),
    Slice(Slice),
    None,
    Ellipsis,
    Tuple(Vec<Argument<'a, A>>),
    List(Vec<Argument<'a, A>>),
}

/// What a call gave.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Output<A> {
    Array(A),
    Scalar(Scalar),
    Dtype(DType),
    Device(String),
    Tuple(Vec<Output<A>>),
    List(Vec<Output<A>>),
    Named(Vec<(String, Output<A>)>),
    Dict(Vec<(String, Output<A>)>),
    /// An object of the library with these attributes.
    Object(Vec<(String, Output<A>)>),
    Str(String),
    None,
}

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The library has no function of that name.
    #[error("the library has no `{0}`")]
    Missing(String),
    /// It lacks a capability of the closed list, as its identity declares.
    #[error("the library lacks {0}")]
    Unsupported(String),
    /// It raised, panicked or returned an error.
    #[error("{}: {}", .0.type_name, .0.message)]
    Raised(Exception),
}

impl CallError {
    /// The error of a library that has the function but not for these arguments.
    pub fn raised(type_name: impl Into<String>, message: impl Into<String>) -> CallError {
        CallError::Raised(Exception::new(type_name, message))
    }
}
