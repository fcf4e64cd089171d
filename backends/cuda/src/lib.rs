//! A small array namespace for NVIDIA GPUs, as a backend of Array Assay.
//!
//! The crate cudarc gives access to the driver and to NVIDIA's libraries; it has no arrays. This crate is a namespace of the standard on top:
//! arrays in device memory with strides, kernels that are written once as templates and compiled at run time, and functions that are made of
//! them. The same templates compile as C for the processor (`cuda-host`), so that all of it but the GPU itself is judged on every machine.
//!
//! The layers, from below: `device` (memory and kernels), `source` (the templates), `array` and `launch` (views, and kernels over them), and
//! one file for each category of functions.

mod array;
mod bench;
mod cache;
mod call;
mod copy;
mod creation;
mod device;
mod elementwise;
mod error;
mod fold;
mod function;
mod gather;
mod indexing;
mod launch;
mod linalg;
mod manipulation;
mod matrix;
mod object;
mod operation;
mod operator;
mod order;
mod product;
mod reduction;
mod restarting;
mod sets;
mod shape;
mod source;
mod spectra;
mod transform;

use std::env::consts::{ARCH, OS};
use std::rc::Rc;

use array_assay_interface::{
    Argument, Array as HostArray, Backend, CallError, DType, Defaults, Identity, Output, PROTOCOL_VERSION, Presence,
};
use array_assay_namespace::signature;

pub use array::Array;
use call::{Context, Value};
pub use device::compiler::{Architecture, kept};
pub use device::host::Host;
pub use device::{Device, Factorization, Fault, Memory, Params, Product, Transform};
pub use restarting::Restarting;
pub use source::{Dialect, Module};

/// The namespace on some devices.
pub struct Cuda {
    name: &'static str,
    context: Context,
}

impl Cuda {
    /// The namespace on the GPUs of this machine. Fails with the part that is absent.
    pub fn gpu() -> Result<Cuda, Fault> {
        Ok(Cuda::on("cuda", device::gpu::devices()?))
    }

    /// The namespace on the processor. It has two devices, so that copies between devices are judged too.
    pub fn host() -> Cuda {
        let folder = cache::folder();
        Cuda::on("cuda-host", ["host:0", "host:1"].map(|name| Rc::new(Host::new(name, &folder)) as Rc<dyn Device>).into())
    }

    /// Writes the throughput of some functions on the default device, beside what the device can do at most.
    pub fn bench(&mut self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        bench::write(self, out)
    }

    /// The namespace on these devices, of which the first is the default one.
    pub fn on(name: &'static str, devices: Vec<Rc<dyn Device>>) -> Cuda {
        let names = signature::paths().filter(|path| !path.contains('.') && function::exists(path)).collect();
        Cuda { name, context: Context { devices, defaults: Defaults::default(), names } }
    }
}

impl Backend for Cuda {
    type Array = Array;

    fn identity(&self, functions: &[String]) -> Identity {
        let present = functions.iter().filter(|name| function::exists(name));
        Identity {
            protocol: PROTOCOL_VERSION,
            name: self.name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: concat!("Rust ", env!("CARGO_PKG_RUST_VERSION")).to_owned(),
            platform: format!("{OS} {ARCH}"),
            devices: self.context.devices.iter().map(|device| device.name().to_owned()).collect(),
            dtypes: DType::ALL.map(|dtype| dtype.name().to_owned()).to_vec(),
            default_dtypes: self.context.defaults.names(),
            revisions: vec![signature::REVISION.to_owned()],
            extensions: vec!["fft".to_owned(), "linalg".to_owned()],
            also: self.context.devices.first().map(|device| device.parts()).unwrap_or_default().into_iter().collect(),
            // A Rust function has neither keywords nor defaults: there is no signature to compare.
            functions: present.map(|name| (name.clone(), Presence { signature: None })).collect(),
            ..Identity::default()
        }
    }

    fn from_host(&mut self, array: &HostArray) -> Result<Array, CallError> {
        let device = self.context.devices.first().ok_or_else(|| error::value_error("there is no device"))?;
        Array::from_host(device, array)
    }

    fn to_host(&mut self, array: &Array) -> Result<HostArray, CallError> {
        array.to_host()
    }

    fn describe(&mut self, array: &Array) -> Result<(DType, Vec<usize>), CallError> {
        Ok((array.dtype(), array.shape().to_vec()))
    }

    fn call(
        &mut self,
        function: &str,
        args: &[Argument<'_, Array>],
        kwargs: &[(String, Argument<'_, Array>)],
    ) -> Result<Output<Array>, CallError> {
        let args: Vec<Value> = args.iter().map(Argument::cloned).collect();
        let kwargs: Vec<(String, Value)> = kwargs.iter().map(|(name, value)| (name.clone(), value.cloned())).collect();
        function::answer(&self.context, function, &args, &kwargs)
    }
}
