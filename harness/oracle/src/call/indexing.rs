//! The functions of the category `indexing`. They only move elements, so every result is exact.

use array_assay_interface::{Array, Element};

use super::arguments::{illegal, normalized};
use super::manipulation::{axis_or, moved, selected};
use super::{Call, Expectation, Table, Undefined, broadcast_shapes, flat};

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[("take", take), ("take_along_axis", take_along_axis)];

/// The slices of an array at `indices` along an axis, which may be left out for a vector.
fn take(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, indices) = (call.array("x")?, call.array("indices")?);
    let axis = match (x.shape.len(), call.axis("axis", x.shape.len())?) {
        (0, _) => return Err(Undefined::Open),
        (_, Some(axis)) => axis,
        (1, None) => 0,
        (_, None) => return Err(illegal("`axis` is missing")),
    };
    if indices.shape.len() != 1 {
        return Err(illegal("`indices` is no vector"));
    }
    Ok(selected(x, &x.shape, axis, &places(indices, x.shape[axis])?))
}

/// For each place of `indices`, the element of `x` at that index along the axis and at the same place along the other axes. Both are
/// broadcast except along the axis.
fn take_along_axis(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, indices) = (call.array("x")?, call.array("indices")?);
    let rank = x.shape.len();
    let Ok(axis) = normalized(axis_or(call, "axis", -1)?, rank) else { return Ok(Expectation::Raises) };
    if indices.shape.len() != rank {
        return Err(illegal("`indices` differs in rank"));
    }
    let mut across = x.shape.clone();
    across[axis] = indices.shape[axis];
    let shape = broadcast_shapes([&across[..], &indices.shape[..]]).ok_or_else(|| illegal("`indices` does not broadcast"))?;
    let places = places(indices, x.shape[axis])?;
    let within =
        |shape: &[usize], index: &[usize]| -> Vec<usize> { index.iter().zip(shape).map(|(i, n)| if *n == 1 { 0 } else { *i }).collect() };
    Ok(moved(x, shape, |index| {
        let mut at = within(&x.shape, index);
        at[axis] = places[flat(&indices.shape, within(&indices.shape, index).into_iter())];
        flat(&x.shape, at.into_iter())
    }))
}

