//! The functions of the category `searching`, and what they share with sets, sorting and linear algebra.

use std::cmp::Ordering;

use array_assay_interface::{Array, DType, Element, Kind, Scalar};

use super::arguments::{illegal, normalized};
use super::shape::{advance, broadcast_shapes, flat, gather, lines};
use super::{ArrayExpectation, Call, Condition, Elements, Expectation, Given, Table, Undefined};
use crate::promoted;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[
    ("argmax", argmax),
    ("argmin", argmin),
    ("count_nonzero", count_nonzero),
    ("nonzero", nonzero),
    ("searchsorted", searchsorted),
    ("where", where_),
];

fn argmax(call: &Call<'_>) -> Result<Expectation, Undefined> {
    extremum(call, Ordering::Greater)
}

fn argmin(call: &Call<'_>) -> Result<Expectation, Undefined> {
    extremum(call, Ordering::Less)
}

/// The index of the first element of each line that no other one precedes in the order `wanted`.
fn extremum(call: &Call<'_>, wanted: Ordering) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    real(x)?;
    let rank = x.shape.len();
    if names_invalid_axis(call, "axis", rank) {
        return Ok(Expectation::Raises);
    }
    let axis = call.axis("axis", rank)?;
    let searched = axis.map_or(x.len(), |axis| x.shape[axis]);
    if searched == 0 {
        // The text does not define the extremum of no elements.
        return Err(Undefined::Open);
    }
    let elements: Vec<Element> = x.elements().collect();
    let lines = axis.map_or_else(|| vec![(0..x.len()).collect()], |axis| lines(&x.shape, axis));
    let places = lines.iter().map(|line| extremum_of(&line.iter().map(|i| elements[*i]).collect::<Vec<_>>(), wanted)).collect();
    let shape = reduced(&x.shape, axis.as_ref().map(std::slice::from_ref), call.flag("keepdims", false));
    Ok(integers(call.result_dtype()?, shape, places))
}

/// The places where the extremum of a line may be. With a NaN, which has no place in the order, the text leaves that open. It also leaves
/// open whether zeros of different signs are ordered, so the first of either sign may be meant.
fn extremum_of(line: &[Element], wanted: Ordering) -> Integer {
    if let Some(nan) = line.iter().position(|e| is_nan(*e)) {
        return Integer::Free(nan as i128);
    }
    let best = (1..line.len()).fold(0, |best, i| if compare(line[i], line[best]) == Some(wanted) { i } else { best });
    let first_of_other_sign = line.iter().position(|e| compare(*e, line[best]) == Some(Ordering::Equal) && sign(*e) != sign(line[best]));
    Integer::among([Some(best), first_of_other_sign].into_iter().flatten().map(|i| i as i128))
}

fn count_nonzero(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if names_invalid_axis(call, "axis", rank) {
        return Ok(Expectation::Raises);
    }
    let axes = call.axes("axis", rank)?;
    if axes.as_ref().is_some_and(Vec::is_empty) {
        // The text does not define a count along no axis.
        return Err(Undefined::Open);
    }
    let kept = reduced(&x.shape, axes.as_deref(), true);
    let mut counts = vec![0; kept.iter().product()];
    let mut index = vec![0; rank];
    for element in x.elements() {
        counts[broadcast_index(&kept, &index)] += i128::from(element.truth());
        advance(&mut index, &x.shape);
    }
    let shape = reduced(&x.shape, axes.as_deref(), call.flag("keepdims", false));
    Ok(Expectation::exact(call.result_dtype()?, shape, counts.into_iter().map(Element::Int).collect()))
}

fn nonzero(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let rank = x.shape.len();
    if rank == 0 {
        return Ok(Expectation::Raises);
    }
    let mut found: Vec<Vec<Element>> = vec![Vec::new(); rank];
    let mut index = vec![0; rank];
    for element in x.elements() {
        if element.truth() {
            for (indices, i) in found.iter_mut().zip(&index) {
                indices.push(Element::Int(*i as i128));
            }
        }
        advance(&mut index, &x.shape);
    }
    let along = |indices: Vec<Element>| Expectation::exact(call.defaults.index, vec![indices.len()], indices);
    Ok(Expectation::Tuple(found.into_iter().map(along).collect()))
}

