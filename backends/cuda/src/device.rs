//! What a device is asked for: memory, copies and kernels.
//!
//! Two devices answer. [`host::Host`] compiles the kernels as C and runs them on the processor, [`gpu::Gpu`] compiles them by NVRTC. Nothing
//! above this file knows which one it has.

pub mod compiler;
pub mod gpu;
pub mod host;
mod libraries;
mod solver;

use std::rc::Rc;

use array_assay_interface::{CallError, DType};

use crate::source::Module;

/// The greatest number of axes of an array.
pub const MAX_RANK: usize = 32;

/// How many buffers a kernel gets at most.
pub const BUFFERS: usize = 6;

/// How many of the buffers have strides.
pub const STRIDED: usize = 4;

/// The arguments of a kernel. `kernels/prelude.cu` has the same structure.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Params {
    /// How often the body of the kernel runs.
    pub n: i64,
    /// The addresses of the buffers.
    pub buffers: [u64; BUFFERS],
    /// The number of axes.
    pub rank: i64,
    /// The sizes of the axes.
    pub shape: [i64; MAX_RANK],
    /// The strides of the first buffers, in elements.
    pub strides: [[i64; MAX_RANK]; STRIDED],
    /// Integers, such as lengths.
    pub integers: [i64; 10],
    /// Real numbers, such as tolerances.
    pub reals: [f64; 4],
}

impl Default for Params {
    fn default() -> Params {
        Params {
            n: 0,
            buffers: [0; BUFFERS],
            rank: 0,
            shape: [0; MAX_RANK],
            strides: [[0; MAX_RANK]; STRIDED],
            integers: [0; 10],
            reals: [0.0; 4],
        }
    }
}

/// Why a device could not do what it was asked for. Each message continues "failed to".
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// There is not enough memory.
    #[error("allocate {bytes} bytes on {device}: {why}")]
    OutOfMemory {
        /// The device.
        device: String,
        /// What was asked for.
        bytes: usize,
        /// What the system says.
        why: String,
    },
    /// The compiler refused a kernel.
    #[error("compile the kernels of `{module}`: {log}")]
    Compile {
        /// The module.
        module: String,
        /// What the compiler says.
        log: String,
    },
    /// A compiled module could not be loaded, or has no such kernel.
    #[error("load the kernel `{kernel}` of `{module}`: {why}")]
    Load {
        /// The module.
        module: String,
        /// The kernel.
        kernel: String,
        /// What the loader says.
        why: String,
    },
    /// A part of the system is absent.
    #[error("find {part}: {why}")]
    Absent {
        /// The part, such as the driver.
        part: String,
        /// What was tried.
        why: String,
    },
    /// The device does not answer any more. The process has to start again.
    #[error("go on with {device}, which is lost: {why}")]
    Lost {
        /// The device.
        device: String,
        /// What the driver says.
        why: String,
    },
    /// A file of the cache could not be read or written.
    #[error("use the cache of compiled kernels {path}: {why}")]
    Cache {
        /// The file or folder.
        path: String,
        /// What the system says.
        why: String,
    },
}

/// The name of the exception that a call raises when the GPU no longer answers.
pub const LOST: &str = "DeviceLost";

impl Fault {
    /// The name of the exception that a call raises.
    fn exception(&self) -> &'static str {
        match self {
            Fault::OutOfMemory { .. } => "MemoryError",
            Fault::Compile { .. } | Fault::Load { .. } => "CompileError",
            Fault::Absent { .. } => "ImportError",
            Fault::Lost { .. } => LOST,
            Fault::Cache { .. } => "OSError",
        }
    }
}

impl From<Fault> for CallError {
    fn from(fault: Fault) -> CallError {
        CallError::raised(fault.exception(), format!("failed to {fault}"))
    }
}

/// A stack of products of matrices of floating-point numbers in C order, by the addresses of the buffers.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Product {
    pub dtype: DType,
    pub count: usize,
    pub rows: usize,
    pub columns: usize,
    pub terms: usize,
    pub left: u64,
    pub right: u64,
    pub out: u64,
}

/// Transforms of rows of complex numbers, by the addresses of the buffers.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Transform {
    pub dtype: DType,
    pub count: usize,
    pub length: usize,
    pub is_forward: bool,
    pub from: u64,
    pub to: u64,
}

