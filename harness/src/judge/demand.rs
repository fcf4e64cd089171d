//! Demands: for a case that deviates, what would hold of its program if it did not, in a form that a script can assert.

use array_assay_format::{Cause, Property};
use array_assay_interface::{Array, DType, Element, Program, Scalar, Value};
use array_assay_oracle::call::{Elements, Expectation, Near, advance};
use array_assay_spec::{Component, Expected, Target};

use super::expectation::{judge, loosened};

/// What would hold of a program without the deviation.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// Any result. An exception, or the end of the process, shows the deviation without an assertion.
    Result,
    /// An exception, of this class if one is named.
    Exception(Option<String>),
    /// A fact about a value.
    Fact(Fact),
}

/// A fact about a value of a program.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Fact {
    pub of: Where,
    pub is: Is,
}

/// A value of a program: the value of a register, or a part of it.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Where {
    pub register: u32,
    pub parts: Vec<Part>,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Part {
    Item(usize),
    Field(String),
    Key(String),
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Is {
    /// An array of this dtype.
    OfDtype(DType),
    /// An array of one of these dtypes.
    OfSomeDtype(Vec<DType>),
    /// An array of this shape.
    OfShape(Vec<usize>),
    /// An array whose `shape` attribute agrees with the shape of its elements.
    Consistent,
    /// An array of this dtype whose element at an index is one of these numbers.
    Element(Vec<usize>, DType, Vec<Number>),
    /// An array whose element at an index fulfils a condition on the named operands.
    Holds {
        /// The index.
        at: Vec<usize>,
        /// The condition, in the notation of the spec, which is Python's. `result` is the element.
        condition: String,
        /// The operands, by name.
        operands: Vec<(String, Element)>,
    },
    /// A Python scalar of the same type as this one.
    ScalarLike(Scalar),
    /// This Python scalar.
    Scalar(Scalar),
    /// This dtype.
    Dtype(DType),
    /// This string.
    Str(String),
    /// Some string.
    AnyStr,
    /// `None`.
    None,
    /// A tuple.
    Tuple,
    /// A tuple or list with this number of items.
    Sequence(usize),
    /// A named tuple with these fields.
    Named(Vec<String>),
    /// A mapping.
    Mapping,
    /// A mapping that has this key.
    HasKey(String),
    /// A device of one of these names.
    Device(Vec<String>),
    /// The same as the value of another register.
    SameAs(u32),
    /// Any other value than this one, which is wrong. There is more than one right value.
    Unlike(Value),
}

/// What is demanded of a number.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Number {
    Bool(bool),
    Int(i128),
    Real(Real),
    Complex(Real, Real),
    /// A complex number within `bound` of this one.
    Near {
        re: f64,
        im: f64,
        bound: f64,
    },
}

/// What is demanded of a real number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Real {
    /// Any number.
    Any,
    /// A NaN.
    Nan,
    /// A NaN with this sign bit.
    NanWithSign(bool),
    /// Zero, with this sign bit if one is named.
    Zero(Option<bool>),
    /// This number, infinities included.
    Is(f64),
    /// This number or its negation.
    Magnitude(f64),
    /// A number between these, both included.
    Within(f64, f64),
}

impl Real {
    /// This number. `free_zero` allows a zero of either sign; NaN may have either sign anyway.
    fn of(v: f64, free_zero: bool) -> Real {
        if v.is_nan() {
            Real::Nan
        } else if v == 0.0 {
            Real::Zero((!free_zero).then_some(v.is_sign_negative()))
        } else {
            Real::Is(v)
        }
    }

    /// A number within `distance` of `v`. If `v` is infinite or NaN, or `distance` is zero, `v` itself, where zero may have either sign.
    pub fn around(v: f64, distance: f64) -> Real {
        if v.is_finite() && distance > 0.0 { Real::Within(v - distance, v + distance) } else { Real::of(v, true) }
    }

