//! Kernels of linear algebra with the crate `faer`, in double precision.

use array_assay_interface::{Array, CallError, DType, Scalar};
use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Mat, MatRef, Side};
use num_complex::Complex64;

use super::block::{Block, Cells, broadcast_shape};
use super::reduction::{Lanes, complex_sum, sum_of};
use super::{Call, Kernel, array, common_dtype, named, products, reads};
use crate::value::{Answer, Due, Value, type_error, value_error};

/// The kernel of a function of the extension.
pub(super) fn find(path: &str) -> Option<Kernel> {
    match path.strip_prefix("linalg.")? {
        "cholesky" => reads(cholesky),
        "cross" => reads(products::cross),
        "det" => reads(det),
        "diagonal" => reads(diagonal),
        "eig" => reads(|call| eigen(call, true)),
        "eigvals" => reads(|call| eigen(call, false)),
        "eigh" => reads(|call| hermitian_eigen(call, true)),
        "eigvalsh" => reads(|call| hermitian_eigen(call, false)),
        "inv" => reads(inv),
        "matrix_norm" => reads(matrix_norm),
        "matrix_power" => reads(matrix_power),
        "matrix_rank" => reads(matrix_rank),
        "outer" => reads(products::outer),
        "pinv" => reads(pinv),
        "qr" => reads(qr),
        "slogdet" => reads(slogdet),
        "solve" => reads(solve),
        "svd" => reads(svd),
        "svdvals" => reads(svdvals),
        "trace" => reads(trace),
        "vector_norm" => reads(vector_norm),
        _ => None,
    }
}

/// The real or complex numbers of a matrix.
trait Number: faer::traits::ComplexField + Copy {
    fn of(z: Complex64) -> Self;
    fn complex(self) -> Complex64;
    fn eigen(x: MatRef<'_, Self>, vectors: bool) -> Option<(Vec<Complex64>, Mat<Complex64>)>;
}

fn complex_eigen<T>(found: Result<faer::linalg::solvers::Eigen<f64>, T>) -> Option<(Vec<Complex64>, Mat<Complex64>)> {
    let found = found.ok()?;
    Some((found.S().column_vector().iter().copied().collect(), found.U().to_owned()))
}

impl Number for f64 {
    fn of(z: Complex64) -> f64 {
        z.re
    }

    fn complex(self) -> Complex64 {
        Complex64::new(self, 0.0)
    }

    fn eigen(x: MatRef<'_, f64>, vectors: bool) -> Option<(Vec<Complex64>, Mat<Complex64>)> {
        if vectors { complex_eigen(x.eigen()) } else { Some((x.eigenvalues().ok()?, Mat::new())) }
    }
}

impl Number for Complex64 {
    fn of(z: Complex64) -> Complex64 {
        z
    }

    fn complex(self) -> Complex64 {
        self
    }

    fn eigen(x: MatRef<'_, Complex64>, vectors: bool) -> Option<(Vec<Complex64>, Mat<Complex64>)> {
        if vectors { complex_eigen(x.eigen()) } else { Some((x.eigenvalues().ok()?, Mat::new())) }
    }
}

/// Calls a generic function with the number type of a matrix.
macro_rules! by_number {
    ($stack:expr, $function:ident($($arg:expr),*)) => {
        if $stack.dtype.is_complex() { $function::<Complex64>($($arg),*) } else { $function::<f64>($($arg),*) }
    };
}

/// A stack of matrices.
struct Stack {
    dtype: DType,
    lead: Vec<usize>,
    rows: usize,
    columns: usize,
    items: Vec<Complex64>,
}

impl Stack {
    fn new(x: &Block) -> Result<Stack, CallError> {
        let [lead @ .., rows, columns] = x.shape.as_slice() else { return Err(value_error("a matrix has two axes")) };
        Ok(Stack { dtype: x.dtype, lead: lead.to_vec(), rows: *rows, columns: *columns, items: x.complexes() })
    }

