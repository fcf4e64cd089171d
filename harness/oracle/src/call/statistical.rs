//! The functions of the category `statistical`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
