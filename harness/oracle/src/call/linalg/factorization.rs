//! Factorizations: Cholesky, QR, singular values and vectors.

use array_assay_interface::Value;

use super::double::Complex;
use super::matrix::{Matrix, Scaled, array_of, stack, stacked_vectors};
use super::{Limit, Ratios, Stack, any, array, fields, graded, named, values};
use crate::call::{Call, Expectation, Undefined};

/// `norm(L L^H - A) / (n norm(A) eps)` (LIN/dpot01).
const CHOLESKY: Limit = ("residual", 30.0);

/// `norm(A - Q R) / (m norm(A) eps)` and `norm(I - Q^H Q) / (m eps)` (LIN/dqrt01).
const QR: Limit = ("residual", 30.0);
const QR_ORTHOGONALITY: Limit = ("orthogonality", 30.0);

/// The imaginary parts of the diagonal of `R`, in units of `m norm(A) eps`.
const REAL_DIAGONAL: Limit = ("real-diagonal", 30.0);

/// `norm(A - U S V^H) / (max(m, n) norm(A) ulp)`, and the distances of `U` and `V` from unitary matrices (EIG/ddrvbd).
const SVD: Limit = ("residual", 50.0);
const SVD_LEFT: Limit = ("orthogonality-u", 50.0);
const SVD_RIGHT: Limit = ("orthogonality-v", 50.0);

/// `norm(s - s') / (max(m, n) norm(s) eps)` (LIN/dqrt12).
const SINGULAR_VALUES: Limit = ("singular-values", 30.0);

pub fn cholesky(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::hermitian(call, "x")?;
    let (dtype, n, u, upper, shape) = (x.dtype, x.rows, x.roundoff(), call.flag("upper", false), x.shape(&[x.rows, x.rows]));
    // Rounding errors may make the matrix indefinite. Then some libraries find its decomposition and others do not.
    let margin = 40.0 * (n * n) as f64 * u;
    let definite = |m: &Scaled| {
        let shift = Complex::new(margin * m.matrix.norm1(), 0.0);
        Matrix::new(n, n, |i, j| if i == j { m.matrix[(i, j)] - shift } else { m.matrix[(i, j)] }).cholesky().is_some()
    };
    if !x.matrices.iter().all(definite) {
        return Err(Undefined::Open);
    }
    let extreme = x.is_extreme();
    let (wanted, out) = (x.matrices.clone(), shape.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        for (m, factor) in x.matrices.iter().zip(stack(array(value)?)) {
            let outside = |i: usize, j: usize| if upper { j < i } else { j > i };
            if (0..n).any(|i| (0..n).any(|j| outside(i, j) && factor[(i, j)] != Complex::ZERO)) {
                return Err(format!("{} triangular matrices", if upper { "upper" } else { "lower" }));
            }
            let lower = if upper { factor.adjoint() } else { factor }.scaled();
            let product = lower.matrix.times(&lower.matrix.adjoint()).scale(2 * lower.exponent - m.exponent);
            ratios.note(CHOLESKY, product.minus(&m.matrix).norm1(), n as f64 * m.matrix.norm1() * u);
        }
        Ok(())
    };
    let example = move || {
        let factor = |m: &Scaled| {
            let odd = m.exponent.rem_euclid(2);
            let lower = m.matrix.scale(odd).cholesky()?.scale((m.exponent - odd) / 2);
            Some(if upper { lower.adjoint() } else { lower })
        };
        let factors = wanted.iter().map(factor).collect::<Option<Vec<_>>>()?;
        Some(Value::Array(array_of(dtype, out.clone(), factors.iter().flat_map(Matrix::elements))))
    };
    Ok(graded(any(dtype, shape), dtype, extreme, grade, example))
}

pub fn qr(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    let (dtype, m, n, u) = (x.dtype, x.rows, x.columns, x.roundoff());
    let inner = match call.text("mode") {
        None | Some("reduced") => m.min(n),
        Some("complete") => m,
        Some(_) => return Err(Undefined::Open),
    };
    // The decomposition is not defined for matrices whose leading columns are dependent.
    let margin = 100.0 * (m * n) as f64 * u;
    let independent = |a: &Scaled| {
        let singular = a.matrix.leading_columns(m.min(n)).svd().1;
        singular.first().zip(singular.last()).is_none_or(|(first, last)| last.value() > margin * first.value())
    };
    if !x.matrices.iter().all(independent) {
        return Err(Undefined::Open);
    }
    let (q_shape, r_shape) = (x.shape(&[m, inner]), x.shape(&[inner, n]));
    let parts = Expectation::Named(vec![("Q", any(dtype, q_shape.clone())), ("R", any(dtype, r_shape.clone()))]);
    let (extreme, wanted) = (x.is_extreme(), x.matrices.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let both = fields(value)?;
        for ((a, q), r) in x.matrices.iter().zip(stack(both[0])).zip(stack(both[1])) {
            if (0..inner).any(|i| (0..n).any(|j| j < i && r[(i, j)] != Complex::ZERO)) {
                return Err("upper triangular matrices R".to_owned());
            }
            let unit = m as f64 * a.matrix.norm1() * u;
            let r = r.scale(-a.exponent);
            ratios.note(QR, a.matrix.minus(&q.times(&r)).norm1(), unit);
            ratios.note(QR_ORTHOGONALITY, defect(&q), m as f64 * u);
            let imaginary = (0..inner.min(n)).map(|i| r[(i, i)].im.value().abs()).fold(0.0, f64::max);
            ratios.note(REAL_DIAGONAL, imaginary, unit);
        }
        // The definition contains a real diagonal, but no sentence of the standard requires it of the result.
        ratios.soften(Some(REAL_DIAGONAL.0), dtype);
        Ok(())
    };
    let example = move || {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for a in &wanted {
            let (q, r) = a.matrix.qr();
            left.push(q.leading_columns(inner));
            right.push(r.leading_rows(inner).scale(a.exponent));
        }
        let of = |all: &[Matrix], shape: &[usize]| array_of(dtype, shape.to_vec(), all.iter().flat_map(Matrix::elements));
        Some(named(vec![("Q", of(&left, &q_shape)), ("R", of(&right, &r_shape))]))
    };
    Ok(graded(parts, dtype, extreme, grade, example))
}

