//! The functions of the category `creation`.

use array_assay_interface::{Array, DType, Defaults, Element, Kind, Scalar};

use super::arguments::illegal;
use super::data_type::{converted, held, largest, smallest_normal, unit_roundoff};
use super::shape::gather;
use super::{ArrayExpectation, Call, Condition, Elements, Example, Expectation, Given, Near, Table, Undefined};
use crate::promoted;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("arange", arange),
    ("asarray", asarray),
    ("empty", empty),
    ("empty_like", empty_like),
    ("eye", eye),
    ("from_dlpack", from_dlpack),
    ("full", full),
    ("full_like", full_like),
    ("linspace", linspace),
    ("meshgrid", meshgrid),
    ("ones", |call| filled(call, 1)),
    ("ones_like", |call| filled_like(call, 1)),
    ("tril", |call| triangle(call, |below_diagonal| below_diagonal >= 0)),
    ("triu", |call| triangle(call, |below_diagonal| below_diagonal <= 0)),
    ("zeros", |call| filled(call, 0)),
    ("zeros_like", |call| filled_like(call, 0)),
];

/// The longest sequence that is computed.
const LONGEST: u128 = 1 << 16;

fn array(dtype: DType, shape: Vec<usize>, elements: Elements) -> Result<Expectation, Undefined> {
    Ok(Expectation::Array(ArrayExpectation { dtype, shape, elements }))
}

/// An array with the same number everywhere. The text demands equality, which does not distinguish zeros.
fn constant(dtype: DType, shape: Vec<usize>, element: Element) -> Result<Expectation, Undefined> {
    let count = shape.iter().product();
    array(dtype, shape, Elements::EitherZero(vec![element; count]))
}

/// The argument `shape`: a size or several sizes.
fn shape(call: &Call<'_>) -> Result<Vec<usize>, Undefined> {
    let sizes = call.integers("shape")?.ok_or_else(|| illegal("`shape` is missing"))?;
    sizes.into_iter().map(|n| usize::try_from(n).map_err(|_| illegal("a negative size"))).collect()
}

/// A number that counts something.
fn count(call: &Call<'_>, name: &str) -> Result<Option<usize>, Undefined> {
    call.integer(name).map(|n| usize::try_from(n).map_err(|_| illegal(format!("`{name}` is negative")))).transpose()
}

fn empty(call: &Call<'_>) -> Result<Expectation, Undefined> {
    array(call.result_dtype()?, shape(call)?, Elements::Any(Example::ZEROS))
}

fn empty_like(call: &Call<'_>) -> Result<Expectation, Undefined> {
    array(call.result_dtype()?, call.array("x")?.shape.clone(), Elements::Any(Example::ZEROS))
}

fn filled(call: &Call<'_>, value: i128) -> Result<Expectation, Undefined> {
    let dtype = call.result_dtype()?;
    constant(dtype, shape(call)?, Element::Int(value).cast(dtype))
}

fn filled_like(call: &Call<'_>, value: i128) -> Result<Expectation, Undefined> {
    let dtype = call.result_dtype()?;
    constant(dtype, call.array("x")?.shape.clone(), Element::Int(value).cast(dtype))
}

/// The result is open for a fill value that the dtype does not hold: the text says so for too many digits, and says nothing of conversions
/// between kinds.
fn full(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let value = call.scalar("fill_value").ok_or_else(|| illegal("`fill_value` is no Python scalar"))?;
    let dtype = call.dtype_argument("dtype").unwrap_or_else(|| inferred(Sort::of(value), call.defaults));
    constant(dtype, shape(call)?, held(value, dtype).ok_or(Undefined::Open)?)
}

/// Like [`full`], but for an integer in a floating-point array the text says that it is of another kind, for which the result is open.
fn full_like(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, value) = (call.array("x")?, call.scalar("fill_value").ok_or_else(|| illegal("`fill_value` is no Python scalar"))?);
    let dtype = call.result_dtype()?;
    if matches!(value, Scalar::Int(_)) && !dtype.is_integer() {
        return Err(Undefined::Open);
    }
    constant(dtype, x.shape.clone(), held(value, dtype).ok_or(Undefined::Open)?)
}

fn eye(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let dtype = call.result_dtype()?;
    let rows = count(call, "n_rows")?.ok_or_else(|| illegal("`n_rows` is missing"))?;
    let columns = count(call, "n_cols")?.unwrap_or(rows);
    let k = call.integer("k").unwrap_or(0);
    let one = |i: usize, j: usize| j as i128 - i as i128 == k as i128;
    let elements = (0..rows).flat_map(|i| (0..columns).map(move |j| Element::Int(one(i, j) as i128).cast(dtype))).collect();
    array(dtype, vec![rows, columns], Elements::EitherZero(elements))
}

/// The same data. Only the library knows whether it can avoid a copy.
fn from_dlpack(call: &Call<'_>) -> Result<Expectation, Undefined> {
    if call.get("copy") == Some(&Given::Scalar(Scalar::Bool(false))) {
        return Err(Undefined::Open);
    }
    Ok(Expectation::array(call.array("x")?))
}

