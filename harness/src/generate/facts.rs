//! The facts about the arguments of a call that conditions of the spec may name. Each is worked out when it is asked for.

use std::collections::HashMap;

use array_assay_interface::{Array, DType, Element, Kind, Scalar, Slice, Value};
use array_assay_oracle::call::{Expectation, Given};
use array_assay_spec::expr::{Expr, Names, Num};
use array_assay_spec::{Domain, Function, OPERAND_FACTS, Operand, Parameter, REDUCED, RESULT_CAST, SHAPES_DIFFER, choice_fact};

use super::call::Call;

/// The facts about one call. [`array_assay_spec::facts`] lists their names.
pub(super) struct Facts<'c> {
    pub function: &'c Function,
    pub call: &'c Call<'c>,
    /// Whether the dtype of the result differs from that of the first array, which cannot hold the result.
    pub cast: bool,
    /// The library's default dtype of indices.
    pub index: DType,
}

/// Whether a condition of a function's aspect or clause holds for a call. `cast` says whether the dtype of the result differs from that of the
/// first array, which cannot hold the result.
pub fn holds(function: &Function, call: &Call<'_>, cast: bool, condition: &Expr) -> bool {
    let index = array_assay_interface::Defaults::default().index;
    condition.truth(&Facts { function, call, cast, index }).unwrap_or(false)
}

/// The indices of the clauses of an element-wise function whose condition a call fulfils.
pub fn exercised_by<'c>(function: &'c Function, call: &'c Call<'_>) -> impl Iterator<Item = usize> + 'c {
    function.conditions().filter(|(_, when)| holds(function, call, false, when)).map(|(i, _)| i)
}

impl Names for Facts<'_> {
    fn value(&self, name: &str) -> Option<Num> {
        match name {
            RESULT_CAST => return Some(Num::Bool(self.cast)),
            SHAPES_DIFFER => {
                let mut shapes = self.call.laid().map(|(array, _)| &array.shape);
                let first = shapes.next();
                return Some(Num::Bool(shapes.any(|shape| Some(shape) != first)));
            }
            REDUCED => return Some(Num::Int(self.reduced() as i128)),
            _ => {}
        }
        let of_parameter = |parameter: &Parameter| {
            let rest = name.strip_prefix(parameter.name.as_str())?;
            if rest.is_empty() { self.number(parameter) } else { self.fact(parameter, rest.strip_prefix('_')?) }
        };
        let operands = || self.function.operands.iter().enumerate();
        self.function
            .parameters
            .iter()
            .find_map(of_parameter)
            .or_else(|| operands().find_map(|(k, operand)| self.of_operand(k, operand, name)))
    }
}

