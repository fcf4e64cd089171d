//! The expected result of a call.

use std::fmt;
use std::rc::Rc;

use array_assay_interface::{Array, DType, Element, Scalar, Value};

/// The expected result of a call.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// An array.
    Array(ArrayExpectation),
    /// A Python scalar, exactly.
    Scalar(Scalar),
    /// A dtype object.
    Dtype(DType),
    /// A string.
    Str(String),
    /// `None`.
    None,
    /// A tuple. Before 2025.12 a list is right as well.
    Tuple(Vec<Expectation>),
    /// A list. Before 2025.12 a tuple is right as well.
    List(Vec<Expectation>),
    /// A named tuple with these fields, in order.
    Named(Vec<(&'static str, Expectation)>),
    /// An object with these attributes. A step of its own reads each.
    Object(Vec<(&'static str, Expectation)>),
    /// A mapping with at least these keys.
    Dict(Vec<(String, Expectation)>),
    /// Parts that are right on their own, and a condition on all of them together.
    Jointly(Box<Expectation>, Condition<Value>),
    /// Parts that are right on their own, and ratios that say how well they fulfil their equations together.
    Graded(Box<Expectation>, Grading),
    /// This result, or an exception, because the text leaves part of the result open.
    Refusable(Box<Expectation>),
    /// The call has to raise.
    Raises,
    /// Any result.
    Anything,
}

/// The expectation of an array.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct ArrayExpectation {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub elements: Elements,
}

/// The expectation of an array's elements, in C order. Payloads and signs of NaN are always free.
#[derive(Debug, Clone)]
pub enum Elements {
    /// Exactly these elements, including the sign of zero.
    Exact(Vec<Element>),
    /// These elements, with either sign of zero.
    EitherZero(Vec<Element>),
    /// Elements near these.
    Near(Vec<Near>),
    /// Elements that fulfil a condition. The first field is an example.
    Such(Vec<Element>, Condition<Array>),
    /// Any elements. The example is what the reference answers.
    Any(Example),
}

/// Elements that may take the place of any others.
#[derive(Clone)]
pub struct Example(Option<Rc<dyn Fn() -> Vec<Element>>>);

impl Example {
    /// Zeros.
    pub const ZEROS: Example = Example(None);

    /// The elements that a function computes, in C order. It is called only if they are needed.
    pub fn new(elements: impl Fn() -> Vec<Element> + 'static) -> Example {
        Example(Some(Rc::new(elements)))
    }

    fn elements(&self, count: usize) -> Vec<Element> {
        self.0.as_ref().map_or_else(|| vec![Element::Int(0); count], |elements| elements())
    }
}

impl fmt::Debug for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an example")
    }
}

/// A number and the largest distance of a result from it. Infinities and NaN have to be met exactly. With an infinite bound any result is
/// right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The real component, with at least twice the precision that matters if the bound is small.
    pub re: f64,
    /// The imaginary component.
    pub im: f64,
    /// The largest distance, which is normwise for complex numbers.
    pub bound: f64,
}

/// How well a result fulfils one of the equations that define it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grade {
    /// The equation: `residual`, `orthogonality`, `transform`, ...
    pub what: &'static str,
    /// How far the result misses the equation, in the units of the equation: mostly eps times sizes and norms. NaN exceeds every limit.
    pub ratio: f64,
    /// The ratio that every sound algorithm stays below.
    pub threshold: f64,
}

/// Computes the grades of a result. The error says what was expected, if the result is wrong for any accuracy.
type Grader = dyn Fn(&Value) -> Result<Vec<Grade>, String>;

/// Grades a result that is not unique, or has no required accuracy.
#[derive(Clone)]
pub struct Grading {
    /// The dtype whose precision is the unit of the ratios.
    pub dtype: DType,
    grade: Rc<Grader>,
    example: Rc<dyn Fn() -> Option<Value>>,
}

impl Grading {
    /// A grading in units of the precision of `dtype`. `example` computes a result with good grades. It is called only if an example is
    /// needed.
    pub fn new(
        dtype: DType,
        grade: impl Fn(&Value) -> Result<Vec<Grade>, String> + 'static,
        example: impl Fn() -> Option<Value> + 'static,
    ) -> Grading {
        Grading { dtype, grade: Rc::new(grade), example: Rc::new(example) }
    }

    /// The grades of a result whose parts are already known to be right on their own.
    pub fn grades(&self, value: &Value) -> Result<Vec<Grade>, String> {
        (self.grade)(value)
    }

    /// The factor above the threshold beyond which half of the digits are wrong.
    pub fn half_of_the_digits(&self) -> f64 {
        2f64.powi(self.dtype.precision() / 2)
    }
}

impl fmt::Debug for Grading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a grading in {}", self.dtype)
    }
}

/// A function that checks a condition. The error says what was expected instead.
type Check<T> = dyn Fn(&T) -> Result<(), String>;

/// A condition on a value.
#[derive(Clone)]
pub struct Condition<T>(Rc<Check<T>>);

impl<T> Condition<T> {
    /// A condition. The error says what was expected instead, for people.
    pub fn new(check: impl Fn(&T) -> Result<(), String> + 'static) -> Condition<T> {
        Condition(Rc::new(check))
    }

    /// Checks a value.
    pub fn check(&self, value: &T) -> Result<(), String> {
        (self.0)(value)
    }
}

impl<T> fmt::Debug for Condition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a condition")
    }
}

