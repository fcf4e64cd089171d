//! Polyfills: bodies of functions, composed of functions of the standard, in the expression language and a few statements.
//!
//! A body is a subset of Python: assignments, `if` on static facts, `for` over what is known before the program runs, `return` and `raise`.
//! What it says of arrays becomes calls of the standard; all else is worked out beforehand.

mod check;
mod parser;

use std::collections::BTreeSet;
use std::fmt;

use array_assay_format::Revision;
use array_assay_language::helper;

use crate::SpecSignature;
use crate::error::{SpecError, shown};
use crate::expr::{BinaryOp, Expr};
use crate::located::Located;

/// The body of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Polyfill {
    /// The path of the function that it implements; of one that only other polyfills call, a name that begins with `_`.
    pub name: String,
    /// The function's signature.
    pub signature: SpecSignature,
    /// What it says, in our own words, where the function's own entry does not: of a helper.
    pub says: Option<String>,
    /// The newest revision that it may ask for.
    pub revision: Option<Revision>,
    /// The statements.
    pub body: Vec<Statement>,
    /// The body's text.
    pub text: String,
    /// Where the text stands.
    pub place: Place,
}

/// Where the text of a body stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file, below the spec's folder.
    pub file: String,
    /// The line of the body's first line, from 1.
    pub line: usize,
    /// Blanks before each of its lines.
    pub indent: usize,
}

/// A statement. `at` is the byte offset of its first character in the body's text.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Statement {
    pub kind: StatementKind,
    pub at: usize,
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum StatementKind {
    /// `a = value`, `a, b = value`
    Assign {
        targets: Vec<String>,
        value: Expr,
    },
    /// `a += value`, which is `a = a + value`
    Augment {
        target: String,
        op: BinaryOp,
        value: Expr,
    },
    If {
        branches: Vec<(Expr, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    /// `for a in items`, `for a, b in items`
    For {
        targets: Vec<String>,
        items: Expr,
        body: Vec<Statement>,
    },
    Return(Expr),
    /// `raise ValueError("message")`
    Raise {
        exception: String,
        message: String,
    },
}

/// The constants of the namespace.
pub const CONSTANTS: [&str; 5] = ["inf", "nan", "pi", "e", "newaxis"];

/// The attributes of arrays, and of what `finfo`, `iinfo` and the functions with named results give.
pub const ATTRIBUTES: [&str; 7] = ["dtype", "ndim", "shape", "size", "device", "mT", "T"];

impl Polyfill {
    /// A fault at an offset of the body's text.
    pub fn fault(&self, at: usize, why: impl Into<String>) -> SpecError {
        self.place.fault(&self.text, at, why.into())
    }

    /// Whether it is a function that only other polyfills call.
    pub fn is_helper(&self) -> bool {
        self.name.starts_with('_')
    }

    /// The functions that it calls, those of the language apart, with the offset of the first call of each.
    pub fn calls(&self) -> Vec<(String, usize)> {
        let mut out: Vec<(String, usize)> = Vec::new();
        each_expr(&self.body, &mut |expr| {
            let found = match &expr.node {
                crate::expr::Node::Program(crate::expr::ProgramNode::Call { function, .. }) => {
                    helper(function).is_none().then(|| function.clone())
                }
                _ => None,
            };
            if let Some(function) = found.filter(|f| !out.iter().any(|(name, _)| name == f)) {
                out.push((function, expr.at));
            }
        });
        out
    }
}

impl Place {
    /// Where a text stands.
    pub(crate) fn of(text: &Located<String>) -> Place {
        Place { file: text.file.clone(), line: text.line, indent: text.column - 1 }
    }

    pub(crate) fn fault(&self, text: &str, at: usize, why: String) -> SpecError {
        let at = at.min(text.len());
        let line = text[..at].matches('\n').count();
        let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
        let snippet = text.lines().nth(line).unwrap_or_default();
        SpecError {
            file: self.file.clone(),
            line: self.line + line,
            column: self.indent + at - start + 1,
            why,
            snippet: shown(snippet, self.indent),
        }
    }
}

/// Calls `visit` on every expression of the statements and what is in them.
pub fn each_expr(body: &[Statement], visit: &mut impl FnMut(&Expr)) {
    fn walk(body: &[Statement], visit: &mut dyn FnMut(&Expr)) {
        for statement in body {
            match &statement.kind {
                StatementKind::Assign { value, .. } | StatementKind::Augment { value, .. } | StatementKind::Return(value) => {
                    value.walk(&mut |x| visit(x));
                }
                StatementKind::If { branches, otherwise } => {
                    for (condition, body) in branches {
                        condition.walk(&mut |x| visit(x));
                        walk(body, visit);
                    }
                    walk(otherwise, visit);
                }
                StatementKind::For { items, body, .. } => {
                    items.walk(&mut |x| visit(x));
                    walk(body, visit);
                }
                StatementKind::Raise { .. } => {}
            }
        }
    }
    walk(body, visit);
}

/// The names that statements assign.
pub fn assigned(body: &[Statement]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for statement in body {
        match &statement.kind {
            StatementKind::Assign { targets, .. } => out.extend(targets.iter().cloned()),
            StatementKind::Augment { target, .. } => {
                out.insert(target.clone());
            }
            StatementKind::If { branches, otherwise } => {
                branches.iter().for_each(|(_, body)| out.extend(assigned(body)));
                out.extend(assigned(otherwise));
            }
            StatementKind::For { targets, body, .. } => {
                out.extend(targets.iter().cloned());
                out.extend(assigned(body));
            }
            StatementKind::Return(_) | StatementKind::Raise { .. } => {}
        }
    }
    out
}

/// The body in Python notation.
impl fmt::Display for Polyfill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "def {}:", self.signature)?;
        self.text.lines().try_for_each(|line| if line.is_empty() { writeln!(f) } else { writeln!(f, "    {line}") })
    }
}

#[cfg(test)]
mod tests;
