//! The element-wise functions of one array, and `clip` and `where`.

use std::sync::Arc;

use array_assay_interface::Argument;
use num_complex::Complex;
use rstsr::prelude::rt;

use crate::array::{Native, RsArray, Tsr};
use crate::function::{Args, Form, Function, array, give, scalar};

/// A function of one array, for each element type of a set.
macro_rules! unary {
    ($name:literal, $native:ident, $set:tt) => {
        Function { name: $name, native: stringify!($native), parameters: &[], forms: each!($set, T => of_array::<T, _>(|x| rt::$native(x))) }
    };
}

/// The form of an array and two bounds, each a scalar of its dtype, an array of its dtype, or left out.
macro_rules! clip {
    ($T:ty) => {
        Arc::new(|args: Args<'_, '_>| {
            let [x, min, max] = args else { return None };
            let x = array::<$T>(x)?;
            give(match (array::<$T>(min), array::<$T>(max)) {
                (Some(min), Some(max)) => rt::clip_f(x, (min, max)),
                (Some(min), None) => rt::clip_f(x, (min, bound::<$T>(max)?)),
                (None, Some(max)) => rt::clip_f(x, (bound::<$T>(min)?, max)),
                (None, None) => rt::clip_f(x, (bound::<$T>(min)?, bound::<$T>(max)?)),
            })
        }) as Form
    };
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    vec![
        unary!("abs", abs_f, numbers),
        unary!("acos", acos_f, numbers),
        unary!("acosh", acosh_f, numbers),
        unary!("asin", asin_f, numbers),
        unary!("asinh", asinh_f, numbers),
        unary!("atan", atan_f, numbers),
        unary!("atanh", atanh_f, numbers),
        unary!("bitwise_invert", not_f, bits),
        unary!("ceil", ceil_f, reals),
        unary!("conj", conj_f, numbers),
        unary!("cos", cos_f, numbers),
        unary!("cosh", cosh_f, numbers),
        unary!("exp", exp_f, numbers),
        unary!("expm1", expm1_f, numbers),
        unary!("floor", floor_f, reals),
        unary!("imag", imag_f, numbers),
        unary!("isfinite", is_finite_f, inexact),
        unary!("isinf", is_inf_f, inexact),
        unary!("isnan", is_nan_f, inexact),
        unary!("log", log_f, numbers),
        unary!("log1p", log1p_f, numbers),
        unary!("log2", log2_f, numbers),
        unary!("log10", log10_f, numbers),
        unary!("logical_not", not_f, [bool]),
        unary!("negative", ext_neg_f, numbers),
        unary!("positive", positive_f, all),
        unary!("real", real_f, numbers),
        unary!("reciprocal", reciprocal_f, numbers),
        unary!("round", round_f, numbers),
        unary!("sign", sign_f, numbers),
        unary!("signbit", signbit_f, reals),
        unary!("sin", sin_f, numbers),
        unary!("sinh", sinh_f, numbers),
        unary!("square", square_f, numbers),
        unary!("sqrt", sqrt_f, numbers),
        unary!("tan", tan_f, numbers),
        unary!("tanh", tanh_f, numbers),
        unary!("trunc", trunc_f, reals),
        Function { name: "clip", native: "clip_f", parameters: &["_", "min", "max"], forms: each!(reals, T => clip!(T)) },
        Function { name: "where", native: "where_f", parameters: &[], forms: chosen() },
    ]
}

/// The form of one array.
pub(crate) fn of_array<A: Native, R: Native>(call: fn(&Tsr<A>) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x] => give(call(array(x)?)),
        _ => None,
    })
}

/// A bound that is a scalar or left out.
fn bound<T: Native>(arg: &Argument<'_, RsArray>) -> Option<Option<T>> {
    if arg.is_none() { Some(None) } else { scalar(arg).map(Some) }
}

/// The forms of `where`: arrays of two types, which the crate promotes, and an array beside a scalar of its dtype.
fn chosen() -> Vec<Form> {
    let mut forms = promoted!(all, A, B => choice(|condition, x: &Tsr<A>, y: &Tsr<B>| rt::where_f(condition, x, y)));
    forms.extend(each!(numbers, T => Arc::new(|args: Args<'_, '_>| {
        let [condition, x, y] = args else { return None };
        give(rt::where_f(array::<bool>(condition)?, array::<T>(x)?, scalar::<T>(y)?))
    }) as Form));
    forms.extend(each!(numbers, T => Arc::new(|args: Args<'_, '_>| {
        let [condition, x, y] = args else { return None };
        give(rt::where_f(array::<bool>(condition)?, scalar::<T>(x)?, array::<T>(y)?))
    }) as Form));
    forms
}

type Choice<A, B, R> = fn(&Tsr<bool>, &Tsr<A>, &Tsr<B>) -> rt::Result<Tsr<R>>;

fn choice<A: Native, B: Native, R: Native>(call: Choice<A, B, R>) -> Form {
    Arc::new(move |args| match args {
        [condition, x, y] => give(call(array(condition)?, array(x)?, array(y)?)),
        _ => None,
    })
}
