//! Arguments of a call, written as Rust values.

use crate::{Argument, DType, Scalar, Slice};

impl<'a, A> From<&'a A> for Argument<'a, A> {
    fn from(array: &'a A) -> Argument<'a, A> {
        Argument::Array(array)
    }
}

macro_rules! scalars {
    ($($native:ty => $scalar:ident),* $(,)?) => {$(
        impl From<$native> for Scalar {
            fn from(value: $native) -> Scalar {
                Scalar::$scalar(value.into())
            }
        }

        impl<A> From<$native> for Argument<'_, A> {
            fn from(value: $native) -> Self {
                Argument::Scalar(value.into())
            }
        }
    )*};
}
scalars! {
    bool => Bool,
    i32 => Int,
    i64 => Int,
    i128 => Int,
    f64 => Float,
    (f64, f64) => Complex,
}

macro_rules! others {
    ($($native:ty => $argument:ident),* $(,)?) => {$(
        impl<A> From<$native> for Argument<'_, A> {
            fn from(value: $native) -> Self {
                Argument::$argument(value.into())
            }
        }
    )*};
}
others! {
    Scalar => Scalar,
    &str => Str,
    DType => Dtype,
    Slice => Slice,
}
