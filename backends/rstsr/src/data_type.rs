//! Casts and promotion, conversions of an array to a scalar, and the attributes of an array that are no numbers.
//!
//! The crate's table of the standard names for `astype` the cast of an element, `DTypeCastAPI::into_cast`, and for `result_type` and
//! `can_cast` the trait `DTypePromoteAPI`.

use std::sync::Arc;

use array_assay_interface::{Argument, DType, Output};
use num_complex::Complex;
use rstsr::prelude::rt::rstsr_traits::TensorDeviceChangeAPI as _;
use rstsr_dtype_traits::{DTypeCastAPI, DTypePromoteAPI};

use crate::array::{Native, RsArray, Tsr};
use crate::function::{Args, Form, Function, Given, array, give, give_any, give_output, here};

/// What the crate says of two element types.
struct Promotion {
    of: (DType, DType),
    /// The common type.
    to: DType,
    /// Whether that is the second type.
    casts: bool,
}

fn promotions() -> Vec<Promotion> {
    pairs!(all, all, A, B => Promotion {
        of: (A::DTYPE, B::DTYPE),
        to: <<A as DTypePromoteAPI<B>>::Res as Native>::DTYPE,
        casts: <A as DTypePromoteAPI<B>>::CAN_CAST_OTHER,
    })
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    let to_scalar = |name, forms| Function { name, native: "to_scalar_f", parameters: &[], forms };
    let promoted = |call: fn(&[Promotion], Args<'_, '_>) -> Given| {
        let promotions = promotions();
        vec![Arc::new(move |args: Args<'_, '_>| call(&promotions, args)) as Form]
    };
    vec![
        function("astype", "into_cast", &["_", "_", "copy", "device"], casts()),
        function("result_type", "DTypePromoteAPI::Res", &["*"], promoted(result_type)),
        function("can_cast", "DTypePromoteAPI::CAN_CAST_OTHER", &["_", "_"], promoted(can_cast)),
        to_scalar("builtins.bool", each!(all, T => scalar::<T, bool>(DTypeCastAPI::into_cast))),
        to_scalar("builtins.float", each!(ordered, T => scalar::<T, f64>(DTypeCastAPI::into_cast))),
        to_scalar("builtins.complex", each!(all, T => scalar::<T, Complex<f64>>(DTypeCastAPI::into_cast))),
        to_scalar("operator.index", each!(integers, T => scalar::<T, T>(DTypeCastAPI::into_cast))),
        to_scalar("builtins.int", ints()),
        Function::of("attribute.dtype", "T", &["_"], |args| {
            let [Argument::Array(x)] = args else { return None };
            Some(Ok(Output::Dtype(x.dtype())))
        }),
        Function::of("attribute.device", "device", &["_"], |args| {
            let [Argument::Array(_)] = args else { return None };
            Some(Ok(Output::Device(crate::DEVICE.to_owned())))
        }),
        Function::of("method.to_device", "to_device_f", &["_", "_", "stream"], |args| {
            let [Argument::Array(x), device, Argument::None] = args else { return None };
            here(device)?;
            give_any(with_array!(x, x => x.clone().change_device_f(x.device()).map(Native::wrap)))
        }),
    ]
}

fn casts() -> Vec<Form> {
    let mut forms = casts!(T, R => cast::<T, R>(|x| x.mapv_f(DTypeCastAPI::<R>::into_cast)));
    forms.extend(pairs!(all, [bool], T, R => cast::<T, R>(|x| x.mapv_f(DTypeCastAPI::<R>::into_cast))));
    forms.extend(pairs!([bool], numbers, T, R => cast::<T, R>(|x| x.mapv_f(DTypeCastAPI::<R>::into_cast))));
    forms
}

/// The dtype of an argument that is a dtype or an array.
fn dtype_of(arg: &Argument<'_, RsArray>) -> Option<DType> {
    arg.dtype().or_else(|| arg.leaf().map(|x| x.dtype()))
}

/// The common type of several is that of the first two, and so on from the left.
fn result_type(promotions: &[Promotion], args: Args<'_, '_>) -> Given {
    let [Argument::Tuple(items)] = args else { return None };
    let dtypes = items.iter().map(dtype_of).collect::<Option<Vec<_>>>()?;
    let common = |a: DType, b: DType| promotions.iter().find(|p| p.of == (a, b)).map(|p| p.to);
    let (first, others) = dtypes.split_first()?;
    let dtype = others.iter().try_fold(*first, |a, b| common(a, *b))?;
    Some(Ok(Output::Dtype(dtype)))
}

fn can_cast(promotions: &[Promotion], args: Args<'_, '_>) -> Given {
    let [from, Argument::Dtype(to)] = args else { return None };
    let pair = (dtype_of(from)?, *to);
    promotions.iter().find(|p| p.of == pair).map(|p| Ok(Output::bool(p.casts)))
}

fn cast<T: Native, R: Native>(to: fn(&Tsr<T>) -> rstsr::prelude::rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| {
        let [x, dtype, copy, device] = args else { return None };
        here(device)?;
        // A cast gives a new array, so none without a copy where the dtype stays.
        (copy.is_none() || copy.flag()? || T::DTYPE != R::DTYPE).then_some(())?;
        (dtype.dtype()? == R::DTYPE).then_some(())?;
        give(to(array(x)?))
    })
}

/// An int is an element of any integer type, or a boolean. No integer type has every float, and the crate has none without bounds.
fn ints() -> Vec<Form> {
    let mut forms = each!(integers, T => scalar::<T, T>(DTypeCastAPI::into_cast));
    forms.extend(each!([bool], T => scalar::<T, i64>(DTypeCastAPI::into_cast)));
    forms
}

/// The only element of an array, cast.
fn scalar<T: Native, R: Native>(cast: fn(T) -> R) -> Form {
    Arc::new(move |args| {
        let [x] = args else { return None };
        give_output(array::<T>(x)?.to_scalar_f().map(|element| Output::Scalar(cast(element).scalar())))
    })
}
