//! The dtypes that a library uses if a call does not ask for one.

use std::collections::BTreeMap;

use crate::{DType, Kind};

/// The default dtypes of a library, by the kinds that the standard's `default_dtypes` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaults {
    /// The default for real floating-point numbers.
    pub real: DType,
    /// The default for complex floating-point numbers.
    pub complex: DType,
    /// The default for integers.
    pub integer: DType,
    /// The default for indices.
    pub index: DType,
}

impl Default for Defaults {
    /// The dtypes of double precision, and integers of 64 bits.
    fn default() -> Defaults {
        Defaults { real: DType::Float64, complex: DType::Complex128, integer: DType::Int64, index: DType::Int64 }
    }
}

impl Defaults {
    /// The dtypes that a library names by kind. Kinds that it does not name have those of [`Defaults::default`].
    pub fn named(names: &BTreeMap<String, String>) -> Defaults {
        let usual = Defaults::default();
        let dtype = |kind: &str, otherwise: DType| names.get(kind).and_then(|name| name.parse().ok()).unwrap_or(otherwise);
        Defaults {
            real: dtype("real floating", usual.real),
            complex: dtype("complex floating", usual.complex),
            integer: dtype("integral", usual.integer),
            index: dtype("indexing", usual.index),
        }
    }

    /// The four default dtypes, each with the name of its kind.
    pub fn by_name(self) -> [(&'static str, DType); 4] {
        [("real floating", self.real), ("complex floating", self.complex), ("integral", self.integer), ("indexing", self.index)]
    }

    /// The names of the default dtypes, keyed by the name of the kind.
    pub fn names(self) -> BTreeMap<String, String> {
        self.by_name().map(|(kind, dtype)| (kind.to_owned(), dtype.name().to_owned())).into()
    }

    /// The default dtype of the kind with this name. `None` for an unknown name.
    pub fn of_name(self, kind: &str) -> Option<DType> {
        self.by_name().into_iter().find(|(name, _)| *name == kind).map(|(_, dtype)| dtype)
    }

    /// The default dtype of a kind. `None` for booleans. The default for unsigned integers is as wide as that for signed ones.
    pub fn of_kind(self, kind: Kind) -> Option<DType> {
        match kind {
            Kind::Boolean => None,
            Kind::SignedInteger => Some(self.integer),
            Kind::UnsignedInteger if self.integer.size() == 4 => Some(DType::Uint32),
            Kind::UnsignedInteger => Some(DType::Uint64),
            Kind::RealFloating => Some(self.real),
            Kind::ComplexFloating => Some(self.complex),
        }
    }

    /// The dtype, or the default dtype of its kind if that is wider.
    pub fn at_least(self, dtype: DType) -> DType {
        self.of_kind(dtype.kind()).filter(|default| dtype.size() < default.size()).unwrap_or(dtype)
    }

    /// As [`Defaults::at_least`] for integers. Other dtypes stay as they are.
    pub fn at_least_integer(self, dtype: DType) -> DType {
        if dtype.is_integer() { self.at_least(dtype) } else { dtype }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let single = Defaults { real: DType::Float32, complex: DType::Complex64, integer: DType::Int32, index: DType::Int64 };
        assert_eq!(Defaults::named(&single.names()), single);
        assert_eq!(Defaults::named(&BTreeMap::from([("integral".to_owned(), "no dtype".to_owned())])), Defaults::default());
    }

    #[test]
    fn a_dtype_is_widened_within_its_kind() {
        let defaults = Defaults { integer: DType::Int32, ..Defaults::default() };
        let pairs = [
            (DType::Bool, DType::Bool),
            (DType::Int8, DType::Int32),
            (DType::Int64, DType::Int64),
            (DType::Uint16, DType::Uint32),
            (DType::Float32, DType::Float64),
            (DType::Complex64, DType::Complex128),
        ];
        assert_eq!(pairs.map(|(dtype, _)| defaults.at_least(dtype)), pairs.map(|(_, wide)| wide));
    }
}
