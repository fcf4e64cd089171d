//! The arguments and results of a call, as one type of tree. It is generic over the leaf, which stands for an array.
//!
//! | leaf | the tree | who uses it |
//! |---|---|---|
//! | a register | [`Arg`](crate::Arg) | programs |
//! | a reference to the library's array | [`Argument`](crate::Argument) | an adapter, for an argument of a call |
//! | the library's array | [`Output`](crate::Output) | an adapter, for the result of a call |
//!
//! Other crates have leaves of their own: an array of the host, or the facts known about an array before a program runs.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use crate::{DType, Scalar, Value};

/// A Python value whose arrays are the leaves `L`.
///
/// `F` is the type of values with named parts. By default there are none, and [`Record`] allows all. On the wire, a leaf is a register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", bound(serialize = "L: Serialize", deserialize = "L: Deserialize<'de>"))]
pub enum Tree<L, F = NoFields> {
    /// An array, or a leaf that stands for one. A register of a program may hold any value.
    #[serde(rename = "register")]
    Array(L),
    /// A Python scalar.
    Scalar(Scalar),
    /// A string.
    Str(String),
    /// A dtype object of the library.
    Dtype(DType),
    /// A device of the library.
    Device(String),
    /// A slice.
    Slice(Slice),
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// A tuple.
    Tuple(Vec<Tree<L, F>>),
    /// A list.
    List(Vec<Tree<L, F>>),
    /// A value with named parts, in their order.
    #[serde(skip)]
    Fields(F, Vec<(String, Tree<L, F>)>),
}

/// A Python slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Slice {
    pub start: Option<i64>,
    pub stop: Option<i64>,
    pub step: Option<i64>,
}

impl Slice {
    /// The index of the first selected element of `n`, and the bound before which the selection ends, as Python's `slice.indices` computes
    /// them. With a negative step the bound may be -1. `None` if the step is 0.
    pub fn bounds(self, n: usize) -> Option<(i64, i64)> {
        let (n, backwards) = (i64::try_from(n).unwrap_or(i64::MAX), self.step.unwrap_or(1) < 0);
        let (low, high) = if backwards { (-1, n - 1) } else { (0, n) };
        let resolved = |bound: i64| (if bound < 0 { bound.saturating_add(n) } else { bound }).clamp(low, high);
        let (first, last) = if backwards { (high, low) } else { (low, high) };
        (self.step != Some(0)).then(|| (self.start.map_or(first, resolved), self.stop.map_or(last, resolved)))
    }

    /// The indices of the selected elements of `n`, in the order of the slice. `None` if the step is 0.
    pub fn indices(self, n: usize) -> Option<impl ExactSizeIterator<Item = usize> + use<>> {
        let (start, stop) = self.bounds(n)?;
        let step = self.step.unwrap_or(1);
        let distance = if step < 0 { start - stop } else { stop - start };
        let count = usize::try_from(distance).unwrap_or(0).div_ceil(usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX));
        // Every index lies within the bounds, so no product overflows.
        Some((0..count).map(move |i| (start + i as i64 * step) as usize))
    }
}

/// The kinds of values with named parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// A named tuple.
    Named,
    /// A mapping with string keys.
    Dict,
    /// An object of the library with these attributes.
    Object,
}

/// The absence of values with named parts: a tree with this type has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFields {}

impl From<NoFields> for Record {
    fn from(none: NoFields) -> Record {
        match none {}
    }
}

/// Makes trees from Rust values.
impl<L, F> Tree<L, F> {
    /// An int.
    pub fn int(v: i128) -> Self {
        Tree::Scalar(Scalar::Int(v))
    }

    /// A bool.
    pub fn bool(v: bool) -> Self {
        Tree::Scalar(Scalar::Bool(v))
    }

    /// A tuple of ints, such as a shape.
    pub fn ints(items: impl IntoIterator<Item = usize>) -> Self {
        Tree::Tuple(items.into_iter().map(|n| Tree::int(n as i128)).collect())
    }
}

impl<L> Tree<L, Record> {
    /// A named tuple.
    pub fn named(fields: impl IntoIterator<Item = (impl Into<String>, Self)>) -> Self {
        Tree::record(Record::Named, fields)
    }

    /// A mapping with string keys.
    pub fn dict(fields: impl IntoIterator<Item = (impl Into<String>, Self)>) -> Self {
        Tree::record(Record::Dict, fields)
    }

    /// An object with attributes.
    pub fn object(fields: impl IntoIterator<Item = (impl Into<String>, Self)>) -> Self {
        Tree::record(Record::Object, fields)
    }

