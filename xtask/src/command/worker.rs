//! `worker`: runs this program as the worker of the reference.

use array_assay_harness::reference::Reference;
use array_assay_interface::serve_stdio;

use crate::cli;
use crate::exit::{Error, Exit};

/// Runs programs until the harness ends the session.
pub fn run(options: &cli::Worker) -> Result<Exit, Error> {
    if options.backend != "reference" {
        return Err(Error::Usage(format!("start a worker for `{}`: only the reference is built in", options.backend)));
    }
    let mutation = options.mutant.as_deref().map(str::parse).transpose().map_err(|e| Error::Usage(format!("{e}")))?;
    serve_stdio(Reference::new(mutation)).map(|()| Exit::Success).map_err(|e| Error::Fault(e.to_string()))
}
