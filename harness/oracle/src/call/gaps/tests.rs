//! Tests with known values of the functions that the standard lacks. The values were computed by hand.

use array_assay_interface::{Array, DType, Defaults, Element, Scalar, Value};

use crate::call::{ArrayExpectation, Call, Elements, Expectation, Given, Undefined, semantics};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn reals(shape: &[usize], elements: &[f64]) -> Given {
    Given::Array(Array::from_elements(DType::Float64, shape.to_vec(), elements.iter().map(|v| Element::F64(*v))))
}

fn vector(elements: &[f64]) -> Given {
    reals(&[elements.len()], elements)
}

fn integers(dtype: DType, shape: &[usize], elements: &[i128]) -> Given {
    Given::Array(Array::from_elements(dtype, shape.to_vec(), elements.iter().map(|v| Element::Int(*v))))
}

fn ints(elements: &[i128]) -> Given {
    integers(DType::Int64, &[elements.len()], elements)
}

fn int(v: i128) -> Given {
    Given::Scalar(Scalar::Int(v))
}

fn flag(v: bool) -> Given {
    Given::Scalar(Scalar::Bool(v))
}

fn text(v: &str) -> Given {
    Given::Str(v.to_owned())
}

fn call(name: &str, dtype: DType, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
    semantics(name).expect("it is in a table")(&Call { given, dtype: Some(dtype), defaults: Defaults::default() })
}

fn array(name: &str, dtype: DType, given: &[(&str, Given)]) -> ArrayExpectation {
    match call(name, dtype, given) {
        Ok(Expectation::Array(array)) => array,
        other => panic!("{name}: {other:?}"),
    }
}

/// Checks the real elements of a result, and that their error bounds are as small as rounding allows.
#[track_caller]
fn gives(name: &str, given: &[(&str, Given)], wanted: &[f64]) {
    let got = array(name, DType::Float64, given);
    if let Elements::Near(near) = &got.elements {
        assert!(near.iter().all(|n| n.bound <= 1e-12 * n.re.abs().max(1.0)), "{name}: {near:?}");
    }
    let got: Vec<f64> = got.example().elements().map(|e| e.components().0).collect();
    let same =
        |(got, wanted): (&f64, &f64)| got == wanted || got.is_nan() && wanted.is_nan() || (got - wanted).abs() <= 1e-14 * wanted.abs();
    assert!(got.len() == wanted.len() && got.iter().zip(wanted).all(same), "{name}: {got:?} instead of {wanted:?}");
}

/// Checks that a result has exactly these integers, in this shape.
#[track_caller]
fn gives_integers(name: &str, dtype: DType, given: &[(&str, Given)], shape: &[usize], wanted: &[i128]) {
    let got = array(name, dtype, given);
    let elements: Vec<i128> = got.example().elements().map(Element::integer).collect();
    assert_eq!((got.shape.as_slice(), elements.as_slice(), got.dtype), (shape, wanted, dtype), "{name}");
}

#[track_caller]
fn is_open(name: &str, given: &[(&str, Given)]) {
    assert_eq!(call(name, DType::Float64, given).unwrap_err(), Undefined::Open, "{name}");
}

/// Whether the expectation accepts an array.
fn takes(expectation: &ArrayExpectation, got: &Given) -> bool {
    let (Given::Array(got), Elements::Such(_, condition)) = (got, &expectation.elements) else { panic!("{expectation:?}") };
    condition.check(got).is_ok()
}

