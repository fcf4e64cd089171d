//! The kernels on the processor: all compile, and faults come out as errors with their cause.

use std::path::Path;
use std::rc::Rc;

use array_assay_cuda::{Device, Host, Module, Params};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cuda-host")
}

#[test]
fn every_module_compiles_and_loads() {
    let device = Host::new("host:0", &folder());
    for module in Module::all() {
        let source = module.source(array_assay_cuda::Dialect::Host);
        let kernels: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("KERNEL(")?.split_once(')').map(|(name, _)| name)).collect();
        for kernel in kernels {
            device.launch(&module, &format!("kernel_{kernel}"), &Params::default()).unwrap_or_else(|fault| panic!("failed to {fault}"));
        }
    }
    let _ = Rc::new(device);
}
