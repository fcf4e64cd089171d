//! Kernels for products of vectors, matrices and arrays with more axes.

use array_assay_interface::{Array, CallError, DType};

use super::block::{Block, Cells, axis, broadcast_shape, strides};
use super::reduction::{complex_sum, sum_of};
use super::{Call, array, common_dtype};
use crate::value::{Answer, Due, Value, type_error, value_error};

/// `matmul(x1, x2, /)`
pub(super) fn matmul(call: &Call<'_>) -> Answer<Array> {
    let dtype = common_dtype(call.args)?;
    let (mut a, mut b) = (call.block(0)?.cast(dtype), call.block(1)?.cast(dtype));
    if dtype == DType::Bool {
        return Err(type_error("products are of numbers"));
    }
    if a.shape.is_empty() || b.shape.is_empty() {
        return Err(value_error("an array without axes is no matrix"));
    }
    let (left, right) = (a.shape.len() == 1, b.shape.len() == 1);
    if left {
        a.shape.insert(0, 1);
    }
    if right {
        b.shape.push(1);
    }
    let (m, k, n) = (a.shape[a.shape.len() - 2], a.shape[a.shape.len() - 1], b.shape[b.shape.len() - 1]);
    if k != b.shape[b.shape.len() - 2] {
        return Err(value_error(format!("the contracted axes have {k} and {} elements", b.shape[b.shape.len() - 2])));
    }
    let lead = broadcast_shape([&a.shape[..a.shape.len() - 2], &b.shape[..b.shape.len() - 2]].into_iter())?;
    let (a, b) = (a.broadcast(&[&lead[..], &[m, k]].concat())?, b.broadcast(&[&lead[..], &[k, n]].concat())?);
    let mut shape = lead.clone();
    if !left {
        shape.push(m);
    }
    if !right {
        shape.push(n);
    }
    let count = lead.iter().product();
    Ok(array(&product(&a, &b, count, (m, k, n), shape)))
}

/// Products of pairs of matrices.
fn product(a: &Block, b: &Block, count: usize, (m, k, n): (usize, usize, usize), shape: Vec<usize>) -> Block {
    fn each<T: Copy, R>(a: &[T], b: &[T], count: usize, (m, k, n): (usize, usize, usize), sum: impl Fn(&[(T, T)]) -> R) -> Vec<R> {
        let mut out = Vec::with_capacity(count * m * n);
        let mut terms = Vec::with_capacity(k);
        for c in 0..count {
            for i in 0..m {
                for j in 0..n {
                    terms.clear();
                    terms.extend((0..k).map(|l| (a[(c * m + i) * k + l], b[(c * k + l) * n + j])));
                    out.push(sum(&terms));
                }
            }
        }
        out
    }
    let sizes = (m, k, n);
    let cells = match (&a.cells, &b.cells) {
        (Cells::Int(a), Cells::Int(b)) => {
            Cells::Int(each(a, b, count, sizes, |terms| terms.iter().fold(0i128, |all, (x, y)| all.wrapping_add(x.wrapping_mul(*y)))))
        }
        (Cells::Real(a), Cells::Real(b)) => {
            Cells::Real(each(a, b, count, sizes, |terms| sum_of(&terms.iter().map(|(x, y)| x * y).collect::<Vec<_>>())))
        }
        _ => {
            let (a, b) = (a.complexes(), b.complexes());
            Cells::Complex(each(&a, &b, count, sizes, |terms| complex_sum(&terms.iter().map(|(x, y)| x * y).collect::<Vec<_>>())))
        }
    };
    Block::new(a.dtype, shape, cells)
}