#[test]
fn nan_is_left_out_and_infinities_are_numbers() {
    gives("nanmin", &[("x", vector(&[INF, NAN, INF]))], &[INF]);
    gives("nanmin", &[("x", vector(&[3.0, NAN, 2.0]))], &[2.0]);
    gives("nanmin", &[("x", vector(&[NAN, NAN]))], &[NAN]);
    gives("nanmax", &[("x", vector(&[-INF, NAN]))], &[-INF]);
    gives("nanmax", &[("x", reals(&[2, 2], &[1.0, NAN, 5.0, NAN])), ("axis", int(0)), ("keepdims", flag(true))], &[5.0, NAN]);
    gives("nansum", &[("x", vector(&[1.0, NAN, 2.5]))], &[3.5]);
    gives("nansum", &[("x", vector(&[NAN]))], &[0.0]);
    gives("nanprod", &[("x", vector(&[NAN, NAN]))], &[1.0]);
    gives("nanmean", &[("x", vector(&[1.0, NAN, 2.0]))], &[1.5]);
    gives("nanmean", &[("x", vector(&[NAN]))], &[NAN]);
    // The deviations of 1, 3 and 5 from their mean 3 have the squares 4, 0 and 4.
    gives("nanvar", &[("x", vector(&[1.0, NAN, 3.0, 5.0]))], &[8.0 / 3.0]);
    gives("nanvar", &[("x", vector(&[1.0, NAN, 3.0, 5.0])), ("correction", int(1))], &[4.0]);
    gives("nanstd", &[("x", vector(&[1.0, NAN, 3.0, 5.0])), ("correction", int(1))], &[2.0]);
    gives("nanvar", &[("x", vector(&[1.0, NAN])), ("correction", int(1))], &[NAN]);
    gives("nancumsum", &[("x", vector(&[1.0, NAN, 2.0]))], &[1.0, 1.0, 3.0]);
    gives("nancumprod", &[("x", vector(&[NAN, 2.0, NAN, 3.0]))], &[1.0, 2.0, 2.0, 6.0]);
    gives("nanargmin", &[("x", vector(&[NAN, 2.0, 1.0, 1.0]))], &[2.0]);
    gives("nanargmax", &[("x", vector(&[NAN, -INF]))], &[1.0]);
    is_open("nanargmax", &[("x", vector(&[NAN]))]);
    gives_integers("nanmin", DType::Uint64, &[("x", integers(DType::Uint64, &[2], &[u64::MAX.into(), 7]))], &[], &[7]);
}

#[test]
fn order_statistics_interpolate() {
    gives("median", &[("x", vector(&[4.0, 1.0, 3.0]))], &[3.0]);
    gives("median", &[("x", vector(&[4.0, 1.0, 3.0, 2.0]))], &[2.5]);
    gives("median", &[("x", vector(&[4.0, NAN, 3.0]))], &[NAN]);
    gives("nanmedian", &[("x", vector(&[4.0, NAN, 3.0]))], &[3.5]);
    gives("nanmedian", &[("x", vector(&[NAN]))], &[NAN]);
    // The position 0.25 * 3 lies between the first two sorted elements.
    let x = vector(&[10.0, 40.0, 20.0, 30.0]);
    gives("quantile", &[("x", x.clone()), ("q", vector(&[0.0, 0.25, 1.0]))], &[10.0, 17.5, 40.0]);
    gives("percentile", &[("x", x.clone()), ("q", reals(&[], &[25.0]))], &[17.5]);
    // The position is 0.75, and for 0.125 it is 0.375.
    for (method, wanted) in [("lower", [10.0, 10.0]), ("higher", [20.0, 20.0]), ("nearest", [20.0, 10.0]), ("midpoint", [15.0, 15.0])] {
        gives("quantile", &[("x", x.clone()), ("q", vector(&[0.25, 0.125])), ("method", text(method))], &wanted);
        gives("nanpercentile", &[("x", x.clone()), ("q", vector(&[25.0, 12.5])), ("method", text(method))], &wanted);
        gives("quantile", &[("x", x.clone()), ("q", vector(&[0.0, 1.0])), ("method", text(method))], &[10.0, 40.0]);
    }
    // The position 1.5 is as near to either neighbour, and rounding errors may put the position 1 on either side.
    let either = |x: &[f64], q: f64, method: &str, wanted: &[f64]| {
        let expected = array("quantile", DType::Float64, &[("x", vector(x)), ("q", vector(&[q])), ("method", text(method))]);
        x.iter().all(|v| takes(&expected, &vector(&[*v])) == wanted.contains(v))
    };
    assert!(either(&[10.0, 20.0, 30.0, 40.0], 0.5, "nearest", &[20.0, 30.0]));
    assert!(either(&[10.0, 20.0, 30.0], 0.5, "lower", &[10.0, 20.0]));
    assert!(either(&[10.0, 20.0, 30.0], 0.5, "higher", &[20.0, 30.0]));
    gives("nanquantile", &[("x", vector(&[NAN, 1.0, 2.0])), ("q", reals(&[], &[0.5]))], &[1.5]);
    let by_row = array("quantile", DType::Float64, &[("x", reals(&[2, 1], &[1.0, 2.0])), ("q", vector(&[0.5; 3])), ("axis", int(1))]);
    assert_eq!(by_row.shape, [3, 2], "the shape of `q` comes first");
    is_open("quantile", &[("x", x), ("q", reals(&[], &[1.5]))]);
    is_open("median", &[("x", vector(&[]))]);
}

