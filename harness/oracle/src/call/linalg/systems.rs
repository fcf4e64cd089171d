//! Inverses, linear systems, powers and ranks of matrices.

use array_assay_interface::{Array, DType, Element, Scalar, Value};

use super::double::{Complex, Double};
use super::matrix::{Matrix, Scaled, array_of, stack, stacked_vectors};
use super::{Limit, Ratios, Stack, any, approximated, array, graded, values};
use crate::accuracy::Format;
use crate::call::arguments::illegal;
use crate::call::shape::{advance, broadcast_shapes, flat};
use crate::call::{Call, Expectation, Given, Undefined};

/// The smaller one of `norm(I - X A) / (n norm(A) norm(X) eps)` and the same for `A X` (LIN/dget03). An algorithm that computes the inverse
/// by columns has a small residual of `A X`.
const INVERSE: Limit = ("residual", 30.0);

/// The maximum of `norm(b - A x) / (norm(A) norm(x) eps)` over all right-hand sides (LIN/dget02).
const SOLUTION: Limit = ("residual", 30.0);

/// The four conditions of Penrose (1955), for `X` and for the matrix `A` without its small singular values. No source gives thresholds for
/// them. They have the threshold of [`INVERSE`], in units of `max(m, n) eps` times the norms that a rounding of `X` alone reaches.
const PENROSE: [Limit; 4] = [("axa", 30.0), ("xax", 30.0), ("ax-hermitian", 30.0), ("xa-hermitian", 30.0)];

/// The error of a power. Its unit is the error bound of products in any order (Higham 2002, section 3.5). For an inverse, its unit is the
/// effect of an error within the threshold of [`INVERSE`].
const POWER: Limit = ("power", 30.0);

/// An inverse is judged only if the condition number of the matrix is below `1 / (MARGIN n eps)`. Libraries may find other matrices
/// singular, so their inverse is open.
const MARGIN: f64 = 50.0;

/// The inverses of matrices. The call is open if one of them is singular or nearly so, or if an inverse is out of range.
pub(in crate::call) fn inverses(x: &Stack) -> Result<Vec<Matrix>, Undefined> {
    let (n, u, format) = (x.rows as f64, x.roundoff(), Format::of(x.dtype));
    let of = |m: &Scaled| {
        let inverse = m.matrix.inverse().filter(|inverse| inverse.is_finite())?;
        let exponent = super::double::exponent_of(inverse.greatest()) - m.exponent;
        let held = exponent < format.emax - 4 && exponent > format.emin() + format.precision;
        (MARGIN * n * u * m.matrix.norm1() * inverse.norm1() < 1.0 && (held || inverse.rows == 0)).then_some(inverse)
    };
    x.matrices.iter().map(of).collect::<Option<Vec<_>>>().ok_or(Undefined::Open)
}

pub fn inv(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let (dtype, n, u, shape, extreme) = (x.dtype, x.rows, x.roundoff(), x.shape(&[x.rows, x.rows]), x.is_extreme());
    let inverses = inverses(&x)?;
    let exponents: Vec<i32> = x.matrices.iter().map(|m| -m.exponent).collect();
    let out = shape.clone();
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let one = Matrix::identity(n, n);
        for (m, got) in x.matrices.iter().zip(stack(array(value)?)) {
            let got = got.scale(m.exponent);
            let unit = n as f64 * m.matrix.norm1() * got.norm1() * u;
            let sides = [one.minus(&got.times(&m.matrix)).norm1(), one.minus(&m.matrix.times(&got)).norm1()];
            let least = if sides[0].is_nan() || sides[1].is_nan() { f64::NAN } else { sides[0].min(sides[1]) };
            ratios.note(INVERSE, least, unit);
        }
        Ok(())
    };
    let example = move || {
        let all = inverses.iter().zip(&exponents).flat_map(|(inverse, exponent)| inverse.scale(*exponent).elements().collect::<Vec<_>>());
        Some(Value::Array(array_of(dtype, out.clone(), all)))
    };
    Ok(graded(any(dtype, shape), dtype, extreme, grade, example))
}

