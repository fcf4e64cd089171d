//! cuSOLVER: factorizations of one matrix, in place. `libraries.rs` says what is tested of it.
#![allow(unsafe_code)] // The library is a C library.

use std::ffi::{c_int, c_void};

use array_assay_interface::DType;
use cudarc::cusolver::sys;
use sys::cudaDataType_t::{CUDA_C_32F, CUDA_C_64F, CUDA_R_32F, CUDA_R_64F};

use super::Factorization;

/// The library on a stream.
#[derive(Clone, Copy)]
pub struct Solver {
    /// The handle.
    pub handle: sys::cusolverDnHandle_t,
    /// The parameters, all of which have their usual values.
    pub params: sys::cusolverDnParams_t,
}

/// Gives memory of the device for so many bytes.
pub type Scratch<'a> = &'a mut dyn FnMut(usize) -> Option<u64>;

/// The memory that a call works in.
struct Workspace {
    device: *mut c_void,
    on_device: usize,
    host: Vec<u8>,
    on_host: usize,
}

impl Workspace {
    /// As much as the library asks for.
    fn of(ask: impl FnOnce(*mut usize, *mut usize) -> sys::cusolverStatus_t, scratch: Scratch<'_>) -> Option<Workspace> {
        let (mut on_device, mut on_host) = (0, 0);
        ask(&raw mut on_device, &raw mut on_host).result().ok()?;
        let device = scratch(on_device.max(16))? as *mut c_void;
        Some(Workspace { device, on_device, host: vec![0; on_host.max(1)], on_host })
    }

    fn beside(&mut self) -> *mut c_void {
        self.host.as_mut_ptr().cast()
    }
}

fn kind(dtype: DType) -> Option<sys::cudaDataType_t> {
    match dtype {
        DType::Float32 => Some(CUDA_R_32F),
        DType::Float64 => Some(CUDA_R_64F),
        DType::Complex64 => Some(CUDA_C_32F),
        DType::Complex128 => Some(CUDA_C_64F),
        _ => None,
    }
}

/// The triangle that the library calls the upper one: in C order it is the lower one.
const UPPER: sys::cublasFillMode_t = sys::cublasFillMode_t::CUBLAS_FILL_MODE_UPPER;

impl Solver {
    /// Factorizes. `None` if the library refuses. The host's part of the workspace lives until `wait` has waited for the stream.
    ///
    /// # Safety
    ///
    /// The addresses are those of buffers of the device, as large as the factorization says.
    pub unsafe fn factorize(self, factorization: &Factorization, scratch: Scratch<'_>, wait: &dyn Fn() -> bool) -> Option<()> {
        // SAFETY: as the caller promises.
        unsafe {
            match *factorization {
                Factorization::Lu { .. } | Factorization::Cholesky { .. } => self.triangular(factorization, scratch, wait),
                Factorization::Hermitian { .. } => self.hermitian(factorization, scratch, wait),
                Factorization::Singular { .. } => self.singular(factorization, scratch, wait),
                Factorization::Reflections { .. } => self.reflections(factorization, scratch, wait),
                Factorization::Columns { .. } => self.columns(factorization, scratch, wait),
            }
        }
    }

    unsafe fn triangular(self, factorization: &Factorization, scratch: Scratch<'_>, wait: &dyn Fn() -> bool) -> Option<()> {
        let (handle, params, kind) = (self.handle, self.params, kind(factorization.dtype())?);
        match *factorization {
            Factorization::Lu { n, matrix, pivots, info, .. } => {
                let (n, a, info) = (n as i64, matrix as *mut c_void, info as *mut c_int);
                // SAFETY: the matrix has n columns of n elements, and there are as many pivots.
                let ask = |d, h| unsafe { sys::cusolverDnXgetrf_bufferSize(handle, params, n, n, kind, a, n, kind, d, h) };
                let mut work = Workspace::of(ask, scratch)?;
                let (beside, pivots) = (work.beside(), pivots as *mut i64);
                // SAFETY: as above, and the workspaces are as large as the library asks for.
                let done = unsafe {
                    let Workspace { device, on_device, on_host, .. } = work;
                    sys::cusolverDnXgetrf(handle, params, n, n, kind, a, n, pivots, kind, device, on_device, beside, on_host, info)
                };
                done.result().ok().filter(|()| wait())
            }
            Factorization::Cholesky { n, matrix, info, .. } => {
                let (n, a, info) = (n as i64, matrix as *mut c_void, info as *mut c_int);
                // SAFETY: the matrix has n columns of n elements.
                let ask = |d, h| unsafe { sys::cusolverDnXpotrf_bufferSize(handle, params, UPPER, n, kind, a, n, kind, d, h) };
                let mut work = Workspace::of(ask, scratch)?;
                let beside = work.beside();
                // SAFETY: as above, and the workspaces are as large as the library asks for.
                let done = unsafe {
                    let Workspace { device, on_device, on_host, .. } = work;
                    sys::cusolverDnXpotrf(handle, params, UPPER, n, kind, a, n, kind, device, on_device, beside, on_host, info)
                };
                done.result().ok().filter(|()| wait())
            }
            _ => None,
        }
    }

