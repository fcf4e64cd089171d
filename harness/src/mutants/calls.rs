//! Faults of functions that are not element-wise: how they change the arguments and the result, and which functions have them.

use array_assay_interface::{Array, CallError, DType, Element, Kind, ParameterKind, Scalar, Value};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, DtypeRule, Function, Parameter};

use super::elementwise::{map_components, other_than, wrong_dtype};
use super::values::{each_array, each_element, each_scalar, part_of};
use super::{Fault, Mutation, Origin};
use crate::generate::may_take_one_array_twice;

impl Mutation {
    /// Changes the arguments of a call of `function`.
    pub fn apply_to_arguments(&self, function: &Function, given: &mut Vec<(&str, Given)>) {
        let argument = |given: &mut Vec<(&str, Given)>, name: &str, corrupt: &dyn Fn(&mut Given)| {
            given.iter_mut().filter(|(n, _)| *n == name).for_each(|(_, given)| corrupt(given));
        };
        match &self.fault {
            Fault::Ignores(name) => given.retain(|(n, _)| n != name),
            Fault::SignLost(name) => argument(given, name, &|given| each_integer(given, &|v| if v < 0 { -v - 1 } else { v })),
            Fault::NextChoice(name) => argument(given, name, &|given| super::linalg::next_choice(function, name, given)),
            Fault::OffByOne(name) => argument(given, name, &|given| each_integer(given, &|v| v + 1)),
            Fault::Reverses(name) => argument(given, name, &|given| {
                if let Some(items) = given.items_mut() {
                    items.reverse();
                }
            }),
            Fault::SequenceReversed => given.iter_mut().for_each(|(_, given)| {
                if let Some(items) = given.items_mut()
                    && items.iter().all(|item| matches!(item, Given::Array(_)))
                {
                    items.reverse();
                }
            }),
            Fault::ArgumentsSwapped => {
                let arrays: Vec<usize> = (0..given.len()).filter(|i| matches!(given[*i].1, Given::Array(_))).collect();
                if let [first, second, ..] = arrays[..] {
                    let moved = given[first].1.clone();
                    given[first].1 = std::mem::replace(&mut given[second].1, moved);
                }
            }
            _ => self.apply_to_transform(given),
        }
    }

