//! A recursive-descent parser for the expression language.

use super::lexer::{Token, tokens};
use super::{BinaryOp, CompareOp, Expr, Node, Num, ParseError, ProgramNode, UnaryOp};

/// Expressions and blocks lie in one another at most so deep.
const DEEPEST: usize = 24;

/// At most so many operators follow one another on one level without parentheses: each puts what is before it deeper.
const LONGEST: usize = 40;

pub(super) fn parse(text: &str) -> Result<Expr, ParseError> {
    let mut parser = Parser::new(text, false)?;
    let expr = parser.disjunction()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.fault("unexpected rest")),
    }
}

/// An expression that may have what the bodies of polyfills have.
pub(super) fn parse_program(text: &str) -> Result<Expr, ParseError> {
    let mut parser = Parser::new(text, true)?;
    let expr = parser.expression()?;
    parser.take(&Token::Newline);
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.fault("unexpected rest")),
    }
}

/// A parser and where it stands in its text.
pub(crate) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, usize)>,
    next: usize,
    /// How many expressions and blocks lie around the present place.
    depth: usize,
    /// Whether it reads the body of a polyfill, which has more than numbers.
    program: bool,
}

impl<'a> Parser<'a> {
    /// A parser at the start of a text.
    pub(crate) fn new(text: &'a str, program: bool) -> Result<Parser<'a>, ParseError> {
        Ok(Parser { text, tokens: tokens(text, program)?, next: 0, depth: 0, program })
    }
}

impl Parser<'_> {
    pub(crate) fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    pub(crate) fn at(&self) -> usize {
        self.tokens[self.next].1
    }

    /// Goes on after the present token.
    pub(crate) fn advance(&mut self) {
        self.next += 1;
    }

    pub(crate) fn fault(&self, why: &str) -> ParseError {
        ParseError { text: self.text.to_owned(), at: self.at(), why: why.to_owned() }
    }

