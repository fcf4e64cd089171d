//! Fourier transforms, on the crate `rustfft` in double precision.

use array_assay_interface::{Array, CallError, Scalar};
use num_complex::Complex64;
use rustfft::FftPlanner;

use super::block::{Block, Cells};
use super::{Call, Kernel, array, reads};
use crate::value::{Answer, Due, Value, type_error, value_error};

/// The kernel of a function of the extension.
pub(super) fn find(path: &str) -> Option<Kernel> {
    match path {
        "fft.fft" => reads(|call| one(call, Kind::Full { inverse: false })),
        "fft.ifft" => reads(|call| one(call, Kind::Full { inverse: true })),
        "fft.fftn" => reads(|call| many(call, Kind::Full { inverse: false })),
        "fft.ifftn" => reads(|call| many(call, Kind::Full { inverse: true })),
        "fft.rfft" => reads(|call| one(call, Kind::Half)),
        "fft.irfft" => reads(|call| one(call, Kind::Real)),
        "fft.rfftn" => reads(|call| many(call, Kind::Half)),
        "fft.irfftn" => reads(|call| many(call, Kind::Real)),
        "fft.hfft" => reads(|call| one(call, Kind::HermitianReal)),
        "fft.ihfft" => reads(|call| one(call, Kind::HermitianHalf)),
        "fft.fftfreq" => reads(|call| frequencies(call, false)),
        "fft.rfftfreq" => reads(|call| frequencies(call, true)),
        "fft.fftshift" => reads(|call| shifted(call, false)),
        "fft.ifftshift" => reads(|call| shifted(call, true)),
        _ => None,
    }
}

/// The kinds of input and output of a transform.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Complex numbers to the same number of complex numbers.
    Full { inverse: bool },
    /// Real numbers to half of their spectrum.
    Half,
    /// Half of a spectrum to real numbers.
    Real,
    /// Half of a signal to its spectrum, which is real.
    HermitianReal,
    /// A real spectrum to half of its signal.
    HermitianHalf,
}

impl Kind {
    fn inverse(self) -> bool {
        matches!(self, Kind::Full { inverse: true } | Kind::Real | Kind::HermitianHalf)
    }

    fn takes_half(self) -> bool {
        matches!(self, Kind::Real | Kind::HermitianReal)
    }

    fn gives_half(self) -> bool {
        matches!(self, Kind::Half | Kind::HermitianHalf)
    }
}

/// The scale factor of a transform of `n` elements.
fn factor(norm: &str, inverse: bool, n: usize) -> Result<f64, CallError> {
    let n = n as f64;
    Ok(match (norm, inverse) {
        ("backward", false) | ("forward", true) => 1.0,
        ("backward", true) | ("forward", false) => 1.0 / n,
        ("ortho", _) => 1.0 / n.sqrt(),
        _ => return Err(value_error(format!("there is no norm `{norm}`"))),
    })
}

/// Transforms one axis. `n` is the number of elements of the full spectrum.
fn along(
    items: &[Complex64],
    shape: &mut [usize],
    axis: usize,
    n: Option<usize>,
    kind: Kind,
    norm: &str,
) -> Result<Vec<Complex64>, CallError> {
    let given = shape[axis];
    let n = n.unwrap_or(if kind.takes_half() { 2 * given.saturating_sub(1) } else { given });
    if n == 0 {
        return Err(value_error("a transform has one element at least"));
    }
    let (inner, outer): (usize, usize) = (shape[axis + 1..].iter().product(), shape[..axis].iter().product());
    let taken = given.min(if kind.takes_half() { n / 2 + 1 } else { n });
    let kept = if kind.gives_half() { n / 2 + 1 } else { n };
    let factor = factor(norm, kind.inverse(), n)?;
    // The transform of half of a signal is that of the conjugate in the other direction.
    let transform = match kind {
        Kind::Full { inverse: true } | Kind::Real | Kind::HermitianHalf => FftPlanner::new().plan_fft_inverse(n),
        _ => FftPlanner::new().plan_fft_forward(n),
    };
    let mut scratch = vec![Complex64::default(); transform.get_inplace_scratch_len()];
    let mut lane = vec![Complex64::default(); n];
    let mut out = vec![Complex64::default(); outer * kept * inner];
    for o in 0..outer {
        for i in 0..inner {
            lane.fill(Complex64::default());
            for k in 0..taken {
                lane[k] = items[(o * given + k) * inner + i];
            }
            if kind.takes_half() {
                // The other half is the conjugate of this one. Elements that are their own counterpart are real.
                lane[0].im = 0.0;
                if n.is_multiple_of(2) {
                    lane[n / 2].im = 0.0;
                }
                for k in n / 2 + 1..n {
                    lane[k] = lane[n - k].conj();
                }
            }
            transform.process_with_scratch(&mut lane, &mut scratch);
            for k in 0..kept {
                out[(o * kept + k) * inner + i] = lane[k] * factor;
            }
        }
    }
    shape[axis] = kept;
    Ok(out)
}

