//! The array object's functions that are not element-wise: attributes, indexing, Python's conversions, and data exchange.
//!
//! Operators have the semantics of functions: element-wise operators those of their function, `@` that of `matmul` in `linear_algebra`.

use array_assay_interface::{Array, DType, Element, Kind, Scalar, Slice, Value};

use super::arguments::illegal;
use super::inspection::{satisfying, some_object};
use super::shape::{advance, broadcast_shapes, flat, gather, strides};
use super::{ArrayExpectation, Call, Elements, Expectation, Given, Table, Undefined};

/// Attributes, methods and the functions of Python behind them, by path.
pub(super) const FUNCTIONS: Table = &[
    ("attribute.T", transpose),
    ("attribute.__dlpack_c_exchange_api__", |_| Ok(capsule())),
    ("attribute.device", |_| Ok(some_object())),
    ("attribute.dtype", |call| Ok(Expectation::Dtype(call.array("self")?.dtype))),
    ("attribute.mT", matrix_transpose),
    ("attribute.ndim", |call| Ok(integer(call.array("self")?.shape.len()))),
    ("attribute.shape", |call| Ok(Expectation::Tuple(call.array("self")?.shape.iter().copied().map(integer).collect()))),
    ("attribute.size", |call| Ok(integer(call.array("self")?.len()))),
    ("builtins.bool", to_bool),
    ("builtins.complex", to_complex),
    ("builtins.float", to_float),
    ("builtins.int", to_int),
    ("builtins.list", iterate),
    ("method.__array_namespace__", array_namespace),
    ("method.__dlpack__", dlpack),
    ("method.__dlpack_device__", dlpack_device),
    ("method.to_device", to_device),
    ("operator.getitem", getitem),
    ("operator.index", to_index),
    ("operator.setitem", setitem),
];

fn integer(value: usize) -> Expectation {
    Expectation::Scalar(Scalar::Int(value as i128))
}

// Attributes

fn transpose(call: &Call<'_>) -> Result<Expectation, Undefined> {
    match call.array("self")?.shape.len() {
        2 => matrix_transpose(call),
        rank => Err(illegal(format!("an array of rank {rank} has no `T`"))),
    }
}

fn matrix_transpose(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("self")?;
    let Some(rows) = x.shape.len().checked_sub(2) else { return Err(illegal("fewer than two axes")) };
    let swapped = |mut axes: Vec<usize>| {
        axes.swap(rows, rows + 1);
        axes
    };
    let elements: Vec<Element> = x.elements().collect();
    let shape = swapped(x.shape.clone());
    let moved = gather(&elements, &shape, |index| flat(&x.shape, swapped(index.to_vec()).into_iter()));
    Ok(Expectation::exact(x.dtype, shape, moved))
}

// Indexing

/// The selection of a key in an array.
#[derive(Debug, PartialEq)]
enum Selection {
    /// An array of this shape. Its elements in C order are those at these flat indices.
    Elements { shape: Vec<usize>, sources: Vec<usize> },
    /// Nothing, because the key has to be refused.
    Refused,
}

fn getitem(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("self")?;
    Ok(match select(key(call)?, x, call.defaults.index)? {
        Selection::Refused => Expectation::Raises,
        Selection::Elements { shape, sources } => {
            Expectation::exact(x.dtype, shape, sources.into_iter().map(|source| x.get(source)).collect())
        }
    })
}

fn setitem(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("self")?;
    let key = key(call)?;
    if key.parts().iter().any(|part| match part {
        Given::None => true,
        Given::Array(array) => array.dtype != DType::Bool,
        _ => false,
    }) {
        // The signature of `__setitem__` lacks `None`, and the text leaves assignment by integer arrays open.
        return Err(Undefined::Open);
    }
    let Selection::Elements { shape, sources } = select(key, x, call.defaults.index)? else { return Ok(Expectation::Raises) };
    let values = assigned(call.get("value"), x.dtype, &shape)?;
    let mut elements: Vec<Element> = x.elements().collect();
    for (source, value) in sources.into_iter().zip(values) {
        elements[source] = value;
    }
    // The text does not say which zero the imaginary component of a real value becomes.
    let widened = matches!(call.get("value"), Some(Given::Array(value)) if value.dtype.is_complex() != x.dtype.is_complex());
    let elements = if widened { Elements::EitherZero(elements) } else { Elements::Exact(elements) };
    Ok(Expectation::Array(ArrayExpectation { dtype: x.dtype, shape: x.shape.clone(), elements }))
}

/// The key, which may be `None`.
fn key<'a>(call: &Call<'a>) -> Result<&'a Given, Undefined> {
    call.given.iter().find(|(name, _)| *name == "key").map(|(_, key)| key).ok_or_else(|| illegal("no `key`"))
}

/// The selection of a key. It is open if the text does not say what the key selects.
fn select(key: &Given, x: &Array, index_dtype: DType) -> Result<Selection, Undefined> {
    match key {
        Given::Array(mask) if mask.dtype == DType::Bool => masked(mask, &x.shape),
        _ if key.leaves().next().is_some() => gathered(key.parts(), &x.shape, index_dtype),
        _ => sliced(key.parts(), &x.shape),
    }
}

