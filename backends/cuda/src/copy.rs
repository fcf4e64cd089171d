//! Copies of arrays: into C order, to another dtype or device, and to the host.

use std::rc::Rc;

use array_assay_interface::{Array as HostArray, CallError, DType};

use crate::array::{Array, c_strides, overlap};
use crate::device::Device;
use crate::error::value_error;
use crate::launch::Launch;
use crate::source::{Module, c_type};

impl Array {
    /// The elements on the host, in C order.
    pub fn to_host(&self) -> Result<HostArray, CallError> {
        let array = self.contiguous()?;
        let start = (array.address() - array.memory().address()) as usize;
        let data = array.memory().bytes(start, array.size() * array.dtype().size())?;
        Ok(HostArray { dtype: self.dtype(), shape: self.shape().to_vec(), data })
    }

    /// The elements of an array of integers of 64 bits.
    pub fn to_indices(&self) -> Result<Vec<i64>, CallError> {
        let host = self.cast(DType::Int64)?.to_host()?;
        Ok(host.data.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
    }

    /// The array itself if it is in C order, or a copy that is.
    pub fn contiguous(&self) -> Result<Array, CallError> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.copied() }
    }

    /// A copy in C order.
    pub fn copied(&self) -> Result<Array, CallError> {
        let out = Array::new(self.device(), self.dtype(), self.shape().to_vec())?;
        out.assign(self)?;
        Ok(out)
    }

    /// The array as elements of another dtype: itself, if it has it.
    pub fn cast(&self, dtype: DType) -> Result<Array, CallError> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        let out = Array::new(self.device(), dtype, self.shape().to_vec())?;
        out.assign(self)?;
        Ok(out)
    }

    /// Writes the elements of an array that broadcasts to this one, cast to its dtype.
    pub fn assign(&self, value: &Array) -> Result<(), CallError> {
        let kernel = format!("cast_{}_{}", c_type(value.dtype()), c_type(self.dtype()));
        let value = value.broadcast_to(self.shape())?;
        Launch::over(self).with(&value).run(&Module::cast(value.dtype()), &kernel)
    }

    /// The array by another shape of as many elements: a view where the strides allow it, and a copy elsewhere.
    pub fn reshaped(&self, shape: &[usize]) -> Result<Array, CallError> {
        match self.viewed_as(shape) {
            Some(strides) => self.view(shape.to_vec(), strides, 0),
            None => {
                let copy = self.copied()?;
                copy.view(shape.to_vec(), c_strides(shape), 0)
            }
        }
    }

    /// The array as a matrix in C order whose rows run over these axes, in their order, and the shape of the other axes.
    pub fn rows(&self, axes: &[usize]) -> Result<(Array, Vec<usize>), CallError> {
        let others: Vec<usize> = (0..self.rank()).filter(|axis| !axes.contains(axis)).collect();
        let outer: Vec<usize> = others.iter().map(|axis| self.shape()[*axis]).collect();
        let order: Vec<usize> = others.iter().chain(axes).copied().collect();
        let length: usize = axes.iter().map(|axis| self.shape()[*axis]).product();
        let count: usize = outer.iter().product();
        let matrix = self.permuted(&order)?.contiguous()?;
        Ok((matrix.view(vec![count, length], c_strides(&[count, length]), 0)?, outer))
    }

    /// The array on another device.
    pub fn on(&self, device: &Rc<dyn Device>) -> Result<Array, CallError> {
        if Rc::ptr_eq(device, self.device()) {
            return Ok(self.clone());
        }
        Array::from_host(device, &self.to_host()?)
    }
}

/// Writes the elements of `value`, which broadcast, into `target`. Fails if several elements of `target` are one in memory.
pub fn assign(target: &Array, value: &Array) -> Result<(), CallError> {
    let repeats = target.shape().iter().zip(target.strides()).any(|(n, stride)| *n > 1 && *stride == 0);
    if repeats {
        return Err(value_error("elements that stand for several places are not assigned to"));
    }
    // What is read must not be what was just written.
    let value = if overlap(target, value) { value.copied()? } else { value.clone() };
    target.assign(&value)
}