fn searchsorted(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x1 = call.array("x1")?;
    real(x1)?;
    let x2 = operand(call, "x2", x1.dtype)?;
    real(&x2)?;
    promoted(x1.dtype, x2.dtype).ok_or(Undefined::Open)?;
    let right = match call.text("side") {
        None | Some("left") => false,
        Some("right") => true,
        Some(other) => return Err(illegal(format!("`side` is {other:?}"))),
    };
    let vector = ascending(call, x1)?;
    let places = x2.elements().map(|v| place(&vector, v, right)).collect();
    Ok(integers(call.result_dtype()?, x2.shape.clone(), places))
}

/// The vector to search, ordered by the argument `sorter` if that is given.
fn ascending(call: &Call<'_>, x1: &Array) -> Result<Vec<Element>, Undefined> {
    let [length] = x1.shape[..] else { return Err(illegal("`x1` is no vector")) };
    let mut vector: Vec<Element> = x1.elements().collect();
    if call.get("sorter").is_some() {
        let sorter = call.array("sorter")?;
        let order: Vec<i128> = sorter.elements().map(Element::integer).collect();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorter.dtype.is_integer() || sorter.shape != x1.shape || !sorted.into_iter().eq(0..length as i128) {
            return Err(illegal("`sorter` holds something else than the indices of `x1`"));
        }
        vector = order.iter().map(|i| x1.get(*i as usize)).collect();
    }
    if vector.iter().any(|e| is_nan(*e)) {
        // The text leaves the order of NaN open, so the vector may or may not be sorted.
        return Err(Undefined::Open);
    }
    if vector.is_sorted_by(|a, b| compare(*a, *b) != Some(Ordering::Greater)) { Ok(vector) } else { Err(illegal("`x1` is not sorted")) }
}

/// The place of `v` in a sorted vector, before or after equal elements. The order of zeros of different signs is open.
fn place(vector: &[Element], v: Element, right: bool) -> Integer {
    if is_nan(v) {
        return Integer::Free(vector.len() as i128);
    }
    let count = |wanted: fn(Ordering) -> bool| vector.partition_point(|e| compare(*e, v).is_some_and(wanted));
    let (before, after) = (count(Ordering::is_lt), count(Ordering::is_le));
    let place = if right { after } else { before };
    if vector[before..after].iter().all(|e| sign(*e) == sign(v)) {
        return Integer::Is(place as i128);
    }
    Integer::among(std::iter::once(place).chain(before..=after).map(|i| i as i128))
}

fn where_(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let condition = call.array("condition")?;
    if condition.dtype != DType::Bool {
        return Err(illegal("`condition` is not boolean"));
    }
    let (x1, x2) = two_operands(call)?;
    let dtype = promoted(x1.dtype, x2.dtype).ok_or(Undefined::Open)?;
    let shapes = [&condition.shape[..], &x1.shape, &x2.shape];
    let shape = broadcast_shapes(shapes).ok_or_else(|| illegal("the shapes do not broadcast"))?;
    let spread = |array: &Array| {
        let elements: Vec<Element> = array.elements().collect();
        gather(&elements, &shape, |index| broadcast_index(&array.shape, index))
    };
    let chosen = spread(condition).into_iter().zip(spread(&x1).into_iter().zip(spread(&x2)));
    let elements = chosen.map(|(condition, (a, b))| if condition.truth() { a } else { b }.cast(dtype)).collect();
    Ok(Expectation::exact(dtype, shape, elements))
}

/// The operands `x1` and `x2`. One of them may be a Python scalar.
pub(super) fn two_operands(call: &Call<'_>) -> Result<(Array, Array), Undefined> {
    let dtype_of = |name| call.array(name).map(|array| array.dtype);
    match (call.get("x1"), call.get("x2")) {
        (Some(Given::Scalar(_)), Some(Given::Scalar(_))) => Err(illegal("two Python scalars")),
        (Some(Given::Scalar(_)), _) => Ok((operand(call, "x1", dtype_of("x2")?)?, call.array("x2")?.clone())),
        _ => Ok((call.array("x1")?.clone(), operand(call, "x2", dtype_of("x1")?)?)),
    }
}

/// An operand together with an array of dtype `partner`. A Python scalar becomes an array of rank 0.
fn operand(call: &Call<'_>, name: &str, partner: DType) -> Result<Array, Undefined> {
    match call.scalar(name) {
        Some(scalar) => {
            let dtype = scalar_dtype(scalar, partner)?;
            Ok(Array::from_elements(dtype, Vec::new(), [scalar.element()]))
        }
        None => call.array(name).cloned(),
    }
}

