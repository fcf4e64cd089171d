//! Elements at indices that are known on the device alone.

use array_assay_interface::{CallError, DType};

use crate::array::Array;
use crate::creation::zeros;
use crate::error::index_error;
use crate::launch::Launch;
use crate::source::{Module, SELECTION, c_type};

/// What a kernel sets if an index does not exist.
pub struct Flag(pub Array);

impl Flag {
    /// A flag on the device of an array.
    pub fn new(like: &Array) -> Result<Flag, CallError> {
        zeros(like.device(), DType::Int32, &[1]).map(Flag)
    }

    /// Fails if the flag was set.
    pub fn lowered(&self) -> Result<(), CallError> {
        if self.0.to_host()?.data.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        Err(index_error("an index lies outside of its axis"))
    }
}

/// The slices of an array at some indices of an axis. The indices are a vector of 64-bit integers, and may be negative.
pub fn taken(x: &Array, indices: &Array, axis: usize) -> Result<Array, CallError> {
    let n = x.shape()[axis];
    let mut shape = x.shape().to_vec();
    shape[axis] = indices.size();
    let inner: usize = shape[axis + 1..].iter().product();
    let (x, indices) = (x.contiguous()?, indices.contiguous()?);
    let (out, flag) = (Array::new(x.device(), x.dtype(), shape)?, Flag::new(&x)?);
    if n == 0 && out.size() > 0 {
        return Err(index_error("an axis without elements has no index"));
    }
    let launch = Launch::times(out.size()).buffer(&out).buffer(&x).buffer(&indices).buffer(&flag.0);
    let launch = launch.integers([n, indices.size(), inner]);
    launch.run(&Module::of(&SELECTION, x.dtype()), &format!("taken_{}", c_type(x.dtype())))?;
    flag.lowered()?;
    Ok(out)
}

/// The elements of each row at the indices in the same row of another matrix.
pub fn along(rows: &Array, indices: &Array) -> Result<Array, CallError> {
    let (n, count) = (rows.shape()[1], indices.shape()[1]);
    let (out, flag) = (Array::new(rows.device(), rows.dtype(), indices.shape().to_vec())?, Flag::new(rows)?);
    if n == 0 && out.size() > 0 {
        return Err(index_error("an axis without elements has no index"));
    }
    let launch = Launch::times(out.size()).buffer(&out).buffer(rows).buffer(indices).buffer(&flag.0).integers([n, count]);
    launch.run(&Module::of(&SELECTION, rows.dtype()), &format!("along_{}", c_type(rows.dtype())))?;
    flag.lowered()?;
    Ok(out)
}
