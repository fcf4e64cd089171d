//! A recursive-descent parser for the expression language.

use super::lexer::{Token, tokens};
use super::{BinaryOp, CompareOp, Expr, Node, Num, ParseError, UnaryOp};

pub(super) fn parse(text: &str) -> Result<Expr, ParseError> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0 };
    let expr = parser.disjunction()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.fault("unexpected rest")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, usize)>,
    next: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn at(&self) -> usize {
        self.tokens[self.next].1
    }

    fn fault(&self, why: &str) -> ParseError {
        ParseError { text: self.text.to_owned(), at: self.at(), why: why.to_owned() }
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        self.next += found as usize;
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(n) if n == word);
        self.next += found as usize;
        found
    }

    fn chain(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Result<Expr, ParseError>,
        node: fn(Vec<Expr>) -> Node,
    ) -> Result<Expr, ParseError> {
        let at = self.at();
        let first = operand(self)?;
        let mut items = vec![first];
        while self.take_word(word) {
            items.push(operand(self)?);
        }
        Ok(if items.len() > 1 { Expr { node: node(items), at } } else { items.remove(0) })
    }

    fn disjunction(&mut self) -> Result<Expr, ParseError> {
        self.chain("or", Self::conjunction, Node::Or)
    }

    fn conjunction(&mut self) -> Result<Expr, ParseError> {
        self.chain("and", Self::negation, Node::And)
    }

    fn negation(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        if self.take_word("not") {
            let operand = self.negation()?;
            return Ok(Expr { node: Node::Unary(UnaryOp::Not, Box::new(operand)), at });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, ParseError> {
        const OPS: [(&str, CompareOp); 6] = [
            ("==", CompareOp::Equal),
            ("!=", CompareOp::NotEqual),
            ("<=", CompareOp::LessEqual),
            (">=", CompareOp::GreaterEqual),
            ("<", CompareOp::Less),
            (">", CompareOp::Greater),
        ];
        let at = self.at();
        let first = self.sum()?;
        let mut rest = Vec::new();
        while let Some((_, op)) = OPS.iter().find(|(symbol, _)| self.take_symbol(symbol)) {
            rest.push((*op, self.sum()?));
        }
        Ok(if rest.is_empty() { first } else { Expr { node: Node::Compare(Box::new(first), rest), at } })
    }

    fn left_associative(
        &mut self,
        ops: &[(&str, BinaryOp)],
        operand: fn(&mut Self) -> Result<Expr, ParseError>,
    ) -> Result<Expr, ParseError> {
        let at = self.at();
        let mut expr = operand(self)?;
        while let Some((_, op)) = ops.iter().find(|(symbol, _)| self.take_symbol(symbol)) {
            let right = operand(self)?;
            expr = Expr { node: Node::Binary(*op, Box::new(expr), Box::new(right)), at };
        }
        Ok(expr)
    }

    fn sum(&mut self) -> Result<Expr, ParseError> {
        self.left_associative(&[("+", BinaryOp::Add), ("-", BinaryOp::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expr, ParseError> {
        const OPS: [(&str, BinaryOp); 4] =
            [("*", BinaryOp::Multiply), ("//", BinaryOp::FloorDivide), ("/", BinaryOp::Divide), ("%", BinaryOp::Remainder)];
        self.left_associative(&OPS, Self::factor)
    }

    fn factor(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let op = if self.take_symbol("-") {
            UnaryOp::Negate
        } else if self.take_symbol("+") {
            UnaryOp::Plus
        } else {
            return self.power();
        };
        let operand = self.factor()?;
        Ok(Expr { node: Node::Unary(op, Box::new(operand)), at })
    }

    fn power(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let base = self.atom()?;
        if self.take_symbol("**") {
            let exponent = self.factor()?;
            return Ok(Expr { node: Node::Binary(BinaryOp::Power, Box::new(base), Box::new(exponent)), at });
        }
        Ok(base)
    }

    fn atom(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        match self.peek().clone() {
            Token::Number(v) => {
                self.next += 1;
                Ok(Expr { node: Node::Number(v), at })
            }
            Token::Name(word) if matches!(word.as_str(), "True" | "False") => {
                self.next += 1;
                Ok(Expr { node: Node::Number(Num::Bool(word == "True")), at })
            }
            Token::Name(word) if matches!(word.as_str(), "and" | "or" | "not") => Err(self.fault("expected an operand")),
            Token::Name(name) => {
                self.next += 1;
                if !self.take_symbol("(") {
                    return Ok(Expr { node: Node::Name(name), at });
                }
                let mut items = Vec::new();
                if !self.take_symbol(")") {
                    loop {
                        items.push(self.disjunction()?);
                        if self.take_symbol(")") {
                            break;
                        }
                        if !self.take_symbol(",") {
                            return Err(self.fault("expected `,` or `)`"));
                        }
                    }
                }
                Ok(Expr { node: Node::Call(name, items), at })
            }
            Token::Symbol("(") => {
                self.next += 1;
                let inner = self.disjunction()?;
                if self.take_symbol(")") { Ok(inner) } else { Err(self.fault("expected `)`")) }
            }
            Token::Symbol(_) | Token::End => Err(self.fault("expected an operand")),
        }
    }
}
