//! Operators that are no element-wise function, and assignment.

use array_assay_interface::CallError;

use crate::array::Array;
use crate::call::{Answer, Value};
use crate::copy::assign;
use crate::error::{type_error, value_error};

use crate::{indexing, product};

/// Whether there is an operator at a path.
pub fn exists(path: &str) -> bool {
    matches!(
        path,
        "operator.getitem" | "operator.setitem" | "operator.matmul" | "operator.imatmul" | "method.__rmatmul__" | "builtins.list"
    )
}

/// The answer of an operator. `None` if it is none of these.
pub fn answer(path: &str, args: &[Value]) -> Option<Answer> {
    Some(match (path, args) {
        ("operator.getitem", [Value::Array(x), key]) => indexing::get(x, key).map(Value::Array),
        ("operator.getitem", [items, key]) => item(items, key),
        ("operator.setitem", [Value::Array(x), key, value]) => indexing::set(x, key, value).map(|()| Value::Array(x.clone())),
        ("operator.matmul", [Value::Array(a), Value::Array(b)]) => product::matmul(a, b).map(Value::Array),
        ("operator.imatmul", [target @ Value::Array(a), Value::Array(b)]) => {
            product::matmul(a, b).and_then(|result| stored(target, Value::Array(result)))
        }
        ("method.__rmatmul__", [Value::Array(b), Value::Array(a)]) => product::matmul(a, b).map(Value::Array),
        ("operator.eq", [Value::Dtype(a), Value::Dtype(b)]) => Ok((a == b).into()),
        ("operator.eq", [Value::Dtype(_), _]) => Ok(false.into()),
        ("builtins.list", [Value::Array(x)]) => list(x),
        (path, [object @ Value::Fields(..)]) => match path.strip_prefix("attribute.") {
            Some(name) => object.field(name).cloned().ok_or_else(|| CallError::Missing(path.to_owned())),
            None => return None,
        },
        _ if exists(path) => Err(type_error(format!("`{path}` takes no such arguments"))),
        _ => return None,
    })
}

/// An item of a tuple or a mapping.
fn item(items: &Value, key: &Value) -> Answer {
    let found = match (items, key) {
        (Value::Tuple(items) | Value::List(items), key) => {
            let index = key.integer().ok_or_else(|| type_error("an index is an integer"))?;
            let index = if index < 0 { index + items.len() as i128 } else { index };
            usize::try_from(index).ok().and_then(|index| items.get(index)).cloned()
        }
        (Value::Fields(_, fields), Value::Scalar(_)) => {
            let index = key.integer().and_then(|index| usize::try_from(index).ok());
            index.and_then(|index| fields.get(index)).map(|(_, value)| value.clone())
        }
        (items @ Value::Fields(..), Value::Str(name)) => items.field(name).cloned(),
        _ => return Err(type_error("there are no items in it")),
    };
    found.ok_or_else(|| crate::error::index_error("there is no such item"))
}

/// The elements of a vector, each an array of rank zero.
fn list(x: &Array) -> Answer {
    let (Some(count), Some(stride)) = (x.shape().first(), x.strides().first()) else {
        return Err(type_error("an array of rank zero has no items"));
    };
    let part = |i: usize| x.view(x.shape()[1..].to_vec(), x.strides()[1..].to_vec(), i as isize * stride).map(Value::Array);
    (0..*count).map(part).collect::<Result<_, _>>().map(Value::List)
}

/// Writes a result into the array on the left of an operator, which has to have its dtype and its shape.
pub fn stored(target: &Value, result: Value) -> Answer {
    let (Value::Array(old), Value::Array(new)) = (target, &result) else {
        return Err(type_error("an operator in place needs arrays"));
    };
    if old.dtype() != new.dtype() {
        return Err(type_error(format!("a result of {} is not stored in an array of {}", new.dtype(), old.dtype())));
    }
    if old.shape() != new.shape() {
        return Err(value_error(format!("a result of shape {:?} is not stored in an array of shape {:?}", new.shape(), old.shape())));
    }
    assign(old, new)?;
    Ok(target.clone())
}
