//! The dtypes of the standard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A dtype of the standard. The rules for dtypes (categories, promotion) are in the spec and not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum DType {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Float32,
    Float64,
    Complex64,
    Complex128,
}

/// The kind of number that a dtype holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    Boolean,
    SignedInteger,
    UnsignedInteger,
    RealFloating,
    ComplexFloating,
}

/// A name that is no dtype of the standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown dtype `{0}`")]
pub struct UnknownDType(pub String);

impl DType {
    /// Every dtype, in the standard's order.
    pub const ALL: [DType; 13] = [
        DType::Bool,
        DType::Int8,
        DType::Int16,
        DType::Int32,
        DType::Int64,
        DType::Uint8,
        DType::Uint16,
        DType::Uint32,
        DType::Uint64,
        DType::Float32,
        DType::Float64,
        DType::Complex64,
        DType::Complex128,
    ];

    /// The name in the standard, such as `float32`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::Int8 => "int8",
            DType::Int16 => "int16",
            DType::Int32 => "int32",
            DType::Int64 => "int64",
            DType::Uint8 => "uint8",
            DType::Uint16 => "uint16",
            DType::Uint32 => "uint32",
            DType::Uint64 => "uint64",
            DType::Float32 => "float32",
            DType::Float64 => "float64",
            DType::Complex64 => "complex64",
            DType::Complex128 => "complex128",
        }
    }

    /// The size of one element in bytes.
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::Int8 | DType::Uint8 => 1,
            DType::Int16 | DType::Uint16 => 2,
            DType::Int32 | DType::Uint32 | DType::Float32 => 4,
            DType::Int64 | DType::Uint64 | DType::Float64 | DType::Complex64 => 8,
            DType::Complex128 => 16,
        }
    }

    /// The kind of number that the dtype holds.
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Boolean,
            DType::Int8 | DType::Int16 | DType::Int32 | DType::Int64 => Kind::SignedInteger,
            DType::Uint8 | DType::Uint16 | DType::Uint32 | DType::Uint64 => Kind::UnsignedInteger,
            DType::Float32 | DType::Float64 => Kind::RealFloating,
            DType::Complex64 | DType::Complex128 => Kind::ComplexFloating,
        }
    }

    /// Whether the dtype belongs to the kind with this name in the standard's `isdtype`. `None` if `isdtype` has no such kind.
    pub fn is_of_kind(self, name: &str) -> Option<bool> {
        Some(match name {
            "bool" => self == DType::Bool,
            "signed integer" => self.kind() == Kind::SignedInteger,
            "unsigned integer" => self.kind() == Kind::UnsignedInteger,
            "integral" => self.is_integer(),
            "real floating" => self.kind() == Kind::RealFloating,
            "complex floating" => self.is_complex(),
            "numeric" => self != DType::Bool,
            _ => return None,
        })
    }

    /// Whether the dtype holds integers, signed or unsigned.
    pub const fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::SignedInteger | Kind::UnsignedInteger)
    }

    /// Whether the dtype holds floating-point numbers, real or complex.
    pub const fn is_floating(self) -> bool {
        matches!(self.kind(), Kind::RealFloating | Kind::ComplexFloating)
    }

    /// Whether the dtype holds complex numbers.
    pub const fn is_complex(self) -> bool {
        matches!(self.kind(), Kind::ComplexFloating)
    }

    /// The real dtype of the same precision: the dtype of the components for a complex dtype, and the dtype itself otherwise.
    pub const fn real(self) -> DType {
        match self {
            DType::Complex64 => DType::Float32,
            DType::Complex128 => DType::Float64,
            other => other,
        }
    }

    /// The complex dtype of the same precision: the one with components of this dtype for a real floating-point dtype, and the dtype itself
    /// otherwise.
    pub const fn complex(self) -> DType {
        match self {
            DType::Float32 => DType::Complex64,
            DType::Float64 => DType::Complex128,
            other => other,
        }
    }

    /// The number of bits in the significand of a floating-point dtype's components, including the hidden bit.
    pub const fn precision(self) -> i32 {
        match self.real() {
            DType::Float32 => 24,
            _ => 53,
        }
    }

    /// The range of an integer dtype, including both ends.
    pub const fn integer_range(self) -> Option<(i128, i128)> {
        let bits = 8 * self.size() as u32;
        match self.kind() {
            Kind::SignedInteger => Some((-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)),
            Kind::UnsignedInteger => Some((0, (1i128 << bits) - 1)),
            _ => None,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for DType {
    type Err = UnknownDType;

    fn from_str(name: &str) -> Result<Self, UnknownDType> {
        DType::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| UnknownDType(name.to_owned()))
    }
}
