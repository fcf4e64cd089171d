//! Whether a result could belong to an input nearby. The operands are moved by up to `2**(p/2)` ULP, and the fast path gives the values at
//! these points. Its own error is far smaller than that.

use array_assay_interface::{DType, Element};

use crate::accuracy::Format;
use crate::complex::{Complex, complex};
use crate::complex_of;
use crate::kernels::{Function, Kernel, Shape};

/// The greatest move along the real axis for which the points sample a period well enough. Beyond it, a large part of a period may lie
/// between two of them.
const COARSE: f64 = 1.0 / 256.0;

/// `2**(p/2)`: the tolerance in ULP.
fn slack(format: Format) -> f64 {
    (0.5 * format.precision as f64).exp2()
}

/// An ULP of `v` in `format`.
fn ulp(format: Format, v: f64) -> f64 {
    let e = if v == 0.0 { format.emin() } else { (v.abs().to_bits() >> 52) as i32 - 1023 };
    // This does not use `powi`. For the least subnormal, `powi` takes the reciprocal of an overflow.
    ((e.clamp(format.emin(), format.emax) - format.precision + 1) as f64).exp2()
}

/// The largest finite number.
fn largest(format: Format) -> f64 {
    if format.precision == 24 { f32::MAX as f64 } else { f64::MAX }
}

/// `2 n + 1` points from `v - slack` to `v + slack` ULP, with `v` in the middle. Only `v` itself if it is not finite.
fn around(format: Format, v: f64, n: i32) -> Vec<f64> {
    if !v.is_finite() {
        return vec![v];
    }
    let reach = slack(format) * ulp(format, v);
    let limit = largest(format);
    (-n..=n).map(|k| if k == 0 { v } else { (v + reach * (k as f64 / n as f64)).clamp(-limit, limit) }).collect()
}

