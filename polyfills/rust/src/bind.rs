//! Puts the arguments of a call in the order of a signature.

use array_assay_interface::CallError;

use crate::generated::table::{Function, Literal, Passed};
use crate::value::{Value, type_error};

/// One value for each parameter: the argument, or the default. A parameter for any number of arguments gets a tuple.
pub(crate) fn bound<A: Clone>(function: &Function, args: &[Value<A>], kwargs: &[(String, Value<A>)]) -> Result<Vec<Value<A>>, CallError> {
    let name = function.path;
    let mut rest = args.iter();
    let mut out = Vec::with_capacity(function.parameters.len());
    let mut used = 0;
    for parameter in function.parameters {
        let keyword = kwargs.iter().find(|(name, _)| name == parameter.name).map(|(_, value)| value);
        let given = match parameter.passed {
            Passed::Variadic => {
                out.push(Value::Tuple(rest.by_ref().cloned().collect()));
                continue;
            }
            Passed::ByPosition => rest.next(),
            Passed::ByKeyword => {
                used += usize::from(keyword.is_some());
                keyword
            }
            Passed::Either => match (rest.next(), keyword) {
                (Some(_), Some(_)) => return Err(type_error(format!("`{name}` got `{}` twice", parameter.name))),
                (None, keyword) => {
                    used += usize::from(keyword.is_some());
                    keyword
                }
                (given, None) => given,
            },
        };
        out.push(match (given, parameter.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => default.value(),
            (None, None) => return Err(type_error(format!("`{name}` lacks the argument `{}`", parameter.name))),
        });
    }
    if rest.next().is_some() {
        return Err(type_error(format!("`{name}` takes fewer arguments by position")));
    }
    if used < kwargs.len() {
        let known =
            |name: &str| function.parameters.iter().any(|p| p.name == name && matches!(p.passed, Passed::ByKeyword | Passed::Either));
        let unknown = kwargs.iter().find(|(name, _)| !known(name)).map_or("", |(name, _)| name);
        return Err(type_error(format!("`{name}` takes no keyword `{unknown}`")));
    }
    Ok(out)
}

impl Literal {
    fn value<A>(self) -> Value<A> {
        match self {
            Literal::None => Value::None,
            Literal::Bool(v) => v.into(),
            Literal::Int(v) => Value::int(v),
            Literal::Float(v) => v.into(),
            Literal::Str(text) => text.into(),
            Literal::Empty => Value::Tuple(Vec::new()),
        }
    }
}