    /// Changes the result of a call.
    pub fn apply_to_result(&self, given: &[(&str, Given)], origin: Origin, value: &mut Value) -> Result<(), CallError> {
        let first = given.iter().flat_map(|(_, given)| given.leaves()).next();
        let uses = |d: DType| given.iter().any(|(_, given)| uses_dtype(given, d));
        let raised = || CallError::raised("RuntimeError", "a mutant does not like this");
        let is_empty = first.is_some_and(|array| array.is_empty());
        let length = first.map_or(0, |array| array.len());
        match &self.fault {
            Fault::RaisesOn(d) if uses(*d) => return Err(raised()),
            Fault::RaisesOnZeroSize if is_empty => return Err(raised()),
            Fault::WrongDtypeOn(d) if uses(*d) => each_array(value, &mut |array| {
                *array = Array::from_elements(
                    wrong_dtype(array.dtype),
                    array.shape.clone(),
                    array.elements().map(|e| e.cast(wrong_dtype(array.dtype))),
                );
            }),
            Fault::WrongValueOn(d) if uses(*d) => each_element(value, &|_, e| other_than(e)),
            Fault::RankZeroGivesRankOne => each_array(value, &mut |array| {
                if array.shape.is_empty() {
                    array.shape = vec![1];
                }
            }),
            Fault::LastElementSkipped => {
                let mut arrays = false;
                each_array(value, &mut |array| {
                    arrays = true;
                    let last = array.len().saturating_sub(1);
                    let elements: Vec<Element> = array.elements().collect();
                    let corrupted_answer = elements.into_iter().enumerate().map(|(i, e)| if i == last { other_than(e) } else { e });
                    *array = Array::from_elements(array.dtype, array.shape.clone(), corrupted_answer);
                });
                if !arrays {
                    each_element(value, &|_, e| other_than(e));
                }
            }
            Fault::StridedWrong if origin.strided => each_element(value, &|_, e| other_than(e)),
            Fault::WrongAfterCalls if origin.calls > 1 => each_element(value, &|_, e| other_than(e)),
            Fault::WrongForOneObject if origin.one_object => each_element(value, &|_, e| other_than(e)),
            Fault::WrongAbove16Elements if length > 16 => each_element(value, &|_, e| other_than(e)),
            Fault::UnstableAbove16 if length > 16 => each_array(value, &mut |array| {
                // Exchanges two indices that stand side by side and point to equal elements.
                let Some(first) = first.filter(|first| first.shape.len() == 1) else { return };
                let mut elements: Vec<Element> = array.elements().collect();
                for i in 1..elements.len() {
                    let (Element::Int(a), Element::Int(b)) = (elements[i - 1], elements[i]) else { return };
                    if first.get(a as usize).same_bits(first.get(b as usize)) {
                        elements.swap(i - 1, i);
                        break;
                    }
                }
                *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
            }),
            Fault::ZeroSignLost => each_element(value, &|_, e| map_components(e, |v| if v == 0.0 { 0.0 } else { v })),
            Fault::NanReplaced => each_element(value, &|_, e| map_components(e, |v| if v.is_nan() { 0.0 } else { v })),
            Fault::RelativeErrorOf1e5 => each_element(value, &|_, e| map_components(e, |v| v * (1.0 + 1e-5))),
            Fault::LastDigitsWrong => each_scalar(value, &|scalar| match scalar {
                Scalar::Float(v) => Scalar::Float(v * (1.0 + 1e-12)),
                other => other,
            }),
            fault if super::linalg::apply(fault, first, value) => {}
            Fault::WrongPart(part) => {
                if let Some(item) = part_of(value, *part) {
                    each_element(item, &|_, e| other_than(e));
                }
            }
            Fault::FieldsRenamed => {
                if let Value::NamedTuple(fields) = value {
                    fields.iter_mut().for_each(|(name, _)| name.push('_'));
                }
            }
            _ => self.apply_to_spectrum(given, value),
        }
        Ok(())
    }
}

/// The faults that a function that is not element-wise may have.
pub(super) fn faults(function: &Function) -> Vec<Fault> {
    let mut out = vec![Fault::Hidden, Fault::LastElementSkipped];
    out.extend(of_arrays(function));
    out.extend(function.primary().into_iter().flat_map(|primary| of_dtypes(function, primary)));
    out.extend(function.parameters.iter().flat_map(|parameter| of_parameter(function, parameter)));
    out.extend(of_results(function));
    if function.category == "fft" {
        out.extend(super::fft::faults(function));
    }
    out
}

/// Faults that depend on whether the function takes and returns arrays.
fn of_arrays(function: &Function) -> Vec<Fault> {
    let mut out = Vec::new();
    let takes_arrays = function.parameters.iter().any(|p| p.domain.is_array());
    if takes_arrays {
        out.extend([Fault::RaisesOnZeroSize, Fault::InputOverwritten, Fault::StridedWrong, Fault::WrongAbove16Elements]);
    }
    let moves_numbers = matches!(function.category.as_str(), "manipulation" | "indexing" | "creation");
    if takes_arrays && moves_numbers && function.returns_one_array() {
        out.extend([Fault::ZeroSignLost, Fault::NanReplaced]);
    }
    if function.name == "argsort" {
        out.push(Fault::UnstableAbove16);
    }
    if function.category == "linalg" {
        out.extend(super::linalg::faults(function));
    }
    if function.returns_one_array() {
        out.push(Fault::RankZeroGivesRankOne);
    }
    out
}

/// Faults on one dtype of the primary parameter, and those of approximations.
fn of_dtypes(function: &Function, primary: &Parameter) -> Vec<Fault> {
    let mut out = Vec::new();
    for dtype in primary.dtypes.iter() {
        out.extend([Fault::RaisesOn(dtype), Fault::WrongValueOn(dtype)]);
        if primary.domain.is_array() {
            out.push(Fault::InputOverwrittenOn(dtype));
            if function.returns_one_array() && function.result.observes.is_none() {
                out.push(Fault::WrongDeviceOn(dtype));
            }
        }
        if function.returns_one_array() {
            out.push(Fault::WrongDtypeOn(dtype));
        }
    }
    let counts = function.result.dtype == DtypeRule::DefaultInteger;
    let approximates = !counts && primary.dtypes.iter().any(|d| d.kind() == Kind::RealFloating);
    if approximates && matches!(function.category.as_str(), "statistical" | "linear_algebra" | "linalg") {
        out.push(Fault::RelativeErrorOf1e5);
    }
    out
}

