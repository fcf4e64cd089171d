//! The functions of the category `manipulation`. They only move elements, so every result is exact.

use array_assay_interface::{Array, DType, Element, Scalar};

use super::arguments::{illegal, normalized};
use super::shape::{flat, gather};
use super::{ArrayExpectation, Call, Elements, Expectation, Given, Table, Undefined, broadcast_shapes as broadcast, strides};

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("broadcast_arrays", broadcast_arrays),
    ("broadcast_shapes", broadcast_shapes),
    ("broadcast_to", broadcast_to),
    ("concat", concat),
    ("expand_dims", expand_dims),
    ("flip", flip),
    ("moveaxis", moveaxis),
    ("permute_dims", permute_dims),
    ("repeat", repeat),
    ("reshape", reshape),
    ("roll", roll),
    ("squeeze", squeeze),
    ("stack", stack),
    ("tile", tile),
    ("unstack", unstack),
];

type Outcome = Result<Expectation, Undefined>;

/// The arrays broadcast against one another, each with its own dtype.
fn broadcast_arrays(call: &Call<'_>) -> Outcome {
    let arrays = call.arrays("arrays")?;
    let shape = broadcast(arrays.iter().map(|x| &x.shape[..])).ok_or_else(|| illegal("the shapes do not broadcast, or there are none"))?;
    Ok(Expectation::Tuple(arrays.iter().map(|x| expanded(x, &shape)).collect()))
}

/// The broadcast of shapes as a tuple of sizes. Without shapes it is the empty tuple. Libraries may handle unknown sizes as they like.
fn broadcast_shapes(call: &Call<'_>) -> Outcome {
    let shapes = match call.get("shapes") {
        None => Vec::new(),
        Some(shapes) => {
            let shapes = shapes.items().ok_or_else(|| illegal("`shapes` is no sequence of shapes"))?;
            shapes.iter().map(shape_of).collect::<Result<Vec<_>, _>>()?
        }
    };
    let shape = match &shapes[..] {
        [] => Vec::new(),
        some => broadcast(some.iter().map(|shape| &shape[..])).ok_or_else(|| illegal("the shapes do not broadcast"))?,
    };
    Ok(Expectation::Tuple(shape.into_iter().map(|n| Expectation::Scalar(Scalar::Int(n as i128))).collect()))
}

/// The array broadcast to a shape. It raises if the array does not broadcast to the shape.
fn broadcast_to(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let shape = sizes(call, "shape")?;
    match broadcast([&x.shape[..], &shape[..]]) {
        Some(common) if common == shape => Ok(expanded(x, &shape)),
        _ => Ok(Expectation::Raises),
    }
}

/// Arrays joined along an existing axis. With `axis=None` they are flattened first.
fn concat(call: &Call<'_>) -> Outcome {
    let arrays = call.arrays("arrays")?;
    let first = arrays.first().ok_or_else(|| illegal("there are no arrays to join"))?;
    if call.is_given("axis") && call.get("axis").is_none() {
        // The shapes have to be the same except along `axis`. The text does not say what that means without axes.
        if arrays.iter().any(|x| x.shape != first.shape) {
            return Err(Undefined::Open);
        }
        return joined(call, &arrays, |x| vec![x.len()], 0);
    }
    let axis = axis_or(call, "axis", 0)?;
    if arrays.iter().any(|x| x.shape.len() != first.shape.len()) {
        return Err(illegal("the arrays differ in rank"));
    }
    let Ok(axis) = normalized(axis, first.shape.len()) else { return Ok(Expectation::Raises) };
    let others = |x: &Array| [&x.shape[..axis], &x.shape[axis + 1..]].concat();
    if arrays.iter().any(|x| others(x) != others(first)) {
        return Err(illegal("the arrays differ in shape, the axis apart"));
    }
    joined(call, &arrays, |x| x.shape.clone(), axis)
}

/// New axes of length one at places counted in the result.
fn expand_dims(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let places = call.integers("axis")?.ok_or_else(|| illegal("`axis` is missing"))?;
    let rank = x.shape.len() + places.len();
    if out_of_bounds(call, "axis", rank)? {
        return Ok(Expectation::Raises);
    }
    let places = call.axes("axis", rank)?.unwrap_or_default();
    let mut old = x.shape.iter();
    let size = |axis: usize| if places.contains(&axis) { Some(1) } else { old.next().copied() };
    Ok(reshaped(x, (0..rank).filter_map(size).collect()))
}

/// The elements in reversed order along some axes, or along all.
fn flip(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if out_of_bounds(call, "axis", rank)? {
        return Ok(Expectation::Raises);
    }
    let axes = call.axes("axis", rank)?.unwrap_or_else(|| (0..rank).collect());
    let source = |(axis, i): (usize, &usize)| if axes.contains(&axis) { x.shape[axis] - 1 - i } else { *i };
    Ok(moved(x, x.shape.clone(), |index| flat(&x.shape, index.iter().enumerate().map(source))))
}

