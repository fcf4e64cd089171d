//! A function that ndarray has: the forms in which it can be called, and the call.

use std::borrow::Cow;

use array_assay_interface::{Argument, CallError, Output, Scalar};
use ndarray::{ArrayD, Axis};

use crate::array::{Native, NdArray};

/// The arguments of a form: all parameters by position, with [`Argument::None`] for one that is left out.
pub(crate) type Args<'a, 'b> = &'a [Argument<'b, NdArray>];

/// The result of a form. `None` if the form does not take these arguments.
pub(crate) type Given = Option<Result<Output<NdArray>, CallError>>;

/// The call of a function for operands of given types.
pub(crate) type Form = Box<dyn Fn(Args<'_, '_>) -> Given + Send + Sync>;

/// A function of the standard that the crate has.
pub(crate) struct Function {
    /// The path in the standard.
    pub name: &'static str,
    /// The operator or method of the crate.
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
        Function { name, native, parameters, forms: vec![Box::new(form)] }
    }

    /// Whether the first argument becomes the result.
    pub fn is_in_place(&self) -> bool {
        self.name == "operator.setitem" || self.native.ends_with('=')
    }

    /// Calls the first form that takes these arguments. Raises if there is none.
    pub fn call(&self, args: Args<'_, '_>, kwargs: &[(String, Argument<'_, NdArray>)]) -> Result<Output<NdArray>, CallError> {
        let args = self.in_order(args, kwargs)?;
        self.forms.iter().find_map(|form| form(&args)).unwrap_or_else(|| Err(self.no_form(&args)))
    }

    /// All arguments by position. One that is left out is `None`.
    fn in_order<'a, 'b>(
        &self,
        args: &'b [Argument<'a, NdArray>],
        kwargs: &[(String, Argument<'a, NdArray>)],
    ) -> Result<Cow<'b, [Argument<'a, NdArray>]>, CallError> {
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
                CallError::raised("NoSuchImpl", format!("`{}` of the crate ndarray takes no further argument `{name}`", self.native))
            })?;
            args.to_mut()[position] = value.clone();
        }
        Ok(args)
    }

    fn no_form(&self, args: &[Argument<'_, NdArray>]) -> CallError {
        let args = args.iter().map(describe).collect::<Vec<_>>().join(", ");
        CallError::raised("NoSuchImpl", format!("the crate ndarray implements no `{}` for ({args})", self.native))
    }
}

/// The kind of an argument, for messages.
fn describe(arg: &Argument<'_, NdArray>) -> String {
    let items = || arg.one_or_more().iter().map(describe).collect::<Vec<_>>().join(", ");
    match arg {
        Argument::Array(array) => format!("{} array", array.dtype()),
        Argument::Scalar(Scalar::Bool(_)) => "bool".to_owned(),
        Argument::Scalar(Scalar::Int(v)) => format!("int {v}"),
        Argument::Scalar(Scalar::Float(_)) => "float".to_owned(),
        Argument::Scalar(Scalar::Complex(_)) => "complex".to_owned(),
        Argument::Str(_) => "str".to_owned(),
        Argument::Dtype(_) => "dtype".to_owned(),
        Argument::Device(_) => "device".to_owned(),
        Argument::Slice(_) => "slice".to_owned(),
        Argument::None => "None".to_owned(),
        Argument::Ellipsis => "...".to_owned(),
        Argument::Tuple(_) => format!("tuple of ({})", items()),
        Argument::List(_) => format!("list of ({})", items()),
        Argument::Fields(..) => "no array".to_owned(),
    }
}

/// An array as the result of a form.
pub(crate) fn give(array: NdArray) -> Given {
    Some(Ok(Output::Array(array)))
}

/// An array, or the crate's error.
pub(crate) fn give_or<E: std::fmt::Display>(result: Result<NdArray, E>) -> Given {
    Some(result.map(Output::Array).map_err(|error| CallError::raised("ShapeError", error.to_string())))
}

