//! Functions that no list of arguments describes: those that take functions, indices or kinds of dtypes.

use array_assay_interface::{Argument, CallError, DType, Defaults, Output, Scalar};

use crate::keywords::{Asarray, Astype, Concat, Reshape, Zeros};
use crate::namespace::Namespace;
use crate::result::one;
use crate::value::{type_error, value_error};

/// A kind of numbers that has a default dtype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberKind {
    /// Real floating-point numbers.
    RealFloating,
    /// Complex floating-point numbers.
    ComplexFloating,
    /// Integers.
    Integral,
    /// Indices, such as those that `argsort` returns.
    Indexing,
}

/// What the Python package array-api-extra has beside the functions of [`Namespace`], as methods of every
/// [`Backend`](array_assay_interface::Backend).
///
/// Its `lazy_apply` is not here, because arrays in Rust are computed at once. Its other functions are methods of [`Namespace`].
pub trait Extra: Namespace {
    /// Gives the default dtype for a kind of numbers.
    ///
    /// That is the dtype that the library states. If it states none for a kind, it is `float64`, `complex128` or `int64`.
    ///
    /// ```
    /// use array_assay_namespace::{DType, Extra, NumberKind, Polyfilled};
    /// use array_assay_ndarray::Ndarray;
    ///
    /// let mut ns = Polyfilled::new(Ndarray);
    /// assert_eq!(ns.default_dtype(NumberKind::RealFloating), DType::Float64);
    /// assert_eq!(ns.default_dtype(NumberKind::Indexing), DType::Int64);
    /// ```
    fn default_dtype(&mut self, kind: NumberKind) -> DType {
        let defaults = Defaults::named(&self.identity(&[]).default_dtypes);
        match kind {
            NumberKind::RealFloating => defaults.real,
            NumberKind::ComplexFloating => defaults.complex,
            NumberKind::Integral => defaults.integer,
            NumberKind::Indexing => defaults.index,
        }
    }

