//! Faults of linear algebra: what they do to matrices, and which functions they change.

use array_assay_interface::{Array, DType, Element, Kind, Scalar, Value};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Function, Values};

use super::Fault;
use super::elementwise::{map_components, other_than};
use super::values::{each_array, each_element, part_of};
use crate::generate::Primary;

/// Corrupts a result; whether the fault is one of these. `first` is the first array among the arguments.
pub(super) fn apply(fault: &Fault, first: Option<&Array>, value: &mut Value) -> bool {
    let rows = first.map_or(0, |array| array.shape.iter().rev().nth(1).copied().unwrap_or(0));
    let of_dtype = |dtype: DType| first.is_some_and(|array| array.dtype == dtype);
    match fault {
        Fault::SinglePrecision => each_array(value, &mut |array| {
            if matches!(array.dtype, DType::Float64 | DType::Complex128) {
                let rounded: Vec<Element> = array.elements().map(|e| map_components(e, |v| f64::from(v as f32))).collect();
                *array = Array::from_elements(array.dtype, array.shape.clone(), rounded);
            }
        }),
        Fault::ElevenBits => each_array(value, &mut |array| {
            if matches!(array.dtype, DType::Float32 | DType::Complex64) {
                // Thirteen of the 24 bits are dropped.
                let cut = |v: f64| f64::from(f32::from_bits((v as f32).to_bits() & !0x1fff));
                let rounded: Vec<Element> = array.elements().map(|e| map_components(e, cut)).collect();
                *array = Array::from_elements(array.dtype, array.shape.clone(), rounded);
            }
        }),
        Fault::OrthogonalityLost(part) => {
            if let Some(part) = part_of(value, *part) {
                each_array(part, &mut |array| slant(array));
            }
        }
        Fault::WrongAboveSize8 => {
            if rows > 8 {
                each_element(value, &|_, e| other_than(e));
            }
        }
        Fault::LastOfStackWrong => {
            let outer: usize = first.map_or(1, |array| array.shape.iter().rev().skip(2).product());
            if outer > 1 {
                each_array(value, &mut |array| {
                    let from = array.len() - array.len() / outer;
                    let elements: Vec<Element> =
                        array.elements().enumerate().map(|(i, e)| if i >= from { other_than(e) } else { e }).collect();
                    *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
                });
            }
        }
        Fault::ConjugatedInComplex64 => {
            if of_dtype(DType::Complex64) {
                each_element(value, &|_, e| if let Element::C64(re, im) = e { Element::C64(re, -im) } else { e });
            }
        }
        Fault::OrderReversed(part) => match value {
            Value::NamedTuple(_) => {
                if let Some(part) = part_of(value, *part) {
                    each_array(part, &mut |array| reverse_last_axis(array));
                }
            }
            other => each_array(other, &mut |array| reverse_last_axis(array)),
        },
        Fault::FieldsReversed => {
            if let Value::NamedTuple(fields) = value {
                fields.reverse();
            }
        }
        Fault::ValueRepeated => {
            let repeat = &mut |array: &mut Array| {
                let n = array.shape.last().copied().unwrap_or(0);
                let elements: Vec<Element> = array.elements().collect();
                let repeated: Vec<Element> =
                    elements.iter().enumerate().map(|(i, e)| if n > 1 && i % n == 0 { elements[i + 1] } else { *e }).collect();
                *array = Array::from_elements(array.dtype, array.shape.clone(), repeated);
            };
            match value {
                Value::NamedTuple(fields) => {
                    if let Some((_, values)) = fields.first_mut() {
                        each_array(values, repeat);
                    }
                }
                other => each_array(other, repeat),
            }
        }
        Fault::TriangleFilled => {
            let last = match value {
                Value::NamedTuple(fields) => fields.last_mut().map(|(_, last)| last),
                other => Some(other),
            };
            if let Some(last) = last {
                each_array(last, &mut |array| {
                    let elements: Vec<Element> = array
                        .elements()
                        .map(|e| if e.components() == (0.0, 0.0) { Element::F64(1e-3).cast(array.dtype) } else { e })
                        .collect();
                    *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
                });
            }
        }
        _ => return false,
    }
    true
}

/// The last column of each matrix leans towards the first.
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

fn reverse_last_axis(array: &mut Array) {
    let n = array.shape.last().copied().unwrap_or(0).max(1);
    let elements: Vec<Element> = array.elements().collect();
    let reversed: Vec<Element> = elements.chunks(n).flat_map(|line| line.iter().rev().copied()).collect();
    *array = Array::from_elements(array.dtype, array.shape.clone(), reversed);
}

/// The next order of a norm, or the next of several strings.
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

/// The matrices that a function takes, where it takes such.
fn matrices(domain: &Domain) -> Option<Values> {
    let Domain::Array { values, .. } = domain else { return None };
    matches!(values, Values::Matrices | Values::Invertible | Values::Independent | Values::Hermitian | Values::Definite).then_some(*values)
}

/// Whether such an array comes out of other calls: seldom a matrix of a class, and never only numbers.
pub(super) fn may_come_from_calls(domain: &Domain) -> bool {
    matches!(domain, Domain::Array { values, .. } if !matches!(values, Values::Finite | Values::HalfSpectrum)) && matrices(domain).is_none()
}

/// The faults of a function of the extension, besides those of all functions.
pub(super) fn faults(function: &Function) -> Vec<Fault> {
    let mut out = Vec::new();
    let primary = Primary::of(function);
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