pub fn solve(call: &Call<'_>) -> Result<Expectation, Undefined> {
    solved(call, Stack::square(call, "x1")?)
}

/// The solutions of linear systems. The matrices `a` are square, and the right-hand sides are `x2`.
pub(in crate::call) fn solved(call: &Call<'_>, a: Stack) -> Result<Expectation, Undefined> {
    let right = call.array("x2")?;
    let dtype = call.result_dtype()?;
    if !right.dtype.is_floating() {
        return Err(illegal("`x2` is not of floating-point numbers"));
    }
    let a = Stack { dtype, ..a };
    let n = a.rows;
    let (outer, sides) = match &right.shape[..] {
        [length] if *length == n => (&[][..], stacked_vectors(right)),
        [outer @ .., length, _] if *length == n => (outer, stack(right)),
        _ => return Err(illegal("`x2` has another number of rows than `x1`")),
    };
    let common = broadcast_shapes([&a.outer[..], outer]).ok_or_else(|| illegal("the stacks do not broadcast"))?;
    let columns = if right.shape.len() == 1 { 1 } else { right.shape[right.shape.len() - 1] };
    let shape = if right.shape.len() == 1 { [&common[..], &[n]].concat() } else { [&common[..], &[n, columns]].concat() };
    let inverses = inverses(&a)?;
    if !sides.iter().all(Matrix::is_finite) {
        return Err(Undefined::Open);
    }
    let sides: Vec<Scaled> = sides.iter().map(Matrix::scaled).collect();
    let (of_a, of_b) = (spread(&a.outer, &common), spread(outer, &common));
    let format = Format::of(dtype);
    // A solution that overflows or vanishes has no digits to judge.
    let held = of_a.iter().zip(&of_b).all(|(i, j)| {
        let x = inverses[*i].times(&sides[*j].matrix);
        let exponent = super::double::exponent_of(x.greatest()) + sides[*j].exponent - a.matrices[*i].exponent;
        x.greatest() == 0.0 || exponent < format.emax - 4 && exponent > format.emin() + format.precision
    });
    if !held {
        return Err(Undefined::Open);
    }
    let extreme = a.is_extreme() || sides.iter().any(|b| b.exponent.abs() > format.emax / 2 - 20);
    let u = a.roundoff();
    let (out, known) = (shape.clone(), (a.matrices.clone(), sides.clone(), of_a.clone(), of_b.clone()));
    let vector = right.shape.len() == 1;
    let grade = move |value: &Value, ratios: &mut Ratios| {
        let got = array(value)?;
        let got = if vector { stacked_vectors(got) } else { stack(got) };
        for ((i, j), x) in of_a.iter().zip(&of_b).zip(got) {
            let (m, b) = (&a.matrices[*i], &sides[*j]);
            // The scale of the solution is that of the right-hand side less that of the matrix. So their difference gives the solution in
            // its own scale.
            let x = x.scale(m.exponent - b.exponent);
            let residual = b.matrix.minus(&m.matrix.times(&x));
            for k in 0..columns {
                let (missed, size) = (length(&residual, k), length(&x, k));
                ratios.note(SOLUTION, missed, m.matrix.norm1() * size * u);
            }
        }
        Ok(())
    };
    let example = move || {
        let (matrices, sides, of_a, of_b) = &known;
        let mut all = Vec::new();
        for (i, j) in of_a.iter().zip(of_b) {
            let x = matrices[*i].matrix.solve(&sides[*j].matrix)?;
            all.extend(x.scale(sides[*j].exponent - matrices[*i].exponent).elements());
        }
        Some(Value::Array(array_of(dtype, out.clone(), all.into_iter())))
    };
    Ok(graded(any(dtype, shape), dtype, extreme, grade, example))
}