    /// Computes some elements by one function and the others by another one.
    ///
    /// - `condition`: array of dtype bool, of any shape
    /// - `args`: arrays of any dtype. They broadcast with `condition`.
    /// - `f1`: takes the elements of each array of `args` where `condition` is true, as vectors, and gives a vector of as many elements
    /// - `f2`: the same for the elements where `condition` is false
    ///
    /// Gives an array of the shape to which `condition` and `args` broadcast. Its dtype is the promotion of those of the two results.
    ///
    /// Each function sees its own elements alone, so it does not compute what is not asked for. It may see none.
    ///
    /// # Errors
    ///
    /// - `ValueError` if the shapes do not broadcast, or if a function gives another number of elements
    /// - `TypeError` if the dtypes of the two results do not promote
    /// - the errors of `f1` and `f2`
    ///
    /// ```
    /// use array_assay_namespace::{Extra, Namespace, Polyfilled};
    /// use array_assay_ndarray::{DEVIATING, Ndarray, Register};
    /// use ndarray::{Array1, array};
    ///
    /// let mut ns = Polyfilled::new(Ndarray).without(DEVIATING);
    /// let x = Register::from(array![4.0, -9.0, 16.0]);
    /// let positive = ns.greater(&x, 0.0)?;
    /// let roots = ns.apply_where(&positive, &[&x], |ns, x| ns.sqrt(&x[0]), |ns, x| ns.negative(&x[0]))?;
    /// assert_eq!(Array1::<f64>::try_from(&roots)?, array![2.0, 9.0, 4.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn apply_where(
        &mut self,
        condition: &Self::Array,
        args: &[&Self::Array],
        f1: impl FnOnce(&mut Self, &[Self::Array]) -> Result<Self::Array, CallError>,
        f2: impl FnOnce(&mut Self, &[Self::Array]) -> Result<Self::Array, CallError>,
    ) -> Result<Self::Array, CallError> {
        let (condition, args) = broadcast(self, condition, args)?;
        let others = self.logical_not(&condition)?;
        let then = selected(self, &args, &condition)?;
        let then = f1(self, &then)?;
        let otherwise = selected(self, &args, &others)?;
        let otherwise = f2(self, &otherwise)?;
        let dtype = common(self, &then, Argument::Array(&otherwise))?;
        let shape = sizes(&self.describe(&condition)?.1)?;
        let out = self.zeros(shape, Zeros::default().dtype(dtype))?;
        let out = assigned(self, &out, Argument::Array(&condition), &then)?;
        assigned(self, &out, Argument::Array(&others), &otherwise)
    }

    /// Computes some elements by a function and gives the others a value.
    ///
    /// - `condition`: array of dtype bool, of any shape
    /// - `args`: arrays of any dtype. They broadcast with `condition`.
    /// - `f1`: takes the elements of each array of `args` where `condition` is true, as vectors, and gives a vector of as many elements
    /// - `fill_value`: a number, or an array that broadcasts with `condition` and `args`: the elements where `condition` is false
    ///
    /// Gives an array of the shape to which `condition` and `args` broadcast. Its dtype is the promotion of those of the result and of
    /// `fill_value`.
    ///
    /// # Errors
    ///
    /// - `ValueError` if the shapes do not broadcast, or if `f1` gives another number of elements
    /// - `TypeError` if the dtypes do not promote
    /// - the errors of `f1`
    ///
    /// ```
    /// use array_assay_namespace::{Extra, Namespace, Polyfilled};
    /// use array_assay_ndarray::{DEVIATING, Ndarray, Register};
    /// use ndarray::{Array1, array};
    ///
    /// let mut ns = Polyfilled::new(Ndarray).without(DEVIATING);
    /// let a = Register::from(array![6.0, 1.0]);
    /// let b = Register::from(array![3.0, 0.0]);
    /// let divides = ns.not_equal(&b, 0.0)?;
    /// let quotient = ns.apply_where_filled(&divides, &[&a, &b], |ns, x| ns.divide(&x[0], &x[1]), -1.0)?;
    /// assert_eq!(Array1::<f64>::try_from(&quotient)?, array![2.0, -1.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn apply_where_filled<'x>(
        &mut self,
        condition: &Self::Array,
        args: &[&Self::Array],
        f1: impl FnOnce(&mut Self, &[Self::Array]) -> Result<Self::Array, CallError>,
        fill_value: impl Into<Argument<'x, Self::Array>>,
    ) -> Result<Self::Array, CallError>
    where
        Self::Array: 'x,
    {
        let fill = fill_value.into();
        let filled: Vec<&Self::Array> = args.iter().copied().chain(fill.leaf().copied()).collect();
        let (condition, mut args) = broadcast(self, condition, &filled)?;
        let others = if fill.leaf().is_some() { args.pop() } else { None };
        let then = selected(self, &args, &condition)?;
        let then = f1(self, &then)?;
        let dtype = common(self, &then, fill.clone())?;
        let out = match (others, fill.scalar()) {
            (Some(others), _) => self.astype(&others, dtype, Astype::default())?,
            (None, Some(value)) => {
                let value = self.asarray(value, Asarray::default().dtype(dtype))?;
                let shape = sizes(&self.describe(&condition)?.1)?;
                let every = self.broadcast_to(&value, shape)?;
                self.asarray(&every, Asarray::default().copy(true))?
            }
            (None, None) => return Err(type_error("`fill_value` is a number or an array")),
        };
        assigned(self, &out, Argument::Array(&condition), &then)
    }

    /// Names elements of an array, for an update.
    ///
    /// - `x`: array of any shape and dtype
    /// - `index`: an index of the standard: an integer, a [`Slice`](array_assay_interface::Slice), [`Argument::Ellipsis`], an
    ///   [`Argument::Tuple`] of these, or an array of dtype bool
    ///
    /// The methods of [`At`] give the updated array.
    ///
    /// ```
    /// use array_assay_interface::Slice;
    /// use array_assay_namespace::{Extra, Namespace, Polyfilled};
    /// use array_assay_ndarray::{DEVIATING, Ndarray, Register};
    /// use ndarray::{Array1, array};
    ///
    /// let mut ns = Polyfilled::new(Ndarray).without(DEVIATING);
    /// let x = Register::from(array![1.0, 2.0, 3.0]);
    /// let rest = Slice { start: Some(1), ..Slice::default() };
    /// let y = ns.at(&x, rest).add(10.0)?;
    /// assert_eq!(Array1::<f64>::try_from(&y)?, array![1.0, 12.0, 13.0]);
    ///
    /// let large = ns.greater(&x, 2.0)?;
    /// let z = ns.at(&x, &large).set(0.0)?;
    /// assert_eq!(Array1::<f64>::try_from(&z)?, array![1.0, 2.0, 0.0]);
    /// assert_eq!(Array1::<f64>::try_from(&x)?, array![1.0, 2.0, 3.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn at<'n>(&'n mut self, x: &'n Self::Array, index: impl Into<Argument<'n, Self::Array>>) -> At<'n, Self> {
        At { namespace: self, x, index: index.into() }
    }

    /// Puts axes of length one before those of an array, until it has `ndim` axes.
    ///
    /// - `x`: array of any shape and dtype
    /// - `ndim`: the least number of axes
    ///
    /// Gives the same elements with `ndim` axes, or `x` itself if it has as many or more.
    ///
    /// # Errors
    ///
    /// The errors of the library's `reshape`.
    ///
    /// ```
    /// use array_assay_namespace::{Extra, Polyfilled};
    /// use array_assay_ndarray::{Ndarray, Register};
    /// use ndarray::{Array3, array};
    ///
    /// let mut ns = Polyfilled::new(Ndarray);
    /// let x = ns.atleast_nd(&Register::from(array![1.0, 2.0]), 3)?;
    /// assert_eq!(Array3::<f64>::try_from(&x)?, array![[[1.0, 2.0]]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn atleast_nd(&mut self, x: &Self::Array, ndim: usize) -> Result<Self::Array, CallError> {
        let shape = sizes(&self.describe(x)?.1)?;
        if shape.len() >= ndim {
            return Ok(x.clone());
        }
        let new: Vec<i64> = std::iter::repeat_n(1, ndim - shape.len()).chain(shape).collect();
        self.reshape(x, new, Reshape::default())
    }

    /// Makes matrices with given diagonals, and zeros elsewhere.
    ///
    /// - `x`: array of shape (..., k), of any dtype
    /// - `offset`: which diagonal; positive ones are above the main diagonal, negative ones below
    ///
    /// Gives an array of shape (..., k + |offset|, k + |offset|), of the dtype of `x`.
    ///
    /// # Errors
    ///
    /// `ValueError` if `x` has no axis.
    ///
    /// ```
    /// use array_assay_namespace::{Extra, Polyfilled};
    /// use array_assay_ndarray::{DEVIATING, Ndarray, Register};
    /// use ndarray::{Array2, array};
    ///
    /// let mut ns = Polyfilled::new(Ndarray).without(DEVIATING);
    /// let x = ns.create_diagonal(&Register::from(array![2i64, 4]), 1)?;
    /// assert_eq!(Array2::<i64>::try_from(&x)?, array![[0, 2, 0], [0, 0, 4], [0, 0, 0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn create_diagonal(&mut self, x: &Self::Array, offset: i64) -> Result<Self::Array, CallError> {
        let (dtype, shape) = self.describe(x)?;
        let mut batch = sizes(&shape)?;
        let k = batch.pop().ok_or_else(|| value_error("`x` has no axis"))?;
        let n = k + offset.abs();
        let with = |axes: &[i64]| [batch.as_slice(), axes].concat();
        let zeros = Zeros::default().dtype(dtype);
        if k == 0 {
            return self.zeros(with(&[n, n]), zeros);
        }
        // In a matrix of n columns, n + 1 places lie between two neighbours of a diagonal. So each element with n zeros behind it is one
        // period of the flattened matrix. The zeros behind the last element are cut where the matrix ends.
        let elements = self.reshape(x, with(&[k, 1]), Reshape::default())?;
        let behind = self.zeros(with(&[k, n]), zeros.clone())?;
        let periods = self.concat(&[&elements, &behind], Concat::default().axis(-1))?;
        let periods = self.reshape(&periods, with(&[k * (n + 1)]), Reshape::default())?;
        let before = if offset < 0 { -offset * n } else { offset };
        let first = self.zeros(with(&[before]), zeros.clone())?;
        let last = self.zeros(with(&[n]), zeros)?;
        let flat = self.concat(&[&first, &periods, &last], Concat::default().axis(-1))?;
        let matrix = array_assay_interface::Slice { stop: Some(n * n), ..Default::default() };
        let index = Argument::Tuple(vec![Argument::Ellipsis, matrix.into()]);
        let flat = one(self.call("operator.getitem", &[Argument::Array(&flat), index], &[])?)?;
        self.reshape(&flat, with(&[n, n]), Reshape::default())
    }
}

