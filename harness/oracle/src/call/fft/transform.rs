//! The discrete Fourier transform in twice the precision of doubles. Single-precision numbers are transformed in doubles.
//!
//! The algorithm decimates in time by the smallest prime factor at each level (Cooley and Tukey 1965). Prime lengths use the sum of the
//! definition, two elements at once. The roots of unity come from a series, after the angle was reduced exactly to an eighth of the circle.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::{Add, Mul, Sub};
use std::rc::Rc;

use array_assay_interface::DType;
use num_complex::Complex64;

use crate::call::linalg::double::{Complex, Double};

/// The transform of numbers of a dtype, without normalization. The exponent is negative if `forward`, and positive otherwise.
pub(super) fn transform(x: &[Complex], forward: bool, dtype: DType) -> Vec<Complex> {
    if x.len() < 2 {
        return x.to_vec();
    }
    let roots = roots(x.len());
    // A transform with a positive exponent conjugates the input and the output of the other one.
    let turned = |v: Complex| if forward { v } else { v.conj() };
    let x = x.iter().map(|v| turned(*v));
    let spectrum: Vec<Complex> = if dtype.precision() == DType::Float32.precision() {
        let plain = |v: Complex| Complex64::new(v.re.value(), v.im.value());
        let roots: Vec<Complex64> = roots.iter().map(|root| plain(*root)).collect();
        spectrum(&x.map(plain).collect::<Vec<_>>(), &roots).into_iter().map(|v| Complex::new(v.re, v.im)).collect()
    } else {
        spectrum(&x.collect::<Vec<_>>(), &roots)
    };
    spectrum.into_iter().map(turned).collect()
}

/// A complex number.
trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// `self * Re(other)`.
    fn times_real(self, other: Self) -> Self;

    /// `self * i * Im(other)`.
    fn times_imaginary(self, other: Self) -> Self;
}

impl Number for Complex {
    fn times_real(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re, im: self.im * other.re }
    }

    fn times_imaginary(self, other: Complex) -> Complex {
        Complex { re: -(self.im * other.im), im: self.re * other.im }
    }
}

impl Number for Complex64 {
    fn times_real(self, other: Complex64) -> Complex64 {
        self * other.re
    }

    fn times_imaginary(self, other: Complex64) -> Complex64 {
        Complex64::new(-self.im * other.im, self.re * other.im)
    }
}

/// The transform of `x`. `roots` are the roots of unity for its length.
fn spectrum<T: Number>(x: &[T], roots: &[T]) -> Vec<T> {
    let mut out = x.to_vec();
    split(x, 1, &mut out, roots, &mut Scratch { terms: Vec::new(), pairs: Vec::new() });
    out
}

/// Room for the operands of one sum.
struct Scratch<T> {
    terms: Vec<T>,
    pairs: Vec<(T, T)>,
}

/// Writes a transform to `out`. Its input is every `stride`-th element of `x`, as many as `out` has. `roots` holds all roots of unity of some
/// order, which is a multiple of that number.
fn split<T: Number>(x: &[T], stride: usize, out: &mut [T], roots: &[T], scratch: &mut Scratch<T>) {
    let n = out.len();
    if n == 1 {
        out[0] = x[0];
        return;
    }
    let radix = smallest_factor(n);
    let (part, step) = (n / radix, roots.len() / n);
    for r in 0..radix {
        split(&x[r * stride..], stride * radix, &mut out[r * part..][..part], roots, scratch);
    }
    for k in 0..part {
        scratch.terms.clear();
        scratch.terms.extend((0..radix).map(|r| if r * k == 0 { out[r * part + k] } else { out[r * part + k] * roots[r * k * step] }));
        sums(scratch, roots, |q, sum| out[k + q * part] = sum);
    }
}

