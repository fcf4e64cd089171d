//! Compares signatures, if the library's language can report them: kinds of parameters, names that may be passed by keyword, and defaults.

use std::fmt;

use array_assay_format::{Cause, Cell, Revision, Verdict};
use array_assay_interface::{Parameter, ParameterKind, Presence};
use array_assay_spec::{Function, SpecParameter, SpecSignature};

use crate::generate::Sort;
use crate::judge::{Failure, Tally, kind};
use crate::snippet::{Language, looked_up};

/// The cells of the check `signature`: one for the parameters that the function had at first, and one for those that came later, if the
/// library lacks them.
pub fn signature_cells(function: &Function, presence: &Presence, language: &Language) -> Vec<Cell> {
    let mut passed = Tally { cases: 1, ..Tally::default() };
    let Some(library) = &presence.signature else {
        passed.note = Some("its signature cannot be inspected: it is judged by calling it in every legal form".to_owned());
        return vec![passed.cell("", None, None)];
    };
    // A method of an array is inspected without the array.
    let own = usize::from(function.path().starts_with("method.") && function.owner().is_none());
    let whole = &function.signature.parameters[own..];
    let since = |name: &str| function.parameters.iter().find(|p| p.name == name).and_then(|p| p.since);
    let first: Vec<SpecParameter> = whole.iter().filter(|p| since(&p.name).is_none()).cloned().collect();
    let failed = |why: Deviation, since: Option<Revision>| {
        let written = |parameters| SpecSignature { name: function.signature.name.clone(), parameters }.to_string();
        let as_the_standards = |p: &Parameter| SpecParameter { name: p.name.clone(), kind: p.kind, default: p.default.clone() };
        let failure = Failure {
            id: Sort::Plain.nth(0),
            element: None,
            cause: Cause::Signature,
            expected: written(whole.to_vec()),
            got: written(library.iter().map(as_the_standards).collect()),
            verdict: Verdict::Fail,
            kinds: kind::one(why.to_string()),
        };
        let shown = looked_up(language, &function.path(), &failure, Some(why.to_string()), Some(&why.condition()));
        let mut tally = Tally::default();
        tally.fail(failure);
        // If there is a script, the reason stands there.
        tally.note = shown.is_none().then(|| why.to_string());
        Cell { counterexample: shown, ..tally.cell("", since, None) }
    };
    match (deviation(&first, library), deviation(whole, library)) {
        (Some(why), _) => vec![failed(why, None)],
        (None, None) => vec![passed.cell("", None, None)],
        (None, Some(why)) => vec![passed.cell("", None, None), failed(why, function.parameters.iter().filter_map(|p| p.since).max())],
    }
}

/// What a library's parameters lack in comparison with the standard's.
#[derive(Debug, Clone, PartialEq)]
enum Deviation {
    /// The signature accepts the first number of positional arguments and refuses the second.
    Positional(usize, usize),
    /// A parameter cannot be passed at this position, counted from 0.
    Position(String, usize),
    /// The library has no such parameter.
    Lacks(String),
    /// A parameter has no default.
    NoDefault(String),
    /// The library needs a parameter that the standard does not have.
    Needs(String),
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deviation::Positional(has, wanted) => write!(f, "it takes {has} positional arguments, not {wanted}"),
            Deviation::Position(name, at) => write!(f, "`{name}` cannot be passed at position {}", at + 1),
            Deviation::Lacks(name) => write!(f, "it has no parameter `{name}`"),
            Deviation::NoDefault(name) => write!(f, "`{name}` has no default"),
            Deviation::Needs(name) => write!(f, "it needs the parameter `{name}`, which the standard does not have"),
        }
    }
}

impl Deviation {
    /// A Python condition that would hold without the deviation. `parameters` are those that Python's `inspect` reports, by name.
    fn condition(&self) -> String {
        let default = |name: &str| format!("parameters[{name:?}].default is not inspect.Parameter.empty");
        match self {
            Deviation::Positional(_, wanted) => {
                format!("sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters.values()) >= {wanted}")
            }
            Deviation::Position(name, at) => {
                format!("list(parameters).index({name:?}) == {at} and parameters[{name:?}].kind.name == \"POSITIONAL_OR_KEYWORD\"")
            }
            Deviation::Lacks(name) => format!("{name:?} in parameters and parameters[{name:?}].kind.name != \"POSITIONAL_ONLY\""),
            Deviation::NoDefault(name) => default(name),
            Deviation::Needs(name) => format!("{name:?} not in parameters or {}", default(name)),
        }
    }
}

