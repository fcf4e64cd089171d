//! The functions of the category `set`.
//!
//! Elements are the same if they compare equal: every NaN is an element of its own, and zeros of both signs are one element. The text
//! leaves open the order of the unique elements, and which zero stands for both. So each part of a result is judged on its own first, and
//! then whether the parts agree.

use std::rc::Rc;

use array_assay_interface::{Array, DType, Element, Value};

use super::arguments::illegal;
use super::searching::{is_nan, two_operands};
use super::{ArrayExpectation, Call, Condition, Elements, Expectation, Table, Undefined};
use crate::promoted;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("isin", isin),
    ("unique_all", unique_all),
    ("unique_counts", unique_counts),
    ("unique_inverse", unique_inverse),
    ("unique_values", unique_values),
];

fn isin(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = two_operands(call)?;
    if !x1.dtype.is_integer() || !x2.dtype.is_integer() {
        return Err(illegal("an operand is not of integers"));
    }
    promoted(x1.dtype, x2.dtype).ok_or(Undefined::Open)?;
    let invert = call.flag("invert", false);
    let set: Vec<i128> = x2.elements().map(Element::integer).collect();
    let elements = x1.elements().map(|e| Element::Bool(set.contains(&e.integer()) != invert)).collect();
    Ok(Expectation::exact(DType::Bool, x1.shape.clone(), elements))
}

fn unique_all(call: &Call<'_>) -> Result<Expectation, Undefined> {
    unique(call, &[Field::Values, Field::Indices, Field::Inverse, Field::Counts])
}

fn unique_counts(call: &Call<'_>) -> Result<Expectation, Undefined> {
    unique(call, &[Field::Values, Field::Counts])
}

fn unique_inverse(call: &Call<'_>) -> Result<Expectation, Undefined> {
    unique(call, &[Field::Values, Field::Inverse])
}

fn unique_values(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let uniques = Rc::new(Uniques::of(call.array("x")?));
    Ok(Expectation::Array(uniques.part(Field::Values, call.defaults.index)))
}

/// A named tuple with these fields.
fn unique(call: &Call<'_>, fields: &'static [Field]) -> Result<Expectation, Undefined> {
    let uniques = Rc::new(Uniques::of(call.array("x")?));
    let part = |field: &Field| (field.name(), Expectation::Array(uniques.part(*field, call.defaults.index)));
    let parts = Expectation::Named(fields.iter().map(part).collect());
    let agreement = Condition::new(move |got: &Value| uniques.check_agreement(fields, got));
    Ok(Expectation::Jointly(Box::new(parts), agreement))
}

/// A field of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Values,
    Indices,
    Inverse,
    Counts,
}

impl Field {
    fn name(self) -> &'static str {
        match self {
            Field::Values => "values",
            Field::Indices => "indices",
            Field::Inverse => "inverse_indices",
            Field::Counts => "counts",
        }
    }
}

/// An array and its unique elements.
#[derive(Debug)]
struct Uniques {
    dtype: DType,
    shape: Vec<usize>,
    elements: Vec<Element>,
    /// The index of the first occurrence of each unique element.
    first: Vec<usize>,
    /// The index of the unique element for each element.
    inverse: Vec<usize>,
}

impl Uniques {
    fn of(x: &Array) -> Uniques {
        let elements: Vec<Element> = x.elements().collect();
        let (mut first, mut inverse): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for (i, element) in elements.iter().enumerate() {
            let known = first.iter().position(|j| equal(elements[*j], *element));
            inverse.push(known.unwrap_or(first.len()));
            if known.is_none() {
                first.push(i);
            }
        }
        Uniques { dtype: x.dtype, shape: x.shape.clone(), elements, first, inverse }
    }

    fn values(&self) -> Vec<Element> {
        self.first.iter().map(|i| self.elements[*i]).collect()
    }

    /// The number of occurrences of each unique element.
    fn counts(&self) -> Vec<i128> {
        let mut counts = vec![0; self.first.len()];
        self.inverse.iter().for_each(|k| counts[*k] += 1);
        counts
    }

    /// The expectation of one field on its own.
    fn part(self: &Rc<Self>, field: Field, index: DType) -> ArrayExpectation {
        let indices = |items: &[usize]| items.iter().map(|i| Element::Int(*i as i128)).collect();
        let example = match field {
            Field::Values => self.values(),
            Field::Indices => indices(&self.first),
            Field::Inverse => indices(&self.inverse),
            Field::Counts => self.counts().into_iter().map(Element::Int).collect(),
        };
        let dtype = if field == Field::Values { self.dtype } else { index };
        let shape = if field == Field::Inverse { self.shape.clone() } else { vec![self.first.len()] };
        let uniques = Rc::clone(self);
        let condition = Condition::new(move |got: &Array| uniques.check_part(field, &got.elements().collect::<Vec<_>>()));
        ArrayExpectation { dtype, shape, elements: Elements::Such(example, condition) }
    }

