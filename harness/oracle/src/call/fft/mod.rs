//! The functions of the extension `fft`.
//!
//! A result is graded by its distance from the exact transform, for each transform of a stack on its own. The distance is the L2 norm, as
//! in the accuracy benchmark of FFTW (Frigo and Johnson). It is relative to the norm of the result, which Parseval's identity gives from
//! the input. A fast transform with accurate twiddle factors keeps within a small multiple of `eps * log2(n)` (Higham, "Accuracy and
//! Stability of Numerical Algorithms", 24.1). Linearity, shifts and round trips need no checks of their own, because they hold for the
//! exact transform.

mod samples;
mod signal;
mod transform;

#[cfg(test)]
mod tests;

use array_assay_interface::{Array, DType, Element, Scalar, Value};

use super::arguments::{illegal, normalized};
use super::data_type::smallest_normal;
use super::{ArrayExpectation, Call, Elements, Example, Expectation, Given, Grade, Grading, Table, Undefined};
use crate::call::linalg::double::Double;
use signal::{Direction, Kind, Plan};
use transform::smallest_factor;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("fft.fft", |call| transformed(call, &FFT)),
    ("fft.ifft", |call| transformed(call, &IFFT)),
    ("fft.fftn", |call| transformed(call, &FFTN)),
    ("fft.ifftn", |call| transformed(call, &IFFTN)),
    ("fft.rfft", |call| transformed(call, &RFFT)),
    ("fft.irfft", |call| transformed(call, &IRFFT)),
    ("fft.rfftn", |call| transformed(call, &RFFTN)),
    ("fft.irfftn", |call| transformed(call, &IRFFTN)),
    ("fft.hfft", |call| transformed(call, &HFFT)),
    ("fft.ihfft", |call| transformed(call, &IHFFT)),
    ("fft.fftfreq", samples::fftfreq),
    ("fft.rfftfreq", samples::rfftfreq),
    ("fft.fftshift", |call| samples::shifted(call, |n| n / 2)),
    ("fft.ifftshift", |call| samples::shifted(call, |n| n - n / 2)),
];

/// The properties in which the transforms differ.
struct Form {
    kind: Kind,
    exponent: Direction,
    /// The direction in which the default normalization divides by the number of elements.
    normalized: Direction,
    /// Whether the transform takes several axes (`axes`) rather than one (`axis`).
    several: bool,
}

const FFT: Form = Form { kind: Kind::Complex, exponent: Direction::Forward, normalized: Direction::Forward, several: false };
const IFFT: Form = Form { exponent: Direction::Backward, normalized: Direction::Backward, ..FFT };
const FFTN: Form = Form { several: true, ..FFT };
const IFFTN: Form = Form { several: true, ..IFFT };
const RFFT: Form = Form { kind: Kind::RealToHalf, ..FFT };
const RFFTN: Form = Form { several: true, ..RFFT };
const IRFFT: Form = Form { kind: Kind::HalfToReal, ..IFFT };
const IRFFTN: Form = Form { several: true, ..IRFFT };
/// The argument is half of a signal with Hermitian symmetry, so the spectrum is real.
const HFFT: Form = Form { kind: Kind::HalfToReal, ..FFT };
const IHFFT: Form = Form { kind: Kind::RealToHalf, ..IFFT };

/// The argument `x` of the transform at `path`, changed so that its transform is real. It holds half of a spectrum with Hermitian symmetry.
/// `None` if the function takes no such half, or if the call is not legal.
pub fn half_of_real(path: &str, call: &Call<'_>) -> Option<Array> {
    let form = match path {
        "fft.irfft" => &IRFFT,
        "fft.irfftn" => &IRFFTN,
        "fft.hfft" => &HFFT,
        _ => return None,
    };
    let x = call.array("x").ok()?;
    Some(plan(call, x, form).ok()?.half_of_real(x))
}

/// The greatest relative error of a sound algorithm, in units of `eps * log2(n)`.
const THRESHOLD: f64 = 5.0;

/// The transform over the last two axes.
pub(super) fn fft2(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let axes = [-2, -1].map(|axis| Given::Scalar(Scalar::Int(axis)));
    let given: Vec<(&str, Given)> = call.given.iter().cloned().chain([("axes", Given::Tuple(axes.to_vec()))]).collect();
    transformed(&Call { given: &given, ..*call }, &FFTN)
}

fn transformed(call: &Call<'_>, form: &Form) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let of_kind = match form.kind {
        Kind::RealToHalf => x.dtype.is_floating() && !x.dtype.is_complex(),
        // The standard only recommends this domain, so the result for other dtypes is open.
        Kind::Complex | Kind::HalfToReal if x.dtype.is_complex() => true,
        Kind::Complex | Kind::HalfToReal => return Err(Undefined::Open),
    };
    if !of_kind {
        return Err(illegal("`x` has no dtype of the domain"));
    }
    let plan = plan(call, x, form)?;
    let dtype = call.result_dtype()?;
    let shape = plan.result_shape();
    let parts = |example| Expectation::Array(ArrayExpectation { dtype, shape, elements: Elements::Any(example) });
    let shown = (plan.clone(), x.clone());
    if !plan.is_defined(x) {
        // Any result is allowed. The example is the one that libraries give for half of a spectrum whose transform is not real: its real
        // part, which does not depend on the imaginary parts of the elements that stand for themselves.
        return Ok(parts(Example::new(move || example(&shown.0, &shown.1, dtype).elements().collect())));
    }
    let graded = (plan, x.clone());
    let grading = Grading::new(
        dtype,
        move |value| grades(&graded.0, &graded.1, value),
        move || Some(Value::Array(example(&shown.0, &shown.1, dtype))),
    );
    Ok(Expectation::Graded(Box::new(parts(Example::ZEROS)), grading))
}

