//! The operators of arrays, and those that assign.
//!
//! Between arrays with the same elements an operator is Rust's. For different elements the crate's table of the standard names the function
//! `ext_...` beside it, and `ext_neg` for unsigned integers.

use std::sync::Arc;

use num_complex::Complex;
use rstsr::prelude::rt;

use crate::array::{Native, Tsr};
use crate::binary::{of_array_and_scalar, of_arrays, of_scalar_and_array};
use crate::elementwise::of_array;
use crate::function::{Form, Function, array, give, scalar};

/// An operator: between arrays of one type, between an array and a scalar as the second, and as the first. Behind these forms stand those of the
/// function with that name in the standard, for arrays of different types.
macro_rules! operator {
    ($name:literal, $native:ident, $function:literal, $set:tt, $second:tt, $first:tt) => {{
        let mut forms = each!($set, T => of_arrays::<T, T, T>(|a, b| rt::$native(a, b)));
        forms.extend(each!($second, T => of_array_and_scalar::<T, T, T>(|a, s| rt::$native(a, s))));
        forms.extend(each!($first, T => of_scalar_and_array::<T, T, T>(|s, b| rt::$native(s, b))));
        Operator { own: Function { name: $name, native: stringify!($native), parameters: &[], forms }, function: $function }
    }};
}

/// An operator that assigns: an array of the same type, or a scalar.
macro_rules! in_place {
    ($name:literal, $native:ident, $set:tt, $scalars:tt) => {{
        let mut forms = each!($set, T => assigned::<T, T>(|a, b| rt::$native(a, b)));
        forms.extend(each!($scalars, T => assigned_scalar::<T>(|a, s| rt::$native(a, s))));
        Function { name: $name, native: stringify!($native), parameters: &[], forms }
    }};
    ($name:literal, $native:ident, $set:tt, $scalars:tt, $A:ident $B:ident in $first:tt $second:tt) => {{
        let mut function = in_place!($name, $native, $set, $scalars);
        function.forms.extend(pairs!($first, $second, $A, $B => assigned::<$A, $B>(|a, b| rt::$native(a, b))));
        function
    }};
    ($name:literal, $native:ident, real) => {{
        let mut function = in_place!($name, $native, numbers, numbers);
        function.forms.extend(each!(floats, T => assigned::<Complex<T>, T>(|a, b| rt::$native(a, b))));
        function
    }};
}

/// An operator with its own forms, and the function of the standard whose forms stand behind these.
pub(crate) struct Operator {
    pub own: Function,
    pub function: &'static str,
}

/// The operators that give a new array.
pub(crate) fn operators() -> Vec<Operator> {
    vec![
        operator!("operator.add", add_f, "add", numbers, numbers, numbers),
        operator!("operator.sub", sub_f, "subtract", numbers, numbers, numbers),
        operator!("operator.mul", mul_f, "multiply", numbers, numbers, numbers),
        operator!("operator.truediv", div_f, "divide", numbers, numbers, numbers),
        Operator {
            own: Function {
                name: "operator.matmul",
                native: "matmul_f",
                parameters: &[],
                forms: each!(numbers, T => of_arrays::<T, T, T>(|a, b| rt::matmul_f(a, b))),
            },
            function: "matmul",
        },
        Operator {
            own: Function {
                name: "operator.neg",
                native: "neg_f",
                parameters: &[],
                forms: each!(signed, T => of_array::<T, T>(|x| rt::neg_f(x))),
            },
            function: "negative",
        },
        operator!("operator.and_", bitand_f, "bitwise_and", bits, integers, bits),
        operator!("operator.or_", bitor_f, "bitwise_or", bits, integers, bits),
        operator!("operator.xor", bitxor_f, "bitwise_xor", bits, integers, bits),
        operator!("operator.lshift", shl_f, "bitwise_left_shift", integers, integers, integers),
        operator!("operator.rshift", shr_f, "bitwise_right_shift", integers, integers, integers),
    ]
}

/// `remainder`, which has no sister for different types, and the operators that assign.
pub(crate) fn functions() -> Vec<Function> {
    let mut remainder = each!(numbers, T => of_arrays::<T, T, T>(|a, b| rt::rem_f(a, b)));
    remainder.extend(each!(numbers, T => of_array_and_scalar::<T, T, T>(|a, s| rt::rem_f(a, s))));
    remainder.extend(each!(integers, T => of_scalar_and_array::<T, T, T>(|s, b| rt::rem_f(s, b))));
    vec![
        Function { name: "remainder", native: "rem_f", parameters: &[], forms: remainder },
        in_place!("operator.iadd", add_assign_f, real),
        in_place!("operator.isub", sub_assign_f, real),
        in_place!("operator.imul", mul_assign_f, real),
        in_place!("operator.itruediv", div_assign_f, real),
        in_place!("operator.imod", rem_assign_f, numbers, numbers),
        in_place!("operator.iand", bitand_assign_f, bits, integers),
        in_place!("operator.ior", bitor_assign_f, bits, integers),
        in_place!("operator.ixor", bitxor_assign_f, bits, integers),
        in_place!("operator.ilshift", shl_assign_f, integers, integers, A B in integers integers),
        in_place!("operator.irshift", shr_assign_f, integers, integers, A B in integers integers),
    ]
}

/// The form that assigns an array.
fn assigned<A: Native, B: Native>(assign: fn(&mut Tsr<A>, &Tsr<B>) -> rt::Result<()>) -> Form {
    Arc::new(move |args| {
        let [x1, x2] = args else { return None };
        let mut x1 = array::<A>(x1)?.clone();
        give(assign(&mut x1, array(x2)?).map(|()| x1))
    })
}

/// The form that assigns a scalar.
fn assigned_scalar<A: Native>(assign: fn(&mut Tsr<A>, A) -> rt::Result<()>) -> Form {
    Arc::new(move |args| {
        let [x1, x2] = args else { return None };
        let mut x1 = array::<A>(x1)?.clone();
        give(assign(&mut x1, scalar(x2)?).map(|()| x1))
    })
}
