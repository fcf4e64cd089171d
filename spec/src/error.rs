//! What is wrong with the files of the spec.

use std::fmt;

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecError {
    /// The file, below the spec's folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub why: String,
    /// The line's text, as far as it is shown.
    pub snippet: String,
}

/// So many characters of a line are shown.
const SHOWN: usize = 160;

/// A line after some blanks, as far as it is shown: a long line may have many faults, each of which keeps it.
pub(crate) fn shown(line: &str, indent: usize) -> String {
    std::iter::repeat_n(' ', indent).chain(line.chars()).take(SHOWN).collect()
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.why)?;
        write!(f, "{:>5} | {}", self.line, self.snippet.trim_end())?;
        if self.column <= SHOWN {
            write!(f, "\n      | {:>width$}", "^", width = self.column)?;
        }
        Ok(())
    }
}

/// All faults of the spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SpecErrors(pub Vec<SpecError>);

impl fmt::Display for SpecErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "read the spec: {} fault(s)", self.0.len())?;
        for error in &self.0 {
            writeln!(f, "{error}")?;
        }
        Ok(())
    }
}
