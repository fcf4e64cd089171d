//! A test program for a library with two faults: `negative` ends the process, and `abs` gives its argument back. The tests of this crate run it.

use std::process::ExitCode;

use array_assay_harness::reference::{Reference, ReferenceArray};
use array_assay_interface::{Argument, Array, Backend, CallError, Identity, Output};
use array_assay_testing::Suite;

struct Faulty(Reference);

impl Backend for Faulty {
    type Array = ReferenceArray;

    fn identity(&self, functions: &[String]) -> Identity {
        self.0.identity(functions)
    }

    fn from_host(&mut self, array: &Array) -> Result<ReferenceArray, CallError> {
        self.0.from_host(array)
    }

    fn to_host(&mut self, array: &ReferenceArray) -> Result<Array, CallError> {
        self.0.to_host(array)
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, ReferenceArray>],
        kwargs: &[(String, Argument<'_, ReferenceArray>)],
    ) -> Result<Output<ReferenceArray>, CallError> {
        match function {
            "negative" => std::process::abort(),
            "abs" => self.0.call("positive", args, kwargs),
            _ => self.0.call(function, args, kwargs),
        }
    }
}

fn main() -> ExitCode {
    let suite = Suite::new("faulty", || Faulty(Reference::default())).cases(20);
    match std::env::var_os("FAULTY_BASELINE") {
        Some(path) => suite.baseline(path).main(),
        None => suite.main(),
    }
}