    /// What a special case says of a component of a result of `dtype`.
    fn claimed(component: Component, dtype: DType) -> Real {
        let want = match component.target {
            Target::Any => return Real::Any,
            Target::Nan => return Real::Nan,
            Target::NanWithSign(negative) => return Real::NanWithSign(negative),
            Target::Bool(v) => f64::from(u8::from(v)),
            Target::Int(v) => v as f64,
            Target::Real(v) => v,
        };
        let want = if dtype.real() == DType::Float32 { f64::from(want as f32) } else { want };
        let p = dtype.precision();
        match component.approx && want.is_finite() && want != 0.0 {
            // No special case allows both an approximation and either sign.
            true => Real::around(want, want.abs() * 2f64.powi(p / 2 + 1 - p)),
            false if component.either_sign && want != 0.0 && !want.is_nan() => Real::Magnitude(want.abs()),
            false => Real::of(want, component.either_sign),
        }
    }
}

impl Number {
    /// This element. `free_zero` allows zeros of either sign; NaN may have either sign anyway.
    pub fn of(element: Element, free_zero: bool) -> Number {
        match element {
            Element::Bool(v) => Number::Bool(v),
            Element::Int(v) => Number::Int(v),
            Element::F32(_) | Element::F64(_) => Number::Real(Real::of(element.components().0, free_zero)),
            Element::C64(..) | Element::C128(..) => {
                let (re, im) = element.components();
                Number::Complex(Real::of(re, free_zero), Real::of(im, free_zero))
            }
        }
    }

    /// What a special case says of an element of a result of `dtype`.
    pub fn claimed(expected: &Expected, dtype: DType) -> Number {
        let real = |component| Real::claimed(component, dtype);
        match (expected.re.target, expected.im) {
            (Target::Bool(v), _) if dtype == DType::Bool => Number::Bool(v),
            (Target::Int(v), _) if dtype.is_integer() => Number::Int(v),
            (Target::Real(v), _) if dtype.is_integer() => Number::Int(v as i128),
            _ if dtype.is_complex() => Number::Complex(real(expected.re), expected.im.map_or(Real::Any, real)),
            _ => Number::Real(real(expected.re)),
        }
    }

    /// A number within the bound of what is expected.
    fn near(want: &Near, dtype: DType) -> Number {
        let single = |v: f64| if dtype.real() == DType::Float32 { f64::from(v as f32) } else { v };
        match (dtype.is_complex(), want.re.is_finite() && want.im.is_finite()) {
            (true, true) => Number::Near { re: want.re, im: want.im, bound: want.bound },
            (true, false) => Number::Complex(Real::around(want.re, want.bound), Real::around(want.im, want.bound)),
            (false, _) if want.bound > 0.0 => Number::Real(Real::around(want.re, want.bound)),
            (false, _) => Number::Real(Real::of(single(want.re), true)),
        }
    }
}

impl Where {
    /// The value of a register.
    pub fn of(register: u32) -> Where {
        Where { register, parts: Vec::new() }
    }

    /// A part of this value.
    fn part(&self, part: Part) -> Where {
        Where { register: self.register, parts: self.parts.iter().cloned().chain([part]).collect() }
    }
}

/// The index of a flat position in an array of a shape.
pub fn index_of(flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    (0..flat).for_each(|_| {
        advance(&mut index, shape);
    });
    index
}

/// The demand of a call that is not element-wise, for the property that deviates. `values` are the returned values: first the result, then
/// `attributes` attributes of a result that is an object.
pub fn of_call(
    expectation: &Expectation,
    program: &Program,
    values: &[Value],
    attributes: usize,
    property: Property,
    cause: Cause,
) -> Option<Demand> {
    // The check of a special case judges the value.
    let property = if property == Property::Special { Property::Value } else { property };
    let (returned, rest) = values.split_first()?;
    let attributes = rest.get(..attributes)?;
    let found = locate(expectation, returned, attributes, program, Where::of(*program.returns.first()?), property);
    fact(found, property, cause).map(Demand::Fact)
}

/// A part of a value, with what is expected of it.
struct Located<'e> {
    place: Where,
    expectation: &'e Expectation,
    value: &'e Value,
}

