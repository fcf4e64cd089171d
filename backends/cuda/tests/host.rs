//! The namespace on the processor: all kernels compile, and faults come out as errors with their cause.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use array_assay_cuda::{Array, Cuda, Device, Dialect, Fault, Host, Memory, Module, Params};
use array_assay_interface::{Argument, Array as HostArray, Backend, CallError, DType, Element, Output, Scalar};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cuda-host")
}

/// A namespace on two devices, of which the first is `device`.
fn on(device: Host) -> Cuda {
    Cuda::on("cuda-host", vec![Rc::new(device), Rc::new(Host::new("host:1", &folder()))])
}

fn usual() -> Cuda {
    on(Host::new("host:0", &folder()))
}

fn floats(cuda: &mut Cuda, shape: &[usize], values: &[f64]) -> Array {
    let array = HostArray::from_elements(DType::Float64, shape.to_vec(), values.iter().map(|v| Element::F64(*v)));
    cuda.from_host(&array).unwrap()
}

fn call(cuda: &mut Cuda, function: &str, args: &[Argument<'_, Array>]) -> Result<Output<Array>, CallError> {
    cuda.call(function, args, &[])
}

fn array(output: Output<Array>) -> Array {
    match output {
        Output::Array(array) => array,
        other => panic!("{other:?} is no array"),
    }
}

fn values(cuda: &mut Cuda, array: &Array) -> Vec<f64> {
    cuda.to_host(array).unwrap().elements().map(|element| element.components().0).collect()
}

fn raised(result: Result<Output<Array>, CallError>) -> (String, String) {
    match result {
        Err(CallError::Raised(exception)) => (exception.type_name, exception.message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_module_compiles_and_loads() {
    let device = Host::new("host:0", &folder());
    for module in Module::all() {
        let source = module.source(Dialect::Host);
        let named = |line: &str| line.strip_prefix("KERNEL(")?.split_once(')').map(|(name, _)| name.to_owned());
        for kernel in source.lines().filter_map(named) {
            let launched = device.launch(&module, &format!("kernel_{kernel}"), &Params::default());
            launched.unwrap_or_else(|fault| panic!("failed to {fault}"));
        }
    }
}

#[test]
fn views_share_their_elements_and_copies_do_not() {
    let mut cuda = usual();
    let x = floats(&mut cuda, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let turned = array(call(&mut cuda, "matrix_transpose", &[(&x).into()]).unwrap());
    let summed = array(call(&mut cuda, "add", &[(&turned).into(), (&turned).into()]).unwrap());
    assert_eq!(values(&mut cuda, &summed), [2.0, 8.0, 4.0, 10.0, 6.0, 12.0]);
    call(&mut cuda, "operator.imul", &[(&turned).into(), Argument::Scalar(Scalar::Float(10.0))]).unwrap();
    assert_eq!(values(&mut cuda, &x), [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
    assert_eq!(values(&mut cuda, &summed), [2.0, 8.0, 4.0, 10.0, 6.0, 12.0]);
}

#[test]
fn an_array_is_assigned_to_a_reversed_view_of_itself() {
    let mut cuda = usual();
    let x = floats(&mut cuda, &[4], &[1.0, 2.0, 3.0, 4.0]);
    let reversed = array(call(&mut cuda, "flip", &[(&x).into()]).unwrap());
    call(&mut cuda, "operator.setitem", &[(&x).into(), Argument::Ellipsis, (&reversed).into()]).unwrap();
    assert_eq!(values(&mut cuda, &x), [4.0, 3.0, 2.0, 1.0]);
}

#[test]
fn elements_that_stand_for_several_places_are_not_assigned_to() {
    let mut cuda = usual();
    let x = floats(&mut cuda, &[1], &[1.0]);
    let wide = array(call(&mut cuda, "broadcast_to", &[(&x).into(), Argument::ints([3])]).unwrap());
    let (error, _) = raised(call(&mut cuda, "operator.iadd", &[(&wide).into(), Argument::Scalar(Scalar::Float(1.0))]));
    assert_eq!(error, "ValueError");
    assert_eq!(values(&mut cuda, &x), [1.0]);
}

#[test]
fn arrays_of_two_devices_do_not_meet() {
    let mut cuda = usual();
    let x = floats(&mut cuda, &[2], &[1.0, 2.0]);
    let moved = array(call(&mut cuda, "method.to_device", &[(&x).into(), Argument::Device("host:1".to_owned())]).unwrap());
    assert_eq!(values(&mut cuda, &moved), [1.0, 2.0]);
    let (error, message) = raised(call(&mut cuda, "add", &[(&x).into(), (&moved).into()]));
    assert_eq!(error, "ValueError");
    assert!(message.contains("host:0") && message.contains("host:1"), "{message}");
}

#[test]
fn an_index_beyond_an_axis_raises_and_harms_nothing() {
    let mut cuda = usual();
    let x = floats(&mut cuda, &[3], &[1.0, 2.0, 3.0]);
    let index = HostArray::from_elements(DType::Int64, vec![2], [Element::Int(0), Element::Int(1 << 40)]);
    let index = cuda.from_host(&index).unwrap();
    assert_eq!(raised(call(&mut cuda, "take", &[(&x).into(), (&index).into()])).0, "IndexError");
    assert_eq!(raised(call(&mut cuda, "operator.getitem", &[(&x).into(), (&index).into()])).0, "IndexError");
    assert_eq!(values(&mut cuda, &x), [1.0, 2.0, 3.0]);
}

#[test]
fn reductions_and_scans_of_many_elements_go_in_pieces() {
    let mut cuda = usual();
    let n = 5000usize;
    let numbers: Vec<f64> = (0..n).map(|i| ((i * 7919) % n) as f64).collect();
    let x = floats(&mut cuda, &[n], &numbers);
    let of = |cuda: &mut Cuda, function: &str| {
        let result = array(call(cuda, function, &[(&x).into()]).unwrap());
        values(cuda, &result)
    };
    assert_eq!(of(&mut cuda, "sum"), [numbers.iter().sum::<f64>()]);
    assert_eq!(of(&mut cuda, "max"), [n as f64 - 1.0]);
    assert_eq!(of(&mut cuda, "argmin"), [0.0]);
    assert_eq!(of(&mut cuda, "argmax"), [numbers.iter().position(|v| *v == n as f64 - 1.0).unwrap() as f64]);
    assert_eq!(of(&mut cuda, "count_nonzero"), [n as f64 - 1.0]);
    let mut total = 0.0;
    let mut added = |v: &f64| {
        total += v;
        total
    };
    let running: Vec<f64> = numbers.iter().map(&mut added).collect();
    assert_eq!(of(&mut cuda, "cumulative_sum"), running);
    assert_eq!(of(&mut cuda, "sort"), (0..n).map(|i| i as f64).collect::<Vec<_>>());
}

#[test]
fn a_transform_of_a_length_with_a_great_prime_comes_back() {
    let mut cuda = usual();
    for n in [1usize, 2, 61, 67, 97, 134, 360] {
        let numbers: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        let x = floats(&mut cuda, &[n], &numbers);
        let complex = array(call(&mut cuda, "astype", &[(&x).into(), Argument::Dtype(DType::Complex128)]).unwrap());
        let there = array(call(&mut cuda, "fft.fft", &[(&complex).into()]).unwrap());
        let total: f64 = numbers.iter().sum();
        assert!((values(&mut cuda, &there)[0] - total).abs() < 1e-12, "{n}");
        let back = array(call(&mut cuda, "fft.ifft", &[(&there).into()]).unwrap());
        let largest = values(&mut cuda, &back).iter().zip(&numbers).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(largest < 1e-13, "{n}: {largest}");
    }
}

#[test]
fn a_device_without_memory_says_so_and_goes_on() {
    let mut cuda = on(Host::new("host:0", &folder()).with_limit(1 << 16));
    for _ in 0..3 {
        let (error, message) = raised(call(&mut cuda, "ones", &[Argument::ints([1 << 20])]));
        assert_eq!(error, "MemoryError");
        assert!(message.contains("8388608 bytes on host:0"), "{message}");
        let few = array(call(&mut cuda, "ones", &[Argument::ints([100])]).unwrap());
        assert_eq!(values(&mut cuda, &few), [1.0; 100]);
    }
    assert_eq!(raised(call(&mut cuda, "ones", &[Argument::ints([usize::MAX >> 1, 2])])).0, "MemoryError");
}

#[test]
fn memory_goes_back_with_the_last_view() {
    let device: Rc<dyn Device> = Rc::new(Host::new("host:0", &folder()).with_limit(1000));
    for _ in 0..5 {
        let held = Memory::new(&device, 900).unwrap();
        assert!(matches!(Memory::new(&device, 900), Err(Fault::OutOfMemory { bytes: 900, .. })));
        drop(held);
    }
}

#[test]
fn a_kernel_that_does_not_compile_is_an_error_with_its_cause() {
    let empty = tempfile::tempdir().unwrap();
    let mut cuda = on(Host::new("host:0", empty.path()).with_compiler("false"));
    let x = floats(&mut cuda, &[1], &[1.0]);
    let (error, message) = raised(call(&mut cuda, "exp", &[(&x).into()]));
    assert_eq!(error, "CompileError");
    assert!(message.contains("compile the kernels of `elementwise/exp`"), "{message}");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_machine_without_a_compiler_says_how_to_name_one() {
    let empty = tempfile::tempdir().unwrap();
    let mut cuda = on(Host::new("host:0", empty.path()).with_compiler("no-such-compiler"));
    let x = floats(&mut cuda, &[1], &[1.0]);
    let (error, message) = raised(call(&mut cuda, "exp", &[(&x).into()]));
    assert_eq!(error, "ImportError");
    assert!(message.contains("no-such-compiler") && message.contains("CC"), "{message}");
}

#[test]
fn compiled_kernels_are_found_again() {
    let kept = tempfile::tempdir().unwrap();
    let mut first = on(Host::new("host:0", kept.path()));
    let x = floats(&mut first, &[1], &[0.0]);
    call(&mut first, "exp", &[(&x).into()]).unwrap();
    let count = || std::fs::read_dir(kept.path()).unwrap().count();
    let before = count();
    assert!(before > 0);
    let mut second = on(Host::new("host:0", kept.path()));
    let x = floats(&mut second, &[1], &[0.0]);
    let one = array(call(&mut second, "exp", &[(&x).into()]).unwrap());
    assert_eq!(values(&mut second, &one), [1.0]);
    assert_eq!(count(), before);
}
