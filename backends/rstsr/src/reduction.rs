//! The functions of the categories `statistical` and `utility`, and those of `searching` that reduce.

use std::sync::Arc;

use array_assay_interface::{Argument, DType};
use num_complex::Complex;
use rstsr::prelude::rt;
use rstsr::prelude::rt::rstsr_structs::{AxisIndex, CumulativeArgs, ReduceArgs, VarArgs};

use crate::array::{Native, RsArray, Tsr, indices};
use crate::function::{Args, Form, Function, array, axes, flag, give, give_any, int};

const REDUCED: &[&str] = &["_", "axis", "keepdims"];
const TYPED: &[&str] = &["_", "axis", "dtype", "keepdims"];
const SPREAD: &[&str] = &["_", "axis", "correction", "keepdims"];
const RUNNING: &[&str] = &["_", "axis", "dtype", "include_initial"];

/// A reduction that keeps the type of the elements, and its sister that takes the type of the result.
macro_rules! typed {
    ($kept:ident, $typed:ident) => {{
        let mut forms = each!(numbers, T => reduced_to::<T, T>(None, |x, by| rt::$kept(x, by)));
        forms.extend(casts!(T, R => reduced_to::<T, R>(Some(R::DTYPE), |x, by| rt::$typed(x, by))));
        forms
    }};
}

/// As `typed`, for a running sum or product.
macro_rules! running {
    ($kept:ident, $typed:ident) => {{
        let mut forms = each!(numbers, T => accumulated_to::<T, T>(None, |x, by| rt::$kept(x, by)));
        forms.extend(casts!(T, R => accumulated_to::<T, R>(Some(R::DTYPE), |x, by| rt::$typed(x, by))));
        forms
    }};
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    vec![
        function("sum", "sum_with_args_f", TYPED, typed!(sum_with_args_f, sum_with_dtype_f)),
        function("prod", "prod_with_args_f", TYPED, typed!(prod_with_args_f, prod_with_dtype_f)),
        function("cumulative_sum", "cumulative_sum_f", RUNNING, running!(cumulative_sum_f, cumulative_sum_with_dtype_f)),
        function("cumulative_prod", "cumulative_prod_f", RUNNING, running!(cumulative_prod_f, cumulative_prod_with_dtype_f)),
        function("max", "max_with_args_f", REDUCED, each!(reals, T => reduced::<T, T>(|x, by| rt::max_with_args_f(x, by)))),
        function("min", "min_with_args_f", REDUCED, each!(reals, T => reduced::<T, T>(|x, by| rt::min_with_args_f(x, by)))),
        function("mean", "mean_with_args_f", REDUCED, each!(inexact, T => reduced::<T, T>(|x, by| rt::mean_with_args_f(x, by)))),
        function("var", "var_with_args_f", SPREAD, each!(inexact, T => spread::<T, _>(|x, by| rt::var_with_args_f(x, by)))),
        function("std", "std_with_args_f", SPREAD, each!(inexact, T => spread::<T, _>(|x, by| rt::std_with_args_f(x, by)))),
        function("all", "all_with_args_f", REDUCED, vec![reduced::<bool, bool>(|x, by| rt::all_with_args_f(x, by))]),
        function("any", "any_with_args_f", REDUCED, vec![reduced::<bool, bool>(|x, by| rt::any_with_args_f(x, by))]),
        function("argmax", "argmax_with_args_f", REDUCED, each!(ordered, T => places::<T>(|x, by| rt::argmax_with_args_f(x, by)))),
        function("argmin", "argmin_with_args_f", REDUCED, each!(ordered, T => places::<T>(|x, by| rt::argmin_with_args_f(x, by)))),
        function(
            "count_nonzero",
            "count_nonzero_with_args_f",
            REDUCED,
            each!(numbers, T => places::<T>(|x, by| rt::count_nonzero_with_args_f(x, by))),
        ),
        function(
            "diff",
            "diff_f",
            &["_", "axis=-1", "n=1", "prepend", "append"],
            each!(numbers, T => {
                differences::<T>(rt::diff_f)
            }),
        ),
    ]
}

/// The axes of a reduction, and whether they stay.
fn by(axis: &Argument<'_, RsArray>, keepdims: &Argument<'_, RsArray>) -> Option<ReduceArgs> {
    Some(ReduceArgs { axes: axes(axis)?, keepdims: flag(keepdims)? })
}

fn reduced<T: Native, R: Native>(reduce: fn(&Tsr<T>, ReduceArgs) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x, axis, keepdims] => give(reduce(array(x)?, by(axis, keepdims)?)),
        _ => None,
    })
}

/// A reduction to an index or a number of elements.
fn places<T: Native>(reduce: fn(&Tsr<T>, ReduceArgs) -> rt::Result<Tsr<usize>>) -> Form {
    Arc::new(move |args| match args {
        [x, axis, keepdims] => give_any(reduce(array(x)?, by(axis, keepdims)?).map(indices)),
        _ => None,
    })
}

/// Whether the call asks for this dtype, or for none.
fn asks(arg: &Argument<'_, RsArray>, dtype: Option<DType>) -> bool {
    arg.is_none() && dtype.is_none() || arg.dtype().is_some_and(|asked| Some(asked) == dtype)
}

fn reduced_to<T: Native, R: Native>(dtype: Option<DType>, reduce: fn(&Tsr<T>, ReduceArgs) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x, axis, asked, keepdims] if asks(asked, dtype) => give(reduce(array(x)?, by(axis, keepdims)?)),
        _ => None,
    })
}

fn accumulated_to<T: Native, R: Native>(dtype: Option<DType>, reduce: fn(&Tsr<T>, CumulativeArgs) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x, axis, asked, include_initial] if asks(asked, dtype) => {
            let axis = if axis.is_none() { None } else { Some(int(axis, None)?) };
            give(reduce(array(x)?, CumulativeArgs { axis, include_initial: flag(include_initial)? }))
        }
        _ => None,
    })
}

fn spread<T: Native, R: Native>(reduce: fn(&Tsr<T>, VarArgs) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| {
        let [x, axis, correction, keepdims] = args else { return None };
        let correction = if correction.is_none() { None } else { Some(crate::function::scalar::<f64>(correction)?) };
        give(reduce(array(x)?, VarArgs { axes: axes(axis)?, keepdims: flag(keepdims)?, correction }))
    })
}

type Differences<T> = fn(&Tsr<T>, AxisIndex<isize>, usize, Option<&Tsr<T>>, Option<&Tsr<T>>) -> rt::Result<Tsr<T>>;

fn differences<T: Native>(of: Differences<T>) -> Form {
    Arc::new(move |args: Args<'_, '_>| {
        let [x, axis, n, prepend, append] = args else { return None };
        let beside = |arg| if Argument::is_none(arg) { Some(None) } else { array::<T>(arg).map(Some) };
        give(of(array(x)?, AxisIndex::Val(int(axis, None)?), int(n, None)?, beside(prepend)?, beside(append)?))
    })
}