    fn of(call: &Call<'_>) -> Result<Stack, CallError> {
        let x = call.block(0)?;
        if !matches!(x.cells, Cells::Real(_) | Cells::Complex(_)) {
            return Err(type_error(format!("linear algebra is of floating-point numbers, and not of {}", x.dtype)));
        }
        Stack::new(&x)
    }

    fn square(call: &Call<'_>) -> Result<Stack, CallError> {
        let stack = Stack::of(call)?;
        if stack.rows != stack.columns {
            return Err(value_error(format!("a matrix of {} rows and {} columns is not square", stack.rows, stack.columns)));
        }
        Ok(stack)
    }

    fn count(&self) -> usize {
        self.lead.iter().product()
    }

    fn matrix(&self, k: usize) -> &[Complex64] {
        let size = self.rows * self.columns;
        &self.items[k * size..(k + 1) * size]
    }

    /// A matrix scaled by a power of two, so that its largest element is near one, and the power.
    fn scaled<T: Number>(&self, k: usize) -> (Mat<T>, f64) {
        let items = self.matrix(k);
        let greatest = items.iter().map(|z| z.re.abs().max(z.im.abs())).fold(0.0, f64::max);
        let power =
            if greatest > 0.0 && greatest.is_finite() { 2f64.powi((greatest.log2().floor() as i32).clamp(-1000, 1000)) } else { 1.0 };
        (Mat::from_fn(self.rows, self.columns, |i, j| T::of(items[i * self.columns + j] / power)), power)
    }

    fn shape(&self, last: &[usize]) -> Vec<usize> {
        [&self.lead, last].concat()
    }
}

/// Elements of a dtype. A real dtype takes the real components.
fn block(dtype: DType, shape: Vec<usize>, items: Vec<Complex64>) -> Block {
    let cells = if dtype.is_complex() { Cells::Complex(items) } else { Cells::Real(items.into_iter().map(|z| z.re).collect()) };
    Block::new(dtype, shape, cells)
}

fn failed(what: &str) -> CallError {
    CallError::raised("LinAlgError", what)
}

/// The elements of a matrix in C order.
fn rows<T: Number>(x: MatRef<'_, T>) -> impl Iterator<Item = Complex64> + '_ {
    (0..x.nrows()).flat_map(move |i| (0..x.ncols()).map(move |j| x[(i, j)].complex()))
}

// Diagonals.

/// The flat indices of a diagonal of a matrix.
fn on_diagonal(rows: usize, columns: usize, offset: i128) -> Vec<usize> {
    (0..rows).filter_map(|i| usize::try_from(i as i128 + offset).ok().filter(|j| *j < columns).map(|j| i * columns + j)).collect()
}

fn diagonals(x: &Block, offset: i128) -> Result<Block, CallError> {
    let [lead @ .., rows, columns] = x.shape.as_slice() else { return Err(value_error("a matrix has two axes")) };
    let places = on_diagonal(*rows, *columns, offset);
    let count: usize = lead.iter().product();
    let shape = [lead, &[places.len()]].concat();
    Ok(x.taken(shape, (0..count).flat_map(|k| places.iter().map(move |p| k * rows * columns + p))))
}

fn diagonal(call: &Call<'_>) -> Answer<Array> {
    Ok(array(&diagonals(&call.block(0)?, call.integer(1)?)?))
}

/// `trace(x, /, *, offset, dtype)`
fn trace(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let dtype = call.dtype(2)?.unwrap_or_else(|| call.context.defaults.at_least_integer(x.dtype));
    let x = diagonals(&x.cast(dtype), call.integer(1)?)?;
    let lanes = Lanes::new(&x.shape, &[x.shape.len() - 1], false);
    let cells = match &x.cells {
        Cells::Int(items) => Cells::Int(lanes.each(items, |lane| lane.iter().sum())),
        Cells::Real(items) => Cells::Real(lanes.each(items, sum_of)),
        Cells::Complex(items) => Cells::Complex(lanes.each(items, complex_sum)),
        Cells::Bool(_) => return Err(type_error("a trace is of numbers")),
    };
    Ok(array(&Block::new(dtype, lanes.shape, cells)))
}

// Norms.

/// The order of a norm as a number, or `None` if it is a name.
fn order(value: &Value<Array>) -> Result<Option<f64>, CallError> {
    match value {
        Value::Scalar(Scalar::Int(v)) => Ok(Some(*v as f64)),
        Value::Scalar(Scalar::Float(v)) => Ok(Some(*v)),
        Value::Str(_) => Ok(None),
        other => Err(type_error(format!("{} is no order of a norm", other.kind()))),
    }
}

/// The norm of a vector of magnitudes.
fn norm(items: &[f64], order: f64) -> f64 {
    let greatest = items.iter().copied().fold(0.0, |a: f64, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) });
    if order == f64::INFINITY {
        return greatest;
    }
    if order == f64::NEG_INFINITY {
        return items.iter().copied().fold(f64::INFINITY, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) });
    }
    if order == 0.0 {
        return items.iter().filter(|v| **v != 0.0).count() as f64;
    }
    if order == 1.0 {
        return sum_of(items);
    }
    let least = items.iter().copied().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
    if order < 0.0 && items.contains(&0.0) {
        return 0.0;
    }
    // Relative to the element that contributes most, so that no power overflows or underflows.
    let scale = if order > 0.0 { greatest } else { least };
    if scale == 0.0 || !scale.is_finite() {
        return if items.is_empty() || scale == 0.0 { 0.0 } else { scale };
    }
    let power = |v: f64| if order == 2.0 { v * v } else { v.powf(order) };
    let sum = sum_of(&items.iter().map(|v| power(v / scale)).collect::<Vec<_>>());
    scale * if order == 2.0 { sum.sqrt() } else { sum.powf(1.0 / order) }
}