/// The axes, lengths and normalization factor of a transform.
fn plan(call: &Call<'_>, x: &Array, form: &Form) -> Result<Plan, Undefined> {
    let rank = x.shape.len();
    let axes = if form.several {
        let all = || (0..rank).collect();
        call.axes("axes", rank)?.unwrap_or_else(all)
    } else {
        vec![normalized(call.integer("axis").unwrap_or(-1), rank)?]
    };
    // The text does not define a transform over no axes.
    let last = *axes.last().ok_or(Undefined::Open)?;
    let natural = |axis: usize| match form.kind {
        Kind::HalfToReal if axis == last => 2 * x.shape[axis].saturating_sub(1),
        _ => x.shape[axis],
    };
    let given = call.integers(if form.several { "s" } else { "n" })?;
    if form.several && given.is_some() && call.get("axes").is_none() {
        return Err(illegal("`s` is given without `axes`"));
    }
    let lengths = match given {
        None => axes.iter().map(|axis| natural(*axis)).collect(),
        Some(given) if given.len() != axes.len() => return Err(illegal("`s` and `axes` differ in length")),
        Some(given) => {
            given.iter().zip(&axes).map(|(n, axis)| asked(*n, natural(*axis), form, *axis == last)).collect::<Result<Vec<_>, _>>()?
        }
    };
    if lengths.contains(&0) {
        // The text does not define a transform of no elements.
        return Err(Undefined::Open);
    }
    let count: usize = lengths.iter().product();
    let divisor = match (call.text("norm").unwrap_or("backward"), form.normalized) {
        ("ortho", _) => Double::from(count as f64).sqrt(),
        ("backward", Direction::Backward) | ("forward", Direction::Forward) => Double::from(count as f64),
        ("backward" | "forward", _) => Double::ONE,
        (other, _) => return Err(illegal(format!("the normalization `{other}`"))),
    };
    let factor = Double::ONE / divisor;
    Ok(Plan { kind: form.kind, exponent: form.exponent, shape: x.shape.clone(), axes, lengths, factor })
}

/// The requested length along an axis. -1 stands for the axis's own length.
fn asked(n: i64, natural: usize, form: &Form, is_last: bool) -> Result<usize, Undefined> {
    match n {
        // Along the halved axis the text takes -1 literally: the half has `-1 // 2 + 1 = 0` elements. Elsewhere -1 means all elements.
        -1 if form.several && !(form.kind == Kind::HalfToReal && is_last) => Ok(natural),
        -1 => Err(Undefined::Open),
        n => usize::try_from(n).map_err(|_| illegal("a negative length")),
    }
}

/// The exact transform, rounded to `dtype`.
fn example(plan: &Plan, x: &Array, dtype: DType) -> Array {
    let elements = plan.run(x).into_iter().map(|v| Element::C128(v.re.value(), v.im.value()).cast(dtype));
    Array::from_elements(dtype, plan.result_shape(), elements)
}

/// The name of the ratio. It depends on the greatest length transformed, because errors grow with its prime factors.
fn name(lengths: &[usize]) -> &'static str {
    let longest = lengths.iter().copied().max().unwrap_or(1);
    match longest {
        n if n.is_power_of_two() => "relative error (powers of two)",
        n if smallest_factor(n) == n => "relative error (prime lengths)",
        _ => "relative error (composite lengths)",
    }
}

/// The greatest distance of a transform in the stack from the exact one.
fn grades(plan: &Plan, x: &Array, value: &Value) -> Result<Vec<Grade>, String> {
    let (Value::Array(got) | Value::ArrayScalar { array: got, .. }) = value else { return Ok(Vec::new()) };
    let exact = plan.run(x);
    let norms = plan.norms(x);
    if norms.is_empty() || exact.is_empty() {
        return Ok(Vec::new());
    }
    let eps = 2f64.powi(1 - got.dtype.precision());
    let count: usize = plan.lengths.iter().product();
    let unit = eps * (count as f64).log2().max(1.0);
    // The greatest loss if subnormal numbers are flushed to zero.
    let flushed = smallest_normal(got.dtype) * count as f64;
    // Zeros alone, or no elements, lose nothing. A subnormal number in such a result comes from uninitialized memory.
    let lost = if x.elements().all(|v| v.components() == (0.0, 0.0)) { 0.0 } else { flushed };
    let mut squares = vec![0.0; norms.len()];
    for ((batch, exact), got) in plan.batches().into_iter().zip(&exact).zip(got.elements()) {
        let (re, im) = got.components();
        // Rounding errors cannot make a nonzero number out of zeros.
        if norms[batch] == 0.0 && !(re.abs() <= lost && im.abs() <= lost) {
            return Err("the transform of zeros, which is zero".to_owned());
        }
        let off = |got: f64, exact: Double| (Double::from(got) - exact).value() / (unit * norms[batch] + flushed);
        let (re, im) = (off(re, exact.re), off(im, exact.im));
        squares[batch] += re * re + im * im;
    }
    let worst = squares.iter().map(|sum: &f64| sum.sqrt()).fold(0.0, |a: f64, b| if b > a || b.is_nan() { b } else { a });
    Ok(vec![Grade { what: name(&plan.lengths), ratio: worst, threshold: THRESHOLD }])
}
