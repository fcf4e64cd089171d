//! Products, and what the extension `linalg` gives.

use array_assay_interface::DType;

use super::{Call, Made, broadcast, promote};
use crate::fact::{ArrayFact, Fact};

type Shape = Vec<Option<usize>>;

/// What a function of these gives; `None` for any other.
pub(super) fn made(call: &Call<'_>, path: &str) -> Result<Option<Made>, String> {
    let bound = call.bound;
    let name = path.strip_prefix("linalg.").unwrap_or(path);
    let pair = || -> Result<(&ArrayFact, &ArrayFact, DType), String> {
        let arrays: Vec<&ArrayFact> =
            bound.given.iter().filter_map(|(_, fact)| if let Fact::Array(array) = fact { Some(array) } else { None }).collect();
        let [a, b, ..] = arrays.as_slice() else { return Err(format!("`{path}` needs two arrays")) };
        let dtype = spec_promote(call, a, b)?;
        Ok((a, b, dtype))
    };
    let x = || bound.array("x");
    let matrix = |x: &ArrayFact| -> Result<(Shape, Option<usize>, Option<usize>), String> {
        match x.shape.as_slice() {
            [batch @ .., m, n] => Ok((batch.to_vec(), *m, *n)),
            _ => Err(format!("`{path}` needs a matrix")),
        }
    };
    let with = |batch: &[Option<usize>], more: &[Option<usize>]| -> Shape { batch.iter().chain(more).copied().collect() };
    let less = |m: Option<usize>, n: Option<usize>| Some(m?.min(n?));
    let one = |dtype, shape| Ok(Some(Made::Array(dtype, shape)));
    match name {
        "matmul" | "operator.matmul" => {
            let (a, b, dtype) = pair()?;
            one(dtype, multiplied(a, b)?)
        }
        "vecdot" => {
            let (a, b, dtype) = pair()?;
            let axis = bound.integer("axis").unwrap_or(-1);
            let shape = broadcast(&[&a.shape, &b.shape])?;
            let gone = super::normalized(axis, shape.len())?;
            one(dtype, super::reduced(&shape, Some(&[gone]), false))
        }
        "tensordot" => {
            let (a, b, dtype) = pair()?;
            let Some((of_a, of_b)) = contracted(call, a.shape.len(), b.shape.len())? else { return Ok(Some(Made::Unknown)) };
            one(dtype, [super::reduced(&a.shape, Some(&of_a), false), super::reduced(&b.shape, Some(&of_b), false)].concat())
        }
        "outer" => {
            let (a, b, dtype) = pair()?;
            one(dtype, [a.shape.as_slice(), &b.shape].concat())
        }
        "cross" => {
            let (a, b, dtype) = pair()?;
            one(dtype, broadcast(&[&a.shape, &b.shape])?)
        }
        "solve" => {
            let (a, b, dtype) = pair()?;
            if b.shape.len() == 1 {
                return one(dtype, a.shape[..a.shape.len() - 1].to_vec());
            }
            let (batch, m, _) = matrix(a)?;
            let (other, _, k) = matrix(b)?;
            one(dtype, with(&broadcast(&[&batch, &other])?, &[m, k]))
        }
        "cholesky" | "inv" | "matrix_power" => one(x()?.dtype, x()?.shape.clone()),
        "pinv" => {
            let (batch, m, n) = matrix(x()?)?;
            one(x()?.dtype, with(&batch, &[n, m]))
        }
        "det" => one(x()?.dtype, matrix(x()?)?.0),
        "matrix_rank" => one(call.library.defaults.index, matrix(x()?)?.0),
        "trace" => {
            let dtype =
                bound.dtype("dtype").unwrap_or_else(|| x().map_or(DType::Float64, |x| call.library.defaults.at_least_integer(x.dtype)));
            one(dtype, matrix(x()?)?.0)
        }
        "diagonal" => {
            let (batch, m, n) = matrix(x()?)?;
            let offset = bound.integer("offset").unwrap_or(0);
            let cut = |n: Option<usize>, by: i128| n.map(|n| (n as i128 - by.max(0)).max(0) as usize);
            one(x()?.dtype, with(&batch, &[less(cut(m, -offset), cut(n, offset))]))
        }
        "svdvals" => {
            let (batch, m, n) = matrix(x()?)?;
            one(x()?.dtype.real(), with(&batch, &[less(m, n)]))
        }
        "eigvalsh" => {
            let (batch, m, _) = matrix(x()?)?;
            one(x()?.dtype.real(), with(&batch, &[m]))
        }
        "eigh" => {
            let (batch, m, _) = matrix(x()?)?;
            let values = Made::Array(x()?.dtype.real(), with(&batch, &[m]));
            Ok(Some(Made::Named(vec![("eigenvalues", values), ("eigenvectors", Made::Array(x()?.dtype, x()?.shape.clone()))])))
        }
        "qr" => {
            let (batch, m, n) = matrix(x()?)?;
            let complete = matches!(bound.get("mode"), Some(Fact::Str(mode)) if mode == "complete");
            let k = if complete { m } else { less(m, n) };
            let (q, r) = (Made::Array(x()?.dtype, with(&batch, &[m, k])), Made::Array(x()?.dtype, with(&batch, &[k, n])));
            Ok(Some(Made::Named(vec![("Q", q), ("R", r)])))
        }
        "svd" => {
            let (batch, m, n) = matrix(x()?)?;
            let full = !matches!(bound.get("full_matrices"), Some(fact) if fact.truth() == Some(false));
            let k = less(m, n);
            let (columns, rows) = if full { (m, n) } else { (k, k) };
            let dtype = x()?.dtype;
            Ok(Some(Made::Named(vec![
                ("U", Made::Array(dtype, with(&batch, &[m, columns]))),
                ("S", Made::Array(dtype.real(), with(&batch, &[k]))),
                ("Vh", Made::Array(dtype, with(&batch, &[rows, n]))),
            ])))
        }
        "slogdet" => {
            let batch = matrix(x()?)?.0;
            let dtype = x()?.dtype;
            Ok(Some(Made::Named(vec![("sign", Made::Array(dtype, batch.clone())), ("logabsdet", Made::Array(dtype.real(), batch))])))
        }
        "matrix_norm" => {
            let rank = x()?.shape.len();
            let axes = [rank.saturating_sub(2), rank.saturating_sub(1)];
            one(x()?.dtype.real(), super::reduced(&x()?.shape, Some(&axes), bound.flag("keepdims")))
        }
        "vector_norm" => {
            let axes = bound.axes("axis", x()?.shape.len())?;
            one(x()?.dtype.real(), super::reduced(&x()?.shape, axes.as_deref(), bound.flag("keepdims")))
        }
        _ => Ok(None),
    }
}

