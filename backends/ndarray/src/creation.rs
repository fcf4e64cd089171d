//! The functions of the category `creation` that ndarray has.
//!
//! A Rust constructor is generic over its element type. If a call names no dtype, the elements have the type of the fill value; numbers
//! without one are `f64`, as in Rust. `bool` is neither `Zero` nor `One`. Ranges exist only for floats.

use array_assay_interface::{Argument, DType, Output, Scalar};
use ndarray::{Array1, Array2, ArrayD, IxDyn, MeshIndex, meshgrid};
use num_complex::Complex;

use crate::array::{Native, NdArray};
use crate::function::{Args, Form, Function, Given, array, give, int, scalar, sizes};

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    const ALLOCATED: &[&str] = &["shape", "dtype", "device"];
    const LIKE: &[&str] = &["_", "dtype", "device"];
    const TRIANGLE: &[&str] = &["_", "k=0"];
    vec![
        function("zeros", "zeros", ALLOCATED, each!(numbers, T => allocated::<T>(ArrayD::zeros))),
        function("ones", "ones", ALLOCATED, each!(numbers, T => allocated::<T>(ArrayD::ones))),
        function("zeros_like", "zeros", LIKE, each!(numbers, T => like::<T>(ArrayD::zeros))),
        function("ones_like", "ones", LIKE, each!(numbers, T => like::<T>(ArrayD::ones))),
        function("full", "from_elem", &["shape", "fill_value", "dtype", "device"], each!(all, T => Box::new(full::<T>) as Form)),
        function("full_like", "from_elem", &["_", "fill_value", "dtype", "device"], each!(all, T => Box::new(full_like::<T>) as Form)),
        function("eye", "eye", &["_", "_", "k=0", "dtype", "device"], each!(numbers, T => eye::<T>(|n| Array2::eye(n).into_dyn()))),
        function(
            "linspace",
            "linspace",
            &["_", "_", "num", "dtype", "device", "endpoint"],
            each!(floats, T => Box::new(|args: Args<'_, '_>| {
            let [start, stop, num, dtype, Argument::None | Argument::Device(_), Argument::None | Argument::Scalar(Scalar::Bool(true))] = args else { return None };
            is::<T>(dtype, DType::Float64)?;
            give(T::wrap(Array1::linspace(scalar::<T>(start)?, scalar(stop)?, int(num, None)?).into_dyn()))
        }) as Form),
        ),
        function(
            "arange",
            "range",
            &["_", "stop", "step", "dtype", "device"],
            each!(floats, T => Box::new(|args: Args<'_, '_>| {
            let [start, stop, step, dtype, Argument::None | Argument::Device(_)] = args else { return None };
            // Arguments that are all ints ask for a range of ints.
            let ints = [start, stop, step].iter().all(|bound| matches!(bound, Argument::None | Argument::Scalar(Scalar::Int(_))));
            is::<T>(dtype, if ints { DType::Int64 } else { DType::Float64 })?;
            let (start, stop) = if let Argument::None = stop { (0.0, scalar::<T>(start)?) } else { (scalar(start)?, scalar(stop)?) };
            let step = if let Argument::None = step { 1.0 } else { scalar(step)? };
            give(T::wrap(Array1::range(start, stop, step).into_dyn()))
        }) as Form),
        ),
        function("asarray", "to_owned", &["_", "dtype", "device", "copy"], each!(all, T => Box::new(asarray::<T>) as Form)),
        function("tril", "tril", TRIANGLE, each!(numbers, T => triangle::<T>(|x, k| x.tril(k)))),
        function("triu", "triu", TRIANGLE, each!(numbers, T => triangle::<T>(|x, k| x.triu(k)))),
        function("meshgrid", "meshgrid", &["*", "indexing"], each!(all, T => Box::new(grids::<T>) as Form)),
    ]
}

/// Whether the dtype that the call asks for, or else `default`, has these elements.
fn is<T: Native>(dtype: &Argument<'_, NdArray>, default: DType) -> Option<()> {
    let dtype = match dtype {
        Argument::None => default,
        Argument::Dtype(dtype) => *dtype,
        _ => return None,
    };
    (dtype == T::DTYPE).then_some(())
}

