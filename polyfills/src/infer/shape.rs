//! Functions that move elements, and those whose shape follows from arguments.

use array_assay_interface::DType;

use super::{Call, Made, broadcast, normalized};
use crate::fact::{ArrayFact, Fact};

type Shape = Vec<Option<usize>>;

/// What a function of these gives; `None` for any other.
pub(super) fn made(call: &Call<'_>, path: &str) -> Result<Option<Made>, String> {
    let bound = call.bound;
    let array = |shape: Shape| Ok::<_, String>(Some(Made::Array(call.dtype()?, shape)));
    let x = || bound.array("x");
    match path {
        "where" => {
            let facts: Vec<&Fact> = ["x1", "x2"].iter().filter_map(|name| bound.get(name)).collect();
            let shapes: Vec<&[Option<usize>]> = bound
                .given
                .iter()
                .filter_map(|(_, fact)| if let Fact::Array(array) = fact { Some(array.shape.as_slice()) } else { None })
                .collect();
            Ok(Some(Made::Array(super::promote(call.spec, &facts)?, broadcast(&shapes)?)))
        }
        "astype" => Ok(Some(Made::Array(bound.dtype("dtype").ok_or("the dtype is not known")?, x()?.shape.clone()))),
        "tril" | "triu" | "flip" | "roll" | "sort" | "isin" => array(call.first().ok_or("no array")?.shape.clone()),
        "argsort" => Ok(Some(Made::Array(call.library.defaults.index, x()?.shape.clone()))),
        "searchsorted" => match bound.get("x2") {
            Some(Fact::Array(x2)) => Ok(Some(Made::Array(call.library.defaults.index, x2.shape.clone()))),
            _ => Ok(Some(Made::Array(call.library.defaults.index, Vec::new()))),
        },
        "reshape" => array(reshaped(x()?, bound.get("shape"))?),
        "broadcast_to" => array(super::create::sizes(bound.get("shape"))?),
        "expand_dims" => {
            let x = x()?;
            let axes = bound.integers("axis")?.unwrap_or_default();
            let rank = x.shape.len() + axes.len();
            let axes = axes.into_iter().map(|axis| normalized(axis, rank)).collect::<Result<Vec<_>, _>>()?;
            let mut rest = x.shape.iter().copied();
            array((0..rank).map(|i| if axes.contains(&i) { Some(1) } else { rest.next().flatten() }).collect())
        }
        "squeeze" => {
            let x = x()?;
            let axes = bound.axes("axis", x.shape.len())?.unwrap_or_default();
            array(x.shape.iter().enumerate().filter(|(i, _)| !axes.contains(i)).map(|(_, n)| *n).collect())
        }
        "permute_dims" => {
            let x = x()?;
            let axes = bound.axes("axes", x.shape.len())?.ok_or("`axes` is missing")?;
            array(axes.into_iter().map(|axis| x.shape[axis]).collect())
        }
        "moveaxis" => {
            let x = x()?;
            let rank = x.shape.len();
            let (from, to) = (bound.axes("source", rank)?.unwrap_or_default(), bound.axes("destination", rank)?.unwrap_or_default());
            let mut rest = (0..rank).filter(|axis| !from.contains(axis));
            let order: Vec<usize> =
                (0..rank).filter_map(|i| to.iter().position(|d| *d == i).map(|k| from[k]).or_else(|| rest.next())).collect();
            array(order.into_iter().map(|axis| x.shape[axis]).collect())
        }
        "matrix_transpose" | "attribute.mT" | "attribute.T" => {
            let mut shape = call.first().ok_or("no array")?.shape.clone();
            let rank = shape.len();
            if rank < 2 {
                return Err(format!("`{path}` of an array of rank {rank}"));
            }
            shape.swap(rank - 2, rank - 1);
            Ok(Some(Made::Array(call.first().ok_or("no array")?.dtype, shape)))
        }
        "concat" => {
            let arrays = bound.arrays("arrays")?;
            let first = arrays.first().ok_or("no arrays")?;
            let total = |sizes: Vec<Option<usize>>| sizes.into_iter().try_fold(0, |sum, n| Some(sum + n?));
            if bound.given.iter().any(|(name, fact)| *name == "axis" && *fact == Fact::None) {
                return array(vec![total(arrays.iter().map(|x| size(x)).collect())]);
            }
            let axis = bound.axis("axis", first.shape.len())?.unwrap_or(0);
            let mut shape = first.shape.clone();
            *shape.get_mut(axis).ok_or("arrays of rank 0 are not joined along an axis")? =
                total(arrays.iter().map(|x| x.shape.get(axis).copied().flatten()).collect());
            array(shape)
        }
        "stack" => {
            let arrays = bound.arrays("arrays")?;
            let mut shape = arrays.first().ok_or("no arrays")?.shape.clone();
            let axis = normalized(bound.integer("axis").unwrap_or(0), shape.len() + 1)?;
            shape.insert(axis, Some(arrays.len()));
            array(shape)
        }
        "unstack" => {
            let x = x()?;
            let axis = bound.axis("axis", x.shape.len())?.unwrap_or(0);
            let n = x.shape[axis].ok_or("the number of arrays is not known before the program runs")?;
            let mut shape = x.shape.clone();
            shape.remove(axis);
            Ok(Some(Made::Tuple(vec![Made::Array(x.dtype, shape); n])))
        }
        "repeat" => {
            let x = x()?;
            let repeats = bound.integer("repeats").map(|n| n as usize);
            match bound.axis("axis", x.shape.len())? {
                None => array(vec![size(x).and_then(|n| Some(n * repeats?))]),
                Some(axis) => {
                    let mut shape = x.shape.clone();
                    shape[axis] = shape[axis].and_then(|n| Some(n * repeats?));
                    array(shape)
                }
            }
        }
        "tile" => {
            let x = x()?;
            let repetitions = bound.integers("repetitions")?.ok_or("`repetitions` is missing")?;
            let rank = x.shape.len().max(repetitions.len());
            let of = |i: usize, n: usize| i.checked_sub(rank - n);
            let shape = (0..rank).map(|i| {
                let size = of(i, x.shape.len()).map_or(Some(1), |k| x.shape[k]);
                let times = of(i, repetitions.len()).map_or(1, |k| repetitions[k]) as usize;
                size.map(|n| n * times)
            });
            array(shape.collect())
        }
        "take" => {
            let (x, indices) = (x()?, bound.array("indices")?);
            let axis = bound.axis("axis", x.shape.len())?.unwrap_or(0);
            let mut shape = x.shape.clone();
            shape.splice(axis..=axis, indices.shape.iter().copied());
            array(shape)
        }
        "take_along_axis" => {
            let (x, indices) = (x()?, bound.array("indices")?);
            let axis = normalized(bound.integer("axis").unwrap_or(-1), x.shape.len())?;
            let (mut a, mut b) = (x.shape.clone(), indices.shape.clone());
            let along = b[axis];
            (a[axis], b[axis]) = (Some(1), Some(1));
            let mut shape = broadcast(&[&a, &b])?;
            shape[axis] = along;
            array(shape)
        }
        "diff" => {
            let x = x()?;
            let axis = normalized(bound.integer("axis").unwrap_or(-1), x.shape.len())?;
            let n = bound.integer("n").unwrap_or(1) as usize;
            let more = |name: &str| bound.array(name).map_or(Some(0), |a| a.shape.get(axis).copied().flatten());
            let mut shape = x.shape.clone();
            shape[axis] = shape[axis].and_then(|size| Some((size + more("prepend")? + more("append")?).saturating_sub(n)));
            array(shape)
        }
        "cumulative_sum" | "cumulative_prod" => {
            let x = x()?;
            let axis = bound.axis("axis", x.shape.len())?.unwrap_or(0);
            let mut shape = x.shape.clone();
            if bound.flag("include_initial") {
                shape[axis] = shape[axis].map(|n| n + 1);
            }
            array(shape)
        }
        "meshgrid" => {
            let arrays = bound.arrays("arrays")?;
            let mut shape: Shape = arrays.iter().map(|x| x.shape.first().copied().flatten()).collect();
            if shape.len() > 1 && !matches!(bound.get("indexing"), Some(Fact::Str(text)) if text == "ij") {
                shape.swap(0, 1);
            }
            Ok(Some(Made::Tuple(arrays.iter().map(|x| Made::Array(x.dtype, shape.clone())).collect())))
        }
        "broadcast_arrays" => {
            let arrays = bound.arrays("arrays")?;
            let shapes: Vec<&[Option<usize>]> = arrays.iter().map(|x| x.shape.as_slice()).collect();
            let shape = broadcast(&shapes)?;
            Ok(Some(Made::Tuple(arrays.iter().map(|x| Made::Array(x.dtype, shape.clone())).collect())))
        }
        "broadcast_shapes" => {
            let shapes = bound.get("shapes").and_then(Fact::items).ok_or("no shapes")?;
            let shapes = shapes.iter().map(|shape| super::create::sizes(Some(shape))).collect::<Result<Vec<_>, _>>()?;
            let shapes: Vec<&[Option<usize>]> = shapes.iter().map(Vec::as_slice).collect();
            let sizes = broadcast(&shapes)?.into_iter().collect::<Option<Vec<usize>>>().ok_or("a size is not known")?;
            Ok(Some(Made::Static(Fact::ints(sizes))))
        }
        "nonzero" => {
            let x = x()?;
            Ok(Some(Made::Tuple(vec![Made::Array(call.library.defaults.index, vec![None]); x.shape.len()])))
        }
        "unique_values" => Ok(Some(Made::Array(x()?.dtype, vec![None]))),
        "unique_counts" | "unique_inverse" | "unique_all" => Ok(Some(unique(x()?, path, call.library.defaults.index))),
        _ => Ok(None),
    }
}

