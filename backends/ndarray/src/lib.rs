//! The Rust crate ndarray as a backend.
//!
//! Native is an operator on arrays, a method or a function of the crate; a closure of ours handed to its `mapv` or `Zip`
//! is not, and what it does not name is missing. Nothing is promoted, rounded or mended here: where the crate has an
//! operation but not for these element types, the call raises; where it panics, the worker reports the panic.

#[macro_use]
mod array;
#[macro_use]
mod elementwise;
mod convert;
mod creation;
mod deviating;
mod function;
mod indexing;
mod linear_algebra;
mod manipulation;
mod namespace;
mod reduction;
mod register;

use std::env::consts::{ARCH, OS};

use array_assay_interface::{Argument, Array, Backend, CallError, DType, Identity, Output, PROTOCOL_VERSION, Presence};

pub use array::NdArray;
pub use convert::WrongArray;
pub use deviating::DEVIATING;
pub use register::Register;

/// The crate ndarray.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ndarray;

impl Backend for Ndarray {
    type Array = Register;

    fn identity(&self, functions: &[String]) -> Identity {
        // A Rust method has neither keywords nor defaults: there is no signature to compare.
        let present = functions.iter().filter(|name| namespace::find(name).is_some());
        Identity {
            protocol: PROTOCOL_VERSION,
            name: "ndarray".to_owned(),
            version: env!("NDARRAY_VERSION").to_owned(),
            language: concat!("Rust ", env!("RUST_VERSION")).to_owned(),
            platform: format!("{OS} {ARCH}"),
            devices: vec!["cpu".to_owned()],
            dtypes: DType::ALL.map(|dtype| dtype.name().to_owned()).to_vec(),
            functions: present.map(|name| (name.clone(), Presence { signature: None })).collect(),
            ..Identity::default()
        }
    }

    fn from_host(&mut self, array: &Array) -> Result<Register, CallError> {
        NdArray::from_host(array).map(Register::from).map_err(|error| CallError::raised("ShapeError", error.to_string()))
    }

    fn to_host(&mut self, array: &Register) -> Result<Array, CallError> {
        Ok(array.get().to_host())
    }

    fn describe(&mut self, array: &Register) -> Result<(DType, Vec<usize>), CallError> {
        let array = array.get();
        Ok((array.dtype(), array.shape().to_vec()))
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, Register>],
        kwargs: &[(String, Argument<'_, Register>)],
    ) -> Result<Output<Register>, CallError> {
        let function = namespace::find(function).ok_or_else(|| CallError::Missing(function.to_owned()))?;
        let changed = if function.is_in_place() { args.first() } else { None };
        let output = register::with_arrays(args, kwargs, |args, kwargs| function.call(args, kwargs))?;
        Ok(match (changed, output) {
            (Some(Argument::Array(target)), Output::Array(array)) => {
                target.set(array);
                Output::Array((*target).clone())
            }
            (_, output) => output.map(Register::from),
        })
    }
}
