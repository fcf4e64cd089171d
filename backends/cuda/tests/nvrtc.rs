//! Every kernel compiles under NVRTC, which comes from its package and needs no GPU.
//!
//! What this does not show: that the driver loads the code, and what it computes on a GPU.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)] // A library is loaded by its path, so that it is found by its name.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use array_assay_cuda::{Architecture, Fault, Module, kept};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// The folder of NVRTC's libraries in a provisioned environment.
fn folder() -> PathBuf {
    let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    let python = array_assay_python::tools("nvrtc", &state, &mut |line| eprintln!("{line}")).unwrap_or_else(|e| panic!("failed to {e}"));
    let script = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
    let output = Command::new(python).args(["-c", script]).output().unwrap();
    Path::new(String::from_utf8(output.stdout).unwrap().trim()).join("nvidia/cuda_nvrtc/lib")
}

/// Where the code is kept: a source that was compiled once need not be compiled again.
fn kernels() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cuda-nvrtc")
}

/// The libraries, loaded. A later search for their names finds them.
static NVRTC: LazyLock<Vec<Library>> = LazyLock::new(|| {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().contains(".so"));
    files.sort();
    assert!(!files.is_empty());
    // SAFETY: the libraries are NVIDIA's, and their initialisers need nothing of ours.
    files.iter().map(|file| unsafe { Library::open(Some(file), RTLD_NOW | RTLD_GLOBAL) }.unwrap()).collect()
});

/// The modules that `wanted` chooses, compiled on all processors.
fn compile(architecture: Architecture, wanted: impl Fn(usize) -> bool + Sync) {
    LazyLock::force(&NVRTC);
    let modules = Module::all();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (modules, wanted) = (&modules, &wanted);
            scope.spawn(move || {
                for (i, module) in modules.iter().enumerate().filter(|(i, _)| i % threads == thread && wanted(*i)) {
                    let file = kept(module, architecture, &kernels()).unwrap_or_else(|fault| panic!("failed to {fault}"));
                    let code = std::fs::read(file).unwrap();
                    assert!(code.starts_with(b"\x7fELF"), "{} ({i})", module.name());
                }
            });
        }
    });
}

#[test]
fn every_module_compiles_for_the_newest_common_architecture() {
    compile(Architecture { major: 9, minor: 0 }, |_| true);
}

#[test]
fn every_module_compiles_for_an_old_architecture() {
    compile(Architecture { major: 7, minor: 5 }, |_| true);
}

#[test]
fn an_architecture_that_does_not_exist_is_an_error_with_its_cause() {
    LazyLock::force(&NVRTC);
    let module = &Module::all()[0];
    let fault = kept(module, Architecture { major: 1, minor: 7 }, &kernels()).unwrap_err();
    assert!(matches!(&fault, Fault::Compile { log, .. } if log.contains("sm_17")), "{fault}");
}
