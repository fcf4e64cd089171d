//! Operands that a library may refuse, and what the text demands of a library that accepts them.

use crate::DtypeSet;

/// The rule for calls with dtypes outside a function's domain. A library may refuse such calls. If it returns a result, the result has to
/// obey the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The dtypes outside the domain.
    pub dtypes: DtypeSet,
    /// The dtypes of the other operand, in a function of two operands.
    pub beside: DtypeSet,
    /// The rule for the result.
    pub gives: Gives,
}

/// What the text demands of the result if a library accepts such operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// An array of some real floating-point dtype.
    RealFloating,
    /// An array of the default real floating-point dtype.
    DefaultRealFloating,
    /// The result for booleans: zero counts as False, everything else as True.
    AsBooleans,
}

impl Gives {
    /// What the rule says, in our notation.
    pub fn says(self) -> &'static str {
        match self {
            Gives::RealFloating => "where the library accepts integers, the result has a real floating-point dtype",
            Gives::DefaultRealFloating => "where the library accepts integers, the result has the default real floating-point dtype",
            Gives::AsBooleans => "where the library accepts numbers, zeros count as False and all else as True",
        }
    }
}
