//! The functions of the category `creation`.
//!
//! A Rust constructor is generic over its element type. If a call names no dtype, the elements have the type of Rust's literals: `i32` for
//! ints, `f64` for floats.

use std::sync::Arc;

use array_assay_interface::{Argument, CallError, DType, Output, Scalar};
use num_complex::Complex;
use rstsr::prelude::rt;

use crate::array::{Home, Native, RsArray, Tsr};
use crate::function::{Args, Form, Function, Given, array, give, give_output, here, int, ints, is, scalar};

/// A form with the types of its closure written out.
macro_rules! form {
    (|$args:ident| $body:expr) => {
        Arc::new(|$args: Args<'_, '_>| -> Given { $body }) as Form
    };
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    filled().into_iter().chain(ranges_and_copies()).collect()
}

/// The functions that fill an array with one value, and `empty`, which fills it with none.
fn filled() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    const ALLOCATED: &[&str] = &["shape", "dtype", "device"];
    const LIKE: &[&str] = &["_", "dtype", "device"];
    vec![
        function("zeros", "zeros_f", ALLOCATED, each!(numbers, T => allocated::<T>(|shape, device| rt::zeros_f((shape, device))))),
        function("ones", "ones_f", ALLOCATED, each!(numbers, T => allocated::<T>(|shape, device| rt::ones_f((shape, device))))),
        function("zeros_like", "zeros_f", LIKE, each!(numbers, T => like::<T>(|shape, device| rt::zeros_f((shape, device))))),
        function("ones_like", "ones_f", LIKE, each!(numbers, T => like::<T>(|shape, device| rt::ones_f((shape, device))))),
        Function::of("empty", "empty_f", ALLOCATED, |_| not_safe("empty_f")),
        Function::of("empty_like", "empty_like_f", LIKE, |_| not_safe("empty_like_f")),
        function(
            "full",
            "full_f",
            &["shape", "fill_value", "dtype", "device"],
            each!(all, T => form!(|args| {
                let [sizes, value, dtype, device] = args else { return None };
                is::<T>(dtype, literal(value)?)?;
                here(device)?;
                give(rt::full_f((shape(sizes)?, scalar::<T>(value)?, &Home::default())))
            })),
        ),
        function(
            "full_like",
            "full_f",
            &["_", "fill_value", "dtype", "device"],
            each!(all, T => form!(|args| {
                let [Argument::Array(x), value, dtype, device] = args else { return None };
                is::<T>(dtype, x.dtype())?;
                here(device)?;
                give(rt::full_f((x.shape().to_vec(), scalar::<T>(value)?, x.device())))
            })),
        ),
    ]
}

/// Arrays of numbers at equal distances, and arrays made of others.
fn ranges_and_copies() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    const TRIANGLE: &[&str] = &["_", "k=0"];
    vec![
        function(
            "eye",
            "eye_f",
            &["_", "_", "k=0", "dtype", "device"],
            each!(numbers, T => form!(|args| {
                let [rows, columns, k, dtype, device] = args else { return None };
                is::<T>(dtype, DType::Float64)?;
                here(device)?;
                let rows: usize = int(rows, None)?;
                give::<T>(rt::eye_f((rows, int(columns, Some(rows))?, int(k, None)?, &Home::default())))
            })),
        ),
        function(
            "linspace",
            "linspace_f",
            &["_", "_", "num", "dtype", "device", "endpoint"],
            each!(inexact, T => form!(|args| {
                let [start, stop, num, dtype, device, endpoint] = args else { return None };
                let complex = [start, stop].iter().any(|end| matches!(end.scalar(), Some(Scalar::Complex(_))));
                is::<T>(dtype, if complex { DType::Complex128 } else { DType::Float64 })?;
                here(device)?;
                let endpoint = if endpoint.is_none() { true } else { endpoint.flag()? };
                give(rt::linspace_f((scalar::<T>(start)?, scalar::<T>(stop)?, int(num, None)?, endpoint, &Home::default())))
            })),
        ),
        function(
            "arange",
            "arange_f",
            &["_", "stop", "step", "dtype", "device"],
            each!(reals, T => form!(|args| {
                let [start, stop, step, dtype, device] = args else { return None };
                let ints = [start, stop, step].iter().all(|bound| bound.is_none() || matches!(bound.scalar(), Some(Scalar::Int(_))));
                is::<T>(dtype, if ints { DType::Int32 } else { DType::Float64 })?;
                here(device)?;
                let (device, start) = (&Home::default(), scalar::<T>(start)?);
                give(match (stop.is_none(), step.is_none()) {
                    (true, true) => rt::arange_f((start, device)),
                    (true, false) => rt::arange_f((scalar::<T>(&Scalar::Int(0).into())?, start, scalar::<T>(step)?, device)),
                    (false, true) => rt::arange_f((start, scalar::<T>(stop)?, device)),
                    (false, false) => rt::arange_f((start, scalar::<T>(stop)?, scalar::<T>(step)?, device)),
                })
            })),
        ),
        function("asarray", "asarray_f", &["_", "dtype", "device", "copy"], each!(all, T => Arc::new(asarray::<T>) as Form)),
        Function::of("newaxis", "NewAxis", &[], |_| Some(Ok(Output::None))),
        function("tril", "tril_f", TRIANGLE, each!(numbers, T => triangle::<T>(|x, k| rt::tril_f((x, k))))),
        function("triu", "triu_f", TRIANGLE, each!(numbers, T => triangle::<T>(|x, k| rt::triu_f((x, k))))),
        function(
            "meshgrid",
            "meshgrid_f",
            &["*", "indexing"],
            each!(all, T => form!(|args| {
                let [Argument::Tuple(arrays), indexing] = args else { return None };
                let indexing = if indexing.is_none() { "xy" } else { indexing.text()? };
                let arrays = arrays.iter().map(array::<T>).collect::<Option<Vec<_>>>()?;
                let grids = rt::meshgrid_f((arrays, indexing, true));
                give_output(grids.map(|grids| Output::Tuple(grids.into_iter().map(|x| Output::Array(T::wrap(x.into_owned()))).collect())))
            })),
        ),
    ]
}

