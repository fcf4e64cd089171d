//! The functions of the category `sorting`.
//!
//! The text leaves open the place of NaN, which may stay where they are, and the order of zeros of different signs. So a line with a NaN
//! only has to be permuted, and zeros may be in any order among themselves.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use array_assay_interface::{Array, Element};

use super::searching::{compare, is_nan, names_invalid_axis, real};
use super::shape::lines;
use super::{ArrayExpectation, Call, Condition, Elements, Expectation, Table, Undefined};

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[("argsort", argsort), ("sort", sort)];

fn sort(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let Some(sorting) = Sorting::of(call)? else { return Ok(Expectation::Raises) };
    let example = sorting.scatter(|line, i| sorting.elements[line[i]]);
    let elements = if sorting.lines.iter().all(|line| sorting.is_ordered(line) && !sorting.holds_both_zeros(line)) {
        Elements::Exact(example)
    } else {
        let sorting = sorting.clone();
        Elements::Such(example, Condition::new(move |got: &Array| sorting.check(got, |line, got| sorting.check_values(line, got))))
    };
    Ok(Expectation::Array(ArrayExpectation { dtype: call.result_dtype()?, shape: sorting.shape.clone(), elements }))
}

fn argsort(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let Some(sorting) = Sorting::of(call)? else { return Ok(Expectation::Raises) };
    let example = sorting.scatter(|_, i| Element::Int(i as i128));
    let determined = |line: &Vec<usize>| {
        sorting.is_ordered(line) && !sorting.holds_both_zeros(line) && (sorting.stable || !sorting.holds_equal_elements(line))
    };
    let elements = if sorting.lines.iter().all(determined) {
        Elements::Exact(example)
    } else {
        let sorting = sorting.clone();
        Elements::Such(example, Condition::new(move |got: &Array| sorting.check(got, |line, got| sorting.check_indices(line, got))))
    };
    Ok(Expectation::Array(ArrayExpectation { dtype: call.result_dtype()?, shape: sorting.shape.clone(), elements }))
}

/// The arguments of a call: what to sort, and how.
#[derive(Debug)]
struct Sorting {
    elements: Vec<Element>,
    shape: Vec<usize>,
    /// The flat indices of the elements of each line.
    lines: Vec<Vec<usize>>,
    descending: bool,
    stable: bool,
}

impl Sorting {
    /// The arguments of a call. `None` if it has to raise.
    fn of(call: &Call<'_>) -> Result<Option<Rc<Sorting>>, Undefined> {
        let x = call.array("x")?;
        real(x)?;
        let rank = x.shape.len();
        if names_invalid_axis(call, "axis", rank) {
            return Ok(None);
        }
        // An array of rank 0 has no last axis, and the text does not define the result.
        let last = rank.checked_sub(1).ok_or(Undefined::Open)?;
        let axis = call.axis("axis", rank)?.unwrap_or(last);
        Ok(Some(Rc::new(Sorting {
            elements: x.elements().collect(),
            shape: x.shape.clone(),
            lines: lines(&x.shape, axis),
            descending: call.flag("descending", false),
            stable: call.flag("stable", true),
        })))
    }

    /// The order of two elements in the wanted direction. `None` if one is NaN.
    fn order(&self, a: Element, b: Element) -> Option<Ordering> {
        if self.descending { compare(b, a) } else { compare(a, b) }
    }

    /// The places of the elements of a line in sorted order: equal elements keep their order, and NaN come last.
    fn places(&self, line: &[usize]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..line.len()).collect();
        let element = |place: &usize| self.elements[line[*place]];
        places.sort_by(|a, b| {
            let (a, b) = (element(a), element(b));
            self.order(a, b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
        });
        places
    }

    /// The elements of a result in C order. `result` computes them from a line and a place in it.
    fn scatter(&self, result: impl Fn(&[usize], usize) -> Element) -> Vec<Element> {
        let mut out = self.elements.clone();
        for line in &self.lines {
            for (at, place) in line.iter().zip(self.places(line)) {
                out[*at] = result(line, place);
            }
        }
        out
    }

    /// Whether a line is without NaN.
    fn is_ordered(&self, line: &[usize]) -> bool {
        !line.iter().any(|i| is_nan(self.elements[*i]))
    }

    fn holds_both_zeros(&self, line: &[usize]) -> bool {
        let zeros = || line.iter().map(|i| self.elements[*i]).filter(|e| !e.truth()).map(key);
        zeros().min() != zeros().max()
    }

    fn holds_equal_elements(&self, line: &[usize]) -> bool {
        let sorted: Vec<Element> = self.places(line).into_iter().map(|place| self.elements[line[place]]).collect();
        sorted.windows(2).any(|pair| compare(pair[0], pair[1]) == Some(Ordering::Equal))
    }

