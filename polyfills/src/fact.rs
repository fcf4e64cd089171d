//! What is known of a value before a program runs.

use array_assay_interface::{Arg, Array, DType, Record, Register, Tree};

/// What is known of a value before a program runs. Its leaves are what the program makes.
pub type Fact = Tree<Known, Record>;

/// What is known of a value that the program makes.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// An array.
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

impl Known {
    /// The register that holds the value; a size has none.
    pub(crate) fn register(&self) -> Option<Register> {
        match self {
            Known::Array(array) => Some(Register(array.register)),
            Known::Number { register } | Known::Opaque { register } => Some(Register(*register)),
            Known::Size { .. } => None,
        }
    }

    /// The dtype of an array.
    pub(crate) fn dtype(&self) -> Option<DType> {
        match self {
            Known::Array(array) => Some(array.dtype),
            _ => None,
        }
    }

    /// What it is, in a few words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Known::Array(_) => "an array",
            Known::Number { .. } => "a number that the program computes",
            Known::Size { .. } => "a size that depends on elements",
            Known::Opaque { .. } => "a value that the program makes",
        }
    }
}

impl From<Known> for Fact {
    fn from(known: Known) -> Fact {
        Fact::Array(known)
    }
}

impl From<ArrayFact> for Fact {
    fn from(array: ArrayFact) -> Fact {
        Fact::Array(Known::Array(array))
    }
}

/// What can be asked of a [`Fact`] beside what can be asked of every value.
pub trait Ask: Sized {
    /// An array of the host in a register.
    fn host(register: u32, array: &Array) -> Self;

    /// The array that it is.
    fn array(&self) -> Option<&ArrayFact>;

    /// Whether it is a number that is not known before the program runs.
    fn is_computed_number(&self) -> bool;

    /// It as an argument; `None` for what no call takes.
    fn arg(&self) -> Option<Arg>;

    /// What it is, in a few words.
    fn kind(&self) -> &'static str;
}

impl Ask for Fact {
    fn host(register: u32, array: &Array) -> Fact {
        ArrayFact { register, dtype: array.dtype, shape: array.shape.iter().copied().map(Some).collect() }.into()
    }

    fn array(&self) -> Option<&ArrayFact> {
        match self {
            Fact::Array(Known::Array(array)) => Some(array),
            _ => None,
        }
    }

    fn is_computed_number(&self) -> bool {
        matches!(self, Fact::Array(Known::Number { .. } | Known::Size { .. }))
    }

    fn arg(&self) -> Option<Arg> {
        self.as_ref().plain()?.try_map(|known| known.register().ok_or(())).ok()
    }

    fn kind(&self) -> &'static str {
        self.kind_with(Known::kind)
    }
}
