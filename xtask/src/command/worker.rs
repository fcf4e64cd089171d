//! `worker`: this very program as a worker of a Rust backend.

use std::io::{BufReader, BufWriter, stdin, stdout};

use array_assay_harness::reference::Reference;
use array_assay_interface::serve;

use crate::cli;
use crate::exit::{Error, Exit};

/// Serves until the harness says stop.
pub fn run(options: &cli::Worker) -> Result<Exit, Error> {
    let (input, output) = (BufReader::with_capacity(1 << 16, stdin().lock()), BufWriter::with_capacity(1 << 16, stdout().lock()));
    let served = match options.backend.as_str() {
        "ndarray" => serve(array_assay_ndarray::Ndarray, input, output),
        "reference" => {
            let mutation = options.mutant.as_deref().map(str::parse).transpose().map_err(|e| Error::Usage(format!("{e}")))?;
            serve(Reference::new(mutation), input, output)
        }
        other => return Err(Error::Usage(format!("be a worker of `{other}`: ndarray and reference are built in"))),
    };
    served.map(|()| Exit::Success).map_err(|e| Error::Fault(e.to_string()))
}
