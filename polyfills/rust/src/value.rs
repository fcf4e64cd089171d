//! The arguments and results of functions: arrays, and everything else that a call may hold.

use array_assay_interface::{CallError, Output, Record};

/// An argument or a result of a function. `A` is the type of arrays.
pub(crate) type Value<A> = Output<A>;

/// The result of a function, or the reason why there is none.
pub(crate) type Answer<A> = Result<Value<A>, CallError>;

/// The error of an argument of the wrong kind.
pub(crate) fn type_error(message: impl Into<String>) -> CallError {
    CallError::raised("TypeError", message)
}

/// The error of an argument of the right kind and the wrong value.
pub(crate) fn value_error(message: impl Into<String>) -> CallError {
    CallError::raised("ValueError", message)
}

/// Values of which a certain kind is due: the error says which one came instead.
pub(crate) trait Due: Sized {
    /// The value as an integer.
    fn try_integer(&self) -> Result<i128, CallError>;

    /// The value as a bool.
    fn try_flag(&self) -> Result<bool, CallError>;

    /// The items of a tuple or list.
    fn try_items(&self) -> Result<&[Self], CallError>;

    /// Whether Python treats the value as true. The elements of an array have to be read first.
    fn try_truth(&self) -> Result<bool, CallError>;

    /// The items of a tuple with or without names. There have to be as many as names.
    fn unpacked<const N: usize>(self) -> Result<[Self; N], CallError>;

    /// The kind of the value in a word, for messages.
    fn kind(&self) -> &'static str;
}

impl<A> Due for Value<A> {
    fn try_integer(&self) -> Result<i128, CallError> {
        self.integer().ok_or_else(|| type_error(format!("an integer is due, and not {}", self.kind())))
    }

    fn try_flag(&self) -> Result<bool, CallError> {
        self.flag().ok_or_else(|| type_error(format!("True or False is due, and not {}", self.kind())))
    }

    fn try_items(&self) -> Result<&[Self], CallError> {
        self.items().ok_or_else(|| type_error(format!("a tuple is due, and not {}", self.kind())))
    }

    fn try_truth(&self) -> Result<bool, CallError> {
        self.truth().ok_or_else(|| value_error("the truth of an array is not known before its elements are"))
    }

    fn unpacked<const N: usize>(self) -> Result<[Self; N], CallError> {
        let items = self.unpack().map_err(|other| type_error(format!("a tuple is due, and not {}", other.kind())))?;
        let count = items.len();
        items.try_into().map_err(|_| value_error(format!("{count} values for {N} names")))
    }

    fn kind(&self) -> &'static str {
        match self {
            Value::Fields(Record::Named, _) => "a tuple",
            Value::Fields(Record::Dict, _) => "a mapping",
            other => other.kind_with(|_| "an array"),
        }
    }
}