impl<N: Namespace> Extra for N {}

/// Elements of an array that are to be updated, as [`Extra::at`] names them.
///
/// Each method gives a new array of the shape and the dtype of the old one, and leaves the old one as it is. `y` is a number, or an array
/// that broadcasts to the shape of the elements.
///
/// # Errors
///
/// - `IndexError`: the index does not fit the array.
/// - `ValueError`: `y` does not broadcast to the shape of the elements.
/// - `TypeError`: the dtype of the array cannot hold what is written.
#[derive(Debug)]
#[must_use = "an update is made by one of the methods"]
pub struct At<'n, N: Namespace> {
    namespace: &'n mut N,
    x: &'n N::Array,
    index: Argument<'n, N::Array>,
}

impl<'n, N: Namespace> At<'n, N> {
    /// Gives the array after `x[index] = y`.
    ///
    /// # Errors
    ///
    /// See [`At`].
    pub fn set<'y>(self, y: impl Into<Argument<'y, N::Array>>) -> Result<N::Array, CallError>
    where
        N::Array: 'y,
    {
        let copy = self.namespace.asarray(self.x, Asarray::default().copy(true))?;
        written(self.namespace, &copy, self.index, y.into())
    }

    fn updated(self, function: &str, y: Argument<'_, N::Array>) -> Result<N::Array, CallError> {
        let chosen = one(self.namespace.call("operator.getitem", &[Argument::Array(self.x), self.index.clone()], &[])?)?;
        let new = one(self.namespace.call(function, &[Argument::Array(&chosen), y], &[])?)?;
        self.set(&new)
    }
}

