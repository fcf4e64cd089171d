//! The worker on a GPU that stand-ins for NVIDIA's driver and NVRTC emulate on the processor: memory, copies, launches, the cache, and the
//! faults of a GPU. The stand-ins (`emulator/`) start the threads of a kernel in the reverse of their order.
//!
//! They show that the driver is called as its documentation says. They do not show what NVIDIA's driver makes of it.
#![cfg(target_os = "linux")]

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use array_assay_cuda::Params;
use array_assay_interface::{
    Arg, Array, DType, Element, HostFrame, Identity, Outcome, PROTOCOL_VERSION, Program, Role, Step, Value, WorkerFrame, read_worker_frame,
    write_frame,
};

/// A folder with the driver and NVRTC.
fn driver() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), &[("driver.c", "libcuda.so"), ("nvrtc.c", "libnvrtc.so")]);
    folder
}

/// Compiles stand-ins into a folder.
fn add(folder: &Path, libraries: &[(&str, &str)]) {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator");
    for (source, library) in libraries {
        let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
        command.args(["-O1", "-Wall", "-Wextra", "-fPIC", "-shared"]).arg(format!("-DPARAMETERS={}", size_of::<Params>()));
        let made = command.arg("-o").arg(folder.join(library)).arg(sources.join(source)).args(["-ldl", "-lm"]).status().unwrap();
        assert!(made.success(), "{source}");
    }
}

fn command(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_array-assay-cuda"));
    command.env("LD_LIBRARY_PATH", folder).env("TMPDIR", folder).env("ARRAY_ASSAY_CUDA_CACHE", folder.join("cache"));
    command.envs(settings.iter().copied());
    command
}

/// A worker, and who it says it is.
struct Worker {
    process: Child,
    identity: Identity,
}

impl Worker {
    fn start(folder: &Path, settings: &[(&str, &str)]) -> Worker {
        let mut command = command(folder, settings);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let hello = HostFrame::Hello { protocol: PROTOCOL_VERSION, functions: vec!["add".to_owned()], reads: Vec::new() };
        write_frame(process.stdin.as_mut().unwrap(), &hello).unwrap();
        let Some(WorkerFrame::Identity(identity)) = read_worker_frame(process.stdout.as_mut().unwrap()).unwrap() else { panic!() };
        Worker { process, identity: *identity }
    }

    /// What becomes of a call of one function. `None` if the process ends.
    fn call(&mut self, function: &str, inputs: &[Array], rest: &[Arg]) -> Option<Outcome> {
        let args = (0..inputs.len() as u32).map(Arg::Register).chain(rest.iter().cloned()).collect();
        let step = Step { function: function.to_owned(), args, kwargs: Vec::new(), role: Role::Subject };
        let program = Program { inputs: inputs.to_vec(), steps: vec![step], returns: vec![inputs.len() as u32] };
        write_frame(self.process.stdin.as_mut().unwrap(), &HostFrame::Batch { id: 1, programs: vec![program] }).unwrap();
        match read_worker_frame(self.process.stdout.as_mut().unwrap()) {
            Ok(Some(WorkerFrame::Outcomes { outcomes, .. })) => outcomes.into_iter().next(),
            _ => None,
        }
    }