/// Axes moved to new places. The other axes keep their order.
fn moveaxis(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if out_of_bounds(call, "source", rank)? || out_of_bounds(call, "destination", rank)? {
        return Ok(Expectation::Raises);
    }
    if is_tuple(call, "source") != is_tuple(call, "destination") {
        return Err(Undefined::Open);
    }
    let (Some(source), Some(destination)) = (call.axes("source", rank)?, call.axes("destination", rank)?) else {
        return Err(illegal("`source` or `destination` is missing"));
    };
    if source.len() != destination.len() {
        return Err(illegal("there are not as many destinations as axes to move"));
    }
    let mut others = (0..rank).filter(|axis| !source.contains(axis));
    let axis_at = |place: usize| match destination.iter().position(|d| *d == place) {
        Some(i) => Some(source[i]),
        None => others.next(),
    };
    Ok(transposed(x, &(0..rank).filter_map(axis_at).collect::<Vec<_>>()))
}

/// The axes in another order.
fn permute_dims(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if out_of_bounds(call, "axes", rank)? {
        return Ok(Expectation::Raises);
    }
    match call.axes("axes", rank)? {
        Some(axes) if is_tuple(call, "axes") && axes.len() == rank => Ok(transposed(x, &axes)),
        _ => Err(illegal("`axes` is no permutation of the axes")),
    }
}

/// Elements repeated along an axis, or the elements of the flattened array.
fn repeat(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if out_of_bounds(call, "axis", rank)? {
        return Ok(Expectation::Raises);
    }
    let (shape, axis) = match call.axis("axis", rank)? {
        Some(axis) => (x.shape.clone(), axis),
        None => (vec![x.len()], 0),
    };
    let counts = repeats(call, shape[axis])?;
    let places: Vec<usize> = counts.into_iter().enumerate().flat_map(|(place, count)| std::iter::repeat_n(place, count)).collect();
    Ok(selected(x, &shape, axis, &places))
}

/// The number of repetitions of each of `n` elements.
fn repeats(call: &Call<'_>, n: usize) -> Result<Vec<usize>, Undefined> {
    let counts: Vec<i128> = match call.get("repeats") {
        Some(Given::Scalar(Scalar::Int(count))) => vec![*count; n],
        Some(Given::Array(counts)) if counts.dtype.integer_range().is_some() => match counts.shape[..] {
            [len] if len == n => counts.elements().map(Element::integer).collect(),
            [1] => vec![counts.get(0).integer(); n],
            _ => return Err(illegal("`repeats` does not broadcast to the elements")),
        },
        _ => return Err(illegal("`repeats` is neither an integer nor an array of integers")),
    };
    let count = |v: i128| usize::try_from(v).map_err(|_| illegal("a negative number of repetitions"));
    counts.into_iter().map(count).collect()
}

/// The same elements in another shape, in row-major order, which is the only order that the text names.
fn reshape(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    if !is_tuple(call, "shape") {
        return Err(illegal("`shape` is no tuple"));
    }
    let shape = call.integers("shape")?.unwrap_or_default();
    let known = shape.iter().filter(|n| **n != -1).map(|n| size(*n)).collect::<Result<Vec<_>, _>>()?;
    let product: usize = known.iter().product();
    let inferred = match shape.len() - known.len() {
        0 if product == x.len() => 0,
        1 if product > 0 && x.len().is_multiple_of(product) => x.len() / product,
        // Any size would fit.
        1 if product == 0 && x.is_empty() => return Err(Undefined::Open),
        _ => return Err(illegal("the shape has not as many elements")),
    };
    Ok(reshaped(x, shape.iter().map(|n| usize::try_from(*n).unwrap_or(inferred)).collect()))
}

/// Elements shifted along axes. Elements that leave one end come back at the other. Without axes the flattened array is shifted.
fn roll(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if out_of_bounds(call, "axis", rank)? {
        return Ok(Expectation::Raises);
    }
    let shifts = call.integers("shift")?.ok_or_else(|| illegal("`shift` is missing"))?;
    let mut shift_of = vec![0; rank];
    match (call.integer("shift"), call.axes("axis", rank)?) {
        (Some(shift), None) => {
            let n = x.len();
            let elements = (0..n).map(|i| x.get(unshifted(i, shift, n))).collect();
            return Ok(Expectation::exact(x.dtype, x.shape.clone(), elements));
        }
        (Some(shift), Some(axes)) => axes.iter().for_each(|axis| shift_of[*axis] = shift),
        (None, Some(axes)) if is_tuple(call, "axis") && axes.len() == shifts.len() => {
            axes.iter().zip(shifts).for_each(|(axis, shift)| shift_of[*axis] = shift);
        }
        _ => return Err(illegal("there are not as many axes as shifts")),
    }
    let source = |(axis, i): (usize, &usize)| unshifted(*i, shift_of[axis], x.shape[axis]);
    Ok(moved(x, x.shape.clone(), |index| flat(&x.shape, index.iter().enumerate().map(source))))
}

/// The original place of the element that is at `i` after a shift along `n` elements.
fn unshifted(i: usize, shift: i64, n: usize) -> usize {
    // Less than `n`, which is positive because there is an element.
    (i as i128 - shift as i128).rem_euclid(n as i128) as usize
}