/// `vector_norm(x, /, *, axis, keepdims, ord)`
fn vector_norm(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let order = order(call.arg(3))?.ok_or_else(|| type_error("the order of a vector's norm is a number"))?;
    let lanes = Lanes::new(&x.shape, &call.axes(1, x.shape.len())?, call.flag(2)?);
    let magnitudes: Vec<f64> = match &x.cells {
        Cells::Real(items) => items.iter().map(|v| v.abs()).collect(),
        Cells::Complex(items) => items.iter().map(|z| z.re.hypot(z.im)).collect(),
        _ => return Err(type_error(format!("a norm is of floating-point numbers, and not of {}", x.dtype))),
    };
    let norms = lanes.each(&magnitudes, |lane| norm(lane, order));
    Ok(array(&Block::new(x.dtype.real(), lanes.shape, Cells::Real(norms))))
}

/// `matrix_norm(x, /, *, keepdims, ord)`
fn matrix_norm(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::of(call)?;
    let order = order(call.arg(2))?;
    let name = if let Value::Str(name) = call.arg(2) { name.as_str() } else { "" };
    let mut norms = Vec::with_capacity(stack.count());
    for k in 0..stack.count() {
        let magnitudes: Vec<f64> = stack.matrix(k).iter().map(|z| z.re.hypot(z.im)).collect();
        let sums = |by_row: bool| -> Vec<f64> {
            let (outer, inner) = if by_row { (stack.rows, stack.columns) } else { (stack.columns, stack.rows) };
            let at = |o: usize, i: usize| if by_row { o * stack.columns + i } else { i * stack.columns + o };
            (0..outer).map(|o| sum_of(&(0..inner).map(|i| magnitudes[at(o, i)]).collect::<Vec<_>>())).collect()
        };
        let greatest = |items: &[f64]| norm(items, f64::INFINITY);
        let least = |items: &[f64]| norm(items, f64::NEG_INFINITY);
        norms.push(match (name, order) {
            ("fro", _) => norm(&magnitudes, 2.0),
            ("nuc", _) => sum_of(&singular(&stack, k)?),
            (_, Some(1.0)) => greatest(&sums(false)),
            (_, Some(-1.0)) => least(&sums(false)),
            (_, Some(2.0)) => greatest(&singular(&stack, k)?),
            (_, Some(-2.0)) => least(&singular(&stack, k)?),
            (_, Some(f64::INFINITY)) => greatest(&sums(true)),
            (_, Some(f64::NEG_INFINITY)) => least(&sums(true)),
            _ => return Err(value_error("there is no such norm of matrices")),
        });
    }
    let shape = stack.shape(if call.flag(1)? { &[1, 1] } else { &[] });
    Ok(array(&Block::new(stack.dtype.real(), shape, Cells::Real(norms))))
}

