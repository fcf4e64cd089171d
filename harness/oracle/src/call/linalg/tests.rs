//! Tests of the semantics on calls with known answers, and of the precision of their own arithmetic.

use array_assay_interface::{Array, DType, Defaults, Element, Scalar, Value};
use dashu_int::IBig;
use dashu_int::ops::BitTest;

use super::determinant;
use super::double::{Complex, Double, scaled};
use super::matrix::{Matrix, stack};
use crate::call::{Call, Expectation, Given, Grade, Undefined, semantics};

fn floats(dtype: DType, shape: &[usize], values: &[f64]) -> Array {
    Array::from_elements(dtype, shape.to_vec(), values.iter().map(|v| Element::C128(*v, 0.0).cast(dtype)))
}

fn complexes(dtype: DType, shape: &[usize], values: &[(f64, f64)]) -> Array {
    Array::from_elements(dtype, shape.to_vec(), values.iter().map(|(re, im)| Element::C128(*re, *im).cast(dtype)))
}

fn run(function: &str, given: &[(&'static str, Given)], dtype: DType) -> Result<Expectation, Undefined> {
    let semantics = semantics(&format!("linalg.{function}")).expect("the function has semantics");
    semantics(&Call { given, dtype: Some(dtype), defaults: Defaults::default() })
}

fn of(function: &str, x: &Array, more: &[(&'static str, Given)]) -> Result<Expectation, Undefined> {
    let given = [&[("x", Given::Array(x.clone()))], more].concat();
    run(function, &given, x.dtype)
}

fn int(v: i128) -> Given {
    Given::Scalar(Scalar::Int(v))
}

fn float(v: f64) -> Given {
    Given::Scalar(Scalar::Float(v))
}

fn flag(v: bool) -> Given {
    Given::Scalar(Scalar::Bool(v))
}

/// The grades of a value. The error says what was expected of a value that is plainly wrong.
fn grades(expectation: &Expectation, value: &Value) -> Result<Vec<Grade>, String> {
    match expectation {
        Expectation::Graded(_, grading) => grading.grades(value),
        other => panic!("not graded: {other:?}"),
    }
}

/// The greatest ratio of a value, relative to its threshold.
fn worst(expectation: &Expectation, value: &Value) -> f64 {
    grades(expectation, value).unwrap().iter().map(|grade| grade.ratio / grade.threshold).fold(0.0, f64::max)
}

fn components(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(array) => array.elements().map(|e| e.components().0).collect(),
        other => panic!("no array: {other}"),
    }
}

fn example(expectation: &Expectation) -> Value {
    expectation.example().expect("there is an example")
}

/// A value with one of its elements replaced.
fn corrupted(value: &Value, field: usize, at: usize, with: f64) -> Value {
    let replaced = |array: &Array| {
        let elements: Vec<Element> =
            array.elements().enumerate().map(|(i, e)| if i == at { Element::C128(with, 0.0) } else { e }).collect();
        Array::from_elements(array.dtype, array.shape.clone(), elements.into_iter().map(|e| e.cast(array.dtype)))
    };
    match value {
        Value::Array(array) => Value::Array(replaced(array)),
        Value::NamedTuple(fields) => {
            let mut fields = fields.clone();
            if let Value::Array(array) = &fields[field].1 {
                fields[field].1 = Value::Array(replaced(array));
            }
            Value::NamedTuple(fields)
        }
        other => other.clone(),
    }
}

const FACTORIZATIONS: [&str; 8] = ["cholesky", "eigh", "eigvalsh", "eig", "eigvals", "qr", "svd", "svdvals"];

#[test]
fn examples_have_good_grades_and_corrupted_ones_bad_ones() {
    let symmetric = [4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 5.0];
    for dtype in [DType::Float32, DType::Float64, DType::Complex64, DType::Complex128] {
        let x = floats(dtype, &[2, 3, 3], &[symmetric, symmetric.map(|v| 2.0 * v)].concat());
        for function in FACTORIZATIONS.into_iter().chain(["det", "inv", "slogdet", "pinv", "matrix_norm", "vector_norm"]) {
            let expectation = of(function, &x, &[]).unwrap();
            let value = example(&expectation);
            assert!(worst(&expectation, &value) < 0.1, "{function} of {dtype}: {:?}", grades(&expectation, &value));
            // The last element is wrong, and so only the last matrix of the stack.
            let last = match &value {
                Value::Array(array) => array.len(),
                Value::NamedTuple(fields) => fields.iter().map(|(_, f)| if let Value::Array(a) = f { a.len() } else { 0 }).next().unwrap(),
                _ => 0,
            };
            let wrong = corrupted(&value, 0, last - 1, 0.625);
            assert!(grades(&expectation, &wrong).is_err() || worst(&expectation, &wrong) > 100.0, "{function} of {dtype}");
            let nan = corrupted(&value, 0, last - 1, f64::NAN);
            assert!(grades(&expectation, &nan).is_err() || worst(&expectation, &nan) == f64::INFINITY, "{function} of {dtype}");
        }
    }
}

#[test]
fn what_is_free_is_free() {
    // The signs of vectors, the order of eigenvalues and the phase of complex columns are free.
    let x = complexes(DType::Complex128, &[2, 2], &[(2.0, 0.0), (0.0, 1.0), (0.0, -1.0), (2.0, 0.0)]);
    let half = 0.5f64.sqrt();
    let expectation = of("eigh", &x, &[]).unwrap();
    let values = |a: f64, b: f64| ("eigenvalues".to_owned(), Value::Array(floats(DType::Float64, &[2], &[a, b])));
    let vectors = |v: &[(f64, f64)]| ("eigenvectors".to_owned(), Value::Array(complexes(DType::Complex128, &[2, 2], v)));
    let one = vectors(&[(half, 0.0), (half, 0.0), (0.0, half), (0.0, -half)]);
    let turned = vectors(&[(0.0, half), (-half, 0.0), (half, 0.0), (0.0, -half)]);
    let swapped = vectors(&[(half, 0.0), (half, 0.0), (0.0, -half), (0.0, half)]);
    assert!(worst(&expectation, &Value::NamedTuple(vec![values(1.0, 3.0), one.clone()])) < 0.1);
    assert!(worst(&expectation, &Value::NamedTuple(vec![values(3.0, 1.0), swapped])) < 0.1);
    assert!(worst(&expectation, &Value::NamedTuple(vec![values(3.0, 1.0), one])) > 1e10);
    assert!(worst(&expectation, &Value::NamedTuple(vec![values(1.0, 3.0), turned])) > 1e10);
    // Eigenvectors may have any length but zero.
    let x = floats(DType::Float64, &[2, 2], &[1.0, 1.0, 0.0, 2.0]);
    let expectation = of("eig", &x, &[]).unwrap();
    let result = |values: &[f64], vectors: &[f64]| {
        let array = |shape: &[usize], v: &[f64]| Value::Array(floats(DType::Complex128, shape, v));
        Value::NamedTuple(vec![("eigenvalues".into(), array(&[2], values)), ("eigenvectors".into(), array(&[2, 2], vectors))])
    };
    assert!(worst(&expectation, &result(&[2.0, 1.0], &[-7.0, 3.0, -7.0, 0.0])) < 0.1);
    assert!(worst(&expectation, &result(&[2.0, 1.0], &[-7.0, 0.0, -7.0, 0.0])) == f64::INFINITY);
    // The result repeats one eigenvalue and its vector, and lacks the other.
    assert!(worst(&expectation, &result(&[1.0, 1.0], &[1.0, 1.0, 0.0, 0.0])) > 1e10);
    // A defective matrix has fewer vectors than values.
    let jordan = of("eig", &floats(DType::Float64, &[2, 2], &[3.0, 1.0, 0.0, 3.0]), &[]).unwrap();
    assert!(worst(&jordan, &result(&[3.0, 3.0], &[1.0, 1.0, 0.0, 0.0])) < 0.1);
    assert!(worst(&jordan, &result(&[3.0 + 1e-8, 3.0 - 1e-8], &[1.0, 1.0, 1e-8, -1e-8])) < 1.0);
}

#[test]
fn structure_is_exact() {
    let x = floats(DType::Float64, &[2, 2], &[4.0, 2.0, 2.0, 5.0]);
    let array = |v: &[f64]| Value::Array(floats(DType::Float64, &[2, 2], v));
    let (lower, upper) = (of("cholesky", &x, &[]).unwrap(), of("cholesky", &x, &[("upper", flag(true))]).unwrap());
    assert!(worst(&lower, &array(&[2.0, 0.0, 1.0, 2.0])) == 0.0 && worst(&upper, &array(&[2.0, 1.0, 0.0, 2.0])) == 0.0);
    assert!(grades(&lower, &array(&[2.0, 1.0, 0.0, 2.0])).is_err() && grades(&upper, &array(&[2.0, 0.0, 1.0, 2.0])).is_err());
    assert!(grades(&lower, &array(&[2.0, 1e-300, 1.0, 2.0])).is_err());
    let values = of("svdvals", &floats(DType::Float64, &[2, 2], &[3.0, 0.0, 0.0, 2.0]), &[]).unwrap();
    let singular = |v: &[f64]| Value::Array(floats(DType::Float64, &[2], v));
    assert!(worst(&values, &singular(&[3.0, 2.0])) == 0.0);
    assert!(grades(&values, &singular(&[2.0, 3.0])).is_err() && grades(&values, &singular(&[3.0, -2.0])).is_err());
    let expectation = of("slogdet", &x, &[]).unwrap();
    let pair = |sign: f64, log: f64| {
        let array = |v: f64| Value::Array(floats(DType::Float64, &[], &[v]));
        Value::NamedTuple(vec![("sign".into(), array(sign)), ("logabsdet".into(), array(log))])
    };
    assert!(worst(&expectation, &pair(1.0, 16f64.ln())) < 0.1 && worst(&expectation, &pair(-1.0, 16f64.ln())) > 1e10);
    assert!(grades(&expectation, &pair(0.5, 32f64.ln())).is_err() && grades(&expectation, &pair(0.0, 0.0)).is_err());
    // For a singular matrix, both zero and the result of rounding errors are right.
    let singular = of("slogdet", &floats(DType::Float64, &[2, 2], &[1.0, 2.0, 3.0, 6.0]), &[]).unwrap();
    assert!(worst(&singular, &pair(0.0, f64::NEG_INFINITY)) == 0.0 && worst(&singular, &pair(-1.0, -36.0)) < 1.0);
    assert!(worst(&singular, &pair(-1.0, -20.0)) > 1e3);
}

#[test]
fn what_the_text_leaves_open_is_open() {
    let square = |v: &[f64]| floats(DType::Float64, &[2, 2], v);
    let singular = square(&[1.0, 2.0, 2.0, 4.0]);
    assert!(matches!(of("inv", &singular, &[]), Err(Undefined::Open)));
    assert!(matches!(of("cholesky", &singular, &[]), Err(Undefined::Open)));
    assert!(matches!(of("cholesky", &square(&[1.0, 2.0, 2.0, 1.0]), &[]), Err(Undefined::Open)));
    assert!(matches!(of("qr", &singular, &[]), Err(Undefined::Open)));
    assert!(matches!(of("matrix_power", &singular, &[("n", int(-1))]), Err(Undefined::Open)));
    assert!(matches!(of("det", &square(&[1.0, f64::NAN, 2.0, 4.0]), &[]), Err(Undefined::Open)));
    assert!(matches!(of("eigh", &square(&[1.0, 2.0, 3.0, 4.0]), &[]), Err(Undefined::Illegal(_))));
    assert!(matches!(of("det", &floats(DType::Float64, &[2, 3], &[0.0; 6]), &[]), Err(Undefined::Illegal(_))));
    // A singular value is at the tolerance.
    let near = square(&[1.0, 0.0, 0.0, 0.1]);
    assert!(matches!(of("matrix_rank", &near, &[("rtol", float(0.1))]), Err(Undefined::Open)));
    assert!(matches!(of("pinv", &near, &[("rtol", float(0.09))]), Err(Undefined::Open)));
}

#[test]
fn ranks_and_pseudo_inverses_know_their_tolerance() {
    let x = floats(DType::Float64, &[2, 2, 2], &[1.0, 0.0, 0.0, 0.1, 1.0, 0.0, 0.0, 0.1]);
    let rank = |rtol: Option<Given>| {
        let more: Vec<_> = rtol.into_iter().map(|rtol| ("rtol", rtol)).collect();
        let given = [&[("x", Given::Array(x.clone()))], &more[..]].concat();
        components(&example(&run("matrix_rank", &given, DType::Int64).unwrap()))
    };
    assert_eq!(rank(None), [2.0, 2.0]);
    assert_eq!(rank(Some(float(0.5))), [1.0, 1.0]);
    assert_eq!(rank(Some(Given::Array(floats(DType::Float64, &[2], &[0.5, 0.01])))), [1.0, 2.0]);
    let small = of("pinv", &x, &[("rtol", float(0.5))]).unwrap();
    let array = |v: &[f64]| Value::Array(floats(DType::Float64, &[2, 2, 2], v));
    assert!(worst(&small, &array(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])) == 0.0);
    assert!(worst(&small, &array(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 10.0])) > 1e10);
}

#[test]
fn norms_are_those_of_the_tables() {
    let x = floats(DType::Float64, &[2, 3], &[3.0, -4.0, 0.0, 1.0, 2.0, -2.0]);
    let matrix = |order: Given| components(&example(&of("matrix_norm", &x, &[("ord", order)]).unwrap()))[0];
    assert_eq!([int(1), int(-1), float(f64::INFINITY), float(f64::NEG_INFINITY)].map(matrix), [6.0, 2.0, 7.0, 5.0]);
    let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-14 * wanted, "{got} {wanted}");
    near(matrix(Given::Str("fro".to_owned())), 34f64.sqrt());
    // The singular values of a matrix of two rows come from the eigenvalues of its product with its transpose.
    let (a, b, c) = (25.0f64, 9.0, -5.0);
    let root = ((a - b) * (a - b) / 4.0 + c * c).sqrt();
    let (high, low) = (((a + b) / 2.0 + root).sqrt(), ((a + b) / 2.0 - root).sqrt());
    near(matrix(int(2)), high);
    near(matrix(int(-2)), low);
    near(matrix(Given::Str("nuc".to_owned())), high + low);
    let v = floats(DType::Float64, &[4], &[3.0, -4.0, 0.0, 12.0]);
    let vector = |order: Given| components(&example(&of("vector_norm", &v, &[("ord", order)]).unwrap()))[0];
    assert_eq!([int(2), int(1), int(0), float(f64::INFINITY), float(f64::NEG_INFINITY)].map(vector), [13.0, 19.0, 3.0, 12.0, 0.0]);
    near(vector(int(3)), (27.0f64 + 64.0 + 1728.0).cbrt());
    near(vector(float(0.5)), (3f64.sqrt() + 2.0 + 12f64.sqrt()).powi(2));
    let w = floats(DType::Float64, &[2], &[2.0, -4.0]);
    let of_w = |order: Given| components(&example(&of("vector_norm", &w, &[("ord", order)]).unwrap()))[0];
    near(of_w(int(-1)), 4.0 / 3.0);
    near(of_w(float(-0.5)), (2f64.sqrt().recip() + 0.5).powi(-2));
    let nothing = floats(DType::Float64, &[0], &[]);
    for order in [int(-1), int(-2), float(-0.5), float(f64::INFINITY), float(f64::NEG_INFINITY)] {
        assert!(matches!(of("vector_norm", &nothing, &[("ord", order)]), Err(Undefined::Open)));
    }
    assert!(of("vector_norm", &nothing, &[("ord", int(2))]).is_ok());
    // An empty axis is open even if the result has no elements.
    let empty = Array::from_elements(DType::Float64, vec![0, 0], []);
    let along_first = |order: f64| of("vector_norm", &empty, &[("ord", float(order)), ("axis", int(0))]);
    assert!(along_first(-0.5).is_err_and(|e| e == Undefined::Open) && along_first(2.0).is_ok());
}

