//! The dtypes of the standard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A dtype of the standard. Rules over dtypes (categories, promotion) stand in the spec, not here.
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

    /// Bytes of one element.
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::Int8 | DType::Uint8 => 1,
            DType::Int16 | DType::Uint16 => 2,
            DType::Int32 | DType::Uint32 | DType::Float32 => 4,
            DType::Int64 | DType::Uint64 | DType::Float64 | DType::Complex64 => 8,
            DType::Complex128 => 16,
        }
    }

    /// The kind of number it holds.
    pub const fn kind(self) -> Kind {
        match self {
            DType::Bool => Kind::Boolean,
            DType::Int8 | DType::Int16 | DType::Int32 | DType::Int64 => Kind::SignedInteger,
            DType::Uint8 | DType::Uint16 | DType::Uint32 | DType::Uint64 => Kind::UnsignedInteger,
            DType::Float32 | DType::Float64 => Kind::RealFloating,
            DType::Complex64 | DType::Complex128 => Kind::ComplexFloating,
        }
    }

    /// Whether it is of the kind that the standard's `isdtype` knows by this name. `None` if it knows no such kind.
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

    /// Whether it holds integers, signed or not.
    pub const fn is_integer(self) -> bool {
        matches!(self.kind(), Kind::SignedInteger | Kind::UnsignedInteger)
    }

    /// Whether it holds floating-point numbers, real or complex.
    pub const fn is_floating(self) -> bool {
        matches!(self.kind(), Kind::RealFloating | Kind::ComplexFloating)
    }

    /// Whether it holds complex numbers.
    pub const fn is_complex(self) -> bool {
        matches!(self.kind(), Kind::ComplexFloating)
    }

    /// The real dtype of the same precision: that of the components for a complex dtype, itself otherwise.
    pub const fn real(self) -> DType {
        match self {
            DType::Complex64 => DType::Float32,
            DType::Complex128 => DType::Float64,
            other => other,
        }
    }

    /// The complex dtype of the same precision: the one with such components for a real floating-point dtype, itself otherwise.
    pub const fn complex(self) -> DType {
        match self {
            DType::Float32 => DType::Complex64,
            DType::Float64 => DType::Complex128,
            other => other,
        }
    }

    /// Bits of the significand of a floating-point dtype's components, the hidden one included.
    pub const fn precision(self) -> i32 {
        match self.real() {
            DType::Float32 => 24,
            _ => 53,
        }
    }

    /// The range of an integer dtype, both ends included.
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
