//! A worker of the crate ndarray together with polyfills: `array-assay conform exec:target/debug/examples/worker`.

use std::io::{BufReader, BufWriter, stdin, stdout};

use array_assay_interface::{FrameError, serve};
use array_assay_namespace::Polyfilled;
use array_assay_ndarray::Ndarray;

fn main() -> Result<(), FrameError> {
    serve(Polyfilled::new(Ndarray).without(["remainder", "round", "sign", "asinh", "acosh", "atanh", "attribute.T", "operator.mod", "operator.imod", "operator.lshift", "operator.rshift", "bitwise_left_shift", "bitwise_right_shift", "full", "prod", "sum", "cumulative_prod", "std", "var"]), BufReader::new(stdin().lock()), BufWriter::new(stdout().lock()))
}
