//! The shape of what indexing gives.

use array_assay_interface::{DType, Scalar, Slice};
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
                shape.push(x.shape[axis].map(|n| length(*slice, n)));
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

/// So many elements of an axis of `n` a slice takes.
fn length(slice: Slice, n: usize) -> usize {
    let (n, step) = (n as i64, slice.step.unwrap_or(1));
    let (low, high) = if step < 0 { (-1, n - 1) } else { (0, n) };
    let resolve = |bound: i64| (if bound < 0 { bound.saturating_add(n) } else { bound }).clamp(low, high);
    let (start, stop) = if step < 0 {
        (slice.start.map_or(high, resolve), slice.stop.map_or(low, resolve))
    } else {
        (slice.start.map_or(low, resolve), slice.stop.map_or(high, resolve))
    };
    let distance = if step < 0 { start - stop } else { stop - start };
    if distance <= 0 { 0 } else { ((distance + step.abs() - 1) / step.abs()) as usize }
}