/// A part of a key without arrays.
enum Part {
    Integer(i128),
    Slice(Slice),
    Ellipsis,
    NewAxis,
}

/// Multi-axis indexing by integers, slices, `...` and `None`.
fn sliced(parts: &[Given], shape: &[usize]) -> Result<Selection, Undefined> {
    let parts = parts.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let ellipses = parts.iter().filter(|part| matches!(part, Part::Ellipsis)).count();
    let indexed = parts.iter().filter(|part| matches!(part, Part::Integer(_) | Part::Slice(_))).count();
    if ellipses > 1 || indexed > shape.len() {
        return Ok(Selection::Refused);
    }
    if ellipses == 0 && indexed < shape.len() {
        // A library should refuse it.
        return Err(Undefined::Open);
    }
    let strides = strides(shape);
    let mut axes = shape.iter().copied().zip(strides.into_iter().map(|stride| stride as i64));
    let mut offset = 0;
    let mut walks = Vec::new();
    for part in parts {
        match part {
            Part::NewAxis => walks.push((1, 0)),
            Part::Ellipsis => walks.extend(axes.by_ref().take(shape.len() - indexed)),
            Part::Integer(at) => {
                let Some((size, stride)) = axes.next() else { return Ok(Selection::Refused) };
                offset += at_index(at, size)? as i64 * stride;
            }
            Part::Slice(slice) => {
                let Some((size, stride)) = axes.next() else { return Ok(Selection::Refused) };
                let steps = steps(slice, size)?;
                offset += steps.start * stride;
                walks.push((steps.count, steps.step.saturating_mul(stride)));
            }
        }
    }
    let shape: Vec<usize> = walks.iter().map(|(count, _)| *count).collect();
    let mut index = vec![0; shape.len()];
    let sources = (0..shape.iter().product::<usize>())
        .map(|_| {
            let source = offset + index.iter().zip(&walks).map(|(i, (_, stride))| *i as i64 * stride).sum::<i64>();
            advance(&mut index, &shape);
            source as usize
        })
        .collect();
    Ok(Selection::Elements { shape, sources })
}

fn part(given: &Given) -> Result<Part, Undefined> {
    match given {
        Given::Scalar(Scalar::Int(at)) => Ok(Part::Integer(*at)),
        Given::Slice(slice) => Ok(Part::Slice(*slice)),
        Given::Ellipsis => Ok(Part::Ellipsis),
        Given::None => Ok(Part::NewAxis),
        // Python bools, sequences within the tuple, and the like.
        _ => Err(Undefined::Open),
    }
}

/// The position along an axis that an integer means. Beyond the axis the text leaves the result open.
fn at_index(at: i128, size: usize) -> Result<usize, Undefined> {
    let from_front = if at < 0 { at + size as i128 } else { at };
    usize::try_from(from_front).ok().filter(|at| *at < size).ok_or(Undefined::Open)
}

/// The positions along an axis that a slice selects.
#[derive(Debug, PartialEq)]
struct Steps {
    /// The first position, or 0 if there is none.
    start: i64,
    step: i64,
    count: usize,
}

/// The selection of a slice along an axis. For ends within the bounds that the text names it is that of a Python list.
fn steps(slice: Slice, size: usize) -> Result<Steps, Undefined> {
    let n = size as i64;
    let step = slice.step.unwrap_or(1);
    if step == 0 {
        return Err(Undefined::Open);
    }
    let legal_stops = if step > 0 { -n..=n } else { -n - 1..=(n - 1).max(0) };
    if slice.start.is_some_and(|start| !(-n..=n).contains(&start)) || slice.stop.is_some_and(|stop| !legal_stops.contains(&stop)) {
        return Err(Undefined::Open);
    }
    if slice.start.is_some() && slice.start == slice.stop {
        return Ok(Steps { start: 0, step, count: 0 });
    }
    let from_front = |end: i64| if end < 0 { end + n } else { end };
    let start = slice.start.map_or(if step > 0 { 0 } else { n - 1 }, from_front);
    let stop = slice.stop.map_or(if step > 0 { n } else { -1 }, from_front);
    if step < 0 && start == n {
        // A start beyond the axis.
        return Err(Undefined::Open);
    }
    let ahead = if step > 0 { stop - start } else { start - stop };
    let count = if ahead > 0 { (ahead as u64).div_ceil(step.unsigned_abs()) as usize } else { 0 };
    Ok(Steps { start: if count > 0 { start } else { 0 }, step, count })
}

