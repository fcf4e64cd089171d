//! The throughput of some functions on a device, beside what the device can do at most.
//!
//! The ceilings are measured too: a copy by the device itself, and a kernel of nothing but products and sums.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use array_assay_interface::{Argument, Backend, CallError, DType, Output};

use crate::array::Array;
use crate::launch::Launch;
use crate::source::{CEILING, Module, c_type};
use crate::{Cuda, creation};

/// A size grows until a call takes as long as this, or has so many elements.
const LONG: Duration = Duration::from_millis(20);
const MOST: usize = 1 << 26;

/// How long each measurement goes on.
const PATIENCE: Duration = Duration::from_millis(300);

/// What a function needs most of.
#[derive(Clone, Copy)]
enum Needs {
    /// Memory: this many bytes for each element.
    Bytes(usize),
    /// Arithmetic: operations, by the number of elements along an axis.
    Operations(fn(f64) -> f64),
}

/// A function to measure.
struct Measured {
    name: &'static str,
    dtype: DType,
    needs: Needs,
    /// Makes the arguments from a size.
    arguments: fn(&mut Cuda, DType, usize) -> Result<Vec<Array>, CallError>,
}

/// A vector of numbers from one on.
fn vector(cuda: &mut Cuda, dtype: DType, n: usize) -> Result<Array, CallError> {
    let device = cuda.context.devices.first().ok_or_else(|| crate::error::value_error("there is no device"))?;
    // The numbers stay small, so that sums and products of them are finite.
    creation::integers(device, n, 1, 7919)?.cast(DType::Int8)?.cast(dtype)
}

fn one(cuda: &mut Cuda, dtype: DType, n: usize) -> Result<Vec<Array>, CallError> {
    Ok(vec![vector(cuda, dtype, n)?])
}

fn two(cuda: &mut Cuda, dtype: DType, n: usize) -> Result<Vec<Array>, CallError> {
    Ok(vec![vector(cuda, dtype, n)?, vector(cuda, dtype, n)?])
}

/// Square matrices with about as many elements as asked for.
fn matrices(cuda: &mut Cuda, dtype: DType, n: usize) -> Result<Vec<Array>, CallError> {
    let side = side(n);
    let x = vector(cuda, dtype, side * side)?.reshaped(&[side, side])?;
    let device = x.device().clone();
    // A heavy diagonal: the matrix is far from singular.
    let diagonal = creation::unit(&device, dtype, side, side, 0)?;
    let heavy = crate::elementwise::apply(
        "multiply",
        &[&diagonal, &Array::scalar(&device, dtype, array_assay_interface::Scalar::Int(200 * side as i128))?],
    )?;
    Ok(vec![crate::elementwise::apply("add", &[&x, &heavy])?, x])
}

fn side(n: usize) -> usize {
    (n as f64).sqrt() as usize
}

const fn measured(
    name: &'static str,
    dtype: DType,
    needs: Needs,
    arguments: fn(&mut Cuda, DType, usize) -> Result<Vec<Array>, CallError>,
) -> Measured {
    Measured { name, dtype, needs, arguments }
}

const MEASURED: &[Measured] = &[
    measured("positive", DType::Float64, Needs::Bytes(16), one),
    measured("add", DType::Float32, Needs::Bytes(12), two),
    measured("add", DType::Float64, Needs::Bytes(24), two),
    measured("exp", DType::Float64, Needs::Bytes(16), one),
    measured("sum", DType::Float64, Needs::Bytes(8), one),
    measured("cumulative_sum", DType::Float64, Needs::Bytes(16), one),
    measured("sort", DType::Float64, Needs::Bytes(16), one),
    measured("fft.fft", DType::Complex128, Needs::Operations(|n| 5.0 * n * n.log2()), one),
    measured("matmul", DType::Float32, Needs::Operations(|n| 2.0 * n.powf(1.5)), matrices),
    measured("matmul", DType::Float64, Needs::Operations(|n| 2.0 * n.powf(1.5)), matrices),
    measured("linalg.solve", DType::Float64, Needs::Operations(|n| 8.0 / 3.0 * n.powf(1.5)), matrices),
];

