//! Mutants that break one property: for which calls, and how they change the result.

use std::fmt;
use std::str::FromStr;

use array_assay_format::Property;
use array_assay_interface::{Array, DType, Element, Output, Record, Scalar};
use array_assay_spec::Function;
use array_assay_spec::checks::{ACCEPTED, ACCURACY, COMPLEX_ACCURACY, TUPLE};
use array_assay_spec::expr::Expr;

use crate::generate::{Call, holds};

use super::elementwise::{map_components, other_number, other_than, wrong_dtype};

/// A property that a mutant breaks, for the calls that count for one check. If a clause is named, only for calls that fulfil its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The property.
    pub property: Property,
    /// The slug of the check.
    pub slug: Option<String>,
    /// The clause of the function whose condition the calls fulfil.
    pub clause: Option<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.property.word())?;
        if let Some(slug) = &self.slug {
            write!(f, "/{slug}")?;
        }
        match &self.clause {
            Some(clause) => write!(f, "@{clause}"),
            None => Ok(()),
        }
    }
}

/// A text that names no broken property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownProperty;

impl FromStr for Broken {
    type Err = UnknownProperty;

    fn from_str(text: &str) -> Result<Broken, UnknownProperty> {
        let (check, clause) = match text.split_once('@') {
            Some((check, clause)) => (check, Some(clause.to_owned())),
            None => (text, None),
        };
        let (property, slug) = match check.split_once('/') {
            Some((property, slug)) => (property, Some(slug.to_owned())),
            None => (check, None),
        };
        Ok(Broken { property: property.parse().map_err(|_| UnknownProperty)?, slug, clause })
    }
}

impl Broken {
    /// Whether a call fulfils the condition of the clause. `cast` says whether the dtype of the result differs from that of the first array.
    pub fn is_about(&self, function: &Function, call: &Call<'_>, cast: bool) -> bool {
        self.condition(function).is_none_or(|when| holds(function, call, cast, when))
    }

    /// The condition of the clause, if it has one.
    fn condition<'f>(&self, function: &'f Function) -> Option<&'f Expr> {
        function.clauses.iter().find(|clause| Some(&clause.slug) == self.clause.as_ref())?.when.as_ref()
    }

    /// The broken result in place of a right one. `corrupt` changes an array.
    pub fn result<A>(&self, output: Output<A>, corrupt: &mut dyn FnMut(A) -> A) -> Output<A> {
        match self.property {
            Property::Type if self.slug.as_deref() == Some(TUPLE) => as_list(output),
            Property::Type => of_another_type(output),
            Property::Value | Property::Special if !self.is_inaccurate() => with_another_value(output, corrupt),
            _ => output.map(corrupt),
        }
    }

    /// Whether results are only less accurate than they should be.
    fn is_inaccurate(&self) -> bool {
        matches!(self.slug.as_deref(), Some(ACCURACY | COMPLEX_ACCURACY))
    }

    /// The broken array in place of a right one, with another dtype, shape or other elements.
    pub fn array(&self, array: &Array) -> Array {
        let with = |dtype: DType, map: &dyn Fn(Element) -> Element| {
            Array::from_elements(dtype, array.shape.clone(), array.elements().map(map).map(|e| e.cast(dtype)).collect::<Vec<_>>())
        };
        match self.property {
            // For operands that a library may refuse, the text asks only for a floating-point dtype.
            Property::Dtype if self.slug.as_deref() == Some(ACCEPTED) => with(DType::Bool, &|e| e),
            Property::Dtype => with(wrong_dtype(array.dtype), &|e| e),
            Property::Shape => {
                let shape = std::iter::once(1).chain(array.shape.iter().copied()).collect();
                Array::from_elements(array.dtype, shape, array.elements().collect::<Vec<_>>())
            }
            // The error is above every limit, but less than half of the digits are wrong.
            Property::Value if self.is_inaccurate() => {
                let error = 1.0 + 2f64.powi(10 - array.dtype.precision());
                with(array.dtype, &|e| map_components(e, |v| v * error))
            }
            Property::Value | Property::Special => with(array.dtype, &other_than),
            _ => array.clone(),
        }
    }
}

