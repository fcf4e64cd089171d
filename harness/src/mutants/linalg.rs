//! Faults of linear algebra: how they change matrices, and which functions have them.

use array_assay_interface::{Array, DType, Element, Kind, Scalar, Value};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Function, Values};

use super::Fault;
use super::elementwise::{map_components, other_than};
use super::values::{each_array, each_element, part_of};

/// Corrupts a result, if the fault is one of linear algebra, and returns whether it is. `first` is the first array among the arguments.
pub(super) fn apply(fault: &Fault, first: Option<&Array>, value: &mut Value) -> bool {
    match fault {
        Fault::SinglePrecision => each_array(value, &mut |array| {
            if matches!(array.dtype, DType::Float64 | DType::Complex128) {
                map_elements(array, |_, e| map_components(e, |v| f64::from(v as f32)));
            }
        }),
        Fault::ElevenBits => each_array(value, &mut |array| {
            if matches!(array.dtype, DType::Float32 | DType::Complex64) {
                // Thirteen of the 24 bits are dropped.
                let cut = |v: f64| f64::from(f32::from_bits((v as f32).to_bits() & !0x1fff));
                map_elements(array, |_, e| map_components(e, cut));
            }
        }),
        Fault::OrthogonalityLost(part) => {
            if let Some(part) = part_of(value, *part) {
                each_array(part, &mut |array| slant(array));
            }
        }
        Fault::WrongAboveSize8 => {
            if first.and_then(|array| array.shape.iter().rev().nth(1)).is_some_and(|rows| *rows > 8) {
                each_element(value, &|_, e| other_than(e));
            }
        }
        Fault::LastOfStackWrong => {
            let matrices: usize = first.map_or(1, |array| array.shape.iter().rev().skip(2).product());
            if matrices > 1 {
                each_array(value, &mut |array| {
                    let last = array.len() - array.len() / matrices;
                    map_elements(array, |i, e| if i >= last { other_than(e) } else { e });
                });
            }
        }
        Fault::ConjugatedInComplex64 => {
            if first.is_some_and(|array| array.dtype == DType::Complex64) {
                each_element(value, &|_, e| if let Element::C64(re, im) = e { Element::C64(re, -im) } else { e });
            }
        }
        Fault::OrderReversed(part) => {
            let part = if matches!(value, Value::NamedTuple(_)) { part_of(value, *part) } else { Some(value) };
            if let Some(part) = part {
                each_array(part, &mut |array| reverse_last_axis(array));
            }
        }
        Fault::FieldsReversed => {
            if let Value::NamedTuple(fields) = value {
                fields.reverse();
            }
        }
        Fault::ValueRepeated => {
            let first = match value {
                Value::NamedTuple(fields) => fields.first_mut().map(|(_, first)| first),
                other => Some(other),
            };
            if let Some(first) = first {
                each_array(first, &mut |array| repeat_second(array));
            }
        }
        Fault::TriangleFilled => {
            let last = match value {
                Value::NamedTuple(fields) => fields.last_mut().map(|(_, last)| last),
                other => Some(other),
            };
            if let Some(last) = last {
                each_array(last, &mut |array| {
                    let small = Element::F64(1e-3).cast(array.dtype);
                    map_elements(array, |_, e| if e.components() == (0.0, 0.0) { small } else { e });
                });
            }
        }
        _ => return false,
    }
    true
}

/// Changes the elements of an array, by flat index.
fn map_elements(array: &mut Array, map: impl Fn(usize, Element) -> Element) {
    let elements: Vec<Element> = array.elements().enumerate().map(|(i, e)| map(i, e)).collect();
    *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
}

/// Replaces the first element along the last axis by the second.
fn repeat_second(array: &mut Array) {
    let n = array.shape.last().copied().unwrap_or(0);
    let elements: Vec<Element> = array.elements().collect();
    map_elements(array, |i, e| if n > 1 && i % n == 0 { elements[i + 1] } else { e });
}

/// Adds a little of the last column but one to the last column of each matrix, so that the columns are not orthogonal.
fn slant(array: &mut Array) {
    let [.., rows, columns] = array.shape[..] else { return };
    if columns < 2 || rows == 0 {
        return;
    }
    let elements: Vec<Element> = array.elements().collect();
    let leaning = |i: usize| {
        let (re, im) = elements[i].components();
        if i % columns + 1 < columns {
            return elements[i];
        }
        let (a, b) = elements[i + 1 - columns].components();
        Element::C128(re + 1e-3 * a, im + 1e-3 * b).cast(array.dtype)
    };
    *array = Array::from_elements(array.dtype, array.shape.clone(), (0..elements.len()).map(leaning));
}

