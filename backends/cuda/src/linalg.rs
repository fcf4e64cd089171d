//! The extension `linalg`: what is made of triangular factors, and what is composed of other functions.

use array_assay_interface::{CallError, DType, Scalar};

use crate::array::Array;
use crate::call::{Answer, Call, Function, named, promoted};
use crate::creation::{on_one_side, together, unit, zeros};
use crate::device::Factorization;
use crate::elementwise::apply;
use crate::error::{type_error, value_error};
use crate::fold::{outermost, reduced};
use crate::launch::Launch;
use crate::matrix::{is_set, matrix, side, sizes, unsolvable};
use crate::product::matmul;
use crate::reduction::upcast;
use crate::shape::{concatenated, expanded, section, swapped};
use crate::source::{FACTORS, Module, c_type};
use crate::spectra::singular_values;

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path.strip_prefix("linalg.")? {
        "cholesky" => cholesky,
        "cross" => cross,
        "det" => det,
        "diagonal" => |call| diagonal(call.array(0)?, call.integer(1)?).map(Into::into),
        "inv" => |call| inverse(matrix(call, 0)?).map(Into::into),
        "matrix_norm" => matrix_norm,
        "matrix_power" => matrix_power,
        "outer" => outer,
        "qr" => qr,
        "slogdet" => slogdet,
        "solve" => solve,
        "trace" => trace,
        "vector_norm" => vector_norm,
        _ => return None,
    })
}

/// Runs a kernel of the triangular factors.
fn run(launch: Launch<'_>, kernel: &str, dtype: DType) -> Result<(), CallError> {
    launch.run(&Module::of(&FACTORS, dtype), &format!("{kernel}_{}", c_type(dtype)))
}

/// Triangular factors of square matrices, the exchanges of rows, and whether a matrix is singular.
struct Factors {
    factors: Array,
    exchanges: Array,
    n: usize,
    count: usize,
    is_singular: bool,
}

impl Factors {
    fn of(x: &Array) -> Result<Factors, CallError> {
        let (outer, n, _) = sizes(x);
        side(x)?;
        let count: usize = outer.iter().product();
        let (factors, exchanges) = (x.copied()?, zeros(x.device(), DType::Int64, &[count, n])?);
        let flag = zeros(x.device(), DType::Int32, &[1])?;
        if let Some(done) = Factors::by_library(x, n, count)? {
            return Ok(done);
        }
        run(Launch::times(count).buffer(&factors).buffer(&exchanges).buffer(&flag).integers([n]), "lu", x.dtype())?;
        Ok(Factors { factors, exchanges, n, count, is_singular: is_set(&flag)? })
    }

    /// The factors that a library of the device computes, if there is one and the matrices are large. It has Fortran order, and counts
    /// rows from one.
    fn by_library(x: &Array, n: usize, count: usize) -> Result<Option<Factors>, CallError> {
        if n < x.device().library_from() {
            return Ok(None);
        }
        let turned = swapped(x)?.copied()?;
        let (pivots, info) = (zeros(x.device(), DType::Int64, &[count, n])?, zeros(x.device(), DType::Int32, &[count])?);
        for i in 0..count {
            let at = |array: &Array, bytes: usize| array.address() + (i * bytes) as u64;
            let matrix = at(&turned, n * n * x.dtype().size());
            let lu = Factorization::Lu { dtype: x.dtype(), n, matrix, pivots: at(&pivots, 8 * n), info: at(&info, 4) };
            if !x.device().factorize(&lu)? {
                return Ok(None);
            }
        }
        let exchanges = apply("subtract", &[&pivots, &Array::of_indices(x.device(), &[1])?])?;
        Ok(Some(Factors { factors: swapped(&turned)?.copied()?, exchanges, n, count, is_singular: is_set(&info)? }))
    }

    /// Solves for right sides of as many rows.
    fn solve(&self, sides: &Array) -> Result<Array, CallError> {
        if self.is_singular {
            return Err(unsolvable("the matrix is singular"));
        }
        let (_, _, columns) = sizes(sides);
        let out = sides.copied()?;
        let launch = Launch::times(self.count * columns).buffer(&out).buffer(&self.factors).buffer(&self.exchanges);
        run(launch.integers([self.n, columns]), "solved", out.dtype())?;
        Ok(out)
    }
}

fn det(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let factors = Factors::of(x)?;
    let out = Array::new(x.device(), x.dtype(), sizes(x).0)?;
    let launch = Launch::times(out.size()).buffer(&out).buffer(&factors.factors).buffer(&factors.exchanges);
    run(launch.integers([factors.n]), "det", x.dtype())?;
    Ok(out.into())
}

