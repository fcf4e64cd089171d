//! Functions that consumers need and the standard lacks: what most of them mean by each, a file a theme.

mod nan;

use super::Table;

/// The functions, by name.
pub(super) const TABLES: &[Table] = &[nan::FUNCTIONS];