/// Indexing by integer arrays and integers, one for each axis, which broadcast together.
fn gathered(parts: &[Given], shape: &[usize], index_dtype: DType) -> Result<Selection, Undefined> {
    if parts.len() != shape.len() {
        return Err(Undefined::Open);
    }
    let parts = parts.iter().map(|part| positions(part, index_dtype)).collect::<Result<Vec<_>, _>>()?;
    let Some(common) = broadcast_shapes(parts.iter().map(|(shape, _)| shape.as_slice())) else { return Ok(Selection::Refused) };
    let mut sources = vec![0; common.iter().product()];
    for ((part_shape, positions), size) in parts.iter().zip(shape) {
        let positions = positions.iter().map(|at| at_index(*at, *size)).collect::<Result<Vec<_>, _>>()?;
        let stretched = gather(&positions, &common, |index| stretched_index(part_shape, index));
        sources.iter_mut().zip(stretched).for_each(|(source, at)| *source = *source * size + at);
    }
    Ok(Selection::Elements { shape: common, sources })
}

/// The shape and the elements of an integer or an integer array. Libraries need not accept other dtypes than the index dtype.
fn positions(part: &Given, index_dtype: DType) -> Result<(Vec<usize>, Vec<i128>), Undefined> {
    match part {
        Given::Scalar(Scalar::Int(at)) => Ok((Vec::new(), vec![*at])),
        Given::Array(array) if array.dtype == index_dtype => {
            let at = |element| if let Element::Int(at) = element { Ok(at) } else { Err(Undefined::Open) };
            Ok((array.shape.clone(), array.elements().map(at).collect::<Result<_, _>>()?))
        }
        _ => Err(Undefined::Open),
    }
}

/// The flat index into an array of shape `shape` for a multi-index into a shape to which it is broadcast.
fn stretched_index(shape: &[usize], index: &[usize]) -> usize {
    let after = &index[index.len() - shape.len()..];
    flat(shape, after.iter().zip(shape).map(|(i, n)| if *n == 1 { 0 } else { *i }))
}

/// Indexing by a single boolean array. One axis replaces the axes that it covers.
fn masked(mask: &Array, shape: &[usize]) -> Result<Selection, Undefined> {
    if mask.shape.len() > shape.len() {
        return Ok(Selection::Refused);
    }
    let (covered, rest) = shape.split_at(mask.shape.len());
    if mask.shape.iter().zip(covered).any(|(m, n)| *m != *n && *m != 0) {
        return Ok(Selection::Refused);
    }
    // A mask without elements selects nothing. Any other mask has the shape of the axes that it covers.
    let chosen: Vec<usize> = (0..mask.len()).filter(|i| mask.get(*i) == Element::Bool(true)).collect();
    let inner: usize = rest.iter().product();
    let sources = chosen.iter().flat_map(|i| i * inner..(i + 1) * inner).collect();
    let shape = std::iter::once(chosen.len()).chain(rest.iter().copied()).collect();
    Ok(Selection::Elements { shape, sources })
}

/// The elements assigned to a selection of this shape, converted to the array's dtype.
fn assigned(value: Option<&Given>, dtype: DType, shape: &[usize]) -> Result<Vec<Element>, Undefined> {
    match value {
        Some(Given::Scalar(scalar)) => Ok(vec![converted(*scalar, dtype)?; shape.iter().product()]),
        Some(Given::Array(value)) => {
            if !promotes_to(value.dtype, dtype) {
                return Err(Undefined::Open);
            }
            if broadcast_shapes([shape, &value.shape]).is_none_or(|common| common != shape) {
                return Err(illegal("the value does not broadcast to what is selected"));
            }
            let elements: Vec<Element> = value.elements().map(|element| element.cast(dtype)).collect();
            Ok(gather(&elements, shape, |index| stretched_index(&value.shape, index)))
        }
        _ => Err(illegal("`value` is neither an array nor a Python scalar")),
    }
}

/// Whether the promotion of two dtypes is the second one.
fn promotes_to(from: DType, to: DType) -> bool {
    use Kind::{ComplexFloating, RealFloating, SignedInteger, UnsignedInteger};
    match (from.kind(), to.kind()) {
        (a, b) if a == b => from.size() <= to.size(),
        (UnsignedInteger, SignedInteger) => from.size() < to.size(),
        (RealFloating, ComplexFloating) => from.size() <= to.real().size(),
        _ => false,
    }
}

/// A Python scalar as an element of an array's dtype, if the text allows the combination and the scalar is within its bounds.
fn converted(scalar: Scalar, dtype: DType) -> Result<Element, Undefined> {
    let legal = match scalar {
        Scalar::Bool(_) => dtype == DType::Bool,
        Scalar::Int(v) => match dtype.integer_range() {
            Some((lo, hi)) => (lo..=hi).contains(&v),
            None => dtype.is_floating() && is_exact(v, dtype.precision()),
        },
        Scalar::Float(v) => dtype.is_floating() && stays_finite(v, dtype),
        Scalar::Complex((re, im)) => dtype.is_complex() && stays_finite(re, dtype) && stays_finite(im, dtype),
    };
    if legal { Ok(scalar.element().cast(dtype)) } else { Err(Undefined::Open) }
}

/// Whether an integer has at most this many significant bits. The rounding of larger ones is open.
fn is_exact(value: i128, precision: i32) -> bool {
    let magnitude = value.unsigned_abs();
    magnitude == 0 || 128 - magnitude.leading_zeros() - magnitude.trailing_zeros() <= precision as u32
}