/// The sum of the moduli of a column: its 1-norm.
pub(in crate::call) fn length(m: &Matrix, column: usize) -> f64 {
    m.column(column).iter().fold(Double::ZERO, |sum, z| sum + z.abs()).value()
}

/// For each matrix of a broadcast stack, the index of its original.
fn spread(own: &[usize], common: &[usize]) -> Vec<usize> {
    let mut index = vec![0; common.len()];
    let skipped = common.len() - own.len();
    (0..common.iter().product())
        .map(|_| {
            let at = flat(own, index[skipped..].iter().zip(own).map(|(i, n)| if *n == 1 { 0 } else { *i }));
            advance(&mut index, common);
            at
        })
        .collect()
}

pub fn matrix_power(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::square(call, "x")?;
    let power = call.integer("n").ok_or_else(|| illegal("`n` is no integer"))?;
    let (dtype, n, u, format) = (x.dtype, x.rows, x.roundoff(), Format::of(x.dtype));
    let shape = x.shape(&[n, n]);
    let one = Matrix::identity(n, n);
    if power == 0 {
        let elements = x.matrices.iter().flat_map(|_| one.elements().collect::<Vec<_>>());
        return Ok(Expectation::array(&array_of(dtype, shape, elements)));
    }
    let steps = power.unsigned_abs() as i32;
    let repeated = |m: &Matrix| (0..steps).fold(one.clone(), |product, _| product.times(m));
    let (mut wanted, mut units) = (Vec::new(), Vec::new());
    let bases = if power > 0 { x.matrices.iter().map(|m| m.matrix.clone()).collect() } else { inverses(&x)? };
    for (m, base) in x.matrices.iter().zip(bases) {
        let exponent = steps * if power > 0 { m.exponent } else { -m.exponent };
        let product = repeated(&base);
        let bound = repeated(&base.moduli());
        let top = super::double::exponent_of(bound.greatest());
        if n > 0 && (exponent + top > format.emax - 6 || exponent + top < format.emin() + 2 * format.precision) {
            return Err(Undefined::Open);
        }
        // The factor of two covers the roundings of complex products.
        let of_products = 2.0 * f64::from(steps) * (n as f64 + 1.0) * u;
        let condition = if power > 0 { 0.0 } else { f64::from(steps) * n as f64 * u * m.matrix.norm1() * base.norm1() };
        let norm = (0..steps).fold(1.0, |norm, _| norm * base.norm1());
        wanted.extend(product.scale(exponent).elements());
        units.extend(bound.elements().map(|z| super::double::scaled(of_products * z.re.value() + condition * norm, exponent)));
    }
    Ok(approximated(dtype, shape, POWER, wanted, units, x.is_extreme()))
}

/// The factor by which a singular value has to differ from the tolerance. The text says only "approximately".
const GAP: f64 = 4.0;

/// The tolerance for each matrix of a stack, relative to its greatest singular value.
fn tolerances(call: &Call<'_>, x: &Stack) -> Result<Vec<f64>, Undefined> {
    let count = x.matrices.len();
    // The text does not define the greatest of no singular values.
    if x.rows == 0 || x.columns == 0 {
        return Err(Undefined::Open);
    }
    match call.get("rtol") {
        None => Ok(vec![x.rows.max(x.columns) as f64 * 2.0 * x.roundoff(); count]),
        Some(Given::Scalar(Scalar::Float(v))) => Ok(vec![*v; count]),
        Some(Given::Array(array)) if array.dtype.is_floating() && !array.dtype.is_complex() => {
            if broadcast_shapes([&x.outer[..], &array.shape]).as_ref() != Some(&x.outer) {
                return Err(illegal("`rtol` does not broadcast to the stack"));
            }
            Ok(spread(&array.shape, &x.outer).into_iter().map(|i| array.get(i).components().0).collect())
        }
        _ => Err(illegal("`rtol` is neither a float nor an array of them")),
    }
}