/// The triangle on one side of a diagonal. `keeps` takes the distance of an element below the diagonal. Zeroed elements have either sign.
fn triangle(call: &Call<'_>, keeps: fn(i128) -> bool) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let [.., _, columns] = x.shape[..] else { return Err(illegal("`x` has less than two axes")) };
    let rows = x.shape[x.shape.len() - 2];
    let k = call.integer("k").unwrap_or(0) as i128;
    let kept = |at: usize| keeps((at / columns % rows) as i128 - (at % columns) as i128 + k);
    let zero = Element::Int(0).cast(x.dtype);
    let elements = x.elements().enumerate().map(|(at, element)| if kept(at) { element } else { zero }).collect();
    array(x.dtype, x.shape.clone(), Elements::EitherZero(elements))
}

fn meshgrid(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let arrays = match call.get("arrays") {
        None => Vec::new(),
        Some(_) => call.arrays("arrays")?,
    };
    if arrays.iter().any(|x| x.shape.len() != 1) {
        return Err(illegal("an array that is not one-dimensional"));
    }
    if arrays.windows(2).any(|pair| pair[0].dtype != pair[1].dtype) {
        return Err(Undefined::Open);
    }
    let swaps = match call.text("indexing") {
        None | Some("xy") => arrays.len() >= 2,
        Some("ij") => false,
        Some(other) => return Err(illegal(format!("indexing `{other}`"))),
    };
    let axis_of = |i: usize| if swaps && i < 2 { 1 - i } else { i };
    let shape: Vec<usize> = (0..arrays.len()).map(|axis| arrays[axis_of(axis)].shape[0]).collect();
    let grid = |(i, x): (usize, &&Array)| {
        let elements: Vec<Element> = x.elements().collect();
        Expectation::exact(x.dtype, shape.clone(), gather(&elements, &shape, |index| index[axis_of(i)]))
    };
    Ok(Expectation::Tuple(arrays.iter().enumerate().map(grid).collect()))
}

/// The kind of a Python number. A later kind prevails over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Bool,
    Int,
    Float,
    Complex,
}

impl Sort {
    fn of(scalar: Scalar) -> Sort {
        match scalar {
            Scalar::Bool(_) => Sort::Bool,
            Scalar::Int(_) => Sort::Int,
            Scalar::Float(_) => Sort::Float,
            Scalar::Complex(_) => Sort::Complex,
        }
    }
}

/// The dtype for Python numbers, of which these prevail.
fn inferred(sort: Sort, defaults: Defaults) -> DType {
    match sort {
        Sort::Bool => DType::Bool,
        Sort::Int => defaults.integer,
        Sort::Float => defaults.real,
        Sort::Complex => defaults.complex,
    }
}

fn asarray(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let dtype = call.dtype_argument("dtype");
    let uncopied = call.get("copy") == Some(&Given::Scalar(Scalar::Bool(false)));
    match call.get("obj") {
        Some(Given::Array(x)) => asarray_of_array(x, dtype.unwrap_or(x.dtype), uncopied),
        // The text does not say whether Python numbers can be used without a copy.
        _ if uncopied => Err(Undefined::Open),
        Some(obj @ (Given::Scalar(_) | Given::List(_) | Given::Tuple(_))) => asarray_of_scalars(obj, dtype, call.defaults),
        _ => Err(Undefined::Open),
    }
}

fn asarray_of_array(x: &Array, dtype: DType, uncopied: bool) -> Result<Expectation, Undefined> {
    match uncopied {
        // A conversion to another dtype needs a copy.
        true if dtype != x.dtype && !x.is_empty() => Ok(Expectation::Raises),
        // Only the library knows whether it can share memory at all.
        true => Err(Undefined::Open),
        false if promoted(x.dtype, dtype) == Some(dtype) => Ok(converted(x, dtype)),
        false => Err(Undefined::Open),
    }
}

fn asarray_of_scalars(obj: &Given, dtype: Option<DType>, defaults: Defaults) -> Result<Expectation, Undefined> {
    let shape = nesting(obj);
    let mut scalars = Vec::new();
    flatten(obj, &shape, &mut scalars)?;
    let prevailing = scalars.iter().map(|scalar| Sort::of(*scalar)).max();
    let (dtype, scalars) = match (dtype, prevailing) {
        (Some(dtype), _) => (dtype, scalars),
        // Without values every kind prevails.
        (None, None) => return Err(Undefined::Open),
        (None, Some(sort)) => (inferred(sort, defaults), scalars.into_iter().map(|scalar| without_bool(scalar, sort)).collect()),
    };
    let elements = scalars.iter().map(|scalar| held(*scalar, dtype)).collect::<Option<Vec<_>>>().ok_or(Undefined::Open)?;
    let carried_over = match dtype.kind() {
        Kind::RealFloating => scalars.iter().all(|scalar| Sort::of(*scalar) == Sort::Float),
        Kind::ComplexFloating => scalars.iter().all(|scalar| Sort::of(*scalar) == Sort::Complex),
        _ => true,
    };
    let elements = if carried_over { Elements::Exact(elements) } else { Elements::EitherZero(elements) };
    array(dtype, shape, elements)
}

