//! The results of calls as arrays.

use array_assay_interface::{CallError, Output};

use crate::value::type_error;

/// One array.
pub(crate) fn one<A>(output: Output<A>) -> Result<A, CallError> {
    match output {
        Output::Array(array) => Ok(array),
        _ => Err(type_error("the library gave no array")),
    }
}

/// The arrays of a tuple, with or without names.
pub(crate) fn all<A>(output: Output<A>) -> Result<Vec<A>, CallError> {
    match output.unpack() {
        Ok(items) => items.into_iter().map(one).collect(),
        Err(array) => Ok(vec![one(array)?]),
    }
}

/// Exactly as many arrays as a tuple has to have.
pub(crate) fn several<A, const N: usize>(output: Output<A>) -> Result<[A; N], CallError> {
    let items = all(output)?;
    let count = items.len();
    items.try_into().map_err(|_| type_error(format!("the library gave {count} arrays instead of {N}")))
}