    /// Checks a result, one line at a time.
    fn check(&self, got: &Array, check: impl Fn(&[usize], &[Element]) -> Result<(), String>) -> Result<(), String> {
        if got.len() != self.elements.len() {
            return Err(format!("{} elements", self.elements.len()));
        }
        let got: Vec<Element> = got.elements().collect();
        self.lines.iter().try_for_each(|line| check(line, &line.iter().map(|i| got[*i]).collect::<Vec<_>>()))
    }

    /// Whether `got` holds the elements of a line in order. Zeros of both signs are equal and their order is open, so a sort by minima and
    /// maxima may return either for the other.
    fn check_values(&self, line: &[usize], got: &[Element]) -> Result<(), String> {
        let keys = |elements: &mut dyn Iterator<Item = Element>| {
            let mut keys: Vec<i128> = elements.map(without_zero_sign).map(key).collect();
            keys.sort_unstable();
            keys
        };
        if keys(&mut line.iter().map(|i| self.elements[*i])) != keys(&mut got.iter().copied()) {
            return Err("the same elements in each line".to_owned());
        }
        self.check_order(line, got)
    }

    fn check_order(&self, line: &[usize], sorted: &[Element]) -> Result<(), String> {
        let falls = |pair: &[Element]| self.order(pair[0], pair[1]) == Some(Ordering::Greater);
        match sorted.windows(2).find(|pair| falls(pair)) {
            Some(pair) if self.is_ordered(line) => Err(format!("{} before {}", pair[1], pair[0])),
            _ => Ok(()),
        }
    }

    /// Whether `got` holds the places of a line's elements in order, and equal elements in their original order if that is asked for.
    fn check_indices(&self, line: &[usize], got: &[Element]) -> Result<(), String> {
        let mut seen = vec![false; line.len()];
        let mut sorted = Vec::with_capacity(line.len());
        // The last place of each element by its key. Zeros of different signs have different keys, because they are in no order.
        let mut last: BTreeMap<i128, usize> = BTreeMap::new();
        for place in got {
            let place = usize::try_from(place.integer()).ok().filter(|place| *place < line.len());
            let Some(place) = place.filter(|place| !seen[*place]) else {
                return Err(format!("each index below {} once in each line", line.len()));
            };
            seen[place] = true;
            let element = self.elements[line[place]];
            let before = last.insert(key(element), place);
            if let Some(before) = before.filter(|before| self.stable && *before > place && self.is_ordered(line)) {
                return Err(format!("the index {place} before {before}, whose elements are equal"));
            }
            sorted.push(element);
        }
        self.check_order(line, &sorted)
    }
}

fn without_zero_sign(e: Element) -> Element {
    if e.truth() || is_nan(e) { e } else { Element::Int(0) }
}

