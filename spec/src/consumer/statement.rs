//! The statements of a consumer's program, and where they stand in the consumer.

use crate::error::SpecError;
use crate::expr::{BinaryOp, Expr, Node, ParseError, Parser, ProgramNode, Token};
use crate::polyfill::Place;

/// A statement and the consumer's line that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Its text.
    pub text: String,
    /// The consumer's line, such as `sklearn/discriminant_analysis.py:684`.
    pub at: String,
    /// The helper between this line and the call, such as `xpx.apply_where`.
    pub via: Option<String>,
    /// What a conversion to a Python number gave when the program was traced.
    pub gave: Option<String>,
}

/// The kinds of statements.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum StatementKind {
    /// `a = value`, or `a, b = value`, which unpacks the value. So does `a, = value`.
    Assign { targets: Vec<String>, unpacks: bool, value: Expr },
    /// `a += value`
    Augment { target: String, op: BinaryOp, value: Expr },
    /// `a[key] = value`
    SetItem { target: String, key: Expr, value: Expr },
    /// A call whose result is not used.
    Call(Expr),
}

impl Statement {
    /// The names that it gives new values.
    pub fn targets(&self) -> &[String] {
        match &self.kind {
            StatementKind::Assign { targets, .. } => targets,
            StatementKind::Augment { target, .. } | StatementKind::SetItem { target, .. } => std::slice::from_ref(target),
            StatementKind::Call(_) => &[],
        }
    }

    /// What a branch of the consumer was decided by.
    pub fn decides(&self) -> Option<bool> {
        self.gave.as_deref().and_then(|text| match text {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        })
    }
}

/// Parses the statements of a program.
pub(super) fn parse(text: &str, place: &Place) -> Result<Vec<Statement>, SpecError> {
    let (mut statements, mut file, mut at, mut via, mut start) = (Vec::new(), "", String::new(), None, 0);
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        if let Some(comment) = body.strip_prefix("# ") {
            let (line, helper) = comment.split_once(" via ").map_or((comment, None), |(line, helper)| (line, Some(helper.to_owned())));
            // The file stands where it changes.
            let (path, number) = line.rsplit_once(':').unwrap_or((line, ""));
            file = if path.is_empty() { file } else { path };
            (at, via) = (format!("{file}:{number}"), helper);
        } else if !body.is_empty() {
            let kind = statement(body).map_err(|e: ParseError| place.fault(text, start + e.at, e.why))?;
            let (code, gave) = body.split_once("  # ").map_or((body, None), |(code, gave)| (code, Some(gave.to_owned())));
            statements.push(Statement { kind, text: code.to_owned(), at: at.clone(), via: via.clone(), gave });
        }
        start += line.len();
    }
    Ok(statements)
}

fn statement(line: &str) -> Result<StatementKind, ParseError> {
    // Bodies of polyfills do not have these, so the lexer takes their operators apart.
    for (symbol, op) in ONLY_HERE {
        if let Some((target, value)) = line.split_once(symbol) {
            let from = target.len() + symbol.len();
            let value = Expr::parse_program(value).map_err(|e| ParseError { at: from + e.at, ..e })?;
            return Ok(StatementKind::Augment { target: target.to_owned(), op, value });
        }
    }
    let mut parser = Parser::new(line, true)?;
    let left = parser.expressions()?;
    let kind = if let Some((_, op)) = AUGMENTED.iter().find(|(symbol, _)| parser.take_symbol(symbol)) {
        let Node::Name(target) = left.node else { return Err(parser.fault("expected a name before the operator")) };
        StatementKind::Augment { target, op: *op, value: parser.expressions()? }
    } else if parser.take_symbol("=") {
        let value = parser.expressions()?;
        assigned(left, value).ok_or_else(|| parser.fault("expected names, or an element of an array, before `=`"))?
    } else {
        StatementKind::Call(left)
    };
    parser.take(&Token::Newline);
    if *parser.peek() == Token::End { Ok(kind) } else { Err(parser.fault("unexpected rest")) }
}

/// The augmented assignments that bodies of polyfills do not have.
const ONLY_HERE: [(&str, BinaryOp); 4] =
    [(" **= ", BinaryOp::Power), (" @= ", BinaryOp::MatMul), (" <<= ", BinaryOp::ShiftLeft), (" >>= ", BinaryOp::ShiftRight)];

/// The other augmented assignments.
const AUGMENTED: [(&str, BinaryOp); 9] = [
    ("+=", BinaryOp::Add),
    ("-=", BinaryOp::Subtract),
    ("*=", BinaryOp::Multiply),
    ("/=", BinaryOp::Divide),
    ("//=", BinaryOp::FloorDivide),
    ("%=", BinaryOp::Remainder),
    ("&=", BinaryOp::BitAnd),
    ("|=", BinaryOp::BitOr),
    ("^=", BinaryOp::BitXor),
];

fn assigned(left: Expr, value: Expr) -> Option<StatementKind> {
    let name = |expr: Expr| if let Node::Name(name) = expr.node { Some(name) } else { None };
    match left.node {
        Node::Name(name) => Some(StatementKind::Assign { targets: vec![name], unpacks: false, value }),
        Node::Program(ProgramNode::Tuple(items)) => {
            let targets = items.into_iter().map(name).collect::<Option<Vec<String>>>()?;
            Some(StatementKind::Assign { targets, unpacks: true, value })
        }
        Node::Program(ProgramNode::Subscript(of, key)) => Some(StatementKind::SetItem { target: name(*of)?, key: *key, value }),
        _ => None,
    }
}
