//! Tokens of the expression language.

use super::{Num, ParseError};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(Num),
    Name(String),
    Symbol(&'static str),
    End,
}

/// Longer symbols first, so that `**` is not read as two.
const SYMBOLS: [&str; 16] = ["**", "//", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ","];

/// The tokens of `text` with their byte offsets; the last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, ParseError> {
    let fault = |at: usize, why: String| ParseError { text: text.to_owned(), at, why };
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let rest = &text[at..];
        let c = bytes[at];
        if c.is_ascii_whitespace() {
            at += 1;
        } else if c.is_ascii_digit() {
            let mut end = at;
            while end < bytes.len() && (bytes[end].is_ascii_alphanumeric() || bytes[end] == b'.' || is_exponent_sign(bytes, end)) {
                end += 1;
            }
            let literal = &text[at..end];
            let number = number(literal).ok_or_else(|| fault(at, format!("`{literal}` is no number")))?;
            out.push((Token::Number(number), at));
            at = end;
        } else if c.is_ascii_alphabetic() || c == b'_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(text.len(), |n| at + n);
            out.push((Token::Name(text[at..end].to_owned()), at));
            at = end;
        } else if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
            out.push((Token::Symbol(symbol), at));
            at += symbol.len();
        } else {
            let c = rest.chars().next().unwrap_or_default();
            return Err(fault(at, format!("unexpected character `{c}`")));
        }
    }
    out.push((Token::End, text.len()));
    Ok(out)
}

fn is_exponent_sign(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at], b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E')
}

fn number(literal: &str) -> Option<Num> {
    if let Some(imaginary) = literal.strip_suffix('j') {
        return imaginary.parse().ok().map(Num::Imaginary);
    }
    if literal.bytes().all(|c| c.is_ascii_digit()) {
        return literal.parse().ok().map(Num::Int);
    }
    literal.parse().ok().map(Num::Real)
}