/// A container with its items mapped. Other results stay as they are.
fn inside<A>(output: Output<A>, map: &mut dyn FnMut(Output<A>) -> Output<A>) -> Output<A> {
    match output {
        Output::Tuple(items) => Output::Tuple(items.into_iter().map(map).collect()),
        Output::List(items) => Output::List(items.into_iter().map(map).collect()),
        Output::Fields(kind, fields) => Output::Fields(kind, fields.into_iter().map(|(name, item)| (name, map(item))).collect()),
        other => other,
    }
}

/// A list in place of a tuple.
fn as_list<A>(output: Output<A>) -> Output<A> {
    match output {
        Output::Tuple(items) => Output::List(items),
        Output::Fields(Record::Named, fields) => Output::List(fields.into_iter().map(|(_, item)| item).collect()),
        other => other,
    }
}

/// A result in another container, or another object if there is none.
fn of_another_type<A>(output: Output<A>) -> Output<A> {
    match output {
        Output::Array(array) => Output::Tuple(vec![Output::Array(array)]),
        Output::Fields(Record::Named, fields) => Output::Tuple(fields.into_iter().map(|(_, item)| item).collect()),
        Output::Fields(Record::Dict, fields) => Output::List(fields.into_iter().map(|(_, item)| item).collect()),
        object @ Output::Fields(Record::Object, _) => inside(object, &mut of_another_type),
        Output::Scalar(_) | Output::Dtype(_) => Output::Str("another type".to_owned()),
        Output::None => Output::Scalar(Scalar::Int(0)),
        Output::Tuple(_) | Output::List(_) | Output::Str(_) | Output::Device(_) | Output::Slice(_) | Output::Ellipsis => Output::None,
    }
}

/// A result of the same type with another value.
fn with_another_value<A>(output: Output<A>, corrupt: &mut dyn FnMut(A) -> A) -> Output<A> {
    match output {
        Output::Array(array) => Output::Array(corrupt(array)),
        Output::Scalar(scalar) => Output::Scalar(match scalar {
            Scalar::Bool(v) => Scalar::Bool(!v),
            Scalar::Int(v) => Scalar::Int(v + 1),
            Scalar::Float(v) => Scalar::Float(other_number(v)),
            Scalar::Complex((re, im)) => Scalar::Complex((other_number(re), im)),
        }),
        Output::Dtype(dtype) => Output::Dtype(if dtype == DType::Bool { DType::Int8 } else { DType::Bool }),
        Output::Str(text) => Output::Str(text + "?"),
        Output::Device(_) => Output::Device("nowhere".to_owned()),
        Output::None => Output::Scalar(Scalar::Int(0)),
        // The text does not describe such an object, so the only other value is none.
        Output::Fields(Record::Object, fields) if fields.is_empty() => Output::None,
        Output::Fields(Record::Dict, fields) => Output::dict(fields.into_iter().map(|(key, item)| (key + "?", item))),
        Output::Tuple(items) if items.is_empty() => Output::Tuple(vec![Output::Scalar(Scalar::Int(1))]),
        other => inside(other, &mut |item| with_another_value(item, corrupt)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_property_is_named_by_its_check_and_clause() {
        for text in ["value", "shape/array", "value/accuracy@near-zero", "call@axis-negative"] {
            assert_eq!(text.parse::<Broken>().unwrap().to_string(), text);
        }
        assert_eq!("nothing".parse::<Broken>(), Err(UnknownProperty));
    }

    #[test]
    fn only_the_named_property_is_broken() {
        let array = Array::from_elements(DType::Float32, vec![2], [Element::F32(1.0), Element::F32(f32::NAN)]);
        let broken = |text: &str| text.parse::<Broken>().unwrap().array(&array);
        let dtype = broken("dtype");
        assert_eq!((dtype.dtype, dtype.shape), (DType::Float64, vec![2]));
        let shape = broken("shape");
        assert_eq!((shape.shape, &shape.data), (vec![1, 2], &array.data));
        let value = broken("value");
        assert_eq!((value.dtype, value.get(0), value.get(1)), (DType::Float32, Element::F32(3.0), Element::F32(1.0)));
        let less = broken("value/accuracy").get(0).components().0;
        assert!(less > 1.0 && less < 1.001, "{less}");
        let list = "type/tuple".parse::<Broken>().unwrap().result(Output::<()>::Tuple(vec![]), &mut |a| a);
        assert!(matches!(list, Output::List(_)));
    }
}
