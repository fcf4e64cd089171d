//! The expression language of the spec: a subset of Python's expressions, with one parser.
//!
//! [`Expr::eval`] evaluates over numbers: conditions and results of special cases.

mod eval;
mod lexer;
mod parser;

use std::fmt;

pub use eval::{Bindings, CONSTANTS, EvalError, FUNCTIONS, Num};

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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Negate,
    Plus,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
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

    /// Calls `visit` on this expression and everything in it.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        match &self.node {
            Node::Number(_) | Node::Name(_) => {}
            Node::Unary(_, x) => x.walk(visit),
            Node::Binary(_, x, y) => {
                x.walk(visit);
                y.walk(visit);
            }
            Node::Compare(first, rest) => {
                first.walk(visit);
                rest.iter().for_each(|(_, x)| x.walk(visit));
            }
            Node::And(items) | Node::Or(items) | Node::Call(_, items) => items.iter().for_each(|x| x.walk(visit)),
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
        Node::Or(_) => 1,
        Node::And(_) => 2,
        Node::Unary(UnaryOp::Not, _) => 3,
        Node::Compare(..) => 4,
        Node::Binary(BinaryOp::Add | BinaryOp::Subtract, ..) => 5,
        Node::Binary(BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::FloorDivide | BinaryOp::Remainder, ..) => 6,
        Node::Unary(..) => 7,
        Node::Binary(BinaryOp::Power, ..) => 8,
        Node::Number(_) | Node::Name(_) | Node::Call(..) => 9,
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
            })?;
            write_expr(x, strength, f)?;
        }
        Node::Binary(op, x, y) => {
            // `**` binds to the right, and its exponent may be negated without parentheses.
            let (left, right) = if *op == BinaryOp::Power { (9, 7) } else { (strength, strength + 1) };
            write_expr(x, left, f)?;
            f.write_str(match op {
                BinaryOp::Add => " + ",
                BinaryOp::Subtract => " - ",
                BinaryOp::Multiply => " * ",
                BinaryOp::Divide => " / ",
                BinaryOp::FloorDivide => " // ",
                BinaryOp::Remainder => " % ",
                BinaryOp::Power => "**",
            })?;
            write_expr(y, right, f)?;
        }
        Node::Compare(first, rest) => {
            write_expr(first, strength + 1, f)?;
            for (op, x) in rest {
                f.write_str(match op {
                    CompareOp::Equal => " == ",
                    CompareOp::NotEqual => " != ",
                    CompareOp::Less => " < ",
                    CompareOp::LessEqual => " <= ",
                    CompareOp::Greater => " > ",
                    CompareOp::GreaterEqual => " >= ",
                })?;
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
    }
    if strength < outer { f.write_str(")") } else { Ok(()) }
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