fn spec_promote(call: &Call<'_>, a: &ArrayFact, b: &ArrayFact) -> Result<DType, String> {
    promote(call.spec, &[&Fact::Dtype(a.dtype), &Fact::Dtype(b.dtype)])
}

/// The shape of a product of matrices; vectors lose their axis.
fn multiplied(a: &ArrayFact, b: &ArrayFact) -> Result<Shape, String> {
    let (a, b) = (&a.shape, &b.shape);
    match (a.len(), b.len()) {
        (0, _) | (_, 0) => Err("a product of matrices needs axes".to_owned()),
        (1, 1) => Ok(Vec::new()),
        (1, n) => Ok([&b[..n - 2], &b[n - 1..]].concat()),
        (m, 1) => Ok(a[..m - 1].to_vec()),
        (m, n) => {
            let mut shape = broadcast(&[&a[..m - 2], &b[..n - 2]])?;
            shape.extend([a[m - 2], b[n - 1]]);
            Ok(shape)
        }
    }
}

/// Axes of the first operand, and of the second.
type Axes = (Vec<usize>, Vec<usize>);

/// The axes that `tensordot` contracts, of the first and of the second array.
fn contracted(call: &Call<'_>, first: usize, second: usize) -> Result<Option<Axes>, String> {
    let axes = |fact: &Fact, rank: usize| -> Option<Vec<usize>> {
        fact.items()?.iter().map(|axis| super::normalized(axis.integer()?, rank).ok()).collect()
    };
    match call.bound.get("axes") {
        None => Ok(Some(((first.saturating_sub(2)..first).collect(), (0..2).collect()))),
        Some(Fact::Tuple(items) | Fact::List(items)) if items.len() == 2 => Ok(axes(&items[0], first).zip(axes(&items[1], second))),
        Some(fact) => match fact.integer() {
            Some(n) if n >= 0 && n as usize <= first.min(second) => {
                Ok(Some(((first - n as usize..first).collect(), (0..n as usize).collect())))
            }
            _ => Err("`axes` does not fit the arrays".to_owned()),
        },
    }
}
