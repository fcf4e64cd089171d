//! The oracle of whole calls: what each function of the standard that is not element-wise returns for its arguments.
//!
//! A [`Semantics`] takes a [`Call`], whose arguments are bound to the function's parameters, and returns an [`Expectation`] of the result:
//! its container, dtypes, shapes, and elements as exactly as the standard fixes them, with the freedoms that it leaves. Each module has the
//! functions of one category.

mod arguments;
mod expectation;

mod array;
mod creation;
mod data_type;
mod fft;
mod gaps;
mod indexing;
mod inspection;
mod linalg;
mod linear_algebra;
mod manipulation;
mod searching;
mod set;
mod shape;
mod sorting;
mod statistical;
mod utility;

pub use arguments::{Call, Given, Undefined};
pub use expectation::{ArrayExpectation, Condition, Elements, Example, Expectation, Grade, Grading, Near};
pub use fft::half_of_real;
pub use shape::{advance, broadcast_shapes, flat, strides};

/// Computes what is expected of a call.
pub type Semantics = fn(&Call<'_>) -> Result<Expectation, Undefined>;

/// The functions of one category, by name.
type Table = &'static [(&'static str, Semantics)];

const TABLES: [Table; 14] = [
    array::FUNCTIONS,
    creation::FUNCTIONS,
    data_type::FUNCTIONS,
    fft::FUNCTIONS,
    indexing::FUNCTIONS,
    inspection::FUNCTIONS,
    linalg::FUNCTIONS,
    linear_algebra::FUNCTIONS,
    manipulation::FUNCTIONS,
    searching::FUNCTIONS,
    set::FUNCTIONS,
    sorting::FUNCTIONS,
    statistical::FUNCTIONS,
    utility::FUNCTIONS,
];

/// The semantics of a function of the standard by its path, or of a gap by its name. `None` for an element-wise or unknown function.
pub fn semantics(path: &str) -> Option<Semantics> {
    TABLES.iter().chain(gaps::TABLES).flat_map(|table| table.iter()).find(|(name, _)| *name == path).map(|(_, semantics)| *semantics)
}

/// The paths of all functions with semantics, and the names of all gaps with semantics.
pub fn functions() -> impl Iterator<Item = &'static str> {
    TABLES.iter().chain(gaps::TABLES).flat_map(|table| table.iter()).map(|(name, _)| *name)
}
