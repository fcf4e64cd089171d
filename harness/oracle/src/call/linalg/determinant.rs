//! Exact determinants, by the fraction-free elimination of Bareiss (1968) over the Gaussian integers. The elimination applies because every
//! finite matrix of floats is a matrix of integers times a power of two.

use array_assay_interface::Value;
use dashu_int::IBig;
use dashu_int::ops::BitTest;

use super::double::{Complex, Double, exponent_of};
use super::matrix::{Matrix, Scaled, array_of, number};
use super::{Limit, Ratios, Stack, any, approximated, fields, graded, growth, named};
use crate::accuracy::Format;
use crate::call::{Call, Expectation, Undefined};
use crate::precise;

/// The distance from the exact determinant. Its unit is the change that a perturbation of the matrix by `n norm(A) eps` causes. LU keeps
/// the threshold if its backward error is within the threshold of LIN/dget01.
const DETERMINANT: Limit = ("determinant", 30.0);

/// The distance of the sign's modulus from one, in units of `eps`.
const SIGN: Limit = ("sign", 30.0);

/// `value * 2**exponent`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exact {
    pub value: Complex,
    pub exponent: i64,
}

#[derive(Debug, Clone, PartialEq)]
struct Gaussian {
    re: IBig,
    im: IBig,
}

impl Gaussian {
    fn is_zero(&self) -> bool {
        self.re == IBig::ZERO && self.im == IBig::ZERO
    }

    fn times(&self, other: &Gaussian) -> Gaussian {
        if self.im == IBig::ZERO && other.im == IBig::ZERO {
            return Gaussian { re: &self.re * &other.re, im: IBig::ZERO };
        }
        Gaussian { re: &self.re * &other.re - &self.im * &other.im, im: &self.re * &other.im + &self.im * &other.re }
    }

    fn minus(self, other: Gaussian) -> Gaussian {
        Gaussian { re: self.re - other.re, im: self.im - other.im }
    }

    /// The quotient `self / other`. `self` has to be a multiple of `other`.
    fn over(self, other: &Gaussian) -> Gaussian {
        if self.im == IBig::ZERO && other.im == IBig::ZERO {
            return Gaussian { re: self.re / &other.re, im: IBig::ZERO };
        }
        let norm = &other.re * &other.re + &other.im * &other.im;
        let product = self.times(&Gaussian { re: other.re.clone(), im: -&other.im });
        Gaussian { re: product.re / &norm, im: product.im / &norm }
    }
}

/// The exponent of the last set bit of a nonzero number.
fn last_bit(v: f64) -> i32 {
    exponent_of(v) - 52 + (significand(v).trailing_zeros() as i32)
}

/// The significand as an integer of 53 bits.
fn significand(v: f64) -> u64 {
    let exponent = exponent_of(v);
    super::double::scaled(v.abs(), 52 - exponent) as u64
}

/// The exact determinant of a finite square matrix.
pub fn exact(m: &Matrix) -> Exact {
    let components = || m.elements().flat_map(|z| [z.re.value(), z.im.value()]).filter(|v| *v != 0.0);
    let Some(low) = components().map(last_bit).min() else {
        let empty = m.rows == 0;
        return Exact { value: if empty { Complex::ONE } else { Complex::ZERO }, exponent: 0 };
    };
    let integer = |v: f64| {
        if v == 0.0 {
            return IBig::ZERO;
        }
        let trailing = significand(v).trailing_zeros();
        let magnitude = IBig::from(significand(v) >> trailing) << (last_bit(v) - low) as usize;
        if v < 0.0 { -magnitude } else { magnitude }
    };
    let n = m.rows;
    let mut a: Vec<Vec<Gaussian>> = (0..n)
        .map(|i| (0..n).map(|j| Gaussian { re: integer(m[(i, j)].re.value()), im: integer(m[(i, j)].im.value()) }).collect())
        .collect();
    let mut previous = Gaussian { re: IBig::ONE, im: IBig::ZERO };
    let mut odd = false;
    for k in 0..n {
        let Some(pivot) = (k..n).find(|i| !a[*i][k].is_zero()) else { return Exact { value: Complex::ZERO, exponent: 0 } };
        if pivot != k {
            a.swap(k, pivot);
            odd = !odd;
        }
        let (upper, lower) = a.split_at_mut(k + 1);
        let head = &upper[k];
        for row in lower {
            let factor = row[k].clone();
            for j in k + 1..n {
                row[j] = row[j].times(&head[k]).minus(factor.times(&head[j])).over(&previous);
            }
        }
        previous = a[k][k].clone();
    }
    let size = |v: &IBig| v.clone().into_parts().1.bit_len() as i64;
    let shift = (size(&previous.re).max(size(&previous.im)) - 100).max(0);
    let double = |v: &IBig| {
        // The shift leaves the upper hundred bits.
        let (sign, magnitude) = v.clone().into_parts();
        let bits = u128::try_from(magnitude >> shift as usize).unwrap_or(u128::MAX);
        let high = bits as f64;
        let low = if high as u128 >= bits { -((high as u128 - bits) as f64) } else { (bits - high as u128) as f64 };
        let value = Double::from(high) + Double::from(low);
        if sign == dashu_int::Sign::Negative { -value } else { value }
    };
    let value = Complex { re: double(&previous.re), im: double(&previous.im) };
    Exact { value: if odd { -value } else { value }, exponent: shift + n as i64 * i64::from(low) }
}

impl Exact {
    /// The determinant times `2**-exponent`.
    fn at(&self, exponent: i64) -> Complex {
        self.value.scale((self.exponent - exponent).clamp(-4000, 4000) as i32)
    }

