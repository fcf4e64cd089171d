//! Calls of kernels: the axes of the operands are merged, and their extents are compared with their memory.

use std::rc::Rc;

use array_assay_interface::CallError;

use crate::array::Array;
use crate::device::{BUFFERS, Device, MAX_RANK, Memory, Params, STRIDED};
use crate::error::value_error;
use crate::source::Module;

/// A kernel that is about to run.
pub struct Launch<'a> {
    /// The operands with strides, the result first.
    strided: Vec<&'a Array>,
    /// Buffers in C order, behind those.
    plain: Vec<&'a Array>,
    count: Option<usize>,
    params: Params,
}

impl<'a> Launch<'a> {
    /// A kernel whose threads run over the elements of `out` and of arrays of the same shape.
    pub fn over(out: &'a Array) -> Launch<'a> {
        Launch { strided: vec![out], plain: Vec::new(), count: None, params: Params::default() }
    }

    /// A kernel whose body runs `count` times, with buffers in C order alone.
    pub fn times(count: usize) -> Launch<'a> {
        Launch { strided: Vec::new(), plain: Vec::new(), count: Some(count), params: Params::default() }
    }

    /// The body runs `count` times, and not once for each element.
    pub fn count(mut self, count: usize) -> Launch<'a> {
        self.count = Some(count);
        self
    }

    /// One more operand of the same shape.
    pub fn with(mut self, array: &'a Array) -> Launch<'a> {
        self.strided.push(array);
        self
    }

    /// One more buffer. Its array is in C order, or there is a stride for it among the integers.
    pub fn buffer(mut self, array: &'a Array) -> Launch<'a> {
        self.plain.push(array);
        self
    }

    /// Sets the integer parameters of the kernel, such as sizes.
    pub fn integers<const N: usize>(mut self, integers: [usize; N]) -> Launch<'a> {
        for (to, from) in self.params.integers.iter_mut().zip(integers) {
            *to = from as i64;
        }
        self
    }

    /// Sets the integer parameters of the kernel, some of which may be negative.
    pub fn signed<const N: usize>(mut self, integers: [i64; N]) -> Launch<'a> {
        for (to, from) in self.params.integers.iter_mut().zip(integers) {
            *to = from;
        }
        self
    }

    /// The real numbers of the kernel.
    pub fn reals<const N: usize>(mut self, reals: [f64; N]) -> Launch<'a> {
        for (to, from) in self.params.reals.iter_mut().zip(reals) {
            *to = from;
        }
        self
    }

    /// Runs the kernel. All operands have to be on one device.
    pub fn run(mut self, module: &Module, kernel: &str) -> Result<(), CallError> {
        let operands: Vec<&Array> = self.strided.iter().chain(&self.plain).copied().collect();
        let device = on_one_device(&operands)?;
        if operands.len() > BUFFERS || self.strided.len() > STRIDED {
            return Err(value_error(format!("{} operands for a kernel of {BUFFERS}", operands.len())));
        }
        let count = self.count.unwrap_or_else(|| operands[0].size());
        if count == 0 {
            return Ok(());
        }
        for (address, operand) in self.params.buffers.iter_mut().zip(&operands) {
            within(operand)?;
            *address = operand.address();
        }
        self.params.n = count as i64;
        self.merge_axes();
        device.launch(module, &format!("kernel_{kernel}"), &self.params)?;
        Ok(())
    }

    /// Neighbouring axes along which every operand goes on where it ended become one.
    fn merge_axes(&mut self) {
        let Some(first) = self.strided.first() else { return };
        let mut shape: Vec<usize> = Vec::new();
        let mut strides: Vec<Vec<isize>> = vec![Vec::new(); self.strided.len()];
        for (axis, n) in first.shape().iter().enumerate() {
            if *n == 1 {
                continue;
            }
            let continues = |own: &Vec<isize>, array: &&Array| own.last().is_some_and(|last| *last == array.strides()[axis] * *n as isize);
            if !shape.is_empty() && strides.iter().zip(&self.strided).all(|(own, array)| continues(own, array)) {
                *shape.last_mut().unwrap_or(&mut 1) *= n;
                strides.iter_mut().zip(&self.strided).for_each(|(own, array)| *own.last_mut().unwrap_or(&mut 0) = array.strides()[axis]);
            } else {
                shape.push(*n);
                strides.iter_mut().zip(&self.strided).for_each(|(own, array)| own.push(array.strides()[axis]));
            }
        }
        debug_assert!(shape.len() <= MAX_RANK);
        self.params.rank = shape.len() as i64;
        self.params.shape.iter_mut().zip(&shape).for_each(|(to, n)| *to = *n as i64);
        for (to, own) in self.params.strides.iter_mut().zip(&strides) {
            to.iter_mut().zip(own).for_each(|(to, stride)| *to = *stride as i64);
        }
    }
}

/// The device that all of some arrays are on.
pub fn on_one_device(arrays: &[&Array]) -> Result<Rc<dyn Device>, CallError> {
    let device = arrays.first().ok_or_else(|| value_error("a kernel without operands"))?.device();
    match arrays.iter().find(|array| !Rc::ptr_eq(array.device(), device)) {
        Some(other) => Err(value_error(format!("the arrays are on {} and on {}", device.name(), other.device().name()))),
        None => Ok(Rc::clone(device)),
    }
}

/// Fails if an operand reaches beyond its memory. No array does, by the way arrays are made: this keeps a fault of ours from harming.
fn within(operand: &Array) -> Result<(), CallError> {
    let memory: &Memory = operand.memory();
    let count = (memory.size() / operand.dtype().size()) as isize;
    match operand.extent() {
        Some((low, high)) if low < 0 || high >= count => Err(value_error(format!("an operand leaves its {count} elements"))),
        _ => Ok(()),
    }
}
