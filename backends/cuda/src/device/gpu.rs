//! NVIDIA GPUs, by the driver's interface.
//!
//! No machine of the project's CI has a GPU. There a stand-in for the driver answers (`tests/emulator/driver.c`): memory in the order of a
//! stream, copies, the load of kernels, launches and faults are called as the driver's documents say. Untested without a GPU: what NVIDIA's
//! driver makes of these calls, and NVRTC's machine code as it runs. That NVRTC compiles every kernel is a test of its own.
#![allow(unsafe_code)] // The driver is a C library.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CString, c_void};
use std::path::PathBuf;
use std::rc::Rc;

use cudarc::driver::result::{self, DriverError};
use cudarc::driver::sys;

use super::compiler::{self, Architecture};
use super::libraries::Libraries;
use super::{Device, Factorization, Fault, Params, Product, Transform};
use crate::cache;
use crate::source::Module;

/// The least version of the driver: that of CUDA 12.0.
const LEAST_DRIVER: i32 = 12000;

/// The least architecture: parameters of kernels that are not copied need it.
const LEAST_ARCHITECTURE: Architecture = Architecture { major: 7, minor: 0 };

/// The threads of a block, and the most blocks of a launch. A thread goes on with further elements where there are more.
const THREADS: u32 = 256;
const BLOCKS: i64 = 1 << 16;

/// What the standard loses without a part.
const EVERYTHING: &str = "this leaves out all of the standard, because every function runs on a GPU";

/// From this size on the libraries are tried: for smaller problems the work before a call is more than the call. The variable
/// `ARRAY_ASSAY_CUDA_LIBRARIES` may ask for `always`, so that a run judges them, or for `never`.
fn library_from() -> usize {
    match std::env::var("ARRAY_ASSAY_CUDA_LIBRARIES").as_deref() {
        Ok("always") => 1,
        Ok("never") => usize::MAX,
        _ => 256,
    }
}

/// A GPU, its primary context and one stream.
pub struct Gpu {
    name: String,
    device: sys::CUdevice,
    context: sys::CUcontext,
    stream: sys::CUstream,
    architecture: Architecture,
    folder: PathBuf,
    modules: RefCell<HashMap<String, Loaded>>,
    libraries: Libraries,
    library_from: usize,
}

/// A module on the GPU, and the kernels that were looked up in it.
struct Loaded {
    module: sys::CUmodule,
    kernels: HashMap<String, sys::CUfunction>,
}

/// The GPUs of this machine. Fails with the part that is absent, in one line.
pub fn devices() -> Result<Vec<Rc<dyn Device>>, Fault> {
    let absent = |part: &str, why: String| Fault::Absent { part: part.to_owned(), why: format!("{why}; {EVERYTHING}") };
    // SAFETY: it tries to load the library.
    if !unsafe { sys::is_culib_present() } {
        return Err(absent("NVIDIA's driver", "no library `libcuda` is in the loader's path".to_owned()));
    }
    let mut version = 0;
    // SAFETY: the library is there, every version of it has this function, and the number is ours.
    let asked = unsafe { sys::cuDriverGetVersion(&raw mut version) }.result();
    asked.map_err(|e| absent("NVIDIA's driver", explained(e)))?;
    if version < LEAST_DRIVER {
        let own = format!("the driver is for CUDA {}.{}", version / 1000, version % 1000 / 10);
        return Err(absent("a driver for CUDA 12.0 or newer", own));
    }
    result::init().map_err(|e| absent("a GPU", explained(e)))?;
    let count = result::device::get_count().map_err(|e| absent("a GPU", explained(e)))?;
    if count == 0 {
        return Err(absent("a GPU", "the driver knows none".to_owned()));
    }
    compiler::version().map_err(|fault| match fault {
        Fault::Absent { part, why } => Fault::Absent { part, why: format!("{why}; {EVERYTHING}") },
        other => other,
    })?;
    let mut devices: Vec<Rc<dyn Device>> = Vec::new();
    for ordinal in 0..count {
        devices.push(Rc::new(Gpu::new(ordinal).map_err(|e| absent(&format!("the GPU {ordinal}"), explained(e)))?));
    }
    Ok(devices)
}