fn result(x: &Block, shape: Vec<usize>, items: Vec<Complex64>, kind: Kind) -> Value<Array> {
    let block = if kind.takes_half() {
        Block::new(x.dtype.real(), shape, Cells::Real(items.into_iter().map(|z| z.re).collect()))
    } else {
        Block::new(x.dtype.complex(), shape, Cells::Complex(items))
    };
    array(&block)
}

fn floating(call: &Call<'_>, kind: Kind) -> Result<Block, CallError> {
    let x = call.block(0)?;
    match x.cells {
        Cells::Real(_) => Ok(x),
        Cells::Complex(_) if !kind.gives_half() => Ok(x),
        _ => Err(type_error(format!("the transform takes no {}", x.dtype))),
    }
}

/// `fft(x, /, *, n, axis, norm)` and similar functions
fn one(call: &Call<'_>, kind: Kind) -> Answer<Array> {
    let x = floating(call, kind)?;
    let n = length(call.arg(1))?;
    let axis = call.axis(2, x.shape.len())?;
    let mut shape = x.shape.clone();
    let items = along(&x.complexes(), &mut shape, axis, n, kind, call.text(3)?)?;
    Ok(result(&x, shape, items, kind))
}

/// The length that the call asks for.
fn length(value: &Value<Array>) -> Result<Option<usize>, CallError> {
    match value {
        Value::None => Ok(None),
        value => match usize::try_from(value.try_integer()?) {
            Ok(n) if n > 0 => Ok(Some(n)),
            _ => Err(value_error("a transform has one element at least")),
        },
    }
}

/// `fftn(x, /, *, s, axes, norm)` and similar functions
fn many(call: &Call<'_>, kind: Kind) -> Answer<Array> {
    let x = floating(call, kind)?;
    let rank = x.shape.len();
    let lengths = match call.arg(1) {
        Value::None => None,
        lengths => Some(lengths.try_items()?.iter().map(Value::try_integer).collect::<Result<Vec<i128>, CallError>>()?),
    };
    let axes = match (call.arg(2), &lengths) {
        (Value::None, Some(lengths)) if lengths.len() <= rank => (rank - lengths.len()..rank).collect(),
        _ => call.axes(2, rank)?,
    };
    let lengths = match lengths {
        None => vec![None; axes.len()],
        Some(lengths) if lengths.len() == axes.len() => {
            let own = lengths.iter().zip(&axes).map(|(n, axis)| match n {
                // -1 stands for the length of the axis.
                -1 if !(kind == Kind::Real && Some(axis) == axes.last()) => Ok(Some(x.shape[*axis])),
                -1 => Ok(None),
                n => length(&Value::int(*n)),
            });
            own.collect::<Result<Vec<_>, CallError>>()?
        }
        Some(_) => return Err(value_error("there is one length for each axis")),
    };
    let (mut items, mut shape, norm) = (x.complexes(), x.shape.clone(), call.text(3)?);
    let steps: Vec<(usize, Option<usize>)> = axes.into_iter().zip(lengths).collect();
    // The axis with half of a spectrum is transformed first on the way to the spectrum, and last on the way back.
    let (last, others) = match steps.split_last() {
        Some((last, others)) => (*last, others),
        None => return Ok(result(&x, shape, items, kind)),
    };
    if kind != Kind::Real {
        items = along(&items, &mut shape, last.0, last.1, kind, norm)?;
    }
    for (axis, n) in others {
        items = along(&items, &mut shape, *axis, *n, Kind::Full { inverse: kind.inverse() }, norm)?;
    }
    if kind == Kind::Real {
        items = along(&items, &mut shape, last.0, last.1, kind, norm)?;
    }
    Ok(result(&x, shape, items, kind))
}

/// `fftfreq(n, /, *, d, dtype, device)` and `rfftfreq`
fn frequencies(call: &Call<'_>, half: bool) -> Answer<Array> {
    let n = call.integer(0)?;
    if n < 1 {
        return Err(value_error("a transform has one element at least"));
    }
    let d = match call.number(1)? {
        Scalar::Complex(_) => return Err(type_error("the distance between samples is a float")),
        d => d.element().components().0,
    };
    let dtype = call.dtype(2)?.unwrap_or(call.context.defaults.real);
    let count = if half { n / 2 + 1 } else { n };
    let items = (0..count).map(|i| if half || i < (n + 1) / 2 { i } else { i - n });
    let items: Vec<f64> = items.map(|i| i as f64 / (n as f64 * d)).collect();
    Ok(array(&Block::new(dtype, vec![items.len()], Cells::Real(items))))
}

/// `fftshift(x, /, *, axes)` and its inverse
fn shifted(call: &Call<'_>, inverse: bool) -> Answer<Array> {
    let x = call.block(0)?;
    let axes = call.axes(1, x.shape.len())?;
    let mut places: Vec<usize> = (0..x.len()).collect();
    for axis in axes {
        let n = x.shape[axis];
        let by = if inverse { n / 2 } else { n.div_ceil(2) };
        let inner: usize = x.shape[axis + 1..].iter().product();
        let moved = |flat: usize| {
            let at = flat / inner % n;
            flat - at * inner + (at + by) % n * inner
        };
        places = (0..places.len()).map(|flat| places[moved(flat)]).collect();
    }
    Ok(array(&x.taken(x.shape.clone(), places.into_iter())))
}
