//! The functions of the category `linear_algebra`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