    /// The items of a tuple, a named tuple or a list. The error gives any other value back.
    pub fn unpack(self) -> Result<Vec<Self>, Self> {
        match self {
            Tree::Tuple(items) | Tree::List(items) => Ok(items),
            Tree::Fields(Record::Named, fields) => Ok(fields.into_iter().map(|(_, item)| item).collect()),
            other => Err(other),
        }
    }

    /// The tree as a value that a worker returns. `of` gives the value of each leaf. The first error is returned.
    pub fn handed_back<E>(&self, of: &mut impl FnMut(&L) -> Result<Value, E>) -> Result<Value, E> {
        Ok(match self {
            Tree::Array(leaf) => of(leaf)?,
            Tree::Scalar(scalar) => Value::Scalar(*scalar),
            Tree::Str(text) => Value::Str(text.clone()),
            Tree::Dtype(dtype) => Value::Dtype(vec![dtype.name().to_owned()]),
            Tree::Device(name) => Value::Device(vec![name.clone()]),
            Tree::Slice(slice) => Value::Opaque(format!("{slice:?}")),
            Tree::None => Value::None,
            Tree::Ellipsis => Value::Opaque("...".to_owned()),
            Tree::Tuple(items) => Value::Tuple(items.iter().map(|item| item.handed_back(of)).collect::<Result<_, E>>()?),
            Tree::List(items) => Value::List(items.iter().map(|item| item.handed_back(of)).collect::<Result<_, E>>()?),
            Tree::Fields(kind, fields) => {
                let fields = fields.iter().map(|(name, item)| Ok((name.clone(), item.handed_back(of)?)));
                let fields = fields.collect::<Result<Vec<_>, E>>()?;
                match kind {
                    Record::Named => Value::NamedTuple(fields),
                    Record::Dict => Value::Dict(fields),
                    Record::Object => {
                        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                        Value::Opaque(format!("<object with {}>", names.join(", ")))
                    }
                }
            }
        })
    }

