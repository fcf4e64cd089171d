//! What evaluates a body, what it has to say of the library's values, and a call of a function of the language.

use std::convert::Infallible;

use array_assay_interface::{CallError, DType, Defaults, Record, Tree};

/// A value of a body.
pub type Held<E> = Tree<<E as Evaluator>::Leaf, Record>;

/// What evaluates a body: on the values of a running program, or on what is known of them before a program runs.
pub trait Evaluator {
    /// What stands for a value that the library makes: an array above all.
    type Leaf: Clone;

    /// Why there is no value.
    type Error: From<Refused>;

    /// What a leaf is, in a few words for messages.
    fn kind(&self, leaf: &Self::Leaf) -> &'static str;

    /// Whether a leaf is an array.
    fn is_array(&self, leaf: &Self::Leaf) -> bool;

    /// Whether a leaf is an int that only the program knows.
    fn is_integer(&self, leaf: &Self::Leaf) -> bool;

    /// Whether the sizes of an array are known.
    fn knows_size(&self, array: &Self::Leaf) -> bool;

    /// A leaf as a Python int.
    fn int(&mut self, leaf: &Self::Leaf) -> Result<Held<Self>, Self::Error>;

    /// The default dtypes of the library.
    fn defaults(&self) -> Defaults;
}

/// Why a function of the language gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It raises for these arguments.
    Raises {
        /// The name of the exception.
        exception: &'static str,
        /// The message of the exception.
        message: String,
    },
    /// An argument is of a kind that it does not take, or is not known. The text says so.
    Kind(String),
}

impl From<Refused> for CallError {
    fn from(refused: Refused) -> CallError {
        match refused {
            Refused::Raises { exception, message } => CallError::raised(exception, message),
            Refused::Kind(why) => CallError::raised("TypeError", why),
        }
    }
}

/// A call of a function of the language.
pub struct Call<'a, E: Evaluator + ?Sized> {
    /// The name of the function.
    pub name: &'static str,
    /// What evaluates the body.
    pub evaluator: &'a mut E,
    /// The arguments.
    pub args: &'a [Held<E>],
}

impl<'a, E: Evaluator> Call<'a, E> {
    /// The first argument.
    pub fn first(&self) -> &'a Held<E> {
        self.args.first().unwrap_or(&Tree::None)
    }

    /// The items of the first argument.
    pub fn items(&self) -> Result<&'a [Held<E>], E::Error> {
        self.items_of(self.first())
    }

    /// The items of a tuple or list.
    pub fn items_of(&self, value: &'a Held<E>) -> Result<&'a [Held<E>], E::Error> {
        value.items().ok_or_else(|| self.does_not_take(value))
    }

    /// Values as integers.
    pub fn integers(&self, values: &[Held<E>]) -> Result<Vec<i128>, E::Error> {
        values.iter().map(|value| value.integer().ok_or_else(|| self.does_not_take(value))).collect()
    }

    /// The first argument as a dtype.
    pub fn dtype(&self) -> Result<DType, E::Error> {
        self.first().dtype().ok_or_else(|| self.does_not_take(self.first()))
    }

    /// The error of an argument of the wrong kind.
    pub fn does_not_take(&self, value: &Held<E>) -> E::Error {
        Refused::Kind(format!("`{}` does not take {}", self.name, value.kind_with(|leaf| self.evaluator.kind(leaf)))).into()
    }

    /// The error of an argument of the right kind and the wrong value.
    pub fn raises(&self, exception: &'static str, message: impl Into<String>) -> E::Error {
        Refused::Raises { exception, message: message.into() }.into()
    }
}

/// Evaluates nothing: for those who ask only for the names, the arities and the texts of functions.
#[derive(Debug, Clone, Copy)]
pub enum Unevaluated {}

impl Evaluator for Unevaluated {
    type Leaf = Infallible;
    type Error = Refused;

    fn kind(&self, leaf: &Infallible) -> &'static str {
        match *leaf {}
    }

    fn is_array(&self, leaf: &Infallible) -> bool {
        match *leaf {}
    }

    fn is_integer(&self, leaf: &Infallible) -> bool {
        match *leaf {}
    }

    fn knows_size(&self, leaf: &Infallible) -> bool {
        match *leaf {}
    }

    fn int(&mut self, leaf: &Infallible) -> Result<Held<Self>, Refused> {
        match *leaf {}
    }

    fn defaults(&self) -> Defaults {
        match *self {}
    }
}
