//! A function that RSTSR has: the forms in which it can be called, and the call.

use std::borrow::Cow;
use std::sync::Arc;

use array_assay_interface::{Argument, CallError, DType, Output, Scalar};
use rstsr::prelude::rt;
use rstsr::prelude::rt::rstsr_structs::AxesIndex;

use crate::array::{Native, RsArray, Tsr};

/// The arguments of a form: all parameters by position, with [`Argument::None`] for one that is left out.
pub(crate) type Args<'a, 'b> = &'a [Argument<'b, RsArray>];

/// The result of a form. `None` if the form does not take these arguments.
pub(crate) type Given = Option<Result<Output<RsArray>, CallError>>;

/// The call of a function for operands of given types.
pub(crate) type Form = Arc<dyn Fn(Args<'_, '_>) -> Given + Send + Sync>;

/// A function of the standard that the crate has.
pub(crate) struct Function {
    /// The path in the standard.
    pub name: &'static str,
    /// The function or operator of the crate.
    pub native: &'static str,
    /// The names of the standard's parameters that may be passed by keyword, `_` for one that may not, with the int that stands for one
    /// that is left out, or `None`. If the first name is `*`, all positional arguments become one tuple.
    pub parameters: &'static [&'static str],
    /// The calls, one for each combination of types that the crate implements.
    pub forms: Vec<Form>,
}

impl Function {
    /// A function with one form.
    pub fn of(
        name: &'static str,
        native: &'static str,
        parameters: &'static [&'static str],
        form: impl Fn(Args<'_, '_>) -> Given + Send + Sync + 'static,
    ) -> Function {
        Function { name, native, parameters, forms: vec![Arc::new(form)] }
    }

    /// Whether the first argument becomes the result.
    pub fn is_in_place(&self) -> bool {
        self.name == "operator.setitem" || self.native.ends_with("_assign_f")
    }

    /// Calls the first form that takes these arguments. Raises if there is none.
    pub fn call(&self, args: Args<'_, '_>, kwargs: &[(String, Argument<'_, RsArray>)]) -> Result<Output<RsArray>, CallError> {
        let args = self.in_order(args, kwargs)?;
        self.forms.iter().find_map(|form| form(&args)).unwrap_or_else(|| Err(self.no_form(&args)))
    }

    /// All arguments by position. One that is left out is `None`.
    fn in_order<'a, 'b>(
        &self,
        args: &'b [Argument<'a, RsArray>],
        kwargs: &[(String, Argument<'a, RsArray>)],
    ) -> Result<Cow<'b, [Argument<'a, RsArray>]>, CallError> {
        let mut args = match self.parameters {
            ["*", ..] => Cow::Owned(vec![Argument::Tuple(args.to_vec())]),
            _ => Cow::Borrowed(args),
        };
        let given = args.len();
        for parameter in self.parameters.iter().skip(args.len()) {
            let default = parameter.split_once('=').and_then(|(_, default)| default.parse().ok());
            args.to_mut().push(default.map_or(Argument::None, |v| Argument::Scalar(Scalar::Int(v))));
        }
        for (name, value) in kwargs {
            let position = self.parameters.iter().position(|p| p.split('=').next() == Some(name)).filter(|p| *p >= given);
            let position = position.ok_or_else(|| {
                CallError::raised("NoSuchImpl", format!("`{}` of the crate RSTSR takes no further argument `{name}`", self.native))
            })?;
            args.to_mut()[position] = value.clone();
        }
        Ok(args)
    }

    fn no_form(&self, args: &[Argument<'_, RsArray>]) -> CallError {
        let args = args.iter().map(describe).collect::<Vec<_>>().join(", ");
        CallError::raised("NoSuchImpl", format!("`{}` of the crate RSTSR does not take ({args})", self.native))
    }
}

/// The kind of an argument, for messages.
fn describe(arg: &Argument<'_, RsArray>) -> String {
    let items = || arg.one_or_more().iter().map(describe).collect::<Vec<_>>().join(", ");
    match arg {
        Argument::Scalar(Scalar::Int(v)) => format!("int {v}"),
        Argument::Scalar(Scalar::Bool(_)) => "bool".to_owned(),
        Argument::Scalar(Scalar::Float(_)) => "float".to_owned(),
        Argument::Scalar(Scalar::Complex(_)) => "complex".to_owned(),
        Argument::Array(array) => format!("{} array", array.dtype()),
        Argument::Tuple(_) => format!("tuple of ({})", items()),
        Argument::List(_) => format!("list of ({})", items()),
        other => other.kind_with(|_| "an array").to_owned(),
    }
}

/// The crate's error as an exception. Its type is the kind of the error.
pub(crate) fn raised(error: &rt::Error) -> CallError {
    let text = format!("{:?}", error.inner);
    let kind = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    CallError::raised(kind, text)
}

/// A tensor, or the crate's error.
pub(crate) fn give<T: Native>(result: rt::Result<Tsr<T>>) -> Given {
    give_any(result.map(T::wrap))
}

/// An array, or the crate's error.
pub(crate) fn give_any(result: rt::Result<RsArray>) -> Given {
    give_output(result.map(Output::Array))
}

/// Any value, or the crate's error.
pub(crate) fn give_output(result: rt::Result<Output<RsArray>>) -> Given {
    Some(result.map_err(|error| raised(&error)))
}

pub(crate) fn array<'a, T: Native>(arg: &'a Argument<'_, RsArray>) -> Option<&'a Tsr<T>> {
    arg.leaf().and_then(|array| T::unwrap(array))
}

pub(crate) fn scalar<T: Native>(arg: &Argument<'_, RsArray>) -> Option<T> {
    arg.scalar().and_then(T::from_scalar)
}

/// An int, or the default if it is left out.
pub(crate) fn int<T: TryFrom<i128>>(arg: &Argument<'_, RsArray>, default: Option<T>) -> Option<T> {
    match arg {
        Argument::Scalar(Scalar::Int(v)) => T::try_from(*v).ok(),
        Argument::None => default,
        _ => None,
    }
}

/// A tuple or list of ints.
pub(crate) fn ints<T: TryFrom<i128>>(arg: &Argument<'_, RsArray>) -> Option<Vec<T>> {
    arg.items()?.iter().map(|item| int(item, None)).collect()
}

/// An axis, a tuple or list of axes, or `None`, as the crate takes them.
pub(crate) fn axes(arg: &Argument<'_, RsArray>) -> Option<AxesIndex<isize>> {
    match arg {
        Argument::None => Some(AxesIndex::None),
        Argument::Scalar(_) => int(arg, None).map(AxesIndex::Val),
        _ => ints(arg).map(AxesIndex::Vec),
    }
}

/// A flag, which is false if it is left out.
pub(crate) fn flag(arg: &Argument<'_, RsArray>) -> Option<bool> {
    match arg {
        Argument::None => Some(false),
        Argument::Scalar(Scalar::Bool(v)) => Some(*v),
        _ => None,
    }
}

/// Whether the dtype that a call asks for, or else `default`, has these elements.
pub(crate) fn is<T: Native>(dtype: &Argument<'_, RsArray>, default: DType) -> Option<()> {
    let dtype = match dtype {
        Argument::None => default,
        Argument::Dtype(dtype) => *dtype,
        _ => return None,
    };
    (dtype == T::DTYPE).then_some(())
}

/// Whether a device is left out or the one that there is.
pub(crate) fn here(device: &Argument<'_, RsArray>) -> Option<()> {
    match device {
        Argument::None => Some(()),
        Argument::Device(name) => (name == crate::DEVICE).then_some(()),
        _ => None,
    }
}