/// The array without some axes of length one.
fn squeeze(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if out_of_bounds(call, "axis", rank)? {
        return Ok(Expectation::Raises);
    }
    let axes = call.axes("axis", rank)?.ok_or_else(|| illegal("`axis` is missing"))?;
    if axes.iter().any(|axis| x.shape[*axis] != 1) {
        return Err(illegal("an axis of another length than one"));
    }
    Ok(reshaped(x, (0..rank).filter(|axis| !axes.contains(axis)).map(|axis| x.shape[axis]).collect()))
}

/// Arrays of one shape joined along a new axis, which is counted in the result.
///
/// The text calls an axis in `[-N, N)` valid for `N` axes of the inputs. That excludes the last place, except for the text's own example
/// `-1`. Any axis in `[-N-1, N]` gets the result that the rest of the text describes. The spec says whether it is legal.
fn stack(call: &Call<'_>) -> Outcome {
    let arrays = call.arrays("arrays")?;
    let first = arrays.first().ok_or_else(|| illegal("there are no arrays to join"))?;
    if arrays.iter().any(|x| x.shape != first.shape) {
        return Err(illegal("the arrays differ in shape"));
    }
    let Ok(axis) = normalized(axis_or(call, "axis", 0)?, first.shape.len() + 1) else { return Ok(Expectation::Raises) };
    let with_axis = |x: &Array| [&x.shape[..axis], &[1], &x.shape[axis..]].concat();
    joined(call, &arrays, with_axis, axis)
}

/// The array as a whole repeated along its axes. The shorter of shape and repetitions gets ones in front.
fn tile(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let repetitions = sizes(call, "repetitions")?;
    let rank = x.shape.len().max(repetitions.len());
    let padded = |items: &[usize]| [vec![1; rank - items.len()], items.to_vec()].concat();
    let (shape, repetitions) = (padded(&x.shape), padded(&repetitions));
    let tiled = shape.iter().zip(&repetitions).map(|(n, r)| n * r).collect();
    Ok(moved(x, tiled, |index| flat(&shape, index.iter().zip(&shape).map(|(i, n)| i % n))))
}

/// The slices along an axis, without that axis.
fn unstack(call: &Call<'_>) -> Outcome {
    let x = call.array("x")?;
    let Ok(axis) = normalized(axis_or(call, "axis", 0)?, x.shape.len()) else { return Ok(Expectation::Raises) };
    let shape = [&x.shape[..axis], &x.shape[axis + 1..]].concat();
    let stride = strides(&x.shape)[axis];
    let elements: Vec<Element> = x.elements().collect();
    // The flat index in a slice with the axis inserted is the index in the array.
    let slice = |k: usize| {
        let source = |index: &[usize]| {
            let at = flat(&shape, index.iter().copied());
            at / stride * stride * x.shape[axis] + k * stride + at % stride
        };
        Expectation::exact(x.dtype, shape.clone(), gather(&elements, &shape, source))
    };
    Ok(Expectation::Tuple((0..x.shape[axis]).map(slice).collect()))
}

/// Whether a given axis is outside of `[-rank, rank)`.
pub(super) fn out_of_bounds(call: &Call<'_>, name: &str, rank: usize) -> Result<bool, Undefined> {
    Ok(call.integers(name)?.is_some_and(|axes| axes.iter().any(|axis| normalized(*axis, rank).is_err())))
}

/// An axis for which `None` is not legal, or its default if it is left out.
pub(super) fn axis_or(call: &Call<'_>, name: &str, default: i64) -> Result<i64, Undefined> {
    if call.is_given(name) { call.integer(name).ok_or_else(|| illegal(format!("`{name}` is no integer"))) } else { Ok(default) }
}

/// The elements at `places` along an axis of `x`, which is read as an array of `shape`.
pub(super) fn selected(x: &Array, shape: &[usize], axis: usize, places: &[usize]) -> Expectation {
    let mut out = shape.to_vec();
    out[axis] = places.len();
    let source = |(a, i): (usize, &usize)| if a == axis { places[*i] } else { *i };
    moved(x, out, |index| flat(shape, index.iter().enumerate().map(source)))
}

/// An array of `shape` that holds elements of `x`: `source` gives the flat index in `x` for an index in the result.
pub(super) fn moved(x: &Array, shape: Vec<usize>, source: impl Fn(&[usize]) -> usize) -> Expectation {
    let items: Vec<Element> = x.elements().collect();
    let elements = gather(&items, &shape, source);
    Expectation::exact(x.dtype, shape, elements)
}

/// The same elements in the same order.
fn reshaped(x: &Array, shape: Vec<usize>) -> Expectation {
    Expectation::exact(x.dtype, shape, x.elements().collect())
}

/// The array broadcast to a shape to which it is known to broadcast.
fn expanded(x: &Array, shape: &[usize]) -> Expectation {
    let added = shape.len() - x.shape.len();
    let source = |(i, n): (&usize, &usize)| if *n == 1 { 0 } else { *i };
    moved(x, shape.to_vec(), |index| flat(&x.shape, index[added..].iter().zip(&x.shape).map(source)))
}

