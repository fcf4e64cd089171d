//! The error of a result in units in the last place (ULP), against the unrounded value.
//!
//! An ULP of a value `t` with `2**e <= abs(t) < 2**(e + 1)` is `2**(max(e, emin) - p + 1)` (glibc manual, "Errors in Math
//! Functions").

use array_assay_interface::{DType, Element};

use crate::complex_of;
use crate::kernels::Kernel;
use crate::precise::{self, Pair, Precise, Real, is_zero, magnitude};

/// A binary floating-point format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// The number of significant bits.
    pub(crate) precision: i32,
    /// The exponent of the largest binade.
    pub(crate) emax: i32,
}

impl Format {
    /// The format of a floating-point dtype, or of the components of a complex dtype.
    pub(crate) fn of(dtype: DType) -> Format {
        match dtype.real() {
            DType::Float32 => Format { precision: 24, emax: 127 },
            _ => Format { precision: 53, emax: 1023 },
        }
    }

    /// The exponent of the smallest normal number.
    pub(crate) fn emin(self) -> i32 {
        1 - self.emax
    }

    /// The exponent of one ULP, for numbers with exponent `e`.
    fn ulp_exponent(self, e: isize) -> isize {
        e.clamp(self.emin() as isize, self.emax as isize) - self.precision as isize + 1
    }

    /// The smallest magnitude that rounds to infinity. It lies half an ULP beyond the largest number.
    fn overflow(self) -> Option<Real> {
        let (beyond, half) = (Real::ONE << (self.emax as isize + 1), Real::ONE << (self.emax - self.precision) as isize);
        wide_difference(&beyond, &half)
    }
}

/// The implementation of [`Kernel::error`].
pub(crate) fn error(kernel: &Kernel, dtype: DType, args: &[Element], got: Element) -> f64 {
    let answer = kernel.eval(dtype, args);
    let Some(value) = answer.value else { return 0.0 };
    let agreed = agrees(value, got) || answer.alternative.is_some_and(|alternative| agrees(alternative, got));
    if !dtype.is_floating() || matches!(value, Element::Bool(_)) {
        return if agreed { 0.0 } else { f64::INFINITY };
    }
    let truth = match in_double(kernel, dtype, args).or_else(|| true_value(kernel, dtype, args)) {
        Some(truth) => truth,
        None if agreed => return 0.0,
        // The function is exact, or this is a special case. Then the value of the fast path is the true one.
        None => match precise::with(|p| p.pair(complex_of(value))) {
            Some(value) => value,
            None => return f64::INFINITY,
        },
    };
    let format = Format::of(dtype);
    match value {
        Element::C64(..) | Element::C128(..) => normwise(format, &truth, got),
        _ => ulps(format, &truth[0], got.components().0),
    }
}

/// The value for single-precision arguments, computed in double precision. Its own error is below a thousandth of an ULP, and it takes a
/// thousandth of the time. `None` for exact functions, and where it overflows or underflows even in double precision.
fn in_double(kernel: &Kernel, dtype: DType, args: &[Element]) -> Option<Pair> {
    let wide_dtype = match dtype {
        DType::Float32 if kernel.true_real.is_some() => DType::Float64,
        DType::Complex64 if kernel.true_complex.is_some() => DType::Complex128,
        _ => return None,
    };
    let mut wide = [Element::F64(0.0); 3];
    wide.iter_mut().zip(args).for_each(|(wide, arg)| *wide = arg.cast(wide_dtype));
    let (re, im) = kernel.eval(wide_dtype, &wide[..args.len()]).value?.components();
    let is_normal = re.is_normal() || im.is_normal();
    if is_normal && re.is_finite() && im.is_finite() { Some([Real::try_from(re).ok()?, Real::try_from(im).ok()?]) } else { None }
}

/// The unrounded value. A real value has a zero as its second component. `None` for exact functions and in special cases.
fn true_value(kernel: &Kernel, dtype: DType, args: &[Element]) -> Option<Pair> {
    precise::with(|p| if dtype.is_complex() { true_complex(kernel, p, args) } else { Some([true_real(kernel, p, args)?, Real::ZERO]) })
}

/// The true value, rounded once. `None` where [`true_value`] has none.
pub(crate) fn rounded(kernel: &Kernel, dtype: DType, args: &[Element]) -> Option<Element> {
    let [re, im] = true_value(kernel, dtype, args)?;
    Some(match dtype {
        DType::Float32 => Element::F32(re.to_f32().value()),
        DType::Complex64 => Element::C64(re.to_f32().value(), im.to_f32().value()),
        DType::Complex128 => Element::C128(re.to_f64().value(), im.to_f64().value()),
        _ => Element::F64(re.to_f64().value()),
    })
}

/// Whether both components are finite.
pub(crate) fn is_finite(element: Element) -> bool {
    let (re, im) = element.components();
    re.is_finite() && im.is_finite()
}

