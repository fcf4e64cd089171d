//! NVRTC: the kernels compiled for a GPU. It needs no GPU and no driver, but NVRTC's library.
#![allow(unsafe_code)] // NVRTC is a C library.

use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};

use cudarc::nvrtc::result::{NvrtcError, compile_program, create_program, destroy_program, get_program_log};
use cudarc::nvrtc::sys;

use super::Fault;
use crate::cache;
use crate::source::{Dialect, Module};

/// The options beside the architecture: every operation is rounded by itself, and subnormal numbers stay.
const OPTIONS: [&str; 5] = ["--std=c++17", "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true"];

/// The compute capability of a GPU, such as 9.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Architecture {
    /// The number before the point.
    pub major: u32,
    /// The number behind the point.
    pub minor: u32,
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sm_{}{}", self.major, self.minor)
    }
}

/// The version of NVRTC, such as `12.4`. Fails if its library is absent.
pub fn version() -> Result<String, Fault> {
    // SAFETY: it tries to load the library.
    if !unsafe { sys::is_culib_present() } {
        return Err(Fault::Absent { part: "NVRTC".to_owned(), why: "no library `libnvrtc` is in the loader's path".to_owned() });
    }
    let (mut major, mut minor) = (0, 0);
    // SAFETY: the library is there, and both numbers are ours.
    unsafe { sys::nvrtcVersion(&raw mut major, &raw mut minor) }.result().map_err(|e| refused("ask NVRTC for its version", e))?;
    if major < 12 {
        return Err(Fault::Absent { part: "NVRTC 12.0 or newer".to_owned(), why: format!("the library is of version {major}.{minor}") });
    }
    Ok(format!("{major}.{minor}"))
}

fn refused(what: &str, error: NvrtcError) -> Fault {
    Fault::Compile { module: what.to_owned(), log: format!("{:?}", error.0) }
}

/// The file with the machine code of a module for an architecture. It is kept in `folder`.
pub fn kept(module: &Module, architecture: Architecture, folder: &Path) -> Result<PathBuf, Fault> {
    let salt = format!("nvrtc {} {architecture} {}", version()?, OPTIONS.join(" "));
    cache::made(folder, &module.source(Dialect::Gpu), &salt, "cubin", |out| {
        std::fs::write(out, compiled(module, architecture)?).map_err(|e| cache::fault(out, &e))
    })
}

/// The machine code of a module for an architecture.
fn compiled(module: &Module, architecture: Architecture) -> Result<Vec<u8>, Fault> {
    version()?;
    let fault = |log: String| Fault::Compile { module: module.name().to_owned(), log };
    let source = CString::new(module.source(Dialect::Gpu)).map_err(|_| fault("its source has a zero byte".to_owned()))?;
    let name = CString::new(format!("{}.cu", module.name())).map_err(|_| fault("its name has a zero byte".to_owned()))?;
    let program = Program(create_program(&source, Some(&name)).map_err(|e| fault(format!("{:?}", e.0)))?);
    let mut options: Vec<String> = OPTIONS.map(str::to_owned).into();
    options.push(format!("--gpu-architecture={architecture}"));
    // SAFETY: the program is alive, and so are its source and its name.
    if let Err(error) = unsafe { compile_program(program.0, &options) } {
        return Err(fault(format!("{:?} for {architecture}: {}", error.0, program.log())));
    }
    let refused = |e: NvrtcError| fault(format!("{:?} for {architecture}", e.0));
    let mut size = 0usize;
    // SAFETY: the program is compiled, and the second call gets as many bytes as the first says.
    unsafe {
        sys::nvrtcGetCUBINSize(program.0, &raw mut size).result().map_err(refused)?;
        let mut code = vec![0u8; size];
        sys::nvrtcGetCUBIN(program.0, code.as_mut_ptr().cast::<c_char>()).result().map_err(refused)?;
        Ok(code)
    }
}

/// A program of NVRTC, which is freed at the end.
struct Program(sys::nvrtcProgram);

impl Program {
    /// What the compiler says.
    fn log(&self) -> String {
        // SAFETY: the program is alive. The log ends with a zero byte.
        let Ok(log) = (unsafe { get_program_log(self.0) }) else { return String::new() };
        let bytes: Vec<u8> = log.iter().map(|byte| *byte as u8).collect();
        CStr::from_bytes_until_nul(&bytes).map(|text| text.to_string_lossy().trim().to_owned()).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: the program was made by `create_program`. That it cannot be freed is no fault of a call.
        let _ = unsafe { destroy_program(self.0) };
    }
}