    fn check_part(&self, field: Field, got: &[Element]) -> Result<(), String> {
        match field {
            Field::Values => self.check_values(got),
            Field::Counts => {
                let (mut expected, mut counts) = (self.counts(), integers(got));
                expected.sort_unstable();
                counts.sort_unstable();
                if counts == expected { Ok(()) } else { Err(format!("the counts {expected:?} in some order")) }
            }
            Field::Indices => self.check_number(got, self.first.len()).and_then(|()| below(got, self.elements.len())),
            Field::Inverse => self.check_number(got, self.elements.len()).and_then(|()| below(got, self.first.len())),
        }
    }

    /// Whether `got` holds the unique elements in some order.
    fn check_values(&self, got: &[Element]) -> Result<(), String> {
        let mut missing = self.values();
        for element in got {
            match missing.iter().position(|m| same(*m, *element)) {
                Some(found) => drop(missing.swap_remove(found)),
                None => return Err(format!("{element} no more often than it is a unique element")),
            }
        }
        missing.first().map_or(Ok(()), |m| Err(format!("{m} among the unique elements")))
    }

    fn check_number(&self, got: &[Element], expected: usize) -> Result<(), String> {
        if got.len() == expected { Ok(()) } else { Err(format!("{expected} elements")) }
    }

    /// Whether the fields of a result agree with the values, after each is right on its own.
    fn check_agreement(&self, fields: &[Field], got: &Value) -> Result<(), String> {
        let parts = arrays(got).filter(|parts| parts.len() == fields.len()).ok_or("as many arrays as fields")?;
        let Some((values, rest)) = parts.split_first() else { return Ok(()) };
        for (field, part) in fields[1..].iter().zip(rest) {
            let part = integers(part);
            match field {
                Field::Counts => self.check_counts(values, &part)?,
                Field::Indices => self.check_indices(values, &part)?,
                Field::Inverse => self.check_inverse(values, &part)?,
                Field::Values => {}
            }
        }
        Ok(())
    }

    fn check_counts(&self, values: &[Element], counts: &[i128]) -> Result<(), String> {
        for (value, count) in values.iter().zip(counts) {
            let expected = self.elements.iter().filter(|e| equal(**e, *value)).count().max(usize::from(is_nan(*value)));
            if *count != expected as i128 {
                return Err(format!("the count {expected} of {value}"));
            }
        }
        Ok(())
    }

    /// Whether each index is that of the first occurrence of an element. Either of the zeros of both signs may be the one that occurs.
    fn check_indices(&self, values: &[Element], indices: &[i128]) -> Result<(), String> {
        for (k, (value, index)) in values.iter().zip(indices).enumerate() {
            let element = usize::try_from(*index).ok().and_then(|i| self.elements.get(i));
            if !element.is_some_and(|element| same(*element, *value)) {
                return Err(format!("the index of {value} instead of {index}"));
            }
            let first = element.and_then(|element| self.elements.iter().position(|e| e.same_bits(*element)));
            if is_nan(*value) {
                if indices[..k].contains(index) {
                    return Err(format!("the index {index} once"));
                }
            } else if first.is_some_and(|first| first as i128 != *index) {
                return Err(format!("the first index of {value}"));
            }
        }
        Ok(())
    }

    /// Whether the values reconstruct the array, up to the sign of zeros.
    fn check_inverse(&self, values: &[Element], inverse: &[i128]) -> Result<(), String> {
        for (i, (element, index)) in self.elements.iter().zip(inverse).enumerate() {
            let value = usize::try_from(*index).ok().and_then(|k| values.get(k));
            if !value.is_some_and(|value| same(*value, *element)) {
                return Err(format!("an index of {element} in the unique elements as inverse index {i} in C order"));
            }
        }
        Ok(())
    }
}

/// The elements of the arrays in a tuple, named or not.
fn arrays(value: &Value) -> Option<Vec<Vec<Element>>> {
    let elements = |value: &Value| match value {
        Value::Array(array) | Value::ArrayScalar { array, .. } => Some(array.elements().collect()),
        _ => None,
    };
    match value {
        Value::NamedTuple(fields) => fields.iter().map(|(_, value)| elements(value)).collect(),
        Value::Tuple(items) | Value::List(items) => items.iter().map(elements).collect(),
        _ => None,
    }
}

fn integers(elements: &[Element]) -> Vec<i128> {
    elements.iter().map(|e| e.integer()).collect()
}

