//! The functions of the category `set`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
