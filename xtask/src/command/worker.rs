//! `worker`: runs this program as the worker of a Rust backend.

use std::io::{BufReader, BufWriter, stdin, stdout};

use array_assay_harness::reference::Reference;
use array_assay_interface::serve;
use array_assay_namespace::Polyfilled;
use array_assay_ndarray::{DEVIATING, Ndarray};

use crate::cli;
use crate::exit::{Error, Exit};

/// The crate ndarray with polyfills for the functions that it lacks or gets wrong.
pub fn polyfilled_ndarray() -> Polyfilled<Ndarray> {
    Polyfilled::new(Ndarray).without(DEVIATING)
}

/// Runs programs until the harness ends the session.
pub fn run(options: &cli::Worker) -> Result<Exit, Error> {
    let (input, output) = (BufReader::with_capacity(1 << 16, stdin().lock()), BufWriter::with_capacity(1 << 16, stdout().lock()));
    let served = match options.backend.as_str() {
        "ndarray" => serve(Ndarray, input, output),
        "polyfilled:ndarray" => serve(polyfilled_ndarray(), input, output),
        "reference" => {
            let mutation = options.mutant.as_deref().map(str::parse).transpose().map_err(|e| Error::Usage(format!("{e}")))?;
            serve(Reference::new(mutation), input, output)
        }
        other => {
            return Err(Error::Usage(format!("start a worker for `{other}`: only ndarray, polyfilled:ndarray and reference are built in")));
        }
    };
    served.map(|()| Exit::Success).map_err(|e| Error::Fault(e.to_string()))
}
