//! Promotion of dtypes and scalars, and the dtypes that a library takes where none is asked for.

use std::collections::BTreeMap;

use array_assay_interface::{DType, Kind, Scalar};

use crate::generated::table::PROMOTION;

/// The default dtypes of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) struct Defaults {
    pub real: DType,
    pub complex: DType,
    pub integer: DType,
    pub index: DType,
}

impl Defaults {
    /// Those that a library names, and the usual ones of double precision for others.
    pub fn of(named: &BTreeMap<String, String>) -> Defaults {
        let dtype = |kind: &str, usual: DType| named.get(kind).and_then(|name| name.parse().ok()).unwrap_or(usual);
        Defaults {
            real: dtype("real floating", DType::Float64),
            complex: dtype("complex floating", DType::Complex128),
            integer: dtype("integral", DType::Int64),
            index: dtype("indexing", DType::Int64),
        }
    }

    /// An integer dtype, or the default one if that is wider; others as they are.
    pub fn widened(self, dtype: DType) -> DType {
        let default = match dtype.kind() {
            Kind::SignedInteger => self.integer,
            Kind::UnsignedInteger if self.integer.size() == 4 => DType::Uint32,
            Kind::UnsignedInteger => DType::Uint64,
            _ => return dtype,
        };
        if dtype.size() < default.size() { default } else { dtype }
    }
}

/// The dtype to which two promote, if the standard says.
pub(crate) fn promoted(a: DType, b: DType) -> Option<DType> {
    let found = || PROMOTION.iter().find(|(x, y, _)| (*x, *y) == (a, b) || (*y, *x) == (a, b)).map(|(_, _, to)| *to);
    if a == b { Some(a) } else { found() }
}

/// The dtype of an array beside a Python scalar.
pub(crate) fn promoted_scalar(dtype: DType, scalar: Scalar) -> Option<DType> {
    let fits = match scalar {
        Scalar::Bool(_) => dtype == DType::Bool,
        Scalar::Int(_) => dtype != DType::Bool,
        Scalar::Float(_) => dtype.kind() == Kind::RealFloating || dtype.is_complex(),
        Scalar::Complex(_) => return (dtype.kind() == Kind::RealFloating || dtype.is_complex()).then(|| dtype.complex()),
    };
    fits.then_some(dtype)
}