/// The least and the greatest of some numbers. `None` if there are none.
fn hull(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |hull: Option<(f64, f64)>, v| match hull {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

/// The implementation of [`Kernel::plausible`].
pub(crate) fn plausible(kernel: &Kernel, dtype: DType, args: &[Element], got: Element) -> bool {
    let Some(value) = kernel.fast_path(dtype, args) else { return true };
    let format = Format::of(dtype);
    match (dtype.is_complex(), value, got) {
        (_, Element::Bool(_) | Element::Int(_), _) => value == got,
        (true, ..) => plausible_complex(kernel, format, args, got),
        (false, ..) => plausible_real(kernel, format, args, got.components().0),
    }
}

fn plausible_real(kernel: &Kernel, format: Format, args: &[Element], got: f64) -> bool {
    let x: Vec<f64> = args.iter().map(|arg| arg.components().0).collect();
    if kernel.shape == Shape::PeriodicReal && slack(format) * ulp(format, x[0]) > COARSE && x[0].is_finite() {
        // Over such a long stretch, the tangent takes every real value, and sine and cosine take all values of their range.
        return got.is_finite() && (kernel.name == "tan" || got.abs() <= 1.0 + slack(format).recip());
    }
    let value = |x: &[f64]| match kernel.real.double.call(|i| x[i]) {
        Some(Element::F64(v)) => v,
        _ => f64::NAN,
    };
    let mut values = Vec::new();
    match &kernel.real.double {
        Function::Undefined => return true,
        Function::One(_) => values.extend(around(format, x[0], 16).iter().map(|x1| value(&[*x1]))),
        _ => {
            // A negative base has powers only for integer exponents, and these have no neighbours.
            let fixed = kernel.name == "pow" && x[0] < 0.0;
            for x1 in around(format, x[0], 4) {
                for x2 in around(format, x[1], if fixed { 0 } else { 4 }) {
                    values.push(value(&[x1, x2, x.get(2).copied().unwrap_or(x2)]));
                }
            }
        }
    }
    if got.is_nan() {
        return values.iter().any(|v| v.is_nan());
    }
    let limit = largest(format);
    let reach = |v: f64| slack(format) * ulp(format, v);
    // An infinity counts as the largest number, so that overflow becomes a matter of distance.
    let number = |v: f64| v.clamp(-limit, limit);
    let within = |low: f64, high: f64| number(low) - reach(low) <= number(got) && number(got) <= number(high) + reach(high);
    let part = |keep: fn(f64) -> bool| hull(values.iter().copied().filter(|v| keep(*v)));
    let jumps = matches!(kernel.shape, Shape::Jumps | Shape::PeriodicReal);
    if jumps
        && let (Some(positive), Some(negative)) = (part(|v| v > 1.0), part(|v| v < -1.0))
        && part(|v| (-1.0..=1.0).contains(&v)).is_none()
    {
        // The values pass through infinity, or jump across a cut. No value lies between the two sides.
        return got >= positive.0 - reach(positive.0) || got <= negative.1 + reach(negative.1);
    }
    part(|v| !v.is_nan()).is_some_and(|(low, high)| within(low, high))
}

fn plausible_complex(kernel: &Kernel, format: Format, args: &[Element], got: Element) -> bool {
    let z: Vec<Complex> = args.iter().map(|arg| complex_of(*arg)).collect();
    let got_number = complex_of(got);
    let points = |z: Complex| -> Vec<Complex> {
        let (mut re, mut im) = (around(format, z.re, 2), around(format, z.im, 2));
        match kernel.name {
            "tan" => re.extend(near_a_pole(format, z.re, z.im)),
            "tanh" => im.extend(near_a_pole(format, z.im, z.re)),
            _ => {}
        }
        let mut points: Vec<Complex> = re.iter().flat_map(|re| im.iter().map(move |im| complex(*re, *im))).collect();
        // The sign of a zero selects the side of a branch cut, so both signs are points.
        if z.re == 0.0 || z.im == 0.0 {
            let signs = |v: f64| if v == 0.0 { vec![0.0, -0.0] } else { vec![v] };
            points.extend(signs(z.re).iter().flat_map(|re| signs(z.im).into_iter().map(move |im| complex(*re, im))));
        }
        points
    };
    let value = |z: &[Complex]| kernel.complex.call(|i| z[i]).map(complex_of);
    // The values are grouped by the quadrant of the first operand, so that no value between the two sides of a branch cut is accepted.
    let mut sides: [Vec<Complex>; 4] = Default::default();
    let mut any = |z: &[Complex]| {
        if let Some(v) = value(z) {
            sides[z[0].re.is_sign_negative() as usize + 2 * z[0].im.is_sign_negative() as usize].push(v);
        }
    };
    match z.len() {
        1 => points(z[0]).iter().for_each(|z| any(&[*z])),
        _ => points(z[0]).iter().for_each(|x1| points(z[1]).iter().for_each(|x2| any(&[*x1, *x2]))),
    }
    let all = || sides.iter().flatten();
    if got_number.is_nan() {
        return all().any(|v| v.is_nan());
    }
    let limit = largest(format);
    let number = |v: f64| v.clamp(-limit, limit);
    if turns(kernel, format, &z) {
        let largest_norm = all().map(|v| number(v.max_norm())).fold(0.0, f64::max);
        return matches!(kernel.name, "tan" | "tanh") || number(got_number.max_norm()) <= 2.0 * largest_norm;
    }
    sides.iter().any(|values| {
        let side = |component: fn(&Complex) -> f64| hull(values.iter().map(component).filter(|v| !v.is_nan()).map(number));
        let norm = values.iter().map(|v| number(v.max_norm())).fold(0.0, f64::max);
        let reach = slack(format) * ulp(format, norm);
        let within =
            |hull: Option<(f64, f64)>, v: f64| hull.is_some_and(|(low, high)| low - reach <= number(v) && number(v) <= high + reach);
        within(side(|v| v.re), got_number.re) && within(side(|v| v.im), got_number.im)
    })
}

/// Additional points for the tangent, whose poles lie at the odd multiples of pi/2 on one axis. `along` is the component on that axis, `off` the
/// distance from it. If the nearest pole is within the tolerance, the real and imaginary parts are greatest beside it, at the returned values
/// of `along`. Regular steps miss these points, because the pole may be nearer than one step.
fn near_a_pole(format: Format, along: f64, off: f64) -> Vec<f64> {
    use std::f64::consts::{FRAC_PI_2, PI};
    let pole = ((along - FRAC_PI_2) / PI).round().mul_add(PI, FRAC_PI_2);
    let within = along.is_finite() && (along - pole).abs() <= slack(format) * ulp(format, along);
    if within { vec![pole - off.abs(), pole, pole + off.abs()] } else { Vec::new() }
}

/// Whether the angle of the value moves far while the operands move within their tolerance.
fn turns(kernel: &Kernel, format: Format, z: &[Complex]) -> bool {
    if !z.iter().all(|z| z.is_finite()) {
        return false;
    }
    let reach = |v: f64| slack(format) * ulp(format, v);
    match kernel.shape {
        Shape::PeriodicReal => reach(z[0].re) > COARSE,
        Shape::PeriodicImaginary => reach(z[0].im) > COARSE,
        Shape::Jumps if kernel.name == "pow" => crate::complex::pow_condition(z[0], z[1]) / slack(format) > COARSE,
        _ => false,
    }
}
