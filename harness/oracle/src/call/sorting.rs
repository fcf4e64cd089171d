//! The functions of the category `sorting`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