/// What a Rust user of safe functions has of an unsafe one.
fn not_safe(native: &str) -> Given {
    Some(Err(CallError::raised(
        "Unsafe",
        format!("`{native}` of the crate RSTSR is an unsafe function, and the adapter calls safe ones only"),
    )))
}

/// A shape. An int is a shape with one axis.
fn shape(arg: &Argument<'_, RsArray>) -> Option<Vec<usize>> {
    ints(arg).or_else(|| int(arg, None).map(|size| vec![size]))
}

/// The dtype of a literal in Rust.
fn literal(value: &Argument<'_, RsArray>) -> Option<DType> {
    Some(match value.scalar()? {
        Scalar::Bool(_) => DType::Bool,
        Scalar::Int(_) => DType::Int32,
        Scalar::Float(_) => DType::Float64,
        Scalar::Complex(_) => DType::Complex128,
    })
}

fn allocated<T: Native>(make: fn(Vec<usize>, &Home) -> rt::Result<Tsr<T>>) -> Form {
    Arc::new(move |args| {
        let [sizes, dtype, device] = args else { return None };
        is::<T>(dtype, DType::Float64)?;
        here(device)?;
        give(make(shape(sizes)?, &Home::default()))
    })
}

fn like<T: Native>(make: fn(Vec<usize>, &Home) -> rt::Result<Tsr<T>>) -> Form {
    Arc::new(move |args| {
        let [Argument::Array(x), dtype, device] = args else { return None };
        is::<T>(dtype, x.dtype())?;
        here(device)?;
        give(make(x.shape().to_vec(), x.device()))
    })
}

/// A copy of an array, an array of one scalar, or an array of the scalars in a list. The crate makes nothing of nested lists whose depth is
/// known only at run time.
fn asarray<T: Native>(args: Args<'_, '_>) -> Given {
    let [x, dtype, device, copy] = args else { return None };
    here(device)?;
    match x {
        Argument::Array(_) => {
            is::<T>(dtype, T::DTYPE)?;
            (copy.is_none() || copy.flag()?).then_some(())?;
            give(rt::asarray_f(array::<T>(x)?))
        }
        Argument::Scalar(_) => {
            is::<T>(dtype, literal(x)?)?;
            give(rt::full_f((vec![], scalar::<T>(x)?, &Home::default())))
        }
        _ => {
            let items = x.items()?;
            is::<T>(dtype, items.first().map_or(Some(DType::Float64), literal)?)?;
            let elements = items.iter().map(scalar::<T>).collect::<Option<Vec<_>>>()?;
            give(rt::asarray_f((elements, &Home::default())))
        }
    }
}

fn triangle<T: Native>(of: fn(&Tsr<T>, isize) -> rt::Result<Tsr<T>>) -> Form {
    Arc::new(move |args| {
        let [x, k] = args else { return None };
        give(of(array(x)?, int(k, None)?))
    })
}