#[test]
fn statistics_have_known_values() {
    gives("average", &[("x", vector(&[1.0, 4.0])), ("weights", vector(&[0.75, 0.25]))], &[1.75]);
    is_open("average", &[("x", vector(&[1.0, 4.0])), ("weights", vector(&[1.0, -1.0]))]);
    gives("ptp", &[("x", vector(&[3.0, -1.0, 2.0]))], &[4.0]);
    is_open("ptp", &[("x", integers(DType::Int8, &[2], &[-128, 127]))]);
    // The rows are 1, 2, 3 and 6, 4, 2. Their variances are 1 and 4, and their covariance is -2.
    let rows = reals(&[2, 3], &[1.0, 2.0, 3.0, 6.0, 4.0, 2.0]);
    gives("cov", &[("x", rows.clone())], &[1.0, -2.0, -2.0, 4.0]);
    gives("cov", &[("x", rows.clone()), ("bias", flag(true))], &[2.0 / 3.0, -4.0 / 3.0, -4.0 / 3.0, 8.0 / 3.0]);
    gives("corrcoef", &[("x", rows.clone())], &[1.0, -1.0, -1.0, 1.0]);
    // The columns are 1, 6 and 2, 4 and 3, 2: they deviate from their means by 2.5, 1 and -0.5.
    let columns = [("x", rows), ("rowvar", flag(false))];
    gives("cov", &columns, &[12.5, 5.0, -2.5, 5.0, 2.0, -1.0, -2.5, -1.0, 0.5]);
    gives("corrcoef", &columns, &[1.0, 1.0, -1.0, 1.0, 1.0, -1.0, -1.0, -1.0, 1.0]);
    gives("cov", &[("x", vector(&[1.0, 3.0])), ("rowvar", flag(false))], &[2.0]);
    let weighted = [("x", ints(&[1, 3, 1])), ("weights", vector(&[0.5, INF, 2.0])), ("minlength", int(5))];
    gives("bincount", &weighted, &[0.0, 2.5, 0.0, INF, 0.0]);
    is_open("bincount", &[("x", ints(&[])), ("weights", vector(&[]))]);
    gives_integers("bincount", DType::Int64, &[("x", ints(&[1, 3, 1])), ("minlength", int(2))], &[4], &[0, 2, 0, 1]);
    gives_integers("bincount", DType::Int64, &[("x", ints(&[])), ("minlength", int(2))], &[2], &[0, 0]);
    let bins = ("bins", vector(&[0.0, 1.0, 2.0]));
    gives_integers("digitize", DType::Int64, &[("x", vector(&[-1.0, 1.0, 5.0])), bins.clone()], &[3], &[0, 2, 3]);
    gives_integers("digitize", DType::Int64, &[("x", vector(&[-1.0, 1.0, 5.0])), bins, ("right", flag(true))], &[3], &[0, 1, 3]);
    let points = [("x", vector(&[-1.0, 0.5, 3.0, NAN])), ("xp", vector(&[0.0, 2.0])), ("fp", vector(&[10.0, 20.0]))];
    gives("interp", &points, &[10.0, 12.5, 20.0, NAN]);
    let ends = [("left", Given::Scalar(Scalar::Float(-7.5))), ("right", Given::Scalar(Scalar::Float(NAN)))];
    gives("interp", &[&points[..], &ends].concat(), &[-7.5, 12.5, NAN, NAN]);
    let at_ends = [("x", vector(&[0.0, 2.0])), ("xp", vector(&[0.0, 2.0])), ("fp", vector(&[10.0, 20.0]))];
    gives("interp", &[&at_ends[..], &ends].concat(), &[10.0, 20.0]);
    gives("trapezoid", &[("y", vector(&[1.0, 2.0, 4.0])), ("dx", Given::Scalar(Scalar::Float(0.5)))], &[2.25]);
    let convolve = |mode: &str| [("x1", ints(&[1, 2, 3])), ("x2", ints(&[0, 1, 5, 7])), ("mode", text(mode))];
    gives_integers("convolve", DType::Int64, &convolve("full"), &[6], &[0, 1, 7, 20, 29, 21]);
    gives_integers("convolve", DType::Int64, &convolve("same"), &[4], &[1, 7, 20, 29]);
    gives_integers("convolve", DType::Int64, &convolve("valid"), &[2], &[7, 20]);
}