/// The axes in the order `axes`.
fn transposed(x: &Array, axes: &[usize]) -> Expectation {
    let strides = strides(&x.shape);
    let shape = axes.iter().map(|axis| x.shape[*axis]).collect();
    moved(x, shape, |index| index.iter().zip(axes).map(|(i, axis)| i * strides[*axis]).sum())
}

/// Arrays joined along `axis`, each read in the shape that `view` gives it. The shapes agree except along the axis.
fn joined(call: &Call<'_>, arrays: &[&Array], view: impl Fn(&Array) -> Vec<usize>, axis: usize) -> Outcome {
    let dtype = call.result_dtype()?;
    let shapes: Vec<Vec<usize>> = arrays.iter().map(|x| view(x)).collect();
    let mut shape = shapes[0].clone();
    shape[axis] = shapes.iter().map(|shape| shape[axis]).sum();
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    let mut elements = Vec::with_capacity(shape.iter().product());
    for o in 0..outer {
        for (x, shape) in arrays.iter().zip(&shapes) {
            let block = shape[axis] * inner;
            elements.extend((o * block..(o + 1) * block).map(|i| x.get(i).cast(dtype)));
        }
    }
    Ok(Expectation::Array(ArrayExpectation { dtype, shape, elements: promoted(arrays, dtype, elements) }))
}

/// Elements of arrays in their common dtype. The text does not say which zero the imaginary component of a real number becomes.
fn promoted(arrays: &[&Array], dtype: DType, elements: Vec<Element>) -> Elements {
    match dtype.is_complex() && arrays.iter().any(|x| !x.dtype.is_complex()) {
        true => Elements::EitherZero(elements),
        false => Elements::Exact(elements),
    }
}

fn is_tuple(call: &Call<'_>, name: &str) -> bool {
    matches!(call.get(name), Some(Given::Tuple(_)))
}

/// A parameter that takes a tuple of sizes.
fn sizes(call: &Call<'_>, name: &str) -> Result<Vec<usize>, Undefined> {
    shape_of(call.get(name).ok_or_else(|| illegal(format!("`{name}` is missing")))?)
}

/// The sizes in a tuple. A library may use `None` for an unknown size.
fn shape_of(given: &Given) -> Result<Vec<usize>, Undefined> {
    let Given::Tuple(items) = given else { return Err(illegal("a shape that is no tuple")) };
    let item = |given: &Given| match given {
        Given::Scalar(Scalar::Int(n)) => i64::try_from(*n).map_err(|_| illegal("a size beyond 64 bits")).and_then(size),
        Given::None => Err(Undefined::Open),
        _ => Err(illegal("a size that is no integer")),
    };
    items.iter().map(item).collect()
}