/// Computes the transform of the terms, whose number `n` is prime, and calls `enter` with the index and the value of each element.
///
/// In the sums for the elements `k` and `n - k`, the terms `j` and `n - j` are multiplied by `w` and its conjugate, in either order. So the sum
/// and the difference of the two terms are multiplied by the real and the imaginary part of `w` once, and serve both elements.
fn sums<T: Number>(Scratch { terms, pairs }: &mut Scratch<T>, roots: &[T], mut enter: impl FnMut(usize, T)) {
    let (n, first, half) = (terms.len(), terms[0], terms.len() / 2);
    if let [a, b] = terms[..] {
        enter(0, a + b);
        enter(1, a - b);
        return;
    }
    pairs.clear();
    pairs.extend((1..=half).map(|j| (terms[j] + terms[n - j], terms[j] - terms[n - j])));
    enter(0, pairs.iter().fold(first, |sum, (even, _)| sum + *even));
    for k in 1..=half {
        let root = |j: usize| roots[(j + 1) * k % n * (roots.len() / n)];
        let even = pairs.iter().enumerate().fold(first, |sum, (j, (even, _))| sum + even.times_real(root(j)));
        let odd = pairs
            .iter()
            .enumerate()
            .skip(1)
            .fold(pairs[0].1.times_imaginary(root(0)), |sum, (j, (_, odd))| sum + odd.times_imaginary(root(j)));
        enter(k, even + odd);
        enter(n - k, even - odd);
    }
}

/// The smallest factor above one. `n` has to be above one.
pub(super) fn smallest_factor(n: usize) -> usize {
    (2..).take_while(|p| p * p <= n).find(|p| n.is_multiple_of(*p)).unwrap_or(n)
}

thread_local! {
    static ROOTS: RefCell<HashMap<usize, Rc<[Complex]>>> = RefCell::new(HashMap::new());
}

/// The powers 0 to `n - 1` of `exp(-2 pi i / n)`.
fn roots(n: usize) -> Rc<[Complex]> {
    let all = |n: usize| {
        let half: Vec<Complex> = (0..=n / 2).map(|k| root(k, n)).collect();
        // The remaining roots are conjugates of these.
        (0..n).map(|k| if k <= n / 2 { half[k] } else { half[n - k].conj() }).collect()
    };
    ROOTS.with_borrow_mut(|known| known.entry(n).or_insert_with(|| all(n)).clone())
}

/// A right angle in radians: pi / 2 as the sum of two doubles.
const RIGHT_ANGLE: [f64; 2] = [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17];

/// `exp(-2 pi i k / n)`.
fn root(k: usize, n: usize) -> Complex {
    // The angle is split exactly into the nearest multiple of a right angle and a rest, which is a fraction of a right angle.
    let turns = (8 * k + n) / (2 * n);
    let rest = 4 * k as i64 - (turns * n) as i64;
    let right_angle = Double::from(RIGHT_ANGLE[0]) + Double::from(RIGHT_ANGLE[1]);
    let (cos, sin) = cos_sin(Double::from(rest as f64) / Double::from(n as f64) * right_angle);
    match turns % 4 {
        0 => Complex { re: cos, im: -sin },
        1 => Complex { re: -sin, im: -cos },
        2 => Complex { re: -cos, im: sin },
        _ => Complex { re: sin, im: cos },
    }
}

/// How many terms of the series are computed. For angles up to an eighth of the circle, the next ones are too small to count.
const TERMS: usize = 15;

/// The cosine and sine of an angle of at most an eighth of the circle, by their series.
fn cos_sin(angle: Double) -> (Double, Double) {
    let square = angle * angle;
    let (mut cos, mut sin) = (Double::ZERO, Double::ZERO);
    // The smallest terms come first.
    for i in (1..=TERMS).rev() {
        let even = (2 * i) as f64;
        cos = (Double::ONE + cos) * -square / Double::from((even - 1.0) * even);
        sin = (Double::ONE + sin) * -square / Double::from(even * (even + 1.0));
    }
    (Double::ONE + cos, angle * (Double::ONE + sin))
}
