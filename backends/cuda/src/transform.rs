//! The extension `fft`: transforms of any length, by Stockham's algorithm, and by Bluestein's where a length has a large prime factor.

use array_assay_interface::{CallError, DType, Scalar};

use crate::array::Array;
use crate::call::{Answer, Call, Function, axes_of, axis_of};
use crate::creation::{integers, zeros};
use crate::device::Transform;
use crate::elementwise::apply;
use crate::error::{type_error, value_error};
use crate::fold::divided;
use crate::launch::Launch;
use crate::shape::{concatenated, last_to, rolled, section};
use crate::source::{Module, TRANSFORM, c_type};

/// A prime factor up to here is one pass; a length with a greater one is transformed as a convolution.
const MOST: usize = 61;

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path.strip_prefix("fft.")? {
        "fft" | "ifft" | "rfft" | "irfft" | "hfft" | "ihfft" => one_axis,
        "fftn" | "ifftn" | "rfftn" | "irfftn" => several_axes,
        "fftfreq" => |call| frequencies(call, false),
        "rfftfreq" => |call| frequencies(call, true),
        "fftshift" => |call| shifted(call, false),
        "ifftshift" => |call| shifted(call, true),
        _ => return None,
    })
}

/// The direction of a transform: the sign of the exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Backward,
}

/// Where the division by the length goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Norm {
    Backward,
    Ortho,
    Forward,
}

impl Norm {
    fn of(word: &str) -> Result<Norm, CallError> {
        match word {
            "backward" => Ok(Norm::Backward),
            "ortho" => Ok(Norm::Ortho),
            "forward" => Ok(Norm::Forward),
            other => Err(value_error(format!("there is no normalization `{other}`"))),
        }
    }

    /// The normalization of the transform in the other direction.
    fn reversed(self) -> Norm {
        match self {
            Norm::Backward => Norm::Forward,
            Norm::Ortho => Norm::Ortho,
            Norm::Forward => Norm::Backward,
        }
    }

    /// What a transform of `n` elements is divided by.
    fn divisor(self, way: Way, n: usize) -> f64 {
        match (self, way) {
            (Norm::Ortho, _) => (n as f64).sqrt(),
            (Norm::Backward, Way::Backward) | (Norm::Forward, Way::Forward) => n as f64,
            _ => 1.0,
        }
    }
}

fn run(launch: Launch<'_>, kernel: &str, dtype: DType) -> Result<(), CallError> {
    launch.run(&Module::of(&TRANSFORM, dtype), &format!("{kernel}_{}", c_type(dtype)))
}

/// The prime factors of a length, ascending.
fn factors(mut n: usize) -> Vec<usize> {
    let mut out = Vec::new();
    let mut factor = 2;
    while n > 1 {
        if factor * factor > n {
            factor = n;
        }
        while n.is_multiple_of(factor) {
            out.push(factor);
            n /= factor;
        }
        factor += 1;
    }
    out
}

/// The roots of one.
fn roots(like: &Array, n: usize, way: Way) -> Result<Array, CallError> {
    let out = Array::new(like.device(), DType::Complex128, vec![n])?;
    run(Launch::times(n).buffer(&out).integers([n, usize::from(way == Way::Forward)]), "roots", like.dtype())?;
    Ok(out)
}

/// Transforms each row of a matrix of complex numbers, without a division.
fn rows_transformed(rows: &Array, way: Way) -> Result<Array, CallError> {
    let [count, n] = [rows.shape()[0], rows.shape()[1]];
    if n >= rows.device().library_from() && rows.size() > 0 {
        let (from, to) = (rows.contiguous()?, Array::new(rows.device(), rows.dtype(), rows.shape().to_vec())?);
        let (dtype, is_forward) = (rows.dtype(), way == Way::Forward);
        let by_library = Transform { dtype, count, length: n, is_forward, from: from.address(), to: to.address() };
        if rows.device().transform(&by_library)? {
            return Ok(to);
        }
    }
    let factors = factors(n);
    if factors.iter().any(|factor| *factor > MOST) {
        return convolved(rows, way);
    }
    let roots = roots(rows, n, way)?;
    let (mut from, mut done) = (rows.contiguous()?, 1);
    for factor in factors {
        let to = Array::new(rows.device(), rows.dtype(), rows.shape().to_vec())?;
        let launch = Launch::times(to.size()).buffer(&to).buffer(&from).buffer(&roots).integers([n, factor, done]);
        run(launch, "passed", rows.dtype())?;
        (from, done) = (to, done * factor);
    }
    Ok(from)
}