/// A key for each real element. Zeros of different signs have different keys, all NaN have the same.
fn key(e: Element) -> i128 {
    match e {
        Element::Int(v) => v,
        other if is_nan(other) => i128::MAX,
        other => i128::from(other.components().0.to_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Given;
    use array_assay_interface::{DType, Defaults, Scalar};

    fn floats(shape: &[usize], values: &[f64]) -> Array {
        Array::from_elements(DType::Float64, shape.to_vec(), values.iter().map(|v| Element::F64(*v)))
    }

    fn ints(shape: &[usize], values: &[i128]) -> Array {
        Array::from_elements(DType::Int64, shape.to_vec(), values.iter().map(|v| Element::Int(*v)))
    }

    fn flag(v: bool) -> Given {
        Given::Scalar(Scalar::Bool(v))
    }

    fn run(function: &str, x: &Array, more: &[(&'static str, Given)]) -> Result<Expectation, Undefined> {
        let given = [&[("x", Given::Array(x.clone()))], more].concat();
        let dtype = if function == "sort" { x.dtype } else { DType::Int64 };
        crate::call::semantics(function).expect("the function has semantics")(&Call {
            given: &given,
            dtype: Some(dtype),
            defaults: Defaults::default(),
        })
    }

    fn expected(function: &str, x: &Array, more: &[(&'static str, Given)]) -> ArrayExpectation {
        match run(function, x, more) {
            Ok(Expectation::Array(array)) => array,
            other => panic!("{function}: {other:?}"),
        }
    }

    fn accepts(expectation: &ArrayExpectation, got: &Array) -> bool {
        match &expectation.elements {
            Elements::Exact(_) => expectation.example() == *got,
            Elements::Such(example, condition) => {
                let example = Array::from_elements(expectation.dtype, expectation.shape.clone(), example.iter().copied());
                condition.check(&example).expect("the example fulfils its condition");
                condition.check(got).is_ok()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_sorted_along_an_axis() {
        let x = ints(&[2, 3], &[3, 1, 2, -5, 9, 9]);
        assert_eq!(expected("sort", &x, &[]).example(), ints(&[2, 3], &[1, 2, 3, -5, 9, 9]));
        let first = [("axis", Given::Scalar(Scalar::Int(0)))];
        assert_eq!(expected("sort", &x, &first).example(), ints(&[2, 3], &[-5, 1, 2, 3, 9, 9]));
        assert_eq!(expected("argsort", &x, &first).example(), ints(&[2, 3], &[1, 0, 0, 0, 1, 1]));
        assert_eq!(expected("sort", &x, &[("descending", flag(true))]).example(), ints(&[2, 3], &[3, 2, 1, 9, 9, -5]));
        assert!(matches!(run("sort", &x, &[("axis", Given::Scalar(Scalar::Int(-3)))]), Ok(Expectation::Raises)));
        assert_eq!(run("sort", &ints(&[], &[1]), &[]).unwrap_err(), Undefined::Open);
        assert_eq!(expected("argsort", &ints(&[2, 0], &[]), &[]).example(), ints(&[2, 0], &[]));
    }

    #[test]
    fn equal_elements_keep_their_order_in_either_direction_where_that_is_asked_for() {
        let x = ints(&[4], &[7, 1, 7, 1]);
        for (descending, stable, other) in [(false, [1, 3, 0, 2], [3, 1, 0, 2]), (true, [0, 2, 1, 3], [2, 0, 3, 1])] {
            let descending = ("descending", flag(descending));
            let by_default = expected("argsort", &x, std::slice::from_ref(&descending));
            assert!(accepts(&by_default, &ints(&[4], &stable)) && !accepts(&by_default, &ints(&[4], &other)));
            let unstable = expected("argsort", &x, &[descending, ("stable", flag(false))]);
            assert!(accepts(&unstable, &ints(&[4], &stable)) && accepts(&unstable, &ints(&[4], &other)));
            assert!(!accepts(&unstable, &ints(&[4], &[1, 0, 2, 3])), "not sorted");
            assert!(!accepts(&unstable, &ints(&[4], &[1, 1, 0, 2])), "no permutation");
            assert!(!accepts(&unstable, &ints(&[4], &[1, 3, 0, 4])), "beyond the end");
        }
    }

    #[test]
    fn zeros_of_different_signs_stand_in_any_order() {
        let x = floats(&[4], &[0.0, -0.0, 0.0, -1.0]);
        let sorted = expected("sort", &x, &[]);
        assert!(accepts(&sorted, &floats(&[4], &[-1.0, 0.0, -0.0, 0.0])) && accepts(&sorted, &floats(&[4], &[-1.0, -0.0, 0.0, 0.0])));
        assert!(accepts(&sorted, &floats(&[4], &[-1.0, 0.0, 0.0, 0.0])), "a minimum may be either of two zeros");
        assert!(!accepts(&sorted, &floats(&[4], &[0.0, -1.0, -0.0, 0.0])), "not sorted");
        let indices = expected("argsort", &x, &[]);
        assert!(accepts(&indices, &ints(&[4], &[3, 0, 1, 2])) && accepts(&indices, &ints(&[4], &[3, 1, 0, 2])));
        assert!(!accepts(&indices, &ints(&[4], &[3, 1, 2, 0])), "the same zeros change places");
    }

    #[test]
    fn a_line_with_a_nan_is_only_permuted() {
        let nan = f64::NAN;
        let x = floats(&[2, 3], &[3.0, nan, 1.0, 3.0, 2.0, 1.0]);
        let sorted = expected("sort", &x, &[]);
        for line in [[1.0, 3.0, nan], [nan, 1.0, 3.0], [3.0, nan, 1.0]] {
            assert!(accepts(&sorted, &floats(&[2, 3], &[&line[..], &[1.0, 2.0, 3.0]].concat())));
            assert!(!accepts(&sorted, &floats(&[2, 3], &[&line[..], &[1.0, 3.0, 2.0]].concat())), "the other line is not sorted");
        }
        assert!(!accepts(&sorted, &floats(&[2, 3], &[nan, nan, 1.0, 1.0, 2.0, 3.0])));
        let indices = expected("argsort", &x, &[]);
        assert!(accepts(&indices, &ints(&[2, 3], &[2, 0, 1, 2, 1, 0])) && accepts(&indices, &ints(&[2, 3], &[0, 1, 2, 2, 1, 0])));
        assert!(!accepts(&indices, &ints(&[2, 3], &[0, 0, 1, 2, 1, 0])));
    }
}
