//! The kernels compiled as C, on the processor.
//!
//! This device runs the text that a GPU runs, so indexing, promotion, algorithms and special cases are judged on every machine. It does not
//! show what only a GPU does: the order of threads, the functions of CUDA's mathematics library, NVRTC's code and the driver.
#![allow(unsafe_code)] // It allocates memory, loads what the compiler made, and calls it.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use libloading::Library;

use super::{Device, Fault, Params};
use crate::cache;
use crate::source::{Dialect, Module};

/// Alignment of memory, as CUDA's allocators have it.
const ALIGNMENT: usize = 256;

/// The options of the compiler. Nothing is contracted or reordered, as on the GPU.
const OPTIONS: [&str; 8] = ["-std=c11", "-O1", "-fPIC", "-shared", "-ffp-contract=off", "-fno-strict-aliasing", "-fwrapv", "-w"];

/// A kernel for the host: it runs its body for all threads.
type Kernel = unsafe extern "C" fn(*const Params);

/// The processor as a device.
pub struct Host {
    name: String,
    folder: PathBuf,
    compiler: OsString,
    /// The most bytes that may be in use, and those in use.
    limit: usize,
    used: RefCell<usize>,
    modules: RefCell<HashMap<String, Loaded>>,
}

/// A module in the process, and the kernels that were looked up in it.
struct Loaded {
    library: Library,
    kernels: HashMap<String, Kernel>,
}

impl Host {
    /// A device with this name. Compiled kernels are kept in `folder`.
    pub fn new(name: &str, folder: &Path) -> Host {
        Host {
            name: name.to_owned(),
            folder: folder.to_owned(),
            compiler: std::env::var_os("CC").unwrap_or_else(|| "cc".into()),
            limit: usize::MAX,
            used: RefCell::new(0),
            modules: RefCell::default(),
        }
    }

    /// The device with another compiler than `CC` or `cc`.
    pub fn with_compiler(self, compiler: &str) -> Host {
        Host { compiler: compiler.into(), ..self }
    }

    /// The device with a limit on its memory.
    pub fn with_limit(self, bytes: usize) -> Host {
        Host { limit: bytes, ..self }
    }

    /// Compiles a module, or finds it in the cache.
    fn load(&self, module: &Module) -> Result<Loaded, Fault> {
        let compiler = &self.compiler;
        let source = module.source(Dialect::Host);
        let salt = format!("{} {} {}", compiler.to_string_lossy(), OPTIONS.join(" "), std::env::consts::ARCH);
        let file = cache::made(&self.folder, &source, &salt, "so", |out| {
            let text = out.with_extension("c");
            std::fs::write(&text, &source).map_err(|e| cache::fault(&text, &e))?;
            let output = Command::new(compiler).args(OPTIONS).arg("-o").arg(out).arg(&text).arg("-lm").output();
            let output = output.map_err(|e| Fault::Absent {
                part: format!("the C compiler `{}`", compiler.to_string_lossy()),
                why: format!("{e}; install one, or name one in the variable CC"),
            })?;
            let kept = std::fs::remove_file(&text);
            if !output.status.success() {
                let log = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                return Err(Fault::Compile { module: module.name().to_owned(), log });
            }
            kept.map_err(|e| cache::fault(&text, &e))
        })?;
        // SAFETY: the file is what the compiler made of our own text. It has no initialisers, and its functions have the type `Kernel`.
        let library = unsafe { Library::new(&file) };
        let library = library.map_err(|e| Fault::Load { module: module.name().to_owned(), kernel: String::new(), why: e.to_string() })?;
        Ok(Loaded { library, kernels: HashMap::new() })
    }

    fn kernel(&self, module: &Module, name: &str) -> Result<Kernel, Fault> {
        let mut modules = self.modules.borrow_mut();
        if !modules.contains_key(module.name()) {
            modules.insert(module.name().to_owned(), self.load(module)?);
        }
        let missing = |why: String| Fault::Load { module: module.name().to_owned(), kernel: name.to_owned(), why };
        let loaded = modules.get_mut(module.name()).ok_or_else(|| missing("it was loaded and is gone".to_owned()))?;
        if let Some(kernel) = loaded.kernels.get(name) {
            return Ok(*kernel);
        }
        // SAFETY: every function that a module exports is a kernel.
        let kernel = unsafe { loaded.library.get::<Kernel>(name.as_bytes()) }.map(|symbol| *symbol).map_err(|e| missing(e.to_string()))?;
        loaded.kernels.insert(name.to_owned(), kernel);
        Ok(kernel)
    }
}

impl Device for Host {
    fn name(&self) -> &str {
        &self.name
    }

    fn allocate(&self, bytes: usize) -> Result<u64, Fault> {
        let refused = |why: &str| Fault::OutOfMemory { device: self.name.clone(), bytes, why: why.to_owned() };
        let used = self.used.borrow().checked_add(bytes).filter(|used| *used <= self.limit);
        let used = used.ok_or_else(|| refused("the limit of the device is reached"))?;
        let layout = Layout::from_size_align(bytes, ALIGNMENT).map_err(|_| refused("no process has as much"))?;
        // SAFETY: `Memory` asks for sixteen bytes at least.
        let address = unsafe { alloc(layout) };
        if address.is_null() {
            return Err(refused("the system has no more"));
        }
        *self.used.borrow_mut() = used;
        Ok(address as u64)
    }

    fn release(&self, address: u64, bytes: usize) {
        *self.used.borrow_mut() -= bytes;
        if let Ok(layout) = Layout::from_size_align(bytes, ALIGNMENT) {
            // SAFETY: `allocate` gave this address for as many bytes, and `Memory` gives it back once.
            unsafe { dealloc(address as *mut u8, layout) };
        }
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        // SAFETY: `Memory` writes no more than it asked for.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) };
        Ok(())
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Fault> {
        // SAFETY: `Memory` reads no more than it asked for.
        unsafe { std::ptr::copy_nonoverlapping(address as *const u8, bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    fn copy(&self, from: u64, to: u64, bytes: usize) -> Result<(), Fault> {
        // SAFETY: the caller copies from memory of this device to other memory of it, both at least as long.
        unsafe { std::ptr::copy_nonoverlapping(from as *const u8, to as *mut u8, bytes) };
        Ok(())
    }

    fn launch(&self, module: &Module, kernel: &str, params: &Params) -> Result<(), Fault> {
        let kernel = self.kernel(module, kernel)?;
        // SAFETY: `launch::Launch` has compared the extent of each buffer with its memory.
        unsafe { kernel(params) };
        Ok(())
    }

    fn parts(&self) -> Vec<(String, String)> {
        let output = Command::new(&self.compiler).arg("--version").output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        vec![("C compiler".to_owned(), text.lines().next().unwrap_or("unknown").to_owned())]
    }

    fn synchronise(&self) -> Result<(), Fault> {
        Ok(())
    }
}
