//! The element-wise functions of two arrays, which the crate promotes to a common type.
//!
//! A scalar has the type of the array's elements, or is complex beside a real array.

use std::sync::Arc;

use num_complex::Complex;
use rstsr::prelude::rt;

use crate::array::{Native, Tsr};
use crate::function::{Form, Function, array, give, scalar};

/// The forms of a function for arrays of two types of a set that the standard promotes.
macro_rules! arrays {
    ($native:ident, $set:ident) => {
        promoted!($set, A, B => of_arrays::<A, B, _>(|a, b| rt::$native(a, b)))
    };
}

/// The forms of a function for an array and a scalar of its dtype, in either order.
macro_rules! scalars {
    ($native:ident, $set:tt) => {{
        let mut forms = each!($set, T => of_array_and_scalar::<T, T, _>(|a, s| rt::$native(a, s)));
        forms.extend(each!($set, T => of_scalar_and_array::<T, T, _>(|s, b| rt::$native(s, b))));
        forms
    }};
}

/// The forms of a function for a real array and a complex scalar of its precision, in either order.
macro_rules! complex_scalars {
    ($native:ident) => {{
        let mut forms = each!(floats, T => of_array_and_scalar::<T, Complex<T>, _>(|a, s| rt::$native(a, s)));
        forms.extend(each!(floats, T => of_scalar_and_array::<Complex<T>, T, _>(|s, b| rt::$native(s, b))));
        forms
    }};
}

/// A function of numbers.
macro_rules! of_numbers {
    ($native:ident) => {
        join([arrays!($native, numbers), scalars!($native, numbers), complex_scalars!($native)])
    };
}

/// A function of numbers that are not complex.
macro_rules! of_reals {
    ($native:ident) => {
        join([arrays!($native, reals), scalars!($native, reals)])
    };
}

/// A comparison of any elements.
macro_rules! equality {
    ($native:ident) => {
        join([arrays!($native, all), scalars!($native, numbers), complex_scalars!($native)])
    };
}

/// A comparison of elements that have an order.
macro_rules! order {
    ($native:ident) => {
        join([arrays!($native, ordered), scalars!($native, reals)])
    };
}

/// A function of integers, or of integers and booleans.
macro_rules! bitwise {
    ($native:ident, $set:ident) => {
        join([arrays!($native, $set), scalars!($native, integers)])
    };
}

/// A function of booleans.
macro_rules! of_booleans {
    ($native:ident) => {
        pairs!([bool], [bool], A, B => of_arrays::<A, B, _>(|a, b| rt::$native(a, b)))
    };
}

fn function(name: &'static str, native: &'static str, forms: Vec<Form>) -> Function {
    Function { name, native, parameters: &[], forms }
}

fn join<const N: usize>(lists: [Vec<Form>; N]) -> Vec<Form> {
    lists.into_iter().flatten().collect()
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    vec![
        function("add", "ext_add_f", of_numbers!(ext_add_f)),
        function("subtract", "ext_sub_f", of_numbers!(ext_sub_f)),
        function("multiply", "ext_mul_f", of_numbers!(ext_mul_f)),
        function("divide", "ext_div_f", of_numbers!(ext_div_f)),
        function("pow", "pow_f", of_numbers!(pow_f)),
        function("logaddexp", "log_add_exp_f", of_numbers!(log_add_exp_f)),
        function("floor_divide", "floor_divide_f", of_reals!(floor_divide_f)),
        function("maximum", "maximum_f", of_reals!(maximum_f)),
        function("minimum", "minimum_f", of_reals!(minimum_f)),
        function("atan2", "atan2_f", of_reals!(atan2_f)),
        function("copysign", "copysign_f", of_reals!(copysign_f)),
        function("hypot", "hypot_f", of_reals!(hypot_f)),
        function("nextafter", "nextafter_f", of_reals!(nextafter_f)),
        function("equal", "equal_f", equality!(equal_f)),
        function("not_equal", "not_equal_f", equality!(not_equal_f)),
        function("less", "less_f", order!(less_f)),
        function("less_equal", "less_equal_f", order!(less_equal_f)),
        function("greater", "greater_f", order!(greater_f)),
        function("greater_equal", "greater_equal_f", order!(greater_equal_f)),
        function("bitwise_and", "ext_bitand_f", bitwise!(ext_bitand_f, bits)),
        function("bitwise_or", "ext_bitor_f", bitwise!(ext_bitor_f, bits)),
        function("bitwise_xor", "ext_bitxor_f", bitwise!(ext_bitxor_f, bits)),
        function("logical_and", "ext_bitand_f", of_booleans!(ext_bitand_f)),
        function("logical_or", "ext_bitor_f", of_booleans!(ext_bitor_f)),
        function("logical_xor", "ext_bitxor_f", of_booleans!(ext_bitxor_f)),
        function("bitwise_left_shift", "ext_shl_f", bitwise!(ext_shl_f, integers)),
        function("bitwise_right_shift", "ext_shr_f", bitwise!(ext_shr_f, integers)),
    ]
}

/// The form of two arrays.
pub(crate) fn of_arrays<A: Native, B: Native, R: Native>(call: fn(&Tsr<A>, &Tsr<B>) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x1, x2] => give(call(array(x1)?, array(x2)?)),
        _ => None,
    })
}

/// The form of an array and a scalar.
pub(crate) fn of_array_and_scalar<A: Native, S: Native, R: Native>(call: fn(&Tsr<A>, S) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x1, x2] => give(call(array(x1)?, scalar(x2)?)),
        _ => None,
    })
}

/// The form of a scalar and an array.
pub(crate) fn of_scalar_and_array<S: Native, B: Native, R: Native>(call: fn(S, &Tsr<B>) -> rt::Result<Tsr<R>>) -> Form {
    Arc::new(move |args| match args {
        [x1, x2] => give(call(scalar(x1)?, array(x2)?)),
        _ => None,
    })
}
