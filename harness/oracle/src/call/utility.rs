//! The functions of the category `utility`.

use array_assay_interface::{Array, DType, Element};

use super::arguments::illegal;
use super::shape::lines;
use super::statistical::Reduction;
use super::{ArrayExpectation, Call, Elements, Expectation, Near, Table, Undefined};
use crate::accuracy::Format;

/// The functions, by path.
pub(super) const FUNCTIONS: Table = &[("all", |call| test(call, false)), ("any", |call| test(call, true)), ("diff", diff)];

/// `all` and `any`: one element with this truth value decides. Without such an element the result is the other truth value.
fn test(call: &Call<'_>, decides: bool) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let reduction = Reduction::of(call, x)?;
    let truth = |group: &Vec<usize>| Element::Bool(group.iter().any(|i| x.get(*i).truth() == decides) == decides);
    let elements = reduction.groups.iter().map(truth).collect();
    Ok(Expectation::exact(call.result_dtype()?, reduction.shape, elements))
}

/// `diff`. The recursion fixes every operation and their order. Joined arrays of another dtype, and orders beyond the length, are open.
fn diff(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let axis = match call.axis("axis", x.shape.len())? {
        Some(axis) => axis,
        None => x.shape.len().checked_sub(1).ok_or_else(|| illegal("no axis to take differences along"))?,
    };
    let order = match call.integer("n") {
        None => 1,
        Some(n) => usize::try_from(n).map_err(|_| illegal(format!("differences of order {n}")))?,
    };
    if x.dtype == DType::Bool {
        return Err(Undefined::Open);
    }
    let other = |name| call.get(name).map(|_| joinable(call, name, x, axis)).transpose();
    let joined: Vec<&Array> = [other("prepend")?, Some(x), other("append")?].into_iter().flatten().collect();
    let length: usize = joined.iter().map(|array| array.shape[axis]).sum();
    let mut shape = x.shape.clone();
    shape[axis] = length.checked_sub(order).ok_or(Undefined::Open)?;
    let joined_lines = joined_lines(&joined, axis);
    let dtype = call.result_dtype()?;
    let elements = if x.dtype.is_integer() || order == 0 {
        let differences = joined_lines.into_iter().map(|line| integer_differences(line, order, dtype)).collect::<Result<Vec<_>, _>>()?;
        Elements::Exact(placed(&shape, axis, &differences, Element::Int(0)))
    } else {
        let differences: Vec<_> = joined_lines.iter().map(|line| floating_differences(line, order, dtype)).collect();
        Elements::Near(placed(&shape, axis, &differences, Near { re: 0.0, im: 0.0, bound: 0.0 }))
    };
    Ok(Expectation::Array(ArrayExpectation { dtype, shape, elements }))
}

/// An array to join to `x`. It has the dtype of `x`, and the shape of `x` except along the axis.
fn joinable<'a>(call: &Call<'a>, name: &str, x: &Array, axis: usize) -> Result<&'a Array, Undefined> {
    let other = call.array(name)?;
    let elsewhere = |shape: &[usize]| shape.iter().enumerate().filter(|(i, _)| *i != axis).map(|(_, n)| *n).collect::<Vec<_>>();
    if other.shape.len() != x.shape.len() || elsewhere(&other.shape) != elsewhere(&x.shape) {
        return Err(illegal(format!("`{name}` has shape {:?} beside {:?}", other.shape, x.shape)));
    }
    if other.dtype == x.dtype { Ok(other) } else { Err(Undefined::Open) }
}

/// The elements of several arrays joined along an axis, one line after the other.
fn joined_lines(arrays: &[&Array], axis: usize) -> Vec<Vec<Element>> {
    let by_array: Vec<Vec<Vec<usize>>> = arrays.iter().map(|array| lines(&array.shape, axis)).collect();
    (0..by_array[0].len())
        .map(|line| arrays.iter().zip(&by_array).flat_map(|(array, lines)| lines[line].iter().map(|i| array.get(*i))).collect())
        .collect()
}

