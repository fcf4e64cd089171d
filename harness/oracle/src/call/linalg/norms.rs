//! Norms of vectors and matrices.

use array_assay_interface::{DType, Scalar};

use super::double::{Complex, Double};
use super::matrix::{Matrix, number};
use super::{Limit, Stack, approximated, roundoff, values};
use crate::accuracy::Format;
use crate::call::arguments::illegal;
use crate::call::statistical::Reduction;
use crate::call::{Call, Expectation, Given, Undefined};

/// The error of a norm. Its unit is `eps` times the norm, the number of terms, and the factor by which powers and roots amplify errors.
const NORM: Limit = ("norm", 8.0);

/// The error of a norm that is computed from singular values, in units of `max(m, n) norm(A) eps` (LIN/dqrt12).
const SPECTRAL: Limit = ("spectral-norm", 30.0);

/// The number of roundings allowed for the modulus of a complex number, a power and a root.
const ROUNDINGS: f64 = 16.0;

pub fn vector_norm(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if !x.dtype.is_floating() {
        return Err(illegal("`x` is not of floating-point numbers"));
    }
    let order = match call.scalar("ord") {
        None => 2.0,
        Some(Scalar::Int(v)) => v as f64,
        Some(Scalar::Float(v)) if !v.is_nan() => v,
        Some(_) => return Err(Undefined::Open),
    };
    let elements: Vec<Complex> = x.elements().map(number).collect();
    // The text describes finite numbers only.
    if !elements.iter().all(|z| z.is_finite()) {
        return Err(Undefined::Open);
    }
    let reduction = Reduction::of(call, x)?;
    // An empty set has no greatest and no least element, and a negative order divides by an empty sum. A library may refuse an axis without
    // elements even if the result has no elements.
    if reduction.count == 0 && (order < 0.0 || order == f64::INFINITY) {
        return Err(Undefined::Open);
    }
    let norms = reduction.groups.iter().map(|group| {
        let group: Vec<Complex> = group.iter().map(|i| elements[*i]).collect();
        norm(x.dtype, &group, order)
    });
    let norms = norms.collect::<Result<Vec<_>, _>>()?;
    let (wanted, units) = norms.into_iter().unzip();
    Ok(approximated(x.dtype.real(), reduction.shape, NORM, wanted, units, false))
}

/// The norm of a vector, and the unit of its error. The unit is infinite if a power of an element may overflow or vanish.
fn norm(dtype: DType, vector: &[Complex], order: f64) -> Result<(Complex, f64), Undefined> {
    let moduli: Vec<Double> = vector.iter().map(|z| z.abs()).collect();
    let zeros = moduli.iter().any(|v| v.value() == 0.0);
    let sum = |of: &dyn Fn(Double) -> Double| moduli.iter().fold(Double::ZERO, |sum, v| sum + of(*v));
    let extreme = |beats: fn(f64, f64) -> bool| moduli.iter().copied().reduce(|a, b| if beats(b.value(), a.value()) { b } else { a });
    let value = match order {
        f64::INFINITY => extreme(|a, b| a > b).ok_or(Undefined::Open)?,
        f64::NEG_INFINITY => extreme(|a, b| a < b).ok_or(Undefined::Open)?,
        0.0 => Double::from(moduli.iter().filter(|v| v.value() != 0.0).count() as f64),
        1.0 => sum(&|v| v),
        // The power of a zero element divides by zero.
        p if p < 0.0 && zeros => return Ok((Complex::ZERO, f64::INFINITY)),
        p => root(sum(&|v| power(v, p)), p),
    };
    let used = if order.is_finite() && order != 0.0 { order.abs() } else { 1.0 };
    // The modulus of a complex number takes a square. A real number needs only the power itself.
    let highest = if dtype.is_complex() { used.max(2.0) } else { used };
    let room = f64::from(Format::of(dtype).emax - 12) - (moduli.len().max(1) as f64).log2();
    let safe = moduli.iter().filter(|v| v.value() > 0.0).all(|v| v.value().log2().abs() * highest <= room);
    let count = if order.is_infinite() { 1.0 } else { moduli.len() as f64 };
    let unit = if safe { (count + ROUNDINGS) * roundoff(dtype) * value.value() * (1.0 / used).max(1.0) } else { f64::INFINITY };
    Ok((value.into(), unit))
}

/// `v**p` for a number that is not negative. `p` has to be a multiple of one half.
fn power(v: Double, p: f64) -> Double {
    let halves = (2.0 * p.abs()).round() as i32;
    let whole = (0..halves / 2).fold(Double::ONE, |product, _| product * v);
    let power = if halves % 2 == 1 { whole * v.sqrt() } else { whole };
    if p < 0.0 { Double::ONE / power } else { power }
}

/// `v**(1 / p)`, by one step of Newton's method from the nearest double.
fn root(v: Double, p: f64) -> Double {
    let guess = Double::from(v.value().powf(1.0 / p));
    if guess.value() == 0.0 || !guess.value().is_finite() {
        return guess;
    }
    let reached = power(guess, p);
    guess + guess * ((v - reached) / reached) / Double::from(p)
}

