//! Views of an array: its axes permuted, its elements repeated, parts of it.
//!
//! Strides are kept, negative ones too; only a broadcast array is copied out, since ndarray has no owned one that repeats elements.

use array_assay_interface::{Argument, CallError, Scalar, Slice};
use ndarray::{IxDyn, SliceInfoElem};

use crate::array::{Native, NdArray};
use crate::function::Function;

/// The functions that the crate names.
pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function { name: "permute_dims", native: "permuted_axes", parameters: &["_", "axes"], forms: vec![Box::new(permute_dims)] },
        Function { name: "broadcast_to", native: "broadcast", parameters: &["_", "shape"], forms: vec![Box::new(broadcast_to)] },
        Function { name: "operator.getitem", native: "slice_move", parameters: &[], forms: vec![Box::new(getitem)] },
    ]
}

fn permute_dims(args: &[Argument<'_, NdArray>]) -> Option<Result<NdArray, CallError>> {
    let [Argument::Array(x), axes] = args else { return None };
    let axes = sizes(axes)?;
    Some(Ok(with_array!(x, x => Native::wrap(x.clone().permuted_axes(axes)))))
}

fn broadcast_to(args: &[Argument<'_, NdArray>]) -> Option<Result<NdArray, CallError>> {
    let [Argument::Array(x), shape] = args else { return None };
    let shape = sizes(shape)?;
    let repeated = with_array!(x, x => x.broadcast(IxDyn(&shape)).map(|view| Native::wrap(view.to_owned())));
    Some(repeated.ok_or_else(|| CallError::raised("None", format!("`broadcast` of shape {:?} to {shape:?} gave `None`", x.shape()))))
}

fn getitem(args: &[Argument<'_, NdArray>]) -> Option<Result<NdArray, CallError>> {
    let [Argument::Array(x), key] = args else { return None };
    let info = slice_info(x.shape(), key)?;
    Some(Ok(with_array!(x, x => Native::wrap(x.clone().slice_move(info.as_slice())))))
}

/// A tuple or list of non-negative ints.
fn sizes(arg: &Argument<'_, NdArray>) -> Option<Vec<usize>> {
    let (Argument::Tuple(items) | Argument::List(items)) = arg else { return None };
    let size = |item: &_| match item {
        Argument::Scalar(Scalar::Int(v)) => usize::try_from(*v).ok(),
        _ => None,
    };
    items.iter().map(size).collect()
}

/// What the crate takes for a Python key: ints, slices, `None`, and one `...`, which stands for the axes left over, whole.
/// `None` for a key with arrays, which the crate does not take.
fn slice_info(shape: &[usize], key: &Argument<'_, NdArray>) -> Option<Vec<SliceInfoElem>> {
    let items = match key {
        Argument::Tuple(items) => items.as_slice(),
        item => std::slice::from_ref(item),
    };
    let indexed = items.iter().filter(|item| !matches!(item, Argument::None | Argument::Ellipsis)).count();
    let mut left_over = Some(shape.len().saturating_sub(indexed));
    let (mut axis, mut info) = (0, Vec::new());
    for item in items {
        match item {
            Argument::Scalar(Scalar::Int(index)) => {
                info.push(SliceInfoElem::Index(isize::try_from(*index).ok()?));
                axis += 1;
            }
            Argument::Slice(slice) => {
                // A key longer than the rank is for the crate to refuse.
                info.push(range(*slice, shape.get(axis).copied().unwrap_or(0)));
                axis += 1;
            }
            Argument::None => info.push(SliceInfoElem::NewAxis),
            Argument::Ellipsis => {
                let whole = SliceInfoElem::Slice { start: 0, end: None, step: 1 };
                let count = left_over.take()?;
                info.extend(std::iter::repeat_n(whole, count));
                axis += count;
            }
            _ => return None,
        }
    }
    Some(info)
}

/// A Python slice of an axis of `length` elements, its bounds resolved as Python's `slice.indices` does. Python counts from `start`
/// down when the step is negative; ndarray takes the range of the elements and walks it from its end.
fn range(slice: Slice, length: usize) -> SliceInfoElem {
    let (length, step) = (length as i64, slice.step.unwrap_or(1));
    let (low, high) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let resolve = |bound: i64| (if bound < 0 { bound.saturating_add(length) } else { bound }).clamp(low, high);
    let (start, end) = if step < 0 {
        (slice.stop.map_or(low, resolve) + 1, slice.start.map_or(high, resolve) + 1)
    } else {
        (slice.start.map_or(low, resolve), slice.stop.map_or(high, resolve))
    };
    SliceInfoElem::Slice { start: start as isize, end: Some(end as isize), step: step as isize }
}
