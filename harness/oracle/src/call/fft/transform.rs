//! The discrete Fourier transform in twice the precision of doubles. Single-precision numbers are transformed in doubles.
//!
//! The algorithm decimates in time by the smallest prime factor at each level (Cooley and Tukey 1965). Prime lengths use the sum of the
//! definition. The roots of unity come from a series, after the angle was reduced exactly to an eighth of the circle.

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
        split(&x.map(plain).collect::<Vec<_>>(), &roots).into_iter().map(|v| Complex::new(v.re, v.im)).collect()
    } else {
        split(&x.collect::<Vec<_>>(), &roots)
    };
    spectrum.into_iter().map(turned).collect()
}

/// The transform of `x`. `roots` are the roots of unity for a multiple of its length.
fn split<T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T>>(x: &[T], roots: &[T]) -> Vec<T> {
    let (n, step) = (x.len(), roots.len() / x.len());
    let radix = smallest_factor(n);
    if radix == n {
        return (0..n).map(|k| (1..n).fold(x[0], |sum, j| sum + x[j] * roots[j * k % n * step])).collect();
    }
    let parts: Vec<Vec<T>> = (0..radix)
        .map(|r| {
            let part: Vec<T> = x.iter().skip(r).step_by(radix).copied().collect();
            split(&part, roots)
        })
        .collect();
    if let [even, odd] = parts.as_slice() {
        // The roots of the second half are the negatives of those of the first.
        let terms: Vec<T> = odd.iter().enumerate().map(|(k, v)| *v * roots[k * step]).collect();
        let sums = even.iter().zip(&terms).map(|(a, b)| *a + *b);
        let differences = even.iter().zip(&terms).map(|(a, b)| *a - *b);
        return sums.chain(differences).collect();
    }
    let term = |k: usize, r: usize| parts[r][k % (n / radix)] * roots[r * k % n * step];
    (0..n).map(|k| (1..radix).fold(parts[0][k % (n / radix)], |sum, r| sum + term(k, r))).collect()
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
