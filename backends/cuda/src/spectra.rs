//! Eigenvalues, singular values, and what is made of them.

use array_assay_interface::{CallError, DType, Scalar};

use crate::array::Array;
use crate::call::{Answer, Call, Function, Value, named};
use crate::creation::zeros;
use crate::device::Factorization;
use crate::elementwise::apply;
use crate::fold::{outermost, reduced};
use crate::launch::Launch;
use crate::matrix::{is_set, matrix, side, sizes, unsolvable};
use crate::product::matmul;
use crate::shape::{expanded, swapped};
use crate::source::{Module, SCHUR, SPECTRA, c_type};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path.strip_prefix("linalg.")? {
        "eig" => |call| {
            let (values, vectors) = eigenpairs(matrix(call, 0)?)?;
            Ok(named([("eigenvalues", values), ("eigenvectors", vectors)]))
        },
        "eigvals" => |call| eigenpairs(matrix(call, 0)?).map(|(values, _)| values.into()),
        "eigh" => |call| {
            let (values, vectors) = hermitian(matrix(call, 0)?)?;
            Ok(named([("eigenvalues", values), ("eigenvectors", vectors)]))
        },
        "eigvalsh" => |call| hermitian(matrix(call, 0)?).map(|(values, _)| values.into()),
        "matrix_rank" => matrix_rank,
        "pinv" => pinv,
        "svd" => |call| {
            let Singular { u, s, vh } = Singular::of(matrix(call, 0)?, call.flag(1)?)?;
            Ok(named([("U", u), ("S", s), ("Vh", vh)]))
        },
        "svdvals" => |call| singular_values(matrix(call, 0)?).map(Into::into),
        _ => return None,
    })
}

/// Eigenvalues and eigenvectors of square matrices.
fn eigenpairs(x: &Array) -> Result<(Array, Array), CallError> {
    let (outer, n) = (sizes(x).0, side(x)?);
    let dtype = x.dtype().complex();
    let work = x.cast(dtype)?.copied()?;
    let values = Array::new(x.device(), dtype, [outer.clone(), vec![n]].concat())?;
    let vectors = Array::new(x.device(), dtype, x.shape().to_vec())?;
    let (scratch, flag) = (Array::new(x.device(), dtype, x.shape().to_vec())?, zeros(x.device(), DType::Int32, &[1])?);
    let launch = Launch::times(outer.iter().product()).buffer(&work).buffer(&values).buffer(&vectors).buffer(&scratch).buffer(&flag);
    launch.integers([n]).run(&Module::of(&SCHUR, dtype), &format!("eig_{}", c_type(dtype)))?;
    if is_set(&flag)? {
        return Err(unsolvable("the eigenvalues do not converge"));
    }
    Ok((values, vectors))
}

/// Eigenvalues, ascending, and eigenvectors of hermitian matrices.
fn hermitian(x: &Array) -> Result<(Array, Array), CallError> {
    let (outer, n) = (sizes(x).0, side(x)?);
    let work = x.copied()?;
    let values = Array::new(x.device(), x.dtype().real(), [outer.clone(), vec![n]].concat())?;
    if n >= x.device().library_from() && outer.is_empty() {
        let info = zeros(x.device(), DType::Int32, &[1])?;
        let (matrix, values_at) = (work.address(), values.address());
        let by_library = Factorization::Hermitian { dtype: x.dtype(), n, matrix, values: values_at, info: info.address() };
        if x.device().factorize(&by_library)? && !is_set(&info)? {
            return Ok((values, adjoint(&work)?));
        }
        work.assign(x)?;
    }
    let vectors = Array::new(x.device(), x.dtype(), x.shape().to_vec())?;
    let launch = Launch::times(outer.iter().product()).buffer(&work).buffer(&values).buffer(&vectors).integers([n]);
    launch.run(&Module::of(&SPECTRA, x.dtype()), &format!("eigh_{}", c_type(x.dtype())))?;
    Ok((values, vectors))
}

/// The singular value decomposition of matrices.
struct Singular {
    u: Array,
    s: Array,
    vh: Array,
}

