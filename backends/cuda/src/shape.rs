//! Arrays in other shapes: parts, new axes, other orders of axes and elements, and arrays one behind the other.

use array_assay_interface::CallError;

use crate::array::Array;
use crate::call::promoted;
use crate::error::value_error;

/// A stack of matrices with the last two axes exchanged.
pub fn swapped(x: &Array) -> Result<Array, CallError> {
    let mut axes: Vec<usize> = (0..x.rank()).collect();
    match axes[..] {
        [.., _, _] => axes.swap(x.rank() - 2, x.rank() - 1),
        _ => return Err(value_error("a matrix has two axes at least")),
    }
    x.permuted(&axes)
}

/// A part of the elements along an axis: `count` of them from `start` on.
pub fn section(x: &Array, axis: usize, start: usize, count: usize) -> Result<Array, CallError> {
    let mut shape = x.shape().to_vec();
    shape[axis] = count;
    x.view(shape, x.strides().to_vec(), start as isize * x.strides()[axis])
}

/// Arrays one behind the other along an axis.
pub fn concatenated(arrays: &[Array], axis: usize) -> Result<Array, CallError> {
    let first = arrays.first().ok_or_else(|| value_error("there has to be an array"))?;
    let mut dtype = first.dtype();
    let mut shape = first.shape().to_vec();
    shape[axis] = 0;
    for array in arrays {
        dtype = promoted(dtype, array.dtype())?;
        let same = array.rank() == shape.len() && (0..shape.len()).all(|i| i == axis || array.shape()[i] == shape[i]);
        if !same {
            return Err(value_error(format!("arrays of shapes {:?} and {:?} do not fit together", first.shape(), array.shape())));
        }
        shape[axis] += array.shape()[axis];
    }
    let out = Array::new(first.device(), dtype, shape)?;
    let mut start = 0;
    for array in arrays {
        let count = array.shape()[axis];
        section(&out, axis, start, count)?.assign(array)?;
        start += count;
    }
    Ok(out)
}

/// The array with axes of length one at these places of the result.
pub fn expanded(x: &Array, places: &[usize]) -> Result<Array, CallError> {
    let (mut shape, mut strides) = (x.shape().to_vec(), x.strides().to_vec());
    let mut places = places.to_vec();
    places.sort_unstable();
    for place in places {
        shape.insert(place, 1);
        strides.insert(place, 0);
    }
    x.view(shape, strides, 0)
}

/// The array with the elements along some axes in reverse order.
pub fn flipped(x: &Array, axes: &[usize]) -> Result<Array, CallError> {
    let mut strides = x.strides().to_vec();
    let mut moved = 0;
    for axis in axes {
        moved += (x.shape()[*axis] as isize - 1).max(0) * strides[*axis];
        strides[*axis] = -strides[*axis];
    }
    x.view(x.shape().to_vec(), strides, moved)
}

/// The array with the elements along an axis moved on, and those that leave it at the other end.
pub fn rolled(x: &Array, axis: usize, shift: i128) -> Result<Array, CallError> {
    let n = x.shape()[axis];
    if n == 0 {
        return Ok(x.clone());
    }
    let shift = shift.rem_euclid(n as i128) as usize;
    let parts = [section(x, axis, n - shift, shift)?, section(x, axis, 0, n - shift)?];
    concatenated(&parts, axis)
}

/// The array with its last axis at another place.
pub fn last_to(x: &Array, axis: usize) -> Result<Array, CallError> {
    let mut order: Vec<usize> = (0..x.rank() - 1).collect();
    order.insert(axis, x.rank() - 1);
    x.permuted(&order)
}
