//! What has to come out of a call.

use std::fmt;
use std::rc::Rc;

use array_assay_interface::{Array, DType, Element, Scalar, Value};

/// What has to come out of a call.
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
    /// A tuple; before 2025.12 a list does as well.
    Tuple(Vec<Expectation>),
    /// A list; before 2025.12 a tuple does as well.
    List(Vec<Expectation>),
    /// A named tuple with these fields, in order.
    Named(Vec<(&'static str, Expectation)>),
    /// An object with these attributes, each observed by a step of its own.
    Object(Vec<(&'static str, Expectation)>),
    /// A mapping with at least these keys.
    Dict(Vec<(String, Expectation)>),
    /// Parts that each are right on their own, and a condition on all of them together.
    Jointly(Box<Expectation>, Condition<Value>),
    /// Parts that each are right on their own, and numbers that say how well they fulfil together what defines them.
    Graded(Box<Expectation>, Grading),
    /// This, or an exception: the text leaves what comes out open in part, and with it whether something does.
    Refusable(Box<Expectation>),
    /// The call has to raise.
    Raises,
    /// Whatever it is.
    Anything,
}

/// What is expected of an array.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct ArrayExpectation {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub elements: Elements,
}

/// What is expected of an array's elements, in C order. NaN payloads and signs are always free.
#[derive(Debug, Clone)]
pub enum Elements {
    /// These, the sign of zero included.
    Exact(Vec<Element>),
    /// These, with either sign of zero.
    EitherZero(Vec<Element>),
    /// Near these.
    Near(Vec<Near>),
    /// Some that fulfil a condition; the first component is an example that does.
    Such(Vec<Element>, Condition<Array>),
    /// Whatever they are.
    Any,
}

/// A number and how far from it a result may lie. Infinities and NaN are met exactly; a bound of infinity is met by anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The real component, to at least twice the precision that matters where the bound is small.
    pub re: f64,
    /// The imaginary component.
    pub im: f64,
    /// The greatest distance: normwise for complex numbers.
    pub bound: f64,
}

/// How well a result fulfils one of the equations that define it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grade {
    /// The equation: `residual`, `orthogonality`, `transform`...
    pub what: &'static str,
    /// By how much the result misses it, in the units of the equation: mostly of eps times sizes and norms. NaN is beyond all limits.
    pub ratio: f64,
    /// The ratio that every sound algorithm keeps.
    pub threshold: f64,
}

/// Takes a result and gives its grades; the error says what was expected of one that is wrong whatever its accuracy.
type Grader = dyn Fn(&Value) -> Result<Vec<Grade>, String>;

/// Grades a result that is not unique, or has no required accuracy.
#[derive(Clone)]
pub struct Grading {
    /// The dtype in whose precision the ratios are measured.
    pub dtype: DType,
    grade: Rc<Grader>,
    example: Rc<dyn Fn() -> Option<Value>>,
}

impl Grading {
    /// A grading in units of the precision of `dtype`. `example` computes a result with good grades: it is asked for by those alone who
    /// want one.
    pub fn new(
        dtype: DType,
        grade: impl Fn(&Value) -> Result<Vec<Grade>, String> + 'static,
        example: impl Fn() -> Option<Value> + 'static,
    ) -> Grading {
        Grading { dtype, grade: Rc::new(grade), example: Rc::new(example) }
    }

    /// The grades of a result whose parts are right on their own.
    pub fn grades(&self, value: &Value) -> Result<Vec<Grade>, String> {
        (self.grade)(value)
    }

    /// How many times its threshold a ratio may be before half of the digits are wrong.
    pub fn half_of_the_digits(&self) -> f64 {
        2f64.powi(self.dtype.precision() / 2)
    }
}

impl fmt::Debug for Grading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a grading in {}", self.dtype)
    }
}

/// What a condition checks; the error says what was expected instead.
type Check<T> = dyn Fn(&T) -> Result<(), String>;

/// A condition on a value.
#[derive(Clone)]
pub struct Condition<T>(Rc<Check<T>>);

impl<T> Condition<T> {
    /// A condition; the error says what was expected instead, for people.
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

    /// The same where an exception is as right, if it is.
    #[must_use]
    pub fn refusable(self, is: bool) -> Expectation {
        if is { Expectation::Refusable(Box::new(self)) } else { self }
    }

    /// What comes out if something does, and whether an exception is as right.
    pub fn unless_refused(self) -> (Expectation, bool) {
        match self {
            Expectation::Refusable(inner) => (*inner, true),
            other => (other, false),
        }
    }

    /// The dtypes of the arrays in it, and those that it names.
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

    /// The ranks of its arrays.
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

    /// Whether it is of numbers for whose accuracy the text sets no limit.
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

    /// A value that fulfils it, as the library under test would hand it back; `None` where none is known.
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
    /// An array that fulfils it.
    pub fn example(&self) -> Array {
        let count = self.shape.iter().product();
        let elements: Vec<Element> = match &self.elements {
            Elements::Exact(elements) | Elements::EitherZero(elements) | Elements::Such(elements, _) => elements.clone(),
            Elements::Near(near) => near.iter().map(|n| Element::C128(n.re, n.im).cast(self.dtype)).collect(),
            Elements::Any => vec![Element::Int(0); count],
        };
        Array::from_elements(self.dtype, self.shape.clone(), elements.into_iter().map(|e| e.cast(self.dtype)))
    }
}
