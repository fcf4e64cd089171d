//! Type hints and docstrings, made from the function's entry in the spec and from what `documents.yaml` says of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use array_assay_interface::ParameterKind;
use array_assay_spec::polyfill::Polyfill;
use array_assay_spec::{Domain, DtypeRule, DtypeSet, Function, GAPS, Parameter, Spec};

/// What the docstrings say beside what the spec does.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Documents {
    /// The functions, by name.
    pub functions: BTreeMap<String, Document>,
    /// A sentence for each parameter, by name.
    pub parameters: BTreeMap<String, String>,
}

/// What the docstring of a function says.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// What it does, in one sentence.
    pub summary: String,
    /// An expression of Python.
    pub example: String,
    /// What Python prints as its value.
    pub gives: String,
    /// A sentence for each parameter that means something else than in other functions.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// The documents of the package.
pub(super) static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    // The file is part of the program, and a test reads it.
    serde_yaml::from_str(include_str!("documents.yaml")).expect("documents.yaml has the form of `Documents`")
});

/// Which argument has the type of the result: the first that is always an array.
pub(super) fn leading<'a>(polyfill: &'a Polyfill, entry: Option<&Function>) -> Option<&'a str> {
    let is_array = |name: &str| matches!(kind(entry, name).as_deref(), Some("Array"));
    let first = polyfill.signature.parameters.iter().find(|p| p.default.is_none() && is_array(&p.name));
    first.filter(|p| p.kind != ParameterKind::VarPositional).map(|p| p.name.as_str())
}

/// The type of an argument.
pub(super) fn hint(polyfill: &Polyfill, entry: Option<&Function>, name: &str, default: Option<&str>) -> String {
    let tells_apart = polyfill.text.contains(&format!("is_array({name})"));
    let mut hint = match kind(entry, name) {
        // A type variable that no result has says nothing.
        _ if leading(polyfill, entry) == Some(name) => if result_hint(polyfill, entry) == "A" { "A" } else { "Array" }.to_owned(),
        // Where an array or a Python scalar may stand, and beside the first array, whose type the result has.
        Some(kind) if kind.contains("Array") && !kind.contains("int") => "Any".to_owned(),
        Some(kind) if !tells_apart => kind,
        _ => "Any".to_owned(),
    };
    if default == Some("None") && hint != "Any" {
        hint.push_str(" | None");
    }
    hint
}

fn kind(entry: Option<&Function>, name: &str) -> Option<String> {
    let function = entry?;
    if let Some(operand) = function.operand(name) {
        return Some(if operand.scalars.is_some() { "Array | Scalar" } else { "Array" }.to_owned());
    }
    let parameter = function.parameters.iter().find(|p| p.name == name)?;
    let variadic = function.signature.parameters.iter().any(|p| p.name == name && p.kind == ParameterKind::VarPositional);
    Some(
        match &parameter.domain {
            Domain::Array { .. } | Domain::Sorter { .. } => "Array",
            Domain::Arrays { .. } if variadic => "Array",
            Domain::Arrays { .. } => "list[Any] | tuple[Any, ...]",
            Domain::ArrayOrScalar { .. } => "Array | Scalar",
            Domain::Axis { .. } | Domain::Integer { .. } | Domain::NewAxis { .. } => "int",
            Domain::Axes { .. } | Domain::Sizes { .. } | Domain::UnitAxes { .. } | Domain::NewAxes { .. } => "int | tuple[int, ...]",
            Domain::Shift { .. } | Domain::MovedAxes { .. } => "int | tuple[int, ...]",
            Domain::Repetitions { .. } => "tuple[int, ...]",
            Domain::Repeats { .. } => "int | Array",
            Domain::Flag {} => "bool",
            Domain::Choice { .. } => "str",
            Domain::Dtype { .. } => "DType",
            Domain::Number { .. } | Domain::Real { .. } => "float",
            _ => "Any",
        }
        .to_owned(),
    )
}

/// The type of the result.
pub(super) fn result_hint(polyfill: &Polyfill, entry: Option<&Function>) -> &'static str {
    match entry {
        Some(function) if function.result.dtype != DtypeRule::Stated && leading(polyfill, entry).is_some() => "A",
        _ => "Any",
    }
}

/// The docstring: what the function does, its parameters with dtypes and ranks, the result, how it is composed, and an example.
pub(super) fn docstring(spec: &Spec, polyfill: &Polyfill, entry: Option<&Function>) -> String {
    let (Some(function), Some(document)) = (entry, DOCUMENTS.functions.get(&polyfill.name)) else {
        let says = polyfill.says.clone().or_else(|| spec.gap(&polyfill.name).map(|gap| gap.says.clone()));
        return capitalized(&format!("{}.", says.unwrap_or_else(|| format!("`{}` of the standard", polyfill.name))));
    };
    let mut out = format!("{}\n\nParameters\n----------\n", document.summary);
    for p in &polyfill.signature.parameters {
        let name = super::python_name(&p.name);
        let default = p.default.as_ref().map_or(String::new(), |text| format!(", default {text}"));
        let star = if p.kind == ParameterKind::VarPositional { "*" } else { "" };
        out.push_str(&format!("{star}{name} : {}{default}\n", described(spec, function, &p.name)));
        if let Some(says) = document.parameters.get(&p.name).or_else(|| DOCUMENTS.parameters.get(&p.name)) {
            out.push_str(&format!("    {says}\n"));
        }
    }
    out.push_str("xp : namespace, optional\n    The namespace of the arrays; that of the arguments by default.\n");
    out.push_str(&format!("\nReturns\n-------\n{}\n", result(function)));
    out.push_str(&format!("\nNotes\n-----\n{}\n", composed(polyfill)));
    let gap = spec.gap(&polyfill.name).filter(|_| function.category == GAPS);
    let aspects = function.aspects.iter().filter(|a| a.slug == "nan").map(|a| format!("{}.", capitalized(&a.says)));
    aspects.for_each(|sentence| out.push_str(&format!("{sentence}\n")));
    match gap {
        Some(gap) if !gap.hazards.is_empty() => {
            out.push_str("Where libraries differ, or compositions go wrong:\n\n");
            gap.hazards.iter().for_each(|hazard| out.push_str(&format!("- {hazard}\n")));
        }
        Some(_) => {}
        None => out.push_str(&format!("The standard has this function since revision {}.\n", function.since)),
    }
    let source = function.url();
    if !source.is_empty() {
        out.push_str(&format!("\nReferences\n----------\n{source}\n"));
    }
    out.push_str("\nExamples\n--------\n>>> import numpy as np\n>>> import array_assay_polyfills as ap\n");
    out.push_str(&format!(">>> {}\n{}\n", document.example, document.gives));
    out
}

