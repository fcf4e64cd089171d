//! Stacks of matrices as arguments.

use array_assay_interface::{CallError, DType};

use crate::array::Array;
use crate::call::Call;
use crate::error::value_error;

/// A stack of matrices of floating-point numbers.
pub fn matrix<'a>(call: &'a Call<'_>, position: usize) -> Result<&'a Array, CallError> {
    let x = call.array_of(position, DType::is_floating)?;
    if x.rank() < 2 { Err(value_error(format!("an array of {} axes is no matrix", x.rank()))) } else { Ok(x) }
}

/// The axes of a stack, the number of rows and that of columns.
pub fn sizes(x: &Array) -> (Vec<usize>, usize, usize) {
    match x.shape() {
        [outer @ .., rows, columns] => (outer.to_vec(), *rows, *columns),
        _ => (Vec::new(), 0, 0),
    }
}

/// The number of rows of square matrices.
pub fn side(x: &Array) -> Result<usize, CallError> {
    let (_, rows, columns) = sizes(x);
    if rows == columns { Ok(rows) } else { Err(value_error(format!("a matrix of {rows} rows and {columns} columns is not square"))) }
}

/// The exception for a matrix that has no such result, for example a singular one that is to be inverted.
pub fn unsolvable(message: &str) -> CallError {
    CallError::raised("LinAlgError", message)
}

/// Whether a kernel has set its flag.
pub fn is_set(flag: &Array) -> Result<bool, CallError> {
    Ok(flag.to_host()?.data.iter().any(|byte| *byte != 0))
}
