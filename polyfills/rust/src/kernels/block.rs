//! An array on the host with its elements as numbers: those of one kind in the widest type of the kind.

use array_assay_interface::{Array, CallError, DType, Scalar};
use num_complex::Complex64;

use crate::value::{type_error, value_error};

/// An array, its elements in C order.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub cells: Cells,
}

/// Elements of one kind. A narrow one is held exactly, and narrowed again when the array is handed back: integers wrap, floats round.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    Bool(Vec<bool>),
    Int(Vec<i128>),
    Real(Vec<f64>),
    Complex(Vec<Complex64>),
}

impl Cells {
    /// The elements at these places.
    pub fn taken(&self, places: impl Iterator<Item = usize>) -> Cells {
        match self {
            Cells::Bool(items) => Cells::Bool(places.map(|i| items[i]).collect()),
            Cells::Int(items) => Cells::Int(places.map(|i| items[i]).collect()),
            Cells::Real(items) => Cells::Real(places.map(|i| items[i]).collect()),
            Cells::Complex(items) => Cells::Complex(places.map(|i| items[i]).collect()),
        }
    }
}

impl Block {
    /// An array of these elements; fails where there are more or fewer than the shape has.
    pub fn new(dtype: DType, shape: Vec<usize>, cells: Cells) -> Block {
        Block { dtype, shape, cells }
    }

    pub fn bools(shape: Vec<usize>, items: Vec<bool>) -> Block {
        Block::new(DType::Bool, shape, Cells::Bool(items))
    }

    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Reads an array of the host.
    pub fn read(array: &Array) -> Block {
        fn all<const N: usize, T>(data: &[u8], of: impl Fn([u8; N]) -> T) -> Vec<T> {
            data.chunks_exact(N).map(|bytes| of(bytes.try_into().expect("as many bytes as asked for"))).collect()
        }
        let data = &array.data;
        let cells = match array.dtype {
            DType::Bool => Cells::Bool(data.iter().map(|b| *b != 0).collect()),
            DType::Int8 => Cells::Int(all(data, |b| i8::from_le_bytes(b).into())),
            DType::Int16 => Cells::Int(all(data, |b| i16::from_le_bytes(b).into())),
            DType::Int32 => Cells::Int(all(data, |b| i32::from_le_bytes(b).into())),
            DType::Int64 => Cells::Int(all(data, |b| i64::from_le_bytes(b).into())),
            DType::Uint8 => Cells::Int(all(data, |b| u8::from_le_bytes(b).into())),
            DType::Uint16 => Cells::Int(all(data, |b| u16::from_le_bytes(b).into())),
            DType::Uint32 => Cells::Int(all(data, |b| u32::from_le_bytes(b).into())),
            DType::Uint64 => Cells::Int(all(data, |b| u64::from_le_bytes(b).into())),
            DType::Float32 => Cells::Real(all(data, |b| f32::from_le_bytes(b).into())),
            DType::Float64 => Cells::Real(all(data, f64::from_le_bytes)),
            DType::Complex64 => Cells::Complex(
                data.as_chunks::<8>()
                    .0
                    .iter()
                    .map(|b| {
                        let part = |at: usize| f32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]).into();
                        Complex64::new(part(0), part(4))
                    })
                    .collect(),
            ),
            DType::Complex128 => {
                let parts = all(data, f64::from_le_bytes);
                Cells::Complex(parts.chunks_exact(2).map(|p| Complex64::new(p[0], p[1])).collect())
            }
        };
        Block::new(array.dtype, array.shape.clone(), cells)
    }

    /// It as an array of the host.
    pub fn write(&self) -> Array {
        let mut data = Vec::with_capacity(self.len() * self.dtype.size());
        let size = self.dtype.size();
        match &self.cells {
            Cells::Bool(items) => data.extend(items.iter().map(|v| u8::from(*v))),
            // The lower bytes are those of the narrow integer, whatever its sign.
            Cells::Int(items) => items.iter().for_each(|v| data.extend_from_slice(&v.to_le_bytes()[..size])),
            Cells::Real(items) if size == 4 => items.iter().for_each(|v| data.extend_from_slice(&(*v as f32).to_le_bytes())),
            Cells::Real(items) => items.iter().for_each(|v| data.extend_from_slice(&v.to_le_bytes())),
            Cells::Complex(items) => items.iter().for_each(|v| {
                for part in [v.re, v.im] {
                    if size == 8 {
                        data.extend_from_slice(&(part as f32).to_le_bytes());
                    } else {
                        data.extend_from_slice(&part.to_le_bytes());
                    }
                }
            }),
        }
        Array { dtype: self.dtype, shape: self.shape.clone(), data }
    }

    /// Its elements as another dtype: floats truncate to integers, a complex number loses its imaginary component.
    pub fn cast(&self, dtype: DType) -> Block {
        if dtype == self.dtype {
            return self.clone();
        }
        let cells = if dtype == DType::Bool {
            Cells::Bool(self.truths())
        } else if dtype.is_integer() {
            Cells::Int(self.integers())
        } else if dtype.is_complex() {
            Cells::Complex(self.complexes())
        } else {
            Cells::Real(self.reals())
        };
        // What the narrow dtype cannot hold is rounded or wrapped at once, so that nothing is computed with more than it has.
        Block::read(&Block::new(dtype, self.shape.clone(), cells).write())
    }

    pub fn truths(&self) -> Vec<bool> {
        match &self.cells {
            Cells::Bool(items) => items.clone(),
            Cells::Int(items) => items.iter().map(|v| *v != 0).collect(),
            Cells::Real(items) => items.iter().map(|v| *v != 0.0).collect(),
            Cells::Complex(items) => items.iter().map(|v| v.re != 0.0 || v.im != 0.0).collect(),
        }
    }

    pub fn integers(&self) -> Vec<i128> {
        match &self.cells {
            Cells::Bool(items) => items.iter().map(|v| i128::from(*v)).collect(),
            Cells::Int(items) => items.clone(),
            Cells::Real(items) => items.iter().map(|v| *v as i128).collect(),
            Cells::Complex(items) => items.iter().map(|v| v.re as i128).collect(),
        }
    }

    pub fn reals(&self) -> Vec<f64> {
        match &self.cells {
            Cells::Bool(items) => items.iter().map(|v| f64::from(u8::from(*v))).collect(),
            Cells::Int(items) => items.iter().map(|v| *v as f64).collect(),
            Cells::Real(items) => items.clone(),
            Cells::Complex(items) => items.iter().map(|v| v.re).collect(),
        }
    }

    pub fn complexes(&self) -> Vec<Complex64> {
        match &self.cells {
            Cells::Complex(items) => items.clone(),
            _ => self.reals().into_iter().map(|re| Complex64::new(re, 0.0)).collect(),
        }
    }

    /// The elements at flat places, in a new shape.
    pub fn taken(&self, shape: Vec<usize>, places: impl Iterator<Item = usize>) -> Block {
        Block::new(self.dtype, shape, self.cells.taken(places))
    }

    /// It broadcast to a shape.
    pub fn broadcast(&self, shape: &[usize]) -> Result<Block, CallError> {
        if self.shape == shape {
            return Ok(self.clone());
        }
        let mut strides = strides(&self.shape);
        let new = shape.len().checked_sub(self.shape.len());
        let fits = new.is_some_and(|new| self.shape.iter().zip(&shape[new..]).all(|(n, m)| n == m || *n == 1));
        if !fits {
            return Err(value_error(format!("an array of shape {:?} does not broadcast to {shape:?}", self.shape)));
        }
        for (stride, n) in strides.iter_mut().zip(&self.shape) {
            if *n == 1 {
                *stride = 0;
            }
        }
        let strides = [vec![0; new.unwrap_or(0)], strides].concat();
        Ok(self.taken(shape.to_vec(), places(shape, &strides).into_iter()))
    }

    /// The elements with axes in another order.
    pub fn permuted(&self, order: &[usize]) -> Block {
        let strides = strides(&self.shape);
        let shape: Vec<usize> = order.iter().map(|i| self.shape[*i]).collect();
        let strides: Vec<usize> = order.iter().map(|i| strides[*i]).collect();
        let places = places(&shape, &strides);
        self.taken(shape, places.into_iter())
    }

    /// A Python scalar as an array without axes, of a dtype.
    pub fn scalar(scalar: Scalar, dtype: DType) -> Result<Block, CallError> {
        let wrong = || Err(type_error(format!("{scalar} does not go with {dtype}")));
        let cells = match scalar {
            Scalar::Bool(v) if dtype == DType::Bool => Cells::Bool(vec![v]),
            Scalar::Bool(v) if dtype.is_integer() => Cells::Int(vec![v.into()]),
            Scalar::Int(v) if dtype.is_integer() => {
                if dtype.integer_range().is_some_and(|(low, high)| v < low || v > high) {
                    return Err(CallError::raised("OverflowError", format!("{v} is out of the range of {dtype}")));
                }
                Cells::Int(vec![v])
            }
            Scalar::Complex((re, im)) if dtype.is_complex() => Cells::Complex(vec![Complex64::new(re, im)]),
            Scalar::Complex(_) => return wrong(),
            _ if dtype.is_complex() => Cells::Complex(vec![Complex64::new(scalar.element().components().0, 0.0)]),
            _ if dtype == DType::Bool || dtype.is_integer() => return wrong(),
            _ => Cells::Real(vec![scalar.element().components().0]),
        };
        let exact = Block::new(dtype, Vec::new(), cells);
        Ok(Block::read(&exact.write()))
    }
}