    /// Calls a function and returns the real parts of the elements of its result. Those of a named tuple follow one another.
    #[track_caller]
    fn values(&mut self, function: &str, inputs: &[Array], rest: &[Arg]) -> Vec<f64> {
        fn elements(value: &Value) -> Vec<f64> {
            match value {
                Value::Array(array) => array.elements().map(|element| element.components().0).collect(),
                Value::NamedTuple(fields) => fields.iter().flat_map(|(_, field)| elements(field)).collect(),
                other => panic!("{other:?}"),
            }
        }
        match self.call(function, inputs, rest) {
            Some(Outcome::Values(values)) => values.iter().flat_map(elements).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// The exception of a call.
    #[track_caller]
    fn raised(&mut self, function: &str, inputs: &[Array], rest: &[Arg]) -> (String, String) {
        match self.call(function, inputs, rest) {
            Some(Outcome::Raised { exception, .. }) => (exception.type_name, exception.message),
            other => panic!("{other:?}"),
        }
    }

    /// Ends the worker: its exit status, and what it wrote to stderr.
    fn ended(mut self) -> (Option<i32>, String) {
        drop(self.process.stdin.take());
        let mut error = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        (self.process.wait().unwrap().code(), error)
    }
}

fn floats(shape: &[usize], values: &[f64]) -> Array {
    Array::from_elements(DType::Float64, shape.to_vec(), values.iter().map(|v| Element::F64(*v)))
}

#[test]
fn kernels_run_on_the_driver() {
    let folder = driver();
    let mut worker = Worker::start(folder.path(), &[("EMULATED_DEVICES", "2")]);
    assert_eq!(worker.identity.devices, ["cuda:0", "cuda:1"]);
    assert_eq!(worker.identity.also["GPU"], "Emulated GPU 0 (sm_90)");
    assert!(worker.identity.also.contains_key("cuBLAS"));
    let (row, column) = (floats(&[3], &[1.0, 2.0, 3.0]), floats(&[2, 1], &[10.0, 20.0]));
    assert_eq!(worker.values("add", &[row, column], &[]), [11.0, 12.0, 13.0, 21.0, 22.0, 23.0]);
    // More elements than a block has threads, and more than one thread sums.
    let many: Vec<f64> = (0..3000).map(f64::from).collect();
    let x = floats(&[3000], &many);
    assert_eq!(worker.values("sum", std::slice::from_ref(&x), &[]), [3000.0 * 2999.0 / 2.0]);
    let backwards = floats(&[3000], &many.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(worker.values("sort", &[backwards], &[]), many);
    assert_eq!(worker.values("method.to_device", &[floats(&[1], &[5.0])], &[Arg::Device("cuda:1".to_owned())]), [5.0]);
    let matrix = floats(&[2, 2], &[2.0, 0.0, 0.0, 4.0]);
    assert_eq!(worker.values("linalg.inv", &[matrix], &[]), [0.5, 0.0, 0.0, 0.25]);
    assert_eq!(worker.ended(), (Some(0), String::new()));
}

/// A complex matrix.
fn complex(n: usize, elements: &[(f64, f64)]) -> Array {
    Array::from_elements(DType::Complex128, vec![n, n], elements.iter().map(|(re, im)| Element::C128(*re, *im)))
}

#[test]
fn libraries_take_the_problems_that_they_are_asked_for() {
    let folder = driver();
    add(folder.path(), &["libcublas.so", "libcusolver.so", "libcufft.so"].map(|library| ("libraries.c", library)));
    let both = |settings: &[(&str, &str)]| {
        let mut worker = Worker::start(folder.path(), settings);
        let hermitian = complex(2, &[(2.0, 0.0), (0.0, -1.0), (0.0, 1.0), (3.0, 0.0)]);
        let any = complex(2, &[(0.0, 1.0), (2.0, 0.0), (1.0, 1.0), (0.0, -3.0)]);
        let tall = floats(&[3, 2], &[1.0, 2.0, 0.0, -3.0, 4.0, 1.0]);
        let single = Array::from_elements(DType::Float32, vec![2, 3], (1..7).map(|i| Element::F32(i as f32)));
        let turned = Array::from_elements(DType::Float32, vec![3, 1], (1..4).map(|i| Element::F32(i as f32)));
        let out = [
            worker.values("matmul", &[single, turned], &[]),
            worker.values("matmul", &[hermitian.clone(), any.clone()], &[]),
            worker.values("fft.fft", std::slice::from_ref(&any), &[]),
            worker.values("linalg.solve", &[any.clone(), hermitian.clone()], &[]),
            worker.values("linalg.cholesky", std::slice::from_ref(&hermitian), &[]),
            worker.values("linalg.eigvalsh", &[hermitian], &[]),
            worker.values("linalg.svdvals", std::slice::from_ref(&any), &[]),
            worker.values("linalg.pinv", std::slice::from_ref(&tall), &[]),
            worker.values("linalg.qr", &[tall], &[]),
        ];
        (out, worker.ended().1)
    };
    let (own, silence) = both(&[("EMULATED_LOUD", "1")]);
    assert_eq!(silence, "", "small problems are the kernels'");
    let (theirs, said) = both(&[("EMULATED_LOUD", "1"), ("ARRAY_ASSAY_CUDA_LIBRARIES", "always")]);
    let calls = ["product", "product", "transform", "lu", "cholesky", "hermitian", "singular", "singular", "product", "qr", "columns"];
    assert_eq!(said.lines().collect::<Vec<_>>(), calls);
    for (own, theirs) in own.iter().zip(&theirs) {
        assert!(own.len() == theirs.len() && own.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-12), "{own:?} {theirs:?}");
    }
}

#[test]
fn compiled_kernels_are_found_again() {
    let folder = driver();
    let count = || std::fs::read_dir(folder.path().join("cache")).unwrap().count();
    let ones = || vec![floats(&[2], &[1.0, 1.0]); 2];
    let mut first = Worker::start(folder.path(), &[]);
    assert_eq!(first.values("multiply", &ones(), &[]), [1.0, 1.0]);
    let before = count();
    assert!(before > 0);
    drop(first.ended());
    // A compiler that refuses everything is not asked.
    let mut second = Worker::start(folder.path(), &[("EMULATED_REFUSAL", "1")]);
    assert_eq!(second.values("multiply", &ones(), &[]), [1.0, 1.0]);
    let (error, message) = second.raised("divide", &ones(), &[]);
    assert_eq!(error, "CompileError");
    assert!(message.contains("elementwise/divide") && message.contains("sm_90: the emulator refuses"), "{message}");
    assert_eq!(count(), before);
}

#[test]
fn a_gpu_without_memory_says_so_and_goes_on() {
    let folder = driver();
    let mut worker = Worker::start(folder.path(), &[("EMULATED_MEMORY", "100000")]);
    for _ in 0..3 {
        let (error, message) = worker.raised("ones", &[], &[Arg::ints([50_000])]);
        assert_eq!(error, "MemoryError");
        assert!(message.contains("400000 bytes on cuda:0: CUDA_ERROR_OUT_OF_MEMORY"), "{message}");
        // Nine tenths of the memory: all that was held before has gone back.
        assert_eq!(worker.values("ones", &[], &[Arg::ints([11_000])]).len(), 11_000);
    }
}

#[test]
fn a_gpu_that_is_lost_ends_the_worker_with_the_cause() {
    let folder = driver();
    let mut worker = Worker::start(folder.path(), &[("EMULATED_LAUNCHES", "2")]);
    let x = floats(&[2], &[1.0, 2.0]);
    assert_eq!(worker.values("negative", std::slice::from_ref(&x), &[]), [-1.0, -2.0]);
    assert_eq!(worker.values("negative", std::slice::from_ref(&x), &[]), [-1.0, -2.0]);
    assert_eq!(worker.call("negative", &[x], &[]), None);
    let (status, error) = worker.ended();
    assert_eq!(status, Some(70));
    assert!(error.starts_with("failed to go on with cuda:0, which is lost: CUDA_ERROR_ILLEGAL_ADDRESS"), "{error}");
}

#[test]
fn the_part_that_is_absent_is_named() {
    let folder = driver();
    let absent = |settings: &[(&str, &str)]| {
        let said = command(folder.path(), settings).arg("absent").output().unwrap();
        assert!(said.status.success());
        String::from_utf8(said.stdout).unwrap()
    };
    assert_eq!(absent(&[]), "");
    for (setting, part) in [
        (("EMULATED_VERSION", "11040"), "find a driver for CUDA 12.0 or newer: the driver is for CUDA 11.4;"),
        (("EMULATED_DEVICES", "0"), "find a GPU: CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected);"),
        (("EMULATED_NVRTC", "11"), "find NVRTC 12.0 or newer: the library is of version 11.4;"),
    ] {
        let said = absent(&[setting]);
        assert!(said.starts_with(part) && said.lines().count() == 1, "{said}");
    }
    std::fs::remove_file(folder.path().join("libnvrtc.so")).unwrap();
    // The machine may have another one.
    let said = absent(&[]);
    assert!(said.is_empty() || said.starts_with("find NVRTC: "), "{said}");
}