// Solving.

/// The LU factors of a matrix, and the sign of the permutation of its rows.
fn factors<T: Number>(stack: &Stack, k: usize) -> (PartialPivLu<T>, f64, f64) {
    let (x, power) = stack.scaled::<T>(k);
    let lu = x.partial_piv_lu();
    let order = lu.P().arrays().0.to_vec();
    let mut seen = vec![false; order.len()];
    let mut sign = 1.0;
    for start in 0..order.len() {
        let (mut at, mut length) = (start, 0);
        while !seen[at] {
            seen[at] = true;
            at = order[at];
            length += 1;
        }
        if length > 0 && length % 2 == 0 {
            sign = -sign;
        }
    }
    (lu, sign, power)
}

/// The sign of a determinant and the logarithm of its magnitude, and the determinant itself if it is in range.
fn determinant<T: Number>(stack: &Stack, k: usize) -> (Complex64, f64, Complex64) {
    if stack.rows == 0 {
        return (Complex64::new(1.0, 0.0), 0.0, Complex64::new(1.0, 0.0));
    }
    let (lu, sign, power) = factors::<T>(stack, k);
    let upper = lu.U();
    let (mut phase, mut log, mut whole, mut exponent) = (Complex64::new(sign, 0.0), 0.0, Complex64::new(sign, 0.0), 0i32);
    for i in 0..stack.rows {
        let pivot = upper[(i, i)].complex();
        let magnitude = pivot.re.hypot(pivot.im);
        if magnitude == 0.0 {
            return (Complex64::default(), f64::NEG_INFINITY, Complex64::default());
        }
        phase = phase * pivot / magnitude;
        log += magnitude.ln() + power.ln();
        whole *= pivot;
        // The power of two is kept apart, so that the product stays in range.
        let scale = whole.re.abs().max(whole.im.abs());
        if scale > 0.0 && scale.is_finite() {
            let by = scale.log2().floor() as i32;
            whole = Complex64::new(whole.re * 2f64.powi(-by), whole.im * 2f64.powi(-by));
            exponent += by;
        }
    }
    let total = exponent + power.log2() as i32 * stack.rows as i32;
    let (half, rest) = (total / 2, total - total / 2);
    let scaled = |v: f64| v * 2f64.powi(half.clamp(-1100, 1100)) * 2f64.powi(rest.clamp(-1100, 1100));
    let magnitude = phase.re.hypot(phase.im);
    (phase / magnitude, log, Complex64::new(scaled(whole.re), scaled(whole.im)))
}

fn det(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::square(call)?;
    let items = (0..stack.count()).map(|k| by_number!(stack, determinant(&stack, k)).2).collect();
    Ok(array(&block(stack.dtype, stack.lead.clone(), items)))
}

fn slogdet(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::square(call)?;
    let (signs, logs) = (0..stack.count())
        .map(|k| {
            let (sign, log, _) = by_number!(stack, determinant(&stack, k));
            (sign, log)
        })
        .unzip();
    Ok(named(vec![
        ("sign", block(stack.dtype, stack.lead.clone(), signs)),
        ("logabsdet", Block::new(stack.dtype.real(), stack.lead.clone(), Cells::Real(logs))),
    ]))
}

/// Solves a system for the columns of a matrix.
fn solved<T: Number>(stack: &Stack, k: usize, sides: &[Complex64], columns: usize) -> Result<Vec<Complex64>, CallError> {
    let n = stack.rows;
    if n == 0 || columns == 0 {
        return Ok(Vec::new());
    }
    let (lu, _, power) = factors::<T>(stack, k);
    if (0..n).any(|i| lu.U()[(i, i)].complex() == Complex64::default()) {
        return Err(failed("the matrix is singular"));
    }
    let solution = lu.solve(Mat::<T>::from_fn(n, columns, |i, j| T::of(sides[i * columns + j])));
    Ok(rows(solution.as_ref()).map(|z| z / power).collect())
}

