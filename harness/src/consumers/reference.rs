//! What the reference gives for the statements of a consumer's program.

use array_assay_interface::{Array, Backend, Outcome, Program, Value, run_program};
use array_assay_spec::consumer::Given;

use crate::reference::Reference;

/// The values of registers after a program on the reference. The error says which step the reference refuses, and why.
pub fn values(program: &Program, registers: &[u32]) -> Result<Vec<Value>, (Option<u32>, String)> {
    let program = Program { returns: registers.to_vec(), ..program.clone() };
    match run_program(&mut Reference::default(), &program) {
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
                array_assay_interface::Scalar::Bool(_) => array_assay_interface::DType::Bool,
                array_assay_interface::Scalar::Int(_) => array_assay_interface::DType::Int64,
                array_assay_interface::Scalar::Float(_) => array_assay_interface::DType::Float64,
                array_assay_interface::Scalar::Complex(_) => array_assay_interface::DType::Complex128,
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
    let resolve = |arg: &array_assay_interface::Arg| {
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
fn with_fields<'a, A>(arg: array_assay_interface::Tree<&'a A>) -> array_assay_interface::Argument<'a, A> {
    arg.bind(array_assay_interface::Tree::Array)
}
