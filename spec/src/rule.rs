//! Special cases as the spec writes them. `rules.rs` works out what they say of operands.

use std::sync::OnceLock;

use array_assay_format::{Level, Revision};
use array_assay_interface::{DType, Element};

use crate::clause::Source;
use crate::dtypes::DtypeSet;
use crate::expr::{Expr, Node};

/// A special case of a function. It is a clause of its own, with a check of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The slug, unique within the function.
    pub slug: String,
    /// The input dtypes that the case is about.
    pub dtypes: DtypeSet,
    /// The level. It is `quality` if the text is doubtful.
    pub level: Level,
    /// The first revision, if that is later than the function's.
    pub since: Option<Revision>,
    /// The last revision, if the case ended.
    pub until: Option<Revision>,
    /// Why the text is doubtful.
    pub doubt: Option<String>,
    /// Hashes of the upstream sentences.
    pub source: Source,
    /// What the case says.
    pub body: RuleBody,
    /// Whether the sign of a NaN in the result matters.
    pub minds_nan_sign: bool,
    /// Inputs that fulfil the condition.
    pub(crate) found: Found,
}

/// What a special case says.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum RuleBody {
    /// A condition and the result.
    Then { when: Expr, then: Expr, approx: bool, either_sign: [bool; 2], alternatives: Vec<Expr> },
    /// A condition on the operands, and a condition on operands and result.
    Holds { when: Expr, holds: Expr },
    /// What the special cases of other functions say of an expression.
    AsIf { expr: Expr, approx: bool },
    /// What the function's own special cases say of the mapped argument.
    Symmetry(SymmetryMap),
}

/// How a symmetry maps argument and result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SymmetryMap {
    /// `f(conj(x))` equals `conj(f(x))`.
    Conj,
    /// `f(-x)` equals `-f(x)`.
    Odd,
    /// `f(-x)` equals `f(x)`.
    Even,
}

impl Rule {
    /// A rule that all revisions have, without a doubt.
    pub(crate) fn new(slug: String, dtypes: DtypeSet, level: Level, source: Source, body: RuleBody) -> Rule {
        let minds_nan_sign = matches!(&body, RuleBody::Then { then, .. } if names_nan_sign(then));
        Rule { slug, dtypes, level, since: None, until: None, doubt: None, source, body, minds_nan_sign, found: Found::default() }
    }

    /// What the case says, in our notation.
    pub fn says(&self) -> String {
        match &self.body {
            RuleBody::Then { when, then, approx, either_sign, alternatives } => {
                let mut text = format!("if {when}, the result is {}{then}", if *approx { "an approximation of " } else { "" });
                match either_sign {
                    [false, false] => {}
                    [true, false] => text.push_str(" (either sign of the real component)"),
                    [false, true] => text.push_str(" (either sign of the imaginary component)"),
                    [true, true] => text.push_str(" (either sign of both components)"),
                }
                for alternative in alternatives {
                    text.push_str(&format!(", or {alternative}"));
                }
                text
            }
            RuleBody::Holds { when, holds } => format!("if {when}, then {holds}"),
            RuleBody::AsIf { expr, .. } => format!("special cases are those of {expr}"),
            RuleBody::Symmetry(SymmetryMap::Conj) => "f(conj(x)) is conj(f(x))".to_owned(),
            RuleBody::Symmetry(SymmetryMap::Odd) => "f(-x) is -f(x)".to_owned(),
            RuleBody::Symmetry(SymmetryMap::Even) => "f(-x) is f(x)".to_owned(),
        }
    }
}

/// The witnesses of a rule by dtype, each sought when first asked for: it takes as long as a few hundred calls.
#[derive(Debug, Default)]
pub(crate) struct Found(pub(crate) [OnceLock<Vec<Vec<Element>>>; DType::ALL.len()]);

/// A copy may be changed: it seeks its own.
impl Clone for Found {
    fn clone(&self) -> Found {
        Found::default()
    }
}

/// What was found follows from the rule.
impl PartialEq for Found {
    fn eq(&self, _: &Found) -> bool {
        true
    }
}

/// Whether the sign of a NaN is part of what an expression says.
pub(crate) fn names_nan_sign(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |x| found |= matches!(&x.node, Node::Call(name, _) if name == "nan_with_sign"));
    found
}