pub fn matrix_norm(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    let (dtype, u, most) = (x.dtype.real(), x.roundoff(), x.rows.max(x.columns) as f64);
    let order = if call.is_given("ord") { Order::in_argument(call, "ord")? } else { Order::Frobenius };
    // The greatest or least of no elements is open. A sum over no elements is zero. So the column sums of a matrix without rows are zero,
    // and so are their greatest and least, and the sums of no singular values and of no squares.
    let candidates = match order {
        Order::Frobenius | Order::Nuclear => 1,
        Order::Sums { by_rows: true, .. } => x.rows,
        Order::Sums { by_rows: false, .. } => x.columns,
        Order::Greatest | Order::Least => x.rows.min(x.columns),
    };
    if candidates == 0 {
        return Err(Undefined::Open);
    }
    let empty = x.rows == 0 || x.columns == 0;
    let terms = (x.rows * x.columns) as f64 + ROUNDINGS;
    let of = |m: &Matrix| -> (f64, f64) {
        match order {
            _ if empty => (0.0, 0.0),
            Order::Frobenius | Order::Sums { .. } => {
                let norm = order.of_elements(m);
                (norm, terms * u * norm)
            }
            Order::Nuclear | Order::Greatest | Order::Least => {
                let s = values(&m.svd().1);
                let top = s.first().copied().unwrap_or(0.0);
                match order {
                    Order::Nuclear => (s.iter().sum(), s.len() as f64 * most * u * top),
                    Order::Greatest => (top, most * u * top),
                    _ => (s.last().copied().unwrap_or(0.0), most * u * top),
                }
            }
        }
    };
    // The squares of such numbers may overflow or vanish.
    let (extreme, format) = (x.is_extreme(), Format::of(dtype));
    let near_the_ends = |exponent: i32| exponent > format.emax - 12 || exponent < format.emin() + format.precision;
    let spectral = matches!(order, Order::Nuclear | Order::Greatest | Order::Least);
    let norms = x.matrices.iter().map(|m| {
        let (norm, unit) = of(&m.matrix);
        let sums = matches!(order, Order::Sums { .. }) && !x.dtype.is_complex();
        let open = if sums { near_the_ends(m.exponent) } else { extreme && !spectral };
        let scaled = |v: f64| Double::from(v).scale(m.exponent);
        (Complex::from(scaled(norm)), if open { f64::INFINITY } else { scaled(unit).value() })
    });
    let (wanted, units) = norms.unzip();
    let shape = if call.flag("keepdims", false) { x.shape(&[1, 1]) } else { x.outer.clone() };
    Ok(approximated(dtype, shape, if spectral { SPECTRAL } else { NORM }, wanted, units, extreme))
}

/// The kinds of matrix norms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::call) enum Order {
    Frobenius,
    Nuclear,
    /// The greatest or least row or column sum of moduli.
    Sums {
        by_rows: bool,
        greatest: bool,
    },
    /// The greatest singular value.
    Greatest,
    /// The least singular value.
    Least,
}

impl Order {
    /// The order in an argument. `None` and orders of vectors are open.
    pub(in crate::call) fn in_argument(call: &Call<'_>, name: &str) -> Result<Order, Undefined> {
        match call.get(name) {
            Some(Given::Str(order)) if order == "fro" => Some(Order::Frobenius),
            Some(Given::Str(order)) if order == "nuc" => Some(Order::Nuclear),
            Some(Given::Scalar(Scalar::Int(v))) => Order::of(*v as f64),
            Some(Given::Scalar(Scalar::Float(v))) => Order::of(*v),
            _ => None,
        }
        .ok_or(Undefined::Open)
    }

    /// The norm of a matrix for the orders that need no singular values: `fro`, 1, -1, inf and -inf. It is zero for an empty matrix.
    pub(in crate::call) fn of_elements(self, m: &Matrix) -> f64 {
        let Order::Sums { by_rows, greatest } = self else { return m.frobenius().value() };
        let m = if by_rows { m.moduli() } else { m.adjoint().moduli() };
        let sums = (0..m.rows).map(|i| (0..m.columns).fold(Double::ZERO, |sum, j| sum + m[(i, j)].re).value());
        sums.reduce(if greatest { f64::max } else { f64::min }).unwrap_or(0.0)
    }

    fn of(number: f64) -> Option<Order> {
        Some(match number {
            1.0 => Order::Sums { by_rows: false, greatest: true },
            -1.0 => Order::Sums { by_rows: false, greatest: false },
            f64::INFINITY => Order::Sums { by_rows: true, greatest: true },
            f64::NEG_INFINITY => Order::Sums { by_rows: true, greatest: false },
            2.0 => Order::Greatest,
            -2.0 => Order::Least,
            _ => return None,
        })
    }
}
