//! A text of a file that knows where it stands in it.

/// A text and its place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The text.
    pub value: T,
    /// The file, below the spec's folder.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The column at which each of its lines begins, from 1.
    pub column: usize,
}