impl Facts<'_> {
    /// A fact about an operand of an element-wise function. [`array_assay_spec::operand_facts`] lists their names.
    fn of_operand(&self, k: usize, operand: &Operand, name: &str) -> Option<Num> {
        let fact = name.strip_prefix(operand.name.as_str())?.strip_prefix('_').filter(|fact| OPERAND_FACTS.contains(fact))?;
        match (fact, self.call.operand(self.function, k)) {
            ("none", given) => Some(Num::Bool(given.is_none())),
            ("scalar", given) => Some(Num::Bool(matches!(given, Some(Given::Scalar(_))))),
            (fact, Some(Given::Array(array))) => array_fact(Some(array), fact, array.dtype),
            (fact, _) => array_fact(None, fact, DType::Int64),
        }
    }

    /// The number or flag that is passed for a parameter, or its default. `False` if that is neither a number nor a flag. `None` for arrays
    /// and keys.
    fn number(&self, parameter: &Parameter) -> Option<Num> {
        if parameter.domain.is_array() || matches!(parameter.domain, Domain::Key { .. }) {
            return None;
        }
        Some(match self.call.argument(&parameter.name) {
            Some(Given::Scalar(Scalar::Bool(v))) => Num::Bool(*v),
            Some(Given::Scalar(Scalar::Int(v))) => Num::Int(*v),
            Some(Given::Scalar(Scalar::Float(v))) => Num::Real(*v),
            Some(_) => Num::Bool(false),
            None => default_of(self.function, &parameter.name),
        })
    }

    /// A fact about the argument of a parameter.
    fn fact(&self, parameter: &Parameter, fact: &str) -> Option<Num> {
        let given = self.call.argument(&parameter.name);
        if let Domain::Key { of } = &parameter.domain {
            let shape = self.call.argument(of).and_then(Given::leaf).map_or(&[][..], |array| &array.shape);
            return key_fact(given, shape, fact).map(Num::Bool);
        }
        if let Some(choice) = fact.strip_prefix("is_") {
            return chosen(self.function, parameter, given, choice).map(Num::Bool);
        }
        let of_array = if parameter.domain.is_array() { array_fact(given.and_then(first_array), fact, self.index) } else { None };
        of_array.or_else(|| argument_fact(given, fact).map(Num::Bool))
    }

    /// The number of elements that are reduced to each element of the result.
    fn reduced(&self) -> usize {
        let Some((array, reduced)) = self.call.reduced(self.function) else { return 1 };
        array.shape.iter().zip(reduced).filter(|(_, reduced)| *reduced).map(|(n, _)| n).product()
    }
}

/// The array of an argument, or the first array of a sequence.
fn first_array(given: &Given) -> Option<&Array> {
    given.one_or_more().first()?.leaf()
}

/// One of [`array_assay_spec::ARRAY_FACTS`]. All are `False` if there is no array.
fn array_fact(array: Option<&Array>, fact: &str, index: DType) -> Option<Num> {
    let number = |of: fn(&Array) -> usize| array.map_or(Num::Bool(false), |a| Num::Int(of(a) as i128));
    let kind = |kinds: &[Kind]| array.is_some_and(|a| kinds.contains(&a.dtype.kind()));
    let some_float = |is: fn(Element) -> bool| array.is_some_and(|a| a.dtype.is_floating() && a.elements().any(is));
    let flag = match fact {
        "ndim" => return Some(number(|a| a.shape.len())),
        "size" => return Some(number(Array::len)),
        "bool" => kind(&[Kind::Boolean]),
        "integer" => kind(&[Kind::SignedInteger, Kind::UnsignedInteger]),
        "unsigned" => kind(&[Kind::UnsignedInteger]),
        "real" => kind(&[Kind::RealFloating]),
        "complex" => kind(&[Kind::ComplexFloating]),
        "index" => array.is_some_and(|a| a.dtype == index),
        "nan" => some_float(has_nan),
        "zero" => array.is_some_and(|a| a.shape.contains(&0)),
        "infinite" => some_float(is_infinite),
        "signed_zeros" => array.is_some_and(has_both_zeros),
        _ => return None,
    };
    Some(Num::Bool(flag))
}

/// One of [`array_assay_spec::ARGUMENT_FACTS`].
fn argument_fact(given: Option<&Given>, fact: &str) -> Option<bool> {
    Some(match fact {
        "given" => given.is_some(),
        "none" => matches!(given, Some(Given::None)),
        "tuple" => matches!(given, Some(Given::Tuple(_))),
        "array" => matches!(given, Some(Given::Array(_))),
        "negative" => given.is_some_and(has_negative),
        "scalar" => given.is_some_and(has_scalar),
        "mixed" => given.is_some_and(has_several_dtypes),
        _ => return None,
    })
}

