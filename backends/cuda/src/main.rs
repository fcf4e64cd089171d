//! The worker of the namespace for NVIDIA GPUs.
//!
//! Without arguments it needs a GPU. With `host` it runs the same kernels on the processor. With `absent` it says in one line which part of
//! the system a GPU would need and is not there, and nothing if all are there. With `bench`, alone or behind `host`, it measures.

use std::io::Write;
use std::process::ExitCode;

use array_assay_cuda::{Cuda, Restarting};
use array_assay_interface::serve_stdio;

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
        [] => serve_stdio(Restarting::new(gpu()?, end))?,
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

/// The exit status of a process whose GPU is lost.
const LOST: i32 = 70;

/// Ends the process with a cause.
fn end(cause: &str) {
    // If stderr is closed, nobody reads the cause.
    let _ = writeln!(std::io::stderr(), "{cause}");
    std::process::exit(LOST);
}
