//! Functions that the standard lacks: those of matrices. They are graded like the functions of the extension `linalg`.

use array_assay_interface::{Array, Value};

use crate::call::arguments::illegal;
use crate::call::fft::fft2;
use crate::call::linalg::double::{Complex, Double, exponent_of};
use crate::call::linalg::matrix::{Matrix, array_of, stack, stacked_vectors};
use crate::call::linalg::norms::Order;
use crate::call::linalg::systems::{inverses, length, solved};
use crate::call::linalg::{Limit, Ratios, Stack, any, approximated, array, graded, values};
use crate::call::{Call, Expectation, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table =
    &[("cond", cond), ("expm", expm), ("fft2", fft2), ("lstsq", lstsq), ("solve_triangular", solve_triangular)];

/// The error of a condition number. Its unit is the effect of errors of the singular values that are within the extension's threshold.
const CONDITION: Limit = ("condition", 30.0);

/// The error of an exponential, in units of `n eps (1 + norm(A)) exp(norm(A))`. That is the effect of rounding errors of `A` (Higham,
/// "Functions of Matrices", 10.2).
const EXPONENTIAL: Limit = ("exponential", 30.0);

/// `norm(A^H (b - A x))`, which is zero for an exact least-squares solution. Its unit is the effect of a small perturbation of `A` and `b`,
/// times the condition number, since solutions by a pseudoinverse are no more accurate.
const NORMAL: Limit = ("normal-equations", 30.0);

/// The greatest condition number for which a least-squares solution is judged. Beyond it, a solution in single precision has few correct
/// digits.
const WELL_CONDITIONED: f64 = 100.0;

/// The greatest norm of a matrix whose exponential is judged.
const LARGEST_NORM: f64 = 16.0;

/// The condition number. For the order 2, it is the greatest singular value divided by the least, and for -2 the least divided by the greatest.
/// [`condition_by_inverse`] computes it for the other orders. Empty matrices are open. Any value passes if the least singular value is lost in
/// rounding errors.
fn cond(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    if call.array("x")?.is_empty() {
        return Err(Undefined::Open);
    }
    let order = if call.get("p").is_some() { Order::in_argument(call, "p")? } else { Order::Greatest };
    if !matches!(order, Order::Greatest | Order::Least) {
        return condition_by_inverse(&x, order);
    }
    let size = x.rows.max(x.columns) as f64;
    let (mut wanted, mut units) = (Vec::new(), Vec::new());
    for m in &x.matrices {
        let singular = values(&m.matrix.svd().1);
        let (most, least) = (singular[0], singular[singular.len() - 1]);
        let slack = size * x.roundoff() * most;
        let known = least > 2.0 * CONDITION.1 * slack;
        let (value, unit) = match order {
            // The least singular value may be any number within rounding errors of zero. Zero divided by zero is open.
            Order::Least => (least / most, if most > 0.0 { 2.0 * slack / most } else { f64::INFINITY }),
            _ if known => (most / least, 2.0 * most / least * slack / least),
            _ => (f64::INFINITY, f64::INFINITY),
        };
        wanted.push(Complex::new(value, 0.0));
        units.push(unit);
    }
    Ok(approximated(x.dtype.real(), x.outer.clone(), CONDITION, wanted, units, x.is_extreme()))
}

/// The norm of each matrix times that of its inverse. Only a square matrix has an inverse; others are open, and so are matrices that are
/// singular or nearly so. The library may compute the inverse with the error that the check of `linalg.inv` allows: `n eps` times the condition
/// number and the norm of the inverse, in the 1-norm. The unit of the error is what that error changes. Another norm is at most `n` times the
/// 1-norm.
fn condition_by_inverse(x: &Stack, order: Order) -> Result<Expectation, Undefined> {
    if x.rows != x.columns || order == Order::Nuclear {
        return Err(Undefined::Open);
    }
    // The squares of such numbers may overflow or vanish.
    if x.is_extreme() && (order == Order::Frobenius || x.dtype.is_complex()) {
        return Err(Undefined::Open);
    }
    let (n, u) = (x.rows as f64, x.roundoff());
    let (mut wanted, mut units) = (Vec::new(), Vec::new());
    for (m, inverse) in x.matrices.iter().zip(inverses(x)?) {
        let (norm, of_inverse) = (order.of_elements(&m.matrix), order.of_elements(&inverse));
        let missed = n * n * u * m.matrix.norm1() * inverse.norm1() * inverse.norm1();
        wanted.push(Complex::new(norm * of_inverse, 0.0));
        units.push(norm * missed + n * n * u * norm * of_inverse);
    }
    Ok(approximated(x.dtype.real(), x.outer.clone(), CONDITION, wanted, units, x.is_extreme()))
}

/// The exponential of each matrix. The matrix is scaled by a power of two, its Taylor series is summed, and the sum is squared as many
/// times.
fn expm(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let n = x.rows;
    let (mut wanted, mut units) = (Vec::new(), Vec::new());
    for m in &x.matrices {
        let a = m.matrix.scale(m.exponent);
        let norm = a.norm1();
        if norm > LARGEST_NORM {
            return Err(Undefined::Open);
        }
        let squarings = if norm == 0.0 { 0 } else { (exponent_of(norm) + 2).max(0) };
        let small = a.scale(-squarings);
        let mut term = Matrix::identity(n, n);
        let mut sum = term.clone();
        for k in 1..=24 {
            let product = term.times(&small);
            let k = Double::from(1.0) / Double::from(f64::from(k));
            term = Matrix::new(n, n, |i, j| product[(i, j)].times(k));
            sum = Matrix::new(n, n, |i, j| sum[(i, j)] + term[(i, j)]);
        }
        let exponential = (0..squarings).fold(sum, |power, _| power.times(&power));
        wanted.extend(exponential.elements());
        units.extend(vec![n as f64 * x.roundoff() * (1.0 + norm) * norm.exp(); n * n]);
    }
    Ok(approximated(x.dtype, x.shape(&[n, n]), EXPONENTIAL, wanted, units, x.is_extreme()))
}

/// The solution of a system with one triangle of a matrix. The elements of the other triangle have no effect.
fn solve_triangular(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let lower = call.flag("lower", false);
    let mut a = Stack::square(call, "x1")?;
    let n = a.rows;
    for m in &mut a.matrices {
        m.matrix = Matrix::new(n, n, |i, j| if i == j || (i > j) == lower { m.matrix[(i, j)] } else { Complex::ZERO });
    }
    solved(call, a)
}

/// The least-squares solutions. The call is open if the columns are nearly dependent, because there are many solutions then.
fn lstsq(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (a, right, dtype) = (Stack::of(call, "x1")?, call.array("x2")?, call.result_dtype()?);
    let a = Stack { dtype, ..a };
    if !right.dtype.is_floating() || right.shape.first() != Some(&a.rows) || right.shape.len() > 2 {
        return Err(illegal("`x2` has another number of rows than `x1`"));
    }
    let [m] = &a.matrices[..] else { return Err(Undefined::Open) };
    let singular = values(&m.matrix.svd().1);
    let (most, least) = (singular.first().copied().unwrap_or(0.0), singular.last().copied().unwrap_or(0.0));
    if a.rows < a.columns || least * WELL_CONDITIONED < most || least == 0.0 {
        return Err(Undefined::Open);
    }
    let vector = right.shape.len() == 1;
    let sides = move |array: &Array| if vector { stacked_vectors(array) } else { stack(array) };
    let Some(b) = sides(right).pop().filter(Matrix::is_finite) else { return Err(Undefined::Open) };
    let b = b.scaled();
    let shape: Vec<usize> = std::iter::once(a.columns).chain(right.shape.get(1).copied()).collect();
    let (matrix, exponent) = (m.matrix.clone(), m.exponent);
    let normal = matrix.adjoint().times(&matrix).solve(&matrix.adjoint().times(&b.matrix)).ok_or(Undefined::Open)?;
    let solution = normal.scale(b.exponent - exponent);
    let (unit, columns) = (a.rows as f64 * a.roundoff() * most / least * matrix.norm1(), b.matrix.columns);
    let extreme = a.is_extreme() || b.exponent.abs() > 40;
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let Some(x) = sides(array(value)?).pop() else { return Err("a solution".to_owned()) };
        let x = x.scale(exponent - b.exponent);
        let missed = matrix.adjoint().times(&b.matrix.minus(&matrix.times(&x)));
        for k in 0..columns {
            ratios.note(NORMAL, length(&missed, k), unit * (length(&b.matrix, k) + matrix.norm1() * length(&x, k)));
        }
        Ok(())
    };
    let out = shape.clone();
    Ok(graded(any(dtype, shape), dtype, extreme, grade, move || Some(Value::Array(array_of(dtype, out.clone(), solution.elements())))))
}
