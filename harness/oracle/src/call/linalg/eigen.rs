//! Eigenvalues and eigenvectors.

use array_assay_interface::Value;

use super::double::{Complex, Double, scaled};
use super::factorization::defect;
use super::matrix::{Matrix, Scaled, array_of, greatest, stack, stacked_vectors};
use super::{Limit, Ratios, Stack, any, array, fields, graded, growth, named};
use crate::call::{Call, Expectation, Undefined};

/// `norm(A - V L V^H) / (n norm(A) ulp)` and `norm(I - V V^H) / (n ulp)` (EIG/dsyt21, EIG/ddrvst).
const EIGH: Limit = ("residual", 60.0);
const EIGH_ORTHOGONALITY: Limit = ("orthogonality", 60.0);

/// The distance of ordered eigenvalues from the true ones, in units of `n norm(A) ulp`. By Weyl's theorem it is at most the norm of the
/// perturbation that the residual of [`EIGH`] allows.
const EIGH_VALUES: Limit = ("eigenvalues", 60.0);

/// The maximum of `norm(A v - l v) / (n norm(A) norm(v) ulp)` over all pairs (EIG/dget22, EIG/ddrvev).
const EIG: Limit = ("residual", 20.0);

/// The smallest singular value of `A - l I`, in units of `n norm(A) ulp`. It is the norm of the smallest perturbation that makes `l` an
/// exact eigenvalue.
const EIG_BACKWARD: Limit = ("backward-error", 20.0);

/// The distance of the elementary symmetric polynomials of the eigenvalues from those of the matrix. Their unit is the change that a
/// perturbation by `n norm(A) ulp` causes. They show that each eigenvalue occurs as often as it must, whatever the order and the
/// conditioning.
const EIG_SYMMETRIC: Limit = ("symmetric-functions", 20.0);

pub fn eigh(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::hermitian(call, "x")?;
    let (dtype, n, ulp) = (x.dtype, x.rows, 2.0 * x.roundoff());
    let (shape, v_shape) = (x.shape(&[n]), x.shape(&[n, n]));
    let parts = Expectation::Named(vec![("eigenvalues", any(dtype.real(), shape.clone())), ("eigenvectors", any(dtype, v_shape.clone()))]);
    let (extreme, wanted) = (x.is_extreme(), x.matrices.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let both = fields(value)?;
        for ((a, l), v) in x.matrices.iter().zip(stacked_vectors(both[0])).zip(stack(both[1])) {
            let l = Matrix::diagonal(n, n, &l.scale(-a.exponent).column(0));
            let product = v.times(&l).times(&v.adjoint());
            ratios.note(EIGH, a.matrix.minus(&product).norm1(), n as f64 * a.matrix.norm1() * ulp);
            ratios.note(EIGH_ORTHOGONALITY, defect(&v), n as f64 * ulp);
        }
        Ok(())
    };
    let example = move || {
        let (mut all, mut vectors) = (Vec::new(), Vec::new());
        for a in &wanted {
            let (l, v) = a.matrix.eigh();
            all.extend(l.into_iter().map(|l| Complex::from(l.scale(a.exponent))));
            vectors.push(v);
        }
        let l = array_of(dtype.real(), shape.clone(), all.into_iter());
        let v = array_of(dtype, v_shape.clone(), vectors.iter().flat_map(Matrix::elements));
        Some(named(vec![("eigenvalues", l), ("eigenvectors", v)]))
    };
    Ok(graded(parts, dtype, extreme, grade, example))
}

pub fn eigvalsh(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::hermitian(call, "x")?;
    let (dtype, n, ulp, shape) = (x.dtype.real(), x.rows, 2.0 * x.roundoff(), x.shape(&[x.rows]));
    let (extreme, wanted, out) = (x.is_extreme(), x.matrices.clone(), shape.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        for (a, got) in x.matrices.iter().zip(stacked_vectors(array(value)?)) {
            let (got, true_ones) = (ordered(got.scale(-a.exponent).elements().map(|l| l.re)), ordered(a.matrix.eigh().0.into_iter()));
            let missed = greatest(got.iter().zip(&true_ones).map(|(got, l)| (*got - *l).abs().value()));
            ratios.note(EIGH_VALUES, missed, n as f64 * a.matrix.norm1() * ulp);
        }
        Ok(())
    };
    let example = move || {
        let of = |a: &Scaled| a.matrix.eigh().0.into_iter().map(|l| Complex::from(l.scale(a.exponent))).collect::<Vec<_>>();
        Some(Value::Array(array_of(dtype, out.clone(), wanted.iter().flat_map(of))))
    };
    Ok(graded(any(dtype, shape), dtype, extreme, grade, example))
}

fn ordered(numbers: impl Iterator<Item = Double>) -> Vec<Double> {
    let mut numbers: Vec<Double> = numbers.collect();
    numbers.sort_by(|a, b| a.value().total_cmp(&b.value()));
    numbers
}

