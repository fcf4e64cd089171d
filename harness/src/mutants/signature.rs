//! Faults of signatures: parameters that are missing, have no default or another one, or can be passed in fewer ways.

use array_assay_interface::{CallError, Parameter, ParameterKind, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Function, SpecParameter};

use super::{Fault, Mutation};

/// The faults of a function's signature that calls can show.
pub(super) fn faults(function: &Function) -> Vec<Fault> {
    let mut out = Vec::new();
    for parameter in own_parameters(function) {
        let name = || parameter.name.clone();
        if other_default(function, &parameter.name).is_some() {
            out.push(Fault::OtherDefault(name()));
        }
    }
    out
}

/// The faults of a function's signature that the check `signature` or calls have to find.
pub(super) fn of_signature(function: &Function) -> Vec<Fault> {
    let mut out = Vec::new();
    for parameter in own_parameters(function) {
        let name = || parameter.name.clone();
        out.push(Fault::ParameterMissing(name()));
        if parameter.default.is_some() {
            out.push(Fault::NoDefault(name()));
        }
        match parameter.kind {
            ParameterKind::PositionalOnly | ParameterKind::VarPositional => out.push(Fault::PositionRefused(name())),
            ParameterKind::PositionalOrKeyword => out.extend([Fault::PositionRefused(name()), Fault::NameRefused(name())]),
            ParameterKind::KeywordOnly | ParameterKind::VarKeyword => out.push(Fault::NameRefused(name())),
        }
    }
    out
}

/// The parameters, without the array or object that a method belongs to.
fn own_parameters(function: &Function) -> &[SpecParameter] {
    let own = usize::from(function.path().starts_with("method.") && function.owner().is_none());
    function.signature.parameters.get(own..).unwrap_or_default()
}

/// An argument that differs from the default of a parameter and is legal with any other arguments. `None` if none is known.
fn other_default(function: &Function, name: &str) -> Option<Given> {
    let default = function.signature.parameters.iter().find(|p| p.name == name)?.default.as_deref()?;
    let domain = &function.parameters.iter().find(|p| p.name == name)?.domain;
    let int = |v| Some(Given::Scalar(Scalar::Int(v)));
    match (domain, default) {
        (Domain::Flag {}, _) => Some(Given::Scalar(Scalar::Bool(default != "True"))),
        (Domain::Axis { .. } | Domain::Axes { .. } | Domain::NewAxis { .. }, "0") => int(-1),
        (Domain::Axis { .. } | Domain::Axes { .. } | Domain::NewAxis { .. }, _) => int(0),
        (Domain::Integer { .. } | Domain::Shift { .. }, _) => int(default.parse::<i128>().ok()? + 1),
        (Domain::Real { .. } | Domain::Spacing {}, _) => Some(Given::Scalar(Scalar::Float(default.parse::<f64>().ok()? + 1.0))),
        (Domain::Choice { among } | Domain::Kinds { among } | Domain::Order { among }, _) => {
            let text = default.trim_matches(['"', '\'']);
            let other = among.iter().find(|other| *other != text && other.parse::<f64>().is_err())?;
            Some(Given::Str(other.clone()))
        }
        _ => None,
    }
}

impl Mutation {
    /// The signature that the mutant shows.
    pub fn signature(&self, function: &Function) -> Vec<Parameter> {
        let shown = shown_signature(function).into_iter();
        match &self.fault {
            Fault::ParameterMissing(missing) => shown.filter(|p| p.name != *missing).collect(),
            Fault::NoDefault(of) => shown.map(|p| if p.name == *of { Parameter { default: None, ..p } } else { p }).collect(),
            Fault::NameRefused(of) => with_kind(shown, of, ParameterKind::PositionalOnly),
            Fault::PositionRefused(of) => with_kind(shown, of, ParameterKind::KeywordOnly),
            _ => shown.collect(),
        }
    }

    /// Refuses a call that the faulty signature does not allow. `positions` is the number of positional arguments, without the object that
    /// a method belongs to.
    pub fn refuses(&self, function: &Function, positions: usize, keywords: &[&str]) -> Result<(), CallError> {
        let at = |name: &str| own_parameters(function).iter().position(|p| p.name == name);
        let by_position = |name: &str| at(name).is_some_and(|at| at < positions);
        let by_name = |name: &str| keywords.contains(&name);
        let refused = match &self.fault {
            Fault::ParameterMissing(name) => by_position(name) || by_name(name),
            Fault::NoDefault(name) => !by_position(name) && !by_name(name),
            Fault::NameRefused(name) => by_name(name),
            Fault::PositionRefused(name) => by_position(name),
            _ => false,
        };
        if refused { Err(CallError::raised("TypeError", format!("{}: the signature of a mutant", function.name))) } else { Ok(()) }
    }

    /// Adds an argument that is left out, if the mutant has another default for it.
    pub fn apply_default<'f>(&self, function: &'f Function, given: &mut Vec<(&'f str, Given)>) {
        let Fault::OtherDefault(name) = &self.fault else { return };
        let Some(parameter) = function.parameters.iter().find(|p| p.name == *name) else { return };
        if let (false, Some(other)) = (given.iter().any(|(n, _)| n == name), other_default(function, name)) {
            given.push((&parameter.name, other));
        }
    }
}

/// The signature of a function as its library shows it.
pub fn shown_signature(function: &Function) -> Vec<Parameter> {
    let shown = |p: &SpecParameter| Parameter { name: p.name.clone(), kind: p.kind, default: p.default.clone() };
    own_parameters(function).iter().map(shown).collect()
}

/// The parameters with one of them changed to another kind, in an order that Python allows.
fn with_kind(parameters: impl Iterator<Item = Parameter>, name: &str, kind: ParameterKind) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = parameters.map(|p| if p.name == name { Parameter { kind, ..p } } else { p }).collect();
    let rank = |kind| match kind {
        ParameterKind::PositionalOnly => 0,
        ParameterKind::PositionalOrKeyword => 1,
        ParameterKind::VarPositional => 2,
        ParameterKind::KeywordOnly => 3,
        ParameterKind::VarKeyword => 4,
    };
    out.sort_by_key(|p| rank(p.kind));
    out
}
