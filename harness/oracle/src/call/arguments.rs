//! The arguments of a call, bound to the parameters of the function.

use array_assay_interface::{Array, DType, Defaults, Scalar, Tree};

/// An argument on the host.
pub type Given = Tree<Array>;

/// Why a call has no expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undefined {
    /// The standard leaves the result open.
    Open,
    /// The call is outside the domain of the function; it says why.
    Illegal(String),
}

/// A call with its arguments bound to parameters.
pub struct Call<'a> {
    /// The arguments given, by parameter name, in any order; variadic arguments are one tuple. What is absent has its default.
    pub given: &'a [(&'a str, Given)],
    /// The dtype of the result by the spec's rule in the newest revision, where it has a rule.
    pub dtype: Option<DType>,
    /// The library's default dtypes.
    pub defaults: Defaults,
}

impl<'a> Call<'a> {
    /// An argument; `None` where it was left out or is Python's `None`.
    pub fn get(&self, name: &str) -> Option<&'a Given> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, given)| given).filter(|given| **given != Given::None)
    }

    /// Whether an argument was passed at all, as `None` or otherwise.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|(n, _)| *n == name)
    }

    /// An array argument.
    pub fn array(&self, name: &str) -> Result<&'a Array, Undefined> {
        self.get(name).and_then(Given::leaf).ok_or_else(|| illegal(format!("`{name}` is no array")))
    }

    /// The arrays of a sequence.
    pub fn arrays(&self, name: &str) -> Result<Vec<&'a Array>, Undefined> {
        let items = self.get(name).and_then(Given::items).ok_or_else(|| illegal(format!("`{name}` is no sequence of arrays")))?;
        let arrays = items.iter().map(Given::leaf).collect::<Option<_>>();
        arrays.ok_or_else(|| illegal(format!("`{name}` holds something else than arrays")))
    }

    /// A flag, or its default.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.get(name).and_then(Given::flag).unwrap_or(default)
    }

    /// An integer argument.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(integer)
    }

    /// A string argument.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name).and_then(Given::text)
    }

    /// A dtype argument.
    pub fn dtype_argument(&self, name: &str) -> Option<DType> {
        self.get(name).and_then(Given::dtype)
    }

    /// A Python scalar argument.
    pub fn scalar(&self, name: &str) -> Option<Scalar> {
        self.get(name).and_then(Given::scalar)
    }

    /// Integers: one alone or those of a tuple or list, `None` where the argument is absent.
    pub fn integers(&self, name: &str) -> Result<Option<Vec<i64>>, Undefined> {
        let Some(given) = self.get(name) else { return Ok(None) };
        let integers = given.one_or_more().iter().map(integer).collect::<Option<_>>();
        integers.map(Some).ok_or_else(|| illegal(format!("`{name}` is neither an integer nor a tuple of integers")))
    }

    /// One axis of an array with `rank` axes, counted from the front.
    pub fn axis(&self, name: &str, rank: usize) -> Result<Option<usize>, Undefined> {
        self.integer(name).map(|axis| normalized(axis, rank)).transpose()
    }

    /// Axes, counted from the front, in the order given; `None` where the argument is absent. Repeated axes are illegal.
    pub fn axes(&self, name: &str, rank: usize) -> Result<Option<Vec<usize>>, Undefined> {
        let Some(axes) = self.integers(name)? else { return Ok(None) };
        let axes = axes.into_iter().map(|axis| normalized(axis, rank)).collect::<Result<Vec<_>, _>>()?;
        if (1..axes.len()).any(|i| axes[..i].contains(&axes[i])) {
            return Err(illegal(format!("`{name}` repeats an axis")));
        }
        Ok(Some(axes))
    }

    /// The dtype of the result by the spec's rule.
    pub fn result_dtype(&self) -> Result<DType, Undefined> {
        self.dtype.ok_or(Undefined::Open)
    }
}

/// An illegal call.
pub fn illegal(why: impl Into<String>) -> Undefined {
    Undefined::Illegal(why.into())
}

/// The axis counted from the front.
pub fn normalized(axis: i64, rank: usize) -> Result<usize, Undefined> {
    let from_front = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(from_front).ok().filter(|axis| *axis < rank).ok_or_else(|| illegal(format!("axis {axis} of {rank}")))
}

/// An integer; a bool is none.
fn integer(given: &Given) -> Option<i64> {
    match given.scalar()? {
        Scalar::Int(v) => i64::try_from(v).ok(),
        _ => None,
    }
}