/// `tensordot(x1, x2, /, *, axes)`
pub(super) fn tensordot(call: &Call<'_>) -> Answer<Array> {
    let dtype = common_dtype(&call.args[..2])?;
    let (a, b) = (call.block(0)?.cast(dtype), call.block(1)?.cast(dtype));
    let (left, right): (Vec<usize>, Vec<usize>) = match call.arg(2).items() {
        Some([first, second]) => {
            let axes = |value: &Value<Array>, rank: usize| -> Result<Vec<usize>, CallError> {
                value.try_items()?.iter().map(|item| axis(item.try_integer()?, rank)).collect()
            };
            (axes(first, a.shape.len())?, axes(second, b.shape.len())?)
        }
        Some(_) => return Err(value_error("the contracted axes are two sequences")),
        None => {
            let count = usize::try_from(call.integer(2)?).map_err(|_| value_error("the number of contracted axes is not negative"))?;
            let start = a.shape.len().checked_sub(count).filter(|_| count <= b.shape.len());
            let start = start.ok_or_else(|| value_error("more axes are contracted than there are"))?;
            ((start..a.shape.len()).collect(), (0..count).collect())
        }
    };
    let unique = |axes: &[usize]| (1..axes.len()).all(|k| !axes[..k].contains(&axes[k]));
    let fits = left.len() == right.len() && left.iter().zip(&right).all(|(i, j)| a.shape[*i] == b.shape[*j]);
    if !fits || !unique(&left) || !unique(&right) {
        return Err(value_error("the contracted axes do not fit together"));
    }
    let rest = |shape: &[usize], axes: &[usize]| (0..shape.len()).filter(|i| !axes.contains(i)).collect::<Vec<_>>();
    let (kept_left, kept_right) = (rest(&a.shape, &left), rest(&b.shape, &right));
    let size = |shape: &[usize], axes: &[usize]| axes.iter().map(|i| shape[*i]).product::<usize>();
    let sizes = (size(&a.shape, &kept_left), size(&a.shape, &left), size(&b.shape, &kept_right));
    let shape = kept_left.iter().map(|i| a.shape[*i]).chain(kept_right.iter().map(|i| b.shape[*i])).collect();
    let (a, b) = (a.permuted(&[kept_left, left].concat()), b.permuted(&[right, kept_right].concat()));
    Ok(array(&product(&a, &b, 1, sizes, shape)))
}

/// `outer(x1, x2, /)`
pub(super) fn outer(call: &Call<'_>) -> Answer<Array> {
    let dtype = common_dtype(call.args)?;
    let (a, b) = (call.block(0)?.cast(dtype), call.block(1)?.cast(dtype));
    let ([m], [n]) = (a.shape.as_slice(), b.shape.as_slice()) else { return Err(value_error("both are vectors")) };
    let sizes = (*m, 1, *n);
    Ok(array(&product(&a, &b, 1, sizes, vec![*m, *n])))
}

/// `cross(x1, x2, /, *, axis)`
pub(super) fn cross(call: &Call<'_>) -> Answer<Array> {
    let dtype = common_dtype(&call.args[..2])?;
    let (a, b) = (call.block(0)?.cast(dtype), call.block(1)?.cast(dtype));
    let (i, j) = (call.axis(2, a.shape.len())?, call.axis(2, b.shape.len())?);
    if a.shape[i] != 3 || b.shape[j] != 3 {
        return Err(value_error("a vector product is of vectors of three elements"));
    }
    let shape = broadcast_shape([a.shape.as_slice(), &b.shape].into_iter())?;
    let along = if call.integer(2)? < 0 { shape.len() - (a.shape.len() - i) } else { i };
    let (a, b) = (a.broadcast(&shape)?, b.broadcast(&shape)?);
    let stride = strides(&shape)[along];
    let turned = |flat: usize, by: usize| {
        let at = flat / stride % 3;
        flat - at * stride + (at + by) % 3 * stride
    };
    fn each<T: Copy>(a: &[T], b: &[T], turned: impl Fn(usize, usize) -> usize, minus: impl Fn(T, T, T, T) -> T) -> Vec<T> {
        (0..a.len()).map(|k| minus(a[turned(k, 1)], b[turned(k, 2)], a[turned(k, 2)], b[turned(k, 1)])).collect()
    }
    let cells = match (&a.cells, &b.cells) {
        (Cells::Int(a), Cells::Int(b)) => Cells::Int(each(a, b, turned, |p, q, r, s| p.wrapping_mul(q).wrapping_sub(r.wrapping_mul(s)))),
        (Cells::Real(a), Cells::Real(b)) => Cells::Real(each(a, b, turned, |p, q, r, s| p * q - r * s)),
        (Cells::Complex(a), Cells::Complex(b)) => Cells::Complex(each(a, b, turned, |p, q, r, s| p * q - r * s)),
        _ => return Err(type_error("products are of numbers")),
    };
    Ok(array(&Block::new(dtype, shape, cells)))
}
