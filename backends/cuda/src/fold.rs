//! Reductions of the rows of a matrix, and running sums, in pieces that threads share.

use array_assay_interface::{CallError, DType, Scalar};

use crate::array::{Array, c_strides};
use crate::creation::{components, zeros};
use crate::elementwise::apply;
use crate::error::value_error;
use crate::gather::along;
use crate::launch::Launch;
use crate::shape::section;
use crate::source::{EXTREMES, INDICES, Module, REDUCTION, TRUTH, Template, c_type};

/// How many elements a thread combines.
const PIECE: usize = 1024;

/// Reduces each row of a matrix in pieces, and the results of the pieces again, until one is left.
pub fn pieces(rows: &Array, template: &'static Template, kernel: &str, yields: DType) -> Result<Array, CallError> {
    let [count, length] = [rows.shape()[0], rows.shape()[1]];
    let pieces = length.div_ceil(PIECE).max(1);
    let out = Array::new(rows.device(), yields, vec![count, pieces])?;
    let launch = Launch::times(count * pieces).buffer(&out).buffer(rows).integers([length, PIECE, pieces]);
    launch.run(&Module::of(template, rows.dtype()), &format!("{kernel}_of_{}", c_type(rows.dtype())))?;
    Ok(out)
}

/// The sum or the product of each row of a matrix, in a dtype.
pub fn combined(rows: &Array, operation: &str) -> Result<Array, CallError> {
    let mut out = pieces(rows, &REDUCTION, operation, rows.dtype())?;
    while out.shape()[1] > 1 {
        out = pieces(&out, &REDUCTION, operation, rows.dtype())?;
    }
    Ok(out)
}

/// The number of true elements of each row.
pub fn count(rows: &Array) -> Result<Array, CallError> {
    combined(&pieces(rows, &TRUTH, "count", DType::Int64)?, "add")
}

/// The result of a reduction of `x` over some axes, from one number a row.
pub fn finished(x: &Array, axes: &[usize], keepdims: bool, numbers: &Array) -> Result<Array, CallError> {
    let kept = (0..x.rank()).filter(|axis| keepdims || !axes.contains(axis));
    let shape: Vec<usize> = kept.map(|axis| if axes.contains(&axis) { 1 } else { x.shape()[axis] }).collect();
    numbers.reshaped(&shape)
}

/// The sum or the product of an array over some axes.
pub fn reduced(x: &Array, axes: &[usize], keepdims: bool, operation: &str) -> Result<Array, CallError> {
    finished(x, axes, keepdims, &combined(&x.rows(axes)?.0, operation)?)
}

/// The array with every component divided by a number.
pub fn divided(x: &Array, by: f64) -> Result<Array, CallError> {
    let divisor = Array::scalar(x.device(), x.dtype().real(), Scalar::Float(by))?;
    if !x.dtype().is_complex() {
        return apply("divide", &[x, &divisor]);
    }
    let out = x.copied()?;
    let parts = components(&out)?;
    parts.assign(&apply("divide", &[&parts, &divisor])?)?;
    Ok(out)
}

/// Where each row has its least or greatest element, as a matrix of one column.
pub fn best(rows: &Array, which: &str) -> Result<Array, CallError> {
    let [count, length] = [rows.shape()[0], rows.shape()[1]];
    if length == 0 {
        return Err(value_error("there is no element to choose from"));
    }
    let (mut candidates, mut among) = (rows.clone(), length);
    let mut is_first = true;
    loop {
        let pieces = among.div_ceil(PIECE);
        let out = Array::new(rows.device(), DType::Int64, vec![count, pieces])?;
        let launch = Launch::times(count * pieces).buffer(&out).buffer(rows).buffer(&candidates);
        let launch = launch.integers([length, PIECE, pieces, usize::from(!is_first), among]);
        launch.run(&Module::of(&EXTREMES, rows.dtype()), &format!("{which}_at_{}", c_type(rows.dtype())))?;
        if pieces == 1 {
            return Ok(out);
        }
        (candidates, among, is_first) = (out, pieces, false);
    }
}

/// The least or greatest element over some axes.
pub fn outermost(x: &Array, axes: &[usize], keepdims: bool, which: &str) -> Result<Array, CallError> {
    let (rows, _) = x.rows(axes)?;
    let values =
        if rows.size() == 0 && rows.shape()[0] == 0 { zeros(x.device(), x.dtype(), &[0, 1])? } else { along(&rows, &best(&rows, which)?)? };
    finished(x, axes, keepdims, &values)
}

/// The running sums or products of each row of a matrix.
pub fn running(rows: &Array, operation: &str) -> Result<Array, CallError> {
    let [count, length] = [rows.shape()[0], rows.shape()[1]];
    let (rows, pieces) = (rows.contiguous()?, length.div_ceil(PIECE));
    let out = Array::new(rows.device(), rows.dtype(), vec![count, length])?;
    let module = Module::of(&REDUCTION, rows.dtype());
    let kernel = |what: &str| format!("{operation}_{what}_{}", c_type(rows.dtype()));
    let integers = [length, PIECE, pieces];
    Launch::times(count * pieces).buffer(&out).buffer(&rows).integers(integers).run(&module, &kernel("running"))?;
    if pieces > 1 {
        let ends = Array::new(rows.device(), rows.dtype(), vec![count, pieces])?;
        Launch::times(count * pieces).buffer(&ends).buffer(&out).integers(integers).run(&module, &kernel("ends"))?;
        let ends = running(&ends, operation)?;
        Launch::times(count * length).buffer(&out).buffer(&ends).integers(integers).run(&module, &kernel("continued"))?;
    }
    Ok(out)
}

/// The places in C order of the ones among zeros and ones of 64 bits.
pub fn compacted(flags: &Array) -> Result<Array, CallError> {
    let n = flags.size();
    let flags = flags.contiguous()?.view(vec![n], c_strides(&[n]), 0)?;
    let counts = running(&flags.reshaped(&[1, n])?, "add")?;
    let total = match n {
        0 => 0,
        n => section(&counts, 1, n - 1, 1)?.to_indices()?[0] as usize,
    };
    let out = Array::new(flags.device(), DType::Int64, vec![total])?;
    if total > 0 {
        let launch = Launch::times(n).buffer(&out).buffer(&counts).buffer(&flags);
        launch.run(&Module::of(&INDICES, DType::Int64), "compacted")?;
    }
    Ok(out)
}

/// The places of true elements of an array of booleans in C order, as integers of 64 bits.
pub fn places(mask: &Array) -> Result<Array, CallError> {
    compacted(&mask.contiguous()?.cast(DType::Int64)?)
}
