//! Products of vectors and matrices, and the functions of the extension `linalg`.
//!
//! Products of arrays with the same elements, and of different elements of one kind or of real and complex ones, are the crate's
//! `ext_...`, which promotes them. The parts of a result have the standard's names, as the functions have: `vt` of the crate is `Vh`.

use std::sync::{Arc, LazyLock};

use array_assay_interface::{Argument, Output, Scalar};
use num_complex::Complex;
use rstsr::prelude::rt;
use rstsr::prelude::rt::linalg;
use rstsr::prelude::rt::rstsr_structs::AxisIndex;
use rstsr::prelude::rt::rstsr_structs::linalg::{MatrixNormArgs, MatrixRankRtol, NormOrd, PinvRtol, VectorNormArgs};
use rstsr::prelude::rt::rstsr_traits::TensorDeviceChangeAPI as _;
use rstsr::prelude::{DeviceFaer, IxD, Lower, Tensor, TensorView, Upper};

use crate::array::{Home, Native, RsArray, Tsr, indices};
use crate::function::{Args, Form, Function, Given, array, axes, flag, give, give_any, give_output, int, ints, scalar};

/// A form with the types of its closure written out.
macro_rules! form {
    (|$args:ident| $body:expr) => {
        Arc::new(|$args: Args<'_, '_>| -> Given { $body }) as Form
    };
}

/// One form for each type of floats, with the type of their real numbers.
macro_rules! fields {
    ($T:ident, $R:ident => $form:expr) => {{
        let mut forms = each!(floats, $R => {
            type $T = $R;
            $form
        });
        forms.extend(each!(floats, $R => {
            type $T = Complex<$R>;
            $form
        }));
        forms
    }};
}

/// A function of one matrix, or a stack of matrices.
macro_rules! of_matrix {
    ($name:literal, $native:ident) => {
        Function {
            name: $name,
            native: stringify!($native),
            parameters: &["_"],
            forms: each!(inexact, T => form!(|args| {
                let [x] = args else { return None };
                give(home(linalg::$native(on_faer(array::<T>(x)?))))
            })),
        }
    };
}

/// The functions that the crate has.
pub(crate) fn functions() -> Vec<Function> {
    let mut all = products_and_diagonals();
    all.extend(factorizations());
    all.extend(inverses());
    all.extend(norms());
    all
}

/// The products, and what concerns a diagonal.
fn products_and_diagonals() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    vec![
        function(
            "matmul",
            "ext_matmul_f",
            &["_", "_"],
            promoted!(numbers, A, B => form!(|args| {
                let [x1, x2] = args else { return None };
                give(home(rt::ext_matmul_f(on_faer(array::<A>(x1)?), on_faer(array::<B>(x2)?))))
            })),
        ),
        function(
            "vecdot",
            "ext_vecdot_f",
            &["_", "_", "axis=-1"],
            promoted!(numbers, A, B => form!(|args| {
                let [x1, x2, axis] = args else { return None };
                give(rt::ext_vecdot_f(array::<A>(x1)?, array::<B>(x2)?, int::<isize>(axis, None)?))
            })),
        ),
        function(
            "tensordot",
            "ext_tensordot_f",
            &["_", "_", "axes=2"],
            promoted!(numbers, A, B => form!(|args| {
                let [x1, x2, by] = args else { return None };
                let (x1, x2) = (array::<A>(x1)?, array::<B>(x2)?);
                give(match by.items() {
                    Some([first, second]) => rt::ext_tensordot_f(x1, x2, (ints::<isize>(first)?, ints::<isize>(second)?)),
                    _ => rt::ext_tensordot_f(x1, x2, int::<isize>(by, None)?),
                })
            })),
        ),
        function(
            "linalg.outer",
            "ext_outer_f",
            &["_", "_"],
            promoted!(numbers, A, B => form!(|args| {
                let [x1, x2] = args else { return None };
                give(rt::ext_outer_f(array::<A>(x1)?, array::<B>(x2)?).map(|product| product.into_dyn()))
            })),
        ),
        function(
            "linalg.cross",
            "ext_cross_f",
            &["_", "_", "axis=-1"],
            promoted!(numbers, A, B => form!(|args| {
                let [x1, x2, axis] = args else { return None };
                give(rt::ext_cross_f(array::<A>(x1)?, array::<B>(x2)?, AxisIndex::Val(int::<isize>(axis, None)?)))
            })),
        ),
        Function::of("linalg.diagonal", "into_diagonal_f", &["_", "offset=0"], |args| {
            let [Argument::Array(x), offset] = args else { return None };
            let offset: isize = int(offset, None)?;
            give_any(with_array!(x, x => rt::into_diagonal_f(x.clone(), (offset, -2isize, -1isize)).map(Native::wrap)))
        }),
        function("linalg.trace", "trace_f", &["_", "offset=0", "dtype"], traces()),
    ]
}

