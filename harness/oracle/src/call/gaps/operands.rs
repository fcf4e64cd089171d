//! What the functions of this folder share: operands that are broadcast together, and numbers near which results have to lie.

use array_assay_interface::{Array, DType, Element};

use crate::call::arguments::illegal;
use crate::call::shape::gather;
use crate::call::statistical::accumulator::{Arithmetic, any, near};
use crate::call::{ArrayExpectation, Call, Elements, Expectation, Near, Undefined, broadcast_shapes, flat};
use crate::promoted;

/// Two operands, broadcast together.
pub(super) struct Pair {
    /// The dtype to which they promote.
    pub(super) dtype: DType,
    pub(super) shape: Vec<usize>,
    /// The pairs of their elements, cast to `dtype`.
    pub(super) elements: Vec<(Element, Element)>,
}

impl Pair {
    /// The operands `x1` and `x2`, promoted and broadcast.
    pub(super) fn of(call: &Call<'_>) -> Result<Pair, Undefined> {
        let (x1, x2) = (call.array("x1")?, call.array("x2")?);
        let dtype = promoted(x1.dtype, x2.dtype).ok_or(Undefined::Open)?;
        let pair = Pair::as_they_are(call)?;
        let elements = pair.elements.into_iter().map(|(a, b)| (a.cast(dtype), b.cast(dtype))).collect();
        Ok(Pair { dtype, elements, ..pair })
    }

    /// The operands `x1` and `x2`, broadcast but not cast. The dtype is that of `x1`.
    pub(super) fn as_they_are(call: &Call<'_>) -> Result<Pair, Undefined> {
        let (x1, x2) = (call.array("x1")?, call.array("x2")?);
        let shape = broadcast_shapes([&x1.shape[..], &x2.shape]).ok_or_else(|| illegal("the shapes do not broadcast"))?;
        let elements = spread(x1, &shape).into_iter().zip(spread(x2, &shape)).collect();
        Ok(Pair { dtype: x1.dtype, shape, elements })
    }

    /// An array whose elements are exactly `f` of each pair of elements. The sign of zeros is free.
    pub(super) fn map(&self, dtype: DType, f: impl Fn(Element, Element) -> Result<Element, Undefined>) -> Result<Expectation, Undefined> {
        let elements = self.elements.iter().map(|(a, b)| f(*a, *b).map(|e| e.cast(dtype))).collect::<Result<_, _>>()?;
        Ok(array(dtype, self.shape.clone(), Elements::EitherZero(elements)))
    }

    /// An array whose elements are near `f` of each pair of real numbers.
    pub(super) fn near(&self, f: impl Fn(f64, f64) -> Near) -> Expectation {
        let elements = self.elements.iter().map(|(a, b)| f(a.components().0, b.components().0)).collect();
        array(self.dtype, self.shape.clone(), Elements::Near(elements))
    }
}

/// The elements of an array broadcast to a shape.
fn spread(x: &Array, shape: &[usize]) -> Vec<Element> {
    let elements: Vec<Element> = x.elements().collect();
    gather(&elements, shape, |index| {
        let own = &index[index.len() - x.shape.len()..];
        flat(&x.shape, own.iter().zip(&x.shape).map(|(i, n)| if *n == 1 { 0 } else { *i }))
    })
}

/// An array whose elements meet `elements`, which need not determine them exactly.
pub(super) fn array(dtype: DType, shape: Vec<usize>, elements: Elements) -> Expectation {
    Expectation::Array(ArrayExpectation { dtype, shape, elements })
}

/// An array whose elements are exactly `f` of each element of `x`. The sign of zeros is free.
pub(super) fn map(call: &Call<'_>, f: impl Fn(Element) -> Element) -> Result<Expectation, Undefined> {
    let (x, dtype) = (call.array("x")?, call.result_dtype()?);
    let elements = x.elements().map(|e| f(e).cast(dtype)).collect();
    Ok(array(dtype, x.shape.clone(), Elements::EitherZero(elements)))
}

/// An array whose elements are near `f` of its dtype and of each element of the real array `x`.
pub(super) fn map_near(call: &Call<'_>, f: impl Fn(DType, f64) -> Near) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let elements = x.elements().map(|e| f(x.dtype, e.components().0)).collect();
    Ok(array(x.dtype, x.shape.clone(), Elements::Near(elements)))
}

/// The numbers within `ulps` units in the last place of `value`, which is itself rounded to double precision. Subnormal results may be
/// flushed to zero.
pub(super) fn close(dtype: DType, value: f64, ulps: f64) -> Near {
    within(dtype, value, 2.0 * ulps * Arithmetic::of(dtype, false).u * value.abs())
}

/// The numbers within `error` of `value`. Any number passes if the result may overflow.
pub(super) fn within(dtype: DType, value: f64, error: f64) -> Near {
    let arithmetic = Arithmetic::of(dtype, false);
    if value.is_nan() {
        near(f64::NAN, 0.0)
    } else if value.is_infinite() || arithmetic.overflows(value.abs()) {
        near(f64::INFINITY.copysign(value), 0.0)
    } else if arithmetic.may_overflow(value.abs() + error) {
        any(value)
    } else {
        near(value, error + arithmetic.least)
    }
}
