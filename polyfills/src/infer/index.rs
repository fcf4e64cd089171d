//! The shape of what indexing gives.

use array_assay_interface::{DType, Scalar};
use array_assay_language::normalized;
use array_assay_spec::shape::{Sizes, broadcast_sizes};

use super::Made;
use crate::fact::{ArrayFact, Ask, Fact, Known};

/// What `x[key]` gives.
pub(super) fn getitem(args: &[Fact]) -> Result<Made, String> {
    let [Fact::Array(Known::Array(x)), key] = args else { return Ok(Made::Unknown) };
    Ok(Made::Array(x.dtype, indexed(x, key.parts())?))
}

fn indexed(x: &ArrayFact, items: &[Fact]) -> Result<Sizes, String> {
    let taken = |item: &Fact| match item {
        Fact::None | Fact::Ellipsis => 0,
        Fact::Array(Known::Array(mask)) if mask.dtype == DType::Bool => mask.shape.len(),
        _ => 1,
    };
    let used: usize = items.iter().map(taken).sum();
    let rank = x.shape.len();
    let left_over = rank.checked_sub(used).ok_or_else(|| format!("{used} indices for {rank} axes"))?;
    let (mut shape, mut axis, mut ellipsis) = (Vec::new(), 0, false);
    // Integer arrays broadcast together; their axes stand where the first of them stands.
    let mut gathered: Option<(usize, Vec<Sizes>)> = None;
    for item in items {
        match item {
            Fact::None => shape.push(Some(1)),
            Fact::Ellipsis => {
                shape.extend(&x.shape[axis..axis + left_over]);
                axis += left_over;
                ellipsis = true;
            }
            Fact::Slice(slice) => {
                let length = |n: usize| slice.indices(n).map(|indices| indices.len()).ok_or("the step of a slice is 0");
                shape.push(x.shape[axis].map(length).transpose()?);
                axis += 1;
            }
            Fact::Scalar(Scalar::Int(_)) | Fact::Array(Known::Number { .. }) => {
                if let (Some(n), Some(i)) = (x.shape[axis], item.integer()) {
                    normalized(i, n).map_err(|_| format!("the index {i} is out of bounds for an axis of size {n}"))?;
                }
                axis += 1;
            }
            Fact::Array(Known::Array(mask)) if mask.dtype == DType::Bool => {
                shape.push(None);
                axis += mask.shape.len();
            }
            Fact::Array(Known::Array(indices)) => {
                gathered.get_or_insert((shape.len(), Vec::new())).1.push(indices.shape.clone());
                axis += 1;
            }
            other => return Err(format!("an array is not indexed by {}", other.kind())),
        }
    }
    if !ellipsis {
        shape.extend(&x.shape[axis..]);
    }
    if let Some((at, shapes)) = gathered {
        shape.splice(at..at, broadcast_sizes(shapes.iter().map(Vec::as_slice))?);
    }
    Ok(shape)
}
