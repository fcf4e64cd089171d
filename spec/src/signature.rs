//! Signatures in Python notation, without annotations.

use std::fmt;

use array_assay_interface::ParameterKind;

/// A signature of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecSignature {
    /// The function's name.
    pub name: String,
    /// The parameters, in order.
    pub parameters: Vec<SpecParameter>,
}

/// A parameter of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecParameter {
    /// The name.
    pub name: String,
    /// How it may be passed.
    pub kind: ParameterKind,
    /// The default in Python notation.
    pub default: Option<String>,
}

/// A text that is not a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the signature `{0}`: expected a form such as `clip(x, /, min=None, *, max=None)`")]
pub struct SignatureError(pub String);

impl SpecSignature {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<SpecSignature, SignatureError> {
        let invalid = || SignatureError(text.to_owned());
        let (name, rest) = text.split_once('(').ok_or_else(invalid)?;
        let list = rest.strip_suffix(')').ok_or_else(invalid)?;
        let mut parameters: Vec<SpecParameter> = Vec::new();
        let mut kind = ParameterKind::PositionalOrKeyword;
        for item in list.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match item {
                "/" => parameters.iter_mut().for_each(|p| p.kind = ParameterKind::PositionalOnly),
                "*" => kind = ParameterKind::KeywordOnly,
                _ if item.starts_with('*') => {
                    parameters.push(SpecParameter { name: item[1..].to_owned(), kind: ParameterKind::VarPositional, default: None });
                    kind = ParameterKind::KeywordOnly;
                }
                _ => {
                    let (name, default) = match item.split_once('=') {
                        Some((name, default)) => (name.trim(), Some(default.trim().to_owned())),
                        None => (item, None),
                    };
                    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                        return Err(invalid());
                    }
                    parameters.push(SpecParameter { name: name.to_owned(), kind, default });
                }
            }
        }
        Ok(SpecSignature { name: name.to_owned(), parameters })
    }
}

impl fmt::Display for SpecSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = Vec::new();
        let mut previous = None;
        for p in &self.parameters {
            if previous == Some(ParameterKind::PositionalOnly) && p.kind != ParameterKind::PositionalOnly {
                items.push("/".to_owned());
            }
            if p.kind == ParameterKind::KeywordOnly && !matches!(previous, Some(ParameterKind::KeywordOnly | ParameterKind::VarPositional))
            {
                items.push("*".to_owned());
            }
            items.push(match &p.default {
                _ if p.kind == ParameterKind::VarPositional => format!("*{}", p.name),
                _ if p.kind == ParameterKind::VarKeyword => format!("**{}", p.name),
                Some(default) => format!("{}={default}", p.name),
                None => p.name.clone(),
            });
            previous = Some(p.kind);
        }
        if previous == Some(ParameterKind::PositionalOnly) {
            items.push("/".to_owned());
        }
        write!(f, "{}({})", self.name, items.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_round_trip() {
        for text in [
            "add(x1, x2, /)",
            "clip(x, /, min=None, max=None)",
            "sum(x, /, *, axis=None, keepdims=False)",
            "f()",
            "g(*arrays, indexing='xy')",
        ] {
            assert_eq!(SpecSignature::parse(text).unwrap().to_string(), text);
        }
        assert!(SpecSignature::parse("add(x1, x2").is_err());
        assert!(SpecSignature::parse("add(x 1)").is_err());
    }
}
