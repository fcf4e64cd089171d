//! The functions of the category `manipulation`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