/// How a body is composed, and what that costs, as far as its calls show it.
fn composed(polyfill: &Polyfill) -> String {
    let calls: Vec<String> = polyfill.calls().into_iter().map(|(name, _)| name).filter(|name| !name.starts_with('_')).collect();
    if calls.is_empty() {
        return "Composed of operators. Cost: linear.".to_owned();
    }
    let sorts = calls.iter().any(|name| name.contains("sort") || name.starts_with("unique"));
    let named: Vec<String> = calls.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "Composed of {}. Cost: {}.",
        named.join(", "),
        if sorts { "that of a sort" } else { "a fixed number of passes over the elements, unless said otherwise" }
    )
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

pub(crate) fn described(spec: &Spec, function: &Function, name: &str) -> String {
    if let Some(operand) = function.operand(name) {
        return format!("array of any shape, {}", dtypes(spec, &operand.dtypes));
    }
    let Some(parameter) = function.parameters.iter().find(|p| p.name == name) else { return "see the source".to_owned() };
    match &parameter.domain {
        Domain::Array { rank: (low, high), .. } => {
            let rank = match (low, high) {
                (0, high) if *high >= 3 => "any shape".to_owned(),
                (low, high) if low == high => format!("rank {low}"),
                (low, high) if *high >= 4 => format!("rank {low} or more"),
                (low, high) => format!("rank {low} to {high}"),
            };
            format!("array of {rank}, {}", dtypes(spec, &parameter.dtypes))
        }
        Domain::Arrays { .. } => format!("arrays, {}", dtypes(spec, &parameter.dtypes)),
        Domain::Axis { of } => format!("int, an axis of `{of}`"),
        Domain::Axes { of } => format!("int or tuple of int, axes of `{of}`; None: all"),
        Domain::Flag {} => "bool".to_owned(),
        Domain::Choice { among } => format!("one of {}", among.join(", ")),
        Domain::Integer { .. } => "int".to_owned(),
        Domain::Real { .. } | Domain::Number { .. } => "float".to_owned(),
        Domain::Dtype { .. } => "dtype".to_owned(),
        _ => domain_name(parameter),
    }
}

fn domain_name(parameter: &Parameter) -> String {
    match &parameter.domain {
        Domain::Sizes {} => "int or tuple of int",
        Domain::ArrayOrScalar { .. } => "array or Python scalar",
        _ => "as in the standard",
    }
    .to_owned()
}

/// The dtypes in words: the name of a category, if one has exactly these dtypes.
fn dtypes(spec: &Spec, set: &DtypeSet) -> String {
    const CATEGORIES: [&str; 9] =
        ["any", "numeric", "real", "floating", "real floating", "complex floating", "integer", "integer or boolean", "boolean"];
    let named = CATEGORIES.iter().find(|name| spec.dtypes.category(name).as_ref() == Some(set));
    named.map_or_else(|| "see the source for its dtypes".to_owned(), |name| format!("{name} dtype"))
}

pub(crate) fn result(function: &Function) -> &'static str {
    match function.result.dtype {
        DtypeRule::Promote => "array of the dtype to which the arguments promote",
        DtypeRule::Same => "array of the dtype of the first argument",
        DtypeRule::Boolean => "array of dtype bool",
        DtypeRule::RealOf => "array of the real dtype of the same precision",
        DtypeRule::GivenOrSame => "array of dtype `dtype`, or that of the first argument",
        DtypeRule::GivenOrDefault => "array of the default real floating dtype",
        DtypeRule::GivenOrUpcast | DtypeRule::GivenOrUpcastFloating => {
            "array of dtype `dtype`, or that of the first argument; integers are no narrower than the default"
        }
        DtypeRule::Index => "array of the default dtype of indices",
        _ => "several arrays, or what the source says",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_is_of_a_polyfill_and_each_summary_one_sentence() {
        let spec = Spec::embedded();
        for (name, document) in &DOCUMENTS.functions {
            assert!(spec.polyfill(name).is_some(), "{name}");
            assert!(document.summary.ends_with('.') && !document.summary[..document.summary.len() - 1].contains(". "), "{name}");
        }
    }

    #[test]
    fn each_parameter_has_a_sentence() {
        for polyfill in Spec::embedded().polyfills.iter().filter(|p| DOCUMENTS.functions.contains_key(&p.name)) {
            for parameter in &polyfill.signature.parameters {
                let operand = ["x", "x1", "x2", "y"].contains(&parameter.name.as_str());
                assert!(operand || DOCUMENTS.parameters.contains_key(&parameter.name), "{}: {}", polyfill.name, parameter.name);
            }
        }
    }
}