fn slogdet(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let factors = Factors::of(x)?;
    let sign = Array::new(x.device(), x.dtype(), sizes(x).0)?;
    let logarithm = Array::new(x.device(), x.dtype().real(), sizes(x).0)?;
    let launch = Launch::times(sign.size()).buffer(&sign).buffer(&factors.factors).buffer(&factors.exchanges).buffer(&logarithm);
    run(launch.integers([factors.n]), "slogdet", x.dtype())?;
    Ok(named([("sign", sign), ("logabsdet", logarithm)]))
}

fn inverse(x: &Array) -> Result<Array, CallError> {
    let n = side(x)?;
    let sides = unit(x.device(), x.dtype(), n, n, 0)?.broadcast_to(x.shape())?;
    Factors::of(x)?.solve(&sides)
}

fn solve(call: &Call<'_>) -> Answer {
    let (x1, x2) = (matrix(call, 0)?, call.array_of(1, DType::is_floating)?);
    let (dtype, n) = (promoted(x1.dtype(), x2.dtype())?, side(x1)?);
    let is_vector = x2.rank() == 1;
    let sides = if is_vector { expanded(x2, &[1])? } else { x2.clone() };
    let (outer, rows, columns) = sizes(&sides);
    if rows != n {
        return Err(value_error(format!("{rows} right sides for {n} unknowns")));
    }
    let outer = crate::array::broadcast([sizes(x1).0.as_slice(), outer.as_slice()])?;
    let with = |last: [usize; 2]| [outer.clone(), last.to_vec()].concat();
    let factors = Factors::of(&x1.cast(dtype)?.broadcast_to(&with([n, n]))?)?;
    let out = factors.solve(&sides.cast(dtype)?.broadcast_to(&with([rows, columns]))?)?;
    if is_vector { out.reshaped(&[outer, vec![rows]].concat()).map(Into::into) } else { Ok(out.into()) }
}

fn cholesky(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let n = side(x)?;
    let (out, flag) = (x.copied()?, zeros(x.device(), DType::Int32, &[1])?);
    let count: usize = sizes(x).0.iter().product();
    let by_library = |i: usize| {
        let matrix = out.address() + (i * n * n * x.dtype().size()) as u64;
        x.device().factorize(&Factorization::Cholesky { dtype: x.dtype(), n, matrix, info: flag.address() })
    };
    // One matrix: what a library leaves half done would be no input for the kernel, so the copy is made anew.
    if !(n >= x.device().library_from() && count == 1 && by_library(0)?) {
        out.assign(x)?;
        run(Launch::times(count).buffer(&out).buffer(&flag).integers([n]), "cholesky", x.dtype())?;
    }
    if is_set(&flag)? {
        return Err(unsolvable("the matrix is not positive definite"));
    }
    let out = on_one_side(&out, 0, false)?;
    if call.flag(1)? { apply("conj", &[&swapped(&out)?]).map(Into::into) } else { Ok(out.into()) }
}

fn qr(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let (outer, rows, columns) = sizes(x);
    let count = rows.min(columns);
    let kept = match call.text(1)? {
        "reduced" => count,
        "complete" => rows,
        other => return Err(value_error(format!("there is no mode `{other}`"))),
    };
    if outer.is_empty()
        && count >= x.device().library_from()
        && let Some((q, r)) = qr_by_library(x, kept)?
    {
        return Ok(named([("Q", q), ("R", r)]));
    }
    let matrices: usize = outer.iter().product();
    let (r, q) = (x.copied()?, Array::new(x.device(), x.dtype(), [outer, vec![rows, kept]].concat())?);
    let factors = zeros(x.device(), x.dtype(), &[matrices, count])?;
    let launch = Launch::times(matrices).buffer(&r).buffer(&q).buffer(&factors).integers([rows, columns, kept]);
    run(launch, "qr", x.dtype())?;
    Ok(named([("Q", q), ("R", section(&r, r.rank() - 2, 0, kept)?)]))
}

