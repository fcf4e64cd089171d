//! The functions of the category `manipulation`, and the attributes of an array.
//!
//! What the crate makes as a view keeps its strides here: the tensor is cloned, and the clone is turned into the other layout.

use std::sync::Arc;

use array_assay_interface::{Argument, CallError, Output};
use num_complex::Complex;
use rstsr::prelude::rt::rstsr_structs::{AxesIndex, RepeatArg, RepeatArgs, ReshapeArgs, RollArgs};
use rstsr::prelude::{FlagOrder, rt};

use crate::array::{Native, RsArray};
use crate::function::{Args, Form, Function, Given, array, axes, give, give_any, give_output, int, ints};

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let joined = |name, native, forms| Function { name, native, parameters: &["_", "axis=0"], forms };
    vec![
        Function::of("broadcast_arrays", "broadcast_arrays_f", &["*"], broadcast_arrays),
        Function::of("broadcast_shapes", "broadcast_shapes_f", &["*"], broadcast_shapes),
        Function::of("broadcast_to", "into_broadcast_f", &["_", "shape"], |args| {
            let [Argument::Array(x), shape] = args else { return None };
            let shape: Vec<usize> = ints(shape)?;
            give_any(with_array!(x, x => rt::into_broadcast_f(x.clone(), shape).map(Native::wrap)))
        }),
        joined("concat", "concat_f", each!(all, T => joined_by::<T>(|arrays, axis| give(rt::concat_f((arrays, axis)))))),
        Function::of("expand_dims", "into_expand_dims_f", &["_", "axis"], |args| {
            let [Argument::Array(x), by] = args else { return None };
            let by = axes(by)?;
            give_any(with_array!(x, x => rt::into_expand_dims_f(x.clone(), by).map(Native::wrap)))
        }),
        Function::of("flip", "into_flip_f", &["_", "axis"], |args| {
            let [Argument::Array(x), by] = args else { return None };
            let by = axes(by)?;
            give_any(with_array!(x, x => rt::into_flip_f(x.clone(), by).map(Native::wrap)))
        }),
        Function::of("matrix_transpose", "into_matrix_transpose_f", &["_"], matrix_transpose),
        Function::of("moveaxis", "into_moveaxis_f", &["_", "_", "_"], |args| {
            let [Argument::Array(x), source, destination] = args else { return None };
            let (source, destination) = (axes(source)?, axes(destination)?);
            give_any(with_array!(x, x => rt::into_moveaxis_f(x.clone(), source, destination).map(Native::wrap)))
        }),
        Function::of("permute_dims", "into_permute_dims_f", &["_", "axes"], |args| {
            let [Argument::Array(x), order] = args else { return None };
            let order = axes(order)?;
            give_any(with_array!(x, x => rt::into_permute_dims_f(x.clone(), order).map(Native::wrap)))
        }),
        Function::of("repeat", "repeat_f", &["_", "repeats", "axis"], repeat),
        Function::of("reshape", "reshape_with_args_f", &["_", "shape", "copy"], reshape),
        Function::of("roll", "roll_f", &["_", "shift", "axis"], |args| {
            let [Argument::Array(x), shift, axis] = args else { return None };
            let (shift, axis) = (axes(shift)?, axes(axis)?);
            give_any(with_array!(x, x => rt::roll_f(x, RollArgs { shift, axis }).map(Native::wrap)))
        }),
        Function::of("squeeze", "into_squeeze_f", &["_", "axis"], |args| {
            let [Argument::Array(x), by] = args else { return None };
            let by = axes(by)?;
            give_any(with_array!(x, x => rt::into_squeeze_f(x.clone(), by).map(Native::wrap)))
        }),
        joined("stack", "stack_f", each!(all, T => joined_by::<T>(|arrays, axis| give(rt::stack_f((arrays, axis)))))),
        Function::of("tile", "tile_f", &["_", "_"], |args| {
            let [Argument::Array(x), repetitions] = args else { return None };
            let repetitions: AxesIndex<usize> = AxesIndex::Vec(ints(repetitions)?);
            give_any(with_array!(x, x => rt::tile_f(x, repetitions).map(Native::wrap)))
        }),
        Function::of("unstack", "unstack_f", &["_", "axis=0"], unstack),
        Function::of("attribute.T", "into_reverse_axes", &["_"], |args| {
            let [Argument::Array(x)] = args else { return None };
            give_any(Ok(with_array!(x, x => Native::wrap(rt::into_reverse_axes(x.clone())))))
        }),
        Function::of("attribute.shape", "shape", &["_"], |args| {
            let [Argument::Array(x)] = args else { return None };
            Some(Ok(Output::ints(x.shape().iter().copied())))
        }),
        Function::of("attribute.ndim", "ndim", &["_"], |args| {
            let [Argument::Array(x)] = args else { return None };
            Some(Ok(Output::int(with_array!(x, x => x.ndim()) as i128)))
        }),
        Function::of("attribute.size", "size", &["_"], |args| {
            let [Argument::Array(x)] = args else { return None };
            Some(Ok(Output::int(with_array!(x, x => x.size()) as i128)))
        }),
    ]
}