    /// The natural logarithm of the determinant's modulus. The determinant must not be zero.
    fn log(&self) -> Double {
        let log = precise::with(|p| {
            let modulus = self.value.abs();
            let (high, low) = (p.real(modulus.value())?, p.real(modulus.low())?);
            let sum = p.add(&high, &low)?;
            let log = p.log(&sum)?;
            let high = log.to_f64().value();
            let rest = p.sub(&log, &p.real(high)?)?;
            Some(Double::from(high) + Double::from(rest.to_f64().value()))
        });
        log.unwrap_or(Double::from(f64::NAN)) + Double::from(self.exponent as f64) * Double::LN_2
    }
}

/// The greatest change of the determinant that a perturbation within the threshold causes, for a matrix with these singular values.
fn allowed(singular: &[f64], n: usize, u: f64) -> f64 {
    let top = singular.first().copied().unwrap_or(0.0);
    growth(singular, DETERMINANT.1 * n as f64 * u * top).last().copied().unwrap_or(0.0)
}

pub fn det(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let (dtype, n, u, format) = (x.dtype, x.rows, x.roundoff(), Format::of(x.dtype));
    let (mut wanted, mut units) = (Vec::new(), Vec::new());
    for m in &x.matrices {
        let scale = n as i64 * i64::from(m.exponent);
        let exact = exact(&m.matrix);
        let value = exact.at(0);
        // A product of some of the pivots may overflow or vanish even if the determinant itself does not.
        let singular = m.matrix.singular_values();
        let logs: Vec<f64> = singular.iter().filter(|s| **s > 0.0).map(|s| s.log2() + f64::from(m.exponent)).collect();
        let (high, low) = logs.iter().fold((0.0, 0.0), |(high, low), log| (high + log.max(0.0), low + log.min(0.0)));
        let safe = high < f64::from(format.emax - 10) && low > f64::from(format.emin() + format.precision + 10);
        let scale = scale.clamp(-4000, 4000) as i32;
        let unit = Double::from((allowed(&singular, n, u) / DETERMINANT.1).max(u * value.abs().value()));
        wanted.push(value.scale(scale));
        units.push(if safe { unit.scale(scale).value() } else { f64::INFINITY });
    }
    Ok(approximated(dtype, x.outer.clone(), DETERMINANT, wanted, units, x.is_extreme()))
}

pub fn slogdet(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let (dtype, n, u, shape, extreme) = (x.dtype, x.rows, x.roundoff(), x.outer.clone(), x.is_extreme());
    let parts = Expectation::Named(vec![("sign", any(dtype, shape.clone())), ("logabsdet", any(dtype.real(), shape.clone()))]);
    let wanted = x.matrices.clone();
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let both = fields(value)?;
        for ((m, sign), log) in x.matrices.iter().zip(both[0].elements()).zip(both[1].elements()) {
            let (sign, log) = (number(sign), log.components().0);
            grade_one(m, (sign, log), (n, u), dtype.is_complex(), ratios)?;
        }
        Ok(())
    };
    let example = move || {
        let (mut signs, mut logs) = (Vec::new(), Vec::new());
        for m in &wanted {
            let exact = exact(&m.matrix);
            let zero = exact.value == Complex::ZERO;
            signs.push(if zero { Complex::ZERO } else { exact.value.phase() });
            let scale = Exact { exponent: exact.exponent + n as i64 * i64::from(m.exponent), ..exact };
            logs.push(Complex::from(if zero { Double::from(f64::NEG_INFINITY) } else { scale.log() }));
        }
        let sign = array_of(dtype, shape.clone(), signs.into_iter());
        let log = array_of(dtype.real(), shape.clone(), logs.into_iter());
        Some(named(vec![("sign", sign), ("logabsdet", log)]))
    };
    Ok(graded(parts, dtype, extreme, grade, example))
}

/// Grades the sign and the logarithm of one determinant by the number that they represent.
fn grade_one(m: &Scaled, (sign, log): (Complex, f64), (n, u): (usize, f64), complex: bool, ratios: &mut Ratios) -> Result<(), String> {
    let modulus = sign.abs().value();
    let zero = modulus == 0.0;
    if !complex && !zero && modulus != 1.0 {
        return Err("a sign of -1, 0 or 1".to_owned());
    }
    if zero != (log == f64::NEG_INFINITY) {
        return Err("a sign of 0 where the logarithm is negative infinity, and nowhere else".to_owned());
    }
    if !zero {
        ratios.note(SIGN, (modulus - 1.0).abs(), u);
    }
    let exact = exact(&m.matrix);
    let allowed = allowed(&m.matrix.singular_values(), n, u);
    let scale = n as f64 * f64::from(m.exponent) * std::f64::consts::LN_2;
    if exact.value == Complex::ZERO {
        let got = if zero { 0.0 } else { (log - scale).exp() };
        ratios.note(DETERMINANT, got, allowed / DETERMINANT.1);
        return Ok(());
    }
    let true_log = exact.log() + Double::from(n as f64 * f64::from(m.exponent)) * Double::LN_2;
    let missed = if zero {
        1.0
    } else {
        // Computes `sign * exp(log) / det - 1` from its small parts, so that no digits cancel.
        let turned = sign * exact.value.phase().conj();
        let difference = (Double::from(log) - true_log).value();
        ((turned - Complex::ONE) + turned.times(Double::from(difference.exp_m1()))).abs().value()
    };
    let relative = allowed / (DETERMINANT.1 * exact.at(0).abs().value());
    ratios.note(DETERMINANT, missed, relative + u * (true_log.value().abs() + 2.0));
    Ok(())
}
