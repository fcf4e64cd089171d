//! The language of polyfills: what it takes, what it refuses and where.

use array_assay_format::Revision;

use super::{Place, Polyfill};
use crate::{Spec, SpecSignature};

fn parse(signature: &str, body: &str) -> Result<Polyfill, String> {
    let place = Place { file: "polyfills/test.yaml".to_owned(), line: 10, indent: 6 };
    let signature = SpecSignature::parse(signature).unwrap();
    let name = signature.name.clone();
    Polyfill::parse(&name, signature, body, place).map_err(|e| e.to_string())
}

/// The first fault of a body: line, column and reason.
fn fault(body: &str) -> (usize, usize, String) {
    let place = Place { file: "polyfills/test.yaml".to_owned(), line: 10, indent: 6 };
    let signature = SpecSignature::parse("_f(x, /, *, axis=None)").unwrap();
    let mut spec = Spec::embedded().clone();
    let error = match Polyfill::parse("_f", signature, body, place) {
        Err(error) => error,
        Ok(polyfill) => {
            spec.polyfills.push(polyfill.clone());
            polyfill.check(&spec).into_iter().next().unwrap_or_else(|| panic!("no fault in {body}"))
        }
    };
    (error.line, error.column, error.why)
}

#[track_caller]
fn faulty(body: &str, line: usize, column: usize, why: &str) {
    let (l, c, w) = fault(body);
    assert_eq!((l, c), (line, column), "{w}");
    assert!(w.contains(why), "{w}");
}

#[test]
fn the_document_of_the_language_names_each_of_its_functions() {
    let document = include_str!("../../README.md");
    let listed = document.split("these functions of the language: `").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    let listed: Vec<&str> = listed.split_whitespace().collect();
    let known: Vec<&str> = array_assay_language::HELPERS.iter().map(|helper| helper.name).collect();
    assert!(known.iter().all(|name| listed.contains(name)) && listed.len() == known.len(), "{listed:?} and {known:?}");
}

#[test]
fn a_body_of_every_statement_is_read() {
    let body = "\
# a comment
if axis is None:
    y = reshape(x, (-1,))
elif axis < 0 and not is_tuple(axis):
    y = x[..., ::2, None]
else:
    y, n = x, [i for i in range(3) if i != 1]
    for i, k in enumerate(n):
        y += i * -k
if x.ndim in (1, 2):
    raise ValueError(\"no\")
return where(y > 0, ~y & 1, linalg.trace(y)) if len(y.shape) else (y, )
";
    let polyfill = parse("_f(x, /, *, axis=None)", body).unwrap();
    assert_eq!(polyfill.body.len(), 3);
    // The expressions are written as they were read.
    let mut texts = Vec::new();
    super::each_expr(&polyfill.body, &mut |x| texts.push(x.to_string()));
    assert!(texts.contains(&"x[..., ::2, None]".to_owned()), "{texts:?}");
    assert!(texts.contains(&"[i for i in range(3) if i != 1]".to_owned()), "{texts:?}");
    assert!(texts.contains(&"where(y > 0, ~y & 1, linalg.trace(y)) if len(y.shape) else (y,)".to_owned()), "{texts:?}");
}

#[test]
fn syntax_is_located() {
    faulty("y = x +\nreturn y\n", 10, 14, "expected an operand");
    faulty("y = x\nif y.ndim == 0\n    return y\n", 11, 21, "expected `:`");
    faulty("if x.ndim == 0:\nreturn x\n", 11, 7, "deeper");
    faulty("x[0] = 1\nreturn x\n", 10, 7, "only names are assigned to");
    faulty("return x $ 1\n", 10, 16, "unexpected character");
    faulty("y = \"a\nreturn y\n", 10, 11, "string does not end");
    faulty("if x.ndim == 0:\n      y = x\n   return y\n", 12, 10, "indentation");
}

#[test]
fn an_unknown_function_is_located() {
    faulty("y = x\nreturn nanmum(y)\n", 11, 14, "no function `nanmum`");
}

#[test]
fn a_function_newer_than_the_revision_is_located() {
    let mut polyfill = parse("_f(x, /)", "y = x\nreturn nextafter(y, y)\n").unwrap();
    polyfill.revision = Some("2023.12".parse().unwrap());
    let faults = polyfill.check(Spec::embedded());
    assert_eq!((faults[0].line, faults[0].column), (11, 14));
    assert!(faults[0].why.contains("`nextafter` came with 2024.12"), "{}", faults[0].why);
    assert_eq!(polyfill.requires(Spec::embedded()), "2024.12".parse::<Revision>().unwrap());
}

#[test]
fn a_wrong_keyword_or_arity_is_located() {
    faulty("return sum(x, axes=axis)\n", 10, 14, "no argument `axes`");
    faulty("return sum(x, 0)\n", 10, 14, "2 positional arguments for 1");
    faulty("return sum(axis=axis)\n", 10, 14, "`x` is missing");
    faulty("return sum(x, axis=0, axis=1)\n", 10, 29, "given twice");
    faulty("return len(x, x)\n", 10, 14, "takes 1 positional");
}

#[test]
fn an_undefined_name_is_located() {
    faulty("y = x\nreturn y + z\n", 11, 18, "`z` is not defined here");
    faulty("y = y + 1\nreturn y\n", 10, 11, "`y` is not defined here");
    faulty("return x.sum\n", 10, 14, "attribute");
}

#[test]
fn recursion_without_end_is_located() {
    faulty("y = x\nreturn _f(y)\n", 11, 14, "without end");
    let mut spec = Spec::embedded().clone();
    let f = parse("_f(x, /)", "if x.ndim:\n    return x\nreturn _g(x)\n").unwrap();
    spec.polyfills.push(f.clone());
    spec.polyfills.push(parse("_g(x, /)", "return _f(x)\n").unwrap());
    let faults = f.check(&spec);
    assert_eq!((faults[0].line, faults[0].column), (12, 14));
    assert!(faults[0].why.contains("recursion without end"), "{}", faults[0].why);
}

#[test]
fn an_unbounded_loop_is_located() {
    faulty("while True:\n    y = x\nreturn x\n", 10, 7, "no bound");
    faulty("y = sort(x)\nfor v in y:\n    w = v\nreturn y\n", 11, 16, "over an array");
}

#[test]
fn a_condition_on_elements_is_located() {
    faulty("if any(isnan(x)):\n    return x\nreturn x\n", 10, 10, "not known before the program runs");
}

#[test]
fn a_body_that_may_not_return_is_located() {
    let (line, _, why) = fault("if x.ndim == 0:\n    return x\ny = x\n");
    assert_eq!(line, 12);
    assert!(why.contains("without `return`"), "{why}");
}
