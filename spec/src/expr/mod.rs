//! The expression language of the spec: a subset of Python's expressions, with one parser.
//!
//! [`Expr::eval`] evaluates over numbers: conditions and results of special cases. The bodies of polyfills ([`crate::polyfill`]) and rules
//! for shapes ([`crate::shape`]) have more of Python: strings, tuples, attributes, subscripts; [`Expr::parse`] refuses those.

mod eval;
mod lexer;
mod parser;

use std::fmt;

pub(crate) use lexer::Token;
pub(crate) use parser::Parser;

pub use array_assay_language::{BinaryOp, CompareOp, UnaryOp};
pub use eval::{CONSTANTS, EvalError, FUNCTIONS, Names, NoNames, Num};

/// A parsed expression. `at` is the byte offset of its first character in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where it starts.
    pub at: usize,
}

/// The kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Node {
    Number(Num),
    Name(String),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a < b <= c`
    Compare(Box<Expr>, Vec<(CompareOp, Expr)>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Call(String, Vec<Expr>),
    /// What only polyfills have.
    Program(ProgramNode),
}

/// The kinds of expressions that only the bodies of polyfills have.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum ProgramNode {
    None,
    Ellipsis,
    Str(String),
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
    /// `[element for target in iterable if condition]`
    Comprehension {
        element: Box<Expr>,
        target: String,
        iterable: Box<Expr>,
        condition: Option<Box<Expr>>,
    },
    Attribute(Box<Expr>, String),
    Subscript(Box<Expr>, Box<Expr>),
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// A call of a function by its path; `*items` is one starred argument.
    Call {
        function: String,
        args: Vec<Expr>,
        keywords: Vec<(String, Expr)>,
    },
    Starred(Box<Expr>),
    /// `a if condition else b`
    Conditional {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `x in items`; `negated`: `not in`.
    In {
        item: Box<Expr>,
        items: Box<Expr>,
        negated: bool,
    },
    /// `x is None`; `negated`: `is not None`.
    IsNone {
        operand: Box<Expr>,
        negated: bool,
    },
}

/// A text that is no expression of the language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parse `{text}`: {why} at column {}", at + 1)]
pub struct ParseError {
    /// The whole text.
    pub text: String,
    /// Byte offset of the fault.
    pub at: usize,
    /// What is wrong.
    pub why: String,
}

impl Expr {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Expr, ParseError> {
        parser::parse(text)
    }

    /// Parses a text that may have what the bodies of polyfills have: strings, tuples, attributes, subscripts, conditionals.
    pub fn parse_program(text: &str) -> Result<Expr, ParseError> {
        parser::parse_program(text)
    }

    /// Calls `visit` on this expression and everything in it.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        self.walk_dyn(visit);
    }

    fn walk_dyn(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        self.parts().into_iter().for_each(|x| x.walk_dyn(visit));
    }

    /// The expressions of which it is made.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Number(_) | Node::Name(_) => Vec::new(),
            Node::Unary(_, x) => vec![x],
            Node::Binary(_, x, y) => vec![x, y],
            Node::Compare(first, rest) => std::iter::once(&**first).chain(rest.iter().map(|(_, x)| x)).collect(),
            Node::And(items) | Node::Or(items) | Node::Call(_, items) => items.iter().collect(),
            Node::Program(node) => node.parts(),
        }
    }
}

impl ProgramNode {
    fn parts(&self) -> Vec<&Expr> {
        match self {
            ProgramNode::None | ProgramNode::Ellipsis | ProgramNode::Str(_) => Vec::new(),
            ProgramNode::Tuple(items) | ProgramNode::List(items) => items.iter().collect(),
            ProgramNode::Comprehension { element, iterable, condition, .. } => {
                [&**iterable, &**element].into_iter().chain(condition.as_deref()).collect()
            }
            ProgramNode::Attribute(x, _) | ProgramNode::Starred(x) | ProgramNode::IsNone { operand: x, .. } => vec![x],
            ProgramNode::Subscript(x, key) => vec![x, key],
            ProgramNode::Slice(start, stop, step) => [start, stop, step].into_iter().flatten().map(|x| &**x).collect(),
            ProgramNode::Call { args, keywords, .. } => args.iter().chain(keywords.iter().map(|(_, x)| x)).collect(),
            ProgramNode::Conditional { condition, then, otherwise } => vec![condition, then, otherwise],
            ProgramNode::In { item, items, .. } => vec![item, items],
        }
    }
}

/// In Python notation, with the parentheses that are needed.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_expr(self, 0, f)
    }
}

fn write_expr(expr: &Expr, outer: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let strength = match &expr.node {
        Node::Program(ProgramNode::Conditional { .. }) => 0,
        Node::Or(_) => 1,
        Node::And(_) => 2,
        Node::Unary(UnaryOp::Not, _) => 3,
        Node::Compare(..) | Node::Program(ProgramNode::In { .. } | ProgramNode::IsNone { .. }) => 4,
        Node::Binary(op, ..) => op.strength(),
        Node::Unary(..) => 11,
        Node::Number(_) | Node::Name(_) | Node::Call(..) | Node::Program(_) => 13,
    };
    if strength < outer {
        f.write_str("(")?;
    }
    let list = |items: &[Expr], separator: &str, inner: u8, f: &mut fmt::Formatter<'_>| {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                f.write_str(separator)?;
            }
            write_expr(item, inner, f)?;
        }
        Ok(())
    };
    match &expr.node {
        Node::Number(v) => write!(f, "{v}")?,
        Node::Name(name) => f.write_str(name)?,
        Node::Unary(op, x) => {
            f.write_str(match op {
                UnaryOp::Negate => "-",
                UnaryOp::Plus => "+",
                UnaryOp::Not => "not ",
                UnaryOp::Invert => "~",
            })?;
            write_expr(x, strength, f)?;
        }
        Node::Binary(op, x, y) => {
            // `**` binds to the right, and its exponent may be negated without parentheses.
            let (left, right) = if *op == BinaryOp::Power { (13, 11) } else { (strength, strength + 1) };
            write_expr(x, left, f)?;
            if *op == BinaryOp::Power {
                f.write_str("**")?
            } else {
                write!(f, " {} ", op.symbol())?
            }
            write_expr(y, right, f)?;
        }
        Node::Compare(first, rest) => {
            write_expr(first, strength + 1, f)?;
            for (op, x) in rest {
                write!(f, " {} ", op.symbol())?;
                write_expr(x, strength + 1, f)?;
            }
        }
        Node::And(items) => list(items, " and ", strength + 1, f)?,
        Node::Or(items) => list(items, " or ", strength + 1, f)?,
        Node::Call(name, items) => {
            write!(f, "{name}(")?;
            list(items, ", ", 0, f)?;
            f.write_str(")")?;
        }
        Node::Program(node) => write_program_node(node, strength, &list, f)?,
    }
    if strength < outer { f.write_str(")") } else { Ok(()) }
}

/// Writes expressions with a text between them, for a place that binds so strongly.
type WriteList<'l> = &'l dyn Fn(&[Expr], &str, u8, &mut fmt::Formatter<'_>) -> fmt::Result;

fn write_program_node(node: &ProgramNode, strength: u8, list: WriteList<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match node {
        ProgramNode::None => f.write_str("None"),
        ProgramNode::Ellipsis => f.write_str("..."),
        ProgramNode::Str(text) => write!(f, "\"{text}\""),
        ProgramNode::Tuple(items) => {
            f.write_str("(")?;
            list(items, ", ", 0, f)?;
            f.write_str(if items.len() == 1 { ",)" } else { ")" })
        }
        ProgramNode::List(items) => {
            f.write_str("[")?;
            list(items, ", ", 0, f)?;
            f.write_str("]")
        }
        ProgramNode::Comprehension { element, target, iterable, condition } => {
            f.write_str("[")?;
            write_expr(element, 0, f)?;
            write!(f, " for {target} in ")?;
            write_expr(iterable, 1, f)?;
            if let Some(condition) = condition {
                f.write_str(" if ")?;
                write_expr(condition, 1, f)?;
            }
            f.write_str("]")
        }
        ProgramNode::Attribute(x, name) => {
            write_expr(x, 13, f)?;
            write!(f, ".{name}")
        }
        ProgramNode::Subscript(x, key) => {
            write_expr(x, 13, f)?;
            f.write_str("[")?;
            match &key.node {
                Node::Program(ProgramNode::Tuple(items)) if items.len() > 1 => list(items, ", ", 0, f)?,
                _ => write_expr(key, 0, f)?,
            }
            f.write_str("]")
        }
        ProgramNode::Slice(start, stop, step) => write_slice([start, stop, step].map(Option::as_deref), f),
        ProgramNode::Call { function, args, keywords } => {
            write!(f, "{function}(")?;
            list(args, ", ", 0, f)?;
            for (i, (name, value)) in keywords.iter().enumerate() {
                write!(f, "{}{name}=", if i > 0 || !args.is_empty() { ", " } else { "" })?;
                write_expr(value, 0, f)?;
            }
            f.write_str(")")
        }
        ProgramNode::Starred(x) => {
            f.write_str("*")?;
            write_expr(x, 5, f)
        }
        ProgramNode::Conditional { condition, then, otherwise } => {
            write_expr(then, 1, f)?;
            f.write_str(" if ")?;
            write_expr(condition, 1, f)?;
            f.write_str(" else ")?;
            write_expr(otherwise, 0, f)
        }
        ProgramNode::In { item, items, negated } => {
            write_expr(item, strength + 1, f)?;
            f.write_str(if *negated { " not in " } else { " in " })?;
            write_expr(items, strength + 1, f)
        }
        ProgramNode::IsNone { operand, negated } => {
            write_expr(operand, strength + 1, f)?;
            f.write_str(if *negated { " is not None" } else { " is None" })
        }
    }
}

/// Writes a slice from its start, stop and step, of which each may be absent.
fn write_slice(parts: [Option<&Expr>; 3], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.into_iter().enumerate() {
        if i == 1 || i == 2 && part.is_some() {
            f.write_str(":")?;
        }
        if let Some(part) = part {
            write_expr(part, 1, f)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_parses_to_the_same_expression() {
        for text in [
            "x1 > 0 and is_neg_zero(x2)",
            "not (a or b) and c",
            "-(x + 1) * 2 - 3",
            "1 < x <= inf",
            "complex(0 * cos(b), -0.0)",
            "-1j * sinh(1j * x)",
            "2**-x",
            "a - (b - c)",
        ] {
            let parsed = Expr::parse(text).unwrap();
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn faults_are_located() {
        for (text, at) in [("x1 >", 4), ("x1 $ 2", 3), ("f(x", 3), ("", 0), ("1 2", 2), ("x.y", 1)] {
            assert_eq!(Expr::parse(text).unwrap_err().at, at, "{text}");
        }
    }
}