fn inv(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::square(call)?;
    let n = stack.rows;
    let one: Vec<Complex64> = (0..n * n).map(|i| Complex64::new(f64::from(u8::from(i / n == i % n)), 0.0)).collect();
    let mut items = Vec::with_capacity(stack.items.len());
    for k in 0..stack.count() {
        items.extend(by_number!(stack, solved(&stack, k, &one, n))?);
    }
    Ok(array(&block(stack.dtype, stack.shape(&[n, n]), items)))
}

/// `solve(x1, x2, /)`: `x2` with one axis is a vector, otherwise a stack of matrices
fn solve(call: &Call<'_>) -> Answer<Array> {
    let dtype = common_dtype(call.args)?;
    let (a, mut b) = (call.block(0)?.cast(dtype), call.block(1)?.cast(dtype));
    let vector = b.shape.len() == 1;
    if vector {
        b.shape.push(1);
    }
    let square = a.shape.len() >= 2 && b.shape.len() >= 2 && a.shape[a.shape.len() - 1] == a.shape[a.shape.len() - 2];
    if !square || a.shape[a.shape.len() - 1] != b.shape[b.shape.len() - 2] {
        return Err(value_error("a system has a square matrix, and sides of as many rows"));
    }
    let lead = broadcast_shape([&a.shape[..a.shape.len() - 2], &b.shape[..b.shape.len() - 2]].into_iter())?;
    let (n, columns) = (a.shape[a.shape.len() - 1], b.shape[b.shape.len() - 1]);
    let a = Stack::new(&a.broadcast(&[&lead[..], &[n, n]].concat())?)?;
    let b = Stack::new(&b.broadcast(&[&lead[..], &[n, columns]].concat())?)?;
    let mut items = Vec::with_capacity(b.items.len());
    for k in 0..a.count() {
        items.extend(by_number!(a, solved(&a, k, b.matrix(k), columns))?);
    }
    let shape = [&lead[..], &[n], if vector { &[] } else { std::slice::from_ref(&columns) }].concat();
    Ok(array(&block(dtype, shape, items)))
}

/// `matrix_power(x, n, /)`
fn matrix_power(call: &Call<'_>) -> Answer<Array> {
    let n = call.integer(1)?;
    let stack = Stack::square(call)?;
    let size = stack.rows;
    let one: Vec<Complex64> = (0..size * size).map(|i| Complex64::new(f64::from(u8::from(i / size == i % size)), 0.0)).collect();
    let mut items = Vec::with_capacity(stack.items.len());
    for k in 0..stack.count() {
        let base = if n < 0 { by_number!(stack, solved(&stack, k, &one, size))? } else { stack.matrix(k).to_vec() };
        let times = |a: &[Complex64], b: &[Complex64]| -> Vec<Complex64> {
            let at = |i: usize| {
                let terms = (0..size).map(|l| a[i / size * size + l] * b[l * size + i % size]);
                complex_sum(&terms.collect::<Vec<_>>())
            };
            (0..size * size).map(at).collect()
        };
        items.extend((0..n.abs()).fold(one.clone(), |power, _| times(&power, &base)));
    }
    Ok(array(&block(stack.dtype, stack.shape(&[size, size]), items)))
}

// Factorizations.

fn cholesky_factor<T: Number>(stack: &Stack, k: usize, upper: bool) -> Result<Vec<Complex64>, CallError> {
    let n = stack.rows;
    let items = stack.matrix(k);
    // Scaled by an even power of two, whose square root is exact.
    let greatest = items.iter().map(|z| z.re.abs()).fold(0.0, f64::max);
    let half = if greatest > 0.0 && greatest.is_finite() { (greatest.log2() / 2.0).floor() as i32 } else { 0 };
    let power = 2f64.powi(half);
    let x = Mat::<T>::from_fn(n, n, |i, j| T::of(items[i * n + j] / power / power));
    let factor = x.llt(Side::Lower).map_err(|_| failed("the matrix is not positive definite"))?;
    let lower = factor.L();
    let at = |i: usize, j: usize| if j <= i { lower[(i, j)].complex() * power } else { Complex64::default() };
    Ok((0..n * n).map(|f| if upper { at(f % n, f / n).conj() } else { at(f / n, f % n) }).collect())
}

