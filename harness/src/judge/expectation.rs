//! Compares a returned value with what the oracle expects of the call: container, dtypes, shapes and elements.

use std::collections::BTreeSet;

use array_assay_format::{Cause, Property};
use array_assay_interface::{Array, DType, Element, Scalar, Unfit, Value};
use array_assay_oracle::call::{ArrayExpectation, Elements, Expectation, Grade, Grading, Near};

use super::kind::{self, Kinds};
use crate::elements::agree;
use crate::generate::tuple;

/// How a property of a value deviates.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Mismatch {
    pub cause: Cause,
    pub expected: String,
    pub got: String,
    /// The flat index of the wrong element, if an element is wrong.
    pub element: Option<usize>,
    /// The kinds of deviation. Empty if the cause says everything.
    pub kinds: Kinds,
    /// Whether the deviation is more than a lack of accuracy: the value is wrong at any tolerance.
    pub demanded: bool,
}

impl Mismatch {
    /// A deviation that is more than a lack of accuracy, and not that of one element.
    pub fn new(cause: Cause, expected: impl Into<String>, got: impl Into<String>, kinds: Kinds) -> Mismatch {
        Mismatch { cause, expected: expected.into(), got: got.into(), element: None, kinds, demanded: true }
    }
}

/// The result of judging a value, by property.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// The judged properties, each with its deviation if it has one.
    found: Vec<(Property, Option<Mismatch>)>,
    /// How well the value fulfils its defining equations, if it is graded.
    pub grades: Vec<Grade>,
}

impl Findings {
    /// The judged properties, each with its deviation if it has one.
    pub fn iter(&self) -> impl Iterator<Item = (Property, Option<&Mismatch>)> {
        self.found.iter().map(|(property, mismatch)| (*property, mismatch.as_ref()))
    }

    /// The deviation of a property. `None` if the property holds or was not judged.
    pub(super) fn mismatch(&self, property: Property) -> Option<&Mismatch> {
        self.found.iter().find(|(p, _)| *p == property).and_then(|(_, mismatch)| mismatch.as_ref())
    }

    /// Whether all judged properties hold.
    pub fn hold(&self) -> bool {
        self.found.iter().all(|(_, mismatch)| mismatch.is_none())
    }

    /// Enters the result of judging a property, and returns whether it holds. If several parts of a value deviate, the first mismatch is
    /// kept, or the first that is more than a lack of accuracy; the kinds of all mismatches of the same cause are added to it.
    fn enter(&mut self, property: Property, mismatch: Option<Mismatch>) -> bool {
        let holds = mismatch.is_none();
        match self.found.iter_mut().find(|(p, _)| *p == property) {
            Some((_, Some(first)))
                if first.cause == Cause::Inaccurate && mismatch.as_ref().is_some_and(|m| m.cause != Cause::Inaccurate) =>
            {
                mismatch.into_iter().for_each(|graver| *first = graver);
            }
            Some((_, Some(first))) => first.kinds.extend(mismatch.filter(|m| m.cause == first.cause).into_iter().flat_map(|m| m.kinds)),
            Some((_, entry)) => *entry = mismatch,
            None => self.found.push((property, mismatch)),
        }
        holds
    }

    /// Enters whether a property holds, and returns it.
    fn expect(
        &mut self,
        property: Property,
        cause: Cause,
        holds: bool,
        expected: impl FnOnce() -> String,
        got: impl FnOnce() -> String,
        kinds: impl FnOnce() -> Kinds,
    ) -> bool {
        self.enter(property, (!holds).then(|| Mismatch::new(cause, expected(), got(), kinds())))
    }
}