/// The lines of an array of `shape` in C order.
fn placed<T: Copy>(shape: &[usize], axis: usize, values: &[Vec<T>], filler: T) -> Vec<T> {
    let mut out = vec![filler; shape.iter().product()];
    for (places, values) in lines(shape, axis).iter().zip(values) {
        for (place, value) in places.iter().zip(values) {
            out[*place] = *value;
        }
    }
    out
}

/// Differences of integers. Open if one is out of range.
fn integer_differences(mut line: Vec<Element>, order: usize, dtype: DType) -> Result<Vec<Element>, Undefined> {
    for _ in 0..order {
        let difference = |pair: &[Element]| pair[1].integer() - pair[0].integer();
        let in_range = |v: &i128| dtype.integer_range().is_some_and(|(low, high)| low <= *v && *v <= high);
        line = line
            .windows(2)
            .map(|pair| Some(difference(pair)).filter(in_range).map(Element::Int))
            .collect::<Option<_>>()
            .ok_or(Undefined::Open)?;
    }
    Ok(line)
}

/// Differences of floating-point numbers, component by component.
fn floating_differences(line: &[Element], order: usize, dtype: DType) -> Vec<Near> {
    let component = |of: fn((f64, f64)) -> f64| {
        let mut line: Vec<Rounded> = line.iter().map(|x| Rounded { value: of(x.components()), error: 0.0 }).collect();
        for _ in 0..order {
            line = line.windows(2).map(|pair| Rounded::difference(pair[1], pair[0], dtype)).collect();
        }
        line
    };
    let (re, im) = (component(|z| z.0), component(|z| z.1));
    re.iter().zip(&im).map(|(re, im)| Near { re: re.value, im: im.value, bound: re.error.hypot(im.error) }).collect()
}

/// A number that was computed with roundings.
#[derive(Debug, Clone, Copy)]
struct Rounded {
    value: f64,
    /// The largest difference between two results for any direction of rounding. It is infinite if one may overflow and the other not.
    error: f64,
}

impl Rounded {
    /// The difference, in the arithmetic of the components of `dtype`.
    fn difference(a: Rounded, b: Rounded, dtype: DType) -> Rounded {
        let format = Format::of(dtype);
        let difference = a.value - b.value;
        // The difference has more than twice the precision of single precision, so rounding twice is the same as rounding once.
        let value = if dtype.real() == DType::Float32 { f64::from(difference as f32) } else { difference };
        let carried = a.error + b.error;
        if !value.is_finite() {
            let special = !a.value.is_finite() || !b.value.is_finite() || carried == 0.0;
            return Rounded { value, error: if special && carried.is_finite() { 0.0 } else { f64::INFINITY } };
        }
        let greatest = (2.0 - f64::powi(2.0, 1 - format.precision)) * f64::powi(2.0, format.emax);
        if value.abs() + carried > greatest {
            return Rounded { value, error: f64::INFINITY };
        }
        let least = f64::powi(2.0, format.emin());
        let subnormal = |v: f64| v != 0.0 && v.abs() < least;
        let flushed = if subnormal(a.value) || subnormal(b.value) || subnormal(value) { least } else { 0.0 };
        let exact = carried == 0.0 && value == difference && residual(a.value, b.value) == 0.0;
        let ulp = if exact { 0.0 } else { f64::powi(2.0, 1 - format.precision) * (value.abs() + carried) };
        Rounded { value, error: carried + ulp + flushed }
    }
}

