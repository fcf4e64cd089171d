//! What the spec says of calls, for a namespace of its own: the order of arguments, operators and promotion.

use array_assay_interface::{CallError, Kind, Output};

use crate::bind;
use crate::generated::table;

pub use crate::dtypes::{promoted, promoted_scalar};
pub use crate::generated::table::{Form, Gives, REVISION};

/// A function of the standard.
#[derive(Debug, Clone, Copy)]
pub struct Signature(&'static table::Function);

/// The function at a path.
pub fn find(path: &str) -> Option<Signature> {
    table::find(path).map(Signature)
}

/// The paths of all functions, in order.
pub fn paths() -> impl Iterator<Item = &'static str> {
    table::FUNCTIONS.iter().map(|function| function.path)
}

impl Signature {
    /// One value for each parameter: the argument, or the default. A parameter for any number of arguments gets a tuple.
    pub fn bound<A: Clone>(self, args: &[Output<A>], kwargs: &[(String, Output<A>)]) -> Result<Vec<Output<A>>, CallError> {
        bind::bound(self.0, args, kwargs)
    }

    /// How many operands it has, if it is element-wise.
    pub fn operands(self) -> usize {
        self.0.operands
    }

    /// The kinds of dtypes of the first operand of an element-wise function.
    pub fn kinds(self) -> &'static [Kind] {
        self.0.kinds
    }

    /// The dtype of the result of an element-wise function, where it depends on that of the operands alone.
    pub fn gives(self) -> Option<Gives> {
        self.0.gives
    }

    /// Whether its first parameter is the array whose method it is.
    pub fn has_self(self) -> bool {
        self.0.parameters.first().is_some_and(|parameter| parameter.name == "self")
    }

    /// The function that it stands for and how it is called, if it is an operator.
    pub fn operator(self) -> Option<(&'static str, Form)> {
        self.0.operator.map(|operator| (operator.semantics, operator.form))
    }
}

/// The function of the main namespace that a function of an extension repeats.
pub fn alias(path: &str) -> Option<&str> {
    let (_, name) = path.split_once('.')?;
    table::ALIASES.contains(&path).then_some(name)
}
