//! The frequencies of samples, and the shift of the zero frequency to the middle.

use array_assay_interface::{Array, DType, Element, Scalar, Value};

use crate::call::arguments::illegal;
use crate::call::linalg::double::Double;
use crate::call::shape::{flat, gather};
use crate::call::{ArrayExpectation, Call, Elements, Example, Expectation, Grade, Grading, Undefined};

/// The greatest error of a frequency, in units of `eps`. It covers four roundings in any direction: of `d`, of a product, of a reciprocal
/// and of another product.
const THRESHOLD: f64 = 4.0;

pub(super) fn fftfreq(call: &Call<'_>) -> Result<Expectation, Undefined> {
    frequencies(call, |n| (0..n).map(|k| if k < n.div_ceil(2) { k as i64 } else { k as i64 - n as i64 }).collect())
}

pub(super) fn rfftfreq(call: &Call<'_>) -> Result<Expectation, Undefined> {
    frequencies(call, |n| (0..=n as i64 / 2).collect())
}

/// The given multiples of `1 / (n * d)`.
fn frequencies(call: &Call<'_>, multiples: fn(usize) -> Vec<i64>) -> Result<Expectation, Undefined> {
    let n = call.integer("n").ok_or_else(|| illegal("`n` is no integer"))?;
    let n = usize::try_from(n).map_err(|_| illegal("a negative number of samples"))?;
    let spacing = match call.scalar("d") {
        None => 1.0,
        Some(Scalar::Float(d)) if d.is_finite() && d > 0.0 => d,
        Some(_) => return Err(Undefined::Open),
    };
    if n == 0 {
        return Err(Undefined::Open);
    }
    let dtype = call.result_dtype()?;
    if !dtype.is_floating() || dtype.is_complex() {
        return Err(illegal("frequencies are real floating-point numbers"));
    }
    let window = Double::from(spacing) * Double::from(n as f64);
    let exact: Vec<Double> = multiples(n).into_iter().map(|k| Double::from(k as f64) / window).collect();
    let shape = vec![exact.len()];
    let parts = Expectation::Array(ArrayExpectation { dtype, shape: shape.clone(), elements: Elements::Any(Example::ZEROS) });
    let example: Vec<Element> = exact.iter().map(|v| Element::F64(v.value()).cast(dtype)).collect();
    let example = Array::from_elements(dtype, shape, example);
    let grading = Grading::new(dtype, move |value| grades(dtype, &exact, value), move || Some(Value::Array(example.clone())));
    Ok(Expectation::Graded(Box::new(parts), grading))
}

/// The greatest relative error of a frequency, in units of eps.
fn grades(dtype: DType, exact: &[Double], value: &Value) -> Result<Vec<Grade>, String> {
    let (Value::Array(got) | Value::ArrayScalar { array: got, .. }) = value else { return Ok(Vec::new()) };
    let eps = 2f64.powi(1 - dtype.precision());
    let mut worst = 0.0f64;
    for (exact, got) in exact.iter().zip(got.elements()) {
        let got = got.components().0;
        if exact.value() == 0.0 && got != 0.0 {
            return Err("a frequency of zero first".to_owned());
        }
        let error = if exact.value() == 0.0 { 0.0 } else { (Double::from(got) - *exact).value().abs() / (eps * exact.value().abs()) };
        worst = if error.is_nan() { f64::INFINITY } else { worst.max(error) };
    }
    Ok(vec![Grade { what: "relative error", ratio: worst, threshold: THRESHOLD }])
}

/// The array with each axis of length `n` rolled forward by `shift(n)` elements.
pub(super) fn shifted(call: &Call<'_>, shift: fn(usize) -> usize) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if !x.dtype.is_floating() {
        // The standard only recommends this domain, so the result for other dtypes is open.
        return Err(Undefined::Open);
    }
    let rank = x.shape.len();
    let axes = call.axes("axes", rank)?.unwrap_or_else(|| (0..rank).collect());
    let elements: Vec<Element> = x.elements().collect();
    let source = |index: &[usize]| {
        let from = index.iter().enumerate().map(|(axis, i)| {
            let n = x.shape[axis];
            if axes.contains(&axis) { (i + n - shift(n)) % n } else { *i }
        });
        flat(&x.shape, from)
    };
    Ok(Expectation::exact(x.dtype, x.shape.clone(), gather(&elements, &x.shape, source)))
}
