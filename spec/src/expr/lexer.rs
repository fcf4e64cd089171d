//! Tokens of the expression language.

use super::{Num, ParseError};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Number(Num),
    Name(String),
    Symbol(&'static str),
    Str(String),
    /// The end of a statement.
    Newline,
    /// The beginning of a block.
    Indent,
    /// The end of a block.
    Dedent,
    End,
}

/// Longer symbols first, so that `**` is not read as two.
const SYMBOLS: [&str; 16] = ["**", "//", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ","];

/// What programs have besides.
const MORE_SYMBOLS: [&str; 26] = [
    "...", "**=", "//=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**", "//", "==", "!=", "<=", ">=", "[", "]", ".",
    ":", "=", "&", "|",
];

/// The rest of them: each of one character.
const SINGLE_SYMBOLS: [&str; 3] = ["^", "~", "@"];

/// The tokens of `text` with their byte offsets; the last one is [`Token::End`]. In a program, lines and their indentation are
/// tokens too, as in Python, and `#` begins a comment.
pub(super) fn tokens(text: &str, program: bool) -> Result<Vec<(Token, usize)>, ParseError> {
    let fault = |at: usize, why: String| ParseError { text: text.to_owned(), at, why };
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    let (mut indents, mut depth, mut fresh) = (vec![0usize], 0usize, true);
    while at < bytes.len() {
        let rest = &text[at..];
        let c = bytes[at];
        if program && fresh && depth == 0 {
            let width = rest.len() - rest.trim_start_matches(' ').len();
            let line = rest[width..].lines().next().unwrap_or_default();
            if line.trim().is_empty() || line.starts_with('#') {
                at += rest.find('\n').map_or(rest.len(), |n| n + 1);
                continue;
            }
            fresh = false;
            at += width;
            let mut last = indents.last().copied().unwrap_or(0);
            if width > last {
                indents.push(width);
                out.push((Token::Indent, at));
            }
            while width < last {
                indents.pop();
                last = indents.last().copied().unwrap_or(0);
                if width > last {
                    return Err(fault(at, "the indentation is that of no block around it".to_owned()));
                }
                out.push((Token::Dedent, at));
            }
            continue;
        }
        if program && c == b'#' {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if program && c == b'\n' && depth == 0 {
            out.push((Token::Newline, at));
            at += 1;
            fresh = true;
        } else if program && (c == b'"' || c == b'\'') {
            let end = rest[1..].find([c as char, '\n']).filter(|n| bytes[at + 1 + n] == c);
            let end = end.ok_or_else(|| fault(at, "the string does not end".to_owned()))?;
            out.push((Token::Str(rest[1..=end].to_owned()), at));
            at += end + 2;
        } else if c.is_ascii_whitespace() {
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
        } else if let Some(symbol) = symbol(rest, program) {
            match symbol {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            out.push((Token::Symbol(symbol), at));
            at += symbol.len();
        } else {
            let c = rest.chars().next().unwrap_or_default();
            let instead = if c == '=' { ": `==` compares" } else { "" };
            return Err(fault(at, format!("unexpected character `{c}`{instead}")));
        }
    }
    if program {
        if !matches!(out.last(), None | Some((Token::Newline, _))) {
            out.push((Token::Newline, text.len()));
        }
        out.extend(indents.iter().skip(1).map(|_| (Token::Dedent, text.len())));
    }
    out.push((Token::End, text.len()));
    Ok(out)
}

fn symbol(rest: &str, program: bool) -> Option<&'static str> {
    let more = MORE_SYMBOLS.iter().filter(|_| program);
    let single = SINGLE_SYMBOLS.iter().filter(|_| program);
    more.chain(&SYMBOLS).chain(single).find(|s| rest.starts_with(**s)).copied()
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