/// A shape. An int is a shape with one axis.
fn shape(arg: &Argument<'_, NdArray>) -> Option<Vec<usize>> {
    sizes(arg).or_else(|| int(arg, None).map(|size| vec![size]))
}

fn allocated<T: Native>(make: fn(IxDyn) -> ArrayD<T>) -> Form {
    Box::new(move |args| {
        let [sizes, dtype, Argument::None | Argument::Device(_)] = args else { return None };
        is::<T>(dtype, DType::Float64)?;
        give(T::wrap(make(IxDyn(&shape(sizes)?))))
    })
}

fn like<T: Native>(make: fn(IxDyn) -> ArrayD<T>) -> Form {
    Box::new(move |args| {
        let [Argument::Array(x), dtype, Argument::None | Argument::Device(_)] = args else { return None };
        is::<T>(dtype, x.dtype())?;
        give(T::wrap(make(IxDyn(x.shape()))))
    })
}

fn full<T: Native>(args: Args<'_, '_>) -> Given {
    let [sizes, Argument::Scalar(value), dtype, Argument::None | Argument::Device(_)] = args else { return None };
    let inferred = match value {
        Scalar::Bool(_) => DType::Bool,
        Scalar::Int(_) => DType::Int32,
        Scalar::Float(_) => DType::Float64,
        Scalar::Complex(_) => DType::Complex128,
    };
    is::<T>(dtype, inferred)?;
    give(T::wrap(ArrayD::from_elem(IxDyn(&shape(sizes)?), T::from_scalar(*value)?)))
}

fn full_like<T: Native>(args: Args<'_, '_>) -> Given {
    let [Argument::Array(x), value, dtype, Argument::None | Argument::Device(_)] = args else { return None };
    is::<T>(dtype, x.dtype())?;
    give(T::wrap(ArrayD::from_elem(IxDyn(x.shape()), scalar(value)?)))
}

/// A square array with ones on the main diagonal.
fn eye<T: Native>(make: fn(usize) -> ArrayD<T>) -> Form {
    Box::new(move |args| {
        let [rows, columns, k, dtype, Argument::None | Argument::Device(_)] = args else { return None };
        is::<T>(dtype, DType::Float64)?;
        let rows = int(rows, None)?;
        (int(columns, Some(rows)) == Some(rows) && int(k, None) == Some(0)).then_some(())?;
        give(T::wrap(make(rows)))
    })
}

/// A copy of an array. The crate can convert elements only with closures.
fn asarray<T: Native>(args: Args<'_, '_>) -> Given {
    let [x, dtype, Argument::None | Argument::Device(_), Argument::None | Argument::Scalar(Scalar::Bool(true))] = args else { return None };
    is::<T>(dtype, T::DTYPE)?;
    give(T::wrap(array::<T>(x)?.to_owned()))
}

fn triangle<T: Native>(of: fn(&ArrayD<T>, isize) -> ArrayD<T>) -> Form {
    Box::new(move |args| {
        let [x, k] = args else { return None };
        give(T::wrap(of(array(x)?, int(k, None)?)))
    })
}

/// The crate takes two to six arrays with one axis. The standard's calls have up to three.
fn grids<T: Native>(args: Args<'_, '_>) -> Given {
    let [Argument::Tuple(arrays), indexing] = args else { return None };
    let indexing = match indexing {
        Argument::None => MeshIndex::XY,
        name => match name.text()? {
            "xy" => MeshIndex::XY,
            "ij" => MeshIndex::IJ,
            _ => return None,
        },
    };
    let vectors = arrays.iter().map(|x| array::<T>(x)?.view().into_dimensionality().ok()).collect::<Option<Vec<_>>>()?;
    let grids = match vectors.as_slice() {
        [a, b] => {
            let (a, b) = meshgrid((a, b), indexing);
            vec![a.to_owned().into_dyn(), b.to_owned().into_dyn()]
        }
        [a, b, c] => {
            let (a, b, c) = meshgrid((a, b, c), indexing);
            vec![a.to_owned().into_dyn(), b.to_owned().into_dyn(), c.to_owned().into_dyn()]
        }
        _ => return None,
    };
    Some(Ok(Output::Tuple(grids.into_iter().map(|grid| Output::Array(T::wrap(grid))).collect())))
}
