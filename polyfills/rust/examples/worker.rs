//! A worker of the crate ndarray together with polyfills: `array-assay conform exec:target/debug/examples/worker`.

use std::io::{BufReader, BufWriter, stdin, stdout};

use array_assay_interface::{FrameError, serve};
use array_assay_namespace::Polyfilled;
use array_assay_ndarray::{DEVIATING, Ndarray};

fn main() -> Result<(), FrameError> {
    serve(Polyfilled::new(Ndarray).without(DEVIATING), BufReader::new(stdin().lock()), BufWriter::new(stdout().lock()))
}
