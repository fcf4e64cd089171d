//! The worker of the namespace for NVIDIA GPUs.
//!
//! Without arguments it needs a GPU. With `host` it runs the same kernels on the processor. With `absent` it says in one line which part of
//! the system a GPU would need and is not there, and nothing if all are there. With `bench`, alone or behind `host`, it measures.

use std::io::Write;
use std::process::ExitCode;

use array_assay_cuda::Cuda;
use array_assay_interface::{Argument, Array, Backend, CallError, DType, Identity, Output, serve_stdio};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is closed, nobody reads the cause.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let gpu = || Cuda::gpu().map_err(|fault| format!("failed to {fault}"));
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => serve_stdio(Restarting(gpu()?))?,
        ["host"] => serve_stdio(Cuda::host())?,
        ["bench"] => gpu()?.bench(&mut std::io::stdout())?,
        ["host", "bench"] => Cuda::host().bench(&mut std::io::stdout())?,
        ["absent"] => {
            if let Err(fault) = Cuda::gpu() {
                writeln!(std::io::stdout(), "{fault}")?;
            }
        }
        _ => return Err(format!("failed to read `{}`: there are `host`, `bench`, `host bench` and `absent`", words.join(" ")).into()),
    }
    Ok(())
}

/// A namespace whose process ends if its GPU is lost: no call of this process would reach the GPU again, and the harness starts another.
struct Restarting(Cuda);

/// The exit status of a process whose GPU is lost.
const LOST: i32 = 70;

/// Ends the process with the cause, if the GPU is lost.
fn checked<T>(result: Result<T, CallError>) -> Result<T, CallError> {
    if let Err(CallError::Raised(exception)) = &result
        && exception.type_name == "DeviceLost"
    {
        // If stderr is closed, nobody reads the cause.
        let _ = writeln!(std::io::stderr(), "{}", exception.message);
        std::process::exit(LOST);
    }
    result
}

impl Backend for Restarting {
    type Array = array_assay_cuda::Array;

    fn identity(&self, functions: &[String]) -> Identity {
        self.0.identity(functions)
    }

    fn from_host(&mut self, array: &Array) -> Result<Self::Array, CallError> {
        checked(self.0.from_host(array))
    }

    fn to_host(&mut self, array: &Self::Array) -> Result<Array, CallError> {
        checked(self.0.to_host(array))
    }

    fn describe(&mut self, array: &Self::Array) -> Result<(DType, Vec<usize>), CallError> {
        self.0.describe(array)
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, Self::Array>],
        kwargs: &[(String, Argument<'_, Self::Array>)],
    ) -> Result<Output<Self::Array>, CallError> {
        checked(self.0.call(function, args, kwargs))
    }
}
