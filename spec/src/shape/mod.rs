//! Rules for the shapes of results: expressions over the arguments of a call, such as `reduced(x.shape, axis, keepdims)`.
//!
//! They are of the language of [`crate::expr`], with the tuples, subscripts and conditionals that the bodies of polyfills have, and are
//! evaluated over [`Value`]s. A size that is not known before the call runs stays unknown through all arithmetic.

mod check;
mod eval;
mod functions;
mod value;

use crate::SpecSignature;
use crate::expr::{EvalError, Expr, ParseError};
use eval::Scope;

pub use functions::{FUNCTIONS, ShapeFunction, broadcast_sizes};
pub use value::{Arguments, Sizes, UNKNOWN, Value};

/// A rule for a shape, or for a number of results.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeRule {
    /// The rule as the YAML has it: an expression, or one of the words that stand for some.
    pub text: String,
    expr: Expr,
}

impl ShapeRule {
    /// Reads a rule of a function. `arrays` are the names of its arrays, for the words `same` (the shape of the first) and `broadcast`
    /// (that of all).
    pub(crate) fn parse(text: &str, signature: &SpecSignature, arrays: &[&str]) -> Result<ShapeRule, ParseError> {
        let meant = match (text, arrays.first()) {
            ("same", Some(first)) => format!("{first}.shape"),
            ("broadcast", Some(_)) => format!("broadcast({})", arrays.join(", ")),
            _ => text.to_owned(),
        };
        let rule = ShapeRule { text: text.to_owned(), expr: Expr::parse_program(&meant)? };
        match check::fault(&rule.expr, signature) {
            Some((at, why)) => Err(ParseError { text: text.to_owned(), at, why }),
            None => Ok(rule),
        }
    }

    /// The shape for the arguments of a call of a function of this signature; the error says what of them is not as the function wants it.
    pub fn shape(&self, signature: &SpecSignature, arguments: &(impl Arguments + ?Sized)) -> Result<Sizes, EvalError> {
        let value = self.value(signature, &arguments)?;
        value.sizes().map_err(|why| EvalError { at: 0, why })
    }

    /// The number for the arguments of a call; `None` where it is not known before the call runs.
    pub fn number(&self, signature: &SpecSignature, arguments: &(impl Arguments + ?Sized)) -> Result<Option<usize>, EvalError> {
        let value = self.value(signature, &arguments)?;
        value.size().map_err(|why| EvalError { at: 0, why })
    }

    fn value(&self, signature: &SpecSignature, arguments: &dyn Arguments) -> Result<Value, EvalError> {
        Scope::new(signature, arguments).eval(&self.expr)
    }
}

#[cfg(test)]
mod tests;
