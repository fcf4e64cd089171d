//! A function that ndarray names: the forms in which it can be called, and the call.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use array_assay_interface::{Argument, CallError, Scalar};
use ndarray::ArrayD;

use crate::array::{Native, NdArray};
use crate::{elementwise, layout};

/// A call for operands of given types: `None` where the arguments are of other types.
pub(crate) type Form = Box<dyn Fn(&[Argument<'_, NdArray>]) -> Option<Result<NdArray, CallError>> + Send + Sync>;

/// A function of the standard that the crate names.
pub(crate) struct Function {
    /// Its path in the standard.
    pub name: &'static str,
    /// The crate's operator or method.
    pub native: &'static str,
    /// Names of the standard's parameters that may be passed by keyword, `_` where one may not.
    pub parameters: &'static [&'static str],
    /// For each combination of types that the crate implements, the call.
    pub forms: Vec<Form>,
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> =
    LazyLock::new(|| elementwise::functions().into_iter().chain(layout::functions()).map(|f| (f.name, f)).collect());

/// The function of that path in the standard, if the crate names it.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

impl Function {
    /// Calls the first form that takes these arguments; raises where none does.
    pub fn call(&self, args: &[Argument<'_, NdArray>], kwargs: &[(String, Argument<'_, NdArray>)]) -> Result<NdArray, CallError> {
        let args = self.in_order(args, kwargs)?;
        self.forms.iter().find_map(|form| form(&args)).unwrap_or_else(|| Err(self.no_form(&args)))
    }

    /// All arguments by position; one that is left out before another is `None`.
    fn in_order<'a, 'b>(
        &self,
        args: &'b [Argument<'a, NdArray>],
        kwargs: &[(String, Argument<'a, NdArray>)],
    ) -> Result<Cow<'b, [Argument<'a, NdArray>]>, CallError> {
        let mut args = Cow::Borrowed(args);
        let given = args.len();
        for (name, value) in kwargs {
            let position = self.parameters.iter().position(|parameter| parameter == name).filter(|p| *p >= given);
            let position = position.ok_or_else(|| {
                CallError::raised("NoSuchImpl", format!("`{}` of the crate ndarray takes no further argument `{name}`", self.native))
            })?;
            if args.len() <= position {
                args.to_mut().resize(position + 1, Argument::None);
            }
            args.to_mut()[position] = value.clone();
        }
        Ok(args)
    }

    fn no_form(&self, args: &[Argument<'_, NdArray>]) -> CallError {
        let args = args.iter().map(describe).collect::<Vec<_>>().join(", ");
        CallError::raised("NoSuchImpl", format!("the crate ndarray implements no `{}` for ({args})", self.native))
    }
}

/// What kind of argument it is, for a message.
fn describe(arg: &Argument<'_, NdArray>) -> String {
    match arg {
        Argument::Array(array) => format!("{} array", array.dtype()),
        Argument::Value(_) => "no array".to_owned(),
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
        Argument::Tuple(items) => format!("tuple of ({})", items.iter().map(describe).collect::<Vec<_>>().join(", ")),
        Argument::List(items) => format!("list of ({})", items.iter().map(describe).collect::<Vec<_>>().join(", ")),
    }
}

/// The form of one array.
pub(crate) fn of_array<A: Native, R: Native>(call: fn(&ArrayD<A>) -> ArrayD<R>) -> Form {
    Box::new(move |args| match args {
        [x] => Some(Ok(R::wrap(call(array(x)?)))),
        _ => None,
    })
}

/// The form of two arrays.
pub(crate) fn of_arrays<A: Native, B: Native, R: Native>(call: fn(&ArrayD<A>, &ArrayD<B>) -> ArrayD<R>) -> Form {
    Box::new(move |args| match args {
        [x1, x2] => Some(Ok(R::wrap(call(array(x1)?, array(x2)?)))),
        _ => None,
    })
}

/// The form of an array and a scalar of its dtype.
pub(crate) fn of_array_and_scalar<A: Native>(call: fn(&ArrayD<A>, A) -> ArrayD<A>) -> Form {
    Box::new(move |args| match args {
        [x1, x2] => Some(Ok(A::wrap(call(array(x1)?, scalar(x2)?)))),
        _ => None,
    })
}

/// The form of a scalar and an array of its dtype.
pub(crate) fn of_scalar_and_array<A: Native>(call: fn(A, &ArrayD<A>) -> ArrayD<A>) -> Form {
    Box::new(move |args| match args {
        [x1, x2] => Some(Ok(A::wrap(call(scalar(x1)?, array(x2)?)))),
        _ => None,
    })
}

/// The form of an array and two scalars of its dtype.
pub(crate) fn of_array_and_scalars<A: Native>(call: fn(&ArrayD<A>, A, A) -> ArrayD<A>) -> Form {
    Box::new(move |args| match args {
        [x, a, b] => Some(Ok(A::wrap(call(array(x)?, scalar(a)?, scalar(b)?)))),
        _ => None,
    })
}

fn array<'a, T: Native>(arg: &'a Argument<'_, NdArray>) -> Option<&'a ArrayD<T>> {
    match arg {
        Argument::Array(array) => T::unwrap(array),
        _ => None,
    }
}

fn scalar<T: Native>(arg: &Argument<'_, NdArray>) -> Option<T> {
    match arg {
        Argument::Scalar(scalar) => T::from_scalar(*scalar),
        _ => None,
    }
}