    pub(crate) fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        self.next += found as usize;
        found
    }

    pub(crate) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        self.next += found as usize;
        found
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(n) if n == word);
        self.next += found as usize;
        found
    }

    pub(crate) fn expect_symbol(&mut self, symbol: &str) -> Result<(), ParseError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.fault(&format!("expected `{symbol}`"))) }
    }

    pub(crate) fn name(&mut self) -> Result<String, ParseError> {
        match self.peek().clone() {
            Token::Name(name) if !is_keyword(&name) => {
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.fault("expected a name")),
        }
    }

    /// Reads what lies in something else. It may not lie so deep that reading it, or going through it, overflows the stack.
    pub(crate) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        if self.depth == DEEPEST {
            return Err(self.fault(&format!("it lies deeper than {DEEPEST} expressions and blocks")));
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }

    /// Whether one operator more may follow `before` others.
    fn goes_on(&self, before: usize) -> Result<(), ParseError> {
        if before < LONGEST { Ok(()) } else { Err(self.fault(&format!("more than {LONGEST} operators follow one another"))) }
    }

    /// An expression, or several with commas: a tuple.
    pub(crate) fn expressions(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let first = self.starred()?;
        if !matches!(self.peek(), Token::Symbol(",")) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_symbol(",") {
            if matches!(self.peek(), Token::Newline | Token::End | Token::Symbol(")" | "]" | "=")) {
                break;
            }
            items.push(self.starred()?);
        }
        Ok(Expr { node: Node::Program(ProgramNode::Tuple(items)), at })
    }

    fn starred(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        if self.program && self.take_symbol("*") {
            let inner = self.binary(0)?;
            return Ok(Expr { node: Node::Program(ProgramNode::Starred(Box::new(inner))), at });
        }
        self.expression()
    }

    /// An expression: outside the bodies of polyfills there is no `a if condition else b`.
    pub(crate) fn expression(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let then = self.disjunction()?;
        if !self.program || !self.take_word("if") {
            return Ok(then);
        }
        let condition = self.disjunction()?;
        if !self.take_word("else") {
            return Err(self.fault("expected `else`"));
        }
        let otherwise = self.deeper(Self::expression)?;
        let (condition, then, otherwise) = (Box::new(condition), Box::new(then), Box::new(otherwise));
        Ok(Expr { node: Node::Program(ProgramNode::Conditional { condition, then, otherwise }), at })
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
            let operand = self.deeper(Self::negation)?;
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
        let first = self.binary(0)?;
        if self.program
            && let Some(node) = self.word_comparison(&first)?
        {
            return Ok(Expr { node: Node::Program(node), at });
        }
        let mut rest = Vec::new();
        while let Some((_, op)) = OPS.iter().find(|(symbol, _)| self.take_symbol(symbol)) {
            rest.push((*op, self.binary(0)?));
        }
        Ok(if rest.is_empty() { first } else { Expr { node: Node::Compare(Box::new(first), rest), at } })
    }

    /// `x is None`, `x is not None`, `x in items`, `x not in items`.
    fn word_comparison(&mut self, first: &Expr) -> Result<Option<ProgramNode>, ParseError> {
        if self.take_word("is") {
            let negated = self.take_word("not");
            if !self.take_word("None") {
                return Err(self.fault("`is` compares with None alone"));
            }
            return Ok(Some(ProgramNode::IsNone { operand: Box::new(first.clone()), negated }));
        }
        let negated = self.take_word("not");
        if !self.take_word("in") {
            return if negated { Err(self.fault("expected `in`")) } else { Ok(None) };
        }
        let items = self.binary(0)?;
        Ok(Some(ProgramNode::In { item: Box::new(first.clone()), items: Box::new(items), negated }))
    }

    /// Binary operators from the loosest level on.
    fn binary(&mut self, level: usize) -> Result<Expr, ParseError> {
        const LEVELS: [&[(&str, BinaryOp)]; 6] = [
            &[("|", BinaryOp::BitOr)],
            &[("^", BinaryOp::BitXor)],
            &[("&", BinaryOp::BitAnd)],
            &[("<<", BinaryOp::ShiftLeft), (">>", BinaryOp::ShiftRight)],
            &[("+", BinaryOp::Add), ("-", BinaryOp::Subtract)],
            &[
                ("*", BinaryOp::Multiply),
                ("//", BinaryOp::FloorDivide),
                ("/", BinaryOp::Divide),
                ("%", BinaryOp::Remainder),
                ("@", BinaryOp::MatMul),
            ],
        ];
        let Some(ops) = LEVELS.get(level) else { return self.factor() };
        let at = self.at();
        let mut expr = self.binary(level + 1)?;
        let mut count = 0;
        while let Some((_, op)) = ops.iter().find(|(symbol, _)| self.take_symbol(symbol)) {
            self.goes_on(count)?;
            count += 1;
            let right = self.binary(level + 1)?;
            expr = Expr { node: Node::Binary(*op, Box::new(expr), Box::new(right)), at };
        }
        Ok(expr)
    }

    fn factor(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let op = if self.take_symbol("-") {
            UnaryOp::Negate
        } else if self.take_symbol("+") {
            UnaryOp::Plus
        } else if self.take_symbol("~") {
            UnaryOp::Invert
        } else {
            return self.power();
        };
        let operand = self.deeper(Self::factor)?;
        Ok(Expr { node: Node::Unary(op, Box::new(operand)), at })
    }

    fn power(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let base = self.postfix()?;
        if self.take_symbol("**") {
            let exponent = self.deeper(Self::factor)?;
            return Ok(Expr { node: Node::Binary(BinaryOp::Power, Box::new(base), Box::new(exponent)), at });
        }
        Ok(base)
    }

    /// An atom and what follows it: attributes and subscripts, in the bodies of polyfills; calls.
    fn postfix(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let mut expr = self.deeper(Self::atom)?;
        let mut count = 0;
        while self.program {
            let node = if self.take_symbol(".") {
                ProgramNode::Attribute(Box::new(expr), self.name()?)
            } else if self.take_symbol("[") {
                ProgramNode::Subscript(Box::new(expr), Box::new(self.deeper(Self::subscript)?))
            } else if matches!(self.peek(), Token::Symbol("(")) {
                let Some(function) = path(&expr) else { return Err(self.fault("only functions are called, by their names")) };
                self.next += 1;
                self.deeper(|parser| parser.arguments(function))?
            } else {
                break;
            };
            self.goes_on(count)?;
            count += 1;
            expr = Expr { node: Node::Program(node), at };
        }
        Ok(expr)
    }

    fn arguments(&mut self, function: String) -> Result<ProgramNode, ParseError> {
        let (mut args, mut keywords) = (Vec::new(), Vec::<(String, Expr)>::new());
        while !self.take_symbol(")") {
            let named = matches!((self.peek(), self.tokens.get(self.next + 1)), (Token::Name(_), Some((Token::Symbol("="), _))));
            if named {
                let at = self.at();
                let name = self.name()?;
                if keywords.iter().any(|(other, _)| *other == name) {
                    return Err(ParseError { text: self.text.to_owned(), at, why: format!("`{name}` is given twice") });
                }
                self.expect_symbol("=")?;
                keywords.push((name, self.expression()?));
            } else if keywords.is_empty() {
                args.push(self.starred()?);
            } else {
                return Err(self.fault("a positional argument follows one by keyword"));
            }
            if !self.take_symbol(",") && !matches!(self.peek(), Token::Symbol(")")) {
                return Err(self.fault("expected `,` or `)`"));
            }
        }
        Ok(ProgramNode::Call { function, args, keywords })
    }

    fn subscript(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let mut items = vec![self.index()?];
        let mut several = false;
        while self.take_symbol(",") {
            several = true;
            if matches!(self.peek(), Token::Symbol("]")) {
                break;
            }
            items.push(self.index()?);
        }
        self.expect_symbol("]")?;
        Ok(if several { Expr { node: Node::Program(ProgramNode::Tuple(items)), at } } else { items.remove(0) })
    }

    /// One index: a slice or an expression.
    fn index(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let mut parts: [Option<Box<Expr>>; 3] = [None, None, None];
        let mut colons = 0;
        loop {
            if self.take_symbol(":") {
                colons += 1;
                if colons > 2 {
                    return Err(self.fault("a slice has at most two colons"));
                }
            } else if matches!(self.peek(), Token::Symbol("," | "]")) || parts[colons].is_some() {
                break;
            } else {
                parts[colons] = Some(Box::new(self.starred()?));
            }
        }
        let [start, stop, step] = parts;
        match start {
            Some(one) if colons == 0 => Ok(*one),
            None if colons == 0 => Err(self.fault("expected an index")),
            start => Ok(Expr { node: Node::Program(ProgramNode::Slice(start, stop, step)), at }),
        }
    }

    fn atom(&mut self) -> Result<Expr, ParseError> {
        let at = self.at();
        let program = |node| Ok(Expr { node: Node::Program(node), at });
        match self.peek().clone() {
            Token::Number(v) => {
                self.next += 1;
                Ok(Expr { node: Node::Number(v), at })
            }
            Token::Name(word) if matches!(word.as_str(), "True" | "False") => {
                self.next += 1;
                Ok(Expr { node: Node::Number(Num::Bool(word == "True")), at })
            }
            Token::Name(word) if self.program && word == "None" => {
                self.next += 1;
                program(ProgramNode::None)
            }
            Token::Name(word) if matches!(word.as_str(), "and" | "or" | "not") || self.program && is_keyword(&word) => {
                Err(self.fault("expected an operand"))
            }
            Token::Name(name) => {
                self.next += 1;
                if self.program || !self.take_symbol("(") {
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
            Token::Str(text) => {
                self.next += 1;
                program(ProgramNode::Str(text))
            }
            Token::Symbol("...") => {
                self.next += 1;
                program(ProgramNode::Ellipsis)
            }
            Token::Symbol("(") => {
                self.next += 1;
                if self.program && self.take_symbol(")") {
                    return program(ProgramNode::Tuple(Vec::new()));
                }
                let inner = if self.program { self.expressions()? } else { self.disjunction()? };
                if self.take_symbol(")") { Ok(inner) } else { Err(self.fault("expected `)`")) }
            }
            Token::Symbol("[") => {
                self.next += 1;
                self.list(at)
            }
            _ => Err(self.fault("expected an operand")),
        }
    }

    /// What stands in brackets: a list, or a comprehension.
    fn list(&mut self, at: usize) -> Result<Expr, ParseError> {
        if self.take_symbol("]") {
            return Ok(Expr { node: Node::Program(ProgramNode::List(Vec::new())), at });
        }
        let first = self.starred()?;
        let node = if self.take_word("for") {
            let target = self.name()?;
            if !self.take_word("in") {
                return Err(self.fault("expected `in`"));
            }
            let iterable = Box::new(self.disjunction()?);
            let condition = if self.take_word("if") { Some(Box::new(self.disjunction()?)) } else { None };
            ProgramNode::Comprehension { element: Box::new(first), target, iterable, condition }
        } else {
            let mut items = vec![first];
            while self.take_symbol(",") && !matches!(self.peek(), Token::Symbol("]")) {
                items.push(self.starred()?);
            }
            ProgramNode::List(items)
        };
        self.expect_symbol("]")?;
        Ok(Expr { node: Node::Program(node), at })
    }
}

/// The dotted path that an expression is, such as `linalg.svd`.
fn path(expr: &Expr) -> Option<String> {
    match &expr.node {
        Node::Name(name) => Some(name.clone()),
        Node::Program(ProgramNode::Attribute(of, name)) => match &of.node {
            Node::Name(of) => Some(format!("{of}.{name}")),
            _ => None,
        },
        _ => None,
    }
}

/// Words that are no names in the bodies of polyfills.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 28] = [
        "and", "or", "not", "if", "elif", "else", "for", "in", "is", "return", "raise", "None", "True", "False", "while", "def", "lambda",
        "class", "import", "from", "with", "try", "except", "pass", "break", "continue", "global", "yield",
    ];
    KEYWORDS.contains(&word)
}
