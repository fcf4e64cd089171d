//! Reads and writes parts of an array.
//!
//! Strides are kept, also negative ones. The adapter passes an integer of a key to the crate unchanged.

use array_assay_interface::{Argument, Element as HostElement, Scalar, Slice};
use ndarray::{ArrayD, Axis, SliceInfoElem};

use crate::array::{Native, NdArray};
use crate::function::{Args, Function, Given, array, axis, give, scalar};

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::of("operator.getitem", "slice_move", &[], getitem),
        Function::of("operator.setitem", "slice_mut", &[], setitem),
        Function::of("take", "select", &["_", "_", "axis"], take),
    ]
}

fn getitem(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), key] = args else { return None };
    let info = slice_info(x.shape(), key)?;
    give(with_array!(x, x => Native::wrap(x.clone().slice_move(info.as_slice()))))
}

/// `assign` with an array of the same dtype, `fill` with a scalar. A mask is not accepted as a key.
fn setitem(args: Args<'_, '_>) -> Given {
    fn assigned<T: Native>(x: &ArrayD<T>, info: &[SliceInfoElem], value: &Argument<'_, NdArray>) -> Option<NdArray> {
        let mut x = x.clone();
        match array(value) {
            Some(value) => x.slice_mut(info).assign::<ndarray::IxDyn>(value),
            None => x.slice_mut(info).fill(scalar(value)?),
        }
        Some(T::wrap(x))
    }
    let [Argument::Array(x), key, value] = args else { return None };
    let info = slice_info(x.shape(), key)?;
    give(with_array!(x, x => assigned(x, &info, value))?)
}

/// The crate has no negative indices.
fn take(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), Argument::Array(indices), along] = args else { return None };
    let along = match along {
        Argument::None => Axis(0),
        along => axis(along, x.shape().len())?,
    };
    let index = |element| match element {
        HostElement::Int(v) => usize::try_from(v).ok(),
        _ => None,
    };
    let indices = (indices.shape().len() == 1).then(|| indices.to_host().elements().map(index).collect::<Option<Vec<_>>>())??;
    give(with_array!(x, x => Native::wrap(x.select(along, &indices))))
}

/// A Python key in the form that the crate takes: ints, slices, `None`, and one `...`, which stands for all remaining axes. `None` for a key
/// with arrays, which the crate does not take.
fn slice_info(shape: &[usize], key: &Argument<'_, NdArray>) -> Option<Vec<SliceInfoElem>> {
    let items = key.parts();
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
                // The crate itself refuses a key that is longer than the rank.
                info.push(range(*slice, shape.get(axis).copied().unwrap_or(0))?);
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

/// A Python slice of an axis with `length` elements; `None` for one with the step 0. With a negative step Python counts down from `start`,
/// but ndarray takes the range of the elements and walks it from its end.
fn range(slice: Slice, length: usize) -> Option<SliceInfoElem> {
    let ((start, stop), step) = (slice.bounds(length)?, slice.step.unwrap_or(1));
    let (start, end) = if step < 0 { (stop + 1, start + 1) } else { (start, stop) };
    Some(SliceInfoElem::Slice { start: start as isize, end: Some(end as isize), step: step as isize })
}
