//! Access to the parts of a value, for faults that change them.

use array_assay_interface::{Array, DType, Element, Scalar, Value};

use super::elementwise::other_number;

/// One of several results.
pub(super) fn part_of(value: &mut Value, part: usize) -> Option<&mut Value> {
    match value {
        Value::Tuple(items) | Value::List(items) => items.get_mut(part),
        Value::NamedTuple(fields) => fields.get_mut(part).map(|(_, item)| item),
        _ => None,
    }
}

/// Changes every array of a result.
pub(super) fn each_array(value: &mut Value, corrupt: &mut dyn FnMut(&mut Array)) {
    match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => corrupt(array),
        Value::Tuple(items) | Value::List(items) => items.iter_mut().for_each(|item| each_array(item, corrupt)),
        Value::NamedTuple(fields) | Value::Dict(fields) => fields.iter_mut().for_each(|(_, item)| each_array(item, corrupt)),
        _ => {}
    }
}

/// Changes every element of a result, and every scalar and dtype to another one.
pub(super) fn each_element(value: &mut Value, map: &dyn Fn(usize, Element) -> Element) {
    each_array(value, &mut |array| {
        let elements: Vec<Element> = array.elements().enumerate().map(|(i, e)| map(i, e)).collect();
        *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
    });
    each_scalar(value, &|scalar| match scalar {
        Scalar::Bool(v) => Scalar::Bool(!v),
        Scalar::Int(v) => Scalar::Int(v + 1),
        Scalar::Float(v) => Scalar::Float(other_number(v)),
        Scalar::Complex((re, im)) => Scalar::Complex((other_number(re), im)),
    });
    if let Value::Dtype(names) = value {
        let other = if names.iter().any(|name| name == "bool") { DType::Int8 } else { DType::Bool };
        *names = vec![other.name().to_owned()];
    }
}

/// Changes every scalar of a result.
pub(super) fn each_scalar(value: &mut Value, map: &dyn Fn(Scalar) -> Scalar) {
    match value {
        Value::Scalar(scalar) => *scalar = map(*scalar),
        Value::Tuple(items) | Value::List(items) => items.iter_mut().for_each(|item| each_scalar(item, map)),
        Value::NamedTuple(fields) | Value::Dict(fields) => fields.iter_mut().for_each(|(_, item)| each_scalar(item, map)),
        _ => {}
    }
}