/// A transform as a convolution with a chirp, whose length is a power of two (Bluestein).
fn convolved(rows: &Array, way: Way) -> Result<Array, CallError> {
    let [count, n] = [rows.shape()[0], rows.shape()[1]];
    let padded = (2 * n).next_power_of_two();
    let (roots, dtype) = (roots(rows, 2 * n, way)?, rows.dtype());
    let signal = Array::new(rows.device(), DType::Complex128, vec![count, padded])?;
    let launch = Launch::times(signal.size()).buffer(&signal).buffer(rows).buffer(&roots).integers([n, padded]);
    run(launch, "chirped", dtype)?;
    let filter = Array::new(rows.device(), DType::Complex128, vec![1, padded])?;
    run(Launch::times(padded).buffer(&filter).buffer(&roots).integers([n, padded]), "filter", dtype)?;
    let product = apply("multiply", &[&rows_transformed(&signal, Way::Forward)?, &rows_transformed(&filter, Way::Forward)?])?;
    let product = rows_transformed(&product, Way::Backward)?;
    let out = Array::new(rows.device(), dtype, vec![count, n])?;
    let launch = Launch::times(out.size()).buffer(&out).buffer(&product).buffer(&roots).integers([n, padded]);
    run(launch, "unchirped", dtype)?;
    Ok(out)
}

/// The array with the elements along an axis cut off, or filled up with zeros.
fn resized(x: &Array, axis: usize, n: usize) -> Result<Array, CallError> {
    let have = x.shape()[axis];
    if n <= have {
        return section(x, axis, 0, n);
    }
    let mut shape = x.shape().to_vec();
    shape[axis] = n - have;
    concatenated(&[x.clone(), zeros(x.device(), x.dtype(), &shape)?], axis)
}

/// Transforms along an axis of an array of complex numbers.
fn transformed(x: &Array, axis: usize, way: Way, norm: Norm) -> Result<Array, CallError> {
    let n = x.shape()[axis];
    let (rows, outer) = x.rows(&[axis])?;
    let out = rows_transformed(&rows, way)?;
    let out = divided(&out, norm.divisor(way, n))?;
    last_to(&out.reshaped(&[outer, vec![n]].concat())?, axis)
}

/// The transform of real numbers: the first half of the spectrum.
fn of_real(x: &Array, axis: usize, norm: Norm) -> Result<Array, CallError> {
    let out = transformed(&x.cast(x.dtype().complex())?, axis, Way::Forward, norm)?;
    section(&out, axis, 0, x.shape()[axis] / 2 + 1)
}

/// Real numbers, `n` of them along an axis, from the first half of their spectrum.
fn to_real(x: &Array, axis: usize, n: usize, norm: Norm) -> Result<Array, CallError> {
    let (half, outer) = resized(x, axis, n / 2 + 1)?.rows(&[axis])?;
    let whole = Array::new(x.device(), x.dtype(), vec![half.shape()[0], n])?;
    let launch = Launch::times(whole.size()).buffer(&whole).buffer(&half).integers([n, half.shape()[1]]);
    run(launch, "mirrored", x.dtype())?;
    let out = transformed(&whole, 1, Way::Backward, norm)?;
    last_to(&apply("real", &[&out])?.reshaped(&[outer, vec![n]].concat())?, axis)
}

/// A length of a transform, which is one at least.
fn length(n: i128) -> Result<usize, CallError> {
    usize::try_from(n).ok().filter(|n| *n > 0).ok_or_else(|| value_error(format!("a transform of {n} elements")))
}

/// The operand, whose dtype the function takes.
fn operand<'a>(call: &'a Call<'_>, is_real: bool) -> Result<&'a Array, CallError> {
    let x = call.array_of(0, |dtype| dtype.is_floating() && (!is_real || !dtype.is_complex()))?;
    if x.rank() == 0 { Err(value_error("an array of rank zero has no axis")) } else { Ok(x) }
}

