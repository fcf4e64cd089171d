//! The worker of the crate RSTSR.

use array_assay_interface::{FrameError, serve_stdio};
use array_assay_rstsr::Rstsr;

fn main() -> Result<(), FrameError> {
    serve_stdio(Rstsr::default())
}
