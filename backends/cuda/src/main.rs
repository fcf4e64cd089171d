//! The worker of the namespace for NVIDIA GPUs.
//!
//! Without arguments it needs a GPU. With `host` it runs the same kernels on the processor.

use array_assay_cuda::Cuda;
use array_assay_interface::serve_stdio;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::args().nth(1).as_deref() {
        None => serve_stdio(Cuda::gpu().map_err(|fault| format!("failed to {fault}"))?)?,
        Some("host") => serve_stdio(Cuda::host())?,
        Some(other) => {
            return Err(format!("failed to read `{other}`: without arguments this is a worker on a GPU, with `host` one on the processor").into());
        }
    }
    Ok(())
}
