//! The element-wise functions that ndarray has, for every element type that it implements them for.
//!
//! Two element types can be combined where Rust has the operator: complex numbers with real ones of the same precision, and shifts of any
//! integers by any integers, which keep the dtype of the shifted array. A function of two operands that is a method (`powf`, `hypot`) takes
//! a scalar as the second.

use num_complex::Complex;

use crate::function::{Form, Function, of_array, of_array_and_scalar, of_array_and_scalars, of_arrays, of_scalar_and_array};

/// One form for each element type of a set. `$T` stands for the type.
macro_rules! each {
    (all, $T:ident => $form:expr) => {
        each!([bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form)
    };
    (inexact, $T:ident => $form:expr) => { each!([f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form) };
    (bits, $T:ident => $form:expr) => { each!([bool i8 i16 i32 i64 u8 u16 u32 u64], $T => $form) };
    (integers, $T:ident => $form:expr) => { each!([i8 i16 i32 i64 u8 u16 u32 u64], $T => $form) };
    (floats, $T:ident => $form:expr) => { each!([f32 f64], $T => $form) };
    (reals, $T:ident => $form:expr) => { each!([i8 i16 i32 i64 u8 u16 u32 u64 f32 f64], $T => $form) };
    (ordered, $T:ident => $form:expr) => { each!([bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64], $T => $form) };
    (signed, $T:ident => $form:expr) => { each!([i8 i16 i32 i64 f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form) };
    (numbers, $T:ident => $form:expr) => {
        each!([i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 (Complex<f32>) (Complex<f64>)], $T => $form)
    };
    ([$($type:tt)*], $T:ident => $form:expr) => {
        vec![$({
            #[allow(unused_parens)]
            type $T = $type;
            $form
        }),*]
    };
}

/// A binary operator: between arrays of one type, between such an array and a scalar, between a scalar and an array of the types for which
/// the crate has that, and between arrays of two types.
macro_rules! operator {
    ($name:literal, $op:tt, arrays: $arrays:ident, scalar first: $first:ident $(, mixed: $mixed:expr)?) => {{
        let mut forms = each!($arrays, T => of_arrays::<T, T, T>(|a, b| a $op b));
        forms.extend(each!($arrays, T => of_array_and_scalar::<T>(|a, s| a $op s)));
        forms.extend(each!($first, T => of_scalar_and_array::<T>(|s, b| s $op b)));
        $(forms.extend($mixed);)?
        function($name, stringify!($op), forms)
    }};
}

/// An operator that assigns: an array of the same type, or a scalar.
macro_rules! in_place {
    ($name:literal, $op:tt, $set:ident) => {{
        let mut forms = each!($set, T => of_arrays::<T, T, T>(|a, b| { let mut a = a.clone(); a $op b; a }));
        forms.extend(each!($set, T => of_array_and_scalar::<T>(|a, s| { let mut a = a.clone(); a $op s; a })));
        function($name, stringify!($op), forms)
    }};
}

/// An operator between a complex and a real array, in either order. The operator of a reference and an array returns the type of the second
/// and consumes it, so it gets a copy.
macro_rules! complex_with_real {
    ($op:tt) => {{
        let mut forms = each!(floats, T => of_arrays::<Complex<T>, T, Complex<T>>(|a, b| a $op b));
        forms.extend(each!(floats, T => of_arrays::<T, Complex<T>, Complex<T>>(|a, b| a $op b.clone())));
        forms
    }};
}

/// Integers shifted by integers of another type.
macro_rules! integers_by_integers {
    ($op:tt) => {
        each!(integers, A => each!(integers, B => of_arrays::<A, B, A>(|a, b| a $op b))).into_iter().flatten()
    };
}

/// A method of one array that keeps its type.
macro_rules! method {
    ($name:literal, $method:ident, $set:ident) => {
        function($name, stringify!($method), each!($set, T => of_array::<T, T>(|x| x.$method())))
    };
}

/// A method of an array that takes a scalar.
macro_rules! method_with_scalar {
    ($name:literal, $method:ident, $set:ident) => {
        function($name, stringify!($method), each!($set, T => of_array_and_scalar::<T>(|x, s| x.$method(s))))
    };
}

/// A method of one array that returns booleans.
macro_rules! predicate {
    ($name:literal, $method:ident, $set:ident) => {
        function($name, stringify!($method), each!($set, T => of_array::<T, bool>(|x| x.$method())))
    };
}

fn function(name: &'static str, native: &'static str, forms: Vec<Form>) -> Function {
    Function { name, native, parameters: &[], forms }
}

/// The element-wise functions of the standard that the crate has, and the operators that assign.
pub(crate) fn functions() -> Vec<Function> {
    vec![
        operator!("add", +, arrays: numbers, scalar first: numbers, mixed: complex_with_real!(+)),
        operator!("subtract", -, arrays: numbers, scalar first: numbers, mixed: complex_with_real!(-)),
        operator!("multiply", *, arrays: numbers, scalar first: numbers, mixed: complex_with_real!(*)),
        operator!("divide", /, arrays: numbers, scalar first: numbers, mixed: complex_with_real!(/)),
        operator!("remainder", %, arrays: numbers, scalar first: reals, mixed: complex_with_real!(%)),
        operator!("bitwise_and", &, arrays: bits, scalar first: bits),
        operator!("bitwise_or", |, arrays: bits, scalar first: bits),
        operator!("bitwise_xor", ^, arrays: bits, scalar first: bits),
        operator!("bitwise_left_shift", <<, arrays: integers, scalar first: integers, mixed: integers_by_integers!(<<)),
        operator!("bitwise_right_shift", >>, arrays: integers, scalar first: integers, mixed: integers_by_integers!(>>)),
        in_place!("operator.iadd", +=, numbers),
        in_place!("operator.isub", -=, numbers),
        in_place!("operator.imul", *=, numbers),
        in_place!("operator.itruediv", /=, numbers),
        in_place!("operator.imod", %=, numbers),
        in_place!("operator.iand", &=, bits),
        in_place!("operator.ior", |=, bits),
        in_place!("operator.ixor", ^=, bits),
        in_place!("operator.ilshift", <<=, integers),
        in_place!("operator.irshift", >>=, integers),
        function("negative", "-", each!(signed, T => of_array::<T, T>(|x| -x))),
        function("bitwise_invert", "!", each!(bits, T => of_array::<T, T>(|x| !x))),
        method!("abs", abs, floats),
        method!("acos", acos, floats),
        method!("acosh", acosh, floats),
        method!("asin", asin, floats),
        method!("asinh", asinh, floats),
        method!("atan", atan, floats),
        method!("atanh", atanh, floats),
        method!("ceil", ceil, floats),
        method!("cos", cos, floats),
        method!("cosh", cosh, floats),
        method!("exp", exp, floats),
        method!("expm1", exp_m1, floats),
        method!("floor", floor, floats),
        method!("log", ln, floats),
        method!("log1p", ln_1p, floats),
        method!("log2", log2, floats),
        method!("log10", log10, floats),
        method!("reciprocal", recip, floats),
        method!("round", round, floats),
        method!("sign", signum, floats),
        method!("sin", sin, floats),
        method!("sinh", sinh, floats),
        method!("sqrt", sqrt, floats),
        method!("square", pow2, floats),
        method!("tan", tan, floats),
        method!("tanh", tanh, floats),
        method!("trunc", trunc, floats),
        method_with_scalar!("hypot", hypot, floats),
        method_with_scalar!("pow", powf, floats),
        predicate!("isinf", is_infinite, floats),
        predicate!("isnan", is_nan, floats),
        function("real", "split_complex", each!(floats, T => of_array::<Complex<T>, T>(|x| x.view().split_complex().re.to_owned()))),
        function("imag", "split_complex", each!(floats, T => of_array::<Complex<T>, T>(|x| x.view().split_complex().im.to_owned()))),
        Function {
            name: "clip",
            native: "clamp",
            parameters: &["_", "min", "max"],
            forms: each!(ordered, T => of_array_and_scalars::<T>(|x, min, max| x.clamp(min, max))),
        },
    ]
}