/// Whether a finite float is also finite in a dtype.
fn stays_finite(value: f64, dtype: DType) -> bool {
    !value.is_finite() || dtype.precision() == 53 || (value as f32).is_finite()
}

/// A vector's elements, as arrays of rank zero.
fn iterate(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("self")?;
    if x.shape.len() != 1 {
        return Err(Undefined::Open);
    }
    Ok(Expectation::List(x.elements().map(|element| Expectation::exact(x.dtype, Vec::new(), vec![element])).collect()))
}

// Python's conversions

/// The element of a zero-dimensional array, and its dtype.
fn only_element(call: &Call<'_>) -> Result<(Element, DType), Undefined> {
    let x = call.array("self")?;
    if x.shape.is_empty() { Ok((x.get(0), x.dtype)) } else { Err(illegal("the array has axes")) }
}

fn to_bool(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (element, _) = only_element(call)?;
    let (re, im) = match element {
        Element::Int(v) => return Ok(Expectation::Scalar(Scalar::Bool(v != 0))),
        other => other.components(),
    };
    Ok(Expectation::Scalar(Scalar::Bool(re != 0.0 || im != 0.0)))
}

fn to_complex(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (element, dtype) = only_element(call)?;
    let (re, im) = match element {
        Element::Int(v) => (exact_float(v)?, 0.0),
        other => other.components(),
    };
    if dtype.kind() == Kind::RealFloating {
        if re == 0.0 && re.is_sign_negative() {
            // The addition of zero in the text may or may not keep the sign of a zero.
            return Err(Undefined::Open);
        }
        return Ok(complex(re, if re.is_nan() { f64::NAN } else { 0.0 }));
    }
    Ok(complex(re, im))
}

fn complex(re: f64, im: f64) -> Expectation {
    Expectation::Scalar(Scalar::Complex((re, im)))
}

fn to_float(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (element, dtype) = only_element(call)?;
    let value = match element {
        Element::Int(v) => exact_float(v)?,
        _ if dtype.is_complex() => return Ok(Expectation::Raises),
        other => other.components().0,
    };
    Ok(Expectation::Scalar(Scalar::Float(value)))
}

/// An integer as a float. If it has to be rounded, the rounding is open.
fn exact_float(value: i128) -> Result<f64, Undefined> {
    if is_exact(value, 53) { Ok(value as f64) } else { Err(Undefined::Open) }
}

fn to_int(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (element, dtype) = only_element(call)?;
    let value = match element {
        Element::Bool(v) => v.into(),
        Element::Int(v) => v,
        _ if dtype.is_complex() => return Ok(Expectation::Raises),
        other => truncated(other.components().0)?,
    };
    Ok(Expectation::Scalar(Scalar::Int(value)))
}

/// The integer part of a float. Infinities and NaN should be refused. A result beyond 128 bits cannot be compared.
fn truncated(value: f64) -> Result<i128, Undefined> {
    let limit = 2f64.powi(127);
    if value > -limit && value < limit { Ok(value as i128) } else { Err(Undefined::Open) }
}

fn to_index(call: &Call<'_>) -> Result<Expectation, Undefined> {
    match only_element(call)? {
        (Element::Int(v), _) => Ok(Expectation::Scalar(Scalar::Int(v))),
        (_, dtype) if dtype.is_floating() => Ok(Expectation::Raises),
        _ => Err(Undefined::Open),
    }
}

// Exchange

/// Functions whose presence shows that an object is a namespace. The spec lists the same ones as the attributes to read.
const NAMESPACE_FUNCTIONS: [&str; 3] = ["asarray", "add", "sum"];

fn array_namespace(call: &Call<'_>) -> Result<Expectation, Undefined> {
    // A library is free to have other revisions besides the one under test.
    if call.get("api_version").is_some() {
        return Err(Undefined::Open);
    }
    Ok(Expectation::Object(NAMESPACE_FUNCTIONS.map(|name| (name, some_object())).to_vec()))
}

/// A capsule. With the keywords of 2023.12 a library may refuse the call, because it need not serve a consumer that states no version.
fn dlpack(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let others = ["stream", "dl_device", "copy"].iter().any(|name| call.get(name).is_some());
    // A library may refuse a consumer that uses the later keywords and states no version.
    let unversioned = ["max_version", "dl_device", "copy"].iter().any(|name| call.is_given(name)) && call.get("max_version").is_none();
    if others || unversioned {
        return Err(Undefined::Open);
    }
    Ok(capsule())
}

/// Only the representation of a capsule can be observed.
fn capsule() -> Expectation {
    satisfying(Expectation::Anything, |value| match value {
        Value::Opaque(_) => Ok(()),
        _ => Err("a capsule".to_owned()),
    })
}

/// The types of devices that the text names, by DLPack's numbers: CPU, CUDA, pinned memory, OpenCL, Vulkan, Metal, VPI, ROCm,
/// managed CUDA memory, oneAPI.
const DEVICE_TYPES: [i128; 10] = [1, 2, 3, 4, 7, 8, 9, 10, 13, 14];

