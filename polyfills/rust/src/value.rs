//! The arguments and results of functions: arrays, and everything else that a call may hold.

use array_assay_interface::{Argument, CallError, DType, Output, Scalar, Slice};

/// An argument or a result of a function. `A` is the type of arrays.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<A> {
    Array(A),
    Scalar(Scalar),
    Str(String),
    Dtype(DType),
    Device(String),
    Slice(Slice),
    None,
    Ellipsis,
    Tuple(Vec<Value<A>>),
    List(Vec<Value<A>>),
    /// A tuple whose fields have names.
    Named(Vec<(String, Value<A>)>),
    Dict(Vec<(String, Value<A>)>),
    /// An object with attributes.
    Object(Vec<(String, Value<A>)>),
}

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

impl<A> Value<A> {
    /// An integer.
    pub fn int(v: i128) -> Value<A> {
        Value::Scalar(Scalar::Int(v))
    }

    /// A tuple of integers.
    pub fn ints(items: impl IntoIterator<Item = usize>) -> Value<A> {
        Value::Tuple(items.into_iter().map(|n| Value::int(n as i128)).collect())
    }

    /// Whether the value is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// The value as an integer.
    pub fn integer(&self) -> Result<i128, CallError> {
        match self {
            Value::Scalar(Scalar::Int(v)) => Ok(*v),
            Value::Scalar(Scalar::Bool(v)) => Ok(i128::from(*v)),
            other => Err(type_error(format!("an integer is due, and not {}", other.kind()))),
        }
    }

    /// The value as a bool.
    pub fn flag(&self) -> Result<bool, CallError> {
        match self {
            Value::Scalar(Scalar::Bool(v)) => Ok(*v),
            other => Err(type_error(format!("True or False is due, and not {}", other.kind()))),
        }
    }

    /// The items of a tuple or list.
    pub fn items(&self) -> Result<&[Value<A>], CallError> {
        self.sequence().ok_or_else(|| type_error(format!("a tuple is due, and not {}", self.kind())))
    }

    /// The items, if the value is a tuple or list.
    pub fn sequence(&self) -> Option<&[Value<A>]> {
        match self {
            Value::Tuple(items) | Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether Python treats the value as true. The elements of an array have to be read first.
    pub fn truth(&self) -> Result<bool, CallError> {
        Ok(match self {
            Value::Scalar(scalar) => scalar.element().truth(),
            Value::Str(text) => !text.is_empty(),
            Value::None => false,
            Value::Tuple(items) | Value::List(items) => !items.is_empty(),
            Value::Array(_) => return Err(value_error("the truth of an array is not known before its elements are")),
            _ => true,
        })
    }

    /// The kind of the value in a word, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Array(_) => "an array",
            Value::Scalar(Scalar::Bool(_)) => "a bool",
            Value::Scalar(Scalar::Int(_)) => "an int",
            Value::Scalar(Scalar::Float(_)) => "a float",
            Value::Scalar(Scalar::Complex(_)) => "a complex",
            Value::Str(_) => "a string",
            Value::Dtype(_) => "a dtype",
            Value::Device(_) => "a device",
            Value::Slice(_) => "a slice",
            Value::None => "None",
            Value::Ellipsis => "...",
            Value::Tuple(_) | Value::Named(_) => "a tuple",
            Value::List(_) => "a list",
            Value::Dict(_) => "a mapping",
            Value::Object(_) => "an object",
        }
    }

    /// The same value with other arrays.
    pub fn map<B>(&self, of: &mut dyn FnMut(&A) -> Result<B, CallError>) -> Answer<B> {
        fn fields<A, B>(
            fields: &[(String, Value<A>)],
            of: &mut dyn FnMut(&A) -> Result<B, CallError>,
        ) -> Result<Vec<(String, Value<B>)>, CallError> {
            fields.iter().map(|(name, value)| Ok((name.clone(), value.map(of)?))).collect()
        }
        Ok(match self {
            Value::Array(array) => Value::Array(of(array)?),
            Value::Scalar(scalar) => Value::Scalar(*scalar),
            Value::Str(text) => Value::Str(text.clone()),
            Value::Dtype(dtype) => Value::Dtype(*dtype),
            Value::Device(name) => Value::Device(name.clone()),
            Value::Slice(slice) => Value::Slice(*slice),
            Value::None => Value::None,
            Value::Ellipsis => Value::Ellipsis,
            Value::Tuple(items) => Value::Tuple(items.iter().map(|item| item.map(of)).collect::<Result<_, _>>()?),
            Value::List(items) => Value::List(items.iter().map(|item| item.map(of)).collect::<Result<_, _>>()?),
            Value::Named(items) => Value::Named(fields(items, of)?),
            Value::Dict(items) => Value::Dict(fields(items, of)?),
            Value::Object(items) => Value::Object(fields(items, of)?),
        })
    }