/// The number of singular values above the tolerance. The call is open if one of them is near it.
fn rank(singular: &[f64], tolerance: f64) -> Result<usize, Undefined> {
    let cut = tolerance * singular.first().copied().unwrap_or(0.0);
    let near = |s: &f64| *s > cut / GAP && *s < cut * GAP;
    // The greatest singular value exceeds every tolerance below one.
    if !(0.0..0.75).contains(&tolerance) || singular.iter().skip(1).any(near) {
        return Err(Undefined::Open);
    }
    Ok(singular.iter().filter(|s| **s > cut).count())
}

pub fn matrix_rank(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    if x.is_extreme() {
        return Err(Undefined::Open);
    }
    let of = |(m, tolerance): (&Scaled, f64)| rank(&values(&m.matrix.svd().1), tolerance).map(|rank| Element::Int(rank as i128));
    let ranks = x.matrices.iter().zip(tolerances(call, &x)?).map(of).collect::<Result<Vec<_>, _>>()?;
    Ok(Expectation::exact(call.result_dtype()?, x.outer.clone(), ranks))
}

/// A matrix without its small singular values, and the pseudo-inverse of it.
struct Truncated {
    matrix: Matrix,
    inverse: Matrix,
}

impl Truncated {
    fn of(m: &Matrix, tolerance: f64) -> Result<Truncated, Undefined> {
        let (u, s, vh) = m.svd();
        let rank = rank(&values(&s), tolerance)?;
        let (u, vh) = (u.leading_columns(rank), vh.leading_rows(rank));
        let diagonal = |of: &dyn Fn(Double) -> Double| {
            Matrix::diagonal(rank, rank, &s[..rank].iter().map(|s| Complex::from(of(*s))).collect::<Vec<_>>())
        };
        let matrix = u.times(&diagonal(&|s| s)).times(&vh);
        let inverse = vh.adjoint().times(&diagonal(&|s| Double::ONE / s)).times(&u.adjoint());
        Ok(Truncated { matrix, inverse })
    }
}

pub fn pinv(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = Stack::of(call, "x")?;
    let (dtype, shape, extreme) = (x.dtype, x.shape(&[x.columns, x.rows]), x.is_extreme());
    if extreme {
        return Err(Undefined::Open);
    }
    let unit = x.rows.max(x.columns) as f64 * x.roundoff();
    let pairs = x.matrices.iter().zip(tolerances(call, &x)?).map(|(m, tolerance)| Truncated::of(&m.matrix, tolerance));
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    let exponents: Vec<i32> = x.matrices.iter().map(|m| m.exponent).collect();
    let (out, examples) = (shape.clone(), array_of_inverses(dtype, &shape, &pairs, &exponents));
    let grade = move |value: &Value, ratios: &mut Ratios| {
        for ((pair, exponent), got) in pairs.iter().zip(&exponents).zip(stack(array(value)?)) {
            let (a, x) = (&pair.matrix, got.scale(*exponent));
            let (ax, xa) = (a.times(&x), x.times(a));
            let (of_a, of_x) = (a.norm1(), x.norm1());
            let missed = [
                (ax.times(a).minus(a).norm1(), of_a * of_a * of_x),
                (xa.times(&x).minus(&x).norm1(), of_x * of_x * of_a),
                (ax.minus(&ax.adjoint()).norm1(), of_a * of_x),
                (xa.minus(&xa.adjoint()).norm1(), of_a * of_x),
            ];
            for (limit, (missed, norms)) in PENROSE.into_iter().zip(missed) {
                ratios.note(limit, missed, unit * norms);
            }
        }
        Ok(())
    };
    Ok(graded(any(dtype, out), dtype, extreme, grade, move || Some(Value::Array(examples.clone()))))
}

fn array_of_inverses(dtype: DType, shape: &[usize], pairs: &[Truncated], exponents: &[i32]) -> Array {
    let all = pairs.iter().zip(exponents).flat_map(|(pair, exponent)| pair.inverse.scale(-*exponent).elements().collect::<Vec<_>>());
    array_of(dtype, shape.to_vec(), all)
}