/// The properties that are judged if a value has the container that is expected.
pub fn properties(expectation: &Expectation) -> BTreeSet<Property> {
    let of_all = |items: &mut dyn Iterator<Item = &Expectation>| items.flat_map(properties).collect::<BTreeSet<_>>();
    let (own, parts): (&[Property], BTreeSet<Property>) = match expectation {
        Expectation::Anything | Expectation::Raises => (&[], BTreeSet::new()),
        Expectation::Refusable(expectation) => return properties(expectation),
        Expectation::Array(ArrayExpectation { elements: Elements::Any(_), .. }) => {
            (&[Property::Type, Property::Dtype, Property::Shape], BTreeSet::new())
        }
        Expectation::Array(_) => (&[Property::Type, Property::Dtype, Property::Shape, Property::Value], BTreeSet::new()),
        Expectation::Scalar(_) | Expectation::Dtype(_) | Expectation::Str(_) => (&[Property::Type, Property::Value], BTreeSet::new()),
        Expectation::None => (&[Property::Type], BTreeSet::new()),
        Expectation::Tuple(items) | Expectation::List(items) => (&[Property::Type], of_all(&mut items.iter())),
        Expectation::Named(fields) => (&[Property::Type], of_all(&mut fields.iter().map(|(_, e)| e))),
        Expectation::Object(fields) => (&[], of_all(&mut fields.iter().map(|(_, e)| e))),
        Expectation::Dict(fields) => (&[Property::Type, Property::Value], of_all(&mut fields.iter().map(|(_, e)| e))),
        Expectation::Graded(parts, _) => (&[Property::Value], properties(parts)),
        Expectation::Jointly(parts, _) => (&[Property::Value], properties(parts)),
    };
    own.iter().copied().chain(parts).collect()
}

/// Judges a value. `attributes` are the attributes observed of a result that is an object, in the order of the expectation.
pub fn judge(expectation: &Expectation, value: &Value, attributes: &[Value]) -> Findings {
    let mut findings = Findings::default();
    Part { value, attributes, place: String::new() }.judge(expectation, &mut findings);
    findings
}

/// A value, or a part of one, while it is judged.
struct Part<'v> {
    value: &'v Value,
    /// The attributes observed of the value, if it is an object.
    attributes: &'v [Value],
    /// Where the part stands in the whole value, such as `item 1: `. It precedes all texts about the part.
    place: String,
}