fn traces() -> Vec<Form> {
    let mut forms = each!(numbers, T => form!(|args| {
        let [x, offset, Argument::None] = args else { return None };
        give(rt::trace_f(array::<T>(x)?, int::<isize>(offset, None)?))
    }));
    forms.extend(casts!(T, R => form!(|args| {
        let [x, offset, Argument::Dtype(dtype)] = args else { return None };
        (*dtype == R::DTYPE).then_some(())?;
        give(rt::trace_with_dtype_f::<T, R, _, _>(array::<T>(x)?, int::<isize>(offset, None)?))
    })));
    forms
}

/// The functions that take a matrix apart.
fn factorizations() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    vec![
        of_matrix!("linalg.det", det_f),
        of_matrix!("linalg.eigvals", eigvals_f),
        of_matrix!("linalg.eigvalsh", eigvalsh_f),
        of_matrix!("linalg.svdvals", svdvals_f),
        function(
            "linalg.cholesky",
            "cholesky_f",
            &["_", "upper"],
            each!(inexact, T => form!(|args| {
                let [x, upper] = args else { return None };
                give(home(linalg::cholesky_f((on_faer(array::<T>(x)?), if flag(upper)? { Upper } else { Lower }))))
            })),
        ),
        function(
            "linalg.eig",
            "eig_f",
            &["_"],
            each!(inexact, T => form!(|args| {
                let [x] = args else { return None };
                give_output(linalg::eig_f(on_faer(array::<T>(x)?)).map(|eig| {
                    Output::named([("eigenvalues", part(eig.eigenvalues)), ("eigenvectors", part(eig.eigenvectors))])
                }))
            })),
        ),
        function(
            "linalg.eigh",
            "eigh_f",
            &["_"],
            each!(inexact, T => form!(|args| {
                let [x] = args else { return None };
                give_output(linalg::eigh_f(on_faer(array::<T>(x)?)).map(|eig| {
                    Output::named([("eigenvalues", part(eig.eigenvalues)), ("eigenvectors", part(eig.eigenvectors))])
                }))
            })),
        ),
        function(
            "linalg.qr",
            "qr_f",
            &["_", "mode"],
            each!(inexact, T => form!(|args| {
                let [x, mode] = args else { return None };
                let mode = if mode.is_none() { "reduced" } else { mode.text()? };
                give_output(linalg::qr_f((on_faer(array::<T>(x)?), mode)).map(|qr| Output::named([("Q", part(qr.q)), ("R", part(qr.r))])))
            })),
        ),
        function(
            "linalg.slogdet",
            "slogdet_f",
            &["_"],
            each!(inexact, T => form!(|args| {
                let [x] = args else { return None };
                give_output(linalg::slogdet_f(on_faer(array::<T>(x)?)).map(|det| {
                    Output::named([("sign", part(det.sign)), ("logabsdet", part(det.logabsdet))])
                }))
            })),
        ),
        function(
            "linalg.svd",
            "svd_f",
            &["_", "full_matrices"],
            each!(inexact, T => form!(|args| {
                let [x, full] = args else { return None };
                let full = if full.is_none() { true } else { full.flag()? };
                give_output(linalg::svd_f((on_faer(array::<T>(x)?), full)).map(|svd| {
                    Output::named([("U", part(svd.u)), ("S", part(svd.s)), ("Vh", part(svd.vt))])
                }))
            })),
        ),
    ]
}