/// The rounding error of `a - b` (Knuth's TwoSum).
fn residual(a: f64, b: f64) -> f64 {
    let difference = a - b;
    let minus_b = difference - a;
    (a - (difference - minus_b)) + (-b - minus_b)
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{Defaults, Scalar};

    use super::super::{Given, semantics};
    use super::*;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    fn integers(dtype: DType, shape: &[usize], elements: &[i128]) -> Array {
        Array::from_elements(dtype, shape.to_vec(), elements.iter().map(|v| Element::Int(*v)))
    }

    fn reals(dtype: DType, elements: &[f64]) -> Array {
        Array::from_elements(dtype, vec![elements.len()], elements.iter().map(|v| Element::F64(*v)))
    }

    fn int(v: i128) -> Given {
        Given::Scalar(Scalar::Int(v))
    }

    fn call(function: &str, x: &Array, keywords: &[(&str, Given)]) -> Result<ArrayExpectation, Undefined> {
        let mut given = vec![("x", Given::Array(x.clone()))];
        given.extend(keywords.iter().cloned());
        let dtype = if function == "diff" { x.dtype } else { DType::Bool };
        let function = semantics(function).expect("it is in the table");
        match function(&Call { given: &given, dtype: Some(dtype), defaults: Defaults::default() })? {
            Expectation::Array(array) => Ok(array),
            other => panic!("{other:?}"),
        }
    }

    fn exact(expectation: Result<ArrayExpectation, Undefined>) -> (Vec<usize>, Vec<i128>) {
        let expectation = expectation.expect("it is defined");
        let Elements::Exact(elements) = expectation.elements else { panic!("{:?}", expectation.elements) };
        (expectation.shape, elements.into_iter().map(Element::integer).collect())
    }

    fn near(x: &Array, keywords: &[(&str, Given)]) -> Vec<Near> {
        let expectation = call("diff", x, keywords).expect("it is defined");
        let Elements::Near(near) = expectation.elements else { panic!("{:?}", expectation.elements) };
        near
    }

    #[test]
    fn truth_is_what_differs_from_zero() {
        for truthy in [NAN, INF, -INF, 5e-324] {
            assert_eq!(exact(call("all", &reals(DType::Float64, &[truthy, 1.0]), &[])), (vec![], vec![1]), "{truthy}");
            assert_eq!(exact(call("any", &reals(DType::Float64, &[0.0, truthy]), &[])), (vec![], vec![1]), "{truthy}");
        }
        assert_eq!(exact(call("any", &reals(DType::Float32, &[0.0, -0.0]), &[])).1, [0]);
        let imaginary = [Element::C128(0.0, 1.0), Element::C128(-0.0, 0.0)];
        let x = Array::from_elements(DType::Complex128, vec![2, 1], imaginary);
        assert_eq!(exact(call("all", &x, &[("axis", int(-1))])), (vec![2], vec![1, 0]));
        assert_eq!(exact(call("any", &x, &[("axis", int(0))])), (vec![1], vec![1]));
    }

    #[test]
    fn nothing_is_all_true_and_not_any() {
        let x = integers(DType::Int8, &[2, 0], &[]);
        let keep = [("axis", int(1)), ("keepdims", Given::Scalar(Scalar::Bool(true)))];
        assert_eq!(exact(call("all", &x, &keep)), (vec![2, 1], vec![1, 1]));
        assert_eq!(exact(call("any", &x, &keep)), (vec![2, 1], vec![0, 0]));
        assert_eq!(exact(call("all", &x, &[("axis", int(0))])), (vec![0], vec![]));
        assert_eq!(exact(call("all", &x, &[])), (vec![], vec![1]));
    }

    #[test]
    fn differences_are_taken_along_an_axis_of_what_is_joined() {
        let x = integers(DType::Int64, &[2, 3], &[1, 4, 9, 10, 20, 50]);
        assert_eq!(exact(call("diff", &x, &[])), (vec![2, 2], vec![3, 5, 10, 30]));
        assert_eq!(exact(call("diff", &x, &[("n", int(2))])), (vec![2, 1], vec![2, 20]));
        assert_eq!(exact(call("diff", &x, &[("n", int(3))])), (vec![2, 0], vec![]));
        assert_eq!(call("diff", &x, &[("n", int(4))]).unwrap_err(), Undefined::Open);
        assert_eq!(exact(call("diff", &x, &[("axis", int(0))])), (vec![1, 3], vec![9, 16, 41]));
        let joined = [
            ("prepend", Given::Array(integers(DType::Int64, &[2, 1], &[0, 0]))),
            ("append", Given::Array(integers(DType::Int64, &[2, 2], &[10, 11, 60, 61]))),
        ];
        assert_eq!(exact(call("diff", &x, &joined)), (vec![2, 5], vec![1, 3, 5, 1, 1, 10, 10, 30, 10, 1]));
        let zeroth = [joined[0].clone(), ("n", int(0))];
        assert_eq!(exact(call("diff", &x, &zeroth)), (vec![2, 4], vec![0, 1, 4, 9, 0, 10, 20, 50]));
        let wrong = [("prepend", Given::Array(integers(DType::Int64, &[1, 1], &[0])))];
        assert!(matches!(call("diff", &x, &wrong), Err(Undefined::Illegal(_))));
        let other = [("append", Given::Array(integers(DType::Int32, &[2, 1], &[0, 0])))];
        assert_eq!(call("diff", &x, &other).unwrap_err(), Undefined::Open);
        assert!(matches!(call("diff", &integers(DType::Int64, &[], &[1]), &[]), Err(Undefined::Illegal(_))));
    }

    #[test]
    fn integer_differences_out_of_range_are_open() {
        assert_eq!(exact(call("diff", &integers(DType::Uint8, &[3], &[1, 7, 255]), &[])).1, [6, 248]);
        assert_eq!(call("diff", &integers(DType::Uint8, &[2], &[7, 1]), &[]).unwrap_err(), Undefined::Open);
        // The first differences are out of range, but the second one is not.
        assert_eq!(call("diff", &integers(DType::Int8, &[3], &[-100, 100, 100]), &[("n", int(2))]).unwrap_err(), Undefined::Open);
    }

    #[test]
    fn each_difference_of_floats_is_rounded_once() {
        let sharp = near(&reals(DType::Float32, &[0.25, 3.0, 3.0]), &[]);
        assert_eq!(sharp, [Near { re: 2.75, im: 0.0, bound: 0.0 }, Near { re: 0.0, im: 0.0, bound: 0.0 }]);
        let rounded = near(&reals(DType::Float32, &[0.1, 1e6]), &[])[0];
        assert_eq!(rounded.re, f64::from(1e6f32 - 0.1f32));
        assert!(rounded.bound > 0.05 && rounded.bound < 0.2, "{rounded:?}");
        let second = near(&reals(DType::Float64, &[0.1, 1e6, 0.3]), &[("n", int(2))])[0];
        assert_eq!(second.re, (0.3 - 1e6) - (1e6 - 0.1));
        assert!(second.bound > 2e-10 && second.bound < 3e-9, "{second:?}");
    }

    #[test]
    fn special_values_follow_the_recursion() {
        let bits = |near: &[Near]| near.iter().map(|n| (n.re, n.bound)).collect::<Vec<_>>();
        assert_eq!(bits(&near(&reals(DType::Float64, &[1.0, INF, 2.0, -1e308, 1e308]), &[])[..2]), [(INF, 0.0), (-INF, 0.0)]);
        assert_eq!(near(&reals(DType::Float64, &[-1e308, 1e308]), &[])[0].re, INF);
        assert!(near(&reals(DType::Float64, &[INF, INF]), &[])[0].re.is_nan());
        // One of the first differences may be rounded up, so that the second one overflows.
        assert_eq!(near(&reals(DType::Float32, &[1.0, f64::from(f32::MAX / 2.0), -1.0]), &[("n", int(2))])[0].bound, INF);
        let complex = Array::from_elements(DType::Complex64, vec![2], [Element::C64(1.0, f32::NAN), Element::C64(3.0, 0.0)]);
        let difference = near(&complex, &[])[0];
        assert!(difference.re == 2.0 && difference.im.is_nan() && difference.bound == 0.0);
    }
}