    unsafe fn hermitian(self, factorization: &Factorization, scratch: Scratch<'_>, wait: &dyn Fn() -> bool) -> Option<()> {
        let Factorization::Hermitian { dtype, n, matrix, values, info } = *factorization else { return None };
        let (handle, params, kind, real) = (self.handle, self.params, kind(dtype)?, kind(dtype.real())?);
        let (n, a, w, info) = (n as i64, matrix as *mut c_void, values as *mut c_void, info as *mut c_int);
        let vectors = sys::cusolverEigMode_t::CUSOLVER_EIG_MODE_VECTOR;
        // SAFETY: the matrix has n columns of n elements, and there are n values.
        let ask = |d, h| unsafe { sys::cusolverDnXsyevd_bufferSize(handle, params, vectors, UPPER, n, kind, a, n, real, w, kind, d, h) };
        let mut work = Workspace::of(ask, scratch)?;
        let beside = work.beside();
        // SAFETY: as above, and the workspaces are as large as the library asks for.
        let done = unsafe {
            let Workspace { device, on_device, on_host, .. } = work;
            sys::cusolverDnXsyevd(handle, params, vectors, UPPER, n, kind, a, n, real, w, kind, device, on_device, beside, on_host, info)
        };
        done.result().ok().filter(|()| wait())
    }

    unsafe fn singular(self, factorization: &Factorization, scratch: Scratch<'_>, wait: &dyn Fn() -> bool) -> Option<()> {
        let Factorization::Singular { dtype, rows, columns, kept, matrix, values, left, right, info } = *factorization else { return None };
        let (handle, params, kind, real) = (self.handle, self.params, kind(dtype)?, kind(dtype.real())?);
        let (m, n, a, s) = (rows as i64, columns as i64, matrix as *mut c_void, values as *mut c_void);
        let (u, v, info) = (left as *mut c_void, right as *mut c_void, info as *mut c_int);
        // All left vectors, or as many as there are values. All right ones are as many.
        let (all, some) = (b'A' as i8, b'S' as i8);
        let jobu = if kept == rows { all } else { some };
        // SAFETY: the matrix has n columns of m elements; there are n values, the left vectors and n right ones of n elements.
        let ask = |d, h| unsafe {
            sys::cusolverDnXgesvd_bufferSize(handle, params, jobu, all, m, n, kind, a, m, real, s, kind, u, m, kind, v, n, kind, d, h)
        };
        let mut work = Workspace::of(ask, scratch)?;
        let beside = work.beside();
        // SAFETY: as above, and the workspaces are as large as the library asks for.
        let done = unsafe {
            let Workspace { device, on_device, on_host, .. } = work;
            sys::cusolverDnXgesvd(
                handle, params, jobu, all, m, n, kind, a, m, real, s, kind, u, m, kind, v, n, kind, device, on_device, beside, on_host,
                info,
            )
        };
        done.result().ok().filter(|()| wait())
    }

    unsafe fn reflections(self, factorization: &Factorization, scratch: Scratch<'_>, wait: &dyn Fn() -> bool) -> Option<()> {
        let Factorization::Reflections { dtype, rows, columns, matrix, factors, info } = *factorization else { return None };
        let (handle, params, kind) = (self.handle, self.params, kind(dtype)?);
        let (m, n, a, t, info) = (rows as i64, columns as i64, matrix as *mut c_void, factors as *mut c_void, info as *mut c_int);
        // SAFETY: the matrix has n columns of m elements, and there is a factor for each reflection.
        let ask = |d, h| unsafe { sys::cusolverDnXgeqrf_bufferSize(handle, params, m, n, kind, a, m, kind, t, kind, d, h) };
        let mut work = Workspace::of(ask, scratch)?;
        let beside = work.beside();
        // SAFETY: as above, and the workspaces are as large as the library asks for.
        let done = unsafe {
            let Workspace { device, on_device, on_host, .. } = work;
            sys::cusolverDnXgeqrf(handle, params, m, n, kind, a, m, kind, t, kind, device, on_device, beside, on_host, info)
        };
        done.result().ok().filter(|()| wait())
    }

    unsafe fn columns(self, factorization: &Factorization, scratch: Scratch<'_>, wait: &dyn Fn() -> bool) -> Option<()> {
        let Factorization::Columns { dtype, rows, columns, count, matrix, factors, info } = *factorization else { return None };
        let [m, n, k] = [c_int::try_from(rows).ok()?, c_int::try_from(columns).ok()?, c_int::try_from(count).ok()?];
        let (handle, info) = (self.handle, info as *mut c_int);
        /// Asks a function of one type for the size of its workspace, and calls it.
        macro_rules! of {
            ($ask:ident, $call:ident, $native:ty) => {{
                let (a, t) = (matrix as *mut $native, factors as *const $native);
                let mut length: c_int = 0;
                // SAFETY: the matrix has n columns of m elements, the first k of which hold reflections, and there are k factors. The
                // workspace is as large as the library asks for.
                unsafe {
                    sys::$ask(handle, m, n, k, a, m, t, &raw mut length).result().ok()?;
                    let work = scratch(size_of::<$native>() * usize::try_from(length).ok()?.max(1))? as *mut $native;
                    sys::$call(handle, m, n, k, a, m, t, work, length, info)
                }
            }};
        }
        let done = match dtype {
            DType::Float32 => of!(cusolverDnSorgqr_bufferSize, cusolverDnSorgqr, f32),
            DType::Float64 => of!(cusolverDnDorgqr_bufferSize, cusolverDnDorgqr, f64),
            DType::Complex64 => of!(cusolverDnCungqr_bufferSize, cusolverDnCungqr, sys::cuComplex),
            DType::Complex128 => of!(cusolverDnZungqr_bufferSize, cusolverDnZungqr, sys::cuDoubleComplex),
            _ => return None,
        };
        done.result().ok().filter(|()| wait())
    }
}
