//! How results of NVIDIA's libraries are used, and what becomes of a GPU that is lost. They are not there without a GPU, so a device stands in for them that keeps their
//! conventions: Fortran order, rows that are counted from one, and the triangle that they read.

use std::path::Path;
use std::rc::Rc;

use array_assay_cuda::{Array, Cuda, Device, Factorization, Fault, Host, Module, Params, Product, Restarting, Transform};
use array_assay_interface::{Argument, Array as HostArray, Backend, CallError, DType, Element, Output};

/// The methods of a device that are those of the processor.
macro_rules! as_the_processor {
    () => {
        fn name(&self) -> &str {
            self.0.name()
        }

        fn allocate(&self, bytes: usize) -> Result<u64, Fault> {
            self.0.allocate(bytes)
        }

        fn release(&self, address: u64, bytes: usize) {
            self.0.release(address, bytes);
        }

        fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
            self.0.write(address, bytes)
        }

        fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Fault> {
            self.0.read(address, bytes)
        }

        fn copy(&self, from: u64, to: u64, bytes: usize) -> Result<(), Fault> {
            self.0.copy(from, to, bytes)
        }

        fn synchronise(&self) -> Result<(), Fault> {
            self.0.synchronise()
        }
    };
}

/// The processor as a device with libraries, for every size.
struct WithLibraries(Host);

impl WithLibraries {
    fn numbers(&self, address: u64, count: usize) -> Vec<f64> {
        let mut bytes = vec![0; 8 * count];
        self.0.read(address, &mut bytes).unwrap();
        bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    fn store(&self, address: u64, numbers: &[f64]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.0.write(address, &bytes).unwrap();
    }
}

impl Device for WithLibraries {
    as_the_processor!();

    fn launch(&self, module: &Module, kernel: &str, params: &Params) -> Result<(), Fault> {
        let replaced = ["kernel_product_", "kernel_passed_", "kernel_lu_", "kernel_cholesky_", "kernel_eigh_"];
        assert!(!replaced.iter().any(|name| kernel.starts_with(name)), "{kernel} ran instead of a library");
        self.0.launch(module, kernel, params)
    }

    fn library_from(&self) -> usize {
        1
    }

    fn product(&self, product: &Product) -> Result<bool, Fault> {
        let Product { dtype, count, rows, columns, terms, .. } = *product;
        assert_eq!((dtype, count), (DType::Float64, 1));
        let (a, b) = (self.numbers(product.left, rows * terms), self.numbers(product.right, terms * columns));
        let element = |i: usize| (0..terms).map(|k| a[i / columns * terms + k] * b[k * columns + i % columns]).sum();
        self.store(product.out, &(0..rows * columns).map(element).collect::<Vec<f64>>());
        Ok(true)
    }

    fn transform(&self, transform: &Transform) -> Result<bool, Fault> {
        let n = transform.length;
        let x = self.numbers(transform.from, 2 * n * transform.count);
        let sign = if transform.is_forward { -1.0 } else { 1.0 };
        let mut out = Vec::new();
        for (row, k) in (0..transform.count).flat_map(|row| (0..n).map(move |k| (row, k))) {
            let (mut re, mut im) = (0.0, 0.0);
            for j in 0..n {
                let angle = sign * std::f64::consts::TAU * (j * k % n) as f64 / n as f64;
                let (a, b) = (x[2 * (row * n + j)], x[2 * (row * n + j) + 1]);
                re += a * angle.cos() - b * angle.sin();
                im += a * angle.sin() + b * angle.cos();
            }
            out.extend([re, im]);
        }
        self.store(transform.to, &out);
        Ok(true)
    }