#[test]
fn the_largest_come_in_any_order_with_their_places() {
    let Ok(Expectation::Tuple(parts)) = call("top_k", DType::Int64, &[("x", ints(&[5, 9, 5, 1])), ("k", int(2))]) else { panic!() };
    let [Expectation::Array(values), Expectation::Array(indices)] = &parts[..] else { panic!() };
    assert!(takes(values, &ints(&[5, 9])) && takes(values, &ints(&[9, 5])) && !takes(values, &ints(&[9, 9])));
    assert!(takes(indices, &ints(&[1, 2])) && takes(indices, &ints(&[0, 1])));
    assert!(!takes(indices, &ints(&[0, 2])) && !takes(indices, &ints(&[1, 1])) && !takes(indices, &ints(&[1, 4])));
}

#[test]
fn sets_have_no_order() {
    let both = [("x1", ints(&[3, 1, 3])), ("x2", ints(&[2, 3]))];
    for (name, set) in [("union1d", &[1i128, 2, 3][..]), ("intersect1d", &[3]), ("setdiff1d", &[1]), ("setxor1d", &[1, 2])] {
        let expected = array(name, DType::Int64, &both);
        assert_eq!(expected.shape, [set.len()], "{name}");
        let reversed: Vec<i128> = set.iter().rev().copied().collect();
        assert!(takes(&expected, &ints(set)) && takes(&expected, &ints(&reversed)), "{name}");
        assert!(!takes(&expected, &ints(&vec![7; set.len()])), "{name}");
    }
    gives("nunique", &[("x", vector(&[0.0, -0.0, 2.0]))], &[2.0]);
    is_open("nunique", &[("x", vector(&[NAN]))]);
}

#[test]
fn elements_move_to_known_places() {
    let m = integers(DType::Int64, &[2, 3], &[1, 2, 3, 4, 5, 6]);
    let same = |name: &str, extra: &[(&str, Given)], shape: &[usize], wanted: &[i128]| {
        gives_integers(name, DType::Int64, &[&[("x", m.clone())], extra].concat(), shape, wanted);
    };
    same("ravel", &[], &[6], &[1, 2, 3, 4, 5, 6]);
    same("atleast_3d", &[], &[2, 3, 1], &[1, 2, 3, 4, 5, 6]);
    same("fliplr", &[], &[2, 3], &[3, 2, 1, 6, 5, 4]);
    same("flipud", &[], &[2, 3], &[4, 5, 6, 1, 2, 3]);
    same("swapaxes", &[("axis1", int(0)), ("axis2", int(-1))], &[3, 2], &[1, 4, 2, 5, 3, 6]);
    same("rot90", &[], &[3, 2], &[3, 6, 2, 5, 1, 4]);
    same("rot90", &[("k", int(2))], &[2, 3], &[6, 5, 4, 3, 2, 1]);
    same("rot90", &[("k", int(-1))], &[3, 2], &[4, 1, 5, 2, 6, 3]);
    same("diag", &[], &[2], &[1, 5]);
    same("diag", &[("k", int(1))], &[2], &[2, 6]);
    same("diag", &[("k", int(-2))], &[0], &[]);
    same("pad", &[("pad_width", int(1)), ("mode", text("edge"))], &[4, 5], &[1, 1, 2, 3, 3, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6]);
    same("argwhere", &[], &[6, 2], &[0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2]);
    gives_integers("pad", DType::Int64, &[("x", ints(&[7])), ("pad_width", int(1))], &[3], &[0, 7, 0]);
    let constant = [("x", ints(&[7])), ("pad_width", int(1)), ("constant_values", int(-4))];
    gives_integers("pad", DType::Int64, &constant, &[3], &[-4, 7, -4]);
    gives_integers("diag", DType::Int64, &[("x", ints(&[7, 8])), ("k", int(-1))], &[3, 3], &[0, 0, 0, 7, 0, 0, 0, 8, 0]);
    gives_integers("atleast_3d", DType::Int64, &[("x", ints(&[7, 8]))], &[1, 2, 1], &[7, 8]);
    gives_integers("one_hot", DType::Float64, &[("x", ints(&[2, 0])), ("num_classes", int(3))], &[2, 3], &[0, 0, 1, 1, 0, 0]);
    let arrays = [("arrays", Given::Tuple(vec![ints(&[1, 2]), ints(&[3, 4])]))];
    gives_integers("vstack", DType::Int64, &arrays, &[2, 2], &[1, 2, 3, 4]);
    gives_integers("hstack", DType::Int64, &arrays, &[4], &[1, 2, 3, 4]);
    gives_integers("dstack", DType::Int64, &arrays, &[1, 2, 2], &[1, 3, 2, 4]);
    gives_integers("column_stack", DType::Int64, &arrays, &[2, 2], &[1, 3, 2, 4]);
}