/// A bool among other numbers counts as the integer that it is in Python.
fn without_bool(scalar: Scalar, prevailing: Sort) -> Scalar {
    match scalar {
        Scalar::Bool(v) if prevailing != Sort::Bool => Scalar::Int(v as i128),
        other => other,
    }
}

/// The shape of nested sequences, by their first items.
fn nesting(obj: &Given) -> Vec<usize> {
    let (mut shape, mut at) = (Vec::new(), Some(obj));
    while let Some(items) = at.and_then(Given::items) {
        shape.push(items.len());
        at = items.first();
    }
    shape
}

/// The Python scalars in nested sequences, if all items fit the shape.
fn flatten(obj: &Given, shape: &[usize], out: &mut Vec<Scalar>) -> Result<(), Undefined> {
    match (obj.scalar(), obj.items(), shape) {
        (Some(scalar), _, []) => out.push(scalar),
        (_, Some(items), [n, inner @ ..]) if items.len() == *n => items.iter().try_for_each(|item| flatten(item, inner, out))?,
        (Some(_), ..) | (_, Some(_), _) => return Err(illegal("ragged sequences")),
        // Arrays and other objects in sequences are open.
        _ => return Err(Undefined::Open),
    }
    Ok(())
}

fn arange(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let first = real_number(call, "start")?.ok_or_else(|| illegal("`start` is missing"))?;
    let (start, stop) = match real_number(call, "stop")? {
        Some(stop) => (first, stop),
        None => (Scalar::Int(0), first),
    };
    let step = real_number(call, "step")?.unwrap_or(Scalar::Int(1));
    if step.element().components().0 == 0.0 {
        return Err(illegal("a step of zero"));
    }
    let progression = Progression { start, stop, step };
    let sort = progression.numbers().map(Sort::of).into_iter().max().unwrap_or(Sort::Int);
    let dtype = call.dtype_argument("dtype").unwrap_or_else(|| inferred(sort, call.defaults));
    let (length, elements) = match (dtype.kind(), start, step) {
        (Kind::SignedInteger | Kind::UnsignedInteger, Scalar::Int(start), Scalar::Int(step)) if sort == Sort::Int => {
            let length = progression.integer_length(dtype).ok_or(Undefined::Open)?;
            let length = bounded(length)?;
            (length, Elements::Exact((0..length as i128).map(|i| Element::Int(start + i * step)).collect()))
        }
        (Kind::RealFloating, ..) => {
            let length = progression.floating_length(dtype).ok_or(Undefined::Open)?;
            let length = bounded(length)?;
            (length, Elements::Near(progression.terms(dtype, length)))
        }
        // The text does not mention fractions as integers, or values that are not numbers.
        _ => return Err(Undefined::Open),
    };
    array(dtype, vec![length], elements)
}

fn bounded(length: u128) -> Result<usize, Undefined> {
    if length <= LONGEST { Ok(length as usize) } else { Err(illegal("too long a sequence")) }
}

/// A finite Python `int` or `float`.
fn real_number(call: &Call<'_>, name: &str) -> Result<Option<Scalar>, Undefined> {
    match call.get(name) {
        None => Ok(None),
        Some(Given::Scalar(scalar @ Scalar::Int(_))) => Ok(Some(*scalar)),
        Some(Given::Scalar(scalar @ Scalar::Float(v))) if v.is_finite() => Ok(Some(*scalar)),
        Some(Given::Scalar(Scalar::Float(_) | Scalar::Bool(_))) => Err(Undefined::Open),
        Some(_) => Err(illegal(format!("`{name}` is no real number"))),
    }
}

/// The arguments of `arange`.
struct Progression {
    start: Scalar,
    stop: Scalar,
    step: Scalar,
}

impl Progression {
    fn numbers(&self) -> [Scalar; 3] {
        [self.start, self.stop, self.step]
    }

    /// The number of terms for integers. `None` if one of them is outside the range of `dtype`.
    fn integer_length(&self, dtype: DType) -> Option<u128> {
        if !self.numbers().iter().all(|number| held(*number, dtype).is_some()) {
            return None;
        }
        let [start, stop, step] = self.numbers().map(|number| number.element().integer());
        Some(steps(stop - start, step))
    }