/// The dtype of a Python scalar together with an array of dtype `partner`. The text leaves other kinds open, numbers outside the range, and
/// the rounding of integers that a floating-point dtype cannot hold.
fn scalar_dtype(scalar: Scalar, partner: DType) -> Result<DType, Undefined> {
    let dtype = match (scalar, partner.kind()) {
        (Scalar::Bool(_), Kind::Boolean) => partner,
        (Scalar::Int(_), Kind::SignedInteger | Kind::UnsignedInteger) => partner,
        (Scalar::Int(_) | Scalar::Float(_), Kind::RealFloating | Kind::ComplexFloating) => partner,
        (Scalar::Complex(_), Kind::ComplexFloating) => partner,
        (Scalar::Complex(_), Kind::RealFloating) if partner == DType::Float32 => DType::Complex64,
        (Scalar::Complex(_), Kind::RealFloating) => DType::Complex128,
        _ => return Err(Undefined::Open),
    };
    let held = match (scalar, scalar.element().cast(dtype)) {
        (Scalar::Int(v), Element::Int(cast)) => v == cast,
        (Scalar::Int(v), cast) => cast.components().0 as i128 == v,
        (_, cast) => is_finite(cast) || !is_finite(scalar.element()),
    };
    if held { Ok(dtype) } else { Err(Undefined::Open) }
}

/// Whether both components are finite.
pub(super) fn is_finite(e: Element) -> bool {
    let (re, im) = e.components();
    re.is_finite() && im.is_finite()
}

/// Refuses arrays whose elements the standard does not order.
pub(super) fn real(x: &Array) -> Result<(), Undefined> {
    match x.dtype.kind() {
        Kind::ComplexFloating | Kind::Boolean => Err(Undefined::Open),
        _ => Ok(()),
    }
}

/// Compares two real numbers. `None` if one is NaN.
pub(super) fn compare(a: Element, b: Element) -> Option<Ordering> {
    match (a, b) {
        (Element::Int(a), Element::Int(b)) => Some(a.cmp(&b)),
        _ => a.components().0.partial_cmp(&b.components().0),
    }
}

/// Whether a component is NaN.
pub(super) fn is_nan(e: Element) -> bool {
    let (re, im) = e.components();
    re.is_nan() || im.is_nan()
}

/// Whether the sign bit of a real number is set, which distinguishes zeros.
pub(super) fn sign(e: Element) -> bool {
    e.components().0.is_sign_negative()
}

/// Whether the integers in an argument name an axis that an array with `rank` axes lacks, so that the function has to raise.
pub(super) fn names_invalid_axis(call: &Call<'_>, name: &str, rank: usize) -> bool {
    matches!(call.integers(name), Ok(Some(axes)) if axes.iter().any(|axis| normalized(*axis, rank).is_err()))
}

/// The shape without `axes` (without all axes, if none are given), or with ones in their place.
fn reduced(shape: &[usize], axes: Option<&[usize]>, keep: bool) -> Vec<usize> {
    let goes = |axis: usize| axes.is_none_or(|axes| axes.contains(&axis));
    let size = |(axis, n): (usize, &usize)| match (goes(axis), keep) {
        (false, _) => Some(*n),
        (true, true) => Some(1),
        (true, false) => None,
    };
    shape.iter().enumerate().filter_map(size).collect()
}

/// The flat index into an array of `shape` for an index into an array to which it broadcasts.
fn broadcast_index(shape: &[usize], index: &[usize]) -> usize {
    let own = &index[index.len() - shape.len()..];
    flat(shape, own.iter().zip(shape).map(|(i, n)| if *n == 1 { 0 } else { *i }))
}

/// The expectation of one integer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Integer {
    /// Exactly this integer.
    Is(i128),
    /// One of these integers. The first is the one that most libraries return.
    Among(Vec<i128>),
    /// Any integer, with an example.
    Free(i128),
}

impl Integer {
    /// One of several integers, of which there is at least one.
    pub(super) fn among(mut items: impl Iterator<Item = i128>) -> Integer {
        let first = items.next().unwrap_or_default();
        let rest: Vec<i128> = items.filter(|i| *i != first).collect();
        if rest.is_empty() { Integer::Is(first) } else { Integer::Among([vec![first], rest].concat()) }
    }

    fn example(&self) -> i128 {
        match self {
            Integer::Is(v) | Integer::Free(v) => *v,
            Integer::Among(items) => items[0],
        }
    }

