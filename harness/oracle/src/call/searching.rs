//! The functions of the category `searching`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