fn below(indices: &[Element], length: usize) -> Result<(), String> {
    match integers(indices).into_iter().find(|i| !(0..length as i128).contains(i)) {
        Some(index) => Err(format!("an index below {length} instead of {index}")),
        None => Ok(()),
    }
}

/// Whether two elements compare equal.
fn equal(a: Element, b: Element) -> bool {
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => a == b,
        _ => a.components() == b.components(),
    }
}

/// Whether two elements compare equal if all NaN components count as equal.
fn same(a: Element, b: Element) -> bool {
    let component = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    let ((a_re, a_im), (b_re, b_im)) = (a.components(), b.components());
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => a == b,
        _ => component(a_re, b_re) && component(a_im, b_im),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Given;
    use array_assay_interface::{Defaults, Scalar};

    const NAN: f64 = f64::NAN;

    fn floats(shape: &[usize], values: &[f64]) -> Array {
        Array::from_elements(DType::Float64, shape.to_vec(), values.iter().map(|v| Element::F64(*v)))
    }

    fn ints(dtype: DType, shape: &[usize], values: &[i128]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    fn indices(values: &[i128]) -> Array {
        ints(DType::Int64, &[values.len()], values)
    }

    fn run(function: &str, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        let semantics = crate::call::semantics(function).expect("the function has semantics");
        semantics(&Call { given, dtype: None, defaults: Defaults::default() })
    }

    /// Judges a result: each part on its own, then all of them together.
    fn accepts(function: &str, x: &Array, parts: &[Array]) -> bool {
        let Ok(expectation) = run(function, &[("x", Given::Array(x.clone()))]) else { panic!("a legal call") };
        let example = expectation.example().expect("an example");
        assert!(fulfils(&expectation, &example), "{function}: the example {example} is wrong");
        let fields = match &example {
            Value::NamedTuple(fields) => fields.iter().zip(parts).map(|((name, _), a)| (name.clone(), Value::Array(a.clone()))).collect(),
            other => panic!("{other}"),
        };
        fulfils(&expectation, &Value::NamedTuple(fields))
    }

    fn fulfils(expectation: &Expectation, got: &Value) -> bool {
        let Expectation::Jointly(parts, agreement) = expectation else { panic!("{expectation:?}") };
        let (Expectation::Named(parts), Value::NamedTuple(fields)) = (&**parts, got) else { panic!("no named tuple") };
        let alone = parts.iter().zip(fields).all(|((name, part), (field, value))| match (part, value) {
            (Expectation::Array(part), Value::Array(array)) => name == field && fits(part, array),
            _ => false,
        });
        alone && agreement.check(got).is_ok()
    }

    fn fits(expectation: &ArrayExpectation, array: &Array) -> bool {
        let Elements::Such(_, condition) = &expectation.elements else { panic!("no freedom") };
        expectation.dtype == array.dtype && expectation.shape == array.shape && condition.check(array).is_ok()
    }

    #[test]
    fn unique_elements_come_in_any_order_with_fields_that_agree() {
        let x = floats(&[2, 2], &[5.0, 2.0, 5.0, 7.0]);
        let inverse = |values: &[i128]| ints(DType::Int64, &[2, 2], values);
        let sorted = [floats(&[3], &[2.0, 5.0, 7.0]), indices(&[1, 0, 3]), inverse(&[1, 0, 1, 2]), indices(&[1, 2, 1])];
        assert!(accepts("unique_all", &x, &sorted));
        let met = [floats(&[3], &[5.0, 2.0, 7.0]), indices(&[0, 1, 3]), inverse(&[0, 1, 0, 2]), indices(&[2, 1, 1])];
        assert!(accepts("unique_all", &x, &met));
        let last = [met[0].clone(), indices(&[2, 1, 3]), met[2].clone(), met[3].clone()];
        assert!(!accepts("unique_all", &x, &last), "the index of a later occurrence");
        let mixed = [sorted[0].clone(), sorted[1].clone(), sorted[2].clone(), met[3].clone()];
        assert!(!accepts("unique_all", &x, &mixed), "counts in another order than values");
        let flat = [sorted[0].clone(), indices(&[1, 0, 1, 2])];
        assert!(!accepts("unique_inverse", &x, &flat), "inverse indices of another shape");
        assert!(accepts("unique_inverse", &x, &[met[0].clone(), met[2].clone()]));
        assert!(!accepts("unique_inverse", &x, &[met[0].clone(), sorted[2].clone()]), "another array is reconstructed");
        assert!(!accepts("unique_counts", &x, &[floats(&[3], &[5.0, 2.0, 2.0]), met[3].clone()]), "a value is missing");
    }

    #[test]
    fn every_nan_is_an_element_of_its_own_and_zeros_are_one() {
        let x = floats(&[5], &[NAN, -0.0, NAN, 0.0, 1.0]);
        let values = floats(&[4], &[0.0, 1.0, NAN, NAN]);
        assert!(accepts("unique_counts", &x, &[values.clone(), indices(&[2, 1, 1, 1])]));
        assert!(!accepts("unique_counts", &x, &[floats(&[3], &[0.0, 1.0, NAN]), indices(&[2, 1, 2])]), "NaN are one");
        assert!(!accepts("unique_counts", &x, &[floats(&[5], &[-0.0, 0.0, 1.0, NAN, NAN]), indices(&[1; 5])]), "zeros are two");
        let inverse = indices(&[2, 0, 3, 0, 1]);
        let all = |places: &[i128]| [values.clone(), indices(places), inverse.clone(), indices(&[2, 1, 1, 1])];
        assert!(accepts("unique_all", &x, &all(&[1, 4, 0, 2])) && accepts("unique_all", &x, &all(&[3, 4, 2, 0])));
        assert!(!accepts("unique_all", &x, &all(&[1, 4, 0, 0])), "one NaN for both");
    }

    #[test]
    fn complex_numbers_with_a_nan_are_elements_of_their_own() {
        let array = |values: &[(f32, f32)]| {
            Array::from_elements(DType::Complex64, vec![values.len()], values.iter().map(|(re, im)| Element::C64(*re, *im)))
        };
        let x = array(&[(f32::NAN, 1.0), (f32::NAN, 1.0), (0.0, -0.0), (-0.0, 0.0), (1.0, f32::NAN)]);
        let values = array(&[(1.0, f32::NAN), (f32::NAN, 1.0), (0.0, 0.0), (f32::NAN, 1.0)]);
        assert!(accepts("unique_counts", &x, &[values, indices(&[1, 1, 2, 1])]));
        let other = array(&[(1.0, f32::NAN), (f32::NAN, 2.0), (0.0, 0.0), (f32::NAN, 1.0)]);
        assert!(!accepts("unique_counts", &x, &[other, indices(&[1, 1, 2, 1])]));
    }

    #[test]
    fn neighbouring_integers_beyond_double_precision_are_two_elements() {
        let x = ints(DType::Uint64, &[2], &[u64::MAX as i128, u64::MAX as i128 - 1]);
        assert!(accepts("unique_counts", &x, &[x.clone(), indices(&[1, 1])]));
    }

    #[test]
    fn the_unique_elements_of_an_array_of_any_rank_have_one_axis() {
        for (x, unique) in [(ints(DType::Int8, &[], &[3]), vec![3]), (ints(DType::Int8, &[2, 0], &[]), vec![])] {
            let Ok(Expectation::Array(array)) = run("unique_values", &[("x", Given::Array(x))]) else { panic!("legal") };
            assert_eq!(array.example(), ints(DType::Int8, &[unique.len()], &unique));
        }
    }

    #[test]
    fn membership_is_tested_element_by_element() {
        let x1 = Given::Array(ints(DType::Int8, &[2, 2], &[-1, 2, 3, 2]));
        let x2 = Given::Array(ints(DType::Uint32, &[3], &[2, 0xffff_ffff, 4]));
        let literal = |given: &[(&str, Given)]| run("isin", given).expect("legal").example().expect("an array").to_string();
        let arrays = [("x1", x1.clone()), ("x2", x2.clone())];
        assert_eq!(literal(&arrays), "array([[False, True], [False, True]], dtype=bool)");
        let invert = [arrays[0].clone(), arrays[1].clone(), ("invert", Given::Scalar(Scalar::Bool(true)))];
        assert_eq!(literal(&invert), "array([[True, False], [True, False]], dtype=bool)");
        assert_eq!(literal(&[("x1", Given::Scalar(Scalar::Int(4))), ("x2", x2)]), "array(True, dtype=bool)");
        let none = Given::Array(ints(DType::Int8, &[0], &[]));
        assert_eq!(literal(&[("x1", none.clone()), ("x2", x1.clone())]), "array([], dtype=bool, shape=[0])");
        let wide = Given::Array(ints(DType::Uint64, &[1], &[2]));
        assert_eq!(run("isin", &[("x1", x1), ("x2", wide)]).unwrap_err(), Undefined::Open);
        let scalars = [("x1", Given::Scalar(Scalar::Int(4))), ("x2", Given::Scalar(Scalar::Int(4)))];
        assert!(matches!(run("isin", &scalars), Err(Undefined::Illegal(_))));
    }
}
