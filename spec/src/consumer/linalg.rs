//! What `numpy.linalg` and `scipy.linalg` give for the same call.

use std::sync::OnceLock;

use serde::Deserialize;

use super::load::fault;
use crate::error::{SpecError, SpecErrors};

const PATH: &str = "spec/linear-algebra.yaml";
const TEXT: &str = include_str!("../../linear-algebra.yaml");

/// Rows on `numpy.linalg` and `scipy.linalg`, and the versions that they are about.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linalg {
    /// NumPy's version.
    pub numpy: String,
    /// SciPy's version.
    pub scipy: String,
    /// The rows. Those about one subject stand together.
    pub rows: Vec<LinalgRow>,
}

/// A call, and what each module gives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinalgRow {
    /// The subject, such as `dtypes`.
    pub about: String,
    /// What a reader should know, in a sentence.
    pub says: String,
    /// A Python expression, in which `linalg` is one module or the other.
    pub call: String,
    both: Option<String>,
    in_numpy: Option<String>,
    in_scipy: Option<String>,
}

impl LinalgRow {
    /// What `numpy.linalg` gives, and what `scipy.linalg` gives.
    pub fn gives(&self) -> [&str; 2] {
        [&self.in_numpy, &self.in_scipy].map(|own| own.as_ref().or(self.both.as_ref()).map_or("", String::as_str))
    }

    /// Whether either both give the same, or each its own.
    fn is_whole(&self) -> bool {
        match &self.both {
            Some(_) => self.in_numpy.is_none() && self.in_scipy.is_none(),
            None => self.in_numpy.is_some() && self.in_scipy.is_some() && self.in_numpy != self.in_scipy,
        }
    }
}

/// The rows that are built in.
pub fn linalg() -> Result<&'static Linalg, &'static SpecErrors> {
    static READ: OnceLock<Result<Linalg, SpecErrors>> = OnceLock::new();
    READ.get_or_init(|| read(TEXT).map_err(|error| SpecErrors(vec![error]))).as_ref()
}

fn read(text: &str) -> Result<Linalg, SpecError> {
    let read: Linalg = serde_yaml::from_str(text).map_err(|e| fault(PATH, e.location().map_or(1, |l| l.line()), e.to_string()))?;
    match read.rows.iter().find(|row| !row.is_whole()) {
        Some(row) => {
            let line = text.lines().position(|line| line.contains(&row.call)).unwrap_or_default();
            Err(fault(PATH, line + 1, format!("`{}` needs `both`, or else `in_numpy` and `in_scipy`, which differ", row.call)))
        }
        None => Ok(read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_both_give_or_what_each_gives() {
        let rows = &linalg().unwrap().rows;
        assert!(rows.iter().any(|row| row.gives()[0] == row.gives()[1]) && rows.iter().any(|row| row.gives()[0] != row.gives()[1]));
        let text = |rest: &str| format!("numpy: '2'\nscipy: '1'\nrows:\n- {{about: a, says: b, call: c, {rest}}}\n");
        assert!(read(&text("both: d")).is_ok());
        assert!(read(&text("in_numpy: d, in_scipy: e")).is_ok());
        for wrong in ["in_numpy: d", "both: d, in_numpy: d", "in_numpy: d, in_scipy: d"] {
            let error = read(&text(wrong)).unwrap_err().to_string();
            assert!(error.contains("`c` needs `both`"), "{error}");
        }
    }
}
