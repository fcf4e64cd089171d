//! The functions of the extension `linalg`.
//!
//! Some results are not unique, and others have no required accuracy. They are graded by the ratios of LAPACK's test programs, with their
//! thresholds (Anderson et al., LAPACK Working Note 41, and the programs in `TESTING/` of Reference LAPACK). The ratios are computed in
//! twice the precision of a double. Where LAPACK has no such test, the source of the bound stands beside the code.

mod determinant;
pub(super) mod double;
mod eigen;
mod factorization;
pub(super) mod matrix;
pub(super) mod norms;
mod products;
pub(super) mod systems;
#[cfg(test)]
mod tests;

use array_assay_interface::{Array, DType, Value};

use super::arguments::illegal;
use super::{ArrayExpectation, Call, Elements, Example, Expectation, Grade, Grading, Table, Undefined, linear_algebra};
use crate::accuracy::Format;
use double::{Complex, exponent_of};
use matrix::{Matrix, Scaled, array_of, number, stack};

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("linalg.cholesky", factorization::cholesky),
    ("linalg.cross", products::cross),
    ("linalg.det", determinant::det),
    ("linalg.diagonal", products::diagonal),
    ("linalg.eig", eigen::eig),
    ("linalg.eigh", eigen::eigh),
    ("linalg.eigvals", eigen::eigvals),
    ("linalg.eigvalsh", eigen::eigvalsh),
    ("linalg.inv", systems::inv),
    ("linalg.matmul", |call| linear_algebra::matmul(call, call.array("x1")?, call.array("x2")?)),
    ("linalg.matrix_norm", norms::matrix_norm),
    ("linalg.matrix_power", systems::matrix_power),
    ("linalg.matrix_rank", systems::matrix_rank),
    ("linalg.matrix_transpose", linear_algebra::matrix_transpose),
    ("linalg.outer", products::outer),
    ("linalg.pinv", systems::pinv),
    ("linalg.qr", factorization::qr),
    ("linalg.slogdet", determinant::slogdet),
    ("linalg.solve", systems::solve),
    ("linalg.svd", factorization::svd),
    ("linalg.svdvals", factorization::svdvals),
    ("linalg.tensordot", linear_algebra::tensordot),
    ("linalg.trace", products::trace),
    ("linalg.vecdot", linear_algebra::vecdot),
    ("linalg.vector_norm", norms::vector_norm),
];

/// The name of a ratio, and the threshold that every sound algorithm keeps.
pub(super) type Limit = (&'static str, f64);

/// The ratios of a result. Each name has one ratio, the greatest over all matrices of a stack.
#[derive(Default)]
pub(super) struct Ratios(Vec<Grade>);

impl Ratios {
    /// Records a ratio. If `missed` is zero, the ratio is zero whatever the unit.
    pub(super) fn note(&mut self, (what, threshold): Limit, missed: f64, unit: f64) {
        let ratio = if missed == 0.0 { 0.0 } else { missed / unit };
        let ratio = if ratio.is_nan() { f64::INFINITY } else { ratio };
        match self.0.iter_mut().find(|grade| grade.what == what) {
            Some(grade) => grade.ratio = grade.ratio.max(ratio),
            None => self.0.push(Grade { what, ratio, threshold }),
        }
    }

    /// Caps the ratio named `of`, or all ratios for `None`, so that none of them says that half of the digits are wrong.
    fn soften(&mut self, of: Option<&str>, dtype: DType) {
        let most = 2f64.powi(dtype.precision() / 2);
        for grade in self.0.iter_mut().filter(|grade| of.is_none_or(|what| grade.what == what)) {
            grade.ratio = grade.ratio.min(grade.threshold * most);
        }
    }
}

/// The stack of matrices in an argument, with the facts that its functions share.
pub(super) struct Stack {
    pub(super) dtype: DType,
    /// The shape of the stack, without the axes of a matrix.
    pub(super) outer: Vec<usize>,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) matrices: Vec<Scaled>,
}

impl Stack {
    /// The matrices of an argument. The call is illegal if the argument has fewer than two axes or is no array of floating-point numbers.
    pub(super) fn of(call: &Call<'_>, name: &str) -> Result<Stack, Undefined> {
        let x = call.array(name)?;
        let [outer @ .., rows, columns] = &x.shape[..] else { return Err(illegal(format!("`{name}` has fewer than two axes"))) };
        if !x.dtype.is_floating() {
            return Err(illegal(format!("`{name}` is not of floating-point numbers")));
        }
        let originals = stack(x);
        // The text describes finite numbers only.
        if !originals.iter().all(|m| m.is_finite()) {
            return Err(Undefined::Open);
        }
        let matrices: Vec<Scaled> = originals.iter().map(|m| m.scaled()).collect();
        // The numbers are so far apart that products of the small ones, and pivots with them, vanish beside the large ones.
        let least = -(Format::of(x.dtype).emax / 2 - 20);
        let vanishes = |v: f64| v != 0.0 && exponent_of(v) < least;
        let apart = |z: Complex| vanishes(z.re.value()) || vanishes(z.im.value());
        let lost = |(m, of): (&Scaled, &Matrix)| {
            m.matrix.elements().zip(of.elements()).any(|(z, of)| apart(z) || (z == Complex::ZERO) != (of == Complex::ZERO))
        };
        if matrices.iter().zip(&originals).any(lost) {
            return Err(Undefined::Open);
        }
        Ok(Stack { dtype: x.dtype, outer: outer.to_vec(), rows: *rows, columns: *columns, matrices })
    }