/// Reverses the elements along the last axis.
fn reverse_last_axis(array: &mut Array) {
    let n = array.shape.last().copied().unwrap_or(0).max(1);
    let elements: Vec<Element> = array.elements().collect();
    let reversed: Vec<Element> = elements.chunks(n).flat_map(|line| line.iter().rev().copied()).collect();
    *array = Array::from_elements(array.dtype, array.shape.clone(), reversed);
}

/// Replaces the order of a norm, or one of several strings, by the next choice of its domain.
pub(super) fn next_choice(function: &Function, name: &str, given: &mut Given) {
    let parameter = function.parameters.iter().find(|p| p.name == name);
    let after = |among: &[String], is: &dyn Fn(&String) -> bool| -> Option<String> {
        let at = among.iter().position(is)?;
        among.get((at + 1) % among.len()).cloned()
    };
    let next = match (parameter.map(|p| &p.domain), &*given) {
        (Some(Domain::Choice { among } | Domain::Order { among }), Given::Str(text)) => after(among, &|other| other == text),
        (Some(Domain::Order { among }), Given::Scalar(scalar)) => {
            let order = scalar.element().components().0;
            after(among, &|other| other.parse() == Ok(order))
        }
        _ => None,
    };
    if let Some(next) = next {
        *given = match next.parse() {
            Ok(order) => Given::Scalar(Scalar::Float(order)),
            Err(_) => Given::Str(next),
        };
    }
}

/// The kind of matrices that a parameter takes, if it takes matrices.
fn matrices(domain: &Domain) -> Option<Values> {
    let Domain::Array { values, .. } = domain else { return None };
    matches!(values, Values::Matrices | Values::Invertible | Values::Independent | Values::Hermitian | Values::Definite).then_some(*values)
}

/// Whether an array argument can be the result of other calls. Matrices of a class, and arrays that must be finite, are always drawn.
pub(super) fn may_come_from_calls(domain: &Domain) -> bool {
    matches!(domain, Domain::Array { values, .. } if !matches!(values, Values::Finite | Values::HalfSpectrum)) && matrices(domain).is_none()
}

/// The faults that a function of the extension `linalg` may have, besides those of all functions.
pub(super) fn faults(function: &Function) -> Vec<Fault> {
    let mut out = Vec::new();
    let primary = function.primary();
    let takes_matrices = primary.is_some_and(|p| matrices(&p.domain).is_some());
    let name = function.name.as_str();
    if primary.is_some_and(|p| p.dtypes.iter().any(|d| d.kind() == Kind::RealFloating))
        && !matches!(name, "diagonal" | "matrix_transpose" | "matrix_rank")
    {
        out.extend([Fault::SinglePrecision, Fault::ElevenBits]);
    }
    if takes_matrices {
        out.extend([Fault::WrongAboveSize8, Fault::LastOfStackWrong]);
    }
    let real_result = matches!(name, "eigvalsh" | "matrix_norm" | "matrix_rank" | "svdvals" | "vector_norm");
    if !real_result && primary.is_some_and(|p| p.dtypes.contains(DType::Complex64)) {
        out.push(Fault::ConjugatedInComplex64);
    }
    match name {
        "svd" => out.extend([Fault::OrthogonalityLost(0), Fault::OrthogonalityLost(2), Fault::OrderReversed(1), Fault::WrongPart(2)]),
        "svdvals" => out.extend([Fault::OrderReversed(0), Fault::ValueRepeated]),
        "eigh" => out.extend([Fault::OrthogonalityLost(1), Fault::OrderReversed(0)]),
        "eig" => out.extend([Fault::OrderReversed(0), Fault::ValueRepeated]),
        "eigvals" | "eigvalsh" => out.push(Fault::ValueRepeated),
        "qr" => out.extend([Fault::OrthogonalityLost(0), Fault::TriangleFilled, Fault::NextChoice("mode".to_owned())]),
        "cholesky" => out.push(Fault::TriangleFilled),
        "matrix_norm" | "vector_norm" => out.push(Fault::NextChoice("ord".to_owned())),
        "cross" => out.push(Fault::ArgumentsSwapped),
        "outer" | "solve" => out.push(Fault::ArgumentsSwapped),
        _ => {}
    }
    if matches!(name, "eig" | "eigh" | "qr" | "slogdet" | "svd") {
        out.extend([Fault::FieldsReversed, Fault::FieldsRenamed, Fault::WrongPart(0), Fault::WrongPart(1)]);
    }
    out
}
