//! The table of the standard's elementwise functions: the semantics of each, for each kind of dtype.

use array_assay_interface::{DType, Element};

use crate::complex::{self, Complex};
use crate::integer::{self, Integer};
use crate::precise::{Pair, Precise, Real};
use crate::{complex_of, precise_complex, real};

/// A function of one to three elements of a kind. `Undefined` if the kind is not in the function's domain.
pub(crate) enum Function<T: 'static> {
    Undefined,
    One(fn(T) -> Option<Element>),
    Two(fn(T, T) -> Option<Element>),
    Three(fn(T, T, T) -> Option<Element>),
}
use Function::{One, Three, Two, Undefined};

impl<T> Function<T> {
    /// The number of arguments. `None` if the function is undefined.
    pub(crate) fn arity(&self) -> Option<usize> {
        match self {
            Undefined => None,
            One(_) => Some(1),
            Two(_) => Some(2),
            Three(_) => Some(3),
        }
    }

    /// The value of the function. `arg` gives the arguments by position. `None` if the standard leaves the value unspecified.
    pub(crate) fn call(&self, arg: impl Fn(usize) -> T) -> Option<Element> {
        match self {
            Undefined => None,
            One(f) => f(arg(0)),
            Two(f) => f(arg(0), arg(1)),
            Three(f) => f(arg(0), arg(1), arg(2)),
        }
    }
}

/// A real floating-point function in both precisions.
pub(crate) struct Reals {
    pub(crate) single: Function<f32>,
    pub(crate) double: Function<f64>,
    /// A second answer that is also right.
    pub(crate) alternative: Option<(Function<f32>, Function<f64>)>,
}

/// How a function behaves over a neighbourhood of an input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The function is continuous where it is finite, or it is exact and no neighbourhood is needed.
    Smooth,
    /// The function has poles or jumps, on whose sides the values have opposite signs.
    Jumps,
    /// The function has the period `2 pi` in the real component.
    PeriodicReal,
    /// The function has the period `2 pi` in the imaginary component.
    PeriodicImaginary,
}

pub(crate) type TrueReal = fn(&mut Precise, &[Real]) -> Option<Real>;
pub(crate) type TrueComplex = fn(&mut Precise, &[Complex]) -> Option<Pair>;

/// The semantics of one elementwise function of the standard.
pub struct Kernel {
    pub(crate) name: &'static str,
    pub(crate) boolean: Function<bool>,
    pub(crate) integer: Function<Integer>,
    pub(crate) real: Reals,
    pub(crate) complex: Function<Complex>,
    /// The unrounded value for finite real operands. `None` if `real` is exact.
    pub(crate) true_real: Option<TrueReal>,
    /// The unrounded value for finite complex operands. `None` if `complex` is exact.
    pub(crate) true_complex: Option<TrueComplex>,
    /// Whether the fast path is not accurate enough for these operands, so that arbitrary precision has to compute the answer.
    pub(crate) needs_refinement: fn(DType, &[Element]) -> bool,
    pub(crate) shape: Shape,
}

/// A result of a function in the table, which converts to an element.
trait Outcome {
    fn element(self) -> Option<Element>;
}

macro_rules! outcome {
    ($($t:ty: |$v:ident| $element:expr),* $(,)?) => {$(
        impl Outcome for $t {
            fn element(self) -> Option<Element> {
                let $v = self;
                Some($element)
            }
        }
    )*};
}
outcome! {
    bool: |v| Element::Bool(v),
    i128: |v| Element::Int(v),
    f32: |v| Element::F32(v),
    f64: |v| Element::F64(v),
    Complex: |v| Element::C128(v.re, v.im),
}

impl<T: Outcome> Outcome for Option<T> {
    fn element(self) -> Option<Element> {
        self?.element()
    }
}

/// Makes a [`Function`] whose arguments have the type `$t`.
macro_rules! function {
    ($t:ty, |$x:ident| $value:expr) => {
        One(|$x: $t| ($value).element())
    };
    ($t:ty, |$x:ident, $y:ident| $value:expr) => {
        Two(|$x: $t, $y: $t| ($value).element())
    };
    ($t:ty, |$x:ident, $y:ident, $z:ident| $value:expr) => {
        Three(|$x: $t, $y: $t, $z: $t| ($value).element())
    };
}

/// Makes [`Reals`] from one expression for both precisions. `own` is the module of the precision in [`real`].
macro_rules! reals {
    ($($f:tt)*) => {
        Reals {
            single: {
                #[allow(unused_imports)]
                use real::single as own;
                function!(f32, $($f)*)
            },
            double: {
                #[allow(unused_imports)]
                use real::double as own;
                function!(f64, $($f)*)
            },
            alternative: None,
        }
    };
}

