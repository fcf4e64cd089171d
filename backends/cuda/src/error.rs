//! The errors of wrong calls.

use array_assay_interface::CallError;

/// The error of an argument of the wrong kind.
pub fn type_error(message: impl Into<String>) -> CallError {
    CallError::raised("TypeError", message)
}

/// The error of an argument of the right kind and the wrong value.
pub fn value_error(message: impl Into<String>) -> CallError {
    CallError::raised("ValueError", message)
}

/// The error of an index or an axis that does not exist.
pub fn index_error(message: impl Into<String>) -> CallError {
    CallError::raised("IndexError", message)
}