    fn factorize(&self, factorization: &Factorization) -> Result<bool, Fault> {
        match *factorization {
            // Element (row, column) lies at column * n + row.
            Factorization::Lu { n, matrix, pivots, .. } => {
                let mut a = self.numbers(matrix, n * n);
                let mut exchanged = Vec::new();
                for j in 0..n {
                    let best = (j..n).max_by(|x, y| a[j * n + x].abs().total_cmp(&a[j * n + y].abs())).unwrap();
                    exchanged.extend((best as i64 + 1).to_le_bytes());
                    (0..n).for_each(|column| a.swap(column * n + j, column * n + best));
                    for row in j + 1..n {
                        a[j * n + row] /= a[j * n + j];
                        for column in j + 1..n {
                            a[column * n + row] -= a[j * n + row] * a[column * n + j];
                        }
                    }
                }
                self.store(matrix, &a);
                self.0.write(pivots, &exchanged)?;
            }
            // The upper triangle in Fortran order is the lower one in C order.
            Factorization::Cholesky { n, matrix, .. } => {
                let mut a = self.numbers(matrix, n * n);
                for j in 0..n {
                    for row in j..n {
                        let total = a[row * n + j] - (0..j).map(|k| a[row * n + k] * a[j * n + k]).sum::<f64>();
                        a[row * n + j] = if row == j { total.sqrt() } else { total / a[j * n + j] };
                    }
                }
                self.store(matrix, &a);
            }
            // Of two rows: the eigenvectors of [[a, b], [b, c]] become the rows.
            Factorization::Hermitian { n, matrix, values, .. } => {
                assert_eq!(n, 2);
                let [a, _, b, c] = self.numbers(matrix, 4)[..] else { unreachable!() };
                let (middle, apart) = ((a + c) / 2.0, ((a - c) / 2.0).hypot(b));
                self.store(values, &[middle - apart, middle + apart]);
                let rows = [middle - apart, middle + apart].map(|value| {
                    let length = b.hypot(value - a);
                    [b / length, (value - a) / length]
                });
                self.store(matrix, rows.as_flattened());
            }
            // The emulator of `emulated.rs` has these.
            Factorization::Singular { .. } | Factorization::Reflections { .. } | Factorization::Columns { .. } => return Ok(false),
        }
        Ok(true)
    }
}

fn cuda() -> Cuda {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cuda-host");
    Cuda::on("cuda", vec![Rc::new(WithLibraries(Host::new("cuda:0", &folder)))])
}

fn matrix(cuda: &mut Cuda, n: usize, values: &[f64]) -> Array {
    let shape = vec![n, values.len() / n];
    cuda.from_host(&HostArray::from_elements(DType::Float64, shape, values.iter().map(|v| Element::F64(*v)))).unwrap()
}

fn call(cuda: &mut Cuda, function: &str, args: &[&Array]) -> Output<Array> {
    let args: Vec<Argument<'_, Array>> = args.iter().map(|array| (*array).into()).collect();
    cuda.call(function, &args, &[]).unwrap()
}

fn values(cuda: &mut Cuda, output: &Output<Array>) -> Vec<f64> {
    let array = output.leaf().unwrap();
    cuda.to_host(array).unwrap().elements().map(|element| element.components().0).collect()
}

#[track_caller]
fn close(have: &[f64], want: &[f64]) {
    assert!(have.len() == want.len() && have.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{have:?} for {want:?}");
}

#[test]
fn a_product_has_the_rows_of_the_left_matrix() {
    let mut cuda = cuda();
    let (a, b) = (matrix(&mut cuda, 2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), matrix(&mut cuda, 3, &[1.0, 0.0, 0.0, 1.0, 2.0, 3.0]));
    let out = call(&mut cuda, "matmul", &[&a, &b]);
    close(&values(&mut cuda, &out), &[7.0, 11.0, 16.0, 23.0]);
}

#[test]
fn factors_of_a_library_solve_invert_and_give_determinants() {
    let mut cuda = cuda();
    let a = matrix(&mut cuda, 3, &[0.0, 2.0, 1.0, 4.0, 1.0, 0.0, 2.0, 5.0, 3.0]);
    let right = matrix(&mut cuda, 3, &[7.0, 6.0, 21.0]);
    let out = call(&mut cuda, "linalg.solve", &[&a, &right]);
    close(&values(&mut cuda, &out), &[1.0, 2.0, 3.0]);
    let out = call(&mut cuda, "linalg.det", &[&a]);
    close(&values(&mut cuda, &out), &[-6.0]);
    let inverse = call(&mut cuda, "linalg.inv", &[&a]);
    let out = call(&mut cuda, "matmul", &[&a, inverse.leaf().unwrap()]);
    close(&values(&mut cuda, &out), &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn a_cholesky_factor_of_a_library_is_lower() {
    let mut cuda = cuda();
    // What is above the diagonal is not read.
    let a = matrix(&mut cuda, 2, &[4.0, 99.0, 6.0, 25.0]);
    let out = call(&mut cuda, "linalg.cholesky", &[&a]);
    close(&values(&mut cuda, &out), &[2.0, 0.0, 3.0, 4.0]);
}

#[test]
fn eigenvectors_of_a_library_are_columns() {
    let mut cuda = cuda();
    let a = matrix(&mut cuda, 2, &[2.0, 1.0, 1.0, 5.0]);
    let Output::Fields(_, fields) = call(&mut cuda, "linalg.eigh", &[&a]) else { panic!() };
    let (w, v) = (values(&mut cuda, &fields[0].1), values(&mut cuda, &fields[1].1));
    for j in 0..2 {
        let (x, y) = (v[j], v[2 + j]);
        close(&[2.0 * x + y, x + 5.0 * y], &[w[j] * x, w[j] * y]);
    }
}

#[test]
fn transforms_of_a_library_are_normalized_here() {
    let mut cuda = cuda();
    let x = matrix(&mut cuda, 1, &[1.0, 2.0, 4.0]);
    let there = call(&mut cuda, "fft.rfft", &[&x]);
    close(&values(&mut cuda, &there), &[7.0, -2.0]);
    let back = cuda.call("fft.irfft", &[there.leaf().unwrap().into()], &[("n".to_owned(), Argument::int(3))]).unwrap();
    close(&values(&mut cuda, &back), &[1.0, 2.0, 4.0]);
}

/// A device that is lost at the first kernel.
struct Broken(Host);

impl Device for Broken {
    as_the_processor!();

    fn launch(&self, _: &Module, _: &str, _: &Params) -> Result<(), Fault> {
        Err(Fault::Lost { device: self.name().to_owned(), why: "CUDA_ERROR_ILLEGAL_ADDRESS".to_owned() })
    }
}

#[test]
fn a_lost_gpu_ends_the_process_with_its_cause() {
    let broken = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cuda-host");
        Cuda::on("cuda", vec![Rc::new(Broken(Host::new("cuda:0", &folder))) as Rc<dyn Device>])
    };
    let ones = |backend: &mut Restarting<Cuda>| backend.call("ones", &[Argument::ints([2])], &[]);
    let mut patient = Restarting::new(broken(), |_| {});
    assert!(matches!(ones(&mut patient), Err(CallError::Raised(exception)) if exception.type_name == "DeviceLost"));
    let ended = std::panic::catch_unwind(|| {
        let mut ending = Restarting::new(broken(), |cause| panic!("{cause}"));
        ones(&mut ending).map(drop)
    });
    let cause = ended.unwrap_err();
    let cause = cause.downcast_ref::<String>().unwrap();
    assert!(cause.contains("cuda:0, which is lost: CUDA_ERROR_ILLEGAL_ADDRESS"), "{cause}");
}