    /// The number of terms. `None` if arithmetic in `dtype` or a wider dtype may give another number than exact arithmetic, as the text
    /// allows, or leaves the range of `dtype`.
    fn floating_length(&self, dtype: DType) -> Option<u128> {
        let [start, stop, step] = aligned(self.numbers().map(Dyadic::of))?;
        let distance = stop.checked_sub(start)?;
        let in_range = |v: f64| v == 0.0 || (smallest_normal(dtype)..=largest(dtype)).contains(&v.abs());
        let floats = self.numbers().map(|number| number.element().components().0);
        if !floats.iter().all(|v| in_range(*v)) || !in_range(floats[1] - floats[0]) {
            return None;
        }
        let exact = steps(distance, step);
        let precise = [start, stop, step, distance].iter().all(|v| significant_bits(*v) <= dtype.precision() as u32);
        let u = unit_roundoff(dtype);
        let (step, distance) = (step.unsigned_abs(), distance.unsigned_abs());
        let quotient = distance as f64 / step as f64;
        // The distance of the quotient from the integer below it, which is zero if it is an integer.
        let above = (distance % step) as f64 / step as f64;
        let unambiguous = if precise {
            // The difference is exact, and the division rounds monotonically.
            above == 0.0 || above > 4.0 * u * quotient
        } else {
            // Rounding may even change the sign of a small difference.
            let inputs = (start.unsigned_abs() as f64 + stop.unsigned_abs() as f64) / step as f64;
            let error = 4.0 * u * (inputs + quotient);
            above > error && 1.0 - above > error
        };
        unambiguous.then_some(exact)
    }

    /// The terms, with the accuracy of repeated addition in `dtype`.
    fn terms(&self, dtype: DType, length: usize) -> Vec<Near> {
        let [start, stop, step] = self.numbers().map(|number| number.element().components().0);
        let greatest = start.abs().max(stop.abs());
        let term = |i: usize| {
            let scale = if i == 0 { start.abs() } else { greatest };
            Near { re: (i as f64).mul_add(step, start), im: 0.0, bound: drift(dtype, i, scale) }
        };
        (0..length).map(term).collect()
    }
}

/// The largest error of term `i` of evenly spaced numbers up to `scale`: after rounding of the arguments, the product and the sum, or after
/// `i` additions of a step that is the difference of rounded neighbours. The first term is only rounded. Subnormal terms may be flushed.
fn drift(dtype: DType, i: usize, scale: f64) -> f64 {
    let roundings = if i == 0 { 2.0 } else { 4.0 + 4.0 * i as f64 };
    let flushed = if scale < smallest_normal(dtype) { i + 1 } else { i };
    roundings * unit_roundoff(dtype) * scale + flushed as f64 * smallest_normal(dtype)
}

/// `ceil(distance / step)`, or zero if the signs differ.
fn steps(distance: i128, step: i128) -> u128 {
    if distance.signum() == step.signum() { distance.unsigned_abs().div_ceil(step.unsigned_abs()) } else { 0 }
}

/// The number `mantissa * 2**exponent`. The mantissa is odd or zero.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dyadic {
    mantissa: i128,
    exponent: i32,
}

impl Dyadic {
    /// A finite real number.
    fn of(scalar: Scalar) -> Dyadic {
        let (mantissa, exponent) = match scalar {
            Scalar::Float(v) => {
                let (bits, negative) = (v.to_bits(), v.is_sign_negative());
                let (biased, fraction) = ((bits >> 52 & 0x7ff) as i32, (bits & ((1 << 52) - 1)) as i128);
                let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
                (if negative { -mantissa } else { mantissa }, biased.max(1) - 1075)
            }
            other => (other.element().integer(), 0),
        };
        match mantissa {
            0 => Dyadic { mantissa, exponent: 0 },
            _ => Dyadic { mantissa: mantissa >> mantissa.trailing_zeros(), exponent: exponent + mantissa.trailing_zeros() as i32 },
        }
    }
}

/// Integers with the same ratios as the numbers, if they fit.
fn aligned(numbers: [Dyadic; 3]) -> Option<[i128; 3]> {
    let unit = numbers.iter().filter(|x| x.mantissa != 0).map(|x| x.exponent).min()?;
    let scaled = |x: Dyadic| {
        let shift = if x.mantissa == 0 { 0 } else { u32::try_from(x.exponent - unit).ok()? };
        (shift < 126).then(|| x.mantissa.checked_mul(1 << shift)).flatten()
    };
    Some([scaled(numbers[0])?, scaled(numbers[1])?, scaled(numbers[2])?])
}

/// The number of bits of a float's significand that hold it exactly.
fn significant_bits(v: i128) -> u32 {
    if v == 0 { 0 } else { 128 - v.unsigned_abs().leading_zeros() - v.trailing_zeros() }
}

/// Evenly spaced numbers. Results in integers, numbers that no dtype of the kind holds, and ends beyond the exactly representable integers
/// are open.
fn linspace(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let ends = ["start", "stop"].map(|name| call.scalar(name).ok_or_else(|| illegal(format!("`{name}` is no Python scalar"))));
    let [start, stop] = ends;
    let (start, stop) = (start?, stop?);
    let num = call.integer("num").ok_or_else(|| illegal("`num` is no integer"))?;
    let Ok(num) = u128::try_from(num) else { return Ok(Expectation::Raises) };
    let num = bounded(num)?;
    let sort = Sort::of(start).max(Sort::of(stop)).max(Sort::Float);
    let dtype = call.dtype_argument("dtype").unwrap_or_else(|| inferred(sort, call.defaults));
    let fits = dtype.is_floating() && (dtype.is_complex() || sort == Sort::Float);
    let is_end = |v: Scalar| !matches!(v, Scalar::Bool(_)) && is_safe(v, dtype);
    if !fits || !is_end(start) || !is_end(stop) {
        return Err(Undefined::Open);
    }
    let interval = Interval { start: start.element().components(), stop: stop.element().components() };
    let elements = match (num, call.flag("endpoint", true)) {
        // A single number is in the interval, and the text does not say where.
        (1, true) => Elements::Such(vec![start.element().cast(dtype)], interval.holds(dtype)),
        (_, true) => Elements::Near(interval.points(dtype, num, num.saturating_sub(1))),
        (_, false) => Elements::Near(interval.points(dtype, num, num)),
    };
    array(dtype, vec![num], elements)
}

