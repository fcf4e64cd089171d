//! What the reference gives for the statements of a consumer's program.

use array_assay_interface::{
    Arg, Argument, Array, Backend, CallError, DType, Identity, Outcome, Output, Program, Scalar, Tree, Value, run_program,
};
use array_assay_spec::consumer::Given;

use crate::reference::{Reference, ReferenceArray};

/// The reference, which answers three kinds of calls that it refuses otherwise, because consumers make them and all libraries give the same:
/// `asarray` with another dtype, `astype` that need not copy and has to, and a list where the standard has a tuple.
struct Obliging(Reference);

impl Backend for Obliging {
    type Array = ReferenceArray;

    fn identity(&self, functions: &[String]) -> Identity {
        self.0.identity(functions)
    }

    fn from_host(&mut self, array: &Array) -> Result<ReferenceArray, CallError> {
        self.0.from_host(array)
    }

    fn to_host(&mut self, array: &ReferenceArray) -> Result<Array, CallError> {
        self.0.to_host(array)
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        let dtype = kwargs.iter().find(|(name, _)| name == "dtype").map(|(_, dtype)| dtype.clone()).or_else(|| args.get(1).cloned());
        let refused = match self.0.call(function, args, kwargs) {
            Err(refused) => refused,
            answer => return answer,
        };
        match (function, args.first(), dtype) {
            ("asarray" | "astype", Some(x @ Tree::Array(_)), Some(dtype @ Tree::Dtype(_))) => {
                self.0.call("astype", &[x.clone(), dtype], &[]).map_err(|_| refused)
            }
            _ if args.iter().any(|arg| matches!(arg, Tree::List(_))) => {
                let args: Vec<_> = args.iter().map(tuple).collect();
                self.0.call(function, &args, kwargs).map_err(|_| refused)
            }
            _ => Err(refused),
        }
    }
}

/// The argument, with a tuple in place of a list.
fn tuple<'a>(arg: &Argument<'a, ReferenceArray>) -> Argument<'a, ReferenceArray> {
    match arg {
        Tree::List(items) => Tree::Tuple(items.clone()),
        other => other.clone(),
    }
}

/// The values of registers after a program on the reference. The error says which step the reference refuses, and why.
pub fn values(program: &Program, registers: &[u32]) -> Result<Vec<Value>, (Option<u32>, String)> {
    let program = Program { returns: registers.to_vec(), ..program.clone() };
    match run_program(&mut Obliging(Reference::default()), &program) {
        Outcome::Values(values) => Ok(values),
        Outcome::Raised { exception, step, .. } => Err((step, format!("{}: {}", exception.type_name, exception.message))),
        Outcome::Missing { name, step, .. } => Err((step, format!("it has no `{name}`"))),
        Outcome::Unsupported { capability, step, .. } => Err((step, format!("it lacks {capability}"))),
        Outcome::Joined { .. } => Err((None, "it joined runs".to_owned())),
    }
}

/// A value that can take the place of a statement's own.
pub fn given(value: &Value) -> Option<Given> {
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Some(Given::Array(array.clone())),
        Value::Scalar(scalar) => Some(Given::Scalar(*scalar)),
        _ => None,
    }
}

/// The array that a value is, or an array without axes for a number.
pub fn as_array(value: &Value) -> Option<Array> {
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Some(array.clone()),
        Value::Scalar(scalar) => {
            let dtype = match scalar {
                Scalar::Bool(_) => DType::Bool,
                Scalar::Int(_) => DType::Int64,
                Scalar::Float(_) => DType::Float64,
                Scalar::Complex(_) => DType::Complex128,
            };
            Some(Array::from_elements(dtype, Vec::new(), [scalar.element()]))
        }
        _ => None,
    }
}

/// Whether the result of the last step of a program is one of those that the standard allows for its arguments. `None` if the reference
/// cannot say so.
pub fn allows(program: &Program, result: &Value) -> Option<bool> {
    let last = program.steps.last()?;
    let mut reference = Reference::default();
    let arrays: Vec<u32> = last.registers().collect();
    let made = values(&Program { steps: program.steps[..program.steps.len() - 1].to_vec(), ..program.clone() }, &arrays).ok()?;
    let handed: Vec<Array> = made.iter().map(as_array).collect::<Option<_>>()?;
    let held = handed.iter().map(|array| reference.from_host(array)).collect::<Result<Vec<_>, _>>().ok()?;
    let find = |register: u32| arrays.iter().position(|other| *other == register).map(|at| &held[at]);
    let resolve = |arg: &Arg| {
        let missing = arg.leaves().any(|leaf| find(leaf.0).is_none());
        (!missing).then(|| arg.as_ref().map(|leaf| find(leaf.0).unwrap_or(&held[0])))
    };
    let args = last.args.iter().map(resolve).collect::<Option<Vec<_>>>()?;
    let kwargs = last.kwargs.iter().map(|(name, arg)| Some((name.clone(), resolve(arg)?))).collect::<Option<Vec<_>>>()?;
    let args: Vec<_> = args.into_iter().map(with_fields).collect();
    let kwargs: Vec<_> = kwargs.into_iter().map(|(name, arg)| (name, with_fields(arg))).collect();
    reference.allows(&last.function, &args, &kwargs, result)
}

/// The same tree, of the type that calls take.
fn with_fields<'a, A>(arg: Tree<&'a A>) -> Argument<'a, A> {
    arg.bind(Tree::Array)
}
