//! The functions of the category `indexing`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