/// Finds the innermost part of a value that deviates in a property.
fn locate<'e>(
    expectation: &'e Expectation,
    value: &'e Value,
    attributes: &'e [Value],
    program: &Program,
    place: Where,
    property: Property,
) -> Located<'e> {
    let deviates = |expectation: &Expectation, value: &Value| judge(expectation, value, &[]).mismatch(property).is_some();
    let of_part =
        |part: Part, expectation: &'e Expectation, value: &'e Value| locate(expectation, value, &[], program, place.part(part), property);
    let of_items = |expected: &'e [Expectation], values: Vec<&'e Value>| {
        let parts = expected.iter().zip(values).enumerate();
        let mut deviating = parts.filter(|(_, (expected, value))| deviates(expected, value));
        deviating.next().map(|(i, (expected, value))| of_part(Part::Item(i), expected, value))
    };
    let found = match (expectation, value) {
        (Expectation::Jointly(parts, _) | Expectation::Graded(parts, _), _) => {
            deviates(parts, value).then(|| locate(parts, value, attributes, program, place.clone(), property))
        }
        (Expectation::Tuple(expected) | Expectation::List(expected), Value::Tuple(items) | Value::List(items))
            if expected.len() == items.len() =>
        {
            of_items(expected, items.iter().collect())
        }
        (Expectation::Tuple(expected) | Expectation::List(expected), Value::NamedTuple(fields)) if expected.len() == fields.len() => {
            of_items(expected, fields.iter().map(|(_, value)| value).collect())
        }
        (Expectation::Named(expected), Value::NamedTuple(fields)) if expected.iter().map(|(n, _)| *n).eq(fields.iter().map(|(n, _)| n)) => {
            let mut parts = expected.iter().zip(fields).filter(|((_, expected), (_, value))| deviates(expected, value));
            parts.next().map(|((name, expected), (_, value))| of_part(Part::Field((*name).to_owned()), expected, value))
        }
        (Expectation::Object(expected), _) => {
            let registers = program.returns.iter().skip(1);
            let mut parts = expected.iter().zip(attributes).zip(registers).filter(|(((_, expected), value), _)| deviates(expected, value));
            let part = parts.next();
            part.map(|(((_, expected), value), register)| locate(expected, value, &[], program, Where::of(*register), property))
        }
        (Expectation::Dict(expected), Value::Dict(fields)) => {
            let value_of = |key: &String| fields.iter().find(|(name, _)| name == key).map(|(_, value)| value);
            let mut parts = expected.iter().filter_map(|(key, expected)| Some((key, expected, value_of(key)?)));
            let found = parts.find(|(_, expected, value)| deviates(expected, value));
            found.map(|(key, expected, value)| of_part(Part::Key(key.clone()), expected, value))
        }
        _ => None,
    };
    found.unwrap_or(Located { place, expectation, value })
}