/// Whether a number is finite and its components do not exceed the largest integer up to which `dtype` holds all integers.
fn is_safe(scalar: Scalar, dtype: DType) -> bool {
    let greatest = (1i128 << dtype.precision()) - 1;
    match scalar {
        Scalar::Int(v) => v.unsigned_abs() <= greatest as u128,
        other => {
            let (re, im) = other.element().components();
            re.abs() <= greatest as f64 && im.abs() <= greatest as f64
        }
    }
}

/// The end points of `linspace`.
#[derive(Debug, Clone, Copy)]
struct Interval {
    start: (f64, f64),
    stop: (f64, f64),
}

impl Interval {
    fn scale(&self) -> f64 {
        self.start.0.hypot(self.start.1).max(self.stop.0.hypot(self.stop.1))
    }

    /// The first `num` of the numbers that divide the interval into so many parts.
    fn points(&self, dtype: DType, num: usize, parts: usize) -> Vec<Near> {
        let between = |a: f64, b: f64, i: usize| match i {
            0 => a,
            _ if i == parts => b,
            // No partial result exceeds the larger end, because the ends are at most 2^53.
            _ => (a * (parts - i) as f64 + b * i as f64) / parts as f64,
        };
        let point = |i: usize| {
            let (re, im) = (between(self.start.0, self.stop.0, i), between(self.start.1, self.stop.1, i));
            let scale = if i == 0 { self.start.0.hypot(self.start.1) } else { self.scale() };
            // Differences of the ends may be twice as large as the ends.
            Near { re, im, bound: 2.0 * drift(dtype, i, scale) }
        };
        (0..num).map(point).collect()
    }

