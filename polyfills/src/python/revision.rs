//! The oldest revision of the standard in which an emitted function has all that it calls.

use std::collections::BTreeMap;

use array_assay_format::Revision;
use array_assay_language::{Python, helper};
use array_assay_spec::expr::{Expr, Node, ProgramNode};
use array_assay_spec::polyfill::{ATTRIBUTES, CONSTANTS, Polyfill, each_expr};
use array_assay_spec::{Domain, Function, Spec};

/// The oldest revision for each polyfill, by name. A function that came later than its caller may do is composed in its turn.
pub fn required(spec: &Spec) -> BTreeMap<&str, Revision> {
    let oldest = Revision::published()[0];
    let mut found: BTreeMap<&str, Revision> = spec.polyfills.iter().map(|p| (p.name.as_str(), oldest)).collect();
    // Bodies call each other: revisions rise until none changes.
    loop {
        let next: BTreeMap<&str, Revision> = spec.polyfills.iter().map(|p| (p.name.as_str(), of_body(spec, p, &found))).collect();
        if next == found {
            return found;
        }
        found = next;
    }
}

fn of_body(spec: &Spec, polyfill: &Polyfill, known: &BTreeMap<&str, Revision>) -> Revision {
    let mut newest = Revision::published()[0];
    each_expr(&polyfill.body, &mut |expr| {
        let Node::Program(ProgramNode::Call { function, args, keywords }) = &expr.node else { return };
        if let Some(helper) = helper(function) {
            // Default dtypes are read off the inspection functions.
            if matches!(helper.python, Python::OfNamespace(text) if text.contains("__array_namespace_info__")) {
                newest = newest.max(since(spec, "__array_namespace_info__"));
            }
            return;
        }
        let Some(entry) = spec.at_path(function) else {
            newest = newest.max(known.get(function.as_str()).copied().unwrap_or(newest));
            return;
        };
        let composed = known.get(function.as_str()).copied();
        if entry.is_gap() {
            newest = newest.max(composed.unwrap_or(newest));
            return;
        }
        let own = of_call(polyfill, spec, entry, args, keywords);
        // The package has this one for all libraries.
        let own = if function == "broadcast_shapes" { Revision::published()[0] } else { own };
        newest = newest.max(composed.map_or(own, |composed| composed.min(own)));
    });
    newest
}

/// The revision in which the standard has a function.
fn since(spec: &Spec, path: &str) -> Revision {
    spec.functions.iter().find(|f| f.name == path).map_or(Revision::published()[0], |f| f.since)
}

/// The revision in which the standard has a function with these arguments.
fn of_call(polyfill: &Polyfill, spec: &Spec, entry: &Function, args: &[Expr], keywords: &[(String, Expr)]) -> Revision {
    let mut newest = entry.since;
    for (name, _) in keywords {
        let since = entry.parameters.iter().find(|p| p.name == *name).and_then(|p| p.since);
        newest = newest.max(since.unwrap_or(newest));
    }
    let named = entry.signature.parameters.iter().map(|p| p.name.as_str()).zip(args);
    for (name, value) in named.chain(keywords.iter().map(|(name, value)| (name.as_str(), value))) {
        let operand = entry.operands.iter().find(|o| o.name == name);
        let takes_array = |p: &array_assay_spec::Parameter| matches!(p.domain, Domain::Array { .. } | Domain::ArrayOrScalar { .. });
        let is_array = operand.is_some() || entry.parameters.iter().any(|p| p.name == name && takes_array(p));
        if is_array && is_scalar(polyfill, spec, value) {
            // Functions that are not element by element say it in an aspect.
            let said = entry.aspects.iter().find(|a| a.slug == "scalar").and_then(|a| a.since);
            newest = newest.max(operand.and_then(|o| o.scalars).or(said).unwrap_or(newest));
        }
    }
    newest
}

/// Whether an expression is a Python scalar: a number, a constant, an attribute of what `finfo` and `iinfo` give, or a parameter that is
/// none.
fn is_scalar(polyfill: &Polyfill, spec: &Spec, value: &Expr) -> bool {
    match &value.node {
        Node::Number(_) => true,
        Node::Unary(_, x) => is_scalar(polyfill, spec, x),
        Node::Binary(_, x, y) => is_scalar(polyfill, spec, x) && is_scalar(polyfill, spec, y),
        Node::Name(name) => {
            let parameter = spec.at_path(&polyfill.name).and_then(|f| f.parameters.iter().find(|p| p.name == *name));
            let operand = spec.at_path(&polyfill.name).and_then(|f| f.operand(name)).is_some_and(|o| o.scalars.is_some());
            let given = operand
                || parameter.is_some_and(|p| {
                    matches!(p.domain, Domain::Number { .. } | Domain::Real { .. } | Domain::Integer { .. } | Domain::ArrayOrScalar { .. })
                });
            let assigned = polyfill.signature.parameters.iter().any(|p| p.name == *name);
            given || (CONSTANTS.contains(&name.as_str()) && !assigned)
        }
        Node::Program(ProgramNode::Attribute(_, name)) => !ATTRIBUTES.contains(&name.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_those_of_what_a_body_calls() {
        let required = required(Spec::embedded());
        let revision = |text: &str| text.parse::<Revision>().unwrap();
        // Only functions of the first revision.
        assert_eq!(required["square"], revision("2021.12"));
        // `where` takes a Python scalar.
        assert_eq!(required["nanmax"], revision("2024.12"));
        // The default dtypes are asked for.
        assert_eq!(required["argwhere"], revision("2021.12"));
        assert_eq!(required["diag_indices"], revision("2023.12"));
    }
}