fn one_axis(call: &Call<'_>) -> Answer {
    let name = call.name.trim_start_matches("fft.");
    let x = operand(call, matches!(name, "rfft" | "ihfft"))?;
    let (axis, norm) = (call.axis(2, x.rank())?, Norm::of(call.text(3)?)?);
    let gives_real = matches!(name, "irfft" | "hfft");
    let n = match call.integer_or_none(1)? {
        Some(n) => length(n)?,
        None if gives_real => length(2 * (x.shape()[axis] as i128 - 1))?,
        None => length(x.shape()[axis] as i128)?,
    };
    let complex = x.cast(x.dtype().complex())?;
    match name {
        "fft" => transformed(&resized(&complex, axis, n)?, axis, Way::Forward, norm),
        "ifft" => transformed(&resized(&complex, axis, n)?, axis, Way::Backward, norm),
        "rfft" => of_real(&resized(x, axis, n)?, axis, norm),
        "ihfft" => apply("conj", &[&of_real(&resized(x, axis, n)?, axis, norm.reversed())?]),
        "irfft" => to_real(&complex, axis, n, norm),
        _ => to_real(&apply("conj", &[&complex])?, axis, n, norm.reversed()),
    }?
    .contiguous()
    .map(Into::into)
}

fn several_axes(call: &Call<'_>) -> Answer {
    let name = call.name.trim_start_matches("fft.");
    let x = operand(call, name == "rfftn")?;
    let (lengths, norm) = (call.value(1).integers(), Norm::of(call.text(3)?)?);
    let axes = match (&lengths, call.value(2).is_none()) {
        (Some(lengths), true) => (x.rank().saturating_sub(lengths.len())..x.rank()).collect(),
        (None, true) => (0..x.rank()).collect(),
        (_, false) => axes_of(&call.integers(2)?, x.rank())?,
    };
    let (Some(last), gives_real) = (axes.last().copied(), name == "irfftn") else {
        return Err(value_error("a transform over no axes"));
    };
    let mut sizes = Vec::with_capacity(axes.len());
    for (i, axis) in axes.iter().enumerate() {
        let own = x.shape()[*axis] as i128;
        let usual = if gives_real && *axis == last && lengths.is_none() { 2 * (own - 1) } else { own };
        sizes.push(match lengths.as_ref().map(|lengths| lengths.get(i)) {
            None | Some(Some(-1)) => length(usual)?,
            Some(Some(n)) => length(*n)?,
            Some(None) => return Err(value_error("each axis needs a length")),
        });
    }
    let n = sizes[sizes.len() - 1];
    let (others, way) = (axes.iter().zip(&sizes).take(axes.len() - 1), if name.starts_with('i') { Way::Backward } else { Way::Forward });
    let mut out = match name {
        "rfftn" => of_real(&resized(x, last, n)?, last, norm)?,
        "irfftn" => x.cast(x.dtype().complex())?,
        _ => transformed(&resized(&x.cast(x.dtype().complex())?, last, n)?, last, way, norm)?,
    };
    for (axis, n) in others {
        out = transformed(&resized(&out, *axis, *n)?, *axis, way, norm)?;
    }
    if gives_real {
        out = to_real(&out, last, n, norm)?;
    }
    out.contiguous().map(Into::into)
}

/// The frequencies of a transform: whole numbers over the length of the signal.
fn frequencies(call: &Call<'_>, is_half: bool) -> Answer {
    let (n, spacing) = (length(call.integer(0)?)?, call.real(1)?);
    let dtype = call.dtype(2)?.unwrap_or(call.context.defaults.real);
    if dtype.is_complex() || !dtype.is_floating() {
        return Err(type_error(format!("frequencies are real, and not of {dtype}")));
    }
    let device = call.device_or_default(3)?;
    let numbers = if is_half {
        integers(&device, n / 2 + 1, 0, 1)?
    } else {
        concatenated(&[integers(&device, n.div_ceil(2), 0, 1)?, integers(&device, n / 2, -((n / 2) as i64), 1)?], 0)?
    };
    let divisor = Array::scalar(&device, DType::Float64, Scalar::Float(n as f64 * spacing))?;
    apply("divide", &[&numbers.cast(DType::Float64)?, &divisor])?.cast(dtype).map(Into::into)
}

fn shifted(call: &Call<'_>, is_inverse: bool) -> Answer {
    let x = call.array_of(0, DType::is_floating)?;
    let axes: Vec<i128> = if call.value(1).is_none() { (0..x.rank() as i128).collect() } else { call.integers(1)? };
    let mut out = x.copied()?;
    for axis in axes {
        let axis = axis_of(axis, x.rank())?;
        let half = (x.shape()[axis] / 2) as i128;
        out = rolled(&out, axis, if is_inverse { -half } else { half })?;
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::factors;

    #[test]
    fn the_factors_of_a_length_are_its_primes() {
        for n in 1..500 {
            let factors = factors(n);
            assert_eq!(factors.iter().product::<usize>(), n);
            assert!(factors.iter().all(|factor| (2..*factor).all(|divisor| factor % divisor != 0)), "{n}");
        }
    }
}