/// The factors Q and R that a library of the device computes, if there is one.
fn qr_by_library(x: &Array, kept: usize) -> Result<Option<(Array, Array)>, CallError> {
    let (_, rows, columns) = sizes(x);
    let (dtype, count) = (x.dtype(), rows.min(columns));
    let (turned, factors) = (swapped(x)?.copied()?, zeros(x.device(), dtype, &[count])?);
    let (info, at) = (zeros(x.device(), DType::Int32, &[1])?, factors.address());
    let reflections = Factorization::Reflections { dtype, rows, columns, matrix: turned.address(), factors: at, info: info.address() };
    if !x.device().factorize(&reflections)? {
        return Ok(None);
    }
    let r = on_one_side(&section(&swapped(&turned)?, 0, 0, kept)?, 0, true)?;
    let q = zeros(x.device(), dtype, &[kept, rows])?;
    section(&q, 0, 0, count)?.assign(&section(&turned, 0, 0, count)?)?;
    let first = Factorization::Columns { dtype, rows, columns: kept, count, matrix: q.address(), factors: at, info: info.address() };
    if !x.device().factorize(&first)? {
        return Ok(None);
    }
    Ok(Some((swapped(&q)?.copied()?, r)))
}

/// The elements on a diagonal of matrices: a view.
pub fn diagonal(x: &Array, offset: i128) -> Result<Array, CallError> {
    if x.rank() < 2 {
        return Err(value_error(format!("an array of {} axes has no diagonal", x.rank())));
    }
    let (outer, rows, columns) = sizes(x);
    let (down, right) = ((-offset).max(0), offset.max(0));
    let count = (rows as i128 - down).min(columns as i128 - right).max(0) as usize;
    let [lead @ .., row, column] = x.strides() else { return Err(value_error("a matrix has two axes")) };
    let moved = if count == 0 { 0 } else { down as isize * row + right as isize * column };
    x.view([outer, vec![count]].concat(), [lead.to_vec(), vec![row + column]].concat(), moved)
}

fn trace(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let parts = diagonal(x, call.integer(1)?)?.cast(upcast(call, x, 2)?)?;
    reduced(&parts, &[parts.rank() - 1], false, "add").map(Into::into)
}

fn outer(call: &Call<'_>) -> Answer {
    let (x1, x2) = (call.array(0)?, call.array(1)?);
    if x1.rank() != 1 || x2.rank() != 1 {
        return Err(value_error("an outer product is one of vectors"));
    }
    apply("multiply", &[&expanded(x1, &[1])?, x2]).map(Into::into)
}

fn cross(call: &Call<'_>) -> Answer {
    let (x1, x2, axis) = (call.array(0)?, call.array(1)?, call.integer(2)?);
    let dtype = promoted(x1.dtype(), x2.dtype())?;
    let of = |x: &Array| -> Result<Vec<Array>, CallError> {
        let axis = crate::call::axis_of(axis, x.rank())?;
        if x.shape()[axis] != 3 {
            return Err(value_error(format!("a vector of {} elements has no cross product", x.shape()[axis])));
        }
        (0..3).map(|i| section(x, axis, i, 1)?.cast(dtype)).collect()
    };
    let (a, b) = (of(x1)?, of(x2)?);
    let component = |i: usize, j: usize| -> Result<Array, CallError> {
        apply("subtract", &[&apply("multiply", &[&a[i], &b[j]])?, &apply("multiply", &[&a[j], &b[i]])?])
    };
    let parts = together(&[component(1, 2)?, component(2, 0)?, component(0, 1)?])?;
    let axis = crate::call::axis_of(axis, parts[0].rank())?;
    concatenated(&parts, axis).map(Into::into)
}

fn matrix_power(call: &Call<'_>) -> Answer {
    let (x, n) = (matrix(call, 0)?, call.integer(1)?);
    let count = side(x)?;
    let mut base = if n < 0 { inverse(x)? } else { x.clone() };
    let mut power: Option<Array> = None;
    let mut left = n.unsigned_abs();
    while left > 0 {
        if left & 1 == 1 {
            power = Some(match power {
                Some(power) => matmul(&power, &base)?,
                None => base.clone(),
            });
        }
        left >>= 1;
        if left > 0 {
            base = matmul(&base, &base)?;
        }
    }
    match power {
        Some(power) => power.copied().map(Into::into),
        None => unit(x.device(), x.dtype(), count, count, 0)?.broadcast_to(x.shape())?.copied().map(Into::into),
    }
}

/// The order of a norm, which is a word or a number.
fn order(call: &Call<'_>, position: usize) -> Result<Option<f64>, CallError> {
    if call.value(position).text().is_some() { Ok(None) } else { call.real(position).map(Some) }
}