    fn record(kind: Record, fields: impl IntoIterator<Item = (impl Into<String>, Self)>) -> Self {
        Tree::Fields(kind, fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// Reads trees as Rust values. `None` if the tree is of another kind.
impl<L, F> Tree<L, F> {
    /// The leaf, if the tree is one.
    pub fn leaf(&self) -> Option<&L> {
        match self {
            Tree::Array(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// The Python scalar.
    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Tree::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    /// The integer. A bool counts as an integer, as in Python.
    pub fn integer(&self) -> Option<i128> {
        match self.scalar()? {
            Scalar::Int(v) => Some(v),
            Scalar::Bool(v) => Some(v.into()),
            _ => None,
        }
    }

    /// The bool.
    pub fn flag(&self) -> Option<bool> {
        match self.scalar()? {
            Scalar::Bool(v) => Some(v),
            _ => None,
        }
    }

    /// The string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Tree::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The dtype.
    pub fn dtype(&self) -> Option<DType> {
        match self {
            Tree::Dtype(dtype) => Some(*dtype),
            _ => None,
        }
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Tree::None)
    }

    /// The items of a tuple or list.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Tree::Tuple(items) | Tree::List(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a tuple or list, mutably.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Tree::Tuple(items) | Tree::List(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a tuple, or the value itself as the only item. This fits the key of `x[1:, ...]`, and one kind of dtypes or several.
    pub fn parts(&self) -> &[Self] {
        match self {
            Tree::Tuple(items) => items,
            one => std::slice::from_ref(one),
        }
    }

    /// The items of a tuple or list, or the value itself as the only item. This fits one axis or several.
    pub fn one_or_more(&self) -> &[Self] {
        self.items().unwrap_or(std::slice::from_ref(self))
    }

    /// The integers in a tuple or list, or a single integer.
    pub fn integers(&self) -> Option<Vec<i128>> {
        self.one_or_more().iter().map(Tree::integer).collect()
    }

    /// The kind of the value, in words for messages. `of` names the kind of a leaf.
    pub fn kind_with(&self, of: impl FnOnce(&L) -> &'static str) -> &'static str {
        match self {
            Tree::Array(leaf) => of(leaf),
            Tree::Scalar(Scalar::Bool(_)) => "a bool",
            Tree::Scalar(Scalar::Int(_)) => "an int",
            Tree::Scalar(Scalar::Float(_)) => "a float",
            Tree::Scalar(Scalar::Complex(_)) => "a complex",
            Tree::Str(_) => "a string",
            Tree::Dtype(_) => "a dtype",
            Tree::Device(_) => "a device",
            Tree::Slice(_) => "a slice",
            Tree::None => "None",
            Tree::Ellipsis => "...",
            Tree::Tuple(_) => "a tuple",
            Tree::List(_) => "a list",
            Tree::Fields(..) => "an object",
        }
    }

    /// The part with this name.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Tree::Fields(_, fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether the value is true in Python. `None` if that depends on an array.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Tree::Array(_) => return None,
            Tree::Scalar(scalar) => scalar.element().truth(),
            Tree::Str(text) => !text.is_empty(),
            Tree::None => false,
            Tree::Tuple(items) | Tree::List(items) => !items.is_empty(),
            Tree::Dtype(_) | Tree::Device(_) | Tree::Slice(_) | Tree::Ellipsis | Tree::Fields(..) => true,
        })
    }
}

/// Visits and replaces the leaves, in order.
impl<L, F> Tree<L, F> {
    /// The value and all values in it. Each value comes before its parts.
    pub fn nodes(&self) -> impl Iterator<Item = &Self> {
        let mut waiting = Vec::new();
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let node = next.take().or_else(|| waiting.pop())?;
            match node {
                Tree::Tuple(items) | Tree::List(items) => waiting.extend(items.iter().rev()),
                Tree::Fields(_, fields) => waiting.extend(fields.iter().rev().map(|(_, item)| item)),
                _ => {}
            }
            Some(node)
        })
    }

    /// The leaves.
    pub fn leaves(&self) -> impl Iterator<Item = &L> {
        self.nodes().filter_map(Tree::leaf)
    }

    /// The leaves, mutably.
    pub fn leaves_mut(&mut self) -> impl Iterator<Item = &mut L> {
        let (mut next, mut waiting) = (Some(self), Vec::new());
        std::iter::from_fn(move || {
            loop {
                match next.take().or_else(|| waiting.pop())? {
                    Tree::Array(leaf) => return Some(leaf),
                    Tree::Tuple(items) | Tree::List(items) => waiting.extend(items.iter_mut().rev()),
                    Tree::Fields(_, fields) => waiting.extend(fields.iter_mut().rev().map(|(_, item)| item)),
                    _ => {}
                }
            }
        })
    }

    /// The tree with references to its leaves.
    pub fn as_ref(&self) -> Tree<&L, F>
    where
        F: Copy,
    {
        match self {
            Tree::Array(leaf) => Tree::Array(leaf),
            Tree::Scalar(scalar) => Tree::Scalar(*scalar),
            Tree::Str(text) => Tree::Str(text.clone()),
            Tree::Dtype(dtype) => Tree::Dtype(*dtype),
            Tree::Device(name) => Tree::Device(name.clone()),
            Tree::Slice(slice) => Tree::Slice(*slice),
            Tree::None => Tree::None,
            Tree::Ellipsis => Tree::Ellipsis,
            Tree::Tuple(items) => Tree::Tuple(items.iter().map(Tree::as_ref).collect()),
            Tree::List(items) => Tree::List(items.iter().map(Tree::as_ref).collect()),
            Tree::Fields(kind, fields) => Tree::Fields(*kind, fields.iter().map(|(name, item)| (name.clone(), item.as_ref())).collect()),
        }
    }

    /// The tree with `leaf` of each leaf in its place, and with `fields` of each value with named parts.
    fn rebuilt<M, G, E>(
        self,
        leaf: &mut impl FnMut(L) -> Result<Tree<M, G>, E>,
        fields: &mut impl FnMut(F, Vec<(String, Tree<M, G>)>) -> Result<Tree<M, G>, E>,
    ) -> Result<Tree<M, G>, E> {
        Ok(match self {
            Tree::Array(array) => leaf(array)?,
            Tree::Scalar(scalar) => Tree::Scalar(scalar),
            Tree::Str(text) => Tree::Str(text),
            Tree::Dtype(dtype) => Tree::Dtype(dtype),
            Tree::Device(name) => Tree::Device(name),
            Tree::Slice(slice) => Tree::Slice(slice),
            Tree::None => Tree::None,
            Tree::Ellipsis => Tree::Ellipsis,
            Tree::Tuple(items) => Tree::Tuple(items.into_iter().map(|item| item.rebuilt(leaf, fields)).collect::<Result<_, E>>()?),
            Tree::List(items) => Tree::List(items.into_iter().map(|item| item.rebuilt(leaf, fields)).collect::<Result<_, E>>()?),
            Tree::Fields(kind, parts) => {
                let parts = parts.into_iter().map(|(name, item)| Ok((name, item.rebuilt(leaf, fields)?)));
                let parts = parts.collect::<Result<_, E>>()?;
                fields(kind, parts)?
            }
        })
    }

    /// The tree with the tree `of(leaf)` in the place of each leaf, or the first error.
    pub fn try_bind<M, G: From<F>, E>(self, mut of: impl FnMut(L) -> Result<Tree<M, G>, E>) -> Result<Tree<M, G>, E> {
        self.rebuilt(&mut of, &mut |kind, fields| Ok(Tree::Fields(kind.into(), fields)))
    }

    /// The tree as an argument of a program. `None` if it contains named parts.
    pub fn plain(self) -> Option<Tree<L>> {
        self.rebuilt(&mut |leaf| Ok(Tree::Array(leaf)), &mut |_, _| Err(())).ok()
    }

    /// The tree with the tree `of(leaf)` in the place of each leaf.
    pub fn bind<M, G: From<F>>(self, mut of: impl FnMut(L) -> Tree<M, G>) -> Tree<M, G> {
        let Ok(tree) = self.try_bind(|leaf| Ok::<_, Infallible>(of(leaf)));
        tree
    }

    /// The tree with the leaf `of(leaf)` in the place of each leaf, or the first error.
    pub fn try_map<M, E>(self, mut of: impl FnMut(L) -> Result<M, E>) -> Result<Tree<M, F>, E> {
        self.try_bind(|leaf| of(leaf).map(Tree::Array))
    }

    /// The tree with the leaf `of(leaf)` in the place of each leaf.
    pub fn map<M>(self, mut of: impl FnMut(L) -> M) -> Tree<M, F> {
        self.bind(|leaf| Tree::Array(of(leaf)))
    }
}

impl<L: Clone, F: Copy> Tree<&L, F> {
    /// The tree with clones of its leaves.
    pub fn cloned(&self) -> Tree<L, F> {
        self.as_ref().map(|leaf| L::clone(leaf))
    }
}

impl<'a, A> From<&'a A> for Tree<&'a A, Record> {
    fn from(array: &'a A) -> Self {
        Tree::Array(array)
    }
}

