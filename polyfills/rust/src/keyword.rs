//! The types of keyword arguments.

use array_assay_interface::{Argument, DType, Scalar};

/// The value of a keyword argument.
pub(crate) trait Keyword {
    fn argument<'a, A>(&self) -> Argument<'a, A>;
}

/// One integer, or several integers: an axis or axes, or a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ints {
    /// One integer.
    One(i64),
    /// A tuple of integers.
    Many(Vec<i64>),
}

impl From<i64> for Ints {
    fn from(v: i64) -> Ints {
        Ints::One(v)
    }
}

impl From<Vec<i64>> for Ints {
    fn from(items: Vec<i64>) -> Ints {
        Ints::Many(items)
    }
}

impl From<&[i64]> for Ints {
    fn from(items: &[i64]) -> Ints {
        Ints::Many(items.to_vec())
    }
}

impl<const N: usize> From<[i64; N]> for Ints {
    fn from(items: [i64; N]) -> Ints {
        Ints::Many(items.to_vec())
    }
}

/// A number or a name, such as the order of a norm.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// A number.
    Number(Scalar),
    /// A name.
    Name(String),
}

impl From<i64> for Choice {
    fn from(v: i64) -> Choice {
        Choice::Number(v.into())
    }
}

impl From<f64> for Choice {
    fn from(v: f64) -> Choice {
        Choice::Number(v.into())
    }
}

impl From<&str> for Choice {
    fn from(name: &str) -> Choice {
        Choice::Name(name.to_owned())
    }
}

/// A device of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device(String);

impl From<&str> for Device {
    fn from(name: &str) -> Device {
        Device(name.to_owned())
    }
}

impl Keyword for Device {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Device(self.0.clone())
    }
}

impl Keyword for i64 {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Scalar((*self).into())
    }
}

impl Keyword for bool {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Scalar((*self).into())
    }
}

impl Keyword for DType {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Dtype(*self)
    }
}

impl Keyword for Scalar {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Scalar(*self)
    }
}

impl Keyword for String {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Str(self.clone())
    }
}

impl Keyword for &str {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        Argument::Str((*self).to_owned())
    }
}

impl Keyword for Ints {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        match self {
            Ints::One(v) => v.argument(),
            Ints::Many(items) => Argument::Tuple(items.iter().map(Keyword::argument).collect()),
        }
    }
}

impl Keyword for Choice {
    fn argument<'a, A>(&self) -> Argument<'a, A> {
        match self {
            Choice::Number(v) => v.argument(),
            Choice::Name(name) => name.argument(),
        }
    }
}

/// Defines a type for the keywords of a function: `default` gives none, and a method sets each.
macro_rules! keywords {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(pub(crate) $field: Option<$type>,)*
        }

        impl $name {
            /// The keywords that were given.
            pub(crate) fn given<'a, A>(&self) -> Vec<(String, array_assay_interface::Argument<'a, A>)> {
                let all = [$((stringify!($field), self.$field.as_ref().map(Keyword::argument))),*];
                all.into_iter().filter_map(|(name, argument)| Some((name.to_owned(), argument?))).collect()
            }

            $(
                #[doc = concat!("With `", stringify!($field), "`.")]
                pub fn $field(mut self, value: impl Into<$type>) -> $name {
                    self.$field = Some(value.into());
                    self
                }
            )*
        }
    )*};
}
pub(crate) use keywords;
