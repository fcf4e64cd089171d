//! The functions of the category `data_type`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
