//! The signal that a transform reads from its argument, and its result: lengths, halves and norms.

use array_assay_interface::{Array, Element};

use super::transform::transform;
use crate::call::data_type::largest;
use crate::call::linalg::double::{Complex, Double};
use crate::call::shape::{advance, flat, lines, strides};

/// Which parts of the signal and of its spectrum a transform takes and returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole signal and its whole spectrum.
    Complex,
    /// A real signal, and the half of its spectrum that determines the other half.
    RealToHalf,
    /// Half of a spectrum, and the real signal that it determines.
    HalfToReal,
}

/// The sign of the exponent: negative from the signal to its spectrum, positive on the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// The transforms of a stack, all with the same lengths.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) exponent: Direction,
    /// The shape of the argument.
    pub(super) shape: Vec<usize>,
    /// The transformed axes. A half lies along the last one.
    pub(super) axes: Vec<usize>,
    /// The number of elements along each of the transformed axes.
    pub(super) lengths: Vec<usize>,
    /// The factor of the sums, from the normalization.
    pub(super) factor: Double,
}

/// Sums may overflow if the magnitudes exceed the largest number divided by this and by the number of elements.
const HEADROOM: f64 = 1024.0;

impl Plan {
    /// The shape of the argument with the plan's lengths along the transformed axes. `last` gives the length along the last of them.
    fn with_lengths(&self, last: impl Fn(usize) -> usize) -> Vec<usize> {
        let mut shape = self.shape.clone();
        for (i, (axis, length)) in self.axes.iter().zip(&self.lengths).enumerate() {
            shape[*axis] = if i + 1 == self.axes.len() { last(*length) } else { *length };
        }
        shape
    }

    /// The shape of the part of the argument that the transform uses.
    fn taken_shape(&self) -> Vec<usize> {
        self.with_lengths(|n| if self.kind == Kind::HalfToReal { n / 2 + 1 } else { n })
    }

    pub(super) fn result_shape(&self) -> Vec<usize> {
        self.with_lengths(|n| if self.kind == Kind::RealToHalf { n / 2 + 1 } else { n })
    }

    /// The part of the argument that the transform uses: trimmed, or padded with zeros, at the end.
    fn taken(&self, x: &Array) -> Vec<Complex> {
        let shape = self.taken_shape();
        let mut index = vec![0; shape.len()];
        (0..shape.iter().product())
            .map(|_| {
                let inside = index.iter().zip(&x.shape).all(|(i, n)| i < n);
                let (re, im) = if inside { x.get(flat(&x.shape, index.iter().copied())).components() } else { (0.0, 0.0) };
                let sample = Complex::new(re, im);
                advance(&mut index, &shape);
                sample
            })
            .collect()
    }

    /// The index of the conjugate of the element at `index`, in a spectrum whose transform is real.
    fn mirror(&self, index: &[usize]) -> Vec<usize> {
        let mut out = index.to_vec();
        for (axis, length) in self.axes.iter().zip(&self.lengths) {
            out[*axis] = (length - index[*axis]) % length;
        }
        out
    }

    /// All transformed elements. A half is completed by the conjugates of its elements.
    fn whole(&self, x: &Array) -> Vec<Complex> {
        let taken = self.taken(x);
        let (Kind::HalfToReal, Some(last)) = (self.kind, self.axes.last()) else { return taken };
        let (from, to) = (self.taken_shape(), self.with_lengths(|n| n));
        let mut index = vec![0; to.len()];
        (0..to.iter().product())
            .map(|_| {
                let sample = if index[*last] < from[*last] {
                    taken[flat(&from, index.iter().copied())]
                } else {
                    taken[flat(&from, self.mirror(&index).into_iter())].conj()
                };
                advance(&mut index, &to);
                sample
            })
            .collect()
    }

    /// The exact result, in at least twice the precision of the input.
    pub(super) fn run(&self, x: &Array) -> Vec<Complex> {
        let shape = self.with_lengths(|n| n);
        let mut samples = self.whole(x);
        for axis in &self.axes {
            for line in lines(&shape, *axis) {
                let along: Vec<Complex> = line.iter().map(|i| samples[*i]).collect();
                let spectrum = transform(&along, self.exponent == Direction::Forward, x.dtype);
                line.iter().zip(spectrum).for_each(|(i, v)| samples[*i] = v);
            }
        }
        let kept = self.result_shape();
        let mut index = vec![0; kept.len()];
        (0..kept.iter().product())
            .map(|_| {
                let sample = samples[flat(&shape, index.iter().copied())].times(self.factor);
                advance(&mut index, &kept);
                if self.kind == Kind::HalfToReal { Complex { im: Double::ZERO, ..sample } } else { sample }
            })
            .collect()
    }