    /// The value as an argument. A tuple with names loses the names. An object cannot be an argument.
    pub fn argument(&self) -> Argument<'_, A> {
        match self {
            Value::Array(array) => Argument::Array(array),
            Value::Scalar(scalar) => Argument::Scalar(*scalar),
            Value::Str(text) => Argument::Str(text.clone()),
            Value::Dtype(dtype) => Argument::Dtype(*dtype),
            Value::Device(name) => Argument::Device(name.clone()),
            Value::Slice(slice) => Argument::Slice(*slice),
            Value::None | Value::Dict(_) | Value::Object(_) => Argument::None,
            Value::Ellipsis => Argument::Ellipsis,
            Value::Tuple(items) => Argument::Tuple(items.iter().map(Value::argument).collect()),
            Value::List(items) => Argument::List(items.iter().map(Value::argument).collect()),
            Value::Named(fields) => Argument::Tuple(fields.iter().map(|(_, value)| value.argument()).collect()),
        }
    }
}

impl<A: Clone> Value<A> {
    /// The items of a tuple with or without names. There have to be as many as names.
    pub fn unpacked<const N: usize>(self) -> Result<[Value<A>; N], CallError> {
        let items: Vec<Value<A>> = match self {
            Value::Named(fields) => fields.into_iter().map(|(_, value)| value).collect(),
            other => other.items()?.to_vec(),
        };
        let count = items.len();
        items.try_into().map_err(|_| value_error(format!("{count} values for {N} names")))
    }

    /// The value of an argument.
    pub(crate) fn of_argument(argument: &Argument<'_, A>) -> Value<A> {
        let all = |items: &[Argument<'_, A>]| items.iter().map(Value::of_argument).collect();
        match argument {
            Argument::Array(array) => Value::Array((*array).clone()),
            Argument::Value(output) => Value::of_output((*output).clone()),
            Argument::Scalar(scalar) => Value::Scalar(*scalar),
            Argument::Str(text) => Value::Str(text.clone()),
            Argument::Dtype(dtype) => Value::Dtype(*dtype),
            Argument::Device(name) => Value::Device(name.clone()),
            Argument::Slice(slice) => Value::Slice(*slice),
            Argument::None => Value::None,
            Argument::Ellipsis => Value::Ellipsis,
            Argument::Tuple(items) => Value::Tuple(all(items)),
            Argument::List(items) => Value::List(all(items)),
        }
    }
}

impl<A> Value<A> {
    /// The value of a call's result.
    pub(crate) fn of_output(output: Output<A>) -> Value<A> {
        let all = |items: Vec<Output<A>>| items.into_iter().map(Value::of_output).collect();
        let fields = |fields: Vec<(String, Output<A>)>| fields.into_iter().map(|(name, item)| (name, Value::of_output(item))).collect();
        match output {
            Output::Array(array) => Value::Array(array),
            Output::Scalar(scalar) => Value::Scalar(scalar),
            Output::Dtype(dtype) => Value::Dtype(dtype),
            Output::Device(name) => Value::Device(name),
            Output::Tuple(items) => Value::Tuple(all(items)),
            Output::List(items) => Value::List(all(items)),
            Output::Named(items) => Value::Named(fields(items)),
            Output::Dict(items) => Value::Dict(fields(items)),
            Output::Object(items) => Value::Object(fields(items)),
            Output::Str(text) => Value::Str(text),
            Output::None => Value::None,
        }
    }

    /// The value as the result of a call.
    pub(crate) fn output(self) -> Output<A> {
        let all = |items: Vec<Value<A>>| items.into_iter().map(Value::output).collect();
        let fields = |fields: Vec<(String, Value<A>)>| fields.into_iter().map(|(name, item)| (name, item.output())).collect();
        match self {
            Value::Array(array) => Output::Array(array),
            Value::Scalar(scalar) => Output::Scalar(scalar),
            Value::Str(text) => Output::Str(text),
            Value::Dtype(dtype) => Output::Dtype(dtype),
            Value::Device(name) => Output::Device(name),
            Value::Tuple(items) => Output::Tuple(all(items)),
            Value::List(items) => Output::List(all(items)),
            Value::Named(items) => Output::Named(fields(items)),
            Value::Dict(items) => Output::Dict(fields(items)),
            Value::Object(items) => Output::Object(fields(items)),
            Value::None | Value::Slice(_) | Value::Ellipsis => Output::None,
        }
    }
}

impl<A> From<bool> for Value<A> {
    fn from(v: bool) -> Value<A> {
        Value::Scalar(Scalar::Bool(v))
    }
}

impl<A> From<f64> for Value<A> {
    fn from(v: f64) -> Value<A> {
        Value::Scalar(Scalar::Float(v))
    }
}

impl<A> From<&str> for Value<A> {
    fn from(text: &str) -> Value<A> {
        Value::Str(text.to_owned())
    }
}

impl<A> From<DType> for Value<A> {
    fn from(dtype: DType) -> Value<A> {
        Value::Dtype(dtype)
    }
}