impl Expectation {
    /// An array with exactly these elements.
    pub fn exact(dtype: DType, shape: Vec<usize>, elements: Vec<Element>) -> Expectation {
        Expectation::Array(ArrayExpectation { dtype, shape, elements: Elements::Exact(elements) })
    }

    /// Exactly this array.
    pub fn array(array: &Array) -> Expectation {
        Expectation::exact(array.dtype, array.shape.clone(), array.elements().collect())
    }

    /// The same expectation. If `is`, an exception is as right as the result.
    #[must_use]
    pub fn refusable(self, is: bool) -> Expectation {
        if is { Expectation::Refusable(Box::new(self)) } else { self }
    }

    /// The expectation of the result, and whether an exception is as right.
    pub fn unless_refused(self) -> (Expectation, bool) {
        match self {
            Expectation::Refusable(inner) => (*inner, true),
            other => (other, false),
        }
    }

    /// The dtypes of the expected arrays, and the expected dtype objects.
    pub fn dtypes(&self) -> Vec<DType> {
        let all = |items: &[Expectation]| items.iter().flat_map(Expectation::dtypes).collect();
        match self {
            Expectation::Array(array) => vec![array.dtype],
            Expectation::Dtype(dtype) => vec![*dtype],
            Expectation::Tuple(items) | Expectation::List(items) => all(items),
            Expectation::Named(fields) | Expectation::Object(fields) => fields.iter().flat_map(|(_, e)| e.dtypes()).collect(),
            Expectation::Dict(fields) => fields.iter().flat_map(|(_, e)| e.dtypes()).collect(),
            Expectation::Jointly(inner, _) | Expectation::Graded(inner, _) | Expectation::Refusable(inner) => inner.dtypes(),
            Expectation::Scalar(_) | Expectation::Str(_) | Expectation::None | Expectation::Raises | Expectation::Anything => Vec::new(),
        }
    }

    /// The ranks of the expected arrays.
    pub fn ranks(&self) -> Vec<usize> {
        let all = |items: &[Expectation]| items.iter().flat_map(Expectation::ranks).collect();
        match self {
            Expectation::Array(array) => vec![array.shape.len()],
            Expectation::Tuple(items) | Expectation::List(items) => all(items),
            Expectation::Named(fields) | Expectation::Object(fields) => fields.iter().flat_map(|(_, e)| e.ranks()).collect(),
            Expectation::Dict(fields) => fields.iter().flat_map(|(_, e)| e.ranks()).collect(),
            Expectation::Jointly(inner, _) | Expectation::Graded(inner, _) | Expectation::Refusable(inner) => inner.ranks(),
            _ => Vec::new(),
        }
    }

    /// Whether the expectation is about numbers for whose accuracy the text sets no limit.
    pub fn is_approximate(&self) -> bool {
        match self {
            Expectation::Array(array) => matches!(array.elements, Elements::Near(_)),
            Expectation::Tuple(items) | Expectation::List(items) => items.iter().any(Expectation::is_approximate),
            Expectation::Named(fields) | Expectation::Object(fields) => fields.iter().any(|(_, e)| e.is_approximate()),
            Expectation::Dict(fields) => fields.iter().any(|(_, e)| e.is_approximate()),
            Expectation::Jointly(inner, _) | Expectation::Refusable(inner) => inner.is_approximate(),
            Expectation::Graded(..) => true,
            _ => false,
        }
    }

    /// A value that fulfils the expectation, in the form in which the library under test would hand it back. `None` if no such value is
    /// known.
    pub fn example(&self) -> Option<Value> {
        let all = |items: &[Expectation]| items.iter().map(Expectation::example).collect::<Option<Vec<_>>>();
        Some(match self {
            Expectation::Array(array) => Value::Array(array.example()),
            Expectation::Scalar(scalar) => Value::Scalar(*scalar),
            Expectation::Dtype(dtype) => Value::Dtype(vec![dtype.name().to_owned()]),
            Expectation::Str(text) => Value::Str(text.clone()),
            Expectation::None => Value::None,
            Expectation::Tuple(items) => Value::Tuple(all(items)?),
            Expectation::List(items) => Value::List(all(items)?),
            Expectation::Named(fields) => {
                Value::NamedTuple(fields.iter().map(|(name, e)| Some(((*name).to_owned(), e.example()?))).collect::<Option<_>>()?)
            }
            Expectation::Dict(fields) => {
                Value::Dict(fields.iter().map(|(name, e)| Some((name.clone(), e.example()?))).collect::<Option<_>>()?)
            }
            Expectation::Jointly(parts, _) | Expectation::Refusable(parts) => parts.example()?,
            Expectation::Graded(_, grading) => (grading.example)()?,
            Expectation::Object(_) | Expectation::Raises | Expectation::Anything => return None,
        })
    }
}

impl ArrayExpectation {
    /// An array that fulfils the expectation.
    pub fn example(&self) -> Array {
        let count = self.shape.iter().product();
        let elements: Vec<Element> = match &self.elements {
            Elements::Exact(elements) | Elements::EitherZero(elements) | Elements::Such(elements, _) => elements.clone(),
            Elements::Near(near) => near.iter().map(|n| Element::C128(n.re, n.im).cast(self.dtype)).collect(),
            Elements::Any(example) => example.elements(count),
        };
        Array::from_elements(self.dtype, self.shape.clone(), elements.into_iter().map(|e| e.cast(self.dtype)))
    }
}
