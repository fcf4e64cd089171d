//! Functions that consumers need and the standard lacks. Each has the meaning that most consumers give it. There is one file for each
//! theme.

mod differences;
mod elementwise;
mod indexing;
mod linear_algebra;
mod manipulation;
mod matrices;
mod nan;
mod operands;
mod sets;
mod special;
mod statistics;

use super::Table;

/// The functions, by name.
pub(super) const TABLES: &[Table] = &[
    differences::FUNCTIONS,
    elementwise::FUNCTIONS,
    indexing::FUNCTIONS,
    linear_algebra::FUNCTIONS,
    manipulation::FUNCTIONS,
    matrices::FUNCTIONS,
    nan::FUNCTIONS,
    sets::FUNCTIONS,
    special::FUNCTIONS,
    statistics::FUNCTIONS,
];

#[cfg(test)]
mod tests;