/// The number of elements.
pub(crate) fn size(x: &ArrayFact) -> Option<usize> {
    x.shape.iter().try_fold(1, |total, n| Some(total * (*n)?))
}

fn reshaped(x: &ArrayFact, shape: Option<&Fact>) -> Result<Shape, String> {
    let items = match shape {
        Some(Fact::Tuple(items) | Fact::List(items)) => items.clone(),
        Some(one) => vec![one.clone()],
        None => return Err("the shape is missing".to_owned()),
    };
    let known: Vec<Option<i128>> = items.iter().map(Fact::integer).collect();
    let others = known.iter().filter(|n| **n != Some(-1)).try_fold(1, |total: i128, n| Some(total * (*n)?));
    let rest = || {
        let (total, others) = (size(x)? as i128, others?);
        (others != 0).then(|| (total / others) as usize)
    };
    Ok(known.into_iter().map(|n| if n == Some(-1) { rest() } else { n.and_then(|n| usize::try_from(n).ok()) }).collect())
}

fn unique(x: &ArrayFact, path: &str, index: DType) -> Made {
    let values = ("values", Made::Array(x.dtype, vec![None]));
    let indices = ("indices", Made::Array(index, vec![None]));
    let inverse = ("inverse_indices", Made::Array(index, x.shape.clone()));
    let counts = ("counts", Made::Array(index, vec![None]));
    Made::Named(match path {
        "unique_counts" => vec![values, counts],
        "unique_inverse" => vec![values, inverse],
        _ => vec![values, indices, inverse, counts],
    })
}