/// A factorization of a matrix of floating-point numbers, in place, by the addresses of the buffers. `info` gets an integer of 32
/// bits, which is zero if all went well.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Factorization {
    /// Of a matrix in Fortran order. `pivots` are integers of 64 bits and count from one.
    Lu { dtype: DType, n: usize, matrix: u64, pivots: u64, info: u64 },
    /// Of a matrix in C order, whose lower triangle is read and written.
    Cholesky { dtype: DType, n: usize, matrix: u64, info: u64 },
    /// Of a matrix in C order, whose lower triangle is read. The rows become the conjugates of the eigenvectors.
    Hermitian { dtype: DType, n: usize, matrix: u64, values: u64, info: u64 },
    /// Of a matrix in Fortran order, with no more columns than rows, which is used up. `left` gets `kept` vectors, and `right` the
    /// conjugate transpose of the others, both in Fortran order.
    Singular { dtype: DType, rows: usize, columns: usize, kept: usize, matrix: u64, values: u64, left: u64, right: u64, info: u64 },
    /// QR of a matrix in Fortran order: R, and below it the reflections, whose factors are apart.
    Reflections { dtype: DType, rows: usize, columns: usize, matrix: u64, factors: u64, info: u64 },
    /// The first columns of Q in Fortran order, in the place of `count` reflections.
    Columns { dtype: DType, rows: usize, columns: usize, count: usize, matrix: u64, factors: u64, info: u64 },
}

impl Factorization {
    /// The dtype of the matrix.
    pub fn dtype(&self) -> DType {
        match self {
            Factorization::Lu { dtype, .. }
            | Factorization::Cholesky { dtype, .. }
            | Factorization::Hermitian { dtype, .. }
            | Factorization::Singular { dtype, .. }
            | Factorization::Reflections { dtype, .. }
            | Factorization::Columns { dtype, .. } => *dtype,
        }
    }
}

/// A device: its memory, and the kernels on it. Calls are ordered as they are made. Addresses are those of the device.
pub trait Device {
    /// The name in the standard's sense.
    fn name(&self) -> &str;

    /// Reserves memory. The bytes have any values.
    fn allocate(&self, bytes: usize) -> Result<u64, Fault>;

    /// Gives memory back.
    fn release(&self, address: u64, bytes: usize);

    /// Copies bytes of the process to an address of the device.
    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault>;

    /// Copies bytes of the device into the process, after everything before has ended.
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Fault>;

    /// Copies bytes of the device from one address to another. The two places do not overlap.
    fn copy(&self, from: u64, to: u64, bytes: usize) -> Result<(), Fault>;

    /// Runs a kernel of a module, which is compiled when it is used for the first time.
    fn launch(&self, module: &Module, kernel: &str, params: &Params) -> Result<(), Fault>;

    /// What the device is made of, such as the version of its driver: each part, and its version.
    fn parts(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// From how many rows, columns or elements on a library of the device is tried.
    fn library_from(&self) -> usize {
        usize::MAX
    }

    /// Tries a product with a library of the device. `false` if there is none.
    fn product(&self, _: &Product) -> Result<bool, Fault> {
        Ok(false)
    }

    /// Tries a transform with a library of the device. `false` if there is none.
    fn transform(&self, _: &Transform) -> Result<bool, Fault> {
        Ok(false)
    }

    /// Tries a factorization with a library of the device. `false` if there is none.
    fn factorize(&self, _: &Factorization) -> Result<bool, Fault> {
        Ok(false)
    }

    /// Waits until everything before has ended.
    fn synchronise(&self) -> Result<(), Fault>;
}

/// Memory of a device. It goes back to the device when nobody uses it any more.
pub struct Memory {
    device: Rc<dyn Device>,
    address: u64,
    bytes: usize,
}

impl Memory {
    /// Memory of a device. Its bytes have any values.
    pub fn new(device: &Rc<dyn Device>, bytes: usize) -> Result<Rc<Memory>, Fault> {
        // An array without elements has an address of its own all the same.
        let bytes = bytes.max(16);
        let address = device.allocate(bytes)?;
        Ok(Rc::new(Memory { device: Rc::clone(device), address, bytes }))
    }

    /// Memory that holds these bytes.
    pub fn of(device: &Rc<dyn Device>, bytes: &[u8]) -> Result<Rc<Memory>, Fault> {
        let memory = Memory::new(device, bytes.len())?;
        if !bytes.is_empty() {
            device.write(memory.address, bytes)?;
        }
        Ok(memory)
    }

    /// Some bytes from `start` on: `count` of them, or as many as there are.
    pub fn bytes(&self, start: usize, count: usize) -> Result<Vec<u8>, Fault> {
        let mut out = vec![0; count.min(self.bytes.saturating_sub(start))];
        if !out.is_empty() {
            self.device.read(self.address + start as u64, &mut out)?;
        }
        Ok(out)
    }

    /// The device.
    pub fn device(&self) -> &Rc<dyn Device> {
        &self.device
    }

    /// The address on the device.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// The number of bytes.
    pub fn size(&self) -> usize {
        self.bytes
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.device.release(self.address, self.bytes);
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes on {}", self.bytes, self.device.name())
    }
}