/// The distance of columns from orthonormal ones: `norm(I - Q^H Q)`.
pub fn defect(q: &Matrix) -> f64 {
    Matrix::identity(q.columns, q.columns).minus(&q.adjoint().times(q)).norm1()
}

pub fn svd(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    let (dtype, m, n, ulp) = (x.dtype, x.rows, x.columns, 2.0 * x.roundoff());
    let (k, full) = (m.min(n), call.flag("full_matrices", true));
    let (left, right) = if full { (m, n) } else { (k, k) };
    let shapes = [x.shape(&[m, left]), x.shape(&[k]), x.shape(&[right, n])];
    let [u_shape, s_shape, v_shape] = shapes.clone();
    let parts = Expectation::Named(vec![("U", any(dtype, u_shape)), ("S", any(dtype.real(), s_shape)), ("Vh", any(dtype, v_shape))]);
    let (extreme, wanted) = (x.is_extreme(), x.matrices.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let all = fields(value)?;
        for (((a, u), s), vh) in x.matrices.iter().zip(stack(all[0])).zip(stacked_vectors(all[1])).zip(stack(all[2])) {
            descending(&s)?;
            let singular = Matrix::diagonal(left, right, &s.column(0)).scale(-a.exponent);
            let product = u.times(&singular).times(&vh);
            ratios.note(SVD, a.matrix.minus(&product).norm1(), m.max(n) as f64 * a.matrix.norm1() * ulp);
            ratios.note(SVD_LEFT, defect(&u), m as f64 * ulp);
            ratios.note(SVD_RIGHT, defect(&vh.adjoint()), n as f64 * ulp);
        }
        Ok(())
    };
    let example = move || {
        let (mut us, mut ss, mut vs) = (Vec::new(), Vec::new(), Vec::new());
        for a in &wanted {
            let (u, s, vh) = a.matrix.svd();
            us.push(if full { u.completed() } else { u });
            ss.extend(s.iter().map(|s| Complex::from(s.scale(a.exponent))));
            vs.push(if full { vh.adjoint().completed().adjoint() } else { vh });
        }
        let [u_shape, s_shape, v_shape] = shapes.clone();
        let matrices = |all: &[Matrix], shape| array_of(dtype, shape, all.iter().flat_map(Matrix::elements));
        let singular = array_of(dtype.real(), s_shape, ss.into_iter());
        Some(named(vec![("U", matrices(&us, u_shape)), ("S", singular), ("Vh", matrices(&vs, v_shape))]))
    };
    Ok(graded(parts, dtype, extreme, grade, example))
}

pub fn svdvals(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    let (dtype, m, n, u, extreme) = (x.dtype.real(), x.rows, x.columns, x.roundoff(), x.is_extreme());
    let shape = x.shape(&[m.min(n)]);
    let (wanted, out) = (x.matrices.clone(), shape.clone());
    let grade = move |value: &Value, ratios: &mut Ratios| {
        for (a, got) in x.matrices.iter().zip(stacked_vectors(array(value)?)) {
            descending(&got)?;
            let singular = a.matrix.svd().1;
            let s = Matrix::new(singular.len(), 1, |i, _| singular[i].into());
            let top = values(&singular).first().copied().unwrap_or(0.0);
            ratios.note(SINGULAR_VALUES, got.scale(-a.exponent).minus(&s).greatest(), m.max(n) as f64 * top * u);
        }
        Ok(())
    };
    let example = move || {
        let of = |a: &Scaled| a.matrix.svd().1.into_iter().map(|s| Complex::from(s.scale(a.exponent))).collect::<Vec<_>>();
        Some(Value::Array(array_of(dtype, out.clone(), wanted.iter().flat_map(of))))
    };
    Ok(graded(any(dtype, shape), dtype, extreme, grade, example))
}

/// Checks that singular values are in descending order and that none is negative.
fn descending(s: &Matrix) -> Result<(), String> {
    let s: Vec<f64> = s.elements().map(|s| s.re.value()).collect();
    let fine =
        s.iter().all(|v| v.is_nan() || *v >= 0.0) && s.windows(2).all(|pair| pair[0].is_nan() || pair[1].is_nan() || pair[0] >= pair[1]);
    if fine { Ok(()) } else { Err("singular values in descending order, none of them negative".to_owned()) }
}
