//! The discrete Fourier transform in twice the precision of doubles.
//!
//! By decimation in time with the smallest prime factor at each level (Cooley and Tukey 1965), and by the sum that defines it where the
//! length is prime. The roots of unity come from a series, after the angle was reduced exactly to an eighth of the circle.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::call::linalg::double::{Complex, Double};

/// The transform with a negative exponent (`forward`) or a positive one, not normalized.
pub(super) fn transform(x: &[Complex], forward: bool) -> Vec<Complex> {
    if x.len() < 2 {
        return x.to_vec();
    }
    let roots = roots(x.len());
    // The other sign is the same transform between conjugations.
    let turned = |x: &[Complex]| -> Vec<Complex> { x.iter().map(|v| if forward { *v } else { v.conj() }).collect() };
    turned(&split(&turned(x), &roots))
}

/// The transform of `x` with the roots of a multiple of its length.
fn split(x: &[Complex], roots: &[Complex]) -> Vec<Complex> {
    let (n, step) = (x.len(), roots.len() / x.len());
    let radix = smallest_factor(n);
    if radix == n {
        return (0..n).map(|k| (0..n).fold(Complex::ZERO, |sum, j| sum + x[j] * roots[j * k % n * step])).collect();
    }
    let parts: Vec<Vec<Complex>> = (0..radix)
        .map(|r| {
            let part: Vec<Complex> = x.iter().skip(r).step_by(radix).copied().collect();
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
    static ROOTS: RefCell<HashMap<usize, Rc<[Complex]>>> = RefCell::new(HashMap::new());
}

/// The powers of `exp(-2 pi i / n)`.
fn roots(n: usize) -> Rc<[Complex]> {
    ROOTS.with_borrow_mut(|all| all.entry(n).or_insert_with(|| (0..n).map(|k| root(k, n)).collect()).clone())
}

/// A quarter of the circle's circumference: pi / 2 in two doubles.
const RIGHT_ANGLE: [f64; 2] = [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17];

/// `exp(-2 pi i k / n)`.
fn root(k: usize, n: usize) -> Complex {
    // The nearest multiple of a right angle, and the rest as a fraction of one, exactly.
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

/// Terms of the series that matter for angles up to an eighth of the circle.
const TERMS: usize = 15;

/// Cosine and sine of an angle of at most an eighth of the circle, by their series.
fn cos_sin(angle: Double) -> (Double, Double) {
    let square = angle * angle;
    let (mut cos, mut sin) = (Double::ZERO, Double::ZERO);
    // The smallest terms first.
    for i in (1..=TERMS).rev() {
        let even = (2 * i) as f64;
        cos = (Double::ONE + cos) * -square / Double::from((even - 1.0) * even);
        sin = (Double::ONE + sin) * -square / Double::from(even * (even + 1.0));
    }
    (Double::ONE + cos, angle * (Double::ONE + sin))
}