/// One of [`array_assay_spec::KEY_FACTS`], about a key for an array of this shape.
fn key_fact(key: Option<&Given>, shape: &[usize], fact: &str) -> Option<bool> {
    let parts = key.map_or(&[][..], Given::parts);
    let any = |is: fn(&Given) -> bool| parts.iter().any(is);
    Some(match fact {
        "integer" => any(|part| matches!(part, Given::Scalar(_))),
        "slice" => any(|part| matches!(part, Given::Slice(_))),
        "negative_step" => any(|part| matches!(part, Given::Slice(Slice { step: Some(step), .. }) if *step < 0)),
        "ellipsis" => any(|part| *part == Given::Ellipsis),
        "newaxis" => any(|part| *part == Given::None),
        "tuple" => parts.len() > 1,
        "mask" => any(|part| matches!(part, Given::Array(array) if array.dtype == DType::Bool)),
        "empty_mask" => {
            matches!(key, Some(Given::Array(mask)) if mask.dtype == DType::Bool && mask.is_empty() && !shape.starts_with(&mask.shape))
        }
        "integer_array" => any(|part| matches!(part, Given::Array(array) if array.dtype.is_integer())),
        "zero_size" => key.is_some() && shape.contains(&0),
        _ => return None,
    })
}

/// The default of a parameter as a number. `False` if it is not a number.
fn default_of(function: &Function, name: &str) -> Num {
    let default = function.signature.parameters.iter().find(|p| p.name == name).and_then(|p| p.default.as_deref());
    match default {
        Some("True") => Num::Bool(true),
        Some(text) => text.parse().map(Num::Int).or_else(|_| text.parse().map(Num::Real)).unwrap_or(Num::Bool(false)),
        None => Num::Bool(false),
    }
}

/// Whether a number in an argument is negative.
fn has_negative(given: &Given) -> bool {
    given.nodes().any(|node| match node {
        Given::Scalar(scalar) => scalar.element().components().0 < 0.0,
        Given::Array(array) => array.dtype.is_integer() && array.elements().any(|e| e.integer() < 0),
        _ => false,
    })
}

/// Whether an argument, or the default in its place, is the choice that a fact names. For a dtype: whether it is of that kind.
fn chosen(function: &Function, parameter: &Parameter, given: Option<&Given>, choice: &str) -> Option<bool> {
    parameter.domain.choices().into_iter().find(|known| choice_fact("", known).strip_prefix("_is_") == Some(choice))?;
    Some(match given {
        Some(Given::Str(text)) => choice_fact("", text).strip_prefix("_is_") == Some(choice),
        Some(Given::Dtype(dtype)) => match choice {
            "bool" => *dtype == DType::Bool,
            "integer" => dtype.is_integer(),
            "unsigned" => dtype.kind() == Kind::UnsignedInteger,
            "real" => dtype.kind() == Kind::RealFloating,
            "complex" => dtype.is_complex(),
            _ => false,
        },
        Some(_) => false,
        None => {
            let default = function.signature.parameters.iter().find(|p| p.name == parameter.name).and_then(|p| p.default.as_deref());
            default.is_some_and(|text| choice_fact("", text.trim_matches('\'')).strip_prefix("_is_") == Some(choice))
        }
    })
}

/// Whether the arrays of a sequence have different dtypes.
fn has_several_dtypes(given: &Given) -> bool {
    let mut dtypes = given.leaves().map(|array| array.dtype);
    let first = dtypes.next();
    dtypes.any(|dtype| Some(dtype) != first)
}

/// Whether an argument is or contains a Python scalar.
fn has_scalar(given: &Given) -> bool {
    given.nodes().any(|node| matches!(node, Given::Scalar(_)))
}

fn is_infinite(element: Element) -> bool {
    let (re, im) = element.components();
    re.is_infinite() || im.is_infinite()
}

fn has_nan(element: Element) -> bool {
    let (re, im) = element.components();
    re.is_nan() || im.is_nan()
}

/// Whether the array has elements that compare equal but differ in the sign of a zero.
fn has_both_zeros(array: &Array) -> bool {
    let bits = |e: Element, of: fn(f64) -> u64| (of(e.components().0), of(e.components().1));
    let mut seen = HashMap::new();
    array.dtype.is_floating()
        && array.elements().filter(|e| !has_nan(*e)).any(|e| {
            let exact = bits(e, f64::to_bits);
            // Adding a positive zero removes the sign of zeros.
            *seen.entry(bits(e, |v| (v + 0.0).to_bits())).or_insert(exact) != exact
        })
}

