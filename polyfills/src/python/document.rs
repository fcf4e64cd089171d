//! Type hints and docstrings, made from the function's entry in the spec.

use array_assay_spec::polyfill::Polyfill;
use array_assay_spec::{Domain, DtypeRule, DtypeSet, Function, GAPS, Parameter, Spec};

/// The type of an argument.
pub(super) fn hint(entry: Option<&Function>, name: &str, default: Option<&str>) -> String {
    let parameter = entry.and_then(|f| f.parameters.iter().find(|p| p.name == name));
    let mut hint = match parameter.map(|p| &p.domain) {
        Some(Domain::Array { .. } | Domain::Sorter { .. }) => "Array",
        Some(Domain::Arrays { .. }) => {
            let variadic = entry.is_some_and(|f| {
                f.signature.parameters.iter().any(|p| p.name == name && p.kind == array_assay_interface::ParameterKind::VarPositional)
            });
            if variadic { "Array" } else { "list[Array] | tuple[Array, ...]" }
        }
        Some(Domain::ArrayOrScalar { .. }) => "Array | bool | int | float | complex",
        Some(Domain::Axis { .. } | Domain::Integer { .. } | Domain::NewAxis { .. }) => "int",
        Some(Domain::Axes { .. } | Domain::Sizes { .. } | Domain::UnitAxes { .. } | Domain::NewAxes { .. } | Domain::Shift { .. }) => {
            "int | tuple[int, ...]"
        }
        Some(Domain::MovedAxes { .. }) => "int | tuple[int, ...]",
        Some(Domain::Repetitions { .. }) => "tuple[int, ...]",
        Some(Domain::Repeats { .. }) => "int | Array",
        Some(Domain::Flag {}) => "bool",
        Some(Domain::Choice { .. }) => "str",
        Some(Domain::Dtype { .. }) => "DType",
        Some(Domain::Number { .. } | Domain::Real { .. }) => "int | float",
        Some(_) => "Any",
        None if entry.is_some_and(|f| f.operand(name).is_some()) => "Array | int | float",
        None => "Any",
    }
    .to_owned();
    if default == Some("None") && hint != "Any" {
        hint.push_str(" | None");
    }
    hint
}

/// The type of the result.
pub(super) fn result_hint(polyfill: &Polyfill, entry: Option<&Function>) -> &'static str {
    match entry {
        Some(function) if function.result.dtype != DtypeRule::Stated => "Array",
        _ if polyfill.is_helper() => "Any",
        _ => "Any",
    }
}

/// The docstring: what the function does, its parameters with dtypes and ranks, the result, and the source.
pub(super) fn docstring(spec: &Spec, polyfill: &Polyfill, entry: Option<&Function>, namespace: &str) -> String {
    let Some(function) = entry else {
        let says = polyfill.says.clone().unwrap_or_default();
        return capitalized(&format!("{says}."));
    };
    let gap = spec.gap(&polyfill.name).filter(|_| function.category == GAPS);
    let mut out = match gap {
        Some(_) => format!("`{}`, which the standard lacks, composed of its functions.\n", polyfill.signature),
        None => format!("`{}` of the standard since {}, for libraries that lack it.\n", polyfill.signature, function.since),
    };
    out.push_str("\nParameters\n----------\n");
    for p in &polyfill.signature.parameters {
        let default = p.default.as_ref().map_or(String::new(), |text| format!(", default {text}"));
        out.push_str(&format!("{} : {}{default}\n", p.name, described(spec, function, &p.name)));
    }
    out.push_str(&format!("{namespace} : namespace of the standard, default that of the arguments\n"));
    out.push_str(&format!("\nReturns\n-------\n{}\n", result(function)));
    if let Some(gap) = gap.filter(|gap| !gap.hazards.is_empty()) {
        out.push_str("\nNotes\n-----\n");
        gap.hazards.iter().for_each(|hazard| out.push_str(&format!("- {hazard}\n")));
    }
    let source = function.url();
    if !source.is_empty() {
        out.push_str(&format!("\nSource: {source}\n"));
    }
    out
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
        Domain::Axis { of } => format!("an axis of `{of}`, from the front or from the back"),
        Domain::Axes { of } => format!("one axis of `{of}` or several, from the front or from the back; None: all"),
        Domain::Flag {} => "whether".to_owned(),
        Domain::Choice { among } => format!("one of {}", among.join(", ")),
        Domain::Integer { .. } => "an integer".to_owned(),
        Domain::Real { .. } => "a real number".to_owned(),
        Domain::Dtype { .. } => "the dtype of the result".to_owned(),
        Domain::Number { .. } => "a Python number".to_owned(),
        _ => domain_name(parameter),
    }
}

fn domain_name(parameter: &Parameter) -> String {
    match &parameter.domain {
        Domain::Sizes {} => "a size or a tuple of sizes",
        Domain::ArrayOrScalar { .. } => "an array or a Python scalar",
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