    /// Checks that each component of the elements is between those of the ends, except for rounding.
    fn holds(self, dtype: DType) -> Condition<Array> {
        let slack = drift(dtype, 1, self.scale());
        let within = move |v: f64, a: f64, b: f64| (a.min(b) - slack..=a.max(b) + slack).contains(&v);
        Condition::new(move |array: &Array| {
            for element in array.elements() {
                let (re, im) = element.components();
                if !within(re, self.start.0, self.stop.0) || !within(im, self.start.1, self.stop.1) {
                    return Err(format!("{element} is not in the interval from start to stop"));
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINGLE: Defaults = Defaults { real: DType::Float32, complex: DType::Complex64, integer: DType::Int32, index: DType::Int64 };

    fn run_with(name: &str, dtype: Option<DType>, defaults: Defaults, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        let (_, semantics) = FUNCTIONS.iter().find(|(n, _)| *n == name).expect("a function of this file");
        semantics(&Call { given, dtype, defaults })
    }

    fn run(name: &str, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        let dtype = given.iter().find_map(|(_, g)| if let Given::Dtype(d) = g { Some(*d) } else { None });
        run_with(name, dtype.or(Some(DType::Float64)), Defaults::default(), given)
    }

    fn array_of(result: Result<Expectation, Undefined>) -> ArrayExpectation {
        match result {
            Ok(Expectation::Array(array)) => array,
            other => panic!("{other:?}"),
        }
    }

    fn literal(result: Result<Expectation, Undefined>) -> String {
        array_of(result).example().to_string()
    }

    fn int(v: i128) -> Given {
        Given::Scalar(Scalar::Int(v))
    }

    fn float(v: f64) -> Given {
        Given::Scalar(Scalar::Float(v))
    }

    fn dtype(v: DType) -> (&'static str, Given) {
        ("dtype", Given::Dtype(v))
    }

    fn ints(dtype: DType, shape: &[usize], values: impl IntoIterator<Item = i128>) -> Array {
        Array::from_elements(dtype, shape.to_vec(), values.into_iter().map(Element::Int))
    }

    fn range(start: Given, stop: Given, step: Given) -> [(&'static str, Given); 3] {
        [("start", start), ("stop", stop), ("step", step)]
    }

    /// The length of `arange` in double precision. `None` if it is open.
    fn length(start: Given, stop: Given, step: Given) -> Option<usize> {
        run("arange", &range(start, stop, step)).ok().map(|result| array_of(Ok(result)).shape[0])
    }

    #[test]
    fn ranges_of_integers() {
        assert_eq!(literal(run("arange", &[("start", int(3))])), "array([0, 1, 2], dtype=int64)");
        assert_eq!(literal(run("arange", &[("start", int(3)), ("stop", Given::None)])), "array([0, 1, 2], dtype=int64)");
        assert_eq!(literal(run("arange", &range(int(5), int(-2), int(-3)))), "array([5, 2, -1], dtype=int64)");
        assert_eq!(length(int(5), int(5), int(-1)), Some(0));
        assert_eq!(length(int(0), int(5), int(-1)), Some(0));
        assert_eq!(length(int(0), int((1 << 62) + 1), int(1 << 61)), Some(3), "the quotient in double precision would be 2");
        let single = run_with("arange", None, SINGLE, &[("start", int(1 << 31))]);
        assert_eq!(single.err(), Some(Undefined::Open), "out of the range of the default dtype");
        assert!(matches!(run("arange", &range(int(0), int(1), int(0))), Err(Undefined::Illegal(_))));
        let fractions = [("start", float(0.0)), ("stop", float(3.0)), dtype(DType::Int8)];
        assert_eq!(run("arange", &fractions).err(), Some(Undefined::Open));
    }

    #[test]
    fn lengths_of_ranges_of_floats_are_exact_where_rounding_does_not_matter() {
        assert_eq!(length(int(0), int(1), float(0.25)), Some(4));
        assert_eq!(length(float(-1.5), float(1.75), float(0.5)), Some(7));
        assert_eq!(length(int(0), int(1), float(0.1)), Some(10));
        assert_eq!(length(float(1e300), float(-1e300), float(-4e299)), Some(5));
        assert_eq!(length(float(0.1), float(1.1), int(1)), None, "1.0000000000000000833 in exact arithmetic, 1 in floats");
        assert_eq!(length(int(1), float(1.3), float(0.1)), None);
        assert_eq!(length(float(0.5), float(0.5), float(0.1)), Some(0));
        assert_eq!(length(float(1e-320), int(1), float(0.3)), None, "subnormal");
        assert_eq!(length(int(0), float(f64::INFINITY), int(1)), None);
        let single = |step| run("arange", &[("start", int(0)), ("stop", int(1)), ("step", float(step)), dtype(DType::Float32)]);
        assert_eq!(array_of(single(0.125)).shape, [8]);
        assert!(single(0.1).is_err(), "0.1 rounds to single precision");
        assert_eq!(array_of(single(0.3)).shape, [4]);
    }

    #[test]
    fn terms_of_ranges_are_near() {
        let result = array_of(run_with("arange", None, SINGLE, &range(float(0.5), int(2), float(0.25))));
        assert_eq!(result.dtype, DType::Float32);
        let Elements::Near(near) = &result.elements else { panic!() };
        assert_eq!(near.iter().map(|n| n.re).collect::<Vec<_>>(), [0.5, 0.75, 1.0, 1.25, 1.5, 1.75]);
        assert!(near[5].bound < 32.0 * 2f64.powi(-23) && near[0].bound == 2f64.powi(-24));
        // No single-precision number is nearer to the first number than zero is.
        let tiny = array_of(run_with("linspace", None, SINGLE, &[("start", float(-1e-308)), ("stop", int(-1)), ("num", int(3))]));
        let Elements::Near(near) = &tiny.elements else { panic!() };
        assert!(near[0].bound > 1e-308);
    }

    #[test]
    fn arrays_of_python_numbers() {
        let list = |items: Vec<Given>| Given::List(items);
        let bool = |v| Given::Scalar(Scalar::Bool(v));
        let complex = Given::Scalar(Scalar::Complex((0.0, 2.0)));
        let of = |obj: Given| run("asarray", &[("obj", obj)]);
        assert_eq!(literal(of(bool(true))), "array(True, dtype=bool)");
        assert_eq!(literal(of(list(vec![bool(true), int(-7)]))), "array([1, -7], dtype=int64)");
        assert_eq!(literal(of(list(vec![bool(true), float(0.5), int(2)]))), "array([1.0, 0.5, 2.0], dtype=float64)");
        assert_eq!(array_of(of(list(vec![complex, float(0.5)]))).dtype, DType::Complex128);
        let nested = Given::Tuple(vec![list(vec![int(1), int(2)]), list(vec![int(3), int(4)])]);
        assert_eq!(literal(of(nested)), "array([[1, 2], [3, 4]], dtype=int64)");
        assert!(matches!(of(list(vec![list(vec![int(1)]), int(3)])), Err(Undefined::Illegal(_))));
        assert!(matches!(of(list(vec![list(vec![int(1)]), list(vec![])])), Err(Undefined::Illegal(_))));
        assert_eq!(of(list(vec![])).err(), Some(Undefined::Open));
        let empty = run("asarray", &[("obj", list(vec![list(vec![]), list(vec![])])), dtype(DType::Int8)]);
        assert_eq!(array_of(empty).shape, [2, 0]);
        let x = ints(DType::Int8, &[1], [1]);
        assert_eq!(of(list(vec![Given::Array(x)])).err(), Some(Undefined::Open));
    }

    #[test]
    fn what_a_dtype_does_not_hold_is_open() {
        let of = |obj: Given, d| run("asarray", &[("obj", obj), dtype(d)]);
        assert_eq!(of(float(1.0), DType::Int8).err(), Some(Undefined::Open));
        assert_eq!(of(int(1), DType::Bool).err(), Some(Undefined::Open));
        assert_eq!(of(int(128), DType::Int8).err(), Some(Undefined::Open));
        assert_eq!(of(float(0.1), DType::Float32).err(), Some(Undefined::Open));
        assert_eq!(of(int((1 << 53) + 1), DType::Float64).err(), Some(Undefined::Open));
        assert_eq!(literal(of(int(1 << 60), DType::Float32)), "array(1.1529215e18, dtype=float32)");
        assert!(array_of(of(float(f64::NAN), DType::Complex64)).example().get(0).components().0.is_nan());
        let zero = array_of(of(float(-0.0), DType::Float32));
        assert!(matches!(&zero.elements, Elements::Exact(e) if e[0].same_bits(Element::F32(-0.0))));
    }

    #[test]
    fn arrays_convert_as_they_promote() {
        let x = || ("obj", Given::Array(ints(DType::Uint8, &[2], [255, 0])));
        let no_copy = ("copy", Given::Scalar(Scalar::Bool(false)));
        assert_eq!(literal(run("asarray", &[x()])), "array([255, 0], dtype=uint8)");
        assert_eq!(literal(run("asarray", &[x(), dtype(DType::Int16)])), "array([255, 0], dtype=int16)");
        assert_eq!(run("asarray", &[x(), dtype(DType::Int8)]).err(), Some(Undefined::Open));
        assert_eq!(run("asarray", &[x(), no_copy.clone()]).err(), Some(Undefined::Open));
        assert!(matches!(run("asarray", &[x(), dtype(DType::Int16), no_copy.clone()]), Ok(Expectation::Raises)));
        let empty = ("obj", Given::Array(ints(DType::Uint8, &[0], [])));
        assert_eq!(run("asarray", &[empty, dtype(DType::Int16), no_copy]).err(), Some(Undefined::Open));
    }

    #[test]
    fn filled_arrays() {
        let shape = ("shape", Given::Tuple(vec![int(2), int(1)]));
        let full = |value: Given| run_with("full", None, SINGLE, &[("shape", int(1)), ("fill_value", value)]);
        assert_eq!(literal(full(Given::Scalar(Scalar::Bool(true)))), "array([True], dtype=bool)");
        assert_eq!(literal(full(int(-3))), "array([-3], dtype=int32)");
        assert_eq!(literal(full(float(0.5))), "array([0.5], dtype=float32)");
        assert_eq!(full(int(1 << 40)).err(), Some(Undefined::Open));
        assert_eq!(
            literal(run("full", &[shape.clone(), ("fill_value", int(2)), dtype(DType::Float32)])),
            "array([[2.0], [2.0]], dtype=float32)"
        );
        assert_eq!(
            literal(run("ones", &[shape.clone(), dtype(DType::Complex64)])),
            "array([[complex(1.0, 0.0)], [complex(1.0, 0.0)]], dtype=complex64)"
        );
        assert_eq!(literal(run("zeros", &[("shape", Given::Tuple(vec![])), dtype(DType::Bool)])), "array(False, dtype=bool)");
        assert!(matches!(array_of(run("empty", &[shape])).elements, Elements::Any(_)));
        let x = ("x", Given::Array(ints(DType::Float32, &[2], [1, 2])));
        let like = |value| run_with("full_like", Some(DType::Float32), Defaults::default(), &[x.clone(), ("fill_value", value)]);
        assert_eq!(literal(like(float(0.5))), "array([0.5, 0.5], dtype=float32)");
        assert_eq!(like(int(1)).err(), Some(Undefined::Open), "another kind");
    }

    #[test]
    fn diagonals() {
        let rows = ("n_rows", int(2));
        assert_eq!(literal(run("eye", &[rows.clone(), dtype(DType::Int8)])), "array([[1, 0], [0, 1]], dtype=int8)");
        let wide = [rows.clone(), ("n_cols", int(3)), ("k", int(1)), dtype(DType::Int8)];
        assert_eq!(literal(run("eye", &wide)), "array([[0, 1, 0], [0, 0, 1]], dtype=int8)");
        assert_eq!(literal(run("eye", &[rows, ("k", int(-1)), dtype(DType::Bool)])), "array([[False, False], [True, False]], dtype=bool)");
    }

    #[test]
    fn triangles_of_stacks() {
        let x = || ("x", Given::Array(ints(DType::Int8, &[2, 2, 3], 1..=12)));
        assert_eq!(literal(run("tril", &[x()])), "array([[[1, 0, 0], [4, 5, 0]], [[7, 0, 0], [10, 11, 0]]], dtype=int8)");
        assert_eq!(literal(run("triu", &[x()])), "array([[[1, 2, 3], [0, 5, 6]], [[7, 8, 9], [0, 11, 12]]], dtype=int8)");
        assert_eq!(literal(run("tril", &[x(), ("k", int(1))])), "array([[[1, 2, 0], [4, 5, 6]], [[7, 8, 0], [10, 11, 12]]], dtype=int8)");
        assert_eq!(literal(run("triu", &[x(), ("k", int(2))])), "array([[[0, 0, 3], [0, 0, 0]], [[0, 0, 9], [0, 0, 0]]], dtype=int8)");
        assert_eq!(literal(run("tril", &[x(), ("k", int(-1))])), "array([[[0, 0, 0], [4, 0, 0]], [[0, 0, 0], [10, 0, 0]]], dtype=int8)");
        let hollow = ("x", Given::Array(ints(DType::Int8, &[2, 0, 3], [])));
        assert_eq!(array_of(run("triu", &[hollow])).shape, [2, 0, 3]);
        assert!(matches!(run("tril", &[("x", Given::Array(ints(DType::Int8, &[1], [1])))]), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn grids() {
        let arrays = |n: usize| {
            let all = [ints(DType::Int8, &[2], [1, 2]), ints(DType::Int8, &[3], [3, 4, 5]), ints(DType::Int8, &[1], [6])];
            ("arrays", Given::Tuple(all.into_iter().take(n).map(Given::Array).collect()))
        };
        let ij = ("indexing", Given::Str("ij".to_owned()));
        let grid = |given: &[(&str, Given)]| match run("meshgrid", given) {
            Ok(Expectation::Tuple(items)) => items.into_iter().map(|item| array_of(Ok(item)).example()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let xy = grid(&[arrays(2)]);
        assert_eq!(xy[0].to_string(), "array([[1, 2], [1, 2], [1, 2]], dtype=int8)");
        assert_eq!(xy[1].to_string(), "array([[3, 3], [4, 4], [5, 5]], dtype=int8)");
        let matrix = grid(&[arrays(2), ij.clone()]);
        assert_eq!(matrix[0].to_string(), "array([[1, 1, 1], [2, 2, 2]], dtype=int8)");
        assert_eq!(matrix[1].to_string(), "array([[3, 4, 5], [3, 4, 5]], dtype=int8)");
        assert_eq!(grid(&[arrays(3)])[2].shape, [3, 2, 1]);
        assert_eq!(grid(&[arrays(3), ij])[2].shape, [2, 3, 1]);
        assert_eq!(grid(&[arrays(1)])[0].to_string(), "array([1, 2], dtype=int8)");
        assert!(grid(&[]).is_empty());
    }

    #[test]
    fn evenly_spaced_numbers() {
        let of = |start: Given, stop: Given, num: i128, endpoint: bool| {
            let endpoint = ("endpoint", Given::Scalar(Scalar::Bool(endpoint)));
            run("linspace", &[("start", start), ("stop", stop), ("num", int(num)), endpoint])
        };
        assert_eq!(literal(of(int(0), int(1), 5, true)), "array([0.0, 0.25, 0.5, 0.75, 1.0], dtype=float64)");
        assert_eq!(literal(of(int(0), int(1), 4, false)), "array([0.0, 0.25, 0.5, 0.75], dtype=float64)");
        assert_eq!(literal(of(int(3), int(-3), 3, true)), "array([3.0, 0.0, -3.0], dtype=float64)");
        assert_eq!(array_of(of(int(0), int(1), 0, true)).shape, [0]);
        assert_eq!(literal(of(float(0.5), int(1), 1, false)), "array([0.5], dtype=float64)");
        let complex = |re, im| Given::Scalar(Scalar::Complex((re, im)));
        assert_eq!(
            literal(of(complex(0.0, 2.0), int(4), 3, true)),
            "array([complex(0.0, 2.0), complex(2.0, 1.0), complex(4.0, 0.0)], dtype=complex128)"
        );
        let Elements::Near(near) = array_of(of(int(1), int(4), 4, true)).elements else { panic!() };
        assert!(near[0].bound < 1e-15 && near[3].bound < 4e-14, "{near:?}");
        assert!(matches!(of(int(0), int(1), -1, true), Ok(Expectation::Raises)));
        assert_eq!(of(int(0), int(1 << 53), 2, true).err(), Some(Undefined::Open));
        let integers = [("start", int(0)), ("stop", int(1)), ("num", int(2)), dtype(DType::Int8)];
        assert_eq!(run("linspace", &integers).err(), Some(Undefined::Open));
    }

    #[test]
    fn a_single_number_of_a_closed_interval_is_anywhere_in_it() {
        let given = [("start", int(2)), ("stop", int(1)), ("num", int(1))];
        let Elements::Such(example, condition) = array_of(run("linspace", &given)).elements else { panic!() };
        assert_eq!(example, [Element::F64(2.0)]);
        let accepts = |v: f64| condition.check(&Array::from_elements(DType::Float64, vec![1], [Element::F64(v)])).is_ok();
        assert!(accepts(2.0) && accepts(1.0) && accepts(1.5));
        assert!(!accepts(0.9) && !accepts(2.1) && !accepts(f64::NAN));
    }
}
