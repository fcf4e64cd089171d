//! The functions of the category `creation`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
