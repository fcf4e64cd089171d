//! Layouts: the same elements, lying differently in memory, made by steps of functions of the standard.

use std::fmt;

use array_assay_interface::{Arg, Array, Role, Scalar, Slice, Step};
use array_assay_oracle::call::{advance, flat};

/// How an operand lies in memory when the subject is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// As the worker made it.
    Contiguous,
    /// Axes in reverse, by `permute_dims`.
    Transposed,
    /// Every axis backwards, by slices of step -1.
    Reversed,
    /// Every other element of the last axis, by a slice of step 2.
    Strided,
    /// The first axis repeated, by `broadcast_to`.
    Broadcast,
}

/// The layouts that need preparing.
pub const LAYOUTS: [Layout; 4] = [Layout::Transposed, Layout::Reversed, Layout::Strided, Layout::Broadcast];

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layout::Contiguous => "contiguous",
            Layout::Transposed => "transposed",
            Layout::Reversed => "reversed",
            Layout::Strided => "strided",
            Layout::Broadcast => "broadcast",
        })
    }
}

impl Layout {
    /// Whether an array of this shape can lie so, and differently from contiguous.
    pub fn fits(self, shape: &[usize]) -> bool {
        match self {
            Layout::Contiguous => true,
            Layout::Transposed => shape.len() >= 2,
            Layout::Reversed | Layout::Strided | Layout::Broadcast => !shape.is_empty(),
        }
    }

    /// The array to create so that [`Layout::step`] gives `logical`.
    pub fn physical(self, logical: &Array) -> Array {
        let Array { dtype, shape, data } = logical;
        let size = dtype.size();
        let gather = |shape: Vec<usize>, source: &dyn Fn(&[usize]) -> usize| {
            let total: usize = shape.iter().product();
            let mut out = Vec::with_capacity(total * size);
            let mut index = vec![0; shape.len()];
            for _ in 0..total {
                let at = source(&index) * size;
                out.extend_from_slice(&data[at..at + size]);
                advance(&mut index, &shape);
            }
            Array { dtype: *dtype, shape, data: out }
        };
        match self {
            Layout::Contiguous => logical.clone(),
            Layout::Transposed => {
                let reversed: Vec<usize> = shape.iter().rev().copied().collect();
                gather(reversed, &|index| flat(shape, index.iter().rev().copied()))
            }
            Layout::Reversed => gather(shape.clone(), &|index| flat(shape, index.iter().zip(shape).map(|(i, n)| n - 1 - i))),
            Layout::Strided => {
                let (last, rest) = shape.split_last().expect("`fits` asks for rank 1 or more");
                let n = *last;
                let wide: Vec<usize> = rest.iter().copied().chain([2 * n]).collect();
                // Between the elements lie their neighbours, so that a wrong stride shows.
                gather(wide, &|index| {
                    let (k, rest) = index.split_last().expect("as above");
                    flat(shape, rest.iter().copied().chain([(k / 2 + k % 2) % n]))
                })
            }
            Layout::Broadcast => {
                let one: Vec<usize> = [1].into_iter().chain(shape[1..].iter().copied()).collect();
                if shape[0] == 0 {
                    // Nothing of a zero-size axis can be read: any element repeated no times.
                    let total: usize = one.iter().product();
                    return Array { dtype: *dtype, data: vec![0; total * size], shape: one };
                }
                gather(one, &|index| flat(shape, index.iter().copied()))
            }
        }
    }

    /// The step that makes the layout from register `register`; `shape` is that of the logical array.
    pub fn step(self, register: u32, shape: &[usize]) -> Option<Step> {
        let int = |v: usize| Arg::Scalar(Scalar::Int(v as i128));
        let slice = |step| Arg::Slice(Slice { start: None, stop: None, step });
        let (function, second) = match self {
            Layout::Contiguous => return None,
            Layout::Transposed => ("permute_dims", Arg::Tuple((0..shape.len()).rev().map(int).collect())),
            Layout::Reversed => ("operator.getitem", Arg::Tuple(shape.iter().map(|_| slice(Some(-1))).collect())),
            Layout::Strided => {
                let last = shape.len() - 1;
                ("operator.getitem", Arg::Tuple((0..shape.len()).map(|i| slice((i == last).then_some(2))).collect()))
            }
            Layout::Broadcast => ("broadcast_to", Arg::Tuple(shape.iter().copied().map(int).collect())),
        };
        let args = vec![Arg::Register(register), second];
        Some(Step { function: function.to_owned(), args, kwargs: Vec::new(), role: Role::Prepare })
    }
}