/// What would hold of a part of a value without its deviation.
fn fact(located: Located<'_>, property: Property, cause: Cause) -> Option<Fact> {
    let Located { place: of, expectation, value } = located;
    let is = match (property, expectation) {
        (Property::Type, Expectation::Array(_)) if matches!(value, Value::Opaque(text) if text.starts_with("array that says")) => {
            Is::Consistent
        }
        (Property::Type | Property::Dtype, Expectation::Array(expected)) => Is::OfDtype(expected.dtype),
        (Property::Shape, Expectation::Array(expected)) => Is::OfShape(expected.shape.clone()),
        (Property::Type, Expectation::Scalar(scalar)) => Is::ScalarLike(*scalar),
        (Property::Value, Expectation::Scalar(scalar)) => Is::Scalar(*scalar),
        (_, Expectation::Dtype(dtype)) => Is::Dtype(*dtype),
        (Property::Type, Expectation::Str(_)) => Is::AnyStr,
        (_, Expectation::Str(text)) => Is::Str(text.clone()),
        (_, Expectation::None) => Is::None,
        (_, Expectation::Tuple(items) | Expectation::List(items)) => Is::Sequence(items.len()),
        (_, Expectation::Named(fields)) => Is::Named(fields.iter().map(|(name, _)| (*name).to_owned()).collect()),
        (Property::Type, Expectation::Dict(_)) => Is::Mapping,
        (_, Expectation::Dict(fields)) => {
            let present = |key: &String| matches!(value, Value::Dict(found) if found.iter().any(|(name, _)| name == key));
            Is::HasKey(fields.iter().map(|(key, _)| key).find(|key| !present(key))?.clone())
        }
        (_, Expectation::Array(expected)) => {
            if let Value::Unfit(unfit) = value {
                let wanted = Number::of(expected.example().get(unfit.at).cast(expected.dtype), true);
                return Some(Fact { of, is: Is::Element(index_of(unfit.at, &unfit.shape), expected.dtype, vec![wanted]) });
            }
            let (Value::Array(got) | Value::ArrayScalar { array: got, .. }) = value else { return None };
            let element = judge(expectation, value, &[]).mismatch(Property::Value).and_then(|mismatch| mismatch.element);
            let number = |i: usize| match &expected.elements {
                Elements::Exact(want) => Some(Number::of(want.get(i)?.cast(expected.dtype), false)),
                Elements::EitherZero(want) => Some(Number::of(want.get(i)?.cast(expected.dtype), true)),
                // A wrong element misses by half of the digits, an inaccurate one by more than the bound.
                Elements::Near(want) if cause == Cause::WrongValue => {
                    Some(Number::near(&loosened(want.get(i)?, expected.dtype), expected.dtype))
                }
                Elements::Near(want) => Some(Number::near(want.get(i)?, expected.dtype)),
                Elements::Such(..) | Elements::Any(_) => None,
            };
            match element.and_then(|i| Some((i, number(i)?))) {
                Some((i, number)) => Is::Element(index_of(i, &got.shape), got.dtype, vec![number]),
                None => Is::Unlike(value.clone()),
            }
        }
        (_, Expectation::Jointly(..) | Expectation::Graded(..)) => {
            let near = expectation.example().and_then(|example| nearer(&example, value));
            near.unwrap_or_else(|| Is::Unlike(value.clone()))
        }
        _ => return None,
    };
    Some(Fact { of, is })
}

/// For an array of real numbers whose right value is known up to rounding: that the element with the greatest error lies much nearer to the
/// right one. `None` for complex numbers, because they may be eigenvalues, which come in any order.
fn nearer(example: &Value, got: &Value) -> Option<Is> {
    let (Value::Array(example), Value::Array(got) | Value::ArrayScalar { array: got, .. }) = (example, got) else { return None };
    if example.shape != got.shape || got.dtype != example.dtype {
        return None;
    }
    let miss = |i: usize| {
        let ((a, b), (c, d)) = (example.get(i).components(), got.get(i).components());
        let miss = (a - c).hypot(b - d);
        if miss.is_nan() { f64::INFINITY } else { miss }
    };
    let worst = (0..got.len()).max_by(|i, j| miss(*i).total_cmp(&miss(*j))).filter(|i| miss(*i) > 0.0)?;
    let (want, distance) = (example.get(worst), miss(worst));
    let number = match want.components() {
        (0.0, 0.0) => Number::of(want, true),
        (re, _) if !got.dtype.is_complex() && distance.is_finite() => Number::Real(Real::around(re, distance / 2.0)),
        (re, _) if !got.dtype.is_complex() => Number::Real(Real::around(re, re.abs() / 1024.0)),
        _ => return None,
    };
    Some(Is::Element(index_of(worst, &got.shape), got.dtype, vec![number]))
}