macro_rules! updates {
    ($($name:ident, $function:literal, $says:literal;)*) => {
        impl<N: Namespace> At<'_, N> {
            $(
                #[doc = concat!("Gives the array after `", $says, "`.\n\n# Errors\n\nSee [`At`].")]
                // The names are those of array-api-extra.
                #[allow(clippy::should_implement_trait)]
                pub fn $name<'y>(self, y: impl Into<Argument<'y, N::Array>>) -> Result<N::Array, CallError>
                where
                    N::Array: 'y,
                {
                    self.updated($function, y.into())
                }
            )*
        }
    };
}
updates! {
    add, "add", "x[index] += y";
    subtract, "subtract", "x[index] -= y";
    multiply, "multiply", "x[index] *= y";
    divide, "divide", "x[index] /= y";
    power, "pow", "x[index] **= y";
    min, "minimum", "x[index] = minimum(x[index], y)";
    max, "maximum", "x[index] = maximum(x[index], y)";
}

/// A shape as integers of the standard.
fn sizes(shape: &[usize]) -> Result<Vec<i64>, CallError> {
    shape.iter().map(|n| i64::try_from(*n).map_err(|_| value_error("an axis is too long"))).collect()
}

/// The condition and the other arrays with their common shape.
fn broadcast<N: Namespace>(ns: &mut N, condition: &N::Array, args: &[&N::Array]) -> Result<(N::Array, Vec<N::Array>), CallError> {
    let all: Vec<&N::Array> = std::iter::once(condition).chain(args.iter().copied()).collect();
    let mut arrays = ns.broadcast_arrays(&all)?.into_iter();
    let first = arrays.next().ok_or_else(|| type_error("the library gave no arrays"))?;
    Ok((first, arrays.collect()))
}

/// The elements of each array where a mask is true.
fn selected<N: Namespace>(ns: &mut N, args: &[N::Array], mask: &N::Array) -> Result<Vec<N::Array>, CallError> {
    args.iter().map(|x| one(ns.call("operator.getitem", &[Argument::Array(x), Argument::Array(mask)], &[])?)).collect()
}

/// The dtype to which an array and another value promote.
fn common<N: Namespace>(ns: &mut N, x: &N::Array, y: Argument<'_, N::Array>) -> Result<DType, CallError> {
    match ns.result_type([Argument::Array(x), y])? {
        Output::Dtype(dtype) => Ok(dtype),
        _ => Err(type_error("the library gave no dtype")),
    }
}

/// The array after an assignment of elements, cast to its dtype. The array itself may change: it is a copy of the caller.
fn assigned<N: Namespace>(ns: &mut N, x: &N::Array, index: Argument<'_, N::Array>, y: &N::Array) -> Result<N::Array, CallError> {
    let dtype = ns.describe(x)?.0;
    let y = ns.astype(y, dtype, Astype::default().copy(false))?;
    written(ns, x, index, Argument::Array(&y))
}

/// The array after an assignment of a value. The array itself may change: it is a copy of the caller.
fn written<N: Namespace>(
    ns: &mut N,
    x: &N::Array,
    index: Argument<'_, N::Array>,
    y: Argument<'_, N::Array>,
) -> Result<N::Array, CallError> {
    let y = match y {
        // The array decides which dtype a number has.
        Argument::Scalar(scalar @ (Scalar::Int(_) | Scalar::Bool(_))) if ns.describe(x)?.0.is_complex() => {
            Argument::Scalar(Scalar::Complex(scalar.element().components()))
        }
        other => other,
    };
    match ns.call("operator.setitem", &[Argument::Array(x), index, y], &[])? {
        Output::Array(array) => Ok(array),
        // Python's assignment gives nothing and changes the array.
        _ => Ok(x.clone()),
    }
}
