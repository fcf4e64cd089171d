//! NVIDIA's libraries: cuBLAS for products, cuSOLVER (`solver.rs`) for factorizations, cuFFT for transforms.
//!
//! Each is looked for when it is needed for the first time. Where one is absent or refuses, a call falls back on the kernels of this crate,
//! so nothing of the standard depends on them. TF32 and every other loss of precision are off.
//!
//! No machine of the project's CI has a GPU. There stand-ins answer (`tests/emulator/libraries.c`), which compute what the libraries'
//! documents say and refuse other arguments. Untested without a GPU: NVIDIA's own libraries, and how exact they are.
#![allow(unsafe_code)] // The libraries are C libraries.

use std::cell::OnceCell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use array_assay_interface::DType;
use cudarc::{cublas, cufft, cusolver};

use super::solver::{Scratch, Solver};
use super::{Factorization, Product, Transform};

/// The libraries on one stream.
pub struct Libraries {
    /// The stream, as the driver names it.
    stream: *mut c_void,
    blas: OnceCell<Option<cublas::sys::cublasHandle_t>>,
    solver: OnceCell<Option<Solver>>,
}

/// What a library did: `None` if it is absent or refuses, which is no fault.
type Done = Option<()>;

/// Calls a library. cudarc panics if an old version of it lacks a function, which counts as absent.
fn attempt<T>(call: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok().flatten()
}

/// A size as the libraries take it.
fn size(n: usize) -> Option<c_int> {
    c_int::try_from(n).ok()
}

impl Libraries {
    /// The libraries on a stream of the current context.
    pub fn new(stream: *mut c_void) -> Libraries {
        Libraries { stream, blas: OnceCell::new(), solver: OnceCell::new() }
    }