/// Indices counted from the front of `n` elements. Indices out of bounds are open, because no library has to check bounds.
pub(super) fn places(indices: &Array, n: usize) -> Result<Vec<usize>, Undefined> {
    if indices.dtype.integer_range().is_none() {
        return Err(illegal("the indices are no integers"));
    }
    let place = |index: Element| {
        let index = index.integer();
        let from_front = if index < 0 { index + n as i128 } else { index };
        usize::try_from(from_front).ok().filter(|place| *place < n).ok_or(Undefined::Open)
    };
    indices.elements().map(place).collect()
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{DType, Scalar};

    use super::super::{Given, semantics};
    use super::*;

    fn ints(shape: &[usize], items: &[i128]) -> Array {
        Array::from_elements(DType::Int64, shape.to_vec(), items.iter().map(|v| Element::Int(*v)))
    }

    fn called(function: &str, x: &Array, indices: &Array, axis: Option<i128>) -> Result<Expectation, Undefined> {
        let mut given = vec![("x", Given::Array(x.clone())), ("indices", Given::Array(indices.clone()))];
        given.extend(axis.map(|axis| ("axis", Given::Scalar(Scalar::Int(axis)))));
        semantics(function).expect("a function of this file")(&Call { given: &given, dtype: Some(x.dtype), defaults: Default::default() })
    }

    #[track_caller]
    fn result(function: &str, x: &Array, indices: &Array, axis: Option<i128>) -> Array {
        match called(function, x, indices, axis) {
            Ok(Expectation::Array(array)) => array.example(),
            other => panic!("{function}: {other:?}"),
        }
    }

    #[track_caller]
    fn open(function: &str, x: &Array, indices: &Array, axis: Option<i128>) {
        assert_eq!(called(function, x, indices, axis).err(), Some(Undefined::Open));
    }

    #[track_caller]
    fn illegal(function: &str, x: &Array, indices: &Array, axis: Option<i128>) {
        assert!(matches!(called(function, x, indices, axis), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn take_selects_slices() {
        let x = ints(&[2, 3], &[10, 11, 12, 20, 21, 22]);
        let indices = ints(&[3], &[2, 0, -3]);
        assert_eq!(result("take", &x, &indices, Some(1)), ints(&[2, 3], &[12, 10, 10, 22, 20, 20]));
        assert_eq!(result("take", &x, &indices, Some(-1)), ints(&[2, 3], &[12, 10, 10, 22, 20, 20]));
        assert_eq!(result("take", &x, &ints(&[1], &[-1]), Some(0)), ints(&[1, 3], &[20, 21, 22]));
        assert_eq!(result("take", &ints(&[2], &[7, 8]), &ints(&[3], &[1, 1, 0]), None), ints(&[3], &[8, 8, 7]));
        assert_eq!(result("take", &ints(&[2, 0], &[]), &ints(&[0], &[]), Some(1)), ints(&[2, 0], &[]));
        assert_eq!(result("take", &ints(&[2, 0], &[]), &ints(&[3], &[0, 1, 0]), Some(0)), ints(&[3, 0], &[]));
        let unsigned = Array::from_elements(DType::Uint8, vec![1], [Element::Int(1)]);
        assert_eq!(result("take", &x, &unsigned, Some(0)), ints(&[1, 3], &[20, 21, 22]));
    }

    #[test]
    fn take_leaves_bounds_and_scalars_open() {
        let x = ints(&[2, 3], &[0; 6]);
        open("take", &x, &ints(&[1], &[3]), Some(1));
        open("take", &x, &ints(&[1], &[-3]), Some(0));
        open("take", &ints(&[], &[1]), &ints(&[1], &[0]), None);
        illegal("take", &x, &ints(&[1], &[0]), None);
        illegal("take", &x, &ints(&[1], &[0]), Some(2));
        illegal("take", &x, &ints(&[1, 1], &[0]), Some(0));
        let real = Array::from_elements(DType::Float64, vec![1], [Element::F64(0.0)]);
        illegal("take", &x, &real, Some(0));
    }

    #[test]
    fn take_along_axis_selects_elements() {
        let x = ints(&[2, 3], &[10, 11, 12, 20, 21, 22]);
        assert_eq!(result("take_along_axis", &x, &ints(&[2, 2], &[2, 0, -1, 1]), None), ints(&[2, 2], &[12, 10, 22, 21]));
        assert_eq!(result("take_along_axis", &x, &ints(&[1, 3], &[1, 0, -1]), Some(0)), ints(&[1, 3], &[20, 11, 22]));
    }

    #[test]
    fn take_along_axis_broadcasts_the_other_axes() {
        let x = ints(&[2, 3], &[10, 11, 12, 20, 21, 22]);
        // The indices are repeated along the first axis of `x` ...
        assert_eq!(result("take_along_axis", &x, &ints(&[1, 2], &[2, 0]), Some(1)), ints(&[2, 2], &[12, 10, 22, 20]));
        // ... and `x` along the first axis of the indices.
        let row = ints(&[1, 3], &[10, 11, 12]);
        assert_eq!(result("take_along_axis", &row, &ints(&[3, 1], &[2, 0, 1]), Some(-1)), ints(&[3, 1], &[12, 10, 11]));
        // An axis of `x` with length one is not broadcast if elements are taken along it.
        assert_eq!(result("take_along_axis", &ints(&[1], &[5]), &ints(&[3], &[0, -1, 0]), None), ints(&[3], &[5, 5, 5]));
        open("take_along_axis", &ints(&[1], &[5]), &ints(&[2], &[0, 1]), None);
        illegal("take_along_axis", &x, &ints(&[3, 1], &[0; 3]), Some(1));
        illegal("take_along_axis", &x, &ints(&[1], &[0]), Some(1));
        for axis in [2, -3] {
            assert!(matches!(called("take_along_axis", &x, &ints(&[1, 1], &[0]), Some(axis)), Ok(Expectation::Raises)));
        }
        assert_eq!(result("take_along_axis", &ints(&[0, 3], &[]), &ints(&[1, 1], &[2]), Some(1)), ints(&[0, 1], &[]));
    }
}