fn cholesky(call: &Call<'_>) -> Answer<Array> {
    let upper = call.flag(1)?;
    let stack = Stack::square(call)?;
    let mut items = Vec::with_capacity(stack.items.len());
    for k in 0..stack.count() {
        if stack.rows > 0 {
            items.extend(by_number!(stack, cholesky_factor(&stack, k, upper))?);
        }
    }
    Ok(array(&block(stack.dtype, stack.shape(&[stack.rows, stack.rows]), items)))
}

fn qr_factors<T: Number>(stack: &Stack, k: usize, complete: bool) -> (Vec<Complex64>, Vec<Complex64>) {
    let (x, power) = stack.scaled::<T>(k);
    let found = x.qr();
    let (q, r) = if complete { (found.compute_Q(), found.R()) } else { (found.compute_thin_Q(), found.thin_R()) };
    let inner = q.ncols();
    let upper = |f: usize| {
        let (i, j) = (f / stack.columns, f % stack.columns);
        if i <= j && i < r.nrows() { r[(i, j)].complex() * power } else { Complex64::default() }
    };
    let (mut q, mut r): (Vec<_>, Vec<_>) = (rows(q.as_ref()).collect(), (0..inner * stack.columns).map(upper).collect());
    // As in LAPACK, the diagonal of the triangle is real.
    for j in 0..stack.rows.min(stack.columns) {
        let pivot = r[j * stack.columns + j];
        if pivot.im != 0.0 {
            let magnitude = pivot.re.hypot(pivot.im);
            let phase = pivot / magnitude;
            (0..stack.rows).for_each(|i| q[i * inner + j] *= phase);
            (j..stack.columns).for_each(|k| r[j * stack.columns + k] *= phase.conj());
            r[j * stack.columns + j] = Complex64::new(magnitude, 0.0);
        }
    }
    (q, r)
}

fn qr(call: &Call<'_>) -> Answer<Array> {
    let complete = match call.text(1)? {
        "reduced" => false,
        "complete" => true,
        other => return Err(value_error(format!("there is no mode `{other}`"))),
    };
    let stack = Stack::of(call)?;
    let (m, n) = (stack.rows, stack.columns);
    let inner = if complete { m } else { m.min(n) };
    let (mut q, mut r) = (Vec::new(), Vec::new());
    for k in 0..stack.count() {
        if n == 0 || m == 0 {
            q.extend((0..m * inner).map(|f| Complex64::new(f64::from(u8::from(f / inner.max(1) == f % inner.max(1))), 0.0)));
            continue;
        }
        let (own_q, own_r) = by_number!(stack, qr_factors(&stack, k, complete));
        q.extend(own_q);
        r.extend(own_r);
    }
    Ok(named(vec![("Q", block(stack.dtype, stack.shape(&[m, inner]), q)), ("R", block(stack.dtype, stack.shape(&[inner, n]), r))]))
}

type Factors = (Vec<Complex64>, Vec<f64>, Vec<Complex64>);

fn svd_factors<T: Number>(stack: &Stack, k: usize, full: bool) -> Result<Factors, CallError> {
    let (x, power) = stack.scaled::<T>(k);
    let found = if full { x.svd() } else { x.thin_svd() }.map_err(|_| failed("the singular values were not found"))?;
    let v = found.V();
    let s = found.S().column_vector().iter().map(|s| s.complex().re * power).collect();
    let vh = (0..v.ncols()).flat_map(|i| (0..v.nrows()).map(move |j| v[(j, i)].complex().conj())).collect();
    Ok((rows(found.U()).collect(), s, vh))
}