    fn check(&self, got: i128) -> Result<(), String> {
        match self {
            Integer::Is(v) if *v != got => Err(format!("{v}")),
            Integer::Among(items) if !items.contains(&got) => Err(format!("one of {items:?}")),
            _ => Ok(()),
        }
    }
}

/// An array of integers with an expectation of each.
pub(super) fn integers(dtype: DType, shape: Vec<usize>, items: Vec<Integer>) -> Expectation {
    let example: Vec<Element> = items.iter().map(|i| Element::Int(i.example()).cast(dtype)).collect();
    if items.iter().all(|i| matches!(i, Integer::Is(_))) {
        return Expectation::exact(dtype, shape, example);
    }
    let condition = Condition::new(move |got: &Array| {
        if got.len() != items.len() {
            return Err(format!("{} elements", items.len()));
        }
        let wrong = |(i, (item, got)): (usize, (&Integer, Element))| {
            item.check(got.integer()).map_err(|expected| format!("{expected} as element {i} in C order"))
        };
        items.iter().zip(got.elements()).enumerate().try_for_each(wrong)
    });
    Expectation::Array(ArrayExpectation { dtype, shape, elements: Elements::Such(example, condition) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use array_assay_interface::Defaults;

    fn floats(values: &[f64]) -> Array {
        Array::from_elements(DType::Float64, vec![values.len()], values.iter().map(|v| Element::F64(*v)))
    }

    fn ints(dtype: DType, shape: &[usize], values: &[i128]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    fn int(v: i128) -> Given {
        Given::Scalar(Scalar::Int(v))
    }

    fn yes() -> Given {
        Given::Scalar(Scalar::Bool(true))
    }

    fn run(function: &str, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        let semantics = crate::call::semantics(function).expect("the function has semantics");
        semantics(&Call { given, dtype: Some(DType::Int64), defaults: Defaults::default() })
    }

    fn expected(function: &str, given: &[(&str, Given)]) -> ArrayExpectation {
        match run(function, given) {
            Ok(Expectation::Array(array)) => array,
            other => panic!("{function}: {other:?}"),
        }
    }

    /// The dtype, shape and elements of an expectation without freedoms.
    fn exactly(function: &str, given: &[(&str, Given)]) -> (DType, Vec<usize>, Vec<Element>) {
        let ArrayExpectation { dtype, shape, elements: Elements::Exact(elements) } = expected(function, given) else {
            panic!("{function} leaves a freedom")
        };
        (dtype, shape, elements)
    }

    fn indices(shape: &[usize], values: &[i128]) -> (DType, Vec<usize>, Vec<Element>) {
        (DType::Int64, shape.to_vec(), values.iter().map(|v| Element::Int(*v)).collect())
    }

    /// Whether a vector of indices fulfils an expectation with freedoms.
    fn accepts(expectation: &ArrayExpectation, values: &[i128]) -> bool {
        let Elements::Such(_, condition) = &expectation.elements else { panic!("no freedom") };
        condition.check(&ints(DType::Int64, &expectation.shape, values)).is_ok()
    }

    #[test]
    fn the_extremum_is_found_along_an_axis_or_in_the_flattened_array() {
        let x = ints(DType::Int8, &[2, 3], &[1, 5, 5, 5, -7, 0]);
        assert_eq!(exactly("argmax", &[("x", Given::Array(x.clone()))]), indices(&[], &[1]));
        assert_eq!(exactly("argmin", &[("x", Given::Array(x.clone())), ("keepdims", yes())]), indices(&[1, 1], &[4]));
        assert_eq!(exactly("argmax", &[("x", Given::Array(x.clone())), ("axis", int(-1))]), indices(&[2], &[1, 0]));
        let kept = [("x", Given::Array(x.clone())), ("axis", int(0)), ("keepdims", yes())];
        assert_eq!(exactly("argmin", &kept), indices(&[1, 3], &[0, 1, 1]));
        assert!(matches!(run("argmax", &[("x", Given::Array(x)), ("axis", int(2))]), Ok(Expectation::Raises)));
    }

    #[test]
    fn integers_beyond_double_precision_keep_their_order() {
        let x = ints(DType::Int64, &[2], &[9007199254740992, 9007199254740993]);
        assert_eq!(exactly("argmax", &[("x", Given::Array(x))]), indices(&[], &[1]));
    }

    #[test]
    fn the_extremum_of_nothing_is_open_but_not_the_absence_of_lines() {
        let x = Given::Array(ints(DType::Int8, &[0, 3], &[]));
        assert_eq!(run("argmax", &[("x", x.clone())]).unwrap_err(), Undefined::Open);
        assert_eq!(run("argmax", &[("x", x.clone()), ("axis", int(0))]).unwrap_err(), Undefined::Open);
        assert_eq!(exactly("argmax", &[("x", x), ("axis", int(1))]), indices(&[0], &[]));
    }

    #[test]
    fn a_nan_and_the_sign_of_zeros_leave_the_extremum_open() {
        let zeros = expected("argmax", &[("x", Given::Array(floats(&[-1.0, -0.0, -0.0, 0.0])))]);
        assert_eq!(zeros.example().get(0), Element::Int(1));
        assert!(accepts(&zeros, &[1]) && accepts(&zeros, &[3]) && !accepts(&zeros, &[2]) && !accepts(&zeros, &[0]));
        let x = Array { shape: vec![2, 2], ..floats(&[f64::NAN, 1.0, 2.0, 1.0]) };
        let nan = expected("argmin", &[("x", Given::Array(x)), ("axis", int(1))]);
        assert!(accepts(&nan, &[0, 1]) && accepts(&nan, &[1, 1]) && !accepts(&nan, &[0, 0]));
    }

    #[test]
    fn nonzero_elements_are_counted_along_axes() {
        let x = Array::from_elements(
            DType::Complex64,
            vec![2, 3],
            [(0.0, 0.0), (0.0, 1.0), (-0.0, -0.0), (f32::NAN, 0.0), (2.0, 0.0), (0.0, f32::INFINITY)].map(|(re, im)| Element::C64(re, im)),
        );
        let x = ("x", Given::Array(x));
        assert_eq!(exactly("count_nonzero", std::slice::from_ref(&x)), indices(&[], &[4]));
        assert_eq!(exactly("count_nonzero", &[x.clone(), ("axis", int(-2))]), indices(&[3], &[1, 2, 1]));
        let both = Given::Tuple(vec![int(1), int(-2)]);
        assert_eq!(exactly("count_nonzero", &[x.clone(), ("axis", both), ("keepdims", yes())]), indices(&[1, 1], &[4]));
        let invalid = Given::Tuple(vec![int(0), int(2)]);
        assert!(matches!(run("count_nonzero", &[x, ("axis", invalid)]), Ok(Expectation::Raises)));
        let empty = Given::Array(ints(DType::Int8, &[2, 0], &[]));
        assert_eq!(exactly("count_nonzero", &[("x", empty), ("axis", int(1))]), indices(&[2], &[0, 0]));
    }

    #[test]
    fn the_places_of_nonzero_elements_come_by_axis_in_c_order() {
        let x = ints(DType::Uint8, &[2, 2], &[0, 3, 1, 2]);
        let Ok(Expectation::Tuple(parts)) = run("nonzero", &[("x", Given::Array(x))]) else { panic!("no tuple") };
        let literals: Vec<String> = parts.iter().map(|part| part.example().expect("an array").to_string()).collect();
        assert_eq!(literals, ["array([0, 1, 1], dtype=int64)", "array([1, 0, 1], dtype=int64)"]);
        let scalar = Given::Array(ints(DType::Uint8, &[], &[1]));
        assert!(matches!(run("nonzero", &[("x", scalar)]), Ok(Expectation::Raises)));
    }

    #[test]
    fn values_are_placed_before_or_after_their_equals() {
        let x1 = Given::Array(floats(&[1.0, 2.0, 2.0, 4.0]));
        let x2 = Given::Array(floats(&[0.0, 1.0, 2.0, 3.0, 4.0, f64::INFINITY]));
        let given = [("x1", x1), ("x2", x2)];
        assert_eq!(exactly("searchsorted", &given), indices(&[6], &[0, 0, 1, 3, 3, 4]));
        let right = [given[0].clone(), given[1].clone(), ("side", Given::Str("right".to_owned()))];
        assert_eq!(exactly("searchsorted", &right), indices(&[6], &[0, 1, 3, 3, 4, 4]));
        let empty = [("x1", Given::Array(floats(&[]))), given[1].clone()];
        assert_eq!(exactly("searchsorted", &empty), indices(&[6], &[0; 6]));
    }

    #[test]
    fn a_sorter_puts_the_vector_in_order() {
        let x1 = Given::Array(ints(DType::Int16, &[3], &[30, 10, 20]));
        let sorter = Given::Array(ints(DType::Int64, &[3], &[1, 2, 0]));
        let x2 = Given::Array(ints(DType::Int8, &[1, 2], &[20, 25]));
        let given = [("x1", x1), ("x2", x2), ("sorter", sorter)];
        assert_eq!(exactly("searchsorted", &given), indices(&[1, 2], &[1, 2]));
        assert!(matches!(run("searchsorted", &given[..2]), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn scalars_to_search_for_take_the_dtype_of_the_vector() {
        let x1 = Given::Array(Array::from_elements(DType::Float32, vec![1], [Element::F32(0.1)]));
        let tenth = Given::Scalar(Scalar::Float(0.1));
        let right = Given::Str("right".to_owned());
        assert_eq!(exactly("searchsorted", &[("x1", x1), ("x2", tenth), ("side", right)]), indices(&[], &[1]));
        let integers = Given::Array(ints(DType::Int8, &[1], &[5]));
        let half = Given::Scalar(Scalar::Float(0.5));
        assert_eq!(run("searchsorted", &[("x1", integers.clone()), ("x2", half)]).unwrap_err(), Undefined::Open);
        assert_eq!(run("searchsorted", &[("x1", integers), ("x2", int(200))]).unwrap_err(), Undefined::Open);
    }

    #[test]
    fn a_nan_and_the_sign_of_zeros_leave_the_place_open() {
        let x1 = Given::Array(floats(&[-1.0, -0.0, 0.0, 1.0]));
        let found = expected("searchsorted", &[("x1", x1), ("x2", Given::Array(floats(&[0.0, f64::NAN, 1.0])))]);
        assert!(accepts(&found, &[1, 0, 3]) && accepts(&found, &[2, 9, 3]) && accepts(&found, &[3, 4, 3]));
        assert!(!accepts(&found, &[0, 4, 3]) && !accepts(&found, &[1, 4, 4]));
        let unordered = Given::Array(floats(&[0.0, f64::NAN]));
        assert_eq!(run("searchsorted", &[("x1", unordered), ("x2", Given::Array(floats(&[0.0])))]).unwrap_err(), Undefined::Open);
    }

    #[test]
    fn elements_are_chosen_promoted_and_broadcast() {
        let condition = Array::from_elements(DType::Bool, vec![2, 1], [Element::Bool(true), Element::Bool(false)]);
        let x1 = Array::from_elements(DType::Float32, vec![2], [Element::F32(-0.0), Element::F32(1.5)]);
        let x2 = Array::from_elements(DType::Complex128, vec![], [Element::C128(f64::INFINITY, -0.0)]);
        let given = [("condition", Given::Array(condition)), ("x1", Given::Array(x1)), ("x2", Given::Array(x2))];
        let (dtype, shape, elements) = exactly("where", &given);
        assert_eq!((dtype, &shape[..]), (DType::Complex128, &[2, 2][..]));
        let expected = [(-0.0, 0.0), (1.5, 0.0), (f64::INFINITY, -0.0), (f64::INFINITY, -0.0)];
        assert!(elements.iter().zip(expected).all(|(e, (re, im))| e.same_bits(Element::C128(re, im))), "{elements:?}");
    }

    #[test]
    fn either_choice_may_be_a_python_scalar_but_not_both() {
        let condition = Given::Array(Array::from_elements(DType::Bool, vec![2], [Element::Bool(true), Element::Bool(false)]));
        let bytes = Given::Array(ints(DType::Uint8, &[], &[7]));
        let run_with = |x1: Given, x2: Given| run("where", &[("condition", condition.clone()), ("x1", x1), ("x2", x2)]);
        let Ok(chosen) = run_with(int(255), bytes.clone()) else { panic!("legal") };
        assert_eq!(chosen.example().expect("an array").to_string(), "array([255, 7], dtype=uint8)");
        assert_eq!(run_with(bytes.clone(), int(256)).unwrap_err(), Undefined::Open);
        assert!(matches!(run_with(int(1), int(2)), Err(Undefined::Illegal(_))));
        let signed = Given::Array(ints(DType::Int8, &[], &[1]));
        let wide = Given::Array(ints(DType::Uint64, &[], &[1]));
        assert_eq!(run_with(signed.clone(), wide).unwrap_err(), Undefined::Open);
        let Ok(Expectation::Array(mixed)) = run_with(signed, bytes) else { panic!("legal") };
        assert_eq!(mixed.dtype, DType::Int16);
    }
}
