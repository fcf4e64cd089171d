//! Calls that have to raise: legal calls in which one argument is replaced by an invalid one.

use array_assay_interface::{Array, DType, Element, Scalar, Slice};
use array_assay_oracle::call::Given;
use array_assay_spec::{Domain, Invalid, Parameter};

use super::call::Call;
use super::values::Random;

/// Makes the argument of a parameter invalid. `None` if this call offers no way to. `index` is the dtype of arrays of indices.
pub fn invalidate(call: &mut Call<'_>, parameter: &Parameter, how: Invalid, index: DType, random: &mut Random) -> Option<()> {
    if how == Invalid::LeftOut {
        leave_out(call, &parameter.name)?;
    } else {
        invalidate_argument(call, parameter, how, index, random)?;
    }
    call.layouts = vec![super::Layout::Contiguous; call.arrays().len()];
    Some(())
}

/// Removes an argument from a call.
fn leave_out(call: &mut Call<'_>, name: &str) -> Option<()> {
    let at = call.arguments.iter().position(|(n, _)| *n == name)?;
    call.arguments.remove(at);
    call.forms.remove(at);
    Some(())
}

/// Replaces an argument by an invalid one.
fn invalidate_argument(call: &mut Call<'_>, parameter: &Parameter, how: Invalid, index: DType, random: &mut Random) -> Option<()> {
    let most_axes = call.arrays().iter().map(|array| array.shape.len()).max().unwrap_or(0);
    let shape = call.arrays().first().map(|array| array.shape.clone()).unwrap_or_default();
    let given = call.arguments.iter_mut().find(|(name, _)| *name == parameter.name).map(|(_, given)| given)?;
    match how {
        Invalid::LeftOut => return None,
        Invalid::OutOfBounds => leave_bounds(given, &parameter.domain, most_axes, random)?,
        Invalid::Index => {
            let longest = shape.iter().copied().max().unwrap_or(0) as i128;
            leave_ends(given, [longest, -longest - 1, 1 << 40, -(1 << 40)][random.below(4)])?;
        }
        Invalid::NotSingleton => {
            let others: Vec<usize> = (0..shape.len()).filter(|i| shape[*i] > 1).collect();
            if others.is_empty() {
                return None;
            }
            *given = int(others[random.below(others.len())] as i128);
        }
        Invalid::Negative => *given = int(-1 - random.below(5) as i128),
        Invalid::Mismatch => mismatch(given)?,
        Invalid::TooFewAxes => match given {
            Given::Array(array) => {
                let first = array.elements().next()?;
                *array = Array::from_elements(array.dtype, Vec::new(), [first]);
            }
            _ => return None,
        },
        Invalid::TooManyAxes => match given {
            Given::Array(array) => array.shape.insert(0, 1),
            _ => return None,
        },
        Invalid::Complex => recast(given, DType::Complex128, |e| Element::C128(e.components().0, 1.0))?,
        Invalid::Floating => recast(given, DType::Float64, |e| Element::F64(e.components().0))?,
        Invalid::Nan => recast_floats(given, f64::NAN)?,
        Invalid::Infinite => recast_floats(given, f64::INFINITY)?,
        Invalid::RealDtype => *given = Given::Dtype(DType::Float64),
        Invalid::UnknownVersion => *given = Given::Str("1999.12".to_owned()),
        Invalid::TwoEllipses => *given = Given::Tuple(vec![Given::Ellipsis, Given::Ellipsis]),
        Invalid::TooManyIndices => *given = whole_slices(shape.len() + 1 + random.below(2)),
        Invalid::TooFewIndices if shape.len() < 2 => return None,
        Invalid::TooFewIndices => *given = whole_slices(1 + random.below(shape.len() - 1)),
        Invalid::MaskRank => *given = mask(shape.iter().copied().chain([2]).collect()),
        Invalid::MaskShape => {
            let at = (0..shape.len()).find(|i| shape[*i] > 0)?;
            let mut other = shape;
            other[at] += 1;
            *given = mask(other);
        }
        Invalid::IndexArrays if shape.len() < 2 || shape.contains(&0) => return None,
        Invalid::IndexArrays => {
            let zeros = |n: usize| Given::Array(Array::from_elements(index, vec![n], vec![Element::Int(0); n]));
            *given = Given::Tuple((0..shape.len()).map(|i| zeros(2 + i % 2)).collect());
        }
    }
    Some(())
}