/// The name of an error, and what the driver says of it.
fn explained(error: DriverError) -> String {
    let text = |text: Result<&std::ffi::CStr, DriverError>| text.map(|text| text.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{} ({})", text(error.error_name()), text(error.error_string()))
}

impl Gpu {
    fn new(ordinal: i32) -> Result<Gpu, DriverError> {
        let device = result::device::get(ordinal)?;
        use sys::CUdevice_attribute_enum::{CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR};
        // SAFETY: the device comes from the driver, and its context is current before the stream is made.
        unsafe {
            let major = result::device::get_attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
            let minor = result::device::get_attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
            let architecture = Architecture { major: major.unsigned_abs(), minor: minor.unsigned_abs() };
            if architecture < LEAST_ARCHITECTURE {
                return Err(DriverError(sys::CUresult::CUDA_ERROR_NO_BINARY_FOR_GPU));
            }
            let context = result::primary_ctx::retain(device)?;
            result::ctx::set_current(context)?;
            // Memory that is given back stays with the process, for the next call. Where the driver does not take the wish, calls are slower.
            if let Ok(pool) = result::device::get_default_mem_pool(device) {
                let mut most = u64::MAX;
                let threshold = sys::CUmemPool_attribute_enum::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
                let _ = result::mem_pool::set_attribute(pool, threshold, (&raw mut most).cast::<c_void>());
            }
            let stream = result::stream::create(result::stream::StreamKind::NonBlocking)?;
            Ok(Gpu {
                name: format!("cuda:{ordinal}"),
                device,
                context,
                stream,
                architecture,
                folder: cache::folder(),
                modules: RefCell::default(),
                libraries: Libraries::new(stream.cast()),
                library_from: library_from(),
            })
        }
    }

    /// Makes the context of this GPU the current one.
    fn enter(&self) -> Result<(), Fault> {
        // SAFETY: the context is retained as long as this value lives.
        unsafe { result::ctx::set_current(self.context) }.map_err(|e| self.lost(e))
    }

    /// An error after which the process cannot go on with the GPU.
    fn lost(&self, error: DriverError) -> Fault {
        Fault::Lost { device: self.name.clone(), why: explained(error) }
    }

    /// Compiles a module, or finds it in the cache, and loads it.
    fn load(&self, module: &Module) -> Result<Loaded, Fault> {
        let file = compiler::kept(module, self.architecture, &self.folder)?;
        let code = std::fs::read(&file).map_err(|e| cache::fault(&file, &e))?;
        // SAFETY: the code is a whole file that NVRTC made, and the driver copies it.
        let loaded = unsafe { result::module::load_data(code.as_ptr().cast::<c_void>()) };
        let refused = |e| Fault::Load { module: module.name().to_owned(), kernel: String::new(), why: explained(e) };
        Ok(Loaded { module: loaded.map_err(refused)?, kernels: HashMap::new() })
    }

    fn kernel(&self, module: &Module, name: &str) -> Result<sys::CUfunction, Fault> {
        let mut modules = self.modules.borrow_mut();
        if !modules.contains_key(module.name()) {
            modules.insert(module.name().to_owned(), self.load(module)?);
        }
        let missing = |why: String| Fault::Load { module: module.name().to_owned(), kernel: name.to_owned(), why };
        let loaded = modules.get_mut(module.name()).ok_or_else(|| missing("it was loaded and is gone".to_owned()))?;
        if let Some(kernel) = loaded.kernels.get(name) {
            return Ok(*kernel);
        }
        let symbol = CString::new(name).map_err(|_| missing("its name has a zero byte".to_owned()))?;
        // SAFETY: the module is loaded, and stays so as long as this value lives.
        let kernel = unsafe { result::module::get_function(loaded.module, symbol) }.map_err(|e| missing(explained(e)))?;
        loaded.kernels.insert(name.to_owned(), kernel);
        Ok(kernel)
    }
}

impl Device for Gpu {
    fn name(&self) -> &str {
        &self.name
    }

    fn allocate(&self, bytes: usize) -> Result<u64, Fault> {
        self.enter()?;
        // SAFETY: all uses of the memory are on the same stream.
        unsafe { result::malloc_async(self.stream, bytes) }.map_err(|e| match e.0 {
            sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY => Fault::OutOfMemory { device: self.name.clone(), bytes, why: explained(e) },
            _ => self.lost(e),
        })
    }

    fn release(&self, address: u64, _: usize) {
        if self.enter().is_ok() {
            // SAFETY: `allocate` gave this address, and `Memory` gives it back once. A GPU that is lost has no memory to give back.
            let _ = unsafe { result::free_async(address, self.stream) };
        }
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.enter()?;
        // SAFETY: `Memory` writes no more than it asked for. The copy has ended before the bytes go.
        unsafe { result::memcpy_htod_async(address, bytes, self.stream) }.map_err(|e| self.lost(e))?;
        self.synchronise()
    }

    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Fault> {
        self.enter()?;
        // SAFETY: `Memory` reads no more than it asked for. The copy has ended before the bytes are used.
        unsafe { result::memcpy_dtoh_async(bytes, address, self.stream) }.map_err(|e| self.lost(e))?;
        self.synchronise()
    }

    fn copy(&self, from: u64, to: u64, bytes: usize) -> Result<(), Fault> {
        self.enter()?;
        // SAFETY: the caller copies from memory of this device to other memory of it, both at least as long.
        unsafe { result::memcpy_dtod_async(to, from, bytes, self.stream) }.map_err(|e| self.lost(e))
    }

    fn launch(&self, module: &Module, kernel: &str, params: &Params) -> Result<(), Fault> {
        self.enter()?;
        let function = self.kernel(module, kernel)?;
        let blocks = (params.n as u64).div_ceil(u64::from(THREADS)).min(BLOCKS as u64) as u32;
        let mut copy = *params;
        let mut arguments = [(&raw mut copy).cast::<c_void>()];
        // SAFETY: every kernel takes one `Params`, which the driver copies. `launch::Launch` has compared the extent of each buffer.
        unsafe { result::launch_kernel(function, (blocks, 1, 1), (THREADS, 1, 1), 0, self.stream, &mut arguments) }
            .map_err(|e| self.lost(e))
    }

    fn parts(&self) -> Vec<(String, String)> {
        let mut version = 0;
        // SAFETY: the library is there, and the number is ours. Without an answer the version stays zero.
        let _ = unsafe { sys::cuDriverGetVersion(&raw mut version) };
        let mut parts = vec![
            ("CUDA driver".to_owned(), format!("{}.{}", version / 1000, version % 1000 / 10)),
            ("NVRTC".to_owned(), compiler::version().unwrap_or_default()),
            ("GPU".to_owned(), format!("{} ({})", result::device::get_name(self.device).unwrap_or_default(), self.architecture)),
        ];
        let word = |is_there| if is_there { "present" } else { "absent" };
        parts.extend(Libraries::parts().map(|(name, is_there)| (name.to_owned(), word(is_there).to_owned())));
        parts
    }

    fn library_from(&self) -> usize {
        self.library_from
    }

    fn product(&self, product: &Product) -> Result<bool, Fault> {
        self.enter()?;
        Ok(self.libraries.product(product).is_some())
    }

    fn transform(&self, transform: &Transform) -> Result<bool, Fault> {
        self.enter()?;
        Ok(self.libraries.transform(transform).is_some())
    }

    fn factorize(&self, factorization: &Factorization) -> Result<bool, Fault> {
        self.enter()?;
        let mut held = Vec::new();
        let mut scratch = |bytes| {
            let address = self.allocate(bytes).ok()?;
            held.push((address, bytes));
            Some(address)
        };
        let done = self.libraries.factorize(factorization, &mut scratch).is_some();
        held.into_iter().for_each(|(address, bytes)| self.release(address, bytes));
        Ok(done)
    }

    fn synchronise(&self) -> Result<(), Fault> {
        // SAFETY: the stream lives as long as this value.
        unsafe { result::stream::synchronize(self.stream) }.map_err(|e| self.lost(e))
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        if self.enter().is_err() {
            return;
        }
        // SAFETY: each of these was made by this value, and nothing uses it any more. The process may end all the same.
        unsafe {
            for loaded in self.modules.get_mut().values() {
                let _ = result::module::unload(loaded.module);
            }
            let _ = result::stream::destroy(self.stream);
            let _ = result::primary_ctx::release(self.device);
        }
    }
}
