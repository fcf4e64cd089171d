//! What is known of a value before a program runs.

use array_assay_interface::{Arg, Array, DType, Scalar, Slice};

/// What is known of a value before a program runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// An array, made by the program.
    Array(ArrayFact),
    /// A Python number that the program computes.
    Number {
        /// Its register.
        register: u32,
    },
    /// The size of an axis of an array, which depends on elements.
    Size {
        /// The array's register.
        register: u32,
        /// The axis.
        axis: usize,
    },
    /// Something else that the program makes: a device.
    Opaque {
        /// Its register.
        register: u32,
    },
    /// A Python scalar.
    Scalar(Scalar),
    /// A string.
    Str(String),
    /// A dtype.
    Dtype(DType),
    /// A device, by name.
    Device(String),
    /// A slice.
    Slice(Slice),
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// A tuple.
    Tuple(Vec<Fact>),
    /// A list.
    List(Vec<Fact>),
    /// An object with attributes, or a named tuple.
    Object(Vec<(String, Fact)>),
}

/// What is known of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayFact {
    /// Its register.
    pub register: u32,
    /// Its dtype.
    pub dtype: DType,
    /// The sizes of its axes, `None` where one depends on elements.
    pub shape: Vec<Option<usize>>,
}

impl Fact {
    /// An integer.
    pub fn int(v: i128) -> Fact {
        Fact::Scalar(Scalar::Int(v))
    }

    /// A bool.
    pub fn bool(v: bool) -> Fact {
        Fact::Scalar(Scalar::Bool(v))
    }

    /// A tuple of integers.
    pub fn ints(items: impl IntoIterator<Item = usize>) -> Fact {
        Fact::Tuple(items.into_iter().map(|n| Fact::int(n as i128)).collect())
    }

    /// An array of the host in a register.
    pub fn host(register: u32, array: &Array) -> Fact {
        Fact::Array(ArrayFact { register, dtype: array.dtype, shape: array.shape.iter().copied().map(Some).collect() })
    }

    /// The items of a tuple or list.
    pub fn items(&self) -> Option<&[Fact]> {
        match self {
            Fact::Tuple(items) | Fact::List(items) => Some(items),
            _ => None,
        }
    }

    /// The integer that it is.
    pub fn integer(&self) -> Option<i128> {
        match self {
            Fact::Scalar(Scalar::Int(v)) => Some(*v),
            Fact::Scalar(Scalar::Bool(v)) => Some(i128::from(*v)),
            _ => None,
        }
    }

    /// Whether it is true, where that is known.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Fact::Scalar(scalar) => scalar.element().truth(),
            Fact::Str(text) => !text.is_empty(),
            Fact::None => false,
            Fact::Tuple(items) | Fact::List(items) => !items.is_empty(),
            Fact::Dtype(_) | Fact::Device(_) | Fact::Ellipsis | Fact::Slice(_) | Fact::Object(_) => true,
            Fact::Array(_) | Fact::Number { .. } | Fact::Size { .. } | Fact::Opaque { .. } => return None,
        })
    }

    /// It as an argument; `None` for what no call takes.
    pub fn arg(&self) -> Option<Arg> {
        Some(match self {
            Fact::Array(array) => Arg::Register(array.register),
            Fact::Number { register } | Fact::Opaque { register } => Arg::Register(*register),
            Fact::Scalar(scalar) => Arg::Scalar(*scalar),
            Fact::Str(text) => Arg::Str(text.clone()),
            Fact::Dtype(dtype) => Arg::Dtype(*dtype),
            Fact::Device(name) => Arg::Device(name.clone()),
            Fact::Slice(slice) => Arg::Slice(*slice),
            Fact::None => Arg::None,
            Fact::Ellipsis => Arg::Ellipsis,
            Fact::Tuple(items) => Arg::Tuple(items.iter().map(Fact::arg).collect::<Option<_>>()?),
            Fact::List(items) => Arg::List(items.iter().map(Fact::arg).collect::<Option<_>>()?),
            Fact::Size { .. } | Fact::Object(_) => return None,
        })
    }

    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Fact::Array(_) => "an array",
            Fact::Number { .. } => "a number that the program computes",
            Fact::Size { .. } => "a size that depends on elements",
            Fact::Opaque { .. } => "a value that the program makes",
            Fact::Scalar(_) => "a scalar",
            Fact::Str(_) => "a string",
            Fact::Dtype(_) => "a dtype",
            Fact::Device(_) => "a device",
            Fact::Slice(_) => "a slice",
            Fact::None => "None",
            Fact::Ellipsis => "...",
            Fact::Tuple(_) => "a tuple",
            Fact::List(_) => "a list",
            Fact::Object(_) => "an object",
        }
    }
}