    /// As [`Stack::of`], for square matrices. Others are illegal.
    pub(super) fn square(call: &Call<'_>, name: &str) -> Result<Stack, Undefined> {
        let stack = Stack::of(call, name)?;
        if stack.rows == stack.columns { Ok(stack) } else { Err(illegal(format!("`{name}` is not square"))) }
    }

    /// As [`Stack::square`], for Hermitian matrices.
    fn hermitian(call: &Call<'_>, name: &str) -> Result<Stack, Undefined> {
        let stack = Stack::square(call, name)?;
        let is_hermitian = |m: &Scaled| (0..stack.rows).all(|i| (0..=i).all(|j| m.matrix[(i, j)] == m.matrix[(j, i)].conj()));
        if stack.matrices.iter().all(is_hermitian) { Ok(stack) } else { Err(illegal(format!("`{name}` is not Hermitian"))) }
    }

    /// The shape of the stack, followed by the axes `more`.
    pub(super) fn shape(&self, more: &[usize]) -> Vec<usize> {
        [&self.outer[..], more].concat()
    }

    /// The unit roundoff of the dtype.
    pub(super) fn roundoff(&self) -> f64 {
        roundoff(self.dtype)
    }

    /// Whether squares of the elements may overflow or vanish. Not every sound algorithm guards against that.
    pub(super) fn is_extreme(&self) -> bool {
        let most = Format::of(self.dtype).emax / 2 - 20;
        self.matrices.iter().any(|m| m.exponent.abs() > most)
    }
}

/// The unit roundoff of a dtype.
fn roundoff(dtype: DType) -> f64 {
    2f64.powi(-dtype.precision())
}

/// An expectation with two steps. The parts only have to be arrays of the right dtypes and shapes, and the grading then judges the whole.
pub(super) fn graded(
    parts: Expectation,
    dtype: DType,
    extreme: bool,
    grade: impl Fn(&Value, &mut Ratios) -> Result<(), String> + 'static,
    example: impl Fn() -> Option<Value> + 'static,
) -> Expectation {
    let grade = move |value: &Value| {
        let mut ratios = Ratios::default();
        grade(value, &mut ratios)?;
        if extreme {
            ratios.soften(None, dtype);
        }
        Ok(ratios.0)
    };
    Expectation::Graded(Box::new(parts), Grading::new(dtype, grade, example))
}

/// Any array of this dtype and shape.
pub(super) fn any(dtype: DType, shape: Vec<usize>) -> Expectation {
    Expectation::Array(ArrayExpectation { dtype, shape, elements: Elements::Any(Example::ZEROS) })
}

/// The array in a value. The earlier checks have judged the dtype and shape.
pub(super) fn array(value: &Value) -> Result<&Array, String> {
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Ok(array),
        _ => Err("an array".to_owned()),
    }
}

/// The arrays in the fields of a named tuple.
fn fields(value: &Value) -> Result<Vec<&Array>, String> {
    match value {
        Value::NamedTuple(fields) => fields.iter().map(|(_, field)| array(field)).collect(),
        _ => Err("a named tuple".to_owned()),
    }
}

/// A named tuple of arrays.
fn named(fields: Vec<(&str, Array)>) -> Value {
    Value::NamedTuple(fields.into_iter().map(|(name, array)| (name.to_owned(), Value::Array(array))).collect())
}

/// Numbers that have to be near others. Each element has its own unit, and any value meets a unit of infinity.
pub(super) fn approximated(
    dtype: DType,
    shape: Vec<usize>,
    limit: Limit,
    wanted: Vec<Complex>,
    units: Vec<f64>,
    extreme: bool,
) -> Expectation {
    let least = 2f64.powi(Format::of(dtype).emin());
    let (parts, out, examples) = (any(dtype, shape.clone()), shape, wanted.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        for ((got, wanted), unit) in array(value)?.elements().zip(&wanted).zip(&units) {
            // Libraries may lose everything below the smallest normal number.
            if unit.is_finite() {
                ratios.note(limit, (number(got) - *wanted).abs().value(), unit.max(least));
            }
        }
        Ok(())
    };
    graded(parts, dtype, extreme, grade, move || Some(Value::Array(array_of(dtype, out.clone(), examples.iter().copied()))))
}

/// For each `k` from 1: the growth of the product of the `k` greatest singular values when each of them grows by `by`. The last growth
/// bounds the change of the determinant when the matrix is perturbed by `by` in the 2-norm (Ipsen and Rehman, SIAM J. Matrix Anal. Appl.
/// 30, 2008).
fn growth(singular_values: &[f64], by: f64) -> Vec<f64> {
    let (mut product, mut grown) = (1.0, 0.0);
    let step = |value: &f64| {
        grown = grown * (value + by) + product * by;
        product *= value;
        grown
    };
    singular_values.iter().map(step).collect()
}

/// The values of some numbers, rounded to doubles.
pub(super) fn values(numbers: &[double::Double]) -> Vec<f64> {
    numbers.iter().map(|v| v.value()).collect()
}
