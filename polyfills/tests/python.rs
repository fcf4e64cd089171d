//! Functions of the emitted Python package as a user finds them there.

use array_assay_polyfills::python::{Verified, package};
use array_assay_spec::Spec;

/// The text of a function: from its `def` to the next one.
fn function(name: &str) -> String {
    let files = package(Spec::embedded(), &Verified::default(), &serde_json::Value::Null);
    let (_, text) = files.iter().find(|(path, _)| path.ends_with("_composed.py")).expect("the package has its functions");
    let begin = format!("\ndef {name}(");
    let at = text.find(&begin).unwrap_or_else(|| panic!("no function {name}"));
    let end = text[at + 1..].find("\n\n\n").map_or(text.len(), |n| at + 1 + n);
    text[at + 1..end].to_owned()
}

#[test]
fn a_function_with_keywords() {
    insta::assert_snapshot!(function("nanmean"));
}

#[test]
fn a_function_with_conditions_and_comments() {
    insta::assert_snapshot!(function("nanargmin"));
}

#[test]
fn a_function_with_a_loop() {
    insta::assert_snapshot!(function("einsum"));
}
