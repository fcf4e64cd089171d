//! The discrete Fourier transform in twice the precision of doubles.
//!
//! By decimation in time with the smallest prime factor at each level (Cooley and Tukey 1965), and by the sum that defines it where the
//! length is prime. The roots of unity come from a series, after the angle was reduced exactly to an eighth of the circle.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::{Add, Mul};
use std::rc::Rc;

use crate::double_double::DoubleDouble;

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sample {
    pub(super) re: DoubleDouble,
    pub(super) im: DoubleDouble,
}

impl Sample {
    pub(super) fn of((re, im): (f64, f64)) -> Sample {
        Sample { re: re.into(), im: im.into() }
    }

    pub(super) fn conj(self) -> Sample {
        Sample { im: -self.im, ..self }
    }

    pub(super) fn scaled(self, by: DoubleDouble) -> Sample {
        Sample { re: self.re * by, im: self.im * by }
    }
}

impl Add for Sample {
    type Output = Sample;

    fn add(self, b: Sample) -> Sample {
        Sample { re: self.re + b.re, im: self.im + b.im }
    }
}

impl Mul for Sample {
    type Output = Sample;

    fn mul(self, b: Sample) -> Sample {
        Sample { re: self.re * b.re - self.im * b.im, im: self.re * b.im + self.im * b.re }
    }
}

/// The transform with a negative exponent (`forward`) or a positive one, not normalized.
pub(super) fn transform(x: &[Sample], forward: bool) -> Vec<Sample> {
    if x.len() < 2 {
        return x.to_vec();
    }
    let roots = roots(x.len());
    // The other sign is the same transform between conjugations.
    let turned = |x: &[Sample]| -> Vec<Sample> { x.iter().map(|v| if forward { *v } else { v.conj() }).collect() };
    turned(&split(&turned(x), &roots))
}

/// The transform of `x` with the roots of a multiple of its length.
fn split(x: &[Sample], roots: &[Sample]) -> Vec<Sample> {
    let (n, step) = (x.len(), roots.len() / x.len());
    let radix = smallest_factor(n);
    if radix == n {
        return (0..n).map(|k| (0..n).fold(Sample::default(), |sum, j| sum + x[j] * roots[j * k % n * step])).collect();
    }
    let parts: Vec<Vec<Sample>> = (0..radix)
        .map(|r| {
            let part: Vec<Sample> = x.iter().skip(r).step_by(radix).copied().collect();
            split(&part, roots)
        })
        .collect();
    let term = |k: usize, r: usize| parts[r][k % (n / radix)] * roots[r * k % n * step];
    (0..n).map(|k| (1..radix).fold(parts[0][k % (n / radix)], |sum, r| sum + term(k, r))).collect()
}

/// The smallest factor above one of a number above one.
pub(super) fn smallest_factor(n: usize) -> usize {
    (2..).take_while(|p| p * p <= n).find(|p| n.is_multiple_of(*p)).unwrap_or(n)
}

thread_local! {
    static ROOTS: RefCell<HashMap<usize, Rc<[Sample]>>> = RefCell::new(HashMap::new());
}

/// The powers of `exp(-2 pi i / n)`.
fn roots(n: usize) -> Rc<[Sample]> {
    ROOTS.with_borrow_mut(|all| all.entry(n).or_insert_with(|| (0..n).map(|k| root(k, n)).collect()).clone())
}

/// A quarter of the circle's circumference: pi / 2.
const RIGHT_ANGLE: DoubleDouble = DoubleDouble { hi: std::f64::consts::FRAC_PI_2, lo: 6.123_233_995_736_766e-17 };

/// `exp(-2 pi i k / n)`.
fn root(k: usize, n: usize) -> Sample {
    // The nearest multiple of a right angle, and the rest as a fraction of one, exactly.
    let turns = (8 * k + n) / (2 * n);
    let rest = 4 * k as i64 - (turns * n) as i64;
    let (cos, sin) = cos_sin(DoubleDouble::from(rest as f64).over(n as f64) * RIGHT_ANGLE);
    match turns % 4 {
        0 => Sample { re: cos, im: -sin },
        1 => Sample { re: -sin, im: -cos },
        2 => Sample { re: -cos, im: sin },
        _ => Sample { re: sin, im: cos },
    }
}

/// Terms of the series that matter for angles up to an eighth of the circle.
const TERMS: usize = 15;

/// Cosine and sine of an angle of at most an eighth of the circle, by their series.
fn cos_sin(angle: DoubleDouble) -> (DoubleDouble, DoubleDouble) {
    let square = angle * angle;
    let (mut cos, mut sin) = (DoubleDouble::ZERO, DoubleDouble::ZERO);
    // The smallest terms first.
    for i in (1..=TERMS).rev() {
        let even = (2 * i) as f64;
        cos = (DoubleDouble::ONE + cos) * -square.over((even - 1.0) * even);
        sin = (DoubleDouble::ONE + sin) * -square.over(even * (even + 1.0));
    }
    (DoubleDouble::ONE + cos, angle * (DoubleDouble::ONE + sin))
}