/// Replaces an axis by one that lies outside every array of the call. `most_axes` is the highest rank among them.
fn leave_bounds(given: &mut Given, domain: &Domain, most_axes: usize, random: &mut Random) -> Option<()> {
    // A new axis may legally come one place after the existing axes, never two.
    let rank = most_axes as i128;
    let beyond = [rank + 2, -rank - 3][random.below(2)];
    match (domain, given) {
        // `tensordot` takes a number of axes, which is not an axis, or two sequences of axes, of which one is made invalid.
        (Domain::Contraction { .. }, Given::Tuple(sequences)) => {
            let at = random.below(sequences.len());
            *sequences[at].items_mut()?.last_mut()? = int(beyond);
        }
        (Domain::Contraction { .. }, _) => return None,
        (_, Given::Tuple(items) | Given::List(items)) if !items.is_empty() => {
            let (at, places) = (random.below(items.len()), items.len() as i128);
            items[at] = int(if beyond > 0 { beyond + places } else { beyond - places });
        }
        (_, given @ Given::Scalar(_)) => *given = int(beyond),
        _ => return None,
    }
    Some(())
}

/// Replaces the first index by another, or by the one that is nearest to it in the dtype of an array. `None` if there is no index.
fn leave_ends(given: &mut Given, beyond: i128) -> Option<()> {
    match given {
        Given::Scalar(Scalar::Int(index)) => *index = beyond,
        Given::Array(array) if array.dtype.is_integer() && !array.is_empty() => {
            let (low, high) = array.dtype.integer_range()?;
            let elements = array.elements().enumerate().map(|(i, e)| if i == 0 { Element::Int(beyond.clamp(low, high)) } else { e });
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements.collect::<Vec<_>>());
        }
        Given::Tuple(items) => return items.iter_mut().find_map(|item| leave_ends(item, beyond)),
        _ => return None,
    }
    Some(())
}

/// Changes a shape, or the shape of an array, so that it does not fit the other arguments.
fn mismatch(given: &mut Given) -> Option<()> {
    match given {
        Given::Array(array) => *array = reshaped(array, longer)?,
        Given::Tuple(items) | Given::List(items) => match items.last_mut()? {
            Given::Array(array) if array.shape.iter().any(|n| *n > 1) => *array = reshaped(array, longer)?,
            Given::Tuple(sizes) => invalidate_size(sizes)?,
            Given::Scalar(_) => invalidate_size(items)?,
            _ => return None,
        },
        _ => return None,
    }
    Some(())
}

/// A key of `count` slices that select everything.
fn whole_slices(count: usize) -> Given {
    Given::Tuple(vec![Given::Slice(Slice::default()); count])
}

fn int(v: i128) -> Given {
    Given::Scalar(Scalar::Int(v))
}

/// Makes every axis longer by two. The array then neither broadcasts nor contracts with an array that fitted before, unless all axes of
/// that array have length one.
fn longer(shape: &mut [usize]) {
    shape.iter_mut().for_each(|n| *n += 2);
}

/// An array of another shape, filled with its first element. `None` if it has no axes.
fn reshaped(array: &Array, change: impl Fn(&mut [usize])) -> Option<Array> {
    let mut shape = array.shape.clone();
    if shape.is_empty() {
        return None;
    }
    change(&mut shape);
    let total = shape.iter().product();
    let element = array.elements().next().unwrap_or(Element::Int(0)).cast(array.dtype);
    Some(Array::from_elements(array.dtype, shape, vec![element; total]))
}

/// Changes the last of some sizes.
fn invalidate_size(sizes: &mut [Given]) -> Option<()> {
    match sizes.last_mut()? {
        Given::Scalar(Scalar::Int(n)) => *n += 5,
        _ => return None,
    }
    Some(())
}