#[test]
fn axes_are_split_evenly_or_nearly() {
    let parts = |name: &str, sections: i128| match call(name, DType::Int64, &[("x", ints(&[1, 2, 3, 4, 5])), ("sections", int(sections))]) {
        Ok(Expectation::List(parts)) => parts.iter().map(|part| part.example().map(|v| v.to_string()).unwrap_or_default()).collect(),
        _ => Vec::new(),
    };
    assert_eq!(parts("array_split", 3).len(), 3);
    assert!(parts("array_split", 3)[0].contains("[1, 2]") && parts("array_split", 3)[2].contains("[5]"));
    assert!(parts("split", 3).is_empty() && parts("split", 5).len() == 5);
}

#[test]
fn indices_are_known() {
    let pair = |name: &str, given: &[(&str, Given)]| match call(name, DType::Int64, given) {
        Ok(Expectation::Tuple(parts)) => parts.iter().filter_map(|part| part.example()).map(|v| v.to_string()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let below = pair("tril_indices", &[("n", int(3)), ("m", int(2)), ("k", int(-1))]);
    assert!(below[0].contains("[1, 2, 2]") && below[1].contains("[0, 0, 1]"), "{below:?}");
    let above = pair("triu_indices", &[("n", int(2)), ("k", int(1))]);
    assert!(above[0].contains("[0]") && above[1].contains("[1]"), "{above:?}");
    assert_eq!(pair("diag_indices", &[("n", int(2)), ("ndim", int(3))]).len(), 3);
    let shape = Given::Tuple(vec![int(3), int(4)]);
    let places = pair("unravel_index", &[("indices", ints(&[0, 7, 11])), ("shape", shape)]);
    assert!(places[0].contains("[0, 1, 2]") && places[1].contains("[0, 3, 3]"), "{places:?}");
    gives_integers("flatnonzero", DType::Int64, &[("x", vector(&[0.0, NAN, -0.0, 2.0]))], &[2], &[1, 3]);
    // The last key counts first, so 0 comes before 1. The first key decides among equals.
    let keys = Given::Tuple(vec![ints(&[3, 1, 2, 1]), ints(&[1, 0, 0, 1])]);
    gives_integers("lexsort", DType::Int64, &[("keys", keys)], &[4], &[1, 2, 3, 0]);
}

#[test]
fn partitions_put_one_element_in_its_place() {
    let given = [("x", ints(&[4, 1, 3, 2])), ("kth", int(2))];
    let values = array("partition", DType::Int64, &given);
    assert!(takes(&values, &ints(&[1, 2, 3, 4])) && takes(&values, &ints(&[2, 1, 3, 4])));
    assert!(!takes(&values, &ints(&[1, 3, 2, 4])) && !takes(&values, &ints(&[1, 1, 3, 4])));
    let indices = array("argpartition", DType::Int64, &given);
    assert!(takes(&indices, &ints(&[1, 3, 2, 0])) && takes(&indices, &ints(&[3, 1, 2, 0])));
    assert!(!takes(&indices, &ints(&[1, 1, 2, 0])) && !takes(&indices, &ints(&[1, 2, 3, 0])));
}

#[test]
fn functions_of_elements_have_known_values() {
    use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, PI};
    gives("deg2rad", &[("x", vector(&[180.0, INF]))], &[PI, INF]);
    gives("rad2deg", &[("x", vector(&[PI, NAN]))], &[180.0, NAN]);
    gives("exp2", &[("x", vector(&[3.0, -0.5, -INF, 2000.0]))], &[8.0, FRAC_1_SQRT_2, 0.0, INF]);
    gives("cbrt", &[("x", vector(&[-27.0, -INF]))], &[-3.0, -INF]);
    gives("sinc", &[("x", vector(&[0.0, 0.5, 1.0]))], &[1.0, FRAC_2_PI, 0.0]);
    let pair = [("x1", vector(&[NAN, 1.0, 3.0])), ("x2", vector(&[2.0, NAN, 4.0]))];
    gives("fmax", &pair, &[2.0, 1.0, 4.0]);
    gives("fmin", &pair, &[2.0, 1.0, 3.0]);
    gives("fmod", &[("x1", vector(&[-7.0, 5.0])), ("x2", vector(&[3.0, -3.0]))], &[-1.0, 2.0]);
    gives("heaviside", &[("x1", vector(&[-2.0, 0.0, INF, NAN])), ("x2", vector(&[9.0]))], &[0.0, 9.0, 1.0, NAN]);
    gives("nan_to_num", &[("x", vector(&[NAN, INF, -INF, 1.5]))], &[0.0, f64::MAX, -f64::MAX, 1.5]);
    let others = [("nan", int(-1)), ("posinf", Given::Scalar(Scalar::Float(7.5))), ("neginf", Given::Scalar(Scalar::Float(NAN)))];
    gives("nan_to_num", &[&[("x", vector(&[NAN, INF, -INF, 1.5]))], &others[..]].concat(), &[-1.0, 7.5, NAN, 1.5]);
    is_open("nan_to_num", &[("x", vector(&[NAN])), ("nan", Given::Scalar(Scalar::Float(INF)))]);
    gives("logaddexp2", &[("x1", vector(&[3.0, -INF])), ("x2", vector(&[3.0, -INF]))], &[4.0, -INF]);
    gives("ldexp", &[("x1", vector(&[0.75, 1.0, 0.0])), ("x2", ints(&[4, -2000, 5000]))], &[12.0, 0.0, 0.0]);
    let numbers = integers(DType::Int8, &[2], &[12, -18]);
    gives_integers("gcd", DType::Int8, &[("x1", numbers.clone()), ("x2", integers(DType::Int8, &[1], &[-8]))], &[2], &[4, 2]);
    gives_integers("lcm", DType::Int8, &[("x1", numbers), ("x2", integers(DType::Int8, &[1], &[-8]))], &[2], &[24, 72]);
    is_open("gcd", &[("x1", integers(DType::Int8, &[1], &[-128])), ("x2", integers(DType::Int8, &[1], &[0]))]);
    gives_integers("bitwise_count", DType::Uint8, &[("x", integers(DType::Int8, &[3], &[-1, 7, -128]))], &[3], &[1, 3, 1]);
    let z = Given::Array(Array::from_elements(DType::Complex128, vec![2], [Element::C128(-1.0, 0.0), Element::C128(0.0, -2.0)]));
    gives("angle", &[("x", z)], &[PI, -PI / 2.0]);
}

#[test]
fn nan_equals_nan_if_asked() {
    let equal = |a: &[f64], b: &[f64], nan: bool| [("x1", vector(a)), ("x2", vector(b)), ("equal_nan", flag(nan))];
    gives("array_equal", &equal(&[1.0, NAN], &[1.0, NAN], true), &[1.0]);
    gives("array_equal", &equal(&[1.0, NAN], &[1.0, NAN], false), &[0.0]);
    gives("array_equal", &equal(&[1.0, NAN], &[1.0, 2.0], true), &[0.0]);
}

#[test]
fn closeness_is_free_where_rounding_decides() {
    let close = |a: f64, b: f64| {
        let expected = array("isclose", DType::Bool, &[("x1", vector(&[a])), ("x2", vector(&[b]))]);
        let is = |v: bool| takes(&expected, &Given::Array(Array::from_elements(DType::Bool, vec![1], [Element::Bool(v)])));
        (is(true), is(false))
    };
    assert_eq!(close(1.0, 1.0 + 1e-6), (true, false));
    assert_eq!(close(1.0, 1.1), (false, true));
    assert_eq!(close(1.0 + 1.00001e-8, 0.0), (false, true));
    assert_eq!(close(0.0, 1e-8 / (1.0 - 1e-5)), (true, true));
    assert_eq!((close(INF, INF), close(INF, 1.0), close(NAN, NAN)), ((true, false), (false, true), (false, true)));
}

#[test]
fn special_functions_have_known_values() {
    use std::f64::consts::{LN_2, PI};
    gives("erf", &[("x", vector(&[0.0, 1.0, INF]))], &[0.0, 0.842_700_792_949_714_9, 1.0]);
    gives("exp10", &[("x", vector(&[3.0]))], &[1000.0]);
    gives("expit", &[("x", vector(&[0.0, -INF, INF]))], &[0.5, 0.0, 1.0]);
    gives("logit", &[("x", vector(&[0.0, 0.5, 1.0]))], &[-INF, 0.0, INF]);
    gives("entr", &[("x", vector(&[0.0, 0.5, -1.0]))], &[0.0, 0.5 * LN_2, -INF]);
    gives("gamma", &[("x", vector(&[5.0, 0.5]))], &[24.0, PI.sqrt()]);
    gives("gammaln", &[("x", vector(&[1.0, 0.0]))], &[0.0, INF]);
    gives("xlogy", &[("x1", vector(&[0.0, 2.0, 0.0])), ("x2", vector(&[0.0, 1.0, NAN]))], &[0.0, 0.0, NAN]);
    gives("xlog1py", &[("x1", vector(&[0.0, 2.0])), ("x2", vector(&[-1.0, 0.0]))], &[0.0, 0.0]);
    gives("logsumexp", &[("x", vector(&[1000.0, 1000.0]))], &[1000.0 + LN_2]);
    gives("logsumexp", &[("x", vector(&[-INF, -INF]))], &[-INF]);
    gives("logsumexp", &[("x", vector(&[INF, -INF]))], &[INF]);
    gives("softmax", &[("x", vector(&[0.0, 0.0]))], &[0.5, 0.5]);
}

#[test]
fn products_of_matrices_have_known_values() {
    let (a, b) = (integers(DType::Int64, &[2, 2], &[1, 2, 3, 4]), integers(DType::Int64, &[2, 2], &[0, 1, 1, 0]));
    let einsum = |subscripts: &str, shape: &[usize], wanted: &[i128]| {
        let operands = Given::Tuple(vec![a.clone(), b.clone()]);
        gives_integers("einsum", DType::Int64, &[("subscripts", text(subscripts)), ("operands", operands)], shape, wanted);
    };
    einsum("ij,jk->ik", &[2, 2], &[2, 1, 4, 3]);
    einsum("ij,kj->ik", &[2, 2], &[2, 1, 4, 3]);
    einsum("ij,ij->", &[], &[5]);
    einsum("ij,ij->j", &[2], &[3, 2]);
    gives_integers("kron", DType::Int64, &[("x1", ints(&[1, 2])), ("x2", ints(&[3, 4]))], &[4], &[3, 4, 6, 8]);
    gives_integers("kron", DType::Int64, &[("x1", a.clone()), ("x2", ints(&[1, 10]))], &[2, 4], &[1, 10, 2, 20, 3, 30, 4, 40]);
    gives("norm", &[("x", vector(&[3.0, 4.0]))], &[5.0]);
    gives("norm", &[("x", vector(&[INF, 4.0]))], &[INF]);
}

#[test]
fn differences_along_an_axis() {
    gives("gradient", &[("x", vector(&[1.0, 2.0, 4.0, 7.0])), ("axis", int(-1))], &[1.0, 1.5, 2.5, 3.0]);
    gives("gradient", &[("x", reals(&[2, 2], &[1.0, 2.0, 4.0, 7.0])), ("axis", int(0))], &[3.0, 5.0, 3.0, 5.0]);
    let apart = ("spacing", Given::Scalar(Scalar::Float(0.5)));
    gives("gradient", &[("x", vector(&[1.0, 2.0, 4.0, 7.0])), apart, ("axis", int(0))], &[2.0, 3.0, 5.0, 6.0]);
    let turn = std::f64::consts::TAU;
    gives("unwrap", &[("x", vector(&[0.0, 3.0, 6.0 - turn, 9.0 - turn]))], &[0.0, 3.0, 6.0, 9.0]);
    // Half a turn may go in either direction.
    let tie = array("unwrap", DType::Float64, &[("x", vector(&[0.0, turn / 2.0, 0.5]))]);
    assert!(matches!(&tie.elements, Elements::Near(near) if near[0].bound < 1e-12 && near[1].bound == INF && near[2].bound == INF));
}

#[test]
fn numbers_are_put_along_an_axis() {
    let x = integers(DType::Int64, &[2, 3], &[1, 2, 3, 4, 5, 6]);
    let given = |indices: Given, axis: i128| [("x", x.clone()), ("indices", indices), ("values", int(0)), ("axis", int(axis))];
    gives_integers("put_along_axis", DType::Int64, &given(integers(DType::Int64, &[2, 1], &[1, -1]), 1), &[2, 3], &[1, 0, 3, 4, 5, 0]);
    // One index stands for the whole axis.
    gives_integers("put_along_axis", DType::Int64, &given(integers(DType::Int64, &[1, 1], &[1]), 0), &[2, 3], &[1, 2, 3, 0, 0, 0]);
}

#[test]
fn the_last_bin_has_both_edges() {
    let given = [("x", vector(&[0.0, 0.5, 1.0, 2.0, 2.5, NAN])), ("bins", vector(&[0.0, 1.0, 2.0]))];
    let Ok(Expectation::Tuple(parts)) = call("histogram", DType::Float64, &given) else { panic!("no tuple") };
    let Expectation::Array(counts) = &parts[0] else { panic!("no counts") };
    assert_eq!(counts.example().elements().map(Element::integer).collect::<Vec<_>>(), [2, 2]);
    is_open("histogram", &[("x", vector(&[1.0])), ("bins", vector(&[2.0, 1.0]))]);
}

/// Checks that the grading accepts an array, and that it refuses the array with one element changed by a millionth.
#[track_caller]
fn grades(name: &str, given: &[(&str, Given)], shape: &[usize], right: &[f64]) {
    let Ok(Expectation::Graded(_, grading)) = call(name, DType::Float64, given) else { panic!("{name} is not graded") };
    let good = |elements: &[f64]| {
        let Given::Array(array) = reals(shape, elements) else { unreachable!("it makes an array") };
        grading.grades(&Value::Array(array)).unwrap().iter().all(|grade| grade.ratio <= grade.threshold)
    };
    assert!(good(right), "{name}");
    let wrong: Vec<f64> = right.iter().enumerate().map(|(i, v)| if i == 0 { v + 1e-6 } else { *v }).collect();
    assert!(!good(&wrong), "{name}");
}

#[test]
fn functions_of_matrices() {
    grades("cond", &[("x", reals(&[2, 2], &[4.0, 0.0, 0.0, 0.5]))], &[], &[8.0]);
    grades("cond", &[("x", reals(&[2, 2], &[4.0, 0.0, 0.0, 0.5])), ("p", int(-2))], &[], &[0.125]);
    // The inverse of [[2, 7], [1, 4]] is [[4, -7], [-1, 2]]. The column sums are 3 and 11, and 5 and 9; the row sums 9 and 5, and 11 and 3.
    let cond = |p: Given| [("x", reals(&[2, 2], &[2.0, 7.0, 1.0, 4.0])), ("p", p)];
    grades("cond", &cond(int(1)), &[], &[99.0]);
    grades("cond", &cond(int(-1)), &[], &[15.0]);
    grades("cond", &cond(Given::Scalar(Scalar::Float(INF))), &[], &[99.0]);
    grades("cond", &cond(Given::Scalar(Scalar::Float(-INF))), &[], &[15.0]);
    grades("cond", &cond(text("fro")), &[], &[70.0]);
    is_open("cond", &[("x", reals(&[2, 2], &[1.0, 1.0, 1.0, 1.0])), ("p", int(1))]);
    is_open("cond", &[("x", reals(&[1, 2], &[1.0, 1.0])), ("p", int(1))]);
    grades("expm", &[("x", reals(&[2, 2], &[0.0, 1.0, 0.0, 0.0]))], &[2, 2], &[1.0, 1.0, 0.0, 1.0]);
    let e = std::f64::consts::E;
    grades("expm", &[("x", reals(&[2, 2], &[1.0, 0.0, 0.0, 2.0]))], &[2, 2], &[e, 0.0, 0.0, e * e]);
    // The mean of two numbers is their least-squares solution.
    grades("lstsq", &[("x1", reals(&[2, 1], &[1.0, 1.0])), ("x2", vector(&[1.0, 3.0]))], &[1], &[2.0]);
    is_open("lstsq", &[("x1", reals(&[2, 2], &[1.0, 1.0, 1.0, 1.0])), ("x2", vector(&[1.0, 3.0]))]);
    let matrix = reals(&[2, 2], &[2.0, 7.0, 1.0, 4.0]);
    let given = |lower| [("x1", matrix.clone()), ("x2", vector(&[2.0, 4.0])), ("lower", flag(lower))];
    grades("solve_triangular", &given(true), &[2], &[1.0, 0.75]);
    grades("solve_triangular", &given(false), &[2], &[-2.5, 1.0]);
}