#[test]
fn norms_of_matrices_without_elements_are_sums_of_nothing_or_open() {
    let norm = |shape: &[usize], order: Given| {
        let x = Array::from_elements(DType::Float64, shape.to_vec(), []);
        of("matrix_norm", &x, &[("ord", order)]).map(|expectation| components(&example(&expectation)))
    };
    let text = |name: &str| Given::Str(name.to_owned());
    let (one, minus_one, two, minus_two) = (|| int(1), || int(-1), || int(2), || int(-2));
    let (inf, minus_inf) = (|| float(f64::INFINITY), || float(f64::NEG_INFINITY));
    for shape in [[0, 3], [3, 0], [0, 0]] {
        assert_eq!(norm(&shape, text("fro")), Ok(vec![0.0]), "{shape:?}");
        assert_eq!(norm(&shape, text("nuc")), Ok(vec![0.0]), "{shape:?}");
        // There is no greatest and no least of no singular values.
        assert!([two(), minus_two()].into_iter().all(|order| norm(&shape, order) == Err(Undefined::Open)), "{shape:?}");
    }
    // The sums of three empty columns are zero. A matrix without rows has no row sums.
    for (shape, zero, open) in [([0, 3], [one(), minus_one()], [inf(), minus_inf()]), ([3, 0], [inf(), minus_inf()], [one(), minus_one()])]
    {
        assert!(zero.into_iter().all(|order| norm(&shape, order) == Ok(vec![0.0])), "{shape:?}");
        assert!(open.into_iter().all(|order| norm(&shape, order) == Err(Undefined::Open)), "{shape:?}");
    }
}