macro_rules! booleans { ($($f:tt)*) => { function!(bool, $($f)*) }; }
macro_rules! integers { ($($f:tt)*) => { function!(Integer, $($f)*) }; }
macro_rules! complexes { ($($f:tt)*) => { function!(Complex, $($f)*) }; }

const NOWHERE: Kernel = Kernel {
    name: "",
    boolean: Undefined,
    integer: Undefined,
    real: Reals { single: Undefined, double: Undefined, alternative: None },
    complex: Undefined,
    true_real: None,
    true_complex: None,
    needs_refinement: |_, _| false,
    shape: Shape::Smooth,
};

/// The condition number beyond which a power loses three digits in double precision.
const ILL_CONDITIONED: f64 = 1e3;

/// The same for single precision: beyond it, double precision loses digits that single precision needs.
const ILL_CONDITIONED_SINGLE: f64 = 1e6;

/// A function of both real and complex floating-point numbers. It has the standard's name in [`real`], [`complex`] and [`Precise`].
macro_rules! transcendental {
    ($name:ident) => {
        transcendental!($name, Shape::Smooth)
    };
    ($name:ident, $shape:expr) => {
        Kernel {
            name: stringify!($name),
            real: reals!(|x| own::$name(x)),
            complex: complexes!(|z| complex::$name(z)),
            true_real: Some(|p, x| p.$name(&x[0])),
            true_complex: Some(|p, z| precise_complex::$name(p, z[0])),
            shape: $shape,
            ..NOWHERE
        }
    };
}

/// A comparison of numbers.
macro_rules! comparison {
    ($name:literal, $op:tt) => {
        Kernel {
            name: $name,
            integer: integers!(|x1, x2| x1.value $op x2.value),
            real: reals!(|x1, x2| x1 $op x2),
            ..NOWHERE
        }
    };
}

/// A function that rounds each component to an integer. Integers stay as they are.
macro_rules! rounding {
    ($name:literal, $method:ident) => {
        Kernel { name: $name, integer: integers!(|x| x.value), real: reals!(|x| x.$method()), ..NOWHERE }
    };
}