/// Distances between neighbours along each axis, in C order.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut out = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        out[i - 1] = out[i] * shape[i];
    }
    out
}

/// The flat places that an index over `shape` runs through, in C order.
pub(crate) fn places(shape: &[usize], strides: &[usize]) -> Vec<usize> {
    let mut out = Vec::with_capacity(shape.iter().product());
    out.push(0);
    for (n, stride) in shape.iter().zip(strides) {
        out = out.iter().flat_map(|base| (0..*n).map(move |i| base + i * stride)).collect();
    }
    out
}

/// The shape to which shapes broadcast.
pub(crate) fn broadcast_shape<'a>(shapes: impl Iterator<Item = &'a [usize]>) -> Result<Vec<usize>, CallError> {
    let mut out: Vec<usize> = Vec::new();
    for shape in shapes {
        if shape.len() > out.len() {
            out.splice(0..0, std::iter::repeat_n(1, shape.len() - out.len()));
        }
        let start = out.len() - shape.len();
        for (size, n) in out[start..].iter_mut().zip(shape) {
            match (*size, *n) {
                (a, b) if a == b => {}
                (1, b) => *size = b,
                (_, 1) => {}
                (a, b) => return Err(value_error(format!("axes of sizes {a} and {b} do not broadcast"))),
            }
        }
    }
    Ok(out)
}

/// An axis counted from the front.
pub(crate) fn axis(axis: i128, rank: usize) -> Result<usize, CallError> {
    array_assay_language::normalized(axis, rank).map_err(|why| CallError::raised("IndexError", why))
}