fn size(n: i64) -> Result<usize, Undefined> {
    usize::try_from(n).map_err(|_| illegal("a negative size"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An array of integers.
    fn ints(shape: &[usize], items: impl IntoIterator<Item = i128>) -> Array {
        Array::from_elements(DType::Int32, shape.to_vec(), items.into_iter().map(Element::Int))
    }

    /// The integers from zero on in this shape.
    fn count(shape: &[usize]) -> Array {
        ints(shape, 0..shape.iter().product::<usize>() as i128)
    }

    fn array(x: Array) -> Given {
        Given::Array(x)
    }

    fn int(v: i128) -> Given {
        Given::Scalar(Scalar::Int(v))
    }

    fn tuple(items: &[i128]) -> Given {
        Given::Tuple(items.iter().copied().map(int).collect())
    }

    fn called(function: &str, given: &[(&str, Given)], dtype: Option<DType>) -> Outcome {
        super::super::semantics(function).expect("a function of this file")(&Call { given, dtype, defaults: Default::default() })
    }

    /// The exactly expected array.
    #[track_caller]
    fn result(function: &str, given: &[(&str, Given)]) -> Array {
        match called(function, given, Some(DType::Int32)) {
            Ok(Expectation::Array(array)) if matches!(array.elements, Elements::Exact(_)) => array.example(),
            other => panic!("{function}: {other:?}"),
        }
    }

    /// The shapes and elements of a tuple of arrays.
    #[track_caller]
    fn results(function: &str, given: &[(&str, Given)]) -> Vec<Array> {
        let Ok(Expectation::Tuple(items)) = called(function, given, None) else { panic!("{function} gives no tuple") };
        let array = |item: &Expectation| match item {
            Expectation::Array(array) => array.example(),
            other => panic!("{other:?}"),
        };
        items.iter().map(array).collect()
    }

    #[track_caller]
    fn raises(function: &str, given: &[(&str, Given)]) {
        let outcome = called(function, given, Some(DType::Int32));
        assert!(matches!(outcome, Ok(Expectation::Raises)), "{function}: {outcome:?}");
    }

    #[track_caller]
    fn open(function: &str, given: &[(&str, Given)]) {
        assert_eq!(called(function, given, Some(DType::Int32)).err(), Some(Undefined::Open), "{function}");
    }

    #[track_caller]
    fn illegal(function: &str, given: &[(&str, Given)]) {
        let outcome = called(function, given, Some(DType::Int32));
        assert!(matches!(outcome, Err(Undefined::Illegal(_))), "{function}: {outcome:?}");
    }

    #[test]
    fn broadcasting_repeats_axes_of_length_one_and_adds_axes_in_front() {
        let x = || array(ints(&[2, 1], [1, 2]));
        assert_eq!(result("broadcast_to", &[("x", x()), ("shape", tuple(&[2, 2, 3]))]), ints(&[2, 2, 3], [1, 1, 1, 2, 2, 2].repeat(2)));
        assert_eq!(result("broadcast_to", &[("x", x()), ("shape", tuple(&[2, 0]))]), ints(&[2, 0], []));
        assert_eq!(result("broadcast_to", &[("x", array(ints(&[], [7]))), ("shape", tuple(&[]))]), ints(&[], [7]));
        raises("broadcast_to", &[("x", x()), ("shape", tuple(&[2]))]);
        raises("broadcast_to", &[("x", x()), ("shape", tuple(&[1, 3]))]);
        raises("broadcast_to", &[("x", array(count(&[0]))), ("shape", tuple(&[1]))]);

        let flags = Array::from_elements(DType::Bool, vec![3], [true, false, true].map(Element::Bool));
        let arrays = Given::Tuple(vec![x(), array(flags)]);
        let out = results("broadcast_arrays", &[("arrays", arrays)]);
        assert_eq!(out[0], ints(&[2, 3], [1, 1, 1, 2, 2, 2]));
        assert_eq!((out[1].dtype, &out[1].shape[..], &out[1].data[..]), (DType::Bool, &[2, 3][..], &[1, 0, 1, 1, 0, 1][..]));
        illegal("broadcast_arrays", &[("arrays", Given::Tuple(vec![array(count(&[2])), array(count(&[3]))]))]);
    }

    #[test]
    fn shapes_broadcast_to_a_tuple_of_integers() {
        let sizes = |shapes: &[&[i128]]| {
            let shapes = Given::Tuple(shapes.iter().map(|shape| tuple(shape)).collect());
            match called("broadcast_shapes", &[("shapes", shapes)], None) {
                Ok(tuple) => tuple.example().expect("a tuple").to_string(),
                Err(undefined) => format!("{undefined:?}"),
            }
        };
        assert_eq!(sizes(&[&[8, 1, 6, 1], &[7, 1, 5]]), "(8, 7, 6, 5)");
        assert_eq!(sizes(&[&[3], &[], &[0, 1]]), "(0, 3)");
        assert_eq!(sizes(&[]), "()");
        assert!(sizes(&[&[2, 1], &[8, 4, 3]]).starts_with("Illegal"));
        open("broadcast_shapes", &[("shapes", Given::Tuple(vec![Given::Tuple(vec![Given::None, int(3)])]))]);
    }

    #[test]
    fn concat_joins_along_any_axis() {
        let arrays = || Given::List(vec![array(ints(&[2, 1], [1, 2])), array(ints(&[2, 2], [3, 4, 5, 6])), array(ints(&[2, 0], []))]);
        let joined = ints(&[2, 3], [1, 3, 4, 2, 5, 6]);
        assert_eq!(result("concat", &[("arrays", arrays()), ("axis", int(1))]), joined);
        assert_eq!(result("concat", &[("arrays", arrays()), ("axis", int(-1))]), joined);
        illegal("concat", &[("arrays", arrays())]);
        raises("concat", &[("arrays", arrays()), ("axis", int(2))]);
        raises("concat", &[("arrays", arrays()), ("axis", int(-3))]);
        open("concat", &[("arrays", arrays()), ("axis", Given::None)]);
        let pair = || Given::Tuple(vec![array(ints(&[1, 2], [1, 2])), array(ints(&[1, 2], [3, 4]))]);
        assert_eq!(result("concat", &[("arrays", pair())]), ints(&[2, 2], [1, 2, 3, 4]));
        assert_eq!(result("concat", &[("arrays", pair()), ("axis", Given::None)]), ints(&[4], [1, 2, 3, 4]));
        let scalars = || Given::Tuple(vec![array(ints(&[], [1])), array(ints(&[], [2]))]);
        assert_eq!(result("concat", &[("arrays", scalars()), ("axis", Given::None)]), ints(&[2], [1, 2]));
        raises("concat", &[("arrays", scalars())]);
    }

    #[test]
    fn joined_arrays_are_promoted() {
        let reals = || array(Array::from_elements(DType::Float32, vec![2], [Element::F32(-0.0), Element::F32(f32::NAN)]));
        let doubles = array(Array::from_elements(DType::Float64, vec![1], [Element::F64(f64::NEG_INFINITY)]));
        let outcome = called("concat", &[("arrays", Given::List(vec![reals(), doubles]))], Some(DType::Float64));
        let Ok(Expectation::Array(ArrayExpectation { dtype: DType::Float64, elements: Elements::Exact(items), .. })) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(items[0].same_bits(Element::F64(-0.0)));
        assert!(matches!(items[1], Element::F64(v) if v.is_nan()));
        assert_eq!(items[2], Element::F64(f64::NEG_INFINITY));

        // The sign of a zero imaginary component does not matter.
        let complex = || array(Array::from_elements(DType::Complex64, vec![2], [Element::C64(1.0, -0.0); 2]));
        for (function, shape) in [("concat", vec![4]), ("stack", vec![2, 2])] {
            let outcome = called(function, &[("arrays", Given::List(vec![reals(), complex()]))], Some(DType::Complex64));
            let Ok(Expectation::Array(expected)) = outcome else { panic!("{outcome:?}") };
            assert_eq!(expected.shape, shape);
            let Elements::EitherZero(items) = expected.elements else { panic!("exact zeros") };
            assert_eq!(items[0], Element::C64(-0.0, 0.0));
            assert_eq!(items[3], Element::C64(1.0, 0.0));
        }
        let same = called("stack", &[("arrays", Given::List(vec![complex()]))], Some(DType::Complex64));
        assert!(matches!(same, Ok(Expectation::Array(ArrayExpectation { elements: Elements::Exact(_), .. }))));
        // Kinds that do not promote together.
        let mixed = Given::List(vec![reals(), array(count(&[2]))]);
        assert_eq!(called("concat", &[("arrays", mixed)], None).err(), Some(Undefined::Open));
    }

    #[test]
    fn new_axes_are_counted_in_the_result() {
        let shape = |axis: Given| result("expand_dims", &[("x", array(count(&[2, 3]))), ("axis", axis)]).shape;
        assert_eq!(shape(int(0)), [1, 2, 3]);
        assert_eq!(shape(int(2)), [2, 3, 1]);
        assert_eq!(shape(int(-1)), [2, 3, 1]);
        assert_eq!(shape(int(-3)), [1, 2, 3]);
        assert_eq!(shape(tuple(&[1])), [2, 1, 3]);
        assert_eq!(shape(tuple(&[3, 0])), [1, 2, 3, 1]);
        // One after the other they would give (1, 2, 3, 1).
        assert_eq!(shape(tuple(&[2, 0])), [1, 2, 1, 3]);
        assert_eq!(shape(tuple(&[-2, 0])), [1, 2, 1, 3]);
        assert_eq!(shape(tuple(&[])), [2, 3]);
        let x = || ("x", array(count(&[2, 3])));
        raises("expand_dims", &[x(), ("axis", int(3))]);
        raises("expand_dims", &[x(), ("axis", int(-4))]);
        raises("expand_dims", &[x(), ("axis", tuple(&[0, 4]))]);
        illegal("expand_dims", &[x(), ("axis", tuple(&[0, -4]))]);
        assert_eq!(result("expand_dims", &[("x", array(ints(&[], [5]))), ("axis", tuple(&[0, 1]))]), ints(&[1, 1], [5]));
    }

    #[test]
    fn flip_reverses_the_named_axes_alone() {
        let x = || ("x", array(count(&[2, 3])));
        assert_eq!(result("flip", &[x()]), ints(&[2, 3], [5, 4, 3, 2, 1, 0]));
        assert_eq!(result("flip", &[x(), ("axis", Given::None)]), ints(&[2, 3], [5, 4, 3, 2, 1, 0]));
        assert_eq!(result("flip", &[x(), ("axis", int(0))]), ints(&[2, 3], [3, 4, 5, 0, 1, 2]));
        assert_eq!(result("flip", &[x(), ("axis", tuple(&[-1]))]), ints(&[2, 3], [2, 1, 0, 5, 4, 3]));
        assert_eq!(result("flip", &[("x", array(ints(&[], [3])))]), ints(&[], [3]));
        assert_eq!(result("flip", &[("x", array(count(&[2, 0])))]), ints(&[2, 0], []));
        raises("flip", &[("x", array(ints(&[], [3]))), ("axis", int(0))]);
        raises("flip", &[x(), ("axis", tuple(&[0, 2]))]);
        illegal("flip", &[x(), ("axis", tuple(&[1, -1]))]);
    }

    #[test]
    fn axes_move_and_the_others_keep_their_order() {
        let shape = |source: Given, destination: Given| {
            result("moveaxis", &[("x", array(count(&[2, 3, 4, 5]))), ("source", source), ("destination", destination)]).shape
        };
        assert_eq!(shape(int(0), int(-1)), [3, 4, 5, 2]);
        assert_eq!(shape(int(3), int(1)), [2, 5, 3, 4]);
        assert_eq!(shape(tuple(&[0, -1]), tuple(&[2, 0])), [5, 3, 2, 4]);
        let x = || ("x", array(count(&[2, 3])));
        assert_eq!(result("moveaxis", &[x(), ("source", int(1)), ("destination", int(0))]), ints(&[3, 2], [0, 3, 1, 4, 2, 5]));
        raises("moveaxis", &[x(), ("source", int(2)), ("destination", int(0))]);
        raises("moveaxis", &[x(), ("source", int(0)), ("destination", int(-3))]);
        illegal("moveaxis", &[x(), ("source", tuple(&[0, 1])), ("destination", tuple(&[1]))]);
        illegal("moveaxis", &[x(), ("source", tuple(&[0, 1])), ("destination", tuple(&[1, 1]))]);
        open("moveaxis", &[x(), ("source", int(0)), ("destination", tuple(&[1]))]);

        let permuted = ints(&[3, 1, 2], [0, 3, 1, 4, 2, 5]);
        for axes in [[2, 0, 1], [-1, 0, -2]] {
            assert_eq!(result("permute_dims", &[("x", array(count(&[1, 2, 3]))), ("axes", tuple(&axes))]), permuted);
        }
        assert_eq!(result("permute_dims", &[("x", array(ints(&[], [4]))), ("axes", tuple(&[]))]), ints(&[], [4]));
        raises("permute_dims", &[x(), ("axes", tuple(&[0, 2]))]);
        illegal("permute_dims", &[x(), ("axes", tuple(&[0]))]);
        illegal("permute_dims", &[x(), ("axes", tuple(&[0, -2]))]);
    }

    #[test]
    fn repetitions_by_element() {
        let x = || ("x", array(count(&[2, 2])));
        let counts = |items: &[i128]| array(ints(&[items.len()], items.iter().copied()));
        assert_eq!(result("repeat", &[x(), ("repeats", int(2))]), ints(&[8], [0, 0, 1, 1, 2, 2, 3, 3]));
        assert_eq!(result("repeat", &[x(), ("repeats", counts(&[1, 0, 2, 1]))]), ints(&[4], [0, 2, 2, 3]));
        assert_eq!(result("repeat", &[x(), ("repeats", counts(&[1, 2])), ("axis", int(0))]), ints(&[3, 2], [0, 1, 2, 3, 2, 3]));
        assert_eq!(result("repeat", &[x(), ("repeats", counts(&[2])), ("axis", int(-1))]), ints(&[2, 4], [0, 0, 1, 1, 2, 2, 3, 3]));
        assert_eq!(result("repeat", &[x(), ("repeats", int(0)), ("axis", int(1))]), ints(&[2, 0], []));
        assert_eq!(result("repeat", &[("x", array(ints(&[], [9]))), ("repeats", int(3))]), ints(&[3], [9, 9, 9]));
        assert_eq!(result("repeat", &[("x", array(count(&[0]))), ("repeats", counts(&[3]))]), ints(&[0], []));
        raises("repeat", &[x(), ("repeats", int(1)), ("axis", int(2))]);
        illegal("repeat", &[x(), ("repeats", counts(&[1, 2]))]);
        illegal("repeat", &[x(), ("repeats", int(-1))]);
        illegal("repeat", &[x(), ("repeats", array(ints(&[], [2])))]);
        let real = Array::from_elements(DType::Float32, vec![1], [Element::F32(1.0)]);
        illegal("repeat", &[x(), ("repeats", array(real))]);
    }

    #[test]
    fn a_size_is_inferred_where_there_is_only_one() {
        let reshape = |shape: &[usize], to: &[i128]| result("reshape", &[("x", array(count(shape))), ("shape", tuple(to))]);
        assert_eq!(reshape(&[2, 3], &[3, 2]), count(&[3, 2]));
        assert_eq!(reshape(&[2, 3], &[3, -1]), count(&[3, 2]));
        assert_eq!(reshape(&[], &[-1]), count(&[1]));
        assert_eq!(reshape(&[1, 1], &[]), count(&[]));
        assert_eq!(reshape(&[0, 3], &[-1, 3]), count(&[0, 3]));
        assert_eq!(reshape(&[0, 3], &[0]), count(&[0]));
        open("reshape", &[("x", array(count(&[0, 3]))), ("shape", tuple(&[-1, 0]))]);
        illegal("reshape", &[("x", array(count(&[2, 3]))), ("shape", tuple(&[-1, -1]))]);
        illegal("reshape", &[("x", array(count(&[2, 3]))), ("shape", tuple(&[4, -1]))]);
        illegal("reshape", &[("x", array(count(&[2, 3]))), ("shape", tuple(&[0, -1]))]);
        illegal("reshape", &[("x", array(count(&[2, 3]))), ("shape", int(6))]);
    }

    #[test]
    fn rolled_elements_come_in_at_the_other_end() {
        let x = || ("x", array(count(&[2, 3])));
        assert_eq!(result("roll", &[x(), ("shift", int(1))]), ints(&[2, 3], [5, 0, 1, 2, 3, 4]));
        assert_eq!(result("roll", &[x(), ("shift", int(-7)), ("axis", Given::None)]), ints(&[2, 3], [1, 2, 3, 4, 5, 0]));
        assert_eq!(result("roll", &[x(), ("shift", int(4)), ("axis", int(-1))]), ints(&[2, 3], [2, 0, 1, 5, 3, 4]));
        assert_eq!(result("roll", &[x(), ("shift", int(1)), ("axis", tuple(&[0, 1]))]), ints(&[2, 3], [5, 3, 4, 2, 0, 1]));
        assert_eq!(result("roll", &[x(), ("shift", tuple(&[-1, 1])), ("axis", tuple(&[1, 0]))]), ints(&[2, 3], [4, 5, 3, 1, 2, 0]));
        assert_eq!(result("roll", &[("x", array(ints(&[], [8]))), ("shift", int(3))]), ints(&[], [8]));
        assert_eq!(result("roll", &[("x", array(count(&[0]))), ("shift", int(3)), ("axis", int(0))]), ints(&[0], []));
        raises("roll", &[x(), ("shift", int(1)), ("axis", int(2))]);
        illegal("roll", &[x(), ("shift", tuple(&[1, 1])), ("axis", int(0))]);
        illegal("roll", &[x(), ("shift", tuple(&[1, 1])), ("axis", tuple(&[0]))]);
        illegal("roll", &[x(), ("shift", tuple(&[1, 1]))]);
    }

    #[test]
    fn only_axes_of_length_one_are_squeezed() {
        let shape = |axis: Given| result("squeeze", &[("x", array(count(&[1, 2, 1]))), ("axis", axis)]).shape;
        assert_eq!(shape(int(0)), [2, 1]);
        assert_eq!(shape(int(-1)), [1, 2]);
        assert_eq!(shape(tuple(&[0, 2])), [2]);
        illegal("squeeze", &[("x", array(count(&[1, 2]))), ("axis", tuple(&[0, 1]))]);
        raises("squeeze", &[("x", array(count(&[1]))), ("axis", int(1))]);
        raises("squeeze", &[("x", array(count(&[]))), ("axis", int(-1))]);
    }

    #[test]
    fn stacked_arrays_get_an_axis_counted_in_the_result() {
        let arrays = || Given::List(vec![array(ints(&[2], [1, 2])), array(ints(&[2], [3, 4])), array(ints(&[2], [5, 6]))]);
        assert_eq!(result("stack", &[("arrays", arrays())]), ints(&[3, 2], [1, 2, 3, 4, 5, 6]));
        for axis in [1, -1] {
            assert_eq!(result("stack", &[("arrays", arrays()), ("axis", int(axis))]), ints(&[2, 3], [1, 3, 5, 2, 4, 6]));
        }
        assert_eq!(result("stack", &[("arrays", Given::Tuple(vec![array(ints(&[], [1]))]))]), ints(&[1], [1]));
        raises("stack", &[("arrays", arrays()), ("axis", int(2))]);
        raises("stack", &[("arrays", arrays()), ("axis", int(-3))]);
        illegal("stack", &[("arrays", Given::List(vec![array(count(&[1])), array(count(&[2]))]))]);
    }

    #[test]
    fn tiles_are_padded_with_ones_in_front() {
        let tile =
            |shape: &[usize], repetitions: &[i128]| result("tile", &[("x", array(count(shape))), ("repetitions", tuple(repetitions))]);
        assert_eq!(tile(&[2, 2], &[2]), ints(&[2, 4], [0, 1, 0, 1, 2, 3, 2, 3]));
        assert_eq!(tile(&[2], &[2, 2]), ints(&[2, 4], [0, 1, 0, 1, 0, 1, 0, 1]));
        assert_eq!(tile(&[2, 1], &[2, 1]), ints(&[4, 1], [0, 1, 0, 1]));
        assert_eq!(tile(&[2], &[0]), ints(&[0], []));
        assert_eq!(tile(&[8, 6, 4, 2], &[3, 3]).shape, [8, 6, 12, 6]);
        assert_eq!(tile(&[4, 2], &[3, 3, 3, 3]).shape, [3, 3, 12, 6]);
        assert_eq!(tile(&[], &[]), count(&[]));
        illegal("tile", &[("x", array(count(&[2]))), ("repetitions", tuple(&[-1]))]);
        illegal("tile", &[("x", array(count(&[2]))), ("repetitions", int(2))]);
    }

    #[test]
    fn unstacked_slices_lose_the_axis() {
        let x = || ("x", array(count(&[2, 3, 2])));
        assert_eq!(results("unstack", &[x()]), [ints(&[3, 2], 0..6), ints(&[3, 2], 6..12)]);
        let middle = [ints(&[2, 2], [0, 1, 6, 7]), ints(&[2, 2], [2, 3, 8, 9]), ints(&[2, 2], [4, 5, 10, 11])];
        assert_eq!(results("unstack", &[x(), ("axis", int(-2))]), middle);
        assert_eq!(results("unstack", &[("x", array(count(&[0, 2])))]), []);
        assert_eq!(results("unstack", &[("x", array(count(&[0, 2]))), ("axis", int(1))]), [ints(&[0], []), ints(&[0], [])]);
        raises("unstack", &[x(), ("axis", int(3))]);
        raises("unstack", &[("x", array(count(&[])))]);
    }
}
