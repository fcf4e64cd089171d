//! Calls on arrays of many elements, whose inputs the library makes itself and whose results are known without an oracle.

use std::sync::OnceLock;

use array_assay_interface::{DType, Program};
use serde::Deserialize;

use crate::consumer::straight_line;
use crate::error::{SpecError, SpecErrors, shown};

const PATH: &str = "spec/large.yaml";
const TEXT: &str = include_str!("../large.yaml");

/// A call on many elements.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LargeCall {
    /// The function under test, such as `statistical/sum`.
    pub function: String,
    /// The dtypes of its arrays.
    pub dtypes: Vec<DType>,
    /// How far an element of the result may be off: a share of what it should be, or a number if that is below one.
    #[serde(default)]
    pub within: f64,
    program: String,
    gives: Vec<String>,
}

impl LargeCall {
    /// The program on `n` elements of a dtype. It returns the result alone.
    pub fn program(&self, dtype: DType, n: u64) -> Result<Program, String> {
        straight_line(&self.text(dtype, n))
    }

    /// The program as text, one call a line.
    pub fn text(&self, dtype: DType, n: u64) -> String {
        replaced(&self.program, &|word| match word {
            "given" => Some(dtype.name().to_owned()),
            "n" | "last" | "previous" => number(word, n).map(|v| v.to_string()),
            _ => None,
        })
    }

    /// The elements of the result, if the arrays have `n` elements.
    pub fn gives(&self, n: u64) -> Vec<f64> {
        self.gives.iter().filter_map(|text| number(text, n)).collect()
    }

    /// Whether the program and every element of the result can be read.
    fn fault(&self) -> Option<String> {
        let unreadable = self.gives.iter().find(|text| number(text, 16).is_none());
        match self.dtypes.first().map(|dtype| self.program(*dtype, 16)) {
            None => Some("it has no dtypes".to_owned()),
            Some(Err(why)) => Some(why),
            Some(Ok(_)) => unreadable.map(|text| format!("`{text}` is neither a number nor a word for one")),
        }
    }
}

/// The number that a word means, or that a text is.
fn number(text: &str, n: u64) -> Option<f64> {
    match text {
        "n" => Some(n as f64),
        "last" => Some(n as f64 - 1.0),
        "previous" => Some(n as f64 - 2.0),
        "root" => Some((n as f64).sqrt()),
        _ => text.parse().ok(),
    }
}

/// The text with some words replaced.
fn replaced(text: &str, by: &dyn Fn(&str) -> Option<String>) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if is_of_word(c) { rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()) } else { c.len_utf8() };
        let (piece, after) = rest.split_at(length);
        out.push_str(&by(piece).unwrap_or_else(|| piece.to_owned()));
        rest = after;
    }
    out
}

/// The calls that are built in.
pub fn large_calls() -> Result<&'static [LargeCall], &'static SpecErrors> {
    static READ: OnceLock<Result<Vec<LargeCall>, SpecErrors>> = OnceLock::new();
    READ.get_or_init(|| read(TEXT).map_err(|error| SpecErrors(vec![error]))).as_ref().map(Vec::as_slice)
}

/// Whether there are such calls of a function, by category and name.
pub(crate) fn has_large_calls(category: &str, name: &str) -> bool {
    let is_of = |call: &LargeCall| call.function.split_once('/') == Some((category, name));
    large_calls().unwrap_or_default().iter().any(is_of)
}

fn read(text: &str) -> Result<Vec<LargeCall>, SpecError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        calls: Vec<LargeCall>,
    }
    let fault = |line: usize, why: String| SpecError { file: PATH.to_owned(), line, column: 1, why, snippet: shown("", 0) };
    let file: File = serde_yaml::from_str(text).map_err(|e| fault(e.location().map_or(1, |l| l.line()), e.to_string()))?;
    for call in &file.calls {
        if let Some(why) = call.fault() {
            let line = text.lines().position(|line| line.ends_with(&call.function)).unwrap_or_default();
            return Err(fault(line + 1, format!("{}: {why}", call.function)));
        }
    }
    Ok(file.calls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spec;

    #[test]
    fn words_are_replaced_and_parts_of_words_are_not() {
        let by = |word: &str| (word == "n").then(|| "7".to_owned());
        assert_eq!(replaced("x = ones((n,), dtype=int64)[n:]", &by), "x = ones((7,), dtype=int64)[7:]");
    }

    #[test]
    fn every_call_is_of_a_function_of_the_spec_and_calls_it() {
        for call in large_calls().unwrap() {
            let (category, name) = call.function.split_once('/').unwrap();
            let function = Spec::embedded().function(category, name).unwrap_or_else(|| panic!("{}", call.function));
            let program = call.program(call.dtypes[0], 16).unwrap();
            assert!(program.steps.iter().any(|step| step.function == function.path()), "{}: {program:?}", call.function);
            assert_eq!(program.returns.len(), 1);
        }
    }

    #[test]
    fn a_call_that_cannot_be_read_is_an_error_with_its_line() {
        let text = |program: &str, gives: &str| {
            format!("calls:\n- function: statistical/sum\n  dtypes: [float32]\n  program: {program:?}\n  gives: [{gives}]\n")
        };
        assert!(read(&text("r = sum(n)\n", "'n'")).is_ok());
        for (program, gives, why) in [
            ("r = sum(m)\n", "'n'", "`m` has no value"),
            ("q = sum(n)\n", "'n'", "gives no `r`"),
            ("r = sum(n)\n", "'many'", "`many` is neither"),
        ] {
            let error = read(&text(program, gives)).unwrap_err();
            assert!(error.line == 2 && error.why.contains(why), "{error:?}");
        }
    }
}
