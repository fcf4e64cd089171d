//! The table of functions: signatures, operands of element-wise functions, what operators stand for; and promotion.

use array_assay_format::Revision;
use array_assay_interface::{DType, Kind, ParameterKind};
use array_assay_spec::{DtypeRule, Function, OperatorForm, Spec, SpecParameter, SpecSignature};

use super::{dtype, text};

pub(super) fn table(spec: &Spec) -> String {
    let mut out = format!(
        "//! What the spec says of the functions: signatures, operators and promotion.\n\nuse array_assay_interface::{{DType, Kind}};\n\n{TYPES}\n\
         /// The revision of the standard.\npub const REVISION: &str = {};\n\n",
        text(&Revision::NEWEST.to_string())
    );
    out.push_str("/// The dtype to which two different ones promote.\npub(crate) const PROMOTION: &[(DType, DType, DType)] = &[\n");
    for (i, a) in DType::ALL.into_iter().enumerate() {
        for b in &DType::ALL[i + 1..] {
            if let Some(to) = spec.dtypes.promote(a, *b) {
                out.push_str(&format!("({}, {}, {}),\n", dtype(a), dtype(*b), dtype(to)));
            }
        }
    }
    let extensions: Vec<String> = spec.extensions().into_iter().map(text).collect();
    out.push_str(&format!(
        "];\n\n/// The extensions of the standard.\npub(crate) const EXTENSIONS: &[&str] = &[{}];\n\n",
        extensions.join(", ")
    ));
    out.push_str(
        "/// Functions of an extension that are the same as those of that name in the namespace.\npub(crate) const ALIASES: &[&str] = &[\n",
    );
    for function in spec.functions.iter().filter(|f| is_alias(spec, f)) {
        out.push_str(&format!("{},\n", text(&function.path())));
    }
    out.push_str("];\n\n/// The functions, by path.\npub(crate) const FUNCTIONS: &[Function] = &[\n");
    let mut entries: Vec<(String, String)> = Vec::new();
    for function in spec.with_gaps() {
        let path = function.path();
        if entries.iter().any(|(known, _)| *known == path) {
            continue;
        }
        let function = spec.at_path(&path).unwrap_or(function);
        entries.push((path.clone(), entry(&path, &function.signature, &elementwise(function), operator(function))));
    }
    for polyfill in spec.polyfills.iter().filter(|p| p.is_helper()) {
        entries.push((polyfill.name.clone(), entry(&polyfill.name, &polyfill.signature, NO_OPERANDS, "None".to_owned())));
    }
    entries.sort();
    entries.iter().for_each(|(_, entry)| out.push_str(entry));
    out.push_str("];\n");
    out
}

fn is_alias(spec: &Spec, function: &Function) -> bool {
    let twin = |other: &&Function| other.extension().is_none() && other.path() == function.name;
    function.extension().is_some() && spec.functions.iter().find(twin).is_some_and(|twin| twin.signature == function.signature)
}

fn operator(function: &Function) -> String {
    let Some(operator) = &function.operator else { return "None".to_owned() };
    let form = match operator.form {
        OperatorForm::Forward => "Forward",
        OperatorForm::Reflected => "Reflected",
        OperatorForm::InPlace => "InPlace",
    };
    format!("Some(Operator {{ semantics: {}, form: Form::{form} }})", text(&operator.semantics))
}

/// A function that is not element-wise.
const NO_OPERANDS: &str = "operands: 0, kinds: &[], gives: None";

/// The operands of an element-wise function: how many, of which kinds of dtypes, and which dtype they give.
fn elementwise(function: &Function) -> String {
    let Some(first) = function.operands.first() else { return NO_OPERANDS.to_owned() };
    let gives = match function.result.dtype {
        DtypeRule::Promote | DtypeRule::Same => "Some(Gives::Same)",
        DtypeRule::Boolean => "Some(Gives::Boolean)",
        DtypeRule::RealOf => "Some(Gives::Real)",
        _ => "None",
    };
    let mut kinds: Vec<Kind> = first.dtypes.iter().map(DType::kind).collect();
    kinds.sort();
    kinds.dedup();
    let kinds: Vec<String> = kinds.into_iter().map(|kind| format!("Kind::{kind:?}")).collect();
    format!("operands: {}, kinds: &[{}], gives: {gives}", function.operands.len(), kinds.join(", "))
}

fn entry(path: &str, signature: &SpecSignature, elementwise: &str, operator: String) -> String {
    let parameters: Vec<String> = signature.parameters.iter().map(parameter).collect();
    format!("Function {{ path: {}, parameters: &[{}], {elementwise}, operator: {operator} }},\n", text(path), parameters.join(", "))
}

fn parameter(parameter: &SpecParameter) -> String {
    let passed = match parameter.kind {
        ParameterKind::PositionalOnly => "ByPosition",
        ParameterKind::PositionalOrKeyword => "Either",
        ParameterKind::VarPositional => "Variadic",
        ParameterKind::KeywordOnly | ParameterKind::VarKeyword => "ByKeyword",
    };
    let default = parameter.default.as_deref().map_or("None".to_owned(), |default| format!("Some({})", literal(default)));
    format!("Parameter {{ name: {}, passed: Passed::{passed}, default: {default} }}", text(&parameter.name))
}

/// A default in Python notation.
fn literal(default: &str) -> String {
    let quoted = |q: char| default.strip_prefix(q).and_then(|rest| rest.strip_suffix(q));
    match default {
        "None" => "Literal::None".to_owned(),
        "True" => "Literal::Bool(true)".to_owned(),
        "False" => "Literal::Bool(false)".to_owned(),
        "()" => "Literal::Empty".to_owned(),
        "inf" => "Literal::Float(f64::INFINITY)".to_owned(),
        _ => match (quoted('\'').or_else(|| quoted('"')), default.parse::<i128>()) {
            (Some(inner), _) => format!("Literal::Str({})", text(inner)),
            (None, Ok(v)) => format!("Literal::Int({v})"),
            (None, Err(_)) => format!("Literal::Float({})", default.parse::<f64>().map_or("f64::NAN".to_owned(), |v| format!("{v:?}"))),
        },
    }
}

const TYPES: &str = "/// A function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    /// Its path.
    pub path: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// How many operands it has, if it is element-wise.
    pub operands: usize,
    /// The kinds of dtypes of the first operand.
    pub kinds: &'static [Kind],
    /// The dtype of the result, where it depends on that of the operands alone.
    pub gives: Option<Gives>,
    /// What it stands for, if it is an operator.
    pub operator: Option<Operator>,
}

/// The dtype that an element-wise function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// The dtype to which the operands promote.
    Same,
    /// Booleans.
    Boolean,
    /// The real dtype of the same precision.
    Real,
}

/// An operator of arrays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operator {
    /// The function that it stands for.
    pub semantics: &'static str,
    /// How it is called.
    pub form: Form,
}

/// How an operator is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The array on the left.
    Forward,
    /// The array on the right.
    Reflected,
    /// The array on the left is changed.
    InPlace,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How it is passed.
    pub passed: Passed,
    /// Its default, if it has one.
    pub default: Option<Literal>,
}

/// How a parameter is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    ByPosition,
    Either,
    ByKeyword,
    /// It takes all other arguments.
    Variadic,
}

/// A default.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(dead_code)] // A kind that no signature has today.
pub(crate) enum Literal {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(&'static str),
    /// An empty tuple.
    Empty,
}

/// The function at a path.
pub(crate) fn find(path: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|function| function.path.cmp(path)).ok().map(|i| &FUNCTIONS[i])
}
";