/// An array, or the error of a method that returned `None`.
pub(crate) fn give_some(native: &str, array: Option<NdArray>) -> Given {
    Some(array.map(Output::Array).ok_or_else(|| CallError::raised("None", format!("`{native}` gave `None`"))))
}

/// The form of one array.
pub(crate) fn of_array<A: Native, R: Native>(call: fn(&ArrayD<A>) -> ArrayD<R>) -> Form {
    Box::new(move |args| match args {
        [x] => give(R::wrap(call(array(x)?))),
        _ => None,
    })
}

/// The form of two arrays.
pub(crate) fn of_arrays<A: Native, B: Native, R: Native>(call: fn(&ArrayD<A>, &ArrayD<B>) -> ArrayD<R>) -> Form {
    Box::new(move |args| match args {
        [x1, x2] => give(R::wrap(call(array(x1)?, array(x2)?))),
        _ => None,
    })
}

/// The form of an array and a scalar of its dtype.
pub(crate) fn of_array_and_scalar<A: Native>(call: fn(&ArrayD<A>, A) -> ArrayD<A>) -> Form {
    Box::new(move |args| match args {
        [x1, x2] => give(A::wrap(call(array(x1)?, scalar(x2)?))),
        _ => None,
    })
}

/// The form of a scalar and an array of its dtype.
pub(crate) fn of_scalar_and_array<A: Native>(call: fn(A, &ArrayD<A>) -> ArrayD<A>) -> Form {
    Box::new(move |args| match args {
        [x1, x2] => give(A::wrap(call(scalar(x1)?, array(x2)?))),
        _ => None,
    })
}

/// The form of an array and two scalars of its dtype.
pub(crate) fn of_array_and_scalars<A: Native>(call: fn(&ArrayD<A>, A, A) -> ArrayD<A>) -> Form {
    Box::new(move |args| match args {
        [x, a, b] => give(A::wrap(call(array(x)?, scalar(a)?, scalar(b)?))),
        _ => None,
    })
}

pub(crate) fn array<'a, T: Native>(arg: &'a Argument<'_, NdArray>) -> Option<&'a ArrayD<T>> {
    arg.leaf().and_then(|array| T::unwrap(array))
}

pub(crate) fn scalar<T: Native>(arg: &Argument<'_, NdArray>) -> Option<T> {
    arg.scalar().and_then(T::from_scalar)
}

/// An int, or the default if it is left out.
pub(crate) fn int<T: TryFrom<i128>>(arg: &Argument<'_, NdArray>, default: Option<T>) -> Option<T> {
    match arg {
        Argument::Scalar(Scalar::Int(v)) => T::try_from(*v).ok(),
        Argument::None => default,
        _ => None,
    }
}

/// An axis of an array with `rank` axes. A negative one counts from the end. The crate itself refuses an axis beyond the rank.
pub(crate) fn axis(arg: &Argument<'_, NdArray>, rank: usize) -> Option<Axis> {
    let index: isize = int(arg, None)?;
    if index < 0 { rank.checked_add_signed(index).map(Axis) } else { Some(Axis(index as usize)) }
}

/// An axis, or a tuple or list of axes.
pub(crate) fn axes(arg: &Argument<'_, NdArray>, rank: usize) -> Option<Vec<Axis>> {
    arg.one_or_more().iter().map(|item| axis(item, rank)).collect()
}

/// A tuple or list of non-negative ints.
pub(crate) fn sizes(arg: &Argument<'_, NdArray>) -> Option<Vec<usize>> {
    arg.items()?.iter().map(|item| int(item, None)).collect()
}

/// Whether a flag is left out or false, for options that the crate does not have.
pub(crate) fn is_off(arg: &Argument<'_, NdArray>) -> bool {
    matches!(arg, Argument::None | Argument::Scalar(Scalar::Bool(false)))
}