    /// Each library, and whether it is there.
    pub fn parts() -> [(&'static str, bool); 3] {
        // SAFETY: each call tries to load a library.
        unsafe {
            [
                ("cuBLAS", cublas::sys::is_culib_present()),
                ("cuSOLVER", cusolver::sys::is_culib_present()),
                ("cuFFT", cufft::sys::is_culib_present()),
            ]
        }
    }

    fn blas(&self) -> Option<cublas::sys::cublasHandle_t> {
        *self.blas.get_or_init(|| {
            attempt(|| {
                // SAFETY: the library is there before it is called, and the stream lives as long as this value.
                unsafe {
                    if !cublas::sys::is_culib_present() {
                        return None;
                    }
                    let handle = cublas::result::create_handle().ok()?;
                    cublas::result::set_stream(handle, self.stream.cast()).ok()?;
                    let pedantic = cublas::sys::cublasMath_t::CUBLAS_PEDANTIC_MATH;
                    cublas::sys::cublasSetMathMode(handle, pedantic).result().ok()?;
                    Some(handle)
                }
            })
        })
    }

    fn solver(&self) -> Option<Solver> {
        *self.solver.get_or_init(|| {
            attempt(|| {
                // SAFETY: as for cuBLAS.
                unsafe {
                    if !cusolver::sys::is_culib_present() {
                        return None;
                    }
                    let handle = cusolver::result::dn_create().ok()?;
                    cusolver::result::dn_set_stream(handle, self.stream.cast()).ok()?;
                    Some(Solver { handle, params: cusolver::result::dn_create_params().ok()? })
                }
            })
        })
    }

    /// A stack of products of matrices in C order. The library has Fortran order, in which these are the transposes: the product of the
    /// transposes in the other order is the transpose of the product.
    pub fn product(&self, product: &Product) -> Done {
        use cublas::sys::cublasComputeType_t::{CUBLAS_COMPUTE_32F_PEDANTIC, CUBLAS_COMPUTE_64F_PEDANTIC};
        use cublas::sys::cudaDataType_t::{CUDA_C_32F, CUDA_C_64F, CUDA_R_32F, CUDA_R_64F};
        let (kind, compute) = match product.dtype {
            DType::Float32 => (CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC),
            DType::Float64 => (CUDA_R_64F, CUBLAS_COMPUTE_64F_PEDANTIC),
            DType::Complex64 => (CUDA_C_32F, CUBLAS_COMPUTE_32F_PEDANTIC),
            DType::Complex128 => (CUDA_C_64F, CUBLAS_COMPUTE_64F_PEDANTIC),
            _ => return None,
        };
        let handle = self.blas()?;
        let [rows, columns, terms, count] = [size(product.rows)?, size(product.columns)?, size(product.terms)?, size(product.count)?];
        // One and zero in the precision of the elements, with an imaginary component.
        let (one, zero) = ([1f64, 0.0], [0f64; 2]);
        let (one_single, zero_single) = ([1f32, 0.0], [0f32; 2]);
        let (alpha, beta) = match product.dtype.precision() {
            24 => (one_single.as_ptr().cast::<c_void>(), zero_single.as_ptr().cast::<c_void>()),
            _ => (one.as_ptr().cast::<c_void>(), zero.as_ptr().cast::<c_void>()),
        };
        let stride = |a: c_int, b: c_int| i64::from(a) * i64::from(b);
        // SAFETY: the caller has compared the extents of the three buffers with their memory; alpha and beta outlive the call.
        attempt(|| unsafe {
            cublas::result::gemm_strided_batched_ex(
                handle,
                cublas::sys::cublasOperation_t::CUBLAS_OP_N,
                cublas::sys::cublasOperation_t::CUBLAS_OP_N,
                columns,
                rows,
                terms,
                alpha,
                product.right as *const c_void,
                kind,
                columns,
                stride(terms, columns),
                product.left as *const c_void,
                kind,
                terms,
                stride(rows, terms),
                beta,
                product.out as *mut c_void,
                kind,
                columns,
                stride(rows, columns),
                count,
                compute,
                cublas::sys::cublasGemmAlgo_t::CUBLAS_GEMM_DEFAULT,
            )
            .ok()
        })
    }

    /// Transforms of rows, without a division.
    pub fn transform(&self, transform: &Transform) -> Done {
        let kind = match transform.dtype {
            DType::Complex64 => cufft::sys::cufftType_t::CUFFT_C2C,
            DType::Complex128 => cufft::sys::cufftType_t::CUFFT_Z2Z,
            _ => return None,
        };
        let (mut n, count) = (size(transform.length)?, size(transform.count)?);
        let direction = if transform.is_forward { -1 } else { 1 };
        // SAFETY: the library is there before it is called. The plan is for the rows that the caller has compared with their memory, and
        // is destroyed after the stream has taken its work.
        attempt(|| unsafe {
            if !cufft::sys::is_culib_present() {
                return None;
            }
            let plan = cufft::result::plan_many(1, &raw mut n, null_mut(), 1, n, null_mut(), 1, n, kind, count).ok()?;
            let done = cufft::result::set_stream(plan, self.stream.cast()).and_then(|()| match transform.dtype {
                DType::Complex64 => {
                    let (from, to) = (transform.from as *mut cufft::sys::cufftComplex, transform.to as *mut cufft::sys::cufftComplex);
                    cufft::result::exec_c2c(plan, from, to, direction)
                }
                _ => {
                    let from = transform.from as *mut cufft::sys::cufftDoubleComplex;
                    cufft::result::exec_z2z(plan, from, transform.to as *mut cufft::sys::cufftDoubleComplex, direction)
                }
            });
            let waited = cudarc::driver::result::stream::synchronize(self.stream.cast()).is_ok();
            let _ = cufft::result::destroy(plan);
            done.ok().filter(|()| waited)
        })
    }

    /// A factorization of one matrix. `scratch` gives memory of the device.
    pub fn factorize(&self, factorization: &Factorization, scratch: Scratch<'_>) -> Done {
        let solver = self.solver()?;
        let stream = self.stream.cast();
        // SAFETY: the stream lives as long as this value. The buffers of the factorization are as large as it says, by the shapes of the
        // arrays that they belong to.
        attempt(|| unsafe { solver.factorize(factorization, scratch, &|| cudarc::driver::result::stream::synchronize(stream).is_ok()) })
    }
}

impl Drop for Libraries {
    fn drop(&mut self) {
        // SAFETY: each handle was made by this value, and nothing uses it any more. The process may end all the same.
        let _ = attempt(|| unsafe {
            if let Some(Some(handle)) = self.blas.take() {
                let _ = cublas::result::destroy_handle(handle);
            }
            if let Some(Some(Solver { handle, params })) = self.solver.take() {
                let _ = cusolver::result::dn_destroy_params(params);
                let _ = cusolver::result::dn_destroy(handle);
            }
            Some(())
        });
    }
}