fn dlpack_device(_: &Call<'_>) -> Result<Expectation, Undefined> {
    let parts = Expectation::Tuple(vec![Expectation::Anything, Expectation::Anything]);
    Ok(satisfying(parts, |value| {
        let (Value::Tuple(items) | Value::List(items)) = value else { return Ok(()) };
        // A member of an enumeration that is not an integer comes back as its representation.
        let is_type = |kind: &Value| match kind {
            Value::Scalar(Scalar::Int(v)) => DEVICE_TYPES.contains(v),
            other => matches!(other, Value::Opaque(_)),
        };
        match items.as_slice() {
            [kind, Value::Scalar(Scalar::Int(_))] if is_type(kind) => Ok(()),
            _ => Err("a device type that the text names, and an integer".to_owned()),
        }
    }))
}

fn to_device(call: &Call<'_>) -> Result<Expectation, Undefined> {
    match (call.get("device"), call.get("stream")) {
        (Some(_), None) => Ok(Expectation::array(call.array("self")?)),
        (Some(_), Some(_)) => Err(Undefined::Open),
        (None, _) => Err(illegal("no `device`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use array_assay_interface::Defaults;

    fn call(path: &str, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        let (_, semantics) = FUNCTIONS.iter().find(|(name, _)| *name == path).unwrap();
        semantics(&Call { given, dtype: None, defaults: Defaults::default() })
    }

    fn ints(shape: &[usize], values: &[i128]) -> Array {
        Array::from_elements(DType::Int64, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    /// The array with the elements 0, 1, 2...
    fn range(shape: &[usize]) -> Array {
        ints(shape, &(0..shape.iter().product::<usize>() as i128).collect::<Vec<_>>())
    }

    fn mask(shape: &[usize], values: &[u8]) -> Given {
        Given::Array(Array::from_elements(DType::Bool, shape.to_vec(), values.iter().map(|v| Element::Bool(*v != 0))))
    }

    fn int(value: i128) -> Given {
        Given::Scalar(Scalar::Int(value))
    }

    fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Given {
        Given::Slice(Slice { start, stop, step })
    }

    fn tuple<const N: usize>(parts: [Given; N]) -> Given {
        Given::Tuple(parts.to_vec())
    }

    fn get(x: &Array, key: Given) -> Result<Expectation, Undefined> {
        call("operator.getitem", &[("self", Given::Array(x.clone())), ("key", key)])
    }

    fn set(x: &Array, key: Given, value: Given) -> Result<Expectation, Undefined> {
        call("operator.setitem", &[("self", Given::Array(x.clone())), ("key", key), ("value", value)])
    }

    /// The shape and the integers of an expected array.
    fn integers(expectation: Result<Expectation, Undefined>) -> (Vec<usize>, Vec<i128>) {
        let Ok(Expectation::Array(array)) = expectation else { panic!("{expectation:?} is no array") };
        let (Elements::Exact(elements) | Elements::EitherZero(elements)) = array.elements else { panic!("not exact") };
        let integer = |element| if let Element::Int(v) = element { v } else { panic!("{element:?} is no integer") };
        (array.shape, elements.into_iter().map(integer).collect())
    }

    fn is_open(expectation: Result<Expectation, Undefined>) -> bool {
        matches!(expectation, Err(Undefined::Open))
    }

    fn raises(expectation: Result<Expectation, Undefined>) -> bool {
        matches!(expectation, Ok(Expectation::Raises))
    }

    fn scalar(path: &str, dtype: DType, element: Element) -> Result<Expectation, Undefined> {
        call(path, &[("self", Given::Array(Array::from_elements(dtype, Vec::new(), [element])))])
    }

    #[test]
    fn transposes_swap_the_last_two_axes() {
        let of = |path: &str, x: Array| call(path, &[("self", Given::Array(x))]);
        assert_eq!(integers(of("attribute.T", range(&[2, 3]))), (vec![3, 2], vec![0, 3, 1, 4, 2, 5]));
        assert_eq!(integers(of("attribute.mT", range(&[2, 1, 2]))), (vec![2, 2, 1], vec![0, 1, 2, 3]));
        assert_eq!(integers(of("attribute.mT", range(&[2, 2, 2]))).1, [0, 2, 1, 3, 4, 6, 5, 7]);
        assert_eq!(integers(of("attribute.mT", range(&[2, 0, 3]))), (vec![2, 3, 0], vec![]));
        assert!(matches!(of("attribute.T", range(&[2, 2, 2])), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn shape_rank_and_size_are_python_integers() {
        let of = |path: &str| call(path, &[("self", Given::Array(range(&[2, 0, 3])))]).unwrap().example().unwrap();
        let int = |v| Value::Scalar(Scalar::Int(v));
        assert_eq!(of("attribute.shape"), Value::Tuple(vec![int(2), int(0), int(3)]));
        assert_eq!((of("attribute.ndim"), of("attribute.size")), (int(3), int(0)));
    }

    #[test]
    fn integers_and_slices_index_each_axis() {
        let x = range(&[3, 4]);
        assert_eq!(integers(get(&x, tuple([int(-1), slice(None, None, Some(-2))]))), (vec![2], vec![11, 9]));
        assert_eq!(integers(get(&x, tuple([slice(Some(1), None, None), int(2)]))), (vec![2], vec![6, 10]));
        assert_eq!(integers(get(&x, tuple([int(1), int(-4)]))), (vec![], vec![4]));
        assert_eq!(integers(get(&range(&[5]), slice(Some(-4), Some(-1), Some(2)))), (vec![2], vec![1, 3]));
        assert!(is_open(get(&x, tuple([int(3), int(0)]))) && is_open(get(&x, tuple([int(-4), int(0)]))));
    }

    #[test]
    fn ellipsis_and_none_keep_their_places() {
        let x = range(&[2, 3, 2]);
        assert_eq!(integers(get(&x, tuple([Given::Ellipsis, int(1)]))), (vec![2, 3], vec![1, 3, 5, 7, 9, 11]));
        assert_eq!(integers(get(&x, tuple([int(0), Given::None, Given::Ellipsis, Given::None]))).0, [1, 3, 2, 1]);
        assert_eq!(integers(get(&range(&[]), Given::None)), (vec![1], vec![0]));
        assert_eq!(integers(get(&range(&[]), tuple([]))), (vec![], vec![0]));
        assert_eq!(integers(get(&range(&[]), Given::Ellipsis)), (vec![], vec![0]));
    }

    #[test]
    fn too_many_indices_are_refused_and_too_few_open() {
        let x = range(&[2, 3]);
        assert!(raises(get(&x, tuple([int(0), int(0), int(0)]))) && raises(get(&range(&[]), int(0))));
        assert!(raises(get(&x, tuple([Given::Ellipsis, Given::Ellipsis]))));
        assert!(is_open(get(&x, int(0))) && is_open(get(&x, Given::None)) && is_open(get(&x, tuple([]))));
        assert!(is_open(get(&range(&[2]), Given::Scalar(Scalar::Bool(true)))));
    }

    /// Compares with Python's own slicing of `list(range(n))`, for all ends within the bounds of the text.
    #[test]
    fn slices_select_what_they_select_of_a_list() {
        let python = |n: i64, start: i64, stop: i64, step: i64| {
            let clip =
                |end: i64| (if end < 0 { end + n } else { end }).clamp(if step < 0 { -1 } else { 0 }, if step < 0 { n - 1 } else { n });
            let (mut at, stop, mut out) = (clip(start), clip(stop), Vec::new());
            while if step > 0 { at < stop } else { at > stop } {
                out.push(at as i128);
                at += step;
            }
            out
        };
        for n in 0..5i64 {
            for step in [-7, -3, -2, -1, 1, 2, 3, 7] {
                for start in -n..=n {
                    for stop in if step > 0 { -n..=n } else { -n - 1..=(n - 1).max(0) } {
                        let got = get(&range(&[n as usize]), slice(Some(start), Some(stop), Some(step)));
                        if step < 0 && start == n && start != stop {
                            assert!(is_open(got), "{start}:{stop}:{step} of {n}");
                        } else {
                            assert_eq!(integers(got).1, python(n, start, stop, step), "{start}:{stop}:{step} of {n}");
                        }
                    }
                }
                let all = integers(get(&range(&[n as usize]), slice(None, None, Some(step)))).1;
                assert_eq!(all, python(n, if step > 0 { 0 } else { n - 1 }, if step > 0 { n } else { -n - 1 }, step));
            }
        }
    }

    #[test]
    fn slices_beyond_the_bounds_are_open() {
        let of = |start, stop, step| get(&range(&[3]), slice(start, stop, step));
        assert!(is_open(of(Some(4), None, None)) && is_open(of(None, Some(4), None)) && is_open(of(Some(-4), None, None)));
        assert!(is_open(of(None, Some(3), Some(-1))) && is_open(of(None, None, Some(0))));
        assert_eq!(integers(of(None, Some(-4), Some(-1))).1, [2, 1, 0]);
        assert!(is_open(of(None, Some(-4), None)) && is_open(of(None, Some(-5), Some(-1))));
        assert_eq!(integers(of(None, None, Some(i64::MIN))).1, [2]);
        assert_eq!(integers(of(None, None, Some(i64::MAX))).1, [0]);
    }

    #[test]
    fn integer_arrays_are_broadcast_and_zipped() {
        let x = range(&[4, 4]);
        let (rows, columns) = (Given::Array(ints(&[2], &[0, 1])), Given::Array(ints(&[2], &[2, -1])));
        assert_eq!(integers(get(&x, tuple([rows.clone(), columns.clone()]))), (vec![2], vec![2, 7]));
        assert_eq!(integers(get(&x, tuple([int(-1), columns.clone()]))), (vec![2], vec![14, 15]));
        let column = Given::Array(ints(&[2, 1], &[3, 3]));
        assert_eq!(integers(get(&x, tuple([column, columns.clone()]))), (vec![2, 2], vec![14, 15, 14, 15]));
        let alone = Given::Array(ints(&[], &[2]));
        assert_eq!(integers(get(&x, tuple([alone, int(0)]))), (vec![], vec![8]));
        assert_eq!(integers(get(&range(&[3]), Given::Array(ints(&[0], &[])))), (vec![0], vec![]));
        assert!(raises(get(&x, tuple([rows.clone(), Given::Array(ints(&[3], &[0, 1, 2]))]))));
        assert!(is_open(get(&x, tuple([rows.clone(), slice(None, None, None)]))) && is_open(get(&x, rows.clone())));
        assert!(is_open(get(&range(&[1, 4]), tuple([rows, columns]))));
        let narrow = Array::from_elements(DType::Int8, vec![1], [Element::Int(0)]);
        assert!(is_open(get(&range(&[3]), Given::Array(narrow))));
    }

    #[test]
    fn masks_replace_the_axes_that_they_cover() {
        let x = range(&[2, 3]);
        assert_eq!(integers(get(&x, mask(&[2, 3], &[0, 1, 0, 1, 0, 1]))), (vec![3], vec![1, 3, 5]));
        assert_eq!(integers(get(&x, mask(&[2], &[0, 1]))), (vec![1, 3], vec![3, 4, 5]));
        assert_eq!(integers(get(&x, mask(&[], &[1]))), (vec![1, 2, 3], vec![0, 1, 2, 3, 4, 5]));
        assert_eq!(integers(get(&x, mask(&[], &[0]))), (vec![0, 2, 3], vec![]));
        assert_eq!(integers(get(&x, mask(&[0], &[]))), (vec![0, 3], vec![]));
        assert!(raises(get(&x, mask(&[3], &[1, 1, 1]))) && raises(get(&range(&[2]), mask(&[2, 1], &[1, 1]))));
        assert!(is_open(get(&x, tuple([mask(&[2], &[0, 1]), int(0)]))));
    }

    #[test]
    fn assignment_changes_what_is_selected() {
        let x = range(&[2, 3]);
        let row = Given::Array(ints(&[1], &[9]));
        assert_eq!(integers(set(&x, tuple([slice(None, None, None), int(1)]), row.clone())), (vec![2, 3], vec![0, 9, 2, 3, 9, 5]));
        assert_eq!(integers(set(&x, tuple([int(0), slice(None, None, Some(-1))]), Given::Array(ints(&[3], &[7, 8, 9])))).1[..3], [9, 8, 7]);
        assert_eq!(integers(set(&x, mask(&[2], &[0, 1]), int(-1))).1, [0, 1, 2, -1, -1, -1]);
        assert_eq!(integers(set(&x, tuple([int(0), slice(Some(1), Some(1), None)]), row)).1, [0, 1, 2, 3, 4, 5]);
        assert!(matches!(set(&x, tuple([int(0), int(0)]), Given::Array(ints(&[1], &[9]))), Err(Undefined::Illegal(_))));
        assert!(is_open(set(&x, tuple([Given::Array(ints(&[1], &[0])), int(0)]), int(1))));
        assert!(is_open(set(&x, tuple([Given::None, Given::Ellipsis]), int(1))));
        assert!(raises(set(&range(&[]), int(0), int(1))));
    }

    #[test]
    fn values_are_converted_where_promotion_says_so() {
        let value = |dtype, value| {
            let array = Array::from_elements(dtype, Vec::new(), [Element::Int(0)]);
            set(&array, Given::Ellipsis, value)
        };
        let of = |dtype, element| Given::Array(Array::from_elements(dtype, Vec::new(), [element]));
        assert_eq!(integers(value(DType::Int16, of(DType::Uint8, Element::Int(200)))).1, [200]);
        assert!(
            is_open(value(DType::Uint16, of(DType::Int8, Element::Int(1))))
                && is_open(value(DType::Int8, of(DType::Int16, Element::Int(1))))
        );
        assert!(is_open(value(DType::Float64, of(DType::Int8, Element::Int(1)))));
        assert!(is_open(value(DType::Complex64, of(DType::Float64, Element::F64(1.0)))));
        let Ok(Expectation::Array(widened)) = value(DType::Complex64, of(DType::Float32, Element::F32(-0.0))) else { panic!("no array") };
        assert!(matches!(widened.elements, Elements::EitherZero(_)));
        assert!(is_open(value(DType::Uint8, int(256))) && is_open(value(DType::Float32, int((1 << 24) + 1))));
        assert!(
            is_open(value(DType::Int8, Given::Scalar(Scalar::Float(1.0))))
                && is_open(value(DType::Int8, Given::Scalar(Scalar::Bool(true))))
        );
        assert!(is_open(value(DType::Float32, Given::Scalar(Scalar::Float(1e300)))));
        assert!(is_open(value(DType::Float64, Given::Scalar(Scalar::Complex((1.0, 0.0))))));
        let Ok(Expectation::Array(float)) = value(DType::Float32, Given::Scalar(Scalar::Float(0.1))) else { panic!("no array") };
        assert!(matches!(&float.elements, Elements::Exact(elements) if elements == &[Element::F32(0.1)]));
    }

    #[test]
    fn iteration_gives_arrays_of_rank_zero() {
        let of = |x: Array| call("builtins.list", &[("self", Given::Array(x))]);
        let Some(Value::List(items)) = of(range(&[2])).unwrap().example() else { panic!("no list") };
        assert_eq!(items, [Value::Array(ints(&[], &[0])), Value::Array(ints(&[], &[1]))]);
        assert!(is_open(of(range(&[2, 2]))));
    }

    #[test]
    fn conversions_give_python_numbers() {
        let is = |path: &str, dtype, element, want: Scalar| {
            let Ok(Expectation::Scalar(got)) = scalar(path, dtype, element) else { panic!("{path} of {element:?} gives no scalar") };
            assert_eq!(format!("{got:?}"), format!("{want:?}"), "{path} of {element:?}");
        };
        let f64 = DType::Float64;
        is("builtins.bool", f64, Element::F64(f64::NAN), Scalar::Bool(true));
        is("builtins.bool", f64, Element::F64(-0.0), Scalar::Bool(false));
        is("builtins.bool", DType::Complex64, Element::C64(0.0, f32::NAN), Scalar::Bool(true));
        is("builtins.bool", DType::Uint64, Element::Int(1 << 63), Scalar::Bool(true));
        is("builtins.int", f64, Element::F64(-2.9), Scalar::Int(-2));
        is("builtins.int", f64, Element::F64(-0.0), Scalar::Int(0));
        is("builtins.int", f64, Element::F64(1e30), Scalar::Int(1000000000000000019884624838656));
        is("builtins.int", DType::Bool, Element::Bool(true), Scalar::Int(1));
        is("builtins.float", DType::Bool, Element::Bool(true), Scalar::Float(1.0));
        is("builtins.float", DType::Float32, Element::F32(-0.0), Scalar::Float(-0.0));
        is("builtins.float", DType::Uint64, Element::Int(1 << 63), Scalar::Float(9223372036854775808.0));
        is("builtins.complex", f64, Element::F64(f64::NEG_INFINITY), Scalar::Complex((f64::NEG_INFINITY, 0.0)));
        is("builtins.complex", f64, Element::F64(f64::NAN), Scalar::Complex((f64::NAN, f64::NAN)));
        is("builtins.complex", DType::Complex128, Element::C128(f64::NAN, -0.0), Scalar::Complex((f64::NAN, -0.0)));
        is("builtins.complex", DType::Bool, Element::Bool(false), Scalar::Complex((0.0, 0.0)));
        is("operator.index", DType::Int8, Element::Int(-3), Scalar::Int(-3));
    }

    #[test]
    fn conversions_that_the_text_leaves_open_or_forbids() {
        let i64_max = Element::Int(i64::MAX.into());
        assert!(is_open(scalar("builtins.float", DType::Int64, i64_max)) && is_open(scalar("builtins.complex", DType::Int64, i64_max)));
        assert!(is_open(scalar("builtins.int", DType::Float64, Element::F64(f64::NAN))));
        assert!(is_open(scalar("builtins.int", DType::Float64, Element::F64(f64::INFINITY))));
        assert!(is_open(scalar("builtins.int", DType::Float64, Element::F64(1e300))));
        assert!(is_open(scalar("builtins.complex", DType::Float64, Element::F64(-0.0))));
        assert!(is_open(scalar("operator.index", DType::Bool, Element::Bool(true))));
        for path in ["builtins.int", "builtins.float", "operator.index"] {
            assert!(raises(scalar(path, DType::Complex64, Element::C64(1.0, 0.0))), "{path}");
        }
        assert!(raises(scalar("operator.index", DType::Float32, Element::F32(1.0))));
        assert!(matches!(call("builtins.bool", &[("self", Given::Array(range(&[1])))]), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn devices_of_the_exchange_are_those_of_the_text() {
        let Ok(Expectation::Jointly(_, condition)) = call("method.__dlpack_device__", &[]) else { panic!("no condition") };
        let holds = |kind: Value, id: Value| condition.check(&Value::Tuple(vec![kind, id])).is_ok();
        let int = |v| Value::Scalar(Scalar::Int(v));
        assert!(holds(int(1), int(0)) && holds(Value::Opaque("<DLDeviceType.kDLCPU>".to_owned()), int(0)));
        assert!(!holds(int(0), int(0)) && !holds(int(1), Value::None) && !holds(Value::Str("cpu".to_owned()), int(0)));
    }

    #[test]
    fn a_producer_owes_a_capsule_to_a_consumer_without_keywords_or_with_a_version() {
        let x = || ("self", Given::Array(range(&[2])));
        assert!(call("method.__dlpack__", &[x(), ("stream", Given::None)]).is_ok());
        assert!(is_open(call("method.__dlpack__", &[x(), ("copy", Given::None)])));
        let version = || ("max_version", Given::Tuple(vec![Given::Scalar(Scalar::Int(1)), Given::Scalar(Scalar::Int(0))]));
        assert!(call("method.__dlpack__", &[x(), version(), ("copy", Given::None)]).is_ok());
        assert!(is_open(call("method.__dlpack__", &[x(), version(), ("copy", Given::Scalar(Scalar::Bool(true)))])));
    }
}