/// The kernels, in the order of their names.
pub(crate) static KERNELS: [Kernel; 67] = [
    Kernel {
        name: "abs",
        integer: integers!(|x| x.value.abs()),
        real: reals!(|x| x.abs()),
        complex: complexes!(|z| core_math::hypot(z.re, z.im)),
        true_complex: Some(|p, z| {
            let (x, y) = (p.real(z[0].re)?, p.real(z[0].im)?);
            Some([p.hypot(&x, &y)?, Real::ZERO])
        }),
        ..NOWHERE
    },
    transcendental!(acos),
    transcendental!(acosh),
    Kernel {
        name: "add",
        integer: integers!(|x1, x2| x1.value + x2.value),
        real: reals!(|x1, x2| x1 + x2),
        complex: complexes!(|x1, x2| complex::add(x1, x2)),
        true_real: Some(|p, x| p.add(&x[0], &x[1])),
        true_complex: Some(|p, z| precise_complex::add(p, z[0], z[1])),
        ..NOWHERE
    },
    transcendental!(asin),
    transcendental!(asinh),
    transcendental!(atan),
    Kernel {
        name: "atan2",
        real: reals!(|x1, x2| own::atan2(x1, x2)),
        true_real: Some(|p, x| p.atan2(&x[0], &x[1])),
        shape: Shape::Jumps,
        ..NOWHERE
    },
    transcendental!(atanh),
    Kernel { name: "bitwise_and", boolean: booleans!(|x1, x2| x1 & x2), integer: integers!(|x1, x2| x1.value & x2.value), ..NOWHERE },
    Kernel { name: "bitwise_invert", boolean: booleans!(|x| !x), integer: integers!(|x| integer::invert(x)), ..NOWHERE },
    Kernel { name: "bitwise_left_shift", integer: integers!(|x1, x2| integer::left_shift(x1, x2)), ..NOWHERE },
    Kernel { name: "bitwise_or", boolean: booleans!(|x1, x2| x1 | x2), integer: integers!(|x1, x2| x1.value | x2.value), ..NOWHERE },
    Kernel { name: "bitwise_right_shift", integer: integers!(|x1, x2| integer::right_shift(x1, x2)), ..NOWHERE },
    Kernel { name: "bitwise_xor", boolean: booleans!(|x1, x2| x1 ^ x2), integer: integers!(|x1, x2| x1.value ^ x2.value), ..NOWHERE },
    rounding!("ceil", ceil),
    Kernel {
        name: "clip",
        integer: integers!(|x, min, max| integer::clip(x, min, max)),
        real: reals!(|x, min, max| own::clip(x, min, max)),
        ..NOWHERE
    },
    Kernel {
        name: "conj",
        integer: integers!(|x| x.value),
        real: reals!(|x| x),
        complex: complexes!(|z| complex::complex(z.re, -z.im)),
        ..NOWHERE
    },
    Kernel { name: "copysign", real: reals!(|x1, x2| x1.copysign(x2)), ..NOWHERE },
    transcendental!(cos, Shape::PeriodicReal),
    transcendental!(cosh, Shape::PeriodicImaginary),
    Kernel {
        name: "divide",
        real: reals!(|x1, x2| x1 / x2),
        complex: complexes!(|x1, x2| complex::divide(x1, x2)),
        true_real: Some(|p, x| p.div(&x[0], &x[1])),
        true_complex: Some(|p, z| precise_complex::divide(p, z[0], z[1])),
        shape: Shape::Jumps,
        ..NOWHERE
    },
    Kernel {
        name: "equal",
        boolean: booleans!(|x1, x2| x1 == x2),
        integer: integers!(|x1, x2| x1.value == x2.value),
        real: reals!(|x1, x2| x1 == x2),
        complex: complexes!(|x1, x2| x1 == x2),
        ..NOWHERE
    },
    transcendental!(exp, Shape::PeriodicImaginary),
    transcendental!(expm1, Shape::PeriodicImaginary),
    rounding!("floor", floor),
    Kernel {
        name: "floor_divide",
        integer: integers!(|x1, x2| integer::floor_divide(x1, x2)),
        real: Reals {
            alternative: Some((
                function!(f32, |x1, x2| real::single::floor_divide_also(x1, x2)),
                function!(f64, |x1, x2| real::double::floor_divide_also(x1, x2)),
            )),
            ..reals!(|x1, x2| own::floor_divide(x1, x2))
        },
        ..NOWHERE
    },
    comparison!("greater", >),
    comparison!("greater_equal", >=),
    Kernel { name: "hypot", real: reals!(|x1, x2| own::hypot(x1, x2)), true_real: Some(|p, x| p.hypot(&x[0], &x[1])), ..NOWHERE },
    Kernel { name: "imag", complex: complexes!(|z| z.im), ..NOWHERE },
    Kernel {
        name: "isfinite",
        integer: integers!(|_x| true),
        real: reals!(|x| x.is_finite()),
        complex: complexes!(|z| z.is_finite()),
        ..NOWHERE
    },
    Kernel {
        name: "isinf",
        integer: integers!(|_x| false),
        real: reals!(|x| x.is_infinite()),
        complex: complexes!(|z| z.is_infinite()),
        ..NOWHERE
    },
    Kernel { name: "isnan", integer: integers!(|_x| false), real: reals!(|x| x.is_nan()), complex: complexes!(|z| z.is_nan()), ..NOWHERE },
    comparison!("less", <),
    comparison!("less_equal", <=),
    transcendental!(log),
    transcendental!(log10),
    transcendental!(log1p),
    transcendental!(log2),
    Kernel {
        name: "logaddexp",
        real: reals!(|x1, x2| own::logaddexp(x1, x2)),
        true_real: Some(|p, x| p.logaddexp(&x[0], &x[1])),
        needs_refinement: |_, x| real::cancels(x[0].components().0, x[1].components().0),
        ..NOWHERE
    },
    Kernel { name: "logical_and", boolean: booleans!(|x1, x2| x1 && x2), ..NOWHERE },
    Kernel { name: "logical_not", boolean: booleans!(|x| !x), ..NOWHERE },
    Kernel { name: "logical_or", boolean: booleans!(|x1, x2| x1 || x2), ..NOWHERE },
    Kernel { name: "logical_xor", boolean: booleans!(|x1, x2| x1 != x2), ..NOWHERE },
    Kernel { name: "maximum", integer: integers!(|x1, x2| x1.value.max(x2.value)), real: reals!(|x1, x2| own::maximum(x1, x2)), ..NOWHERE },
    Kernel { name: "minimum", integer: integers!(|x1, x2| x1.value.min(x2.value)), real: reals!(|x1, x2| own::minimum(x1, x2)), ..NOWHERE },
    Kernel {
        name: "multiply",
        integer: integers!(|x1, x2| x1.value.checked_mul(x2.value)),
        real: reals!(|x1, x2| x1 * x2),
        complex: complexes!(|x1, x2| complex::multiply(x1, x2)),
        true_real: Some(|p, x| p.mul(&x[0], &x[1])),
        true_complex: Some(|p, z| precise_complex::multiply(p, z[0], z[1])),
        ..NOWHERE
    },
    Kernel {
        name: "negative",
        integer: integers!(|x| -x.value),
        real: reals!(|x| -x),
        complex: complexes!(|z| complex::complex(-z.re, -z.im)),
        ..NOWHERE
    },
    Kernel { name: "nextafter", real: reals!(|x1, x2| own::nextafter(x1, x2)), ..NOWHERE },
    Kernel {
        name: "not_equal",
        boolean: booleans!(|x1, x2| x1 != x2),
        integer: integers!(|x1, x2| x1.value != x2.value),
        real: reals!(|x1, x2| x1 != x2),
        complex: complexes!(|x1, x2| x1 != x2),
        ..NOWHERE
    },
    Kernel { name: "positive", integer: integers!(|x| x.value), real: reals!(|x| x), complex: complexes!(|z| z), ..NOWHERE },
    Kernel {
        name: "pow",
        integer: integers!(|x1, x2| integer::pow(x1, x2)),
        real: reals!(|x1, x2| own::pow(x1, x2)),
        complex: complexes!(|x1, x2| complex::pow(x1, x2)),
        true_real: Some(|p, x| p.pow(&x[0], &x[1])),
        true_complex: Some(|p, z| precise_complex::pow(p, z[0], z[1])),
        needs_refinement: |dtype, z| match dtype {
            DType::Complex64 => complex::pow_condition(complex_of(z[0]), complex_of(z[1])) > ILL_CONDITIONED_SINGLE,
            DType::Complex128 => complex::pow_condition(complex_of(z[0]), complex_of(z[1])) > ILL_CONDITIONED,
            _ => false,
        },
        shape: Shape::Jumps,
        ..NOWHERE
    },
    Kernel { name: "real", real: reals!(|x| x), complex: complexes!(|z| z.re), ..NOWHERE },
    Kernel {
        name: "reciprocal",
        real: reals!(|x| 1.0 / x),
        complex: complexes!(|z| complex::reciprocal(z)),
        true_real: Some(|p, x| p.div(&Real::ONE, &x[0])),
        true_complex: Some(|p, z| precise_complex::divide(p, complex::complex(1.0, 0.0), z[0])),
        shape: Shape::Jumps,
        ..NOWHERE
    },
    Kernel {
        name: "remainder",
        integer: integers!(|x1, x2| integer::remainder(x1, x2)),
        real: reals!(|x1, x2| own::remainder(x1, x2)),
        ..NOWHERE
    },
    Kernel {
        complex: complexes!(|z| complex::complex(z.re.round_ties_even(), z.im.round_ties_even())),
        ..rounding!("round", round_ties_even)
    },
    Kernel {
        name: "sign",
        integer: integers!(|x| x.value.signum()),
        real: reals!(|x| own::sign(x)),
        complex: complexes!(|z| complex::sign(z)),
        true_complex: Some(|p, z| precise_complex::sign(p, z[0])),
        ..NOWHERE
    },
    Kernel { name: "signbit", real: reals!(|x| x.is_sign_negative()), ..NOWHERE },
    transcendental!(sin, Shape::PeriodicReal),
    transcendental!(sinh, Shape::PeriodicImaginary),
    transcendental!(sqrt),
    Kernel {
        name: "square",
        integer: integers!(|x| x.value.checked_mul(x.value)),
        real: reals!(|x| x * x),
        complex: complexes!(|z| complex::square(z)),
        true_real: Some(|p, x| p.mul(&x[0], &x[0])),
        true_complex: Some(|p, z| precise_complex::multiply(p, z[0], z[0])),
        ..NOWHERE
    },
    Kernel {
        name: "subtract",
        integer: integers!(|x1, x2| x1.value - x2.value),
        real: reals!(|x1, x2| x1 - x2),
        complex: complexes!(|x1, x2| complex::subtract(x1, x2)),
        true_real: Some(|p, x| p.sub(&x[0], &x[1])),
        true_complex: Some(|p, z| precise_complex::add(p, z[0], complex::complex(-z[1].re, -z[1].im))),
        ..NOWHERE
    },
    transcendental!(tan, Shape::PeriodicReal),
    transcendental!(tanh, Shape::PeriodicImaginary),
    rounding!("trunc", trunc),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_by_name() {
        assert!(KERNELS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn a_function_takes_as_many_arguments_of_every_kind() {
        for kernel in &KERNELS {
            let single = kernel.real.single.arity();
            let arities = [kernel.boolean.arity(), kernel.integer.arity(), single, kernel.real.double.arity(), kernel.complex.arity()];
            let arities: Vec<usize> = arities.into_iter().flatten().collect();
            assert!(!arities.is_empty() && arities.iter().all(|n| *n == kernel.arity()), "{}: {arities:?}", kernel.name);
        }
    }
}