/// Whether both elements are the same number or both NaN, in each component. Zeros of either sign are the same number.
fn agrees(a: Element, b: Element) -> bool {
    let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
    match (a, b) {
        (Element::Bool(a), Element::Bool(b)) => a == b,
        (Element::Int(a), Element::Int(b)) => a == b,
        _ => {
            let (a, b) = (a.components(), b.components());
            same(a.0, b.0) && same(a.1, b.1)
        }
    }
}

fn true_real(kernel: &Kernel, p: &mut Precise, args: &[Element]) -> Option<Real> {
    let mut operands = [Real::ZERO, Real::ZERO];
    for (operand, arg) in operands.iter_mut().zip(args) {
        *operand = p.real(arg.components().0)?;
    }
    (kernel.true_real?)(p, &operands)
}

fn true_complex(kernel: &Kernel, p: &mut Precise, args: &[Element]) -> Option<Pair> {
    let mut operands = [crate::complex::complex(0.0, 0.0); 2];
    for (operand, arg) in operands.iter_mut().zip(args) {
        *operand = complex_of(*arg);
    }
    (kernel.true_complex?)(p, &operands)
}

/// The difference of `got` and the true value. An infinity to which the true value does not round counts as the number one ULP beyond the
/// largest. The difference is zero if `got` is the infinity to which the true value rounds.
fn difference(format: Format, truth: &Real, got: f64) -> Option<Real> {
    let overflow = format.overflow()?;
    let negative = *truth < Real::ZERO;
    let overflows = if negative { -truth.clone() >= overflow } else { *truth >= overflow };
    let beyond = Real::ONE << (format.emax as isize + 1);
    let signed = |v: Real, negative: bool| if negative { -v } else { v };
    if overflows {
        if got.is_infinite() && (got < 0.0) == negative {
            return Some(Real::ZERO);
        }
        let got = if got.is_infinite() { signed(beyond.clone(), got < 0.0) } else { Real::try_from(got).ok()? };
        return wide_difference(&got, &signed(beyond, negative));
    }
    let got = if got.is_infinite() { signed(beyond, got < 0.0) } else { Real::try_from(got).ok()? };
    wide_difference(&got, truth)
}

fn wide_difference(a: &Real, b: &Real) -> Option<Real> {
    dashu_float::Context::<dashu_float::round::mode::HalfEven>::new(256).sub(a.repr(), b.repr()).ok().map(|v| v.value())
}

/// The error of `got` in ULP. It is infinite for NaN.
fn ulps(format: Format, truth: &Real, got: f64) -> f64 {
    if got.is_nan() {
        return f64::INFINITY;
    }
    let Some(difference) = difference(format, truth, got) else { return f64::INFINITY };
    to_f64(&difference, -format.ulp_exponent(magnitude(truth))).abs()
}

/// The error of `got` relative to the modulus, in units of `eps`. It is infinite if a component is NaN.
fn normwise(format: Format, truth: &Pair, got: Element) -> f64 {
    let (re, im) = got.components();
    if re.is_nan() || im.is_nan() {
        return f64::INFINITY;
    }
    let (Some(re), Some(im)) = (difference(format, &truth[0], re), difference(format, &truth[1], im)) else {
        return f64::INFINITY;
    };
    // The modulus counts as at least the smallest normal number, and is limited where the format ends.
    let unit = magnitude(&truth[0]).max(magnitude(&truth[1]));
    let unit = unit.clamp(format.emin() as isize, format.emax as isize + 1);
    let modulus = to_f64(&truth[0], -unit).abs().hypot(to_f64(&truth[1], -unit).abs()).clamp(1.0, 4.0);
    let shift = format.precision as isize - 1 - unit;
    to_f64(&re, shift).hypot(to_f64(&im, shift)) / modulus
}

/// `v * 2**n` in double precision.
fn to_f64(v: &Real, n: isize) -> f64 {
    if is_zero(v) { 0.0 } else { (v.clone() << n).to_f64().value() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_precision_is_enough_to_measure_errors_in_single_precision() {
        let parts =
            [0.0f32, -0.0, 1.0, -1.0, 1.0 + f32::EPSILON, -1.0 + f32::EPSILON, 0.5, -2.5, 1e-9, 3e-41, -1e-17, 0.1, 3.1, 87.0, -1e22, 3e38];
        let points: Vec<Element> = parts.iter().flat_map(|re| parts.iter().map(|im| Element::C64(*re, *im))).collect();
        let format = Format::of(DType::Complex128);
        let in_single = 2f64.powi(24 - 53);
        for kernel in crate::kernels().filter(|kernel| kernel.true_complex.is_some()) {
            for (i, first) in points.iter().enumerate() {
                let args = [*first, points[i * 7 % points.len()]];
                let args = &args[..kernel.arity()];
                let Some(approximate) = in_double(kernel, DType::Complex64, args) else { continue };
                let Some(truth) = true_value(kernel, DType::Complex64, args) else { continue };
                let [re, im] = approximate.map(|v| v.to_f64().value());
                let error = normwise(format, &truth, Element::C128(re, im)) * in_single;
                assert!(error < 1e-3, "{} of {args:?} is {error} ULP off: {re}, {im}", kernel.name());
            }
        }
    }
}