macro_rules! scalars {
    ($($native:ty => $scalar:ident),* $(,)?) => {$(
        impl From<$native> for Scalar {
            fn from(value: $native) -> Scalar {
                Scalar::$scalar(value.into())
            }
        }

        impl<L, F> From<$native> for Tree<L, F> {
            fn from(value: $native) -> Self {
                Tree::Scalar(value.into())
            }
        }
    )*};
}
scalars! {
    bool => Bool,
    i32 => Int,
    i64 => Int,
    i128 => Int,
    f64 => Float,
    (f64, f64) => Complex,
}

macro_rules! others {
    ($($native:ty => $variant:ident),* $(,)?) => {$(
        impl<L, F> From<$native> for Tree<L, F> {
            fn from(value: $native) -> Self {
                Tree::$variant(value.into())
            }
        }
    )*};
}
others! {
    Scalar => Scalar,
    &str => Str,
    DType => Dtype,
    Slice => Slice,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Arg;

    /// `(0, [1, {"a": 2, "b": (3,)}], None)`. The numbers are leaves.
    fn nested() -> Tree<u32, Record> {
        let inner = Tree::dict([("a", Tree::Array(2)), ("b", Tree::Tuple(vec![Tree::Array(3)]))]);
        Tree::Tuple(vec![Tree::Array(0), Tree::List(vec![Tree::Array(1), inner]), Tree::None])
    }

    #[test]
    fn every_way_through_a_tree_meets_the_leaves_in_order() {
        let mut tree = nested();
        assert_eq!(tree.leaves().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(tree.leaves_mut().map(|leaf| *leaf).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let mut met = Vec::new();
        tree.as_ref().map(|leaf| met.push(*leaf));
        assert_eq!(met, [0, 1, 2, 3]);
        assert_eq!(tree.nodes().count(), 9);
        assert!(tree.nodes().next().is_some_and(|first| *first == tree));
    }

    #[test]
    fn other_leaves_stand_where_the_leaves_stood() {
        let mut changed = nested();
        changed.leaves_mut().for_each(|leaf| *leaf += 10);
        assert_eq!(nested().map(|leaf| leaf + 10), changed);
        assert_eq!(nested().as_ref().cloned(), nested());
        let stops_at = |limit| nested().try_map(|leaf| if leaf < limit { Ok(leaf) } else { Err(leaf) });
        assert_eq!((stops_at(4), stops_at(2)), (Ok(nested()), Err(2)));
        let pair = Tree::<u32>::Tuple(vec![Tree::Array(1), Tree::Ellipsis]);
        let shapes: Tree<u32, Record> = pair.bind(|leaf| Tree::ints([leaf as usize; 2]));
        assert_eq!(shapes, Tree::Tuple(vec![Tree::ints([1, 1]), Tree::Ellipsis]));
    }

    #[test]
    fn what_has_named_parts_is_no_argument_of_a_program() {
        assert_eq!(nested().plain(), None);
        let plain = Tree::<u32, Record>::List(vec![Tree::Array(1), "ij".into()]).plain();
        assert_eq!(plain, Some(Tree::List(vec![Tree::Array(1), "ij".into()])));
    }

    #[test]
    fn a_value_is_asked_for_what_it_is() {
        let (flag, float, pair) = (Arg::bool(true), Arg::from(1.5), Arg::ints([2, 3]));
        assert_eq!((flag.integer(), flag.flag(), float.integer()), (Some(1), Some(true), None));
        assert_eq!((pair.integers(), flag.integers(), float.integers()), (Some(vec![2, 3]), Some(vec![1]), None));
        let list = Arg::List(vec![Arg::int(1), Arg::int(2)]);
        assert_eq!((pair.parts().len(), list.parts(), list.one_or_more().len()), (2, std::slice::from_ref(&list), 2));
        assert_eq!((Arg::Tuple(vec![]).truth(), Arg::from("").truth(), Arg::from(-0.0).truth()), (Some(false), Some(false), Some(false)));
        assert_eq!((Arg::Register(0).truth(), list.truth(), Arg::Ellipsis.truth()), (None, Some(true), Some(true)));
        let named = || Tree::<u32, Record>::named([("a", Tree::int(1)), ("b", Tree::None)]);
        assert_eq!(named().unpack(), Ok(vec![Tree::int(1), Tree::None]));
        assert!(Tree::<u32, Record>::dict([("a", Tree::int(1))]).unpack().is_err());
    }

    #[test]
    fn a_slice_selects_what_it_selects_in_python() {
        let selected = |start, stop, step, n| Slice { start, stop, step }.indices(n).map(Iterator::collect::<Vec<_>>);
        assert_eq!(selected(None, None, None, 3), Some(vec![0, 1, 2]));
        assert_eq!(selected(Some(-2), None, None, 3), Some(vec![1, 2]));
        assert_eq!(selected(None, None, Some(-2), 4), Some(vec![3, 1]));
        assert_eq!(selected(Some(9), Some(-9), Some(-1), 3), Some(vec![2, 1, 0]));
        assert_eq!(selected(Some(1), Some(9), Some(2), 4), Some(vec![1, 3]));
        assert_eq!(selected(Some(2), Some(1), None, 4), Some(vec![]));
        assert_eq!(selected(None, None, Some(-1), 0), Some(vec![]));
        assert_eq!(selected(Some(i64::MIN), Some(i64::MAX), Some(i64::MAX), 4), Some(vec![0]));
        assert_eq!(selected(Some(i64::MAX), Some(i64::MIN), Some(i64::MIN), 4), Some(vec![3]));
        assert_eq!(selected(None, None, Some(0), 4), None);
    }

    #[test]
    fn an_argument_has_one_form_on_the_wire() {
        let arg = Arg::Tuple(vec![Arg::Register(1), Arg::Slice(Slice::default()), Arg::None, Arg::List(vec![1.into(), Arg::Ellipsis])]);
        let json = r#"{"tuple":[{"register":1},{"slice":{"start":null,"stop":null,"step":null}},"none",{"list":[{"scalar":{"int":"1"}},"ellipsis"]}]}"#;
        assert_eq!(serde_json::to_string(&arg).unwrap(), json);
        assert_eq!(serde_json::from_str::<Arg>(json).unwrap(), arg);
        assert!(serde_json::from_str::<Arg>(r#"{"fields":["dict",[]]}"#).is_err());
    }

    #[test]
    fn values_go_back_as_a_worker_hands_them_back() {
        let handed = nested().handed_back(&mut |leaf| Ok::<_, Infallible>(Value::Str(leaf.to_string())));
        let text = |text: &str| Value::Str(text.to_owned());
        let inner = Value::Dict(vec![("a".to_owned(), text("2")), ("b".to_owned(), Value::Tuple(vec![text("3")]))]);
        assert_eq!(handed, Ok(Value::Tuple(vec![text("0"), Value::List(vec![text("1"), inner]), Value::None])));
        let object = Tree::<u32, Record>::object([("eps", Tree::from(0.5)), ("bits", Tree::int(32))]);
        assert_eq!(object.handed_back(&mut |_| Err(())), Ok(Value::Opaque("<object with eps, bits>".to_owned())));
        assert_eq!(Tree::<u32, Record>::List(vec![Tree::Array(7)]).handed_back(&mut |leaf| Err(*leaf)), Err(7));
    }
}
