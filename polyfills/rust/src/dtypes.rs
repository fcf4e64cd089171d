//! Promotion of dtypes and scalars.

use array_assay_interface::{DType, Kind, Scalar};

use crate::generated::table::PROMOTION;

/// The dtype to which two dtypes promote, if the standard defines one.
pub fn promoted(a: DType, b: DType) -> Option<DType> {
    let found = || PROMOTION.iter().find(|(x, y, _)| (*x, *y) == (a, b) || (*y, *x) == (a, b)).map(|(_, _, to)| *to);
    if a == b { Some(a) } else { found() }
}

/// The dtype to which an array and a Python scalar promote.
pub fn promoted_scalar(dtype: DType, scalar: Scalar) -> Option<DType> {
    let fits = match scalar {
        Scalar::Bool(_) => dtype == DType::Bool,
        Scalar::Int(_) => dtype != DType::Bool,
        Scalar::Float(_) => dtype.kind() == Kind::RealFloating || dtype.is_complex(),
        Scalar::Complex(_) => return (dtype.kind() == Kind::RealFloating || dtype.is_complex()).then(|| dtype.complex()),
    };
    fits.then_some(dtype)
}
