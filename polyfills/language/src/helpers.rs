//! The functions of the language beside those of the standard. All that there is to say of one is its entry in [`Helper::ALL`].

use array_assay_interface::{DType, Scalar, Tree};

use crate::evaluator::{Call, Evaluator, Held, Unevaluated};
use crate::values::normalized;

/// A function of the language, as it is evaluated by `E`.
pub struct Helper<E: Evaluator> {
    /// Its name.
    pub name: &'static str,
    /// The fewest and the most arguments that it takes.
    pub arity: (usize, usize),
    /// What it gives.
    pub says: &'static str,
    /// What it is in Python.
    pub python: Python,
    eval: Evaluation<E>,
}

type Evaluation<E> = fn(Call<'_, E>) -> Result<Held<E>, <E as Evaluator>::Error>;

/// What a function of the language is in the emitted Python package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Python {
    /// Python's own function of that name.
    Builtin,
    /// A function of the package: its text.
    Function(&'static str),
    /// A function of the package that takes the namespace before the other arguments: its text.
    OfNamespace(&'static str),
}

/// The functions of the language, for those who do not evaluate them.
pub static HELPERS: [Helper<Unevaluated>; 22] = Helper::ALL;

/// The function of this name.
pub fn helper(name: &str) -> Option<&'static Helper<Unevaluated>> {
    HELPERS.iter().find(|helper| helper.name == name)
}

impl<E: Evaluator> Helper<E> {
    /// The function of this name, to be evaluated.
    pub fn named(name: &str) -> Option<Helper<E>> {
        Self::ALL.into_iter().find(|helper| helper.name == name)
    }

    /// Its value for these arguments.
    pub fn call(&self, evaluator: &mut E, args: &[Held<E>]) -> Result<Held<E>, E::Error> {
        (self.eval)(Call { name: self.name, evaluator, args })
    }

    /// The functions, in the order in which the Python package has them.
    pub const ALL: [Helper<E>; 22] = [
        Helper {
            name: "len",
            arity: (1, 1),
            says: "the number of items of a tuple",
            python: Python::Builtin,
            eval: |call| match call.first() {
                Tree::Str(text) => Ok(Tree::int(text.chars().count() as i128)),
                _ => Ok(Tree::int(call.items()?.len() as i128)),
            },
        },
        Helper {
            name: "range",
            arity: (1, 3),
            says: "the integers of a range",
            python: Python::Builtin,
            eval: |call| {
                let (start, stop, step) = match call.integers(call.args)?[..] {
                    [stop] => (0, stop, 1),
                    [start, stop] => (start, stop, 1),
                    [start, stop, step] if step != 0 => (start, stop, step),
                    _ => return Err(call.raises("ValueError", "a range has one to three bounds, and a step that is not zero")),
                };
                let ahead = |at: &i128| if step > 0 { *at < stop } else { *at > stop };
                let items = std::iter::successors(Some(start), |at| at.checked_add(step)).take_while(ahead);
                Ok(Tree::Tuple(items.map(Tree::int).collect()))
            },
        },
        Helper {
            name: "tuple",
            arity: (1, 1),
            says: "the items as a tuple",
            python: Python::Builtin,
            eval: |call| match call.first() {
                Tree::Str(text) => Ok(Tree::Tuple(text.chars().map(|c| Tree::Str(c.to_string())).collect())),
                _ => Ok(Tree::Tuple(call.items()?.to_vec())),
            },
        },
        Helper {
            name: "reversed",
            arity: (1, 1),
            says: "the items, last first",
            python: Python::Builtin,
            eval: |call| Ok(Tree::Tuple(call.items()?.iter().rev().cloned().collect())),
        },
        Helper {
            name: "sorted",
            arity: (1, 1),
            says: "the items in ascending order",
            python: Python::Builtin,
            eval: |call| {
                let mut values = call.integers(call.items()?)?;
                values.sort_unstable();
                Ok(Tree::Tuple(values.into_iter().map(Tree::int).collect()))
            },
        },
        Helper {
            name: "enumerate",
            arity: (1, 1),
            says: "pairs of place and item",
            python: Python::Builtin,
            eval: |call| {
                let pair = |(i, item): (usize, &Held<E>)| Tree::Tuple(vec![Tree::int(i as i128), item.clone()]);
                Ok(Tree::Tuple(call.items()?.iter().enumerate().map(pair).collect()))
            },
        },
        Helper {
            name: "zip",
            arity: (1, 9),
            says: "tuples of the items at the same place",
            python: Python::Builtin,
            eval: |call| {
                let columns = call.args.iter().map(|column| call.items_of(column)).collect::<Result<Vec<_>, _>>()?;
                let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
                let row = |i: usize| Tree::Tuple(columns.iter().map(|column| column[i].clone()).collect());
                Ok(Tree::Tuple((0..rows).map(row).collect()))
            },
        },
        Helper {
            name: "int",
            arity: (1, 1),
            says: "a Python int",
            python: Python::Builtin,
            eval: |call| match call.first() {
                Tree::Array(leaf) => call.evaluator.int(leaf),
                Tree::Scalar(Scalar::Float(v)) if v.is_finite() => Ok(Tree::int(v.trunc() as i128)),
                other => other.integer().map(Tree::int).ok_or_else(|| call.does_not_take(other)),
            },
        },
        Helper {
            name: "float",
            arity: (1, 1),
            says: "a Python float",
            python: Python::Builtin,
            eval: |call| match call.first() {
                Tree::Scalar(scalar) if !matches!(scalar, Scalar::Complex(_)) => Ok(scalar.element().components().0.into()),
                other => Err(call.does_not_take(other)),
            },
        },
        Helper {
            name: "is_array",
            arity: (1, 1),
            says: "whether it is an array",
            python: Python::Function(
                r#"
def is_array(x: Any) -> bool:
    """Whether it is an array of some library."""
    return bool(array_api_compat.is_array_api_obj(x))
"#,
            ),
            eval: |call| Ok(Tree::bool(call.first().leaf().is_some_and(|leaf| call.evaluator.is_array(leaf)))),
        },
        Helper {
            name: "is_tuple",
            arity: (1, 1),
            says: "whether it is a tuple or a list",
            python: Python::Function(
                r#"
def is_tuple(x: Any) -> bool:
    """Whether it is a tuple or a list."""
    return isinstance(x, (tuple, list))
"#,
            ),
            eval: |call| Ok(Tree::bool(call.first().items().is_some())),
        },
        Helper {
            name: "is_integer",
            arity: (1, 1),
            says: "whether it is a Python int",
            python: Python::Function(
                r#"
def is_integer(x: Any) -> bool:
    """Whether it is an int, and no bool."""
    return isinstance(x, int) and not isinstance(x, bool)
"#,
            ),
            eval: |call| {
                Ok(Tree::bool(match call.first() {
                    Tree::Array(leaf) => call.evaluator.is_integer(leaf),
                    other => matches!(other, Tree::Scalar(Scalar::Int(_))),
                }))
            },
        },
        Helper {
            name: "is_text",
            arity: (1, 1),
            says: "whether it is a string",
            python: Python::Function(
                r#"
def is_text(x: Any) -> bool:
    """Whether it is a string."""
    return isinstance(x, str)
"#,
            ),
            eval: |call| Ok(Tree::bool(call.first().text().is_some())),
        },
        Helper {
            name: "known_size",
            arity: (1, 1),
            says: "whether an array's shape is known before its elements are",
            python: Python::Function(
                r#"
def known_size(x: Array) -> bool:
    """Whether the shape is known before the elements are."""
    return all(isinstance(n, int) for n in x.shape)
"#,
            ),
            eval: |call| match call.first() {
                Tree::Array(leaf) if call.evaluator.is_array(leaf) => Ok(Tree::bool(call.evaluator.knows_size(leaf))),
                other => Err(call.does_not_take(other)),
            },
        },
        Helper {
            name: "product",
            arity: (1, 1),
            says: "the product of integers",
            python: Python::Function(
                r#"
def product(items: Any) -> int:
    """The product of integers."""
    return math.prod(items)
"#,
            ),
            eval: |call| {
                let product = call.integers(call.items()?)?.into_iter().try_fold(1, i128::checked_mul);
                product.map(Tree::int).ok_or_else(|| call.raises("OverflowError", "the product is too large"))
            },
        },
        Helper {
            name: "smallest",
            arity: (1, 9),
            says: "the smallest of integers",
            python: Python::Function(
                r#"
def smallest(*items: int) -> int:
    """The smallest of integers."""
    return min(items)
"#,
            ),
            eval: |call| Ok(Tree::int(call.integers(call.args)?.into_iter().min().unwrap_or(0))),
        },
        Helper {
            name: "largest",
            arity: (1, 9),
            says: "the greatest of integers",
            python: Python::Function(
                r#"
def largest(*items: int) -> int:
    """The greatest of integers."""
    return max(items)
"#,
            ),
            eval: |call| Ok(Tree::int(call.integers(call.args)?.into_iter().max().unwrap_or(0))),
        },
        Helper {
            name: "normalize_axis",
            arity: (2, 2),
            says: "an axis counted from the front; raises where there is none",
            python: Python::Function(
                r#"
def normalize_axis(axis: int, rank: int) -> int:
    """The axis counted from the front."""
    if not -rank <= axis < rank:
        raise IndexError(f"axis {axis} is out of bounds for rank {rank}")
    return axis % rank
"#,
            ),
            eval: |call| {
                let [axis, rank] = call.integers(call.args)?[..] else {
                    return Err(call.raises("TypeError", "an axis and a rank are due"));
                };
                let found = normalized(axis, rank.max(0) as usize);
                found.map(|axis| Tree::int(axis as i128)).map_err(|why| call.raises("IndexError", why))
            },
        },
        Helper {
            name: "normalize_axes",
            arity: (2, 2),
            says: "axes counted from the front: all for None, one for an int; raises where one is not there or there twice",
            python: Python::Function(
                r#"
def normalize_axes(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Axes counted from the front: all for None, one for an int."""
    if axis is None:
        return tuple(range(rank))
    given: Any = axis if is_tuple(axis) else (axis,)
    axes = tuple(normalize_axis(i, rank) for i in given)
    if len(set(axes)) < len(axes):
        raise ValueError("an axis is named twice")
    return axes
"#,
            ),
            eval: |call| {
                let axes = axes(&call)?;
                if (1..axes.len()).any(|i| axes[..i].contains(&axes[i])) {
                    return Err(call.raises("ValueError", "an axis is named twice"));
                }
                Ok(Tree::ints(axes))
            },
        },
        Helper {
            name: "real_dtype",
            arity: (1, 1),
            says: "the real dtype of the components of a complex one, otherwise the same",
            python: Python::OfNamespace(
                r#"
def real_dtype(ns: Namespace, dtype: DType) -> DType:
    """The real dtype of the components of a complex one, otherwise the same."""
    if not ns.isdtype(dtype, "complex floating"):
        return dtype
    return ns.float32 if dtype == ns.complex64 else ns.float64
"#,
            ),
            eval: |call| call.dtype().map(|dtype| DType::real(dtype).into()),
        },
        Helper {
            name: "complex_dtype",
            arity: (1, 1),
            says: "the complex dtype of that precision, otherwise the same",
            python: Python::OfNamespace(
                r#"
def complex_dtype(ns: Namespace, dtype: DType) -> DType:
    """The complex dtype of that precision, otherwise the same."""
    if not ns.isdtype(dtype, "real floating"):
        return dtype
    return ns.complex64 if dtype == ns.float32 else ns.complex128
"#,
            ),
            eval: |call| call.dtype().map(|dtype| DType::complex(dtype).into()),
        },
        Helper {
            name: "default_dtype",
            arity: (1, 1),
            says: "the default dtype of a kind: real floating, complex floating, integral, indexing",
            python: Python::OfNamespace(
                r#"
def default_dtype(ns: Namespace, kind: str) -> DType:
    """The default dtype of a kind: real floating, complex floating, integral, indexing."""
    return ns.__array_namespace_info__().default_dtypes()[kind]
"#,
            ),
            eval: |call| {
                let kind = call.first().text().ok_or_else(|| call.does_not_take(call.first()))?;
                let found = call.evaluator.defaults().of_name(kind);
                found.map(Tree::Dtype).ok_or_else(|| call.raises("KeyError", format!("there is no kind `{kind}` of default dtypes")))
            },
        },
    ];
}

/// The first argument as axes counted from the front, of an array whose rank the second one is.
fn axes<E: Evaluator>(call: &Call<'_, E>) -> Result<Vec<usize>, E::Error> {
    let [axis, rank] = call.args else { return Err(call.raises("TypeError", "an axis and a rank are due")) };
    let rank = call.integers(std::slice::from_ref(rank))?[0].max(0) as usize;
    let given = match axis {
        Tree::None => return Ok((0..rank).collect()),
        one => call.integers(one.one_or_more())?,
    };
    given.into_iter().map(|axis| normalized(axis, rank).map_err(|why| call.raises("IndexError", why))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_stands_once_and_has_its_name_in_python() {
        for (i, helper) in HELPERS.iter().enumerate() {
            assert!(HELPERS[..i].iter().all(|other| other.name != helper.name), "{}", helper.name);
            assert!((1..=helper.arity.1).contains(&helper.arity.0), "{}", helper.name);
            match helper.python {
                Python::Builtin => {}
                Python::Function(text) => assert!(text.starts_with(&format!("\ndef {}(", helper.name)), "{text}"),
                Python::OfNamespace(text) => assert!(text.starts_with(&format!("\ndef {}(ns: Namespace, ", helper.name)), "{text}"),
            }
        }
    }
}