#[test]
fn vectors_and_stacks_are_solved_for_as_the_text_says() {
    let a = floats(DType::Float64, &[2, 1, 2, 2], &[2.0, 0.0, 0.0, 4.0, 1.0, 1.0, 0.0, 1.0]);
    let solve = |shape: &[usize], values: &[f64]| {
        let b = floats(DType::Float64, shape, values);
        let expectation = run("solve", &[("x1", Given::Array(a.clone())), ("x2", Given::Array(b))], DType::Float64).unwrap();
        let value = example(&expectation);
        assert!(worst(&expectation, &value) < 0.1);
        match value {
            Value::Array(array) => (array.shape.clone(), array.elements().map(|e| e.components().0).collect::<Vec<_>>()),
            other => panic!("{other}"),
        }
    };
    assert_eq!(solve(&[2], &[2.0, 4.0]), (vec![2, 1, 2], vec![1.0, 1.0, -2.0, 4.0]));
    assert_eq!(solve(&[2, 1], &[2.0, 4.0]), (vec![2, 1, 2, 1], vec![1.0, 1.0, -2.0, 4.0]));
    assert_eq!(solve(&[1, 2, 2, 1], &[2.0, 4.0, 0.0, 0.0]).0, [2, 2, 2, 1]);
}

#[test]
fn simple_products_are_exact() {
    let ints = |shape: &[usize], v: &[i128]| Array::from_elements(DType::Int32, shape.to_vec(), v.iter().map(|v| Element::Int(*v)));
    let two = |function: &str, a: Array, b: Array| {
        components(&example(&run(function, &[("x1", Given::Array(a)), ("x2", Given::Array(b))], DType::Int32).unwrap()))
    };
    assert_eq!(two("outer", ints(&[2], &[1, 2]), ints(&[3], &[3, 4, 5])), [3.0, 4.0, 5.0, 6.0, 8.0, 10.0]);
    assert_eq!(two("cross", ints(&[3], &[1, 2, 3]), ints(&[2, 3], &[4, 5, 6, 0, 0, 1])), [-3.0, 6.0, -3.0, 2.0, -1.0, 0.0]);
    let x = ints(&[2, 2, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let one = |function: &str, offset: i128| components(&example(&of(function, &x, &[("offset", int(offset))]).unwrap()));
    assert_eq!(one("diagonal", 0), [1.0, 5.0, 7.0, 11.0]);
    assert_eq!(one("diagonal", 1), [2.0, 6.0, 8.0, 12.0]);
    assert_eq!(one("diagonal", -1), [4.0, 10.0]);
    assert_eq!(one("trace", -1), [4.0, 10.0]);
    assert_eq!(one("trace", 3), [0.0, 0.0]);
    let wrong = run("cross", &[("x1", Given::Array(ints(&[2], &[1, 2]))), ("x2", Given::Array(ints(&[2], &[1, 2])))], DType::Int32);
    assert!(matches!(wrong, Ok(Expectation::Raises)));
    let power = |n: i128| {
        components(&example(&of("matrix_power", &floats(DType::Float64, &[2, 2], &[1.0, 1.0, 0.0, 1.0]), &[("n", int(n))]).unwrap()))
    };
    assert_eq!([power(0), power(3), power(-2)], [vec![1.0, 0.0, 0.0, 1.0], vec![1.0, 3.0, 0.0, 1.0], vec![1.0, -2.0, 0.0, 1.0]]);
}

// The second precision consists of integers of any size. They represent products and sums of doubles exactly.

/// The number of bits after the binary point.
const POINT: usize = 1100;

/// A matrix in units of `2**-POINT` to the power of the number of factors that were multiplied.
struct Exact {
    rows: usize,
    columns: usize,
    factors: usize,
    elements: Vec<(IBig, IBig)>,
}

fn integer(v: f64) -> IBig {
    if v == 0.0 {
        return IBig::ZERO;
    }
    let bits = v.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64;
    let (significand, exponent) = if exponent == 0 { (bits & ((1 << 52) - 1), 1) } else { (bits & ((1 << 52) - 1) | 1 << 52, exponent) };
    let magnitude = IBig::from(significand) << (POINT as i64 + exponent - 1075) as usize;
    if v < 0.0 { -magnitude } else { magnitude }
}

fn exact_double(v: Double) -> IBig {
    integer(v.value()) + integer(v.low())
}

impl Exact {
    fn of(m: &Matrix) -> Exact {
        let elements = m.elements().map(|z| (exact_double(z.re), exact_double(z.im))).collect();
        Exact { rows: m.rows, columns: m.columns, factors: 1, elements }
    }

    fn times(&self, other: &Exact) -> Exact {
        let mut elements = Vec::new();
        for i in 0..self.rows {
            for j in 0..other.columns {
                let mut sum = (IBig::ZERO, IBig::ZERO);
                for k in 0..self.columns {
                    let ((a, b), (c, d)) = (&self.elements[i * self.columns + k], &other.elements[k * other.columns + j]);
                    sum = (sum.0 + a * c - b * d, sum.1 + a * d + b * c);
                }
                elements.push(sum);
            }
        }
        Exact { rows: self.rows, columns: other.columns, factors: self.factors + other.factors, elements }
    }

    /// The greatest distance of an element from that of `other`, a matrix with at most as many factors.
    fn distance(&self, other: &Exact) -> f64 {
        let shift = (self.factors - other.factors) * POINT;
        let value = |v: &IBig| {
            let (_, magnitude) = v.clone().into_parts();
            let cut = magnitude.bit_len().saturating_sub(60);
            let high = u64::try_from(magnitude >> cut).unwrap() as f64;
            scaled(high, cut as i32 - (self.factors * POINT) as i32)
        };
        self.elements
            .iter()
            .zip(&other.elements)
            .fold(0.0, |most: f64, (a, b)| most.max(value(&(&a.0 - (&b.0 << shift)))).max(value(&(&a.1 - (&b.1 << shift)))))
    }
}

/// Matrices of several kinds and condition numbers. All elements have a modulus of at most one.
fn gallery() -> Vec<Matrix> {
    let mut out = Vec::new();
    for n in [1, 2, 3, 5, 8, 12] {
        for complex in [false, true] {
            let entry = move |t: f64| Complex::new((t * t * 0.37).sin(), if complex { (t * t * 0.53).cos() } else { 0.0 });
            out.push(Matrix::new(n, n, |i, j| entry((i * 7 + j * 13 + 5) as f64)));
            out.push(Matrix::new(n, n, |i, j| entry((i * 7 + j * 13 + 5) as f64).scale(-4 * (i.max(j) as i32))));
        }
        out.push(Matrix::new(n, n, |i, j| Complex::new(1.0 / (i + j + 1) as f64, 0.0)));
        out.push(Matrix::new(n, n, |i, j| Complex::new(if i == j { 1.0 } else { f64::from(u8::from(j == i + 1)) }, 0.0)));
        out.push(Matrix::new(n, n, |i, j| Complex::new((i * j) as f64 / (n * n) as f64, 0.0)));
    }
    out
}

/// A hundredth of the unit in which residuals in double precision are measured. The smallest threshold is 20.
fn share(m: &Matrix) -> f64 {
    0.01 * m.norm1() * f64::EPSILON
}

#[test]
fn decompositions_are_a_hundred_times_better_than_every_threshold() {
    for m in gallery() {
        let (one, exact) = (Exact::of(&Matrix::identity(m.rows, m.rows)), Exact::of(&m));
        let unitary =
            |q: &Matrix| Exact::of(&q.adjoint()).times(&Exact::of(q)).distance(&Exact::of(&Matrix::identity(q.columns, q.columns)));
        let diagonal = |numbers: &[Complex]| Matrix::diagonal(m.rows, m.rows, numbers);
        // By Weyl's theorem, singular values and eigenvalues are as accurate as the decomposition.
        let (u, s, vh) = m.svd();
        let s: Vec<Complex> = s.into_iter().map(Complex::from).collect();
        let product = Exact::of(&u).times(&Exact::of(&diagonal(&s))).times(&Exact::of(&vh));
        assert!(product.distance(&exact) <= share(&m), "svd of {m:?}");
        assert!(unitary(&u) <= 0.01 * f64::EPSILON && unitary(&vh.adjoint()) <= 0.01 * f64::EPSILON);
        let (q, r) = m.qr();
        assert!(Exact::of(&q).times(&Exact::of(&r)).distance(&exact) <= share(&m) && unitary(&q) <= 0.01 * f64::EPSILON);
        let (z, t) = m.schur().expect("the QR algorithm converges");
        let product = Exact::of(&z).times(&Exact::of(&t)).times(&Exact::of(&z.adjoint()));
        assert!(product.distance(&exact) <= share(&m) && unitary(&z) <= 0.01 * f64::EPSILON, "schur of {m:?}");
        let hermitian = Matrix::new(m.rows, m.rows, |i, j| (m[(i, j)] + m[(j, i)].conj()).scale(-1));
        let hermitian = Matrix::new(m.rows, m.rows, |i, j| Complex::new(hermitian[(i, j)].re.value(), hermitian[(i, j)].im.value()));
        let (l, v) = hermitian.eigh();
        let l: Vec<Complex> = l.into_iter().map(Complex::from).collect();
        let product = Exact::of(&v).times(&Exact::of(&diagonal(&l))).times(&Exact::of(&v.adjoint()));
        assert!(product.distance(&Exact::of(&hermitian)) <= share(&hermitian) && unitary(&v) <= 0.01 * f64::EPSILON);
        if let Some(inverse) = m.inverse().filter(|inverse| m.norm1() * inverse.norm1() < 1e14) {
            let missed = Exact::of(&m).times(&Exact::of(&inverse)).distance(&one);
            assert!(missed <= 0.01 * f64::EPSILON * m.norm1() * inverse.norm1(), "inverse of {m:?}");
        }
    }
}

#[test]
fn residuals_are_measured_a_hundred_times_better_than_every_threshold() {
    for m in gallery() {
        // The factors as a library returns them, in double precision.
        let rounded = |m: &Matrix| Matrix::new(m.rows, m.columns, |i, j| Complex::new(m[(i, j)].re.value(), m[(i, j)].im.value()));
        let (q, r) = m.qr();
        let (q, r) = (rounded(&q), rounded(&r));
        let measured = Exact::of(&m.minus(&q.times(&r)));
        let product = Exact::of(&q).times(&Exact::of(&r));
        // The exact product `q r` plus the measured residual is `m`, up to the error of the measurement.
        let sum = Exact {
            elements: product
                .elements
                .iter()
                .zip(&measured.elements)
                .map(|(p, d)| (&p.0 + (&d.0 << POINT), &p.1 + (&d.1 << POINT)))
                .collect(),
            ..product
        };
        assert!(sum.distance(&Exact::of(&m)) <= share(&m), "{m:?}");
    }
}

#[test]
fn determinants_are_exact() {
    let det = |m: &Matrix| {
        let exact = determinant::exact(m);
        exact.value.scale(exact.exponent as i32)
    };
    let integers = |n: usize, v: &[f64]| Matrix::new(n, n, |i, j| Complex::new(v[i * n + j], 0.0));
    assert_eq!(det(&integers(3, &[0.0, 2.0, 1.0, 3.0, 0.0, -1.0, 1.0, 1.0, 4.0])), Complex::new(-23.0, 0.0));
    assert_eq!(det(&integers(2, &[1.0, 2.0, 2.0, 4.0])), Complex::ZERO);
    assert_eq!(det(&Matrix::identity(0, 0)), Complex::ONE);
    assert_eq!(det(&integers(2, &[2f64.powi(-500), 1.0, -2f64.powi(-1000), 2f64.powi(-500)])), Complex::new(2f64.powi(-999), 0.0));
    let gaussian = Matrix::new(2, 2, |i, j| Complex::new(i as f64 + 1.0, j as f64));
    // (1)(2 + i) - (1 + i)(2)
    assert_eq!(det(&gaussian), Complex::new(0.0, -1.0));
    // The determinant by its definition over permutations, in the second precision.
    for m in gallery().into_iter().filter(|m| m.rows <= 5) {
        let minors = leibniz(&Exact::of(&m), &(0..m.rows).collect::<Vec<_>>(), 0);
        let exact = Exact { rows: 1, columns: 1, factors: m.rows, elements: vec![minors] };
        let got = Exact::of(&Matrix::new(1, 1, |_, _| det(&m)));
        let size = det(&m).abs().value();
        assert!(exact.distance(&got) <= 1e-28 * size, "{m:?}");
    }
}

/// The determinant of these columns and of the rows from `row` on, by expansion.
fn leibniz(m: &Exact, columns: &[usize], row: usize) -> (IBig, IBig) {
    let mut sum = (IBig::ZERO, IBig::ZERO);
    if columns.is_empty() {
        return (IBig::ONE, IBig::ZERO);
    }
    for (k, column) in columns.iter().enumerate() {
        let rest: Vec<usize> = columns.iter().copied().filter(|c| c != column).collect();
        let ((a, b), (c, d)) = (&m.elements[row * m.columns + column], leibniz(m, &rest, row + 1));
        let term = (a * &c - b * &d, a * &d + b * &c);
        sum = if k % 2 == 0 { (sum.0 + term.0, sum.1 + term.1) } else { (sum.0 - term.0, sum.1 - term.1) };
    }
    sum
}

#[test]
fn stacks_hold_their_matrices_in_order() {
    let x = floats(DType::Float64, &[2, 1, 2, 1], &[1.0, 2.0, 3.0, 4.0]);
    let matrices = stack(&x);
    assert_eq!(matrices.len(), 2);
    assert_eq!((matrices[1].rows, matrices[1].columns, matrices[1][(1, 0)].re.value()), (2, 1, 4.0));
    assert_eq!(stack(&floats(DType::Float64, &[0, 2, 2], &[])).len(), 0);
    assert_eq!(stack(&floats(DType::Float64, &[3, 0, 2], &[])).len(), 3);
}
