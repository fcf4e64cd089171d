//! The worker of the crate ndarray.

use array_assay_interface::{FrameError, serve_stdio};
use array_assay_ndarray::Ndarray;

fn main() -> Result<(), FrameError> {
    serve_stdio(Ndarray)
}