/// The demand that inputs did not change: for the first element that did change, what it was before.
pub fn unchanged<'c>(before: impl Iterator<Item = &'c Array>, after: &[Value], registers: &[u32]) -> Option<Demand> {
    before.zip(after).zip(registers).find_map(|((before, after), register)| {
        let (Value::Array(after) | Value::ArrayScalar { array: after, .. }) = after else { return None };
        let is = if after.dtype != before.dtype {
            Is::OfDtype(before.dtype)
        } else if after.shape != before.shape {
            Is::OfShape(before.shape.clone())
        } else {
            let changed = (0..before.len()).find(|i| !before.get(*i).same_bits(after.get(*i)))?;
            Is::Element(index_of(changed, &before.shape), before.dtype, vec![Number::of(before.get(changed), false)])
        };
        Some(Demand::Fact(Fact { of: Where::of(*register), is }))
    })
}

#[cfg(test)]
mod tests {
    use array_assay_interface::Unfit;

    use super::*;

    fn program() -> Program {
        Program { returns: vec![1, 2], ..Program::default() }
    }

    fn array(dtype: DType, shape: &[usize], elements: &[i128]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), elements.iter().map(|v| Element::Int(*v)))
    }

    fn asked(expectation: &Expectation, values: &[Value], property: Property, cause: Cause) -> Option<Fact> {
        match of_call(expectation, &program(), values, 0, property, cause)? {
            Demand::Fact(fact) => Some(fact),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_an_element_beyond_its_dtype_the_right_one_is_asked_for_at_its_place() {
        let expectation = Expectation::array(&array(DType::Uint8, &[2, 3], &[1, 2, 3, 4, 5, 6]));
        let unfit = Value::Unfit(Unfit { dtype: DType::Uint8, shape: vec![2, 3], at: 4, element: "-1".to_owned() });
        let fact = asked(&expectation, &[unfit], Property::Value, Cause::WrongValue);
        let is = Is::Element(vec![1, 1], DType::Uint8, vec![Number::Int(5)]);
        assert_eq!(fact, Some(Fact { of: Where::of(1), is }));
    }

    #[test]
    fn the_part_that_deviates_is_asked_for_and_no_other() {
        let of = |elements: &[i128]| array(DType::Int64, &[elements.len()], elements);
        let expectation =
            Expectation::Named(vec![("values", Expectation::array(&of(&[1, 2]))), ("counts", Expectation::array(&of(&[3, 4])))]);
        let got = |counts: Array| {
            let fields = vec![("values".to_owned(), Value::Array(of(&[1, 2]))), ("counts".to_owned(), Value::Array(counts))];
            Value::NamedTuple(fields)
        };
        let counts = || Where::of(1).part(Part::Field("counts".to_owned()));
        let value = asked(&expectation, &[got(of(&[3, 5]))], Property::Value, Cause::WrongValue);
        assert_eq!(value, Some(Fact { of: counts(), is: Is::Element(vec![1], DType::Int64, vec![Number::Int(4)]) }));
        let shape = asked(&expectation, &[got(of(&[3]))], Property::Shape, Cause::WrongShape);
        assert_eq!(shape, Some(Fact { of: counts(), is: Is::OfShape(vec![2]) }));
        let dtype = asked(&expectation, &[got(array(DType::Int8, &[2], &[3, 4]))], Property::Dtype, Cause::WrongDtype);
        assert_eq!(dtype, Some(Fact { of: counts(), is: Is::OfDtype(DType::Int64) }));
    }

    #[test]
    fn an_input_has_to_be_as_it_was_where_it_changed() {
        let before = array(DType::Int8, &[2, 2], &[1, 2, 3, 4]);
        let asked = |after: Array| unchanged([&before].into_iter(), &[Value::Array(after)], &[7]);
        let fact = |is| Some(Demand::Fact(Fact { of: Where::of(7), is }));
        assert_eq!(asked(before.clone()), None);
        assert_eq!(asked(array(DType::Int8, &[2, 2], &[1, 2, 9, 4])), fact(Is::Element(vec![1, 0], DType::Int8, vec![Number::Int(3)])));
        assert_eq!(asked(array(DType::Int16, &[2, 2], &[1, 2, 3, 4])), fact(Is::OfDtype(DType::Int8)));
        assert_eq!(asked(array(DType::Int8, &[4], &[1, 2, 3, 4])), fact(Is::OfShape(vec![2, 2])));
    }
}