/// The seconds that a call takes, by the fastest of several.
fn seconds(mut call: impl FnMut() -> Result<(), CallError>) -> Result<f64, CallError> {
    let (started, mut best) = (Instant::now(), f64::INFINITY);
    while started.elapsed() < PATIENCE {
        let before = Instant::now();
        call()?;
        best = best.min(before.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// Calls a function, and waits for the device.
fn called(cuda: &mut Cuda, function: &str, arguments: &[Array]) -> Result<Output<Array>, CallError> {
    let args: Vec<Argument<'_, Array>> = arguments.iter().map(Into::into).collect();
    let out = cuda.call(function, &args, &[])?;
    arguments[0].device().synchronise()?;
    Ok(out)
}

/// Bytes per second of a copy by the device itself, read and written.
fn bandwidth(cuda: &mut Cuda) -> Result<f64, CallError> {
    let n = MOST / 4;
    let (from, to) = (vector(cuda, DType::Float64, n)?, vector(cuda, DType::Float64, n)?);
    let device = from.device();
    let time = seconds(|| {
        device.copy(from.address(), to.address(), 8 * n)?;
        Ok(device.synchronise()?)
    })?;
    Ok(16.0 * n as f64 / time)
}

/// Operations per second of a kernel that does nothing else. A product and a sum are two.
fn arithmetic(cuda: &mut Cuda, dtype: DType) -> Result<f64, CallError> {
    let dtype = dtype.real();
    let (mut threads, times) = (1usize << 8, 256usize);
    loop {
        let out = vector(cuda, dtype, threads)?;
        let kernel = || {
            let launch = Launch::times(threads).buffer(&out).integers([times]);
            launch.run(&Module::of(&CEILING, dtype), &format!("ceiling_{}", c_type(dtype)))?;
            Ok(out.device().synchronise()?)
        };
        let time = seconds(kernel)?;
        if time > LONG.as_secs_f64() || threads >= MOST {
            return Ok(16.0 * (threads * times) as f64 / time);
        }
        threads *= 8;
    }
}

/// Writes one line for each function: its size, its time, and its throughput beside the ceiling.
pub fn write(cuda: &mut Cuda, out: &mut dyn Write) -> io::Result<()> {
    let fault = |error: CallError| io::Error::other(error.to_string());
    let devices: Vec<&str> = cuda.context.devices.iter().map(|device| device.name()).take(1).collect();
    let parts = cuda.context.devices.first().map(|device| device.parts()).unwrap_or_default();
    let parts: Vec<String> = parts.into_iter().map(|(part, version)| format!("{part} {version}")).collect();
    writeln!(out, "{}: {}", devices.join(", "), parts.join(", "))?;
    let memory = bandwidth(cuda).map_err(fault)?;
    writeln!(out, "ceilings: {:.1} GB/s of a copy", memory / 1e9)?;
    let mut operations = Vec::new();
    for dtype in [DType::Float32, DType::Float64] {
        let rate = arithmetic(cuda, dtype).map_err(fault)?;
        writeln!(out, "          {:.1} GFLOP/s of products and sums of {dtype}", rate / 1e9)?;
        operations.push((dtype, rate));
    }
    writeln!(out, "{:<16} {:<11} {:>10} {:>11} {:>16} {:>9}", "function", "dtype", "elements", "time", "throughput", "ceiling")?;
    for Measured { name, dtype, needs, arguments } in MEASURED {
        let mut n = 1 << 12;
        let time = loop {
            let given = arguments(cuda, *dtype, n).map_err(fault)?;
            // The first call compiles.
            called(cuda, name, &given).map_err(fault)?;
            let time = seconds(|| called(cuda, name, &given).map(drop)).map_err(fault)?;
            if time > LONG.as_secs_f64() || n >= MOST {
                break time;
            }
            n *= 4;
        };
        let (rate, unit, ceiling) = match needs {
            Needs::Bytes(bytes) => ((*bytes * n) as f64 / time, "GB/s", memory),
            Needs::Operations(count) => {
                let ceiling = operations.iter().find(|(real, _)| *real == dtype.real()).map_or(f64::NAN, |(_, rate)| *rate);
                (count(n as f64) / time, "GFLOP/s", ceiling)
            }
        };
        let (throughput, share) = (format!("{:.2} {unit}", rate / 1e9), format!("{:.1} %", 100.0 * rate / ceiling));
        writeln!(out, "{name:<16} {:<11} {n:>10} {:>8.2} ms {throughput:>16} {share:>9}", dtype.name(), 1e3 * time)?;
    }
    Ok(())
}
