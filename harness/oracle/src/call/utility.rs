//! The functions of the category `utility`.

use super::Table;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[];