/// The functions that solve and invert.
fn inverses() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    vec![
        of_matrix!("linalg.inv", inv_f),
        function(
            "linalg.solve",
            "solve_general_f",
            &["_", "_"],
            each!(inexact, T => form!(|args| {
                let [x1, x2] = args else { return None };
                give(home(linalg::solve_general_f((on_faer(array::<T>(x1)?), on_faer(array::<T>(x2)?)))))
            })),
        ),
        function(
            "linalg.matrix_power",
            "matrix_power_f",
            &["_", "_"],
            each!(inexact, T => form!(|args| {
                let [x, n] = args else { return None };
                give(home(linalg::matrix_power_f((on_faer(array::<T>(x)?), int::<isize>(n, None)?))))
            })),
        ),
        function(
            "linalg.pinv",
            "pinv_f",
            &["_", "rtol"],
            fields!(T, R => form!(|args| {
                let [x, rtol] = args else { return None };
                let rtol: PinvRtol<R, DeviceFaer> = match rtol {
                    Argument::None => PinvRtol::None,
                    Argument::Array(_) => PinvRtol::Array(array::<R>(rtol)?.clone().into_device(&*FAER)),
                    _ => PinvRtol::Float(scalar::<R>(rtol)?),
                };
                give(home(linalg::pinv_f((on_faer(array::<T>(x)?), rtol)).map(|inverse| inverse.pinv)))
            })),
        ),
    ]
}

/// Norms, and the rank.
fn norms() -> Vec<Function> {
    let function = |name, native, parameters, forms| Function { name, native, parameters, forms };
    vec![
        function(
            "linalg.matrix_norm",
            "matrix_norm_f",
            &["_", "keepdims", "ord"],
            each!(inexact, T => form!(|args| {
                let [x, keepdims, ord] = args else { return None };
                let args = MatrixNormArgs { ord: order(ord)?, keepdims: flag(keepdims)? };
                give(home(linalg::matrix_norm_f((on_faer(array::<T>(x)?), args))))
            })),
        ),
        function(
            "linalg.vector_norm",
            "vector_norm_f",
            &["_", "axis", "keepdims", "ord"],
            each!(inexact, T => form!(|args| {
                let [x, axis, keepdims, ord] = args else { return None };
                let args = VectorNormArgs { ord: order(ord)?, axes: axes(axis)?, keepdims: flag(keepdims)? };
                give(home(linalg::vector_norm_f((on_faer(array::<T>(x)?), args))))
            })),
        ),
        function(
            "linalg.matrix_rank",
            "matrix_rank_f",
            &["_", "rtol"],
            fields!(T, R => form!(|args| {
                let [x, rtol] = args else { return None };
                let rtol: MatrixRankRtol<R, DeviceFaer> = match rtol {
                    Argument::None => MatrixRankRtol::None,
                    Argument::Array(_) => MatrixRankRtol::Array(array::<R>(rtol)?.clone().into_device(&*FAER)),
                    _ => MatrixRankRtol::Float(scalar::<R>(rtol)?),
                };
                give_any(home(linalg::matrix_rank_f((on_faer(array::<T>(x)?), rtol))).map(indices))
            })),
        ),
    ]
}

/// The device of these functions.
static FAER: LazyLock<DeviceFaer> = LazyLock::new(DeviceFaer::default);

/// A tensor on the faer device. Its elements stay where they are.
fn on_faer<T: Native>(x: &Tsr<T>) -> TensorView<'_, T, DeviceFaer, IxD> {
    x.to_device(&*FAER)
}

/// A tensor of the faer device on that of the others.
fn home<T: Clone + Send + Sync + 'static>(x: rt::Result<Tensor<T, DeviceFaer, IxD>>) -> rt::Result<Tsr<T>> {
    x.map(|x| x.into_device(&Home::default()))
}

/// A tensor of the faer device as a part of a result.
fn part<T: Native>(x: Tensor<T, DeviceFaer, IxD>) -> Output<RsArray> {
    Output::Array(T::wrap(x.into_device(&Home::default())))
}

/// The order of a norm. The crate reads numbers and names itself.
fn order(ord: &Argument<'_, RsArray>) -> Option<NormOrd> {
    let order = match ord {
        Argument::None => return Some(NormOrd::None),
        Argument::Scalar(Scalar::Int(p)) => NormOrd::try_from(isize::try_from(*p).ok()?),
        Argument::Scalar(Scalar::Float(p)) => NormOrd::try_from(*p),
        name => NormOrd::try_from(name.text()?),
    };
    order.ok()
}
