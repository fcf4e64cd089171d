//! Arrays: a view of a buffer on a device, by a dtype, a shape, strides and an offset.

use std::rc::Rc;

use array_assay_interface::{Array as HostArray, CallError, DType, Scalar};

use crate::device::{Device, MAX_RANK, Memory};
use crate::error::{index_error, value_error};

/// An array. Several arrays may view one buffer, and a clone views the same elements.
#[derive(Debug, Clone)]
pub struct Array {
    memory: Rc<Memory>,
    dtype: DType,
    shape: Vec<usize>,
    /// In elements.
    strides: Vec<isize>,
    /// The index of the first element in the buffer.
    offset: usize,
}

/// The strides of an array in C order.
pub fn c_strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1isize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis].max(1) as isize;
    }
    strides
}

/// The shape to which shapes broadcast.
pub fn broadcast<'a>(shapes: impl IntoIterator<Item = &'a [usize]>) -> Result<Vec<usize>, CallError> {
    let mut out: Vec<usize> = Vec::new();
    for shape in shapes {
        if shape.len() > out.len() {
            out.splice(0..0, vec![1; shape.len() - out.len()]);
        }
        let missing = out.len() - shape.len();
        for (have, want) in out[missing..].iter_mut().zip(shape) {
            match (*have, *want) {
                (a, b) if a == b => {}
                (1, b) => *have = b,
                (_, 1) => {}
                _ => return Err(value_error(format!("the shape {shape:?} does not broadcast with {out:?}"))),
            }
        }
    }
    Ok(out)
}

/// The number of elements of a shape, where it can be counted.
pub fn size_of(shape: &[usize]) -> Result<usize, CallError> {
    if shape.len() > MAX_RANK {
        return Err(value_error(format!("an array has at most {MAX_RANK} axes, and not {}", shape.len())));
    }
    if shape.contains(&0) {
        return Ok(0);
    }
    let size = shape.iter().try_fold(1usize, |size, n| size.checked_mul(*n)).filter(|size| *size <= isize::MAX as usize / 16);
    size.ok_or_else(|| CallError::raised("MemoryError", format!("failed to allocate an array of shape {shape:?}: no memory has as much")))
}

impl Array {
    /// A new array in C order. Its elements are not initialised.
    pub fn new(device: &Rc<dyn Device>, dtype: DType, shape: Vec<usize>) -> Result<Array, CallError> {
        let size = size_of(&shape)?;
        let memory = Memory::new(device, size * dtype.size())?;
        Ok(Array { memory, dtype, strides: c_strides(&shape), shape, offset: 0 })
    }

    /// An array with the elements of one of the host.
    pub fn from_host(device: &Rc<dyn Device>, array: &HostArray) -> Result<Array, CallError> {
        size_of(&array.shape)?;
        let memory = Memory::of(device, &array.data)?;
        Ok(Array { memory, dtype: array.dtype, strides: c_strides(&array.shape), shape: array.shape.clone(), offset: 0 })
    }

    /// An array of rank zero with this value.
    pub fn scalar(device: &Rc<dyn Device>, dtype: DType, value: Scalar) -> Result<Array, CallError> {
        if let (Scalar::Int(v), Some((low, high))) = (value, dtype.integer_range())
            && !(low..=high).contains(&v)
        {
            return Err(CallError::raised("OverflowError", format!("{v} is no element of an array of {dtype}")));
        }
        Array::from_host(device, &HostArray::from_elements(dtype, Vec::new(), [value.element()]))
    }

    /// A vector of integers of 64 bits.
    pub fn of_indices(device: &Rc<dyn Device>, indices: &[i64]) -> Result<Array, CallError> {
        let data = indices.iter().flat_map(|index| index.to_le_bytes()).collect();
        Array::from_host(device, &HostArray { dtype: DType::Int64, shape: vec![indices.len()], data })
    }

    /// The dtype.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// The strides, in elements.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// The device.
    pub fn device(&self) -> &Rc<dyn Device> {
        self.memory.device()
    }

    /// The address of the first element.
    pub fn address(&self) -> u64 {
        self.memory.address() + (self.offset * self.dtype.size()) as u64
    }

    /// The memory, for the comparison of extents.
    pub fn memory(&self) -> &Rc<Memory> {
        &self.memory
    }

