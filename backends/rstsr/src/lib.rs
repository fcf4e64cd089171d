//! The Rust crate RSTSR as a backend. Products of matrices and the extension `linalg` are those of its faer device.
//!
//! Native is a function, an operator or a method of the crate; where it returns a `Result`, an error is what the call raises. Nothing is
//! promoted, rounded or mended here: where the crate has an operation but not for these element types, the call raises; where it panics,
//! the worker reports the panic. Which function stands for which of the standard is what the crate's documentation says
//! (`rstsr::array_api_standard`).

#[macro_use]
mod types;
#[macro_use]
mod array;
mod binary;
mod creation;
mod data_type;
mod elementwise;
mod function;
mod indexing;
mod linear_algebra;
mod manipulation;
mod namespace;
mod operator;
mod reduction;
mod register;
mod searching;

use std::env::consts::{ARCH, OS};

pub use array::{Element, Home, Native, RsArray, Tsr};
use array_assay_interface::{Argument, Array, Backend, CallError, DType, Defaults, Identity, Output, PROTOCOL_VERSION, Presence};
pub use register::Register;

/// The name of the crate's device: the processor.
const DEVICE: &str = "cpu";

/// The crate RSTSR.
#[derive(Debug, Clone, Default)]
pub struct Rstsr {
    device: Home,
}

impl Backend for Rstsr {
    type Array = Register;

    fn identity(&self, functions: &[String]) -> Identity {
        // A Rust function has neither keywords nor defaults: there is no signature to compare.
        let present = functions.iter().filter(|name| namespace::find(name).is_some());
        Identity {
            protocol: PROTOCOL_VERSION,
            name: "rstsr".to_owned(),
            version: env!("RSTSR_VERSION").to_owned(),
            language: concat!("Rust ", env!("RUST_VERSION")).to_owned(),
            platform: format!("{OS} {ARCH}"),
            devices: vec![DEVICE.to_owned()],
            dtypes: DType::ALL.map(|dtype| dtype.name().to_owned()).to_vec(),
            // Those of Rust's literals.
            default_dtypes: Defaults { integer: DType::Int32, ..Defaults::default() }.names(),
            extensions: vec!["linalg".to_owned()],
            functions: present.map(|name| (name.clone(), Presence { signature: None })).collect(),
            ..Identity::default()
        }
    }

    fn from_host(&mut self, array: &Array) -> Result<Register, CallError> {
        RsArray::from_host(array, &self.device).map(Register::from).map_err(|error| function::raised(&error))
    }

    fn to_host(&mut self, array: &Register) -> Result<Array, CallError> {
        array.get().to_host().map_err(|error| function::raised(&error))
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
