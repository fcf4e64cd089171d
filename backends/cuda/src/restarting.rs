//! A namespace that ends with its GPU: no call of a process whose GPU is lost would reach it again, and the harness starts another process.

use array_assay_interface::{Argument, Array as HostArray, Backend, CallError, DType, Identity, Output};

use crate::device::LOST;

/// A backend that ends the process if its device is lost.
pub struct Restarting<B> {
    backend: B,
    end: fn(&str),
}

impl<B: Backend> Restarting<B> {
    /// The backend, and what ends the process, given the cause.
    pub fn new(backend: B, end: fn(&str)) -> Restarting<B> {
        Restarting { backend, end }
    }

    fn checked<T>(&self, result: Result<T, CallError>) -> Result<T, CallError> {
        if let Err(CallError::Raised(exception)) = &result
            && exception.type_name == LOST
        {
            (self.end)(&exception.message);
        }
        result
    }
}

impl<B: Backend> Backend for Restarting<B> {
    type Array = B::Array;

    fn identity(&self, functions: &[String]) -> Identity {
        self.backend.identity(functions)
    }

    fn from_host(&mut self, array: &HostArray) -> Result<B::Array, CallError> {
        let result = self.backend.from_host(array);
        self.checked(result)
    }

    fn to_host(&mut self, array: &B::Array) -> Result<HostArray, CallError> {
        let result = self.backend.to_host(array);
        self.checked(result)
    }

    fn describe(&mut self, array: &B::Array) -> Result<(DType, Vec<usize>), CallError> {
        let result = self.backend.describe(array);
        self.checked(result)
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, B::Array>],
        kwargs: &[(String, Argument<'_, B::Array>)],
    ) -> Result<Output<B::Array>, CallError> {
        let result = self.backend.call(function, args, kwargs);
        self.checked(result)
    }
}