fn matrix_transpose(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x)] = args else { return None };
    give_any(with_array!(x, x => rt::into_matrix_transpose_f(x.clone()).map(Native::wrap)))
}

/// Arrays of any types have one shape: the crate finds it, and broadcasts each array to it.
fn broadcast_arrays(args: Args<'_, '_>) -> Given {
    let [Argument::Tuple(arrays)] = args else { return None };
    let arrays = arrays.iter().map(Argument::leaf).collect::<Option<Vec<_>>>()?;
    let shapes: Vec<Vec<usize>> = arrays.iter().map(|x| x.shape().to_vec()).collect();
    let broadcast = |shape: Vec<usize>| {
        let to = |x: &&&RsArray| with_array!(x, x => rt::into_broadcast_f(x.clone(), shape.clone()).map(Native::wrap)).map(Output::Array);
        arrays.iter().map(to).collect::<rt::Result<Vec<_>>>().map(Output::Tuple)
    };
    give_output(rt::broadcast_shapes_f(&shapes, FlagOrder::C).and_then(broadcast))
}

fn broadcast_shapes(args: Args<'_, '_>) -> Given {
    let [Argument::Tuple(shapes)] = args else { return None };
    let shapes = shapes.iter().map(ints::<usize>).collect::<Option<Vec<_>>>()?;
    give_output(rt::broadcast_shapes_f(&shapes, FlagOrder::C).map(Output::ints))
}

/// Joins arrays of one dtype. Without an axis, `concat` of the standard flattens, which the crate does not do.
fn joined_by<T: Native>(join: fn(Vec<crate::array::Tsr<T>>, isize) -> Given) -> Form {
    Arc::new(move |args| {
        let [arrays, along] = args else { return None };
        let arrays = arrays.items()?.iter().map(|x| array::<T>(x).cloned()).collect::<Option<Vec<_>>>()?;
        join(arrays, int(along, None)?)
    })
}

fn repeat(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), repeats, axis] = args else { return None };
    let repeats = match repeats {
        Argument::Array(counts) => RepeatArg::Elems(crate::indexing::list(counts)?),
        count => RepeatArg::All(int(count, None)?),
    };
    let axis = axes(axis)?;
    give_any(with_array!(x, x => rt::repeat_f(x, RepeatArgs { repeats, axis }).map(Native::wrap)))
}

/// The crate makes a view where it can. An owned clone of the view stands for it, so no result shares its elements with the argument.
fn reshape(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), shape, copy] = args else { return None };
    let shape = axes(shape)?;
    let copy = if copy.is_none() { None } else { Some(copy.flag()?) };
    if copy == Some(false) {
        return Some(Err(CallError::raised("NoSharing", "an array of the adapter owns its elements, so it shares none with another")));
    }
    let args = ReshapeArgs { order: None, copy };
    give_any(with_array!(x, x => rt::reshape_with_args_f(x, shape, args).map(|x| Native::wrap(x.into_owned()))))
}

fn unstack(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), along] = args else { return None };
    let along: isize = int(along, None)?;
    let parts = with_array!(x, x => rt::unstack_f((x, along)).map(|parts| {
        parts.into_iter().map(|part| Output::Array(Native::wrap(part.into_owned()))).collect()
    }));
    give_output(parts.map(Output::Tuple))
}