    /// The index of the transform in the stack to which each element of the result belongs.
    pub(super) fn batches(&self) -> Vec<usize> {
        self.numbers(&self.result_shape())
    }

    fn numbers(&self, shape: &[usize]) -> Vec<usize> {
        let others: Vec<usize> = (0..shape.len()).filter(|axis| !self.axes.contains(axis)).collect();
        let sizes: Vec<usize> = others.iter().map(|axis| shape[*axis]).collect();
        let steps = strides(&sizes);
        let mut index = vec![0; shape.len()];
        (0..shape.iter().product())
            .map(|_| {
                let number = others.iter().zip(&steps).map(|(axis, step)| index[*axis] * step).sum();
                advance(&mut index, shape);
                number
            })
            .collect()
    }

    /// The L2 norm of each whole transform, by Parseval's identity.
    pub(super) fn norms(&self, x: &Array) -> Vec<f64> {
        let whole = self.whole(x);
        let numbers = self.numbers(&self.with_lengths(|n| n));
        let count: usize = self.lengths.iter().product();
        let mut scales = vec![0.0f64; numbers.iter().max().map_or(0, |n| n + 1)];
        let mut squares = vec![0.0; scales.len()];
        for (number, v) in numbers.iter().zip(&whole) {
            scales[*number] = scales[*number].max(v.re.value().abs()).max(v.im.value().abs());
        }
        for (number, v) in numbers.iter().zip(&whole).filter(|(number, _)| scales[**number] > 0.0) {
            squares[*number] += (v.re.value() / scales[*number]).powi(2) + (v.im.value() / scales[*number]).powi(2);
        }
        let grown = (count as f64).sqrt() * self.factor.value();
        scales.iter().zip(squares).map(|(scale, square)| scale * square.sqrt() * grown).collect()
    }

    /// Whether the standard defines the result. The input has to be finite, and no sum of it may overflow. A half spectrum also has to
    /// belong to a real signal.
    pub(super) fn is_defined(&self, x: &Array) -> bool {
        let taken = self.taken(x);
        let count: usize = self.lengths.iter().product();
        let greatest = largest(x.dtype) / HEADROOM / count as f64;
        let fits = |v: Double| v.value().abs() <= greatest;
        taken.iter().all(|v| fits(v.re) && fits(v.im)) && self.is_half_of_real(&taken)
    }

    /// Whether a half spectrum holds both this element and its conjugate. That depends on the place along the last transformed axis.
    fn is_mirrored(&self, index: &[usize]) -> bool {
        let (axis, length) = (self.axes.last().copied().unwrap_or(0), self.lengths.last().copied().unwrap_or(1));
        self.kind == Kind::HalfToReal && (index[axis] == 0 || 2 * index[axis] == length)
    }

    fn is_half_of_real(&self, taken: &[Complex]) -> bool {
        let shape = self.taken_shape();
        let mut index = vec![0; shape.len()];
        taken.iter().all(|v| {
            let holds = !self.is_mirrored(&index) || {
                let other = taken[flat(&shape, self.mirror(&index).into_iter())];
                v.re.value() == other.re.value() && v.im.value() == -other.im.value()
            };
            advance(&mut index, &shape);
            holds
        })
    }

    /// The argument, changed so that it is half of a spectrum whose transform is real.
    pub(super) fn half_of_real(&self, x: &Array) -> Array {
        let mut elements: Vec<Element> = x.elements().collect();
        let (shape, mut index) = (self.taken_shape(), vec![0; x.shape.len()]);
        for at in 0..elements.len() {
            if self.is_mirrored(&index) && index.iter().zip(&shape).all(|(i, n)| i < n) {
                let mirror = self.mirror(&index);
                let (re, im) = elements[at].components();
                let inside = mirror.iter().zip(&x.shape).all(|(i, n)| i < n);
                let other = flat(&x.shape, mirror.iter().copied());
                if !inside {
                    elements[at] = Element::Int(0).cast(x.dtype);
                } else if other == at {
                    elements[at] = Element::C128(re, 0.0).cast(x.dtype);
                } else {
                    elements[other] = Element::C128(re, -im).cast(x.dtype);
                }
            }
            advance(&mut index, &x.shape);
        }
        Array::from_elements(x.dtype, x.shape.clone(), elements)
    }
}
