//! Parses the statements of a body.

use super::{Place, Polyfill, Statement, StatementKind};
use crate::SpecSignature;
use crate::error::SpecError;
use crate::expr::{BinaryOp, Expr, Node, ParseError, Parser, ProgramNode, Token};

/// The augmented assignments.
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

impl Polyfill {
    /// Parses a body. `place` is the place of its text.
    pub fn parse(name: &str, signature: SpecSignature, text: &str, place: Place) -> Result<Polyfill, SpecError> {
        let fault = |error: ParseError| place.fault(text, error.at, error.why);
        let mut parser = Parser::new(text, true).map_err(fault)?;
        let mut body = Vec::new();
        while *parser.peek() != Token::End {
            body.push(statement(&mut parser).map_err(fault)?);
        }
        Ok(Polyfill { name: name.to_owned(), signature, says: None, revision: None, body, text: text.to_owned(), place })
    }
}

fn statement(parser: &mut Parser<'_>) -> Result<Statement, ParseError> {
    let at = parser.at();
    let kind = if parser.take_word("if") {
        conditional(parser)?
    } else if parser.take_word("for") {
        let targets = targets(parser)?;
        if !parser.take_word("in") {
            return Err(parser.fault("expected `in`"));
        }
        let items = parser.expressions()?;
        StatementKind::For { targets, items, body: parser.deeper(block)? }
    } else if matches!(parser.peek(), Token::Name(word) if word == "while") {
        return Err(parser.fault("`while` has no bound that is known before the program runs: write `for ... in range(...)`"));
    } else if parser.take_word("return") {
        let value = parser.expressions()?;
        end_of_line(parser)?;
        StatementKind::Return(value)
    } else if parser.take_word("raise") {
        raised(parser)?
    } else {
        assignment(parser)?
    };
    Ok(Statement { kind, at })
}

fn conditional(parser: &mut Parser<'_>) -> Result<StatementKind, ParseError> {
    let condition = parser.expression()?;
    let mut branches = vec![(condition, parser.deeper(block)?)];
    let mut otherwise = Vec::new();
    loop {
        if parser.take_word("elif") {
            let condition = parser.expression()?;
            branches.push((condition, parser.deeper(block)?));
        } else {
            if parser.take_word("else") {
                otherwise = parser.deeper(block)?;
            }
            return Ok(StatementKind::If { branches, otherwise });
        }
    }
}

/// Parses `:`, the end of the line, and the indented statements.
fn block(parser: &mut Parser<'_>) -> Result<Vec<Statement>, ParseError> {
    parser.expect_symbol(":")?;
    end_of_line(parser)?;
    if !parser.take(&Token::Indent) {
        return Err(parser.fault("expected a block that stands deeper"));
    }
    let mut body = vec![statement(parser)?];
    while !parser.take(&Token::Dedent) {
        body.push(statement(parser)?);
    }
    Ok(body)
}

fn end_of_line(parser: &mut Parser<'_>) -> Result<(), ParseError> {
    if parser.take(&Token::Newline) { Ok(()) } else { Err(parser.fault("expected the end of the line")) }
}

fn targets(parser: &mut Parser<'_>) -> Result<Vec<String>, ParseError> {
    let mut targets = vec![parser.name()?];
    while parser.take_symbol(",") {
        targets.push(parser.name()?);
    }
    Ok(targets)
}

fn raised(parser: &mut Parser<'_>) -> Result<StatementKind, ParseError> {
    let exception = parser.name()?;
    parser.expect_symbol("(")?;
    let message = match parser.peek().clone() {
        Token::Str(message) => message,
        _ => return Err(parser.fault("expected the message, a string")),
    };
    parser.advance();
    parser.expect_symbol(")")?;
    end_of_line(parser)?;
    Ok(StatementKind::Raise { exception, message })
}

fn assignment(parser: &mut Parser<'_>) -> Result<StatementKind, ParseError> {
    let at = parser.at();
    let left = parser.expressions()?;
    let why = |why: &str, text: ParseError| ParseError { at, why: why.to_owned(), ..text };
    let names = |expr: &Expr| match &expr.node {
        Node::Name(name) => Some(vec![name.clone()]),
        Node::Program(ProgramNode::Tuple(items)) => {
            items.iter().map(|item| if let Node::Name(name) = &item.node { Some(name.clone()) } else { None }).collect()
        }
        _ => None,
    };
    if let Some((_, op)) = AUGMENTED.iter().find(|(symbol, _)| parser.take_symbol(symbol)) {
        let Node::Name(target) = left.node else { return Err(why("only names are assigned to", parser.fault(""))) };
        let value = parser.expressions()?;
        end_of_line(parser)?;
        return Ok(StatementKind::Augment { target, op: *op, value });
    }
    if !parser.take_symbol("=") {
        return Err(parser.fault("expected a statement: an assignment, `if`, `for`, `return` or `raise`"));
    }
    let Some(targets) = names(&left) else {
        return Err(why("only names are assigned to: not every library can assign to elements", parser.fault("")));
    };
    let value = parser.expressions()?;
    end_of_line(parser)?;
    Ok(StatementKind::Assign { targets, value })
}