/// Replaces an array by one of another dtype.
fn recast(given: &mut Given, dtype: DType, map: impl Fn(Element) -> Element) -> Option<()> {
    let Given::Array(array) = given else { return None };
    *array = Array::from_elements(dtype, array.shape.clone(), array.elements().map(map));
    Some(())
}

/// Fills an array with one floating-point number.
fn recast_floats(given: &mut Given, value: f64) -> Option<()> {
    let Given::Array(array) = given else { return None };
    let dtype = if array.dtype.is_floating() && !array.dtype.is_complex() { array.dtype } else { DType::Float64 };
    recast(given, dtype, |_| Element::F64(value).cast(dtype))
}

/// A mask that selects everything.
fn mask(shape: Vec<usize>) -> Given {
    let total = shape.iter().product();
    Given::Array(Array::from_elements(DType::Bool, shape, vec![Element::Bool(true); total]))
}

#[cfg(test)]
mod tests {
    use super::super::calls::{CallStream, Case};
    use super::super::profile::BackendProfile;
    use super::*;
    use array_assay_oracle::call::Expectation;
    use array_assay_spec::Spec;

    /// Draws calls that are invalid for one clause of a function and hands each to `check`.
    fn invalid(function: &str, slug: &str, check: impl Fn(&Case<'_>)) {
        let spec = Spec::embedded();
        let (category, name) = function.split_once('/').unwrap();
        let function = spec.with_gaps().find(|f| f.category == category && f.name == name).unwrap();
        let raise = function.raises.iter().find(|raise| raise.slug == slug).unwrap();
        let profile = BackendProfile::default();
        let stream = CallStream::new(spec, function, &profile).unwrap();
        let cases: Vec<Case<'_>> = (0..200).filter_map(|i| stream.invalid(7, raise, i, Some(3))).collect();
        assert!(cases.len() > 20, "{category}/{name}::raises/{slug}: {} calls", cases.len());
        for case in &cases {
            assert!(matches!(case.expectation, Expectation::Raises));
            assert_eq!(case.call.layouts.len(), case.call.arrays().len());
            check(case);
        }
    }

    fn integers(given: &Given) -> Vec<i128> {
        given.nodes().filter_map(Given::integer).collect()
    }

    fn given<'c>(case: &'c Case<'_>, name: &str) -> &'c Given {
        case.call.argument(name).unwrap_or_else(|| panic!("no `{name}`"))
    }

    fn array<'c>(case: &'c Case<'_>, name: &str) -> &'c Array {
        match given(case, name) {
            Given::Array(array) => array,
            other => panic!("`{name}` is {other:?}"),
        }
    }

    #[test]
    fn every_clause_finds_calls_to_invalidate() {
        let spec = Spec::embedded();
        for function in spec.with_gaps() {
            for raise in &function.raises {
                invalid(&format!("{}/{}", function.category, function.name), &raise.slug, |_| ());
            }
        }
    }

    #[test]
    fn invalid_axes_lie_outside_every_array() {
        for (function, slug, argument, places) in [
            ("statistical/sum", "axis", "axis", 0),
            ("manipulation/stack", "axis-out-of-bounds", "axis", 1),
            ("manipulation/expand_dims", "index-error", "axis", 1),
            ("manipulation/moveaxis", "destination-out-of-bounds", "destination", 0),
            ("linear_algebra/tensordot", "invalid-axis", "axes", 0),
        ] {
            invalid(function, slug, |case| {
                let rank = case.call.arrays().iter().map(|array| array.shape.len()).max().unwrap() as i128;
                let axes = integers(given(case, argument));
                let rank = rank + if matches!(given(case, argument), Given::Tuple(_)) { places * axes.len() as i128 } else { places };
                assert!(axes.iter().any(|axis| *axis >= rank || *axis < -rank), "{function}: {axes:?} of {rank}");
            });
        }
    }

    #[test]
    fn a_number_of_axes_is_not_replaced_by_an_axis() {
        invalid("linear_algebra/tensordot", "invalid-axis", |case| match given(case, "axes") {
            Given::Tuple(sequences) => assert_eq!(sequences.len(), 2),
            other => panic!("{other:?}"),
        });
    }

    #[test]
    fn an_axis_to_squeeze_that_has_to_raise_is_longer_than_one() {
        invalid("manipulation/squeeze", "not-singleton", |case| {
            let shape = &array(case, "x").shape;
            let [axis] = integers(given(case, "axis"))[..] else { panic!("one axis") };
            assert!(shape[axis as usize] > 1, "{axis} of {shape:?}");
        });
    }

    #[test]
    fn shapes_do_not_fit() {
        invalid("linear_algebra/matmul", "contracted-sizes", |case| {
            let (a, b) = (&array(case, "x1").shape, &array(case, "x2").shape);
            assert_ne!(a.last(), b.get(b.len().saturating_sub(2)), "{a:?} {b:?}");
        });
        invalid("manipulation/broadcast_to", "incompatible", |case| {
            let (from, to) = (&array(case, "x").shape, integers(given(case, "shape")));
            assert!(from.last().is_some_and(|n| *n != 1 && Some(*n as i128) != to.last().copied()), "{from:?} to {to:?}");
        });
        invalid("searching/nonzero", "rank-zero", |case| assert!(array(case, "x").shape.is_empty()));
        invalid("array/mT", "below-two-dimensions", |case| assert!(array(case, "self").shape.len() < 2));
        invalid("array/T", "not-two-dimensional", |case| assert_eq!(array(case, "self").shape.len(), 3));
    }

    #[test]
    fn converted_arrays_have_the_wrong_kind() {
        let all = |case: &Case<'_>, is: fn(Element) -> bool| assert!(array(case, "self").elements().all(is));
        invalid("array/__float__", "complex", |case| assert!(array(case, "self").dtype.is_complex()));
        invalid("array/__index__", "floating", |case| assert_eq!(array(case, "self").dtype, DType::Float64));
        invalid("array/__int__", "nan", |case| all(case, |e| e.components().0.is_nan()));
        invalid("array/__int__", "infinite", |case| all(case, |e| e.components().0.is_infinite()));
        invalid("creation/linspace", "negative-num", |case| assert!(integers(given(case, "num"))[0] < 0));
        invalid("data_type/astype", "complex-to-real", |case| {
            assert!(array(case, "x").dtype.is_complex());
            assert_eq!(*given(case, "dtype"), Given::Dtype(DType::Float64));
        });
    }

    #[test]
    fn an_axis_is_left_out_where_there_are_several() {
        invalid("statistical/cumulative_sum", "axis-missing", |case| {
            assert!(case.call.argument("axis").is_none());
            assert!(array(case, "x").shape.len() > 1);
        });
    }

    #[test]
    fn invalid_keys_do_not_fit_the_array() {
        let parts = |case: &Case<'_>| match given(case, "key") {
            Given::Tuple(parts) => parts.clone(),
            other => panic!("{other:?}"),
        };
        let rank = |case: &Case<'_>| array(case, "self").shape.len();
        let key = "array/__getitem__";
        invalid(key, "two-ellipses", |case| assert_eq!(parts(case), [Given::Ellipsis, Given::Ellipsis]));
        invalid(key, "too-many-indices", |case| assert!(parts(case).len() > rank(case)));
        invalid(key, "too-few-indices", |case| assert!((1..rank(case)).contains(&parts(case).len())));
        invalid(key, "integer-arrays-not-broadcastable", |case| {
            let sizes: Vec<usize> = parts(case).iter().map(|part| if let Given::Array(array) = part { array.len() } else { 0 }).collect();
            assert!(sizes.len() == rank(case) && sizes.contains(&2) && sizes.contains(&3));
        });
        invalid(key, "mask-rank", |case| assert!(array(case, "key").shape.len() > rank(case)));
        invalid(key, "mask-shape", |case| {
            let (mask, of) = (&array(case, "key").shape, &array(case, "self").shape);
            assert!(mask.iter().zip(of).any(|(m, n)| m != n && *m > 0), "{mask:?} of {of:?}");
        });
    }
}