    /// The least and the greatest index of an element in the buffer. `None` if there are no elements.
    pub fn extent(&self) -> Option<(isize, isize)> {
        if self.size() == 0 {
            return None;
        }
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (n, stride) in self.shape.iter().zip(&self.strides) {
            let reach = (*n as isize - 1) * stride;
            if reach < 0 { low += reach } else { high += reach }
        }
        Some((low, high))
    }

    /// The same buffer by another shape and other strides. `moved` is added to the offset.
    pub fn view(&self, shape: Vec<usize>, strides: Vec<isize>, moved: isize) -> Result<Array, CallError> {
        size_of(&shape)?;
        let offset = self.offset as isize + moved;
        let view = Array { memory: Rc::clone(&self.memory), dtype: self.dtype, shape, strides, offset: offset.max(0) as usize };
        let count = (self.memory.size() / self.dtype.size()) as isize;
        match view.extent() {
            Some((low, high)) if offset < 0 || low < 0 || high >= count => {
                Err(index_error(format!("a view from {low} to {high} leaves a buffer of {count} elements")))
            }
            Some(_) => Ok(view),
            None => Ok(Array { offset: 0, ..view }),
        }
    }

    /// Whether the elements lie in C order without gaps.
    pub fn is_contiguous(&self) -> bool {
        let usual = c_strides(&self.shape);
        self.size() == 0 || self.shape.iter().zip(&self.strides).zip(&usual).all(|((n, stride), usual)| *n == 1 || stride == usual)
    }

    /// A view with the elements repeated along new axes and those of length one.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Array, CallError> {
        if shape == self.shape {
            return Ok(self.clone());
        }
        let refused = || value_error(format!("the shape {:?} does not broadcast to {shape:?}", self.shape));
        let new = shape.len().checked_sub(self.rank()).ok_or_else(refused)?;
        let mut strides = vec![0; shape.len()];
        for axis in 0..self.rank() {
            let (have, want) = (self.shape[axis], shape[new + axis]);
            strides[new + axis] = match have {
                _ if have == want => self.strides[axis],
                1 => 0,
                _ => return Err(refused()),
            };
        }
        self.view(shape.to_vec(), strides, 0)
    }

    /// A view with the axes in another order.
    pub fn permuted(&self, axes: &[usize]) -> Result<Array, CallError> {
        let shape = axes.iter().map(|axis| self.shape[*axis]).collect();
        let strides = axes.iter().map(|axis| self.strides[*axis]).collect();
        self.view(shape, strides, 0)
    }

    /// The strides by which another shape shows the same elements in the same order, if there are some.
    pub fn viewed_as(&self, shape: &[usize]) -> Option<Vec<isize>> {
        if self.is_contiguous() {
            return Some(c_strides(shape));
        }
        // Axes of length one do not matter, and neighbours that lie one behind the other are one axis.
        let mut merged: Vec<(usize, isize)> = Vec::new();
        for (n, stride) in self.shape.iter().zip(&self.strides).filter(|(n, _)| **n != 1) {
            match merged.last_mut() {
                Some((size, inner)) if *inner == stride * *n as isize => (*size, *inner) = (*size * n, *stride),
                _ => merged.push((*n, *stride)),
            }
        }
        let mut strides = vec![0; shape.len()];
        let mut left = merged.pop();
        for axis in (0..shape.len()).rev() {
            if shape[axis] == 1 {
                continue;
            }
            let (size, stride) = left?;
            if size % shape[axis] != 0 {
                return None;
            }
            strides[axis] = stride;
            left = if size == shape[axis] { merged.pop() } else { Some((size / shape[axis], stride * shape[axis] as isize)) };
        }
        Some(strides)
    }

    /// The components of complex numbers in C order, along a new last axis: a view.
    pub fn as_components(&self) -> Result<Array, CallError> {
        let mut shape = self.shape.clone();
        shape.push(2);
        size_of(&shape)?;
        Ok(Array { memory: Rc::clone(&self.memory), dtype: self.dtype.real(), strides: c_strides(&shape), shape, offset: 2 * self.offset })
    }
}

/// Whether two arrays may have an element of one buffer in common.
pub fn overlap(a: &Array, b: &Array) -> bool {
    Rc::ptr_eq(&a.memory, &b.memory)
}