impl Singular {
    fn of(x: &Array, is_full: bool) -> Result<Singular, CallError> {
        let (_, rows, columns) = sizes(x);
        if rows < columns {
            // The conjugate transpose has the same singular values, and its vectors change places.
            let Singular { u, s, vh } = Singular::of(&adjoint(x)?, is_full)?;
            return Ok(Singular { u: adjoint(&vh)?, s, vh: adjoint(&u)? });
        }
        let (outer, kept) = (sizes(x).0, if is_full { rows } else { columns });
        if outer.is_empty()
            && columns >= x.device().library_from()
            && let Some(done) = Singular::by_library(x, kept)?
        {
            return Ok(done);
        }
        let with = |last: &[usize]| [outer.as_slice(), last].concat();
        let work = x.copied()?;
        let s = Array::new(x.device(), x.dtype().real(), with(&[columns]))?;
        let u = Array::new(x.device(), x.dtype(), with(&[rows, kept]))?;
        let v = Array::new(x.device(), x.dtype(), with(&[columns, columns]))?;
        let launch = Launch::times(outer.iter().product()).buffer(&work).buffer(&s).buffer(&u).buffer(&v);
        let launch = launch.integers([rows, columns, kept]);
        launch.run(&Module::of(&SPECTRA, x.dtype()), &format!("svd_{}", c_type(x.dtype())))?;
        Ok(Singular { u, s, vh: adjoint(&v)? })
    }
}

impl Singular {
    /// What a library of the device computes, if there is one. It has Fortran order.
    fn by_library(x: &Array, kept: usize) -> Result<Option<Singular>, CallError> {
        let (_, rows, columns) = sizes(x);
        let (dtype, turned) = (x.dtype(), swapped(x)?.copied()?);
        let s = Array::new(x.device(), dtype.real(), vec![columns])?;
        let (u, v) = (Array::new(x.device(), dtype, vec![kept, rows])?, Array::new(x.device(), dtype, vec![columns, columns])?);
        let info = zeros(x.device(), DType::Int32, &[1])?;
        let [matrix, values, left, right] = [&turned, &s, &u, &v].map(Array::address);
        let asked = Factorization::Singular { dtype, rows, columns, kept, matrix, values, left, right, info: info.address() };
        if !x.device().factorize(&asked)? || is_set(&info)? {
            return Ok(None);
        }
        Ok(Some(Singular { u: swapped(&u)?.copied()?, s, vh: swapped(&v)?.copied()? }))
    }
}

/// The conjugate transpose.
fn adjoint(x: &Array) -> Result<Array, CallError> {
    apply("conj", &[&swapped(x)?])
}

/// The singular values of matrices, in descending order.
pub fn singular_values(x: &Array) -> Result<Array, CallError> {
    Singular::of(x, false).map(|singular| singular.s)
}

/// Which singular values are above a tolerance.
fn above(call: &Call<'_>, values: &Array, rows: usize, columns: usize) -> Result<Array, CallError> {
    let axis = values.rank() - 1;
    if values.shape()[axis] == 0 {
        return zeros(values.device(), DType::Bool, values.shape());
    }
    let greatest = outermost(values, &[axis], true, "max")?;
    let limit = apply("multiply", &[&greatest, &tolerance(call, 1, values, rows, columns)?])?;
    apply("greater", &[values, &limit])
}

fn matrix_rank(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let (_, rows, columns) = sizes(x);
    let values = singular_values(x)?;
    let counted = above(call, &values, rows, columns)?.cast(call.context.defaults.integer)?;
    reduced(&counted, &[counted.rank() - 1], false, "add").map(Into::into)
}

fn pinv(call: &Call<'_>) -> Answer {
    let x = matrix(call, 0)?;
    let (_, rows, columns) = sizes(x);
    let Singular { u, s, vh } = Singular::of(x, false)?;
    let kept = above(call, &s, rows, columns)?;
    let nothing = zeros(s.device(), s.dtype(), &[])?;
    let one = Array::scalar(s.device(), s.dtype(), Scalar::Float(1.0))?;
    let inverse = apply("where", &[&kept, &apply("divide", &[&one, &apply("where", &[&kept, &s, &one])?])?, &nothing])?;
    let scaled = apply("multiply", &[&adjoint(&vh)?, &expanded(&inverse, &[inverse.rank() - 1])?])?;
    matmul(&scaled, &adjoint(&u)?)?.cast(x.dtype()).map(Into::into)
}

/// A tolerance relative to the greatest singular value: a number, an array of one for each matrix, or none.
fn tolerance(call: &Call<'_>, position: usize, values: &Array, rows: usize, columns: usize) -> Result<Array, CallError> {
    let dtype = values.dtype();
    match call.value(position) {
        Value::None => {
            let eps = if dtype == DType::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
            Array::scalar(values.device(), dtype, Scalar::Float(eps * rows.max(columns) as f64))
        }
        Value::Array(rtol) => expanded(&rtol.cast(dtype)?, &[rtol.rank()]),
        _ => Array::scalar(values.device(), dtype, Scalar::Float(call.real(position)?)),
    }
}
