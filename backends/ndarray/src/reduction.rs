//! Sums, products and similar reductions, over all elements or along one axis, which is removed.
//!
//! The crate cannot reduce several axes at once, and cannot keep a reduced axis. The result has the type of the elements.

use array_assay_interface::Argument;
use ndarray::{ArrayD, Axis, IxDyn};
use num_complex::Complex;

use crate::array::{Native, NdArray};
use crate::function::{Form, Function, array, axis, give, give_some, int, is_off, scalar};

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    const TYPED: &[&str] = &["_", "axis", "dtype", "keepdims"];
    const SPREAD: &[&str] = &["_", "axis", "correction=0", "keepdims"];
    vec![
        function("sum", "sum", TYPED, each!(numbers, T => typed::<T>(|x| x.sum(), |x, axis| x.sum_axis(axis)))),
        function("prod", "product", TYPED, each!(numbers, T => typed::<T>(|x| x.product(), |x, axis| x.product_axis(axis)))),
        function("mean", "mean", &["_", "axis", "keepdims"], each!(inexact, T => mean::<T>(|x| x.mean(), |x, axis| x.mean_axis(axis)))),
        function("var", "var", SPREAD, each!(floats, T => spread::<T>(|x, ddof| x.var(ddof), |x, axis, ddof| x.var_axis(axis, ddof)))),
        function("std", "std", SPREAD, each!(floats, T => spread::<T>(|x, ddof| x.std(ddof), |x, axis, ddof| x.std_axis(axis, ddof)))),
        function(
            "cumulative_prod",
            "cumprod",
            &["_", "axis", "dtype", "include_initial"],
            each!(numbers, T => accumulated::<T>(|x, axis| x.cumprod(axis))),
        ),
        function(
            "diff",
            "diff",
            &["_", "axis=-1", "n=1", "prepend", "append"],
            each!(numbers, T => differences::<T>(|x, n, a| x.diff(n, a))),
        ),
    ]
}

/// An array with one element and no axes.
fn single<T: Native>(element: T) -> NdArray {
    T::wrap(ArrayD::from_elem(IxDyn(&[]), element))
}

/// Whether the call asks for the dtype of the elements. Without the argument, a reduction keeps it.
fn keeps<T: Native>(dtype: &Argument<'_, NdArray>) -> bool {
    match dtype {
        Argument::None => true,
        Argument::Dtype(dtype) => *dtype == T::DTYPE,
        _ => false,
    }
}

fn typed<T: Native>(all: fn(&ArrayD<T>) -> T, along: fn(&ArrayD<T>, Axis) -> ArrayD<T>) -> Form {
    Box::new(move |args| match args {
        [x, by, dtype, keepdims] if keeps::<T>(dtype) && is_off(keepdims) => {
            let x = array(x)?;
            give(if let Argument::None = by { single(all(x)) } else { T::wrap(along(x, axis(by, x.ndim())?)) })
        }
        _ => None,
    })
}

fn mean<T: Native>(all: fn(&ArrayD<T>) -> Option<T>, along: fn(&ArrayD<T>, Axis) -> Option<ArrayD<T>>) -> Form {
    Box::new(move |args| match args {
        [x, by, keepdims] if is_off(keepdims) => {
            let x = array(x)?;
            give_some("mean", if let Argument::None = by { all(x).map(single) } else { along(x, axis(by, x.ndim())?).map(T::wrap) })
        }
        _ => None,
    })
}

fn spread<T: Native>(all: fn(&ArrayD<T>, T) -> T, along: fn(&ArrayD<T>, Axis, T) -> ArrayD<T>) -> Form {
    Box::new(move |args| match args {
        [x, by, correction, keepdims] if is_off(keepdims) => {
            let (x, ddof) = (array(x)?, scalar(correction)?);
            give(if let Argument::None = by { single(all(x, ddof)) } else { T::wrap(along(x, axis(by, x.ndim())?, ddof)) })
        }
        _ => None,
    })
}

/// If no axis is named, an array with one axis is reduced along it.
fn accumulated<T: Native>(along: fn(&ArrayD<T>, Axis) -> ArrayD<T>) -> Form {
    Box::new(move |args| match args {
        [x, by, dtype, include_initial] if keeps::<T>(dtype) && is_off(include_initial) => {
            let x = array(x)?;
            let by = if let (Argument::None, 1) = (by, x.ndim()) { Axis(0) } else { axis(by, x.ndim())? };
            give(T::wrap(along(x, by)))
        }
        _ => None,
    })
}

fn differences<T: Native>(of: fn(&ArrayD<T>, usize, Axis) -> ArrayD<T>) -> Form {
    Box::new(move |args| match args {
        [x, by, n, Argument::None, Argument::None] => {
            let x = array(x)?;
            give(T::wrap(of(x, int(n, None)?, axis(by, x.ndim())?)))
        }
        _ => None,
    })
}