fn singular_values<T: Number>(stack: &Stack, k: usize) -> Result<Vec<f64>, CallError> {
    svd_factors::<T>(stack, k, false).map(|(_, s, _)| s)
}

fn singular(stack: &Stack, k: usize) -> Result<Vec<f64>, CallError> {
    if stack.rows == 0 || stack.columns == 0 {
        return Ok(Vec::new());
    }
    by_number!(stack, singular_values(stack, k))
}

fn identity(n: usize) -> impl Iterator<Item = Complex64> {
    (0..n * n).map(move |f| Complex64::new(f64::from(u8::from(f / n == f % n)), 0.0))
}

fn svd(call: &Call<'_>) -> Answer<Array> {
    let full = call.flag(1)?;
    let stack = Stack::of(call)?;
    let (m, n) = (stack.rows, stack.columns);
    let least = m.min(n);
    let (left, right) = if full { (m, n) } else { (least, least) };
    let (mut u, mut s, mut vh) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..stack.count() {
        if least == 0 {
            if full {
                u.extend(identity(m));
                vh.extend(identity(n));
            }
            continue;
        }
        let (own_u, own_s, own_vh) = by_number!(stack, svd_factors(&stack, k, full))?;
        u.extend(own_u);
        s.extend(own_s);
        vh.extend(own_vh);
    }
    Ok(named(vec![
        ("U", block(stack.dtype, stack.shape(&[m, left]), u)),
        ("S", Block::new(stack.dtype.real(), stack.shape(&[least]), Cells::Real(s))),
        ("Vh", block(stack.dtype, stack.shape(&[right, n]), vh)),
    ]))
}

fn svdvals(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::of(call)?;
    let mut s = Vec::new();
    for k in 0..stack.count() {
        s.extend(singular(&stack, k)?);
    }
    Ok(array(&Block::new(stack.dtype.real(), stack.shape(&[stack.rows.min(stack.columns)]), Cells::Real(s))))
}

/// For each matrix the tolerance, relative to the largest singular value, below which singular values count as zero.
fn tolerances(call: &Call<'_>, stack: &Stack) -> Result<(Vec<usize>, Vec<f64>), CallError> {
    let eps = if stack.dtype.real() == DType::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    Ok(match call.arg(1) {
        Value::None => (stack.lead.clone(), vec![eps * stack.rows.max(stack.columns) as f64; stack.count()]),
        Value::Array(array) => {
            let block = Block::read(array);
            let shape = broadcast_shape([stack.lead.as_slice(), &block.shape].into_iter())?;
            let wide = block.broadcast(&shape)?;
            (shape, wide.reals())
        }
        _ => (stack.lead.clone(), vec![call.number(1)?.element().components().0; stack.count()]),
    })
}

/// The index of the matrix for each place of a shape to which the stack broadcasts.
fn spread(stack: &Stack, shape: &[usize]) -> Result<Vec<usize>, CallError> {
    let each = (0..stack.count()).map(|k| k as i128).collect();
    let block = Block::new(DType::Int64, stack.lead.clone(), Cells::Int(each)).broadcast(shape)?;
    Ok(block.integers().into_iter().map(|k| k as usize).collect())
}

fn matrix_rank(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::of(call)?;
    let (shape, tolerances) = tolerances(call, &stack)?;
    let mut ranks = Vec::with_capacity(tolerances.len());
    for (k, tolerance) in spread(&stack, &shape)?.into_iter().zip(tolerances) {
        let s = singular(&stack, k)?;
        let greatest = s.iter().copied().fold(0.0, f64::max);
        ranks.push(s.iter().filter(|v| **v > tolerance * greatest).count() as i128);
    }
    Ok(array(&Block::new(call.context.defaults.integer, shape, Cells::Int(ranks))))
}