/// Whether an integer dtype can hold all elements of the expected array.
pub(super) fn holds_all(dtype: DType, expectation: &Expectation) -> bool {
    let Some((low, high)) = dtype.integer_range() else { return false };
    let is_held = |element: Element| match element {
        Element::Int(v) => (low..=high).contains(&v),
        other => (low as f64..=high as f64).contains(&other.components().0),
    };
    matches!(expectation.example(), Some(Value::Array(array)) if array.elements().all(is_held))
}

#[cfg(test)]
mod tests {
    use array_assay_spec::{Spec, facts};

    use super::*;
    use crate::generate::{BackendProfile, CallStream};

    #[test]
    fn every_fact_that_a_condition_may_name_has_a_value() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        for function in spec.functions.iter().filter(|f| !f.is_elementwise()) {
            let Some(stream) = CallStream::new(spec, function, &profile) else { continue };
            let Some(case) = (0..8).find_map(|index| stream.case(0, index)) else { continue };
            let of_call = Facts { function, call: &case.call, cast: false, index: DType::Int64 };
            for name in facts(&function.parameters) {
                assert!(of_call.value(&name).is_some(), "{}: {name}", function.path());
            }
            assert_eq!(of_call.value("nothing_of_the_kind"), None);
        }
    }

    #[test]
    fn facts_say_what_is_passed() {
        let spec = Spec::embedded();
        let function = spec.function("statistical", "sum").expect("it is in the spec");
        let x = Array::from_elements(DType::Float64, vec![2, 2], [1.0, f64::NAN, f64::INFINITY, 0.0].map(Element::F64));
        let small = Array::from_elements(DType::Int8, vec![], [Element::Int(-3)]);
        let int = |v| Given::Scalar(Scalar::Int(v));
        let facts_of = |x: Array, more: Vec<(&'static str, Given)>| {
            let arguments: Vec<_> = [("x", Given::Array(x))].into_iter().chain(more).collect();
            let call = Call::positional(arguments);
            let facts_of = Facts { function, call: &call, cast: true, index: DType::Int64 };
            let told = facts(&function.parameters).into_iter().filter_map(|name| match facts_of.value(&name)? {
                Num::Bool(false) | Num::Int(0) => None,
                Num::Bool(true) => Some(name),
                number => Some(format!("{name} = {number:?}")),
            });
            format!("{}\n  {}\n", crate::snippet::call(function, &call), told.collect::<Vec<_>>().join("\n  "))
        };
        let calls = [
            facts_of(x.clone(), vec![]),
            facts_of(x, vec![("axis", Given::Tuple(vec![int(0), int(-1)])), ("dtype", Given::Dtype(DType::Float32))]),
            facts_of(small, vec![("keepdims", Given::Scalar(Scalar::Bool(true)))]),
        ];
        insta::assert_snapshot!(calls.join("\n"));
    }

    #[test]
    fn zeros_of_both_signs_are_found_in_elements_that_compare_equal() {
        let array = |elements: &[(f64, f64)]| {
            Array::from_elements(DType::Complex128, vec![elements.len()], elements.iter().map(|(re, im)| Element::C128(*re, *im)))
        };
        assert!(has_both_zeros(&array(&[(1.0, 0.0), (2.0, -0.0), (1.0, -0.0)])));
        assert!(has_both_zeros(&array(&[(0.0, 0.0), (-0.0, 0.0)])));
        assert!(!has_both_zeros(&array(&[(1.0, 0.0), (2.0, -0.0), (1.0, 0.0)])));
        assert!(!has_both_zeros(&array(&[(f64::NAN, 0.0), (f64::NAN, -0.0)])));
    }
}