impl Part<'_> {
    /// A part of this part.
    fn inner<'v>(&self, value: &'v Value, place: &str) -> Part<'v> {
        Part { value, attributes: &[], place: format!("{}{place}: ", self.place) }
    }

    fn judge(&self, expectation: &Expectation, out: &mut Findings) {
        match expectation {
            Expectation::Anything | Expectation::Raises => {}
            Expectation::Array(expected) => self.judge_array(expected, out),
            Expectation::Scalar(expected) => self.judge_scalar(*expected, out),
            Expectation::Dtype(expected) => self.judge_dtype(*expected, out),
            Expectation::Str(expected) => self.judge_text(expected, out),
            Expectation::None => {
                self.expect_type("None", *self.value == Value::None, out);
            }
            Expectation::Tuple(expected) => self.judge_sequence("a tuple", expected, out),
            Expectation::List(expected) => self.judge_sequence("a list", expected, out),
            Expectation::Named(expected) => self.judge_named(expected, out),
            Expectation::Object(expected) => {
                for ((name, expected), attribute) in expected.iter().zip(self.attributes) {
                    self.inner(attribute, name).judge(expected, out);
                }
            }
            Expectation::Dict(expected) => self.judge_dict(expected, out),
            Expectation::Graded(parts, grading) => {
                self.judge(parts, out);
                if out.hold() {
                    self.grade(grading, out);
                }
            }
            Expectation::Refusable(parts) => self.judge(parts, out),
            Expectation::Jointly(parts, condition) => {
                self.judge(parts, out);
                if out.hold() {
                    let unmet = condition.check(self.value).err();
                    self.expect_value(unmet.is_none(), || unmet.unwrap_or_default(), || kind::one("condition not met"), out);
                }
            }
        }
    }

    /// Enters whether the type is right, and returns it.
    fn expect_type(&self, expected: &str, holds: bool, out: &mut Findings) -> bool {
        let Part { value, place, .. } = self;
        let kinds = || kind::in_part(place, kind::one(kind::of_value(value)));
        out.expect(Property::Type, Cause::WrongType, holds, || format!("{place}{expected}"), || format!("{place}{value}"), kinds)
    }

    /// Enters whether the value is right.
    fn expect_value(&self, holds: bool, expected: impl FnOnce() -> String, kinds: impl FnOnce() -> Kinds, out: &mut Findings) {
        let Part { value, place, .. } = self;
        let expected = || format!("{place}{}", expected());
        let kinds = || kind::in_part(place, kinds());
        out.expect(Property::Value, Cause::WrongValue, holds, expected, || format!("{place}{value}"), kinds);
    }

    fn judge_array(&self, expected: &ArrayExpectation, out: &mut Findings) {
        match self.value {
            Value::Array(array) | Value::ArrayScalar { array, .. } => {
                self.expect_type("an array", true, out);
                judge_array(expected, array, &self.place, out);
            }
            Value::Unfit(unfit) => {
                self.expect_type("an array", true, out);
                judge_unfit(expected, unfit, &self.place, out);
            }
            _ => {
                self.expect_type("an array", false, out);
            }
        }
    }

    fn judge_scalar(&self, expected: Scalar, out: &mut Findings) {
        let type_name = match expected {
            Scalar::Bool(_) => "a Python bool",
            Scalar::Int(_) => "a Python int",
            Scalar::Float(_) => "a Python float",
            Scalar::Complex(_) => "a Python complex",
        };
        let same_type = |got: &Scalar| std::mem::discriminant(got) == std::mem::discriminant(&expected);
        let got = python_number(self.value).filter(same_type);
        self.expect_type(type_name, got.is_some(), out);
        if let Some(got) = got {
            let place = &self.place;
            let same = agree(expected.element(), got.element(), false);
            let kinds = || kind::in_part(place, kind::of_element(expected.element(), got.element()));
            out.expect(Property::Value, Cause::WrongValue, same, || format!("{place}{expected}"), || format!("{place}{got}"), kinds);
        }
    }

    fn judge_dtype(&self, expected: DType, out: &mut Findings) {
        let names = if let Value::Dtype(names) = self.value { Some(names) } else { None };
        if self.expect_type("a dtype", names.is_some(), out) {
            let same = names.is_some_and(|names| names.iter().any(|name| name == expected.name()));
            let kinds = || kind::one(names.into_iter().flatten().next().cloned().unwrap_or("no dtype".to_owned()));
            self.expect_value(same, || format!("dtype {expected}"), kinds, out);
        }
    }

    fn judge_text(&self, expected: &String, out: &mut Findings) {
        let text = if let Value::Str(text) = self.value { Some(text) } else { None };
        if self.expect_type("a string", text.is_some(), out) {
            self.expect_value(text == Some(expected), || format!("{expected:?}"), || kind::one("another text"), out);
        }
    }

    /// Judges the items of a tuple or a list. The standard lets a library return one instead of the other.
    fn judge_sequence(&self, type_name: &str, expected: &[Expectation], out: &mut Findings) {
        let items: Vec<&Value> = match self.value {
            Value::Tuple(items) | Value::List(items) => items.iter().collect(),
            Value::NamedTuple(fields) => fields.iter().map(|(_, value)| value).collect(),
            _ => {
                self.expect_type(type_name, false, out);
                return;
            }
        };
        if self.expect_type(&format!("{type_name} of {} items", expected.len()), items.len() == expected.len(), out) {
            for (i, (expected, item)) in expected.iter().zip(items).enumerate() {
                self.inner(item, &format!("item {i}")).judge(expected, out);
            }
        }
    }

    fn judge_named(&self, expected: &[(&'static str, Expectation)], out: &mut Findings) {
        let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
        let fields = match self.value {
            Value::NamedTuple(fields) => fields.as_slice(),
            _ => &[],
        };
        let same = fields.iter().map(|(name, _)| name.as_str()).eq(names.iter().copied());
        if self.expect_type(&format!("a named tuple with the fields {}", names.join(", ")), same, out) {
            for ((name, expected), (_, field)) in expected.iter().zip(fields) {
                self.inner(field, name).judge(expected, out);
            }
        }
    }

    fn judge_dict(&self, expected: &[(String, Expectation)], out: &mut Findings) {
        let fields = if let Value::Dict(fields) = self.value { Some(fields) } else { None };
        if !self.expect_type("a mapping", fields.is_some(), out) {
            return;
        }
        let place = &self.place;
        for (key, expected) in expected {
            let found = fields.into_iter().flatten().find(|(name, _)| name == key);
            let keys = || fields.into_iter().flatten().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            let there = out.expect(
                Property::Value,
                Cause::WrongValue,
                found.is_some(),
                || format!("{place}the key {key:?}"),
                || format!("{place}the keys {}", keys()),
                || kind::in_part(place, kind::one(format!("no key {key}"))),
            );
            if let (true, Some((_, item))) = (there, found) {
                self.inner(item, key).judge(expected, out);
            }
        }
    }

    /// Enters the grades of a value, and the worst of them as a mismatch if it is beyond its threshold.
    fn grade(&self, grading: &Grading, out: &mut Findings) {
        let Part { value, place, .. } = self;
        let graded = grading.grades(value);
        let mismatch = graded.as_ref().map_or_else(
            |wanted| Some(Mismatch::new(Cause::WrongValue, wanted.clone(), value.to_string(), kind::one("condition not met"))),
            |grades| worst(grading, grades, value),
        );
        let placed = |m: Mismatch| Mismatch { expected: format!("{place}{}", m.expected), kinds: kind::in_part(place, m.kinds), ..m };
        out.enter(Property::Value, mismatch.map(placed));
        out.grades.extend(graded.unwrap_or_default());
    }
}

/// The Python number that a value is, if it is one. An instance of a subclass of a Python number counts.
fn python_number(value: &Value) -> Option<Scalar> {
    match value {
        Value::Scalar(scalar) => Some(*scalar),
        Value::ArrayScalar { type_name, array } if array.len() == 1 => {
            let (re, im) = array.get(0).components();
            let is = |number: &str| type_name.ends_with(&format!(" (a Python {number})"));
            if is("float") { Some(Scalar::Float(re)) } else { is("complex").then_some(Scalar::Complex((re, im))) }
        }
        _ => None,
    }
}

/// The worst grade, as a mismatch, if it is beyond its threshold. The standard sets no limits to these errors, so a result counts as wrong
/// only if half of its digits are wrong, and as inaccurate otherwise.
fn worst(grading: &Grading, grades: &[Grade], value: &Value) -> Option<Mismatch> {
    // NaN is worse than any number.
    let beyond = |grade: &Grade| if grade.ratio.is_nan() { f64::INFINITY } else { grade.ratio / grade.threshold };
    let worst = grades.iter().max_by(|a, b| beyond(a).total_cmp(&beyond(b))).filter(|worst| beyond(worst) > 1.0)?;
    let cause = if beyond(worst) > grading.half_of_the_digits() { Cause::WrongValue } else { Cause::Inaccurate };
    let expected = format!("an error of at most {} units ({})", worst.threshold, worst.what);
    let got = format!("{:.3e} units: {value}", worst.ratio);
    // The kinds name only the grades that deviate for the same cause as the worst one.
    let half = grading.half_of_the_digits();
    let kind = |grade: &&Grade| match cause {
        Cause::WrongValue => grade.what.to_owned(),
        _ => format!("{}: {}", grade.what, kind::of_excess(beyond(grade), half)),
    };
    let as_bad = grades.iter().filter(|grade| beyond(grade) > if cause == Cause::WrongValue { half } else { 1.0 });
    let kinds = as_bad.map(|grade| kind(&grade).into()).collect();
    Some(Mismatch { demanded: false, ..Mismatch::new(cause, expected, got, kinds) })
}

/// Judges dtype and shape, and returns whether both hold.
fn judge_form(expected: &ArrayExpectation, (dtype, shape): (DType, &[usize]), place: &str, out: &mut Findings) -> bool {
    let dtype_holds = out.expect(
        Property::Dtype,
        Cause::WrongDtype,
        dtype == expected.dtype,
        || format!("{place}dtype {}", expected.dtype),
        || format!("{place}dtype {dtype}"),
        || kind::in_part(place, kind::one(dtype.name())),
    );
    let shape_holds = out.expect(
        Property::Shape,
        Cause::WrongShape,
        shape == expected.shape,
        || format!("{place}shape {}", tuple(&expected.shape)),
        || format!("{place}shape {}", tuple(shape)),
        || kind::in_part(place, kind::one(kind::of_shape(&expected.shape, shape))),
    );
    dtype_holds && shape_holds
}

/// Judges an array with an element that its dtype cannot hold. The element is wrong unless any element is allowed.
fn judge_unfit(expected: &ArrayExpectation, unfit: &Unfit, place: &str, out: &mut Findings) {
    let wrong = judge_form(expected, (unfit.dtype, &unfit.shape), place, out) && !matches!(expected.elements, Elements::Any(_));
    if !wrong || unfit.at >= unfit.shape.iter().product() {
        return;
    }
    let got = format!("{place}element {}: {}, which {} cannot hold", unfit.at, unfit.element, unfit.dtype);
    let expected = format!("{place}element {}: {}", unfit.at, expected.example().get(unfit.at));
    let kinds = kind::in_part(place, kind::one(kind::UNFIT));
    out.enter(Property::Value, Some(Mismatch { element: Some(unfit.at), ..Mismatch::new(Cause::WrongValue, expected, got, kinds) }));
}

/// Judges the dtype, the shape and the elements of an array.
fn judge_array(expected: &ArrayExpectation, got: &Array, place: &str, out: &mut Findings) {
    if !judge_form(expected, (got.dtype, &got.shape), place, out) {
        return;
    }
    let wrong = match &expected.elements {
        Elements::Any(_) => return,
        Elements::Exact(want) => first_wrong(want, got, |want, got| agree(*want, got, false)),
        Elements::EitherZero(want) => first_wrong(want, got, |want, got| agree(*want, got, true)),
        Elements::Near(want) => first_wrong(want, got, is_near),
        Elements::Such(_, condition) => match condition.check(got) {
            Ok(()) => None,
            Err(wanted) => {
                let kinds = || kind::in_part(place, kind::one("condition not met"));
                out.expect(Property::Value, Cause::WrongValue, false, || format!("{place}{wanted}"), || format!("{place}{got}"), kinds);
                return;
            }
        },
    };
    // The standard sets no limit to the error of sums and products, so a result is wrong only if half of its digits are wrong.
    let plainly_wrong = match &expected.elements {
        Elements::Near(want) => first_wrong(want, got, |want, got| is_near(&loosened(want, expected.dtype), got)),
        _ => wrong,
    };
    let mismatch = plainly_wrong.or(wrong).map(|i| {
        let want = match &expected.elements {
            Elements::Near(near) => {
                let example = Element::C128(near[i].re, near[i].im).cast(expected.dtype);
                let around = near[i].re.is_finite() && near[i].im.is_finite() && near[i].bound > 0.0;
                if around { format!("{example} within {:.3e}", near[i].bound) } else { example.to_string() }
            }
            _ => expected.example().get(i).to_string(),
        };
        let at = if got.len() == 1 { String::new() } else { format!("element {i}: ") };
        Mismatch {
            cause: if plainly_wrong.is_some() { Cause::WrongValue } else { Cause::Inaccurate },
            expected: format!("{place}{at}{want}"),
            got: format!("{place}{at}{}", got.get(i)),
            element: Some(i),
            kinds: kind::in_part(place, kinds(&expected.elements, expected.dtype, got, plainly_wrong.is_some())),
            demanded: !matches!(expected.elements, Elements::Near(_)),
        }
    });
    out.enter(Property::Value, mismatch);
}

/// How the elements of an array deviate: those that are `plainly` wrong, or else those that are inaccurate.
fn kinds(expected: &Elements, dtype: DType, got: &Array, plainly: bool) -> Kinds {
    let all = 0..got.len();
    match expected {
        Elements::Any(_) | Elements::Such(..) => Kinds::new(),
        Elements::Exact(want) | Elements::EitherZero(want) => {
            let either = matches!(expected, Elements::EitherZero(_));
            let wrong = all.filter(|i| !agree(want[*i], got.get(*i), either)).take(kind::CLASSIFIED);
            wrong.flat_map(|i| kind::of_element(want[i], got.get(i))).collect()
        }
        Elements::Near(want) => {
            let bound = |i: usize| if plainly { loosened(&want[i], dtype) } else { want[i] };
            let wrong = all.filter(|i| !is_near(&bound(*i), got.get(*i))).take(kind::CLASSIFIED);
            let of = |i: usize| {
                let near = Element::C128(want[i].re, want[i].im).cast(dtype);
                let ((a, b), (c, d)) = (near.components(), got.get(i).components());
                match plainly {
                    true => kind::of_element(near, got.get(i)),
                    false => kind::one(kind::of_error((c - a).hypot(d - b) / want[i].bound, dtype)),
                }
            };
            wrong.flat_map(of).collect()
        }
    }
}

/// The index of the first element that does not agree.
fn first_wrong<T>(want: &[T], got: &Array, agrees: impl Fn(&T, Element) -> bool) -> Option<usize> {
    (0..got.len()).find(|i| !agrees(&want[*i], got.get(*i)))
}

/// The same expectation with a bound at which half of the digits are wrong.
pub(super) fn loosened(want: &Near, dtype: DType) -> Near {
    Near { bound: want.bound * 2f64.powi(dtype.precision() / 2), ..*want }
}

/// Whether an element lies within the bound.
fn is_near(want: &Near, got: Element) -> bool {
    if want.bound.is_infinite() {
        return true;
    }
    let (re, im) = got.components();
    if !want.re.is_finite() || !want.im.is_finite() {
        // If one component is infinite or NaN, each component is compared on its own.
        let met = |component: f64, got: f64| {
            component == got || component.is_nan() && got.is_nan() || component.is_finite() && (got - component).abs() <= want.bound
        };
        return met(want.re, re) && met(want.im, im);
    }
    (re - want.re).hypot(im - want.im) <= want.bound
}

#[cfg(test)]
mod tests {
    use array_assay_oracle::call::Example;

    use super::*;

    fn floats(values: &[f64]) -> Value {
        Value::Array(Array::from_elements(DType::Float64, vec![values.len()], values.iter().map(|v| Element::F64(*v))))
    }

    fn expect(elements: Elements, n: usize) -> Expectation {
        Expectation::Array(ArrayExpectation { dtype: DType::Float64, shape: vec![n], elements })
    }

    #[test]
    fn the_sign_of_zero_matters_unless_either_sign_is_allowed() {
        let zero = vec![Element::F64(0.0)];
        assert!(!judge(&expect(Elements::Exact(zero.clone()), 1), &floats(&[-0.0]), &[]).hold());
        assert!(judge(&expect(Elements::EitherZero(zero), 1), &floats(&[-0.0]), &[]).hold());
    }

    #[test]
    fn a_value_within_the_bound_holds_and_infinities_must_be_equal() {
        let near = |re: f64, bound: f64| expect(Elements::Near(vec![Near { re, im: 0.0, bound }]), 1);
        assert!(judge(&near(1.0, 0.5), &floats(&[1.5]), &[]).hold());
        let findings = judge(&near(1.0, 0.5), &floats(&[1.6]), &[]);
        assert_eq!(findings.mismatch(Property::Value).map(|m| (m.cause, m.element)), Some((Cause::Inaccurate, Some(0))));
        let findings = judge(&near(1.0, 1e-15), &floats(&[1.001]), &[]);
        assert_eq!(findings.mismatch(Property::Value).map(|m| m.cause), Some(Cause::WrongValue));
        assert!(!judge(&near(1.0, 0.5), &floats(&[f64::NAN]), &[]).hold());
        assert!(!judge(&near(f64::INFINITY, 1.0), &floats(&[1e308]), &[]).hold());
        assert!(judge(&near(f64::NAN, 1.0), &floats(&[f64::NAN]), &[]).hold());
    }

    #[test]
    fn a_graded_value_is_inaccurate_beyond_the_threshold_and_wrong_beyond_half_of_the_digits() {
        let graded = |dtype: DType, ratio: f64| {
            let grade = move |_: &Value| {
                let small = Grade { what: "orthogonality", ratio: 1.0, threshold: 10.0 };
                if ratio < 0.0 { Err("a triangle".to_owned()) } else { Ok(vec![Grade { what: "residual", ratio, threshold: 30.0 }, small]) }
            };
            let parts =
                Expectation::Array(ArrayExpectation { dtype: DType::Float64, shape: vec![1], elements: Elements::Any(Example::ZEROS) });
            Expectation::Graded(Box::new(parts), Grading::new(dtype, grade, || None))
        };
        let cause = |dtype: DType, ratio: f64| {
            let findings = judge(&graded(dtype, ratio), &floats(&[1.0]), &[]);
            assert_eq!(findings.grades.len(), if ratio < 0.0 { 0 } else { 2 });
            findings.mismatch(Property::Value).map(|m| (m.cause, m.expected.clone()))
        };
        let residual = || "an error of at most 30 units (residual)".to_owned();
        assert_eq!(cause(DType::Float64, 30.0), None);
        assert_eq!(cause(DType::Float64, 31.0), Some((Cause::Inaccurate, residual())));
        assert_eq!(cause(DType::Float64, 30.0 * 2f64.powi(26)), Some((Cause::Inaccurate, residual())));
        assert_eq!(cause(DType::Float64, 31.0 * 2f64.powi(26)), Some((Cause::WrongValue, residual())));
        assert_eq!(cause(DType::Float32, 31.0 * 2f64.powi(12)), Some((Cause::WrongValue, residual())));
        assert_eq!(cause(DType::Float64, f64::NAN), Some((Cause::WrongValue, residual())));
        assert_eq!(cause(DType::Float64, -1.0), Some((Cause::WrongValue, "a triangle".to_owned())));
        // A value of another shape is not graded.
        assert!(judge(&graded(DType::Float64, 31.0), &floats(&[1.0, 2.0]), &[]).grades.is_empty());
    }

    #[test]
    fn of_several_parts_the_first_that_is_wrong_stands_and_not_one_that_is_inaccurate() {
        let near = |re: f64| expect(Elements::Near(vec![Near { re, im: 0.0, bound: 1e-12 }]), 1);
        let want = Expectation::Tuple(vec![near(1.0), near(2.0), near(3.0)]);
        let found = |parts: [f64; 3]| {
            let findings = judge(&want, &Value::Tuple(parts.map(|x| floats(&[x])).to_vec()), &[]);
            findings.mismatch(Property::Value).map(|m| (m.cause, m.got.clone(), m.kinds.len()))
        };
        assert_eq!(found([1.0, 2.0, 3.0]), None);
        let [inaccurate, wrong] = [2.0 + 1e-11, 2.5];
        assert_eq!(found([1.0, inaccurate, 3.0]).map(|(cause, ..)| cause), Some(Cause::Inaccurate));
        assert_eq!(found([1.0 + 1e-11, wrong, 3.0]), Some((Cause::WrongValue, "item 1: 2.5".to_owned(), 1)));
        assert_eq!(found([1.5, inaccurate, 3.0]), Some((Cause::WrongValue, "item 0: 1.5".to_owned(), 1)));
        // Of those of one cause the first, with the kinds of all.
        assert_eq!(found([f64::NAN, wrong, 3.0]), Some((Cause::WrongValue, "item 0: nan".to_owned(), 2)));
    }

    #[test]
    fn an_instance_of_a_subclass_of_float_counts_as_a_float() {
        let scalar = |type_name: &str, dtype: DType| {
            let array = Array::from_elements(dtype, vec![], [Element::F64(1.0).cast(dtype)]);
            Value::ArrayScalar { type_name: type_name.to_owned(), array }
        };
        let holds = |value: &Value| judge(&Expectation::Scalar(Scalar::Float(1.0)), value, &[]).hold();
        assert!(holds(&scalar("numpy.float64 (a Python float)", DType::Float64)));
        assert!(!holds(&scalar("numpy.float32", DType::Float32)));
        assert!(!holds(&scalar("numpy.complex128 (a Python complex)", DType::Complex128)));
    }

    #[test]
    fn a_deviation_names_the_part_and_the_property() {
        let want = Expectation::Named(vec![
            ("values", expect(Elements::Any(Example::ZEROS), 1)),
            ("counts", expect(Elements::Any(Example::ZEROS), 2)),
        ]);
        let got = |second: &[f64]| Value::NamedTuple(vec![("values".into(), floats(&[1.0])), ("counts".into(), floats(second))]);
        assert!(judge(&want, &got(&[1.0, 2.0]), &[]).hold());
        let shape = judge(&want, &got(&[1.0]), &[]);
        assert_eq!(shape.mismatch(Property::Shape).map(|m| m.expected.as_str()), Some("counts: shape (2,)"));
        let tuple = Value::Tuple(vec![floats(&[1.0]), floats(&[1.0, 2.0])]);
        assert!(judge(&want, &tuple, &[]).mismatch(Property::Type).is_some());
        assert!(judge(&Expectation::Scalar(Scalar::Float(1.0)), &floats(&[1.0]), &[]).mismatch(Property::Type).is_some());
    }
}
