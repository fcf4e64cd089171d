//! Changes the shape of arrays: permutes, inserts, removes and reverses axes, repeats elements, joins arrays and takes them apart.
//!
//! Strides are kept, also negative ones. Only a broadcast array is copied, because ndarray has no owned array that repeats elements.

use array_assay_interface::{Argument, CallError, Output, Scalar};
use ndarray::{ArrayD, ArrayView, Axis, IxDyn, ShapeError};

use crate::array::{Native, NdArray};
use crate::function::{Args, Function, Given, array, axes, axis, give, give_or, sizes};

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    vec![
        Function::of("permute_dims", "permuted_axes", &["_", "axes"], permute_dims),
        Function::of("moveaxis", "permuted_axes", &[], moveaxis),
        Function::of("matrix_transpose", "swap_axes", &[], matrix_transpose),
        Function::of("attribute.T", "reversed_axes", &[], transpose),
        Function::of("broadcast_to", "broadcast", &["_", "shape"], broadcast_to),
        Function::of("reshape", "to_shape", &["_", "shape", "copy"], reshape),
        Function::of("expand_dims", "insert_axis", &["_", "axis"], expand_dims),
        Function::of("squeeze", "remove_axis", &["_", "axis"], squeeze),
        Function::of("flip", "invert_axis", &["_", "axis"], flip),
        Function::of("concat", "concatenate", &["_", "axis=0"], |args| joined(args, 0)),
        Function::of("stack", "stack", &["_", "axis=0"], |args| joined(args, 1)),
        Function::of("unstack", "axis_iter", &["_", "axis=0"], unstack),
        Function::of("attribute.shape", "shape", &[], shape),
        Function::of("attribute.ndim", "ndim", &[], |args| count(args, |x| with_array!(x, x => x.ndim()))),
        Function::of("attribute.size", "len", &[], |args| count(args, |x| with_array!(x, x => x.len()))),
    ]
}

fn permute_dims(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), order] = args else { return None };
    let order: Vec<usize> = axes(order, x.shape().len())?.iter().map(|axis| axis.0).collect();
    give(with_array!(x, x => Native::wrap(x.clone().permuted_axes(order))))
}

/// The permutation that two lists of axes mean. The crate itself refuses an axis that occurs twice.
fn moveaxis(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), source, destination] = args else { return None };
    let rank = x.shape().len();
    let (source, destination) = (axes(source, rank)?, axes(destination, rank)?);
    destination.iter().all(|axis| axis.0 < rank).then_some(())?;
    let mut order: Vec<usize> = (0..rank).filter(|axis| !source.contains(&Axis(*axis))).collect();
    let mut moves: Vec<_> = destination.iter().zip(&source).filter(|_| source.len() == destination.len()).collect();
    moves.sort_by_key(|(to, _)| to.0);
    for (to, from) in moves {
        order.insert(to.0.min(order.len()), from.0);
    }
    give(with_array!(x, x => Native::wrap(x.clone().permuted_axes(order))))
}

fn matrix_transpose(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x)] = args else { return None };
    let (row, column) = (x.shape().len().checked_sub(2)?, x.shape().len() - 1);
    give(with_array!(x, x => {
        let mut x = x.clone();
        x.swap_axes(row, column);
        Native::wrap(x)
    }))
}

fn transpose(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x)] = args else { return None };
    give(with_array!(x, x => Native::wrap(x.clone().reversed_axes())))
}

fn broadcast_to(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), shape] = args else { return None };
    let shape = sizes(shape)?;
    let repeated = with_array!(x, x => x.broadcast(IxDyn(&shape)).map(|view| Native::wrap(view.to_owned())));
    let none = || CallError::raised("None", format!("`broadcast` of shape {:?} to {shape:?} gave `None`", x.shape()));
    Some(repeated.map(Output::Array).ok_or_else(none))
}

/// Arrays of this adapter own their elements, so none can share the elements of another, as `copy=False` asks for.
fn reshape(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), shape, Argument::None | Argument::Scalar(Scalar::Bool(true))] = args else { return None };
    let shape = sizes(shape)?;
    give_or(with_array!(x, x => x.to_shape(IxDyn(&shape)).map(|x| Native::wrap(x.into_owned()))))
}

fn expand_dims(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), new] = args else { return None };
    let new = axis(new, x.shape().len() + 1)?;
    give(with_array!(x, x => Native::wrap(x.clone().insert_axis(new))))
}

/// `remove_axis` keeps the first of any number of elements, so it is `squeeze` only for axes with one element.
fn squeeze(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), gone] = args else { return None };
    let mut gone = axes(gone, x.shape().len())?;
    gone.sort_by_key(|axis| std::cmp::Reverse(axis.0));
    gone.iter().all(|axis| x.shape().get(axis.0) == Some(&1)).then_some(())?;
    give(with_array!(x, x => Native::wrap(gone.iter().fold(x.clone(), |x, axis| x.remove_axis(*axis)))))
}

fn flip(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), reversed] = args else { return None };
    let reversed = match reversed {
        Argument::None => (0..x.shape().len()).map(Axis).collect(),
        reversed => axes(reversed, x.shape().len())?,
    };
    give(with_array!(x, x => {
        let mut x = x.clone();
        reversed.iter().for_each(|axis| x.invert_axis(*axis));
        Native::wrap(x)
    }))
}

/// Joins arrays of one dtype along an existing axis, or along a new one.
fn joined(args: Args<'_, '_>, new: usize) -> Given {
    fn join<T: Native>(_: &ArrayD<T>, arrays: &[Argument<'_, NdArray>], along: Axis, new: usize) -> Option<Result<NdArray, ShapeError>> {
        let views = arrays.iter().map(|x| array::<T>(x).map(|x| x.view())).collect::<Option<Vec<ArrayView<'_, T, _>>>>()?;
        let joined = if new == 0 { ndarray::concatenate(along, &views) } else { ndarray::stack(along, &views) };
        Some(joined.map(T::wrap))
    }
    let [arrays, along] = args else { return None };
    let arrays = arrays.items()?;
    let Argument::Array(first) = arrays.first()? else { return None };
    // `axis=None` asks `concat` to flatten the arrays, which `concatenate` does not do.
    let along = axis(along, first.shape().len() + new)?;
    give_or(with_array!(first, x => join(x, arrays, along, new))?)
}

fn unstack(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), along] = args else { return None };
    let along = axis(along, x.shape().len())?;
    let parts = with_array!(x, x => x.axis_iter(along).map(|part| Output::Array(Native::wrap(part.to_owned()))).collect());
    Some(Ok(Output::Tuple(parts)))
}

fn shape(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x)] = args else { return None };
    Some(Ok(Output::ints(x.shape().iter().copied())))
}

fn count(args: Args<'_, '_>, of: fn(&NdArray) -> usize) -> Given {
    let [Argument::Array(x)] = args else { return None };
    Some(Ok(Output::int(of(x) as i128)))
}