/// Faults of one argument.
fn of_parameter(function: &Function, parameter: &Parameter) -> Vec<Fault> {
    let mut out = Vec::new();
    let signature = function.signature.parameters.iter().find(|p| p.name == parameter.name);
    let name = || parameter.name.clone();
    if signature.is_some_and(|p| p.default.is_some()) && !matches!(parameter.domain, Domain::Device {} | Domain::Copy {}) {
        out.push(Fault::Ignores(name()));
    }
    match &parameter.domain {
        Domain::Axis { .. }
        | Domain::Axes { .. }
        | Domain::NewAxis { .. }
        | Domain::NewAxes { .. }
        | Domain::Permutation { .. }
        | Domain::TransformAxes { .. } => {
            out.push(Fault::SignLost(name()));
        }
        Domain::Integer { .. } | Domain::Real { .. } | Domain::Shift { .. } | Domain::TransformLength { .. } => {
            out.push(Fault::OffByOne(name()))
        }
        _ => {}
    }
    if matches!(
        parameter.domain,
        Domain::Permutation { .. }
            | Domain::MovedAxes { .. }
            | Domain::Reshape { .. }
            | Domain::Sizes {}
            | Domain::Repetitions { .. }
            | Domain::TransformAxes { .. }
            | Domain::TransformLengths { .. }
    ) {
        out.push(Fault::Reverses(name()));
    }
    if matches!(parameter.domain, Domain::Arrays { .. })
        && signature.is_some_and(|p| p.kind != ParameterKind::VarPositional || function.name == "meshgrid")
    {
        out.push(Fault::SequenceReversed);
    }
    out
}

/// Faults of results that only some functions have, and of copies and exceptions.
fn of_results(function: &Function) -> Vec<Fault> {
    let mut out = Vec::new();
    if matches!(function.name.as_str(), "matmul" | "tensordot" | "vecdot" | "searchsorted" | "isin") {
        out.push(Fault::ArgumentsSwapped);
    }
    if function.name.starts_with("unique_") && function.name != "unique_values" {
        out.extend([Fault::FieldsRenamed, Fault::WrongPart(0), Fault::WrongPart(1)]);
    }
    if function.name == "unique_all" {
        out.extend([Fault::WrongPart(2), Fault::WrongPart(3)]);
    }
    if function.primary().is_some_and(|p| super::linalg::may_come_from_calls(&p.domain)) && function.result.mutates.is_none() {
        out.push(Fault::WrongAfterCalls);
    }
    if may_take_one_array_twice(function) {
        out.push(Fault::WrongForOneObject);
    }
    if function.copies() && function.name != "__dlpack__" {
        out.extend([Fault::AliasInsteadOfCopy, Fault::CopyInsteadOfAlias]);
    }
    if function.raises.iter().any(|raise| raise.doubt.is_none()) {
        out.push(Fault::NeverRaises);
    }
    if function.raises.iter().any(|raise| raise.class.is_some()) {
        out.push(Fault::RaisesAnother);
    }
    if function.name == "finfo" {
        out.push(Fault::LastDigitsWrong);
    }
    out
}

/// Whether a dtype occurs in an argument.
fn uses_dtype(given: &Given, dtype: DType) -> bool {
    given.nodes().any(|node| match node {
        Given::Array(array) => array.dtype == dtype,
        Given::Dtype(given) => *given == dtype,
        _ => false,
    })
}

/// Changes every integer of an argument.
fn each_integer(given: &mut Given, map: &dyn Fn(i128) -> i128) {
    if let Given::Scalar(Scalar::Int(v)) = given {
        *v = map(*v);
    }
    given.items_mut().into_iter().flatten().for_each(|item| each_integer(item, map));
}