fn pinv(call: &Call<'_>) -> Answer<Array> {
    let stack = Stack::of(call)?;
    let (m, n) = (stack.rows, stack.columns);
    let least = m.min(n);
    let (shape, tolerances) = tolerances(call, &stack)?;
    let mut items = Vec::with_capacity(tolerances.len() * m * n);
    for (k, tolerance) in spread(&stack, &shape)?.into_iter().zip(tolerances) {
        if least == 0 {
            continue;
        }
        let (u, s, vh) = by_number!(stack, svd_factors(&stack, k, false))?;
        let greatest = s.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..least).filter(|i| s[*i] > tolerance * greatest).collect();
        for i in 0..n {
            for j in 0..m {
                let terms = kept.iter().map(|l| vh[l * n + i].conj() / s[*l] * u[j * least + l].conj());
                items.push(complex_sum(&terms.collect::<Vec<_>>()));
            }
        }
    }
    Ok(array(&block(stack.dtype, [&shape[..], &[n, m]].concat(), items)))
}

fn hermitian<T: Number>(stack: &Stack, k: usize) -> Result<(Vec<f64>, Vec<Complex64>), CallError> {
    let (x, power) = stack.scaled::<T>(k);
    let found = x.self_adjoint_eigen(Side::Lower).map_err(|_| failed("the eigenvalues were not found"))?;
    let values = found.S().column_vector().iter().map(|v| v.complex().re * power).collect();
    Ok((values, rows(found.U()).collect()))
}

fn hermitian_eigen(call: &Call<'_>, with_vectors: bool) -> Answer<Array> {
    let stack = Stack::square(call)?;
    let n = stack.rows;
    let (mut values, mut vectors) = (Vec::new(), Vec::new());
    for k in 0..stack.count() {
        if n > 0 {
            let (own, beside) = by_number!(stack, hermitian(&stack, k))?;
            values.extend(own);
            vectors.extend(beside);
        }
    }
    let values = Block::new(stack.dtype.real(), stack.shape(&[n]), Cells::Real(values));
    if !with_vectors {
        return Ok(array(&values));
    }
    Ok(named(vec![("eigenvalues", values), ("eigenvectors", block(stack.dtype, stack.shape(&[n, n]), vectors))]))
}

fn general<T: Number>(stack: &Stack, k: usize, vectors: bool) -> Result<(Vec<Complex64>, Vec<Complex64>), CallError> {
    let (x, power) = stack.scaled::<T>(k);
    let (values, vectors) = T::eigen(x.as_ref(), vectors).ok_or_else(|| failed("the eigenvalues were not found"))?;
    let mut columns: Vec<Complex64> = rows(vectors.as_ref()).collect();
    let n = vectors.ncols();
    for j in 0..n {
        let length = norm(&(0..n).map(|i| columns[i * n + j].norm()).collect::<Vec<_>>(), 2.0);
        if length > 0.0 && length.is_finite() {
            (0..n).for_each(|i| columns[i * n + j] /= length);
        } else {
            // `faer` does not find all eigenvectors of a defective matrix. A vector that the matrix minus the eigenvalue maps nearly to
            // zero is one.
            let shifted = Mat::from_fn(n, n, |i, k| x[(i, k)].complex() - if i == k { values[j] } else { Complex64::ZERO });
            let found = shifted.svd().map_err(|_| failed("the eigenvectors were not found"))?;
            (0..n).for_each(|i| columns[i * n + j] = found.V()[(i, n - 1)]);
        }
    }
    Ok((values.into_iter().map(|v| v * power).collect(), columns))
}

fn eigen(call: &Call<'_>, with_vectors: bool) -> Answer<Array> {
    let stack = Stack::square(call)?;
    let n = stack.rows;
    let (mut values, mut vectors) = (Vec::new(), Vec::new());
    for k in 0..stack.count() {
        if n > 0 {
            let (own, beside) = by_number!(stack, general(&stack, k, with_vectors))?;
            values.extend(own);
            vectors.extend(beside);
        }
    }
    let values = block(stack.dtype.complex(), stack.shape(&[n]), values);
    if !with_vectors {
        return Ok(array(&values));
    }
    Ok(named(vec![("eigenvalues", values), ("eigenvectors", block(stack.dtype.complex(), stack.shape(&[n, n]), vectors))]))
}