fn matrix_norm(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let (rows, columns) = (x.rank() - 2, x.rank() - 1);
    let keepdims = call.flag(1)?;
    let finished = |out: Array| if keepdims { expanded(&out, &[rows, columns]).map(Into::into) } else { Ok(out.into()) };
    let across = |axis: usize, which: &str| -> Answer {
        let sums = reduced(&apply("abs", &[x])?, &[axis], true, "add")?;
        let other = if axis == rows { columns } else { rows };
        let out = outermost(&sums, &[other], true, which)?;
        finished(out.reshaped(&sizes(x).0)?)
    };
    let values = || singular_values(x);
    match (order(call, 2)?, call.value(2).text()) {
        (None, Some("fro")) => finished(euclidean(x, &[rows, columns], false)?),
        (None, Some("nuc")) => finished(reduced(&values()?, &[rows], false, "add")?),
        (Some(1.0), _) => across(rows, "max"),
        (Some(-1.0), _) => across(rows, "min"),
        (Some(f64::INFINITY), _) => across(columns, "max"),
        (Some(f64::NEG_INFINITY), _) => across(columns, "min"),
        (Some(2.0), _) => finished(outermost(&values()?, &[rows], false, "max")?),
        (Some(-2.0), _) => finished(outermost(&values()?, &[rows], false, "min")?),
        _ => Err(value_error("there is no norm of that order")),
    }
}

/// The root of the sum of squares. The elements are scaled by the greatest one, so that no square overflows or vanishes.
fn euclidean(x: &Array, axes: &[usize], keepdims: bool) -> Result<Array, CallError> {
    let moduli = apply("abs", &[x])?;
    if moduli.size() == 0 {
        return apply("sqrt", &[&reduced(&moduli, axes, keepdims, "add")?]);
    }
    let (total, greatest) = scaled(&moduli, axes, keepdims, 2.0)?;
    apply("multiply", &[&apply("sqrt", &[&total])?, &greatest])
}

/// The sum of powers of moduli over their greatest, and that one, which is one where it is zero or infinite.
fn scaled(moduli: &Array, axes: &[usize], keepdims: bool, order: f64) -> Result<(Array, Array), CallError> {
    let number = |value: f64| Array::scalar(moduli.device(), moduli.dtype(), Scalar::Float(value));
    let which = if order < 0.0 { "min" } else { "max" };
    let safe = |greatest: Array| -> Result<Array, CallError> {
        let usable = apply("logical_and", &[&apply("isfinite", &[&greatest])?, &apply("greater", &[&greatest, &number(0.0)?])?])?;
        apply("where", &[&usable, &greatest, &number(1.0)?])
    };
    let greatest = safe(outermost(moduli, axes, true, which)?)?;
    let ratios = apply("divide", &[moduli, &greatest])?;
    let powers = if order == 2.0 { apply("square", &[&ratios])? } else { apply("pow", &[&ratios, &number(order)?])? };
    let total = reduced(&powers, axes, keepdims, "add")?;
    let greatest = greatest.reshaped(total.shape())?;
    Ok((total, greatest))
}

fn vector_norm(call: &Call<'_>) -> Answer {
    let x = call.array_of(0, DType::is_floating)?;
    let (axes, keepdims) = (call.axes(1, x.rank())?, call.flag(2)?);
    let order = order(call, 3)?.ok_or_else(|| type_error("the order of a norm is a number"))?;
    let moduli = apply("abs", &[x])?;
    if order.is_infinite() {
        let which = if order > 0.0 { "max" } else { "min" };
        if axes.iter().any(|axis| x.shape()[*axis] == 0) && which == "max" {
            return reduced(&moduli, &axes, keepdims, "add").map(Into::into);
        }
        return outermost(&moduli, &axes, keepdims, which).map(Into::into);
    }
    let number = |value: f64| Array::scalar(x.device(), moduli.dtype(), Scalar::Float(value));
    if order == 0.0 {
        let counted = apply("not_equal", &[&moduli, &number(0.0)?])?.cast(moduli.dtype())?;
        return reduced(&counted, &axes, keepdims, "add").map(Into::into);
    }
    if order == 1.0 {
        return reduced(&moduli, &axes, keepdims, "add").map(Into::into);
    }
    if moduli.size() == 0 {
        let powers = apply("pow", &[&moduli, &number(order)?])?;
        return apply("pow", &[&reduced(&powers, &axes, keepdims, "add")?, &number(1.0 / order)?]).map(Into::into);
    }
    if order == 2.0 {
        return euclidean(x, &axes, keepdims).map(Into::into);
    }
    let (total, greatest) = scaled(&moduli, &axes, keepdims, order)?;
    apply("multiply", &[&apply("pow", &[&total, &number(1.0 / order)?])?, &greatest]).map(Into::into)
}
