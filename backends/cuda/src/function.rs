//! The functions by their paths.

use array_assay_interface::{CallError, DType};
use array_assay_namespace::signature::{self, Form};

use crate::call::{Answer, Call, Context, Function, Value};
use crate::{
    creation, elementwise, indexing, linalg, manipulation, object, operation, operator, order, product, reduction, sets, spectra, transform,
};

/// The function of the standard at a path, if the namespace has it. Operators are not among them.
fn find(path: &str) -> Option<Function> {
    let categories = [
        creation::find,
        indexing::find,
        linalg::find,
        manipulation::find,
        object::find,
        order::find,
        product::find,
        reduction::find,
        sets::find,
        spectra::find,
        transform::find,
    ];
    let found = categories.iter().find_map(|find| find(path));
    found.or_else(|| match path {
        "where" => Some(elementwise::choose as Function),
        "clip" => Some(elementwise::clip),
        path => operation::find(path).map(|_| elementwise::call as Function),
    })
}

/// Whether the namespace has a function at a path.
pub fn exists(path: &str) -> bool {
    if path.parse::<DType>().is_ok() || find(path).is_some() || operator::exists(path) {
        return true;
    }
    match (signature::alias(path), signature::find(path).and_then(|signature| signature.operator())) {
        (Some(name), _) | (None, Some((name, _))) => exists(name),
        (None, None) => false,
    }
}

/// Answers a call.
pub fn answer(context: &Context, path: &str, args: &[Value], kwargs: &[(String, Value)]) -> Answer {
    if let Some(name) = signature::alias(path) {
        return answer(context, name, args, kwargs);
    }
    let missing = || CallError::Missing(path.to_owned());
    if let Ok(dtype) = path.parse::<DType>() {
        return Ok(Value::Dtype(dtype));
    }
    if let Some(answer) = operator::answer(path, args) {
        return answer;
    }
    let signature = signature::find(path).ok_or_else(missing)?;
    if let Some((semantics, form)) = signature.operator() {
        let operands: Vec<Value> = match form {
            Form::Reflected => args.iter().rev().cloned().collect(),
            Form::Forward | Form::InPlace => args.to_vec(),
        };
        let result = answer(context, semantics, &operands, kwargs)?;
        return match (form, args.first()) {
            (Form::InPlace, Some(target)) => operator::stored(target, result),
            _ => Ok(result),
        };
    }
    let function = find(path).ok_or_else(missing)?;
    // The methods of the inspection are those of an object that says nothing.
    let values = match (path.strip_prefix("method."), args) {
        (Some(_), [object, rest @ ..]) if !signature.has_self() => {
            let mut values = vec![object.clone()];
            values.extend(signature.bound(rest, kwargs)?);
            values
        }
        _ => signature.bound(args, kwargs)?,
    };
    function(&Call { name: path, context, values })
}
