//! The Python Array API standard for Rust array libraries.
//!
//! - [`Namespace`]: every function of the standard, and of what it lacks (`nanmin`, `median`, ...), as a typed method of every
//!   [`Backend`](array_assay_interface::Backend).
//! - [`Extra`]: what takes functions, indices or kinds of dtypes (`apply_where`, `at`, `default_dtype`), and a few others.
//! - [`Polyfilled`]: a library together with what it lacks, and a backend again. A call goes to the library's own function where it has
//!   one, to a polyfill composed of other functions, or to a kernel over the elements on the host.
//! - [`signature`]: the order of arguments, operators and promotion, for a namespace that is written from the ground up.
//! - [`polyfills`]: the polyfills as functions generic over [`Namespace`], whatever the library has itself.
//!
//! Bodies, signatures and promotion are generated from the spec; the kernels are the crates `faer`, `rustfft` and `libm`, and Rust.
//!
//! ```
//! use array_assay_namespace::keywords::{LinalgSvd, Median, Nanmin, Sort};
//! use array_assay_namespace::{Namespace, Polyfilled};
//! use array_assay_ndarray::{DEVIATING, Ndarray, Register};
//! use ndarray::{Array0, Array1, Array2, array};
//!
//! let mut ns = Polyfilled::new(Ndarray).without(DEVIATING);
//! let x = Register::from(&array![[3.0, f64::NAN, 1.0], [2.0, 5.0, 4.0]]);
//!
//! let least = ns.nanmin(&x, Nanmin::default().axis(1))?;
//! assert_eq!(Array1::<f64>::try_from(&least)?, array![1.0, 2.0]);
//!
//! let middle = ns.median(&Register::from(array![4.0, 1.0, 3.0, 2.0]), Median::default())?;
//! assert_eq!(Array0::<f64>::try_from(&middle)?.into_scalar(), 2.5);
//!
//! let sorted = ns.sort(&Register::from(array![[3, 1], [2, 0]]), Sort::default().axis(0).descending(true))?;
//! assert_eq!(Array2::<i32>::try_from(&sorted)?, array![[3, 1], [2, 0]]);
//!
//! let a = array![[2.0, 0.0], [0.0, -3.0], [0.0, 0.0]];
//! let [u, s, vh] = ns.linalg_svd(&Register::from(&a), LinalgSvd::default().full_matrices(false))?;
//! let (u, s, vh) = (Array2::<f64>::try_from(&u)?, Array1::<f64>::try_from(&s)?, Array2::<f64>::try_from(&vh)?);
//! let product = u.dot(&Array2::from_diag(&s)).dot(&vh);
//! assert!((product - a).iter().all(|error| error.abs() < 1e-14));
//!
//! // Dtypes promote, and a Python-like scalar takes the dtype of the array beside it.
//! let sum = ns.add(&Register::from(array![1i16, 2]), &Register::from(array![1i8, -1]))?;
//! assert_eq!(Array1::<i16>::try_from(&sum)?, array![2, 1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
mod composed;
mod dtypes;
mod extra;
#[expect(clippy::too_many_lines, reason = "a generated function is as long as its body in the spec")]
mod generated;
mod kernels;
mod keyword;
mod polyfilled;
mod result;
mod scope;
pub mod signature;
mod value;

pub use array_assay_interface::{Argument, CallError, DType, Output, Scalar};
pub use extra::{At, Extra, NumberKind};
pub use generated::{keywords, namespace, polyfills};
pub use namespace::Namespace;
pub use polyfilled::{Origin, Polyfilled};