pub fn eig(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let (dtype, n, ulp) = (x.dtype.complex(), x.rows, 2.0 * x.roundoff());
    let (shape, v_shape) = (x.shape(&[n]), x.shape(&[n, n]));
    let parts = Expectation::Named(vec![("eigenvalues", any(dtype, shape.clone())), ("eigenvectors", any(dtype, v_shape.clone()))]);
    let extreme = x.is_extreme();
    let known = spectra(&x.matrices)?;
    let wanted = x.matrices.clone();
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let both = fields(value)?;
        for (((a, spectrum), l), v) in x.matrices.iter().zip(&known).zip(stacked_vectors(both[0])).zip(stack(both[1])) {
            let (l, norm) = (l.scale(-a.exponent).column(0), a.matrix.norm1());
            let residual = a.matrix.times(&v).minus(&v.times(&Matrix::diagonal(n, n, &l)));
            for j in 0..n {
                let (missed, length) = (size(&residual.column(j)), size(&v.column(j)));
                // A vector of zeros is no eigenvector, although its residual is zero.
                let missed = if length > 0.0 { missed } else { f64::INFINITY };
                ratios.note(EIG, missed, n as f64 * norm * length * ulp);
            }
            spectrum.grade(&l, n as f64 * ulp, ratios);
        }
        Ok(())
    };
    let example = move || {
        let (mut all, mut vectors) = (Vec::new(), Vec::new());
        for a in &wanted {
            let (l, v) = a.matrix.eig()?;
            all.extend(l.into_iter().map(|l| l.scale(a.exponent)));
            vectors.push(v);
        }
        let l = array_of(dtype, shape.clone(), all.into_iter());
        let v = array_of(dtype, v_shape.clone(), vectors.iter().flat_map(Matrix::elements));
        Some(named(vec![("eigenvalues", l), ("eigenvectors", v)]))
    };
    Ok(graded(parts, dtype, extreme, grade, example))
}

pub fn eigvals(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let (dtype, n, ulp, shape) = (x.dtype.complex(), x.rows, 2.0 * x.roundoff(), x.shape(&[x.rows]));
    let extreme = x.is_extreme();
    let known = spectra(&x.matrices)?;
    let (wanted, out) = (x.matrices.clone(), shape.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        for ((a, spectrum), l) in x.matrices.iter().zip(&known).zip(stacked_vectors(array(value)?)) {
            let l = l.scale(-a.exponent).column(0);
            let norm = a.matrix.norm1();
            for l in &l {
                ratios.note(EIG_BACKWARD, spectrum.distance(*l), n as f64 * norm * ulp);
            }
            spectrum.grade(&l, n as f64 * ulp, ratios);
        }
        Ok(())
    };
    let example = move || {
        let mut all = Vec::new();
        for a in &wanted {
            all.extend(a.matrix.eig()?.0.into_iter().map(|l| l.scale(a.exponent)));
        }
        Some(Value::Array(array_of(dtype, out.clone(), all.into_iter())))
    };
    Ok(graded(any(dtype, shape), dtype, extreme, grade, example))
}

/// The known facts about the eigenvalues of a matrix.
struct Spectrum {
    /// The triangular matrix of the Schur decomposition.
    triangular: Matrix,
    symmetric: Vec<Complex>,
    singular: Vec<f64>,
}

/// The spectra of matrices. The call is open where the oracle finds no spectrum.
fn spectra(matrices: &[Scaled]) -> Result<Vec<Spectrum>, Undefined> {
    let of = |a: &Scaled| {
        let triangular = a.matrix.schur_form()?;
        let eigenvalues: Vec<Complex> = (0..triangular.rows).map(|i| triangular[(i, i)]).collect();
        Some(Spectrum { triangular, symmetric: symmetric(&eigenvalues), singular: a.matrix.singular_values() })
    };
    matrices.iter().map(of).collect::<Option<Vec<_>>>().ok_or(Undefined::Open)
}

impl Spectrum {
    /// A lower bound of the distance from the nearest matrix with the eigenvalue `l`. The distance is the smallest singular value of `A - l
    /// I`. Its lower bound is the reciprocal of the Frobenius norm of the inverse, which is the same for the triangular matrix.
    fn distance(&self, l: Complex) -> f64 {
        let (t, n) = (&self.triangular, self.triangular.rows);
        if !l.is_finite() {
            return f64::INFINITY;
        }
        let mut inverse = Matrix::new(n, n, |_, _| Complex::ZERO);
        for j in 0..n {
            for i in (0..=j).rev() {
                let head = t[(i, i)] - l;
                if head == Complex::ZERO {
                    return 0.0;
                }
                let start = if i == j { Complex::ONE } else { Complex::ZERO };
                inverse[(i, j)] = (i + 1..=j).fold(start, |rest, k| rest - t[(i, k)] * inverse[(k, j)]) / head;
            }
        }
        if !inverse.is_finite() {
            return 0.0;
        }
        let inverse = inverse.scaled();
        scaled(1.0 / inverse.matrix.frobenius().value(), -inverse.exponent)
    }

    /// Grades eigenvalues. `unit` is the size of the perturbation of the matrix, relative to its norm.
    fn grade(&self, eigenvalues: &[Complex], unit: f64, ratios: &mut Ratios) {
        let threshold = EIG_SYMMETRIC.1;
        let top = self.singular.first().copied().unwrap_or(0.0);
        let allowed = growth(&self.singular, threshold * unit * top);
        let mut choices = 1.0;
        for (k, ((got, wanted), allowed)) in symmetric(eigenvalues).iter().zip(&self.symmetric).zip(allowed).enumerate() {
            choices *= (eigenvalues.len() - k) as f64 / (k + 1) as f64;
            // The polynomial is a sum of principal minors, and each minor changes by at most `allowed`.
            ratios.note(EIG_SYMMETRIC, (*got - *wanted).abs().value(), choices * allowed / threshold);
        }
    }
}

/// The elementary symmetric polynomials of some numbers, from their sum to their product.
fn symmetric(numbers: &[Complex]) -> Vec<Complex> {
    let mut out = vec![Complex::ZERO; numbers.len() + 1];
    out[0] = Complex::ONE;
    for (n, number) in numbers.iter().enumerate() {
        for k in (1..=n + 1).rev() {
            out[k] = out[k] + out[k - 1] * *number;
        }
    }
    out.split_off(1)
}

fn size(column: &[Complex]) -> f64 {
    column.iter().fold(Double::ZERO, |sum, z| sum + z.abs()).value()
}