/// What a library's parameters lack in comparison with the standard's. The names of positional-only parameters do not matter, and
/// additional parameters with a default are allowed.
fn deviation(standard: &[SpecParameter], library: &[Parameter]) -> Option<Deviation> {
    let takes_any_positional = library.iter().any(|p| p.kind == ParameterKind::VarPositional);
    let takes_any_keyword = library.iter().any(|p| p.kind == ParameterKind::VarKeyword);
    let positional: Vec<&Parameter> =
        library.iter().filter(|p| matches!(p.kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword)).collect();
    let mut used = Vec::new();
    for (i, wanted) in standard.iter().enumerate() {
        let by_name = library.iter().find(|p| p.name == wanted.name && p.kind != ParameterKind::PositionalOnly);
        if wanted.kind == ParameterKind::VarPositional && takes_any_positional {
            continue;
        }
        let found = match wanted.kind {
            ParameterKind::PositionalOnly => match positional.get(i) {
                Some(p) => Some(*p),
                None if takes_any_positional => continue,
                None => return Some(Deviation::Positional(positional.len(), i + 1)),
            },
            ParameterKind::KeywordOnly => by_name,
            _ => {
                let in_place = positional.get(i).filter(|p| p.name == wanted.name && p.kind == ParameterKind::PositionalOrKeyword);
                match (in_place, by_name) {
                    (Some(p), _) => Some(*p),
                    (None, Some(_)) if !takes_any_positional => {
                        return Some(Deviation::Position(wanted.name.clone(), i));
                    }
                    (None, by_name) => by_name,
                }
            }
        };
        match found {
            None if takes_any_keyword => continue,
            None => return Some(Deviation::Lacks(wanted.name.clone())),
            Some(p) if wanted.default.is_some() && p.default.is_none() => return Some(Deviation::NoDefault(p.name.clone())),
            Some(p) => used.push(p.name.as_str()),
        }
    }
    let extra = library.iter().find(|p| {
        let variadic = matches!(p.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword);
        !variadic && p.default.is_none() && !used.contains(&p.name.as_str())
    });
    extra.map(|p| Deviation::Needs(p.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snippet::Python;
    use array_assay_spec::Spec;

    fn parameter(name: &str, kind: ParameterKind, default: Option<&str>) -> Parameter {
        Parameter { name: name.to_owned(), kind, default: default.map(str::to_owned) }
    }

    fn judged(function: &str, parameters: Vec<Parameter>) -> Option<String> {
        deviation(&Spec::embedded().function("elementwise", function).unwrap().signature.parameters, &parameters).map(|why| why.to_string())
    }

    #[test]
    fn a_later_parameter_is_required_only_since_its_revision() {
        use ParameterKind::*;
        let function = Spec::embedded().function("fft", "fftfreq").unwrap();
        let old = [parameter("n", PositionalOrKeyword, None), parameter("d", KeywordOnly, Some("1.0"))];
        let old = |more: &[&str]| Presence {
            signature: Some(old.iter().cloned().chain(more.iter().map(|name| parameter(name, KeywordOnly, Some("None")))).collect()),
        };
        let verdicts = |presence: &Presence| -> Vec<_> {
            signature_cells(function, presence, &Language::Other).into_iter().map(|cell| (cell.verdict, cell.since)).collect()
        };
        assert_eq!(verdicts(&old(&[])), [(Verdict::Fail, None)]);
        assert_eq!(verdicts(&old(&["device"])), [(Verdict::Pass, None), (Verdict::Fail, Some(Revision::V2024_12))]);
        assert_eq!(verdicts(&old(&["device", "dtype"])), [(Verdict::Pass, None)]);
    }

    #[test]
    fn a_deviation_shows_both_signatures_and_a_script() {
        use ParameterKind::*;
        let function = Spec::embedded().function("elementwise", "clip").unwrap();
        let library =
            vec![parameter("a", PositionalOnly, None), parameter("min", KeywordOnly, Some("0")), parameter("kw", VarKeyword, None)];
        let numpy = Language::Python(Python { module: "numpy".to_owned(), ..Python::default() });
        let [cell] = &signature_cells(function, &Presence { signature: Some(library) }, &numpy)[..] else { panic!("one cell") };
        let shown = cell.counterexample.as_ref().unwrap();
        assert_eq!(shown.got, "clip(a, /, *, min=0, **kw)");
        assert_eq!(shown.expected, "clip(x, /, min=None, max=None)");
        assert!(shown.snippet.contains("inspect.signature(xp.clip)"), "{}", shown.snippet);
        assert_eq!((shown.note.as_deref(), cell.note.as_deref()), (Some("`min` cannot be passed at position 2"), None));
    }

    #[test]
    fn kinds_matter_and_names_of_positional_only_parameters_do_not() {
        use ParameterKind::*;
        assert_eq!(judged("add", vec![parameter("a", PositionalOrKeyword, None), parameter("b", PositionalOnly, None)]), None);
        assert_eq!(judged("add", vec![parameter("args", VarPositional, None)]), None);
        assert!(judged("add", vec![parameter("a", PositionalOnly, None)]).is_some());
        assert!(
            judged(
                "add",
                vec![parameter("a", PositionalOnly, None), parameter("b", PositionalOnly, None), parameter("out", KeywordOnly, None)]
            )
            .is_some()
        );
        let clip = |min: &str, default| {
            judged(
                "clip",
                vec![
                    parameter("x", PositionalOnly, None),
                    parameter(min, PositionalOrKeyword, default),
                    parameter("max", PositionalOrKeyword, Some("None")),
                ],
            )
        };
        assert_eq!(clip("min", Some("None")), None);
        assert!(clip("a_min", Some("None")).is_some());
        assert!(clip("min", None).is_some());
    }
}
